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
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
)

// Fields are what people edit of an asset: the shape of a merge patch (RFC 7396)
// with every member optional, null to clear. Texts also take a bare string, which
// sets the library's default locale and leaves the others alone.
type Fields struct {
	Title       dam.Text     `json:"title,omitempty"`
	Description dam.Text     `json:"description,omitempty"`
	Alt         dam.Text     `json:"alt,omitempty"`
	Caption     dam.Text     `json:"caption,omitempty"`
	Tags        []string     `json:"tags,omitempty" nullable:"true" maxItems:"200" eachLength:"200"`
	Creator     string       `json:"creator,omitempty" maxLength:"500"`
	Copyright   string       `json:"copyright,omitempty" maxLength:"1000"`
	Rating      int          `json:"rating,omitempty" minimum:"0" maximum:"5"`
	Captured    *dam.Capture `json:"captured,omitempty"`
	Place       *dam.Geo     `json:"place,omitempty"`
	Focal       *dam.Point   `json:"focal,omitempty"`
	Rights      dam.Rights   `json:"rights,omitzero"`
	SKUs        []string     `json:"skus,omitempty" nullable:"true" maxItems:"500" eachLength:"200"`
	// Custom holds values of the library's own fields.
	Custom map[string]any       `json:"custom,omitempty" maxProperties:"100"`
	Focals map[string]dam.Point `json:"focals,omitempty" maxProperties:"200" doc:"Focal points for single presets; null removes one"`
	Zones  []dam.ProtectedZone  `json:"zones,omitempty" nullable:"true" maxItems:"50" doc:"Parts that no crop may cut"`
}

// Patch is a parsed merge patch: field → value as JSON has it, within the bounds of Fields.
type Patch map[string]any

var textFields = []string{"title", "description", "alt", "caption"}

var fieldNames = func() []string {
	t := reflect.TypeFor[Fields]()
	out := make([]string, t.NumField())
	for i := range out {
		out[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return out
}()

// ParsePatch reads a merge patch and refuses fields that can't be edited, and values
// that are beyond their bounds or of another type.
func ParsePatch(raw []byte) (Patch, error) {
	var p Patch
	if err := json.Unmarshal(raw, &p); err != nil || p == nil {
		return nil, &dam.Error{Code: dam.Invalid, Field: "body", Reason: reasons.PatchNotObject(), Err: err}
	}
	return p, p.check()
}

// newPatch is ParsePatch for members that are read already.
func newPatch(members map[string]json.RawMessage) (Patch, error) {
	p := make(Patch, len(members))
	for k, raw := range members {
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, dam.InvalidInput(k, reasons.InvalidJson())
		}
		p[k] = v
	}
	return p, p.check()
}

// check is done before anything is locked: what it lets through is quickly merged.
func (p Patch) check() error {
	for _, k := range slices.Sorted(maps.Keys(p)) {
		if !slices.Contains(fieldNames, k) {
			return unknownField(k)
		}
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	f, err := decodeFields(raw)
	if err != nil {
		return err
	}
	for _, k := range textFields {
		if err := p.canonicalLocales(k); err != nil {
			return err
		}
	}
	for _, t := range []dam.Text{f.Title, f.Description, f.Alt, f.Caption} {
		delete(t, "") // whose language in() knows
	}
	if err := dam.CheckBounds("", f); err != nil {
		return err
	}
	return f.checkLists()
}

// canonicalLocales writes the locales of a text as the asset does that the patch is merged into.
func (p Patch) canonicalLocales(field string) error {
	text, ok := p[field].(map[string]any)
	if !ok {
		return nil
	}
	if err := dam.CheckLocales(field, maps.Keys(text)); err != nil {
		return err
	}
	out := make(map[string]any, len(text))
	for l, v := range text {
		out[dam.Locale(l)] = v
	}
	p[field] = out
	return nil
}

// in puts bare texts into the library's language.
func (p Patch) in(locale string) (Patch, error) {
	out := maps.Clone(p)
	for _, k := range textFields {
		if s, ok := p[k].(string); ok {
			if err := dam.CheckBounds(k, dam.Text{locale: s}); err != nil {
				return nil, err
			}
			out[k] = map[string]any{dam.Locale(locale): s}
		}
	}
	return out, nil
}

func decodeFields(raw []byte) (f Fields, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return f, typeError(err)
	}
	return f, nil
}

func unknownField(name string) error {
	return dam.InvalidInput(name, reasons.FieldNotEditable(strings.Join(fieldNames, ", ")))
}

// fieldsOf are the fields as an asset has them.
func fieldsOf(a *dam.Asset) (f Fields) {
	copyFields(reflect.ValueOf(&f).Elem(), reflect.ValueOf(a).Elem())
	return f
}

// copyFields copies what people edit between an asset and Fields, whose members have the asset's names and types.
func copyFields(to, from reflect.Value) {
	t := reflect.TypeFor[Fields]()
	for i := range t.NumField() {
		name := t.Field(i).Name
		to.FieldByName(name).Set(from.FieldByName(name))
	}
}

// apply merges the patch into the asset and returns what changed. own is what the library's own fields ask for.
func (p Patch) apply(a *dam.Asset, own rules) ([]dam.Change, error) {
	before, err := toMap(fieldsOf(a))
	if err != nil {
		return nil, err
	}
	after := maps.Clone(before)
	for _, k := range slices.Sorted(maps.Keys(p)) {
		after[k] = merge(before[k], p[k])
	}
	if v, ok := p["custom"]; ok {
		patched, isObject := v.(map[string]any)
		if !isObject && v != nil {
			return nil, dam.InvalidInput("custom", reasons.CustomNotObject())
		}
		custom, _ := after["custom"].(map[string]any)
		was, _ := before["custom"].(map[string]any)
		if !isObject { // null clears what one may edit
			custom = maps.Clone(was)
			maps.DeleteFunc(custom, func(key string, _ any) bool { _, edits := own.allows(key); return edits })
			after["custom"] = custom
		}
		if err := own.clean(a, patched, was, custom); err != nil {
			return nil, err
		}
	}
	edited := *a
	changes, err := put(&edited, before, after)
	if err != nil {
		return nil, err
	}
	if len(changes) > 0 {
		if err := own.require(a, &edited); err != nil {
			return nil, err
		}
	}
	*a = edited
	return changes, nil
}

// put writes the fields after over those before and returns what that changes.
func put(a *dam.Asset, before, after map[string]any) ([]dam.Change, error) {
	raw, err := json.Marshal(after)
	if err != nil {
		return nil, err
	}
	f, err := decodeFields(raw)
	if err != nil {
		return nil, err
	}
	if err := f.validate(before, after); err != nil {
		return nil, err
	}
	f.clean()
	copyFields(reflect.ValueOf(a).Elem(), reflect.ValueOf(&f).Elem())
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
		return dam.InvalidInput(wrong.Field, reasons.ValueOfWrongType(wrong.Value, wrong.Type.String()))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return dam.InvalidInput(strings.Trim(name, `"`), reasons.UnknownMember())
	}
	var known *dam.Error
	if errors.As(err, &known) {
		return known
	}
	return &dam.Error{Code: dam.Invalid, Field: "body", Reason: reasons.AValueOfWrongType(), Err: err}
}

// validate checks what the fields are to be. What a change leaves as it was is not
// held against bounds that came later.
func (f *Fields) validate(before, after map[string]any) error {
	v := reflect.ValueOf(f).Elem()
	for i, name := range fieldNames {
		if reflect.DeepEqual(before[name], after[name]) {
			continue
		}
		one := reflect.New(v.Type()).Elem()
		one.Field(i).Set(v.Field(i))
		if err := dam.CheckBounds("", one.Interface()); err != nil {
			return err
		}
	}
	if err := f.checkLists(); err != nil {
		return err
	}
	if f.Rating < 0 || f.Rating > 5 {
		return dam.InvalidInput("rating", reasons.RatingRange())
	}
	if p := f.Focal; p != nil && (p.X < 0 || p.X > 1 || p.Y < 0 || p.Y > 1) {
		return dam.InvalidInput("focal", reasons.FocalPointRange())
	}
	for name, p := range f.Focals {
		if p.X < 0 || p.X > 1 || p.Y < 0 || p.Y > 1 {
			return dam.InvalidInput("focals."+name, reasons.FocalPointRange())
		}
	}
	if len(f.Zones) > 50 {
		return dam.InvalidInput("zones", reasons.TooManyZones())
	}
	for i, z := range f.Zones {
		if err := z.Validate(fmt.Sprintf("zones[%d]", i)); err != nil {
			return err
		}
	}
	if p := f.Place; p != nil && (p.Lat < -90 || p.Lat > 90 || p.Lon < -180 || p.Lon > 180) {
		return dam.InvalidInput("place", reasons.CoordinatesRange())
	}
	if c := f.Captured; c != nil {
		if _, err := c.Time(utc); err != nil {
			return dam.InvalidInput("captured", reasons.NotACaptureTime())
		}
	}
	f.Rights = f.Rights.Whole()
	return f.Rights.Validate("rights")
}

// checkLists refuses entries that are empty or have more than one line.
func (f *Fields) checkLists() error {
	for name, list := range map[string][]string{"tags": f.Tags, "skus": f.SKUs} {
		for i, s := range list {
			at := fmt.Sprintf("%s[%d]", name, i)
			if canon.Name(s) == "" {
				return dam.InvalidInput(at, reasons.ListEntryEmpty())
			}
			if err := dam.CheckLine(at, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// clean trims lines, puts lists into canonical form and drops empty texts.
func (f *Fields) clean() {
	for _, t := range []*dam.Text{&f.Title, &f.Description, &f.Alt, &f.Caption} {
		*t = dam.Text{}.Merge(*t)
	}
	f.Tags, f.SKUs = canon.Unique(f.Tags), canon.UniqueSKUs(f.SKUs)
	v := reflect.ValueOf(f).Elem()
	for i := range v.NumField() {
		if line := v.Field(i); line.Kind() == reflect.String {
			line.SetString(strings.TrimSpace(line.String()))
		}
	}
}
