package wordpress

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// send takes a publication through Prepare and Commit.
func send(t *testing.T, in publishers.Intent) publishers.Receipt {
	t.Helper()
	p := Kind(client()).Publisher
	state, err := p.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Commit(t.Context(), in, state)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// page reads what the site shows at an address, as HTML and as the text that people see.
func page(t *testing.T, address string) (raw, shown string) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", address, res.StatusCode, err)
	}
	return string(b), html.UnescapeString(regexp.MustCompile(`(?s)<!--.*?-->|<[^>]*>`).ReplaceAllString(string(b), ""))
}

// read is a post with all that the API says of it.
func (w *wordPress) read(t *testing.T, id string) (x struct {
	Slug, Status, Date string
	FeaturedMedia      int `json:"featured_media"`
	Tags, Categories   []int
	Excerpt            struct{ Raw string }
}) {
	t.Helper()
	if err := (&publisher{client()}).get(t.Context(), w.account(), "posts/"+id, url.Values{"context": {"edit"}},
		&x); err != nil {
		t.Fatal(err)
	}
	return x
}

// repeats tests that publishing an asset again makes another post, and that an update by name changes one.
func (w *wordPress) repeats(t *testing.T) {
	cat := catalogtest.SQLite(t)
	world := publishertest.NewWorld(t, cat)
	s := world.Service("a", Kind(client()))
	ch := world.Channel(s, Name, w.config("shop", w.password))
	shoe := world.Asset("repeated shoe")
	publish := func(caption, update string) dam.Publication {
		t.Helper()
		p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{Asset: shoe.ID,
			Channel: ch.ID, Caption: caption + " " + shoe.ID, Update: update})
		if err != nil {
			t.Fatal(err)
		}
		return world.Until(s, p.ID, dam.PubDelivered)
	}
	first, second := publish("once", ""), publish("twice", "")
	if first.ID == second.ID || first.Receipt.Remote == second.Receipt.Remote {
		t.Fatalf("the second publication is the first post: %+v %+v", first.Receipt, second.Receipt)
	}
	third := publish("changed", first.Receipt.URL)
	if third.ID != first.ID || third.Receipt.Remote != first.Receipt.Remote || third.Receipt.URL != first.Receipt.URL {
		t.Errorf("an update of %s %s became %s %s", first.ID, first.Receipt.URL, third.ID, third.Receipt.URL)
	}
	for _, want := range []struct{ url, text string }{{first.Receipt.URL, "changed"}, {second.Receipt.URL, "twice"}} {
		if _, shown := page(t, want.url); !strings.Contains(shown, want.text+" "+shoe.ID) {
			t.Errorf("%s lacks %q", want.url, want.text)
		}
	}
	if n := len(w.public(t, shoe.ID)); n != 2 {
		t.Errorf("%d posts", n)
	}
	if _, err := s.Planning.RecallAsset(catalogtest.Context(t), dam.DefaultLibrary, shoe.ID, ""); err != nil {
		t.Fatal(err)
	}
	world.Until(s, first.ID, dam.PubRecalled)
	world.Until(s, second.ID, dam.PubRecalled)
	if left := w.left(t, shoe.ID); len(left) > 0 {
		t.Errorf("left after the recall: %v", left)
	}
}

// textStaysText tests that nothing people write is run by the site.
func (w *wordPress) textStaysText(t *testing.T) {
	for name, picture := range map[string]string{"featured": "", "inline": inline} {
		in := w.intent("p_text"+name, "image/gif", "gif", pixel)
		in.Content.Title = dam.Text{"en": "Sale [shortcode] <b>50</b> & more <!-- wp:test/block /-->"}
		in.Content.Alt = dam.Text{"en": `shoe [shortcode] "red"`}
		in.Content.Copyright = "© [shortcode]"
		in.Content.Link = "https://shop.example.com/?a[shortcode]=1"
		in.Content.Text = "[shortcode] and [[shortcode]]\n[shortcode]x[/shortcode]\n\nhttps://video.example.com/1\n\n" +
			"see\nhttps://video.example.com/2\nthere\n\n<!-- wp:test/block /-->\n\n<script>no</script> " +
			"<!--nextpage--> &amp; end"
		options, err := json.Marshal(map[string]string{"excerpt": "short [shortcode] https://video.example.com/3",
			"picture": picture, "tags": "[shortcode]"})
		if err != nil {
			t.Fatal(err)
		}
		in.Content.Options = options
		raw, shown := page(t, send(t, in).URL)
		for _, not := range []string{"RAN", "EMBEDDED", "BLOCK", "<script>no"} {
			if strings.Contains(raw, not) {
				t.Errorf("%s: the site ran what was text (%s):\n%s", name, not, raw)
			}
		}
		for _, want := range []string{"Sale [shortcode] <b>50</b> & more", "[shortcode] and [[shortcode]]",
			"[shortcode]x[/shortcode]", "https://video.example.com/1", "https://video.example.com/2", "wp:test/block /",
			"<script>no</script>", "&amp; end", "short [shortcode] https://video.example.com/3"} {
			if !strings.Contains(shown, want) {
				t.Errorf("%s: the page does not show %q:\n%s", name, want, shown)
			}
		}
		if !strings.Contains(html.UnescapeString(raw), `href="https://shop.example.com/?a[shortcode]=1"`) {
			t.Errorf("%s: the link is not there:\n%s", name, raw)
		}
		if !strings.Contains(html.UnescapeString(raw), `alt="shoe [shortcode] "red""`) {
			t.Errorf("%s: the alternative text is not there:\n%s", name, raw)
		}
	}
}

func (w *wordPress) options(t *testing.T) {
	p := Kind(client()).Publisher
	with := func(id, options string) publishers.Intent {
		in := w.intent(id, "image/gif", "gif", pixel)
		in.Content.Options = json.RawMessage(options)
		return in
	}
	at := func(r publishers.Receipt) dam.Receipt { return dam.Receipt{Remote: r.Remote, URL: r.URL, Data: r.Data} }
	in := with("p_said",
		`{"title": "Spring & summer", "slug": "spring", "excerpt": "All new", "picture": "inline", "status": "private"}`)
	x := w.read(t, send(t, in).Remote)
	if x.Slug != "spring" || x.Status != "private" || x.FeaturedMedia != 0 || x.Excerpt.Raw != "All new" {
		t.Errorf("%+v", x)
	}
	in = with("p_later", `{"status": "scheduled", "date": "2096-12-20T09:00"}`)
	r := send(t, in)
	if x := w.read(t, r.Remote); x.Status != "future" || x.Date != "2096-12-20T09:00:00" {
		t.Errorf("%+v", x)
	}
	if out, err := p.Status(t.Context(), in, at(r)); err != nil || out.Verdict != publishers.Delivered {
		t.Errorf("a scheduled post: %+v %v", out, err)
	}
	in.Content.Rights.Until = "2096-12-19"
	if list := p.Validate(t.Context(), in); len(list) != 1 || list[0].Field != "options.date" {
		t.Errorf("a date after the rights: %+v", list)
	}
	if list := p.Validate(t.Context(), with("p_x", `{"status": "scheduled"}`)); len(list) != 1 {
		t.Errorf("scheduled without a date: %+v", list)
	}

	// A draft is the editors' own from then on: what they published stays public when the asset changes.
	in = with("p_draft", `{"status": "draft"}`)
	r = send(t, in)
	if out, err := p.Status(t.Context(), in, at(r)); err != nil || out.Verdict != publishers.Delivered ||
		w.read(t, r.Remote).Status != "draft" || r.PostStatus != dam.PostDraft {
		t.Errorf("a draft: %+v %+v %v", r, out, err)
	}
	if err := (&publisher{client()}).send(t.Context(), w.account(), "posts/"+r.Remote,
		map[string]string{"status": "publish", "slug": "by-hand"}, nil); err != nil {
		t.Fatal(err)
	}
	receipt := at(r)
	in.Revision, in.Digest, in.Content.Text, in.Receipt = 2, "d2", "a newer text", &receipt
	if again := send(t, in); again.Remote != r.Remote || again.PostStatus != "" ||
		w.read(t, r.Remote).Status != "publish" || w.read(t, r.Remote).Slug != "by-hand" {
		t.Errorf("after an update: %+v of %s", w.read(t, r.Remote), again.Remote)
	}
	for range 2 {
		if _, err := p.Recall(t.Context(), in, &receipt); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := p.Status(t.Context(), in, receipt); err != nil || out.Verdict != publishers.Absent {
		t.Errorf("after the recall: %+v %v", out, err)
	}
	if left := w.left(t, "a_draft"); len(left) > 0 {
		t.Errorf("left after the recall: %v", left)
	}
}

// terms tests that tags and categories are found by their names, and made where the account may.
func (w *wordPress) terms(t *testing.T) {
	p := &publisher{client()}
	author := publishers.Account{Config: w.config("writer", ""), Secrets: map[string]string{"password": w.writer}}
	list := []string{"Caps & hats", "Été", "日本"}
	made, err := p.terms(t.Context(), author, tags, list)
	if err != nil || len(made) != 3 {
		t.Fatal(made, err)
	}
	again, err := p.terms(t.Context(), author, tags, []string{"caps & HATS", "été", "日本"})
	if err != nil || fmt.Sprint(again) != fmt.Sprint(made) {
		t.Errorf("found %v (%v), made %v", again, err, made)
	}
	for name, taxonomy := range map[string]string{"tags": tags, "categories": categories} {
		in := w.intent("p_"+name, "image/gif", "gif", pixel)
		in.Content.Options = json.RawMessage(`{"` + name + `": "Shoes & boots, sale,, Sale"}`)
		x := w.read(t, send(t, in).Remote)
		ids := map[string][]int{tags: x.Tags, categories: x.Categories}[taxonomy]
		want, err := p.terms(t.Context(), author, taxonomy, []string{"shoes & boots", "SALE"})
		if err != nil || fmt.Sprint(ids) != fmt.Sprint(want) && fmt.Sprint(ids) != fmt.Sprint([]int{want[1], want[0]}) {
			t.Errorf("%s %v, want %v (%v)", name, ids, want, err)
		}
	}
	_, err = p.terms(t.Context(), author, categories, []string{"Only editors"})
	if e := publishers.Classify(err, ""); e.Class != publishers.ClassPermanent || e.Field != "options.categories" ||
		!strings.Contains(e.Text(), "Only editors") {
		t.Errorf("a category that an author may not make: %v", err)
	}
}

// names tests that addresses come from titles, whatever is in them.
func (w *wordPress) names(t *testing.T) {
	for i, c := range []struct{ title, slug, file string }{
		{"Crème brûlée — Straße", "creme-brulee-strase", "creme-brulee-strasse"},
		{"Crème brûlée — Straße", "creme-brulee-strase-2", "creme-brulee-strasse"},
		{"赤い靴", url.PathEscape("赤い靴"), "赤い靴"},
		{strings.Repeat("long ", 60), strings.TrimSuffix(strings.Repeat("long-", 12), "-"),
			strings.TrimSuffix(strings.Repeat("long-", 16), "-")},
		{"🙂", "", "a-red-shoe"},
		{"../../etc/passwd.php", "etc-passwd-php", "etc-passwd-php"},
	} {
		in := w.intent("p_names"+strconv.Itoa(i), "image/gif", "gif", pixel)
		in.Content.Title = dam.Text{"en": c.title}
		r := send(t, in)
		if got := w.read(t, r.Remote).Slug; c.slug != "" && !strings.EqualFold(got, c.slug) {
			t.Errorf("%.40s: slug %q, want %q", c.title, got, c.slug)
		}
		list, err := (&publisher{client()}).uploaded(t.Context(), in, 0)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		name, err := url.PathUnescape(path.Base(list[0].Source))
		if err != nil || !regexp.MustCompile("^"+regexp.QuoteMeta(c.file)+`(-\d+)?\.gif$`).MatchString(name) {
			t.Errorf("%.40s: file %q, want %q", c.title, name, c.file)
		}
		page(t, r.URL)
	}
}

// editors tests that a recall finds a post that the site's editors have rewritten, and leaves what they uploaded.
func (w *wordPress) editors(t *testing.T) {
	p := &publisher{client()}
	in := w.intent("p_edited", "image/gif", "gif", pixel)
	r := send(t, in)
	id, err := strconv.Atoi(r.Remote)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.send(t.Context(), w.account(), "posts/"+r.Remote,
		map[string]string{"content": "written anew", "slug": "anew"}, nil); err != nil {
		t.Fatal(err)
	}
	var theirs attachment
	if err := p.uploadOnce(t.Context(), in, in.Content.Media[0], "theirs.gif", url.Values{"post": {r.Remote}},
		&theirs); err != nil {
		t.Fatal(err)
	}
	receipt := dam.Receipt{Remote: r.Remote, Data: r.Data}
	if out, err := p.Status(t.Context(), in, receipt); err != nil || out.Verdict != publishers.Delivered {
		t.Errorf("a rewritten post: %+v %v", out, err)
	}
	if _, err := p.Recall(t.Context(), in, &receipt); err != nil {
		t.Fatal(err)
	}
	if out, err := p.Status(t.Context(), in, receipt); err != nil || out.Verdict != publishers.Absent {
		t.Errorf("after the recall: %+v %v", out, err)
	}
	if err := p.get(t.Context(), w.account(), "media/"+strconv.Itoa(theirs.ID), nil, nil); err != nil {
		t.Errorf("the editors' own picture: %v", err)
	}
	// A post that nothing shows to be the publication's is for a person.
	var foreign post
	if err := p.send(t.Context(), w.account(), "posts", map[string]string{"title": "not ours", "status": "publish"},
		&foreign); err != nil || foreign.ID == id {
		t.Fatal(foreign, err)
	}
	_, err = p.Recall(t.Context(), in, &dam.Receipt{Remote: strconv.Itoa(foreign.ID)})
	if publishers.ClassOf(err, "") != publishers.ClassPermanent {
		t.Errorf("a post of others: %v", err)
	}
	page(t, foreign.Link)
}

// older tests that a post of an older release, which has the handle as its slug and a shorter mark, is updated where it
// is and taken back.
func (w *wordPress) older(t *testing.T) {
	p := &publisher{client()}
	in := w.intent("p_older", "image/gif", "gif", pixel)
	var old post
	if err := p.send(t.Context(), w.account(), "posts", map[string]string{"slug": handle(in.ID), "status": "publish",
		"title": "old", "content": "<p>old</p><!-- vitrine a_older 1 d1 -->"}, &old); err != nil {
		t.Fatal(err)
	}
	if out, err := p.Lookup(t.Context(), in, nil); err != nil || out.Verdict != publishers.Delivered {
		t.Errorf("a look-up: %+v %v", out, err)
	}
	receipt := dam.Receipt{Remote: strconv.Itoa(old.ID), URL: old.Link}
	in.Revision, in.Digest, in.Receipt = 2, "d2", &receipt
	if r := send(t, in); r.Remote != receipt.Remote || r.URL != old.Link {
		t.Errorf("an update moved the post from %s to %s", old.Link, r.URL)
	}
	if _, shown := page(t, old.Link); !strings.Contains(shown, "New & red") {
		t.Errorf("the update is not shown: %s", shown)
	}
	if _, err := p.Recall(t.Context(), in, &receipt); err != nil {
		t.Fatal(err)
	}
	if left := w.left(t, "a_older"); len(left) > 0 {
		t.Errorf("left after the recall: %v", left)
	}
}
