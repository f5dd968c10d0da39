-- Slots, series, campaigns, and the flows that connect accounts.
-- +goose Up
ALTER TABLE channels ADD COLUMN schedule TEXT NOT NULL DEFAULT '{}';
-- What the remote said is left of its own limit; NULL when it said nothing.
ALTER TABLE channels ADD COLUMN quota TEXT;
-- A publication of a held campaign is in lane 2 while it is planned: no claim sees it.
ALTER TABLE publications ADD COLUMN held BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE publications ADD COLUMN campaign_id TEXT NOT NULL DEFAULT '';
ALTER TABLE publications ADD COLUMN series_id TEXT NOT NULL DEFAULT '';
ALTER TABLE publications ADD COLUMN post TEXT NOT NULL DEFAULT '{}';
CREATE INDEX publications_calendar ON publications(channel_id, due_at);
CREATE INDEX publications_committed ON publications(channel_id, committed_at) WHERE committed_at IS NOT NULL;
CREATE INDEX publications_campaign ON publications(campaign_id) WHERE campaign_id<>'';
CREATE INDEX publications_series ON publications(series_id) WHERE series_id<>'';

CREATE TABLE campaigns (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  revision BIGINT NOT NULL, name TEXT NOT NULL, held BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX campaigns_name ON campaigns(library, name);

CREATE TABLE series (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  revision BIGINT NOT NULL,
  asset_id TEXT NOT NULL, channel_id TEXT NOT NULL REFERENCES channels(id), campaign_id TEXT NOT NULL,
  -- Presets, caption, post and recurrence as JSON: read and written as a whole.
  spec TEXT NOT NULL,
  planned INTEGER NOT NULL, ended BOOLEAN NOT NULL, note TEXT NOT NULL,
  -- When the next occurrences have to be planned; NULL when none is to come.
  extend_at BIGINT,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX series_extend ON series(extend_at) WHERE extend_at IS NOT NULL;
CREATE INDEX series_list ON series(library, id);

-- One row per flow that a person has started and not finished; the key is a hash of the state.
CREATE TABLE channel_connects (
  state TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channels(id),
  verifier TEXT NOT NULL, by_id TEXT NOT NULL, expires_at BIGINT NOT NULL
);
