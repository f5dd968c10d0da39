package storage

import (
	"context"
	"io"
	"time"
)

// Guard returns a store that is s, except that it changes and deletes nothing while refuse returns an error, which the
// caller gets. Put still works: it never changes what is stored. refuse is called before every Replace, Delete and
// Clean.
func Guard(s Store, refuse func(context.Context) error) *Guarded { return &Guarded{s, refuse} }

// Guarded is a store that may refuse to change what is stored.
type Guarded struct {
	Store
	refuse func(context.Context) error
}

// Replace implements Store.
func (g *Guarded) Replace(ctx context.Context, key string, r io.Reader, o PutOptions) error {
	if err := g.refuse(ctx); err != nil {
		return err
	}
	return g.Store.Replace(ctx, key, r, o)
}

// Delete implements Store.
func (g *Guarded) Delete(ctx context.Context, key string) error {
	if err := g.refuse(ctx); err != nil {
		return err
	}
	return g.Store.Delete(ctx, key)
}

// Clean implements Store.
func (g *Guarded) Clean(ctx context.Context, prefix string, before time.Time) (int, error) {
	if err := g.refuse(ctx); err != nil {
		return 0, err
	}
	return g.Store.Clean(ctx, prefix, before)
}
