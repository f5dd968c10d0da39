-- Bulk jobs, saved and recent searches, synonyms.
-- +goose Up
CREATE TABLE bulk_jobs (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  state TEXT NOT NULL,
  filter TEXT NOT NULL, except_ids TEXT NOT NULL, change TEXT NOT NULL,
  seq BIGINT NOT NULL,
  total INTEGER NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL,
  note TEXT NOT NULL,
  undoes TEXT NOT NULL, undone_by TEXT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, ended_at BIGINT
);
CREATE INDEX bulk_jobs_library ON bulk_jobs(library, created_at);
-- One row per asset; n is the asset's number, so that all jobs take assets in one order.
-- An asset's outcome is written in the transaction that changes it.
CREATE TABLE bulk_items (
  bulk_id TEXT NOT NULL REFERENCES bulk_jobs(id) ON DELETE CASCADE,
  n BIGINT NOT NULL,
  asset_id TEXT NOT NULL,
  state TEXT NOT NULL,
  problem TEXT NOT NULL,
  -- What to put back, as JSON; emptied when undoing is over or the asset is erased.
  undo TEXT NOT NULL,
  PRIMARY KEY (bulk_id, n)
);
CREATE INDEX bulk_items_state ON bulk_items(bulk_id, state, n);
CREATE INDEX bulk_items_asset ON bulk_items(asset_id);

CREATE TABLE saved_searches (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  revision BIGINT NOT NULL,
  name TEXT NOT NULL, query TEXT NOT NULL, sort TEXT NOT NULL,
  shared BOOLEAN NOT NULL,
  -- Assets numbered above this are new to the alert; NULL without an alert.
  alert_after BIGINT,
  owner TEXT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX saved_searches_library ON saved_searches(library);
CREATE TABLE saved_search_matches (
  search_id TEXT NOT NULL REFERENCES saved_searches(id) ON DELETE CASCADE,
  asset_id TEXT NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
  PRIMARY KEY (search_id, asset_id)
);
CREATE INDEX saved_search_matches_asset ON saved_search_matches(asset_id);
CREATE TABLE recent_searches (
  library TEXT NOT NULL REFERENCES libraries(id), principal TEXT NOT NULL, query TEXT NOT NULL, sort TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (library, principal, query, sort)
);

CREATE TABLE synonyms (
  library TEXT PRIMARY KEY REFERENCES libraries(id),
  revision BIGINT NOT NULL, lines TEXT NOT NULL
);
