package catalog

import (
	"context"
	"time"
)

// Tables are the names of all tables, the queue's and the migrations' too.
func (s Maintenance) Tables(ctx context.Context) ([]string, error) {
	if s.db.pg {
		return all(ctx, s.db, value[string],
			`SELECT tablename FROM pg_tables WHERE schemaname=current_schema() ORDER BY tablename`)
	}
	return all(ctx, s.db, value[string], `SELECT name FROM sqlite_master WHERE type='table' ORDER BY name`)
}

// RecordPeriods is how long records are kept after their end.
type RecordPeriods struct {
	Publications time.Duration // taken back, cancelled or failed
	Runs         time.Duration // imports of products, renditions made again
	Tokens       time.Duration // revoked or expired
}

// expireAtOnce bounds what one transaction deletes.
const expireAtOnce = 1000

// ExpireRecords deletes what ended long ago. A publication by rule, and one that a person has taken back, stays while
// its asset does: a rule would plan it again. So does a token that made others, whose end
// follows from its maker's.
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
