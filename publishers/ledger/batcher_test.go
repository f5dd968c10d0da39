package ledger_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// sulky makes no renditions until it may.
type sulky struct{ willing atomic.Bool }

func (s *sulky) Want(context.Context, *catalog.Tx, string, ...string) error {
	if s.willing.Load() {
		return nil
	}
	return errors.New("not now")
}

// TestOneFailureStaysAlone: changes that share a transaction fail each for itself.
func TestOneFailureStaysAlone(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		const lazy = "lazy"
		if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			return tx.Presets().SetPreset(catalogtest.Context(t), dam.DefaultLibrary, 1,
				dam.Preset{Name: lazy, Width: 100, Fit: dam.FitContain, Apply: dam.OnDemand,
					Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}}})
		}); err != nil {
			t.Fatal(err)
		}
		var fine []dam.Publication
		plan := func() { fine = append(fine, d.Publish(d.Node, d.Asset("shoe").ID, d.Account.ID)) }
		plan()
		// Planned where the renditions could be had: the service's own maker refuses.
		bad, err := d.Node.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
			planning.PublishInput{Asset: d.Shoe.ID, Channel: d.Account.ID, Presets: []string{lazy}})
		if err != nil {
			t.Fatal(err)
		}
		plan()
		plan()
		maker := &sulky{}
		d.Node.Planning.Renditions = maker
		if n := d.Turn(d.Node); n != 4 {
			t.Fatalf("%d were taken at once, want 4", n)
		}
		for _, p := range fine {
			d.State(p.ID, dam.PubDelivered)
		}
		d.State(bad.ID, dam.PubLeased)
		maker.willing.Store(true)
		d.Clock.Advance(5 * time.Second) // its lease ends
		d.Turn(d.Node)
		d.State(bad.ID, dam.PubPlanned)
	})
}

// TestRestingChannel: an account that is told to wait is left alone, however much had
// been leased for it, and all of that goes out once it may.
func TestRestingChannel(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		d.Clock.Follow()
		const crowd, before, hands = 120, 40, 4
		var mu sync.Mutex
		calls, refused, until := 0, 0, time.Time{}
		d.Remote.Throttle(func() error {
			mu.Lock()
			defer mu.Unlock()
			if calls++; calls <= 2*before {
				return nil
			}
			if until.IsZero() {
				until = time.Now().Add(2 * time.Second).Truncate(time.Microsecond)
			}
			if !time.Now().Before(until) {
				return nil
			}
			refused++
			return publishers.Throttled(until, errWire)
		})
		at := time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)
		var ids []string
		for range crowd {
			ids = append(ids, d.Plan(at).ID)
		}
		d.Start(d.Node)
		for _, id := range ids {
			if p := d.Wait(id, dam.PubDelivered); p.Receipt == nil {
				t.Error(publishertest.Ledger(p))
			}
		}
		mu.Lock()
		defer mu.Unlock()
		// Each hand may learn it once, and once more with what was being leased just then.
		if refused == 0 || refused > 2*hands {
			t.Errorf("%d calls while the account had to rest", refused)
		}
		once := map[string]bool{}
		for _, p := range d.Remote.All() {
			once[p.Publication] = true
		}
		if n := len(d.Remote.All()); n != crowd || len(once) != crowd {
			t.Errorf("%d posts of %d of %d plans", n, len(once), crowd)
		}
	})
}
