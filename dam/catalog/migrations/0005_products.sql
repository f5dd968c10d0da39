-- Products and their slots, and the history that says what the public saw when.
-- +goose Up
CREATE TABLE products (
  library TEXT NOT NULL REFERENCES libraries(id),
  -- The SKU in lower case: two that differ in case only are one product.
  key TEXT NOT NULL,
  sku TEXT NOT NULL, gtin TEXT NOT NULL, names TEXT NOT NULL, attributes TEXT NOT NULL,
  stock BIGINT, price TEXT,
  -- What a search looks at, folded.
  words TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (library, key)
);
CREATE INDEX products_gtin ON products(library, gtin) WHERE gtin<>'';

-- A row for each time an asset was in a slot; until is NULL while it is. Rows outlive their product and their asset.
CREATE TABLE product_slots (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  key TEXT NOT NULL, sku TEXT NOT NULL, slot TEXT NOT NULL, n INTEGER NOT NULL,
  asset_id TEXT NOT NULL, origin TEXT NOT NULL,
  since BIGINT NOT NULL, by_id TEXT NOT NULL,
  until BIGINT, until_by TEXT NOT NULL
);
CREATE UNIQUE INDEX product_slots_now ON product_slots(library, key, slot, n) WHERE until IS NULL;
CREATE INDEX product_slots_asset ON product_slots(asset_id) WHERE until IS NULL;
CREATE INDEX product_slots_then ON product_slots(library, key, since);

-- Assets whose file name speaks of a product that is not there yet, or of a slot that is taken.
CREATE TABLE product_waiting (
  asset_id TEXT PRIMARY KEY REFERENCES assets(id) ON DELETE CASCADE,
  library TEXT NOT NULL REFERENCES libraries(id),
  key TEXT NOT NULL, slot TEXT NOT NULL, n INTEGER NOT NULL, since BIGINT NOT NULL
);
CREATE INDEX product_waiting_key ON product_waiting(library, key);

CREATE TABLE product_rules (library TEXT PRIMARY KEY REFERENCES libraries(id), rules TEXT NOT NULL, revision BIGINT NOT NULL);

CREATE TABLE product_imports (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  object TEXT NOT NULL, format TEXT NOT NULL, dry_run BOOLEAN NOT NULL,
  state TEXT NOT NULL, problem TEXT NOT NULL,
  size BIGINT NOT NULL, done BIGINT NOT NULL,
  -- rows is also where a run that was cut off goes on.
  rows BIGINT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, unchanged BIGINT NOT NULL, failed BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, finished_at BIGINT
);
CREATE INDEX product_imports_library ON product_imports(library, created_at);
CREATE TABLE product_import_errors (
  import_id TEXT NOT NULL REFERENCES product_imports(id) ON DELETE CASCADE,
  n INTEGER NOT NULL, line BIGINT NOT NULL, sku TEXT NOT NULL, field TEXT NOT NULL, message TEXT NOT NULL, remedy TEXT NOT NULL,
  PRIMARY KEY (import_id, n)
);

-- What the public could see of a published asset, from when to when; version_id is '' while it saw nothing.
CREATE TABLE asset_standings (
  asset_id TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT,
  version_id TEXT NOT NULL, sha256 TEXT NOT NULL, approved_by TEXT NOT NULL, approved_at BIGINT,
  rights TEXT NOT NULL,
  PRIMARY KEY (asset_id, since)
);
INSERT INTO asset_standings(asset_id,since,version_id,sha256,approved_by,approved_at,rights)
  SELECT a.id, COALESCE(v.approved_at, a.updated_at), v.id, v.sha256, v.decided_by, v.approved_at, a.rights
  FROM assets a JOIN versions v ON v.id=a.live_version
  WHERE a.published AND a.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM asset_recalls x WHERE x.asset_id=a.id);

-- Renditions that others have taken the place of: their exact URLs lead to those for good.
CREATE TABLE former_renditions (
  asset_id TEXT NOT NULL, version_id TEXT NOT NULL, preset TEXT NOT NULL, format TEXT NOT NULL, hash TEXT NOT NULL,
  sha256 TEXT NOT NULL, size BIGINT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, media_type TEXT NOT NULL,
  since BIGINT NOT NULL, until BIGINT NOT NULL,
  PRIMARY KEY (version_id, preset, format, until)
);
CREATE INDEX former_renditions_asset ON former_renditions(asset_id, hash);
