-- Prices and stocks of products by place: a channel, a shop, a warehouse.
-- +goose Up
-- A row for each time something was so; until is NULL while it is. Rows outlive their product.
CREATE TABLE product_offers (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  key TEXT NOT NULL, place TEXT NOT NULL,
  -- '' is a stock, in pieces; a price is in minor units.
  currency TEXT NOT NULL,
  amount BIGINT NOT NULL,
  -- Calendar days, '' for none: the first and the last one of a price.
  first_day TEXT NOT NULL, last_day TEXT NOT NULL,
  since BIGINT NOT NULL, by_id TEXT NOT NULL,
  until BIGINT, until_by TEXT NOT NULL
);
CREATE UNIQUE INDEX product_offers_now ON product_offers(library, key, place, currency, first_day) WHERE until IS NULL;
CREATE INDEX product_offers_then ON product_offers(library, key, since);
