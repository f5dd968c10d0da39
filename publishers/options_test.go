package publishers

import (
	"encoding/json"
	"testing"
)

func TestOptionsAreHeldAgainstTheChannelsSchema(t *testing.T) {
	board := json.RawMessage(`{"type": "object", "required": ["n"], "properties": {"n": {"type": "number", "minimum": 1, "maximum": 5}, "side": {"type": "string", "enum": ["left", "right"]}}}`)
	for raw, want := range map[string]string{
		``:                           ``,
		`{"side": "left", "n": 2.5}`: `{"n":2.5,"side":"left"}`, // one form, so that equal options have equal digests
		`{"n": 1, "side": ""}`:       `{"n":1}`,
		`{"n":1,"side":null}`:        `{"n":1}`,
	} {
		if got, err := CheckOptions("Board", board, json.RawMessage(raw)); err != nil || string(got) != want {
			t.Errorf("%s: %s %v, want %s", raw, got, err, want)
		}
	}
	for raw, field := range map[string]string{`{}`: "options.n", `{"n": 0}`: "options.n", `{"n": 6}`: "options.n", `{"n": "1"}`: "options.n", `{"n": 1, "side": "up"}`: "options.side", `{"n": 1, "x": 1}`: "options.x", `[]`: "options"} {
		if _, err := CheckOptions("Board", board, json.RawMessage(raw)); err == nil || err.Field != field || err.Remedy == "" {
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
