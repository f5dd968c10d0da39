// Package publishertest is the conformance suite of channels: hostile cases over
// the ledger and one kind of channel, against a remote that counts what it accepts.
package publishertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
)

// Fault is trouble at the remote.
type Fault string

const (
	ThrottledDated Fault = "429 with a date"
	ThrottledPlain Fault = "429 without a date"
	Expired        Fault = "expired token"
	Revoked        Fault = "revoked account"
	Refused        Fault = "refused by the remote's own validation"
)

// Harness is a channel with its remote, fresh for one case.
type Harness struct {
	Kind   publishers.Kind
	Config json.RawMessage
	// Videos makes the suite publish videos rather than pictures.
	Videos bool
	// In is given the world's catalogue before anything happens, for channels that keep something in it.
	In func(c *catalog.Catalog)
	// Posts counts what the remote ever accepted for an asset as separate posts, Live
	// what is visible of it now. A place that overwrites counts as one.
	Posts, Live func(asset string) int
	// Comments counts the comments that are visible of those whose text has a word; it is there for channels that
	// comment, whose comments Posts and Live don't count.
	Comments func(word string) int
	// BlindToComments is set where a comment whose answer was lost can't be looked for.
	BlindToComments bool
	// Left tells what of an asset others can still get at, for channels whose uploads
	// are visible before they are announced; nil when there is no such thing.
	Left func(asset string) []string
	// Fault makes the remote itself misbehave until end is called; ok is false for
	// faults it can't show, which the suite then makes up in front of the channel.
	Fault func(f Fault) (end func(), ok bool)
}

func (h Harness) in(c *catalog.Catalog) {
	if h.In != nil {
		h.In(c)
	}
}

// errReset is a connection that died.
var errReset = errors.New("connection reset by peer")

type run struct {
	*World
	t     *testing.T
	h     Harness
	kind  publishers.Kind
	stage *Stage
	caps  publishers.Capabilities
	a, b  *Service // two nodes
	ch    dam.Channel
}

// Run holds a channel against the suite, on both dialects of the catalogue.
func Run(t *testing.T, factory func(t *testing.T) Harness) { suite(t, catalogtest.Each, factory) }

// RunEmbedded is Run on SQLite alone, for channels that bring nothing new to the ledger.
func RunEmbedded(t *testing.T, factory func(t *testing.T) Harness) {
	suite(t, func(t *testing.T, test func(*testing.T, *catalog.Catalog)) { test(t, catalogtest.SQLite(t)) }, factory)
}

func suite(t *testing.T, on func(*testing.T, func(*testing.T, *catalog.Catalog)), factory func(t *testing.T) Harness) {
	cases := []struct {
		name string
		test func(*run)
	}{
		{"delivers once", delivers},
		{"crash before the remote accepts", func(r *run) { r.crash(false) }},
		{"crash after the remote accepted", func(r *run) { r.crash(true) }},
		{"lost reply", lostReply},
		{string(ThrottledDated), func(r *run) { r.throttled(ThrottledDated) }},
		{string(ThrottledPlain), func(r *run) { r.throttled(ThrottledPlain) }},
		{string(Expired), expired},
		{string(Revoked), revoked},
		{string(Refused), refused},
		{"lasting refusal", lastingRefusal},
		{"slow upload keeps its lease", slow},
		{"edit between lease and commit", editInside},
		{"approval undone between lease and commit", unapproveInside},
		{"clocks jump", clocks},
		{"two nodes at once", twoNodes},
		{"recall", recall},
		{"recall of the first comment", recallComment},
		{"recall while it is being sent", recallInside},
		{"deleted for good", purged},
		{"rights end", rightsEnd},
		{"rule follows the catalogue", rule},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			on(t, func(t *testing.T, cat *catalog.Catalog) {
				h := factory(t)
				h.in(cat)
				r := &run{World: NewWorld(t, cat), t: t, h: h}
				if h.Videos {
					r.Videos(5, 0)
				}
				r.kind, r.stage = stage(h.Kind)
				r.a, r.b = r.Service("a", r.kind), r.Service("b", r.kind)
				r.ch = r.Channel(r.a, h.Kind.Name, h.Config)
				row, err := cat.Channels().Channel(catalogtest.Context(t), "", r.ch.ID)
				check(t, err)
				check(t, json.Unmarshal(row.Capabilities, &r.caps))
				c.test(r)
			})
		})
	}
}

func (r *run) count(asset string, posts, live int) {
	r.t.Helper()
	if p, l := r.h.Posts(asset), r.h.Live(asset); p != posts || l != live {
		r.t.Fatalf("the remote has accepted %d posts and shows %d, want %d and %d", p, l, posts, live)
	}
}

// fault makes the remote, or else the stage in front of it, misbehave.
func (r *run) fault(f Fault, madeUp error) (end func()) {
	if r.h.Fault != nil {
		if end, ok := r.h.Fault(f); ok {
			return end
		}
	}
	r.stage.OnCommit(func(context.Context, publishers.Intent) error { return madeUp })
	return func() { r.stage.OnCommit(nil) }
}

func delivers(r *run) {
	a := r.Asset("red shoe")
	p := r.Publish(r.a, a.ID, r.ch.ID)
	p = r.Until(r.a, p.ID, dam.PubDelivered)
	if p.Receipt == nil || p.Receipt.Remote == "" || p.Receipt.Version != a.Live || len(p.Receipt.Media) == 0 ||
		p.Sent != p.Revision {
		r.t.Fatalf("receipt %+v of %s", p.Receipt, Ledger(p))
	}
	for range 3 {
		r.Turn(r.a)
		r.Turn(r.b)
		r.Clock.Advance(time.Hour)
	}
	r.count(a.ID, 1, 1)

	// The same request twice is one publication.
	ctx := catalog.WithIdempotencyKey(catalogtest.Context(r.t), catalog.IdempotencyKey{Key: "k", Fingerprint: "f"})
	b := r.Asset("blue shoe")
	var ids [2]string
	for i := range ids {
		p, err := r.a.Planning.Publish(ctx, dam.DefaultLibrary, planning.PublishInput{Asset: b.ID, Channel: r.ch.ID})
		check(r.t, err)
		ids[i] = p.ID
	}
	r.Until(r.b, ids[0], dam.PubDelivered)
	if r.Turn(r.a); ids[0] != ids[1] {
		r.t.Fatalf("two publications %v", ids)
	}
	r.count(b.ID, 1, 1)
}

// crash lets a node die at the commit; another one finds what it left.
func (r *run) crash(accepted bool) {
	a := r.Asset("red shoe")
	p := r.Publish(r.a, a.ID, r.ch.ID)
	reached, dead := make(chan struct{}), make(chan struct{})
	die := once(func(context.Context, publishers.Intent) error {
		close(reached)
		<-dead
		return errReset
	})
	if accepted {
		r.stage.OnReply(die)
	} else {
		r.stage.OnCommit(die)
	}
	done := make(chan struct{})
	// it dies: nobody hears of it
	go func() { defer close(done); _, _ = r.a.Ledger.Turn(context.WithoutCancel(catalogtest.Context(r.t))) }()
	select {
	case <-reached:
	case <-done:
		r.t.Fatalf("the node did not come to the commit\n%s", Ledger(r.Read(p.ID)))
	}
	if s := r.Read(p.ID).State; s != dam.PubCommitting {
		r.t.Fatalf("at the irreversible call the ledger says %s", s)
	}
	if r.Turn(r.b); r.Read(p.ID).State != dam.PubCommitting {
		r.t.Fatal("another node took over before the lease ended")
	}
	r.Clock.Advance(5 * time.Second)
	r.sureOf(r.b, p.ID, a.ID, accepted)
	// The first node was only held up: what it has to say comes too late.
	close(dead)
	<-done
	r.Turn(r.a)
	r.count(a.ID, 1, 1)
}

// sureOf brings a publication whose outcome is unknown to delivered, as a person
// would where the channel can't tell.
func (r *run) sureOf(s *Service, id, asset string, accepted bool) {
	r.t.Helper()
	p := r.Until(s, id, dam.PubDelivered, dam.PubUnconfirmed)
	if p.State == dam.PubUnconfirmed {
		if r.caps.Idempotency == publishers.Durable {
			r.t.Fatalf("a channel with durable idempotency asks a person\n%s", Ledger(p))
		}
		if _, err := s.Planning.Retry(catalogtest.Context(r.t), dam.DefaultLibrary,
			id); dam.CodeOf(err) != dam.Conflict {
			r.t.Fatalf("retrying what may have been delivered: %v", err)
		}
		outcome := "resend"
		if accepted {
			outcome = "delivered"
		}
		_, err := s.Planning.Confirm(catalogtest.Context(r.t), dam.DefaultLibrary, id,
			planning.Confirmation{Outcome: outcome, Remote: "seen"})
		check(r.t, err)
		r.Until(s, id, dam.PubDelivered)
	}
	r.count(asset, 1, 1)
}

func lostReply(r *run) {
	a := r.Asset("red shoe")
	p := r.Publish(r.a, a.ID, r.ch.ID)
	r.stage.OnReply(fails(errReset))
	r.stage.OnLookup(fails(errReset))
	r.Turn(r.a)
	if s := r.Read(p.ID).State; s != dam.PubUnknown {
		r.t.Fatalf("a lost reply leaves %s", s)
	}
	at := "2031-01-01T10:00"
	if _, err := r.a.Planning.EditPublication(catalogtest.Context(r.t), dam.DefaultLibrary, p.ID, 0,
		planning.PublicationPatch{At: &at}); dam.CodeOf(err) != dam.Conflict {
		r.t.Fatalf("an edit while it is being sent: %v", err)
	}
	r.sureOf(r.a, p.ID, a.ID, true)
}

func (r *run) throttled(f Fault) {
	a := r.Asset("red shoe")
	var until time.Time
	if f == ThrottledDated {
		until = r.Clock.Now().Add(10 * time.Minute)
	}
	end := r.fault(f, publishers.Throttled(until, errReset))
	p := r.Publish(r.a, a.ID, r.ch.ID)
	r.Turn(r.a)
	p = r.Read(p.ID)
	if p.State != dam.PubPlanned || p.NextAt == nil || p.Problem == nil ||
		p.Problem.Class != string(publishers.ClassThrottled) {
		r.t.Fatalf("after a 429\n%s", Ledger(p))
	}
	held := p.NextAt.Sub(r.Clock.Now())
	if held < 10*time.Second || f == ThrottledDated && held < 5*time.Minute {
		r.t.Fatalf("it is tried again after %s", held)
	}
	// The whole account waits, not only this publication.
	other := r.Asset("blue shoe")
	q := r.Publish(r.a, other.ID, r.ch.ID)
	r.Clock.Advance(held - 5*time.Second)
	r.Turn(r.a)
	if r.Turn(r.b); r.h.Posts(a.ID)+r.h.Posts(other.ID) != 0 || r.Read(q.ID).Attempts != 0 {
		r.t.Fatal("the account was used while it had to wait")
	}
	end()
	r.Clock.Advance(10 * time.Second)
	r.Until(r.a, p.ID, dam.PubDelivered)
	r.Until(r.b, q.ID, dam.PubDelivered)
	r.count(a.ID, 1, 1)
	r.count(other.ID, 1, 1)
}

func expired(r *run) {
	a := r.Asset("red shoe")
	end := r.fault(Expired, publishers.AuthExpired(errReset))
	p := r.Publish(r.a, a.ID, r.ch.ID)
	r.Turn(r.a)
	end()
	if s := r.Read(p.ID).State; s != dam.PubDelivered && s != dam.PubPlanned {
		r.t.Fatalf("an expired token leaves %s", s)
	}
	ch, err := r.a.Accounts.Channel(catalogtest.Context(r.t), dam.DefaultLibrary, r.ch.ID)
	check(r.t, err)
	if ch.Health == dam.Reconnect { // no refresh: a person enters credentials
		r.reconnect()
	}
	r.Until(r.a, p.ID, dam.PubDelivered)
	r.count(a.ID, 1, 1)
}

func (r *run) reconnect() {
	r.t.Helper()
	ch, err := r.a.Accounts.UpdateChannel(catalogtest.Context(r.t), dam.DefaultLibrary, r.ch.ID, 0,
		accounts.ChannelPatch{Config: r.h.Config})
	check(r.t, err)
	if ch.Health != dam.Healthy {
		r.t.Fatalf("a reconnected channel is %s", ch.Health)
	}
}

func revoked(r *run) {
	a, b := r.Asset("red shoe"), r.Asset("blue shoe")
	end := r.fault(Revoked, publishers.Disconnected(reasons.Said("suspended", ""), errReset))
	head, err := r.Catalog.Log().Head(catalogtest.Context(r.t))
	check(r.t, err)
	p, q := r.Publish(r.a, a.ID, r.ch.ID), r.Publish(r.a, b.ID, r.ch.ID)
	for range 5 {
		r.Turn(r.a)
		r.Clock.Advance(time.Minute)
	}
	ch, err := r.a.Accounts.Channel(catalogtest.Context(r.t), dam.DefaultLibrary, r.ch.ID)
	check(r.t, err)
	if ch.Health != dam.Reconnect || ch.HealthNote == "" {
		r.t.Fatalf("the channel is %s: %s", ch.Health, ch.HealthNote)
	}
	if n := r.events(head, dam.ChannelUpdated); n != 1 {
		r.t.Fatalf("%d notices of one incident", n)
	}
	for _, id := range []string{p.ID, q.ID} {
		if s := r.Read(id).State; s != dam.PubPlanned {
			r.t.Fatalf("a disconnected channel leaves %s", s)
		}
	}
	end()
	r.reconnect()
	r.Until(r.a, p.ID, dam.PubDelivered)
	r.Until(r.a, q.ID, dam.PubDelivered)
	r.count(a.ID, 1, 1)
	r.count(b.ID, 1, 1)
}

func (r *run) events(after int64, t dam.EventType) (n int) {
	r.t.Helper()
	list, err := r.Catalog.Log().Events(catalogtest.Context(r.t), "", after, 1000)
	check(r.t, err)
	for _, e := range list {
		if e.Type == t {
			n++
		}
	}
	return n
}

func refused(r *run) {
	a := r.Asset("red shoe")
	end := r.fault(Refused, publishers.Permanent("caption", reasons.Said("not this text", "write another")))
	p := r.Publish(r.a, a.ID, r.ch.ID)
	p = r.Until(r.a, p.ID, dam.PubFailed)
	if p.Problem == nil || p.Problem.Message == "" || p.Problem.Class != string(publishers.ClassPermanent) {
		r.t.Fatalf("a refusal without its reason\n%s", Ledger(p))
	}
	r.count(a.ID, 0, 0)
	end()
	if _, err := r.a.Planning.Retry(catalogtest.Context(r.t), dam.DefaultLibrary, p.ID); err != nil {
		r.t.Fatal(err)
	}
	r.Until(r.a, p.ID, dam.PubDelivered)
	r.count(a.ID, 1, 1)
}

func slow(r *run) {
	a := r.Asset("red shoe")
	reached, goOn := make(chan struct{}), make(chan struct{})
	r.stage.OnPrepare(once(func(context.Context, publishers.Intent) error { close(reached); <-goOn; return nil }))
	r.Start(r.a)
	p := r.Publish(r.a, a.ID, r.ch.ID)
	<-reached
	r.Start(r.b)
	// Time passes in steps shorter than a lease, each after the lease has been renewed.
	for range 4 {
		before := *r.Read(p.ID).NextAt
		r.Clock.Advance(2 * time.Second)
		Eventually(r.t, func() bool {
			return r.Read(p.ID).NextAt.After(before)
		}, func() string { return "the lease is not renewed" })
	}
	close(goOn)
	p = r.Wait(p.ID, dam.PubDelivered)
	if p.Attempts != 0 || steps(p, dam.PubPreparing) != 1 {
		r.t.Fatalf("the slow upload was started twice\n%s", Ledger(p))
	}
	r.count(a.ID, 1, 1)
}

func steps(p dam.Publication, s dam.PublicationState) (n int) {
	for _, x := range p.Steps {
		if x.State == s {
			n++
		}
	}
	return n
}

func editInside(r *run) {
	a := r.Asset("red shoe")
	var digests []string
	r.stage.OnPrepare(once(func(context.Context, publishers.Intent) error {
		r.Patch(a.ID, `{"alt": {"en": "a very red shoe"}}`)
		return nil
	}))
	r.stage.OnCommit(func(_ context.Context, in publishers.Intent) error {
		digests = append(digests, in.Content.Alt["en"])
		return nil
	})
	p := r.Publish(r.a, a.ID, r.ch.ID)
	p = r.Until(r.a, p.ID, dam.PubDelivered)
	if len(digests) != 1 || digests[0] != "a very red shoe" || p.Revision < 2 || p.Sent != p.Revision {
		r.t.Fatalf("committed with %q\n%s", digests, Ledger(p))
	}
	r.count(a.ID, 1, 1)
}

func unapproveInside(r *run) {
	a := r.Asset("red shoe")
	r.stage.OnPrepare(once(func(context.Context, publishers.Intent) error { r.Decide(a.ID, dam.Reject); return nil }))
	r.stage.OnCommit(func(context.Context, publishers.Intent) error {
		r.t.Error("it was sent without an approval")
		return nil
	})
	p := r.Publish(r.a, a.ID, r.ch.ID)
	p = r.Until(r.a, p.ID, dam.PubFailed, dam.PubCancelled, dam.PubRecalled)
	if p.Receipt != nil || p.Reason == "" {
		r.t.Fatalf("no reason, or a receipt\n%s", Ledger(p))
	}
	r.count(a.ID, 0, 0)
	r.nothingLeft(a.ID)
}

func clocks(r *run) {
	a := r.Asset("red shoe")
	stolen := false
	r.stage.OnPrepare(once(func(context.Context, publishers.Intent) error {
		// Another node, whose clock is a day ahead, takes the lease and delivers.
		r.Clock.Advance(24 * time.Hour)
		stolen = r.Turn(r.b) > 0
		r.Clock.Advance(-24 * time.Hour)
		return nil
	}))
	p := r.Publish(r.a, a.ID, r.ch.ID)
	r.Turn(r.a)
	if !stolen {
		r.t.Fatal("the other node did not take over")
	}
	r.Clock.Advance(-24 * time.Hour)
	r.Turn(r.a)
	r.Clock.Advance(72 * time.Hour)
	r.Until(r.a, p.ID, dam.PubDelivered)
	r.count(a.ID, 1, 1)
}

func twoNodes(r *run) {
	n := 12
	for _, rate := range r.caps.Rates { // the clock stands still
		n = min(n, rate.Max)
	}
	var list []dam.Publication
	for i := range n {
		list = append(list, r.Publish(r.a, r.Asset(fmt.Sprintf("shoe %d", i)).ID, r.ch.ID))
	}
	r.Start(r.a)
	r.Start(r.b)
	for _, p := range list {
		if p = r.Wait(p.ID, dam.PubDelivered); steps(p, dam.PubCommitting) != 1 {
			r.t.Errorf("committed more than once\n%s", Ledger(p))
		}
		r.count(p.Asset, 1, 1)
	}
}
