package ledger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// stuckNetwork takes a publication on and doesn't come back from it.
type stuckNetwork struct {
	*publishertest.Network
	begun, over chan struct{}
}

func (n stuckNetwork) Prepare(ctx context.Context, _ publishers.Intent, s publishers.State) (publishers.State, error) {
	select {
	case n.begun <- struct{}{}:
	default:
	}
	select {
	case <-ctx.Done():
	case <-n.over:
	}
	return s, context.Canceled
}

// A node whose clock is ten minutes off leases by the database's time: others neither take its work away while it has
// it, nor wait for it for ten minutes when it is gone.
func TestLeasesOfANodeWithAWrongClock(t *testing.T) {
	const lease = 3 * time.Second
	for name, by := range map[string]time.Duration{"behind": 10 * time.Minute, "ahead": -10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := catalogtest.PostgresAhead(t, by)
			w := publishertest.NewWorld(t, c)
			n := stuckNetwork{publishertest.NewNetwork(publishers.NoIdempotency), make(chan struct{}, 1),
				make(chan struct{})}
			kind := n.Kind()
			kind.Publisher = n
			s := publishertest.NewService(publishertest.Options{Catalog: c, Kinds: []publishers.Kind{kind},
				Secrets: w.Secrets, Store: w.Store, Node: "wrong", Lease: lease})
			ch, asset := w.Channel(s, "network", n.Config()), w.Asset("red shoe")
			p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
				planning.PublishInput{Asset: asset.ID, Channel: ch.ID})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(catalogtest.Context(t))
			ended := make(chan error, 1)
			go func() { ended <- s.Ledger.Run(ctx) }()
			defer func() {
				stop()
				close(n.over)
				if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}()
			select {
			case <-n.begun:
			case <-time.After(time.Minute):
				t.Fatal("nothing was taken on")
			}
			row := w.Read(p.ID)
			now, err := c.Database().DatabaseTime(catalogtest.Context(t))
			if err != nil || time.Until(now).Abs() < 9*time.Minute {
				t.Fatalf("the database's time is %s, %v", now, err)
			}
			if row.NextAt == nil || row.NextAt.Before(now) || row.NextAt.After(now.Add(lease+catalogOff)) {
				t.Errorf("at %s of the database the lease ends at %v", now, row.NextAt)
			}
		})
	}
}

// catalogOff is how far two readings of the database's clock may be apart.
const catalogOff = time.Second
