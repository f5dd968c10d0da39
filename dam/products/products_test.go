package products_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/products"
	"vitrine/dam/review"
	"vitrine/storage/disk"
)

// world is products over a real catalogue and a real queue, whose jobs the test runs itself.
type world struct {
	*testing.T
	cat   *catalog.Catalog
	s     *products.Service
	files int
}

// Context is one in which the system acts.
func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

func newWorld(t *testing.T, cat *catalog.Catalog) *world {
	t.Helper()
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	queue, err := jobs.New(cat, "n1", slog.New(slog.DiscardHandler))
	if err == nil {
		err = queue.Migrate(catalogtest.Context(t))
	}
	if err != nil {
		t.Fatal(err)
	}
	return &world{T: t, cat: cat, s: &products.Service{Catalog: cat, Store: store, Jobs: queue,
		Log: slog.New(slog.DiscardHandler), Dir: t.TempDir()}}
}

func (w *world) change(raw string) products.Change {
	w.Helper()
	c, err := products.ParseChange([]byte(raw), "en")
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) create(raw string) dam.Product {
	w.Helper()
	p, err := w.s.Create(w.Context(), dam.DefaultLibrary, w.change(raw))
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func (w *world) product(sku string) dam.Product {
	w.Helper()
	p, err := w.s.Get(w.Context(), dam.DefaultLibrary, sku)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// upload adds an asset under a file name, as an upload does.
func (w *world) upload(name string) dam.Asset {
	w.Helper()
	w.files++
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, FileName: name,
		SHA256: fmt.Sprintf("%064x", w.files), Status: dam.Draft}
	if err := w.cat.Write(w.Context(), func(tx *catalog.Tx) error {
		if err := tx.Assets().InsertAsset(w.Context(), &a, dam.Metadata{}); err != nil {
			return err
		}
		return w.s.Assign(w.Context(), tx, &a)
	}); err != nil {
		w.Fatal(err)
	}
	return a
}

func (w *world) skus(id string) string {
	w.Helper()
	a, err := w.cat.Assets().Asset(w.Context(), dam.DefaultLibrary, id)
	if err != nil {
		w.Fatal(err)
	}
	return strings.Join(a.SKUs, " ")
}

// imported runs an import to its end.
func (w *world) imported(format, text string, dryRun bool) catalog.Import {
	w.Helper()
	file, err := w.s.Receive(strings.NewReader(text), "")
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = file.Remove() }()
	i, err := w.s.Import(w.Context(), dam.DefaultLibrary, format, dryRun, file)
	if err != nil {
		w.Fatal(err)
	}
	// What it says of the file is in the import.
	_ = w.s.Run(w.Context(), products.ImportArgs{Import: i.ID}, jobs.Info{Attempt: 1, Max: 3})
	i, err = w.s.ImportByID(w.Context(), dam.DefaultLibrary, i.ID)
	if err != nil || i.Finished == nil {
		w.Fatalf("%+v, %v", i, err)
	}
	return i
}

// Rows merge into the products that are there; a row with an error is named and holds up no other.
func TestImport(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.create(`{"sku":"A","names":{"en":"Chair","fr":"Chaise"},"stock":3,"attributes":{"legs":"4"}}`)
		const csv = "\ufeffSKU;Name;name_pt_br;EAN;Price;Currency;Legs\r\n" +
			"a;Armchair;;3017620422003;19.90;EUR;4\r\n" +
			"B;\"Table; \"\"large\"\"\";Mesa;;;;\r\n" +
			";nameless;;;;;\r\n" +
			"C;short\r\n" +
			"D;Stool;;123;;;\r\n" +
			"a;Armchair;;3017620422003;19.90;EUR;4\r\n"
		for _, dry := range []bool{true, false} {
			i := w.imported("csv", csv, dry)
			var wrong []string
			for _, e := range i.Errors {
				wrong = append(wrong, fmt.Sprintf("%d %s", e.Line, e.Field))
			}
			if got := fmt.Sprint(i.State, " ", i.Rows, i.Created, i.Updated, i.Same, i.Failed, wrong); got !=
				"done 6 1 1 1 3 [4 sku 5 row 6 gtin]" || i.Done != i.Size || i.DryRun != dry {
				t.Errorf("dry %v: %s, %+v", dry, got, i)
			}
			if list, err := w.s.List(w.Context(), dam.DefaultLibrary, products.Query{Limit: 10}); err != nil ||
				list.Total != map[bool]int{true: 1, false: 2}[dry] {
				t.Errorf("dry %v: %d products, %v", dry, list.Total, err)
			}
		}
		a, b := w.product("A"), w.product("b")
		if a.SKU != "a" || a.Names["en"] != "Armchair" || a.Names["fr"] != "Chaise" || a.GTIN != "3017620422003" ||
			*a.Price != (dam.Price{Amount: "19.90", Currency: "EUR"}) || *a.Stock != 3 || a.Revision != 2 {
			t.Errorf("merged: %+v", a)
		}
		if b.Names["en"] != `Table; "large"` || b.Names["pt-BR"] != "Mesa" || b.Price != nil {
			t.Errorf("added: %+v", b)
		}
		if i := w.imported("jsonl", `{"sku":"A","stock":null}`+"\n"+`{"sku":"E","colour":"blue"}`,
			false); i.Updated != 1 ||
			i.Failed != 1 || i.Errors[0].Line != 2 || i.Errors[0].Field != "colour" || w.product("A").Stock != nil {
			t.Errorf("JSON lines: %+v", i)
		}
		// What is wrong with the file as a whole ends the import and changes nothing.
		for _, text := range []string{"name\nx\n", "sku,SKU\nx,x\n"} {
			if i := w.imported("csv", text, false); i.State != "failed" || i.Problem == "" || i.Rows != 0 {
				t.Errorf("%q: %+v", text, i)
			}
		}
	})
}

// An import that was cut off goes on behind the rows that it had stored.
func TestImportGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, catalogtest.SQLite(t))
	var text bytes.Buffer
	_, _ = text.WriteString("sku,stock\n")
	for n := range 700 {
		_, _ = fmt.Fprintf(&text, "P-%d,%d\n", n, n)
	}
	file, err := w.s.Receive(&text, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Remove() }()
	i, err := w.s.Import(w.Context(), dam.DefaultLibrary, "csv", false, file)
	if err != nil {
		t.Fatal(err)
	}
	// The first batch is stored, then the server dies: the second one's transaction never is.
	cut := *w.s
	cut.Catalog = &cutOff{Catalog: w.cat, left: 1}
	args := products.ImportArgs{Import: i.ID}
	if err := cut.Run(w.Context(), args, jobs.Info{Attempt: 1, Max: 3}); err == nil {
		t.Fatal("it was not cut off")
	}
	if i, err = w.s.ImportByID(w.Context(), dam.DefaultLibrary, i.ID); err != nil || i.Rows != 500 ||
		i.Finished != nil {
		t.Fatalf("cut off: %+v, %v", i, err)
	}
	for range 2 { // a job that runs again after its end does nothing
		if err := w.s.Run(w.Context(), args, jobs.Info{Attempt: 2, Max: 3}); err != nil {
			t.Fatal(err)
		}
	}
	if i, err = w.s.ImportByID(w.Context(), dam.DefaultLibrary, i.ID); err != nil || i.Rows != 700 ||
		i.Created != 700 || i.Same != 0 || i.State != "done" {
		t.Errorf("%+v, %v", i, err)
	}
	if p := w.product("P-3"); p.Revision != 1 || *p.Stock != 3 {
		t.Errorf("stored twice: %+v", p)
	}
}

// cutOff is a catalogue that takes so many transactions and then no more.
type cutOff struct {
	*catalog.Catalog
	left int
}

func (c *cutOff) Write(ctx context.Context, fn func(*catalog.Tx) error) error {
	if c.left--; c.left < 0 {
		return &dam.Error{Code: dam.Unavailable}
	}
	return c.Catalog.Write(ctx, fn)
}

// File names fill slots at upload; what comes too early waits, and a slot that is taken is left to a person.
func TestSlots(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		early := w.upload("CHR-1_hero_1.jpg")
		if len(early.SKUs) > 0 {
			t.Errorf("an unknown product has an asset: %v", early.SKUs)
		}
		p := w.create(`{"sku":"CHR-1"}`)
		if len(p.Slots) != 1 || p.Slots[0].Asset != early.ID || p.Slots[0].Origin != dam.SlotByRule ||
			w.skus(early.ID) != "CHR-1" {
			t.Errorf("it did not wait: %+v, %s", p, w.skus(early.ID))
		}
		second := w.upload("chr-1_HERO_1.png")
		if p = w.product("CHR-1"); p.Slots[0].Asset != early.ID || len(p.Waiting) != 1 ||
			p.Waiting[0].Asset != second.ID {
			t.Errorf("a taken slot: %+v", p)
		}
		// A person decides; the one that goes keeps the SKU only as long as it has another slot.
		link := func(slot string, n int, asset string) {
			t.Helper()
			var err error
			if p, err = w.s.Link(w.Context(), dam.DefaultLibrary, "chr-1", dam.Slot{Slot: slot, N: n, Asset: asset},
				0); err != nil {
				t.Fatal(err)
			}
		}
		link("detail", 1, early.ID)
		link("hero", 1, second.ID)
		if len(p.Waiting) != 0 || w.skus(early.ID) != "CHR-1" || w.skus(second.ID) != "CHR-1" {
			t.Errorf("replaced: %+v, %q, %q", p, w.skus(early.ID), w.skus(second.ID))
		}
		if _, err := w.s.Unlink(w.Context(), dam.DefaultLibrary, "CHR-1", "detail", 1, 0); err != nil ||
			w.skus(early.ID) != "" {
			t.Errorf("the last slot is empty: %q, %v", w.skus(early.ID), err)
		}
		stale := p.Revision - 1
		if _, err := w.s.Unlink(w.Context(), dam.DefaultLibrary, "CHR-1", "hero", 1,
			stale); dam.CodeOf(err) != dam.Stale {
			t.Errorf("a lost race: %v", err)
		}
		if _, err := w.s.Link(w.Context(), dam.DefaultLibrary, "CHR-1", dam.Slot{Slot: "hero", N: 2, Asset: "a_x"},
			0); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("no such asset: %v", err)
		}
		if err := w.s.Delete(w.Context(), dam.DefaultLibrary, "chr-1", 0); err != nil || w.skus(second.ID) != "" {
			t.Errorf("deleted: %q, %v", w.skus(second.ID), err)
		}
	})
}

// What a file name means under a library's rules, and when they change.
func TestRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, catalogtest.SQLite(t))
	w.create(`{"sku":"CHR_1","gtin":"3017620422003"}`)
	asset := w.upload("shots-CHR_1 (back).tiff")
	rules := products.Rules{Patterns: []string{"{sku}_{slot}_{n}.{ext}", "shots-{sku} ({slot}).{*}", "{sku}.{ext}"},
		Slots: []string{"hero", "back"}}
	for name, want := range map[string]string{
		"CHR_1_hero_2.jpg":        "CHR_1 hero 2 CHR_1",
		"a/b\\chr_1_Back_02.JPEG": "chr_1 back 2 CHR_1",
		"shots-CHR_1 (back).tiff": "CHR_1 back 1 CHR_1",
		"3017620422003.png":       "3017620422003 hero 1 CHR_1",
		"NEW-1.png":               "NEW-1 hero 1 ",
		"noextension":             "none",
		"CHR_1_hero_0.jpg":        "CHR_1_hero_0 hero 1 ", // no position 0: the next pattern takes it
	} {
		x, err := w.s.TryRules(w.Context(), dam.DefaultLibrary, name, &rules)
		got := fmt.Sprint(x.SKU, " ", x.Slot, " ", x.N, " ", x.Product)
		if !x.Matches {
			if got = "none"; x.Reason == "" {
				t.Errorf("%s: no reason", name)
			}
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, want %q; %v", name, got, want, err)
		}
	}
	for field, bad := range map[string]products.Rules{
		"slots":    {Patterns: rules.Patterns},
		"patterns": {Patterns: []string{"{slot}.jpg"}, Slots: rules.Slots},
		"slot":     {Slots: []string{"Hero!"}},
	} {
		_, err := w.s.SetRules(w.Context(), dam.DefaultLibrary, 0, bad)
		var e *dam.Error
		if !errors.As(err, &e) || e.Code != dam.Invalid || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	stored, err := w.s.SetRules(w.Context(), dam.DefaultLibrary, dam.Unwritten, rules)
	if err != nil || stored.Revision != 1 || !slices.Equal(stored.Patterns, rules.Patterns) {
		t.Fatal(stored, err)
	}
	if _, err := w.s.SetRules(w.Context(), dam.DefaultLibrary, dam.Unwritten, rules); dam.CodeOf(err) != dam.Stale {
		t.Errorf("written over: %v", err)
	}
	// What is there already is held against new rules.
	if err := w.s.MatchAll(w.Context(), products.MatchArgs{Library: dam.DefaultLibrary, Revision: stored.Revision},
		jobs.Info{}); err != nil {
		t.Fatal(err)
	}
	if p := w.product("CHR_1"); len(p.Slots) != 1 || p.Slots[0].Asset != asset.ID || p.Slots[0].Slot != "back" {
		t.Errorf("after the rules: %+v", p)
	}
}

// What the public saw of a product at a time follows its slots and approvals, not what is so today.
func TestLookup(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.create(`{"sku":"A"}`)
		asset := w.upload("A_hero_1.jpg")
		decisions := &review.Service{Catalog: cat}
		decide := func(action dam.Action, comment string) {
			t.Helper()
			if _, err := decisions.Decide(w.Context(), dam.DefaultLibrary, asset.ID,
				review.Step{Action: action, Comment: comment}); err != nil {
				t.Fatal(err)
			}
		}
		at := map[string]time.Time{}
		at["linked"] = cat.Now()
		decide(dam.Submit, "")
		decide(dam.Approve, "")
		at["approved"] = cat.Now()
		if err := cat.Write(w.Context(), func(tx *catalog.Tx) error {
			return tx.Renditions().PutRendition(w.Context(), dam.Rendition{Version: asset.Latest.ID, Preset: "web",
				Format: dam.JPEG, Hash: "h1", SHA256: "aa", MediaType: "image/jpeg"}, "renditions/h1")
		}); err != nil {
			t.Fatal(err)
		}
		at["made"] = cat.Now()
		decide(dam.Reject, "wrong price")
		at["rejected"] = cat.Now()
		if err := w.s.Delete(w.Context(), dam.DefaultLibrary, "A", 0); err != nil {
			t.Fatal(err)
		}
		if err := cat.Write(w.Context(), func(tx *catalog.Tx) error {
			return tx.Libraries().PutLibrary(w.Context(), dam.Library{ID: "another", Name: "Another", Locale: "en",
				Zone: "UTC"})
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Lookup(w.Context(), products.Lookup{Library: "another", Asset: asset.ID,
			At: at["made"]}); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("an address of an asset of another library: %v", err)
		}
		for when, want := range map[string]string{"linked": "hidden", "approved": "pending", "made": "shown",
			"rejected": "gone"} {
			a, err := w.s.Lookup(w.Context(), products.Lookup{Library: dam.DefaultLibrary, SKU: "a", Slot: "hero",
				At: at[when]})
			if err != nil || len(a.Items) != 1 || a.Items[0].State != want || a.Items[0].Linked != asset.ID ||
				(want == "shown") != (len(a.Items[0].Renditions) == 1) ||
				want == "gone" && !strings.HasPrefix(a.Items[0].Reason, "its approval had been taken back") {
				t.Errorf("%s: %+v, %v", when, a.Items, err)
			}
		}
		if a, err := w.s.Lookup(w.Context(), products.Lookup{Library: dam.DefaultLibrary, SKU: "A",
			At: cat.Now()}); err != nil || len(a.Items) != 0 {
			t.Errorf("after its end: %+v, %v", a, err)
		}
		if _, err := w.s.Lookup(w.Context(), products.Lookup{Library: dam.DefaultLibrary, SKU: "never",
			At: cat.Now()}); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("a product that never was: %v", err)
		}
	})
}
