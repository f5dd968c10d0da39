package mirror_test

import (
	"context"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/retention"
	"vitrine/storage"
)

// hooked is a store whose writes something else happens before.
type hooked struct {
	storage.Store
	before func(ctx context.Context) error
}

func (h *hooked) Put(ctx context.Context, key string, r io.Reader, o storage.PutOptions) error {
	if err := h.before(ctx); err != nil {
		return err
	}
	return h.Store.Put(ctx, key, r, o)
}

// A node that works longer than its lease renews it, and stops when another has taken it.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		second := &hooked{Store: openDisk(t)}
		w := newWorld(t, cat, second)
		w.Lease = 90 * time.Millisecond
		w.start()
		w.add(1)
		second.before = func(ctx context.Context) error {
			// The other node gets the lease when this one has let it run out.
			if err := cat.Write(ctx, func(tx *catalog.Tx) error {
				const q = "UPDATE mirror SET lease_owner='b', lease_until=9000000000000000"
				if pg := tx.PG(); pg != nil {
					_, err := pg.Exec(ctx, q)
					return err
				}
				_, err := tx.SQLite().ExecContext(ctx, q)
				return err
			}); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Second):
				t.Error("the work goes on without the lease")
				return nil
			}
		}
		if lag := w.sync(); lag.Objects != 1 || lag.Failing != 0 || len(w.has()) != 0 {
			t.Errorf("%+v %v", lag, w.has())
		}
	})
}

// What is erased, and deleted by another node, while a node copies it does not stay in the second store.
func TestErasedMeanwhile(t *testing.T) {
	t.Parallel()
	other := openDisk(t)
	second := &hooked{Store: other}
	w := newWorld(t, catalogtest.SQLite(t), second)
	w.start()
	w.add(1)
	second.before = func(ctx context.Context) error {
		second.before = func(context.Context) error { return nil }
		if err := (&retention.Eraser{Catalog: w.Catalog, Store: w.first}).Asset(ctx, dam.DefaultLibrary,
			w.assets[0].ID); err != nil {
			return err
		}
		items, err := w.Catalog.Mirror().MirrorDue(ctx, time.Now().Add(time.Hour), 100)
		if err == nil {
			err = other.Delete(ctx, w.key(0))
		}
		if err == nil {
			err = w.Catalog.Mirror().MirrorDone(ctx, items...)
		}
		return err
	}
	if w.sync(); len(w.has()) != 0 {
		t.Errorf("the second store has %v", w.has())
	}
}

type failing struct {
	storage.Store
	err error
}

func (f failing) Open(context.Context, string) (storage.Object, error) { return nil, f.err }

// A first store that is away says nothing about its objects.
func TestFirstAway(t *testing.T) {
	t.Parallel()
	for _, err := range []error{&net.OpError{Op: "dial", Err: io.ErrUnexpectedEOF}, context.DeadlineExceeded} {
		w := newWorld(t, catalogtest.SQLite(t), openDisk(t))
		told := &record{}
		w.Record, w.First = told, failing{w.first, err}
		w.start()
		w.add(1)
		if lag := w.sync(); lag.Failing != 1 || len(told.keys) != 0 {
			t.Errorf("%v: %+v, damage %v", err, lag, slices.Clone(told.keys))
		}
	}
}
