package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

// EpochStart says why a new epoch begins.
type EpochStart struct {
	// Expected is the epoch that the caller found wanting: when another has begun meanwhile,
	// nothing happens. Empty means whichever there is.
	Expected string
	Reason   dam.EpochReason
	// BackupAt is when the copy was taken that is in use now; nil when nobody knows.
	BackupAt *time.Time
	// By says who declared it, and Note why, with dam.EpochDeclared.
	By, Note string
	// Home is what the database is known by from now on; empty leaves that to the next server that starts.
	Home string
}

// firstEpoch gives the log its first epoch, once.
func (c *Catalog) firstEpoch(ctx context.Context) error {
	if e, err := one(ctx, c.Conn, value[string], `SELECT epoch FROM log_head WHERE id=1`); err != nil || e != "" {
		return err
	}
	return c.Write(ctx, func(tx *Tx) error {
		id := dam.NewID(dam.EpochPrefix)
		n, err := tx.exec(ctx, `UPDATE log_head SET epoch=$1 WHERE id=1 AND epoch=''`, id)
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO epochs(id,from_seq,at,reason,backup_at) VALUES($1,0,$2,$3,NULL)`, id,
			micros(tx.now), string(dam.EpochFirst))
		return err
	})
}

// BeginEpoch begins a new epoch of the log and holds all that leaves the server, in one
// transaction. Of several nodes that call it with the same Expected, one does it: began is
// false for the others. The log gets an event, so that it differs at once from every other copy of it.
func (c *Catalog) BeginEpoch(ctx context.Context, s EpochStart) (began bool, err error) {
	err = c.Write(ctx, func(tx *Tx) error {
		began = false
		id := dam.NewID(dam.EpochPrefix)
		n, err := tx.exec(ctx,
			`UPDATE log_head SET epoch=$1, home=$2, backup_at=NULL WHERE id=1 AND (epoch=$3 OR $3='')`, id, s.Home,
			s.Expected)
		if err != nil || n == 0 {
			return err
		}
		began = true
		if _, err := tx.exec(ctx,
			`INSERT INTO epochs(id,from_seq,at,reason,backup_at) SELECT $1, seq, $2, $3, $4 FROM log_head WHERE id=1`,
			id, micros(tx.now), string(s.Reason), microsPtr(s.BackupAt)); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `INSERT INTO hold(id,epoch,since,reason,backup_at) VALUES(1,$1,$2,$3,$4)
			ON CONFLICT(id) DO UPDATE SET epoch=excluded.epoch, since=excluded.since, reason=excluded.reason, backup_at=excluded.backup_at`,
			id, micros(tx.now), string(s.Reason), microsPtr(s.BackupAt)); err != nil {
			return err
		}
		// A trigger may have taken it away again, and without it everything is sent.
		if n, err := one(ctx, tx.Conn, value[int64], `SELECT count(*) FROM hold WHERE id=1 AND epoch=$1`,
			id); err != nil {
			return err
		} else if n != 1 {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.HoldRemovedByDatabase()}
		}
		data := map[string]any{"reason": s.Reason, "backup_at": s.BackupAt}
		if s.Reason == dam.EpochDeclared {
			data["by"], data["note"] = s.By, s.Note
		}
		return tx.emitEverywhere(ctx, dam.EpochBegan, id, data)
	})
	return began && err == nil, err
}

// emitEverywhere tells every library of something that concerns the whole server.
func (tx *Tx) emitEverywhere(ctx context.Context, t dam.EventType, subject string, data map[string]any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	libraries, err := tx.Libraries().List(ctx)
	for _, l := range libraries {
		tx.Emit(dam.Event{Type: t, Library: l.ID, Subject: subject, Data: raw})
	}
	return err
}

// EpochOf returns the id of the log's present epoch.
func (s Epochs) EpochOf(ctx context.Context) (string, error) {
	return one(ctx, s.db, value[string], `SELECT epoch FROM log_head WHERE id=1`)
}

// List returns the log's epochs, oldest first.
func (s Epochs) List(ctx context.Context) ([]dam.Epoch, error) {
	return all(ctx, s.db, scanEpoch, `SELECT `+epochColumns+` FROM epochs ORDER BY from_seq, id`)
}

// Epoch returns the log's present epoch.
func (s Epochs) Epoch(ctx context.Context) (dam.Epoch, error) {
	return one(ctx, s.db, scanEpoch,
		`SELECT `+epochColumns+` FROM epochs WHERE id=(SELECT epoch FROM log_head WHERE id=1)`)
}

const epochColumns = `id,from_seq,at,reason,backup_at`

func scanEpoch(r row) (e dam.Epoch, err error) {
	var at int64
	var backup *int64
	err = r.Scan(&e.ID, &e.From, &at, (*string)(&e.Reason), &backup)
	e.At, e.BackupAt = instant(at), instantPtr(backup)
	return e, err
}

// Position returns the newest event of the log as somebody outside should remember it.
func (s Epochs) Position(ctx context.Context) (dam.LogPosition, error) {
	return one(ctx, s.db, func(r row) (p dam.LogPosition, err error) {
		err = r.Scan(&p.Epoch, &p.Seq, &p.Event)
		return
	}, `SELECT h.epoch, h.seq, COALESCE(e.id,'') FROM log_head h LEFT JOIN events e ON e.seq=h.seq WHERE h.id=1`)
}

// Confirms reports whether the log has, or once had, what somebody remembers of it. It has not when the epoch
// is unknown here, or when the present epoch ends before the seq or has another event there. What
// the log has forgotten since is not held against it.
func (s Epochs) Confirms(ctx context.Context, p dam.LogPosition) (bool, error) {
	type answer struct {
		epoch string
		seq   int64
		event string
		known int
	}
	a, err := one(ctx, s.db, func(r row) (a answer, err error) {
		err = r.Scan(&a.epoch, &a.seq, &a.event, &a.known)
		return
	},
		`SELECT h.epoch, h.seq, COALESCE(e.id,''), (SELECT count(*) FROM epochs WHERE id=$1) FROM log_head h LEFT JOIN events e ON e.seq=$2 WHERE h.id=1`, p.Epoch, p.Seq)
	switch {
	case err != nil:
		return false, err
	case a.epoch != p.Epoch:
		return a.known > 0, nil
	}
	return p.Seq <= a.seq && (a.event == "" || p.Event == "" || a.event == p.Event), nil
}

// LastActive returns when the catalogue was last used, as far as it knows itself: of a copy, about when it was made.
// nil when it never was.
func (s Epochs) LastActive(ctx context.Context) (*time.Time, error) {
	at, err := one(ctx, s.db, value[int64],
		`SELECT COALESCE(max(at),0) FROM (SELECT max(at) AS at FROM events UNION ALL SELECT max(seen_at) FROM nodes) used`)
	if err != nil || at == 0 {
		return nil, err
	}
	t := instant(at)
	return &t, nil
}

// Home returns what the database was last known by, and what it is known by now; the latter is empty when
// that can't be told. backupAt is set when the catalogue is the copy that a backup made.
func (s Database) Home(ctx context.Context) (known, now string, backupAt *time.Time, err error) {
	type head struct {
		home   string
		backup *int64
	}
	h, err := one(ctx, s.c.Conn, func(r row) (h head, err error) {
		err = r.Scan(&h.home, &h.backup)
		return
	}, `SELECT home, backup_at FROM log_head WHERE id=1`)
	if err != nil {
		return "", "", nil, err
	}
	now, err = s.c.identity(ctx)
	return h.home, now, instantPtr(h.backup), err
}

// SetHome notes what the database is known by, unless that has been noted already.
func (s Database) SetHome(ctx context.Context, home string) error {
	return s.c.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, `UPDATE log_head SET home=$1 WHERE id=1 AND home=''`, home)
		return err
	})
}

// identity is what this database is known by. Of a SQLite file: its inode and birth, which a copy of it,
// or the same path after an archive was unpacked, has not. Of a PostgreSQL database: the cluster,
// the database, the table and the timeline, which changes with every promotion and recovery to a point in time.
func (c *Catalog) identity(ctx context.Context) (string, error) {
	if !c.pg {
		return fileIdentity(c.path)
	}
	return one(ctx, c.Conn, value[string], `SELECT `+c.home)
}

// unknownPart stands for a part of PostgreSQL's identity that this server doesn't tell: hosted ones refuse some
// functions.
const unknownPart = "-"

// timelinePart is where PostgreSQL's identity has the timeline; a file's is shorter.
const timelinePart = 3

// identitySQL is the expression of a PostgreSQL database's identity, of the parts that the server tells.
func identitySQL(ctx context.Context, c Conn) (string, error) {
	parts := []string{
		`(SELECT CAST(system_identifier AS TEXT) FROM pg_control_system())`,
		`(SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname=current_database())`,
		`COALESCE(CAST(CAST(to_regclass('log_head') AS oid) AS TEXT),'` + unknownPart + `')`,
		`substr(pg_walfile_name(pg_current_wal_lsn()),1,8)`,
	}
	for i, p := range parts {
		_, err := one(ctx, c, value[string], `SELECT `+p)
		var refused *pgconn.PgError
		switch {
		case errors.As(err, &refused):
			parts[i] = `'` + unknownPart + `'`
		case err != nil:
			return "", err
		}
	}
	return strings.Join(parts, ` || '/' || `), nil
}

// SameHome reports whether two identities are of one database, and if not, whether they differ in the timeline only.
// What one of them doesn't tell is not held against the other.
func SameHome(a, b string) (same, timeline bool) {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	if len(x) != len(y) {
		return false, false
	}
	var differ []int
	for i := range x {
		if x[i] != y[i] && x[i] != unknownPart && y[i] != unknownPart {
			differ = append(differ, i)
		}
	}
	return len(differ) == 0, slices.Equal(differ, []int{timelinePart})
}

// Hold returns why nothing may leave the server now; nil when everything may. This is what every loop
// that sends something asks before it does, in the transaction that makes the sending durable where there is one.
//
// On PostgreSQL a promoted server holds from its first transaction on, before any node has begun its epoch.
func (s Epochs) Hold(ctx context.Context) (*dam.Hold, error) {
	now := `''`
	if s.db.pg {
		now = s.db.home
	}
	h, err := one(ctx, s.db, func(r row) (*dam.Hold, error) {
		var since, backup *int64
		var reason *string
		var known, is string
		h := &dam.Hold{}
		if err := r.Scan(&h.Epoch, &since, &reason, &backup, &known, &is); err != nil {
			return nil, err
		}
		if since != nil {
			h.Since, h.Reason, h.BackupAt = instant(*since), dam.EpochReason(*reason), instantPtr(backup)
			return h, nil
		}
		if same, _ := SameHome(known, is); same || known == "" || is == "" {
			return nil, nil
		}
		h.Since, h.Reason = time.Now().UTC().Truncate(time.Microsecond), dam.EpochFailover
		return h, nil
	}, `SELECT l.epoch, h.since, h.reason, h.backup_at, l.home, `+now+
		` FROM log_head l LEFT JOIN hold h ON h.id=1 WHERE l.id=1`)
	if err == nil && h != nil && h.Reason == dam.EpochDeclared {
		h.By, h.Note, err = s.db.declared(ctx, h.Epoch)
	}
	return h, err
}

// declared returns who declared an epoch and why, as the event says that it began with; "" when the log has forgotten
// it.
func (c Conn) declared(ctx context.Context, epoch string) (by, note string, err error) {
	list, err := all(ctx, c, value[string],
		`SELECT data FROM events WHERE seq>(SELECT from_seq FROM epochs WHERE id=$1) AND type=$2 AND subject=$1 ORDER BY seq LIMIT 1`, epoch, string(dam.EpochBegan))
	if err != nil || len(list) == 0 {
		return "", "", err
	}
	var said struct{ By, Note string }
	err = json.Unmarshal([]byte(list[0]), &said)
	return said.By, said.Note, err
}

// RefuseHeld is the error of changing what is stored while the server holds (dam.ErrHeld), nil when nothing is held.
func (s Epochs) RefuseHeld(ctx context.Context) error {
	h, err := s.Hold(ctx)
	if err != nil || h == nil {
		return err
	}
	return dam.HeldError(h)
}

// ReleaseHold lets things go on. epoch is the one whose hold the caller has seen; dam.Conflict when it is another's,
// or when nothing is held.
func (s EpochsTx) ReleaseHold(ctx context.Context, epoch string) error {
	n, err := s.tx.exec(ctx, `DELETE FROM hold WHERE id=1 AND epoch=$1`, epoch)
	if err != nil {
		return err
	}
	if n == 0 {
		return &dam.Error{Code: dam.Conflict, Reason: reasons.HoldNotTheOneSeen()}
	}
	return s.tx.emitEverywhere(ctx, dam.HoldReleased, epoch, map[string]any{})
}

// HeldChannel counts what a hold keeps from leaving by one channel.
type HeldChannel struct {
	ID, Name, Kind string
	Capabilities   json.RawMessage // as the channel's kind writes it
	// Asked wait for a person's answer, Now go out with the release, Later at their time; Recalls are taken back with
	// the release.
	Asked, Now, Later, Recalls int
}

// HeldChannels counts, for every channel of a library with something to send.
func (s Epochs) HeldChannels(ctx context.Context, library string, now time.Time) ([]HeldChannel, error) {
	return all(ctx, s.db, func(r row) (h HeldChannel, err error) {
		var capabilities string
		err = r.Scan(&h.ID, &h.Name, &h.Kind, &capabilities, &h.Asked, &h.Now, &h.Later, &h.Recalls)
		h.Capabilities = json.RawMessage(capabilities)
		return
	}, `SELECT c.id, c.name, c.kind, c.capabilities,
			sum(CASE WHEN p.state='unconfirmed' AND p.problem LIKE '%"class":"restored"%' THEN 1 ELSE 0 END),
			sum(CASE WHEN p.state='planned' AND p.due_at<=$2 THEN 1 ELSE 0 END),
			sum(CASE WHEN p.state='planned' AND p.due_at>$2 THEN 1 ELSE 0 END),
			sum(CASE WHEN p.state='recalling' THEN 1 ELSE 0 END)
		FROM channels c JOIN publications p ON p.channel_id=c.id
		WHERE c.library=$1 AND c.deleted_at IS NULL AND p.state IN ('planned','unconfirmed','recalling')
		GROUP BY c.id, c.name, c.kind, c.capabilities ORDER BY c.name, c.id`, library, micros(now))
}

// HeldDeliveries counts the webhook deliveries that wait.
func (s Epochs) HeldDeliveries(ctx context.Context) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*) FROM webhook_deliveries WHERE next_at IS NOT NULL`)
}

// HeldJobs counts the jobs of a kind that have not ended.
func (s Epochs) HeldJobs(ctx context.Context, kind string) (int, error) {
	return one(ctx, s.db, value[int],
		`SELECT count(*) FROM river_job WHERE kind=$1 AND CAST(state AS TEXT) IN ('available','scheduled','retryable','pending','running')`, kind)
}
