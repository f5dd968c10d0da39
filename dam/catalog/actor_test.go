package catalog_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// Without an actor every read and write fails: an empty list would look like an empty library.
func TestNothingHappensWithoutAnActor(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		keyed := func(ctx context.Context) context.Context {
			return catalog.WithIdempotencyKey(ctx, catalog.IdempotencyKey{Key: "k", Fingerprint: "f"})
		}
		began := false
		write := func(ctx context.Context) error {
			return c.Write(ctx, func(tx *catalog.Tx) error {
				began = true
				return tx.Libraries().PutLibrary(ctx, dam.Library{ID: "other", Name: "Other", Locale: "en",
					Zone: "UTC"})
			})
		}
		calls := map[string]func(context.Context) error{
			"read": func(ctx context.Context) error {
				_, err := c.Libraries().Library(ctx, dam.DefaultLibrary)
				return err
			},
			"list": func(ctx context.Context) error { _, err := c.Libraries().List(ctx); return err },
			"events": func(ctx context.Context) error {
				_, err := c.Log().Events(ctx, dam.DefaultLibrary, 0, 10)
				return err
			},
			"where the log is":  func(ctx context.Context) error { _, _, _, err := c.Log().LogState(ctx); return err },
			"wait for an event": func(ctx context.Context) error { return c.Wait(ctx, -1) },
			"write":             write,
			"keyed write":       func(ctx context.Context) error { return write(keyed(ctx)) },
			"answer of a key": func(ctx context.Context) error {
				_, _, err := catalog.Replay[struct{}](keyed(ctx), c)
				return err
			},
		}
		if !c.Postgres() {
			calls["backup"] = func(ctx context.Context) error {
				return c.Database().Backup(ctx, filepath.Join(t.TempDir(), "copy.db"))
			}
		}
		for what, call := range calls {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if err := call(ctx); dam.CodeOf(err) != dam.Internal {
				t.Errorf("%s without an actor: %v", what, err)
			}
			if err := call(dam.WithActor(ctx, dam.Principal{})); dam.CodeOf(err) != dam.Internal {
				t.Errorf("%s with an empty actor: %v", what, err)
			}
			if began {
				t.Fatalf("%s without an actor began a transaction", what)
			}
			cancel()
		}
		for what, call := range calls {
			if err := call(catalogtest.Context(t)); err != nil {
				t.Errorf("%s as the system: %v", what, err)
			}
		}
		if !began {
			t.Error("the write never ran")
		}
	})
}

// Visible returns nothing when the context has no actor.
func TestNobodySeesAListedAsset(t *testing.T) {
	list := []dam.Asset{{ID: "a", Library: dam.DefaultLibrary}}
	if left := catalog.Visible(t.Context(), list); len(left) != 0 {
		t.Errorf("%d assets are seen", len(left))
	}
}
