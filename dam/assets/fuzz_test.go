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
		`{"custom":{"story":{"fr-fr":"x","en":null},"at":"2024-05-01T10:00+02:00","link":"https://a.b","job":"aaaa1"}}`,
		`{"rating":9}`, `{"title":{"en":null},"alt":{"xx-YY":"z"}}`, `{"captured":"2024","place":{"lat":1e9}}`,
		`{"focals":{"a":{"x":0}},"zones":[{}]}`, `[]`, `null`, `{"title":{"en":{}}}`, "{\"title\":\"\\u0000\"}"} {
		f.Add(s)
	}
	own := rules{defs: []dam.CustomField{{Key: "season", Type: dam.FieldChoice, Choices: []string{"summer"}},
		{Key: "cost", Type: dam.FieldNumber}, {Key: "shot", Type: dam.FieldDate},
		{Key: "story", Type: dam.FieldLocalized}, {Key: "at", Type: dam.FieldDateTime},
		{Key: "link", Type: dam.FieldURL}, {Key: "job", Type: dam.FieldText, Pattern: `(a+)+\d*`}}}
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
