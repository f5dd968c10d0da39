package server

import (
	"context"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/storage"
	"vitrine/storage/s3"
)

// mirrorCredentials returns the credentials of the mirror's bucket: its own, or else those of the first store.
func mirrorCredentials(c config.Config) s3.Credentials {
	if c.MirrorS3 == (s3.Credentials{}) {
		return c.S3
	}
	return c.MirrorS3
}

// OpenMirror returns the mirror, which is opened at its first use, so that the server can start while the mirror is
// unavailable. It returns nil if there is none.
func OpenMirror(c config.Config) (*DeferredStore, error) {
	if c.StorageMirror == "" {
		return nil, nil
	}
	name, err := storeName(c.StorageMirror)
	if err != nil {
		return nil, err
	}
	return &DeferredStore{name: name, open: func(ctx context.Context) (Store, error) {
		return OpenStore(ctx, c.StorageMirror, mirrorCredentials(c))
	}}, nil
}

// DeferredStore is a store that is opened at its first use, and again at the next use if that failed.
type DeferredStore struct {
	name string
	open func(context.Context) (Store, error)

	mu  sync.Mutex
	now Store
}

var _ storage.Store = (*DeferredStore)(nil)

func (l *DeferredStore) get(ctx context.Context) (storage.Store, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now == nil {
		s, err := l.open(ctx)
		if err != nil {
			return nil, err
		}
		l.now = s
	}
	return l.now, nil
}

// Close closes the store, if it was ever opened.
func (l *DeferredStore) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now == nil {
		return nil
	}
	return l.now.Close()
}

// Put implements storage.Store.
func (l *DeferredStore) Put(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.Put(ctx, key, r, o)
}

// Replace implements storage.Store.
func (l *DeferredStore) Replace(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.Replace(ctx, key, r, o)
}

// Open implements storage.Store.
func (l *DeferredStore) Open(ctx context.Context, key string) (storage.Object, error) {
	s, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, key)
}

// Stat implements storage.Store.
func (l *DeferredStore) Stat(ctx context.Context, key string) (storage.Info, error) {
	s, err := l.get(ctx)
	if err != nil {
		return storage.Info{}, err
	}
	return s.Stat(ctx, key)
}

// Delete implements storage.Store.
func (l *DeferredStore) Delete(ctx context.Context, key string) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.Delete(ctx, key)
}

// List implements storage.Store.
func (l *DeferredStore) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		s, err := l.get(ctx)
		if err != nil {
			yield(storage.Info{}, err)
			return
		}
		s.List(ctx, prefix)(yield)
	}
}

// Clean implements storage.Store.
func (l *DeferredStore) Clean(ctx context.Context, prefix string, before time.Time) (int, error) {
	s, err := l.get(ctx)
	if err != nil {
		return 0, err
	}
	return s.Clean(ctx, prefix, before)
}

// Check implements storage.Store.
func (l *DeferredStore) Check(ctx context.Context) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.Check(ctx)
}

// String implements storage.Store.
func (l *DeferredStore) String() string { return l.name }

// mirrorMetrics exports how far the mirror is behind.
type mirrorMetrics struct{ cat *catalog.Catalog }

var (
	mirrorObjects = prometheus.NewDesc("vitrine_mirror_lag_objects",
		"Objects that are not yet in the second store as they are in the first, deletions included.", nil, nil)
	mirrorBytes  = prometheus.NewDesc("vitrine_mirror_lag_bytes", "Bytes of those.", nil, nil)
	mirrorOldest = prometheus.NewDesc("vitrine_mirror_lag_seconds", "How long the one that has waited longest does.",
		nil, nil)
	mirrorFailing = prometheus.NewDesc("vitrine_mirror_failing_objects", "Objects whose last try failed.", nil, nil)
)

// Describe implements prometheus.Collector.
func (mirrorMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{mirrorObjects, mirrorBytes, mirrorOldest, mirrorFailing} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. Other metrics report a catalogue that doesn't answer.
func (m mirrorMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(dam.AsSystem(context.Background(), "figures count everything"), 5*time.Second)
	defer cancel()
	lag, err := m.cat.Mirror().MirrorLag(ctx)
	if err != nil || lag == nil {
		return
	}
	oldest := 0.0
	if lag.Oldest != nil {
		oldest = time.Since(*lag.Oldest).Seconds()
	}
	for d, v := range map[*prometheus.Desc]float64{mirrorObjects: float64(lag.Objects), mirrorBytes: float64(lag.Bytes),
		mirrorOldest: oldest, mirrorFailing: float64(lag.Failing)} {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v)
	}
}
