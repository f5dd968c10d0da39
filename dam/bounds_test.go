package dam_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"vitrine/dam"
)

func TestCheckBounds(t *testing.T) {
	type inner struct {
		Name string `json:"name" maxLength:"3"`
	}
	type all struct {
		inner
		Title  dam.Text        `json:"title"`
		Tags   []string        `json:"tags" maxItems:"2" eachLength:"3"`
		List   []inner         `json:"list"`
		Map    map[string]any  `json:"map" maxProperties:"1"`
		Ptr    *inner          `json:"ptr"`
		Hidden string          `json:"-" maxLength:"1"`
		Raw    []byte          `json:"raw"`
		Config json.RawMessage `json:"config"`
	}
	for field, v := range map[string]all{
		"": {inner: inner{"äöü"}, Title: dam.Text{"fr": "x", "": "y"}, Tags: []string{"abc", "d"},
			Map: map[string]any{"a": []any{"b", 1.5, nil, true}}, Hidden: "long", Raw: []byte{0}},
		"name":        {inner: inner{"abcd"}},
		"title.fr":    {Title: dam.Text{"fr": strings.Repeat("x", dam.MaxText+1)}},
		"title":       {Title: dam.Text{"not a locale": "x"}},
		"title.en":    {Title: dam.Text{"en": "a\x00"}},
		"tags":        {Tags: []string{"a", "b", "c"}},
		"tags[1]":     {Tags: []string{"a", "abcd"}},
		"list[1]":     {List: []inner{{}, {"a\x07b"}}},
		"map":         {Map: map[string]any{"a": 1, "b": 2}},
		"map.a[0].b":  {Map: map[string]any{"a": []any{map[string]any{"b": "\x00"}}}},
		"config.a[1]": {Config: json.RawMessage(`{"a": ["x", "\u0000"]}`)},
		"config.b":    {Config: json.RawMessage(`{"b": "` + strings.Repeat("x", dam.MaxText+1) + `"}`)},
		"config":      {Config: json.RawMessage(`{"c\u0000": 1}`)},
		"ptr.name":    {Ptr: &inner{"abcd"}},
	} {
		err := dam.CheckBounds("", v)
		var e *dam.Error
		if field == "" && err != nil || field != "" && (!errors.As(err, &e) || e.Code != dam.Invalid ||
			!strings.HasPrefix(e.Field, field) || e.Advice() == "") {
			t.Errorf("%q: %v", field, err)
		}
	}
}

// Metadata of a file is kept within the bounds of an asset, and the result is accepted when it is sent back.
func TestMetadataIsBounded(t *testing.T) {
	m := dam.Metadata{Title: dam.Text{"": strings.Repeat("é", 1<<20), "fr": " \x00 ", "no locale": "x"},
		Creator: "Ada\x00\n Lovelace", Copyright: strings.Repeat("©", 5000), Rating: 99,
		Camera: strings.Repeat("c", 1000)}
	for i := range 100_000 {
		m.Keywords = append(m.Keywords, fmt.Sprint("Tag ", i/2), fmt.Sprint("TAG ", i/2))
	}
	b := m.Bounded()
	raw, err := json.Marshal(b)
	if err != nil || len(raw) > 100<<10 {
		t.Errorf("%d bytes are left, %v", len(raw), err)
	}
	if len(b.Title) != 1 || b.Creator != "Ada Lovelace" || len(b.Keywords) != dam.MaxTags || b.Rating != 5 {
		t.Errorf("%d titles, %q, %d keywords, rating %d", len(b.Title), b.Creator, len(b.Keywords), b.Rating)
	}
	if err := dam.CheckBounds("", b); err != nil {
		t.Error(err)
	}
}
