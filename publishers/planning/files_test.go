package planning_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// album is a fixture whose channel takes several pictures, with three approved assets.
func album(t *testing.T, c *catalog.Catalog) (f *publishertest.Fixture, hat, bag dam.Asset) {
	t.Helper()
	f = publishertest.NewFixture(t, c, func(n *publishertest.Network) { n.Files.Pictures = 3 })
	return f, f.Asset("blue hat"), f.Asset("green bag")
}

func post(f *publishertest.Fixture, at string, files ...dam.PostFile) (dam.Publication, error) {
	return f.Node.Planning.Publish(dam.AsSystem(context.Background(), "a test"), dam.DefaultLibrary,
		planning.PublishInput{Files: files, Channel: f.Account.ID, At: at})
}

// A post of several files is sent once, with its files in order and their own words.
func TestSeveralFiles(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f, hat, bag := album(t, c)
		files := []dam.PostFile{{Asset: hat.ID, Alt: "a hat"}, {Asset: f.Shoe.ID}, {Asset: bag.ID, Alt: "a bag"}}
		p, err := post(f, "", files...)
		if err != nil {
			t.Fatal(err)
		}
		if p.Asset != hat.ID || !slices.Equal(p.Files, files) {
			t.Errorf("planned: %+v", p)
		}
		p = f.Until(f.Node, p.ID, dam.PubDelivered)
		if got := f.Remote.Last(hat.ID).Files; len(got) != 3 || got[0] != hat.ID+" a hat" ||
			!strings.HasPrefix(got[1], f.Shoe.ID) || got[2] != bag.ID+" a bag" || f.Remote.Total() != 1 {
			t.Errorf("posted %d: %q", f.Remote.Total(), got)
		}
		if m := p.Receipt.Media; len(m) != 3 || m[1].Asset != f.Shoe.ID || m[0].SHA256 == m[2].SHA256 {
			t.Errorf("receipt: %+v", m)
		}
		for _, a := range []dam.Asset{hat, f.Shoe, bag} { // it is there for each of its assets
			live, err := f.Node.Planning.LiveOf(catalogtest.Context(t), dam.DefaultLibrary, a.ID)
			if err != nil || len(live) != 1 || live[0].Publication != p.ID {
				t.Errorf("live of %s: %v, %v", a.ID, live, err)
			}
		}
	})
}

// What becomes of any file becomes of the post.
func TestAnyFileTakesThePostBack(t *testing.T) {
	for name, end := range map[string]func(f *publishertest.Fixture, asset string){
		"archived": func(f *publishertest.Fixture, asset string) { f.Decide(asset, dam.Archive) },
		"expired":  func(f *publishertest.Fixture, asset string) { f.Patch(asset, `{"rights": {"until": "2020-01-01"}}`) },
		"binned":   func(f *publishertest.Fixture, asset string) { f.Delete(asset) },
		"recalled": func(f *publishertest.Fixture, asset string) {
			if _, err := f.Node.Planning.RecallAsset(catalogtest.Context(t), dam.DefaultLibrary, asset,
				"the model asked"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
				f, hat, bag := album(t, c)
				files := []dam.PostFile{{Asset: f.Shoe.ID}, {Asset: hat.ID}, {Asset: bag.ID}}
				out, err := post(f, "", files...)
				if err != nil {
					t.Fatal(err)
				}
				planned, err := post(f, f.In(time.Hour), files...)
				if err != nil {
					t.Fatal(err)
				}
				out = f.Until(f.Node, out.ID, dam.PubDelivered)
				end(f, bag.ID)
				f.Until(f.Node, out.ID, dam.PubRecalled)
				f.Clock.Advance(2 * time.Hour)
				f.Drain()
				if p := f.Read(planned.ID); !p.State.Closed() && p.State != dam.PubFailed {
					t.Errorf("what was planned is %s", p.State)
				}
				if n := f.Remote.LivePosts(f.Shoe.ID); n != 0 || f.Remote.Posts(f.Shoe.ID) != 1 {
					t.Errorf("%d posts are left of %d", n, f.Remote.Posts(f.Shoe.ID))
				}
			})
		})
	}
}

// What stands in the way of a post of several files is said before anything is planned.
func TestFilesAreRefused(t *testing.T) {
	f, hat, bag := album(t, catalogtest.SQLite(t))
	draft, belt := f.Draft("a draft"), f.Asset("belt")
	for name, x := range map[string]struct {
		files []dam.PostFile
		field string
	}{
		"not approved": {[]dam.PostFile{{Asset: hat.ID}, {Asset: draft.ID}}, "files[1].asset"},
		"too many": {[]dam.PostFile{{Asset: hat.ID}, {Asset: bag.ID}, {Asset: f.Shoe.ID}, {Asset: belt.ID}},
			"files"},
		"no asset":       {[]dam.PostFile{{Asset: hat.ID}, {Asset: "a_none"}}, "files[1].asset"},
		"twice":          {[]dam.PostFile{{Asset: hat.ID}, {Asset: hat.ID, Alt: "again"}}, "files[1]"},
		"without asset":  {[]dam.PostFile{{Asset: hat.ID}, {Alt: "nothing"}}, "files[1]"},
		"unknown preset": {[]dam.PostFile{{Asset: hat.ID}, {Asset: bag.ID, Preset: "nope"}}, "files[1].presets"},
	} {
		_, err := post(f, "", x.files...)
		var e *dam.Error
		if !errors.As(err, &e) || e.Field != x.field || e.Text() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f.Drain(); f.Remote.Total() != 0 {
		t.Errorf("%d posts", f.Remote.Total())
	}
	// A channel whose kind says nothing takes one.
	single := publishertest.NewNetwork(publishers.NoIdempotency).Kind()
	single.Name = "single"
	s := f.Service("b", f.Remote.Kind(), single)
	ch := f.Channel(s, "single", f.Remote.Config())
	_, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{
		Files: []dam.PostFile{{Asset: hat.ID}, {Asset: bag.ID}}, Channel: ch.ID})
	publishertest.Invalid(t, err, "files")
	// One file is a publication of one asset.
	p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{
		Files: []dam.PostFile{{Asset: hat.ID, Alt: "a hat"}}, Channel: ch.ID})
	if err != nil || p.Asset != hat.ID || p.Alt != "a hat" || len(f.Read(p.ID).Files) != 1 {
		t.Errorf("one file: %+v, %v", p, err)
	}
	// Rights that never meet.
	f.Patch(hat.ID, `{"rights": {"until": "2100-01-01"}}`)
	f.Patch(bag.ID, `{"rights": {"from": "2101-01-01"}}`)
	_, err = post(f, "", dam.PostFile{Asset: hat.ID}, dam.PostFile{Asset: bag.ID})
	if dam.CodeOf(err) != dam.Conflict {
		t.Errorf("rights that never meet: %v", err)
	}
}

// A post with an end is taken down then, and not sent after it.
func TestPostsEnd(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := publishertest.NewFixture(t, c, nil)
		p := f.PublishInput(planning.PublishInput{Ends: f.In(3 * time.Hour)})
		if p.Ends == nil {
			t.Fatalf("planned: %+v", p)
		}
		p = f.Until(f.Node, p.ID, dam.PubDelivered)
		f.Clock.Advance(2 * time.Hour)
		if f.Drain(); f.Remote.LivePosts(f.Shoe.ID) != 1 {
			t.Error("it is gone before its end")
		}
		// What is out may be given another end: nothing is sent again.
		edit := func(ends string) dam.Publication {
			t.Helper()
			x, err := f.Node.Planning.EditPublication(catalogtest.Context(t), dam.DefaultLibrary, p.ID, 0,
				planning.PublicationPatch{Ends: &ends})
			if err != nil || x.State != dam.PubDelivered {
				t.Fatalf("%+v, %v", x, err)
			}
			return x
		}
		if x := edit(""); x.Ends != nil {
			t.Errorf("the end is taken away: %s", x.Ends)
		}
		f.Clock.Advance(2 * time.Hour)
		if f.Drain(); f.Remote.LivePosts(f.Shoe.ID) != 1 {
			t.Error("it is gone, although its end was taken away")
		}
		edit(f.In(time.Hour))
		f.Clock.Advance(2 * time.Hour)
		f.Until(f.Node, p.ID, dam.PubRecalled)
		if n := f.Remote.LivePosts(f.Shoe.ID); n != 0 || f.Remote.Total() != 1 {
			t.Errorf("%d posts are left of %d", n, f.Remote.Total())
		}

		late := f.PublishInput(planning.PublishInput{At: f.In(time.Hour), Ends: f.In(2 * time.Hour)})
		f.Clock.Advance(3 * time.Hour)
		if f.Drain(); f.Remote.Total() != 1 || f.Read(late.ID).State != dam.PubCancelled {
			t.Errorf("sent after its end: %s", publishertest.Ledger(f.Read(late.ID)))
		}
		for _, ends := range []string{f.In(-time.Hour), f.In(time.Minute), "tomorrow"} {
			_, err := f.Node.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{
				Asset: f.Shoe.ID, Channel: f.Account.ID, At: f.In(time.Hour), Ends: ends})
			publishertest.Invalid(t, err, "ends")
		}
	})
}
