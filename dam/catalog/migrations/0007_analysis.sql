-- +goose Up
-- analysis_revision says which program looked at the picture; 0 is none yet.
ALTER TABLE versions ADD COLUMN analysis TEXT;
ALTER TABLE versions ADD COLUMN analysis_revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX versions_analysis ON versions(analysis_revision, id) WHERE renditions='ready';

-- Assets that somebody looked at and found not to be duplicates of each other: those of one verdict.
CREATE TABLE distinct_assets (
  asset_id TEXT NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
  verdict TEXT NOT NULL,
  PRIMARY KEY (asset_id, verdict)
);
