package bulk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/cmd/vitrine/server/servertest"
	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/bulk"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/collections"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/dam/review"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childEnv); url != "" {
		runChild(url)
		return
	}
	servertest.Main(m)
}

// world is a server whose background work begins with start, with a person for every role.
type world struct {
	*testing.T
	app   *servertest.App
	cat   *catalog.Catalog
	bulk  *bulk.Service
	users map[dam.Role]dam.Principal
}

// Context is one in which the system acts.
func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

func newWorld(t *testing.T, cat *catalog.Catalog) *world {
	t.Helper()
	app := servertest.New(t, catalogtest.URL(cat), "--engine", "imaging", sharedKey)
	w := &world{t, app, cat, app.Library.Bulk, map[dam.Role]dam.Principal{}}
	for _, role := range dam.Roles {
		u := catalog.Account{User: dam.User{ID: dam.NewID(dam.UserPrefix), Email: string(role) + "@example.org",
			Name: string(role), Grants: map[string]dam.Role{dam.DefaultLibrary: role}}}
		w.write(func(tx *catalog.Tx) error { return tx.People().InsertUser(catalogtest.Context(t), &u) })
		w.users[role] = dam.Principal{ID: u.ID, Name: u.Name, Grants: u.Grants}
	}
	return w
}

// start lets jobs run.
func (w *world) start() {
	w.Helper()
	w.app.Begin(w)
}

func (w *world) as(role dam.Role) context.Context {
	return catalog.WithActor(w.Context(), w.users[role])
}

func (w *world) write(fn func(tx *catalog.Tx) error) {
	w.Helper()
	if err := w.cat.Write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// insert adds n assets of an uploader.
func insert(ctx context.Context, cat *catalog.Catalog, n int, change func(i int, a *dam.Asset)) ([]string, error) {
	ids := make([]string, n)
	return ids, cat.Write(ctx, func(tx *catalog.Tx) error {
		for i := range n {
			a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
				Title: dam.Text{"en": fmt.Sprintf("Chair %d", i)}, Tags: []string{"sale", "oak"}}
			a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: fmt.Sprintf("%064x", i),
				Status: dam.Draft}
			if change != nil {
				change(i, &a)
			}
			if err := tx.Assets().InsertAsset(ctx, &a, dam.Metadata{}); err != nil {
				return err
			}
			tx.EmitAsset(dam.AssetCreated, &a, map[string]any{})
			ids[i] = a.ID
		}
		return nil
	})
}

func (w *world) insert(ctx context.Context, n int, change func(i int, a *dam.Asset)) []string {
	w.Helper()
	ids, err := insert(ctx, w.cat, n, change)
	if err != nil {
		w.Fatal(err)
	}
	return ids
}

func (w *world) begin(role dam.Role, r bulk.Request) dam.Bulk {
	w.Helper()
	b, err := w.bulk.Start(w.as(role), dam.DefaultLibrary, r)
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// ended waits for a job's end and compares its counts.
func (w *world) ended(b dam.Bulk, state dam.BulkState, total, done, failed int) dam.Bulk {
	w.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		now, err := w.bulk.Get(w.as(dam.Admin), dam.DefaultLibrary, b.ID)
		if err != nil {
			w.Fatal(err)
		}
		if now.Ended() {
			if now.State != state || now.Total != total || now.Done != done || now.Failed != failed {
				w.Fatalf("the job ended as %s with %d/%d, %d failed; want %s %d/%d, %d: %s", now.State, now.Done,
					now.Total, now.Failed, state, done, total, failed, now.Note)
			}
			return now
		}
		if time.Now().After(deadline) {
			w.Fatalf("the job is still %s with %d/%d", now.State, now.Done, now.Total)
		}
	}
}

func (w *world) assets(ids []string) []dam.Asset {
	w.Helper()
	list, err := w.cat.Assets().List(w.Context(), ids)
	if err != nil || len(list) != len(ids) {
		w.Fatalf("%d of %d assets: %v", len(list), len(ids), err)
	}
	return list
}

// plain is what an undo must bring back.
func plain(list []dam.Asset) []dam.Asset {
	out := slices.Clone(list)
	for i := range out {
		out[i].Revision, out[i].UpdatedAt, out[i].Published = 0, time.Time{}, false
	}
	return out
}

func TestEverythingAndBack(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.start()
		ids := w.insert(w.as(dam.Editor), 230, func(i int, a *dam.Asset) {
			if i%10 == 9 {
				a.Tags = []string{"other"}
			}
		})
		c, err := w.app.Library.Collections.Create(w.as(dam.Editor), dam.DefaultLibrary,
			collections.New{Name: "Summer"})
		if err != nil {
			t.Fatal(err)
		}
		before := w.assets(ids)
		request := bulk.Request{Filter: dam.BulkFilter{Q: "tag:sale"}, Except: ids[:1], Change: dam.BulkChange{
			Set: map[string]json.RawMessage{"title": json.RawMessage(`{"fr":"Chaise"}`),
				"rights": json.RawMessage(`{"until":"2030-01-01"}`)}, AddTags: []string{"Summer"},
			RemoveTags:    []string{"SALE"},
			AddCollection: c.ID, Action: dam.BulkAction(dam.Approve)}}
		dry := request
		dry.DryRun = true
		if b, err := w.bulk.Start(w.as(dam.Publisher), dam.DefaultLibrary, dry); err != nil || b.Total != 206 ||
			b.ID != "" {
			t.Fatalf("a dry run says %+v %v", b, err)
		}
		job := w.ended(w.begin(dam.Publisher, request), dam.BulkDone, 206, 206, 0)
		for i, a := range w.assets(ids) {
			in := i > 0 && i%10 != 9
			if !in {
				if !reflect.DeepEqual(a, before[i]) {
					t.Fatalf("asset %d was not meant: %+v", i, a)
				}
				continue
			}
			if a.Title["fr"] != "Chaise" || a.Title["en"] != before[i].Title["en"] ||
				!slices.Equal(a.Tags, []string{"oak", "Summer"}) || !slices.Equal(a.Collections, []string{c.ID}) ||
				a.Live != a.Latest.ID || a.Latest.DecidedBy != w.users[dam.Publisher].ID ||
				a.Rights.Until != "2030-01-01" {
				t.Fatalf("asset %d is %+v", i, a)
			}
		}
		// One asset goes on by itself: only what the job changed must still be so.
		p, err := assets.ParsePatch([]byte(`{"title":{"fr":"Fauteuil"},"tags":["oak","Summer","mine"]}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.bulk.Assets.(*assets.Service).Patch(w.as(dam.Editor), dam.DefaultLibrary, ids[1], 0,
			p); err != nil {
			t.Fatal(err)
		}
		if p, err = assets.ParsePatch([]byte(`{"caption":{"fr":"x"},"tags":["Summer","oak","mine"]}`)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.bulk.Assets.(*assets.Service).Patch(w.as(dam.Editor), dam.DefaultLibrary, ids[2], 0,
			p); err != nil {
			t.Fatal(err)
		}
		undo, err := w.bulk.Undo(w.as(dam.Publisher), dam.DefaultLibrary, job.ID)
		if err != nil || undo.Undoes != job.ID {
			t.Fatalf("undo: %+v %v", undo, err)
		}
		w.ended(undo, dam.BulkDone, 206, 205, 1)
		list, err := w.bulk.Failures(w.as(dam.Publisher), dam.DefaultLibrary, undo.ID, 10)
		if err != nil || len(list) != 1 || list[0].Asset != ids[1] || list[0].Field != "title" || list[0].Remedy == "" {
			t.Errorf("failures %+v %v", list, err)
		}
		after := plain(w.assets(ids))
		if a := after[1]; a.Title["fr"] != "Fauteuil" || a.Live == "" {
			t.Errorf("an asset that could not be put back whole was put back in part: %+v", a)
		}
		if a := after[2]; !slices.Equal(a.Tags, []string{"oak", "mine", "sale"}) || a.Title["fr"] != "" ||
			a.Live != "" || a.Caption["fr"] != "x" {
			t.Errorf("tags are put back one by one, the rest stays: %+v", a)
		}
		for i, was := range plain(before) {
			if i != 1 && i != 2 {
				slices.Sort(after[i].Tags)
				slices.Sort(was.Tags)
				if got, want := text(t, after[i]), text(t, was); got != want {
					t.Fatalf("asset %d is not as it was:\n%s\n%s", i, got, want)
				}
			}
		}
		if _, err := w.bulk.Undo(w.as(dam.Publisher), dam.DefaultLibrary, job.ID); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("undone twice: %v", err)
		}
		ev, err := cat.Log().AssetEvents(catalogtest.Context(t), ids[3], 0, 50)
		if err != nil || len(ev) < 4 || ev[0].Actor != w.users[dam.Publisher].ID {
			t.Errorf("history %+v %v", ev, err)
		}
	})
}

// text is an asset as people get it; empty maps and lists are nothing.
func text(t *testing.T, a dam.Asset) string {
	t.Helper()
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRoles(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.start()
		own := w.insert(w.as(dam.Contributor), 2, nil)
		w.insert(w.as(dam.Editor), 3, nil)
		all := dam.BulkFilter{Q: "chair"}
		for _, c := range []struct {
			least  dam.Role
			change dam.BulkChange
		}{
			{dam.Contributor, dam.BulkChange{AddTags: []string{"x"}}},
			{dam.Contributor, dam.BulkChange{Action: dam.BulkAction(dam.Submit)}},
			{dam.Editor, dam.BulkChange{AddCollection: "c_none"}},
			{dam.Editor, dam.BulkChange{Action: dam.BulkDelete}},
			{dam.Publisher, dam.BulkChange{AddTags: []string{"x"}, Action: dam.BulkAction(dam.Approve)}},
			{dam.Publisher, dam.BulkChange{Action: dam.BulkAction(dam.Archive)}},
		} {
			for _, role := range dam.Roles {
				_, err := w.bulk.Start(w.as(role), dam.DefaultLibrary, bulk.Request{Filter: all, Change: c.change,
					DryRun: true})
				if (dam.CodeOf(err) == dam.Forbidden) == role.Includes(c.least) {
					t.Errorf("%s, %+v: %v", role, c.change, err)
				}
			}
		}
		b := w.ended(w.begin(dam.Contributor,
			bulk.Request{Filter: all, Change: dam.BulkChange{AddTags: []string{"mine"}}}), dam.BulkDone, 5, 2, 3)
		for i, a := range w.assets(own) {
			if !slices.Contains(a.Tags, "mine") {
				t.Errorf("own asset %d: %v", i, a.Tags)
			}
		}
		if list, err := w.bulk.Failures(w.as(dam.Contributor), dam.DefaultLibrary, b.ID, 10); err != nil ||
			len(list) != 3 || list[0].Code != dam.Forbidden {
			t.Errorf("%+v %v", list, err)
		}
		other := w.begin(dam.Editor, bulk.Request{Filter: all, Change: dam.BulkChange{AddTags: []string{"y"}}})
		if _, err := w.bulk.Get(w.as(dam.Contributor), dam.DefaultLibrary, other.ID); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("a contributor sees an editor's job: %v", err)
		}
		w.ended(other, dam.BulkDone, 5, 5, 0)
	})
}

// A role that is taken away while the job waits no longer counts.
func TestRoleLostMeanwhile(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	ids := w.insert(w.as(dam.Editor), 3, nil)
	b := w.begin(dam.Publisher, bulk.Request{Filter: dam.BulkFilter{Assets: ids},
		Change: dam.BulkChange{Action: dam.BulkAction(dam.Approve)}})
	account, err := w.cat.People().Account(catalogtest.Context(t), w.users[dam.Publisher].ID)
	if err != nil {
		t.Fatal(err)
	}
	account.Grants[dam.DefaultLibrary] = dam.Editor
	w.write(func(tx *catalog.Tx) error { return tx.People().UpdateUser(catalogtest.Context(t), account) })
	w.start()
	w.ended(b, dam.BulkDone, 3, 0, 3)
	for _, a := range w.assets(ids) {
		if a.Live != "" {
			t.Errorf("%s was approved by an editor", a.ID)
		}
	}
}

// Who has no access any more is not told what the whole library has.
func TestAccessLostMeanwhile(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	w.insert(w.as(dam.Editor), 3, nil)
	b := w.begin(dam.Publisher, bulk.Request{Filter: dam.BulkFilter{Q: "chair"},
		Change: dam.BulkChange{AddTags: []string{"x"}}})
	account, err := w.cat.People().Account(catalogtest.Context(t), w.users[dam.Publisher].ID)
	if err != nil {
		t.Fatal(err)
	}
	account.Disabled = true
	w.write(func(tx *catalog.Tx) error { return tx.People().UpdateUser(catalogtest.Context(t), account) })
	w.start()
	w.ended(b, dam.BulkFailed, 0, 0, 0)
}

// Who is limited to a collection changes what is in it, and hears of nothing else.
func TestLimited(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.start()
		ids := w.insert(w.as(dam.Editor), 4, nil)
		edits := w.app.Library.Collections
		c, err := edits.Create(w.as(dam.Editor), dam.DefaultLibrary, collections.New{Name: "Agency"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := edits.Collect(w.as(dam.Editor), dam.DefaultLibrary, c.ID, ids[:2], true); err != nil {
			t.Fatal(err)
		}
		account, err := cat.People().Account(catalogtest.Context(t), w.users[dam.Editor].ID)
		if err != nil {
			t.Fatal(err)
		}
		account.ID, account.Email, account.Collections = dam.NewID(dam.UserPrefix), "agency@example.com",
			map[string][]string{dam.DefaultLibrary: {c.ID}}
		w.write(func(tx *catalog.Tx) error { return tx.People().InsertUser(catalogtest.Context(t), &account) })
		ctx := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: account.ID, Grants: account.Grants,
			Collections: account.Collections})
		for _, f := range []dam.BulkFilter{{Q: "chair"}, {Assets: ids}} {
			b, err := w.bulk.Start(ctx, dam.DefaultLibrary,
				bulk.Request{Filter: f, Change: dam.BulkChange{AddTags: []string{"seen"}}})
			if err != nil {
				t.Fatal(err)
			}
			w.ended(b, dam.BulkDone, 2, 2, 0) // what may not be seen isn't counted, even when it is named
		}
		for i, a := range w.assets(ids) {
			if slices.Contains(a.Tags, "seen") != (i < 2) {
				t.Errorf("asset %d has %v", i, a.Tags)
			}
		}
		other := w.begin(dam.Editor, bulk.Request{Filter: dam.BulkFilter{Q: "chair"},
			Change: dam.BulkChange{AddTags: []string{"y"}}})
		if _, err := w.bulk.Get(ctx, dam.DefaultLibrary, other.ID); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("the job of another: %v", err)
		}
		if list, err := w.bulk.List(ctx, dam.DefaultLibrary, 10); err != nil || len(list) != 2 {
			t.Errorf("jobs: %v %v", list, err)
		}
		w.ended(other, dam.BulkDone, 4, 4, 0)
	})
}

func TestFailuresRetryCancel(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ids := w.insert(w.as(dam.Editor), 4, func(i int, a *dam.Asset) {
			if i == 0 {
				a.Latest.Status = dam.Archived
			}
		})
		approve := bulk.Request{Filter: dam.BulkFilter{Q: "chair"}, Change: dam.BulkChange{AddTags: []string{"done"},
			Action: dam.BulkAction(dam.Approve)}}
		b := w.begin(dam.Publisher, approve)
		if b, err := w.bulk.Cancel(w.as(dam.Publisher), dam.DefaultLibrary, b.ID); err != nil ||
			b.State != dam.BulkCancelled {
			t.Fatalf("cancelled: %+v %v", b, err)
		}
		w.start() // the job finds itself cancelled
		if _, err := w.bulk.Retry(w.as(dam.Editor), dam.DefaultLibrary, b.ID); dam.CodeOf(err) != dam.Forbidden {
			t.Errorf("an editor goes on with an approval: %v", err)
		}
		if _, err := w.bulk.Retry(w.as(dam.Publisher), dam.DefaultLibrary, b.ID); err != nil {
			t.Fatal(err)
		}
		w.ended(b, dam.BulkDone, 4, 3, 1)
		if a := w.assets(ids)[0]; slices.Contains(a.Tags, "done") {
			t.Errorf("half of the change stayed on an asset that failed: %v", a.Tags)
		}
		list, err := w.bulk.Failures(w.as(dam.Publisher), dam.DefaultLibrary, b.ID, 10)
		if err != nil || len(list) != 1 || list[0].Asset != ids[0] || list[0].Code != dam.Conflict ||
			!strings.Contains(list[0].Message, "archived") {
			t.Fatalf("%+v %v", list, err)
		}
		if _, err := w.bulk.Review.(*review.Service).Decide(w.as(dam.Publisher), dam.DefaultLibrary, ids[0],
			review.Step{Action: dam.Restore}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.bulk.Retry(w.as(dam.Publisher), dam.DefaultLibrary, b.ID); err != nil {
			t.Fatal(err)
		}
		w.ended(b, dam.BulkDone, 4, 4, 0)
		for _, a := range w.assets(ids) {
			if a.Live == "" || !slices.Contains(a.Tags, "done") {
				t.Errorf("%s: %+v", a.ID, a)
			}
		}
		// The bin is a filter of its own.
		w.ended(w.begin(dam.Editor, bulk.Request{Filter: dam.BulkFilter{Q: "chair"},
			Change: dam.BulkChange{Action: dam.BulkDelete}}), dam.BulkDone, 4, 4, 0)
		w.ended(w.begin(dam.Editor, bulk.Request{Filter: dam.BulkFilter{Q: "chair"},
			Change: dam.BulkChange{AddTags: []string{"never"}}}), dam.BulkDone, 0, 0, 0)
		w.ended(w.begin(dam.Editor, bulk.Request{Filter: dam.BulkFilter{Bin: true},
			Change: dam.BulkChange{Action: dam.BulkUndelete}}), dam.BulkDone, 4, 4, 0)
		if list, err := w.bulk.List(w.as(dam.Viewer), dam.DefaultLibrary, 10); err != nil || len(list) != 0 {
			t.Errorf("a viewer's jobs: %v %v", list, err)
		}
		if list, err := w.bulk.List(w.as(dam.Editor), dam.DefaultLibrary, 10); err != nil || len(list) != 4 ||
			list[3].ID != b.ID {
			t.Errorf("jobs: %+v %v", list, err)
		}
	})
}

func TestRefused(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	for name, r := range map[string]bulk.Request{
		"q":      {Filter: dam.BulkFilter{Q: "(oak"}, Change: dam.BulkChange{AddTags: []string{"x"}}},
		"change": {Filter: dam.BulkFilter{Q: "oak"}},
		"change.comment": {Filter: dam.BulkFilter{Q: "oak"},
			Change: dam.BulkChange{Action: dam.BulkAction(dam.Reject)}},
		"filter.assets": {Filter: dam.BulkFilter{Q: "oak", Assets: []string{"a_1"}},
			Change: dam.BulkChange{AddTags: []string{"x"}}},
	} {
		_, err := w.bulk.Start(w.as(dam.Admin), dam.DefaultLibrary, r)
		var e *dam.Error
		if !asError(err, &e) || e.Field != name || e.Code != dam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Nothing is forgiven: what one asset is called but for a letter is not found.
	w.start()
	w.insert(w.as(dam.Editor), 1, nil)
	w.ended(w.begin(dam.Editor, bulk.Request{Filter: dam.BulkFilter{Q: "chaiir"},
		Change: dam.BulkChange{Action: dam.BulkDelete}}), dam.BulkDone, 0, 0, 0)
}

// What a channel has been sent since stays as it is; so does what is too old, or erased.
func TestUndoHasLimits(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.start()
		ids := w.insert(w.as(dam.Editor), 3, nil)
		b := w.ended(w.begin(dam.Publisher, bulk.Request{Filter: dam.BulkFilter{Q: "chair"},
			Change: dam.BulkChange{Action: dam.BulkAction(dam.Approve)}}), dam.BulkDone, 3, 3, 0)
		w.write(func(tx *catalog.Tx) error {
			now := tx.Now()
			ch := catalog.ChannelRow{Channel: dam.Channel{ID: dam.NewID(dam.ChannelPrefix), Library: dam.DefaultLibrary,
				Name: "Site", Kind: "bucket"}}
			if err := tx.Channels().PutChannel(catalogtest.Context(t), &ch); err != nil {
				return err
			}
			p := catalog.LedgerRow{Publication: dam.Publication{ID: dam.NewID(dam.PublicationPrefix),
				Library: dam.DefaultLibrary, Channel: ch.ID, Asset: ids[0], State: dam.PubDelivered, At: now},
				Committed: &now}
			if err := tx.Publications().InsertPublication(catalogtest.Context(t), &p,
				reasons.PlannedByHand()); err != nil {
				return err
			}
			return tx.Maintenance().EraseValues(catalogtest.Context(t), ids[1])
		})
		undo, err := w.bulk.Undo(w.as(dam.Publisher), dam.DefaultLibrary, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.ended(undo, dam.BulkDone, 2, 1, 1)
		list, err := w.bulk.Failures(w.as(dam.Publisher), dam.DefaultLibrary, undo.ID, 10)
		if err != nil || len(list) != 1 || list[0].Asset != ids[0] || !strings.Contains(list[0].Message, "Site") {
			t.Errorf("%+v %v", list, err)
		}
		live := []bool{}
		for _, a := range w.assets(ids) {
			live = append(live, a.Live != "")
		}
		if !slices.Equal(live, []bool{true, true, false}) {
			t.Errorf("public afterwards: %v", live)
		}
		old := catalog.BulkRow{}
		w.write(func(tx *catalog.Tx) error {
			long := tx.Now().Add(-dam.BulkUndoFor - time.Second)
			old = catalog.BulkRow{Bulk: dam.Bulk{ID: dam.NewID(dam.BulkPrefix), Library: dam.DefaultLibrary,
				State: dam.BulkDone, Done: 1, Total: 1, EndedAt: &long, Change: dam.BulkChange{AddTags: []string{"x"}}}}
			return tx.BulkJobs().InsertBulk(catalogtest.Context(t), &old)
		})
		if _, err := w.bulk.Undo(w.as(dam.Admin), dam.DefaultLibrary, old.ID); dam.CodeOf(err) != dam.Gone {
			t.Errorf("undone too late: %v", err)
		}
		if err := w.bulk.Sweep(catalogtest.Context(t), bulk.SweepArgs{}, jobs.Info{}); err != nil {
			t.Error(err)
		}
	})
}
