// Package bulk changes everything that a search finds, as one job: the matching
// assets are recorded first, then changed in chunks. An asset's change, its events
// and its outcome commit together, so a job that is cut off goes on where it was:
// nothing is done twice and nothing is lost.
package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

// Finder hands over what a filter finds (see searches.Service.Each).
type Finder interface {
	Each(ctx context.Context, library string, s dam.Selection, begin func(total int, seq int64) error,
		block func(ids []string) error) error
}

// Assets changes one asset, as a part of a transaction.
type Assets interface {
	// ReadPatch reads a merge patch and refuses one that no asset could take; EditIn merges it.
	ReadPatch(ctx context.Context, library string, members map[string]json.RawMessage) (map[string]any, error)
	EditIn(ctx context.Context, tx *catalog.Tx, library, id string, patch map[string]any) ([]dam.Change, error)
	RevertIn(ctx context.Context, tx *catalog.Tx, library, id string, changes []dam.Change) error
	BinIn(ctx context.Context, tx *catalog.Tx, library, id string, in bool) (bool, error)
}

// Collections changes what is in one collection, as a part of a transaction; RevertIn takes back what CollectIn did.
type Collections interface {
	RevertIn(ctx context.Context, tx *catalog.Tx, library, collection, asset string, in bool) error
	CollectIn(ctx context.Context, tx *catalog.Tx, library, collection string, assets []string, in bool) ([]string,
		error)
}

// Metadata reads the files of assets again. TakeIn is given what ReadFiles returned and tells what that changes.
type Metadata interface {
	ReadFiles(ctx context.Context, library, id string) (dam.Reading, error)
	TakeIn(ctx context.Context, tx *catalog.Tx, a *dam.Asset, r dam.Reading, dry bool) (dam.ReadingChange, error)
	RestoreIn(ctx context.Context, tx *catalog.Tx, library, id string, files map[string]dam.Reread) error
}

// Review decides about one asset as a part of a transaction.
type Review interface {
	DecideIn(ctx context.Context, tx *catalog.Tx, library, asset string, action dam.Action,
		comment string) ([]dam.Decision, error)
	RevertIn(ctx context.Context, tx *catalog.Tx, library, asset string, decisions []dam.Decision) error
}

// Jobs enqueues.
type Jobs interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	BulkJobs() catalog.BulkJobs
	Log() catalog.Log
	People() catalog.People
}

// Service starts, runs and undoes bulk jobs.
type Service struct {
	Catalog     Catalog
	Find        Finder
	Assets      Assets
	Collections Collections
	Metadata    Metadata
	Review      Review
	Jobs        Jobs
}

// Request says which assets are changed, and how.
type Request struct {
	Filter dam.BulkFilter `json:"filter"`
	Except []string       `json:"except,omitempty" maxItems:"10000" eachLength:"64" doc:"Ids of assets to leave alone although the filter finds them"`
	Change dam.BulkChange `json:"change"`
	DryRun bool           `json:"dry_run,omitempty" doc:"Change nothing: answer with the number of assets. With the action read_metadata it is a job that reads, and reports what would change"`
}

// Start begins a job on behalf of the context's actor. What the log has when it is
// called counts. A dry run returns the job it would be, without an id.
func (s *Service) Start(ctx context.Context, library string, r Request) (dam.Bulk, error) {
	if err := r.Change.Validate(); err != nil {
		return dam.Bulk{}, err
	}
	if err := dam.CheckBounds("", r); err != nil {
		return dam.Bulk{}, err
	}
	if err := may(catalog.ActorOf(ctx), library, r.Change); err != nil {
		return dam.Bulk{}, err
	}
	if err := s.readable(ctx, library, r.Change); err != nil {
		return dam.Bulk{}, err
	}
	for _, id := range []string{r.Change.AddCollection, r.Change.RemoveCollection} {
		if id != "" {
			if _, err := s.Catalog.Assets().Collections().Collection(ctx, library, id); err != nil {
				return dam.Bulk{}, err
			}
		}
	}
	seq, err := s.Catalog.Log().Head(ctx)
	if err != nil {
		return dam.Bulk{}, err
	}
	b := catalog.BulkRow{Bulk: dam.Bulk{Library: library, State: dam.BulkCollecting, Filter: r.Filter, Change: r.Change,
		Seq: seq, DryRun: r.DryRun}, Excepted: r.Except}
	if r.Change.Action == dam.BulkReadMetadata {
		b.Report = dam.NewBulkReport()
	} else if r.DryRun {
		b.Except = len(r.Except)
		wanted := without(r.Except)
		err := s.Find.Each(ctx, library, dam.Selection{Filter: r.Filter, Seq: seq},
			func(int, int64) error { return nil }, func(ids []string) error {
				b.Total += len(wanted(ids))
				return nil
			})
		return b.Bulk, err
	}
	// A query that can't be read is refused now, not by a job an hour later.
	err = s.Find.Each(ctx, library, dam.Selection{Filter: r.Filter}, func(int, int64) error { return errReadable },
		func([]string) error { return nil })
	if !errors.Is(err, errReadable) {
		return dam.Bulk{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Bulk, error) {
		row := b
		row.ID = dam.NewID(dam.BulkPrefix)
		if err := tx.BulkJobs().InsertBulk(ctx, &row); err != nil {
			return row.Bulk, err
		}
		return row.Bulk, s.Jobs.Enqueue(ctx, tx, RunArgs{Bulk: row.ID}, jobs.Options{Max: attempts})
	})
}

// readable refuses what no asset could take.
func (s *Service) readable(ctx context.Context, library string, c dam.BulkChange) error {
	_, err := s.Assets.ReadPatch(ctx, library, c.Set)
	var e *dam.Error
	if errors.As(err, &e) && e.Code == dam.Invalid {
		refused := *e
		refused.Field = "change.set." + e.Field
		return &refused
	}
	return err
}

// errReadable ends a search that was only to be understood.
var errReadable = errors.New("the query can be read")

// without returns what drops the excepted ids from a list.
func without(except []string) func(ids []string) []string {
	no := make(map[string]bool, len(except))
	for _, id := range except {
		no[id] = true
	}
	return func(ids []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return no[id] })
	}
}

// may refuses what the principal could not do to one asset.
func may(p dam.Principal, library string, c dam.BulkChange) error {
	for _, need := range c.Needs() {
		if !p.Can(library, need) {
			return &dam.Error{Code: dam.Forbidden, Field: "change", Reason: reasons.ChangeNeedsPermission(string(need))}
		}
	}
	return nil
}

// Get returns a job that the context's actor may see.
func (s *Service) Get(ctx context.Context, library, id string) (dam.Bulk, error) {
	b, err := s.Catalog.BulkJobs().Bulk(ctx, library, id)
	if err == nil {
		err = visible(ctx, &b)
	}
	return b.Bulk, err
}

// all reports whether the principal sees the jobs of others: not who changes only own
// assets, nor who sees only a part of the library.
func all(p dam.Principal, library string) bool {
	return p.CanEverywhere(library, dam.MayEditAll) && !p.Filtered(library)
}

func visible(ctx context.Context, b *catalog.BulkRow) error {
	p := catalog.ActorOf(ctx)
	if all(p, b.Library) || b.CreatedBy == p.ID {
		return nil
	}
	return &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("bulk job", b.ID)}
}

// List returns the newest jobs that the context's actor may see.
func (s *Service) List(ctx context.Context, library string, limit int) ([]dam.Bulk, error) {
	p := catalog.ActorOf(ctx)
	of := p.ID
	if all(p, library) {
		of = ""
	}
	rows, err := s.Catalog.BulkJobs().Bulks(ctx, library, of, limit)
	out := make([]dam.Bulk, len(rows))
	for i, r := range rows {
		out[i] = r.Bulk
	}
	return out, err
}

// Failures returns why assets were left as they were, at most limit of them.
func (s *Service) Failures(ctx context.Context, library, id string, limit int) ([]dam.BulkFailure, error) {
	if _, err := s.Get(ctx, library, id); err != nil {
		return nil, err
	}
	return s.Catalog.BulkJobs().BulkFailures(ctx, id, limit)
}

// change loads a job that the actor may steer, holds it, and returns what fn makes of it.
func (s *Service) change(ctx context.Context, library, id string,
	fn func(tx *catalog.Tx, b *catalog.BulkRow) (*catalog.BulkRow, error)) (dam.Bulk, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Bulk, error) {
		b, err := tx.BulkJobs().LockBulk(ctx, library, id)
		if err != nil {
			return b.Bulk, err
		}
		if err := visible(ctx, &b); err != nil {
			return b.Bulk, err
		}
		if err := may(catalog.ActorOf(ctx), library, b.Change); err != nil {
			return b.Bulk, err
		}
		out, err := fn(tx, &b)
		if err != nil {
			return b.Bulk, err
		}
		return out.Bulk, nil
	})
}

// Cancel stops a job after the chunk it is in; what is done stays done.
func (s *Service) Cancel(ctx context.Context, library, id string) (dam.Bulk, error) {
	return s.change(ctx, library, id, func(tx *catalog.Tx, b *catalog.BulkRow) (*catalog.BulkRow, error) {
		if b.Ended() {
			return nil, &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.JobHasEnded()}
		}
		return b, end(ctx, tx, b, dam.BulkCancelled)
	})
}

// Retry runs a job's failed assets again, and those that a cancelled job did not reach.
func (s *Service) Retry(ctx context.Context, library, id string) (dam.Bulk, error) {
	return s.change(ctx, library, id, func(tx *catalog.Tx, b *catalog.BulkRow) (*catalog.BulkRow, error) {
		if !b.Ended() {
			return nil, &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.JobStillRuns()}
		}
		if b.UndoneBy != "" {
			return nil, &dam.Error{Code: dam.Conflict, Field: "undone_by", Reason: reasons.JobWasUndone()}
		}
		if _, err := tx.BulkJobs().RetryBulkItems(ctx, b.ID); err != nil {
			return nil, err
		}
		state := dam.BulkRunning
		if b.Total == 0 {
			state = dam.BulkCollecting // it never came to the recording's end
		}
		b.State, b.Failed, b.EndedAt, b.UndoUntil = state, 0, nil, nil
		b.Note, b.NoteReasons = reasons.Note()
		if err := tx.BulkJobs().UpdateBulk(ctx, b); err != nil {
			return nil, err
		}
		return b, s.Jobs.Enqueue(ctx, tx, RunArgs{Bulk: b.ID}, jobs.Options{Max: attempts})
	})
}

// Undo starts a job that puts back what a job has changed, for ten minutes after its
// end. Each asset must still be as the job left it where it matters; one whose
// change has been delivered to a channel meanwhile is left alone. Both are failures
// of the new job, with the reason.
func (s *Service) Undo(ctx context.Context, library, id string) (dam.Bulk, error) {
	return s.change(ctx, library, id, func(tx *catalog.Tx, b *catalog.BulkRow) (*catalog.BulkRow, error) {
		switch {
		case !b.Ended():
			return nil, &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.JobRunsCancelFirst()}
		case b.Undoes != "":
			return nil, &dam.Error{Code: dam.Conflict, Field: "undoes", Reason: reasons.JobIsAnUndo()}
		case b.UndoneBy != "":
			return nil, &dam.Error{Code: dam.Conflict, Field: "undone_by",
				Reason: reasons.JobUndoneAlready(b.UndoneBy)}
		case b.UndoUntil == nil:
			return nil, &dam.Error{Code: dam.Conflict, Field: "done", Reason: reasons.JobChangedNothing()}
		case !tx.Now().Before(*b.UndoUntil):
			return nil, &dam.Error{Code: dam.Gone, Field: "undo_until", Reason: reasons.JobUndoTooLate()}
		}
		undo := &catalog.BulkRow{Bulk: dam.Bulk{ID: dam.NewID(dam.BulkPrefix), Library: library, State: dam.BulkRunning,
			Filter: b.Filter, Change: b.Change, Seq: b.Seq, Undoes: b.ID}}
		if err := tx.BulkJobs().InsertBulk(ctx, undo); err != nil {
			return nil, err
		}
		if err := tx.BulkJobs().AddUndoItems(ctx, undo.ID, b.ID); err != nil {
			return nil, err
		}
		var err error
		if undo.Total, err = tx.BulkJobs().CountBulkItems(ctx, undo.ID); err != nil {
			return nil, err
		}
		if err := tx.BulkJobs().UpdateBulk(ctx, undo); err != nil {
			return nil, err
		}
		b.UndoneBy = undo.ID
		if err := tx.BulkJobs().UpdateBulk(ctx, b); err != nil {
			return nil, err
		}
		return undo, s.Jobs.Enqueue(ctx, tx, RunArgs{Bulk: undo.ID}, jobs.Options{Max: attempts})
	})
}

// end stops a job and tells the log.
func end(ctx context.Context, tx *catalog.Tx, b *catalog.BulkRow, state dam.BulkState) error {
	now := tx.Now()
	b.State, b.EndedAt = state, &now
	if b.Done > 0 && b.Undoes == "" && !b.DryRun {
		until := now.Add(dam.BulkUndoFor)
		b.UndoUntil = &until
	}
	eventFor(tx, b)
	return tx.BulkJobs().UpdateBulk(ctx, b)
}

// keep is how long ended jobs are listed.
const keep = 30 * 24 * time.Hour

// SweepArgs asks for the tidying of old jobs.
type SweepArgs struct{}

// Kind implements jobs.Args.
func (SweepArgs) Kind() string { return "bulk.sweep" }

// Sweep empties what can no longer be undone, and forgets old jobs.
func (s *Service) Sweep(ctx context.Context, _ SweepArgs, _ jobs.Info) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.BulkJobs().SweepBulks(ctx, keep) })
}
