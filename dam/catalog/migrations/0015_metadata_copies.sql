-- A version's download with the asset's metadata in it. It may be thrown away at any time; key is '' when none could be made.
-- +goose Up
CREATE TABLE metadata_copies (
  version_id TEXT PRIMARY KEY REFERENCES versions(id) ON DELETE CASCADE,
  hash TEXT NOT NULL, key TEXT NOT NULL, sha256 TEXT NOT NULL, size BIGINT NOT NULL,
  note TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX metadata_copies_key ON metadata_copies(key);
CREATE INDEX metadata_copies_created ON metadata_copies(created_at);
