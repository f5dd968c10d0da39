package server

import (
	"path/filepath"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam/space"
)

// Volumes returns the file systems that a server with this configuration writes to.
func Volumes(c config.Config) *space.Watch {
	v := []space.Volume{{Name: "spool", Path: filepath.Join(c.Data, "uploads"), Copies: 1}}
	if path, ok := strings.CutPrefix(c.Database, "sqlite:"); ok {
		v = append(v, space.Volume{Name: "database", Path: path})
	}
	if path, ok := strings.CutPrefix(c.Storage, "disk:"); ok {
		v = append(v, space.Volume{Name: "objects", Path: path, Copies: 1})
	}
	return space.New(c.Edge.MinFree, append(v, space.Volume{Name: "index", Path: c.IndexDir(), Spare: true})...)
}

var freeBytes = prometheus.NewDesc("vitrine_free_bytes",
	"Free space of the volume that holds the spool, database, objects or index.", []string{"volume"}, nil)
var lowSpace = prometheus.NewDesc("vitrine_volume_low",
	"1 while a volume has less free than min_free and uploads are refused.", []string{"volume"}, nil)

// freeSpace exports the free space of the volumes, measured at every scrape.
type freeSpace struct{ *space.Watch }

// Describe implements prometheus.Collector.
func (freeSpace) Describe(out chan<- *prometheus.Desc) { out <- freeBytes; out <- lowSpace }

// Collect implements prometheus.Collector.
func (f freeSpace) Collect(out chan<- prometheus.Metric) {
	for _, s := range f.States() {
		if s.Err != nil {
			continue
		}
		low := 0.0
		if s.Low {
			low = 1
		}
		out <- prometheus.MustNewConstMetric(freeBytes, prometheus.GaugeValue, float64(s.Free), s.Name)
		out <- prometheus.MustNewConstMetric(lowSpace, prometheus.GaugeValue, low, s.Name)
	}
}
