package proving_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/proving"
	"vitrine/publishers/publishertest"
)

// remote is the network, reached over HTTP, whose calls a test can hold up.
type remote struct {
	*publishertest.Network
	url string
	// before and after are called around the moment at which the network accepts a post.
	before, after func(ctx context.Context) error
	recall        func() error
}

func (r *remote) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, nil)
	if err != nil {
		return publishers.Receipt{}, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return publishers.Receipt{}, err
	}
	_ = res.Body.Close()
	if r.before != nil {
		if err := r.before(ctx); err != nil {
			return publishers.Receipt{}, err
		}
	}
	out, err := r.Network.Commit(ctx, in, state)
	if err == nil && r.after != nil {
		err = r.after(ctx)
	}
	return out, err
}

func (r *remote) Recall(ctx context.Context, in publishers.Intent, x *dam.Receipt) (reasons.Reason, error) {
	if r.recall != nil {
		if err := r.recall(); err != nil {
			return reasons.Reason{}, err
		}
	}
	return r.Network.Recall(ctx, in, x)
}

// bench is a channel to a remote, and a node that proves it.
type bench struct {
	*publishertest.World
	t       *testing.T
	remote  *remote
	node    *publishertest.Service
	proving *proving.Service
	channel dam.Channel
}

func newBench(t *testing.T, c *catalog.Catalog, domain string, set func(*remote)) *bench {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	r := &remote{Network: publishertest.NewNetwork(publishers.NoIdempotency), url: server.URL}
	if set != nil {
		set(r)
	}
	k := r.Kind()
	k.Publisher, k.API = r, publishers.API{Version: "v7", Domain: domain}
	w := publishertest.NewWorld(t, c)
	b := &bench{World: w, t: t, remote: r, node: w.Service("a", k)}
	b.channel = w.Channel(b.node, k.Name, r.Config())
	queue, err := jobs.New(c, "a", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	b.proving = proving.New(proving.Options{Catalog: c, Kinds: []publishers.Kind{k}, Accounts: b.node.Accounts,
		Jobs: queue, Version: "1.2.3", Clock: w.Clock.Now, Pause: b.wait})
	return b
}

// wait lets the clock go on.
func (b *bench) wait(ctx context.Context, d time.Duration) error {
	b.Clock.Advance(d)
	return ctx.Err()
}

func (b *bench) begin(in proving.Input) dam.Proof {
	b.t.Helper()
	p, err := b.proving.Prove(catalogtest.Context(b.t), dam.DefaultLibrary, b.channel.ID, in)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// run carries a proof out as the job does, and returns it.
func (b *bench) run(p dam.Proof) dam.Proof {
	b.t.Helper()
	if err := b.proving.Run(catalogtest.Context(b.t), proving.JobArgs{Proof: p.ID}, jobs.Info{Attempt: 1,
		Max: 5}); err != nil {
		b.t.Fatal(err)
	}
	return b.read(p)
}

func (b *bench) read(p dam.Proof) dam.Proof {
	b.t.Helper()
	p, err := b.proving.Proof(catalogtest.Context(b.t), dam.DefaultLibrary, b.channel.ID, p.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// live counts the test posts that are at the remote, and all it ever accepted.
func (b *bench) live() (live, ever int) {
	for _, p := range b.remote.All() {
		if ever++; p.Live {
			live++
		}
	}
	return live, ever
}

func steps(p dam.Proof) string {
	var out []string
	for _, s := range p.Steps {
		name := s.Step
		if !s.OK {
			name = "!" + name
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

// A proof makes one post, finds it, takes it back, and says what the kind was tried on: never before, and by the host
// that the post went to.
func TestProve(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		b := newBench(t, c, "network.example.com", nil)
		ctx := catalogtest.Context(t)
		plan, err := b.proving.Plan(ctx, dam.DefaultLibrary, b.channel.ID)
		if err != nil || plan.Account != "brand" || !plan.Recall || len(plan.Media) != 1 || len(plan.Problems) > 0 ||
			!strings.Contains(plan.Text, "test post") {
			t.Fatalf("%+v, %v", plan, err)
		}
		if kinds, err := b.node.Accounts.ChannelKinds(ctx, dam.DefaultLibrary); err != nil || kinds[0].Tried != nil ||
			kinds[0].API.Version != "v7" {
			t.Errorf("tried before the first proof: %+v, %v", kinds, err)
		}
		p := b.begin(proving.Input{})
		_, err = b.proving.Prove(ctx, dam.DefaultLibrary, b.channel.ID, proving.Input{})
		if dam.CodeOf(err) != dam.Conflict {
			t.Errorf("two proofs of a channel at once: %v", err)
		}
		if err := b.node.Accounts.DeleteChannel(ctx, dam.DefaultLibrary, b.channel.ID,
			0); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("a channel is removed while it is proven: %v", err)
		}
		p = b.run(p)
		if live, ever := b.live(); live != 0 || ever != 1 || p.Outcome != dam.Proven ||
			steps(p) != "check prepare post look_up status recall" {
			t.Errorf("%d live of %d, %s: %s", live, ever, p.Outcome, steps(p))
		}
		if p = b.run(p); len(p.Steps) != 6 {
			t.Errorf("a proof that has ended goes on: %s", steps(p))
		}
		host := strings.TrimPrefix(b.remote.url, "http://")
		kinds, err := b.node.Accounts.ChannelKinds(ctx, dam.DefaultLibrary)
		if tried := kinds[0].Tried; err != nil || tried == nil || tried.Host != host || !tried.Foreign ||
			tried.Version != "1.2.3" || tried.API != "v7" || !tried.At.Equal(p.CreatedAt) {
			t.Errorf("%+v, %v: a simulator's host is told, and that it is not the vendor's", tried, err)
		}
		kinds, err = b.node.Accounts.ChannelKinds(ctx, "lib_other")
		if tried := kinds[0].Tried; err != nil || tried == nil || tried.Host != "" || tried.Channel != "" {
			t.Errorf("%+v, %v: another library is told where this one publishes", tried, err)
		}
		if list, err := b.proving.Proofs(ctx, dam.DefaultLibrary, b.channel.ID); err != nil || len(list) != 1 {
			t.Errorf("%v, %v", list, err)
		}
	})
}

// A node that is held up in the call loses the proof to another one, which looks up what became of the call, posts
// nothing, and takes the post back. What the first one writes afterwards is refused.
func TestLostAnswer(t *testing.T) {
	posted, release := make(chan struct{}), make(chan struct{})
	b := newBench(t, catalogtest.SQLite(t), "", func(r *remote) {
		r.after = func(context.Context) error { close(posted); <-release; return nil }
	})
	p := b.begin(proving.Input{})
	first := make(chan error)
	go func() {
		first <- b.proving.Run(catalogtest.Context(t), proving.JobArgs{Proof: p.ID}, jobs.Info{Attempt: 1, Max: 5})
	}()
	<-posted
	if got := b.read(p); got.State != dam.ProofCommitting {
		t.Errorf("the call is under way, and the record says %s", got.State)
	}
	p = b.run(p)
	close(release)
	if err := <-first; err != nil {
		t.Errorf("the first node: %v", err)
	}
	if live, ever := b.live(); live != 0 || ever != 1 || p.Outcome != dam.Proven || b.read(p).Outcome != dam.Proven {
		t.Errorf("%d live of %d, %s: %s", live, ever, p.Outcome, steps(p))
	}
	if p.Foreign || slices.ContainsFunc(p.Steps, func(s dam.ProofStep) bool { return s.Step == "post" }) {
		t.Errorf("%+v", p)
	}
}

// A call that never reached the remote is not made again.
func TestNothingPosted(t *testing.T) {
	b := newBench(t, catalogtest.SQLite(t), "", func(r *remote) {
		r.before = func(context.Context) error { return errors.New("the connection broke") }
	})
	p := b.run(b.begin(proving.Input{}))
	if live, ever := b.live(); live != 0 || ever != 0 || p.Outcome != dam.ProofFailed ||
		!strings.HasPrefix(steps(p), "check prepare !post look_up") {
		t.Errorf("%d live of %d, %s: %s", live, ever, p.Outcome, steps(p))
	}
}

// What can't be taken back is told, with its address.
func TestLeft(t *testing.T) {
	b := newBench(t, catalogtest.SQLite(t), "", func(r *remote) {
		r.recall = func() error { return publishers.Permanent("", reasons.Said("this account may not delete", "")) }
	})
	p := b.run(b.begin(proving.Input{}))
	if live, _ := b.live(); live != 1 || p.Outcome != dam.ProofLeft || p.URL == "" ||
		!strings.HasSuffix(steps(p), "!recall") ||
		!strings.Contains(p.Steps[len(p.Steps)-1].Note, "may not delete") {
		t.Errorf("%d live, %+v", live, p)
	}
	if kinds, err := b.node.Accounts.ChannelKinds(catalogtest.Context(t), dam.DefaultLibrary); err != nil ||
		kinds[0].Tried != nil {
		t.Errorf("what was left counts as tried: %+v, %v", kinds[0].Tried, err)
	}
}

// Kinds that can't take anything back are proven with leave only, and a channel that can't send is not proven.
func TestRefusals(t *testing.T) {
	b := newBench(t, catalogtest.SQLite(t), "", func(r *remote) { r.CanRecall, r.CanLookup = false, false })
	ctx, lib := catalogtest.Context(t), dam.DefaultLibrary
	_, err := b.proving.Prove(ctx, lib, b.channel.ID, proving.Input{})
	publishertest.Invalid(t, err, "leave")
	p := b.run(b.begin(proving.Input{Leave: true}))
	if live, ever := b.live(); live != 1 || ever != 1 || p.Outcome != dam.Proven {
		t.Errorf("%d live of %d, %+v", live, ever, p)
	}
	if _, err := b.node.Accounts.PauseChannel(ctx, lib, b.channel.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.proving.Prove(ctx, lib, b.channel.ID, proving.Input{Leave: true}); dam.CodeOf(err) != dam.Conflict {
		t.Errorf("a paused channel: %v", err)
	}
	if plan, err := b.proving.Plan(ctx, lib, b.channel.ID); err != nil || len(plan.Problems) != 1 {
		t.Errorf("%+v, %v", plan, err)
	}
}

// A restored copy does not make the post that its original may have made.
func TestRestored(t *testing.T) {
	c := catalogtest.SQLite(t)
	b := newBench(t, c, "", nil)
	p := b.begin(proving.Input{})
	ctx := catalogtest.Context(t)
	if began, err := c.BeginEpoch(ctx, catalog.EpochStart{Reason: dam.EpochRestored}); err != nil || !began {
		t.Fatal(began, err)
	}
	err := b.proving.Run(ctx, proving.JobArgs{Proof: p.ID}, jobs.Info{Attempt: 1, Max: 5})
	if _, ever := b.live(); err == nil || ever != 0 || b.read(p).State != dam.ProofStarting {
		t.Errorf("the hold: %v, %d posts", err, ever)
	}
	if err := c.Write(ctx, func(tx *catalog.Tx) error {
		e, err := tx.Epochs().EpochOf(ctx)
		if err != nil {
			return err
		}
		return tx.Epochs().ReleaseHold(ctx, e)
	}); err != nil {
		t.Fatal(err)
	}
	p = b.run(p)
	if _, ever := b.live(); ever != 0 || p.Outcome != dam.ProofLeft || steps(p) != "!post" {
		t.Errorf("%d posts, %+v", ever, p)
	}
}

// A node that dies between the answer and the next line leaves a receipt: the next one looks no further, and takes the
// post back.
func TestReceiptIsEnough(t *testing.T) {
	b := newBench(t, catalogtest.SQLite(t), "", nil)
	p := b.begin(proving.Input{})
	ctx := catalogtest.Context(t)
	row, err := b.Catalog.Channels().Proof(ctx, "", "", p.ID)
	if err != nil {
		t.Fatal(err)
	}
	now := b.Clock.Now()
	row.State, row.Post.Committed = dam.ProofCommitting, &now
	row.Post.Receipt = &dam.Receipt{Remote: "7", At: now, Media: []dam.SentMedia{}}
	if err := b.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		_, err := tx.Channels().SaveProof(ctx, &row)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	recalled := 0
	b.remote.recall = func() error { recalled++; return nil }
	if p = b.run(p); recalled == 0 {
		t.Errorf("nothing was taken back: %s", steps(p))
	}
}

// A proof that nobody takes up again ends, so that the channel can be removed; also where its kind is gone.
func TestProofEnds(t *testing.T) {
	b := newBench(t, catalogtest.SQLite(t), "", nil)
	p := b.begin(proving.Input{})
	o := b.proving.Options
	o.Kinds = nil
	if err := proving.New(o).Run(catalogtest.Context(t), proving.JobArgs{Proof: p.ID}, jobs.Info{Attempt: 5,
		Max: 5}); err != nil {
		t.Error(err)
	}
	if p = b.read(p); p.State != dam.ProofEnded || p.Outcome != dam.ProofFailed {
		t.Errorf("it is %s: %+v", p.State, p)
	}
}

// The answer that comes while the server stops is kept.
func TestAnswerWhileStopping(t *testing.T) {
	ctx, stop := context.WithCancel(catalogtest.Context(t))
	defer stop()
	b := newBench(t, catalogtest.SQLite(t), "", func(r *remote) {
		r.after = func(context.Context) error { stop(); return nil }
	})
	p := b.begin(proving.Input{})
	if err := b.proving.Run(ctx, proving.JobArgs{Proof: p.ID}, jobs.Info{Attempt: 1, Max: 5}); err == nil {
		t.Error("a run that was stopped has ended")
	}
	if p = b.read(p); p.Remote == "" || p.State != dam.ProofDelivered {
		t.Errorf("it is %s, the post is %q", p.State, p.Remote)
	}
	b.remote.after = nil
	if p = b.run(p); p.Outcome != dam.Proven {
		t.Errorf("%s: %s", p.Outcome, steps(p))
	}
}
