package catalog

import (
	"context"
	"errors"

	"vitrine/dam"
)

func scanEntry(r row) (e dam.SignageEntry, err error) {
	err = r.Scan(asJSON{&e})
	return e, err
}

// SignageEntries returns what the screens of a channel show, ordered by publication id.
func (s Screens) SignageEntries(ctx context.Context, channel string) ([]dam.SignageEntry, error) {
	return all(ctx, s.db, scanEntry, `SELECT entry FROM signage_entries WHERE channel_id=$1 ORDER BY publication_id`,
		channel)
}

// SignageEntry returns the entry of one publication; false if there is none.
func (s Screens) SignageEntry(ctx context.Context, channel, publication string) (dam.SignageEntry, bool, error) {
	e, err := one(ctx, s.db, scanEntry, `SELECT entry FROM signage_entries WHERE publication_id=$1 AND channel_id=$2`,
		publication, channel)
	if errors.Is(err, errNoRow) {
		return e, false, nil
	}
	return e, err == nil, err
}

// PutSignageEntry stores an entry unless a newer revision of it exists.
func (s ScreensTx) PutSignageEntry(ctx context.Context, channel string, e dam.SignageEntry) error {
	_, err := s.tx.exec(ctx,
		`INSERT INTO signage_entries(publication_id,channel_id,revision,entry,updated_at) VALUES($1,$2,$3,$4,$5)
		ON CONFLICT(publication_id) DO UPDATE SET revision=excluded.revision,entry=excluded.entry,updated_at=excluded.updated_at WHERE signage_entries.revision<=excluded.revision`,
		e.Publication, channel, e.Revision, asJSON{e}, micros(s.tx.now))
	return err
}

// DeleteSignageEntry removes an entry and reports whether there was one.
func (s ScreensTx) DeleteSignageEntry(ctx context.Context, channel, publication string) (bool, error) {
	n, err := s.tx.exec(ctx, `DELETE FROM signage_entries WHERE publication_id=$1 AND channel_id=$2`, publication,
		channel)
	return n > 0, err
}

// ScreenRow is a screen with the hash of its secret and the key that verifies its feeds.
type ScreenRow struct {
	dam.Screen
	Secret, FeedKey string
}

const screenColumns = `id,channel_id,name,secret,feed_key,created_at,created_by,seen_at,report`

func scanScreen(r row) (s ScreenRow, err error) {
	var created int64
	var seen *int64
	var report dam.ScreenReport
	err = r.Scan(&s.ID, &s.Channel, &s.Name, &s.Secret, &s.FeedKey, &created, &s.CreatedBy, &seen, asJSON{&report})
	s.CreatedAt, s.LastSeen = instant(created), instantPtr(seen)
	if seen != nil {
		s.Report = &report
	}
	return s, err
}

// List returns the screens of a channel by name.
func (s Screens) List(ctx context.Context, channel string) ([]ScreenRow, error) {
	return all(ctx, s.db, scanScreen, `SELECT `+screenColumns+` FROM screens WHERE channel_id=$1 ORDER BY name,id`,
		channel)
}

// Screen returns one screen of a channel.
func (in Screens) Screen(ctx context.Context, channel, id string) (ScreenRow, error) {
	s, err := one(ctx, in.db, scanScreen, `SELECT `+screenColumns+` FROM screens WHERE id=$1 AND channel_id=$2`,
		id, channel)
	return oneOr(s, err, "screen", id)
}

// InsertScreen adds a screen.
func (in ScreensTx) InsertScreen(ctx context.Context, s *ScreenRow) error {
	s.CreatedAt, s.CreatedBy = in.tx.now, in.tx.actor.ID
	_, err := in.tx.exec(ctx, `INSERT INTO screens(`+screenColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,NULL,NULL)`, s.ID,
		s.Channel, s.Name, s.Secret, s.FeedKey, micros(s.CreatedAt), s.CreatedBy)
	return err
}

// DeleteScreen removes a screen and reports whether there was one.
func (s ScreensTx) DeleteScreen(ctx context.Context, channel, id string) (bool, error) {
	n, err := s.tx.exec(ctx, `DELETE FROM screens WHERE id=$1 AND channel_id=$2`, id, channel)
	return n > 0, err
}

// SetScreenReport records a screen's report on itself, received now.
func (s ScreensTx) SetScreenReport(ctx context.Context, channel, id string, r dam.ScreenReport) error {
	_, err := s.tx.exec(ctx, `UPDATE screens SET seen_at=$3,report=$4 WHERE id=$1 AND channel_id=$2`, id, channel,
		micros(s.tx.now), asJSON{r})
	return err
}
