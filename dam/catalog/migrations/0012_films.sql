-- Video renditions: how long they are, and those that are not made yet. A row goes when its film is there.
-- +goose Up
ALTER TABLE renditions ADD COLUMN duration_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN frame_rate DOUBLE PRECISION NOT NULL DEFAULT 0;
CREATE TABLE films (
  version_id TEXT NOT NULL REFERENCES versions(id) ON DELETE CASCADE,
  preset TEXT NOT NULL, format TEXT NOT NULL,
  hash TEXT NOT NULL,
  state TEXT NOT NULL, progress DOUBLE PRECISION NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY (version_id, preset)
);
