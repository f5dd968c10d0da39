package planning

import (
	"context"
	"errors"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers/accounts"
)

const (
	// seriesHorizon is how far ahead occurrences are planned, so that a calendar shows them.
	seriesHorizon = 8 * 7 * 24 * time.Hour
	// seriesBatch bounds the occurrences planned in one transaction.
	seriesBatch = 100
	// extendEvery is how often nodes look for series whose next occurrences are to be planned.
	extendEvery = time.Minute
)

// SeriesInput is a new series.
type SeriesInput struct {
	Asset   string   `json:"asset"`
	Channel string   `json:"channel" doc:"Id of the channel"`
	Presets []string `json:"presets,omitempty"`
	Caption string   `json:"caption,omitempty"`
	dam.Post
	Campaign string         `json:"campaign,omitempty" doc:"Id or name"`
	Repeat   dam.Recurrence `json:"repeat"`
	// FromDraft and DraftRevision are as in PublishInput: with the first of several channels.
	FromDraft     string `json:"from_draft,omitempty" maxLength:"64" doc:"Id of the draft that this was: it ends in the same transaction"`
	DraftRevision int64  `json:"draft_revision,omitempty" doc:"The revision of from_draft that was read: another one is refused, since somebody has changed it"`
}

// SeriesList returns a library's series, newest first.
func (s *Service) SeriesList(ctx context.Context, library string) ([]dam.Series, error) {
	rows, err := s.Catalog.Schedule().Series(ctx, library)
	out := make([]dam.Series, len(rows))
	for i, r := range rows {
		out[i] = r.Series
	}
	return out, err
}

// Series returns one series.
func (s *Service) Series(ctx context.Context, library, id string) (dam.Series, error) {
	r, err := s.Catalog.Schedule().OneSeries(ctx, library, id)
	return r.Series, err
}

// CreateSeries plans a publication again and again. Its first occurrences are planned
// at once, and refused as those of Publish are; later ones that can't be planned are
// skipped, with a note.
func (s *Service) CreateSeries(ctx context.Context, library string, in SeriesInput) (dam.Series, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Series, error) {
		draft, err := openDraft(ctx, tx, library, in.FromDraft, in.DraftRevision)
		if err != nil {
			return dam.Series{}, err
		}
		sc, err := ReadSnapshot(ctx, tx, library, in.Asset)
		if err != nil {
			return dam.Series{}, err
		}
		if sc.gone {
			return dam.Series{}, dam.InvalidInput("asset", reasons.NoAsset(in.Asset))
		}
		if in.Repeat.Zone == "" {
			in.Repeat.Zone = sc.Library.Zone
		}
		if err := in.Repeat.Validate(); err != nil {
			return dam.Series{}, err
		}
		var first time.Time
		in.Repeat.Occurrences(0, func(_ int, at time.Time) bool {
			first = at
			return false
		})
		if !first.IsZero() && first.Before(s.now().Add(-lateness)) {
			return dam.Series{}, dam.InvalidInput("repeat.start", reasons.TimePassed(first))
		}
		ch, err := accounts.Present(tx.Channels().Channel(ctx, library, in.Channel))
		if dam.CodeOf(err) == dam.NotFound {
			err = dam.InvalidInput("channel", reasons.NoChannel(in.Channel))
		}
		if err != nil {
			return dam.Series{}, err
		}
		if Capabilities(ch).Update {
			return dam.Series{}, dam.InvalidInput("channel", reasons.ChannelShowsOnce(ch.Name))
		}
		campaign, _, err := s.campaign(ctx, tx, library, in.Campaign)
		if err != nil {
			return dam.Series{}, err
		}
		x := catalog.SeriesRow{Series: dam.Series{ID: dam.NewID(dam.SeriesPrefix), Library: library, Asset: in.Asset,
			Channel: ch.ID, Campaign: campaign, Presets: in.Presets, Caption: in.Caption, Post: in.Post,
			Repeat: in.Repeat}}
		if x.Presets == nil {
			x.Presets = []string{}
		}
		if err := s.extend(ctx, tx, &sc, &x, true); err != nil {
			return dam.Series{}, err
		}
		if x.Planned == 0 {
			return dam.Series{}, dam.InvalidInput("repeat", reasons.SeriesWithoutOccurrence())
		}
		tx.Emit(dam.Event{Library: library, Type: dam.SeriesCreated, Subject: x.ID, Asset: x.Asset})
		return x.Series, endDraft(ctx, tx, draft, x.ID)
	})
}

// extend plans the occurrences up to the horizon and stores the series. strict
// refuses what the first occurrence can't do.
func (s *Service) extend(ctx context.Context, tx *catalog.Tx, sc *Snapshot, x *catalog.SeriesRow, strict bool) error {
	now := s.now()
	horizon := now.Add(seriesHorizon)
	var failure error
	done := 0
	x.Ended, x.ExtendAt = true, nil
	x.Repeat.Occurrences(x.Planned, func(n int, at time.Time) bool {
		if at.After(horizon) && (!strict || done > 0) || done == seriesBatch {
			next := now
			if at.After(horizon) {
				next = at.Add(-seriesHorizon)
			}
			x.Ended, x.ExtendAt = false, &next
			return false
		}
		done++
		x.Planned = n + 1
		if at.Before(now.Add(-time.Minute)) {
			return true // in the past when the series was made, or nobody was there to plan it
		}
		in := PublishInput{Asset: x.Asset, Channel: x.Channel, Presets: x.Presets, Caption: x.Caption, Post: x.Post,
			Campaign: x.Campaign, At: at.Format(time.RFC3339Nano), Zone: x.Repeat.Zone}
		_, err := s.publishOne(ctx, tx, sc, in, x.ID)
		var refused *dam.Error
		switch {
		case err == nil:
			strict = false
		case !strict && errors.As(err, &refused):
			x.Note, x.NoteReasons = reasons.Note(reasons.SeriesSkipped(at, refused.Why()))
		default:
			failure = err
			return false
		}
		return true
	})
	if failure != nil {
		return failure
	}
	return tx.Schedule().PutSeries(ctx, x)
}

// EndSeries plans nothing more and cancels what has not been sent.
func (s *Service) EndSeries(ctx context.Context, library, id string) (dam.Series, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Series, error) {
		seen, err := tx.Schedule().OneSeries(ctx, library, id)
		if err != nil {
			return dam.Series{}, err
		}
		// Asset first, as everybody does.
		if _, err := ReadSnapshot(ctx, tx, library, seen.Asset); err != nil {
			return dam.Series{}, err
		}
		x, err := tx.Schedule().LockSeries(ctx, library, id)
		if err != nil {
			return dam.Series{}, err
		}
		ch, err := tx.Channels().Channel(ctx, library, x.Channel)
		if err != nil {
			return dam.Series{}, err
		}
		ids, err := tx.Publications().PlannedOfSeries(ctx, id)
		if err != nil {
			return dam.Series{}, err
		}
		for _, p := range ids {
			row, err := tx.Publications().LockPublication(ctx, library, p)
			if err != nil {
				return dam.Series{}, err
			}
			row.ByHand = true
			if err := s.Withdraw(ctx, tx, ch, &row, reasons.ItsSeriesEnded()); err != nil {
				return dam.Series{}, err
			}
		}
		x.Ended, x.ExtendAt = true, nil
		x.Note, x.NoteReasons = reasons.Note(reasons.SeriesEndedByPerson())
		tx.Emit(dam.Event{Library: library, Type: dam.SeriesUpdated, Subject: x.ID, Asset: x.Asset})
		return x.Series, tx.Schedule().PutSeries(ctx, &x)
	})
}

// extendAll plans the next occurrences of the series whose time has come.
func (s *Service) extendAll(ctx context.Context) error {
	for {
		ids, err := s.Catalog.Schedule().SeriesToExtend(ctx, s.now(), 100)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
				seen, err := tx.Schedule().OneSeries(ctx, "", id)
				if err != nil {
					return err
				}
				sc, err := ReadSnapshot(ctx, tx, seen.Library, seen.Asset)
				if err != nil {
					return err
				}
				x, err := tx.Schedule().LockSeries(ctx, "", id)
				if err != nil {
					return err
				}
				if x.ExtendAt == nil || x.ExtendAt.After(s.now()) {
					return nil // another node was first
				}
				if sc.gone {
					x.Ended, x.ExtendAt = true, nil
					x.Note, x.NoteReasons = reasons.Note(reasons.SeriesAssetDeleted())
					return tx.Schedule().PutSeries(ctx, &x)
				}
				if err := s.mayExtend(ctx, tx, &sc, &x); err != nil {
					return s.standStill(ctx, tx, &x, err)
				}
				return s.extend(ctx, tx, &sc, &x, false)
			}); err != nil {
				return err
			}
		}
	}
}

// mayExtend returns why who made a series may not publish the asset any more, as they may now.
func (s *Service) mayExtend(ctx context.Context, tx *catalog.Tx, sc *Snapshot, x *catalog.SeriesRow) error {
	if x.CreatedBy == dam.SystemID {
		return nil
	}
	who, err := tx.People().Principal(ctx, x.CreatedBy)
	if err == nil {
		err = who.NeedOn(&sc.Asset, dam.MayPublish)
	}
	return err
}

// authorAgain is how often it is looked at whether who made a series may go on with it.
const authorAgain = time.Hour

// standStill plans nothing for a series while who made it may not, and says so. What is planned already stays.
func (s *Service) standStill(ctx context.Context, tx *catalog.Tx, x *catalog.SeriesRow, err error) error {
	if code := dam.CodeOf(err); code != dam.Forbidden && code != dam.NotFound {
		return err
	}
	next := s.now().Add(authorAgain)
	x.ExtendAt = &next
	x.Note, x.NoteReasons = reasons.Note(reasons.AuthorMayNotPublish())
	return tx.Schedule().PutSeries(ctx, x)
}

// extending keeps the series planned until ctx is done.
func (s *Service) extending(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.extendAll(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("series", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(extendEvery):
		}
	}
}
