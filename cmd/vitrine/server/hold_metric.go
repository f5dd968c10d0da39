package server

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// holdMetric exports whether there is a hold; NaN if the catalogue doesn't answer.
func holdMetric(cat *catalog.Catalog) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "vitrine_hold",
		Help: "1 while publications, webhooks, mail and cache purges are held, see vitrine hold."}, func() float64 {
		ctx, cancel := context.WithTimeout(dam.AsSystem(context.Background(), "figures count everything"),
			5*time.Second)
		defer cancel()
		switch h, err := cat.Epochs().Hold(ctx); {
		case err != nil:
			return math.NaN()
		case h != nil:
			return 1
		}
		return 0
	})
}
