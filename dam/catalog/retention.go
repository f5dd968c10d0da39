package catalog

import (
	"context"
	"time"
)

// Tables returns the names of all tables, including those of the job queue and of the migrations.
func (s Maintenance) Tables(ctx context.Context) ([]string, error) {
	if s.db.pg {
		return all(ctx, s.db, value[string],
			`SELECT tablename FROM pg_tables WHERE schemaname=current_schema() ORDER BY tablename`)
	}
	return all(ctx, s.db, value[string], `SELECT name FROM sqlite_master WHERE type='table' ORDER BY name`)
}

// RecordPeriods says how long records are kept after their end.
type RecordPeriods struct {
	Publications time.Duration // taken back, cancelled or failed
	Runs         time.Duration // imports of products, renditions made again
	Tokens       time.Duration // revoked or expired
}

// expireAtOnce is the most rows that one transaction deletes.
const expireAtOnce = 1000

// ExpireRecords deletes records that ended long ago. A publication made by a rule, or recalled by a person, stays as
// long as its asset: the rule would plan it again. A token that made other tokens stays too, because their end follows
// from its own.
func (s MaintenanceTx) ExpireRecords(ctx context.Context, p RecordPeriods) error {
	for _, x := range []struct {
		q    string
		keep time.Duration
	}{
		{`DELETE FROM publications WHERE id IN (SELECT id FROM publications WHERE updated_at<$1 AND state IN ('recalled','cancelled','failed') AND next_at IS NULL
			AND (origin<>'rule' AND NOT by_hand OR NOT EXISTS (SELECT 1 FROM assets a WHERE a.id=publications.asset_id)) LIMIT $2)`, p.Publications},
		{`DELETE FROM product_imports WHERE id IN (SELECT id FROM product_imports WHERE finished_at<$1 LIMIT $2)`,
			p.Runs},
		{`DELETE FROM rendition_runs WHERE id IN (SELECT id FROM rendition_runs WHERE finished_at<$1 LIMIT $2)`,
			p.Runs},
		{`DELETE FROM access_grants WHERE holder IN (SELECT id FROM tokens WHERE (revoked_at<$1 OR expires_at<$1) AND NOT EXISTS (SELECT 1 FROM tokens made WHERE made.created_by=tokens.id) LIMIT $2)`, p.Tokens},
		{`DELETE FROM access_members WHERE member IN (SELECT id FROM tokens WHERE (revoked_at<$1 OR expires_at<$1) AND NOT EXISTS (SELECT 1 FROM tokens made WHERE made.created_by=tokens.id) LIMIT $2)`, p.Tokens},
		{`DELETE FROM grants WHERE principal IN (SELECT id FROM tokens WHERE (revoked_at<$1 OR expires_at<$1) AND NOT EXISTS (SELECT 1 FROM tokens made WHERE made.created_by=tokens.id) LIMIT $2)`, p.Tokens},
		{`DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE (revoked_at<$1 OR expires_at<$1) AND NOT EXISTS (SELECT 1 FROM tokens made WHERE made.created_by=tokens.id)
			AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.principal=tokens.id) LIMIT $2)`, p.Tokens},
	} {
		if _, err := s.tx.exec(ctx, x.q, micros(s.tx.now.Add(-x.keep)), expireAtOnce); err != nil {
			return err
		}
	}
	return nil
}
