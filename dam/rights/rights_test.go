package rights_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/retention"
	"vitrine/dam/rights"
	"vitrine/storage"
	"vitrine/storage/disk"
)

const library = dam.DefaultLibrary

// world is a catalogue and the service on it. Searches find all assets that it was given.
type world struct {
	*testing.T
	cat    *catalog.Catalog
	s      *rights.Service
	queued []rights.ApplyArgs
}

func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

func (w *world) Each(_ context.Context, _ string, s dam.Selection, begin func(int, int64) error,
	block func([]string) error) error {
	list, err := w.cat.Assets().List(w.Context(), s.Filter.Assets)
	if err != nil {
		return err
	}
	var ids []string
	for _, a := range list {
		if a.Library == library {
			ids = append(ids, a.ID)
		}
	}
	if err := begin(len(ids), 0); err != nil {
		return err
	}
	return block(ids)
}

func (w *world) Enqueue(_ context.Context, _ *catalog.Tx, args jobs.Args, _ jobs.Options) error {
	w.queued = append(w.queued, args.(rights.ApplyArgs))
	return nil
}

func newWorld(t *testing.T, cat *catalog.Catalog) *world {
	w := &world{T: t, cat: cat}
	w.s = &rights.Service{Catalog: cat, Find: w, Jobs: w}
	return w
}

func check[T any](w *world) func(T, error) T {
	return func(v T, err error) T {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		return v
	}
}

// assets adds approved ones.
func (w *world) assets(n int) (ids []string) {
	w.Helper()
	for range n {
		at := time.Now().UTC().Add(-time.Hour)
		a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: library, Kind: dam.KindImage, Published: true}
		a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: a.ID, Status: dam.Approved,
			FileName: a.ID + ".jpg", ApprovedAt: &at}
		err := w.cat.Write(w.Context(), func(tx *catalog.Tx) error {
			if err := tx.Assets().InsertAsset(w.Context(), &a, dam.Metadata{}); err != nil {
				return err
			}
			a.Live = a.Latest.ID
			return tx.Assets().UpdateAsset(w.Context(), &a)
		})
		if err != nil {
			w.Fatal(err)
		}
		ids = append(ids, a.ID)
	}
	return ids
}

func (w *world) status(id string) dam.PublicStatus {
	w.Helper()
	a := check[dam.Asset](w)(w.cat.Assets().Asset(w.Context(), library, id))
	p := check[catalog.PublicAsset](w)(w.cat.Public().Asset(w.Context(), id))
	seen := dam.VisibilityAt(a.PublicFacts(time.UTC), time.Now(), dam.UnknownAudience).Status
	if other := dam.VisibilityAt(p.Facts(time.UTC), time.Now(), dam.UnknownAudience).Status; other != seen {
		w.Errorf("an asset is %s, and delivery finds it %s", seen, other)
	}
	// A viewer's reads are decided in SQL.
	viewer := dam.Principal{ID: "u_viewer", Grants: map[string]dam.Role{library: dam.Viewer}}
	found := check[string](w)(w.cat.Assets().AssetWithBytes(dam.WithActor(w.Context(), viewer), library, id))
	if (found == id) != (seen == dam.StatusPublic) {
		w.Errorf("an asset is %s, and a viewer's statement finds %q", seen, found)
	}
	return seen
}

func ptr[T any](v T) *T { return &v }

func (w *world) licence(number string, t rights.TermsEdit) dam.Licence {
	w.Helper()
	return check[dam.Licence](w)(w.s.CreateLicence(w.Context(), library, rights.LicenceEdit{
		RecordEdit: rights.RecordEdit{Number: &number, Terms: &t}, Licensor: ptr("Agency")}))
}

func (w *world) link(kind dam.RecordKind, id string, assets ...string) rights.Linked {
	w.Helper()
	return check[rights.Linked](w)(w.s.Link(w.Context(), library, kind, id, dam.BulkFilter{Assets: assets}, true))
}

// A licence limits what it is linked to, at once, and no longer when it is taken away; each change is one of the asset.
func TestLicenceLimits(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ids := w.assets(2)
		l := w.licence("L-1", rights.TermsEdit{})
		w.link(dam.LicenceRecord, l.ID, ids...)
		if got := w.status(ids[0]); got != dam.StatusPublic {
			t.Fatalf("with a licence for everything: %s", got)
		}
		for _, c := range []struct {
			name string
			t    rights.TermsEdit
			want dam.PublicStatus
		}{
			{"over", rights.TermsEdit{Until: ptr(dam.Moment("2020-01-01"))}, dam.StatusExpired},
			{"to come", rights.TermsEdit{Until: ptr(dam.Moment("")), From: ptr(dam.Moment("2999-01-01"))},
				dam.StatusEmbargoed},
			{"print only", rights.TermsEdit{From: ptr(dam.Moment("")), Media: &[]dam.Medium{dam.MediumPrint}},
				dam.StatusMedium},
			{"web too", rights.TermsEdit{Media: &[]dam.Medium{dam.MediumPrint, dam.MediumWeb}}, dam.StatusPublic},
			{"no public address", rights.TermsEdit{Media: &[]dam.Medium{}, Channels: &[]string{}}, dam.StatusPublic},
		} {
			got := check[rights.Changed[dam.Licence]](w)(w.s.ChangeLicence(w.Context(), library, l.ID, 0,
				rights.LicenceEdit{RecordEdit: rights.RecordEdit{Terms: &c.t}}, false))
			if got.Record.Assets != 2 || got.Record.Applying != 0 {
				t.Errorf("%s: %+v", c.name, got.Record)
			}
			for _, id := range ids {
				if got := w.status(id); got != c.want {
					t.Errorf("%s: %s, want %s", c.name, got, c.want)
				}
			}
		}
		second := w.licence("L-2", rights.TermsEdit{Territories: &[]string{"FR", "BE"}})
		third := w.licence("L-3", rights.TermsEdit{Territories: &[]string{"US"}})
		w.link(dam.LicenceRecord, second.ID, ids[0])
		if got := w.status(ids[0]); got != dam.StatusPublic {
			t.Errorf("for some territories: %s", got)
		}
		w.link(dam.LicenceRecord, third.ID, ids[0])
		if got := w.status(ids[0]); got != dam.StatusTerritory {
			t.Errorf("licences that exclude each other: %s", got)
		}
		of := check[dam.AssetRights](w)(w.s.OfAsset(w.Context(), library, ids[0]))
		if len(of.Records) != 3 || of.Limits.Territories == nil || len(of.Limits.Territories) != 0 {
			t.Errorf("%+v", of)
		}
		out := check[rights.Linked](w)(w.s.Link(w.Context(), library, dam.LicenceRecord, third.ID,
			dam.BulkFilter{Assets: ids}, false))
		if got := w.status(ids[0]); got != dam.StatusPublic || out.Assets != 1 {
			t.Errorf("without it: %s, %+v", got, out)
		}
		last := check[[]dam.Event](w)(cat.Log().AssetEvents(w.Context(), ids[0], 0, 20))
		if last[0].Type != dam.AssetUpdated || string(last[0].Data) != `{"fields":["licences","limits"]}` {
			t.Errorf("the last event is %s %s", last[0].Type, last[0].Data)
		}
	})
}

// A dry run says what a change would touch, and changes nothing.
func TestDryRuns(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ids := w.assets(3)
		l := w.licence("L-1", rights.TermsEdit{})
		would := check[rights.Linked](w)(w.s.WouldLink(w.Context(), library, dam.LicenceRecord, l.ID,
			dam.BulkFilter{Assets: ids}, true))
		if would.Assets != 3 || would.Impact.Narrower != 0 {
			t.Errorf("%+v %+v", would, would.Impact)
		}
		w.link(dam.LicenceRecord, l.ID, ids...)
		e := rights.LicenceEdit{RecordEdit: rights.RecordEdit{
			Terms: &rights.TermsEdit{Until: ptr(dam.Moment("2020-01-01"))}}}
		got := check[rights.Changed[dam.Licence]](w)(w.s.ChangeLicence(w.Context(), library, l.ID, l.Revision, e, true))
		if i := got.Impact; i.Assets != 3 || i.Narrower != 3 || i.Wider != 0 || i.HiddenCount != 3 ||
			!slices.Equal(slices.Sorted(slices.Values(i.Hidden)), slices.Sorted(slices.Values(ids))) {
			t.Errorf("%+v", i)
		}
		if now := check[dam.Licence](w)(w.s.Licence(w.Context(), library, l.ID)); now.Terms.Until != "" ||
			now.Revision != l.Revision {
			t.Errorf("a dry run left %+v", now)
		}
		if got := w.status(ids[1]); got != dam.StatusPublic {
			t.Errorf("after a dry run: %s", got)
		}
	})
}

// A change that concerns many assets is a job; it can be cut off, and nothing is done twice.
func TestManyAssetsAreAJob(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ids := w.assets(320)
		l := w.licence("L-1", rights.TermsEdit{Until: ptr(dam.Moment("2020-01-01"))})
		out := w.link(dam.LicenceRecord, l.ID, ids...)
		if out.Assets != 320 || out.Applying != 320 || len(w.queued) != 1 {
			t.Fatalf("%+v %v", out, w.queued)
		}
		if err := w.s.Apply(w.Context(), w.queued[0], jobs.Info{}); err != nil {
			t.Fatal(err)
		}
		now := check[dam.Licence](w)(w.s.Licence(w.Context(), library, l.ID))
		if now.Applying != 0 || w.status(ids[0]) != dam.StatusExpired || w.status(ids[319]) != dam.StatusExpired {
			t.Errorf("after the job: %+v", now)
		}
		head := check[int64](w)(cat.Log().Head(w.Context()))
		if err := w.s.Apply(w.Context(), w.queued[0], jobs.Info{}); err != nil {
			t.Fatal(err)
		}
		if again := check[int64](w)(cat.Log().Head(w.Context())); again != head {
			t.Errorf("a repeated job wrote %d events", again-head)
		}
	})
}

// A consent that is taken back hides its assets for good, and erasing it keeps them hidden.
func TestWithdrawnConsent(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ids := w.assets(1)
		c := check[dam.Consent](w)(w.s.CreateConsent(w.Context(), library, rights.ConsentEdit{Person: ptr("Ana Martin"),
			Scope: ptr("campaign")}))
		w.link(dam.ConsentRecord, c.ID, ids...)
		would := check[rights.Changed[dam.Consent]](w)(w.s.Withdraw(w.Context(), library, c.ID, 0, true))
		if would.Impact.HiddenCount != 1 || w.status(ids[0]) != dam.StatusPublic {
			t.Errorf("%+v", would.Impact)
		}
		got := check[rights.Changed[dam.Consent]](w)(w.s.Withdraw(w.Context(), library, c.ID, 0, false))
		if got.Record.WithdrawnAt == nil || w.status(ids[0]) != dam.StatusExpired {
			t.Errorf("%+v", got)
		}
		if _, err := w.s.Withdraw(w.Context(), library, c.ID, 0, false); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("a second time: %v", err)
		}
		if err := cat.Write(w.Context(), func(tx *catalog.Tx) error {
			return tx.Assets().Rights().EraseConsent(w.Context(), c.ID)
		}); err != nil {
			t.Fatal(err)
		}
		other := check[dam.Consent](w)(w.s.CreateConsent(w.Context(), library, rights.ConsentEdit{Person: ptr("Leo")}))
		more := w.assets(1)
		w.link(dam.ConsentRecord, other.ID, more...)
		// The catalogue is one from before the erasure: it forgets again.
		store, err := disk.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		body := `{"id":"x_1","kind":"consent","subject":"` + other.ID + `"}`
		if err := store.Put(w.Context(), "erasures/x_1.json", strings.NewReader(body),
			storage.PutOptions{Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
		if n, err := (&retention.Eraser{Catalog: cat, Store: store}).Replay(w.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if err := w.s.Sweep(w.Context(), rights.SweepArgs{}, jobs.Info{}); err != nil {
			t.Fatal(err)
		}
		if w.status(more[0]) != dam.StatusExpired {
			t.Error("what an erased consent allowed is shown")
		}
		if x := check[dam.Consent](w)(w.s.Consent(w.Context(), library, other.ID)); x.Person != "" {
			t.Errorf("a restored name stays: %+v", x)
		}
		now := check[dam.Consent](w)(w.s.Consent(w.Context(), library, c.ID))
		if now.Person != "" || now.Scope != "" || w.status(ids[0]) != dam.StatusExpired {
			t.Errorf("erased: %+v", now)
		}
	})
}

// Numbers are compared as names are, archived records take no assets, other libraries' ids are not there.
func TestRefusals(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ids := w.assets(1)
		l := w.licence("É-1", rights.TermsEdit{})
		refused := func(what string, want dam.Code, err error) {
			t.Helper()
			if dam.CodeOf(err) != want {
				t.Errorf("%s: %v", what, err)
			}
		}
		create := func(e rights.LicenceEdit) error {
			_, err := w.s.CreateLicence(w.Context(), library, e)
			return err
		}
		terms := func(t rights.TermsEdit) rights.LicenceEdit {
			return rights.LicenceEdit{RecordEdit: rights.RecordEdit{Terms: &t}, Licensor: ptr("Agency")}
		}
		refused("a number that is taken", dam.Conflict, create(rights.LicenceEdit{Licensor: ptr("Agency"),
			RecordEdit: rights.RecordEdit{Number: ptr("é-1")}}))
		refused("no licensor", dam.Invalid, create(rights.LicenceEdit{}))
		refused("an end before the beginning", dam.Invalid, create(terms(rights.TermsEdit{
			From: ptr(dam.Moment("2026-02-01")), Until: ptr(dam.Moment("2026-01-01"))})))
		refused("no country", dam.Invalid, create(terms(rights.TermsEdit{Territories: &[]string{"France"}})))
		refused("no medium", dam.Invalid, create(terms(rights.TermsEdit{Media: &[]dam.Medium{"radio"}})))
		refused("no channel", dam.Invalid, create(terms(rights.TermsEdit{Channels: &[]string{"ch_x"}})))
		refused("no contract", dam.Invalid, create(rights.LicenceEdit{Licensor: ptr("Agency"), File: ptr("a_x")}))
		refused("no currency", dam.Invalid, create(rights.LicenceEdit{Licensor: ptr("Agency"),
			Cost: &dam.Price{Amount: "10", Currency: "euro"}}))
		_, err := w.s.ChangeLicence(w.Context(), library, l.ID, 99, rights.LicenceEdit{}, false)
		refused("another revision", dam.Stale, err)
		_, err = w.s.Licence(w.Context(), "other", l.ID)
		refused("another library", dam.NotFound, err)
		_, err = w.s.Consent(w.Context(), library, l.ID)
		refused("a licence as a consent", dam.NotFound, err)
		_, err = w.s.Link(w.Context(), library, dam.LicenceRecord, l.ID, dam.BulkFilter{Assets: []string{"a_x"}}, true)
		refused("no asset", dam.NotFound, err)
		_, err = w.s.Link(w.Context(), library, dam.LicenceRecord, l.ID, dam.BulkFilter{}, true)
		refused("everything", dam.Invalid, err)
		check[rights.Changed[dam.Licence]](w)(w.s.ChangeLicence(w.Context(), library, l.ID, 0,
			rights.LicenceEdit{RecordEdit: rights.RecordEdit{Archived: ptr(true)}}, false))
		_, err = w.s.Link(w.Context(), library, dam.LicenceRecord, l.ID, dam.BulkFilter{Assets: ids}, true)
		refused("an archived one", dam.Conflict, err)
		list, _, err := w.s.Licences(w.Context(), library, rights.Page{Limit: 10})
		if err != nil || len(list) != 0 {
			t.Errorf("archived ones are listed: %v %v", list, err)
		}
		list, _, err = w.s.Licences(w.Context(), library, rights.Page{Limit: 10, Archived: true, Q: "e-1 age"})
		if err != nil || len(list) != 1 {
			t.Errorf("found %v %v", list, err)
		}
	})
}

// A change holds for what its author doesn't see, and isn't refused for what the record named before.
func TestChangeOfWhatIsNotSeen(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ids := w.assets(2)
		l := check[dam.Licence](w)(w.s.CreateLicence(w.Context(), library, rights.LicenceEdit{Licensor: ptr("Agency"),
			File: &ids[1]}))
		w.link(dam.LicenceRecord, l.ID, ids[0])
		until := func(ctx context.Context, day dam.Moment) {
			t.Helper()
			e := rights.LicenceEdit{RecordEdit: rights.RecordEdit{Terms: &rights.TermsEdit{Until: &day}}}
			check[rights.Changed[dam.Licence]](w)(w.s.ChangeLicence(ctx, library, l.ID, 0, e, false))
		}
		until(w.Context(), "2020-01-01")
		if err := cat.Write(w.Context(), func(tx *catalog.Tx) error {
			return tx.Assets().DeleteAsset(w.Context(), ids[1])
		}); err != nil {
			t.Fatal(err)
		}
		viewer := dam.Principal{ID: "u_viewer", Grants: map[string]dam.Role{library: dam.Viewer}}
		until(dam.WithActor(w.Context(), viewer), "")
		if got := w.status(ids[0]); got != dam.StatusPublic {
			t.Errorf("the asset is %s", got)
		}
	})
}

// Two people who link and shorten at once leave the limits of the shorter licence.
func TestLinkWhileShortened(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		for range 5 {
			id := w.assets(1)[0]
			l := w.licence("", rights.TermsEdit{})
			var both sync.WaitGroup
			both.Go(func() { w.link(dam.LicenceRecord, l.ID, id) })
			both.Go(func() {
				e := rights.LicenceEdit{RecordEdit: rights.RecordEdit{
					Terms: &rights.TermsEdit{Until: ptr(dam.Moment("2020-01-01"))}}}
				if _, err := w.s.ChangeLicence(w.Context(), library, l.ID, 0, e, false); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			if got := w.status(id); got != dam.StatusExpired {
				t.Errorf("the asset is %s", got)
			}
		}
	})
}

// Rows of an import count or fail by themselves; a dry run keeps nothing.
func TestImport(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ids := w.assets(2)
		row := func(line int, number string, a rights.AssetRef) rights.LicenceRow {
			return rights.LicenceRow{Line: line, Licence: rights.LicenceEdit{Licensor: ptr("Agency"),
				RecordEdit: rights.RecordEdit{Number: &number,
					Terms: &rights.TermsEdit{Until: ptr(dam.Moment("2020-01-01"))}}}, Asset: a}
		}
		rows := []rights.LicenceRow{row(2, "L-1", rights.AssetRef{FileName: ids[0] + ".jpg"}),
			row(3, "L-1", rights.AssetRef{SHA256: ids[1]}), row(4, "", rights.AssetRef{}),
			row(5, "L-2", rights.AssetRef{FileName: "nothing.jpg"}), row(6, "L-3", rights.AssetRef{ID: "a_x"})}
		for _, dry := range []bool{true, false} {
			x := check[rights.RecordsImported](w)(w.s.Import(w.Context(), library, rows, dry))
			if x.Created != 1 || x.Linked != 2 || len(x.Errors) != 3 || x.Errors[0].Line != 4 || x.Errors[2].Line != 6 {
				t.Errorf("dry %v: %+v", dry, x)
			}
			want := map[bool]dam.PublicStatus{true: dam.StatusPublic, false: dam.StatusExpired}[dry]
			if w.status(ids[1]) != want {
				t.Errorf("dry %v: %s", dry, w.status(ids[1]))
			}
		}
		consents := []rights.ConsentRow{{Line: 2, Consent: rights.ConsentEdit{Person: ptr("Ana"),
			RecordEdit: rights.RecordEdit{Number: ptr("L-1")}}, Asset: rights.AssetRef{ID: ids[0]}}, {Line: 3}}
		c := check[rights.RecordsImported](w)(w.s.ImportConsents(w.Context(), library, consents, false))
		if c.Created != 1 || c.Linked != 1 || len(c.Errors) != 1 || c.Errors[0].Field != "number" {
			t.Errorf("consents: %+v", c)
		}
		again := check[rights.RecordsImported](w)(w.s.Import(w.Context(), library, rows[:2], false))
		if again.Created+again.Updated+again.Linked != 0 {
			t.Errorf("the same again: %+v", again)
		}
	})
}

// A file is tried first: what it takes from the public is said, of new and of changed records.
func TestImportSaysWhatItTakes(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		ids := w.assets(2)
		l := w.licence("L-1", rights.TermsEdit{})
		w.link(dam.LicenceRecord, l.ID, ids[0])
		past := dam.Moment("2020-01-01")
		edit := func(number string) rights.LicenceEdit {
			return rights.LicenceEdit{Licensor: ptr("Agency"), RecordEdit: rights.RecordEdit{Number: &number,
				Terms: &rights.TermsEdit{Until: &past}}}
		}
		rows := []rights.LicenceRow{{Line: 2, Licence: edit("L-1")},
			{Line: 3, Licence: edit("L-2"), Asset: rights.AssetRef{ID: ids[1]}}}
		would := check[rights.RecordsImported](w)(w.s.Import(w.Context(), library, rows, true))
		if would.Impact == nil || would.Impact.HiddenCount != 2 || would.Created != 1 || would.Updated != 1 {
			t.Errorf("a dry run: %+v, %+v", would, would.Impact)
		}
		if w.status(ids[0]) != dam.StatusPublic || w.status(ids[1]) != dam.StatusPublic {
			t.Error("a dry run took something")
		}
	})
}
