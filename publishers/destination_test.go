package publishers

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"vitrine/dam"
)

// A stored secret is sent only to the scheme, host and port that it was entered for, until it is entered again.
func TestSecretStaysWithItsDestination(t *testing.T) {
	k := Kind{Name: "test",
		Schema: json.RawMessage(
			`{"properties": {"url": {"type": "string", "x-destination": true}, "plain": {"type": "boolean", "x-destination": true}, "title": {"type": "string"},
		"secret": {"type": "string", "writeOnly": true}}}`)}
	stored := map[string]string{"secret": "sealed", "access_token": "of a connected account"}
	again := "typed again"
	for _, c := range []struct {
		before, after string
		sent          map[string]*string
		refused       bool
		forgotten     []string
	}{
		{`{"url":"https://a.example"}`, `{"url":"https://a.example"}`, nil, false, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://A.example:443/other?x=1","title":"new"}`, nil, false, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://a.example","plain":false}`, nil, false, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://b.example"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"http://a.example"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://a.example:8443"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://a.example.evil.example"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://a.example","plain":true}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{}`, nil, true, nil},
		{`{"url":"host:9000"}`, `{"url":"host:9001"}`, nil, true, nil},
		{`{"url":"https://a.example"}`, `{"url":"https://b.example"}`, map[string]*string{"secret": &again}, false,
			[]string{"access_token"}},
		{`{"url":"https://a.example"}`, `{"url":"https://b.example"}`, map[string]*string{"secret": nil}, false,
			[]string{"access_token"}},
	} {
		forgotten, err := k.Resent(json.RawMessage(c.before), json.RawMessage(c.after), stored, c.sent)
		var e *dam.Error
		if c.refused != (errors.As(err, &e) && e.Code == dam.Invalid && e.Field == "config.secret" &&
			e.Advice() != "") || !slices.Equal(forgotten, c.forgotten) {
			t.Errorf("%s → %s: %v, forgotten %v", c.before, c.after, err, forgotten)
		}
	}
}
