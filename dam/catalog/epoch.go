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
	// Expected is the epoch that the caller wants to replace: if another has begun meanwhile, nothing happens. Empty
	// means any.
	Expected string
	Reason   dam.EpochReason
	// BackupAt is when the copy now in use was made; nil if unknown.
	BackupAt *time.Time
	// By is who declared the epoch, and Note why; both are set with dam.EpochDeclared.
	By, Note string
	// Home is the database's identity from now on; if empty, the next server that starts sets it.
	Home string
}

// firstEpoch gives the log its first epoch if it has none.
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

// BeginEpoch begins a new epoch of the log and a hold on everything that leaves the server, in one transaction. If
// several nodes call it with the same Expected, one of them succeeds: began is false for the others. The log gets an
// event, so that it differs at once from every other copy of it.
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
		// A trigger may have removed the hold again, and without a hold everything would be sent.
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

// emitEverywhere emits an event in every library, for what concerns the whole server.
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

// EpochOf returns the id of the log's current epoch.
func (s Epochs) EpochOf(ctx context.Context) (string, error) {
	return one(ctx, s.db, value[string], `SELECT epoch FROM log_head WHERE id=1`)
}

// List returns the log's epochs, oldest first.
func (s Epochs) List(ctx context.Context) ([]dam.Epoch, error) {
	return all(ctx, s.db, scanEpoch, `SELECT `+epochColumns+` FROM epochs ORDER BY from_seq, id`)
}

// Epoch returns the log's current epoch.
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

// Position returns the position of the newest event of the log, for others to remember.
func (s Epochs) Position(ctx context.Context) (dam.LogPosition, error) {
	return one(ctx, s.db, func(r row) (p dam.LogPosition, err error) {
		err = r.Scan(&p.Epoch, &p.Seq, &p.Event)
		return
	}, `SELECT h.epoch, h.seq, COALESCE(e.id,'') FROM log_head h LEFT JOIN events e ON e.seq=h.seq WHERE h.id=1`)
}

// Confirms reports whether the log has or once had a remembered position. It does not if the epoch is unknown, or if
// the current epoch ends before the seq or has another event at it. Events trimmed since then count as confirmed.
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

// LastActive returns when the catalogue was last used according to its own rows; for a copy, about when it was made. It
// returns nil if it was never used.
func (s Epochs) LastActive(ctx context.Context) (*time.Time, error) {
	at, err := one(ctx, s.db, value[int64],
		`SELECT COALESCE(max(at),0) FROM (SELECT max(at) AS at FROM events UNION ALL SELECT max(seen_at) FROM nodes) used`)
	if err != nil || at == 0 {
		return nil, err
	}
	t := instant(at)
	return &t, nil
}

// Home returns the database's recorded identity and its current one; the latter is empty if it can't be determined.
// backupAt is set if the catalogue is a copy made by a backup.
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

// SetHome records the database's identity unless one is recorded already.
func (s Database) SetHome(ctx context.Context, home string) error {
	return s.c.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, `UPDATE log_head SET home=$1 WHERE id=1 AND home=''`, home)
		return err
	})
}

// identity returns the identity of this database. For a SQLite file it is the inode and birth time, which differ in a
// copy and in a file unpacked from an archive to the same path. For a PostgreSQL database it is the cluster, the
// database, the table and the timeline, which changes with every promotion and point-in-time recovery.
func (c *Catalog) identity(ctx context.Context) (string, error) {
	if !c.pg {
		return fileIdentity(c.path)
	}
	return one(ctx, c.Conn, value[string], `SELECT `+c.home)
}

// unknownPart replaces a part of PostgreSQL's identity that the server doesn't reveal: hosted servers deny some
// functions.
const unknownPart = "-"

// timelinePart is the index of the timeline in PostgreSQL's identity; the identity of a file has fewer parts.
const timelinePart = 3

// identitySQL returns the SQL expression of a PostgreSQL database's identity, made of the parts that the server
// reveals.
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

// SameHome reports whether two identities are of the same database and, if not, whether they differ only in the
// timeline. Parts that are unknown in one of them are ignored.
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

// Hold returns why nothing may leave the server now, or nil if everything may. Every loop that sends something calls it
// first, in the transaction that makes the sending durable if there is one.
//
// On PostgreSQL a promoted server holds from its first transaction, before any node has begun a new epoch.
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

// declared returns who declared an epoch and why, from the event that began it; "" if that event has been trimmed.
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

// RefuseHeld returns the error for changing stored data during a hold (dam.ErrHeld), or nil if there is no hold.
func (s Epochs) RefuseHeld(ctx context.Context) error {
	h, err := s.Hold(ctx)
	if err != nil || h == nil {
		return err
	}
	return dam.HeldError(h)
}

// ReleaseHold ends the hold. epoch is that of the hold that the caller has seen; the error is dam.Conflict if the hold
// is of another epoch or there is none.
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

// HeldChannel counts what a hold keeps one channel from sending.
type HeldChannel struct {
	ID, Name, Kind string
	Capabilities   json.RawMessage // in the format of the channel's kind
	// Asked counts publications that wait for a person's answer, Now those sent upon release, Later those sent at their
	// own time, and Recalls those recalled upon release.
	Asked, Now, Later, Recalls int
}

// HeldChannels returns the counts of every channel of a library that has something to send.
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

// HeldDeliveries counts the webhook deliveries that are waiting.
func (s Epochs) HeldDeliveries(ctx context.Context) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*) FROM webhook_deliveries WHERE next_at IS NOT NULL`)
}

// HeldJobs counts the jobs of a kind that have not ended.
func (s Epochs) HeldJobs(ctx context.Context, kind string) (int, error) {
	return one(ctx, s.db, value[int],
		`SELECT count(*) FROM river_job WHERE kind=$1 AND CAST(state AS TEXT) IN ('available','scheduled','retryable','pending','running')`, kind)
}
