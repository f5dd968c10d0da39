package planning_test

import (
	"context"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// person acts as somebody, not as the system.
func person(t *testing.T) context.Context {
	return catalog.WithActor(catalogtest.Context(t),
		dam.Principal{ID: "u_ana", Grants: map[string]dam.Role{dam.DefaultLibrary: dam.Admin}})
}

// What a restored catalogue brings with it and is due is a question, before the release, while it lasts and after it; a
// person's answer is final, and what is planned meanwhile waits for the release.
func TestHold(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		ctx := person(t)
		due, sent, cancelled := d.Plan(d.In(time.Minute)), d.Plan(d.In(time.Minute)), d.Plan(d.In(time.Minute))
		later, far := d.Plan(d.In(time.Hour)), d.Plan(d.In(48*time.Hour))
		d.Clock.Advance(2 * time.Minute)
		epoch := d.BeginRestored()
		d.Drain()
		for _, p := range []dam.Publication{due, sent, cancelled} {
			if got := d.State(p.ID, dam.PubUnconfirmed); got.Problem == nil ||
				got.Problem.Class != planning.ProblemRestored {
				t.Errorf("it asks with %+v", got.Problem)
			}
		}
		d.State(later.ID, dam.PubPlanned)
		if h := d.Held(); h.Asked != 3 || h.Now != 0 || h.Later != 2 || h.Once {
			t.Errorf("held: %+v", h)
		}
		// Due while it lasts: asked, too.
		d.Clock.Advance(2 * time.Hour)
		d.Drain()
		d.State(later.ID, dam.PubUnconfirmed)
		// Planned by somebody who sees the banner.
		fresh, err := d.Node.Planning.Publish(ctx, dam.DefaultLibrary, planning.PublishInput{Asset: d.Shoe.ID,
			Channel: d.Account.ID})
		if err != nil {
			t.Fatal(err)
		}
		answer := func(id, outcome string, want dam.PublicationState) {
			t.Helper()
			if _, err := d.Node.Planning.Confirm(ctx, dam.DefaultLibrary, id,
				planning.Confirmation{Outcome: outcome}); err != nil {
				t.Fatal(err)
			}
			d.Drain()
			d.State(id, want)
		}
		answer(due.ID, "resend", dam.PubPlanned)
		answer(sent.ID, "delivered", dam.PubDelivered)
		answer(cancelled.ID, "abandon", dam.PubCancelled)
		if h := d.Held(); h.Asked != 1 || h.Now != 2 || h.Later != 1 || d.Remote.Total() != 0 {
			t.Errorf("held: %+v, %d posts", h, d.Remote.Total())
		}
		if err := d.Node.Planning.ReleaseHold(ctx, "ep_other"); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("released without having looked: %v", err)
		}
		if err := d.Node.Planning.ReleaseHold(ctx, epoch); err != nil {
			t.Fatal(err)
		}
		d.Drain()
		d.State(due.ID, dam.PubDelivered)
		d.State(fresh.ID, dam.PubDelivered)
		d.State(later.ID, dam.PubUnconfirmed)
		d.State(far.ID, dam.PubPlanned)
		if d.Remote.Total() != 2 {
			t.Errorf("%d posts, want 2", d.Remote.Total())
		}
		// Its time comes after the release: it goes out as planned.
		d.Clock.Advance(48 * time.Hour)
		d.Drain()
		d.State(far.ID, dam.PubDelivered)
	})
}

// What somebody said to send goes out with the release, however long that took and whatever the channel does with what
// is late.
func TestAnsweredIsNotLate(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		d.SetSchedule(dam.Schedule{CatchUp: dam.CatchUpSkip})
		p := d.Plan(d.In(time.Minute))
		d.Clock.Advance(2 * time.Minute)
		epoch := d.BeginRestored()
		d.Drain()
		if _, err := d.Node.Planning.Confirm(person(t), dam.DefaultLibrary, p.ID,
			planning.Confirmation{Outcome: "resend"}); err != nil {
			t.Fatal(err)
		}
		d.Clock.Advance(24 * time.Hour)
		d.Drain()
		if err := d.Node.Planning.ReleaseHold(person(t), epoch); err != nil {
			t.Fatal(err)
		}
		d.Drain()
		d.State(p.ID, dam.PubDelivered)
	})
}

// The release itself asks about what is due, when nobody has looked yet.
func TestReleaseAsksFirst(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	p := d.Plan(d.In(time.Minute))
	epoch := d.BeginRestored()
	d.Clock.Advance(2 * time.Minute)
	if err := d.Node.Planning.ReleaseHold(person(t), epoch); err != nil {
		t.Fatal(err)
	}
	d.Drain()
	d.State(p.ID, dam.PubUnconfirmed)
	if d.Remote.Total() != 0 {
		t.Error("it was posted")
	}
}

// A node that is about to send when the epoch begins doesn't.
func TestHoldWhileSending(t *testing.T) {
	k := &holder{Network: publishertest.NewNetwork(publishers.NoIdempotency)}
	kind := k.Kind()
	kind.Publisher = k
	d := publishertest.NewFixtureOf(t, catalogtest.SQLite(t), k.Network, kind)
	k.during = func() { d.BeginRestored() }
	p := d.Plan(d.In(0))
	d.Drain()
	d.State(p.ID, dam.PubUnconfirmed)
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
			d := publishertest.NewFixture(t, catalogtest.SQLite(t),
				func(n *publishertest.Network) { n.Mode = publishers.Durable })
			p := d.Plan(d.In(0))
			if there {
				d.Drain()
			}
			// As a backup that was made in the middle of the call has it.
			if err := d.Catalog.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
				row, err := tx.Publications().LockPublication(catalogtest.Context(t), "", p.ID)
				if err != nil {
					return err
				}
				at := row.CreatedAt
				row.State, row.Owner, row.NextAt, row.Committed, row.Receipt, row.Sent = dam.PubCommitting,
					"a dead node", &at, &at, nil, 0
				row.Payload = []byte(`{"revision":1,"content":{"asset":"` + d.Shoe.ID + `","version":"` + d.Shoe.Live +
					`"}}`)
				return tx.Publications().SavePublication(catalogtest.Context(t), &row)
			}); err != nil {
				t.Fatal(err)
			}
			before := d.Remote.Total()
			d.BeginRestored()
			d.Clock.Advance(time.Hour)
			d.Drain()
			if there {
				d.State(p.ID, dam.PubDelivered)
			} else {
				d.Turn(d.Node)
				d.State(p.ID, dam.PubUnconfirmed)
			}
			if d.Remote.Total() != before {
				t.Errorf("%d posts became %d", before, d.Remote.Total())
			}
		})
	}
}

// A rule that had not planned yet what it calls for: the other catalogue may have, so it asks. What is approved or
// changed afterwards is this one's own.
func TestHeldRule(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	d.Rule(d.Node, d.Account.ID, "shoe")
	epoch := d.BeginRestored()
	d.Drain()
	list := d.Of(d.Shoe.ID, d.Account.ID)
	if len(list) != 1 || list[0].State != dam.PubUnconfirmed {
		t.Fatalf("the rule planned %+v", list)
	}
	fresh := d.Asset("blue shoe")
	d.Drain()
	if list := d.Of(fresh.ID, d.Account.ID); len(list) != 1 || list[0].State != dam.PubPlanned {
		t.Fatalf("of a new asset: %+v", list)
	}
	// A cancelled one stays cancelled, whatever the rule says.
	if _, err := d.Node.Planning.Confirm(person(t), dam.DefaultLibrary, list[0].ID,
		planning.Confirmation{Outcome: "abandon"}); err != nil {
		t.Fatal(err)
	}
	d.Drain()
	if err := d.Node.Planning.ReleaseHold(person(t), epoch); err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(time.Hour)
	d.Drain()
	if n := len(d.Of(d.Shoe.ID, d.Account.ID)); n != 1 || d.Remote.Posts(d.Shoe.ID) != 0 ||
		d.Remote.Posts(fresh.ID) != 1 {
		t.Errorf("%d publications; %d and %d posts", n, d.Remote.Posts(d.Shoe.ID), d.Remote.Posts(fresh.ID))
	}
}

// Recalls by themselves wait for the release; one that a person asks for does not.
func TestHeldRecalls(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	a, b := d.Plan(d.In(0)), d.Plan(d.In(0))
	d.Drain()
	recall := func(ctx context.Context, id string) {
		t.Helper()
		if _, err := d.Node.Planning.Recall(ctx, dam.DefaultLibrary, id, ""); err != nil {
			t.Fatal(err)
		}
	}
	epoch := d.BeginRestored()
	recall(catalogtest.Context(t), a.ID) // as a rule or the end of the rights does
	recall(person(t), b.ID)
	d.Drain()
	d.State(a.ID, dam.PubRecalling)
	d.State(b.ID, dam.PubRecalled)
	if h := d.Held(); h.Recalls != 1 {
		t.Errorf("held: %+v", h)
	}
	if err := d.Node.Planning.ReleaseHold(person(t), epoch); err != nil {
		t.Fatal(err)
	}
	d.Drain()
	d.State(a.ID, dam.PubRecalled)
}

// While the server holds, an expired access is not renewed: the server it is a copy of may live on the one that this
// would end.
func TestHoldKeepsCredentials(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	p := d.Plan(d.In(0))
	d.Drain()
	d.Remote.Expire()
	epoch := d.BeginRestored()
	if _, err := d.Node.Planning.Recall(person(t), dam.DefaultLibrary, p.ID, ""); err != nil {
		t.Fatal(err)
	}
	d.Drain()
	d.State(p.ID, dam.PubRecalling)
	if err := d.Node.Planning.ReleaseHold(person(t), epoch); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the attempt that renews it, and the next
		d.Clock.Advance(time.Hour)
		d.Drain()
	}
	d.State(p.ID, dam.PubRecalled)
}
