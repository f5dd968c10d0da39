package catalog

import (
	"context"
	"errors"
	"time"
)

// The states of the second store.
const (
	mirrorResumed = "resumed"
	mirrorFilling = "filling"
	mirrorOff     = "off"
)

// MirrorItem is an object whose copy in the second store may differ from the one in the first.
type MirrorItem struct {
	Key   string
	n     int64
	Tries int
}

// mirror puts a key into the queue of the second store, in the transaction that changes the object; it does nothing
// where there is no second store.
func (tx *Tx) mirror(ctx context.Context, key string, size int64) error {
	_, err := tx.exec(ctx,
		`INSERT INTO mirror_queue(key,n,size,since,due,tries,error) SELECT CAST($1 AS TEXT),1,CAST($2 AS BIGINT),CAST($3 AS BIGINT),CAST($3 AS BIGINT),0,'' FROM mirror WHERE id=1 AND state<>'off'
		ON CONFLICT(key) DO UPDATE SET n=mirror_queue.n+1, size=excluded.size, due=excluded.due, tries=0, error=''`,
		key, size, micros(tx.now))
	return err
}

// UseMirror says which second store is in use, "" for none. A store that was not in use until now, or was not for a
// while, is to be filled.
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
		if location == was.location { // it may hold what has been deleted since
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

// MirrorSwept notes that what a resumed second store has and the catalogue doesn't know is in the queue.
func (s Mirror) MirrorSwept(ctx context.Context) error {
	return s.c.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, `UPDATE mirror SET state='filling' WHERE id=1 AND state='resumed'`)
		return err
	})
}

// FillMirror puts the next objects that were stored before the second store was in use into its queue; more is false
// when all are.
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
			// What is queued already, and perhaps has failed, waits for its own time.
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

// QueueMirror puts keys into the queue: of what no record of an object tells.
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

// LeaseMirror makes a node the one that writes to the second store, for a while; false when another is.
func (s Mirror) LeaseMirror(ctx context.Context, owner string, d time.Duration) (ok bool, err error) {
	err = s.c.Write(ctx, func(tx *Tx) error {
		n, err := tx.exec(ctx,
			`UPDATE mirror SET lease_owner=$1, lease_until=$2 WHERE id=1 AND state<>'off' AND (lease_owner=$1 OR lease_until<$3)`, owner, micros(tx.now.Add(d)), micros(tx.now))
		ok = n > 0
		return err
	})
	return ok, err
}

// MirrorDue returns up to limit objects that are due, those that wait longest first.
func (s Mirror) MirrorDue(ctx context.Context, now time.Time, limit int) ([]MirrorItem, error) {
	return all(ctx, s.c.Conn, func(r row) (i MirrorItem, err error) {
		err = r.Scan(&i.Key, &i.n, &i.Tries)
		return
	}, `SELECT key,n,tries FROM mirror_queue WHERE due<=$1 ORDER BY due, key LIMIT $2`, micros(now), limit)
}

// MirrorDone takes objects out of the queue, unless they changed again meanwhile.
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

// MirrorFailed keeps an object in the queue until due.
func (s Mirror) MirrorFailed(ctx context.Context, i MirrorItem, due time.Time, cause string) error {
	return s.c.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, `UPDATE mirror_queue SET tries=tries+1, due=$3, error=$4 WHERE key=$1 AND n=$2`, i.Key,
			i.n, micros(due), cause)
		return err
	})
}

// MirrorLag says how far the second store is behind the first.
type MirrorLag struct {
	Location string
	Objects  int64 // that differ or may
	Bytes    int64
	Oldest   *time.Time // since when the one that has waited longest does
	Failing  int64      // that could not be copied or deleted at the last try
	Error    string     // of one of those
	Filling  bool       // what was stored before is still being counted
	Resumed  bool       // and so is what was deleted while the store was not in use
}

// MirrorLag returns nil when no second store is in use.
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
