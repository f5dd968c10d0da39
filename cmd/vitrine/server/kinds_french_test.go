package server

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vitrine/dam/reasons"
)

// words are what a schema says of a property for people.
type words struct {
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Enum        []string `json:"enum"`
	// Values are the labels of Enum in English, where the values are not.
	Values map[string]string `json:"x-values"`
	French struct {
		Title       string            `json:"title"`
		Description string            `json:"description"`
		Values      map[string]string `json:"values"`
	} `json:"x-fr"`
}

// What the portal shows of a kind is there in English and in French: its title, its settings, its options, and the
// values that they may have. What it takes is a code, of which the catalogue of reasons has both.
func TestKindsSpeakFrench(t *testing.T) {
	titles, limits := reasons.All().Terms["channel_kind"], reasons.All().Terms["channel_limit"]
	for _, k := range plainKinds() {
		if titles[k.Title].French == "" && strings.Contains(k.Title, " ") { // one word is a name, the same in French
			t.Errorf("%s: add “%s” to the terms channel_kind of dam/reasons/reasons.json", k.Name, k.Title)
		}
		speaksFrench(t, k.Name+": setting", k.Schema)
		c, err := k.Publisher.Describe(t.Context(), plainAccount())
		if k.Name == "plugin" { // its words are the service's own
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		if c.Options != nil {
			speaksFrench(t, k.Name+": option", c.Options)
		}
		if len(c.Limits) > 0 || c.LimitReasons["media"].IsZero() {
			t.Errorf("%s: what it takes is said in LimitReasons, media at least", k.Name)
		}
		for name := range c.LimitReasons {
			if limits[name].French == "" {
				t.Errorf("%s: add the limit %s to the terms channel_limit of dam/reasons/reasons.json", k.Name, name)
			}
		}
	}
}

// loose is a space that may break a line where French allows none.
var loose = regexp.MustCompile(` [;:?!»]|« `)

func speaksFrench(t *testing.T, what string, schema json.RawMessage) {
	t.Helper()
	var s struct {
		Properties map[string]words `json:"properties"`
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for name, p := range s.Properties {
		if p.Title == "" || p.French.Title == "" || (p.Description == "") != (p.French.Description == "") {
			t.Errorf("%s %s: title and description go with x-fr: {title, description}", what, name)
		}
		for _, v := range p.Enum {
			if p.French.Values[v] == "" || p.Values[v] == "" {
				t.Errorf("%s %s: the value %s has a label in x-values and in x-fr.values", what, name, v)
			}
		}
		french := append(slices.Collect(maps.Values(p.French.Values)), p.French.Title, p.French.Description)
		for _, text := range french {
			if strings.ContainsAny(text, "'") || loose.MatchString(text) {
				t.Errorf("%s %s: “%s” has a typewriter's apostrophe, or a space that may break a line before a "+
					"sign", what, name, text)
			}
		}
	}
}
