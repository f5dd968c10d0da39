package delivery

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/dam/delivery"
)

// Collectors returns the handler's and its service's metrics for a Prometheus registry: hits, misses, bytes, answers,
// purges, and how far the node is behind the log.
func (h *Handler) Collectors() []prometheus.Collector {
	total := func(name, help string, labels prometheus.Labels, value func() int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "vitrine", Subsystem: "delivery", Name: name,
			Help: help, ConstLabels: labels},
			func() float64 { return float64(value()) })
	}
	gauge := func(name, help string, value func(delivery.Stats) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "vitrine", Subsystem: "delivery", Name: name,
			Help: help},
			func() float64 { return value(h.service.Stats()) })
	}
	cached := func(kind, result string, value func(delivery.Stats) int64) prometheus.Collector {
		return total("cache_total", "Look-ups in the node's memory by kind (record, body, disk) and result.",
			prometheus.Labels{"kind": kind, "result": result},
			func() int64 { return value(h.service.Stats()) })
	}
	list := []prometheus.Collector{
		cached("record", "hit", func(s delivery.Stats) int64 { return s.RecordHits }),
		cached("record", "miss", func(s delivery.Stats) int64 { return s.RecordMisses }),
		cached("body", "hit", func(s delivery.Stats) int64 { return s.BodyHits }),
		cached("body", "miss", func(s delivery.Stats) int64 { return s.BodyMisses }),
		cached("disk", "hit", func(s delivery.Stats) int64 { return s.DiskHits }),
		total("read_bytes_total", "Bytes read from storage.", nil, func() int64 { return h.service.Stats().ReadBytes }),
		total("sent_bytes_total", "Bytes of pictures sent.", nil, h.bytes.Load),
		total("limited_total", "Requests refused because their client asked too often for what is not in memory.", nil,
			h.limited.Load),
		total("purges_total", "Records dropped because of an event.", nil,
			func() int64 { return h.service.Stats().Purges }),
		gauge("memory_bytes", "Bytes of bodies in memory.",
			func(s delivery.Stats) float64 { return float64(s.MemoryBytes) }),
		gauge("disk_bytes", "Bytes of bodies on the node's own disk.",
			func(s delivery.Stats) float64 { return float64(s.DiskBytes) }),
		gauge("log_lag_seconds", "Time since the node last knew that it had every event.",
			func(s delivery.Stats) float64 { return s.Lag.Seconds() }),
		gauge("log_behind_events", "Events of the log not yet applied here.",
			func(s delivery.Stats) float64 { return float64(max(s.Head-s.Seq, 0)) }),
	}
	for class := 2; class <= 5; class++ {
		list = append(list, total("answers_total", "Answers by class of status.",
			prometheus.Labels{"class": strconv.Itoa(class) + "xx"}, h.answers[class].Load))
	}
	return list
}
