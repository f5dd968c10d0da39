package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
)

// assets rewrites tags, SKUs, choices of custom fields and the locales of texts. Most assets need nothing: they are
// read in two columns and looked through, without being decoded.
func (w *nameWork) assets(ctx context.Context) (more bool, err error) {
	type stored struct {
		number       int64
		id           string
		names, texts string
	}
	list, err := all(ctx, w.tx.Conn, func(r row) (s stored, err error) {
		err = r.Scan(&s.number, &s.id, &s.names, &s.texts)
		return
	},
		`SELECT number, id, tags||skus||custom, title||description||alt||caption FROM assets WHERE number>CAST($1 AS BIGINT)
		ORDER BY number LIMIT $2`, cmp.Or(w.key, "0"), namePortion)
	if err != nil {
		return false, err
	}
	var ids []string
	for _, s := range list {
		w.key = strconv.FormatInt(s.number, 10)
		if !canon.Clean(s.names) || otherLocales(s.texts) {
			ids = append(ids, s.id)
		}
	}
	if len(ids) > 0 {
		fields, err := w.tx.Libraries().Fields(ctx)
		if err != nil {
			return false, err
		}
		for chunk := range slices.Chunk(ids, 500) {
			if err := w.rewrite(ctx, chunk, fields); err != nil {
				return false, err
			}
		}
	}
	return len(list) == namePortion, nil
}

// rewrite does what assets is for with those that seem to need it.
func (w *nameWork) rewrite(ctx context.Context, ids []string, fields map[string][]dam.CustomField) error {
	list, err := w.tx.Assets().LockAssets(ctx, ids)
	if err != nil {
		return err
	}
	texts, err := w.texts(ctx, ids)
	if err != nil {
		return err
	}
	for i := range list {
		a := &list[i]
		changes := w.texted(a, texts[a.ID])
		if tags := w.names(a.Library, dam.NameTag, a.ID, a.Tags); !slices.Equal(tags, a.Tags) {
			changes = append(changes, dam.Change{Field: "tags", Before: a.Tags, After: tags})
			a.Tags = tags
		}
		if skus := w.names(a.Library, dam.NameSKU, a.ID, a.SKUs); !slices.Equal(skus, a.SKUs) {
			changes = append(changes, dam.Change{Field: "skus", Before: a.SKUs, After: skus})
			a.SKUs = skus
		}
		if custom := w.choices(a, fields[a.Library]); !reflect.DeepEqual(custom, a.Custom) {
			changes = append(changes, dam.Change{Field: "custom", Before: a.Custom, After: custom})
			a.Custom = custom
		}
		if len(changes) == 0 {
			continue
		}
		changed := make([]string, len(changes))
		for i, c := range changes {
			changed[i] = c.Field
		}
		w.tx.EmitAsset(dam.AssetUpdated, a, map[string]any{"fields": changed}, changes...)
		if err := w.tx.Assets().UpdateAsset(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// localised are the texts of an asset as they are stored, by field.
type localised map[string]map[string]json.RawMessage

var localisedFields = []string{"title", "description", "alt", "caption"}

func (w *nameWork) texts(ctx context.Context, ids []string) (map[string]localised, error) {
	type stored struct {
		id    string
		texts localised
	}
	in, args := inList(ids, 1)
	list, err := all(ctx, w.tx.Conn, func(r row) (s stored, err error) {
		s.texts = localised{}
		dst := []any{&s.id}
		values := make([]map[string]json.RawMessage, len(localisedFields))
		for i := range localisedFields {
			dst = append(dst, asJSON{&values[i]})
		}
		err = r.Scan(dst...)
		for i, name := range localisedFields {
			s.texts[name] = values[i]
		}
		return s, err
	}, `SELECT id,`+strings.Join(localisedFields, ",")+` FROM assets WHERE id IN `+in, args...)
	out := make(map[string]localised, len(list))
	for _, s := range list {
		out[s.id] = s.texts
	}
	return out, err
}

// texted returns the changes of an asset's texts, which dam.Text has read in canonical form.
func (w *nameWork) texted(a *dam.Asset, stored localised) (changes []dam.Change) {
	for _, name := range localisedFields {
		if w.textLocales(a.Library, a.ID, stored[name]) {
			now := map[string]dam.Text{"title": a.Title, "description": a.Description, "alt": a.Alt,
				"caption": a.Caption}[name]
			changes = append(changes, dam.Change{Field: name, Before: stored[name], After: now})
		}
	}
	return changes
}

// choices returns an asset's custom fields with the choices in canonical form.
func (w *nameWork) choices(a *dam.Asset, fields []dam.CustomField) map[string]any {
	out := maps.Clone(a.Custom)
	for _, f := range fields {
		if f.Type != dam.FieldChoice {
			continue
		}
		switch v := a.Custom[f.Key].(type) {
		case string:
			out[f.Key] = w.names(a.Library, dam.NameChoice, a.ID, []string{v})[0]
		case []any:
			var list []string
			for _, x := range v {
				if s, ok := x.(string); ok {
					list = append(list, s)
				}
			}
			if len(list) != len(v) {
				continue
			}
			many := []any{}
			for _, s := range w.names(a.Library, dam.NameChoice, a.ID, list) {
				many = append(many, s)
			}
			out[f.Key] = many
		}
	}
	return out
}

// otherLocales reports whether a text's JSON may have a locale in another form than dam.Locale writes. What looks like
// a key inside of a text is taken for one.
func otherLocales(texts string) bool {
	for {
		end := strings.Index(texts, `":`)
		if end < 0 {
			return false
		}
		if l := texts[strings.LastIndexByte(texts[:end], '"')+1 : end]; len(l) <= dam.MaxLocale && dam.Locale(l) != l {
			return true
		}
		texts = texts[end+2:]
	}
}
