package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// A picture that a saved search waits for is told of as it is edited: to who listens, and to a webhook.
func TestAlertReachesPeople(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		received := make(chan []byte, 10)
		endpoint := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if b, err := io.ReadAll(r.Body); err == nil {
				received <- b
			}
		}))
		t.Cleanup(endpoint.Close)
		f := startWith(t, c, []string{"--webhooks-allow-private", "true"})
		for _, follower := range []string{"alerts", "webhooks"} {
			f.until(follower+" follows", func() bool {
				_, known, err := c.Log().Cursor(catalogtest.Context(t), follower)
				return known && err == nil
			})
		}
		f.want(201, f.do(dam.Admin, "POST", "/api/webhooks",
			`{"url": "`+endpoint.URL+`", "types": ["search.matched"]}`))
		x := into[dam.SavedSearch](f,
			f.want(201, f.do(dam.Viewer, "POST", "/api/searches",
				`{"name": "Chairs", "query": "chair", "alert": true}`)))
		s := listen(f)
		a := f.photograph(dam.Editor, 1)
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, `{"title": "Red chair"}`))
		for {
			_, typ, e := s.next()
			if typ != string(dam.SearchMatched) {
				continue
			}
			if e.Subject != x.ID || string(e.Data) != `{"asset":"`+a.ID+`"}` {
				t.Errorf("the stream tells %+v %s", e, e.Data)
			}
			break
		}
		select {
		case b := <-received:
			var got struct {
				Type, Subject string
				Data          map[string]any
			}
			if err := json.Unmarshal(b, &got); err != nil || got.Type != string(dam.SearchMatched) ||
				got.Subject != x.ID || got.Data["asset"] != a.ID {
				t.Errorf("the webhook got %s %v", b, err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the webhook was not told")
		}
	})
}
