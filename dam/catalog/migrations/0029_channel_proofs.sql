-- Proofs: which kinds of channel were tried on the real service, when, by which version, and how it went.
-- +goose Up
CREATE TABLE channel_proofs (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL,
  channel_id TEXT NOT NULL REFERENCES channels(id),
  kind TEXT NOT NULL,
  -- Counts changes: a change of an older state than the stored one is refused, so that one node posts.
  revision BIGINT NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT NOT NULL,
  host TEXT NOT NULL,
  -- dam.Proof, and dam.ProofPost: read and written as a whole.
  proof TEXT NOT NULL,
  post TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX channel_proofs_channel ON channel_proofs(channel_id, created_at);
CREATE INDEX channel_proofs_kind ON channel_proofs(kind, outcome, host, created_at);
-- A channel is proven once at a time.
CREATE UNIQUE INDEX channel_proofs_open ON channel_proofs(channel_id) WHERE ended_at IS NULL;
