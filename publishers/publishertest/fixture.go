package publishertest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
)

// Fixture is a world with one node, one channel of a network and one approved asset.
type Fixture struct {
	*World
	t       *testing.T
	Remote  *Network
	Node    *Service
	Account dam.Channel
	Shoe    dam.Asset
}

// NewFixture prepares it; set, when not nil, changes the network before the channel is made.
func NewFixture(t *testing.T, c *catalog.Catalog, set func(*Network)) *Fixture {
	t.Helper()
	n := NewNetwork(publishers.NoIdempotency)
	if set != nil {
		set(n)
	}
	return NewFixtureOf(t, c, n, n.Kind())
}

// NewFixtureOf is NewFixture for a kind of channel that posts to n in its own way.
func NewFixtureOf(t *testing.T, c *catalog.Catalog, n *Network, kind publishers.Kind) *Fixture {
	t.Helper()
	w := NewWorld(t, c)
	s := w.Service("a", kind)
	return &Fixture{w, t, n, s, w.Channel(s, kind.Name, n.Config()), w.Asset("red shoe")}
}

// Plan publishes the asset at a time, "" for now.
func (f *Fixture) Plan(at string) dam.Publication {
	f.t.Helper()
	return f.PublishInput(planning.PublishInput{At: at})
}

// PublishInput publishes the asset on the channel as in says.
func (f *Fixture) PublishInput(in planning.PublishInput) dam.Publication {
	f.t.Helper()
	in.Asset, in.Channel = f.Shoe.ID, f.Account.ID
	p, err := f.Node.Planning.Publish(catalogtest.Context(f.t), dam.DefaultLibrary, in)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

// SetSchedule changes the channel's schedule.
func (f *Fixture) SetSchedule(x dam.Schedule) {
	f.t.Helper()
	if _, err := f.Node.Accounts.UpdateChannel(catalogtest.Context(f.t), dam.DefaultLibrary, f.Account.ID, 0,
		accounts.ChannelPatch{Schedule: &x}); err != nil {
		f.t.Fatal(err)
	}
}

// State fails the test unless the publication is in the state.
func (f *Fixture) State(id string, want dam.PublicationState) dam.Publication {
	f.t.Helper()
	p := f.Read(id)
	if p.State != want {
		f.t.Fatalf("want %s\n%s", want, Ledger(p))
	}
	return p
}

// In is the moment after a while, as an input says it.
func (f *Fixture) In(x time.Duration) string { return f.Clock.Now().Add(x).UTC().Format(time.RFC3339) }

// Drain turns until nothing is due any more.
func (f *Fixture) Drain() {
	for f.Turn(f.Node) > 0 {
	}
}

// BeginRestored makes the catalogue one that knows it is a copy, and returns its epoch.
func (f *Fixture) BeginRestored() string {
	f.t.Helper()
	if began, err := f.Catalog.BeginEpoch(catalogtest.Context(f.t),
		catalog.EpochStart{Reason: dam.EpochRestored}); err != nil || !began {
		f.t.Fatal(began, err)
	}
	e, err := f.Catalog.Epochs().EpochOf(catalogtest.Context(f.t))
	if err != nil {
		f.t.Fatal(err)
	}
	return e
}

// Held is what the hold keeps back of the fixture's channel.
func (f *Fixture) Held() planning.HeldChannel {
	f.t.Helper()
	h, err := f.Node.Planning.Held(catalogtest.Context(f.t), dam.DefaultLibrary)
	if err != nil {
		f.t.Fatal(err)
	}
	i := slices.IndexFunc(h.Channels, func(c planning.HeldChannel) bool { return c.Channel == f.Account.ID })
	if i < 0 {
		return planning.HeldChannel{}
	}
	return h.Channels[i]
}

// Invalid fails the test unless err refuses the field of an input.
func Invalid(t *testing.T, err error, field string) {
	t.Helper()
	var e *dam.Error
	if !errors.As(err, &e) || e.Field != field || e.Text() == "" || e.Advice() == "" {
		t.Errorf("want an error about %s with a remedy, got %v", field, err)
	}
}
