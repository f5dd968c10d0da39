package ledger_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func TestLedger(t *testing.T) {
	for name, set := range map[string]func(n *publishertest.Network){
		"none": func(n *publishertest.Network) { n.Mode, n.VisibleAfter = publishers.NoIdempotency, time.Minute },
		"blind": func(n *publishertest.Network) {
			n.Mode, n.CanLookup, n.CanRecall = publishers.NoIdempotency, false, false
		},
		"durable": func(n *publishertest.Network) { n.Mode, n.CanUpdate = publishers.Durable, true },
		"handle":  func(n *publishertest.Network) { n.Mode, n.VisibleAfter = publishers.ByHandle, time.Minute },
	} {
		t.Run(name, func(t *testing.T) {
			suite := publishertest.RunEmbedded
			if name == "none" || name == "durable" {
				suite = publishertest.Run
			}
			suite(t, func(_ *testing.T) publishertest.Harness {
				n := publishertest.NewNetwork(publishers.NoIdempotency)
				set(n)
				return n.Harness()
			})
		})
	}
}

// keeper is a channel whose first upload is kept half way, and hangs then.
type keeper struct {
	*publishertest.Network
	given         []string // the state of each Prepare
	reached, dead chan struct{}
	late          error
}

func (k *keeper) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State, error) {
	k.given = append(k.given, string(state))
	if len(k.given) > 1 {
		return k.Network.Prepare(ctx, in, nil)
	}
	if err := in.Keep(ctx, publishers.State(`{"half": true}`)); err != nil {
		return nil, err
	}
	close(k.reached)
	<-k.dead
	k.late = in.Keep(context.WithoutCancel(ctx), publishers.State(`{"late": true}`))
	return nil, k.late
}

// What Prepare kept is there after its node has died; a node that was only held up
// keeps nothing any more.
func TestKeep(t *testing.T) {
	k := &keeper{Network: publishertest.NewNetwork(publishers.ByHandle), reached: make(chan struct{}),
		dead: make(chan struct{})}
	kind := k.Kind()
	kind.Publisher = k
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	a, b := w.Service("a", kind), w.Service("b", kind)
	ch := w.Channel(a, kind.Name, k.Config())
	p := w.Publish(a, w.Asset("red shoe").ID, ch.ID)
	done := make(chan struct{})
	// it dies: nobody hears of it
	go func() { defer close(done); _, _ = a.Ledger.Turn(context.WithoutCancel(catalogtest.Context(t))) }()
	<-k.reached
	w.Clock.Advance(5 * time.Second)
	w.Until(b, p.ID, dam.PubDelivered)
	close(k.dead)
	<-done
	if !slices.Equal(k.given, []string{"", `{"half": true}`}) || k.late == nil || k.Total() != 1 {
		t.Errorf("Prepare was given %q; late: %v; %d posts", k.given, k.late, k.Total())
	}
	if row, err := w.Catalog.Publications().Publication(catalogtest.Context(t), "", p.ID); err != nil ||
		len(row.Progress) > 0 {
		t.Errorf("%v, state %s", err, row.Progress)
	}
}
