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
	"vitrine/dam/canon"
)

// RightsRow is a licence or a consent.
type RightsRow struct {
	dam.Record
	Kind    dam.RecordKind
	Name    string          // the licensor or the person
	Details json.RawMessage // what only its kind has
	// Applies is the revision at which what it allows last changed.
	Applies     int64
	WithdrawnAt *time.Time
	WithdrawnBy string
	// Inherits is set by Of: the asset has it from what it derives from only.
	Inherits bool
}

// RightsPage is a page of licences or consents, newest first.
type RightsPage struct {
	Q        string // a part of the name or number
	Archived bool   // those instead of the others
	After    string // id of the last one of the page before
	Limit    int
}

const rightsColumns = `r.id,r.library,r.kind,r.revision,r.applies,r.name,r.number,r.terms,r.details,r.note,r.withdrawn_at,
	r.withdrawn_by,r.archived_at,r.created_at,r.created_by,r.updated_at`

func (x *RightsRow) dst(created, updated *int64, withdrawn, archived **int64) []any {
	return []any{&x.ID, &x.Library, (*string)(&x.Kind), &x.Revision, &x.Applies, &x.Name, &x.Number, asJSON{&x.Terms},
		asJSON{&x.Details}, &x.Remark, withdrawn, &x.WithdrawnBy, archived, created, &x.CreatedBy, updated}
}

func scanRights(r row) (RightsRow, error) { return scanRightsWith(r) }

// scanRightsWith scans a record and the columns behind it.
func scanRightsWith(r row, more ...any) (x RightsRow, err error) {
	var created, updated int64
	var withdrawn, archived *int64
	err = r.Scan(append(x.dst(&created, &updated, &withdrawn, &archived), more...)...)
	x.WithdrawnAt, x.ArchivedAt = instantPtr(withdrawn), instantPtr(archived)
	x.CreatedAt, x.UpdatedAt = instant(created), instant(updated)
	return x, err
}

// List returns a page of a library's records of a kind.
func (s Rights) List(ctx context.Context, library string, kind dam.RecordKind, p RightsPage) ([]RightsRow, error) {
	args := []any{library, string(kind), p.Limit}
	where := `r.library=$1 AND r.kind=$2 AND r.archived_at IS NULL`
	if p.Archived {
		where = `r.library=$1 AND r.kind=$2 AND r.archived_at IS NOT NULL`
	}
	if p.After != "" {
		args = append(args, p.After)
		where += fmt.Sprintf(` AND r.id<$%d`, len(args))
	}
	for _, word := range strings.Fields(canon.Fold(p.Q)) {
		args = append(args, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word)+"%")
		where += fmt.Sprintf(` AND r.words LIKE $%d ESCAPE '\'`, len(args))
	}
	list, err := all(ctx, s.db, scanRights, `SELECT `+rightsColumns+` FROM rights_records r WHERE `+where+
		` ORDER BY r.id DESC LIMIT $3`, args...)
	if err != nil {
		return nil, err
	}
	return list, s.count(ctx, list)
}

// Record returns a record of a library, of a kind, or "" for either.
func (s Rights) Record(ctx context.Context, library string, kind dam.RecordKind, id string) (RightsRow, error) {
	x, err := one(ctx, s.db, scanRights, `SELECT `+rightsColumns+` FROM rights_records r
		WHERE r.id=$1 AND r.library=$2 AND (r.kind=$3 OR $3='')`, id, library, string(kind))
	if err != nil {
		return oneOr(x, err, string(kind), id)
	}
	list := []RightsRow{x}
	err = s.count(ctx, list)
	return list[0], err
}

// Numbered returns the id of the record with a number; "" if there is none.
func (s Rights) Numbered(ctx context.Context, library string, kind dam.RecordKind, number string) (string, error) {
	id, err := one(ctx, s.db, value[string], `SELECT id FROM rights_records
		WHERE library=$1 AND kind=$2 AND number_key=$3 AND number_key<>''`, library, string(kind), canon.Key(number))
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	return id, err
}

// count adds to records how many assets they are linked to.
func (s Rights) count(ctx context.Context, list []RightsRow) error {
	at, ids := map[string]*RightsRow{}, make([]string, len(list))
	for i := range list {
		ids[i], at[list[i].ID] = list[i].ID, &list[i]
	}
	type counted struct {
		id                         string
		assets, inherited, pending int
	}
	in, args := inList(ids, 1)
	found, err := all(ctx, s.db, func(r row) (c counted, err error) {
		err = r.Scan(&c.id, &c.assets, &c.inherited, &c.pending)
		return
	}, `SELECT l.record_id, sum(CASE WHEN l.state='own' THEN 1 ELSE 0 END),
		sum(CASE WHEN l.state='inherited' THEN 1 ELSE 0 END), sum(CASE WHEN l.applied<r.applies THEN 1 ELSE 0 END)
		FROM rights_links l JOIN rights_records r ON r.id=l.record_id WHERE l.record_id IN `+in+` GROUP BY l.record_id`,
		args...)
	for _, c := range found {
		at[c.id].Assets, at[c.id].Inherited, at[c.id].Applying = c.assets, c.inherited, c.pending
	}
	return err
}

// Of returns, by asset, the records that up to 500 assets are linked to, in the order of their ids.
func (s Rights) Of(ctx context.Context, assets []string) (map[string][]RightsRow, error) {
	type linked struct {
		asset string
		RightsRow
	}
	in, args := inList(assets, 1)
	list, err := all(ctx, s.db, func(r row) (x linked, err error) {
		var inherits bool
		x.RightsRow, err = scanRightsWith(r, &x.asset, &inherits)
		x.Inherits = inherits
		return
	}, `SELECT `+rightsColumns+`, l.asset_id, l.state='inherited' FROM rights_links l
		JOIN rights_records r ON r.id=l.record_id WHERE l.asset_id IN `+in+` AND l.state<>'gone' ORDER BY r.id`, args...)
	out := map[string][]RightsRow{}
	for _, x := range list {
		out[x.asset] = append(out[x.asset], x.RightsRow)
	}
	return out, err
}

// Linked returns up to limit of the assets that a record is linked to, behind one, in the order of their ids.
func (s Rights) Linked(ctx context.Context, id, after string, limit int) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT asset_id FROM rights_links WHERE record_id=$1 AND asset_id>$2
		AND state='own' ORDER BY asset_id LIMIT $3`, id, after, limit)
}

// Bound is Linked with those that inherit the record.
func (s Rights) Bound(ctx context.Context, id, after string, limit int) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT asset_id FROM rights_links WHERE record_id=$1 AND asset_id>$2
		AND state<>'gone' ORDER BY asset_id LIMIT $3`, id, after, limit)
}

// RightsLink says that a record binds an asset.
type RightsLink struct {
	Asset, Record string
	Own           bool // or inherited
}

// Links returns what binds up to 500 assets.
func (s Rights) Links(ctx context.Context, assets []string) ([]RightsLink, error) {
	in, args := inList(assets, 1)
	return all(ctx, s.db, func(r row) (x RightsLink, err error) {
		err = r.Scan(&x.Asset, &x.Record, &x.Own)
		return
	}, `SELECT asset_id,record_id,state='own' FROM rights_links WHERE state<>'gone' AND asset_id IN `+in, args...)
}

// Among returns those of up to 500 assets that a record is linked to.
func (s Rights) Among(ctx context.Context, id string, assets []string) ([]string, error) {
	in, args := inList(assets, 2)
	return all(ctx, s.db, value[string], `SELECT asset_id FROM rights_links WHERE record_id=$1 AND state='own'
		AND asset_id IN `+in,
		append([]any{id}, args...)...)
}

// Open returns the publications of up to 500 assets that are planned, on their way or out.
func (s Rights) Open(ctx context.Context, assets []string) ([]LedgerRow, error) {
	in, args := inList(assets, 1)
	return all(ctx, s.db, scanLedger, `SELECT `+ledgerColumns+` FROM publications WHERE (asset_id IN `+in+
		` OR id IN (SELECT publication_id FROM publication_files WHERE asset_id IN `+in+`)) AND state NOT IN ('recalled','cancelled','recalling','manual') ORDER BY id`, args...)
}

// Requirements returns the records that a library requires to approve an asset.
func (s Rights) Requirements(ctx context.Context, library string) (dam.Requirements, error) {
	r, err := one(ctx, s.db, func(r row) (q dam.Requirements, err error) {
		err = r.Scan(&q.Licence, &q.Consent)
		return
	}, `SELECT licence, consent FROM rights_requirements WHERE library=$1`, library)
	if errors.Is(err, errNoRow) {
		return r, nil
	}
	return r, err
}

// SetRequirements stores which records a library requires.
func (s RightsTx) SetRequirements(ctx context.Context, library string, r dam.Requirements) error {
	_, err := s.tx.exec(ctx, `INSERT INTO rights_requirements(library,licence,consent) VALUES($1,$2,$3)
		ON CONFLICT(library) DO UPDATE SET licence=excluded.licence, consent=excluded.consent`, library, r.Licence,
		r.Consent)
	return err
}

// LockRecord returns a record and holds it until the commit: neither what it allows nor its links change meanwhile.
// It is locked before any asset is.
func (s RightsTx) LockRecord(ctx context.Context, library string, kind dam.RecordKind, id string) (RightsRow, error) {
	x, err := one(ctx, s.db, scanRights, `SELECT `+rightsColumns+` FROM rights_records r
		WHERE r.id=$1 AND (r.library=$2 OR $2='') AND (r.kind=$3 OR $3='')`+s.tx.forUpdate(), id, library,
		string(kind))
	if err != nil {
		return oneOr(x, err, string(kind), id)
	}
	list := []RightsRow{x}
	err = s.count(ctx, list)
	return list[0], err
}

// Insert stores a new record.
func (s RightsTx) Insert(ctx context.Context, x *RightsRow) error {
	x.Revision, x.Applies, x.CreatedAt, x.UpdatedAt, x.CreatedBy = 1, 1, s.tx.now, s.tx.now, s.tx.actor.ID
	_, err := s.tx.exec(ctx, `INSERT INTO rights_records(id,library,kind,revision,applies,name,number,number_key,words,
		terms,details,note,archived_at,created_at,created_by,updated_at)
		VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)`, x.ID, x.Library, string(x.Kind), x.Revision,
		x.Applies, x.Name, x.Number, canon.Key(x.Number), x.words(), asJSON{x.Terms}, asJSON{x.Details}, x.Remark,
		microsPtr(x.ArchivedAt), micros(x.CreatedAt), x.CreatedBy, micros(x.UpdatedAt))
	return err
}

// Update writes a record that LockRecord returned, and increments its revision. again: what it allows changed.
func (s RightsTx) Update(ctx context.Context, x *RightsRow, again bool) error {
	x.Revision++
	x.UpdatedAt = s.tx.now
	if again {
		x.Applies = x.Revision
	}
	_, err := s.tx.exec(ctx, `UPDATE rights_records SET revision=$2,applies=$3,name=$4,number=$5,number_key=$6,words=$7,
		terms=$8,details=$9,note=$10,withdrawn_at=$11,withdrawn_by=$12,archived_at=$13,updated_at=$14 WHERE id=$1`,
		x.ID, x.Revision, x.Applies, x.Name, x.Number, canon.Key(x.Number), x.words(), asJSON{x.Terms},
		asJSON{x.Details}, x.Remark, microsPtr(x.WithdrawnAt), x.WithdrawnBy, microsPtr(x.ArchivedAt),
		micros(x.UpdatedAt))
	return err
}

func (x *RightsRow) words() string { return canon.Fold(x.Name + " " + x.Number) }

// Link links a record to up to 500 assets, whose limits are not yet those of the record, and returns those that were
// not linked before.
func (s RightsTx) Link(ctx context.Context, id string, assets []string) ([]string, error) {
	was, err := s.Among(ctx, id, assets)
	if err != nil {
		return nil, err
	}
	added := slices.DeleteFunc(slices.Clone(assets), func(a string) bool { return slices.Contains(was, a) })
	rows := make([][]any, len(added))
	for i, a := range added {
		rows[i] = []any{id, a, 0, micros(s.tx.now), s.tx.actor.ID}
	}
	return added, insertRows(ctx, s.tx, `INSERT INTO rights_links(record_id,asset_id,applied,added_at,added_by) VALUES `,
		rows, ` ON CONFLICT(record_id,asset_id) DO UPDATE SET state='own', applied=0, added_at=excluded.added_at,
			added_by=excluded.added_by`)
}

// Inherit notes that a record binds assets that it is not linked to, whose limits are not yet those of the record.
func (s RightsTx) Inherit(ctx context.Context, id string, assets []string) error {
	rows := make([][]any, len(assets))
	for i, a := range assets {
		rows[i] = []any{id, a, 0, micros(s.tx.now), s.tx.actor.ID, "inherited"}
	}
	return insertRows(ctx, s.tx, `INSERT INTO rights_links(record_id,asset_id,applied,added_at,added_by,state) VALUES `,
		rows, ` ON CONFLICT(record_id,asset_id) DO UPDATE SET state='inherited', applied=0`)
}

// Keep makes what up to 500 assets inherit their own.
func (s RightsTx) Keep(ctx context.Context, assets []string) error {
	in, args := inList(assets, 1)
	_, err := s.tx.exec(ctx, `UPDATE rights_links SET state='own' WHERE state='inherited' AND asset_id IN `+in, args...)
	return err
}

// Unlink takes a record from up to 500 assets, whose limits are still those with it, and returns those that had it as
// their own.
func (s RightsTx) Unlink(ctx context.Context, id string, assets []string) ([]string, error) {
	had, err := s.Among(ctx, id, assets)
	if err != nil || len(had) == 0 {
		return nil, err
	}
	return had, s.Disinherit(ctx, id, had)
}

// Disinherit notes that a record binds up to 500 assets no more, whose limits are still those with it.
func (s RightsTx) Disinherit(ctx context.Context, id string, assets []string) error {
	in, args := inList(assets, 2)
	_, err := s.tx.exec(ctx, `UPDATE rights_links SET state='gone', applied=0 WHERE record_id=$1 AND asset_id IN `+in,
		append([]any{id}, args...)...)
	return err
}

// Pending returns up to limit of the assets whose limits are not yet those of a record, in the order of their ids.
func (s Rights) Pending(ctx context.Context, id string, limit int) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT l.asset_id FROM rights_links l JOIN rights_records r ON r.id=l.record_id
		WHERE l.record_id=$1 AND l.applied<r.applies ORDER BY l.asset_id LIMIT $2`, id, limit)
}

// Applied notes that up to 500 assets have the limits of a record as it is at a revision.
func (s RightsTx) Applied(ctx context.Context, id string, revision int64, assets []string) error {
	in, args := inList(assets, 3)
	args = append([]any{id, revision}, args...)
	if _, err := s.tx.exec(ctx, `DELETE FROM rights_links WHERE record_id=$1 AND applied<=$2 AND state='gone'
		AND asset_id IN `+in, args...); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `UPDATE rights_links SET applied=$2 WHERE record_id=$1 AND asset_id IN `+in, args...)
	return err
}

// EraseConsent deletes who gave a consent and what else was entered about them. The record stays, taken back, with its
// links: nobody can show any more what was consented to. The limits of its assets are those of before until they are
// renewed.
func (s RightsTx) EraseConsent(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `UPDATE rights_records SET name='',number='',number_key='',words='',details='{}',note='',
		applies=CASE WHEN withdrawn_at IS NULL THEN revision+1 ELSE applies END, revision=revision+1,
		withdrawn_at=COALESCE(withdrawn_at,$2), updated_at=$2 WHERE id=$1 AND kind='consent'`, id, micros(s.tx.now))
	return err
}

// WithFile returns up to two of a library's assets, outside the bin, that have a version with a file name or with some
// bytes; one of both is "".
func (s Rights) WithFile(ctx context.Context, library, name, sha256 string) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT DISTINCT a.id FROM versions v JOIN assets a ON a.id=v.asset_id
		WHERE a.library=$1 AND a.deleted_at IS NULL AND ($2='' OR v.file_name=$2) AND ($3='' OR v.sha256=$3)
		ORDER BY a.id LIMIT 2`, library, name, sha256)
}

// LockLinked is LockAssets for what concerns every asset, also those that the actor doesn't see.
func (s RightsTx) LockLinked(ctx context.Context, ids []string) ([]dam.Asset, error) {
	suffix := ""
	if s.tx.pg {
		suffix = " FOR UPDATE OF a"
	}
	in, args := inList(ids, 1)
	return all(ctx, s.db, scanAsset, `SELECT `+assetColumns+assetFrom+`WHERE a.id IN `+in+` ORDER BY a.id`+suffix,
		args...)
}

// Unapplied returns up to limit of the records of which some assets don't have the limits yet.
func (s Rights) Unapplied(ctx context.Context, limit int) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT r.id FROM rights_records r WHERE EXISTS
		(SELECT 1 FROM rights_links l WHERE l.record_id=r.id AND l.applied<r.applies) ORDER BY r.id LIMIT $1`, limit)
}
