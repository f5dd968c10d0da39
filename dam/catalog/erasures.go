package catalog

import (
	"context"
	"time"
)

// RecordErasure notes that an erasure has been applied to this catalogue.
func (s MaintenanceTx) RecordErasure(ctx context.Context, id, kind, subject string, at time.Time) error {
	_, err := s.tx.exec(ctx, `INSERT INTO erasures(id,kind,subject,at) VALUES($1,$2,$3,$4) ON CONFLICT DO NOTHING`, id,
		kind, subject, micros(at))
	if err != nil {
		return err
	}
	return s.tx.mirror(ctx, "erasures/"+id+".json", 0)
}

// Erased reports whether an erasure has been applied.
func (s Maintenance) Erased(ctx context.Context, id string) (bool, error) {
	n, err := one(ctx, s.db, value[int], `SELECT count(*) FROM erasures WHERE id=$1`, id)
	return n > 0, err
}

// EraseValues deletes the before and after values of every event about an asset, the undo data of bulk jobs, and what
// the list of replaced spellings shows it as the example of. The
// events themselves contain only ids and field names.
func (s MaintenanceTx) EraseValues(ctx context.Context, asset string) error {
	for _, q := range []string{`UPDATE bulk_items SET undo='' WHERE asset_id=$1`,
		`DELETE FROM name_changes WHERE example=$1`} {
		if _, err := s.tx.exec(ctx, q, asset); err != nil {
			return err
		}
	}
	if _, err := s.tx.exec(ctx, `UPDATE bulk_jobs SET report=NULL WHERE report IS NOT NULL AND id IN
		(SELECT bulk_id FROM bulk_items WHERE asset_id=$1)`, asset); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `DELETE FROM event_values WHERE seq IN (SELECT seq FROM events WHERE asset=$1)`, asset)
	return err
}

// EraseUser empties an account: the row stays so that histories keep their ids, but without name, address, password,
// roles or sessions.
func (s MaintenanceTx) EraseUser(ctx context.Context, id string) error {
	for _, q := range []string{
		`DELETE FROM sessions WHERE user_id=$1`,
		`DELETE FROM grants WHERE principal=$1`,
		`DELETE FROM access_grants WHERE holder=$1`,
		`DELETE FROM access_members WHERE member=$1`,
		`DELETE FROM recent_searches WHERE principal=$1`,
		`DELETE FROM saved_searches WHERE owner=$1 AND NOT shared`,
		`DELETE FROM collection_favourites WHERE principal=$1`,
		`DELETE FROM name_changes WHERE example=$1`,
		`UPDATE users SET email='erased '||id, name='Former user', locale='', password='', disabled=true, last_login=NULL WHERE id=$1`,
		`DELETE FROM event_values WHERE seq IN (SELECT seq FROM events WHERE subject=$1)`,
	} {
		if _, err := s.tx.exec(ctx, q, id); err != nil {
			return err
		}
	}
	return nil
}
