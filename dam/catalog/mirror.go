package catalog

import (
	"context"
	"errors"
	"time"
)

// The states of the mirror.
const (
	mirrorResumed = "resumed"
	mirrorFilling = "filling"
	mirrorOff     = "off"
)

// MirrorItem is an object whose copy in the mirror may differ from the one in the main store.
type MirrorItem struct {
	Key   string
	n     int64
	Tries int
}

// mirror puts a key into the mirror's queue, in the transaction that changes the object. It does nothing if there is no
// mirror.
func (tx *Tx) mirror(ctx context.Context, key string, size int64) error {
	_, err := tx.exec(ctx,
		`INSERT INTO mirror_queue(key,n,size,since,due,tries,error) SELECT CAST($1 AS TEXT),1,CAST($2 AS BIGINT),CAST($3 AS BIGINT),CAST($3 AS BIGINT),0,'' FROM mirror WHERE id=1 AND state<>'off'
		ON CONFLICT(key) DO UPDATE SET n=mirror_queue.n+1, size=excluded.size, due=excluded.due, tries=0, error=''`,
		key, size, micros(tx.now))
	return err
}

// UseMirror records which mirror is in use, "" for none. A mirror that is new, or was out of use for a while, has to be
// filled.
func (s Mirror) UseMirror(ctx context.Context, location string) error {
	type use struct{ location, state string }
	return s.c.Write(ctx, func(tx *Tx) error {
		was, err := one(ctx, tx.Conn, func(r row) (m use, err error) {
			err = r.Scan(&m.location, &m.state)
			return
		}, `SELECT location,state FROM mirror WHERE id=1`)
		none := errors.Is(err, errNoRow)
		if err != nil && !none {
			return err
		}
		switch {
		case location == "" && (none || was.state == mirrorOff), location == was.location && was.state != mirrorOff &&
			!none:
			return nil
		case location == "":
			if _, err := tx.exec(ctx, `UPDATE mirror SET state='off' WHERE id=1`); err != nil {
				return err
			}
			_, err := tx.exec(ctx, `DELETE FROM mirror_queue`)
			return err
		}
		state := mirrorFilling
		if location == was.location { // it may contain objects deleted meanwhile
			state = mirrorResumed
		}
		if _, err := tx.exec(ctx, `DELETE FROM mirror_queue`); err != nil {
			return err
		}
		_, err = tx.exec(ctx,
			`INSERT INTO mirror(id,location,state,cursor,lease_owner,lease_until) VALUES(1,$1,$2,'','',0)
			ON CONFLICT(id) DO UPDATE SET location=excluded.location, state=excluded.state, cursor='', lease_owner='', lease_until=0`, location, state)
		return err
	})
}

// MirrorSwept records that the objects of a resumed mirror that the catalogue doesn't know are in the queue.
func (s Mirror) MirrorSwept(ctx context.Context) error {
	return s.c.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, `UPDATE mirror SET state='filling' WHERE id=1 AND state='resumed'`)
		return err
	})
}

// FillMirror queues the next objects that were stored before the mirror was in use; more is false if all of them are
// queued.
func (s Mirror) FillMirror(ctx context.Context, limit int) (more bool, err error) {
	err = s.c.Write(ctx, func(tx *Tx) error {
		more = false
		cursor, err := one(ctx, tx.Conn, value[string], `SELECT cursor FROM mirror WHERE id=1 AND state='filling'`+
			tx.forUpdate())
		if errors.Is(err, errNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		page, err := tx.Objects().Blobs(ctx, cursor, limit)
		if err != nil {
			return err
		}
		for _, b := range page {
			// Objects already queued, which may have failed before, keep their due time.
			if _, err := tx.exec(ctx,
				`INSERT INTO mirror_queue(key,n,size,since,due,tries,error) VALUES($1,1,$2,$3,$3,0,'') ON CONFLICT DO NOTHING`, b.Key, b.Size, micros(tx.now)); err != nil {
				return err
			}
			cursor = b.Key
		}
		if len(page) == 0 {
			_, err = tx.exec(ctx, `UPDATE mirror SET state='on', cursor='' WHERE id=1`)
			return err
		}
		more = true
		_, err = tx.exec(ctx, `UPDATE mirror SET cursor=$1 WHERE id=1`, cursor)
		return err
	})
	return more, err
}

// QueueMirror puts into the queue keys of objects that have no row.
func (s Mirror) QueueMirror(ctx context.Context, keys ...string) error {
	return s.c.Write(ctx, func(tx *Tx) error {
		for _, k := range keys {
			if err := tx.mirror(ctx, k, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// LeaseMirror gives a node a lease on writing to the mirror; ok is false if another node has it.
func (s Mirror) LeaseMirror(ctx context.Context, owner string, d time.Duration) (ok bool, err error) {
	err = s.c.Write(ctx, func(tx *Tx) error {
		n, err := tx.exec(ctx,
			`UPDATE mirror SET lease_owner=$1, lease_until=$2 WHERE id=1 AND state<>'off' AND (lease_owner=$1 OR lease_until<$3)`, owner, micros(tx.now.Add(d)), micros(tx.now))
		ok = n > 0
		return err
	})
	return ok, err
}

// MirrorDue returns up to limit objects that are due, the longest waiting first.
func (s Mirror) MirrorDue(ctx context.Context, now time.Time, limit int) ([]MirrorItem, error) {
	return all(ctx, s.c.Conn, func(r row) (i MirrorItem, err error) {
		err = r.Scan(&i.Key, &i.n, &i.Tries)
		return
	}, `SELECT key,n,tries FROM mirror_queue WHERE due<=$1 ORDER BY due, key LIMIT $2`, micros(now), limit)
}

// MirrorDone removes objects from the queue unless they have changed again meanwhile.
func (s Mirror) MirrorDone(ctx context.Context, items ...MirrorItem) error {
	return s.c.Write(ctx, func(tx *Tx) error {
		for _, i := range items {
			if _, err := tx.exec(ctx, `DELETE FROM mirror_queue WHERE key=$1 AND n=$2`, i.Key, i.n); err != nil {
				return err
			}
		}
		return nil
	})
}

// MirrorFailed records a failure and keeps the object in the queue until due.
func (s Mirror) MirrorFailed(ctx context.Context, i MirrorItem, due time.Time, cause string) error {
	return s.c.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, `UPDATE mirror_queue SET tries=tries+1, due=$3, error=$4 WHERE key=$1 AND n=$2`, i.Key,
			i.n, micros(due), cause)
		return err
	})
}

// MirrorLag says how far the mirror is behind the main store.
type MirrorLag struct {
	Location string
	Objects  int64 // that differ or may differ
	Bytes    int64
	Oldest   *time.Time // since when the longest waiting object has waited
	Failing  int64      // objects whose last copy or deletion failed
	Error    string     // of one of those
	Filling  bool       // objects stored before the mirror was in use are still being queued
	Resumed  bool       // objects deleted while the mirror was out of use are still being queued as well
}

// MirrorLag returns the mirror's lag, or nil if no mirror is in use.
func (s Mirror) MirrorLag(ctx context.Context) (*MirrorLag, error) {
	m, err := one(ctx, s.c.Conn, func(r row) (m MirrorLag, err error) {
		var state string
		err = r.Scan(&m.Location, &state)
		m.Resumed = state == mirrorResumed
		m.Filling = m.Resumed || state == mirrorFilling
		return
	}, `SELECT location,state FROM mirror WHERE id=1 AND state<>'off'`)
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = one(ctx, s.c.Conn, func(r row) (_ struct{}, err error) {
		var oldest *int64
		err = r.Scan(&m.Objects, &m.Bytes, &oldest, &m.Failing, &m.Error)
		m.Oldest = instantPtr(oldest)
		return
	},
		`SELECT count(*), CAST(coalesce(sum(size),0) AS BIGINT), min(since), CAST(coalesce(sum(CASE WHEN tries>0 THEN 1 ELSE 0 END),0) AS BIGINT), coalesce(max(error),'') FROM mirror_queue`)
	return &m, err
}
