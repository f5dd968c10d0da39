-- Publications of several files, and drafts of publications: what somebody is composing, shared with whoever may publish it, with its history.
-- +goose Up
CREATE TABLE drafts (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  -- draft, deleted, or planned: what it became is in became.
  state TEXT NOT NULL,
  revision BIGINT NOT NULL,
  -- planning.PublishInput: read and written as a whole.
  post TEXT NOT NULL,
  -- Ids of the publications or series that it became, as JSON.
  became TEXT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL
);
CREATE INDEX drafts_library ON drafts(library, state, id);
-- The assets of a draft's files, which may be gone.
CREATE TABLE draft_assets (
  draft_id TEXT NOT NULL REFERENCES drafts(id) ON DELETE CASCADE,
  asset_id TEXT NOT NULL,
  PRIMARY KEY (draft_id, asset_id)
);
CREATE INDEX draft_assets_asset ON draft_assets(asset_id);
-- What a draft was after each change; changes that one person makes in a row are one.
CREATE TABLE draft_revisions (
  draft_id TEXT NOT NULL REFERENCES drafts(id) ON DELETE CASCADE,
  revision BIGINT NOT NULL,
  at BIGINT NOT NULL, by_id TEXT NOT NULL,
  change TEXT NOT NULL,
  post TEXT NOT NULL,
  PRIMARY KEY (draft_id, revision)
);
-- The files of a publication that has several, in order, as JSON; NULL of one, which asset_id, presets and post say. And
-- when it is to be taken down, in microseconds.
ALTER TABLE publications ADD COLUMN files TEXT;
ALTER TABLE publications ADD COLUMN ends_at BIGINT;
-- The assets of a publication's files but that of the first.
CREATE TABLE publication_files (
  publication_id TEXT NOT NULL REFERENCES publications(id) ON DELETE CASCADE,
  asset_id TEXT NOT NULL,
  PRIMARY KEY (publication_id, asset_id)
);
CREATE INDEX publication_files_asset ON publication_files(asset_id);
