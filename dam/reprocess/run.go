package reprocess

import (
	"context"
	"errors"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// RunArgs asks for a reprocessing to go on.
type RunArgs struct {
	Reprocessing string `json:"reprocessing"`
	Confirmed    bool   `json:"confirmed,omitempty"`
}

// Kind implements jobs.Args.
func (RunArgs) Kind() string { return "reprocessing.run" }

const (
	// Timeout bounds one call of Run.
	Timeout = 15 * time.Minute
	slice   = time.Minute      // of work, then other jobs of the queue have their turn
	reading = 30 * time.Second // bounds the examination of a file, so that a batch fits into a call
	pause   = time.Minute      // after something failed
	batch   = 20               // files that are examined before what was found is written down
)

// Run examines, or does what was confirmed, from where it was left. Whatever fails, the job runs again later: which
// files are given up, the files' own attempts decide.
func (s *Service) Run(ctx context.Context, args RunArgs, _ jobs.Info) error {
	x, err := s.Catalog.Uploads().Reprocessings().Get(ctx, "", args.Reprocessing)
	for until := time.Now().Add(slice); err == nil && !x.Ended(); {
		if time.Now().After(until) {
			return jobs.Snooze(0)
		}
		switch x.State {
		case dam.ReprocessingExamining:
			x, err = s.examine(ctx, x)
		case dam.ReprocessingRunning:
			x, err = s.next(ctx, x)
		default:
			return nil
		}
	}
	if err == nil || dam.CodeOf(err) == dam.NotFound { // its library's records were cut meanwhile
		return nil
	}
	if dam.OutOfRoom(err) || errors.Is(err, dam.ErrHeld) {
		return err // the queue waits for these
	}
	s.Log.Warn("a reprocessing waits", "reprocessing", args.Reprocessing, "again_in", pause, "err", err)
	return jobs.Snooze(pause)
}

// locked runs fn on a reprocessing that has not ended, and returns what it is then.
func (s *Service) locked(ctx context.Context, id string,
	fn func(*catalog.Tx, *catalog.ReprocessingRow) error) (x catalog.ReprocessingRow, err error) {
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
		if x, err = tx.Uploads().Reprocessings().Lock(ctx, "", id); err != nil || x.Ended() {
			return err
		}
		return fn(tx, &x)
	})
	return x, err
}

// examine reads the next files and records what there is to do with them. Without a next file it is over.
func (s *Service) examine(ctx context.Context, x catalog.ReprocessingRow) (catalog.ReprocessingRow, error) {
	found, position, read, err := s.quarantined(ctx, &x)
	if err == nil && read == 0 {
		found, position, read, err = s.versions(ctx, &x)
	}
	if err != nil {
		return x, err
	}
	return s.locked(ctx, x.ID, func(tx *catalog.Tx, now *catalog.ReprocessingRow) error {
		if now.State != dam.ReprocessingExamining || now.Position != x.Position {
			return nil // somebody else has worked on it
		}
		if read == 0 {
			if now.Total == 0 {
				return s.move(ctx, tx, now, dam.ReprocessingDone)
			}
			if err := s.move(ctx, tx, now, dam.ReprocessingReady); err != nil {
				return err
			}
			return tx.Uploads().Reprocessings().ForgetGone(ctx, now.Library)
		}
		for _, item := range found {
			item.N = now.Examined + item.N
			added, err := tx.Uploads().Reprocessings().AddItem(ctx, now.ID, &item)
			if err != nil {
				return err
			}
			if added && item.Action != dam.ReprocessUpload {
				now.Total++
			}
		}
		now.Position = position
		now.Examined += read
		return tx.Uploads().Reprocessings().Update(ctx, now)
	})
}

const pending, done, failed = "pending", "done", "failed"

// quarantined examines the next files in quarantine.
func (s *Service) quarantined(ctx context.Context,
	x *catalog.ReprocessingRow) (found []catalog.ReprocessingItemRow, position string, read int, err error) {
	after := ""
	if x.Position != "" {
		if x.Position[0] != 'q' {
			return nil, "", 0, nil
		}
		after = x.Position[1:]
	}
	list, err := s.Catalog.Uploads().HeldFiles(ctx, x.Library, after, batch)
	for _, f := range list {
		read++
		position = "q" + f.ID
		item := catalog.ReprocessingItemRow{ReprocessingItem: dam.ReprocessingItem{N: read, Subject: f.ID,
			FileName: f.FileName, MediaType: f.MediaType, State: pending, Action: dam.ReprocessTakeIn}}
		why := reasons.QuarantineReadable()
		if f.Key == "" {
			if f.Size == 0 {
				continue
			}
			item.Action, item.State, why = dam.ReprocessUpload, done, reasons.BytesNotKept()
		} else {
			seen, err := s.probe(ctx, x.Library, f.Key)
			if err != nil {
				return nil, "", 0, err
			}
			if seen == nil {
				continue
			}
			item.MediaType, item.Facts = seen.MediaType, seen.FileFacts
		}
		item.Reason, item.Reasons = reasons.Note(why)
		found = append(found, item)
	}
	return found, position, read, err
}

// versions examines the next versions.
func (s *Service) versions(ctx context.Context,
	x *catalog.ReprocessingRow) (found []catalog.ReprocessingItemRow, position string, read int, err error) {
	after := ""
	if x.Position != "" && x.Position[0] == 'v' {
		after = x.Position[1:]
	}
	list, err := s.Catalog.Uploads().Reprocessings().Candidates(ctx, x, s.MediaTypes, after, batch)
	for i := range list {
		v := &list[i]
		read++
		position = "v" + v.ID
		seen, err := s.probe(ctx, x.Library, dam.OriginalKey(v.SHA256))
		if err != nil {
			return nil, "", 0, err
		}
		if seen == nil || !seen.Renderable {
			continue
		}
		item := catalog.ReprocessingItemRow{ReprocessingItem: dam.ReprocessingItem{N: read, Subject: v.ID,
			Asset: v.Asset, FileName: v.FileName, MediaType: seen.MediaType, State: pending}, Facts: seen.FileFacts}
		why := seen.Changed
		switch {
		case v.Renditions != dam.RenditionsReady:
			item.Action, why = dam.ReprocessRender, reasons.RenditionsPossible()
		case seen.Recipe > v.Recipe:
			item.Action = dam.ReprocessRerender
		default:
			continue
		}
		item.Reason, item.Reasons = reasons.Note(why)
		found = append(found, item)
	}
	return found, position, read, err
}

// probe reads what a stored file says; nil for one that is still refused, whose bytes are lost, or that can't be read
// although the store answers.
func (s *Service) probe(ctx context.Context, library, key string) (*Finding, error) {
	within, cancel := context.WithTimeout(ctx, reading)
	defer cancel()
	o, err := s.Store.Open(within, key)
	if err == nil {
		defer func() { _ = o.Close() }()
		var seen Finding
		if seen, err = s.Prober.Probe(dam.WithOrigin(within, dam.Origin{Library: library}), o); err == nil {
			return &seen, nil
		}
	}
	switch {
	case s.outage(ctx, err, key):
		return nil, err
	case dam.Lasting(err) == nil && !lost(err):
		s.Log.Warn("a file is not examined for a reprocessing", "key", key, "err", err)
	}
	return nil, nil
}

func lost(err error) bool {
	return errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrDamaged)
}

// outage reports whether an error is no fault of the file with a key: the node stops, the server holds or lacks
// something, or the store doesn't answer.
func (s *Service) outage(ctx context.Context, err error, key string) bool {
	switch {
	case ctx.Err() != nil:
		return !errors.Is(ctx.Err(), context.DeadlineExceeded) // what takes too long does so another time, too
	case errors.Is(err, dam.ErrHeld), dam.OutOfRoom(err), dam.SystemError(err) != nil,
		dam.CodeOf(err) == dam.Unavailable:
		return true
	case dam.Lasting(err) != nil, lost(err):
		return false
	}
	_, err = s.Store.Stat(ctx, key)
	return err != nil && !lost(err)
}

// next does what was found for one file. Cut off, it is done again: the second time finds nothing left to do. That it
// was begun is written down first, so that a file which kills the server each time is given up.
func (s *Service) next(ctx context.Context, x catalog.ReprocessingRow) (catalog.ReprocessingRow, error) {
	item, more, err := s.Catalog.Uploads().Reprocessings().NextItem(ctx, x.ID)
	if err != nil {
		return x, err
	}
	if !more {
		return s.locked(ctx, x.ID, func(tx *catalog.Tx, now *catalog.ReprocessingRow) error {
			return s.move(ctx, tx, now, dam.ReprocessingDone)
		})
	}
	if item.Attempts >= catalog.ReprocessingAttempts {
		return s.end(ctx, x.ID, &item, reasons.ReprocessingStuck(), nil)
	}
	item.Attempts++
	if now, begun, err := s.attempts(ctx, x.ID, &item); err != nil || !begun {
		return now, err // it was cancelled, or the file went away
	}
	begin, key, err := s.step(ctx, &x, &item)
	var why reasons.Reason
	switch refused := dam.Lasting(err); {
	case err == nil:
	case s.outage(ctx, err, key):
		item.Attempts--
		// The node may be stopping, which is no reason to count this.
		_, _, undo := s.attempts(context.WithoutCancel(ctx), x.ID, &item)
		return x, errors.Join(err, undo)
	case lost(err):
		item.Attempts = catalog.ReprocessingAttempts // its bytes may be found again
		why = reasons.ServerErrorInJob()
	case refused != nil:
		why = refused.Why()
	case item.Attempts < catalog.ReprocessingAttempts:
		return x, err
	default:
		why = reasons.ServerErrorInJob()
	}
	return s.end(context.WithoutCancel(ctx), x.ID, &item, why, begin)
}

// attempts writes down how often an item was begun; false if there is nothing to begin any more.
func (s *Service) attempts(ctx context.Context, id string,
	item *catalog.ReprocessingItemRow) (x catalog.ReprocessingRow, pending bool, err error) {
	x, err = s.locked(ctx, id, func(tx *catalog.Tx, now *catalog.ReprocessingRow) (err error) {
		if now.State == dam.ReprocessingRunning {
			pending, err = tx.Uploads().Reprocessings().SetAttempts(ctx, id, item)
		}
		return err
	})
	return x, pending, err
}

// step does what was found for an item, except what begin does with the mark that it is done. key names its bytes.
func (s *Service) step(ctx context.Context, x *catalog.ReprocessingRow,
	item *catalog.ReprocessingItemRow) (begin func(tx *catalog.Tx) error, key string, err error) {
	if item.Action == dam.ReprocessTakeIn {
		item.Asset, key, err = s.takeIn(ctx, x, item)
		return nil, key, err
	}
	v, err := s.Catalog.Versions().Version(ctx, item.Subject)
	if dam.CodeOf(err) == dam.NotFound {
		return nil, "", nil // purged meanwhile
	}
	if err != nil {
		return nil, "", err
	}
	key = dam.OriginalKey(v.SHA256)
	if item.Action == dam.ReprocessRender {
		return func(tx *catalog.Tx) error { return s.Renditions.Begin(ctx, tx, v.ID, item.Facts) }, key, nil
	}
	return nil, key, s.Renditions.Replace(ctx, v.ID, item.Facts, s.Publications.Keep)
}

// end records what became of an item: done, or failed if there is a reason.
func (s *Service) end(ctx context.Context, id string, item *catalog.ReprocessingItemRow, why reasons.Reason,
	begin func(tx *catalog.Tx) error) (catalog.ReprocessingRow, error) {
	item.State = done
	if !why.IsZero() {
		item.State = failed
		item.Note, item.NoteReasons = reasons.Note(why)
	}
	return s.locked(ctx, id, func(tx *catalog.Tx, now *catalog.ReprocessingRow) error {
		if now.State != dam.ReprocessingRunning {
			return nil
		}
		ended, err := tx.Uploads().Reprocessings().EndItem(ctx, now.ID, item)
		if err != nil || !ended {
			return err
		}
		if item.State == failed {
			now.Failed++
		} else {
			now.Done++
		}
		if begin != nil {
			if err := begin(tx); err != nil {
				return err
			}
		}
		return tx.Uploads().Reprocessings().Update(ctx, now)
	})
}

// takeIn acts for who had uploaded the file, or who confirmed if that person may not upload any more. The error is
// NotFound if the file was let go of meanwhile; one that an earlier attempt had begun with was taken in by that.
func (s *Service) takeIn(ctx context.Context, x *catalog.ReprocessingRow,
	item *catalog.ReprocessingItemRow) (asset, key string, err error) {
	held, err := s.Catalog.Uploads().HeldFile(ctx, x.Library, item.Subject)
	if dam.CodeOf(err) == dam.NotFound && item.Attempts > 1 {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	who, err := s.Catalog.People().Principal(ctx, held.By)
	if err == nil && !who.Can(x.Library, dam.MayUpload) {
		who, err = s.Catalog.People().Principal(ctx, x.ConfirmedBy)
	}
	if err == nil {
		asset, err = s.Uploads.TakeIn(catalog.WithActor(ctx, who), x.Library, item.Subject)
	}
	return asset, held.Key, err
}
