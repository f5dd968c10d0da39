package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/secrets"
)

// TestOrder tests what docs/publishing.md promises: whatever an endpoint refuses, and however many nodes send, the
// events about one asset are accepted in the order of the log, none is tried before the one before it was accepted, and
// none is missing.
func TestOrder(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 1))
		f, r := start(t, c), receive(t)
		second(t, f)
		var mu sync.Mutex
		accepted, refused, times := map[string][]int64{}, map[string]int64{}, map[int64]int{}
		r.replies(func(w http.ResponseWriter, _ int) { // under the receiver's lock
			e := r.got[len(r.got)-1]
			seq, _ := strconv.ParseInt(e.Sequence, 10, 64) // a wrong one is found below
			mu.Lock()
			defer mu.Unlock()
			if slices.Contains(accepted[e.Subject], seq) {
				return // the clock jumped over a lease: a receiver drops what it has seen
			}
			if held, ok := refused[e.Subject]; ok && held != seq {
				t.Errorf("%d of %s was sent although %d was refused", seq, e.Subject, held)
			}
			if times[seq]++; times[seq] < 5 && rnd.IntN(3) == 0 {
				refused[e.Subject] = seq
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			delete(refused, e.Subject)
			accepted[e.Subject] = append(accepted[e.Subject], seq)
		})
		w, _, err := f.Create(catalogtest.Context(t), dam.DefaultLibrary,
			Input{URL: r.URL, Types: []dam.EventType{dam.AssetUpdated, dam.ChannelUpdated}})
		if err != nil {
			t.Fatal(err)
		}
		const events = 60
		for range events {
			n := rnd.IntN(5)
			e := dam.Event{Type: dam.AssetUpdated, Subject: fmt.Sprintf("a_%d", n), Asset: fmt.Sprintf("a_%d", n)}
			if n == 0 { // about no asset
				e = dam.Event{Type: dam.ChannelUpdated, Subject: "c_1"}
			}
			e.Data = json.RawMessage(`{}`)
			if err := c.Write(catalogtest.Context(t),
				func(tx *catalog.Tx) error { tx.Emit(e); return nil }); err != nil {
				t.Fatal(err)
			}
			if rnd.IntN(10) == 0 {
				f.advance(6 * time.Minute)
			}
		}
		eventually(t, "every event", func() bool {
			f.advance(time.Hour)
			mu.Lock()
			defer mu.Unlock()
			n := 0
			for _, list := range accepted {
				n += len(list)
			}
			return n == events
		})
		eventually(t, "the outcomes", func() bool { return len(f.deliveries(w.ID, dam.DeliveryWaiting)) == 0 })
		for subject, list := range accepted {
			if !slices.IsSorted(list) || len(slices.Compact(list)) != len(list) {
				t.Errorf("%s: accepted in the order %v", subject, list)
			}
		}

		// A replay takes its turn, too: it does not run beside a newer one that is being tried.
		r.replies(func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusServiceUnavailable) })
		f.emit(dam.AssetUpdated, dam.AssetUpdated)
		eventually(t, "a refusal", func() bool {
			list := f.deliveries(w.ID, dam.DeliveryWaiting)
			slices.SortFunc(list, func(a, b dam.WebhookDelivery) int { return int(a.Seq - b.Seq) })
			return len(list) == 2 && list[0].Attempts == 1 && list[1].Attempts == 0 && list[1].NextAt == nil
		})
		r.replies(nil)
		f.advance(time.Hour)
		eventually(t, "the rest", func() bool { return len(f.deliveries(w.ID, dam.DeliveryWaiting)) == 0 })
		if len(r.bad) > 0 {
			t.Error(r.bad)
		}
	})
}

// second runs another node's service on the same catalogue and clock.
func second(t *testing.T, f *fixture) {
	t.Helper()
	box, ok := f.Secrets.(*secrets.Box)
	if !ok {
		t.Fatal("no box")
	}
	s := New(Options{Catalog: f.Catalog, Secrets: box, Outbound: f.Outbound, Source: f.Source, Clock: f.Clock})
	ctx, cancel := context.WithCancel(catalogtest.Context(t))
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }() // it ends with ctx
	t.Cleanup(func() { cancel(); <-done })
}
