package publishers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/outbound"
	"vitrine/dam/reasons"
)

// CheckOptions checks the options of a single publication against the channel's schema of options, and returns them in
// normal form, so that equal options have equal digests; nil if there are none.
func CheckOptions(channel string, of, options json.RawMessage) (json.RawMessage, *dam.Error) {
	if len(options) == 0 {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(options, &members); err != nil {
		return nil, dam.InvalidInput("options", reasons.OptionsNotObject())
	}
	var sc schema
	if of != nil {
		var err error
		if sc, err = readSchema(of); err != nil {
			return nil, &dam.Error{Code: dam.Invalid, Field: "options",
				Reason: reasons.ChannelOptionsUnreadable(channel), Err: err}
		}
	}
	plain := map[string]json.RawMessage{}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		p, known := sc.Properties[name]
		if !known {
			next := reasons.RemedyItHasKnown(strings.Join(slices.Sorted(maps.Keys(sc.Properties)), ", "))
			if len(sc.Properties) == 0 {
				next = reasons.RemedyLeaveTheOptionsOut()
			}
			return nil, dam.InvalidInput("options."+name, reasons.ChannelWithoutOption(channel, name).With(next))
		}
		raw := bytes.TrimSpace(members[name])
		if string(raw) == "null" || string(raw) == `""` {
			continue
		}
		if refused := p.check("options."+name, raw); refused != nil {
			return nil, refused
		}
		plain[name] = raw
	}
	for _, name := range sc.Required {
		if plain[name] == nil {
			return nil, dam.InvalidInput("options."+name, reasons.OptionNeeded())
		}
	}
	if len(plain) == 0 {
		return nil, nil
	}
	out, err := json.Marshal(plain)
	if err != nil {
		return nil, dam.InvalidInput("options", reasons.OptionsUnreadable())
	}
	return out, nil
}

// destination returns where a channel's secrets are sent: the settings that are marked as a destination, URLs reduced
// to scheme, host and port.
func (k Kind) destination(config json.RawMessage) (string, error) {
	sc, err := readSchema(k.Schema)
	if err != nil {
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
		if text != "" && text != "false" { // the same as left out
			out = append(out, name+"="+strings.ToLower(text))
		}
	}
	return strings.Join(out, "\n"), nil
}

// Moves reports whether a changed config would send a channel's secrets to another destination. One that can't be read
// may do so.
func (k Kind) Moves(before, after json.RawMessage) bool {
	from, err := k.destination(before)
	to, bad := k.destination(after)
	return err != nil || bad != nil || from != to
}

// With returns a config with one setting changed to a value that is given as text.
func (k Kind) With(config json.RawMessage, name, value string) (json.RawMessage, error) {
	sc, err := readSchema(k.Schema)
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", k.Name, err)
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(config, &members); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if refused := sc.Properties[name].check("config."+name, raw); refused != nil {
		raw = json.RawMessage(value) // a number
		if !json.Valid(raw) || sc.Properties[name].check("config."+name, raw) != nil {
			return nil, refused
		}
	}
	members[name] = raw
	return json.Marshal(members)
}

// Resent refuses settings that would send stored secrets to another destination: a person who may change an address may
// not know the secret, and would receive it. Secrets of a connected account, which nobody entered, are forgotten
// instead.
func (k Kind) Resent(before, after json.RawMessage, stored map[string]string,
	sent map[string]*string) (forgotten []string, err error) {
	from, err := k.destination(before)
	if err != nil {
		return nil, err
	}
	to, err := k.destination(after)
	if err != nil || from == to {
		return nil, err
	}
	sc, err := readSchema(k.Schema)
	if err != nil {
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
		return nil, dam.InvalidInput("config."+name, reasons.SecretBoundToAddress())
	}
	return forgotten, nil
}

// Settings splits a config into its public part and its secrets, checked against the kind's schema. Secrets that are
// absent or empty are not in the result; one that is null is nil there, and is to be forgotten. have names the secrets
// that are stored already, which satisfy "required".
func (k Kind) Settings(config json.RawMessage, have map[string]string) (public json.RawMessage,
	secrets map[string]*string, err error) {
	sc, err := readSchema(k.Schema)
	if err != nil {
		return nil, nil, fmt.Errorf("schema of %s: %w", k.Name, err)
	}
	var members map[string]json.RawMessage
	if len(config) == 0 {
		config = json.RawMessage("{}")
	}
	if err := json.Unmarshal(config, &members); err != nil || members == nil {
		return nil, nil, dam.InvalidInput("config", reasons.SettingsNotObject(k.Name))
	}
	plain := map[string]json.RawMessage{}
	secrets = map[string]*string{}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		p, known := sc.Properties[name]
		field := "config." + name
		if !known {
			return nil, nil, dam.InvalidInput(field,
				reasons.NoChannelSetting(k.Title, name, strings.Join(slices.Sorted(maps.Keys(sc.Properties)), ", ")))
		}
		raw := bytes.TrimSpace(members[name])
		if string(raw) == "null" {
			if p.WriteOnly {
				secrets[name] = nil
			}
			continue
		}
		if refused := p.check(field, raw); refused != nil {
			return nil, nil, refused
		}
		if !p.WriteOnly {
			plain[name] = raw
			continue
		}
		var v string
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, nil, dam.InvalidInput(field, reasons.SecretNotText())
		}
		if v != "" {
			secrets[name] = &v
		}
	}
	given := func(name string) bool {
		v, sent := secrets[name]
		_, set := plain[name]
		return set || v != nil || have[name] != "" && !sent && sc.Properties[name].WriteOnly
	}
	required := slices.Clone(sc.Required)
	for _, name := range slices.Sorted(maps.Keys(sc.Dependent)) {
		if given(name) {
			required = append(required, sc.Dependent[name]...)
		}
	}
	for _, name := range required {
		if !given(name) {
			return nil, nil, dam.InvalidInput("config."+name, reasons.SettingNeeded())
		}
	}
	public, err = json.Marshal(plain)
	return public, secrets, err
}
