package assets

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// rules are what a library's own fields hold an edit to. Without a field, values of none are taken.
type rules struct {
	defs    []dam.CustomField
	context dam.FieldContext
	term    func(f dam.CustomField, value string) (dam.Term, error)
	// may says who edits: whether they see a field, and edit it. nil is everybody.
	may func(key string) (sees, edits bool)
}

// allows reports whether who edits sees a field, and edits it.
func (r rules) allows(key string) (sees, edits bool) {
	if r.may == nil {
		return true, true
	}
	return r.may(key)
}

// allowed returns the fields that who edits sees or, with edit, edits.
func (r rules) allowed(edit bool) []dam.CustomField {
	return slices.DeleteFunc(slices.Clone(r.defs), func(f dam.CustomField) bool {
		sees, edits := r.allows(f.Key)
		return !sees || edit && !edits
	})
}

// guard refuses changed values of fields that who edits doesn't edit; one that they don't see is no field to them.
func (r rules) guard(before, after map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(merged(before, after))) {
		sees, edits := r.allows(key)
		switch {
		case edits || reflect.DeepEqual(before[key], after[key]):
		case !sees:
			return unknownCustom(r.allowed(false), key)
		default:
			return &dam.Error{Code: dam.Forbidden, Field: "custom." + key, Reason: reasons.FieldEditedByOthers(key)}
		}
	}
	return nil
}

func merged(a, b map[string]any) map[string]any {
	out := make(map[string]any, len(a)+len(b))
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}

// rulesOf reads the fields of a library, and what their values are read with.
func rulesOf(ctx context.Context, tx *catalog.Tx, library string) (rules, error) {
	defs, err := tx.Libraries().CustomFields(ctx, library)
	if err != nil || len(defs) == 0 {
		return rules{}, err
	}
	lib, err := tx.Libraries().Library(ctx, library)
	if err != nil {
		return rules{}, err
	}
	zone, err := time.LoadLocation(lib.Zone)
	if err != nil {
		zone = time.UTC
	}
	return rules{defs, dam.FieldContext{Locale: lib.Locale, Zone: zone,
		Refer: func(f dam.CustomField, value string) (string, error) { return refer(ctx, tx, library, f, value) }},
		func(f dam.CustomField, value string) (dam.Term, error) { return term(ctx, tx, f, value) },
		func(key string) (sees, edits bool) { return tx.Actor().DecideField(library, key) }}, nil
}

// refer finds what a value names among what the actor sees of the library.
func refer(ctx context.Context, tx *catalog.Tx, library string, f dam.CustomField, value string) (string, error) {
	at := "custom." + f.Key
	switch f.Type {
	case dam.FieldPerson:
		users, err := tx.People().Users(ctx, library)
		if err != nil {
			return "", err
		}
		found := ""
		for _, u := range users {
			if u.ID != value && !strings.EqualFold(u.Email, value) && !canon.Same(u.Name, value) {
				continue
			}
			if found != "" && u.ID != value {
				return "", dam.InvalidInput(at, reasons.NoPersonOfField(dam.Cut(value, 100)))
			}
			found = u.ID
		}
		if found == "" {
			return "", dam.InvalidInput(at, reasons.NoPersonOfField(dam.Cut(value, 100)))
		}
		return found, nil
	case dam.FieldAsset:
		a, err := tx.Assets().Asset(ctx, library, value)
		if dam.CodeOf(err) == dam.NotFound || err == nil && !tx.Actor().IsSystem() && !tx.Actor().Sees(&a) {
			return "", dam.InvalidInput(at, reasons.NoAssetOfField(dam.Cut(value, 100)))
		}
		return a.ID, err
	case dam.FieldProduct:
		p, err := tx.Products().Product(ctx, library, value)
		if dam.CodeOf(err) == dam.NotFound {
			return "", dam.InvalidInput(at, reasons.NoProductOfField(dam.Cut(value, 100)))
		}
		return p.SKU, err
	}
	return value, nil
}

// term finds the one term that is called so, and keeps it from being removed until the commit.
func term(ctx context.Context, tx *catalog.Tx, f dam.CustomField, value string) (dam.Term, error) {
	at, shown := "custom."+f.Key, dam.Cut(value, 100)
	vocabularies := tx.Libraries().Vocabularies()
	if err := vocabularies.KeepVocabulary(ctx, f.Vocabulary); err != nil {
		return dam.Term{}, err
	}
	list, err := vocabularies.Named(ctx, f.Vocabulary, value)
	switch {
	case err != nil:
		return dam.Term{}, err
	case len(list) == 0:
		return dam.Term{}, dam.InvalidInput(at, reasons.NoTermOfField(shown))
	case len(list) > 1:
		names := make([]string, min(len(list), 10))
		for i := range names {
			names[i] = list[i].ID + " (" + list[i].Label("", "") + ")"
		}
		return dam.Term{}, dam.InvalidInput(at,
			reasons.TermAmbiguous(shown).With(reasons.RemedyUseOneOfTheseIds(strings.Join(names, ", "))))
	}
	return list[0], nil
}

// clean checks the values that a patch sets on an asset, and puts them as they are kept. before are the asset's values,
// custom those that the patch has been merged into.
func (r rules) clean(a *dam.Asset, patched, before, custom map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(patched)) {
		v := patched[key]
		sees, _ := r.allows(key)
		if v == nil && sees {
			continue // taken away, which is possible whatever the field is
		}
		at := "custom." + key
		i := indexOf(r.defs, key)
		if i < 0 || !sees {
			return unknownCustom(r.allowed(false), key)
		}
		f := r.defs[i]
		if !f.Applies(a) {
			return dam.InvalidInput(at, reasons.FieldDoesNotApply(key))
		}
		switch f.Type {
		case dam.FieldChoice:
			v = canonicalChoice(v)
		case dam.FieldLocalized:
			v = overText(before[key], v, r.context.Locale)
		}
		clean, err := f.Clean(at, v, r.reading(f, before[key]))
		if err != nil {
			return err
		}
		if clean == nil {
			delete(custom, key)
		} else {
			custom[key] = clean
		}
	}
	return r.guard(before, custom)
}

// reading is what a value is read with. A term that is archived stays where it is, and comes nowhere else.
func (r rules) reading(f dam.CustomField, before any) dam.FieldContext {
	if f.Type != dam.FieldTree {
		return r.context
	}
	c := r.context
	c.Refer = func(f dam.CustomField, value string) (string, error) {
		t, err := r.term(f, value)
		list, _ := before.([]any)
		if err == nil && t.Archived && before != any(t.ID) && !slices.Contains(list, any(t.ID)) {
			err = dam.InvalidInput("custom."+f.Key, reasons.TermArchived(dam.Cut(value, 100)))
		}
		return t.ID, err
	}
	return c
}

func unknownCustom(defs []dam.CustomField, key string) error {
	keys := make([]string, len(defs))
	for i, f := range defs {
		keys[i] = f.Key
	}
	next := reasons.RemedyAddFieldFirst()
	if len(keys) > 0 {
		next = reasons.RemedyUseAKnownField(strings.Join(keys, ", "))
	}
	return dam.InvalidInput("custom."+key, reasons.UnknownCustomField(key).With(next))
}

// overText merges a patch into a localized text: a bare one is that of the library's locale, null and "" take a locale
// out, and what is no text stays for Clean to refuse.
func overText(before, patch any, locale string) any {
	if s, bare := patch.(string); bare {
		patch = map[string]any{locale: s}
	}
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	was, _ := before.(map[string]any)
	out := maps.Clone(was)
	if out == nil {
		out = map[string]any{}
	}
	for l, v := range p {
		if v == nil {
			delete(out, dam.Locale(l))
		} else {
			out[dam.Locale(l)] = v
		}
	}
	return out
}

// require refuses an edit that leaves a field empty which is required to save. One that fills in some of several that
// are empty is taken, since a form may save one field at a time. What others edit is not asked for.
func (r rules) require(before, after *dam.Asset) error {
	defs := r.allowed(true)
	missing := dam.MissingFields(defs, after, dam.RequiredToSave)
	if len(missing) == 0 || len(missing) < len(dam.MissingFields(defs, before, dam.RequiredToSave)) {
		return nil
	}
	return dam.RequireFields(defs, after, dam.RequiredToSave)
}

// ReplaceTermIn gives an asset one term in place of another, as a part of a transaction, and reports whether that
// changed it. Nothing else of the asset is checked, which may have become wrong since it was written.
func (s *Service) ReplaceTermIn(ctx context.Context, tx *catalog.Tx, library, id string, t dam.TermChange) (bool,
	error) {
	a, err := tx.Assets().LockAsset(ctx, library, id)
	if err != nil {
		return false, err
	}
	before := a.Custom
	a.Custom = maps.Clone(before)
	changed := false
	for _, key := range t.Fields {
		switch v := a.Custom[key].(type) {
		case string:
			if v == t.From {
				a.Custom[key], changed = t.To, true
			}
		case []any:
			list := []any{}
			for _, x := range v {
				if x == any(t.From) {
					x, changed = t.To, true
				}
				if !slices.Contains(list, x) {
					list = append(list, x)
				}
			}
			a.Custom[key] = list
		}
	}
	if !changed {
		return false, nil
	}
	tx.EmitAsset(dam.AssetUpdated, &a, map[string]any{"fields": []string{"custom"}},
		dam.Change{Field: "custom", Before: before, After: a.Custom})
	return true, tx.Assets().UpdateAsset(ctx, &a)
}
