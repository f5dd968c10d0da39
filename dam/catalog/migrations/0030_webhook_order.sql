-- Deliveries about one asset are sent to an endpoint one after the other, and a second publication of an asset on a
-- WordPress site is a post of its own.
-- +goose Up
-- What an event is about: its asset, or else its subject. '' in deliveries that are over.
ALTER TABLE webhook_deliveries ADD COLUMN about TEXT NOT NULL DEFAULT '';
UPDATE webhook_deliveries SET about=COALESCE((SELECT CASE WHEN e.asset<>'' THEN e.asset ELSE e.subject END
  FROM events e WHERE e.seq=webhook_deliveries.seq),'') WHERE state='waiting';
CREATE INDEX webhook_deliveries_about ON webhook_deliveries(webhook_id, about, seq) WHERE state='waiting';
-- A delivery that waits for an earlier one has no next_at.
UPDATE webhook_deliveries SET next_at=NULL WHERE state='waiting' AND about<>'' AND EXISTS (SELECT 1 FROM webhook_deliveries e
  WHERE e.webhook_id=webhook_deliveries.webhook_id AND e.about=webhook_deliveries.about AND e.state='waiting'
  AND e.seq<webhook_deliveries.seq);
-- Channels are described again when they are tested; until then these would change the first post.
UPDATE channels SET capabilities=replace(capabilities,'"update":true','"update":true,"repeat":true') WHERE kind='wordpress';
