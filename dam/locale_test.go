package dam_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"vitrine/dam"
)

func TestLocale(t *testing.T) {
	for in, want := range map[string]string{"": "", "FR": "fr", "fr-fr": "fr-FR", "FR-FR": "fr-FR",
		"ZH-hant-tw": "zh-Hant-TW",
		"es-419":     "es-419", "sl-ROZAJ-biske": "sl-rozaj-biske", "en-US-X-TWAIN": "en-US-x-twain",
		"de-DE-u-CO-PHONEBK": "de-DE-u-co-phonebk", "i-KLINGON": "i-klingon"} {
		if got := dam.Locale(in); got != want || dam.Locale(got) != got {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestTextLocales(t *testing.T) {
	var text dam.Text
	if err := json.Unmarshal([]byte(`{"FR-fr":"Chaise","EN":"Chair","de":null}`), &text); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(text, dam.Text{"fr-FR": "Chaise", "en": "Chair", "de": ""}) {
		t.Errorf("%v", text)
	}
	if got := text.Get("FR-FR", "EN"); got != "Chaise" {
		t.Errorf("asked in capitals: %q", got)
	}
	if got := text.Get("it", "EN"); got != "Chair" {
		t.Errorf("the fallback in capitals: %q", got)
	}
	if got := (dam.Text{"": "Stuhl"}).Localise("de-at"); !maps.Equal(got, dam.Text{"de-AT": "Stuhl"}) {
		t.Errorf("%v", got)
	}
	// What is stored in two spellings is read; input is refused.
	if err := json.Unmarshal([]byte(`{"fr-FR":"a","fr-fr":"b","FR-FR":"c"}`), &text); err != nil ||
		text["fr-FR"] != "a" {
		t.Errorf("%v %v", text, err)
	}
	if err := dam.CheckLocales("title", slices.Values([]string{"fr-fr", "en", "fr-FR"})); dam.CodeOf(
		err) != dam.Invalid {
		t.Error(err)
	}
}
