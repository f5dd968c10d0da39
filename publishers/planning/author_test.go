package planning_test

import (
	"context"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// A series goes on as who made it: while they are disabled, or may not publish any more, nothing more is planned.
func TestSeriesOfADisabledAuthor(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	ctx, lib := catalogtest.Context(t), dam.DefaultLibrary
	ana := catalog.Account{User: dam.User{ID: dam.NewID(dam.UserPrefix), Email: "ana@example.com", Name: "Ana",
		Grants: map[string]dam.Role{lib: dam.Publisher}}}
	store := func(insert bool) {
		t.Helper()
		if err := d.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			if insert {
				return tx.People().InsertUser(ctx, &ana)
			}
			return tx.People().UpdateUser(ctx, ana)
		}); err != nil {
			t.Fatal(err)
		}
	}
	store(true)
	who, err := d.Catalog.People().Principal(ctx, ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	x, err := d.Node.Planning.CreateSeries(catalog.WithActor(ctx, who), lib, planning.SeriesInput{Asset: d.Shoe.ID,
		Channel: d.Account.ID, Caption: "again", Repeat: dam.Recurrence{
			Start: d.Clock.Now().UTC().Add(24 * time.Hour).Format("2006-01-02T15:04"), Zone: "UTC", Every: "week",
			Count: 12}})
	if err != nil || x.Planned != 8 {
		t.Fatalf("%+v, %v", x, err)
	}
	after := func(d *publishertest.Fixture, wait time.Duration) dam.Series {
		t.Helper()
		d.Clock.Advance(wait)
		d.Drain()
		x, err := d.Node.Planning.Series(ctx, lib, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	ana.Disabled = true
	store(false)
	if x := after(d, 14*24*time.Hour); x.Planned != 8 || x.Ended || len(x.NoteReasons) != 1 ||
		x.NoteReasons[0].ReasonCode != "author_may_not_publish" {
		t.Errorf("disabled: %+v", x)
	}
	ana.Disabled, ana.Grants[lib] = false, dam.Editor
	store(false)
	if x := after(d, 24*time.Hour); x.Planned != 8 {
		t.Errorf("without the permission: %+v", x)
	}
	ana.Grants[lib] = dam.Publisher
	store(false)
	if x := after(d, 24*time.Hour); x.Planned <= 8 {
		t.Errorf("with the permission again: %+v", x)
	}
}

// A rule publishes what whoever saved it may publish, while they may: somebody else takes it over by saving it. What is
// out stays out.
func TestRuleOfADisabledAuthor(t *testing.T) {
	d := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	ctx, lib := catalogtest.Context(t), dam.DefaultLibrary
	ana := catalog.Account{User: dam.User{ID: dam.NewID(dam.UserPrefix), Email: "ana@example.com", Name: "Ana",
		Grants: map[string]dam.Role{lib: dam.Publisher}}}
	store := func(save func(tx *catalog.Tx) error) {
		t.Helper()
		if err := d.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Library: "another", Type: dam.UserUpdated, Subject: ana.ID})
			return save(tx)
		}); err != nil {
			t.Fatal(err)
		}
		d.Drain()
	}
	update := func(tx *catalog.Tx) error { return tx.People().UpdateUser(ctx, ana) }
	store(func(tx *catalog.Tx) error { return tx.People().InsertUser(ctx, &ana) })
	who, err := d.Catalog.People().Principal(ctx, ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	out := func(asset string) int {
		t.Helper()
		d.Drain()
		return len(d.Of(asset, d.Account.ID))
	}
	c, err := d.Node.Accounts.UpdateChannel(catalog.WithActor(ctx, who), lib, d.Account.ID, 0,
		accounts.ChannelPatch{Rule: &dam.Rule{Presets: []string{publishertest.Preset}, Enabled: true}})
	if err != nil || c.Rule.Author != ana.ID {
		t.Fatalf("%+v, %v", c.Rule, err)
	}
	if n := out(d.Shoe.ID); n != 1 {
		t.Fatalf("%d publications of what Ana's rule matches", n)
	}

	ana.Disabled = true
	store(update)
	later := d.Asset("later")
	if n := out(later.ID); n != 0 {
		t.Errorf("%d publications by the rule of somebody disabled", n)
	}
	if n := out(d.Shoe.ID); n != 1 {
		t.Errorf("what was out: %d", n)
	}
	stopped, err := d.Node.Accounts.Channel(ctx, lib, d.Account.ID)
	if err != nil || len(stopped.NoticeReasons) != 1 ||
		stopped.NoticeReasons[0].ReasonCode != reasons.CodeRuleAuthorMayNotPublish {
		t.Errorf("the channel says %+v, %v", stopped.NoticeReasons, err)
	}

	ana.Disabled = false
	store(update)
	if n := out(later.ID); n != 1 {
		t.Errorf("%d publications once Ana is back", n)
	}
}

// interrupted answers as a rule's query did until something happens in between, once.
type interrupted struct {
	planning.Matcher
	between func()
}

func (m *interrupted) Matches(ctx context.Context, library string, rule dam.Rule, a dam.Asset) (bool, error) {
	yes, err := m.Matcher.Matches(ctx, library, rule, a)
	if happens := m.between; happens != nil {
		m.between = nil
		happens()
	}
	return yes, err
}

// A rule that is saved while the former one is held against an asset decides about it: its plan isn't withdrawn because
// the former rule didn't match.
func TestRuleSavedMeanwhile(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		d := publishertest.NewFixture(t, cat, nil)
		ctx, lib := catalogtest.Context(t), dam.DefaultLibrary
		save := func(query string) {
			t.Helper()
			if _, err := d.Node.Accounts.UpdateChannel(ctx, lib, d.Account.ID, 0, accounts.ChannelPatch{
				Rule: &dam.Rule{Query: query, Presets: []string{publishertest.Preset}, Enabled: true}}); err != nil {
				t.Fatal(err)
			}
		}
		save("nothing")
		d.Drain()
		if err := d.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Library: lib, Type: dam.AssetUpdated, Asset: d.Shoe.ID, Subject: d.Shoe.ID})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		d.Node.Planning.Match = &interrupted{Matcher: d.Node.Planning.Match, between: func() {
			save("")
			if err := d.Node.Planning.Scan(ctx, d.Account.ID); err != nil {
				t.Error(err)
			}
		}}
		d.Drain()
		if list := d.Of(d.Shoe.ID, d.Account.ID); len(list) != 1 || list[0].State.Closed() {
			t.Errorf("publications %+v", list)
		}
	})
}

// A rule that is narrowed, or switched off, while the former one is held against an asset is what counts: nothing goes
// out by the former.
func TestRuleNarrowedMeanwhile(t *testing.T) {
	for _, now := range []dam.Rule{{Query: "nothing", Enabled: true}, {}} {
		catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
			d := publishertest.NewFixture(t, cat, nil)
			ctx, lib := catalogtest.Context(t), dam.DefaultLibrary
			save := func(r dam.Rule) {
				t.Helper()
				r.Presets = []string{publishertest.Preset}
				if _, err := d.Node.Accounts.UpdateChannel(ctx, lib, d.Account.ID, 0,
					accounts.ChannelPatch{Rule: &r}); err != nil {
					t.Fatal(err)
				}
			}
			save(dam.Rule{Query: "later", Enabled: true})
			d.Drain()
			asset := d.Asset("later")
			d.Node.Planning.Match = &interrupted{Matcher: d.Node.Planning.Match, between: func() {
				save(now)
				if err := d.Node.Planning.Scan(ctx, d.Account.ID); err != nil {
					t.Error(err)
				}
			}}
			d.Drain()
			if list := d.Of(asset.ID, d.Account.ID); len(list) != 0 {
				t.Errorf("by a rule that was replaced by %+v: %+v", now, list)
			}
		})
	}
}
