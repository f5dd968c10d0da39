-- Families of products, and what products are to each other: parents and variants, brands, categories, dates of sale.
-- +goose Up
CREATE TABLE product_families (
  library TEXT NOT NULL REFERENCES libraries(id),
  key TEXT NOT NULL,
  revision BIGINT NOT NULL,
  -- As JSON.
  labels TEXT NOT NULL, attributes TEXT NOT NULL, slots TEXT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (library, key)
);
ALTER TABLE products ADD COLUMN family TEXT NOT NULL DEFAULT '';
-- The key of the product that it is a variant of.
ALTER TABLE products ADD COLUMN parent TEXT NOT NULL DEFAULT '';
-- Texts or, where the library takes them from a vocabulary, ids of terms.
ALTER TABLE products ADD COLUMN brand TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN category TEXT NOT NULL DEFAULT '';
-- Calendar days: the first and the last one of the sale.
ALTER TABLE products ADD COLUMN launch TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN last_day TEXT NOT NULL DEFAULT '';
CREATE INDEX products_parent ON products(library, parent) WHERE parent<>'';
CREATE INDEX products_family ON products(library, family) WHERE family<>'';
CREATE INDEX products_brand ON products(library, brand) WHERE brand<>'';
CREATE INDEX products_category ON products(library, category) WHERE category<>'';

-- A row for each time a product was a variant of another one; until is NULL while it is. Rows outlive both.
CREATE TABLE product_parents (
  library TEXT NOT NULL REFERENCES libraries(id),
  key TEXT NOT NULL, parent TEXT NOT NULL,
  since BIGINT NOT NULL, until BIGINT,
  PRIMARY KEY (library, key, since)
);

-- Ids of the vocabularies that brands and categories of products are taken from, as JSON.
ALTER TABLE libraries ADD COLUMN product_terms TEXT NOT NULL DEFAULT '{}';
