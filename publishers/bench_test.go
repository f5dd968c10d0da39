package publishers_test

import (
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

// BenchmarkDeliveries measures how many publications a node delivers per second to
// a remote that answers at once, all of them due at the same time.
func BenchmarkDeliveries(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *catalog.Catalog{"sqlite": catalogtest.SQLite, "postgres": catalogtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			w := publishertest.NewWorld(b, open(b))
			n := publishertest.NewNetwork(publishers.NoIdempotency)
			s := w.Service("a", n.Kind())
			var channels []string
			for range 4 {
				channels = append(channels, w.Channel(s, "network", n.Config()).ID)
			}
			var assets []string
			for range 40 {
				assets = append(assets, w.Asset("shoe").ID)
			}
			var last dam.Publication
			for i := range b.N {
				last = w.Publish(s, assets[i%len(assets)], channels[i%len(channels)])
			}
			w.Clock.Follow()
			start := time.Now()
			b.ResetTimer()
			w.Start(s)
			w.Wait(last.ID, dam.PubDelivered)
			publishertest.Eventually(b, func() bool { return len(n.All()) == b.N }, func() string { return "not all are delivered" })
			b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "deliveries/s")
		})
	}
}

// BenchmarkStart measures how late publications start, against a remote that answers
// at once: one planned two seconds ahead, then a thousand due at the same instant.
func BenchmarkStart(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *catalog.Catalog{"sqlite": catalogtest.SQLite, "postgres": catalogtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			w := publishertest.NewWorld(b, open(b))
			n := publishertest.NewNetwork(publishers.NoIdempotency)
			w.Clock.Follow()
			s := w.Service("a", n.Kind())
			var channels, assets []string
			for range 4 {
				channels = append(channels, w.Channel(s, "network", n.Config()).ID)
			}
			for range 40 {
				assets = append(assets, w.Asset("shoe").ID)
			}
			w.Start(s)
			plan := func(count int, at time.Time) (ids []string) {
				for i := range count {
					p, err := s.Publish(b.Context(), dam.DefaultLibrary, publishers.PublishInput{Asset: assets[i%len(assets)], Channel: channels[i%len(channels)], At: at.Format(time.RFC3339Nano)})
					if err != nil {
						b.Fatal(err)
					}
					ids = append(ids, p.ID)
				}
				return ids
			}
			late := func(ids []string, at time.Time) (list []float64) {
				<-time.After(time.Until(at)) // what is measured begins then
				publishertest.Eventually(b, func() bool { return w.Read(ids[0]).State == dam.PubDelivered }, func() string { return "the first is not delivered" })
				for _, id := range ids {
					p := w.Wait(id, dam.PubDelivered)
					for _, step := range p.Steps {
						if step.State == dam.PubPreparing {
							list = append(list, float64(step.At.Sub(at).Microseconds())/1000)
							break
						}
					}
				}
				slices.Sort(list)
				return list
			}
			for b.Loop() {
				at := time.Now().Add(2 * time.Second)
				b.ReportMetric(late(plan(1, at), at)[0], "ms-ahead")
				at = time.Now().Add(30 * time.Second)
				list := late(plan(1000, at), at)
				b.ReportMetric(list[len(list)*99/100], "ms-start-p99")
				b.ReportMetric(1000/(list[len(list)-1]/1000), "starts/s")
			}
		})
	}
}
