// Package searchtest is the conformance suite of text engines, and with them of
// the whole search: generated assets and queries must get the answers of a plain
// reference implementation, whatever happens to the index meanwhile.
package searchtest

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/search"
)

// patience bounds every wait; nothing depends on how much of it is used.
const patience = time.Minute

// Run tests an engine. The test that calls it must do nothing before.
func Run(t *testing.T, e search.TextEngine) {
	if dir := os.Getenv(childEnv); dir != "" {
		runChild(t, e, dir)
		return
	}
	t.Run("SameAnswers", func(t *testing.T) { sameAnswers(t, e) })
	t.Run("Texts", func(t *testing.T) { textsAreFound(t, e) })
	t.Run("Facets", func(t *testing.T) { facets(t, e) })
	t.Run("Duplicates", func(t *testing.T) { duplicates(t, e) })
	t.Run("Forgiving", func(t *testing.T) { forgiving(t, e) })
	t.Run("OwnFields", func(t *testing.T) { ownFields(t, e) })
	t.Run("Sweeps", func(t *testing.T) { sweeps(t, e) })
	t.Run("OwnTexts", func(t *testing.T) { own(t, e) })
	t.Run("ProductFields", func(t *testing.T) { productFields(t, e) })
	t.Run("Ranked", func(t *testing.T) { ranked(t, e) })
	t.Run("Synonyms", func(t *testing.T) { synonyms(t, e) })
	t.Run("Permissions", func(t *testing.T) { permissions(t, e) })
	t.Run("Suggest", func(t *testing.T) { suggest(t, e) })
	t.Run("Reopen", func(t *testing.T) { reopen(t, e) })
	t.Run("DeletedBeforeStart", func(t *testing.T) { deletedBeforeStart(t, e) })
	t.Run("DeletedWhileRunning", func(t *testing.T) { deletedWhileRunning(t, e) })
	t.Run("Damaged", func(t *testing.T) { damaged(t, e) })
	t.Run("CatalogueRestored", func(t *testing.T) { catalogueRestored(t, e) })
	t.Run("OtherEpoch", func(t *testing.T) { otherEpoch(t, e) })
	t.Run("FirstEpoch", func(t *testing.T) { firstEpoch(t, e) })
	t.Run("Outdated", func(t *testing.T) { outdated(t, e) })
	t.Run("OutdatedWithoutRoom", func(t *testing.T) { outdatedWithoutRoom(t, e) })
	t.Run("Building", func(t *testing.T) { building(t, e) })
	t.Run("LogTrimmed", func(t *testing.T) { logTrimmed(t, e) })
	t.Run("Reindex", func(t *testing.T) { reindexUnderLoad(t, e) })
	t.Run("Killed", func(t *testing.T) { killed(t, e) })
	t.Run("Stuck", func(t *testing.T) { stuck(t, e) })
	t.Run("Bounded", func(t *testing.T) { bounded(t, e) })
	t.Run("WaitSeq", func(t *testing.T) { waitSeq(t, e) })
}

// world is a catalogue with an index over it.
type world struct {
	t        *testing.T
	e        search.TextEngine
	ref      reference
	dir      string
	cat      *Catalog
	r        *rand.Rand
	next     uint32
	x        *search.Index
	patience time.Duration // of the index with a batch; 0 is the product's
	batch    int           // assets at once when the index is built; 0 is the product's
	// actor asks the queries; the zero value is the system.
	actor dam.Principal
}

func newWorld(t *testing.T, e search.TextEngine, seed uint64) *world {
	return &world{t: t, e: e, ref: newReference(e.Stem), dir: t.TempDir(), cat: NewCatalog(),
		r: rand.New(rand.NewPCG(seed, 7))}
}

func (w *world) open() {
	w.t.Helper()
	x, err := search.Open(dam.AsSystem(w.t.Context(), "a test's own steps"), search.Options{Source: w.cat, Engine: w.e,
		Dir: w.dir,
		Now: func() time.Time {
			return clock
		}, Log: slog.New(slog.DiscardHandler), Patience: w.patience, Batch: w.batch})
	if err != nil {
		w.t.Fatal(err)
	}
	w.x = x
	w.t.Cleanup(func() { _ = x.Close() })
}

func (w *world) close() {
	w.t.Helper()
	if err := w.x.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// change does n random things to the catalogue.
func (w *world) change(n int) {
	for range n {
		all := int(w.next)
		switch k := w.r.IntN(10); {
		case k < 5 || all == 0:
			w.next++
			w.cat.Put(Asset(w.r, w.next))
		case k < 8:
			if a, ok := w.random(); ok {
				library := a.Library
				a = Asset(w.r, a.Number)
				a.Library = library
				w.cat.Put(a)
			}
		case k < 9:
			w.cat.Note()
		default:
			if a, ok := w.random(); ok {
				w.cat.Purge(a.ID)
			}
		}
	}
}

func (w *world) random() (dam.Asset, bool) { return w.cat.Any(w.r) }

func (w *world) ctx() context.Context {
	ctx, cancel := context.WithTimeout(dam.AsSystem(w.t.Context(), "a test's own steps"), patience)
	w.t.Cleanup(cancel)
	if w.actor.ID != "" {
		ctx = dam.WithActor(ctx, w.actor)
	}
	return ctx
}

func (w *world) head() int64 {
	head, _ := w.cat.Head(dam.AsSystem(w.t.Context(), "a test's own steps"))
	return head
}

// caughtUp waits until the index is complete and in step.
func (w *world) caughtUp() {
	w.t.Helper()
	w.until("the index is in step", func() bool { return w.x.Seq() >= w.head() && !w.x.Rebuilding() })
}

func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited too long until %s (seq %d, head %d)", what, w.x.Seq(), w.head())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// compare asks n random queries and compares whole result lists, page by page.
func (w *world) compare(n int) {
	w.t.Helper()
	w.until("the first filling has ended", func() bool { return !w.x.Rebuilding() })
	assets := w.cat.All()
	sorts := []string{"relevance", "title", "-title", "taken", "-taken", "created", "-updated", "size", "-width",
		"rating", ""}
	found := 0
	for range n {
		r := search.Request{Library: pick(w.r, libraries), Q: Query(w.r, assets), Sort: pick(w.r, sorts),
			Bin:   w.r.IntN(10) == 0,
			Limit: 1 + w.r.IntN(100), WaitSeq: w.head()}
		if w.r.IntN(20) == 0 {
			r.Q = ""
		}
		found += w.same(r, assets)
		if w.t.Failed() {
			w.t.FailNow()
		}
	}
	if n >= 50 && found == 0 {
		w.t.Fatal("no query found anything: the comparison says nothing")
	}
}

// same compares one request with the reference and returns how much was found.
func (w *world) same(r search.Request, assets []dam.Asset) int {
	w.t.Helper()
	tree, err := search.Parse(r.Q, search.Env{Now: clock})
	if err != nil {
		w.t.Fatalf("%s: %v", r.Q, err)
	}
	tree = w.ref.expand(tree, w.cat.Lines(r.Library))
	want := w.ref.find(assets, tree, r.Library, r.Bin)
	if r.Exact = w.r.IntN(2) == 0; !r.Exact && len(want) == 0 {
		want = w.ref.find(assets, lenient(tree), r.Library, r.Bin)
	}
	ranked := r.Sort == "relevance" || r.Sort == ""
	if !ranked {
		order(want, r.Sort)
	}
	var got []string
	for {
		res, err := w.x.Query(w.ctx(), r)
		if err != nil {
			w.t.Fatalf("%s: %v", r.Q, err)
		}
		if res.Total != len(want) {
			w.t.Errorf("%q in %s, bin %v: found %d, want %d", r.Q, r.Library, r.Bin, res.Total, len(want))
		}
		got = append(got, res.IDs...)
		if r.After = res.Next; r.After == "" || len(got) > len(want) {
			break
		}
	}
	ids := make([]string, len(want))
	for i, a := range want {
		ids[i] = a.ID
	}
	if ranked {
		slices.Sort(got)
		slices.Sort(ids)
	}
	if !slices.Equal(got, ids) {
		i := 0
		for i < min(len(got), len(ids)) && got[i] == ids[i] {
			i++
		}
		w.t.Errorf("%q in %s, bin %v, sorted by %q: got %d, want %d; they differ from place %d:\n got %.200s\nwant "+
			"%.200s",
			r.Q, r.Library, r.Bin, r.Sort, len(got), len(ids), i, fmt.Sprint(got[i:]), fmt.Sprint(ids[i:]))
		if i < len(want) {
			w.t.Logf("%+v", want[i])
		}
		return len(ids)
	}
	if r.Exact {
		w.each(r, ids, ranked)
	}
	if len(ids) > 2 && !ranked {
		skip := w.r.IntN(len(ids))
		r.Offset, r.Limit = skip, 5
		res, err := w.x.Query(w.ctx(), r)
		if err != nil || !slices.Equal(res.IDs, ids[skip:min(skip+5, len(ids))]) {
			w.t.Errorf("%q at offset %d: got %v %v", r.Q, skip, res.IDs, err)
		}
	}
	return len(ids)
}

func sameAnswers(t *testing.T, e search.TextEngine) {
	for seed := range uint64(2) {
		w := newWorld(t, e, seed)
		if seed > 0 {
			w.change(300) // before the index exists: filled by scanning
		}
		w.open()
		for range 4 {
			w.change(60)
			w.compare(60)
			w.cat.SetSynonyms(pick(w.r, libraries), Lines(w.r)...)
			w.compare(60)
		}
		w.caughtUp()
		w.compare(50)
		w.rightsOfNow()
	}
}

func reopen(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 11)
	w.change(200)
	w.open()
	w.caughtUp()
	w.close()
	for range 3 {
		w.change(50)
		w.open()
		w.compare(30)
		w.change(20)
		w.close() // perhaps before the last changes were applied
	}
	w.open()
	w.compare(50)
}

func deletedBeforeStart(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 12)
	w.change(300)
	w.open()
	w.caughtUp()
	w.close()
	if err := os.RemoveAll(w.dir); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.caughtUp()
	w.compare(50)
}

func deletedWhileRunning(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 13)
	w.change(300)
	w.open()
	w.caughtUp()
	old, err := filepath.Glob(filepath.Join(w.dir, "text-*"))
	if err != nil || len(old) != 1 {
		t.Fatal(old, err)
	}
	// The index may write a file between the listing and the removal: once more then.
	w.until("the files are gone", func() bool { return os.RemoveAll(old[0]) == nil })
	gone := func() bool {
		now, err := filepath.Glob(filepath.Join(w.dir, "text-*"))
		return err != nil || len(now) == 0
	}
	w.until("the index is there again", func() bool {
		if _, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: "robe -hiver"}); err != nil {
			t.Fatal("a query failed while the index was rebuilt:", err)
		}
		w.change(1)
		return !gone() && !w.x.Rebuilding()
	})
	w.caughtUp()
	w.compare(50)
	w.close()
	w.open() // what was rebuilt is what the next start finds
	w.compare(50)
}

// damaged overwrites files of the closed index: first the columns, then the text.
func damaged(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 14)
	w.change(200)
	w.open()
	w.caughtUp()
	w.close()
	if err := os.WriteFile(filepath.Join(w.dir, "columns"), []byte("vitrine columns 1\nnot really"),
		0o644); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.compare(20)
	w.close()
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(path) == w.dir {
			return err
		}
		return os.WriteFile(path, []byte("not an index"), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	w.open()
	w.caughtUp()
	w.compare(50)
}

// catalogueRestored puts an older catalogue under a newer index.
func catalogueRestored(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 15)
	w.change(200)
	w.open()
	w.caughtUp()
	w.close()
	w.cat, w.next = NewCatalog(), 0
	w.change(50)
	w.open()
	w.caughtUp()
	w.compare(50)
}

// otherEpoch: a backup was put back, and the log has since grown past where the index was, so that its seq says
// nothing; then the same under a running index.
func otherEpoch(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 23)
	w.change(200)
	backup := w.cat.Copy()
	w.change(60)
	w.open()
	w.caughtUp()
	w.close()
	w.cat.Restore(backup)
	w.change(120)
	w.open()
	w.caughtUp()
	w.compare(50)

	backup = w.cat.Copy()
	w.change(60)
	w.caughtUp()
	w.cat.Restore(backup)
	w.change(20)
	w.until("the index is of the new epoch", func() bool { return w.x.Seq() == w.head() && !w.x.Rebuilding() })
	w.compare(50)
	w.close()
	w.change(20)
	w.open()
	w.caughtUp()
	w.compare(20)
}

// logTrimmed: the log no longer reaches back to where the index stopped.
func logTrimmed(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 19)
	w.change(200)
	w.open()
	w.caughtUp()
	w.close()
	w.change(100)
	w.cat.Trim()
	w.change(20)
	w.open()
	w.caughtUp()
	w.compare(50)
	w.close()
	w.change(20)
	w.open()
	w.compare(20)
}

func reindexUnderLoad(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 16)
	w.change(600)
	w.open()
	w.caughtUp()
	stop := make(chan struct{})
	var asked atomic.Int64
	var wg sync.WaitGroup
	for g := range 2 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				q := pick(rand.New(rand.NewPCG(uint64(i), uint64(g))), []string{"robe", "tag:nature bleu", "-hiver",
					"rob*"})
				if _, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: q}); err != nil {
					t.Errorf("%s: %v", q, err)
					return
				}
				asked.Add(1)
			}
		})
	}
	for range 2 {
		last := 0
		err := w.x.Reindex(w.ctx(), func(done, total int) {
			if done < last || done > total {
				t.Errorf("progress went from %d to %d of %d", last, done, total)
			}
			last = done
			w.change(5)
		})
		if err != nil {
			t.Error(err)
		}
		if last < 100 {
			t.Errorf("progress ended at %d", last)
		}
	}
	close(stop)
	wg.Wait()
	if asked.Load() == 0 {
		t.Error("no query ran meanwhile")
	}
	w.compare(60)

	ctx, cancel := context.WithCancel(dam.AsSystem(t.Context(), "a test's own steps"))
	cancel()
	if err := w.x.Reindex(ctx, nil); err == nil {
		t.Error("a cancelled reindex succeeded")
	}
	w.change(20)
	w.compare(20)
	if left, _ := filepath.Glob(filepath.Join(w.dir, "text-*")); len(left) != 1 {
		w.until("old generations are gone", func() bool {
			left, _ = filepath.Glob(filepath.Join(w.dir, "text-*"))
			return len(left) == 1
		})
	}
}

func waitSeq(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 17)
	w.open()
	for i := range 30 {
		w.next++
		a := Asset(w.r, w.next)
		a.Library, a.DeletedAt, a.Description = dam.DefaultLibrary, nil, dam.Text{"en": fmt.Sprintf("unique%d", i)}
		seq := w.cat.Put(a)
		res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: fmt.Sprintf("unique%d", i),
			WaitSeq: seq})
		if err != nil || len(res.IDs) != 1 || res.IDs[0] != a.ID || res.Seq < seq {
			t.Fatalf("own write %d not found: %+v %v", i, res, err)
		}
	}
	ctx, cancel := context.WithTimeout(dam.AsSystem(t.Context(), "a test's own steps"), 20*time.Millisecond)
	defer cancel()
	if _, err := w.x.Query(ctx, search.Request{Library: dam.DefaultLibrary, WaitSeq: w.head() + 1}); dam.CodeOf(
		err) != dam.Unavailable {
		t.Errorf("waiting for what never comes: %v", err)
	}
	if lag, err := w.x.Lag(dam.AsSystem(t.Context(), "a test's own steps")); err != nil || lag != 0 {
		t.Errorf("lag %d %v", lag, err)
	}
}

// textsAreFound checks what people expect, word by word.
func textsAreFound(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 18)
	put := func(title dam.Text, file string, skus ...string) {
		w.next++
		w.cat.Put(dam.Asset{ID: fmt.Sprintf("a_%026d", w.next), Number: w.next, Library: dam.DefaultLibrary,
			Title: title, SKUs: skus,
			Latest: dam.Version{FileName: file}})
	}
	put(dam.Text{"fr": "L'été à Paris : les forêts écologiques et l’œuvre d'art"}, "a.jpg")      // 1
	put(dam.Text{"en": "The photographers' running shoes"}, "IMG_2041-hero.jpg")                 // 2
	put(dam.Text{"fr": "Cheval sauvage"}, "b.jpg", "DRS-1042-BLU")                               // 3
	put(dam.Text{"fr": "Chevaux sauvages, cœur et sœur"}, "c.jpg", "DRS-1043-RED")               // 4
	put(dam.Text{"en": "Men's wear: rock'n'roll dress", "fr": "Robe de soirée"}, "lookbook.pdf") // 5
	w.open()
	for q, want := range map[string]string{
		"ete": "1", "été": "1", "l'été": "1", "l’ete": "1", "FORET": "1", "forets": "1", "écologique": "1",
		"oeuvre": "1", "œuvres": "1",
		"photographer": "2", "shoe": "2", "run": "2", "2041": "2", "hero": "2", "img_2041": "2",
		"IMG_2041-hero.jpg": "2", "img-20*": "2", "file:hero": "2",
		"chevaux": "3 4", "sauvage": "3 4", `"cheval sauvage"`: "3", "coeur": "4", "drs-1042-blu": "3", "1042": "3",
		"drs-10*": "3 4", "sku:drs-1042-blu": "3", "sku:DRS*": "3 4", "blu": "3",
		"men": "5", "men's": "5", "rock'n'roll": "5", "robe de soiree": "5", "robe soirée": "5", "soirée robe": "5",
		`"soirée robe"`: "", "dress OR chevaux": "3 4 5", "-robe": "1 2 3 4",
		"title:robe": "5", "title:hero": "", "paris OR (dress -chevaux)": "1 5", "rob*": "5",
	} {
		res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: q, Sort: "title",
			WaitSeq: w.head()})
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		slices.Sort(res.Numbers)
		if got := strings.Trim(fmt.Sprint(res.Numbers), "[]"); got != want {
			t.Errorf("%s found %q, want %q", q, got, want)
		}
	}
}
