package delivery_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	web "vitrine/web/delivery"
)

func TestOEmbed(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	const base = "https://media.example.com"
	n := s.node(nil, delivery.Options{}, web.Options{URLs: delivery.NewURLs(base)})
	a, list := s.public(dam.Rights{})
	s.patch(a.ID, `{"title":{"en":"A red shoe","fr":"Un soulier rouge"},"creator":"Ada"}`)
	draft := s.asset(dam.Rights{})
	s.render(a.Latest, "1", "film", dam.MP4)
	n.has(s)
	ask := func(method, u, more string) (int, map[string]any) {
		w := httptest.NewRecorder()
		n.handler.OEmbed(w, httptest.NewRequest(method, "/oembed?url="+url.QueryEscape(u)+more, nil))
		var got map[string]any
		if w.Body.Len() > 0 {
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("%s: %v", w.Body, err)
			}
		}
		return w.Code, got
	}
	for _, u := range []string{base + live(a), base + exact(a, list[0]), base + live(a) + "?utm=1"} {
		code, got := ask(http.MethodGet, u, "&format=json")
		if code != 200 || got["type"] != "photo" || got["version"] != "1.0" || got["url"] != base+live(a) ||
			got["width"] != 320.0 || got["title"] != "A red shoe" || got["author_name"] != "Ada" {
			t.Errorf("%s: %d %v", u, code, got)
		}
	}
	if code, got := ask(http.MethodGet, base+"/r/"+a.ID+"/film", ""); code != 200 || got["type"] != "video" ||
		got["html"] != `<video src="`+base+"/r/"+a.ID+
			`/film" width="320" height="320" controls preload="metadata"></video>` {
		t.Errorf("video: %d %v", code, got)
	}
	for _, c := range []struct {
		url, more string
		want      int
	}{
		{base + live(draft), "", 404},
		{"https://elsewhere.example.com" + live(a), "", 404},
		{"", "", 404},
		{base + "/portal", "", 404},
		{base + live(a), "&maxwidth=319", 404},
		{base + live(a), "&maxwidth=320&maxheight=320", 200},
		{base + live(a), "&maxwidth=wide", 400},
		{base + live(a), "&format=xml", 501},
	} {
		if code, got := ask(http.MethodGet, c.url, c.more); code != c.want {
			t.Errorf("%s %s: %d %v, want %d", c.url, c.more, code, got, c.want)
		}
	}
	if code, got := ask(http.MethodPost, base+live(a), ""); code != 405 || got["status"] != 405.0 {
		t.Errorf("POST: %d %v", code, got)
	}
	if code, got := ask(http.MethodHead, base+live(a), ""); code != 200 || got != nil {
		t.Errorf("HEAD: %d %v", code, got)
	}
	s.decide(a.ID, dam.Archive)
	n.has(s)
	if code, _ := ask(http.MethodGet, base+live(a), ""); code != 410 {
		t.Errorf("archived: %d", code)
	}
}
