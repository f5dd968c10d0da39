package assets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"vitrine/dam"
)

// Fields are what people edit of an asset: the shape of a merge patch (RFC 7396)
// with every member optional, null to clear. Texts also take a bare string, which
// sets the library's default locale and leaves the others alone.
type Fields struct {
	Title       dam.Text     `json:"title,omitempty"`
	Description dam.Text     `json:"description,omitempty"`
	Alt         dam.Text     `json:"alt,omitempty"`
	Caption     dam.Text     `json:"caption,omitempty"`
	Tags        []string     `json:"tags,omitempty" nullable:"true" maxItems:"200"`
	Creator     string       `json:"creator,omitempty" maxLength:"500"`
	Copyright   string       `json:"copyright,omitempty" maxLength:"1000"`
	Rating      int          `json:"rating,omitempty" minimum:"0" maximum:"5"`
	Captured    *dam.Capture `json:"captured,omitempty"`
	Place       *dam.Geo     `json:"place,omitempty"`
	Focal       *dam.Point   `json:"focal,omitempty"`
	Rights      dam.Rights   `json:"rights,omitzero"`
	SKUs        []string     `json:"skus,omitempty" nullable:"true" maxItems:"500"`
	// Custom holds values of the library's own fields.
	Custom map[string]any       `json:"custom,omitempty"`
	Focals map[string]dam.Point `json:"focals,omitempty" doc:"Focal points for single presets; null removes one"`
	Zones  []dam.ProtectedZone  `json:"zones,omitempty" nullable:"true" maxItems:"50" doc:"Parts that no crop may cut"`
}

// Patch is a parsed merge patch: field → raw value.
type Patch map[string]json.RawMessage

var textFields = []string{"title", "description", "alt", "caption"}

var fieldNames = func() []string {
	t := reflect.TypeFor[Fields]()
	out := make([]string, t.NumField())
	for i := range out {
		out[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return out
}()

// ParsePatch reads a merge patch and refuses fields that can't be edited.
func ParsePatch(raw []byte) (Patch, error) {
	var p Patch
	if err := json.Unmarshal(raw, &p); err != nil || p == nil {
		return nil, &dam.Error{Code: dam.Invalid, Field: "body", Message: "the body is not a JSON object", Remedy: `send a merge patch such as {"title": {"en": "Blue chair"}}`, Err: err}
	}
	for k := range p {
		if !slices.Contains(fieldNames, k) {
			return nil, unknownField(k)
		}
	}
	return p, nil
}

func unknownField(name string) error {
	return dam.InvalidField(name, "this field does not exist or can't be edited", "editable fields: "+strings.Join(fieldNames, ", "))
}

func fieldsOf(a *dam.Asset) Fields {
	return Fields{a.Title, a.Description, a.Alt, a.Caption, a.Tags, a.Creator, a.Copyright, a.Rating, a.Captured, a.Place, a.Focal, a.Rights, a.SKUs, a.Custom, a.Focals, a.Zones}
}

// apply merges the patch into the asset and returns what changed. own are the
// library's fields.
func (p Patch) apply(a *dam.Asset, locale string, own []dam.CustomField) ([]dam.Change, error) {
	before, err := toMap(fieldsOf(a))
	if err != nil {
		return nil, err
	}
	after := maps.Clone(before)
	for _, k := range slices.Sorted(maps.Keys(p)) {
		var v any
		if err := json.Unmarshal(p[k], &v); err != nil {
			return nil, dam.InvalidField(k, "not valid JSON", "check quotes and brackets")
		}
		if s, ok := v.(string); ok && slices.Contains(textFields, k) {
			v = map[string]any{locale: s}
		}
		after[k] = merge(before[k], v)
	}
	if raw, ok := p["custom"]; ok {
		var patched map[string]any
		if err := json.Unmarshal(raw, &patched); err != nil {
			return nil, dam.InvalidField("custom", "not an object", `send values by key, such as {"season": "summer"}`)
		}
		custom, _ := after["custom"].(map[string]any)
		if err := cleanCustom(own, patched, custom); err != nil {
			return nil, err
		}
	}
	return put(a, before, after)
}

// put writes the fields after over those before and returns what that changes.
func put(a *dam.Asset, before, after map[string]any) ([]dam.Change, error) {
	raw, err := json.Marshal(after)
	if err != nil {
		return nil, err
	}
	var f Fields
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, typeError(err)
	}
	if err := f.validate(); err != nil {
		return nil, err
	}
	f.clean()
	a.Title, a.Description, a.Alt, a.Caption, a.Tags, a.Creator, a.Copyright, a.Rating = f.Title, f.Description, f.Alt, f.Caption, f.Tags, f.Creator, f.Copyright, f.Rating
	a.Captured, a.Place, a.Focal, a.Rights, a.SKUs, a.Custom = f.Captured, f.Place, f.Focal, f.Rights, f.SKUs, f.Custom
	a.Focals, a.Zones = f.Focals, f.Zones
	after, err = toMap(fieldsOf(a))
	if err != nil {
		return nil, err
	}
	var changes []dam.Change
	for _, k := range fieldNames {
		if !reflect.DeepEqual(before[k], after[k]) {
			changes = append(changes, dam.Change{Field: k, Before: before[k], After: after[k]})
		}
	}
	return changes, nil
}

func toMap(f Fields) (map[string]any, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	m := map[string]any{}
	return m, json.Unmarshal(raw, &m)
}

// merge is RFC 7396: objects merge member by member, null removes, anything else replaces.
func merge(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, ok := target.(map[string]any)
	if !ok {
		t = nil
	}
	out := make(map[string]any, len(t)+len(p))
	maps.Copy(out, t)
	for k, v := range p {
		if v == nil {
			delete(out, k)
		} else {
			out[k] = merge(out[k], v)
		}
	}
	return out
}

func typeError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return dam.InvalidField(wrong.Field, "a "+wrong.Value+" where "+wrong.Type.String()+" belongs", "see the field's type in /api/openapi.json")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return dam.InvalidField(strings.Trim(name, `"`), "unknown member", "see the field's shape in /api/openapi.json")
	}
	var known *dam.Error
	if errors.As(err, &known) {
		return known
	}
	return &dam.Error{Code: dam.Invalid, Field: "body", Message: "a value has the wrong type", Remedy: "see /api/openapi.json", Err: err}
}

const maxText = 10_000 // characters

func (f *Fields) validate() error {
	for name, t := range map[string]dam.Text{"title": f.Title, "description": f.Description, "alt": f.Alt, "caption": f.Caption} {
		for l, s := range t {
			if l == "" || len(l) > 35 || strings.ContainsAny(l, " _/") {
				return dam.InvalidField(name, fmt.Sprintf("%q is not a locale", l), "use a language tag such as en, fr or fr-CA")
			}
			if len([]rune(s)) > maxText {
				return dam.InvalidField(name+"."+l, "longer than 10,000 characters", "shorten the text")
			}
		}
	}
	for name, list := range map[string][]string{"tags": f.Tags, "skus": f.SKUs} {
		for i, s := range list {
			if strings.TrimSpace(s) == "" || len([]rune(s)) > 200 {
				return dam.InvalidField(fmt.Sprintf("%s[%d]", name, i), "empty, or longer than 200 characters", "remove or shorten it")
			}
		}
	}
	if f.Rating < 0 || f.Rating > 5 {
		return dam.InvalidField("rating", "a rating is 0–5", "0 clears it")
	}
	if p := f.Focal; p != nil && (p.X < 0 || p.X > 1 || p.Y < 0 || p.Y > 1) {
		return dam.InvalidField("focal", "x and y are fractions from 0 to 1 of the picture's width and height", "0.5, 0.5 is the centre")
	}
	for name, p := range f.Focals {
		if p.X < 0 || p.X > 1 || p.Y < 0 || p.Y > 1 {
			return dam.InvalidField("focals."+name, "x and y are fractions from 0 to 1 of the picture's width and height", "0.5, 0.5 is the centre")
		}
	}
	if len(f.Zones) > 50 {
		return dam.InvalidField("zones", "more than 50 zones", "draw one around several")
	}
	for i, z := range f.Zones {
		if err := z.Validate(fmt.Sprintf("zones[%d]", i)); err != nil {
			return err
		}
	}
	if p := f.Place; p != nil && (p.Lat < -90 || p.Lat > 90 || p.Lon < -180 || p.Lon > 180) {
		return dam.InvalidField("place", "latitude is −90…90, longitude −180…180 degrees", "swap them if they are the wrong way round")
	}
	if c := f.Captured; c != nil {
		if _, err := c.Time(utc); err != nil {
			return dam.InvalidField("captured", "not a capture time", `send {"wall": "2026-05-01T10:30:00", "offset": "+02:00"}`)
		}
	}
	return f.Rights.Validate("rights")
}

// clean trims and de-duplicates lists and drops empty texts.
func (f *Fields) clean() {
	for _, t := range []*dam.Text{&f.Title, &f.Description, &f.Alt, &f.Caption} {
		*t = dam.Text{}.Merge(*t)
	}
	f.Tags, f.SKUs = unique(f.Tags), unique(f.SKUs)
	f.Creator, f.Copyright = strings.TrimSpace(f.Creator), strings.TrimSpace(f.Copyright)
}

func unique(list []string) []string {
	out := []string{}
	for _, s := range list {
		s = strings.TrimSpace(s)
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, s) }) {
			out = append(out, s)
		}
	}
	return out
}
