package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vitrine/dam/catalog"
	"vitrine/storage"
	"vitrine/storage/s3"
)

// mirrorCredentials are those of the second store's bucket: its own, or else those of the first.
func (c Config) mirrorCredentials() s3.Credentials {
	if c.MirrorS3 == (s3.Credentials{}) {
		return c.S3
	}
	return c.MirrorS3
}

// openMirror opens the second store when it is first used, so that a server starts while that is away. nil when there is none.
func openMirror(c Config) (*lateStore, error) {
	if c.StorageMirror == "" {
		return nil, nil
	}
	name, err := storeName(c.StorageMirror)
	if err != nil {
		return nil, err
	}
	return &lateStore{name: name, open: func(ctx context.Context) (store, error) {
		return openStore(ctx, c.StorageMirror, c.mirrorCredentials())
	}}, nil
}

// lateStore is a store that is opened by the first who uses it, and again by the next if that failed.
type lateStore struct {
	name string
	open func(context.Context) (store, error)

	mu  sync.Mutex
	now store
}

var _ storage.Store = (*lateStore)(nil)

func (l *lateStore) get(ctx context.Context) (storage.Store, error) {
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

// Close releases the store, if it was ever opened.
func (l *lateStore) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now == nil {
		return nil
	}
	return l.now.Close()
}

// Put implements storage.Store.
func (l *lateStore) Put(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.Put(ctx, key, r, o)
}

// Replace implements storage.Store.
func (l *lateStore) Replace(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.Replace(ctx, key, r, o)
}

// Open implements storage.Store.
func (l *lateStore) Open(ctx context.Context, key string) (storage.Object, error) {
	s, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, key)
}

// Stat implements storage.Store.
func (l *lateStore) Stat(ctx context.Context, key string) (storage.Info, error) {
	s, err := l.get(ctx)
	if err != nil {
		return storage.Info{}, err
	}
	return s.Stat(ctx, key)
}

// Delete implements storage.Store.
func (l *lateStore) Delete(ctx context.Context, key string) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.Delete(ctx, key)
}

// List implements storage.Store.
func (l *lateStore) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
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
func (l *lateStore) Clean(ctx context.Context, prefix string, before time.Time) (int, error) {
	s, err := l.get(ctx)
	if err != nil {
		return 0, err
	}
	return s.Clean(ctx, prefix, before)
}

// Check implements storage.Store.
func (l *lateStore) Check(ctx context.Context) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.Check(ctx)
}

// String implements storage.Store.
func (l *lateStore) String() string { return l.name }

// mirrorMetrics tells Prometheus how far the second store is behind.
type mirrorMetrics struct{ cat *catalog.Catalog }

var (
	mirrorObjects = prometheus.NewDesc("vitrine_mirror_lag_objects", "Objects that are not yet in the second store as they are in the first, deletions included.", nil, nil)
	mirrorBytes   = prometheus.NewDesc("vitrine_mirror_lag_bytes", "Bytes of those.", nil, nil)
	mirrorOldest  = prometheus.NewDesc("vitrine_mirror_lag_seconds", "How long the one that has waited longest does.", nil, nil)
	mirrorFailing = prometheus.NewDesc("vitrine_mirror_failing_objects", "Objects whose last try failed.", nil, nil)
)

// Describe implements prometheus.Collector.
func (mirrorMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{mirrorObjects, mirrorBytes, mirrorOldest, mirrorFailing} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. A catalogue that doesn't answer has other metrics to say so.
func (m mirrorMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	lag, err := m.cat.MirrorLag(ctx)
	if err != nil || lag == nil {
		return
	}
	oldest := 0.0
	if lag.Oldest != nil {
		oldest = time.Since(*lag.Oldest).Seconds()
	}
	for d, v := range map[*prometheus.Desc]float64{mirrorObjects: float64(lag.Objects), mirrorBytes: float64(lag.Bytes), mirrorOldest: oldest, mirrorFailing: float64(lag.Failing)} {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v)
	}
}

// examineMirror is the doctor's look at the second store.
func examineMirror(ctx context.Context, c Config) []symptom {
	const name = "mirror"
	second, err := openMirror(c)
	if err != nil {
		return bad(failed, name, err, "check storage_mirror")
	}
	if second == nil {
		return nil
	}
	defer func() { _ = second.Close() }()
	bounded, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := roundTrip(bounded, second); err != nil {
		return bad(failed, name, err, "check the location, the credentials and their rights to read, write and delete; the server goes on, and catches up when it is back")
	}
	if existing(c) != nil {
		return ok(name, "%s: written, read and removed", second)
	}
	cat, err := catalog.Open(ctx, c.Database)
	if err != nil {
		return ok(name, "%s: written, read and removed", second)
	}
	defer func() { _ = cat.Close() }()
	lag, err := cat.MirrorLag(ctx)
	switch {
	case err != nil || lag == nil:
		return bad(warning, name, errors.New("the server does not use it yet"), "restart the server")
	case lag.Failing > 0:
		return bad(warning, name, errors.New(lag.Error), "see the server's log; what failed is tried again")
	}
	return ok(name, "%s: written, read and removed; %d objects behind", second, lag.Objects)
}
