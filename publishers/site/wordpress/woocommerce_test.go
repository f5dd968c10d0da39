package wordpress

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func shopConfig(w *wooSimulator, user, password string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"url": %q, "user": %q, "password": %q}`, w.URL, user, password))
}

func shopHarness(t *testing.T) publishertest.Harness {
	w := newWooSimulator(t, "SKU-1")
	return publishertest.Harness{Kind: WooCommerce(client()), Config: shopConfig(w, ShopManager, ShopPassword),
		Posts: func(asset string) int { _, most := w.Pictures(asset); return most },
		Live:  func(asset string) int { live, _ := w.Pictures(asset); return live },
		Left:  w.Files,
		Fault: func(f publishertest.Fault) (func(), bool) {
			w.Fail(f)
			return func() { w.Fail("") }, f != publishertest.Expired
		}}
}

func TestWooCommerce(t *testing.T) { publishertest.RunEmbedded(t, shopHarness) }

// An account without the right to sell is refused, by name.
func TestShopAccounts(t *testing.T) {
	w := newWooSimulator(t)
	for user, c := range map[string]struct {
		password string
		class    publishers.Class
	}{
		ShopManager:  {ShopPassword, ""},
		ShopCustomer: {OtherPassword, publishers.ClassDisconnected},
		"nobody":     {"x", publishers.ClassAuthExpired},
	} {
		_, err := WooCommerce(client()).Publisher.Verify(t.Context(),
			publishers.Account{Config: shopConfig(w, user, ""), Secrets: map[string]string{"password": c.password}})
		if got := publishers.ClassOf(err, ""); got != c.class {
			t.Errorf("%s: %v, want %q", user, err, c.class)
		}
	}
}

// Heroes come first, the shop's own pictures keep their order, and a recall leaves everything else.
func TestShopOrder(t *testing.T) {
	w := newWooSimulator(t, "CHR-1", "CHR-2")
	own := w.Shown("CHR-1")
	p := WooCommerce(client()).Publisher
	wp := &wordPress{}
	intent := func(id, sku, slot string, n int, revision int64) publishers.Intent {
		in := wp.intent(id, "image/gif", "gif", pixel)
		in.Account = publishers.Account{Config: shopConfig(w, ShopManager, ""),
			Secrets: map[string]string{"password": ShopPassword}}
		in.Content.SKUs = strings.Split(sku, " ")
		in.Revision, in.Digest = revision, fmt.Sprint(id, revision)
		in.Content.Media[0].SHA256 = strings.Repeat(fmt.Sprintf("%02x", revision), 32)
		for _, s := range in.Content.SKUs {
			if slot != "" {
				in.Content.Slots = append(in.Content.Slots, publishers.SlotPosition{SKU: s, Slot: slot, N: n})
			}
		}
		return in
	}
	publish := func(in publishers.Intent) {
		t.Helper()
		for range 2 { // repeating it changes nothing
			state, err := p.Prepare(t.Context(), in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := p.Lookup(t.Context(), in, state); err != nil || out.Verdict != publishers.Absent &&
				out.Receipt.URL == "" {
				t.Fatal(out, err)
			}
			if r, err := p.Commit(t.Context(), in, state); err != nil || r.Remote == "" || r.URL == "" {
				t.Fatal(r, err)
			}
			if out, err := p.Lookup(t.Context(), in, state); err != nil || out.Verdict != publishers.Delivered {
				t.Fatal(out, err)
			}
		}
	}
	shown := func(sku string, want ...string) {
		t.Helper()
		got := w.Shown(sku)
		for i := range got {
			got[i], _, _ = strings.Cut(strings.TrimPrefix(got[i], "vitrine-"), "-0")
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s shows %v, want %v", sku, got, want)
		}
	}
	publish(intent("p_loose", "CHR-1", "", 0, 1))
	publish(intent("p_back", "CHR-1", "back", 1, 1))
	publish(intent("p_hero", "CHR-1 CHR-2", "hero", 1, 1))
	publish(intent("p_detail", "CHR-1", "detail", 2, 1))
	shown("CHR-1", "p-hero", "p-back", "p-detail", own[0], "p-loose")
	shown("CHR-2", "p-hero", "own-chr-2")
	if alt := w.Alt(w.Shown("CHR-1")[0]); alt != "A red shoe" {
		t.Errorf("alternative text %q", alt)
	}
	publish(intent("p_hero", "CHR-1", "hero", 1, 2)) // another picture, which is no longer for the second product
	shown("CHR-1", "p-hero", "p-back", "p-detail", own[0], "p-loose")
	shown("CHR-2", "own-chr-2")
	// what a delayed node might still send
	held, _ := json.Marshal(productImages{Media: 1, Products: []int{13}})
	if _, err := p.Commit(t.Context(), intent("p_hero", "CHR-1", "hero", 1, 1), held); err != nil ||
		!strings.Contains(w.Shown("CHR-1")[0], "-0202") {
		t.Errorf("an older revision went over a newer one: %v, %v", w.Shown("CHR-1"), err)
	}
	for _, id := range []string{"p_hero", "p_back", "p_detail", "p_loose", "p_hero"} {
		in := intent(id, "CHR-1", "", 0, 1)
		in.Content = publishers.Content{Asset: in.Content.Asset}
		if answer, err := p.Recall(t.Context(), in, nil); err != nil || answer.IsZero() {
			t.Fatal(answer, err)
		}
		if out, err := p.Status(t.Context(), in, dam.Receipt{}); err != nil || out.Verdict != publishers.Absent {
			t.Errorf("%s after its recall: %+v %v", id, out, err)
		}
	}
	if got := w.Shown("CHR-1"); !slices.Equal(got, own) || w.Marks("CHR-1") > 0 {
		t.Errorf("left after the recalls: %v, %d marks", got, w.Marks("CHR-1"))
	}
	if list := p.Validate(t.Context(), publishers.Intent{}); len(list) != 1 || list[0].Field != "skus" {
		t.Errorf("an asset without a product: %+v", list)
	}
	if _, err := p.Prepare(t.Context(), intent("p_none", "NONE", "hero", 1, 1), nil); publishers.ClassOf(err,
		"") != publishers.ClassPermanent {
		t.Errorf("a product that the shop has not got: %v", err)
	}
}
