package publishertest

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/planning"
)

// takenBack is where a recall ends: gone, or with a person where the channel can't.
func (r *run) takenBack(s *Service, id string) dam.Publication {
	r.t.Helper()
	p := r.Until(s, id, dam.PubRecalled, dam.PubManual)
	if p.State == dam.PubManual {
		if r.caps.Recall {
			r.t.Fatalf("a person has to take it back\n%s", Ledger(p))
		}
		var err error
		p, err = s.Planning.Confirm(catalogtest.Context(r.t), dam.DefaultLibrary, id,
			planning.Confirmation{Outcome: "gone"})
		check(r.t, err)
	} else {
		r.count(p.Asset, r.h.Posts(p.Asset), 0)
		r.nothingLeft(p.Asset)
	}
	if p.Receipt == nil || p.Receipt.Gone == nil || p.Receipt.Gone.Answer == "" {
		r.t.Fatalf("no proof of the recall: %+v", p.Receipt)
	}
	return p
}

func (r *run) nothingLeft(asset string) {
	r.t.Helper()
	if r.h.Left == nil {
		return
	}
	if left := r.h.Left(asset); len(left) > 0 {
		r.t.Fatalf("others can still get at %v", left)
	}
}

func recall(r *run) {
	a := r.Asset("red shoe")
	p := r.Publish(r.a, a.ID, r.ch.ID)
	r.Until(r.a, p.ID, dam.PubDelivered)
	list, err := r.a.Planning.RecallAsset(catalogtest.Context(r.t), dam.DefaultLibrary, a.ID, "wrong price")
	check(r.t, err)
	if len(list) != 1 || list[0].State != dam.PubRecalling {
		r.t.Fatalf("recalling %+v", list)
	}
	r.takenBack(r.a, p.ID)
	if _, err := r.a.Planning.Recall(catalogtest.Context(r.t), dam.DefaultLibrary, p.ID,
		""); dam.CodeOf(err) != dam.Conflict {
		r.t.Fatalf("a second recall: %v", err)
	}
	if _, err := r.a.Planning.Publish(catalogtest.Context(r.t), dam.DefaultLibrary,
		planning.PublishInput{Asset: a.ID, Channel: r.ch.ID}); dam.CodeOf(err) != dam.Conflict {
		r.t.Fatalf("publishing a recalled asset: %v", err)
	}
	// What was not sent yet is cancelled.
	b := r.Asset("blue shoe")
	q, err := r.a.Planning.Publish(catalogtest.Context(r.t), dam.DefaultLibrary,
		planning.PublishInput{Asset: b.ID, Channel: r.ch.ID, At: "2041-06-01T09:00", Zone: "Europe/Paris"})
	check(r.t, err)
	if got := q.At.Format(time.RFC3339); got != "2041-06-01T07:00:00Z" {
		r.t.Fatalf("nine in Paris is %s", got)
	}
	if q, err = r.a.Planning.Recall(catalogtest.Context(r.t), dam.DefaultLibrary, q.ID, ""); err != nil ||
		q.State != dam.PubCancelled {
		r.t.Fatalf("%v %s", err, Ledger(q))
	}
	r.count(b.ID, 0, 0)
}

// recallComment: what a recall leaves is nothing, also when the answer to the comment was lost.
func recallComment(r *run) {
	if _, ok := r.h.Kind.Publisher.(publishers.Commenter); !ok {
		return
	}
	if r.h.Comments == nil {
		r.t.Fatal("a channel that comments says what is visible of its comments")
	}
	for _, lost := range []bool{false, true} {
		if r.stage.OnComment(nil); lost {
			r.stage.OnComment(fails(errReset))
		}
		a := r.Asset("red shoe")
		p, err := r.a.Planning.Publish(catalogtest.Context(r.t), dam.DefaultLibrary,
			planning.PublishInput{Asset: a.ID, Channel: r.ch.ID, Caption: "hello " + a.ID,
				Post: dam.Post{FirstComment: "sizes of " + a.ID}})
		check(r.t, err)
		p = r.Until(r.a, p.ID, dam.PubDelivered)
		if n := r.h.Comments(a.ID); n != 1 || p.Receipt.Comment == nil || lost != (p.Receipt.Comment.Remote == "") {
			r.t.Fatalf("%d comments, the ledger knows of %+v", n, p.Receipt.Comment)
		}
		shown, err := r.a.Planning.LiveOf(catalogtest.Context(r.t), dam.DefaultLibrary, a.ID)
		if err != nil || len(shown) != 1 || shown[0].Comment == nil {
			r.t.Fatalf("%v, live is %+v", err, shown)
		}
		_, err = r.a.Planning.Recall(catalogtest.Context(r.t), dam.DefaultLibrary, p.ID, "wrong price")
		check(r.t, err)
		p = r.Until(r.a, p.ID, dam.PubRecalled, dam.PubManual)
		if p.State == dam.PubManual && r.caps.Recall && (!lost || !r.h.BlindToComments) {
			r.t.Fatalf("a person has to take it back\n%s", Ledger(p))
		}
		if n := r.h.Comments(a.ID); n != 0 && p.State == dam.PubRecalled {
			r.t.Fatalf("%d comments are left", n)
		}
		if r.caps.Recall {
			r.count(a.ID, 1, 0)
		}
	}
}

func recallInside(r *run) {
	a := r.Asset("red shoe")
	p := r.Publish(r.a, a.ID, r.ch.ID)
	r.stage.OnCommit(once(func(ctx context.Context, _ publishers.Intent) error {
		q, err := r.a.Planning.Recall(ctx, dam.DefaultLibrary, p.ID, "stop")
		if err != nil || q.State != dam.PubCommitting || !q.Withdrawn {
			r.t.Errorf("recall while it is being sent: %v %s", err, Ledger(q))
		}
		return nil
	}))
	r.Turn(r.a)
	r.takenBack(r.a, p.ID)

	// Before the commit it is not sent at all.
	b := r.Asset("blue shoe")
	q := r.Publish(r.a, b.ID, r.ch.ID)
	r.stage.OnPrepare(once(func(ctx context.Context, _ publishers.Intent) error {
		_, err := r.a.Planning.Recall(ctx, dam.DefaultLibrary, q.ID, "stop")
		return err
	}))
	r.stage.OnCommit(func(context.Context, publishers.Intent) error {
		r.t.Error("it was sent after it had been recalled")
		return nil
	})
	r.Until(r.a, q.ID, dam.PubCancelled, dam.PubRecalled)
	r.count(b.ID, 0, 0)
	r.nothingLeft(b.ID)
}

// purged: what is deleted for good is taken back by the ids that the ledger kept.
func purged(r *run) {
	a := r.Asset("red shoe")
	p := r.Publish(r.a, a.ID, r.ch.ID)
	r.Until(r.a, p.ID, dam.PubDelivered)
	r.Delete(a.ID)
	check(r.t, r.assets.Purge(catalogtest.Context(r.t), dam.DefaultLibrary, a.ID))
	r.Turn(r.a)
	r.takenBack(r.a, p.ID)
}

func rightsEnd(r *run) {
	a := r.Asset("red shoe")
	last := r.Clock.Now().UTC().AddDate(0, 0, 2).Format(time.DateOnly)
	r.Patch(a.ID, `{"rights": {"until": "`+last+`"}}`)
	late := r.Clock.Now().UTC().AddDate(0, 0, 3).Format(time.RFC3339)
	if _, err := r.a.Planning.Publish(catalogtest.Context(r.t), dam.DefaultLibrary,
		planning.PublishInput{Asset: a.ID, Channel: r.ch.ID, At: late}); dam.CodeOf(err) != dam.Conflict {
		r.t.Fatalf("planned after the rights end: %v", err)
	}
	p := r.Publish(r.a, a.ID, r.ch.ID)
	p = r.Until(r.a, p.ID, dam.PubDelivered)
	if p.NextAt == nil || p.NextAt.Format(time.RFC3339) != r.Clock.Now().UTC().AddDate(0, 0, 3).Format(time.DateOnly)+
		"T00:00:00Z" {
		r.t.Fatalf("it is looked at again at %v", p.NextAt)
	}
	r.Clock.Advance(p.NextAt.Sub(r.Clock.Now()))
	r.takenBack(r.a, p.ID)
}

func rule(r *run) {
	old := r.Asset("red boot")
	other := r.Asset("blue boot")
	r.Turn(r.a)
	r.Rule(r.a, r.ch.ID, "red")
	draft := r.Draft("red sandal")
	embargo := r.Draft("red later")
	start := r.Clock.Now().UTC().AddDate(0, 0, 5)
	r.Patch(embargo.ID, `{"rights": {"from": "`+start.Format(time.DateOnly)+`"}}`)
	r.Decide(embargo.ID, dam.Approve)
	r.Turn(r.a)
	if n := len(r.Of(old.ID, r.ch.ID)); n != 1 {
		r.t.Fatalf("the rule planned %d publications of an asset that was there", n)
	}
	r.Until(r.a, r.Of(old.ID, r.ch.ID)[0].ID, dam.PubDelivered)
	if len(r.Of(draft.ID, r.ch.ID))+len(r.Of(other.ID, r.ch.ID)) != 0 {
		r.t.Fatal("the rule planned what is not approved, or does not match")
	}
	r.Decide(draft.ID, dam.Approve)
	r.Turn(r.a)
	p := r.Until(r.a, r.Of(draft.ID, r.ch.ID)[0].ID, dam.PubDelivered)
	r.count(draft.ID, 1, 1)

	// An edit is sent again where the channel updates in place, and only there.
	v2 := r.NewVersion(draft.ID, "red sandal two")
	r.Turn(r.a)
	if q := r.Read(p.ID); q.Version != p.Version {
		r.t.Fatal("a version nobody approved went out")
	}
	r.Decide(draft.ID, dam.Approve)
	r.Turn(r.a)
	p = r.Until(r.a, p.ID, dam.PubDelivered)
	if sent := p.Receipt.Version == v2.ID; sent != r.caps.Update {
		r.t.Fatalf("a channel that updates: %v, sent the new version: %v\n%s", r.caps.Update, sent, Ledger(p))
	}
	r.count(draft.ID, 1, 1)

	// An approval that is undone is a recall, and a new one publishes again.
	r.Decide(draft.ID, dam.Archive)
	r.Turn(r.a)
	r.takenBack(r.a, p.ID)
	r.Decide(draft.ID, dam.Restore)
	r.Turn(r.a)
	list := r.Of(draft.ID, r.ch.ID)
	if len(list) != 2 {
		r.t.Fatalf("%d publications after archive and restore", len(list))
	}
	r.Until(r.a, list[1].ID, dam.PubDelivered)

	// A person's recall stays.
	_, err := r.a.Planning.Recall(catalogtest.Context(r.t), dam.DefaultLibrary, list[1].ID, "not nice")
	check(r.t, err)
	r.takenBack(r.a, list[1].ID)
	r.Patch(draft.ID, `{"description": {"en": "edited"}}`)
	r.Turn(r.a)
	if n := len(r.Of(draft.ID, r.ch.ID)); n != 2 {
		r.t.Fatal("the rule sends what a person took back")
	}

	// What no longer matches goes, and so does what is in the bin.
	first := r.Of(old.ID, r.ch.ID)[0]
	r.Patch(old.ID, `{"title": {"en": "green boot"}}`)
	r.Turn(r.a)
	r.takenBack(r.a, first.ID)
	r.Patch(other.ID, `{"title": {"en": "red after all"}}`)
	r.Turn(r.a)
	third := r.Until(r.a, r.Of(other.ID, r.ch.ID)[0].ID, dam.PubDelivered)
	r.Delete(other.ID)
	r.Turn(r.a)
	r.takenBack(r.a, third.ID)

	// The embargo ends at its instant.
	e := r.Of(embargo.ID, r.ch.ID)[0]
	if e.State != dam.PubPlanned || e.NextAt.Format(time.DateOnly) != start.Format(time.DateOnly) {
		r.t.Fatalf("an embargoed asset\n%s", Ledger(e))
	}
	r.count(embargo.ID, 0, 0)
	r.Clock.Advance(e.NextAt.Sub(r.Clock.Now()) - time.Second)
	r.Turn(r.a)
	r.count(embargo.ID, 0, 0)
	r.Clock.Advance(time.Second)
	r.Until(r.a, e.ID, dam.PubDelivered)
	r.count(embargo.ID, 1, 1)
}
