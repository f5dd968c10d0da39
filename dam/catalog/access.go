package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"vitrine/dam"
)

// A principal that is limited to collections of a library (dam.Principal) must not learn that other assets exist. The
// functions below filter what is read by id, by bytes or as a list under the principal's context. Lists of ids that a
// service already holds (Assets, Scan) are not filtered: a change must still notify followers of everything it touched.

// within adds the condition that the actor of the context may see the asset named by a column.
func within(ctx context.Context, library, column string, args []any) (string, []any) {
	p := ActorOf(ctx)
	if !p.Restricted(library) {
		return "", args
	}
	in, ids := inList(p.Collections[library], len(args)+1)
	args = append(append(args, ids...), p.ID)
	return fmt.Sprintf(
		` AND (EXISTS (SELECT 1 FROM collection_assets w WHERE w.asset_id=%[1]s AND w.collection_id IN %[2]s)
		OR EXISTS (SELECT 1 FROM assets o WHERE o.id=%[1]s AND o.created_by=$%[3]d))`, column, in, len(args)), args
}

// withinLog is within for events. Events without an asset pass if they concern the actor's collections or presets.
func withinLog(ctx context.Context, library string, args []any) (string, []any) {
	condition, args := within(ctx, library, "e.asset", args)
	if condition == "" {
		return "", args
	}
	in, ids := inList(ActorOf(ctx).Collections[library], len(args)+1)
	return fmt.Sprintf(` AND (e.asset<>''%s OR e.asset='' AND (e.type LIKE 'preset.%%' OR e.subject IN %s))`, condition,
		in), append(args, ids...)
}

// filterVisible returns an error for an asset that the actor of the context may not see, and removes from a visible one
// the collections that the actor may not see.
func filterVisible(ctx context.Context, a *dam.Asset) error {
	p := ActorOf(ctx)
	if !p.Restricted(a.Library) {
		return nil
	}
	if !p.Sees(a) {
		*a = dam.Asset{}
		return errNoRow
	}
	a.Collections = Shown(p, a.Library, a.Collections)
	return nil
}

// Shown returns the library's collections that the principal may know of.
func Shown(p dam.Principal, library string, collections []string) []string {
	if !p.Restricted(library) {
		return collections
	}
	return slices.DeleteFunc(slices.Clone(collections),
		func(c string) bool { return !slices.Contains(p.Collections[library], c) })
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

// redact removes from the data of events the collections that the actor of the context may not know of.
func redact(ctx context.Context, list []dam.Event) []dam.Event {
	for i := range list {
		e := &list[i]
		var data map[string]any
		if !ActorOf(ctx).Restricted(e.Library) || json.Unmarshal(e.Data, &data) != nil {
			continue
		}
		if id, ok := data["collection"].(string); ok && hidden(ctx, e.Library, id) {
			delete(data, "collection")
			e.Data, _ = json.Marshal(data) // it came from JSON
		}
	}
	return list
}

// hidden reports whether the context's actor may not know of a collection.
func hidden(ctx context.Context, library, id string) bool {
	p := ActorOf(ctx)
	return p.Restricted(library) && !slices.Contains(p.Collections[library], id)
}
