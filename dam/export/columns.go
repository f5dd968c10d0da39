package export

import (
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// column is one field of an asset: a value, or a localised text.
type column struct {
	name   string
	value  func(*dam.Asset) any // string, int64, float64, bool, []string; nil for nothing
	text   func(*dam.Asset) dam.Text
	locale string // of text, "" for all
}

func (c column) in(locale string) column {
	c.locale = locale
	return c
}

// heading is the column's name in a table.
func (c column) heading() string {
	if c.locale != "" {
		return c.name + "." + c.locale
	}
	return c.name
}

// of is the column's value for an asset.
func (c column) of(a *dam.Asset) any {
	switch {
	case c.text == nil:
		return c.value(a)
	case c.locale != "":
		return c.text(a)[c.locale]
	}
	return c.text(a)
}

func columns() []column {
	instant := func(t time.Time) any { return t.UTC().Format(time.RFC3339) }
	some := func(n int) any {
		if n == 0 {
			return nil
		}
		return int64(n)
	}
	list := []column{
		{name: "id", value: func(a *dam.Asset) any { return a.ID }},
		{name: "title", text: func(a *dam.Asset) dam.Text { return a.Title }},
		{name: "description", text: func(a *dam.Asset) dam.Text { return a.Description }},
		{name: "alt", text: func(a *dam.Asset) dam.Text { return a.Alt }},
		{name: "caption", text: func(a *dam.Asset) dam.Text { return a.Caption }},
		{name: "type", value: func(a *dam.Asset) any { return string(a.Kind) }},
		{name: "status", value: func(a *dam.Asset) any { return string(a.Latest.Status) }},
		{name: "live", value: func(a *dam.Asset) any { return a.Live != "" }},
		{name: "file_name", value: func(a *dam.Asset) any { return a.Latest.FileName }},
		{name: "media_type", value: func(a *dam.Asset) any { return a.Latest.MediaType }},
		{name: "size", value: func(a *dam.Asset) any { return a.Latest.Size }},
		{name: "width", value: func(a *dam.Asset) any { return some(a.Latest.Width) }},
		{name: "height", value: func(a *dam.Asset) any { return some(a.Latest.Height) }},
		{name: "tags", value: func(a *dam.Asset) any { return a.Tags }},
		{name: "skus", value: func(a *dam.Asset) any { return a.SKUs }},
		{name: "collections", value: func(a *dam.Asset) any { return a.Collections }},
	}
	for _, f := range dam.TextFields() {
		list = append(list, column{name: f.Name, value: func(a *dam.Asset) any { return *f.Of(a) }})
	}
	return append(list, []column{
		{name: "rating", value: func(a *dam.Asset) any { return some(a.Rating) }},
		{name: "taken", value: func(a *dam.Asset) any {
			if a.Captured == nil {
				return nil
			}
			return a.Captured.Wall + a.Captured.Offset
		}},
		{name: "latitude", value: func(a *dam.Asset) any {
			if a.Place == nil {
				return nil
			}
			return a.Place.Lat
		}},
		{name: "longitude", value: func(a *dam.Asset) any {
			if a.Place == nil {
				return nil
			}
			return a.Place.Lon
		}},
		{name: "rights_from", value: func(a *dam.Asset) any { return string(a.Rights.From) }},
		{name: "rights_until", value: func(a *dam.Asset) any { return string(a.Rights.Until) }},
		{name: "territories", value: func(a *dam.Asset) any { return a.Rights.Territories }},
		{name: "allowed_from", value: func(a *dam.Asset) any { return string(a.Effective().From) }},
		{name: "allowed_until", value: func(a *dam.Asset) any { return string(a.Effective().Until) }},
		{name: "allowed_territories", value: func(a *dam.Asset) any { return a.Effective().Territories }},
		{name: "version", value: func(a *dam.Asset) any { return int64(a.Latest.N) }},
		{name: "sha256", value: func(a *dam.Asset) any { return a.Latest.SHA256 }},
		{name: "uploaded", value: func(a *dam.Asset) any { return instant(a.CreatedAt) }},
		{name: "updated", value: func(a *dam.Asset) any { return instant(a.UpdatedAt) }},
	}...)
}

// custom makes a column of a field that the library has added; called says what terms are called.
func custom(f dam.CustomField, called func(f dam.CustomField, id string) string) column {
	if f.Type == dam.FieldLocalized {
		return column{name: "custom." + f.Key, text: func(a *dam.Asset) dam.Text {
			object, _ := a.Custom[f.Key].(map[string]any)
			out := dam.Text{}
			for l, v := range object {
				out[l], _ = v.(string) // it holds texts only
			}
			return out
		}}
	}
	return column{name: "custom." + f.Key, value: func(a *dam.Asset) any {
		list, ok := a.Custom[f.Key].([]any)
		if id, isText := a.Custom[f.Key].(string); isText && f.Vocabulary != "" {
			return called(f, id)
		}
		if !ok {
			return a.Custom[f.Key]
		}
		out := make([]string, len(list))
		for i, v := range list {
			out[i], _ = v.(string) // lists hold texts only
			if f.Vocabulary != "" {
				out[i] = called(f, out[i])
			}
		}
		return out
	}}
}

// choose finds columns by name, those of the library's own fields behind the others; all
// of them when none is named.
func choose(names []string, own []dam.CustomField, called func(f dam.CustomField, id string) string) ([]column,
	error) {
	all := columns()
	for _, f := range own {
		all = append(all, custom(f, called))
	}
	if len(names) == 0 {
		return all, nil
	}
	var out []column
	for _, n := range names {
		n = strings.TrimSpace(n)
		found := false
		for _, c := range all {
			locale, of := strings.CutPrefix(n, c.name+".")
			switch {
			case c.name == n:
				out, found = append(out, c), true
			case of && c.text != nil:
				out, found = append(out, c.in(dam.Locale(locale))), true
			}
		}
		if !found {
			known := make([]string, len(all))
			for i, c := range all {
				known[i] = c.name
			}
			return nil, dam.InvalidInput("fields", reasons.NoExportColumn(n, strings.Join(known, ", ")))
		}
	}
	return out, nil
}
