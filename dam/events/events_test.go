package events_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/events"
)

func emit(t *testing.T, c *catalog.Catalog, subjects ...string) {
	t.Helper()
	if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		for _, s := range subjects {
			tx.Emit(dam.Event{Type: dam.AssetUpdated, Subject: s})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Two nodes follow under one name while a handler fails now and then: every
// event is applied once, in order.
func TestFollowersShareACursor(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx, cancel := context.WithCancel(catalogtest.Context(t))
		defer cancel()
		log := slog.New(slog.DiscardHandler)
		emit(t, c, "before")
		if err := events.Register(ctx, c, "f"); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var applied []string
		fails := 3
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { events.Listen(ctx, c, log) })
			wg.Go(func() {
				_ = events.Follow(ctx, c, "f", log, func(_ context.Context, _ *catalog.Tx, batch []dam.Event) error {
					mu.Lock()
					defer mu.Unlock()
					if fails > 0 {
						fails--
						return errors.New("not now")
					}
					for _, e := range batch {
						applied = append(applied, e.Subject)
					}
					return nil
				})
			})
		}
		var want []string
		for i := range 30 {
			s := fmt.Sprint(i)
			want = append(want, s)
			emit(t, c, s)
		}
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			mu.Lock()
			n := len(applied)
			mu.Unlock()
			if n >= len(want) {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("only %d of %d events were applied", n, len(want))
			}
		}
		cancel()
		wg.Wait()
		if !slices.Equal(applied, want) {
			t.Errorf("applied %v", applied)
		}
	})
}

func TestRetainKeepsWhatFollowersNeed(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		if err := events.Register(ctx, c, "slow"); err != nil {
			t.Fatal(err)
		}
		emit(t, c, "1", "2", "3")
		if _, err := events.Step(ctx, c, "slow",
			func(context.Context, *catalog.Tx, []dam.Event) error { return nil }); err != nil {
			t.Fatal(err)
		}
		emit(t, c, "4", "5")
		if err := events.Retain(ctx, c, -time.Hour); err != nil {
			t.Fatal(err)
		}
		left, err := c.Log().Events(ctx, "", 0, 10)
		if err != nil || len(left) != 2 || left[0].Subject != "4" {
			t.Errorf("left %v %v, want what the follower has not seen", left, err)
		}
		if m, err := c.Log().MinSeq(ctx); err != nil || m != 3 {
			t.Errorf("min_seq %d %v, want 3", m, err)
		}
	})
}
