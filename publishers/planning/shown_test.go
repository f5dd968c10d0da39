package planning_test

import (
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// What is shown follows the rights until its own time, whatever is planned for it, has become of a change, or is held.
func TestShown(t *testing.T) {
	const day = 24 * time.Hour
	again := func(d *publishertest.Fixture, caption, campaign string, after time.Duration) {
		d.PublishInput(planning.PublishInput{Caption: caption, Campaign: campaign, At: d.In(after)})
	}
	until := func(d *publishertest.Fixture, after time.Duration) {
		d.Patch(d.Shoe.ID, `{"rights": {"until": "`+d.Clock.Now().Add(after).UTC().Format(time.DateOnly)+`"}}`)
	}
	for name, c := range map[string]struct {
		// change is what comes after the delivery; the rights end after ten days.
		change func(t *testing.T, d *publishertest.Fixture)
		ends   bool // at the end of the tenth day, else at once
	}{
		"planned anew for later": {func(_ *testing.T, d *publishertest.Fixture) {
			again(d, "new text", "", 20*day)
			until(d, 10*day)
		}, true},
		"planned anew, and the rights cut before": {func(_ *testing.T, d *publishertest.Fixture) {
			until(d, 30*day)
			again(d, "new text", "", 20*day)
			d.Drain()
			until(d, 10*day)
		}, true},
		"planned anew in a campaign that is held": {func(t *testing.T, d *publishertest.Fixture) {
			again(d, "new text", "spring", 5*day)
			until(d, 10*day)
			list, err := d.Node.Planning.Campaigns(catalogtest.Context(t), dam.DefaultLibrary)
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			if _, err := d.Node.Planning.HoldCampaign(catalogtest.Context(t), dam.DefaultLibrary,
				list[0].ID); err != nil {
				t.Fatal(err)
			}
		}, true},
		"planned anew on a channel that is paused": {func(t *testing.T, d *publishertest.Fixture) {
			again(d, "new text", "", 5*day)
			until(d, 10*day)
			if _, err := d.Node.Accounts.PauseChannel(catalogtest.Context(t), dam.DefaultLibrary,
				d.Account.ID); err != nil {
				t.Fatal(err)
			}
		}, true},
		"an update that failed": {func(_ *testing.T, d *publishertest.Fixture) {
			until(d, 10*day)
			again(d, "refuse me", "", 0)
		}, true},
		"planned anew, and an embargo until then": {func(_ *testing.T, d *publishertest.Fixture) {
			again(d, "new text", "", 20*day)
			d.Patch(d.Shoe.ID, `{"rights": {"from": "`+d.Clock.Now().Add(15*day).UTC().Format(time.DateOnly)+`"}}`)
		}, false},
		"planned anew, and the approval undone": {func(_ *testing.T, d *publishertest.Fixture) {
			again(d, "new text", "", 20*day)
			d.Decide(d.Shoe.ID, dam.Archive)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
				d := publishertest.NewFixture(t, cat, func(n *publishertest.Network) {
					n.Mode, n.CanUpdate = publishers.Durable, true
				})
				p := d.Plan("")
				d.Drain()
				d.State(p.ID, dam.PubDelivered)
				c.change(t, d)
				d.Drain()
				live := func(want int, when string) {
					t.Helper()
					if n := d.Remote.LivePosts(d.Shoe.ID); n != want {
						t.Fatalf("%s: %d posts are live, want %d\n%s", when, n, want,
							publishertest.Ledger(d.Read(p.ID)))
					}
				}
				if !c.ends {
					live(0, "at once")
					d.State(p.ID, dam.PubRecalled)
					return
				}
				end := d.Clock.Now().UTC().Truncate(day).Add(11 * day)
				live(1, "at once")
				d.Clock.Advance(end.Sub(d.Clock.Now()) - time.Second)
				d.Drain()
				live(1, "before the end of the rights")
				d.Clock.Advance(time.Second)
				d.Drain()
				live(0, "at the end of the rights")
				d.State(p.ID, dam.PubRecalled)
				d.Clock.Advance(20 * day)
				d.Drain()
				live(0, "at the time of the plan")
			})
		})
	}
}

// Rights that are given back before they end leave what is shown, and the plan goes out at its time.
func TestShownOnceMore(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), func(n *publishertest.Network) {
		n.Mode, n.CanUpdate = publishers.Durable, true
	})
	p := d.Plan("")
	d.Drain()
	d.PublishInput(planning.PublishInput{Caption: "new text", At: d.In(20 * 24 * time.Hour)})
	d.Patch(d.Shoe.ID, `{"rights": {"until": "`+d.Clock.Now().AddDate(0, 0, 10).UTC().Format(time.DateOnly)+`"}}`)
	d.Drain()
	d.Patch(d.Shoe.ID, `{"rights": {"until": null}}`)
	d.Clock.Advance(15 * 24 * time.Hour)
	d.Drain()
	d.State(p.ID, dam.PubPlanned)
	d.Clock.Advance(5 * 24 * time.Hour)
	d.Drain()
	if d.State(p.ID, dam.PubDelivered); d.Remote.Last(d.Shoe.ID).Text != "new text" {
		t.Errorf("it shows %+v", d.Remote.Last(d.Shoe.ID))
	}
}

// A publication that can't be looked at keeps nobody else's waiting.
func TestShownUnreadable(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), func(n *publishertest.Network) {
		n.Mode, n.CanUpdate = publishers.Durable, true
	})
	p := d.Plan("")
	d.Drain()
	d.PublishInput(planning.PublishInput{Caption: "new text", At: d.In(20 * 24 * time.Hour)})
	for _, q := range []string{`UPDATE publications SET watch_at=0 WHERE id='` + p.ID + `'`,
		`UPDATE libraries SET zone='Nowhere/Atoll'`} {
		if _, err := d.Catalog.Database().Writer().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	next, err := d.Node.Planning.WatchShown(catalogtest.Context(t))
	if err != nil || next == nil || !next.After(d.Clock.Now()) {
		t.Errorf("next is %v, %v", next, err)
	}
}
