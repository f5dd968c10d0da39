// Package reprocess does again what earlier versions of the program did wrongly or not at all: it takes in files that
// they refused, and makes renditions of files that they could not show or showed wrongly. It reads every such file
// first, and records what it would do; nothing changes before a person has confirmed that.
//
// Which files are concerned, their content says: the readers of the rendition pipeline name the first revision that
// renders a file's kind as it should be, and a version remembers by which it was rendered. A second reprocessing
// finds nothing left to do.
package reprocess

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Finding is what the program can do with a file today.
type Finding struct {
	dam.FileFacts
	// Renderable says whether renditions can be made of it.
	Renderable bool
	// Changed says what earlier revisions of the pipeline showed wrongly.
	Changed reasons.Reason
}

// Prober reads what a file says, without decoding pixels. A dam.Error that dam.Lasting returns says that the file would
// be refused as an upload.
type Prober interface {
	Probe(ctx context.Context, r io.ReadSeeker) (Finding, error)
}

// Uploads takes quarantined files in.
type Uploads interface {
	TakeIn(ctx context.Context, library, id string) (asset string, err error)
}

// Renditions makes renditions, the first of a version or others in their place.
type Renditions interface {
	Begin(ctx context.Context, tx *catalog.Tx, version string, facts dam.FileFacts) error
	Replace(ctx context.Context, version string, facts dam.FileFacts,
		around func(ctx context.Context, tx *catalog.Tx, a *dam.Asset, replace func() error) error) error
}

// Publications keeps what is delivered from being sent again because its renditions are replaced.
type Publications interface {
	Keep(ctx context.Context, tx *catalog.Tx, a *dam.Asset, replace func() error) error
}

// Jobs enqueues.
type Jobs interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Libraries() catalog.Libraries
	People() catalog.People
	Publications() catalog.Publications
	Uploads() catalog.Uploads
	Versions() catalog.Versions
}

// Service begins, runs and ends reprocessings.
type Service struct {
	Catalog      Catalog
	Store        storage.Store
	Prober       Prober
	Uploads      Uploads
	Renditions   Renditions
	Publications Publications
	Jobs         Jobs
	Log          *slog.Logger
	// Queue is the queue that works on reprocessings.
	Queue string
	// Revision is the rendition pipeline's, and MediaTypes are those of which earlier revisions showed some wrongly.
	Revision   int
	MediaTypes []string
}

const (
	examples = 3 // of a group
	listed   = 20
)

// BeginAll begins a reprocessing in each library where none was begun since the pipeline's last revision, so that an
// upgrade shows what it can do better. A library without files has nothing to do. One that was begun and has lost its
// job goes on.
func (s *Service) BeginAll(ctx context.Context) error {
	libraries, err := s.Catalog.Libraries().List(ctx)
	if err != nil {
		return err
	}
	due := func(c interface {
		Uploads() catalog.Uploads
	}, library string) (bool, error) {
		last, err := c.Uploads().Reprocessings().List(ctx, library, 1)
		return len(last) == 0 || last[0].Revision < s.Revision, err
	}
	for _, l := range libraries {
		if err := s.resume(ctx, l.ID); err != nil {
			return err
		}
		if yes, err := due(s.Catalog, l.ID); err != nil || !yes {
			if err != nil {
				return err
			}
			continue
		}
		if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			if yes, err := due(tx.Conn, l.ID); err != nil || !yes { // another node was first
				return err
			}
			stored, err := tx.Uploads().Reprocessings().Stored(ctx, l.ID)
			if err != nil {
				return err
			}
			state := dam.ReprocessingExamining
			if !stored {
				state = dam.ReprocessingDone
			}
			_, err = s.insert(ctx, tx, l.ID, state)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// resume enqueues the jobs of a library's reprocessings that have work to do, unless they are in the queue.
func (s *Service) resume(ctx context.Context, library string) error {
	list, err := s.Catalog.Uploads().Reprocessings().List(ctx, library, listed)
	for _, x := range list {
		if x.State != dam.ReprocessingExamining && x.State != dam.ReprocessingRunning {
			continue
		}
		if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return s.enqueue(ctx, tx, &x) }); err != nil {
			return err
		}
	}
	return err
}

// enqueue asks for a reprocessing to go on. The job that examined it may not have ended yet when it is confirmed, and
// is another one.
func (s *Service) enqueue(ctx context.Context, tx *catalog.Tx, x *catalog.ReprocessingRow) error {
	return s.Jobs.Enqueue(ctx, tx, RunArgs{x.ID, x.State == dam.ReprocessingRunning},
		jobs.Options{Queue: s.Queue, Unique: true})
}

func (s *Service) insert(ctx context.Context, tx *catalog.Tx, library string,
	state dam.ReprocessingState) (dam.Reprocessing, error) {
	x := catalog.ReprocessingRow{Reprocessing: dam.Reprocessing{ID: dam.NewID(dam.ReprocessingPrefix),
		Library: library, Revision: s.Revision, State: state}}
	if state == dam.ReprocessingDone {
		now := tx.Now()
		x.FinishedAt = &now
	}
	if err := tx.Uploads().Reprocessings().Insert(ctx, &x); err != nil || x.Ended() {
		return x.Reprocessing, err
	}
	return x.Reprocessing, s.enqueue(ctx, tx, &x)
}

// Begin examines a library's files anew. One that waits to be confirmed, or is being examined, is cancelled.
func (s *Service) Begin(ctx context.Context, library string) (dam.Reprocessing, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Reprocessing, error) {
		list, err := tx.Uploads().Reprocessings().List(ctx, library, listed)
		if err != nil {
			return dam.Reprocessing{}, err
		}
		for _, old := range list {
			if old.Ended() {
				continue
			}
			x, err := tx.Uploads().Reprocessings().Lock(ctx, library, old.ID)
			if err != nil {
				return x.Reprocessing, err
			}
			if x.State == dam.ReprocessingRunning {
				return x.Reprocessing, &dam.Error{Code: dam.Conflict, Reason: reasons.ReprocessingRuns()}
			}
			if err := s.move(ctx, tx, &x, dam.ReprocessingCancelled); err != nil {
				return x.Reprocessing, err
			}
		}
		return s.insert(ctx, tx, library, dam.ReprocessingExamining)
	})
}

// move takes a locked reprocessing to another state, and tells the log.
func (s *Service) move(ctx context.Context, tx *catalog.Tx, x *catalog.ReprocessingRow,
	state dam.ReprocessingState) error {
	x.State = state
	event := dam.ReprocessingReadyEvent
	if x.Ended() {
		now := tx.Now()
		x.FinishedAt, event = &now, dam.ReprocessingEnded
	}
	if state != dam.ReprocessingRunning {
		data, err := json.Marshal(map[string]any{"state": x.State, "total": x.Total, "done": x.Done,
			"failed": x.Failed})
		if err != nil {
			panic(err) // plain values of ours
		}
		tx.Emit(dam.Event{Type: event, Library: x.Library, Subject: x.ID, Data: data})
	}
	return tx.Uploads().Reprocessings().Update(ctx, x)
}

// List returns a library's reprocessings, newest first.
func (s *Service) List(ctx context.Context, library string) ([]dam.Reprocessing, error) {
	rows, err := s.Catalog.Uploads().Reprocessings().List(ctx, library, listed)
	out := make([]dam.Reprocessing, len(rows))
	for i, r := range rows {
		out[i] = r.Reprocessing
	}
	return out, err
}

// Get returns a reprocessing with what was found.
func (s *Service) Get(ctx context.Context, library, id string) (dam.Reprocessing, error) {
	x, err := s.Catalog.Uploads().Reprocessings().Get(ctx, library, id)
	if err != nil {
		return x.Reprocessing, err
	}
	if x.Groups, err = s.Catalog.Uploads().Reprocessings().Groups(ctx, id, examples); err != nil {
		return x.Reprocessing, err
	}
	x.Publications, err = s.Catalog.Uploads().Reprocessings().CountPublications(ctx, id)
	return x.Reprocessing, err
}

// Items returns a reprocessing's files in their order, those after a number; an empty state means any.
func (s *Service) Items(ctx context.Context, library, id, state string, after, limit int) ([]dam.ReprocessingItem,
	error) {
	if _, err := s.Catalog.Uploads().Reprocessings().Get(ctx, library, id); err != nil {
		return nil, err
	}
	return s.Catalog.Uploads().Reprocessings().Items(ctx, id, state, after, limit)
}

// Delivered returns the publications whose channel has a picture that the reprocessing replaces or has replaced, by id,
// those after the given one. None is sent again by itself: a person decides.
func (s *Service) Delivered(ctx context.Context, library, id, after string, limit int) ([]dam.Publication, error) {
	if _, err := s.Catalog.Uploads().Reprocessings().Get(ctx, library, id); err != nil {
		return nil, err
	}
	ids, err := s.Catalog.Uploads().Reprocessings().Publications(ctx, id, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]dam.Publication, 0, len(ids))
	for _, id := range ids {
		p, err := s.Catalog.Publications().Publication(ctx, library, id)
		if dam.CodeOf(err) == dam.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p.Publication)
	}
	return out, nil
}

// Confirm begins to do what an examination has found.
func (s *Service) Confirm(ctx context.Context, library, id string) (dam.Reprocessing, error) {
	return s.change(ctx, library, id, func(tx *catalog.Tx, x *catalog.ReprocessingRow) error {
		if x.State != dam.ReprocessingReady {
			return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.ReprocessingNotReady()}
		}
		if err := tx.Uploads().Reprocessings().ForgetGone(ctx, library); err != nil {
			return err
		}
		counted, err := tx.Uploads().Reprocessings().Lock(ctx, library, id)
		if err != nil {
			return err
		}
		x.Total = counted.Total
		now := tx.Now()
		x.ConfirmedAt, x.ConfirmedBy = &now, tx.Actor().ID
		if err := s.move(ctx, tx, x, dam.ReprocessingRunning); err != nil {
			return err
		}
		return s.enqueue(ctx, tx, x)
	})
}

// Cancel ends a reprocessing after the file that it is at; what is done stays.
func (s *Service) Cancel(ctx context.Context, library, id string) (dam.Reprocessing, error) {
	return s.change(ctx, library, id, func(tx *catalog.Tx, x *catalog.ReprocessingRow) error {
		if x.Ended() {
			return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.ReprocessingOver()}
		}
		return s.move(ctx, tx, x, dam.ReprocessingCancelled)
	})
}

func (s *Service) change(ctx context.Context, library, id string,
	fn func(*catalog.Tx, *catalog.ReprocessingRow) error) (dam.Reprocessing, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Reprocessing, error) {
		x, err := tx.Uploads().Reprocessings().Lock(ctx, library, id)
		if err != nil {
			return x.Reprocessing, err
		}
		err = fn(tx, &x)
		return x.Reprocessing, err
	})
}
