// Package observed reports every operation on a store to an observer, for metrics and traces.
package observed

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"vitrine/storage"
)

// Operations lists the names of operations.
func Operations() []string {
	return []string{"put", "open", "read", "stat", "delete", "list", "check"}
}

// Observer is called with an operation, its duration and its error. storage.ErrNotFound and storage.ErrExists are
// answers, not failures.
type Observer func(ctx context.Context, operation string, took time.Duration, err error)

// Failed reports whether an operation's error is a failure of the store, and not an answer or the caller's
// cancellation.
func Failed(err error) bool {
	return err != nil && !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrExists) &&
		!errors.Is(err, storage.ErrKey) && !errors.Is(err, context.Canceled)
}

// New returns s with tell called after every operation.
func New(s storage.Store, tell Observer) *Store { return &Store{s, tell} }

// Store is an observed store.
type Store struct {
	storage.Store
	report Observer
}

// Put implements storage.Store.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	source := &source{r: r}
	began := time.Now()
	err := s.Store.Put(ctx, key, source, o)
	told := err
	if source.err != nil {
		told = nil // the caller's reader failed, not the store
	}
	s.report(ctx, "put", time.Since(began), told)
	return err
}

// source records whether reading the bytes to be stored failed.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// Open implements storage.Store.
func (s *Store) Open(ctx context.Context, key string) (storage.Object, error) {
	began := time.Now()
	o, err := s.Store.Open(ctx, key)
	s.report(ctx, "open", time.Since(began), err)
	if _, file := o.(storage.Filer); err != nil || file {
		return o, err // a file is returned unwrapped, because a wrapper would prevent sending it without copying
	}
	return &object{o, s.report}, nil
}

// object reports reads that fail. Successful reads are too many to report.
type object struct {
	storage.Object
	report Observer
}

func (o *object) Read(p []byte) (int, error) {
	n, err := o.Object.Read(p)
	o.reported(err)
	return n, err
}

func (o *object) ReadAt(p []byte, at int64) (int, error) {
	n, err := o.Object.ReadAt(p, at)
	o.reported(err)
	return n, err
}

func (o *object) reported(err error) {
	if err != nil && err != io.EOF {
		o.report(context.Background(), "read", 0, err)
	}
}

// Stat implements storage.Store.
func (s *Store) Stat(ctx context.Context, key string) (storage.Info, error) {
	began := time.Now()
	info, err := s.Store.Stat(ctx, key)
	s.report(ctx, "stat", time.Since(began), err)
	return info, err
}

// Delete implements storage.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	began := time.Now()
	err := s.Store.Delete(ctx, key)
	s.report(ctx, "delete", time.Since(began), err)
	return err
}

// List implements storage.Store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		began := time.Now()
		var failed error
		defer func() { s.report(ctx, "list", time.Since(began), failed) }()
		for info, err := range s.Store.List(ctx, prefix) {
			failed = err
			if !yield(info, err) {
				return
			}
		}
	}
}

// Check implements storage.Store.
func (s *Store) Check(ctx context.Context) error {
	began := time.Now()
	err := s.Store.Check(ctx)
	s.report(ctx, "check", time.Since(began), err)
	return err
}
