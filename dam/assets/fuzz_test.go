package assets

import (
	"encoding/json"
	"testing"

	"vitrine/dam"
)

// A merge patch is refused or applied; applied again it changes nothing, and what it leaves is an asset like any other.
func FuzzPatch(f *testing.F) {
	for _, s := range []string{`{"title":{"en":"Chair"}}`, `{"title":"x","tags":["a","A"]}`,
		`{"tags":null,"rights":{"until":"2020-01-01"}}`, `{"focal":{"x":0.5,"y":2}}`, `{"custom":{"season":"summer"}}`,
		`{"rating":9}`, `{"title":{"en":null},"alt":{"xx-YY":"z"}}`, `{"captured":"2024","place":{"lat":1e9}}`,
		`{"focals":{"a":{"x":0}},"zones":[{}]}`, `[]`, `null`, `{"title":{"en":{}}}`, "{\"title\":\"\\u0000\"}"} {
		f.Add(s)
	}
	own := []dam.CustomField{{Key: "season", Type: dam.FieldChoice, Choices: []string{"summer"}},
		{Key: "cost", Type: dam.FieldNumber}, {Key: "shot", Type: dam.FieldDate}}
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := ParsePatch([]byte(raw))
		if err != nil {
			if dam.CodeOf(err) != dam.Invalid {
				t.Errorf("refused with %v", err)
			}
			return
		}
		a := dam.Asset{Title: dam.Text{"en": "Before"}, Tags: []string{"oak"}}
		before, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.apply(&a, own); err != nil {
			if dam.CodeOf(err) != dam.Invalid && dam.CodeOf(err) != dam.TooLarge {
				t.Errorf("refused with %v", err)
			}
			if after, err := json.Marshal(a); err != nil || string(after) != string(before) {
				t.Errorf("a refused patch changed the asset: %v %s", err, after)
			}
			return
		}
		changes, err := p.apply(&a, own)
		if err != nil || len(changes) > 0 {
			t.Errorf("the same patch again: %v, %v", changes, err)
		}
	})
}
