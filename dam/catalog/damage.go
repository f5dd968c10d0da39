package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// needer is an asset that needs an object.
type needer struct {
	id, library string
	number      int64
}

// needers returns at most 100 assets whose versions, renditions or copies are stored under a key.
func (c Conn) needers(ctx context.Context, key, sha256 string) ([]needer, error) {
	var which string
	args := []any{key}
	switch {
	case strings.HasPrefix(key, "originals/"):
		which, args = `v.sha256=$1`, []any{sha256}
	case strings.HasPrefix(key, "renditions/"):
		which = `v.id IN (SELECT version_id FROM renditions WHERE key=$1)`
	case strings.HasPrefix(key, "copies/"):
		which = `v.id IN (SELECT version_id FROM metadata_copies WHERE key=$1)`
	default:
		return nil, nil
	}
	return all(ctx, c, func(r row) (n needer, err error) {
		err = r.Scan(&n.id, &n.library, &n.number)
		return
	}, `SELECT DISTINCT a.id,a.library,a.number FROM assets a JOIN versions v ON v.asset_id=a.id WHERE `+which+
		` ORDER BY a.id LIMIT 100`, args...)
}

// RecordDamage records that an object differs from its row in the catalogue, and emits an event. news is false if the
// damage is already known or does not count: the catalogue doesn't know the object, or the object is missing and
// nothing refers to it. The caller sets Key, Problem, Detail and FoundBy.
func (s ObjectsTx) RecordDamage(ctx context.Context, d dam.Damage) (news bool, err error) {
	b, err := s.BlobByKey(ctx, d.Key)
	if dam.CodeOf(err) == dam.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if d.Problem == dam.ObjectMissing {
		if _, referenced, err := s.BlobState(ctx, d.Key); err != nil || !referenced {
			return false, err
		}
	}
	n, err := s.tx.exec(ctx,
		`INSERT INTO damage(key,sha256,size,problem,detail,found_by,found_at,state,repaired_at,source) VALUES($1,$2,$3,$4,$5,$6,$7,$8,NULL,'')
		ON CONFLICT(key) DO UPDATE SET sha256=excluded.sha256,size=excluded.size,problem=excluded.problem,detail=excluded.detail,found_by=excluded.found_by,found_at=excluded.found_at,state=excluded.state,repaired_at=NULL,source=''
		WHERE damage.state<>excluded.state`,
		d.Key, b.SHA256, b.Size, string(d.Problem), d.Detail, d.FoundBy, micros(s.tx.now), string(dam.DamageOpen))
	if err != nil || n == 0 {
		return false, err
	}
	return true, s.tx.emitObject(ctx, dam.ObjectDamaged, b, map[string]any{"key": d.Key, "problem": d.Problem,
		"found_by": d.FoundBy})
}

// EndDamage records that an object is intact again, and emits an event. It returns false if no damage was known.
func (s ObjectsTx) EndDamage(ctx context.Context, b Blob, source string) (bool, error) {
	n, err := s.tx.exec(ctx, `UPDATE damage SET state=$2,repaired_at=$3,source=$4 WHERE key=$1 AND state<>$2`, b.Key,
		string(dam.DamageRepaired), micros(s.tx.now), source)
	if err != nil || n == 0 {
		return false, err
	}
	return true, s.tx.emitObject(ctx, dam.ObjectRepaired, b, map[string]any{"key": b.Key, "source": source})
}

// emitObject emits an event about an object for every asset that needs it.
func (tx *Tx) emitObject(ctx context.Context, t dam.EventType, b Blob, data map[string]any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	list, err := tx.needers(ctx, b.Key, b.SHA256)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		tx.Emit(dam.Event{Type: t, Subject: b.SHA256, Data: raw})
	}
	for _, a := range list {
		tx.Emit(dam.Event{Type: t, Library: a.library, Subject: a.id, Asset: a.id, Number: uint32(a.number), Data: raw})
	}
	return nil
}

const damageColumns = `key,sha256,size,problem,detail,found_by,found_at,state,repaired_at,source`

func scanDamage(r row) (d dam.Damage, err error) {
	var found int64
	var repaired *int64
	err = r.Scan(&d.Key, &d.SHA256, &d.Size, (*string)(&d.Problem), &d.Detail, &d.FoundBy, &found, (*string)(&d.State),
		&repaired, &d.Source)
	d.FoundAt, d.RepairedAt = instant(found), instantPtr(repaired)
	return d, err
}

// Damages returns up to limit damages in a state ("" for any) with a key above after, ordered by key, with the assets
// they concern.
func (s Objects) Damages(ctx context.Context, state dam.DamageState, after string, limit int) ([]dam.Damage, error) {
	list, err := all(ctx, s.db, scanDamage,
		`SELECT `+damageColumns+` FROM damage WHERE (state=$1 OR $1='') AND key>$2 ORDER BY key LIMIT $3`,
		string(state), after, limit)
	if err != nil {
		return nil, err
	}
	for i := range list {
		d := &list[i]
		d.Assets = []string{}
		needed, err := s.db.needers(ctx, d.Key, d.SHA256)
		if err != nil {
			return nil, err
		}
		for _, n := range needed {
			d.Assets = append(d.Assets, n.id)
		}
	}
	return list, nil
}

// Damage returns the record of an object's damage; found is false if it was never damaged or the record has expired.
func (s Objects) Damage(ctx context.Context, key string) (d dam.Damage, found bool, err error) {
	d, err = one(ctx, s.db, scanDamage, `SELECT `+damageColumns+` FROM damage WHERE key=$1`, key)
	if errors.Is(err, errNoRow) {
		return d, false, nil
	}
	return d, err == nil, err
}

// AssetDamages returns the open damages of an asset's originals and renditions, by key.
func (s Objects) AssetDamages(ctx context.Context, asset string) ([]dam.Damage, error) {
	return all(ctx, s.db, scanDamage, `SELECT `+damageColumns+` FROM damage WHERE state='damaged' AND (
		key IN (SELECT 'originals/' || substr(sha256,1,2) || '/' || substr(sha256,3,2) || '/' || sha256 FROM versions WHERE asset_id=$1)
		OR key IN (SELECT r.key FROM renditions r JOIN versions v ON v.id=r.version_id WHERE v.asset_id=$1)) ORDER BY key`, asset)
}

// DamageCounts returns how many originals and how many other objects are damaged.
func (s Objects) DamageCounts(ctx context.Context) (originals, others int, err error) {
	type counts struct{ originals, others int }
	n, err := one(ctx, s.db, func(r row) (n counts, err error) {
		err = r.Scan(&n.originals, &n.others)
		return
	},
		`SELECT coalesce(sum(CASE WHEN key LIKE 'originals/%' THEN 1 ELSE 0 END),0), coalesce(sum(CASE WHEN key LIKE 'originals/%' THEN 0 ELSE 1 END),0) FROM damage WHERE state='damaged'`)
	return n.originals, n.others, err
}

// ForgetRepairs deletes damages that were repaired before an instant.
func (s ObjectsTx) ForgetRepairs(ctx context.Context, before time.Time) error {
	_, err := s.tx.exec(ctx, `DELETE FROM damage WHERE state='repaired' AND repaired_at<$1`, micros(before))
	return err
}

// Cover records the checksums of an object that was read whole and found intact. It returns false if the object has
// been replaced meanwhile.
func (s ObjectsTx) Cover(ctx context.Context, b Blob) (bool, error) {
	n, err := s.tx.exec(ctx, `UPDATE blobs SET sums=$3 WHERE key=$1 AND sha256=$2`, b.Key, b.SHA256, b.Sums)
	return n > 0, err
}

// CollectOrphan is Collect for an object that the catalogue doesn't know. The object gets a row and loses it in one
// transaction, so that an object that is not removed stays unknown. During a hold the error is dam.Conflict.
func (c *Catalog) CollectOrphan(ctx context.Context, b Blob, remove func(context.Context, string) error) (done bool,
	err error) {
	err = c.Write(ctx, func(tx *Tx) error {
		done = false
		if hold, err := tx.Epochs().Hold(ctx); err != nil {
			return err
		} else if hold != nil {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.HeldNothingDeleted()}
		}
		if _, err := tx.exec(ctx,
			`INSERT INTO blobs(key,sha256,size,pinned_until,tombstoned_at,created_at) VALUES($1,$2,$3,0,0,$4) ON CONFLICT DO NOTHING`, b.Key, b.SHA256, b.Size, micros(tx.now)); err != nil {
			return err
		}
		done, err = tx.collect(ctx, b.Key, tx.now, remove)
		return err
	})
	return done && err == nil, err
}

// Uncovered returns how many objects have no checksums of their blocks.
func (s Objects) Uncovered(ctx context.Context) (int64, error) {
	return one(ctx, s.db, value[int64], `SELECT count(*) FROM blobs WHERE sums IS NULL AND tombstoned_at IS NULL`)
}
