-- The same statements run on SQLite and PostgreSQL. Instants are microseconds
-- since 1970 UTC; structured values are JSON text.
-- +goose Up
CREATE TABLE libraries (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, locale TEXT NOT NULL, zone TEXT NOT NULL
);
INSERT INTO libraries VALUES ('main', 'Main library', 'en', 'UTC');

CREATE TABLE counters (name TEXT PRIMARY KEY, n BIGINT NOT NULL);
INSERT INTO counters VALUES ('asset', 0);

CREATE TABLE assets (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  number BIGINT NOT NULL UNIQUE,
  revision BIGINT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL, description TEXT NOT NULL, alt TEXT NOT NULL, caption TEXT NOT NULL,
  tags TEXT NOT NULL, creator TEXT NOT NULL, copyright TEXT NOT NULL, rating INTEGER NOT NULL,
  captured TEXT, place TEXT, focal TEXT,
  rights TEXT NOT NULL, skus TEXT NOT NULL,
  latest_version TEXT NOT NULL, live_version TEXT NOT NULL, published BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX assets_deleted ON assets(deleted_at);

CREATE TABLE versions (
  id TEXT PRIMARY KEY,
  asset_id TEXT NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  sha256 TEXT NOT NULL, size BIGINT NOT NULL, file_name TEXT NOT NULL, media_type TEXT NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, frames INTEGER NOT NULL,
  status TEXT NOT NULL, comment TEXT NOT NULL, decided_by TEXT NOT NULL, decided_at BIGINT, approved_at BIGINT,
  renditions TEXT NOT NULL, rendition_note TEXT NOT NULL,
  embedded TEXT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
  UNIQUE (asset_id, n)
);
CREATE INDEX versions_sha256 ON versions(sha256);

-- One row per made picture; the object under key may be shared by versions with the same bytes.
CREATE TABLE renditions (
  version_id TEXT NOT NULL REFERENCES versions(id) ON DELETE CASCADE,
  preset TEXT NOT NULL, format TEXT NOT NULL,
  hash TEXT NOT NULL, key TEXT NOT NULL, sha256 TEXT NOT NULL, size BIGINT NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, media_type TEXT NOT NULL, note TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (version_id, preset, format)
);
CREATE INDEX renditions_key ON renditions(key);

-- A row per stored object, locked by whoever attaches or collects it.
CREATE TABLE blobs (
  key TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL, size BIGINT NOT NULL,
  pinned_until BIGINT NOT NULL,
  tombstoned_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX blobs_tombstoned ON blobs(tombstoned_at);

CREATE TABLE presets (
  library TEXT NOT NULL REFERENCES libraries(id), name TEXT NOT NULL, position INTEGER NOT NULL,
  spec TEXT NOT NULL, revision BIGINT NOT NULL,
  PRIMARY KEY (library, name)
);

CREATE TABLE collections (
  id TEXT PRIMARY KEY, library TEXT NOT NULL REFERENCES libraries(id), revision BIGINT NOT NULL,
  name TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL
);
CREATE TABLE collection_assets (
  collection_id TEXT NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
  asset_id TEXT NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (collection_id, asset_id)
);
CREATE INDEX collection_assets_asset ON collection_assets(asset_id);

CREATE TABLE quarantine (
  id TEXT PRIMARY KEY, library TEXT NOT NULL REFERENCES libraries(id),
  file_name TEXT NOT NULL, size BIGINT NOT NULL, media_type TEXT NOT NULL, sha256 TEXT NOT NULL,
  key TEXT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL, by_id TEXT NOT NULL
);

-- What became of a resumable upload, for a client that lost the last answer.
CREATE TABLE upload_results (
  id TEXT PRIMARY KEY, result TEXT NOT NULL, at BIGINT NOT NULL
);

-- The log. head is the one row every writer locks last, so that seq has no hole and no late arrival.
CREATE TABLE log_head (id INTEGER PRIMARY KEY, seq BIGINT NOT NULL, min_seq BIGINT NOT NULL);
INSERT INTO log_head VALUES (1, 0, 0);
CREATE TABLE events (
  seq BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, library TEXT NOT NULL, type TEXT NOT NULL,
  subject TEXT NOT NULL, asset TEXT NOT NULL, number BIGINT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX events_asset ON events(asset, seq);
CREATE INDEX events_at ON events(at);
CREATE TABLE event_values (seq BIGINT NOT NULL, field TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, PRIMARY KEY (seq, field));
CREATE TABLE followers (name TEXT PRIMARY KEY, seq BIGINT NOT NULL, at BIGINT NOT NULL);

CREATE TABLE idempotency (
  principal TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, result TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_at ON idempotency(at);

CREATE TABLE erasures (id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE nodes (id TEXT PRIMARY KEY, started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL);
