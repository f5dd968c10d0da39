-- What the public may see is decided in one place (dam.VisibilityAt), by facts that these tables hold.
-- recalled_at is the recall that held in that time.
-- +goose Up
ALTER TABLE asset_standings ADD COLUMN recalled_at BIGINT;
UPDATE asset_standings SET recalled_at=(SELECT x.at FROM asset_recalls x WHERE x.asset_id=asset_standings.asset_id)
  WHERE until IS NULL AND asset_id IN (SELECT asset_id FROM asset_recalls);
-- A version approved after a recall is public from now on. The last change before the upgrade is as near to now as the tables know.
INSERT INTO asset_standings(asset_id,since,version_id,sha256,approved_by,approved_at,rights,recalled_at)
  SELECT a.id,(SELECT max(updated_at) FROM assets)+1,v.id,v.sha256,v.decided_by,v.approved_at,a.rights,x.at
  FROM asset_recalls x JOIN assets a ON a.id=x.asset_id JOIN versions v ON v.id=a.live_version WHERE v.approved_at>x.at AND a.deleted_at IS NULL;
UPDATE asset_standings SET until=(SELECT max(updated_at) FROM assets)+1
  WHERE until IS NULL AND since<=(SELECT max(updated_at) FROM assets) AND asset_id IN (SELECT asset_id FROM asset_recalls)
  AND EXISTS (SELECT 1 FROM asset_standings n WHERE n.asset_id=asset_standings.asset_id AND n.since>asset_standings.since);
-- What a recall took back comes back when the recall is over. Where it was over before, nobody expects that any more.
UPDATE publications SET by_hand=true WHERE withdrawn AND NOT by_hand AND origin<>'rule' AND state IN ('recalled','cancelled')
  AND asset_id IN (SELECT x.asset_id FROM asset_recalls x JOIN assets a ON a.id=x.asset_id JOIN versions v ON v.id=a.live_version WHERE v.approved_at>x.at);
