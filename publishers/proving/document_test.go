package proving_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/outbound"
	"vitrine/publishers"
	"vitrine/publishers/proving"
	"vitrine/publishers/publishertest"
	"vitrine/publishers/site/push"
)

// A service that does what the documentation of the kind json asks for, and no more, is proven: its kind has no look-up
// of its own, since what may be missing is sent again.
func TestProveDocuments(t *testing.T) {
	var mu sync.Mutex
	docs := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch r.Method {
		case http.MethodPut:
			docs[r.URL.Path] = true
		case http.MethodDelete:
			delete(docs, r.URL.Path)
			w.WriteHeader(http.StatusNoContent)
		case http.MethodHead:
			if !docs[r.URL.Path] {
				w.WriteHeader(http.StatusNotFound)
			}
		}
	}))
	t.Cleanup(server.Close)
	c, k := catalogtest.SQLite(t), push.Kind(outbound.Operator(10*time.Second))
	w := publishertest.NewWorld(t, c)
	node := w.Service("a", k)
	queue, err := jobs.New(c, "a", slog.New(slog.DiscardHandler))
	if err == nil {
		err = queue.Migrate(catalogtest.Context(t))
	}
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{World: w, t: t, node: node,
		channel: w.Channel(node, k.Name, json.RawMessage(`{"url":"`+server.URL+`/media"}`))}
	began := w.Clock.Now()
	b.proving = proving.New(proving.Options{Catalog: c, Kinds: []publishers.Kind{k}, Accounts: node.Accounts,
		Jobs: queue, Version: "1.2.3", PublicURL: "https://media.example.com", Clock: w.Clock.Now, Pause: b.wait})
	p := b.run(b.begin(proving.Input{}))
	if p.Outcome != dam.Proven || steps(p) != "check prepare post look_up status recall" || len(docs) > 0 ||
		!strings.Contains(p.Steps[3].Note, "sent again") {
		t.Errorf("%s: %s\n%+v\nleft: %v", p.Outcome, steps(p), p.Steps, docs)
	}
	if waited := w.Clock.Now().Sub(began); waited > 0 {
		t.Errorf("it waited %s for what it does not ask", waited)
	}
}
