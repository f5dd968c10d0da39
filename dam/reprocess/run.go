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
}

// Kind implements jobs.Args.
func (RunArgs) Kind() string { return "reprocessing.run" }

const (
	// Timeout bounds one call of Run.
	Timeout = 15 * time.Minute
	slice   = time.Minute // of work, then other jobs of the queue have their turn
	batch   = 20          // files that are examined before what was found is written down
)

// Run examines, or does what was confirmed, from where it was left.
func (s *Service) Run(ctx context.Context, args RunArgs, info jobs.Info) error {
	x, err := s.Catalog.Uploads().Reprocessings().Get(ctx, "", args.Reprocessing)
	last := info.Attempt >= info.Max
	for until := time.Now().Add(slice); err == nil && !x.Ended(); {
		if time.Now().After(until) {
			return jobs.Snooze(0)
		}
		switch x.State {
		case dam.ReprocessingExamining:
			x, err = s.examine(ctx, x, last)
		case dam.ReprocessingRunning:
			x, err = s.next(ctx, x, last)
		default:
			return nil
		}
	}
	if dam.CodeOf(err) == dam.NotFound {
		return nil // its library's records were cut meanwhile
	}
	if err == nil || !last || ctx.Err() != nil || errors.Is(err, dam.ErrHeld) || dam.OutOfRoom(err) {
		return err
	}
	return errors.Join(err, s.giveUp(ctx, x.ID))
}

func (s *Service) giveUp(ctx context.Context, id string) error {
	_, err := s.locked(ctx, id, func(tx *catalog.Tx, x *catalog.ReprocessingRow) error {
		x.Note, x.NoteReasons = reasons.Note(reasons.ReprocessingStuck())
		return s.move(ctx, tx, x, dam.ReprocessingFailed)
	})
	return err
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
func (s *Service) examine(ctx context.Context, x catalog.ReprocessingRow, last bool) (catalog.ReprocessingRow,
	error) {
	found, position, read, err := s.quarantined(ctx, &x, last)
	if err == nil && read == 0 {
		found, position, read, err = s.versions(ctx, &x, last)
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
			return s.move(ctx, tx, now, dam.ReprocessingReady)
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
func (s *Service) quarantined(ctx context.Context, x *catalog.ReprocessingRow,
	last bool) (found []catalog.ReprocessingItemRow, position string, read int, err error) {
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
			seen, err := s.probe(ctx, x.Library, f.Key, last)
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
func (s *Service) versions(ctx context.Context, x *catalog.ReprocessingRow,
	last bool) (found []catalog.ReprocessingItemRow, position string, read int, err error) {
	after := ""
	if x.Position != "" && x.Position[0] == 'v' {
		after = x.Position[1:]
	}
	list, err := s.Catalog.Uploads().Reprocessings().Candidates(ctx, x, s.MediaTypes, after, batch)
	for i := range list {
		v := &list[i]
		read++
		position = "v" + v.ID
		seen, err := s.probe(ctx, x.Library, dam.OriginalKey(v.SHA256), last)
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

// probe reads what a stored file says; nil for one that is still refused, or whose bytes are lost. What a later attempt
// may read is an error, until the last attempt passes it over.
func (s *Service) probe(ctx context.Context, library, key string, last bool) (*Finding, error) {
	o, err := s.Store.Open(ctx, key)
	if err == nil {
		defer func() { _ = o.Close() }()
		var seen Finding
		if seen, err = s.Prober.Probe(dam.WithOrigin(ctx, dam.Origin{Library: library}), o); err == nil {
			return &seen, nil
		}
	}
	switch {
	case dam.Lasting(err) != nil, errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrDamaged):
		return nil, nil
	case last && ctx.Err() == nil && !errors.Is(err, dam.ErrHeld):
		s.Log.Warn("a file is not examined for a reprocessing", "key", key, "err", err)
		return nil, nil
	}
	return nil, err
}

// next does what was found for one file. Cut off, it is done again: the second time finds nothing left to do.
func (s *Service) next(ctx context.Context, x catalog.ReprocessingRow, last bool) (catalog.ReprocessingRow, error) {
	item, more, err := s.Catalog.Uploads().Reprocessings().NextItem(ctx, x.ID)
	if err != nil {
		return x, err
	}
	if !more {
		return s.locked(ctx, x.ID, func(tx *catalog.Tx, now *catalog.ReprocessingRow) error {
			return s.move(ctx, tx, now, dam.ReprocessingDone)
		})
	}
	item.State = done
	var begin func(tx *catalog.Tx) error
	switch item.Action {
	case dam.ReprocessTakeIn:
		item.Asset, err = s.takeIn(ctx, &x, item.Subject)
	case dam.ReprocessRerender:
		err = s.Renditions.Replace(ctx, item.Subject, item.Facts, s.Publications.Keep)
	case dam.ReprocessRender:
		begin = func(tx *catalog.Tx) error { return s.Renditions.Begin(ctx, tx, item.Subject, item.Facts) }
	}
	if err != nil {
		why := reasons.ServerErrorInJob()
		if refused := dam.Lasting(err); refused != nil && !errors.Is(err, dam.ErrHeld) {
			why = refused.Why()
		} else if !last || ctx.Err() != nil || errors.Is(err, dam.ErrHeld) || dam.OutOfRoom(err) {
			return x, err
		}
		item.State = failed
		item.Note, item.NoteReasons = reasons.Note(why)
	}
	return s.locked(ctx, x.ID, func(tx *catalog.Tx, now *catalog.ReprocessingRow) error {
		if now.State != dam.ReprocessingRunning {
			return nil
		}
		ended, err := tx.Uploads().Reprocessings().EndItem(ctx, now.ID, &item)
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

// takeIn acts for who had uploaded the file, or who confirmed if that person may not upload any more. A file that is no
// longer in quarantine was taken in, or let go of, meanwhile.
func (s *Service) takeIn(ctx context.Context, x *catalog.ReprocessingRow, id string) (asset string, err error) {
	held, err := s.Catalog.Uploads().HeldFile(ctx, x.Library, id)
	if dam.CodeOf(err) == dam.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	who, err := s.Catalog.People().Principal(ctx, held.By)
	if err == nil && !who.Can(x.Library, dam.Contributor) {
		who, err = s.Catalog.People().Principal(ctx, x.ConfirmedBy)
	}
	if err != nil {
		return "", err
	}
	return s.Uploads.TakeIn(catalog.WithActor(ctx, who), x.Library, id)
}
