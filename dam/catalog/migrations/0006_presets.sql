-- +goose Up
-- Focal points for single presets, and protected zones.
ALTER TABLE assets ADD COLUMN crops TEXT NOT NULL DEFAULT '{}';

-- Renditions of presets that are made on demand, and have been asked for.
CREATE TABLE rendition_wants (
  version_id TEXT NOT NULL REFERENCES versions(id) ON DELETE CASCADE,
  preset TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (version_id, preset)
);

-- A library's renditions being brought in line with its presets, asset by asset; scanned is the number of the last asset done.
CREATE TABLE rendition_runs (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  presets TEXT NOT NULL, state TEXT NOT NULL,
  total INTEGER NOT NULL, done INTEGER NOT NULL, made INTEGER NOT NULL, failed INTEGER NOT NULL, note TEXT NOT NULL,
  scanned BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, finished_at BIGINT
);
CREATE INDEX rendition_runs_list ON rendition_runs(library, created_at);
