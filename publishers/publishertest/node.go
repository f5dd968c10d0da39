package publishertest

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/secrets"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/storage/disk"
)

// The environment that makes a test binary a node: its database and the world's folder.
const (
	// NodeDatabase names the variable with the database of a node, for channels that keep something in it.
	NodeDatabase = "VITRINE_TEST_NODE_DATABASE"
	nodeDir      = "VITRINE_TEST_NODE_DIR"
	// NodeLease names the variable with a node's lease, a second when it is not set.
	NodeLease = "VITRINE_TEST_NODE_LEASE"
)

// Main is a TestMain that can be a node: a process of its own that publishes until
// it is killed. See Kill.
func Main(m *testing.M, kinds ...publishers.Kind) {
	if os.Getenv(NodeDatabase) == "" {
		os.Exit(m.Run())
	}
	if err := node(kinds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func node(kinds []publishers.Kind) error {
	ctx, cancel := context.WithCancel(dam.AsSystem(context.Background(), "a test's own steps"))
	defer cancel()
	cat, err := catalog.Open(ctx, os.Getenv(NodeDatabase))
	if err != nil {
		return err
	}
	dir := os.Getenv(nodeDir)
	store, err := disk.Open(filepath.Join(dir, "store"))
	if err != nil {
		return err
	}
	box, err := secrets.Open(dir, "")
	if err != nil {
		return err
	}
	lease, err := time.ParseDuration(cmp.Or(os.Getenv(NodeLease), "1s"))
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	s := NewService(Options{Catalog: cat, Kinds: kinds, Secrets: box, Store: store, Node: "child", Lease: lease,
		Log: log})
	fmt.Println("ready")
	// The parent's end closes the pipe, should it die without killing us.
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); cancel() }()
	return s.Ledger.Run(ctx)
}

// Kill publishes assets through nodes that are killed by SIGKILL at random moments,
// and then through one that may finish. Each publication ends delivered, and the
// remote shows each once and has accepted each once.
func Kill(t *testing.T, rounds int, h Harness) {
	w := NewWorld(t, catalogtest.SQLite(t))
	w.Clock.Follow()
	h.in(w.Catalog)
	s := NewService(Options{Catalog: w.Catalog, Kinds: []publishers.Kind{h.Kind}, Secrets: w.Secrets, Store: w.Store,
		Node: "parent", Lease: time.Second})
	ch := w.Channel(s, h.Kind.Name, h.Config)
	var all []dam.Publication
	rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for range rounds {
		for i := range 3 {
			in := planning.PublishInput{Channel: ch.ID, Files: []dam.PostFile{{Asset: w.Asset("a shoe").ID}}}
			if i == 0 && h.Kind.Files.Pictures > 1 { // one of several pictures
				in.Files = append(in.Files, dam.PostFile{Asset: w.Asset("a hat").ID})
			}
			in.Caption = "hello " + in.Files[0].Asset
			p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, in)
			check(t, err)
			all = append(all, p)
		}
		life := time.Duration(rnd.Int64N(int64(60 * time.Millisecond)))
		w.live(life)
	}
	w.Start(s)
	cut, asked := 0, 0
	defer func() {
		t.Logf("%d publications: %d were cut off in their commit, a person was asked about %d", len(all), cut, asked)
	}()
	for _, p := range all {
		p = w.Wait(p.ID, dam.PubDelivered, dam.PubUnconfirmed, dam.PubFailed)
		if n := steps(p, dam.PubCommitting); n > 1 || p.State == dam.PubUnconfirmed || p.Receipt != nil &&
			p.Receipt.At.Sub(stepAt(p, dam.PubCommitting)) > 500*time.Millisecond {
			cut++
		}
		if p.State == dam.PubUnconfirmed {
			asked++
			outcome := "resend"
			if h.Live(p.Asset) > 0 {
				outcome = "delivered"
			}
			_, err := s.Planning.Confirm(catalogtest.Context(t), dam.DefaultLibrary, p.ID,
				planning.Confirmation{Outcome: outcome, Remote: "seen"})
			check(t, err)
			p = w.Wait(p.ID, dam.PubDelivered)
		}
		if posts, live := h.Posts(p.Asset), h.Live(p.Asset); p.State != dam.PubDelivered || posts != 1 || live != 1 {
			t.Errorf("%d posts, %d live\n%s", posts, live, Ledger(p))
		}
	}
}

// live runs a node on the world's own database.
func (w *World) live(d time.Duration) { w.t.Helper(); w.Node("sqlite:"+w.Catalog.Database().Path(), d) }

// Node runs a node on a database, in a process of its own, for a while after it said that it
// is ready, and kills it.
func (w *World) Node(database string, d time.Duration) {
	w.t.Helper()
	self, err := os.Executable()
	check(w.t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), NodeDatabase+"="+database, nodeDir+"="+w.Dir)
	cmd.Stderr = os.Stderr
	_, err = cmd.StdinPipe()
	check(w.t, err)
	out, err := cmd.StdoutPipe()
	check(w.t, err)
	check(w.t, cmd.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	timer := time.NewTimer(d) // the moment of death is the point, not a synchronisation
	<-timer.C
	killErr := cmd.Process.Kill()
	_ = cmd.Wait() // "signal: killed"
	check(w.t, err)
	check(w.t, killErr)
}

// stepAt is when a publication first came to a state.
func stepAt(p dam.Publication, s dam.PublicationState) time.Time {
	for _, x := range p.Steps {
		if x.State == s {
			return x.At
		}
	}
	return time.Time{}
}
