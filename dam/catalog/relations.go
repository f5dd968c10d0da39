package catalog

import (
	"context"
	"fmt"
	"strings"

	"vitrine/dam"
)

const relationColumns = `r.id,r.library,r.from_asset,r.to_asset,r.kind,r.version,r.created_at,r.created_by`

func scanRelation(r row) (x dam.Relation, err error) {
	var created int64
	err = r.Scan(&x.ID, &x.Library, &x.From, &x.To, (*string)(&x.Kind), &x.Version, &created, &x.CreatedBy)
	x.CreatedAt = instant(created)
	return x, err
}

// kindsIn renders kinds of relations for IN.
func kindsIn(kinds []dam.RelationKind) string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = "'" + string(k) + "'"
	}
	return "(" + strings.Join(list, ",") + ")"
}

// staleColumn is whether a source of the asset a has a newer version than the asset was made from. It is one row of a
// subquery, and not EXISTS, for which PostgreSQL reads the relations of all assets.
var staleColumn = `COALESCE((SELECT true FROM asset_relations q JOIN assets w ON w.id=q.to_asset
	JOIN versions z ON z.id=w.latest_version
	WHERE q.from_asset=a.id AND q.kind IN ` + kindsIn(dam.MadeFrom()) + ` AND z.n>q.version LIMIT 1),false)`

// Of returns the relations of assets, in both directions, the oldest first: of each there are at most dam.MaxRelations.
func (s Relations) Of(ctx context.Context, assets ...string) ([]dam.Relation, error) {
	in, args := inList(assets, 1)
	return all(ctx, s.db, scanRelation, `SELECT `+relationColumns+` FROM asset_relations r
		WHERE r.from_asset IN `+in+` OR r.to_asset IN `+in+` ORDER BY r.id`, args...)
}

// Relation returns a relation of an asset, in either direction.
func (s Relations) Relation(ctx context.Context, asset, id string) (dam.Relation, error) {
	x, err := one(ctx, s.db, scanRelation, `SELECT `+relationColumns+` FROM asset_relations r
		WHERE r.id=$1 AND (r.from_asset=$2 OR r.to_asset=$2)`, id, asset)
	return oneOr(x, err, "relation", id)
}

// Targets returns up to limit of what up to 500 assets are related to, by some kinds.
func (s Relations) Targets(ctx context.Context, assets []string, kinds []dam.RelationKind, limit int) ([]string,
	error) {
	in, args := inList(assets, 2)
	return all(ctx, s.db, value[string], `SELECT DISTINCT to_asset FROM asset_relations WHERE from_asset IN `+in+
		` AND kind IN `+kindsIn(kinds)+` LIMIT $1`, append([]any{limit}, args...)...)
}

// Inheritance says that what binds Source binds Heir.
type Inheritance struct{ Heir, Source string }

// Heirs returns who inherits from up to 500 assets, in one step.
func (s Relations) Heirs(ctx context.Context, assets []string) ([]Inheritance, error) {
	return s.inheritance(ctx, assets, "to_asset", "from_asset")
}

// Sources returns what up to 500 assets inherit from, in one step.
func (s Relations) Sources(ctx context.Context, assets []string) ([]Inheritance, error) {
	return s.inheritance(ctx, assets, "from_asset", "to_asset")
}

// inheritance reads the steps of some assets, by the column of theirs in relations whose heir is the from asset, and
// in those whose heir is the to asset.
func (s Relations) inheritance(ctx context.Context, assets []string, first, second string) ([]Inheritance, error) {
	in, args := inList(assets, 1)
	return all(ctx, s.db, func(r row) (x Inheritance, err error) {
		err = r.Scan(&x.Heir, &x.Source)
		return
	}, `SELECT from_asset,to_asset FROM asset_relations WHERE `+first+` IN `+in+` AND kind IN `+
		kindsIn(dam.BindsFrom())+` UNION SELECT to_asset,from_asset FROM asset_relations WHERE `+second+` IN `+in+
		` AND kind IN `+kindsIn(dam.BindsTo()), args...)
}

// Insert stores a new relation.
func (s RelationsTx) Insert(ctx context.Context, x *dam.Relation) error {
	x.CreatedAt, x.CreatedBy = s.tx.now, s.tx.actor.ID
	_, err := s.tx.exec(ctx, `INSERT INTO asset_relations(id,library,from_asset,to_asset,kind,version,created_at,created_by)
		VALUES($1,$2,$3,$4,$5,$6,$7,$8)`, x.ID, x.Library, x.From, x.To, string(x.Kind), x.Version, micros(x.CreatedAt),
		x.CreatedBy)
	return err
}

// Update writes the ends of a relation, and the version that it notes.
func (s RelationsTx) Update(ctx context.Context, x dam.Relation) error {
	_, err := s.tx.exec(ctx, `UPDATE asset_relations SET from_asset=$2,to_asset=$3,version=$4 WHERE id=$1`, x.ID, x.From,
		x.To, x.Version)
	return err
}

// Delete removes a relation.
func (s RelationsTx) Delete(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM asset_relations WHERE id=$1`, id)
	return err
}

// EmitRelation appends the same event about each of some assets that share a relation. What the other one is stays
// unsaid: not everybody who reads of one may know of the other.
func (tx *Tx) EmitRelation(t dam.EventType, x dam.Relation, assets ...*dam.Asset) {
	for _, a := range assets {
		tx.EmitAsset(t, a, map[string]any{"relation": x.ID, "kind": x.Kind})
	}
}

// followVersion notes a new version of an asset: it is made from what its sources are now, and what is made from it is
// stale.
func (s RelationsTx) followVersion(ctx context.Context, a *dam.Asset) error {
	kinds := kindsIn(dam.MadeFrom())
	if _, err := s.tx.exec(ctx, `UPDATE asset_relations SET version=(SELECT v.n FROM assets t
			JOIN versions v ON v.id=t.latest_version WHERE t.id=asset_relations.to_asset)
		WHERE from_asset=$1 AND kind IN `+kinds, a.ID); err != nil {
		return err
	}
	return s.emitOthers(ctx, dam.AssetSourceChanged, `JOIN assets o ON o.id=r.from_asset
		WHERE r.to_asset=$1 AND r.kind IN `+kinds+fmt.Sprintf(` AND r.version=%d`, a.Latest.N-1), a.ID)
}

// end notes that the relations of an asset end with it. What bound its heirs by way of it only binds them by itself:
// nobody has allowed more of them.
func (s RelationsTx) end(ctx context.Context, asset string) error {
	steps, err := s.Heirs(ctx, []string{asset})
	if err != nil {
		return err
	}
	for _, x := range steps {
		left, err := s.above(ctx, x.Heir, asset)
		if err != nil {
			return err
		}
		in, args := inList(left, 3)
		if _, err := s.tx.exec(ctx, `UPDATE rights_links SET state='own' WHERE state='inherited' AND asset_id=$2
			AND record_id IN (SELECT record_id FROM rights_links WHERE asset_id=$1 AND state<>'gone')
			AND record_id NOT IN (SELECT record_id FROM rights_links WHERE state='own' AND asset_id IN `+in+`)`,
			append([]any{asset, x.Heir}, args...)...); err != nil {
			return err
		}
	}
	return s.emitOthers(ctx, dam.AssetUnrelated, `JOIN assets o ON o.id=CASE WHEN r.from_asset=$1 THEN r.to_asset
		ELSE r.from_asset END WHERE r.from_asset=$1 OR r.to_asset=$1`, asset)
}

// above returns some of what an asset inherits from but by way of another one.
func (s RelationsTx) above(ctx context.Context, asset, without string) ([]string, error) {
	reached, next, out := map[string]bool{asset: true, without: true}, []string{asset}, []string{}
	for len(next) > 0 && len(out)+len(next) < manyIDs {
		list, err := s.Sources(ctx, next)
		if err != nil {
			return nil, err
		}
		next = nil
		for _, x := range list {
			if !reached[x.Source] {
				reached[x.Source] = true
				next = append(next, x.Source)
			}
		}
		out = append(out, next...)
	}
	return out[:min(len(out), manyIDs)], nil
}

// emitOthers appends an event about each asset o that is related to one.
func (s RelationsTx) emitOthers(ctx context.Context, t dam.EventType, which, asset string) error {
	type other struct {
		dam.Relation
		asset dam.Asset
	}
	list, err := all(ctx, s.db, func(r row) (x other, err error) {
		err = r.Scan(&x.ID, (*string)(&x.Kind), &x.asset.ID, &x.asset.Library, &x.asset.Number)
		return
	}, `SELECT r.id,r.kind,o.id,o.library,o.number FROM asset_relations r `+which+` ORDER BY r.id`, asset)
	for _, x := range list {
		s.tx.EmitRelation(t, x.Relation, &x.asset)
	}
	return err
}
