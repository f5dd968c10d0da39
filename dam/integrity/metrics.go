package integrity

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// Collector returns the metrics of damage and of the scrub. unverified returns how many objects were served without
// checksums since the start.
func (s *Service) Collector(unverified func() int64) prometheus.Collector {
	name := func(n, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("vitrine_"+n, help, labels, nil)
	}
	return &collector{s: s, unverified: unverified,
		damaged:   name("damaged_objects", "Stored objects that are known to be missing or damaged.", "kind"),
		erasures:  name("lost_erasures", "Records of erasures that can't be read: what they erased may be back."),
		uncovered: name("unverified_objects", "Stored objects without checksums of their blocks; the scrub adds them."),
		reads:     name("unverified_reads_total", "Objects handed out without checksums of their blocks."),
		objects:   name("scrub_objects", "Objects read by the scrub in its present or last round."),
		bytes:     name("scrub_bytes", "Bytes read by the scrub in its present or last round."),
		found:     name("scrub_damaged", "Damaged objects that the scrub came upon in its present or last round."),
		finished: name("scrub_finished_timestamp_seconds",
			"When the scrub last had read every object; 0 before the first time."),
		slow: name("scrub_slow", "1 when a round of the scrub takes longer than half of the days it has."),
	}
}

type collector struct {
	s          *Service
	unverified func() int64

	damaged, erasures, uncovered, reads, objects, bytes, found, finished, slow *prometheus.Desc

	mu   sync.Mutex
	at   time.Time
	last Status
	err  error
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, out) }

// collectEvery bounds how often the catalogue is queried, however many clients scrape.
const collectEvery = 10 * time.Second

// Collect implements prometheus.Collector. While the catalogue is unreachable it reports no values rather than zeros.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	out <- prometheus.MustNewConstMetric(c.reads, prometheus.CounterValue, float64(c.unverified()))
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.at) > collectEvery {
		ctx, cancel := context.WithTimeout(dam.AsSystem(context.Background(), "figures count everything"),
			3*time.Second)
		defer cancel()
		c.last, c.err = c.s.Status(ctx)
		c.at = time.Now()
	}
	if c.err != nil {
		return
	}
	gauge(c.damaged, float64(c.last.Originals), "original")
	gauge(c.damaged, float64(c.last.Others), "derived")
	gauge(c.erasures, float64(c.last.Erasures))
	gauge(c.uncovered, float64(c.last.Uncovered))
	gauge(c.objects, float64(c.last.Objects))
	gauge(c.bytes, float64(c.last.Bytes))
	gauge(c.found, float64(c.last.Damaged))
	end, slow := 0.0, 0.0
	if c.last.Last != nil {
		end = float64(c.last.Last.FinishedAt.Unix())
	}
	if c.last.Slow {
		slow = 1
	}
	gauge(c.finished, end)
	gauge(c.slow, slow)
}

// Backups returns the records of the installation's backups, newest first.
func (s *Service) Backups(ctx context.Context) ([]catalog.BackupRecord, error) {
	return s.Catalog.Maintenance().Backups(ctx)
}

// Names are the spellings of names that upgrades replaced by the canonical ones.
type Names struct {
	Changed int              `json:"changed" doc:"Spellings that were replaced"`
	Merged  int              `json:"merged" doc:"Of those, how many were another name and became one with it somewhere"`
	Items   []dam.NameChange `json:"items" nullable:"false" doc:"In the order of the upgrade"`
}

// Names lists up to limit of them after position after.
func (s *Service) Names(ctx context.Context, after int64, limit int) (n Names, err error) {
	if n.Changed, n.Merged, err = s.Catalog.Maintenance().CountNameChanges(ctx); err != nil {
		return n, err
	}
	n.Items, err = s.Catalog.Maintenance().NameChanges(ctx, after, limit)
	return n, err
}

// MirrorLag returns how far the mirror is behind the main store; nil if there is no mirror.
func (s *Service) MirrorLag(ctx context.Context) (*catalog.MirrorLag, error) {
	return s.Catalog.Mirror().MirrorLag(ctx)
}
