package rendition

import (
	"context"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
)

// Replace makes a version's pictures again by the recipe that its file's facts name, because earlier revisions of the
// pipeline showed files of its kind wrongly. What was made before is shown until all of the new is stored; then one
// transaction puts it in its place. around, if any, is called in that transaction with what does so. Replace does
// nothing for a version that has that recipe already. Videos are left as they are.
func (s *Service) Replace(ctx context.Context, version string, facts dam.FileFacts,
	around func(ctx context.Context, tx *catalog.Tx, a *dam.Asset, replace func() error) error) error {
	v, err := s.Catalog.Versions().Version(ctx, version)
	if dam.CodeOf(err) == dam.NotFound || err == nil && v.Recipe >= facts.Recipe {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := s.Catalog.Assets().Asset(ctx, "", v.Asset)
	if err != nil {
		return err
	}
	ctx = dam.WithOrigin(ctx, dam.Origin{Library: a.Library})
	have, err := s.Catalog.Renditions().List(ctx, v.ID)
	if err != nil {
		return err
	}
	v.SetFacts(facts)
	want, err := recipes(ctx, s.Catalog, &a, &v, have)
	if err != nil {
		return err
	}
	b, err := s.render(ctx, &v, stills(missing(want, have)))
	if err != nil {
		return err
	}
	return s.withWanted(ctx, v.ID, &facts, func(tx *catalog.Tx, w *wanted) error {
		replace := func() error {
			// What was seen in the wrong picture counts no more.
			if err := tx.Similarity().Forget(ctx, w.ID); err != nil {
				return err
			}
			if err := s.record(ctx, tx, w, b); err != nil {
				return err
			}
			if slices.ContainsFunc(missing(stills(w.want), w.have),
				func(r recipe) bool { return b.refused[r.id()].IsZero() }) {
				return s.PlanVersion(ctx, tx, w.ID) // a preset or the focal point changed meanwhile
			}
			return nil
		}
		if around == nil {
			return replace()
		}
		return around(ctx, tx, &w.asset, replace)
	})
}

// Begin asks for the renditions of a version that had none, because an earlier version of the program could not show
// its file. It does nothing for a version that has or gets renditions.
func (s *Service) Begin(ctx context.Context, tx *catalog.Tx, version string, facts dam.FileFacts) error {
	a, v, err := lockVersion(ctx, tx, version)
	if dam.CodeOf(err) == dam.NotFound {
		return nil
	}
	if err != nil || v.Renditions != dam.RenditionsNone && v.Renditions != dam.RenditionsFailed {
		return err
	}
	v.SetFacts(facts)
	if err := tx.Versions().SetFacts(ctx, v); err != nil {
		return err
	}
	v.Renditions = dam.RenditionsPending
	v.NoteRenditions()
	if err := tx.Versions().UpdateVersion(ctx, v); err != nil {
		return err
	}
	if a.Latest.ID == v.ID && a.Kind != facts.Kind {
		a.Latest, a.Kind = v, facts.Kind
		if err := tx.Assets().UpdateAsset(ctx, &a); err != nil {
			return err
		}
		tx.EmitAsset(dam.AssetUpdated, &a, map[string]any{"fields": []string{"kind"}})
	}
	return s.Jobs.Enqueue(ctx, tx, MakeArgs{Version: v.ID}, jobs.Options{Later: true})
}
