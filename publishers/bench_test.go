package publishers_test

import (
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
