-- What assets are to each other: variants, translations, parts, raw pairs. What there was before has none.
-- +goose Up
CREATE TABLE asset_relations (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  from_asset TEXT NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
  to_asset TEXT NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  -- The number of the version of to_asset that from_asset was made from.
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
  CHECK (from_asset<>to_asset)
);
CREATE UNIQUE INDEX asset_relations_pair ON asset_relations(from_asset, to_asset, kind);
CREATE INDEX asset_relations_to ON asset_relations(to_asset);
