package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/bulk"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
)

func asError(err error, e **dam.Error) bool { return errors.As(err, e) }

// childEnv makes the test binary play the server that gets killed: "JOB URL" of the catalogue.
const childEnv = "VITRINE_BULKTEST_CHILD"

// sharedKey is the key of the servers that share a catalogue.
const sharedKey = "VITRINE_SECRET_KEY=a key for tests and the same for all of them"

func runChild(spec string) {
	var id, url string
	if _, err := fmt.Sscan(spec, &id, &url); err != nil {
		panic(err)
	}
	ctx := dam.AsSystem(context.Background(), "a test's own steps")
	dir, err := os.MkdirTemp(os.Getenv("VITRINE_BULKTEST_DIR"), "data")
	if err != nil {
		panic(err)
	}
	c, err := config.Parse([]string{"--data", dir, "--engine", "imaging"},
		[]string{"VITRINE_DATABASE=" + url, sharedKey})
	if err != nil {
		panic(err)
	}
	s, err := server.New(ctx, c, server.Options{Log: slog.New(slog.DiscardHandler), Notice: io.Discard})
	if err != nil {
		panic(err)
	}
	for {
		// "once more" is an error, too
		_ = s.Library.Bulk.Run(ctx, bulk.RunArgs{Bulk: id}, jobs.Info{Attempt: 1, Max: 5})
		if b, err := s.Data.Catalog.BulkJobs().Bulk(ctx, "", id); err == nil && b.Ended() {
			return
		}
	}
}

// A server that is killed again and again in the middle changes every asset once.
func TestKilled(t *testing.T) {
	const total, rounds = 700, 4
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.insert(w.as(dam.Editor), total, nil)
		head, err := cat.Log().Head(catalogtest.Context(t))
		if err != nil {
			t.Fatal(err)
		}
		b := w.begin(dam.Editor, bulk.Request{Filter: dam.BulkFilter{Q: "tag:oak"},
			Change: dam.BulkChange{AddTags: []string{"once"}}})
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
		kills, inside := 0, 0
		for round := 0; ; round++ {
			cmd := exec.Command(exe)
			cmd.Env = append(os.Environ(), childEnv+"="+b.ID+" "+catalogtest.URL(cat),
				"VITRINE_BULKTEST_DIR="+t.TempDir())
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			began, ended := time.Now(), make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			// Killed a little after it has got further; at the end it is left alone.
			from, err := cat.BulkJobs().Bulk(catalogtest.Context(t), "", b.ID)
			if err != nil {
				t.Fatal(err)
			}
			for now := from; round < rounds && now.Done+now.Total == from.Done+from.Total && !now.Ended(); {
				time.Sleep(time.Millisecond) // between looks
				if now, err = cat.BulkJobs().Bulk(catalogtest.Context(t), "", b.ID); err != nil {
					t.Fatal(err)
				}
				if time.Since(began) > time.Minute {
					t.Fatal("the job gets no further")
				}
			}
			if round < rounds {
				for range r.IntN(40) { // statements, not time, so that slow machines are killed inside, too
					if _, err := cat.Log().Head(catalogtest.Context(t)); err != nil {
						t.Fatal(err)
					}
				}
				if err := cmd.Process.Signal(syscall.SIGKILL); err == nil {
					kills++
				}
			}
			if err := <-ended; err == nil {
				break
			}
			if now, err := cat.BulkJobs().Bulk(catalogtest.Context(t), "", b.ID); err == nil && !now.Ended() {
				inside++
			}
			if round > 20 {
				t.Fatal("the job never ends")
			}
		}
		if inside == 0 {
			t.Errorf("of %d kills none hit the job", kills)
		}
		w.ended(b, dam.BulkDone, total, total, 0)
		seen := map[string]int{}
		for after := head; ; {
			list, err := cat.Log().Events(catalogtest.Context(t), "", after, 1000)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				break
			}
			for _, e := range list {
				after = e.Seq
				if e.Type == dam.AssetUpdated {
					seen[e.Asset]++
				}
			}
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s was changed %d times", id, n)
			}
		}
		if len(seen) != total {
			t.Errorf("%d of %d assets were changed", len(seen), total)
		}
	})
}
