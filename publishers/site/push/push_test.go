package push

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/publishertest"
)

// shop is a strict web service that keeps one document per asset.
type shop struct {
	mu    sync.Mutex
	docs  map[string]document
	ever  map[string]int
	fault publishertest.Fault
	// careless services answer 200 to HEAD whatever is asked for.
	careless bool
	deletes  int
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.fault == publishertest.ThrottledDated:
		w.Header().Set("Retry-After", time.Now().Add(10*time.Minute).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case s.fault == publishertest.ThrottledPlain:
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case s.fault == publishertest.Expired || r.Header.Get("X-Key") != "abc":
		w.WriteHeader(http.StatusUnauthorized)
		return
	case s.fault == publishertest.Revoked:
		w.WriteHeader(http.StatusForbidden)
		return
	case s.fault == publishertest.Refused && r.Method == http.MethodPut:
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	asset := strings.TrimPrefix(r.URL.Path, "/media/")
	switch r.Method {
	case http.MethodOptions:
	case http.MethodPut:
		var d document
		b, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(b, &d)
		}
		if err != nil || d.Content.Asset != asset || len(d.Files) != len(d.Content.Media) || len(d.Files) == 0 ||
			!strings.HasPrefix(d.Files[0].URL, "https://media.example.com/r/"+asset+"/") ||
			fmt.Sprint(d.Revision) != r.Header.Get("Vitrine-Revision") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if _, there := s.docs[asset]; !there {
			s.ever[asset]++
		}
		s.docs[asset] = d
		w.WriteHeader(http.StatusCreated)
	case http.MethodHead, http.MethodDelete:
		if r.Method == http.MethodDelete {
			s.deletes++
		}
		if _, ok := s.docs[asset]; !ok && (!s.careless || r.Method != http.MethodHead) {
			w.WriteHeader(http.StatusNotFound)
		}
		if r.Method == http.MethodDelete {
			delete(s.docs, asset)
		}
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (s *shop) set(f publishertest.Fault) { s.mu.Lock(); s.fault = f; s.mu.Unlock() }

func TestConformance(t *testing.T) {
	publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
		s := &shop{docs: map[string]document{}, ever: map[string]int{}}
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		return publishertest.Harness{
			Kind:   Kind(outbound.Operator(10 * time.Second)),
			Config: json.RawMessage(`{"url": "` + server.URL + `/media", "header": "X-Key", "secret": "abc"}`),
			Posts:  func(asset string) int { s.mu.Lock(); defer s.mu.Unlock(); return s.ever[asset] },
			Live: func(asset string) int {
				s.mu.Lock()
				defer s.mu.Unlock()
				if _, ok := s.docs[asset]; ok {
					return 1
				}
				return 0
			},
			Fault: func(f publishertest.Fault) (func(), bool) { s.set(f); return func() { s.set("") }, true },
		}
	})
}

func TestNeedsPublicAddress(t *testing.T) {
	in := publishers.Intent{Content: publishers.Content{Media: []publishers.Media{{}}},
		Link: func(publishers.Media) string { return "" }}
	if list := Kind(http.DefaultClient).Publisher.Validate(t.Context(), in); len(list) != 1 ||
		!strings.Contains(list[0].Remedy, "--public-url") {
		t.Errorf("without a public address: %+v", list)
	}
}

// TestCarelessHead tests that a service which answers 200 to HEAD for everything is asked to delete once, and believed.
func TestCarelessHead(t *testing.T) {
	s := &shop{docs: map[string]document{}, ever: map[string]int{}, careless: true}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	node := w.Service("a", Kind(outbound.Operator(10*time.Second)))
	ch := w.Channel(node, Name, json.RawMessage(`{"url": "`+server.URL+`/media", "header": "X-Key", "secret": "abc"}`))
	for _, careless := range []bool{true, false} {
		s.mu.Lock()
		s.careless, s.deletes = careless, 0
		s.mu.Unlock()
		p := w.Until(node, w.Publish(node, w.Asset("shoe").ID, ch.ID).ID, dam.PubDelivered)
		out, err := Kind(outbound.Operator(10*time.Second)).Publisher.Status(t.Context(), publishers.Intent{
			Account: publishers.Account{Config: json.RawMessage(`{"url": "` + server.URL +
				`/media", "header": "X-Key"}`),
				Secrets: map[string]string{"secret": "abc"}}, Content: publishers.Content{Asset: p.Asset}}, *p.Receipt)
		want := publishers.Delivered
		if careless {
			want = publishers.Undecided
		}
		if err != nil || out.Verdict != want {
			t.Errorf("careless %v: status %s, %v", careless, out.Verdict, err)
		}
		if _, err := node.Planning.Recall(catalogtest.Context(t), dam.DefaultLibrary, p.ID, ""); err != nil {
			t.Fatal(err)
		}
		p = w.Until(node, p.ID, dam.PubRecalled, dam.PubManual)
		if p.State != dam.PubRecalled || s.deletes != 1 {
			t.Errorf("careless %v: %s after %d DELETEs\n%s", careless, p.State, s.deletes, publishertest.Ledger(p))
		}
	}
}

// TestWithoutPresets tests that a channel whose rule names no presets publishes by hand what fits, and that a second
// channel to the same address is refused.
func TestWithoutPresets(t *testing.T) {
	s := &shop{docs: map[string]document{}, ever: map[string]int{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	node := w.Service("a", Kind(outbound.Operator(10*time.Second)))
	in := accounts.ChannelInput{Name: "Shop", Kind: Name, Config: json.RawMessage(`{"url": "` + server.URL +
		`/media", "header": "X-Key", "secret": "abc"}`)}
	ch, err := node.Accounts.CreateChannel(catalogtest.Context(t), dam.DefaultLibrary, in)
	if err != nil {
		t.Fatal(err)
	}
	p := w.Until(node, w.Publish(node, w.Asset("shoe").ID, ch.ID).ID, dam.PubDelivered)
	if files := s.docs[p.Asset].Files; len(files) != 2 || !slices.Equal(p.Presets, []string{publishertest.Preset}) {
		t.Errorf("%v, %+v", p.Presets, files)
	}
	in.Name = "Shop 2"
	_, err = node.Accounts.CreateChannel(catalogtest.Context(t), dam.DefaultLibrary, in)
	publishertest.Invalid(t, err, "config")
}
