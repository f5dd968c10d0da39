package storage

import (
	"context"
	"io"
	"time"
)

// Guard returns a store that is s, but changes and deletes nothing that is stored while refuse gives an error, which
// the caller gets. Put goes on: it never touches what is there. refuse is asked before every Replace, Delete and Clean.
func Guard(s Store, refuse func(context.Context) error) *Guarded { return &Guarded{s, refuse} }

// Guarded is a store that may refuse to change what it has.
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
