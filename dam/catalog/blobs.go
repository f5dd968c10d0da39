package catalog

import (
	"context"
	"errors"
	"strings"
	"time"

	"vitrine/dam"
)

// Blob is the record of one stored object.
type Blob struct {
	Key    string
	SHA256 string
	Size   int64
	// Sums are the checksums of the object's blocks (storage.Sums); nil if unknown.
	Sums []byte
}

// Pin protects objects from the collector for a while. The caller commits it BEFORE it writes an object, so that the
// collector can't remove the object between the write and the commit that refers to it. Pinning removes an object's
// tombstone.
func (c *Catalog) Pin(ctx context.Context, d time.Duration, blobs ...Blob) error {
	return c.Write(WithoutIdempotencyKey(ctx), func(tx *Tx) error {
		for _, b := range blobs {
			if _, err := tx.exec(ctx, `INSERT INTO blobs(key,sha256,size,pinned_until,created_at) VALUES($1,$2,$3,$4,$5)
				ON CONFLICT(key) DO UPDATE SET pinned_until=CASE WHEN blobs.pinned_until>excluded.pinned_until THEN blobs.pinned_until ELSE excluded.pinned_until END, tombstoned_at=NULL`,
				b.Key, b.SHA256, b.Size, micros(tx.now.Add(d)), micros(tx.now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Attach locks an object's row in the transaction that refers to it, removes its tombstone, and records what is stored.
// With Sums, the bytes have just been verified, so that damage of the object ends; without, known checksums of its
// blocks stay. Attach fails if the row is gone: the object must be written again.
func (s ObjectsTx) Attach(ctx context.Context, b Blob) error {
	n, err := s.tx.exec(ctx,
		`UPDATE blobs SET tombstoned_at=NULL, sums=CASE WHEN $4 THEN $5 WHEN sha256=$2 THEN sums ELSE NULL END, sha256=$2, size=$3 WHERE key=$1`,
		b.Key, b.SHA256, b.Size, b.Sums != nil, b.Sums)
	if err == nil && n == 0 {
		err = errors.New("object " + b.Key + " was collected before it was attached")
	}
	if err == nil {
		err = s.tx.mirror(ctx, b.Key, b.Size)
	}
	if err != nil || b.Sums == nil {
		return err
	}
	// The object was made again with different bytes: update the other renditions that share it.
	if _, err = s.tx.exec(ctx, `UPDATE renditions SET sha256=$2,size=$3 WHERE key=$1 AND sha256<>$2`, b.Key, b.SHA256,
		b.Size); err != nil {
		return err
	}
	source := dam.RepairedByUpload
	if strings.HasPrefix(b.Key, "renditions/") || strings.HasPrefix(b.Key, "copies/") {
		source = dam.RepairedByRendering
	}
	_, err = s.EndDamage(ctx, b, source)
	return err
}

// unreferenced is true for a blob b that no row refers to.
const unreferenced = `NOT EXISTS (SELECT 1 FROM renditions r WHERE r.key=b.key)
	AND NOT EXISTS (SELECT 1 FROM metadata_copies m WHERE m.key=b.key)
	AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.key=b.key)
	AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.sha256=b.sha256 AND b.key LIKE 'originals/%')
	AND NOT EXISTS (SELECT 1 FROM presets p WHERE b.key LIKE 'originals/%' AND p.spec LIKE '%"sha256":"' || b.sha256 || '"%')`

// tombstonePage is how many objects Tombstone examines in one step.
const tombstonePage = 2000

// Tombstone marks every unpinned object that nothing refers to, and returns how many it marked. It reads one page of
// objects at a time and writes only where it found some, because examining millions of objects must not block other
// writers.
func (c *Catalog) Tombstone(ctx context.Context) (marked int64, err error) {
	const free = ` AND b.tombstoned_at IS NULL AND b.pinned_until<$3 AND ` + unreferenced
	for after := ""; ; {
		last, err := one(ctx, c.Conn, value[string],
			`SELECT max(key) FROM (SELECT key FROM blobs WHERE key>$1 ORDER BY key LIMIT $2) AS page HAVING count(*)>0`,
			after, tombstonePage)
		if errors.Is(err, errNoRow) {
			return marked, nil
		}
		if err != nil {
			return marked, err
		}
		n, err := one(ctx, c.Conn, value[int64], `SELECT count(*) FROM blobs b WHERE b.key>$1 AND b.key<=$2`+free,
			after, last, micros(c.Now()))
		if err == nil && n > 0 {
			err = c.Write(ctx, func(tx *Tx) (err error) {
				n, err = tx.exec(ctx,
					`UPDATE blobs SET tombstoned_at=$3 WHERE key IN (SELECT b.key FROM blobs b WHERE b.key>$1 AND b.key<=$2`+free+`)`, after, last, micros(tx.now))
				return err
			})
		}
		if err != nil {
			return marked, err
		}
		marked, after = marked+n, last
	}
}

// Tombstoned returns keys whose tombstone is older than an instant.
func (s Objects) Tombstoned(ctx context.Context, before time.Time, limit int) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT key FROM blobs WHERE tombstoned_at<$1 ORDER BY tombstoned_at LIMIT $2`,
		micros(before), limit)
}

// Collect deletes one tombstoned object: under the lock of its row it checks the references again, then calls remove,
// then deletes the row. It reports whether the object was removed. remove must tolerate a missing object. During a hold
// nothing is removed.
func (c *Catalog) Collect(ctx context.Context, key string, before time.Time,
	remove func(context.Context, string) error) (done bool, err error) {
	err = c.Write(ctx, func(tx *Tx) error {
		done = false
		// The catalogue that this one is a copy of may refer to objects that this one doesn't: they can share a store.
		if hold, err := tx.Epochs().Hold(ctx); err != nil || hold != nil {
			return err
		}
		done, err = tx.collect(ctx, key, before, remove)
		return err
	})
	return done && err == nil, err
}

func (tx *Tx) collect(ctx context.Context, key string, before time.Time,
	remove func(context.Context, string) error) (done bool, err error) {
	free, err := one(ctx, tx.Conn, value[string],
		`SELECT b.key FROM blobs b WHERE b.key=$1 AND b.tombstoned_at<$2 AND b.pinned_until<$3 AND `+unreferenced+
			tx.forUpdate(), key, micros(before), micros(tx.now))
	if errors.Is(err, errNoRow) {
		// The object is referred to again by a row that did not remove the tombstone, or the tombstone has been
		// removed.
		_, err = tx.exec(ctx,
			`UPDATE blobs SET tombstoned_at=NULL WHERE key IN (SELECT b.key FROM blobs b WHERE b.key=$1 AND NOT (`+
				unreferenced+`))`, key)
		return false, err
	}
	if err != nil {
		return false, err
	}
	if err := remove(ctx, free); err != nil {
		return false, err
	}
	if _, err = tx.exec(ctx, `DELETE FROM damage WHERE key=$1`, free); err != nil {
		return false, err
	}
	if _, err = tx.exec(ctx, `DELETE FROM blobs WHERE key=$1`, free); err != nil {
		return false, err
	}
	return true, tx.mirror(ctx, free, 0)
}

// Release makes the unreferenced objects of an original collectable at once, because erasure does not wait, and returns
// their keys.
func (s ObjectsTx) Release(ctx context.Context, sha256 string) ([]string, error) {
	keys, err := all(ctx, s.db, value[string],
		`SELECT b.key FROM blobs b WHERE (b.sha256=$1 OR b.key LIKE $2 OR b.key LIKE $3) AND `+unreferenced, sha256,
		"renditions/"+sha256+"/%", "copies/"+sha256+"/%")
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if _, err := s.tx.exec(ctx, `UPDATE blobs SET tombstoned_at=0, pinned_until=0 WHERE key=$1`, k); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// Blobs returns up to limit objects with a key above after, by key.
func (s Objects) Blobs(ctx context.Context, after string, limit int) ([]Blob, error) {
	return all(ctx, s.db, func(r row) (b Blob, err error) {
		err = r.Scan(&b.Key, &b.SHA256, &b.Size, &b.Sums)
		return
	}, `SELECT key,sha256,size,sums FROM blobs WHERE key>$1 ORDER BY key LIMIT $2`, after, limit)
}

// BlobState reports whether the catalogue has a row for an object, and whether anything refers to it.
func (s Objects) BlobState(ctx context.Context, key string) (known, referenced bool, err error) {
	ref, err := one(ctx, s.db, value[int], `SELECT CASE WHEN `+unreferenced+
		` THEN 0 ELSE 1 END FROM blobs b WHERE b.key=$1`, key)
	if errors.Is(err, errNoRow) {
		return false, false, nil
	}
	return err == nil, ref == 1, err
}
