package publishers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/outbound"
)

// schema is the part of JSON Schema that channel settings use: one flat object.
type schema struct {
	Required   []string            `json:"required"`
	Properties map[string]property `json:"properties"`
}

type property struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Enum      []string `json:"enum"`
	WriteOnly bool     `json:"writeOnly"`
	// Destination: the setting says where the secrets are sent.
	Destination bool     `json:"x-destination"`
	MinLength   int      `json:"minLength"`
	Minimum     *float64 `json:"minimum"`
	Maximum     *float64 `json:"maximum"`
}

// CheckOptions holds what is said about a single publication against the channel's
// schema of it, and returns it in one form, so that equal options have equal digests;
// nil when nothing is said.
func CheckOptions(channel string, of, options json.RawMessage) (json.RawMessage, *dam.Error) {
	if len(options) == 0 {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(options, &members); err != nil {
		return nil, dam.InvalidField("options", "the options are an object", "see limits.options of POST /api/publications/check")
	}
	var sc schema
	if of != nil {
		if err := json.Unmarshal(of, &sc); err != nil {
			return nil, dam.InvalidField("options", "channel "+channel+" describes its options in a way that can't be read", "tell who made the channel")
		}
	}
	plain := map[string]json.RawMessage{}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		p, known := sc.Properties[name]
		if !known {
			remedy := "it has " + strings.Join(slices.Sorted(maps.Keys(sc.Properties)), ", ")
			if len(sc.Properties) == 0 {
				remedy = "leave the options out"
			}
			return nil, dam.InvalidField("options."+name, "channel "+channel+" has no option “"+name+"”", remedy)
		}
		raw := bytes.TrimSpace(members[name])
		if string(raw) == "null" || string(raw) == `""` {
			continue
		}
		if err := p.check("options."+name, raw); err != nil {
			var e *dam.Error
			errors.As(err, &e)
			return nil, e
		}
		plain[name] = raw
	}
	for _, name := range sc.Required {
		if plain[name] == nil {
			return nil, dam.InvalidField("options."+name, "this option is needed", "fill it in")
		}
	}
	if len(plain) == 0 {
		return nil, nil
	}
	out, err := json.Marshal(plain)
	if err != nil {
		return nil, dam.InvalidField("options", "the options can't be read", "enter them again")
	}
	return out, nil
}

// destination is where a channel's secrets are sent: of its settings that say so, scheme, host and port.
func (k Kind) destination(config json.RawMessage) (string, error) {
	var sc schema
	if err := json.Unmarshal(k.Schema, &sc); err != nil {
		return "", fmt.Errorf("schema of %s: %w", k.Name, err)
	}
	var members map[string]any
	if err := json.Unmarshal(config, &members); err != nil {
		return "", err
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(sc.Properties)) {
		if !sc.Properties[name].Destination || members[name] == nil {
			continue
		}
		text := fmt.Sprint(members[name])
		if origin := outbound.Origin(text); strings.Contains(text, "://") && origin != "" {
			text = origin
		}
		if text != "" && text != "false" { // as good as left out
			out = append(out, name+"="+strings.ToLower(text))
		}
	}
	return strings.Join(out, "\n"), nil
}

// Resent refuses settings that would send stored secrets elsewhere: whoever may change an address need not be
// who knows the secret, and would be told it. Secrets of a connected account, which nobody entered, are forgotten.
func (k Kind) Resent(before, after json.RawMessage, stored map[string]string, sent map[string]*string) (forgotten []string, err error) {
	from, err := k.destination(before)
	if err != nil {
		return nil, err
	}
	to, err := k.destination(after)
	if err != nil || from == to {
		return nil, err
	}
	var sc schema
	if err := json.Unmarshal(k.Schema, &sc); err != nil {
		return nil, fmt.Errorf("schema of %s: %w", k.Name, err)
	}
	for _, name := range slices.Sorted(maps.Keys(stored)) {
		if _, again := sent[name]; again {
			continue
		}
		if !sc.Properties[name].WriteOnly {
			forgotten = append(forgotten, name)
			continue
		}
		return nil, dam.InvalidField("config."+name, "the channel gets another address, and what is stored for the present one is not sent there", "enter it again, or null to forget it")
	}
	return forgotten, nil
}

// Settings splits a config into its public part and its secrets, checked against
// the kind's schema. A secret that is absent or empty is not in the result; one
// that is null is there as nil: it is to be forgotten. have names secrets stored
// already, which satisfy "required".
func (k Kind) Settings(config json.RawMessage, have map[string]string) (public json.RawMessage, secrets map[string]*string, err error) {
	var sc schema
	if err := json.Unmarshal(k.Schema, &sc); err != nil {
		return nil, nil, fmt.Errorf("schema of %s: %w", k.Name, err)
	}
	var members map[string]json.RawMessage
	if len(config) == 0 {
		config = json.RawMessage("{}")
	}
	if err := json.Unmarshal(config, &members); err != nil || members == nil {
		return nil, nil, dam.InvalidField("config", "the settings are an object", "see the schema of "+k.Name+" in /api/channels/kinds")
	}
	plain := map[string]json.RawMessage{}
	secrets = map[string]*string{}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		p, known := sc.Properties[name]
		field := "config." + name
		if !known {
			return nil, nil, dam.InvalidField(field, k.Title+" has no setting “"+name+"”", "it has "+strings.Join(slices.Sorted(maps.Keys(sc.Properties)), ", "))
		}
		raw := bytes.TrimSpace(members[name])
		if string(raw) == "null" {
			if p.WriteOnly {
				secrets[name] = nil
			}
			continue
		}
		if err := p.check(field, raw); err != nil {
			return nil, nil, err
		}
		if !p.WriteOnly {
			plain[name] = raw
			continue
		}
		var v string
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, nil, dam.InvalidField(field, "a secret is a text", "send it as a string")
		}
		if v != "" {
			secrets[name] = &v
		}
	}
	for _, name := range sc.Required {
		v, sent := secrets[name]
		_, set := plain[name]
		if set || v != nil || have[name] != "" && !sent {
			continue
		}
		return nil, nil, dam.InvalidField("config."+name, "this setting is needed", "fill it in")
	}
	public, err = json.Marshal(plain)
	return public, secrets, err
}

func (p property) check(field string, raw []byte) error {
	var err error
	switch p.Type {
	case "string":
		var s string
		if err = json.Unmarshal(raw, &s); err != nil {
			break
		}
		if len(p.Enum) > 0 && !slices.Contains(p.Enum, s) {
			return dam.InvalidField(field, "“"+s+"” is not one of the choices", "use "+strings.Join(p.Enum, ", "))
		}
		if len(strings.TrimSpace(s)) < p.MinLength {
			return dam.InvalidField(field, "this setting is empty", "fill it in")
		}
	case "boolean":
		var b bool
		err = json.Unmarshal(raw, &b)
	case "integer":
		var n int64
		if err = json.Unmarshal(raw, &n); err == nil {
			return p.within(field, float64(n))
		}
	case "number":
		var n float64
		if err = json.Unmarshal(raw, &n); err == nil {
			return p.within(field, n)
		}
	case "array":
		var list []string
		err = json.Unmarshal(raw, &list)
	case "object":
		var m map[string]json.RawMessage
		err = json.Unmarshal(raw, &m)
	}
	if err != nil {
		return dam.InvalidField(field, "this setting is of type "+p.Type, "see the schema in /api/channels/kinds")
	}
	return nil
}

func (p property) within(field string, n float64) error {
	if p.Minimum != nil && n < *p.Minimum {
		return dam.InvalidField(field, fmt.Sprintf("this is less than %g", *p.Minimum), "enter a larger number")
	}
	if p.Maximum != nil && n > *p.Maximum {
		return dam.InvalidField(field, fmt.Sprintf("this is more than %g", *p.Maximum), "enter a smaller number")
	}
	return nil
}
