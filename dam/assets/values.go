package assets

import (
	"context"
	"maps"
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
		Refer: func(f dam.CustomField, value string) (string, error) { return refer(ctx, tx, library, f, value) }}}, nil
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

// clean checks the values that a patch sets on an asset, and puts them as they are kept. before are the asset's values,
// custom those that the patch has been merged into.
func (r rules) clean(a *dam.Asset, patched, before, custom map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(patched)) {
		v := patched[key]
		if v == nil {
			continue // taken away, which is always possible
		}
		at := "custom." + key
		i := indexOf(r.defs, key)
		if i < 0 {
			return unknownCustom(r.defs, key)
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
		clean, err := f.Clean(at, v, r.context)
		if err != nil {
			return err
		}
		if clean == nil {
			delete(custom, key)
		} else {
			custom[key] = clean
		}
	}
	return nil
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
// are empty is taken, since a form may save one field at a time.
func (r rules) require(before, after *dam.Asset) error {
	missing := dam.MissingFields(r.defs, after, dam.RequiredToSave)
	if len(missing) == 0 || len(missing) < len(dam.MissingFields(r.defs, before, dam.RequiredToSave)) {
		return nil
	}
	return dam.RequireFields(r.defs, after, dam.RequiredToSave)
}
