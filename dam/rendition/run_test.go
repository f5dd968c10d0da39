package rendition_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// runChildEnv makes the test binary play the server that gets killed: "RUN URL STORE AFTER".
const runChildEnv = "VITRINE_RUNTEST_CHILD"

func TestMain(m *testing.M) {
	if spec := os.Getenv(runChildEnv); spec != "" {
		runChild(spec)
		return
	}
	os.Exit(m.Run())
}

// watched counts pictures that are about to be made of an original.
type watched struct {
	rendition.Engine
	begin func(n int) // n-th, from 1
	n     int
}

func (w *watched) Render(ctx context.Context, src io.ReadSeeker, specs []rendition.Spec, o rendition.Options,
	emit func(rendition.Output) error) error {
	w.n++
	if w.begin != nil {
		w.begin(w.n)
	}
	return w.Engine.Render(ctx, src, specs, o, emit)
}

// runs is a service on real parts whose jobs are run by hand.
func runs(ctx context.Context, cat *catalog.Catalog, dir string, begin func(int)) (*rendition.Service, *watched,
	error) {
	store, err := disk.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	queue, err := jobs.New(cat, "n1", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	w := &watched{Engine: imaging.New(), begin: begin}
	return &rendition.Service{Catalog: cat, Store: store, Engine: w, Jobs: queue}, w, queue.Migrate(ctx)
}

// pictures adds n small pictures to a library whose only preset is then stored, and returns the run that makes it of
// them.
func pictures(t *testing.T, cat *catalog.Catalog, s *rendition.Service, n int) (versions []string,
	run dam.RenditionRun) {
	t.Helper()
	ctx := catalogtest.Context(t)
	for i := range n {
		m := image.NewGray(image.Rect(0, 0, 16, 12))
		m.Set(i%16, i/16, color.White)
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b.Bytes())
		hash := hex.EncodeToString(sum[:])
		key := dam.OriginalKey(hash)
		err := cat.Pin(ctx, time.Hour, catalog.Blob{Key: key, SHA256: hash, Size: int64(b.Len())})
		if err == nil {
			err = s.Store.Put(ctx, key, bytes.NewReader(b.Bytes()), storage.PutOptions{Size: int64(b.Len()),
				SHA256: hash})
		}
		a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
			Tags: []string{}}
		a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: hash,
			MediaType: "image/png", Width: 16, Height: 12, Frames: 1, Status: dam.Draft,
			Renditions: dam.RenditionsReady}
		if err == nil {
			err = cat.Write(ctx, func(tx *catalog.Tx) error { return tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}) })
		}
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, a.Latest.ID)
	}
	change, err := s.PutPreset(ctx, dam.DefaultLibrary, 0, dam.Preset{Name: "tiny", Width: 8, Height: 8,
		Fit: dam.FitContain, Formats: []dam.PresetFormat{{Format: dam.PNG}}}, false)
	if err != nil || change.Run == nil {
		t.Fatal(change, err)
	}
	return versions, *change.Run
}

// having counts the versions that have exactly the one rendition.
func having(t *testing.T, cat *catalog.Catalog, versions []string) (n int) {
	t.Helper()
	for _, v := range versions {
		list, err := cat.Renditions().List(catalogtest.Context(t), v)
		if err != nil || len(list) > 1 {
			t.Fatal(list, err)
		}
		n += len(list)
	}
	return n
}

func TestCancelledRunStops(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		const total, last = 60, 7
		var s *rendition.Service
		var run dam.RenditionRun
		var err error
		s, w, err := runs(catalogtest.Context(t), cat, t.TempDir(), func(n int) {
			if n != last {
				return
			}
			// While the seventh picture is being made, somebody cancels.
			if x, err := s.CancelRun(catalogtest.Context(t), dam.DefaultLibrary, run.ID); err != nil ||
				x.State != dam.RunCancelled {
				t.Errorf("cancelled: %+v %v", x, err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		versions, begun := pictures(t, cat, s, total)
		run = begun
		for range 2 { // the job may come once more
			if err := s.Rerender(catalogtest.Context(t), rendition.RunArgs{Run: run.ID},
				jobs.Info{Attempt: 1, Max: 5}); err != nil {
				t.Fatal(err)
			}
		}
		if n := having(t, cat, versions); n != last || w.n != last {
			t.Errorf("%d pictures were begun and %d are there, want what was under way and no more: %d", w.n, n, last)
		}
		x, err := s.Run(catalogtest.Context(t), dam.DefaultLibrary, run.ID)
		if err != nil || x.State != dam.RunCancelled || x.FinishedAt == nil {
			t.Errorf("in the end: %+v %v", x, err)
		}
		var refused *dam.Error
		if _, err := s.CancelRun(catalogtest.Context(t), dam.DefaultLibrary, run.ID); !errors.As(err, &refused) ||
			refused.Code != dam.Conflict {
			t.Errorf("cancelled twice: %v", err)
		}
	})
}

// runChild carries a run on until a number of pictures have been made, then says so and stops for ever.
func runChild(spec string) {
	var id, url, dir string
	var after int
	if _, err := fmt.Sscan(spec, &id, &url, &dir, &after); err != nil {
		panic(err)
	}
	ctx := dam.AsSystem(context.Background(), "a test's own steps")
	cat, err := catalog.Open(ctx, url)
	if err != nil {
		panic(err)
	}
	s, _, err := runs(ctx, cat, dir, func(n int) {
		if n == after+1 {
			fmt.Println("here")
			select {}
		}
	})
	if err != nil {
		panic(err)
	}
	panic(s.Rerender(ctx, rendition.RunArgs{Run: id}, jobs.Info{Attempt: 1, Max: 5}))
}

// A server that dies in the middle of a run: the next one makes what is missing, and nothing twice.
func TestKilledRunGoesOn(t *testing.T) {
	const total = 70
	for name, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "catalog.db"),
		"postgres": catalogtest.PostgresURL(t)} {
		t.Run(name, func(t *testing.T) {
			cat, err := catalog.Open(catalogtest.Context(t), url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cat.Close() })
			if err := cat.Migrate(catalogtest.Context(t)); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			s, w, err := runs(catalogtest.Context(t), cat, dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			versions, run := pictures(t, cat, s, total)
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			made := 0
			for _, more := range []int{20, 35} { // within the first batch, and after it
				cmd := exec.CommandContext(t.Context(), exe)
				cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %d", runChildEnv, run.ID, url, dir, more))
				out, err := cmd.StdoutPipe()
				if err == nil {
					err = cmd.Start()
				}
				if err != nil {
					t.Fatal(err)
				}
				if said, _ := bufio.NewReader(out).ReadString('\n'); said != "here\n" {
					t.Fatalf("the child said %q", said)
				}
				if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Wait(); err == nil {
					t.Fatal("the child outlived its death")
				}
				made += more
				if n := having(t, cat, versions); n != made {
					t.Fatalf("%d pictures are there when the server dies, want %d", n, made)
				}
			}
			if err := s.Rerender(catalogtest.Context(t), rendition.RunArgs{Run: run.ID},
				jobs.Info{Attempt: 2, Max: 5}); err != nil {
				t.Fatal(err)
			}
			x, err := s.Run(catalogtest.Context(t), dam.DefaultLibrary, run.ID)
			if err != nil || x.State != dam.RunDone || x.Failed != 0 {
				t.Errorf("in the end: %+v %v", x, err)
			}
			if n := having(t, cat, versions); n != total || w.n != total-made {
				t.Errorf("%d of %d are there; the last server made %d, want %d", n, total, w.n, total-made)
			}
		})
	}
}
