package planning_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// What is planned for a time that has passed would go out at once; only the minutes that composing takes may pass.
func TestPastIsRefused(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	at := func(ago time.Duration) error {
		_, err := d.Node.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{
			Asset: d.Shoe.ID, Channel: d.Account.ID, At: d.Clock.Now().Add(-ago).Format(time.RFC3339)})
		return err
	}
	publishertest.Invalid(t, at(time.Hour), "at")
	if err := at(5 * time.Minute); err != nil {
		t.Error(err)
	}
}

func TestSlots(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		_, err := d.Node.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
			planning.PublishInput{Asset: d.Shoe.ID, Channel: d.Account.ID, At: "next-slot"})
		publishertest.Invalid(t, err, "at")
		d.SetSchedule(dam.Schedule{Zone: "Europe/Paris", Slots: []dam.QueueSlot{{Day: "mon", At: "09:00"},
			{Day: "thu", At: "18:30"}}})
		all, err := d.Node.Planning.Slots(catalogtest.Context(t), dam.DefaultLibrary, d.Account.ID, time.Time{},
			time.Time{})
		if err != nil || len(all) != 8 || !all[0].Free {
			t.Fatalf("%v, %v", all, err)
		}
		// Six who ask at once get the first six, each its own.
		var wg sync.WaitGroup
		ids := make([]string, 6)
		for i := range ids {
			wg.Go(func() { ids[i] = d.Plan("next-slot").ID })
		}
		wg.Wait()
		var got []time.Time
		for _, id := range ids {
			p := d.Read(id)
			if p.Zone != "Europe/Paris" {
				t.Errorf("zone %s", p.Zone)
			}
			got = append(got, p.At)
		}
		slices.SortFunc(got, time.Time.Compare)
		for i, at := range got {
			if !at.Equal(all[i].At) {
				t.Errorf("slot %d went to %s, want %s", i, at, all[i].At)
			}
		}
		// A cancelled one is free again, and the first free one is taken.
		second := slices.IndexFunc(ids, func(id string) bool { return d.Read(id).At.Equal(all[1].At) })
		if _, err := d.Node.Planning.Recall(catalogtest.Context(t), dam.DefaultLibrary, ids[second], ""); err != nil {
			t.Fatal(err)
		}
		if p := d.Plan("next-slot"); !p.At.Equal(all[1].At) {
			t.Errorf("the freed slot is %s, the next plan got %s", all[1].At, p.At)
		}
		// An edit may take a slot, too.
		slot := "next-slot"
		p, err := d.Node.Planning.EditPublication(catalogtest.Context(t), dam.DefaultLibrary,
			d.Plan(d.In(time.Hour)).ID, 0, planning.PublicationPatch{At: &slot})
		if err != nil || !p.At.Equal(all[6].At) {
			t.Errorf("the edit got %s: %v", p.At, err)
		}
		d.Clock.Advance(all[0].At.Sub(d.Clock.Now()))
		d.Drain()
		if n := len(d.Remote.All()); n != 1 {
			t.Errorf("%d posts at the first slot", n)
		}
	})
}

func TestSeries(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		ctx, lib := catalogtest.Context(t), dam.DefaultLibrary
		start := d.Clock.Now().UTC().Add(24 * time.Hour).Format("2006-01-02T15:04")
		in := planning.SeriesInput{Asset: d.Shoe.ID, Channel: d.Account.ID, Caption: "again",
			Repeat: dam.Recurrence{Start: start, Zone: "UTC", Every: "week", Count: 12}}
		x, err := d.Node.Planning.CreateSeries(ctx, lib, in)
		if err != nil || x.Planned != 8 || x.Ended {
			t.Fatalf("%+v, %v", x, err)
		}
		of := func() (planned, delivered, cancelled int) {
			for _, p := range d.Of(d.Shoe.ID, d.Account.ID) {
				switch p.State {
				case dam.PubPlanned:
					planned++
				case dam.PubDelivered:
					delivered++
				case dam.PubCancelled:
					cancelled++
				}
			}
			return
		}
		for range 3 {
			d.Clock.Advance(7 * 24 * time.Hour)
			d.Drain()
		}
		if p, n, _ := of(); p != 8 || n != 3 {
			t.Errorf("after three weeks: %d planned, %d delivered", p, n)
		}
		// Two nodes that extend at once plan each occurrence once.
		d.Clock.Advance(7 * 24 * time.Hour)
		var wg sync.WaitGroup
		for _, s := range []*publishertest.Service{d.Node, d.Service("b", d.Remote.Kind())} {
			wg.Go(func() { d.Turn(s) })
		}
		wg.Wait()
		d.Drain()
		if x, err = d.Node.Planning.Series(ctx, lib, x.ID); err != nil || x.Planned != 12 || !x.Ended {
			t.Errorf("%+v, %v", x, err)
		}
		if p, n, _ := of(); p+n != 12 || n != 4 {
			t.Errorf("after four weeks: %d planned, %d delivered", p, n)
		}
		// What the rights end before is skipped, with a note; the first is refused.
		x.Repeat.Count = 0
		d.Patch(d.Shoe.ID, `{"rights": {"until": "`+d.Clock.Now().UTC().AddDate(0, 0, 10).Format(time.DateOnly)+`"}}`)
		in.Repeat.Start = d.Clock.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04")
		y, err := d.Node.Planning.CreateSeries(ctx, lib, in)
		if err != nil || !strings.Contains(y.Note, "the rights end") {
			t.Errorf("%+v, %v", y, err)
		}
		in.Repeat.Start = d.Clock.Now().UTC().AddDate(0, 0, 20).Format("2006-01-02T15:04")
		if _, err := d.Node.Planning.CreateSeries(ctx, lib, in); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("a series after the end of the rights: %v", err)
		}
		if _, err := d.Node.Planning.EndSeries(ctx, lib, y.ID); err != nil {
			t.Fatal(err)
		}
		rows, err := c.Publications().List(ctx, lib, dam.PublicationFilter{Series: y.ID, Limit: 100})
		if err != nil || len(rows) == 0 ||
			slices.ContainsFunc(rows, func(p catalog.LedgerRow) bool { return p.State != dam.PubCancelled }) {
			t.Errorf("an ended series has %v, %v", rows, err)
		}
	})
	t.Run("in place", func(t *testing.T) {
		d := publishertest.NewFixture(t, catalogtest.SQLite(t),
			func(n *publishertest.Network) { n.Mode, n.CanUpdate = publishers.Durable, true })
		_, err := d.Node.Planning.CreateSeries(catalogtest.Context(t), dam.DefaultLibrary,
			planning.SeriesInput{Asset: d.Shoe.ID, Channel: d.Account.ID,
				Repeat: dam.Recurrence{Start: "2027-01-01T09:00", Every: "day"}})
		publishertest.Invalid(t, err, "channel")
	})
}

func TestCampaign(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		ctx, lib := catalogtest.Context(t), dam.DefaultLibrary
		first := d.PublishInput(planning.PublishInput{At: d.In(time.Hour), Campaign: "Spring"})
		second := d.PublishInput(planning.PublishInput{At: d.In(2 * time.Hour), Campaign: "Spring"})
		other := d.Plan(d.In(time.Hour))
		list, err := d.Node.Planning.Campaigns(ctx, lib)
		if err != nil || len(list) != 1 || first.Campaign != list[0].ID || second.Campaign != list[0].ID {
			t.Fatalf("%v, %v", list, err)
		}
		id := list[0].ID
		if err := d.Node.Planning.DeleteCampaign(ctx, lib, id); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("a campaign with plans was removed: %v", err)
		}
		if _, err := d.Node.Planning.HoldCampaign(ctx, lib, id); err != nil {
			t.Fatal(err)
		}
		late := d.PublishInput(planning.PublishInput{At: d.In(time.Hour), Campaign: id})
		d.Clock.Advance(3 * time.Hour)
		d.Drain()
		d.State(other.ID, dam.PubDelivered)
		for _, p := range []dam.Publication{first, second, late} {
			if p = d.State(p.ID, dam.PubPlanned); !p.Held {
				t.Errorf("not held\n%s", publishertest.Ledger(p))
			}
		}
		// What changes meanwhile stays held, and can be cancelled.
		d.Patch(d.Shoe.ID, `{"alt": {"en": "another text"}}`)
		d.Drain()
		d.State(first.ID, dam.PubPlanned)
		if _, err := d.Node.Planning.Recall(ctx, lib, late.ID, ""); err != nil {
			t.Fatal(err)
		}
		d.State(late.ID, dam.PubCancelled)
		if _, err := d.Node.Planning.ResumeCampaign(ctx, lib, id); err != nil {
			t.Fatal(err)
		}
		d.Drain()
		d.State(first.ID, dam.PubDelivered)
		d.State(second.ID, dam.PubDelivered)
		if _, err := d.Node.Planning.RenameCampaign(ctx, lib, id, 1, "Summer"); dam.CodeOf(err) != dam.Stale {
			t.Errorf("an old revision was renamed: %v", err)
		}
		if err := d.Node.Planning.DeleteCampaign(ctx, lib, id); err != nil {
			t.Error(err)
		}
	})
}

// slowly is a network whose next Prepare does something else first.
type slowly struct {
	*publishertest.Network
	meanwhile func()
}

func (s *slowly) Prepare(ctx context.Context, in publishers.Intent, st publishers.State) (publishers.State, error) {
	if f := s.meanwhile; f != nil {
		s.meanwhile = nil
		f()
	}
	return s.Network.Prepare(ctx, in, st)
}

func TestCampaignHeldInsideTheLease(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	k := d.Remote.Kind()
	net := &slowly{Network: d.Remote}
	k.Publisher = net
	d.Node = d.Service("b", k)
	p := d.PublishInput(planning.PublishInput{Campaign: "Spring"})
	net.meanwhile = func() {
		if _, err := d.Node.Planning.HoldCampaign(catalogtest.Context(t), dam.DefaultLibrary, p.Campaign); err != nil {
			t.Error(err)
		}
	}
	d.Drain()
	d.State(p.ID, dam.PubPlanned)
	if n := len(d.Remote.All()); n != 0 {
		t.Errorf("%d posts of a held campaign", n)
	}
	if _, err := d.Node.Planning.ResumeCampaign(catalogtest.Context(t), dam.DefaultLibrary, p.Campaign); err != nil {
		t.Fatal(err)
	}
	d.Drain()
	d.State(p.ID, dam.PubDelivered)
}

func TestCatchUp(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		for policy, want := range map[dam.CatchUp]dam.PublicationState{"": dam.PubDelivered,
			dam.CatchUpLate: dam.PubDelivered, dam.CatchUpSkip: dam.PubCancelled, dam.CatchUpAsk: dam.PubFailed} {
			d.SetSchedule(dam.Schedule{CatchUp: policy, GraceMinutes: 30})
			inTime, late := d.Plan(d.In(100*time.Minute)), d.Plan(d.In(time.Hour))
			d.Clock.Advance(2 * time.Hour) // nobody is at work
			d.Drain()
			d.State(inTime.ID, dam.PubDelivered)
			p := d.State(late.ID, want)
			if want == dam.PubFailed {
				if p.Problem == nil || p.Problem.Class != "late" || p.Problem.Remedy == "" {
					t.Errorf("%+v", p.Problem)
				}
				if _, err := d.Node.Planning.Retry(catalogtest.Context(t), dam.DefaultLibrary, p.ID); err != nil {
					t.Fatal(err)
				}
				d.Drain()
				d.State(p.ID, dam.PubDelivered)
			}
			if want == dam.PubCancelled && !strings.Contains(p.Reason, "was due") {
				t.Errorf("reason %q", p.Reason)
			}
		}
		if n := len(d.Remote.All()); n != 7 {
			t.Errorf("%d posts", n)
		}
	})
}

func TestRates(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, func(n *publishertest.Network) {
			n.Rates = []dam.Rate{{Max: 3, Minutes: 60}}
		})
		other := d.Service("b", d.Remote.Kind())
		var ids []string
		for i := range 7 {
			ids = append(ids, d.Plan(d.In(time.Duration(i-7)*time.Second)).ID)
		}
		both := func() {
			for range 5 {
				var wg sync.WaitGroup
				wg.Go(func() { d.Turn(d.Node) })
				wg.Go(func() { d.Turn(other) })
				wg.Wait()
			}
		}
		for i, want := range []int{3, 3, 6, 6, 7} {
			both()
			if n := len(d.Remote.All()); n != want {
				t.Fatalf("after %d half hours: %d posts, want %d", i, n, want)
			}
			d.Clock.Advance(30*time.Minute + time.Second)
		}
		for i, p := range d.Remote.All() {
			if at := slices.Index(ids, p.Publication); at/3 != i/3 {
				t.Errorf("plan %d went out as number %d", at, i)
			}
		}
		// What the remote says is left counts as well, until it says otherwise.
		d.Remote.Quota = func() *publishers.Quota {
			return &publishers.Quota{Left: 0, Until: d.Clock.Now().Add(5 * time.Hour)}
		}
		d.Clock.Advance(2 * time.Hour)
		one, two := d.Plan(""), d.Plan(d.In(time.Minute))
		both()
		d.State(one.ID, dam.PubDelivered)
		d.Remote.Quota = nil
		d.Clock.Advance(4 * time.Hour)
		both()
		d.State(two.ID, dam.PubPlanned)
		d.Clock.Advance(time.Hour + time.Second)
		both()
		d.State(two.ID, dam.PubDelivered)
		// A limit of one's own is known when planning.
		d.SetSchedule(dam.Schedule{Rates: []dam.Rate{{Max: 1, Minutes: 24 * 60}}})
		list, err := d.Node.Planning.CheckPublish(catalogtest.Context(t), dam.DefaultLibrary,
			planning.PublishInput{Asset: d.Shoe.ID, Channel: d.Account.ID, At: d.In(time.Hour)})
		if err != nil || len(list[0].Problems) != 0 || len(list[0].Warnings) != 1 || list[0].Warnings[0].Field != "at" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// TestCrowd: what is due at once is leased in order by two nodes, and sent once by
// those that take over from them.
func TestCrowd(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		d := publishertest.NewFixture(t, c, nil)
		const crowd = 200
		order := map[string]int{}
		assets := []dam.Asset{d.Shoe}
		for range 19 {
			assets = append(assets, d.Asset("blue shoe"))
		}
		for i := range crowd {
			d.Shoe = assets[i%len(assets)]
			order[d.Plan(d.Clock.Now().Add(time.Duration(i-crowd)*10*time.Millisecond).UTC().Format(
				time.RFC3339Nano)).ID] = i
		}
		// Two nodes lease all of it at once: each in order, together each once.
		leased := make([][]int, 2)
		var wg sync.WaitGroup
		for i := range leased {
			wg.Go(func() {
				for {
					rows, err := catalog.Do(dam.AsSystem(context.Background(), "a test's own steps"), c,
						func(tx *catalog.Tx) ([]catalog.LedgerRow, error) {
							now := d.Clock.Now()
							return tx.Publications().ClaimPublications(dam.AsSystem(context.Background(),
								"a test's own steps"), catalog.Claim{Channel: d.Account.ID, Lane: catalog.SendLane,
								Owner: fmt.Sprint("node ", i), Now: now, Until: now.Add(time.Second), Limit: 7})
						})
					if err != nil || len(rows) == 0 {
						if err != nil {
							t.Error(err)
						}
						return
					}
					for _, r := range rows {
						leased[i] = append(leased[i], order[r.ID])
					}
				}
			})
		}
		wg.Wait()
		all := slices.Concat(leased...)
		slices.Sort(all)
		if len(all) != crowd || len(slices.Compact(all)) != crowd || !slices.IsSorted(leased[0]) ||
			!slices.IsSorted(leased[1]) {
			t.Errorf("leased in the order %v", leased)
		}
		// They die with it, and others deliver each once.
		d.Clock.Advance(2 * time.Second)
		d.Clock.Follow()
		for _, s := range []*publishertest.Service{d.Node, d.Service("b", d.Remote.Kind())} {
			d.Start(s)
		}
		publishertest.Eventually(t, func() bool {
			return len(d.Remote.All()) >= crowd
		}, func() string { return fmt.Sprint(len(d.Remote.All()), " posts") })
		posts := d.Remote.All()
		if len(posts) != crowd {
			t.Errorf("%d posts of %d plans", len(posts), crowd)
		}
		seen := map[string]bool{}
		for _, p := range posts {
			if seen[p.Publication] {
				t.Errorf("%s twice", p.Publication)
			}
			seen[p.Publication] = true
		}
	})
}
