package catalog

import (
	"context"
	"errors"
	"time"

	"vitrine/dam"
)

const campaignColumns = `id,library,revision,name,held,created_at,created_by,updated_at`

func scanCampaign(r row) (c dam.Campaign, err error) {
	var created, updated int64
	err = r.Scan(&c.ID, &c.Library, &c.Revision, &c.Name, &c.Held, &created, &c.CreatedBy, &updated)
	c.CreatedAt, c.UpdatedAt = instant(created), instant(updated)
	return c, err
}

// Campaigns returns a library's campaigns by name.
func (s Schedule) Campaigns(ctx context.Context, library string) ([]dam.Campaign, error) {
	return all(ctx, s.db, scanCampaign, `SELECT `+campaignColumns+` FROM campaigns WHERE library=$1 ORDER BY name,id`,
		library)
}

// LockCampaign returns a campaign and locks its row until the commit.
func (s ScheduleTx) LockCampaign(ctx context.Context, library, id string) (dam.Campaign, error) {
	x, err := one(ctx, s.db, scanCampaign, `SELECT `+campaignColumns+` FROM campaigns WHERE id=$1 AND library=$2`+
		s.tx.forUpdate(), id, library)
	return oneOr(x, err, "campaign", id)
}

// CampaignNamed returns the id of a library's campaign by name, or "" if there is none.
func (s Schedule) CampaignNamed(ctx context.Context, library, name string) (string, error) {
	id, err := one(ctx, s.db, value[string], `SELECT id FROM campaigns WHERE library=$1 AND name=$2`, library, name)
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	return id, err
}

// PutCampaign stores a campaign and increments its revision. The caller holds the row's lock if the campaign exists.
func (s ScheduleTx) PutCampaign(ctx context.Context, c *dam.Campaign) error {
	c.Revision++
	c.UpdatedAt = s.tx.now
	if c.CreatedBy == "" {
		c.CreatedAt, c.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	_, err := s.tx.exec(ctx, `INSERT INTO campaigns(`+campaignColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT(id) DO UPDATE SET revision=excluded.revision,name=excluded.name,held=excluded.held,updated_at=excluded.updated_at`,
		c.ID, c.Library, c.Revision, c.Name, c.Held, micros(c.CreatedAt), c.CreatedBy, micros(c.UpdatedAt))
	return err
}

// DeleteCampaign removes a campaign; its publications keep the campaign's id.
func (s ScheduleTx) DeleteCampaign(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM campaigns WHERE id=$1`, id)
	return err
}

// HoldPublications takes a campaign's publications out of the queue, or puts them back, and returns how many. One that
// is being prepared stops before its commit.
func (s PublicationsTx) HoldPublications(ctx context.Context, campaign string, held bool) (int64, error) {
	return s.tx.exec(ctx,
		`UPDATE publications SET held=$2,lane=CASE WHEN state<>'planned' THEN lane WHEN $2 THEN 2 ELSE 0 END
		WHERE campaign_id=$1 AND campaign_id<>'' AND held<>$2 AND state NOT IN ('recalled','cancelled')`, campaign,
		held)
}

// OpenInCampaign counts a campaign's publications that are planned or on their way.
func (s Publications) OpenInCampaign(ctx context.Context, campaign string) (int, error) {
	return one(ctx, s.db, value[int],
		`SELECT count(*) FROM publications WHERE campaign_id=$1 AND campaign_id<>'' AND state IN ('planned','leased','preparing','committing','unknown')`, campaign)
}

// PlannedBetween returns the due times, in [from, until) and in order, of a channel's publications that are planned or
// on their way.
func (s Publications) PlannedBetween(ctx context.Context, channel string, from, until time.Time) ([]time.Time, error) {
	return all(ctx, s.db, scanInstant,
		`SELECT due_at FROM publications WHERE channel_id=$1 AND due_at>=$2 AND due_at<$3 AND state IN ('planned','leased','preparing','committing','unknown') ORDER BY due_at`,
		channel, micros(from), micros(until))
}

func scanInstant(r row) (time.Time, error) {
	var n int64
	err := r.Scan(&n)
	return instant(n), err
}

// NthCommit returns when the n-th last commit of a channel was recorded (1 is the last); the zero time if there were
// fewer.
func (s Publications) NthCommit(ctx context.Context, channel string, n int) (time.Time, error) {
	t, err := one(ctx, s.db, scanInstant,
		`SELECT committed_at FROM publications WHERE channel_id=$1 AND committed_at IS NOT NULL ORDER BY committed_at DESC LIMIT 1 OFFSET $2`, channel, n-1)
	if errors.Is(err, errNoRow) {
		return time.Time{}, nil
	}
	return t, err
}

// CommitsSince counts a channel's commits since an instant.
func (s Publications) CommitsSince(ctx context.Context, channel string, since time.Time) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*) FROM publications WHERE channel_id=$1 AND committed_at>=$2`,
		channel, micros(since))
}

// Leased counts the publications of a channel that nodes are preparing to send.
func (s Publications) Leased(ctx context.Context, channel string) (int, error) {
	return one(ctx, s.db, value[int],
		`SELECT count(*) FROM publications WHERE lease_owner<>'' AND channel_id=$1 AND lane=0`, channel)
}

// SetQuota records the remaining quota reported by the remote.
func (s ChannelsTx) SetQuota(ctx context.Context, channel string, q *Quota) error {
	_, err := s.tx.exec(ctx, `UPDATE channels SET quota=$2 WHERE id=$1`, channel, asJSON{q})
	return err
}

// SeriesRow is a series with the time to plan its next occurrences.
type SeriesRow struct {
	dam.Series
	// ExtendAt is nil if no occurrence is left to plan.
	ExtendAt *time.Time
}

// seriesSpec is the part of a series that is stored as JSON.
type seriesSpec struct {
	Presets []string       `json:"presets"`
	Caption string         `json:"caption,omitempty"`
	Post    dam.Post       `json:"post"`
	Repeat  dam.Recurrence `json:"repeat"`
}

const seriesColumns = `id,library,revision,asset_id,channel_id,campaign_id,spec,planned,ended,note,extend_at,created_at,created_by,updated_at`

func scanSeries(r row) (x SeriesRow, err error) {
	var spec seriesSpec
	var extend *int64
	var created, updated int64
	err = r.Scan(&x.ID, &x.Library, &x.Revision, &x.Asset, &x.Channel, &x.Campaign, asJSON{&spec}, &x.Planned, &x.Ended,
		asNote{&x.Note, &x.NoteReasons}, &extend, &created, &x.CreatedBy, &updated)
	x.Presets, x.Caption, x.Post, x.Repeat = spec.Presets, spec.Caption, spec.Post, spec.Repeat
	x.ExtendAt, x.CreatedAt, x.UpdatedAt = instantPtr(extend), instant(created), instant(updated)
	return x, err
}

// Series returns a library's series, newest first.
func (s Schedule) Series(ctx context.Context, library string) ([]SeriesRow, error) {
	seen, args := s.db.within(ctx, library, "series.asset_id", []any{library})
	return all(ctx, s.db, scanSeries,
		`SELECT `+seriesColumns+` FROM series WHERE library=$1`+seen+` ORDER BY id DESC LIMIT 1000`, args...)
}

// OneSeries returns a series; an empty library means any.
func (s Schedule) OneSeries(ctx context.Context, library, id string) (SeriesRow, error) {
	return s.db.series(ctx, library, id, "")
}

// LockSeries returns a series and locks its row until the commit; an empty library means any.
func (s ScheduleTx) LockSeries(ctx context.Context, library, id string) (SeriesRow, error) {
	return s.tx.series(ctx, library, id, s.tx.forUpdate())
}

func (c Conn) series(ctx context.Context, library, id, suffix string) (SeriesRow, error) {
	seen, args := c.within(ctx, library, "series.asset_id", []any{id, library})
	x, err := one(ctx, c, scanSeries, `SELECT `+seriesColumns+` FROM series WHERE id=$1 AND (library=$2 OR $2='')`+seen+
		suffix, args...)
	return oneOr(x, err, "series", id)
}

// PutSeries stores a series and increments its revision. The caller holds the row's lock if the series exists.
func (s ScheduleTx) PutSeries(ctx context.Context, x *SeriesRow) error {
	x.Revision++
	x.UpdatedAt = s.tx.now
	if x.CreatedBy == "" {
		x.CreatedAt, x.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	_, err := s.tx.exec(ctx, `INSERT INTO series(`+seriesColumns+
		`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)
		ON CONFLICT(id) DO UPDATE SET revision=excluded.revision,campaign_id=excluded.campaign_id,spec=excluded.spec,planned=excluded.planned,ended=excluded.ended,note=excluded.note,extend_at=excluded.extend_at,updated_at=excluded.updated_at`,
		x.ID, x.Library, x.Revision, x.Asset, x.Channel, x.Campaign,
		asJSON{seriesSpec{x.Presets, x.Caption, x.Post, x.Repeat}}, x.Planned, x.Ended, asNote{&x.Note, &x.NoteReasons},
		microsPtr(x.ExtendAt),
		micros(x.CreatedAt), x.CreatedBy, micros(x.UpdatedAt))
	return err
}

// SeriesToExtend returns the ids of the series whose next occurrences are due to be planned.
func (s Schedule) SeriesToExtend(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT s.id FROM series s JOIN libraries l ON l.id=s.library
		WHERE s.extend_at<=$1 AND l.archived_at IS NULL ORDER BY s.extend_at,s.id LIMIT $2`, micros(now), limit)
}

// PlannedOfSeries returns the ids of a series' publications that have not been sent, oldest first.
func (s Publications) PlannedOfSeries(ctx context.Context, series string) ([]string, error) {
	return all(ctx, s.db, value[string],
		`SELECT id FROM publications WHERE series_id=$1 AND series_id<>'' AND sent=0 AND state IN ('planned','leased','preparing') ORDER BY id`, series)
}

// Connect is a sign-in flow that a person has started to connect a channel to its account.
type Connect struct {
	// State is a hash of what the remote sends back; Verifier is sealed.
	State, Channel, Verifier, By string
	Expires                      time.Time
}

// StartConnect records a flow and deletes expired ones.
func (s ChannelsTx) StartConnect(ctx context.Context, c Connect, now time.Time) error {
	if _, err := s.tx.exec(ctx, `DELETE FROM channel_connects WHERE expires_at<=$1`, micros(now)); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx,
		`INSERT INTO channel_connects(state,channel_id,verifier,by_id,expires_at) VALUES($1,$2,$3,$4,$5)`, c.State,
		c.Channel, c.Verifier, c.By, micros(c.Expires))
	return err
}

// ForgetConnects ends the flows of a channel that are under way.
func (s ChannelsTx) ForgetConnects(ctx context.Context, channel string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM channel_connects WHERE channel_id=$1`, channel)
	return err
}

// FinishConnect returns a flow started by that person and deletes it, so that it can't be used twice.
func (s ChannelsTx) FinishConnect(ctx context.Context, state, by string, now time.Time) (Connect, error) {
	x, err := one(ctx, s.db, func(r row) (c Connect, err error) {
		var expires int64
		err = r.Scan(&c.State, &c.Channel, &c.Verifier, &c.By, &expires)
		c.Expires = instant(expires)
		return
	},
		`DELETE FROM channel_connects WHERE state=$1 AND by_id=$2 AND expires_at>$3 RETURNING state,channel_id,verifier,by_id,expires_at`, state, by, micros(now))
	return oneOr(x, err, "connection", state)
}
