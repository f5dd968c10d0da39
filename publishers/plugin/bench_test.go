package plugin

import (
	"net/http"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// BenchmarkDeath measures what the death of a node delays: of two that share the work of a post
// every 50 ms, one is killed by SIGKILL, and the other takes over what it had leased. The lease is the
// product's, and each call to the channel takes a tenth of a second.
func BenchmarkDeath(b *testing.B) {
	const posts, every = 300, 50 * time.Millisecond
	for db, open := range catalogtest.Measured() {
		b.Run(db, func(b *testing.B) {
			b.Setenv(publishertest.NodeLease, "4s")
			for b.Loop() {
				cat := open(b)
				database := "sqlite:" + cat.Database().Path()
				if cat.Postgres() {
					database = cat.Database().Pool().Config().ConnString()
				}
				network, config := serve(b, publishertest.NewNetwork(publishers.NoIdempotency))
				network.fault = func(string, http.ResponseWriter) bool {
					time.Sleep(100 * time.Millisecond)
					return false
				}
				w := publishertest.NewWorld(b, cat)
				w.Clock.Follow()
				s := w.Service("a", network.harness(config).Kind)
				var channels, assets []string
				for range 4 {
					channels = append(channels, w.Channel(s, Name, config).ID)
				}
				for range 20 {
					assets = append(assets, w.Asset("shoe").ID)
				}
				first := time.Now().Add(3 * time.Second)
				due := map[string]time.Time{}
				for i := range posts {
					at := first.Add(time.Duration(i) * every).UTC().Truncate(time.Microsecond)
					p, err := s.Planning.Publish(catalogtest.Context(b), dam.DefaultLibrary,
						planning.PublishInput{Asset: assets[i%len(assets)], Channel: channels[i%len(channels)],
							At: at.Format(time.RFC3339Nano)})
					if err != nil {
						b.Fatal(err)
					}
					due[p.ID] = at
				}
				stop := w.Start(s)
				w.Node(database, 8*time.Second)
				worst, twice, orphans, asked := time.Duration(0), 0, 0, 0
				for id, at := range due {
					p := w.Wait(id, dam.PubDelivered, dam.PubUnconfirmed)
					worst = max(worst, p.Steps[len(p.Steps)-1].At.Sub(at))
					if p.State == dam.PubUnconfirmed { // cut off in its commit: a person is asked
						asked++
					}
					if len(p.Steps) > 4 { // planned, preparing, committing, delivered
						orphans++
					}
				}
				stop()
				seen := map[string]bool{}
				for _, x := range network.All() {
					if seen[x.Publication] {
						twice++
					}
					seen[x.Publication] = true
				}
				if len(seen)+asked < posts {
					b.Fatalf("%d of %d posts are there, and a person is asked about %d", len(seen), posts, asked)
				}
				b.ReportMetric(worst.Seconds(), "s-late-most")
				b.ReportMetric(float64(orphans), "taken-over")
				b.ReportMetric(float64(asked), "asked")
				b.ReportMetric(float64(twice), "doubled")
			}
		})
	}
}
