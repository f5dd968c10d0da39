package catalog

import (
	"context"

	"vitrine/dam"
)

// SetAnalysis records the visual analysis of a version and the revision of the analyzer that made it. A nil analysis
// means that the version has no picture to analyze.
func (s SimilarityTx) SetAnalysis(ctx context.Context, version string, a *dam.Analysis, revision int) error {
	_, err := s.tx.exec(ctx, `UPDATE versions SET analysis=$2,analysis_revision=$3 WHERE id=$1`, version, asJSON{a},
		revision)
	return err
}

// Forget has a version's picture analyzed again; until then the analysis stays.
func (s SimilarityTx) Forget(ctx context.Context, version string) error {
	_, err := s.tx.exec(ctx, `UPDATE versions SET analysis_revision=0 WHERE id=$1`, version)
	return err
}

// Analysed reports whether a version has been analyzed by the given revision or a later one.
func (s Similarity) Analysed(ctx context.Context, version string, revision int) (bool, error) {
	n, err := one(ctx, s.db, value[int64], `SELECT count(*) FROM versions WHERE id=$1 AND analysis_revision>=$2`,
		version, revision)
	return n > 0, err
}

// Unanalysed returns versions with renditions that were never analyzed, or only by an older revision, ordered by id and
// starting after the given one.
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

// Decisions returns the verdicts by asset of a library: two assets with a verdict in common are not duplicates.
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
