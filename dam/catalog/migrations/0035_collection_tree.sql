-- Collections form a tree, in an order that people set, and a smart one has a query. What there was before stays at the
-- top, in the order of its names; the assets in each keep the order in which they were added.
-- +goose Up
-- '' is the top. A parent is never removed before what is below it.
ALTER TABLE collections ADD COLUMN parent_id TEXT NOT NULL DEFAULT '';
-- Sparse, so that most moves change one row.
ALTER TABLE collections ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE collections ADD COLUMN description TEXT NOT NULL DEFAULT '';
-- An asset that stands for the collection; '' leaves the choice to who shows it.
ALTER TABLE collections ADD COLUMN cover TEXT NOT NULL DEFAULT '';
-- '' is a collection whose assets are put in by hand.
ALTER TABLE collections ADD COLUMN query TEXT NOT NULL DEFAULT '';
-- What the query found at frozen_at: a Roaring bitmap of the assets' numbers.
ALTER TABLE collections ADD COLUMN frozen_at BIGINT;
ALTER TABLE collections ADD COLUMN frozen BYTEA;
-- In the bin since, with the collection that was deleted.
ALTER TABLE collections ADD COLUMN deleted_at BIGINT;
ALTER TABLE collections ADD COLUMN deleted_with TEXT NOT NULL DEFAULT '';
UPDATE collections SET position=q.n*65536 FROM
  (SELECT id AS k, row_number() OVER (PARTITION BY library ORDER BY lower(name), id) AS n FROM collections) q WHERE q.k=collections.id;
CREATE INDEX collections_parent ON collections(library, parent_id, position);
CREATE INDEX collections_smart ON collections(library) WHERE query<>'';
CREATE INDEX collections_deleted ON collections(deleted_with) WHERE deleted_with<>'';

-- Assets in a collection by hand: all of a plain one, and those that a smart one has whatever its query says.
ALTER TABLE collection_assets ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
UPDATE collection_assets SET position=q.n*65536 FROM
  (SELECT collection_id AS c, asset_id AS a, row_number() OVER (PARTITION BY collection_id ORDER BY added_at, asset_id) AS n
   FROM collection_assets) q WHERE q.c=collection_assets.collection_id AND q.a=collection_assets.asset_id;
CREATE INDEX collection_assets_order ON collection_assets(collection_id, position);

-- Assets that a smart collection never has.
CREATE TABLE collection_exclusions (
  collection_id TEXT NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
  asset_id TEXT NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (collection_id, asset_id)
);
CREATE INDEX collection_exclusions_asset ON collection_exclusions(asset_id);

-- What was in a collection that is in the bin, so that nothing else has to know of the bin.
CREATE TABLE collection_bin (
  collection_id TEXT NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
  asset_id TEXT NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
  added_at BIGINT NOT NULL, position BIGINT NOT NULL,
  PRIMARY KEY (collection_id, asset_id)
);
CREATE INDEX collection_bin_asset ON collection_bin(asset_id);

-- Each person's favourites.
CREATE TABLE collection_favourites (
  principal TEXT NOT NULL,
  collection_id TEXT NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (principal, collection_id)
);
CREATE INDEX collection_favourites_collection ON collection_favourites(collection_id);

-- Counts the changes of each library's tree. A change of it locks the row, so that two moves can't make a cycle.
CREATE TABLE collection_trees (
  library TEXT PRIMARY KEY REFERENCES libraries(id),
  version BIGINT NOT NULL
);
