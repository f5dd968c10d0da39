package shopify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func client() *http.Client { return &http.Client{Timeout: 10 * time.Second} }

const shopConfig = `{"shop": "shoes.myshopify.com"}`

func kind(w *publishertest.Shopify) publishers.Kind {
	return Kind(func(string) string { return w.URL }, client())
}

func harness(t *testing.T) publishertest.Harness {
	w := publishertest.NewShopify(t, "SKU-1")
	return publishertest.Harness{Kind: kind(w), Config: json.RawMessage(fmt.Sprintf(`{"shop": "shoes.myshopify.com", "access_token": %q}`, publishertest.ShopifyToken)),
		Posts: func(asset string) int { _, most := w.Pictures(asset); return most },
		Live:  func(asset string) int { live, _ := w.Pictures(asset); return live },
		Left:  w.Files,
		Fault: func(f publishertest.Fault) (func(), bool) {
			w.Fail(f)
			return func() { w.Fail("") }, f != publishertest.Expired
		}}
}

func TestConformance(t *testing.T) { publishertest.RunEmbedded(t, harness) }

// A token that may not write is refused when the channel is added, not when something is to be published.
func TestAccounts(t *testing.T) {
	w := publishertest.NewShopify(t)
	for token, class := range map[string]publishers.Class{publishertest.ShopifyToken: "", publishertest.ShopifyReader: publishers.ClassDisconnected, "shpat_none": publishers.ClassDisconnected} {
		who, err := kind(w).Publisher.Verify(t.Context(), publishers.Account{Config: json.RawMessage(shopConfig), Secrets: map[string]string{publishers.AccessToken: token}})
		if got := publishers.ClassOf(err, ""); got != class || err == nil && who.Name != "Shoes" {
			t.Errorf("%s: %+v %v, want %q", token, who, err, class)
		}
	}
}

// Heroes come first, what the shop has itself keeps its order, and a recall leaves what was there.
func TestOrder(t *testing.T) {
	w := publishertest.NewShopify(t, "CHR-1,CHR-1-XL", "CHR-2", "CHR-10")
	p := kind(w).Publisher
	own := w.Shown("CHR-1")
	ids := map[string]string{}
	intent := func(name, sku, slot string, n int, revision int64) publishers.Intent {
		in := publishertest.Intent(t, json.RawMessage(shopConfig), map[string]string{publishers.AccessToken: publishertest.ShopifyToken})
		if ids[name] == "" {
			ids[name] = in.ID
		}
		in.ID, in.Revision, in.Digest = ids[name], revision, fmt.Sprint(name, revision)
		in.Content.Alt = dam.Text{"en": "A red shoe"}
		in.Content.SKUs = strings.Split(sku, " ")
		for _, s := range in.Content.SKUs {
			if slot != "" {
				in.Content.Slots = append(in.Content.Slots, publishers.Place{SKU: s, Slot: slot, N: n})
			}
		}
		return in
	}
	publish := func(in publishers.Intent) publishers.State {
		t.Helper()
		var state publishers.State
		for range 2 { // a repeat changes nothing
			var err error
			if state, err = p.Prepare(t.Context(), in, nil); err != nil {
				t.Fatal(err)
			}
			if out, err := p.Lookup(t.Context(), in, state); err != nil || out.Verdict != publishers.Absent && out.Receipt.URL == "" {
				t.Fatal(out, err)
			}
			if r, err := p.Commit(t.Context(), in, state); err != nil || r.Remote == "" || r.URL == "" {
				t.Fatal(r, err)
			}
			if out, err := p.Lookup(t.Context(), in, state); err != nil || out.Verdict != publishers.Delivered {
				t.Fatal(out, err)
			}
		}
		return state
	}
	shown := func(sku string, want ...string) {
		t.Helper()
		got := w.Shown(sku)
		for i, file := range got {
			if l, ok := read(file); ok {
				for name, id := range ids {
					if l.publication == slug(id) {
						got[i] = fmt.Sprint(name, l.revision)
					}
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s shows %v, want %v", sku, got, want)
		}
	}
	publish(intent("loose", "CHR-1", "", 0, 1))
	publish(intent("back", "CHR-1", "back", 1, 1))
	held := publish(intent("hero", "CHR-1 CHR-2", "hero", 1, 1))
	publish(intent("detail", "CHR-1-XL", "detail", 2, 1)) // a variant's pictures are its product's
	shown("CHR-1", "hero1", "back1", "detail1", own[0], "loose1")
	shown("CHR-2", "hero1", "own-chr-2.jpg")
	shown("CHR-10", "own-chr-10.jpg") // the shop's search finds it, too
	if alt := w.Alt(w.Shown("CHR-1")[0]); alt != "A red shoe" {
		t.Errorf("alternative text %q", alt)
	}
	publish(intent("hero", "CHR-1", "hero", 1, 2)) // and no longer on the second product
	shown("CHR-1", "hero2", "back1", "detail1", own[0], "loose1")
	shown("CHR-2", "own-chr-2.jpg")
	// What a node that was held up would still send: its files are gone, and what is newer stays.
	if _, err := p.Commit(t.Context(), intent("hero", "CHR-1", "hero", 1, 1), held); publishers.ClassOf(err, "") != publishers.ClassPermanent {
		t.Errorf("an older revision: %v", err)
	}
	shown("CHR-1", "hero2", "back1", "detail1", own[0], "loose1")
	for _, name := range []string{"hero", "back", "detail", "loose", "hero"} {
		in := intent(name, "CHR-1", "", 0, 1)
		in.Content = publishers.Content{Asset: in.Content.Asset}
		if answer, err := p.Recall(t.Context(), in, nil); err != nil || answer == "" {
			t.Fatal(answer, err)
		}
		if out, err := p.Status(t.Context(), in, dam.Receipt{}); err != nil || out.Verdict != publishers.Absent {
			t.Errorf("%s after its recall: %+v %v", name, out, err)
		}
	}
	if got := w.Shown("CHR-1"); !slices.Equal(got, own) {
		t.Errorf("left after the recalls: %v", got)
	}
	if list := p.Validate(t.Context(), publishers.Intent{}); len(list) != 1 || list[0].Field != "skus" {
		t.Errorf("an asset without a product: %+v", list)
	}
	if _, err := p.Prepare(t.Context(), intent("none", "CHR", "hero", 1, 1), nil); publishers.ClassOf(err, "") != publishers.ClassPermanent {
		t.Errorf("a product that the shop has not got: %v", err)
	}
}

// A file that a person deletes between upload and publication is uploaded again at the next attempt.
func TestLostFile(t *testing.T) {
	w := publishertest.NewShopify(t, "CHR-1")
	p := kind(w).Publisher
	in := publishertest.Intent(t, json.RawMessage(shopConfig), map[string]string{publishers.AccessToken: publishertest.ShopifyToken})
	in.Content.SKUs = []string{"chr-1"}
	state, err := p.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	var s shelf
	if err := json.Unmarshal(state, &s); err != nil {
		t.Fatal(err)
	}
	w.Lose(s.Placed[0].Name)
	if _, err := p.Commit(t.Context(), in, state); publishers.ClassOf(err, "") != publishers.ClassPermanent {
		t.Errorf("a lost file: %v", err)
	}
	state, err = p.Prepare(t.Context(), in, state)
	if publishers.ClassOf(err, "") != publishers.ClassPermanent || string(state) != "{}" {
		t.Errorf("%s %v", state, err)
	}
	if state, err = p.Prepare(t.Context(), in, state); err == nil {
		_, err = p.Commit(t.Context(), in, state)
	}
	if err != nil || len(w.Shown("CHR-1")) != 2 {
		t.Errorf("%v %v", w.Shown("CHR-1"), err)
	}
}
