package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
)

// LedgerRow is a publication with what only the ledger sees.
type LedgerRow struct {
	dam.Publication
	// Owner is the process that holds the lease, and Token its fencing token: who
	// comes with an older one is too late.
	Owner string
	Token int64
	// Progress is the channel's own state from Prepare: handles of what was uploaded.
	Progress json.RawMessage
	// Digest names the content to be sent at Revision.
	Digest string
	// Flight is what was announced with the last irreversible call, until its outcome is known.
	Flight json.RawMessage
	// Committed is when the last irreversible call was announced.
	Committed *time.Time
	// ByHand is set when a person withdrew it: rules leave it alone.
	ByHand bool

	steps int
}

const ledgerColumns = `id,library,channel_id,asset_id,revision,sent,state,next_at,origin,presets,caption,due_at,zone,version_id,approved_by,attempts,problem,receipt,withdrawn,by_hand,reason,
	lease_owner,lease_token,progress,flight,digest,committed_at,steps,created_at,created_by,updated_at,held,campaign_id,series_id,post`

func scanLedger(r row) (p LedgerRow, err error) {
	var next, committed *int64
	var due, created, updated int64
	var progress, flight string
	err = r.Scan(&p.ID, &p.Library, &p.Channel, &p.Asset, &p.Revision, &p.Sent, (*string)(&p.State), &next, &p.Origin, asJSON{&p.Presets}, &p.Caption, &due, &p.Zone, &p.Version, &p.ApprovedBy, &p.Attempts,
		asJSON{&p.Problem}, asJSON{&p.Receipt}, &p.Withdrawn, &p.ByHand, &p.Reason, &p.Owner, &p.Token, &progress, &flight, &p.Digest, &committed, &p.steps, &created, &p.CreatedBy, &updated, &p.Held, &p.Campaign, &p.Series, asJSON{&p.Post})
	p.NextAt, p.Committed, p.At, p.CreatedAt, p.UpdatedAt = instantPtr(next), instantPtr(committed), instant(due), instant(created), instant(updated)
	if progress != "" {
		p.Progress = json.RawMessage(progress)
	}
	if flight != "" {
		p.Flight = json.RawMessage(flight)
	}
	return p, err
}

// lane is 0 for what may be held, 1 for what looks up and takes back, 2 for what is held.
func lane(p *LedgerRow) int {
	switch {
	case p.State == dam.PubPlanned && p.Held:
		return 2
	case p.State == dam.PubPlanned || p.State == dam.PubLeased || p.State == dam.PubPreparing:
		return 0
	}
	return 1
}

// InsertPublication stores a new row of the ledger with its first step.
func (tx *Tx) InsertPublication(ctx context.Context, p *LedgerRow, note string) error {
	p.CreatedAt, p.UpdatedAt, p.CreatedBy = tx.now, tx.now, tx.actor.ID
	if p.Presets == nil {
		p.Presets = []string{}
	}
	p.steps = 1
	_, err := tx.exec(ctx, `INSERT INTO publications(`+ledgerColumns+`,lane) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,1,$28,$29,$28,$30,$31,$32,$33,$34)`,
		p.ID, p.Library, p.Channel, p.Asset, p.Revision, p.Sent, string(p.State), microsPtr(p.NextAt), p.Origin, asJSON{p.Presets}, p.Caption, micros(p.At), p.Zone, p.Version, p.ApprovedBy, p.Attempts,
		asJSON{p.Problem}, asJSON{p.Receipt}, p.Withdrawn, p.ByHand, p.Reason, p.Owner, p.Token, string(p.Progress), string(p.Flight), p.Digest, microsPtr(p.Committed), micros(tx.now), p.CreatedBy, p.Held, p.Campaign, p.Series, asJSON{p.Post}, lane(p))
	if err != nil {
		return err
	}
	return tx.writeStep(ctx, p, note)
}

// LockPublication returns a row of the ledger and holds it until the commit; an empty library means any.
func (tx *Tx) LockPublication(ctx context.Context, library, id string) (LedgerRow, error) {
	return tx.publication(ctx, library, id, tx.forUpdate())
}

// Publication returns a row of the ledger; an empty library means any.
func (c Conn) Publication(ctx context.Context, library, id string) (LedgerRow, error) {
	return c.publication(ctx, library, id, "")
}

func (c Conn) publication(ctx context.Context, library, id, suffix string) (LedgerRow, error) {
	seen, args := within(ctx, library, "publications.asset_id", []any{id, library})
	p, err := one(ctx, c, scanLedger, `SELECT `+ledgerColumns+` FROM publications WHERE id=$1 AND (library=$2 OR $2='')`+seen+suffix, args...)
	return oneOr(p, err, "publication", id)
}

// SavePublication writes a row the transaction holds.
func (tx *Tx) SavePublication(ctx context.Context, p *LedgerRow) error {
	p.UpdatedAt = tx.now
	_, err := tx.exec(ctx, `UPDATE publications SET revision=$2,sent=$3,state=$4,lane=$5,next_at=$6,presets=$7,caption=$8,due_at=$9,zone=$10,version_id=$11,approved_by=$12,attempts=$13,problem=$14,receipt=$15,
		withdrawn=$16,by_hand=$17,reason=$18,lease_owner=$19,lease_token=$20,progress=$21,digest=$22,committed_at=$23,updated_at=$24,origin=$25,flight=$26,steps=$27,held=$28,campaign_id=$29,post=$30 WHERE id=$1`,
		p.ID, p.Revision, p.Sent, string(p.State), lane(p), microsPtr(p.NextAt), asJSON{p.Presets}, p.Caption, micros(p.At), p.Zone, p.Version, p.ApprovedBy, p.Attempts, asJSON{p.Problem}, asJSON{p.Receipt},
		p.Withdrawn, p.ByHand, p.Reason, p.Owner, p.Token, string(p.Progress), p.Digest, microsPtr(p.Committed), micros(tx.now), p.Origin, string(p.Flight), p.steps, p.Held, p.Campaign, asJSON{p.Post})
	return err
}

// SaveStep is SavePublication with a line of the publication's ledger: the state it
// is in now, and why.
func (tx *Tx) SaveStep(ctx context.Context, p *LedgerRow, note string) error {
	p.steps++
	if err := tx.SavePublication(ctx, p); err != nil {
		return err
	}
	return tx.writeStep(ctx, p, note)
}

func (tx *Tx) writeStep(ctx context.Context, p *LedgerRow, note string) error {
	_, err := tx.exec(ctx, `INSERT INTO publication_steps(publication_id,n,at,state,revision,note,by_id) VALUES($1,$2,$3,$4,$5,$6,$7)`,
		p.ID, p.steps, micros(tx.now), string(p.State), p.Revision, note, tx.actor.ID)
	return err
}

// PublicationSteps returns a publication's ledger, oldest first.
func (c Conn) PublicationSteps(ctx context.Context, id string) ([]dam.PublicationStep, error) {
	return all(ctx, c, func(r row) (s dam.PublicationStep, err error) {
		var at int64
		err = r.Scan(&at, (*string)(&s.State), &s.Revision, &s.Note, &s.By)
		s.At = instant(at)
		return
	}, `SELECT at,state,revision,note,by_id FROM publication_steps WHERE publication_id=$1 ORDER BY n`, id)
}

// Publications returns a page of a library's publications, newest first.
func (c Conn) Publications(ctx context.Context, library string, f dam.PublicationFilter) ([]LedgerRow, error) {
	where, args := []string{"library=$1"}, []any{library}
	add := func(condition string, v any) {
		args = append(args, v)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.Asset != "" {
		add("asset_id=$%d", f.Asset)
	}
	if f.Channel != "" {
		add("channel_id=$%d", f.Channel)
	}
	if f.State != "" {
		add("state=$%d", string(f.State))
	}
	if f.Campaign != "" {
		add("campaign_id=$%d", f.Campaign)
	}
	if f.Series != "" {
		add("series_id=$%d", f.Series)
	}
	if !f.From.IsZero() {
		add("due_at>=$%d", micros(f.From))
	}
	if !f.Until.IsZero() {
		add("due_at<$%d", micros(f.Until))
	}
	if f.After != "" {
		add("id<$%d", f.After)
	}
	seen, args := within(ctx, library, "publications.asset_id", args)
	args = append(args, f.Limit)
	return all(ctx, c, scanLedger, `SELECT `+ledgerColumns+` FROM publications WHERE `+strings.Join(where, " AND ")+seen+fmt.Sprintf(` ORDER BY id DESC LIMIT $%d`, len(args)), args...)
}

// LockPublicationsOf returns an asset's publications, oldest first, and holds them until the commit.
func (tx *Tx) LockPublicationsOf(ctx context.Context, asset string) ([]LedgerRow, error) {
	return all(ctx, tx.Conn, scanLedger, `SELECT `+ledgerColumns+` FROM publications WHERE asset_id=$1 ORDER BY id`+tx.forUpdate(), asset)
}

// PublicationsOnChannel counts the channel's publications that are not closed, and of these those with a receipt.
func (c Conn) PublicationsOnChannel(ctx context.Context, channel string) (open, live int, err error) {
	type counts struct{ open, live int }
	n, err := one(ctx, c, func(r row) (n counts, err error) {
		err = r.Scan(&n.open, &n.live)
		return
	}, `SELECT count(*), COALESCE(sum(CASE WHEN receipt IS NULL THEN 0 ELSE 1 END),0) FROM publications WHERE channel_id=$1 AND state NOT IN ('recalled','cancelled')`, channel)
	return n.open, n.live, err
}

// ClaimPublications leases up to limit due rows of one channel's lane (0 sends, 1
// settles) to owner until a time, oldest due first. A row whose lease ran out is
// due again: one that was being sent comes back as unknown.
func (tx *Tx) ClaimPublications(ctx context.Context, channel string, lane int, owner string, now, until time.Time, limit int) ([]LedgerRow, error) {
	lock := ""
	if tx.pg {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	rows, err := all(ctx, tx.Conn, scanLedger, `WITH picked AS MATERIALIZED (SELECT id FROM publications WHERE channel_id=$1 AND lane=$2 AND next_at<=$3 ORDER BY next_at,id LIMIT $4`+lock+`)
		UPDATE publications SET lease_owner=$5,lease_token=lease_token+1,next_at=$6,
			state=CASE state WHEN 'planned' THEN 'leased' WHEN 'preparing' THEN 'leased' WHEN 'committing' THEN 'unknown' ELSE state END
		WHERE id IN (SELECT id FROM picked) RETURNING `+ledgerColumns,
		channel, lane, micros(now), limit, owner, micros(until))
	slices.SortFunc(rows, func(a, b LedgerRow) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return rows, err
}

// ExtendLeases renews the leases an owner still holds and returns the ids and tokens of those.
func (tx *Tx) ExtendLeases(ctx context.Context, owner string, until time.Time) (map[string]int64, error) {
	type lease struct {
		id    string
		token int64
	}
	list, err := all(ctx, tx.Conn, func(r row) (l lease, err error) {
		err = r.Scan(&l.id, &l.token)
		return
	}, `UPDATE publications SET next_at=$2 WHERE lease_owner=$1 AND lease_owner<>'' AND next_at IS NOT NULL RETURNING id,lease_token`, owner, micros(until))
	held := make(map[string]int64, len(list))
	for _, l := range list {
		held[l.id] = l.token
	}
	return held, err
}

// ErasePublications forgets the ledger lines of an asset's publications and their texts.
func (tx *Tx) ErasePublications(ctx context.Context, asset string) error {
	for _, q := range []string{
		`UPDATE publication_steps SET note='' WHERE publication_id IN (SELECT id FROM publications WHERE asset_id=$1)`,
		`UPDATE publications SET caption='', reason='', problem=NULL WHERE asset_id=$1`,
		`DELETE FROM asset_recalls WHERE asset_id=$1`,
	} {
		if _, err := tx.exec(ctx, q, asset); err != nil {
			return err
		}
	}
	return nil
}

// LatestPublication returns the newest publication of an asset on a channel; nil when there is none.
func (c Conn) LatestPublication(ctx context.Context, channel, asset string) (*LedgerRow, error) {
	p, err := one(ctx, c, scanLedger, `SELECT `+ledgerColumns+` FROM publications WHERE asset_id=$1 AND channel_id=$2 ORDER BY id DESC LIMIT 1`, asset, channel)
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	return &p, err
}
