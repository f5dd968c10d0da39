package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// ChannelRow is a channel with what only the publishing service uses.
type ChannelRow struct {
	dam.Channel
	// Sealed holds the channel's secrets by name, each sealed.
	Sealed map[string]string
	Paused bool
	// Capabilities is what the channel's kind can do, in the format of that kind.
	Capabilities json.RawMessage
	// Scan is the number of the last asset that was checked against the rule; nil if all have been.
	Scan    *int64
	Deleted bool
	// Quota is the remaining quota reported by the remote; nil if it reported none.
	Quota *Quota
	// Throttled is how often in a row the remote has asked to wait.
	Throttled int
}

// Quota is how much an account may still send until an instant, as reported by the remote at another.
type Quota struct {
	Left  int       `json:"left"`
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
}

const channelColumns = `id,library,revision,name,kind,config,secrets,territories,rule,health,health_note,paused,held_until,identity,capabilities,scan_after,created_at,created_by,updated_at,deleted_at,schedule,quota,throttled`

func scanChannel(r row) (c ChannelRow, err error) {
	var config, capabilities string
	var held, created, updated int64
	var deleted *int64
	err = r.Scan(&c.ID, &c.Library, &c.Revision, &c.Name, &c.Kind, &config, asJSON{&c.Sealed}, asJSON{&c.Territories},
		asJSON{&c.Rule}, (*string)(&c.Health), asNote{&c.HealthNote, &c.HealthReasons}, &c.Paused, &held,
		asJSON{&c.Identity}, &capabilities, &c.Scan, &created, &c.CreatedBy, &updated, &deleted, asJSON{&c.Schedule},
		asJSON{&c.Quota}, &c.Throttled)
	c.Config, c.Capabilities = json.RawMessage(config), json.RawMessage(capabilities)
	c.CreatedAt, c.UpdatedAt, c.Deleted = instant(created), instant(updated), deleted != nil
	if held > 0 {
		t := instant(held)
		c.HeldUntil = &t
	}
	c.Secrets = []string{}
	for name := range c.Sealed {
		c.Secrets = append(c.Secrets, name)
	}
	slices.Sort(c.Secrets)
	return c, err
}

// List returns a library's channels by name; an empty library means all.
func (s Channels) List(ctx context.Context, library string) ([]ChannelRow, error) {
	return all(ctx, s.db, scanChannel,
		`SELECT `+channelColumns+` FROM channels WHERE deleted_at IS NULL AND (library=$1 OR $1='') ORDER BY name,id`,
		library)
}

// Channel returns a channel, including a removed one; an empty library means any.
func (s Channels) Channel(ctx context.Context, library, id string) (ChannelRow, error) {
	return s.db.channel(ctx, library, id, "")
}

// LockChannel returns a channel and locks its row until the commit.
func (s ChannelsTx) LockChannel(ctx context.Context, library, id string) (ChannelRow, error) {
	return s.tx.channel(ctx, library, id, s.tx.forUpdate())
}

func (c Conn) channel(ctx context.Context, library, id, suffix string) (ChannelRow, error) {
	x, err := one(ctx, c, scanChannel, `SELECT `+channelColumns+` FROM channels WHERE id=$1 AND (library=$2 OR $2='')`+
		suffix, id, library)
	return oneOr(x, err, "channel", id)
}

// PutChannel stores a channel and increments its revision. The caller holds the row's lock if the channel exists.
func (s ChannelsTx) PutChannel(ctx context.Context, c *ChannelRow) error {
	c.Revision++
	c.UpdatedAt = s.tx.now
	if c.CreatedBy == "" {
		c.CreatedAt, c.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	var held int64
	if c.HeldUntil != nil {
		held = micros(*c.HeldUntil)
	}
	var deleted *int64
	if c.Deleted {
		deleted = microsPtr(&s.tx.now)
	}
	if c.Sealed == nil {
		c.Sealed = map[string]string{}
	}
	_, err := s.tx.exec(ctx, `INSERT INTO channels(`+channelColumns+
		`,refresh_until) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,0)
		ON CONFLICT(id) DO UPDATE SET revision=excluded.revision,name=excluded.name,config=excluded.config,secrets=excluded.secrets,territories=excluded.territories,rule=excluded.rule,health=excluded.health,
		health_note=excluded.health_note,paused=excluded.paused,held_until=excluded.held_until,identity=excluded.identity,capabilities=excluded.capabilities,scan_after=excluded.scan_after,updated_at=excluded.updated_at,deleted_at=excluded.deleted_at,schedule=excluded.schedule,quota=excluded.quota`,
		c.ID, c.Library, c.Revision, c.Name, c.Kind, string(c.Config), asJSON{c.Sealed}, asJSON{c.Territories},
		asJSON{c.Rule}, string(c.Health), asNote{&c.HealthNote, &c.HealthReasons}, c.Paused, held,
		asJSON{c.Identity}, string(c.Capabilities), c.Scan, micros(c.CreatedAt), c.CreatedBy, micros(c.UpdatedAt),
		deleted, asJSON{c.Schedule}, asJSON{c.Quota}, c.Throttled)
	return err
}

// SetChannelHealth records the health of a channel without incrementing its revision, and reports whether it changed,
// or why it is degraded.
func (s ChannelsTx) SetChannelHealth(ctx context.Context, channel string, h dam.Health, why []reasons.Reason) (bool,
	error) {
	n, err := s.tx.exec(ctx,
		`UPDATE channels SET health=$2,health_note=$3 WHERE id=$1 AND (health<>$2 OR health='degraded' AND health_note<>$3)`, channel,
		string(h), asReasons{&why})
	return n == 1, err
}

// ThrottleChannel delays all sending until an instant because the remote asks to wait for the n-th time in a row; an
// earlier instant than the current one changes nothing.
func (s ChannelsTx) ThrottleChannel(ctx context.Context, channel string, until time.Time, n int) error {
	_, err := s.tx.exec(ctx,
		`UPDATE channels SET held_until=CASE WHEN held_until<$2 THEN $2 ELSE held_until END, throttled=$3 WHERE id=$1`,
		channel, micros(until), n)
	return err
}

// Unthrottle records that the remote takes what is sent to it again.
func (s ChannelsTx) Unthrottle(ctx context.Context, channel string) error {
	_, err := s.tx.exec(ctx, `UPDATE channels SET throttled=0 WHERE id=$1 AND throttled<>0`, channel)
	return err
}

// SetSecrets replaces the given sealed secrets of a channel; others stay.
func (s ChannelsTx) SetSecrets(ctx context.Context, channel string, sealed map[string]string) error {
	c, err := s.LockChannel(ctx, "", channel)
	if err != nil {
		return err
	}
	for name, v := range sealed {
		c.Sealed[name] = v
	}
	_, err = s.tx.exec(ctx, `UPDATE channels SET secrets=$2 WHERE id=$1`, channel, asJSON{c.Sealed})
	return err
}

// ClaimRefresh gives one caller at a time the right to refresh a channel's credentials.
func (s ChannelsTx) ClaimRefresh(ctx context.Context, channel string, now, until time.Time) (bool, error) {
	n, err := s.tx.exec(ctx, `UPDATE channels SET refresh_until=$3 WHERE id=$1 AND refresh_until<=$2`, channel,
		micros(now), micros(until))
	return n == 1, err
}

// ExtendRefresh extends a claim; it returns false if the claim is no longer the caller's.
func (s ChannelsTx) ExtendRefresh(ctx context.Context, channel string, until, to time.Time) (bool, error) {
	n, err := s.tx.exec(ctx, `UPDATE channels SET refresh_until=$3 WHERE id=$1 AND refresh_until=$2`, channel,
		micros(until), micros(to))
	return n == 1, err
}

// ReleaseRefresh gives up a claim unless another caller has it by now.
func (s ChannelsTx) ReleaseRefresh(ctx context.Context, channel string, until time.Time) error {
	_, err := s.tx.exec(ctx, `UPDATE channels SET refresh_until=0 WHERE id=$1 AND refresh_until=$2`, channel,
		micros(until))
	return err
}

// SetScan moves the position of a rule's scan of the existing assets; nil ends the scan.
func (s ChannelsTx) SetScan(ctx context.Context, channel string, after *int64) error {
	_, err := s.tx.exec(ctx, `UPDATE channels SET scan_after=$2 WHERE id=$1`, channel, after)
	return err
}

// RecallAsset records that a person recalled an asset from everywhere.
func (s AssetsTx) RecallAsset(ctx context.Context, asset string, why reasons.Reason) error {
	// The transaction may have waited for an approval whose time is later than its own: the recall must not be earlier
	// than any approval.
	_, err := s.tx.exec(ctx,
		`INSERT INTO asset_recalls(asset_id,reason,at,by_id) SELECT $1,$2,CASE WHEN x.last>$3 THEN x.last ELSE $3 END,$4
			FROM (SELECT COALESCE(max(approved_at),0) AS last FROM versions WHERE asset_id=$1) x WHERE true ON CONFLICT(asset_id) DO UPDATE SET reason=excluded.reason, at=excluded.at, by_id=excluded.by_id`,
		asset, asReason{&why}, micros(s.tx.now), s.tx.actor.ID)
	if err == nil {
		err = s.tx.notePublicHistory(ctx, asset)
	}
	return err
}

// Due is when a channel next needs a node.
type Due struct {
	Channel string
	// Send and Reconcile are the earliest instants of the two lanes; nil if nothing is waiting.
	Send, Reconcile *time.Time
	// HeldUntil is the instant before which nothing may be sent.
	HeldUntil time.Time
}

// DueChannels returns when each channel is next due.
func (s Channels) DueChannels(ctx context.Context) ([]Due, error) {
	const lane = `(SELECT min(p.next_at) FROM publications p WHERE p.channel_id=c.id AND p.lane=%d AND p.next_at IS NOT NULL)`
	return all(ctx, s.db, func(r row) (d Due, err error) {
		var send, settle *int64
		var held int64
		err = r.Scan(&d.Channel, &held, &send, &settle)
		d.Send, d.Reconcile, d.HeldUntil = instantPtr(send), instantPtr(settle), instant(held)
		return
	}, `SELECT c.id, CASE WHEN c.paused OR c.health='reconnect' OR l.archived_at IS NOT NULL THEN 9000000000000000
			ELSE c.held_until END, `+fmt.Sprintf(lane, 0)+`, `+fmt.Sprintf(lane, 1)+`
		FROM channels c JOIN libraries l ON l.id=c.library WHERE c.deleted_at IS NULL ORDER BY c.id`)
}

// Scans returns the channels whose rule has not been applied to every asset yet.
func (s Channels) Scans(ctx context.Context) ([]string, error) {
	return all(ctx, s.db, value[string],
		`SELECT c.id FROM channels c JOIN libraries l ON l.id=c.library WHERE c.scan_after IS NOT NULL
			AND c.deleted_at IS NULL AND l.archived_at IS NULL ORDER BY c.id`)
}
