package vocabularies_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/vocabularies"
)

// childEnv makes the test binary play the server that gets killed: "VOCABULARY TERM URL" of a merge.
const childEnv = "VITRINE_MERGETEST_CHILD"

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		runChild(spec)
		return
	}
	os.Exit(m.Run())
}

// never is a queue that runs nothing: the child does.
type never struct{}

func (never) Enqueue(context.Context, *catalog.Tx, jobs.Args, jobs.Options) error { return nil }

func service(c *catalog.Catalog) *vocabularies.Service {
	return &vocabularies.Service{Catalog: c, Assets: &assets.Service{Catalog: c}, Jobs: never{}}
}

func runChild(spec string) {
	args := vocabularies.MergeArgs{Library: dam.DefaultLibrary}
	var url string
	if _, err := fmt.Sscan(spec, &args.Vocabulary, &args.Term, &url); err != nil {
		panic(err)
	}
	ctx := dam.AsSystem(context.Background(), "a test's own steps")
	c, err := catalog.Open(ctx, url)
	if err != nil {
		panic(err)
	}
	if err := service(c).Run(ctx, args, jobs.Info{}); err != nil {
		panic(err)
	}
}

// held adds assets that hold a term.
func held(t *testing.T, c *catalog.Catalog, n int, term string) {
	t.Helper()
	ctx := catalogtest.Context(t)
	if err := c.Write(ctx, func(tx *catalog.Tx) error {
		for i := range n {
			a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
				Custom: map[string]any{"object": term}}
			a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: fmt.Sprintf("%064x", i),
				Status: dam.Draft}
			if err := tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// A merge whose server is killed again and again goes on where it was, and changes every asset once.
func TestKilled(t *testing.T) {
	const total, rounds = 1500, 4
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		s := service(c)
		v, err := s.Create(ctx, dam.DefaultLibrary, "Objects")
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"chair", "table"} {
			if _, err := s.CreateTerm(ctx, dam.DefaultLibrary, v.ID, vocabularies.NewTerm{ID: id,
				Labels: dam.Text{"en": id}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := (&assets.Service{Catalog: c}).AddField(ctx, dam.DefaultLibrary, dam.CustomField{Key: "object",
			Type: dam.FieldTree, Vocabulary: v.ID}); err != nil {
			t.Fatal(err)
		}
		held(t, c, total, "chair")
		head, err := c.Log().Head(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := s.Merge(ctx, dam.DefaultLibrary, v.ID, "chair", "table", false); err != nil || m.Total != total {
			t.Fatalf("%+v, %v", m, err)
		}
		merge := func() dam.TermMerge {
			list, err := s.Merges(ctx, dam.DefaultLibrary, v.ID)
			if err != nil || len(list) != 1 {
				t.Fatalf("%+v, %v", list, err)
			}
			return list[0]
		}
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		inside := 0
		for round := 0; merge().EndedAt == nil; round++ {
			cmd := exec.CommandContext(ctx, exe)
			cmd.Env = append(os.Environ(), childEnv+"="+v.ID+" chair "+catalogtest.URL(c))
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { defer close(ended); _ = cmd.Wait() }() // killed or done: the merge says
			from, began := merge(), time.Now()
			for now := from; round < rounds && now.Done == from.Done && now.EndedAt == nil; now = merge() {
				if time.Since(began) > time.Minute {
					t.Fatal("the merge gets no further")
				}
			}
			if round < rounds {
				_ = cmd.Process.Signal(syscall.SIGKILL) // it may have ended by itself
			}
			<-ended
			if now := merge(); round < rounds && now.EndedAt == nil && now.Done > 0 {
				inside++
			}
			if round > 10*rounds {
				t.Fatal("the merge never ends")
			}
		}
		if m := merge(); inside == 0 || m.Done != total {
			t.Errorf("%d kills hit the merge, which ended with %d of %d", inside, m.Done, total)
		}
		checkOnce(t, c, head, total)
	})
}

// checkOnce reads the log: every asset was changed once, and none holds the merged term.
func checkOnce(t *testing.T, c *catalog.Catalog, head int64, total int) {
	t.Helper()
	ctx := catalogtest.Context(t)
	changed := map[string]int{}
	for after := head; ; {
		list, err := c.Log().Events(ctx, "", after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, e := range list {
			if after = e.Seq; e.Type == dam.AssetUpdated {
				changed[e.Asset]++
			}
		}
	}
	for id, n := range changed {
		if n != 1 {
			t.Errorf("%s was changed %d times", id, n)
		}
	}
	if len(changed) != total {
		t.Errorf("%d of %d assets were changed", len(changed), total)
	}
	for last := uint32(0); ; {
		list, err := c.Assets().Scan(ctx, last, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			if last = a.Number; a.Custom["object"] != "table" {
				t.Fatalf("%s holds %v", a.ID, a.Custom)
			}
		}
		if len(list) < 500 {
			return
		}
	}
}
