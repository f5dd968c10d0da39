package rendition

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

const (
	// RunQueue is the queue of runs; one at a time leaves the machine to uploads.
	RunQueue = "rendition-runs"
	// runSlice is how long a run works before it lets others have its place.
	runSlice = time.Minute
	// runHeartbeat is how often a run writes its progress down.
	runHeartbeat = time.Second
	runBatch     = 50
)

// RunArgs is the job that carries a run on from where it is.
type RunArgs struct {
	Run string `json:"id" river:"unique"`
}

// Kind names the job in the queue.
func (RunArgs) Kind() string { return "rendition.run" }

// startRun begins a run for presets that changed; it takes the place of one that is under way.
func (s *Service) startRun(ctx context.Context, tx *catalog.Tx, library string, presets ...string) (dam.RenditionRun,
	error) {
	list, err := tx.Presets().Runs(ctx, library, 100)
	if err != nil {
		return dam.RenditionRun{}, err
	}
	for _, old := range list {
		if old.State != dam.RunRunning {
			continue
		}
		if old, err = tx.Presets().LockRun(ctx, library, old.ID); err != nil {
			return dam.RenditionRun{}, err
		}
		if old.State == dam.RunRunning {
			if err := endRun(ctx, tx, old, dam.RunSuperseded); err != nil {
				return dam.RenditionRun{}, err
			}
		}
	}
	x := catalog.RunRow{RenditionRun: dam.RenditionRun{ID: dam.NewID(dam.RunPrefix), Library: library, Presets: presets,
		State: dam.RunRunning}}
	if err := tx.Presets().InsertRun(ctx, &x); err != nil {
		return x.RenditionRun, err
	}
	emitRun(tx, dam.RunStarted, &x)
	return x.RenditionRun, s.Jobs.Enqueue(ctx, tx, RunArgs{x.ID}, jobs.Options{Queue: RunQueue})
}

func endRun(ctx context.Context, tx *catalog.Tx, x catalog.RunRow, state dam.RunState) error {
	now := tx.Now()
	x.State, x.FinishedAt = state, &now
	emitRun(tx, dam.RunFinished, &x)
	return tx.Presets().UpdateRun(ctx, x)
}

func emitRun(tx *catalog.Tx, t dam.EventType, x *catalog.RunRow) {
	data, err := json.Marshal(map[string]any{"state": x.State, "presets": x.Presets, "total": x.Total, "done": x.Done,
		"made": x.Made, "failed": x.Failed})
	if err != nil {
		panic(err) // plain values of ours
	}
	tx.Emit(dam.Event{Type: t, Library: x.Library, Subject: x.ID, Data: data})
}

// Runs returns a library's newest runs.
func (s *Service) Runs(ctx context.Context, library string) ([]dam.RenditionRun, error) {
	rows, err := s.Catalog.Presets().Runs(ctx, library, 50)
	out := make([]dam.RenditionRun, len(rows))
	for i, r := range rows {
		out[i] = r.RenditionRun
	}
	return out, err
}

// Run returns one run.
func (s *Service) Run(ctx context.Context, library, id string) (dam.RenditionRun, error) {
	r, err := s.Catalog.Presets().Run(ctx, library, id)
	return r.RenditionRun, err
}

// CancelRun ends a run. What it has made stays; the rest is made when an asset next changes.
func (s *Service) CancelRun(ctx context.Context, library, id string) (dam.RenditionRun, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.RenditionRun, error) {
		x, err := tx.Presets().LockRun(ctx, library, id)
		if err != nil {
			return x.RenditionRun, err
		}
		if x.State != dam.RunRunning {
			return x.RenditionRun, &dam.Error{Code: dam.Conflict, Field: "state",
				Reason: reasons.RunOver(string(x.State))}
		}
		if err := endRun(ctx, tx, x, dam.RunCancelled); err != nil {
			return x.RenditionRun, err
		}
		x, err = tx.Presets().LockRun(ctx, library, id)
		return x.RenditionRun, err
	})
}

// Rerender is the job of a run: asset by asset, from where it was left.
func (s *Service) Rerender(ctx context.Context, args RunArgs, info jobs.Info) error {
	x, err := s.Catalog.Presets().Run(ctx, "", args.Run)
	if dam.CodeOf(err) == dam.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	slice := time.Now().Add(runSlice)
	for beat := time.Now(); x.State == dam.RunRunning; {
		if time.Now().After(slice) {
			return jobs.Snooze(0)
		}
		list, err := s.Catalog.Assets().Scan(ctx, x.Scanned, runBatch)
		if err != nil {
			return err
		}
		for i := range list {
			made := x.Made
			if a := &list[i]; a.Library == x.Library {
				if err := s.align(ctx, a, &x); err != nil {
					return s.runStuck(ctx, x, info, err)
				}
				x.Done++
			}
			x.Scanned = list[i].Number
			if x.Made > made { // work was done: before more of it, see whether it is still wanted
				now, err := s.Catalog.Presets().Run(ctx, "", x.ID)
				if err != nil || now.State != dam.RunRunning {
					return err
				}
			}
			if time.Since(beat) >= runHeartbeat {
				beat = time.Now()
				if x, err = s.progress(ctx, x, false); err != nil || x.State != dam.RunRunning {
					return err
				}
			}
		}
		if x, err = s.progress(ctx, x, len(list) == 0); err != nil {
			return err
		}
	}
	return nil
}

// align makes what an asset lacks. The error is one that trying again may mend.
func (s *Service) align(ctx context.Context, a *dam.Asset, x *catalog.RunRow) error {
	if a.Published && len(a.Zones) > 0 {
		err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Public().NoteCrops(ctx, a.ID) })
		if err != nil && dam.CodeOf(err) != dam.NotFound {
			return err
		}
	}
	ids := []string{a.Latest.ID}
	if a.Live != "" && a.Live != a.Latest.ID {
		ids = append(ids, a.Live)
	}
	for _, id := range ids {
		v, err := s.Catalog.Versions().Version(ctx, id)
		if dam.CodeOf(err) == dam.NotFound {
			continue // purged meanwhile
		}
		if err != nil {
			return err
		}
		if v.Renditions == dam.RenditionsNone {
			continue
		}
		made, err := s.bring(ctx, a, &v)
		x.Made += made
		if refused := dam.Lasting(err); refused != nil {
			x.Failed++
			x.Note, x.NoteReasons = reasons.Note(refused.Why())
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bring makes what a version lacks, and takes away what it should not have any more.
func (s *Service) bring(ctx context.Context, a *dam.Asset, v *dam.Version) (made int, err error) {
	have, err := s.Catalog.Renditions().List(ctx, v.ID)
	if err != nil {
		return 0, err
	}
	want, err := recipes(ctx, s.Catalog, a, v, have)
	if err != nil {
		return 0, err
	}
	ctx = dam.WithOrigin(ctx, dam.Origin{Library: a.Library})
	lacks := missing(want, have)
	if len(lacks) == 0 && len(have) == len(want) {
		return 0, nil
	}
	b, err := s.render(ctx, v, stills(lacks))
	if err != nil {
		return 0, err
	}
	if err := s.commit(ctx, v.ID, b); err != nil {
		return 0, err
	}
	if note := b.note(); len(note) > 0 {
		err = &dam.Error{Code: dam.Invalid, Reason: reasons.RenditionsRefused(note)}
	}
	return len(b.made), err
}

// progress writes down how far a run is, unless it has been ended meanwhile.
func (s *Service) progress(ctx context.Context, x catalog.RunRow, last bool) (catalog.RunRow, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (catalog.RunRow, error) {
		now, err := tx.Presets().LockRun(ctx, "", x.ID)
		if err != nil || now.State != dam.RunRunning {
			return now, err
		}
		if last {
			err = endRun(ctx, tx, x, dam.RunDone)
			x.State = dam.RunDone
			return x, err
		}
		if now.Done != x.Done || now.Made != x.Made {
			emitRun(tx, dam.RunProgressed, &x)
		}
		return x, tx.Presets().UpdateRun(ctx, x)
	})
}

// runStuck keeps what has been done for the next attempt; after the last one the run has failed.
func (s *Service) runStuck(ctx context.Context, x catalog.RunRow, info jobs.Info, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		now, err := tx.Presets().LockRun(ctx, "", x.ID)
		if err != nil || now.State != dam.RunRunning {
			return err
		}
		if info.Attempt < info.Max || dam.OutOfRoom(cause) {
			return tx.Presets().UpdateRun(ctx, x)
		}
		x.Note, x.NoteReasons = reasons.Note(reasons.RunStuck())
		return endRun(ctx, tx, x, dam.RunFailed)
	})
	return errors.Join(cause, err)
}
