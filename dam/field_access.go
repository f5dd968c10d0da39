package dam

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"vitrine/dam/reasons"
)

// FieldRule says by their roles who sees a custom field and who edits it. A list that is empty names everybody.
type FieldRule struct {
	Key      string `json:"key"`
	SeenBy   []Role `json:"seen_by,omitempty"`
	EditedBy []Role `json:"edited_by,omitempty"`
}

// FieldRules returns the rules of those fields that not everybody sees and edits.
func FieldRules(defs []CustomField) []FieldRule {
	out := []FieldRule{}
	for _, f := range defs {
		if len(f.SeenBy)+len(f.EditedBy) > 0 {
			out = append(out, FieldRule{f.Key, f.SeenBy, f.EditedBy})
		}
	}
	return out
}

// DecideField is the one decision on who sees a custom field of a library, and who edits it on the assets that they may
// edit. Who isn't named has no such field. It holds for the library as a whole, so that a search can't tell what an
// asset doesn't show: a role that somebody has on collections counts where they see nothing outside these. Who defines
// fields sees and edits them all.
func (p Principal) DecideField(library, key string) (sees, edits bool) {
	rules := p.Access[library].Fields
	i := slices.IndexFunc(rules, func(r FieldRule) bool { return r.Key == key })
	if i < 0 || p.IsSystem() || p.Restored(library).CanEverywhere(library, MayManageFields) {
		return true, true
	}
	sees = p.holds(library, rules[i].SeenBy)
	return sees, sees && p.holds(library, rules[i].EditedBy)
}

// holds reports whether the principal has one of the roles wherever they see assets of the library. A ready-made role
// has what those before it have. No roles are everybody's.
func (p Principal) holds(library string, roles []Role) bool {
	if len(roles) == 0 {
		return true
	}
	var within []string
	for g := range p.grants(library) {
		if !slices.ContainsFunc(roles, func(r Role) bool { return g.Role == r || g.Role.Includes(r) }) {
			continue
		}
		if g.Whole {
			return true
		}
		within = append(within, g.Collections...)
	}
	sight := p.Sight(library)
	return len(within) > 0 && !sight.All &&
		!slices.ContainsFunc(sight.Within, func(c string) bool { return !slices.Contains(within, c) })
}

// HiddenFields returns the keys of the custom fields of a library that the principal doesn't see.
func (p Principal) HiddenFields(library string) []string {
	var out []string
	for _, r := range p.Access[library].Fields {
		if sees, _ := p.DecideField(library, r.Key); !sees {
			out = append(out, r.Key)
		}
	}
	return out
}

// HideFields takes the values that the principal doesn't see out of assets.
func (p Principal) HideFields(list []Asset) {
	hidden := map[string][]string{}
	for i := range list {
		a := &list[i]
		if len(a.Custom) == 0 {
			continue
		}
		keys, known := hidden[a.Library]
		if !known {
			keys = p.HiddenFields(a.Library)
			hidden[a.Library] = keys
		}
		if a.Custom = without(a.Custom, keys); len(a.Custom) == 0 {
			a.Custom = nil
		}
	}
}

// ShowChanges returns changes of an asset without the values that the principal doesn't see.
func (p Principal) ShowChanges(library string, list []Change) []Change {
	hidden := p.HiddenFields(library)
	if len(hidden) == 0 {
		return list
	}
	out := make([]Change, 0, len(list))
	for _, c := range list {
		if c.Field == "custom" {
			before, _ := c.Before.(map[string]any)
			after, _ := c.After.(map[string]any)
			before, after = without(before, hidden), without(after, hidden)
			if len(before) == 0 && len(after) == 0 || reflect.DeepEqual(before, after) {
				continue
			}
			c = Change{Field: c.Field}
			if len(before) > 0 {
				c.Before = before
			}
			if len(after) > 0 {
				c.After = after
			}
		}
		out = append(out, c)
	}
	return out
}

// ShowsQuery reports whether a query has the name of no field that the principal doesn't see.
func (p Principal) ShowsQuery(library, query string) bool {
	query = strings.ToLower(query)
	return query == "" || !slices.ContainsFunc(p.HiddenFields(library),
		func(key string) bool { return strings.Contains(query, key) })
}

// ShowBulk takes what the principal doesn't see out of a job: also how many assets a query on such a field has found.
func (p Principal) ShowBulk(b *Bulk) {
	hidden := p.HiddenFields(b.Library)
	if len(hidden) == 0 {
		return
	}
	if raw, ok := b.Change.Set["custom"]; ok {
		var values map[string]any
		if json.Unmarshal(raw, &values) == nil {
			raw, _ = json.Marshal(without(values, hidden)) // it came from JSON
			b.Change.Set = maps.Clone(b.Change.Set)
			b.Change.Set["custom"] = raw
		}
	}
	if !p.ShowsQuery(b.Library, b.Filter.Q) {
		b.Filter.Q, b.Total, b.Done, b.Failed = "", 0, 0, 0
	}
	if b.Report != nil {
		r := *b.Report
		r.Examples = []BulkExample{}
		for _, e := range b.Report.Examples {
			for _, c := range p.ShowChanges(b.Library, []Change{e.Change}) {
				r.Examples = append(r.Examples, BulkExample{e.Asset, c})
			}
		}
		b.Report = &r
	}
}

// ShowFailure takes out of what failed in a job what is about a field that the principal doesn't see.
func (p Principal) ShowFailure(library string, f *BulkFailure) {
	key, custom := strings.CutPrefix(f.Field, "custom.")
	key, _, _ = strings.Cut(key, ".")
	if custom && slices.Contains(p.HiddenFields(library), key) {
		f.Field, f.Message, f.Remedy, f.Reason = "", "", "", reasons.FieldUnseen()
		reasons.Complete(&f.Reason, &f.Message, &f.Remedy)
	}
}

// without returns values without those under some keys; the map itself stays as it is.
func without(values map[string]any, keys []string) map[string]any {
	if !slices.ContainsFunc(keys, func(k string) bool { _, ok := values[k]; return ok }) {
		return values
	}
	out := maps.Clone(values)
	for _, k := range keys {
		delete(out, k)
	}
	return out
}
