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
	// VideoQueue is the queue of video renditions; one at a time leaves the machine to everything else.
	VideoQueue = "films"
	// VideoTimeout bounds the making of one, the copy to storage included.
	VideoTimeout = 55 * time.Minute
	// videoHeartbeat is how often progress is written down, and a cancellation seen.
	videoHeartbeat = time.Second
)

// VideoArgs is the job that makes one video rendition of a version.
type VideoArgs struct {
	Version string `json:"version"`
	Preset  string `json:"preset"`
	Hash    string `json:"hash"`
}

// Kind names the job in the queue.
func (VideoArgs) Kind() string { return "rendition.film" }

// VideoMaker is an Engine that makes video.
type VideoMaker interface {
	// Video makes one video rendition and hands it to emit; the file is gone afterwards. progress gets the part that is
	// done, 0–1, now and then. Errors are Render's.
	Video(ctx context.Context, src io.ReadSeeker, s Spec, opt Options, progress func(float64),
		emit func(VideoSpec) error) error
}

// VideoSpec is a finished video rendition.
type VideoSpec struct {
	File          *os.File // at its start
	Size          int64    // bytes
	Width, Height int      // pixels
	Duration      time.Duration
	Note          reasons.Reason
}

func stills(list []recipe) []recipe {
	return slices.DeleteFunc(slices.Clone(list), func(r recipe) bool { return r.Format.IsVideo() })
}

// planVideos records the videos that a version should have and has not, and asks for those that are news.
func (s *Service) planVideos(ctx context.Context, tx *catalog.Tx, version string, want []recipe,
	have []dam.Rendition) error {
	lacking := slices.DeleteFunc(missing(want, have), func(r recipe) bool { return !r.Format.IsVideo() })
	keep := map[string]string{}
	for _, r := range lacking {
		keep[r.Name] = r.hash
	}
	if err := tx.Renditions().DeleteVideos(ctx, version, keep); err != nil {
		return err
	}
	for _, r := range lacking {
		news, err := tx.Renditions().PlanVideo(ctx, dam.VideoRendition{Version: version, Preset: r.Name,
			Format: r.Format, Hash: r.hash})
		if err != nil {
			return err
		}
		if !news {
			continue
		}
		if err := s.Jobs.Enqueue(ctx, tx, VideoArgs{version, r.Name, r.hash},
			jobs.Options{Queue: VideoQueue, Fair: true}); err != nil {
			return err
		}
	}
	return nil
}

// videoJob tells whether a video is being made, or is given up.
func (s *Service) videoJob(ctx context.Context, v *dam.Version, preset string) (under, ended bool, err error) {
	list, err := s.Catalog.Renditions().Videos(ctx, v.ID)
	for _, f := range list {
		if f.Preset == preset {
			return !f.Ended(), f.Ended(), err
		}
	}
	return false, false, err
}

// CancelVideo ends the making of a video; it is made when somebody asks for the asset's renditions again.
func (s *Service) CancelVideo(ctx context.Context, library, asset, preset string) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(ctx, library, asset)
		if err != nil {
			return err
		}
		list, err := tx.Renditions().Videos(ctx, a.Latest.ID)
		if err != nil {
			return err
		}
		for _, f := range list {
			if f.Preset != preset || f.Ended() {
				continue
			}
			f.State = dam.VideoCancelled
			_, err := tx.Renditions().UpdateVideo(ctx, f)
			tx.EmitAsset(dam.RenditionsRefused, &a, map[string]any{"version": f.Version, "preset": f.Preset,
				"live": a.Live == f.Version})
			return err
		}
		return &dam.Error{Code: dam.Conflict, Field: "preset", Reason: reasons.NoVideoInMaking()}
	})
}

// errDropped: somebody cancelled the video, or another takes its place.
var errDropped = errors.New("the film is not wanted any more")

// MakeVideo is the job: one video, from the original. It may run twice: rows and objects exist once.
func (s *Service) MakeVideo(ctx context.Context, args VideoArgs, info jobs.Info) error {
	v, r, err := s.wantedVideo(ctx, args)
	if err != nil || r == nil {
		return err
	}
	err = s.makeVideo(ctx, &v, *r)
	refused := dam.Lasting(err)
	switch {
	case err == nil, errors.Is(err, errDropped):
		return nil
	case errors.Is(err, dam.ErrHeld):
		return err
	case refused != nil:
		return errors.Join(s.refuseVideo(ctx, &v, *r, refused.Why()), jobs.Park(err))
	case info.Attempt >= info.Max && !dam.OutOfRoom(err):
		return errors.Join(s.refuseVideo(ctx, &v, *r, reasons.FilmFailed()), err)
	}
	return err
}

// wantedVideo returns the recipe of a job while it is what the version should have.
func (s *Service) wantedVideo(ctx context.Context, args VideoArgs) (dam.Version, *recipe, error) {
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

func (r recipe) video(v *dam.Version, state dam.VideoState, progress float64,
	why ...reasons.Reason) dam.VideoRendition {
	note, list := reasons.Note(why...)
	return dam.VideoRendition{Version: v.ID, Preset: r.Name, Format: r.Format, Hash: r.hash, State: state,
		Progress: progress, Note: note, NoteReasons: list}
}

func (s *Service) makeVideo(ctx context.Context, v *dam.Version, r recipe) error {
	engine, ok := s.Engine.(VideoMaker)
	if !ok {
		return &dam.Error{Code: dam.Unsupported, Reason: reasons.ServerMakesNoVideo()}
	}
	if err := s.heartbeat(ctx, r.video(v, dam.VideoRunning, 0)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(dam.WithOrigin(ctx, dam.Origin{Principal: v.CreatedBy}))
	defer cancel(nil)
	var part atomic.Uint64
	ended := make(chan struct{})
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		tick := time.NewTicker(videoHeartbeat)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			if err := dam.Protect("a film's progress", func() error {
				return s.heartbeat(ctx, r.video(v, dam.VideoRunning, math.Float64frombits(part.Load())))
			}); errors.Is(err, errDropped) {
				cancel(err)
				return
			}
		}
	}()
	err := s.videoTo(ctx, engine, v, r, func(p float64) { part.Store(math.Float64bits(p)) },
		func(ctx context.Context, f finished) error { return s.commitVideo(ctx, v.ID, r, f) })
	close(ended)
	<-beating
	if cause := context.Cause(ctx); errors.Is(cause, errDropped) {
		return cause
	}
	return err
}

// heartbeat writes progress down. It is errDropped when the video has been cancelled or another takes its place.
func (s *Service) heartbeat(ctx context.Context, f dam.VideoRendition) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		there, err := tx.Renditions().UpdateVideo(ctx, f)
		if err == nil && !there {
			err = errDropped
		}
		return err
	})
}

// videoTo makes the video, stores it and has commit record it.
func (s *Service) videoTo(ctx context.Context, engine VideoMaker, v *dam.Version, r recipe, progress func(float64),
	commit func(context.Context, finished) error) error {
	src, err := s.openOriginal(ctx, v)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	return src.blame(engine.Video(ctx, src, r.Spec, s.options(), progress, func(o VideoSpec) error {
		h := sha256.New()
		if _, err := io.Copy(h, o.File); err != nil {
			return err
		}
		f := finished{key: dam.RenditionKey(v.SHA256, r.hash, r.Format),
			row: dam.Rendition{Version: v.ID, Preset: r.Name, Format: r.Format, Hash: r.hash,
				SHA256: hex.EncodeToString(h.Sum(nil)), Size: o.Size, Width: o.Width, Height: o.Height,
				MediaType: r.Format.MediaType(), Duration: o.Duration.Seconds()}}
		f.row.Note, f.row.NoteReasons = reasons.Note(o.Note)
		if err := s.Catalog.Pin(ctx, time.Hour, catalog.Blob{Key: f.key, SHA256: f.row.SHA256,
			Size: f.row.Size}); err != nil {
			return err
		}
		if err := s.save(ctx, &f, o.File); err != nil {
			return err
		}
		return commit(ctx, f)
	}))
}

// commitVideo records a video that is still wanted.
func (s *Service) commitVideo(ctx context.Context, version string, r recipe, f finished) error {
	return s.withWanted(ctx, version, nil, func(tx *catalog.Tx, w *wanted) error {
		if there, err := tx.Renditions().UpdateVideo(ctx, r.video(&w.Version, dam.VideoRunning, 1)); err != nil {
			return err
		} else if !there || !slices.ContainsFunc(w.want, func(x recipe) bool {
			return x.id() == r.id() && x.hash == r.hash
		}) {
			return errDropped
		}
		if err := s.putRenditions(ctx, tx, w, f); err != nil {
			return err
		}
		tx.EmitAsset(dam.RenditionsMade, &w.asset, map[string]any{"version": w.ID, "preset": r.Name,
			"live": w.asset.Live == w.ID})
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

// refuseVideo says why there is no video.
func (s *Service) refuseVideo(ctx context.Context, v *dam.Version, r recipe, why reasons.Reason) error {
	// The job's own deadline may be what failed it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(ctx, "", v.Asset)
		if err != nil {
			return err
		}
		if there, err := tx.Renditions().UpdateVideo(ctx, r.video(v, dam.VideoFailed, 0, why)); err != nil || !there {
			return err
		}
		tx.EmitAsset(dam.RenditionsRefused, &a, map[string]any{"version": v.ID, "preset": r.Name,
			"live": a.Live == v.ID})
		return nil
	})
}
