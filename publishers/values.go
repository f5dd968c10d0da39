package publishers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// schema is the JSON Schema of settings or options: one flat object. The values of its properties may use everything in
// JSON Schema except references.
type schema struct {
	Required []string `json:"required"`
	// Dependent names the members that are required if another one is set.
	Dependent  map[string][]string `json:"dependentRequired"`
	Properties map[string]property `json:"properties"`
}

type property struct {
	Description string `json:"description"`
	WriteOnly   bool   `json:"writeOnly"`
	// Destination means that the setting says where the secrets are sent.
	Destination bool `json:"x-destination"`

	allows *jsonschema.Schema
}

// schemas caches parsed schemas: the settings of every kind, and the options of the plug-ins in use.
var schemas = struct {
	sync.Mutex
	read map[string]schema
}{read: map[string]schema{}}

// schemasKept bounds the cache, because a plug-in may describe itself differently each time.
const schemasKept = 256

// CheckSchema returns why a schema of settings or options can't be used; nil if it can.
func CheckSchema(raw json.RawMessage) error {
	_, err := readSchema(raw)
	return err
}

func readSchema(raw json.RawMessage) (schema, error) {
	schemas.Lock()
	defer schemas.Unlock()
	if s, ok := schemas.read[string(raw)]; ok {
		return s, nil
	}
	var s schema
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return s, err
	}
	// Without references the work of a check is bounded by the schema's size, and nothing outside the schema is read.
	if refers(doc) {
		return s, errors.New("it has references ($ref): write them out")
	}
	const name = "schema:///of-a-channel"
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // no schemes: the default reads files
	c.AssertFormat()
	if err := c.AddResource(name, doc); err != nil {
		return s, err
	}
	compiled, err := c.Compile(name)
	if err != nil {
		return s, err
	}
	for name, p := range s.Properties {
		if p.allows = compiled.Properties[name]; p.allows == nil { // the name occurs twice, or in different case
			return s, errors.New("it says twice what the properties are")
		}
		s.Properties[name] = p
	}
	if len(schemas.read) >= schemasKept {
		clear(schemas.read)
	}
	schemas.read[string(raw)] = s
	return s, nil
}

func refers(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range []string{"$ref", "$dynamicRef", "$recursiveRef"} {
			if _, ok := v[name].(string); ok {
				return true
			}
		}
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), refers)
	case []any:
		return slices.ContainsFunc(v, refers)
	}
	return false
}

// check checks a value against the property's schema.
func (p property) check(field string, raw []byte) *dam.Error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return dam.InvalidInput(field, reasons.InvalidJson())
	}
	if s, ok := v.(string); ok && p.allows.MinLength != nil && *p.allows.MinLength > 0 && strings.TrimSpace(s) == "" {
		return dam.InvalidInput(field, reasons.SettingEmpty())
	}
	if !plain(v) {
		return dam.InvalidInput(field, reasons.SettingOfWrongType("number"))
	}
	if err := p.allows.Validate(v); err != nil {
		return p.refusal(field, v, err)
	}
	// JSON Schema accepts 1.0 and 1e30 as integers, but the settings are decoded into int64.
	if n, ok := v.(json.Number); ok && p.allows.Types != nil {
		types := p.allows.Types.ToStrings()
		_, err := n.Int64()
		if err != nil && slices.Contains(types, "integer") && !slices.Contains(types, "number") {
			return dam.InvalidInput(field, reasons.SettingOfWrongType("integer"))
		}
	}
	return nil
}

// plain reports whether float64 can represent every number of a value without rounding it to zero or infinity. The
// validator computes with exact fractions, and the one of a number such as 1e-2000000 does not fit in memory.
func plain(v any) bool {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		mantissa, _, _ := strings.Cut(strings.ToLower(v.String()), "e")
		return err == nil && (f != 0 || !strings.ContainsAny(mantissa, "123456789"))
	case []any:
		return !slices.ContainsFunc(v, func(x any) bool { return !plain(x) })
	case map[string]any:
		for _, x := range v {
			if !plain(x) {
				return false
			}
		}
	}
	return true
}

// refusal returns what is wrong with a value, nil if nothing is. It never repeats the value of a secret.
func (p property) refusal(field string, v any, err error) *dam.Error {
	var e *jsonschema.ValidationError
	if !errors.As(err, &e) {
		return &dam.Error{Code: dam.Invalid, Field: field, Reason: reasons.SettingUnfit("schema"), Err: err}
	}
	for len(e.Causes) > 0 && !alternatives(e) { // of alternatives, no single cause applies
		e = e.Causes[0]
	}
	for _, name := range e.InstanceLocation {
		field += "." + name
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return dam.InvalidInput(field, reasons.SettingOfWrongType(strings.Join(k.Want, " or ")))
	case *kind.Enum:
		if !p.WriteOnly {
			choices := make([]string, len(k.Want))
			for i, c := range k.Want {
				choices[i] = fmt.Sprint(c)
			}
			return dam.InvalidInput(field, reasons.NotAChoice(fmt.Sprint(k.Got), strings.Join(choices, ", ")))
		}
	case *kind.MinLength:
		return dam.InvalidInput(field, reasons.SettingTooShort(k.Got, k.Want))
	case *kind.MaxLength:
		return dam.InvalidInput(field, reasons.SettingTooLong(k.Got, k.Want))
	case *kind.Minimum:
		return dam.InvalidInput(field, reasons.BelowMinimum(decimal(k.Want)))
	case *kind.Maximum:
		return dam.InvalidInput(field, reasons.AboveMaximum(decimal(k.Want)))
	case *kind.Pattern:
		if v == "" { // an empty text; minLength says whether it is allowed
			return nil
		}
		form := k.Want
		if p.Description != "" {
			form += " (" + p.Description + ")"
		}
		return dam.InvalidInput(field, reasons.SettingOfOtherForm(form))
	case *kind.Format:
		switch {
		case v == "":
			return nil
		case k.Want == "date":
			return dam.InvalidInput(field, reasons.NotADate())
		}
		return dam.InvalidInput(field, reasons.SettingNotOfFormat(k.Want))
	}
	return dam.InvalidInput(field, reasons.SettingUnfit(strings.Join(e.ErrorKind.KeywordPath(), ".")))
}

func alternatives(e *jsonschema.ValidationError) bool {
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf, *kind.Not:
		return true
	}
	return false
}

func decimal(n *big.Rat) float64 {
	f, _ := n.Float64()
	return f
}
