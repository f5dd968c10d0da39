-- What a publication shows has to be looked at when its rights end, also while it is not at rest as delivered (then
-- next_at says it): a newer plan, a failed update or an open question must not keep it there. 0 is at once.
-- How often in a row the remote has asked a channel to wait: the pauses grow with it.
-- +goose Up
ALTER TABLE publications ADD COLUMN watch_at BIGINT;
UPDATE publications SET watch_at=0 WHERE receipt IS NOT NULL AND state NOT IN ('delivered','recalling','manual','recalled','cancelled');
CREATE INDEX publications_watch ON publications(watch_at) WHERE watch_at IS NOT NULL;
ALTER TABLE channels ADD COLUMN throttled INTEGER NOT NULL DEFAULT 0;
