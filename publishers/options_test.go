package publishers

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"vitrine/dam"
)

func TestOptionsAreHeldAgainstTheChannelsSchema(t *testing.T) {
	board := json.RawMessage(
		`{"type": "object", "required": ["n"], "properties": {"n": {"type": "number", "minimum": 1, "maximum": 5}, "side": {"type": "string", "enum": ["left", "right"]}}}`)
	for raw, want := range map[string]string{
		``:                           ``,
		`{"side": "left", "n": 2.5}`: `{"n":2.5,"side":"left"}`, // normalized, so that equal options have equal digests
		`{"n": 1, "side": ""}`:       `{"n":1}`,
		`{"n":1,"side":null}`:        `{"n":1}`,
	} {
		if got, err := CheckOptions("Board", board, json.RawMessage(raw)); err != nil || string(got) != want {
			t.Errorf("%s: %s %v, want %s", raw, got, err, want)
		}
	}
	for raw, field := range map[string]string{`{}`: "options.n", `{"n": 0}`: "options.n", `{"n": 6}`: "options.n",
		`{"n": "1"}`: "options.n", `{"n": 1, "side": "up"}`: "options.side", `{"n": 1, "x": 1}`: "options.x",
		`[]`: "options"} {
		if _, err := CheckOptions("Board", board, json.RawMessage(raw)); err == nil || err.Field != field ||
			err.Advice() == "" {
			t.Errorf("%s: %v, want a refusal of %s", raw, err, field)
		}
	}
	if _, err := CheckOptions("Board", nil, json.RawMessage(`{"n": 1}`)); err == nil {
		t.Error("options on a channel that has none")
	}
	if got, err := CheckOptions("Board", nil, json.RawMessage(`{}`)); err != nil || got != nil {
		t.Errorf("no options on a channel that has none: %s %v", got, err)
	}
}

// Every keyword of a schema is enforced. Each refusal names the field and a remedy, and contains no secret.
func TestSettingsAreHeldAgainstAllOfTheSchema(t *testing.T) {
	k := Kind{Name: "test", Title: "Test",
		Schema: json.RawMessage(
			`{"$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["shop"], "properties": {
		"shop": {"type": "string", "minLength": 1, "pattern": "^[a-z]+$", "description": "small letters"},
		"from": {"type": "string", "format": "date"}, "short": {"type": "string", "maxLength": 3}, "long": {"type": "string", "minLength": 3},
		"sizes": {"type": "array", "items": {"type": "integer"}, "maxItems": 2}, "either": {"type": ["string", "boolean"]},
		"share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "times": {"type": "integer", "multipleOf": 2},
		"day": {"anyOf": [{"const": "first"}, {"const": "last"}]}, "pin": {"type": "string", "writeOnly": true, "pattern": "^[0-9]+$"},
		"code": {"writeOnly": true, "enum": ["a", "b"]}, "word": {"writeOnly": true, "const": "open"}}}`)}
	for _, raw := range []string{
		`{"shop": "a"}`, `{"shop": "a", "from": "2026-02-28", "short": "äöü", "sizes": [1, 2], "either": true}`,
		`{"shop": "a", "share": 0.5, "times": 4, "day": "last", "pin": "12"}`,
		`{"shop": "a", "from": "", "pin": "", "sizes": null}`, // as a form sends empty fields
	} {
		if _, _, err := k.Settings(json.RawMessage(raw), nil); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
	}
	for raw, want := range map[string]string{
		`"shop": "A"`: "config.shop: this is not of the form that is wanted; it has to match " +
			"^[a-z]+$ (small letters)",
		`"shop": " "`:          "config.shop: this setting is empty; fill it in",
		`"from": "2026-02-30"`: "config.from: not a date; write it as YYYY-MM-DD",
		`"short": "four"`:      "config.short: 4 of at most 3 characters; shorten it",
		`"long": "ab"`:         "config.long: 2 of at least 3 characters; enter more of it",
		`"sizes": [1, "2"]`: "config.sizes.1: this setting is of type integer; see the schema in " +
			"/api/channels/kinds",
		`"sizes": [1, 2, 3]`: "config.sizes: this does not fit its schema (maxItems); see the schema " +
			"in /api/channels/kinds",
		`"either": 1`: "config.either: this setting is of type boolean or string; see the " +
			"schema in /api/channels/kinds",
		`"share": 0`: "config.share: this does not fit its schema (exclusiveMinimum); see " +
			"the schema in /api/channels/kinds",
		`"share": 1`: "config.share: this does not fit its schema (exclusiveMaximum); see " +
			"the schema in /api/channels/kinds",
		`"times": 3`: "config.times: this does not fit its schema (multipleOf); see the " +
			"schema in /api/channels/kinds",
		`"times": 2.0`: "config.times: this setting is of type integer; see the schema in " +
			"/api/channels/kinds",
		`"share": 1e-2000000`: "config.share: this setting is of type number; see the schema in " +
			"/api/channels/kinds",
		`"share": 1e2000000`: "config.share: this setting is of type number; see the schema in " +
			"/api/channels/kinds",
		`"times": 1e30`: "config.times: this setting is of type integer; see the schema in " +
			"/api/channels/kinds",
		`"day": "second"`: "config.day: this does not fit its schema (anyOf); see the schema in " +
			"/api/channels/kinds",
		`"pin": "hunter2"`: "config.pin: this is not of the form that is wanted; it has to match " +
			"^[0-9]+$",
		`"code": "hunter2"`: "config.code: this does not fit its schema (enum); see the schema in " +
			"/api/channels/kinds",
		`"word": "hunter2"`: "config.word: this does not fit its schema (const); see the schema in " +
			"/api/channels/kinds",
		`"other": "x"`: "config.other: Test has no setting “other”; it has code, day, " +
			"either, from, long, pin, share, shop, short, sizes, times, word",
		`"from": "2026-02-28", "shop": null`: "config.shop: this setting is needed; fill it in",
	} {
		if !strings.Contains(raw, "shop") {
			raw += `, "shop": "a"`
		}
		_, _, err := k.Settings(json.RawMessage("{"+raw+"}"), nil)
		var e *dam.Error
		if !errors.As(err, &e) || e.Code != dam.Invalid || e.Field+": "+e.Text()+"; "+e.Advice() != want {
			t.Errorf("%s: %v\nwant %s", raw, err, want)
		}
	}
}

// Plug-ins write the schemas of their options: nothing that a schema refers to is fetched or opened, and a schema can't
// make a check run for ever.
func TestSchemasThatCannotBeRead(t *testing.T) {
	for _, raw := range []string{
		`[]`, `{"type": "image"}`, `{"properties": {"n": {"pattern": "("}}}`,
		`{"properties": {"n": {"minLength": -1}}}`,
		`{"properties": {"n": {"$ref": "file:///etc/hostname"}}}`,
		`{"properties": {"n": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}}}`,
		`{"$schema": "file:///etc/hostname", "properties": {"n": {}}}`,
		`{"$schema": "http://127.0.0.1:1/schema", "properties": {"n": {}}}`,
		`{"Properties": {"n": {}}}`, `{"properties": {"n": {}}, "properties": {"m": {}}}`,
	} {
		if err := CheckSchema(json.RawMessage(raw)); err == nil {
			t.Errorf("%s is read", raw)
		}
		if _, err := CheckOptions("Board", json.RawMessage(raw), json.RawMessage(`{"n": 1}`)); err == nil ||
			err.Field != "options" || err.Advice() == "" {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if err := CheckSchema(json.RawMessage(`{"properties": {"$ref": {"type": "string"}}}`)); err != nil {
		t.Errorf("a property of that name: %v", err)
	}
}
