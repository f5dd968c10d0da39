package savedsearch

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
)

// follower is the name of the alerts' cursor in the log.
const follower = "alerts"

const alertBatch = 200

// match is a saved search and an asset that it finds.
type match struct {
	library, search, asset string
}

// Run tells of new assets that match saved searches, until ctx ends. The index is
// asked before the transaction that notes what it found: an asset that changes
// meanwhile has an event yet to come.
func (s *Service) Run(ctx context.Context) error {
	if err := events.Register(ctx, s.Catalog, follower); err != nil {
		return err
	}
	for {
		seq, err := s.Step(ctx)
		if err == nil {
			err = s.Catalog.Wait(ctx, seq)
		}
		if err != nil {
			return err
		}
	}
}

// Step applies the next batch of the log and returns the cursor after it.
func (s *Service) Step(ctx context.Context) (int64, error) {
	at, _, err := s.Catalog.Log().Cursor(ctx, follower)
	if err != nil {
		return at, err
	}
	batch, err := s.Catalog.Log().Events(ctx, "", at, alertBatch)
	if err != nil || len(batch) == 0 {
		return at, err
	}
	upto := batch[len(batch)-1].Seq
	found, err := s.matches(ctx, batch, upto)
	if err != nil {
		return at, err
	}
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		now, _, err := tx.Log().LockCursor(ctx, follower)
		if err != nil || now != at { // another node was first
			upto = max(upto, now)
			return err
		}
		for _, m := range found {
			first, err := tx.Searches().NoteMatch(ctx, m.search, m.asset)
			if err != nil {
				return err
			}
			if !first {
				continue
			}
			// The asset is data, not the event's own: nothing about it has changed.
			data, err := json.Marshal(map[string]string{"asset": m.asset})
			if err != nil {
				return err
			}
			tx.Emit(dam.Event{Type: dam.SearchMatched, Library: m.library, Subject: m.search, Data: data})
		}
		return tx.Log().SetCursor(ctx, follower, upto)
	})
	return upto, err
}

func (s *Service) matches(ctx context.Context, batch []dam.Event, upto int64) ([]match, error) {
	touched := map[string]map[uint32]bool{} // library → numbers
	for _, e := range batch {
		if e.Asset != "" {
			if touched[e.Library] == nil {
				touched[e.Library] = map[uint32]bool{}
			}
			touched[e.Library][e.Number] = true
		}
	}
	if len(touched) == 0 {
		return nil, nil
	}
	alerts, err := s.Catalog.Searches().Alerts(ctx)
	if err != nil {
		return nil, err
	}
	var out []match
	for _, a := range alerts {
		numbers := slices.DeleteFunc(slices.Collect(maps.Keys(touched[a.Library])),
			func(n uint32) bool { return int64(n) <= *a.AlertAfter })
		if len(numbers) == 0 {
			continue
		}
		// who sees only a part of the library is told of that part
		as, err := s.Catalog.People().Principal(ctx, a.Owner)
		if err != nil {
			return nil, err
		}
		if !as.Can(a.Library, dam.MaySee) { // who lost access lost the limit to collections with it
			continue
		}
		ids, err := s.matching(catalog.WithActor(ctx, as), a.Library, a.Query, numbers, upto)
		var mistake *dam.Error
		if errors.As(err, &mistake) && mistake.Code == dam.Invalid {
			continue // a field it names is gone; its owner sees that when using it
		}
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			out = append(out, match{a.Library, a.ID, id})
		}
	}
	return out, nil
}
