-- Digital signage: what the screens of a channel show, and the screens.
-- +goose Up
CREATE TABLE signage_entries (
  publication_id TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channels(id),
  revision BIGINT NOT NULL,
  -- dam.SignageEntry: read and written as a whole.
  entry TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX signage_entries_channel ON signage_entries(channel_id);

CREATE TABLE screens (
  id TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channels(id),
  name TEXT NOT NULL,
  -- Hash of the screen's secret, and the public key it was given to check feeds by.
  secret TEXT NOT NULL, feed_key TEXT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
  seen_at BIGINT, report TEXT
);
CREATE INDEX screens_channel ON screens(channel_id);
