package ledger_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// refusing is a channel to a remote that refuses one step for good.
type refusing struct {
	*publishertest.Network
	clock func() time.Time

	mu    sync.Mutex
	step  string
	err   func() error // of the step; nil while it works
	lose  bool         // the answer to Commit is lost
	calls []remoteCall
}

type remoteCall struct {
	step    string
	at      time.Time
	refused bool
}

func (r *refusing) call(step string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := remoteCall{step: step, at: r.clock(), refused: step == r.step && r.err != nil}
	r.calls = append(r.calls, c)
	if c.refused {
		return r.err()
	}
	return nil
}

func (r *refusing) refuse(step string, err func() error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.step, r.err, r.calls = step, err, nil
}

// since returns the calls from the first refusal on.
func (r *refusing) since() []remoteCall {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, c := range r.calls {
		if c.refused {
			return r.calls[i:]
		}
	}
	return nil
}

func (r *refusing) Prepare(ctx context.Context, in publishers.Intent, s publishers.State) (publishers.State, error) {
	if err := r.call("prepare"); err != nil {
		return s, err
	}
	return r.Network.Prepare(ctx, in, s)
}

func (r *refusing) Commit(ctx context.Context, in publishers.Intent, s publishers.State) (publishers.Receipt, error) {
	if err := r.call("commit"); err != nil {
		return publishers.Receipt{}, err
	}
	out, err := r.Network.Commit(ctx, in, s)
	if err == nil && r.lose {
		err = errWire
	}
	return out, err
}

func (r *refusing) Lookup(ctx context.Context, in publishers.Intent, s publishers.State) (publishers.Outcome, error) {
	if err := r.call("lookup"); err != nil {
		return publishers.Outcome{}, err
	}
	return r.Network.Lookup(ctx, in, s)
}

func (r *refusing) Status(ctx context.Context, in publishers.Intent, p dam.Receipt) (publishers.Outcome, error) {
	if err := r.call("status"); err != nil {
		return publishers.Outcome{Verdict: publishers.Delivered}, nil // it stays, whatever the recall was answered
	}
	return r.Network.Status(ctx, in, p)
}

func (r *refusing) Recall(ctx context.Context, in publishers.Intent, p *dam.Receipt) (reasons.Reason, error) {
	if err := r.call("recall"); err != nil {
		return reasons.Reason{}, err
	}
	return r.Network.Recall(ctx, in, p)
}

func (r *refusing) Comment(ctx context.Context, in publishers.Intent, p dam.Receipt) (string, error) {
	if err := r.call("comment"); err != nil {
		return "", err
	}
	return r.Network.Comment(ctx, in, p)
}

func (r *refusing) RecallComment(ctx context.Context, in publishers.Intent, p dam.Receipt) error {
	if err := r.call("recall comment"); err != nil {
		return err
	}
	return r.Network.RecallComment(ctx, in, p)
}

func (r *refusing) Refresh(ctx context.Context, a publishers.Account) (map[string]string, error) {
	if err := r.call("refresh"); err != nil {
		return nil, err
	}
	return r.Network.Refresh(ctx, a)
}

// A remote that refuses for good is called at most twelve times in the first hour, at growing distances, and there is
// an end: whichever step it refuses, and however.
func TestLastingRefusals(t *testing.T) {
	classes := map[string]func(now time.Time) error{
		"retry":     func(time.Time) error { return publishers.Retry(0, errWire) },
		"soon":      func(time.Time) error { return publishers.Retry(2*time.Second, errWire) },
		"throttled": func(time.Time) error { return publishers.Throttled(time.Time{}, errWire) },
		"dated":     func(now time.Time) error { return publishers.Throttled(now.Add(3*time.Second), errWire) },
		"expired":   func(time.Time) error { return publishers.AuthExpired(errWire) },
		"revoked": func(time.Time) error {
			return publishers.Disconnected(reasons.Said("suspended", ""), errWire)
		},
		"permanent":    func(time.Time) error { return publishers.Permanent("caption", reasons.Said("no", "")) },
		"unknown":      func(time.Time) error { return publishers.Unknown(errWire) },
		"not foreseen": func(time.Time) error { return errWire },
	}
	for name, mode := range map[string]publishers.Idempotency{"none": publishers.NoIdempotency,
		"handle": publishers.ByHandle, "durable": publishers.Durable} {
		for _, step := range []string{"prepare", "commit", "lookup", "recall", "recall comment", "status", "comment",
			"refresh"} {
			if mode != publishers.Durable && step != "commit" && step != "lookup" {
				continue // the ledger does the same
			}
			t.Run(name+"/"+step, func(t *testing.T) {
				t.Parallel()
				r := &refusing{Network: publishertest.NewNetwork(mode)}
				k := r.Kind()
				k.Publisher = r
				w := publishertest.NewWorld(t, catalogtest.SQLite(t))
				r.clock = w.Clock.Now
				s := w.Service("a", k)
				for class, err := range classes {
					if mode != publishers.Durable && step == "commit" && class != "unknown" && class != "not foreseen" {
						continue
					}
					r.Network = publishertest.NewNetwork(mode)
					r.VisibleAfter = 30 * time.Second
					lasting(t, w, s, r, class, step, func() error { return err(w.Clock.Now()) })
				}
			})
		}
	}
}

func lasting(t *testing.T, w *publishertest.World, s *publishertest.Service, r *refusing, class, step string,
	err func() error) {
	t.Helper()
	r.refuse("", nil)
	r.lose = step == "lookup"
	ch := w.Channel(s, "network", r.Config())
	a := w.Asset("shoe")
	plan := func() dam.Publication {
		p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{Asset: a.ID,
			Channel: ch.ID, Caption: "hello", Post: dam.Post{FirstComment: "sizes"}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var p dam.Publication
	switch step {
	case "recall", "recall comment", "status":
		p = plan()
		w.Until(s, p.ID, dam.PubDelivered)
		if _, err := s.Planning.Recall(catalogtest.Context(t), dam.DefaultLibrary, p.ID, ""); err != nil {
			t.Fatal(err)
		}
		r.refuse(step, err)
	case "refresh":
		r.Expire()
		r.refuse(step, err)
		p = plan()
	default:
		r.refuse(step, err)
		p = plan()
	}
	end := w.Clock.Now().Add(30 * 24 * time.Hour)
	over := func() bool {
		p = w.Read(p.ID)
		c, err := s.Accounts.Channel(catalogtest.Context(t), dam.DefaultLibrary, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		if p.NextAt == nil || p.State == dam.PubPlanned && c.Health == dam.Reconnect {
			return true
		}
		next := *p.NextAt
		if c.HeldUntil != nil && c.HeldUntil.After(next) {
			next = *c.HeldUntil
		}
		w.Clock.Advance(max(next.Sub(w.Clock.Now()), time.Millisecond))
		return false
	}
	// A remote that asks to wait may do so for days; that this has an end is seen once.
	brief := (class == "throttled" || class == "dated") && step != "prepare"
	until := w.Clock.Now().Add(3 * time.Hour)
	for w.Turn(s); !over(); w.Turn(s) {
		if brief && w.Clock.Now().After(until) {
			break
		}
		if w.Clock.Now().After(end) {
			t.Fatalf("%s of %s: it goes on after a month: %d calls\n%s", class, step, len(r.since()),
				publishertest.Ledger(p))
		}
	}
	calls := r.since()
	if len(calls) == 0 {
		t.Fatalf("%s of %s: the remote was not asked\n%s", class, step, publishertest.Ledger(p))
	}
	inHour, gap, last := 0, time.Duration(0), time.Time{}
	for _, c := range calls {
		if c.at.Before(calls[0].at.Add(time.Hour)) {
			inHour++
		}
		if !c.refused {
			continue
		}
		if d := c.at.Sub(last); !last.IsZero() && d > 0 {
			// Up to a quarter is chance, and a first pause has a floor.
			if d < gap*3/4 && gap <= time.Hour {
				t.Errorf("%s of %s: after a pause of %s one of %s", class, step, gap, d)
			}
			gap = max(gap, d)
		}
		last = c.at
	}
	if inHour > 12 {
		t.Errorf("%s of %s: %d calls in the first hour: %s", class, step, inHour, told(calls))
	}
	if brief {
		r.refuse("", nil)
		w.Until(s, p.ID)
		return
	}
	w.Clock.Advance(24 * time.Hour)
	if w.Turn(s); len(r.since()) != len(calls) {
		t.Errorf("%s of %s: it is called after the end", class, step)
	}
}

func told(calls []remoteCall) (out string) {
	for _, c := range calls {
		out += fmt.Sprintf(" %s+%s", c.step, c.at.Sub(calls[0].at).Round(time.Second))
	}
	return out
}

// A comment that can't be removed does not keep its post public: when a person is asked, the post is gone.
func TestCommentKeepsNoPost(t *testing.T) {
	r := &refusing{Network: publishertest.NewNetwork(publishers.Durable)}
	k := r.Kind()
	k.Publisher = r
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	r.clock = w.Clock.Now
	s := w.Service("a", k)
	ch, a := w.Channel(s, "network", r.Config()), w.Asset("shoe")
	p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{Asset: a.ID,
		Channel: ch.ID, Caption: "hello", Post: dam.Post{FirstComment: "sizes"}})
	if err != nil {
		t.Fatal(err)
	}
	w.Until(s, p.ID, dam.PubDelivered)
	r.refuse("recall comment", func() error { return publishers.Retry(0, errWire) })
	if _, err := s.Planning.Recall(catalogtest.Context(t), dam.DefaultLibrary, p.ID, ""); err != nil {
		t.Fatal(err)
	}
	w.Until(s, p.ID, dam.PubManual)
	if n := r.LivePosts(a.ID); n != 0 {
		t.Errorf("%d posts are live", n)
	}
}

// When a publication has failed after two days of throttling, the next in the queue has as many.
func TestThrottledEachInTurn(t *testing.T) {
	r := &refusing{Network: publishertest.NewNetwork(publishers.Durable)}
	k := r.Kind()
	k.Publisher = r
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	r.clock = w.Clock.Now
	s := w.Service("a", k)
	ch := w.Channel(s, "network", r.Config())
	if err := w.Catalog.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		return tx.Channels().ThrottleChannel(catalogtest.Context(t), ch.ID, w.Clock.Now(), 50)
	}); err != nil {
		t.Fatal(err)
	}
	r.refuse("prepare", func() error { return publishers.Throttled(time.Time{}, errWire) })
	w.Until(s, w.Publish(s, w.Asset("shoe").ID, ch.ID).ID, dam.PubFailed)
	p := w.Publish(s, w.Asset("boot").ID, ch.ID)
	w.Clock.Advance(2 * time.Hour)
	w.Turn(s)
	if got := w.Read(p.ID); got.State != dam.PubPlanned || got.Problem == nil {
		t.Error(publishertest.Ledger(got))
	}
}

// A remote that mistakes an instant for seconds does not keep the channel for decades.
func TestLongestWait(t *testing.T) {
	for name, err := range map[string]func(now time.Time) error{
		"throttled": func(now time.Time) error { return publishers.Throttled(now.AddDate(50, 0, 0), errWire) },
		"retry":     func(time.Time) error { return publishers.Retry(1_800_000_000*time.Second, errWire) },
	} {
		r := &refusing{Network: publishertest.NewNetwork(publishers.Durable)}
		k := r.Kind()
		k.Publisher = r
		w := publishertest.NewWorld(t, catalogtest.SQLite(t))
		r.clock = w.Clock.Now
		s := w.Service("a", k)
		ch := w.Channel(s, "network", r.Config())
		r.refuse("prepare", func() error { return err(w.Clock.Now()) })
		p := w.Publish(s, w.Asset("shoe").ID, ch.ID)
		w.Turn(s)
		r.refuse("", nil)
		w.Clock.Advance(31 * 24 * time.Hour)
		w.Turn(s)
		if got := w.Read(p.ID); got.State != dam.PubDelivered {
			t.Errorf("%s\n%s", name, publishertest.Ledger(got))
		}
	}
}
