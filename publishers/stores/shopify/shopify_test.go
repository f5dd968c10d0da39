package shopify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func client() *http.Client { return &http.Client{Timeout: 10 * time.Second} }

const shopConfig = `{"shop": "shoes.myshopify.com"}`

func kind(w *simulator) publishers.Kind {
	return Kind(func(string) string { return w.URL }, client())
}

func harness(t *testing.T) publishertest.Harness {
	w := newSimulator(t, "SKU-1")
	return publishertest.Harness{Kind: kind(w),
		Config: json.RawMessage(fmt.Sprintf(`{"shop": "shoes.myshopify.com", "client_id": %q, "client_secret": %q}`,
			ShopifyClient, ShopifySecret)),
		Posts: func(asset string) int { _, most := w.Pictures(asset); return most },
		Live:  func(asset string) int { live, _ := w.Pictures(asset); return live },
		Left:  w.Files,
		Fault: func(f publishertest.Fault) (func(), bool) { w.Fail(f); return func() { w.Fail("") }, true }}
}

func TestConformance(t *testing.T) { publishertest.RunEmbedded(t, harness) }

// An account without write access is refused when the channel is added, and not at the first publication.
func TestAccounts(t *testing.T) {
	w := newSimulator(t)
	p := kind(w).Publisher
	account := func(client, secret, token string) publishers.Account {
		return publishers.Account{Config: json.RawMessage(
			fmt.Sprintf(`{"shop": "shoes.myshopify.com", "client_id": %q}`, client)),
			Secrets: map[string]string{"client_secret": secret, publishers.AccessToken: token}}
	}
	app := account(ShopifyClient, ShopifySecret, "")
	for name, c := range map[string]struct {
		account publishers.Account
		class   publishers.Class
	}{
		"app":          {app, ""},
		"wrong secret": {account(ShopifyClient, "x", ""), publishers.ClassDisconnected},
		"token":        {account("", "", ShopifyToken), ""},
		"reader":       {account("", "", ShopifyReader), publishers.ClassDisconnected},
		"wrong token":  {account("", "", "shpat_none"), publishers.ClassDisconnected},
	} {
		who, err := p.Verify(t.Context(), c.account)
		if got := publishers.ClassOf(err, ""); got != c.class || err == nil && who.Name != "Shoes" {
			t.Errorf("%s: %+v %v, want %q", name, who, err, c.class)
		}
	}
	var d *dam.Error
	if _, err := p.Verify(t.Context(), account("", "", "")); !errors.As(err, &d) || d.Field != "config.client_id" {
		t.Errorf("without credentials: %v", err)
	}
	w.Fail(publishertest.Expired) // a new token is fetched
	if _, err := p.Verify(t.Context(), app); err != nil {
		t.Error(err)
	}
}

// Shopify's errors, in the status or in the body, by what has to follow.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		status             int
		body               string
		prepare, committed publishers.Class
	}{
		{402, `{"errors": "Payment Required"}`, publishers.ClassDisconnected, publishers.ClassDisconnected},
		{403, `{"errors": "Forbidden"}`, publishers.ClassDisconnected, publishers.ClassDisconnected},
		{404, `{"errors": "Not Found"}`, publishers.ClassDisconnected, publishers.ClassDisconnected},
		{423, `{"errors": "Locked"}`, publishers.ClassDisconnected, publishers.ClassDisconnected},
		{429, `{"errors": "Too Many Requests"}`, publishers.ClassThrottled, publishers.ClassThrottled},
		{502, `<html>`, publishers.ClassRetry, publishers.ClassUnknown},
		{200, `<html>`, publishers.ClassRetry, publishers.ClassUnknown},
		{200, `{"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}`, publishers.ClassThrottled,
			publishers.ClassThrottled},
		{200, `{"errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}]}`,
			publishers.ClassDisconnected, publishers.ClassDisconnected},
		{200, `{"errors": [{"message": "Shop is not active", "extensions": {"code": "SHOP_INACTIVE"}}]}`,
			publishers.ClassDisconnected, publishers.ClassDisconnected},
		{200, `{"errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}`,
			publishers.ClassRetry, publishers.ClassUnknown},
		{200, `{"errors": [{"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}}]}`,
			publishers.ClassPermanent, publishers.ClassPermanent},
	} {
		res := &http.Response{StatusCode: c.status, Status: fmt.Sprint(c.status), Header: http.Header{},
			Request: httptest.NewRequest(http.MethodPost, "/admin/api", nil)}
		for commit, want := range map[bool]publishers.Class{false: c.prepare, true: c.committed} {
			fallback := publishers.ClassRetry
			if commit {
				fallback = publishers.ClassUnknown
			}
			if got := publishers.ClassOf(understand(res, []byte(c.body), commit, &struct{}{}), fallback); got != want {
				t.Errorf("%d %s in commit %v: %s, want %s", c.status, c.body, commit, got, want)
			}
		}
	}
	for code, want := range map[string]string{"NON_READY_STATE": "retry", "FILE_LOCKED": "retry",
		"MEDIA_CANNOT_BE_MODIFIED": "retry", "FILE_DOES_NOT_EXIST": "retry", "REFERENCE_TARGET_DOES_NOT_EXIST": "retry",
		"PRODUCT_MEDIA_LIMIT_EXCEEDED": "permanent skus", "PRODUCT_SUSPENDED": "permanent skus",
		"ALT_VALUE_LIMIT_EXCEEDED": "permanent alt", "UNACCEPTABLE_ASSET": "permanent media", "": "permanent media"} {
		var e *publishers.Error
		if err := (userErrors{{Code: code, Message: "no"}}).refusal(); !errors.As(err, &e) ||
			strings.TrimSpace(string(e.Class)+" "+e.Field) != want || e.Class == publishers.ClassPermanent &&
			(e.Text() == "" || e.Reason.Advice() == "") {
			t.Errorf("%s: %v, want %s", code, err, want)
		}
	}
}

// An answer about an empty bucket of points says when there are enough again.
func TestThrottled(t *testing.T) {
	w := newSimulator(t)
	w.Drain(9_948) // and 52 for the call, at 100 a second
	began := time.Now()
	_, err := kind(w).Publisher.Verify(t.Context(), intent(t, "").Account)
	var e *publishers.Error
	if !errors.As(err, &e) || e.Class != publishers.ClassThrottled {
		t.Fatal(err)
	}
	if d := e.Until.Sub(began); d < 100*time.Second || d > 3*time.Minute {
		t.Errorf("it waits for %s", d)
	}
}

func intent(t *testing.T, sku string) publishers.Intent {
	in := publishertest.Intent(t, json.RawMessage(shopConfig), map[string]string{publishers.AccessToken: ShopifyToken})
	in.Content.Alt = dam.Text{"en": "A red shoe"}
	in.Content.SKUs = strings.Fields(sku)
	in.Keep = func(context.Context, publishers.State) error { return nil }
	return in
}

// Heroes come first, the shop's own pictures keep their order, and a recall leaves everything else.
func TestOrder(t *testing.T) {
	w := newSimulator(t, "CHR-1,CHR-1-XL", "CHR-2", "CHR-10")
	p := kind(w).Publisher
	own := w.Shown("CHR-1")
	ids := map[string]string{}
	intent := func(name, sku, slot string, n int, revision int64) publishers.Intent {
		in := intent(t, sku)
		if ids[name] == "" {
			ids[name] = in.ID
		}
		in.ID, in.Revision, in.Digest = ids[name], revision, fmt.Sprint(name, revision)
		for _, s := range in.Content.SKUs {
			if slot != "" {
				in.Content.Slots = append(in.Content.Slots, publishers.SlotPosition{SKU: s, Slot: slot, N: n})
			}
		}
		return in
	}
	publish := func(in publishers.Intent) publishers.State {
		t.Helper()
		var state publishers.State
		for range 2 { // repeating it changes nothing
			var err error
			if state, err = p.Prepare(t.Context(), in, nil); err != nil {
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
	shown("CHR-10", "own-chr-10.jpg") // the shop's search finds it too
	if alt := w.Alt(w.Shown("CHR-1")[0]); alt != "A red shoe" {
		t.Errorf("alternative text %q", alt)
	}
	publish(intent("hero", "CHR-1", "hero", 1, 2)) // which is no longer for the second product
	shown("CHR-1", "hero2", "back1", "detail1", own[0], "loose1")
	shown("CHR-2", "own-chr-2.jpg")
	// What a delayed node might still send: its files are gone, and the newer revision stays.
	if _, err := p.Commit(t.Context(), intent("hero", "CHR-1", "hero", 1, 1), held); publishers.ClassOf(err,
		"") != publishers.ClassRetry {
		t.Errorf("an older revision: %v", err)
	}
	shown("CHR-1", "hero2", "back1", "detail1", own[0], "loose1")
	for _, name := range []string{"hero", "back", "detail", "loose", "hero"} {
		in := intent(name, "CHR-1", "", 0, 1)
		in.Content = publishers.Content{Asset: in.Content.Asset}
		if answer, err := p.Recall(t.Context(), in, nil); err != nil || answer.IsZero() {
			t.Fatal(answer, err)
		}
		if out, err := p.Status(t.Context(), in, dam.Receipt{}); err != nil || out.Verdict != publishers.Absent {
			t.Errorf("%s after its recall: %+v %v", name, out, err)
		}
	}
	if got := w.Shown("CHR-1"); !slices.Equal(got, own) {
		t.Errorf("left after the recalls: %v", got)
	}
	if len(w.Videos()) != 1 {
		t.Error("a recall deleted what the shop has itself, and the search found")
	}
	long := intent("loose", "", "", 0, 1)
	long.Content.Alt = dam.Text{"en": strings.Repeat("é", 513)}
	if list := p.Validate(t.Context(), long); len(list) != 2 || list[0].Field != "skus" || list[1].Field != "alt" ||
		list[0].Remedy == "" || list[1].Remedy == "" {
		t.Errorf("an asset without a product, with a long text: %+v", list)
	}
	if _, err := p.Prepare(t.Context(), intent("none", "CHR", "hero", 1, 1), nil); publishers.ClassOf(err,
		"") != publishers.ClassPermanent {
		t.Errorf("a product that the shop has not got: %v", err)
	}
}

// If others add pictures while pictures are being put in order, arrange repeats until they are in order.
func TestOthersWrite(t *testing.T) {
	w := newSimulator(t, "CHR-1")
	p := kind(w).Publisher
	others := []string{"theirs-1.jpg", "theirs-2.jpg"}
	w.OnReorder = func() {
		if len(others) > 0 {
			w.Show("CHR-1", others[0])
			others = others[1:]
		}
	}
	in := intent(t, "CHR-1")
	in.Content.Slots = []publishers.SlotPosition{{SKU: "chr-1", Slot: "hero", N: 1}}
	deliver(t, p, in)
	if got := w.Shown("CHR-1"); len(others) > 0 || len(got) != 4 || !strings.HasPrefix(got[0], "vitrine-") {
		t.Errorf("%v, still to come %v", got, others)
	}
	// A commit whose answer was lost counts as delivered once the order is right; otherwise it is made again.
	w.Show("CHR-1", "theirs-0.jpg")
	state, err := p.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []publishers.Verdict{publishers.Absent, publishers.Delivered} {
		if out, err := p.Lookup(t.Context(), in, state); err != nil || out.Verdict != want {
			t.Errorf("%+v %v, want %s", out, err, want)
		}
		if _, err := p.Commit(t.Context(), in, state); err != nil {
			t.Error(err)
		}
	}

	// Two publications at once, on the same product.
	back, detail := intent(t, "CHR-1"), intent(t, "CHR-1")
	back.Content.Slots = []publishers.SlotPosition{{SKU: "CHR-1", Slot: "back", N: 1}}
	detail.Content.Slots = []publishers.SlotPosition{{SKU: "CHR-1", Slot: "detail", N: 1}}
	var group sync.WaitGroup
	group.Go(func() { deliver(t, p, detail) })
	group.Go(func() { deliver(t, p, back) })
	group.Wait()
	got := w.Shown("CHR-1")
	for i, want := range []string{"-hero-", "-back-", "-detail-", "theirs-0", "theirs-2", "theirs-1", "own-"} {
		if i >= len(got) || !strings.Contains(got[i], want) {
			t.Fatalf("%v", got)
		}
	}
}

func deliver(t *testing.T, p publishers.Publisher, in publishers.Intent) {
	state, err := p.Prepare(t.Context(), in, nil)
	if err == nil {
		_, err = p.Commit(t.Context(), in, state)
	}
	if err != nil {
		t.Error(err)
	}
}

// A node that is delayed between reading the product and its call leaves nothing beside a newer revision, even if the
// shop's search does not know the files yet. A recall with the receipt removes everything.
func TestOvertaken(t *testing.T) {
	w := newSimulator(t, "CHR-1", "CHR-2")
	w.Behind = true
	p := kind(w).Publisher
	in := intent(t, "CHR-1 CHR-2")
	newer := in
	newer.Revision, newer.Digest = 2, "fedcba9876543210"
	prepared, err := p.Prepare(t.Context(), newer, nil)
	if err != nil {
		t.Fatal(err)
	}
	state, err := p.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	var receipt publishers.Receipt
	held := Kind(func(string) string { return w.URL }, &http.Client{Transport: around{before: func(r *http.Request) {
		if receipt.Remote == "" && asks(t, r, "mutation fileUpdate") {
			if receipt, err = p.Commit(t.Context(), newer, prepared); err != nil {
				t.Error(err)
			}
		}
	}}})
	if _, err := held.Publisher.Commit(t.Context(), in, state); err != nil {
		t.Error(err)
	}
	for _, sku := range []string{"CHR-1", "CHR-2"} {
		if got := w.Shown(sku); len(got) != 2 || !strings.Contains(got[1], "-r2-") {
			t.Errorf("%s shows %v", sku, got)
		}
	}
	if _, err := p.Recall(t.Context(), in, &dam.Receipt{Remote: receipt.Remote, Data: receipt.Data}); err != nil {
		t.Error(err)
	}
	if left := w.Files("vitrine-"); len(left) > 0 {
		t.Errorf("left after the recall: %v", left)
	}
}

// asks reports whether a request contains an operation.
func asks(t *testing.T, r *http.Request, operation string) bool {
	body, err := r.GetBody()
	if err != nil {
		t.Error(err)
		return false
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Error(err)
	}
	return strings.Contains(string(b), operation)
}

// A staged upload that expired before Shopify fetched it is repeated automatically.
func TestExpiredUpload(t *testing.T) {
	w := newSimulator(t, "CHR-1", "CHR-2")
	p := kind(w).Publisher
	in := intent(t, "CHR-1")
	staged := 0
	k := Kind(func(string) string { return w.URL }, &http.Client{Transport: around{after: func(r *http.Request) {
		if r.URL.Path == "/staged" {
			if staged++; staged == 1 {
				w.ExpireUploads()
			}
		}
	}}})
	state, err := k.Publisher.Prepare(t.Context(), in, nil)
	if publishers.ClassOf(err, "") != publishers.ClassRetry || string(state) != "{}" {
		t.Fatalf("%s %v", state, err)
	}
	if left := w.Files("vitrine-"); len(left) > 0 {
		t.Errorf("the failed file was left: %v", left)
	}
	if state, err = k.Publisher.Prepare(t.Context(), in, state); err == nil {
		_, err = p.Commit(t.Context(), in, state)
	}
	if err != nil || len(w.Shown("CHR-1")) != 2 || len(w.Shown("CHR-2")) != 1 {
		t.Errorf("%v %v", w.Shown("CHR-1"), err)
	}
}

// around calls functions before a request is sent and after it was answered.
type around struct{ before, after func(*http.Request) }

func (a around) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.before != nil {
		a.before(r)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if a.after != nil {
		a.after(r)
	}
	return res, err
}

// A picture that Shopify is still processing has no name, so its recall has to be retried.
func TestUnfinished(t *testing.T) {
	w := newSimulator(t, "CHR-1")
	p := kind(w).Publisher
	in := intent(t, "CHR-1")
	in.Keep = func(ctx context.Context, _ publishers.State) error {
		if _, err := p.Recall(ctx, in, nil); publishers.ClassOf(err, "") != publishers.ClassRetry {
			t.Errorf("while it is worked on: %v", err)
		}
		return nil
	}
	if _, err := p.Prepare(t.Context(), in, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Recall(t.Context(), in, nil); err != nil || len(w.Files("vitrine-")) > 0 {
		t.Errorf("%v %v", w.Files("vitrine-"), err)
	}
}

// If a person deletes the file between upload and publication, the next attempt uploads it again.
func TestLostFile(t *testing.T) {
	w := newSimulator(t, "CHR-1")
	p := kind(w).Publisher
	in := intent(t, "chr-1")
	state, err := p.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	var s productMedia
	if err := json.Unmarshal(state, &s); err != nil {
		t.Fatal(err)
	}
	w.Lose(s.Placed[0].Name)
	if _, err := p.Commit(t.Context(), in, state); publishers.ClassOf(err, "") != publishers.ClassRetry {
		t.Errorf("a lost file: %v", err)
	}
	state, err = p.Prepare(t.Context(), in, state)
	if publishers.ClassOf(err, "") != publishers.ClassRetry || string(state) != "{}" {
		t.Errorf("%s %v", state, err)
	}
	if state, err = p.Prepare(t.Context(), in, state); err == nil {
		_, err = p.Commit(t.Context(), in, state)
	}
	if err != nil || len(w.Shown("CHR-1")) != 2 {
		t.Errorf("%v %v", w.Shown("CHR-1"), err)
	}
}
