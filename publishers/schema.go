package publishers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vitrine/dam"
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
	MinLength int      `json:"minLength"`
}

// settings splits a config into its public part and its secrets, checked against
// the kind's schema. A secret that is absent or empty is not in the result; one
// that is null is there as nil: it is to be forgotten. have names secrets stored
// already, which satisfy "required".
func (k Kind) settings(config json.RawMessage, have map[string]string) (public json.RawMessage, secrets map[string]*string, err error) {
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
		err = json.Unmarshal(raw, &n)
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
