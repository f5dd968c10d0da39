package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// backupMetrics exports what the catalogue knows of backups. A target without any good backup has no age, so alerts
// must also check for absence.
type backupMetrics struct{ cat *catalog.Catalog }

var (
	backupAge = prometheus.NewDesc("vitrine_backup_age_seconds",
		"Age of the last backup whose catalogue and objects were all good.", []string{"target"}, nil)
	backupVerified = prometheus.NewDesc("vitrine_backup_verified_age_seconds",
		"Time since every object of the backup was last read by one run and found right.", []string{"target"}, nil)
	backupDamaged = prometheus.NewDesc("vitrine_backup_damaged_objects",
		"Objects that are damaged or missing in the last backup.", []string{"target"}, nil)
)

// Describe implements prometheus.Collector.
func (backupMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- backupAge
	ch <- backupVerified
	ch <- backupDamaged
}

// Collect implements prometheus.Collector. Other metrics report a catalogue that doesn't answer.
func (m backupMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(dam.AsSystem(context.Background(), "figures count everything"), 5*time.Second)
	defer cancel()
	list, err := m.cat.Maintenance().Backups(ctx)
	if err != nil {
		return
	}
	for _, b := range list {
		if b.Good != nil {
			ch <- prometheus.MustNewConstMetric(backupAge, prometheus.GaugeValue, time.Since(*b.Good).Seconds(),
				b.Target)
		}
		if b.Verified != nil {
			ch <- prometheus.MustNewConstMetric(backupVerified, prometheus.GaugeValue,
				time.Since(*b.Verified).Seconds(), b.Target)
		}
		ch <- prometheus.MustNewConstMetric(backupDamaged, prometheus.GaugeValue, float64(b.Damaged), b.Target)
	}
}
