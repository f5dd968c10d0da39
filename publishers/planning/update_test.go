package planning_test

import (
	"errors"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// On a channel that makes a post of each publication, only the post that is named is changed.
func TestRepeatAndUpdate(t *testing.T) {
	ctx := catalogtest.Context(t)
	f := publishertest.NewFixture(t, catalogtest.SQLite(t), func(n *publishertest.Network) {
		n.Mode, n.CanUpdate, n.Repeat = publishers.Durable, true, true
	})
	plan := func(caption, update string) (dam.Publication, error) {
		return f.Node.Planning.Publish(ctx, dam.DefaultLibrary, planning.PublishInput{Asset: f.Shoe.ID,
			Channel: f.Account.ID, Caption: caption, Update: update})
	}
	publish := func(caption, update string) dam.Publication {
		t.Helper()
		p, err := plan(caption, update)
		if err != nil {
			t.Fatal(err)
		}
		return f.Until(f.Node, p.ID, dam.PubDelivered)
	}
	if _, err := plan("nothing yet", "latest"); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("an update of nothing: %v", err)
	}
	first, second := publish("one", ""), publish("two", "")
	if first.ID == second.ID || f.Remote.Total() != 2 {
		t.Fatalf("%s and %s, %d posts", first.ID, second.ID, f.Remote.Total())
	}
	for i, name := range []string{first.ID, first.Receipt.Remote, first.Receipt.URL} {
		if p := publish("one, changed", name); p.ID != first.ID || p.Revision != int64(i+2) {
			t.Errorf("update %s became %s revision %d", name, p.ID, p.Revision)
		}
	}
	if p := publish("two, changed", "latest"); p.ID != second.ID {
		t.Errorf("the latest is %s, not %s", p.ID, second.ID)
	}
	if n := f.Remote.LivePosts(f.Shoe.ID); n != 2 || f.Remote.Total() != 2 {
		t.Errorf("%d posts live, %d ever", n, f.Remote.Total())
	}

	other := f.Channel(f.Node, "network", f.Remote.Config())
	for name, in := range map[string]planning.PublishInput{
		"a post of another channel": {Asset: f.Shoe.ID, Channel: other.ID, Update: first.ID},
		"a post of another asset":   {Asset: f.Asset("boot").ID, Channel: f.Account.ID, Update: first.ID},
		"several channels": {Asset: f.Shoe.ID, Update: "latest",
			Channels: []planning.PublishTarget{{Channel: f.Account.ID}, {Channel: other.ID}}},
	} {
		_, err := f.Node.Planning.PublishAll(ctx, dam.DefaultLibrary, in)
		var e *dam.Error
		if !errors.As(err, &e) || e.Code != dam.Invalid || e.Field != "update" || e.Reason.Advice() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}

	check := func(update string) planning.PublishCheck {
		t.Helper()
		list, err := f.Node.Planning.CheckPublish(ctx, dam.DefaultLibrary, planning.PublishInput{Asset: f.Shoe.ID,
			Channels: []planning.PublishTarget{{Channel: f.Account.ID, Update: update}}})
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	said := func(c planning.PublishCheck) (code string) {
		for _, w := range c.Warnings {
			if w.Field == "update" {
				code += w.ReasonCode
			}
		}
		return code
	}
	if c := check(""); len(c.Earlier) != 2 || c.Earlier[0].Publication != second.ID || c.Earlier[0].URL == "" ||
		said(c) != "another_post" || len(c.Problems) > 0 {
		t.Errorf("before another post: %+v", c)
	}
	if c := check("latest"); said(c) != "post_is_changed" || len(c.Problems) > 0 {
		t.Errorf("before an update: %+v", c)
	}
	if c := check("post99"); len(c.Problems) != 1 || c.Problems[0].Field != "update" {
		t.Errorf("before an update of nothing: %+v", c)
	}

	// A recall takes the whole post; an update of it is refused from then on.
	if _, err := f.Node.Planning.Recall(ctx, dam.DefaultLibrary, first.ID, ""); err != nil {
		t.Fatal(err)
	}
	f.Until(f.Node, first.ID, dam.PubRecalled)
	if _, err := plan("too late", first.ID); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("an update of what was recalled: %v", err)
	}
	if n := f.Remote.LivePosts(f.Shoe.ID); n != 1 {
		t.Errorf("%d posts after the recall of one", n)
	}
}

// A channel that can't change what is there says so.
func TestUpdateWhereNothingCanBeChanged(t *testing.T) {
	f := publishertest.NewFixture(t, catalogtest.SQLite(t), nil)
	_, err := f.Node.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
		planning.PublishInput{Asset: f.Shoe.ID, Channel: f.Account.ID, Update: "latest"})
	var e *dam.Error
	if !errors.As(err, &e) || e.Field != "update" || e.Reason.ReasonCode != "channel_cannot_update" {
		t.Error(err)
	}
}
