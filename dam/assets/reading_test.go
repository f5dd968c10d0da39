package assets

import (
	"encoding/json"
	"reflect"
	"testing"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// What nobody has edited follows the file; what somebody has, and what a file that can't be read whole is silent about,
// stays.
func TestRefill(t *testing.T) {
	old := dam.Metadata{Title: dam.Text{"": "Chair"}, Keywords: []string{"Oak"}, Creator: "Ann",
		Captured: &dam.Capture{Wall: "2024-01-02T03:04:05", Offset: "+00:00"}, Place: &dam.Geo{Lon: 2},
		Rights: dam.Rights{From: "2024-01-01"}}
	asset := func(change func(a *dam.Asset)) dam.Asset {
		var a dam.Asset
		old.Fill(&a, "en", "a.jpg")
		a.Rights.Territories, a.Caption = []string{"FR"}, dam.Text{"en": "mine"}
		if change != nil {
			change(&a)
		}
		return a
	}
	now := dam.Metadata{Title: dam.Text{"": "Chair", "fr": "Chaise"}, Keywords: []string{"oak"}, Creator: "Ann, Bob",
		Captured: &dam.Capture{Wall: "2024-01-02T03:04:05"}, Place: &dam.Geo{Lat: 48, Lon: 2}, Rating: 3,
		Rights: dam.Rights{From: "2024-02-01", Until: "2025-01-01"}}
	broken := dam.Metadata{Creator: "Bob", Incomplete: true, Why: reasons.MetadataDamaged()}
	for name, c := range map[string]struct {
		asset dam.Asset
		now   dam.Metadata
		patch string
		kept  []string
	}{
		"untouched": {asset(nil), now, `{"captured":{"offset":null,"wall":"2024-01-02T03:04:05"},"creator":"Ann, Bob",
			"place":{"lat":48,"lon":2},"rating":3,"rights":{"from":"2024-02-01","until":"2025-01-01"},
			"title":{"en":"Chair","fr":"Chaise"}}`, nil},
		"the same": {asset(nil), old, `{}`, nil},
		"edited": {asset(func(a *dam.Asset) {
			a.Title, a.Creator, a.Place, a.Rating = dam.Text{"en": "Mine"}, "", nil, 5
			a.Rights.From, a.Captured = "", nil
		}), now, `{"rights":{"until":"2025-01-01"}}`,
			[]string{"title", "creator", "rating", "captured", "place", "rights.from"}},
		"edited to what the file says": {asset(func(a *dam.Asset) { a.Creator = "Ann, Bob" }), dam.Metadata{
			Title: old.Title, Keywords: old.Keywords, Creator: "Ann, Bob", Captured: old.Captured, Place: old.Place,
			Rights: old.Rights}, `{}`, nil},
		"gone from the file": {asset(nil), dam.Metadata{}, `{"captured":null,"creator":null,"place":null,
			"rights":{"from":null},"tags":null,"title":{"en":"a"}}`, nil},
		"not read whole": {asset(nil), broken, `{"creator":"Bob"}`, nil},
	} {
		patch, kept := refill(&c.asset, filled{old, "en", "a.jpg"}, filled{c.now, "en", "a.jpg"})
		raw, err := json.Marshal(patch)
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.patch), &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(kept, c.kept) {
			t.Errorf("%s: %s, kept %v; want %s, %v", name, raw, kept, c.patch, c.kept)
		}
		if _, err := patch.apply(&c.asset, rules{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
