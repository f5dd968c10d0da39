// Package similarity keeps the analysis of every picture up to date (hash, colours,
// blurhash) and settles near duplicates. Comparing is the search's work.
package similarity

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/storage"
)

// AnalyzeArgs is the job that looks at a version's picture.
type AnalyzeArgs struct {
	Version string `json:"version"`
}

// Kind names the job in the queue.
func (AnalyzeArgs) Kind() string { return "analysis.look" }

// SweepArgs is the periodic job that looks at what was never looked at, or by an older
// program: libraries from before, restored backups.
type SweepArgs struct{}

// Kind names the job in the queue.
func (SweepArgs) Kind() string { return "analysis.sweep" }

// Timeouts of the jobs.
const (
	AnalyzeTimeout = time.Minute
	SweepTimeout   = 6 * time.Hour
	SweepEvery     = time.Hour
)

// Enqueuer puts a job into a transaction.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Analyser looks at a small JPEG, PNG or WebP. A new Revision looks at everything again.
type Analyser struct {
	Revision int
	Read     func(io.ReadSeeker) (dam.Analysis, error)
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Presets() catalog.Presets
	Renditions() catalog.Renditions
	Similarity() catalog.Similarity
	Versions() catalog.Versions
}

// Service analyses pictures and resolves duplicates.
type Service struct {
	Catalog  Catalog
	Store    storage.Store
	Jobs     Enqueuer
	Analyser Analyser
	// Small makes a small uncropped picture of an original, for versions none of whose
	// renditions is one; nil leaves those without analysis.
	Small func(ctx context.Context, original io.ReadSeeker) ([]byte, error)
	// Mergers give what else hangs on duplicates to the asset that takes their place.
	Mergers []Merger
}

// Merger gives something that hangs on some assets to the one that takes their place.
type Merger interface {
	// Hold locks what comes before the locks of assets.
	Hold(ctx context.Context, tx *catalog.Tx, library string, assets []string) error
	// Merge changes the asset that is kept, which its caller writes, and returns what it has changed of it.
	Merge(ctx context.Context, tx *catalog.Tx, keep *dam.Asset, others []dam.Asset) ([]dam.Change, error)
}

// Plan asks for the analysis of a version whose renditions have become ready, in the
// transaction that says so.
func (s *Service) Plan(ctx context.Context, tx *catalog.Tx, version string) error {
	done, err := tx.Similarity().Analysed(ctx, version, s.Analyser.Revision)
	if err != nil || done {
		return err
	}
	return s.Jobs.Enqueue(ctx, tx, AnalyzeArgs{version}, jobs.Options{})
}

// Analyze is the job. It may run twice, also at the same time.
func (s *Service) Analyze(ctx context.Context, args AnalyzeArgs, _ jobs.Info) error {
	err := s.analyze(ctx, args.Version)
	switch dam.CodeOf(err) {
	case dam.NotFound: // purged meanwhile
		return nil
	case dam.Unsupported, dam.TooLarge, dam.Invalid: // it will not look otherwise the next time
		return s.record(ctx, args.Version, nil)
	}
	return err
}

// Sweep is the periodic job.
func (s *Service) Sweep(ctx context.Context, _ SweepArgs, info jobs.Info) error {
	after := ""
	for {
		ids, err := s.Catalog.Similarity().Unanalysed(ctx, s.Analyser.Revision, after, 100)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			// One picture that can't be read now must not keep the others waiting.
			if err := s.Analyze(ctx, AnalyzeArgs{id}, info); err != nil && ctx.Err() != nil {
				return ctx.Err()
			}
		}
		after = ids[len(ids)-1]
	}
}

func (s *Service) analyze(ctx context.Context, version string) error {
	if done, err := s.Catalog.Similarity().Analysed(ctx, version, s.Analyser.Revision); err != nil || done {
		return err
	}
	v, err := s.Catalog.Versions().Version(ctx, version)
	if err != nil {
		return err
	}
	a, err := s.Catalog.Assets().Asset(ctx, "", v.Asset)
	if err != nil {
		return err
	}
	if a.Kind != dam.KindImage && a.Kind != dam.KindVideo {
		return s.record(ctx, version, nil)
	}
	picture, err := s.picture(dam.WithOrigin(ctx, dam.Origin{Library: a.Library, Principal: v.CreatedBy}), a.Library,
		&v)
	if err != nil {
		return err
	}
	if picture == nil {
		return s.record(ctx, version, nil)
	}
	found, err := s.Analyser.Read(bytes.NewReader(picture))
	if err != nil {
		return err
	}
	return s.record(ctx, version, &found)
}

// leastSide is the shorter side a picture needs to say something, unless the original has less.
const leastSide = 64

// picture reads the smallest rendition that shows the whole picture as it is, or makes
// one; nil when there is none.
func (s *Service) picture(ctx context.Context, library string, v *dam.Version) ([]byte, error) {
	presets, err := s.Catalog.Presets().List(ctx, library)
	if err != nil {
		return nil, err
	}
	whole := map[string]bool{}
	for _, p := range presets {
		whole[p.Name] = p.Fit == dam.FitContain && p.Watermark == nil
	}
	list, err := s.Catalog.Renditions().List(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	var best *dam.Rendition
	for i := range list {
		r := &list[i]
		if info, _ := r.Format.Info(); !whole[r.Preset] || !info.Analysed || !sameAspect(r, v) ||
			min(r.Width, r.Height) < min(leastSide, v.Width, v.Height) {
			continue
		}
		// JPEG is the quickest to read.
		if best == nil || r.Width < best.Width || r.Width == best.Width && r.Format == dam.JPEG {
			best = r
		}
	}
	if best != nil {
		return s.read(ctx, dam.RenditionKey(v.SHA256, best.Hash, best.Format))
	}
	if s.Small == nil {
		return nil, nil
	}
	src, err := s.Store.Open(ctx, dam.OriginalKey(v.SHA256))
	if err != nil {
		return nil, fmt.Errorf("original of %s: %w", v.ID, err)
	}
	defer func() { _ = src.Close() }()
	return s.Small(ctx, src)
}

// sameAspect allows for rounding. A version of unknown size, such as a video, has any aspect.
func sameAspect(r *dam.Rendition, v *dam.Version) bool {
	if v.Width == 0 || v.Height == 0 || r.Width == 0 || r.Height == 0 {
		return r.Width > 0
	}
	slack := 1 / float64(min(r.Width, r.Height))
	return math.Abs(float64(r.Width)*float64(v.Height)/(float64(r.Height)*float64(v.Width))-1) <= 0.01+slack
}

func (s *Service) read(ctx context.Context, key string) ([]byte, error) {
	o, err := s.Store.Open(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("rendition %s: %w", key, err)
	}
	defer func() { _ = o.Close() }()
	return io.ReadAll(o)
}

// record stores what was found, with its event, unless somebody was faster.
func (s *Service) record(ctx context.Context, version string, found *dam.Analysis) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		v, err := tx.Versions().Version(ctx, version)
		if err != nil {
			if dam.CodeOf(err) == dam.NotFound {
				return nil
			}
			return err
		}
		a, err := tx.Assets().LockAsset(ctx, "", v.Asset)
		if err != nil {
			return err
		}
		if done, err := tx.Similarity().Analysed(ctx, version, s.Analyser.Revision); err != nil || done {
			return err
		}
		if err := tx.Similarity().SetAnalysis(ctx, version, found, s.Analyser.Revision); err != nil || found == nil {
			return err
		}
		tx.EmitAsset(dam.AssetAnalysed, &a, map[string]any{"version": version})
		return nil
	})
}

// Analysed reports whether a version's picture has been looked at as this program does it.
func (s *Service) Analysed(ctx context.Context, version string) (bool, error) {
	return s.Catalog.Similarity().Analysed(ctx, version, s.Analyser.Revision)
}
