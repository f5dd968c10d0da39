package planning_test

import (
	"fmt"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/dam/review"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// What a recall took back comes back where that can't post twice, and is proposed elsewhere: for both ways out of a
// recall, for what people and what rules had published, also when the recall is over before the remote has taken
// anything down.
func TestReinstate(t *testing.T) {
	for _, mode := range []publishers.Idempotency{publishers.Durable, publishers.ByHandle, publishers.Windowed,
		publishers.NoIdempotency} {
		for _, origin := range []string{"hand", "rule"} {
			for _, way := range []string{"reinstated", "approved again", "reinstated at once"} {
				t.Run(fmt.Sprintf("%s/%s/%s", mode, origin, way), func(t *testing.T) {
					t.Parallel()
					comesBack(t, mode, origin, way)
				})
			}
		}
	}
}

func comesBack(t *testing.T, mode publishers.Idempotency, origin, way string) {
	ctx := catalogtest.Context(t)
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), func(n *publishertest.Network) { n.Mode = mode })
	reviews := &review.Service{Catalog: d.Catalog}
	over := func() {
		t.Helper()
		if way == "approved again" {
			d.Decide(d.Shoe.ID, dam.Reject)
			d.Decide(d.Shoe.ID, dam.Approve)
		} else if _, err := reviews.Reinstate(ctx, dam.DefaultLibrary, d.Shoe.ID, 0, "the price is right"); err != nil {
			t.Fatal(err)
		}
	}
	settle := func() {
		d.Drain()
		d.Clock.Advance(time.Minute) // past every pause before something irrevocable
		d.Drain()
		if live := d.Remote.LivePosts(d.Shoe.ID); live > 1 {
			t.Fatalf("%d posts are out at once", live)
		}
	}
	recall := func() {
		t.Helper()
		if _, err := d.Node.Planning.RecallAsset(ctx, dam.DefaultLibrary, d.Shoe.ID, "wrong price"); err != nil {
			t.Fatal(err)
		}
		if way != "reinstated at once" {
			settle()
			if live := d.Remote.LivePosts(d.Shoe.ID); live != 0 {
				t.Fatalf("%d posts are out after the recall", live)
			}
		}
	}
	newest := func(state dam.PublicationState, rows, posts, live int) dam.Publication {
		t.Helper()
		list := d.Of(d.Shoe.ID, d.Account.ID)
		p := list[len(list)-1]
		if p.State != state || p.Origin != origin || len(list) != rows || d.Remote.Posts(d.Shoe.ID) != posts ||
			d.Remote.LivePosts(d.Shoe.ID) != live {
			t.Fatalf("%d publications, %d posts, %d out, want %d, %d, %d and %s\n%s", len(list),
				d.Remote.Posts(d.Shoe.ID), d.Remote.LivePosts(d.Shoe.ID), rows, posts, live, state,
				publishertest.Ledger(d.Read(p.ID)))
		}
		return p
	}
	if origin == "rule" {
		d.Rule(d.Node, d.Account.ID, "")
	} else {
		d.PublishInput(planning.PublishInput{Caption: "hello"})
	}
	settle()
	first := newest(dam.PubDelivered, 1, 1, 1)

	recall()
	over()
	settle()
	if mode == publishers.Durable || mode == publishers.ByHandle {
		p := newest(dam.PubDelivered, 2, 2, 1)
		if p.Caption != first.Caption {
			t.Errorf("with the caption %q, want %q", p.Caption, first.Caption)
		}
		recall()
		over()
		settle()
		newest(dam.PubDelivered, 3, 3, 1)
		return
	}
	p := newest(dam.PubUnconfirmed, 2, 1, 0)
	if p.Problem == nil || p.Problem.Class != planning.ProblemReinstated {
		t.Fatalf("the question is %+v", p.Problem)
	}
	if list, err := d.Node.Planning.LiveOf(ctx, dam.DefaultLibrary, d.Shoe.ID); err != nil || len(list) > 0 {
		t.Errorf("a proposal counts as out: %+v %v", list, err)
	}
	// A proposal that is recalled is void, and nothing was ever sent.
	recall()
	over()
	settle()
	if d.Read(p.ID).State != dam.PubCancelled {
		t.Error(publishertest.Ledger(d.Read(p.ID)))
	}
	p = newest(dam.PubUnconfirmed, 3, 1, 0)
	if _, err := d.Node.Planning.Confirm(ctx, dam.DefaultLibrary, p.ID,
		planning.Confirmation{Outcome: "resend"}); err != nil {
		t.Fatal(err)
	}
	settle()
	newest(dam.PubDelivered, 3, 2, 1)
}

// What a person took back by itself, what was gone before the recall, and what waits for a person to remove it do not
// come back.
func TestReinstateLeavesAlone(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		d := publishertest.NewFixture(t, cat, func(n *publishertest.Network) { n.Mode = publishers.Durable })
		reviews := &review.Service{Catalog: cat}
		p := d.Plan("")
		d.Drain()
		if _, err := d.Node.Planning.Recall(ctx, dam.DefaultLibrary, p.ID, "only here"); err != nil {
			t.Fatal(err)
		}
		d.Drain()
		if _, err := reviews.Reinstate(ctx, dam.DefaultLibrary, d.Shoe.ID, 0, "why"); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("reinstating what is not recalled: %v", err)
		}
		if _, err := d.Node.Planning.RecallAsset(ctx, dam.DefaultLibrary, d.Shoe.ID, "wrong price"); err != nil {
			t.Fatal(err)
		}
		if _, err := reviews.Reinstate(ctx, dam.DefaultLibrary, d.Shoe.ID, 0, " "); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		a, err := reviews.Reinstate(ctx, dam.DefaultLibrary, d.Shoe.ID, 0, "the price is right")
		if err != nil || !dam.VisibilityAt(a.PublicFacts(time.UTC), time.Now(), dam.UnknownAudience).Public() {
			t.Fatalf("%v %+v", err, a)
		}
		if _, err := reviews.Reinstate(ctx, dam.DefaultLibrary, d.Shoe.ID, 0,
			"again"); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("reinstating twice: %v", err)
		}
		d.Drain()
		if list := d.Of(d.Shoe.ID, d.Account.ID); len(list) != 1 || d.Remote.LivePosts(d.Shoe.ID) != 0 {
			t.Errorf("%d publications, %d out", len(list), d.Remote.LivePosts(d.Shoe.ID))
		}
	})
}

// What an earlier version recalled has sentences only: they read as the code legacy, and tell by their words what the
// recall took.
func TestReinstateOfAnEarlierVersion(t *testing.T) {
	ctx := catalogtest.Context(t)
	d := publishertest.NewFixture(t, catalogtest.SQLite(t),
		func(n *publishertest.Network) { n.Mode = publishers.Durable })
	p := d.Plan("")
	d.Drain()
	if _, err := d.Node.Planning.RecallAsset(ctx, dam.DefaultLibrary, d.Shoe.ID, "wrong price"); err != nil {
		t.Fatal(err)
	}
	d.Drain()
	if got := d.Read(p.ID); got.Reason != "wrong price" || !got.Cause().Is(reasons.CodeRecalledEverywhereFor) ||
		!got.Receipt.Gone.AnswerReasons[0].Is(reasons.CodeDeletedRemote) {
		t.Fatalf("%+v", got)
	}
	for _, q := range []string{`UPDATE publications SET reason='wrong price'`,
		`UPDATE asset_recalls SET reason='wrong price'`,
		`UPDATE publication_steps SET note='planned by hand' WHERE n=1`,
		`UPDATE publications SET receipt=json_remove(receipt,'$.gone.answer_reasons')`} {
		if _, err := d.Catalog.Database().Writer().ExecContext(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	got := d.Read(p.ID)
	for what, why := range map[string]reasons.Reason{"reason": got.Cause(), "line": got.Steps[0].NoteReasons[0],
		"answer": got.Receipt.Gone.AnswerReasons[0]} {
		if !why.Is(reasons.CodeLegacy) || why.Text() == "" {
			t.Errorf("the %s reads as %+v", what, why)
		}
	}
	if got.Reason != "wrong price" || got.Steps[0].Note != "planned by hand" || got.Receipt.Gone.Answer == "" {
		t.Errorf("%+v", got)
	}
	if _, err := (&review.Service{Catalog: d.Catalog}).Reinstate(ctx, dam.DefaultLibrary, d.Shoe.ID, 0,
		"the price is right"); err != nil {
		t.Fatal(err)
	}
	d.Drain()
	if list := d.Of(d.Shoe.ID, d.Account.ID); len(list) != 2 || d.Remote.LivePosts(d.Shoe.ID) != 1 ||
		!d.Read(list[1].ID).Steps[0].NoteReasons[0].Is(reasons.CodePublicAgain) {
		t.Errorf("%d publications, %d out", len(list), d.Remote.LivePosts(d.Shoe.ID))
	}
}

// What comes back is what people would still want: a campaign that is held holds it, what was late stays late, an
// occurrence of a series that is over is over, and nothing is posted beside the channel's rule.
func TestReinstateGoesByToday(t *testing.T) {
	begin := func(t *testing.T) (*publishertest.Fixture, func(), func()) {
		d := publishertest.NewFixture(t, catalogtest.SQLite(t),
			func(n *publishertest.Network) { n.Mode = publishers.Durable })
		recall := func() {
			t.Helper()
			if _, err := d.Node.Planning.RecallAsset(catalogtest.Context(t), dam.DefaultLibrary, d.Shoe.ID,
				"wrong price"); err != nil {
				t.Fatal(err)
			}
			d.Drain()
		}
		reinstate := func() {
			t.Helper()
			if _, err := (&review.Service{Catalog: d.Catalog}).Reinstate(catalogtest.Context(t), dam.DefaultLibrary,
				d.Shoe.ID, 0, "the price is right"); err != nil {
				t.Fatal(err)
			}
			d.Drain()
			d.Clock.Advance(time.Minute)
			d.Drain()
		}
		return d, recall, reinstate
	}
	newest := func(d *publishertest.Fixture) dam.Publication {
		list := d.Of(d.Shoe.ID, d.Account.ID)
		return list[len(list)-1]
	}
	t.Run("a held campaign", func(t *testing.T) {
		d, recall, reinstate := begin(t)
		p := d.PublishInput(planning.PublishInput{Campaign: "Spring"})
		d.Drain()
		recall()
		if _, err := d.Node.Planning.HoldCampaign(catalogtest.Context(t), dam.DefaultLibrary, p.Campaign); err != nil {
			t.Fatal(err)
		}
		reinstate()
		if live := d.Remote.LivePosts(d.Shoe.ID); live != 0 {
			t.Errorf("%d posts of a held campaign are out", live)
		}
		if _, err := d.Node.Planning.ResumeCampaign(catalogtest.Context(t), dam.DefaultLibrary,
			p.Campaign); err != nil {
			t.Fatal(err)
		}
		d.Drain()
		if live := d.Remote.LivePosts(d.Shoe.ID); live != 1 {
			t.Errorf("%d posts are out after the campaign was resumed", live)
		}
	})
	t.Run("late", func(t *testing.T) {
		d, recall, reinstate := begin(t)
		d.SetSchedule(dam.Schedule{CatchUp: dam.CatchUpAsk, GraceMinutes: 30})
		d.Plan(d.In(time.Hour))
		recall()
		d.Clock.Advance(24 * time.Hour)
		reinstate()
		if p := newest(d); p.State != dam.PubFailed || p.Problem == nil || p.Problem.Class != "late" ||
			d.Remote.Posts(d.Shoe.ID) != 0 {
			t.Errorf("%d posts; %s %+v", d.Remote.Posts(d.Shoe.ID), p.State, p.Problem)
		}
	})
	t.Run("a series", func(t *testing.T) {
		d, recall, reinstate := begin(t)
		ctx := catalogtest.Context(t)
		x, err := d.Node.Planning.CreateSeries(ctx, dam.DefaultLibrary, planning.SeriesInput{Asset: d.Shoe.ID,
			Channel: d.Account.ID,
			Repeat: dam.Recurrence{Start: d.Clock.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04"), Zone: "UTC",
				Every: "day", Count: 4}})
		if err != nil {
			t.Fatal(err)
		}
		d.Clock.Advance(2 * time.Hour)
		d.Drain()
		posts := d.Remote.Posts(d.Shoe.ID)
		recall()
		d.Clock.Advance(24 * time.Hour)
		reinstate()
		if d.Remote.Posts(d.Shoe.ID) != posts {
			t.Errorf("%d posts, of which %d before the recall", d.Remote.Posts(d.Shoe.ID), posts)
		}
		if _, err := d.Node.Planning.EndSeries(ctx, dam.DefaultLibrary, x.ID); err != nil {
			t.Fatal(err)
		}
		recall()
		reinstate()
		d.Clock.Advance(96 * time.Hour)
		d.Drain()
		if d.Remote.Posts(d.Shoe.ID) != posts {
			t.Errorf("a series that has ended made %d posts", d.Remote.Posts(d.Shoe.ID)-posts)
		}
	})
	t.Run("beside a rule", func(t *testing.T) {
		d, recall, reinstate := begin(t)
		d.PublishInput(planning.PublishInput{Caption: "hello"})
		d.Drain()
		recall()
		d.Rule(d.Node, d.Account.ID, "")
		reinstate()
		for range 3 { // whatever else happens to the asset
			d.Patch(d.Shoe.ID, fmt.Sprintf(`{"tags": ["%d"]}`, d.Clock.Now().UnixNano()))
			d.Drain()
			d.Clock.Advance(time.Minute)
			d.Drain()
		}
		if live := d.Remote.LivePosts(d.Shoe.ID); live != 1 {
			t.Errorf("%d posts are out at once", live)
		}
	})
}
