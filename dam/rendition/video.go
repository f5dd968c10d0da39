package rendition

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

const (
	// FilmQueue is the queue of video renditions; one at a time leaves the machine to everything else.
	FilmQueue = "films"
	// FilmTimeout bounds the making of one, the copy to storage included.
	FilmTimeout = 55 * time.Minute
	// filmBeat is how often progress is written down, and a cancellation seen.
	filmBeat = time.Second
)

// FilmArgs is the job that makes one video rendition of a version.
type FilmArgs struct {
	Version string `json:"version"`
	Preset  string `json:"preset"`
	Hash    string `json:"hash"`
}

// Kind names the job in the queue.
func (FilmArgs) Kind() string { return "rendition.film" }

// Filmer is an Engine that makes video.
type Filmer interface {
	// Film makes one video rendition and hands it to emit; the file is gone afterwards. progress gets the part that is
	// done, 0–1, now and then. Errors are Render's.
	Film(ctx context.Context, src io.ReadSeeker, s Spec, opt Options, progress func(float64), emit func(Film) error) error
}

// Film is a finished video rendition.
type Film struct {
	File          *os.File // at its start
	Size          int64    // bytes
	Width, Height int      // pixels
	Duration      time.Duration
	Note          string
}

func stills(list []recipe) []recipe {
	return slices.DeleteFunc(slices.Clone(list), func(r recipe) bool { return r.Format.Film() })
}

// planFilms records the films that a version should have and has not, and asks for those that are news.
func (s *Service) planFilms(ctx context.Context, tx *catalog.Tx, version string, want []recipe, have []dam.Rendition) error {
	lacking := slices.DeleteFunc(missing(want, have), func(r recipe) bool { return !r.Format.Film() })
	keep := map[string]string{}
	for _, r := range lacking {
		keep[r.Name] = r.hash
	}
	if err := tx.Renditions().DeleteFilms(ctx, version, keep); err != nil {
		return err
	}
	for _, r := range lacking {
		news, err := tx.Renditions().PlanFilm(ctx, dam.Film{Version: version, Preset: r.Name, Format: r.Format, Hash: r.hash})
		if err != nil {
			return err
		}
		if !news {
			continue
		}
		if err := s.Jobs.Enqueue(ctx, tx, FilmArgs{version, r.Name, r.hash}, jobs.Options{Queue: FilmQueue, Fair: true}); err != nil {
			return err
		}
	}
	return nil
}

// filming tells whether a film is being made, or is given up.
func (s *Service) filming(ctx context.Context, v *dam.Version, preset string) (under, ended bool, err error) {
	list, err := s.Catalog.Renditions().Films(ctx, v.ID)
	for _, f := range list {
		if f.Preset == preset {
			return !f.Ended(), f.Ended(), err
		}
	}
	return false, false, err
}

// CancelFilm ends the making of a film; it is made when somebody asks for the asset's renditions again.
func (s *Service) CancelFilm(ctx context.Context, library, asset, preset string) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(ctx, library, asset)
		if err != nil {
			return err
		}
		list, err := tx.Renditions().Films(ctx, a.Latest.ID)
		if err != nil {
			return err
		}
		for _, f := range list {
			if f.Preset != preset || f.Ended() {
				continue
			}
			f.State = dam.FilmCancelled
			_, err := tx.Renditions().UpdateFilm(ctx, f)
			tx.EmitAsset(dam.RenditionsRefused, &a, map[string]any{"version": f.Version, "preset": f.Preset, "live": a.Live == f.Version})
			return err
		}
		return &dam.Error{Code: dam.Conflict, Field: "preset", Reason: reasons.NoVideoInMaking()}
	})
}

// errDropped: somebody cancelled the film, or another takes its place.
var errDropped = errors.New("the film is not wanted any more")

// MakeFilm is the job: one film, from the original. It may run twice: rows and objects exist once.
func (s *Service) MakeFilm(ctx context.Context, args FilmArgs, info jobs.Info) error {
	v, r, err := s.wantedFilm(ctx, args)
	if err != nil || r == nil {
		return err
	}
	err = s.makeFilm(ctx, &v, *r)
	refused := dam.Lasting(err)
	switch {
	case err == nil, errors.Is(err, errDropped):
		return nil
	case errors.Is(err, dam.ErrHeld):
		return err
	case refused != nil:
		return errors.Join(s.refuseFilm(ctx, &v, *r, refused.Why()), jobs.Park(err))
	case info.Attempt >= info.Max && !dam.OutOfRoom(err):
		return errors.Join(s.refuseFilm(ctx, &v, *r, reasons.FilmFailed()), err)
	}
	return err
}

// wantedFilm returns the recipe of a job while it is what the version should have.
func (s *Service) wantedFilm(ctx context.Context, args FilmArgs) (dam.Version, *recipe, error) {
	v, err := s.Catalog.Versions().Version(ctx, args.Version)
	if dam.CodeOf(err) == dam.NotFound {
		return v, nil, nil
	}
	if err != nil {
		return v, nil, err
	}
	a, err := s.Catalog.Assets().Asset(ctx, "", v.Asset)
	if err != nil {
		return v, nil, err
	}
	have, err := s.Catalog.Renditions().List(ctx, v.ID)
	if err != nil {
		return v, nil, err
	}
	want, err := recipes(ctx, s.Catalog, &a, &v, have)
	if err != nil {
		return v, nil, err
	}
	for _, r := range missing(want, have) {
		if r.Name == args.Preset && r.hash == args.Hash {
			return v, &r, nil
		}
	}
	return v, nil, nil
}

func (r recipe) film(v *dam.Version, state dam.FilmState, progress float64, why ...reasons.Reason) dam.Film {
	note, list := reasons.Note(why...)
	return dam.Film{Version: v.ID, Preset: r.Name, Format: r.Format, Hash: r.hash, State: state, Progress: progress, Note: note, NoteReasons: list}
}

func (s *Service) makeFilm(ctx context.Context, v *dam.Version, r recipe) error {
	engine, ok := s.Engine.(Filmer)
	if !ok {
		return &dam.Error{Code: dam.Unsupported, Reason: reasons.ServerMakesNoVideo()}
	}
	if err := s.beat(ctx, r.film(v, dam.FilmRunning, 0)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(dam.WithOrigin(ctx, dam.Origin{Principal: v.CreatedBy}))
	defer cancel(nil)
	var part atomic.Uint64
	ended := make(chan struct{})
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		tick := time.NewTicker(filmBeat)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			if err := dam.Protect("a film's progress", func() error {
				return s.beat(ctx, r.film(v, dam.FilmRunning, math.Float64frombits(part.Load())))
			}); errors.Is(err, errDropped) {
				cancel(err)
				return
			}
		}
	}()
	err := s.filmTo(ctx, engine, v, r, func(p float64) { part.Store(math.Float64bits(p)) },
		func(ctx context.Context, f finished) error { return s.commitFilm(ctx, v.ID, r, f) })
	close(ended)
	<-beating
	if cause := context.Cause(ctx); errors.Is(cause, errDropped) {
		return cause
	}
	return err
}

// beat writes progress down. It is errDropped when the film has been cancelled or another takes its place.
func (s *Service) beat(ctx context.Context, f dam.Film) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		there, err := tx.Renditions().UpdateFilm(ctx, f)
		if err == nil && !there {
			err = errDropped
		}
		return err
	})
}

// filmTo makes the film, stores it and has commit record it.
func (s *Service) filmTo(ctx context.Context, engine Filmer, v *dam.Version, r recipe, progress func(float64), commit func(context.Context, finished) error) error {
	src, err := s.openOriginal(ctx, v)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	return src.blame(engine.Film(ctx, src, r.Spec, s.options(), progress, func(o Film) error {
		h := sha256.New()
		if _, err := io.Copy(h, o.File); err != nil {
			return err
		}
		f := finished{key: dam.RenditionKey(v.SHA256, r.hash, r.Format), row: dam.Rendition{Version: v.ID, Preset: r.Name, Format: r.Format, Hash: r.hash,
			SHA256: hex.EncodeToString(h.Sum(nil)), Size: o.Size, Width: o.Width, Height: o.Height, MediaType: r.Format.MediaType(), Duration: o.Duration.Seconds(), Note: o.Note}}
		if err := s.Catalog.Pin(ctx, time.Hour, catalog.Blob{Key: f.key, SHA256: f.row.SHA256, Size: f.row.Size}); err != nil {
			return err
		}
		if err := s.save(ctx, &f, o.File); err != nil {
			return err
		}
		return commit(ctx, f)
	}))
}

// commitFilm records a film that is still wanted.
func (s *Service) commitFilm(ctx context.Context, version string, r recipe, f finished) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		a, v, err := lockVersion(ctx, tx, version)
		if dam.CodeOf(err) == dam.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		have, err := tx.Renditions().List(ctx, version)
		if err != nil {
			return err
		}
		want, err := recipes(ctx, tx.Conn, &a, &v, have)
		if err != nil {
			return err
		}
		if there, err := tx.Renditions().UpdateFilm(ctx, r.film(&v, dam.FilmRunning, 1)); err != nil {
			return err
		} else if !there || !slices.ContainsFunc(want, func(w recipe) bool { return w.id() == r.id() && w.hash == r.hash }) {
			return errDropped
		}
		if err := tx.Objects().Attach(ctx, f.blob()); err != nil {
			return err
		}
		if err := tx.Renditions().PutRendition(ctx, f.row, f.key); err != nil {
			return err
		}
		if have, err = tx.Renditions().List(ctx, version); err != nil {
			return err
		}
		if err := s.planFilms(ctx, tx, version, want, have); err != nil {
			return err
		}
		tx.EmitAsset(dam.RenditionsMade, &a, map[string]any{"version": v.ID, "preset": r.Name, "live": a.Live == v.ID})
		return nil
	})
}

// lockVersion returns a version as it is while its asset's row is held.
func lockVersion(ctx context.Context, tx *catalog.Tx, version string) (a dam.Asset, v dam.Version, err error) {
	if v, err = tx.Versions().Version(ctx, version); err != nil {
		return a, v, err
	}
	if a, err = tx.Assets().LockAsset(ctx, "", v.Asset); err != nil {
		return a, v, err
	}
	v, err = tx.Versions().Version(ctx, version)
	return a, v, err
}

// refuseFilm says why there is no film.
func (s *Service) refuseFilm(ctx context.Context, v *dam.Version, r recipe, why reasons.Reason) error {
	// The job's own deadline may be what failed it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(ctx, "", v.Asset)
		if err != nil {
			return err
		}
		if there, err := tx.Renditions().UpdateFilm(ctx, r.film(v, dam.FilmFailed, 0, why)); err != nil || !there {
			return err
		}
		tx.EmitAsset(dam.RenditionsRefused, &a, map[string]any{"version": v.ID, "preset": r.Name, "live": a.Live == v.ID})
		return nil
	})
}
