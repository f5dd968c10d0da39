-- The second store. mirror has one row once a second store was configured; its state is
--   'resumed'  in use again after it was off: what it has and the catalogue doesn't know is being put into the queue
--   'filling'  what was stored before is being put into the queue, up to cursor
--   'on'       everything new is put into the queue in the transaction that refers to it
--   'off'      no longer configured: what changed since is not known
-- A key in mirror_queue may be stored in one way in the first store and in another in the second; n tells whether it
-- changed again meanwhile.
-- +goose Up
CREATE TABLE mirror (
  id INTEGER PRIMARY KEY, location TEXT NOT NULL, state TEXT NOT NULL, cursor TEXT NOT NULL,
  lease_owner TEXT NOT NULL, lease_until BIGINT NOT NULL
);
CREATE TABLE mirror_queue (
  key TEXT PRIMARY KEY, n BIGINT NOT NULL, size BIGINT NOT NULL, since BIGINT NOT NULL,
  due BIGINT NOT NULL, tries INTEGER NOT NULL, error TEXT NOT NULL
);
CREATE INDEX mirror_queue_due ON mirror_queue(due);
