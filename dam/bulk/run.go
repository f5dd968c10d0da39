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

// RunArgs asks for a bulk job to go on.
type RunArgs struct {
	Bulk string `json:"bulk"`
}

// Kind implements jobs.Args.
func (RunArgs) Kind() string { return "bulk.run" }

const (
	attempts   = 8
	chunkSize  = 100             // assets changed in one transaction: their events are one batch of the log
	readSize   = 10              // assets whose files are read before one transaction
	recordSize = 500             // assets recorded in one transaction
	slice      = 5 * time.Second // of work, then other jobs have their turn, and a server may stop
)

// Timeout bounds one run of Run.
const Timeout = 10 * time.Minute

// Run works on a bulk job for a while and asks to be called again until it has ended.
func (s *Service) Run(ctx context.Context, args RunArgs, info jobs.Info) error {
	err := s.run(ctx, args.Bulk, info.Attempt >= info.Max)
	switch {
	case dam.CodeOf(err) == dam.NotFound:
		return nil // forgotten meanwhile
	case err != nil && ctx.Err() != nil:
		return jobs.Snooze(0) // the server stops; what was begun is taken back by the database
	}
	return err
}

// run does one slice. last: there is no further attempt, so what goes wrong with one
// asset for no reason that a person could act on is noted, too, and passed over.
func (s *Service) run(ctx context.Context, id string, last bool) error {
	b, err := s.Catalog.BulkJobs().Bulk(ctx, "", id)
	if err != nil || b.Ended() {
		return err
	}
	if ctx, err = s.as(ctx, b.CreatedBy); err != nil {
		return err
	}
	if b.State == dam.BulkCollecting {
		if !catalog.ActorOf(ctx).Can(b.Library, dam.MaySee) { // who lost access lost the limit to collections with it
			return s.giveUp(ctx, id, &dam.Error{Code: dam.Forbidden, Reason: reasons.JobAuthorLostAccess()})
		}
		if err := s.record(ctx, &b); err != nil {
			if code := dam.CodeOf(err); code != dam.Internal && code != dam.Unavailable || last {
				return s.giveUp(ctx, id, err)
			}
			return err
		}
	}
	patch, unreadable := s.Assets.ReadPatch(ctx, b.Library, b.Change.Set)
	if unreadable != nil && dam.CodeOf(unreadable) != dam.Invalid {
		return unreadable
	}
	size := chunkSize
	if b.Change.Action == dam.BulkReadMetadata && b.Undoes == "" {
		size = readSize
	}
	if last {
		size = 1
	}
	for until := time.Now().Add(slice); time.Now().Before(until); {
		if ctx, err = s.as(ctx, b.CreatedBy); err != nil {
			return err
		}
		more, err := s.chunk(ctx, id, size, patch, unreadable)
		if err != nil && last && ctx.Err() == nil {
			more, err = s.chunk(ctx, id, size, patch, err)
		}
		if err != nil || !more {
			return err
		}
	}
	return jobs.Snooze(0)
}

// as acts on behalf of who started a job: with the roles, and the part of the library,
// that they have now, as it would be one by one.
func (s *Service) as(ctx context.Context, principal string) (context.Context, error) {
	who, err := s.Catalog.People().Principal(ctx, principal)
	return catalog.WithActor(ctx, who), err
}

// record writes down which assets the job is for. Cut off, it is done again: what was
// written stays, since it was found.
func (s *Service) record(ctx context.Context, b *catalog.BulkRow) error {
	wanted := without(b.Excepted)
	err := s.Find.Each(ctx, b.Library, dam.Selection{Filter: b.Filter, Sort: "created", Seq: b.Seq},
		func(int, int64) error { return nil }, func(ids []string) error {
			for chunk := range slices.Chunk(wanted(ids), recordSize) {
				if err := s.recording(ctx, b.ID, func(tx *catalog.Tx, now *catalog.BulkRow) error {
					return tx.BulkJobs().AddBulkItems(ctx, now, chunk)
				}); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil {
		return err
	}
	return s.recording(ctx, b.ID, func(tx *catalog.Tx, now *catalog.BulkRow) (err error) {
		if now.Total, err = tx.BulkJobs().CountBulkItems(ctx, b.ID); err != nil {
			return err
		}
		now.State = dam.BulkRunning
		return tx.BulkJobs().UpdateBulk(ctx, now)
	})
}

// recording runs fn while nobody else records, and only until recording has ended.
func (s *Service) recording(ctx context.Context, id string, fn func(tx *catalog.Tx, b *catalog.BulkRow) error) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		b, err := tx.BulkJobs().LockBulk(ctx, "", id)
		if err != nil || b.State != dam.BulkCollecting {
			return err
		}
		return fn(tx, &b)
	})
}

func (s *Service) giveUp(ctx context.Context, id string, cause error) error {
	return s.recording(ctx, id, func(tx *catalog.Tx, b *catalog.BulkRow) error {
		b.Note, b.NoteReasons = reasons.Note(reasons.AssetsNotFound())
		var e *dam.Error
		if errors.As(cause, &e) {
			b.Note, b.NoteReasons = reasons.Note(e.Why())
		}
		return end(ctx, tx, b, dam.BulkFailed)
	})
}

// chunk changes the next assets in one transaction and reports whether the job goes
// on. With verdict set, that is the outcome of the next asset.
func (s *Service) chunk(ctx context.Context, id string, size int, patch map[string]any, verdict error) (bool, error) {
	// Nothing is decoded while others wait for the transaction. What undoes a job is written before it runs, and is
	// only ever forgotten afterwards.
	ahead, err := s.Catalog.BulkJobs().PendingBulkItems(ctx, id, size)
	if err != nil {
		return false, err
	}
	undos := readUndos(ahead)
	readings, err := s.readings(ctx, id, ahead)
	if err != nil && verdict == nil {
		return true, err
	}
	sheets, err := s.sheetPatches(ctx, id, undos)
	if err != nil && verdict == nil {
		return true, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (bool, error) {
		b, err := tx.BulkJobs().LockBulk(ctx, "", id)
		if err != nil || b.State != dam.BulkRunning {
			return false, err
		}
		items, err := tx.BulkJobs().PendingBulkItems(ctx, id, size)
		if err != nil {
			return false, err
		}
		if len(items) == 0 {
			return false, end(ctx, tx, &b, dam.BulkDone)
		}
		w := work{Service: s, tx: tx, bulk: &b, patch: patch, undos: undos, readings: readings,
			sheets:  sheets,
			refused: may(tx.Actor(), b.Library, b.Change)}
		if b.Undoes != "" {
			first, err := tx.BulkJobs().Bulk(ctx, b.Library, b.Undoes)
			if err != nil {
				return false, err
			}
			w.began = first.CreatedAt
		}
		for _, item := range items {
			if !w.read(item) {
				return true, tx.BulkJobs().UpdateBulk(ctx, &b) // others have worked on the job: read on
			}
			undo, err := w.one(ctx, item, verdict)
			f, known := failure(item.Asset, err, verdict != nil)
			if sheets != nil {
				f.Row = undos[item.Number].Row
			}
			switch {
			case err == nil:
				b.Done++
				err = tx.BulkJobs().BulkItemDone(ctx, id, item.Number, undo)
			case known:
				b.Failed++
				err = tx.BulkJobs().BulkItemFailed(ctx, id, item.Number, f)
			}
			if err != nil {
				return false, err
			}
		}
		return true, tx.BulkJobs().UpdateBulk(ctx, &b)
	})
}

// reading is what an asset's files say, or why they could not be read.
type reading struct {
	files dam.Reading
	err   error
}

// readings reads the files of the next assets, if that is what the job does, before a transaction holds up others.
func (s *Service) readings(ctx context.Context, id string, items []catalog.BulkItem) (map[uint32]reading, error) {
	b, err := s.Catalog.BulkJobs().Bulk(ctx, "", id)
	if err != nil || b.Change.Action != dam.BulkReadMetadata || b.Undoes != "" {
		return nil, err
	}
	out := make(map[uint32]reading, len(items))
	for _, item := range items {
		files, err := s.Metadata.ReadFiles(ctx, b.Library, item.Asset)
		if _, known := failure(item.Asset, err, false); err != nil && !known {
			return nil, err
		}
		out[item.Number] = reading{files, err}
	}
	return out, nil
}

// failure says why an asset was left alone; known is false for what is worth another attempt.
func failure(asset string, err error, always bool) (f dam.BulkFailure, known bool) {
	f = dam.BulkFailure{Code: dam.Internal, Asset: asset, Reason: reasons.ServerErrorInJob()}
	var e *dam.Error
	if errors.As(err, &e) && e.Code != dam.Internal && e.Code != dam.Unavailable {
		f = dam.BulkFailure{Asset: asset, Code: e.Code, Field: e.Field, Reason: e.Why()}
		return f, true
	}
	return f, always
}

func eventFor(tx *catalog.Tx, b *catalog.BulkRow) {
	raw, err := json.Marshal(map[string]any{"state": b.State, "total": b.Total, "done": b.Done, "failed": b.Failed})
	if err != nil {
		panic(err) // plain values of ours
	}
	tx.Emit(dam.Event{Type: dam.BulkEnded, Library: b.Library, Subject: b.ID, Data: raw})
}
