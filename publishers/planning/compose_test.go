package planning_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

func text(s string) *string { return &s }

func TestPublishOnSeveralChannels(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		lib := dam.DefaultLibrary
		second := d.Channel(d.Node, "network", d.Remote.Config())
		place := publishertest.NewNetwork(publishers.NoIdempotency)
		place.Place = true
		kinds := []publishers.Kind{d.Remote.Kind(), place.Kind()}
		kinds[1].Name = "placed"
		s := d.Service("both", kinds...)
		third := d.Channel(s, "placed", place.Config())
		in := planning.PublishInput{Asset: d.Shoe.ID, At: d.In(time.Hour), Caption: "New in store", Campaign: "Spring",
			Post: dam.Post{FirstComment: "#shoes", Link: "https://shop.example.com/p?id=1&utm_term=kept",
				UTM: &dam.UTM{Medium: "social", Campaign: "spring", Term: "lost"}, Alt: "a red shoe on sand"},
			Channels: []planning.PublishTarget{
				{Channel: d.Account.ID},
				{Channel: second.ID, Caption: text("Here already"), At: text(d.In(2 * time.Hour)),
					FirstComment: text(""), Link: text("")},
				{Channel: third.ID, Alt: text("")},
			}}
		// All or none: what the second refuses is said, and nothing is planned.
		bad := in
		bad.Channels = slices.Clone(in.Channels)
		bad.Channels[1].Caption = text(strings.Repeat("x", 312))
		_, err := s.Planning.PublishAll(catalogtest.Context(t), lib, bad)
		publishertest.Invalid(t, err, "channels[1].caption")
		if !strings.Contains(err.Error(), "312 of 300") {
			t.Error(err)
		}
		bad.Channels = append(bad.Channels[:1:1], planning.PublishTarget{Channel: d.Account.ID})
		_, err = s.Planning.PublishAll(catalogtest.Context(t), lib, bad)
		publishertest.Invalid(t, err, "channels[1].channel")
		_, err = s.Planning.PublishAll(catalogtest.Context(t), lib, planning.PublishInput{Asset: d.Shoe.ID})
		publishertest.Invalid(t, err, "channels")
		for field, post := range map[string]dam.Post{"link": {Link: "javascript:alert(1)"},
			"utm": {UTM: &dam.UTM{Medium: "x"}}} {
			_, err := s.Planning.Publish(catalogtest.Context(t), lib, planning.PublishInput{Asset: d.Shoe.ID,
				Channel: d.Account.ID, Post: post})
			publishertest.Invalid(t, err, field)
		}
		if n := len(d.Of(d.Shoe.ID, d.Account.ID)) + len(d.Of(d.Shoe.ID, second.ID)); n != 0 {
			t.Fatalf("%d publications were planned by refused calls", n)
		}
		// A repeat with the same key is the same request.
		keyed := catalog.WithIdempotencyKey(catalogtest.Context(t), catalog.IdempotencyKey{Key: "k1", Fingerprint: "f"})
		list, err := s.Planning.PublishAll(keyed, lib, in)
		if err != nil || len(list) != 3 {
			t.Fatalf("%v, %v", list, err)
		}
		again, err := s.Planning.PublishAll(keyed, lib, in)
		if err != nil || len(again) != 3 || again[2].ID != list[2].ID {
			t.Fatalf("%v, %v", again, err)
		}
		d.Clock.Advance(3 * time.Hour)
		for d.Turn(s) > 0 {
		}
		posts := d.Remote.All()
		// two channels, in no order
		slices.SortFunc(posts, func(a, b publishertest.Post) int { return strings.Compare(b.Text, a.Text) })
		if len(posts) != 2 ||
			posts[0].Text != "New in store\n\nhttps://shop.example.com/p?id=1&utm_campaign=spring&utm_medium=social&"+
				"utm_source=network&utm_term=kept" || posts[1].Text != "Here already" {
			t.Fatalf("%+v", posts)
		}
		placed := place.All()
		if len(placed) != 1 || placed[0].Text != "New in store" ||
			!strings.HasPrefix(placed[0].Link, "https://shop.example.com/p?") {
			t.Fatalf("%+v", placed)
		}
		if got := d.Remote.Comments(posts[0].ID); !slices.Equal(got, []string{"#shoes"}) ||
			len(d.Remote.Comments(posts[1].ID)) != 0 {
			t.Errorf("comments %v", got)
		}
		p := d.Read(list[0].ID)
		if p.Receipt.Comment == nil || p.Receipt.Comment.Remote == "" || p.Campaign == "" ||
			p.Alt != "a red shoe on sand" {
			t.Errorf("%+v", p)
		}
	})
}

func TestFirstCommentIsSentOnce(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	p := d.PublishInput(planning.PublishInput{Post: dam.Post{FirstComment: "refuse me"}})
	d.Drain()
	p = d.State(p.ID, dam.PubDelivered)
	if c := p.Receipt.Comment; c == nil || c.Problem == "" || c.Remote != "" || len(c.ProblemReasons) != 1 ||
		c.ProblemReasons[0].Text() != c.Problem {
		t.Errorf("%+v", c)
	}
	if end := p.Steps[len(p.Steps)-1]; len(end.NoteReasons) != 1 || !end.NoteReasons[0].Is(reasons.CodeCommentFailed) {
		t.Errorf("%+v", end)
	}
	d.Drain()
	if n := len(d.Remote.Comments(p.Receipt.Remote)); n != 0 {
		t.Errorf("%d comments", n)
	}
}

func TestCheckPublish(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		lib := dam.DefaultLibrary
		check := func(in planning.PublishInput) planning.PublishCheck {
			t.Helper()
			in.Channel = d.Account.ID
			list, err := d.Node.Planning.CheckPublish(catalogtest.Context(t), lib, in)
			if err != nil || len(list) != 1 {
				t.Fatalf("%v, %v", list, err)
			}
			return list[0]
		}
		good := check(planning.PublishInput{Asset: d.Shoe.ID, Caption: "hello", At: "2027-07-01T09:00",
			Zone: "Europe/Paris", Post: dam.Post{Link: "https://example.com/"}})
		if len(good.Problems) != 0 || len(good.Warnings) != 0 || !good.Ready || len(good.Media) != 1 ||
			good.Media[0].Format != dam.JPEG || good.At.Format(time.RFC3339) != "2027-07-01T07:00:00Z" ||
			good.Caption != (planning.CaptionCount{Used: 27, Max: 300, Unit: "runes"}) || good.Alt == "" ||
			!good.FirstComment || good.Limits.CaptionMax != 300 {
			t.Errorf("%+v", good)
		}
		draft := d.Draft("green shoe")
		d.Patch(draft.ID, `{"rights": {"territories": ["FR"]}}`)
		fields := func(list []dam.Problem) (out []string) {
			for _, p := range list {
				if p.Message == "" || p.Remedy == "" {
					t.Errorf("without words: %+v", p)
				}
				out = append(out, p.Field)
			}
			return out
		}
		bad := check(planning.PublishInput{Asset: draft.ID, Presets: []string{"nope"}, At: "next-slot",
			Post: dam.Post{Link: "ftp://x"}})
		if got := fields(bad.Problems); !slices.Equal(got, []string{"at", "presets[0]", "asset", "link"}) {
			t.Errorf("%v", got)
		}
		long := check(planning.PublishInput{Asset: d.Shoe.ID, Caption: strings.Repeat("é", 301)})
		if got := fields(long.Problems); !slices.Equal(got, []string{"caption"}) || long.Caption.Used != 301 {
			t.Errorf("%v %+v", got, long.Caption)
		}
		if _, err := d.Node.Accounts.PauseChannel(catalogtest.Context(t), lib, d.Account.ID); err != nil {
			t.Fatal(err)
		}
		d.Patch(d.Shoe.ID, `{"alt": null}`)
		d.Plan(d.In(time.Hour))
		warned := check(planning.PublishInput{Asset: d.Shoe.ID, At: d.In(time.Hour)})
		if got := fields(warned.Warnings); !slices.Equal(got, []string{"alt", "channel", "at"}) ||
			len(warned.Problems) != 0 {
			t.Errorf("%v %v", got, warned.Problems)
		}
		rows, err := c.Publications().List(catalogtest.Context(t), lib, dam.PublicationFilter{Limit: 10})
		if err != nil || len(rows) != 1 {
			t.Errorf("checks left %d publications, %v", len(rows), err)
		}
	})
}

func TestLive(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		lib := dam.DefaultLibrary
		p := d.PublishInput(planning.PublishInput{Caption: "look"})
		d.Plan(d.In(time.Hour))
		d.Drain()
		live, err := d.Node.Planning.LiveOf(catalogtest.Context(t), lib, d.Shoe.ID)
		if err != nil || len(live) != 1 || live[0].Publication != p.ID || live[0].URL == "" || live[0].Since == nil ||
			len(live[0].Media) != 1 || len(live[0].Media[0].SHA256) != 64 || live[0].Caption != "look" ||
			live[0].Name == "" || live[0].ApprovedBy == "" {
			t.Fatalf("%+v, %v", live, err)
		}
		if _, err := d.Node.Planning.Recall(catalogtest.Context(t), lib, p.ID, ""); err != nil {
			t.Fatal(err)
		}
		d.Drain()
		if live, err = d.Node.Planning.LiveOf(catalogtest.Context(t), lib, d.Shoe.ID); err != nil || len(live) != 0 {
			t.Errorf("%+v, %v", live, err)
		}
	})
}

func TestEditPlanned(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	lib := dam.DefaultLibrary
	p := d.Plan(d.In(time.Hour))
	edit := func(rev int64, e planning.PublicationPatch) (dam.Publication, error) {
		return d.Node.Planning.EditPublication(catalogtest.Context(t), lib, p.ID, rev, e)
	}
	q, err := edit(1, planning.PublicationPatch{Caption: text("better"), Link: text("https://example.com/"),
		UTM: &dam.UTM{Medium: "m"}, Campaign: text("Spring"), FirstComment: text("one"), At: text("2027-03-28T02:30"),
		Zone: text("Europe/Paris")})
	if err != nil || q.Revision != 2 || q.Campaign == "" || q.At.Format(time.RFC3339) != "2027-03-28T01:00:00Z" {
		t.Fatalf("%+v, %v", q, err)
	}
	if _, err := edit(1, planning.PublicationPatch{Caption: text("stale")}); dam.CodeOf(err) != dam.Stale {
		t.Error(err)
	}
	var e *dam.Error
	if _, err := edit(0, planning.PublicationPatch{Link: text("x")}); !errors.As(err, &e) || e.Field != "link" {
		t.Error(err)
	}
	if q, err = edit(2, planning.PublicationPatch{Link: text(""), Campaign: text("")}); err != nil || q.Link != "" ||
		q.UTM != nil || q.Campaign != "" || q.Caption != "better" {
		t.Errorf("%+v, %v", q, err)
	}
}
