package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// TestSequences drives the whole state machine with generated sequences of what
// people, nodes and remotes do. Whatever happens: no publication is posted twice,
// nothing unapproved stays out, and everything comes to rest or to a person.
// VITRINE_SEQUENCES sets how many are tried.
func TestSequences(t *testing.T) {
	n := 24
	if v, err := strconv.Atoi(os.Getenv("VITRINE_SEQUENCES")); err == nil {
		n = v
	}
	for i := range n {
		t.Run(fmt.Sprint("seed ", i), func(t *testing.T) {
			t.Parallel()
			sequence(t, uint64(i))
		})
	}
}

// chaos is a channel whose next commits go wrong.
type chaos struct {
	*publishertest.Network
	mu    sync.Mutex
	next  []string
	stuck chan struct{} // told when a call hangs as if its node had died
	dead  chan struct{} // closed at the end
}

var errWire = errors.New("broken pipe")

func (c *chaos) pop() (f string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.next) > 0 {
		f, c.next = c.next[0], c.next[1:]
	}
	return f
}

func (c *chaos) die() error {
	c.stuck <- struct{}{}
	<-c.dead
	return errWire
}

func (c *chaos) Commit(ctx context.Context, in publishers.Intent, s publishers.State) (publishers.Receipt, error) {
	fault := c.pop()
	switch fault {
	case "reset before":
		return publishers.Receipt{}, errWire
	case "die before":
		return publishers.Receipt{}, c.die()
	case "busy":
		return publishers.Receipt{}, publishers.Throttled(time.Time{}, errWire)
	case "named":
		return publishers.Receipt{}, publishers.Retry(0, errWire)
	}
	r, err := c.Network.Commit(ctx, in, s)
	if err == nil && (fault == "reset after" || fault == "reset unlisted") {
		err = errWire
	}
	if fault == "reset unlisted" && c.Mode == publishers.NoIdempotency {
		c.Unlist(in.ID)
	}
	if err == nil && fault == "die after" {
		err = c.die()
	}
	return r, err
}

func (c *chaos) Kind() publishers.Kind {
	k := c.Network.Kind()
	k.Publisher = c
	return k
}

func sequence(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	n := publishertest.NewNetwork([]publishers.Idempotency{publishers.NoIdempotency, publishers.Durable,
		publishers.ByHandle}[r.IntN(3)])
	n.CanLookup = n.Mode != publishers.NoIdempotency || r.IntN(2) == 0
	n.CanUpdate = n.Mode == publishers.Durable && r.IntN(2) == 0
	n.VisibleAfter = time.Duration(r.IntN(3)) * time.Minute
	c := &chaos{Network: n, stuck: make(chan struct{}), dead: make(chan struct{})}
	k := c.Kind()
	nodes := []*publishertest.Service{w.Service("a", k), w.Service("b", k)}
	ctx := catalogtest.Context(t)
	ch := w.Channel(nodes[0], k.Name, n.Config())
	if r.IntN(2) == 0 {
		w.Rule(nodes[0], ch.ID, "")
	}
	assets := []dam.Asset{w.Asset("one"), w.Asset("two"), w.Asset("three")}
	var said []string
	log := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	pick := func() string { return assets[r.IntN(len(assets))].ID }
	// refusedOr fails on anything but a refusal in words.
	refusedOr := func(what string, err error) {
		log("%s: %v", what, err)
		if code := dam.CodeOf(err); code == dam.Internal {
			t.Fatalf("seed %d: %s: %v", seed, what, err)
		}
	}
	var dying sync.WaitGroup
	turn := func() {
		s := nodes[r.IntN(2)]
		done := make(chan error, 1)
		dying.Go(func() { _, err := s.Ledger.Turn(context.WithoutCancel(ctx)); done <- err })
		for {
			select {
			case <-c.stuck: // that node is dead for a while; another of its name takes over
				for i := range nodes {
					if nodes[i] == s {
						nodes[i] = w.Service("again", k)
					}
				}
				return
			case err := <-done:
				if err != nil {
					t.Fatalf("seed %d: turn: %v", seed, err)
				}
				return
			}
		}
	}
	confirm := func(p dam.Publication) {
		answer := planning.Confirmation{Outcome: "abandon"}
		if p.State == dam.PubManual {
			answer.Outcome = "gone"
			n.Vanish(p.Asset)
		} else if post := last(n, p); post.Live {
			answer = planning.Confirmation{Outcome: "delivered", Remote: post.ID}
		} else if post.ID == "" && !p.Withdrawn {
			answer.Outcome = "resend"
		}
		_, err := nodes[0].Planning.Confirm(ctx, dam.DefaultLibrary, p.ID, answer)
		if dam.CodeOf(err) == dam.Conflict { // resending something that is no longer approved
			_, err = nodes[0].Planning.Confirm(ctx, dam.DefaultLibrary, p.ID, planning.Confirmation{Outcome: "abandon"})
		}
		refusedOr("confirm "+answer.Outcome, err)
	}
	publications := func() (all []dam.Publication) {
		for _, a := range assets {
			all = append(all, w.Of(a.ID, ch.ID)...)
		}
		return all
	}
	faults := []string{"reset before", "die before", "busy", "named", "reset after", "reset unlisted", "die after"}
	for range 45 {
		switch op := r.IntN(14); op {
		case 0, 1:
			_, err := nodes[r.IntN(2)].Planning.Publish(ctx, dam.DefaultLibrary, planning.PublishInput{Asset: pick(),
				Channel: ch.ID, Caption: fmt.Sprint("text ", r.IntN(3))})
			refusedOr("publish", err)
		case 2, 3, 4:
			log("turn")
			turn()
		case 5:
			d := []time.Duration{time.Second, 5 * time.Second, time.Minute, time.Hour, -time.Minute}[r.IntN(5)]
			log("clock %s", d)
			w.Clock.Advance(d)
		case 6:
			f := faults[r.IntN(len(faults))]
			log("fault %s", f)
			c.mu.Lock()
			c.next = append(c.next, f)
			c.mu.Unlock()
		case 7:
			id := pick()
			if a := w.Get(id); a.Live != "" {
				log("reject")
				w.Decide(id, dam.Reject)
			}
		case 8:
			id := pick()
			if a := w.Get(id); a.Latest.Status != dam.Approved {
				log("approve")
				w.Decide(id, dam.Approve)
			}
		case 9:
			log("edit")
			w.Patch(pick(), fmt.Sprintf(`{"alt": {"en": "text %d"}}`, r.IntN(1000)))
		case 10:
			if all := publications(); len(all) > 0 {
				_, err := nodes[0].Planning.Recall(ctx, dam.DefaultLibrary, all[r.IntN(len(all))].ID, "why not")
				refusedOr("recall", err)
			}
		case 11:
			if r.IntN(3) == 0 {
				_, err := nodes[0].Planning.RecallAsset(ctx, dam.DefaultLibrary, pick(), "all of it")
				refusedOr("recall asset", err)
			}
		case 12:
			if all := publications(); len(all) > 0 {
				_, err := nodes[1].Planning.Retry(ctx, dam.DefaultLibrary, all[r.IntN(len(all))].ID)
				refusedOr("retry", err)
			}
		case 13:
			for _, p := range publications() {
				if p.State == dam.PubUnconfirmed || p.State == dam.PubManual {
					confirm(p)
				}
			}
		}
	}
	// Peace: dead calls end, and everything comes to rest.
	c.mu.Lock()
	c.next = nil
	c.mu.Unlock()
	close(c.dead)
	dying.Wait()
	for rest := false; !rest; {
		if len(said) > 2000 {
			t.Fatalf("seed %d: it does not come to rest: %v", seed, said[len(said)-20:])
		}
		log("rest")
		turn()
		rest = true
		for _, p := range publications() {
			if p.State == dam.PubUnconfirmed || p.State == dam.PubManual {
				confirm(p)
				rest = false
			}
			if p.NextAt != nil {
				rest = false
			}
		}
		w.Clock.Advance(10 * time.Minute)
	}
	for _, p := range publications() {
		p = w.Read(p.ID)
		bad := func(why string) {
			trail, _ := json.MarshalIndent(said, "", " ") // strings always marshal
			t.Fatalf("seed %d, %s: %s\n%s\n%s", seed, n.Mode, why, publishertest.Ledger(p), trail)
		}
		posts, live := 0, 0
		for _, x := range n.All() {
			if x.Publication == p.ID {
				posts++
				if x.Live {
					live++
				}
			}
		}
		a := w.Get(p.Asset)
		switch {
		case posts > 1:
			bad(fmt.Sprintf("posted %d times", posts))
		case !p.State.Closed() && p.State != dam.PubDelivered && p.State != dam.PubFailed:
			bad("it is not at rest")
		case p.State == dam.PubDelivered && live != 1:
			bad("the ledger says delivered, and it is not there")
		case p.State.Closed() && live != 0:
			bad("the ledger says it is gone, and it is there")
		case live == 1 && a.Live == "":
			bad("it is there without an approval")
		case live == 1 && n.CanUpdate && p.State == dam.PubDelivered &&
			(p.Sent != p.Revision || p.Receipt.Version != a.Live):
			bad("an old revision is there")
		}
		sending := false
		for _, s := range p.Steps {
			if _, known := reasons.All().Reasons[codeOf(s)]; s.Note != "" && !known {
				bad("a line of the ledger is a sentence: " + s.Note)
			}
			switch s.State {
			case dam.PubCommitting:
				if sending && s.Note == "" { // other lines say what was asked for meanwhile
					bad("a second commit on a guess")
				}
				sending = true
			case dam.PubPlanned, dam.PubDelivered:
				sending = false
			}
		}
	}
}

func codeOf(s dam.PublicationStep) string {
	if len(s.NoteReasons) != 1 || s.NoteReasons[0].Is(reasons.CodeLegacy) {
		return ""
	}
	return s.NoteReasons[0].ReasonCode
}

// last is the newest post of a publication.
func last(n *publishertest.Network, p dam.Publication) (out publishertest.Post) {
	for _, x := range n.All() {
		if x.Publication == p.ID {
			out = x
		}
	}
	return out
}
