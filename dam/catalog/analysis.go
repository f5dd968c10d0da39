package catalog

import (
	"context"

	"vitrine/dam"
)

// SetAnalysis records what a version looks like, and which revision of the program said
// so. A nil analysis means that there is nothing to look at.
func (s SimilarityTx) SetAnalysis(ctx context.Context, version string, a *dam.Analysis, revision int) error {
	_, err := s.tx.exec(ctx, `UPDATE versions SET analysis=$2,analysis_revision=$3 WHERE id=$1`, version, asJSON{a},
		revision)
	return err
}

// Analysed reports whether a version has been looked at by the given revision, or a later one.
func (s Similarity) Analysed(ctx context.Context, version string, revision int) (bool, error) {
	n, err := one(ctx, s.db, value[int64], `SELECT count(*) FROM versions WHERE id=$1 AND analysis_revision>=$2`,
		version, revision)
	return n > 0, err
}

// Unanalysed returns versions with renditions that an older revision looked at, or none,
// by id, starting behind after.
func (s Similarity) Unanalysed(ctx context.Context, revision int, after string, limit int) ([]string, error) {
	return all(ctx, s.db, value[string],
		`SELECT id FROM versions WHERE renditions='ready' AND analysis_revision<$1 AND id>$2 ORDER BY id LIMIT $3`,
		revision, after, limit)
}

// MarkDistinct records that the assets are no duplicates of each other.
func (s SimilarityTx) MarkDistinct(ctx context.Context, assets []string) error {
	verdict := dam.NewID("d")
	for _, id := range assets {
		if _, err := s.tx.exec(ctx, `INSERT INTO distinct_assets(asset_id,verdict) VALUES($1,$2)`, id,
			verdict); err != nil {
			return err
		}
	}
	return nil
}

// Decisions returns the assets of a library that were found distinct from others: two
// with a verdict in common are no duplicates.
func (s Similarity) Decisions(ctx context.Context, library string) (map[string][]string, error) {
	type mark struct{ asset, verdict string }
	list, err := all(ctx, s.db, func(r row) (m mark, err error) {
		err = r.Scan(&m.asset, &m.verdict)
		return
	}, `SELECT d.asset_id, d.verdict FROM distinct_assets d JOIN assets a ON a.id=d.asset_id WHERE a.library=$1`,
		library)
	out := map[string][]string{}
	for _, m := range list {
		out[m.asset] = append(out[m.asset], m.verdict)
	}
	return out, err
}
