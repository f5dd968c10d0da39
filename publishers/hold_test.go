package publishers_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

// restore makes the desk's catalogue one that knows it is a copy, and returns its epoch.
func (d *desk) restore() string {
	d.t.Helper()
	if began, err := d.Catalog.BeginEpoch(catalogtest.Context(d.t), catalog.EpochStart{Reason: dam.EpochRestored}); err != nil || !began {
		d.t.Fatal(began, err)
	}
	e, err := d.Catalog.Epochs().EpochOf(catalogtest.Context(d.t))
	if err != nil {
		d.t.Fatal(err)
	}
	return e
}

// person acts as somebody, not as the system.
func person(t *testing.T) context.Context {
	return catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_ana", Grants: map[string]dam.Role{dam.DefaultLibrary: dam.Admin}})
}

func (d *desk) held() publishers.HeldChannel {
	d.t.Helper()
	h, err := d.s.Held(catalogtest.Context(d.t), dam.DefaultLibrary)
	if err != nil {
		d.t.Fatal(err)
	}
	i := slices.IndexFunc(h.Channels, func(c publishers.HeldChannel) bool { return c.Channel == d.ch.ID })
	if i < 0 {
		return publishers.HeldChannel{}
	}
	return h.Channels[i]
}

// What a restored catalogue brings with it and is due is a question, before the release, while it lasts and after it; a person's answer is
// final, and what is planned meanwhile waits for the release.
func TestHold(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := newDesk(t, c, nil)
		ctx := person(t)
		due, sent, cancelled := d.plan(d.in(time.Minute)), d.plan(d.in(time.Minute)), d.plan(d.in(time.Minute))
		later, far := d.plan(d.in(time.Hour)), d.plan(d.in(48*time.Hour))
		d.Clock.Advance(2 * time.Minute)
		epoch := d.restore()
		d.drain()
		for _, p := range []dam.Publication{due, sent, cancelled} {
			if got := d.state(p.ID, dam.PubUnconfirmed); got.Problem == nil || got.Problem.Class != publishers.ProblemRestored {
				t.Errorf("it asks with %+v", got.Problem)
			}
		}
		d.state(later.ID, dam.PubPlanned)
		if h := d.held(); h.Asked != 3 || h.Now != 0 || h.Later != 2 || h.Once {
			t.Errorf("held: %+v", h)
		}
		// Due while it lasts: asked, too.
		d.Clock.Advance(2 * time.Hour)
		d.drain()
		d.state(later.ID, dam.PubUnconfirmed)
		// Planned by somebody who sees the banner.
		fresh, err := d.s.Publish(ctx, dam.DefaultLibrary, publishers.PublishInput{Asset: d.asset.ID, Channel: d.ch.ID})
		if err != nil {
			t.Fatal(err)
		}
		answer := func(id, outcome string, want dam.PublicationState) {
			t.Helper()
			if _, err := d.s.Confirm(ctx, dam.DefaultLibrary, id, publishers.Confirmation{Outcome: outcome}); err != nil {
				t.Fatal(err)
			}
			d.drain()
			d.state(id, want)
		}
		answer(due.ID, "resend", dam.PubPlanned)
		answer(sent.ID, "delivered", dam.PubDelivered)
		answer(cancelled.ID, "abandon", dam.PubCancelled)
		if h := d.held(); h.Asked != 1 || h.Now != 2 || h.Later != 1 || d.n.Total() != 0 {
			t.Errorf("held: %+v, %d posts", h, d.n.Total())
		}
		if err := d.s.ReleaseHold(ctx, "ep_other"); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("released without having looked: %v", err)
		}
		if err := d.s.ReleaseHold(ctx, epoch); err != nil {
			t.Fatal(err)
		}
		d.drain()
		d.state(due.ID, dam.PubDelivered)
		d.state(fresh.ID, dam.PubDelivered)
		d.state(later.ID, dam.PubUnconfirmed)
		d.state(far.ID, dam.PubPlanned)
		if d.n.Total() != 2 {
			t.Errorf("%d posts, want 2", d.n.Total())
		}
		// Its time comes after the release: it goes out as planned.
		d.Clock.Advance(48 * time.Hour)
		d.drain()
		d.state(far.ID, dam.PubDelivered)
	})
}

// What somebody said to send goes out with the release, however long that took and whatever the channel does with what is late.
func TestAnsweredIsNotLate(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := newDesk(t, c, nil)
		d.schedule(dam.Schedule{CatchUp: dam.CatchUpSkip})
		p := d.plan(d.in(time.Minute))
		d.Clock.Advance(2 * time.Minute)
		epoch := d.restore()
		d.drain()
		if _, err := d.s.Confirm(person(t), dam.DefaultLibrary, p.ID, publishers.Confirmation{Outcome: "resend"}); err != nil {
			t.Fatal(err)
		}
		d.Clock.Advance(24 * time.Hour)
		d.drain()
		if err := d.s.ReleaseHold(person(t), epoch); err != nil {
			t.Fatal(err)
		}
		d.drain()
		d.state(p.ID, dam.PubDelivered)
	})
}

// The release itself asks about what is due, when nobody has looked yet.
func TestReleaseAsksFirst(t *testing.T) {
	d := newDesk(t, catalogtest.SQLite(t), nil)
	p := d.plan(d.in(time.Minute))
	epoch := d.restore()
	d.Clock.Advance(2 * time.Minute)
	if err := d.s.ReleaseHold(person(t), epoch); err != nil {
		t.Fatal(err)
	}
	d.drain()
	d.state(p.ID, dam.PubUnconfirmed)
	if d.n.Total() != 0 {
		t.Error("it was posted")
	}
}

// A node that is about to send when the epoch begins doesn't.
func TestHoldWhileSending(t *testing.T) {
	k := &holder{Network: publishertest.NewNetwork(publishers.NoIdempotency)}
	kind := k.Kind()
	kind.Publisher = k
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", kind)
	d := &desk{World: w, t: t, n: k.Network, s: s, ch: w.Channel(s, kind.Name, k.Config()), asset: w.Asset("red shoe")}
	k.during = func() { d.restore() }
	p := d.plan(d.in(0))
	d.drain()
	d.state(p.ID, dam.PubUnconfirmed)
	if k.Total() != 0 {
		t.Error("it was posted")
	}
}

// holder lets something happen while a publication is prepared.
type holder struct {
	*publishertest.Network
	during func()
}

func (k *holder) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State, error) {
	k.during()
	return k.Network.Prepare(ctx, in, state)
}

// What was being sent when the backup was made is looked up, and sent by nobody; the lookup renews no credential.
func TestHeldCommitIsLookedUp(t *testing.T) {
	for name, there := range map[string]bool{"it arrived": true, "it did not": false} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, catalogtest.SQLite(t), func(n *publishertest.Network) { n.Mode = publishers.Durable })
			p := d.plan(d.in(0))
			if there {
				d.drain()
			}
			// As a backup that was made in the middle of the call has it.
			if err := d.Catalog.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
				row, err := tx.Publications().LockPublication(catalogtest.Context(t), "", p.ID)
				if err != nil {
					return err
				}
				at := row.CreatedAt
				row.State, row.Owner, row.NextAt, row.Committed, row.Receipt, row.Sent = dam.PubCommitting, "a dead node", &at, &at, nil, 0
				row.Flight = []byte(`{"revision":1,"content":{"asset":"` + d.asset.ID + `","version":"` + d.asset.Live + `"}}`)
				return tx.Publications().SavePublication(catalogtest.Context(t), &row)
			}); err != nil {
				t.Fatal(err)
			}
			before := d.n.Total()
			d.restore()
			d.Clock.Advance(time.Hour)
			d.drain()
			if there {
				d.state(p.ID, dam.PubDelivered)
			} else {
				d.Turn(d.s)
				d.state(p.ID, dam.PubUnconfirmed)
			}
			if d.n.Total() != before {
				t.Errorf("%d posts became %d", before, d.n.Total())
			}
		})
	}
}

// A rule that had not planned yet what it calls for: the other catalogue may have, so it asks. What is approved or changed afterwards is this one's own.
func TestHeldRule(t *testing.T) {
	d := newDesk(t, catalogtest.SQLite(t), nil)
	d.Rule(d.s, d.ch.ID, "shoe")
	epoch := d.restore()
	d.drain()
	list := d.Of(d.asset.ID, d.ch.ID)
	if len(list) != 1 || list[0].State != dam.PubUnconfirmed {
		t.Fatalf("the rule planned %+v", list)
	}
	fresh := d.Asset("blue shoe")
	d.drain()
	if list := d.Of(fresh.ID, d.ch.ID); len(list) != 1 || list[0].State != dam.PubPlanned {
		t.Fatalf("of a new asset: %+v", list)
	}
	// A cancelled one stays cancelled, whatever the rule says.
	if _, err := d.s.Confirm(person(t), dam.DefaultLibrary, list[0].ID, publishers.Confirmation{Outcome: "abandon"}); err != nil {
		t.Fatal(err)
	}
	d.drain()
	if err := d.s.ReleaseHold(person(t), epoch); err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(time.Hour)
	d.drain()
	if n := len(d.Of(d.asset.ID, d.ch.ID)); n != 1 || d.n.Posts(d.asset.ID) != 0 || d.n.Posts(fresh.ID) != 1 {
		t.Errorf("%d publications; %d and %d posts", n, d.n.Posts(d.asset.ID), d.n.Posts(fresh.ID))
	}
}

// Recalls by themselves wait for the release; one that a person asks for does not.
func TestHeldRecalls(t *testing.T) {
	d := newDesk(t, catalogtest.SQLite(t), nil)
	a, b := d.plan(d.in(0)), d.plan(d.in(0))
	d.drain()
	recall := func(ctx context.Context, id string) {
		t.Helper()
		if _, err := d.s.Recall(ctx, dam.DefaultLibrary, id, ""); err != nil {
			t.Fatal(err)
		}
	}
	epoch := d.restore()
	recall(catalogtest.Context(t), a.ID) // as a rule or the end of the rights does
	recall(person(t), b.ID)
	d.drain()
	d.state(a.ID, dam.PubRecalling)
	d.state(b.ID, dam.PubRecalled)
	if h := d.held(); h.Recalls != 1 {
		t.Errorf("held: %+v", h)
	}
	if err := d.s.ReleaseHold(person(t), epoch); err != nil {
		t.Fatal(err)
	}
	d.drain()
	d.state(a.ID, dam.PubRecalled)
}

// While the server holds, an expired access is not renewed: the server it is a copy of may live on the one that this would end.
func TestHoldKeepsCredentials(t *testing.T) {
	d := newDesk(t, catalogtest.SQLite(t), nil)
	p := d.plan(d.in(0))
	d.drain()
	d.n.Expire()
	epoch := d.restore()
	if _, err := d.s.Recall(person(t), dam.DefaultLibrary, p.ID, ""); err != nil {
		t.Fatal(err)
	}
	d.drain()
	d.state(p.ID, dam.PubRecalling)
	if err := d.s.ReleaseHold(person(t), epoch); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the attempt that renews it, and the next
		d.Clock.Advance(time.Hour)
		d.drain()
	}
	d.state(p.ID, dam.PubRecalled)
}
