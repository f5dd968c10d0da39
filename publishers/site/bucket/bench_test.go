package bucket

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/dam/webhooks"
	"vitrine/publishers/publishertest"
)

// BenchmarkApprove measures how long after an approval the webhook and the manifest arrive, one asset at a time, with
// SQLite and with PostgreSQL.
func BenchmarkApprove(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *catalog.Catalog{"sqlite": catalogtest.SQLite,
		"postgres": catalogtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			told := make(chan string, 100)
			endpoint := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				var e struct{ Subject string }
				if json.NewDecoder(r.Body).Decode(&e) == nil {
					told <- e.Subject
				}
			}))
			defer endpoint.Close()
			w := publishertest.NewWorld(b, open(b))
			dir := b.TempDir()
			s := w.Service("a", Kind(Options{Folders: []string{dir}}))
			ch := w.Channel(s, Name, json.RawMessage(`{"folder": "."}`))
			w.Rule(s, ch.ID, "")
			everywhere, err := outbound.Allow(nil, true)
			if err != nil {
				b.Fatal(err)
			}
			hooks := webhooks.New(webhooks.Options{Catalog: w.Catalog, Secrets: w.Secrets, Outbound: everywhere})
			if _, _, err := hooks.Create(catalogtest.Context(b), dam.DefaultLibrary,
				webhooks.Input{URL: endpoint.URL, Types: []dam.EventType{dam.AssetApproved}}); err != nil {
				b.Fatal(err)
			}
			w.Clock.Follow()
			w.Start(s)
			ctx, cancel := context.WithCancel(catalogtest.Context(b))
			done := make(chan struct{})
			go func() { defer close(done); _ = hooks.Run(ctx) }() // ends with ctx
			defer func() { cancel(); <-done }()
			publishertest.Eventually(b, func() bool {
				_, known, err := w.Catalog.Log().Cursor(ctx, "webhooks")
				return known && err == nil
			}, func() string { return "webhooks do not follow" })
			var hook, bucket []time.Duration
			for b.Loop() {
				a := w.Draft("shoe")
				start := time.Now()
				w.Decide(a.ID, dam.Approve)
				there := make(chan time.Duration)
				go func() {
					for {
						if _, err := os.Stat(filepath.Join(dir, a.ID, manifestName)); err == nil || ctx.Err() != nil {
							there <- time.Since(start)
							return
						}
						time.Sleep(time.Millisecond)
					}
				}()
				if subject := <-told; subject != a.ID {
					b.Fatalf("told of %s, not of %s", subject, a.ID)
				}
				hook = append(hook, time.Since(start))
				bucket = append(bucket, <-there)
			}
			b.ReportMetric(p99(hook), "ms-webhook-p99")
			b.ReportMetric(p99(bucket), "ms-bucket-p99")
		})
	}
}

func p99(list []time.Duration) float64 {
	slices.Sort(list)
	return float64(list[(len(list)*99)/100].Microseconds()) / 1000
}
