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
	"vitrine/dam/reasons"
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
	// Payload is what was announced with the last irreversible call, until its outcome is known.
	Payload json.RawMessage
	// Committed is when the last irreversible call was announced.
	Committed *time.Time
	// ByHand is set when a person withdrew it: rules leave it alone.
	ByHand bool
	// Trace is what caused it to be planned last, as a W3C traceparent; "" where no traces are exported.
	Trace string
	// Watch is when what is shown has to be looked at again: the end of its rights, whatever is planned for later. It
	// is NextAt while the publication is delivered, and nil if nothing is shown or the rights don't end.
	Watch *time.Time

	steps int
}

const ledgerColumns = `id,library,channel_id,asset_id,revision,sent,state,next_at,origin,presets,caption,due_at,zone,version_id,approved_by,attempts,problem,receipt,withdrawn,by_hand,reason,
	lease_owner,lease_token,progress,flight,digest,committed_at,steps,created_at,created_by,updated_at,held,campaign_id,series_id,post,trace,watch_at,files,ends_at`

func scanLedger(r row) (p LedgerRow, err error) {
	var next, committed, watch, ends *int64
	var due, created, updated int64
	var progress, flight string
	err = r.Scan(&p.ID, &p.Library, &p.Channel, &p.Asset, &p.Revision, &p.Sent, (*string)(&p.State), &next, &p.Origin,
		asJSON{&p.Presets}, &p.Caption, &due, &p.Zone, &p.Version, &p.ApprovedBy, &p.Attempts,
		asJSON{&p.Problem}, asJSON{&p.Receipt}, &p.Withdrawn, &p.ByHand, asNote{&p.Reason, &p.Reasons}, &p.Owner,
		&p.Token, &progress,
		&flight, &p.Digest, &committed, &p.steps, &created, &p.CreatedBy, &updated, &p.Held, &p.Campaign, &p.Series,
		asJSON{&p.Post}, &p.Trace, &watch, asJSON{&p.Files}, &ends)
	p.Ends = instantPtr(ends)
	p.NextAt, p.Committed, p.At, p.CreatedAt, p.UpdatedAt = instantPtr(next), instantPtr(committed), instant(due),
		instant(created), instant(updated)
	if p.Watch = instantPtr(watch); p.State == dam.PubDelivered {
		p.Watch = p.NextAt
	}
	p.complete()
	if progress != "" {
		p.Progress = json.RawMessage(progress)
	}
	if flight != "" {
		p.Payload = json.RawMessage(flight)
	}
	return p, err
}

// complete fills in what follows from other members.
func (p *LedgerRow) complete() {
	p.Locale, p.Approval = p.Language, "approved"
	if p.Several() {
		return
	}
	p.Files = []dam.PostFile{{Asset: p.Asset, Alt: p.Alt}}
	if len(p.Presets) == 1 {
		p.Files[0].Preset = p.Presets[0]
	}
}

// Lanes of a channel's queue: what may be held, what looks up and takes back, what is held.
const (
	SendLane = iota
	ReconcileLane
	heldLane
)

func lane(p *LedgerRow) int {
	switch {
	case p.State == dam.PubPlanned && p.Held:
		return heldLane
	case p.State == dam.PubPlanned || p.State == dam.PubLeased || p.State == dam.PubPreparing:
		return SendLane
	}
	return ReconcileLane
}

// values are a row's columns as ledgerColumns and then lane have them.
func (p *LedgerRow) values() []any {
	return []any{p.ID, p.Library, p.Channel, p.Asset, p.Revision, p.Sent, string(p.State), microsPtr(p.NextAt),
		p.Origin, asJSON{p.Presets}, p.Caption, micros(p.At), p.Zone, p.Version, p.ApprovedBy, p.Attempts,
		asJSON{p.Problem}, asJSON{p.Receipt}, p.Withdrawn, p.ByHand, asNote{&p.Reason, &p.Reasons}, p.Owner, p.Token,
		string(p.Progress),
		string(p.Payload), p.Digest, microsPtr(p.Committed), p.steps, micros(p.CreatedAt), p.CreatedBy,
		micros(p.UpdatedAt),
		p.Held, p.Campaign, p.Series, asJSON{p.Post}, p.Trace, microsPtr(p.watched()), p.several(),
		microsPtr(p.Ends), lane(p)}
}

// several is the column of the files of a publication of several.
func (p *LedgerRow) several() any {
	if !p.Several() {
		return nil
	}
	return asJSON{p.Files}
}

// watched is when the publication has to be looked at for what it shows, apart from NextAt.
func (p *LedgerRow) watched() *time.Time {
	switch p.State {
	case dam.PubDelivered, dam.PubRecalling, dam.PubManual, dam.PubRecalled, dam.PubCancelled:
		return nil
	}
	if p.Receipt == nil || p.Receipt.Gone != nil || p.Withdrawn {
		return nil
	}
	return p.Watch
}

// InsertPublication stores a new row of the ledger with its first step.
func (s PublicationsTx) InsertPublication(ctx context.Context, p *LedgerRow, why reasons.Reason) error {
	p.CreatedAt, p.UpdatedAt, p.CreatedBy = s.tx.now, s.tx.now, s.tx.actor.ID
	if p.Presets == nil {
		p.Presets = []string{}
	}
	p.steps, p.Trace = 1, s.tx.cause
	p.complete()
	if err := insertRows(ctx, s.tx, `INSERT INTO publications(`+ledgerColumns+`,lane) VALUES `, [][]any{p.values()},
		""); err != nil {
		return err
	}
	if p.Several() {
		rows := make([][]any, 0, len(p.Files))
		for _, f := range p.Files {
			if f.Asset != p.Asset {
				rows = append(rows, []any{p.ID, f.Asset})
			}
		}
		if err := insertRows(ctx, s.tx, `INSERT INTO publication_files(publication_id,asset_id) VALUES `, rows,
			` ON CONFLICT DO NOTHING`); err != nil {
			return err
		}
	}
	return s.tx.writeSteps(ctx, []ledgerStep{{*p, why}})
}

// LockPublication returns a row of the ledger and holds it until the commit; an empty library means any.
func (s PublicationsTx) LockPublication(ctx context.Context, library, id string) (LedgerRow, error) {
	return s.tx.publication(ctx, library, id, s.tx.forUpdate())
}

// Publication returns a row of the ledger; an empty library means any.
func (s Publications) Publication(ctx context.Context, library, id string) (LedgerRow, error) {
	return s.db.publication(ctx, library, id, "")
}

func (c Conn) publication(ctx context.Context, library, id, suffix string) (LedgerRow, error) {
	seen, args := c.withinFiles(ctx, library, []any{id, library})
	p, err := one(ctx, c, scanLedger,
		`SELECT `+ledgerColumns+` FROM publications WHERE id=$1 AND (library=$2 OR $2='')`+seen+suffix, args...)
	return oneOr(p, err, "publication", id)
}

// withinFiles is within for publications: each of their files has to be visible.
func (c Conn) withinFiles(ctx context.Context, library string, args []any) (string, []any) {
	first, args := c.within(ctx, library, "publications.asset_id", args)
	if first == "" {
		return "", args
	}
	others, args := c.within(ctx, library, "f.asset_id", args)
	return first + ` AND NOT EXISTS (SELECT 1 FROM publication_files f WHERE f.publication_id=publications.id
		AND NOT (true` + others + `))`, args
}

// LockPublications is LockPublication for many, in the order of their ids; missing ones are left out.
func (s PublicationsTx) LockPublications(ctx context.Context, ids []string) ([]LedgerRow, error) {
	in, args := inList(ids, 1)
	return all(ctx, s.db, scanLedger, `SELECT `+ledgerColumns+` FROM publications WHERE id IN `+in+` ORDER BY id`+
		s.tx.forUpdate(), args...)
}

// ledgerStep is a line of a publication's ledger, with the row as it was then.
type ledgerStep struct {
	LedgerRow
	why reasons.Reason
}

// batched is what a transaction has yet to write in the ledger.
type batched struct {
	rows  []LedgerRow
	at    map[string]int // in rows, by id
	steps []ledgerStep
}

// BeginBatch makes the transaction keep what it saves in the ledger until FlushBatch or its
// end, and write it together then. Its own statements don't see it before.
func (s PublicationsTx) BeginBatch() { s.tx.batched = &batched{at: map[string]int{}} }

// FlushBatch writes what has been gathered.
func (s PublicationsTx) FlushBatch(ctx context.Context) error {
	g := s.tx.batched
	if g == nil || len(g.rows) == 0 {
		return nil
	}
	s.BeginBatch()
	if err := s.tx.saveRows(ctx, g.rows); err != nil {
		return err
	}
	return s.tx.writeSteps(ctx, g.steps)
}

// saveRows writes rows that are there and held: an insert that always conflicts is an
// update of many rows in both dialects.
func (tx *Tx) saveRows(ctx context.Context, list []LedgerRow) error {
	rows := make([][]any, len(list))
	for i := range list {
		rows[i] = list[i].values()
	}
	return insertRows(ctx, tx, `INSERT INTO publications(`+ledgerColumns+`,lane) VALUES `, rows, overwriteLedger)
}

const overwriteLedger = ` ON CONFLICT(id) DO UPDATE SET revision=excluded.revision,sent=excluded.sent,state=excluded.state,lane=excluded.lane,next_at=excluded.next_at,presets=excluded.presets,caption=excluded.caption,
	due_at=excluded.due_at,zone=excluded.zone,version_id=excluded.version_id,approved_by=excluded.approved_by,attempts=excluded.attempts,problem=excluded.problem,receipt=excluded.receipt,withdrawn=excluded.withdrawn,
	by_hand=excluded.by_hand,reason=excluded.reason,lease_owner=excluded.lease_owner,lease_token=excluded.lease_token,progress=excluded.progress,digest=excluded.digest,committed_at=excluded.committed_at,
	updated_at=excluded.updated_at,origin=excluded.origin,flight=excluded.flight,steps=excluded.steps,held=excluded.held,campaign_id=excluded.campaign_id,post=excluded.post,trace=excluded.trace,watch_at=excluded.watch_at,ends_at=excluded.ends_at`

// insertRows runs an insert of many rows, in parts that every server takes.
func insertRows(ctx context.Context, tx *Tx, head string, rows [][]any, tail string) error {
	for part := range slices.Chunk(rows, 500) {
		var q strings.Builder
		q.WriteString(head)
		var args []any
		for i, r := range part {
			placeholders(&q, i, len(r))
			args = append(args, r...)
		}
		q.WriteString(tail)
		if _, err := tx.exec(ctx, q.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

// SavePublication writes a row the transaction holds.
func (s PublicationsTx) SavePublication(ctx context.Context, p *LedgerRow) error {
	p.UpdatedAt = s.tx.now
	p.complete()
	if g := s.tx.batched; g != nil {
		i, ok := g.at[p.ID]
		if !ok {
			i = len(g.rows)
			g.at[p.ID], g.rows = i, append(g.rows, LedgerRow{})
		}
		g.rows[i] = *p
		return nil
	}
	return s.tx.saveRows(ctx, []LedgerRow{*p})
}

// SaveStep is SavePublication with a line of the publication's ledger: the state it
// is in now, and why.
func (s PublicationsTx) SaveStep(ctx context.Context, p *LedgerRow, why reasons.Reason) error {
	p.steps++
	if p.State == dam.PubPlanned && s.tx.cause != "" {
		p.Trace = s.tx.cause
	}
	if err := s.SavePublication(ctx, p); err != nil {
		return err
	}
	if g := s.tx.batched; g != nil {
		g.steps = append(g.steps, ledgerStep{*p, why})
		return nil
	}
	return s.tx.writeSteps(ctx, []ledgerStep{{*p, why}})
}

func (tx *Tx) writeSteps(ctx context.Context, list []ledgerStep) error {
	rows := make([][]any, len(list))
	for i, s := range list {
		rows[i] = []any{s.ID, s.steps, micros(tx.now), string(s.State), s.Revision, asReason{&list[i].why}, tx.actor.ID}
	}
	return insertRows(ctx, tx, `INSERT INTO publication_steps(publication_id,n,at,state,revision,note,by_id) VALUES `,
		rows, "")
}

// PublicationSteps returns a publication's ledger, oldest first.
func (in Publications) PublicationSteps(ctx context.Context, id string) ([]dam.PublicationStep, error) {
	return all(ctx, in.db, func(r row) (s dam.PublicationStep, err error) {
		var at int64
		err = r.Scan(&at, (*string)(&s.State), &s.Revision, asNote{&s.Note, &s.NoteReasons}, &s.By)
		s.At = instant(at)
		return
	}, `SELECT at,state,revision,note,by_id FROM publication_steps WHERE publication_id=$1 ORDER BY n`, id)
}

// List returns a page of a library's publications, newest first.
func (s Publications) List(ctx context.Context, library string, f dam.PublicationFilter) ([]LedgerRow, error) {
	where, args := []string{"library=$1"}, []any{library}
	add := func(condition string, v any) {
		args = append(args, v)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.Asset != "" {
		add(ofAsset, f.Asset)
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
	seen, args := s.db.withinFiles(ctx, library, args)
	args = append(args, f.Limit)
	return all(ctx, s.db, scanLedger, `SELECT `+ledgerColumns+` FROM publications WHERE `+strings.Join(where, " AND ")+
		seen+fmt.Sprintf(` ORDER BY id DESC LIMIT $%d`, len(args)), args...)
}

// FailedLast reports whether the last n publications of a channel that came to an end all failed.
func (s PublicationsTx) FailedLast(ctx context.Context, channel string, n int) (bool, error) {
	states, err := all(ctx, s.tx.Conn, value[string], `SELECT state FROM publications WHERE channel_id=$1 AND due_at<=$2
		AND state IN ('failed','delivered') ORDER BY due_at DESC LIMIT $3`, channel, micros(s.tx.now), n)
	return len(states) == n && !slices.Contains(states, string(dam.PubDelivered)), err
}

// ofAsset is the condition that a publication has an asset among its files.
const ofAsset = `(publications.asset_id=$%[1]d
	OR publications.id IN (SELECT publication_id FROM publication_files WHERE asset_id=$%[1]d))`

// LockPublicationsOf returns the publications that have an asset among their files, oldest first, and holds them until
// the commit.
func (s PublicationsTx) LockPublicationsOf(ctx context.Context, asset string) ([]LedgerRow, error) {
	return all(ctx, s.db, scanLedger, `SELECT `+ledgerColumns+` FROM publications WHERE `+fmt.Sprintf(ofAsset, 1)+
		` ORDER BY id`+s.tx.forUpdate(), asset)
}

// Beside returns the assets that are in open publications together with some assets, these left out.
func (s Publications) Beside(ctx context.Context, assets ...string) ([]string, error) {
	in, args := inList(assets, 1)
	const open = ` AND p.state NOT IN ('recalled','cancelled')`
	of := `p.asset_id IN ` + in + ` OR p.id IN (SELECT publication_id FROM publication_files WHERE asset_id IN ` + in + `)`
	return all(ctx, s.db, value[string], `SELECT f.asset_id FROM publications p JOIN publication_files f
		ON f.publication_id=p.id WHERE (`+of+`)`+open+` AND f.asset_id NOT IN `+in+`
		UNION SELECT p.asset_id FROM publications p JOIN publication_files f ON f.publication_id=p.id
		WHERE (`+of+`)`+open+` AND p.asset_id NOT IN `+in, args...)
}

// Further returns the assets of publications but those of their first files, with their libraries.
func (s Publications) Further(ctx context.Context, publications []string) (map[string]string, error) {
	in, args := inList(publications, 1)
	type found struct{ asset, library string }
	list, err := all(ctx, s.db, func(r row) (f found, err error) {
		err = r.Scan(&f.asset, &f.library)
		return
	}, `SELECT f.asset_id, p.library FROM publication_files f JOIN publications p ON p.id=f.publication_id
		WHERE p.id IN `+in, args...)
	out := make(map[string]string, len(list))
	for _, f := range list {
		out[f.asset] = f.library
	}
	return out, err
}

// PublicationsOnChannel counts the channel's publications that are not closed, and of these those with a receipt.
func (s Publications) PublicationsOnChannel(ctx context.Context, channel string) (open, live int, err error) {
	type counts struct{ open, live int }
	n, err := one(ctx, s.db, func(r row) (n counts, err error) {
		err = r.Scan(&n.open, &n.live)
		return
	},
		`SELECT count(*), COALESCE(sum(CASE WHEN receipt IS NULL THEN 0 ELSE 1 END),0) FROM publications WHERE channel_id=$1 AND state NOT IN ('recalled','cancelled')`, channel)
	return n.open, n.live, err
}

// Claim asks for up to Limit rows of one channel's lane that are due Now, as leases of Owner Until a time.
type Claim struct {
	Channel    string
	Lane       int // SendLane or SettleLane
	Owner      string
	Now, Until time.Time
	Limit      int
}

// ClaimPublications leases rows, oldest due first. A row whose lease ran out is due again: one that was being sent
// comes back as unknown.
func (s PublicationsTx) ClaimPublications(ctx context.Context, c Claim) ([]LedgerRow, error) {
	return s.tx.claim(ctx, c, "")
}

// ClaimHeldPublications is ClaimPublications of the settling lane while the server holds: lookups, and those recalls
// that a person has asked for since an instant.
func (s PublicationsTx) ClaimHeldPublications(ctx context.Context, c Claim, since time.Time) ([]LedgerRow, error) {
	c.Lane = ReconcileLane
	return s.tx.claim(ctx, c,
		` AND (state<>'recalling' OR EXISTS (SELECT 1 FROM publication_steps s WHERE s.publication_id=publications.id AND s.state='recalling' AND s.at>=$7 AND s.by_id<>$8))`,
		micros(since), dam.SystemID)
}

func (tx *Tx) claim(ctx context.Context, c Claim, also string, args ...any) ([]LedgerRow, error) {
	args = append([]any{c.Channel, c.Lane, micros(c.Now), c.Limit, c.Owner, micros(c.Until)}, args...)
	lock := ""
	if tx.pg {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	rows, err := all(ctx, tx.Conn, scanLedger,
		`WITH picked AS MATERIALIZED (SELECT id FROM publications WHERE channel_id=$1 AND lane=$2 AND next_at<=$3`+also+
			` ORDER BY next_at,id LIMIT $4`+lock+`)
		UPDATE publications SET lease_owner=$5,lease_token=lease_token+1,next_at=$6,
			state=CASE state WHEN 'planned' THEN 'leased' WHEN 'preparing' THEN 'leased' WHEN 'committing' THEN 'unknown' ELSE state END
		WHERE id IN (SELECT id FROM picked) RETURNING `+ledgerColumns, args...)
	slices.SortFunc(rows, func(a, b LedgerRow) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return rows, err
}

// Watched returns publications that have to be looked at for what they show, and when the next one has to be; nil for
// none.
func (s Publications) Watched(ctx context.Context, now time.Time, limit int) (due []string, next *time.Time,
	err error) {
	at, err := one(ctx, s.db, value[*int64], `SELECT min(watch_at) FROM publications WHERE watch_at IS NOT NULL`)
	if err != nil || at == nil || *at > micros(now) {
		return nil, instantPtr(at), err
	}
	due, err = all(ctx, s.db, value[string],
		`SELECT id FROM publications WHERE watch_at IS NOT NULL AND watch_at<=$1 ORDER BY watch_at,id LIMIT $2`,
		micros(now), limit)
	return due, nil, err
}

// Questionable returns publications that are due and nobody's, were planned before an instant, and that no person has
// touched since: of a catalogue that began as a copy then, those that the other one may have sent.
func (s Publications) Questionable(ctx context.Context, since, now time.Time, limit int) ([]string, error) {
	return all(ctx, s.db, value[string],
		`SELECT id FROM publications p WHERE state IN ('planned','leased','preparing') AND due_at<=$2 AND created_at<$1 AND (lease_owner='' OR next_at<=$2)
		AND NOT EXISTS (SELECT 1 FROM publication_steps s WHERE s.publication_id=p.id AND s.at>=$1 AND s.by_id<>$3) ORDER BY id LIMIT $4`,
		micros(since), micros(now), dam.SystemID, limit)
}

// Redate makes due now what was planned before an instant, and was said to be sent after it.
func (s PublicationsTx) Redate(ctx context.Context, since, now time.Time) error {
	_, err := s.tx.exec(ctx,
		`UPDATE publications SET due_at=$2, next_at=$2 WHERE state='planned' AND lane=$3 AND created_at<$1 AND due_at>=$1 AND due_at<=$2`, micros(since), micros(now), SendLane)
	return err
}

// ExtendLeases renews the leases an owner still holds and returns the ids and tokens of
// those. It passes over rows that are being written: whoever waits here could keep
// somebody else waiting, and their turn comes again well before their lease ends.
func (s PublicationsTx) ExtendLeases(ctx context.Context, owner string, until time.Time) (map[string]int64, error) {
	type lease struct {
		id    string
		token int64
	}
	lock := ""
	if s.tx.pg {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	const mine = ` FROM publications WHERE lease_owner=$1 AND lease_owner<>'' AND next_at IS NOT NULL`
	if _, err := s.tx.exec(ctx, `UPDATE publications SET next_at=$2 WHERE id IN (SELECT id`+mine+lock+`)`, owner,
		micros(until)); err != nil {
		return nil, err
	}
	list, err := all(ctx, s.db, func(r row) (l lease, err error) {
		err = r.Scan(&l.id, &l.token)
		return
	}, `SELECT id,lease_token`+mine, owner)
	held := make(map[string]int64, len(list))
	for _, l := range list {
		held[l.id] = l.token
	}
	return held, err
}

// ErasePublications forgets the ledger lines of an asset's publications, their texts, and the drafts that have it.
func (s PublicationsTx) ErasePublications(ctx context.Context, asset string) error {
	rows, err := s.LockPublicationsOf(ctx, asset)
	if err != nil {
		return err
	}
	for _, p := range rows {
		if !p.Several() {
			continue
		}
		for i, f := range p.Files {
			if f.Asset == asset {
				p.Files[i].Alt = ""
			}
		}
		if _, err := s.tx.exec(ctx, `UPDATE publications SET caption='', files=$2 WHERE id=$1`, p.ID,
			asJSON{p.Files}); err != nil {
			return err
		}
	}
	for _, q := range []string{
		`UPDATE publication_steps SET note='' WHERE publication_id IN (SELECT id FROM publications WHERE asset_id=$1
			UNION SELECT publication_id FROM publication_files WHERE asset_id=$1)`,
		`UPDATE publications SET caption='', reason='', problem=NULL WHERE asset_id=$1
			OR id IN (SELECT publication_id FROM publication_files WHERE asset_id=$1)`,
		`DELETE FROM asset_recalls WHERE asset_id=$1`,
		`DELETE FROM drafts WHERE id IN (SELECT draft_id FROM draft_assets WHERE asset_id=$1)`,
		// what a draft that has another asset now said of this one
		`DELETE FROM draft_revisions WHERE post LIKE '%'||$1||'%'`,
	} {
		if _, err := s.tx.exec(ctx, q, asset); err != nil {
			return err
		}
	}
	return nil
}

// LatestPublication returns the newest publication of an asset on a channel; nil when there is none.
func (s Publications) LatestPublication(ctx context.Context, channel, asset string) (*LedgerRow, error) {
	p, err := one(ctx, s.db, scanLedger,
		`SELECT `+ledgerColumns+` FROM publications WHERE asset_id=$1 AND channel_id=$2 ORDER BY id DESC LIMIT 1`,
		asset, channel)
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	return &p, err
}
