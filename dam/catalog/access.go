package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
)

// A principal that doesn't see the whole of a library (dam.Principal.Filtered) must not learn that other assets exist.
// The functions below filter what is read by id, by bytes or as a list under the principal's context. Lists of ids that
// a service already holds (Assets, Scan) are not filtered: a change must still notify followers of everything it
// touched. What only time changes, the beginning and the end of rights, is looked at whenever something is read.

// within adds the condition that the actor of the context may see the asset named by a column: dam.Sight as SQL.
func (c Conn) within(ctx context.Context, library, column string, args []any) (string, []any) {
	p := ActorOf(ctx)
	if !p.Filtered(library) || library == "" && p.ID != "" {
		return "", args
	}
	s := p.Sight(library)
	if !s.Member {
		return " AND false", args
	}
	in := func(all bool, collections []string) string {
		if all {
			return "true"
		}
		var list string
		list, args = c.inIDs(collections, args)
		return `EXISTS (SELECT 1 FROM collection_assets w WHERE w.asset_id=o.id AND w.collection_id IN ` + list + `)`
	}
	where := in(s.All, s.Within)
	unapproved := in(s.AllUnapproved, s.Unapproved)
	args = append(args, time.Now().In(s.Zone).Format(dam.MinuteLayout), p.ID)
	return fmt.Sprintf(` AND EXISTS (SELECT 1 FROM assets o WHERE o.id=%[1]s
		AND (o.created_by=$%[2]d OR (%[3]s) AND (%[4]s OR %[5]s)))`, column, len(args), where, unapproved,
		c.publicAt(len(args)-1)), args
}

// publicAt is dam.VisibilityAt as SQL, for an audience that is not known: whether the public sees the asset o at a
// minute of the wall clock in the library's zone, an argument. A day sorts before its minutes.
func (c Conn) publicAt(minute int) string {
	window := func(column string) string {
		from, until := column+`->>'from'`, column+`->>'until'`
		if c.pg {
			from, until = column+`::jsonb->>'from'`, column+`::jsonb->>'until'`
		}
		return fmt.Sprintf(`COALESCE(%[1]s,'')<=$%[3]d AND (COALESCE(%[2]s,'')=''
			OR CASE WHEN length(%[2]s)=10 THEN %[2]s>=substr($%[3]d,1,10) ELSE %[2]s>$%[3]d END)`, from, until, minute)
	}
	return fmt.Sprintf(`o.published AND o.live_version<>'' AND o.deleted_at IS NULL AND NOT o.barred
		AND %s AND (o.limits IS NULL OR %s)
		AND NOT EXISTS (SELECT 1 FROM asset_recalls x LEFT JOIN versions y ON y.id=o.live_version
			WHERE x.asset_id=o.id AND (y.approved_at IS NULL OR y.approved_at<=x.at))`, window("o.rights"), window("o.limits"))
}

// manyIDs is how many ids a statement has as parameters of their own; more are one parameter.
const manyIDs = 500

// inIDs renders a list of ids for IN, and adds it to the arguments.
func (c Conn) inIDs(ids []string, args []any) (string, []any) {
	if len(ids) <= manyIDs {
		in, more := inList(ids, len(args)+1)
		return in, append(args, more...)
	}
	args = append(args, asJSON{ids})
	if c.pg {
		return fmt.Sprintf(`(SELECT jsonb_array_elements_text($%d::jsonb))`, len(args)), args
	}
	return fmt.Sprintf(`(SELECT value FROM json_each($%d))`, len(args)), args
}

// untold is of events that say of an asset which somebody sees what happened to one that they may not see: the source
// has a version.
const untold = ` AND type<>'` + string(dam.AssetSourceChanged) + `'`

// withinLog is within for events. Those without an asset pass, for somebody who is limited to collections only if they
// concern these, or presets.
func (c Conn) withinLog(ctx context.Context, library string, args []any) (string, []any) {
	condition, args := c.within(ctx, library, "e.asset", args)
	p := ActorOf(ctx)
	switch {
	case condition == "":
		return "", args
	case !p.Restricted(library):
		return untold + ` AND (e.asset=''` + strings.Replace(condition, " AND ", " OR ", 1) + `)`, args
	}
	in, args := c.inIDs(p.Sight(library).Within, args)
	return fmt.Sprintf(untold+` AND (e.asset<>''%s OR e.asset='' AND (e.type LIKE 'preset.%%' OR e.subject IN %s))`, condition,
		in), args
}

// filterVisible returns an error for an asset that the actor of the context may not see, and removes from a visible one
// the collections that the actor may not see.
func filterVisible(ctx context.Context, a *dam.Asset) error {
	p := ActorOf(ctx)
	if !p.Filtered(a.Library) {
		return nil
	}
	if !p.Sees(a) {
		*a = dam.Asset{}
		return errNoRow
	}
	a.Collections = Shown(p, a.Library, a.Collections)
	return nil
}

// fillShown is fillCollections for readers.
func (c Conn) fillShown(ctx context.Context, list []dam.Asset) error {
	if err := c.fillCollections(ctx, list); err != nil {
		return err
	}
	return c.showLive(ctx, list)
}

// showLive puts the live version in the place of a newer one that the actor of the context may not see, and takes out
// the values of fields that they don't see. What has been read so is never written: see LockAsset.
func (c Conn) showLive(ctx context.Context, list []dam.Asset) error {
	p := ActorOf(ctx)
	p.HideFields(list)
	at := map[string]*dam.Asset{}
	for i := range list {
		a := &list[i]
		if !p.Filtered(a.Library) {
			continue
		}
		a.Stale = false // a source may have versions that they may not know of
		if p.SeesUnapproved(a) {
			continue
		}
		if a.Live != "" && a.Live != a.Latest.ID {
			at[a.Live] = a
		}
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(at)), manyIDs) {
		in, args := inList(ids, 1)
		found, err := all(ctx, c, scanVersion, `SELECT `+versionColumns+` FROM versions v WHERE v.id IN `+in, args...)
		if err != nil {
			return err
		}
		for _, v := range found {
			at[v.ID].Latest = v
		}
	}
	return nil
}

// Shown returns the library's collections that the principal may know of.
func Shown(p dam.Principal, library string, collections []string) []string {
	if !p.Restricted(library) {
		return collections
	}
	return slices.DeleteFunc(slices.Clone(collections),
		func(c string) bool { return !p.KnowsCollection(library, c) })
}

// Visible removes the assets that the actor of the context may not see in their current state.
func Visible(ctx context.Context, list []dam.Asset) []dam.Asset {
	out := list[:0]
	for _, a := range list {
		if filterVisible(ctx, &a) == nil {
			out = append(out, a)
		}
	}
	return out
}

// redact removes from the data of events what the actor of the context may not know of: collections, and, from those
// who see what is approved only, versions and what was said of them.
func redact(ctx context.Context, list []dam.Event) []dam.Event {
	for i := range list {
		e := &list[i]
		p := ActorOf(ctx)
		var data map[string]any
		if e.Type == dam.FieldsChanged {
			e.Data = shownKeys(p, e)
		}
		if !p.Filtered(e.Library) || json.Unmarshal(e.Data, &data) != nil {
			continue
		}
		n := len(data)
		if id, ok := data["collection"].(string); ok && hidden(ctx, e.Library, id) {
			delete(data, "collection")
		}
		if e.Asset != "" && !p.CanEverywhere(e.Library, dam.MaySeeUnapproved) {
			for _, key := range []string{"version", "sha256", "comment", "reason", "live_before"} {
				delete(data, key)
			}
		}
		if len(data) < n {
			e.Data, _ = json.Marshal(data) // it came from JSON
		}
	}
	return list
}

// shownKeys is the data of a change of fields with the keys that a principal sees.
func shownKeys(p dam.Principal, e *dam.Event) json.RawMessage {
	var data struct {
		Fields []string `json:"fields"`
	}
	hidden := p.HiddenFields(e.Library)
	if len(hidden) == 0 || json.Unmarshal(e.Data, &data) != nil {
		return e.Data
	}
	data.Fields = slices.DeleteFunc(data.Fields, func(k string) bool { return slices.Contains(hidden, k) })
	out, _ := json.Marshal(data) // it came from JSON
	return out
}

// hidden reports whether the context's actor may not know of a collection.
func hidden(ctx context.Context, library, id string) bool {
	return !ActorOf(ctx).KnowsCollection(library, id)
}
