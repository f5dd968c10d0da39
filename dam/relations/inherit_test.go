package relations_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/relations"
	"vitrine/dam/rights"
)

// bound is a world whose assets are live, with licences.
type bound struct {
	*world
	r      *rights.Service
	queued []jobs.Args
	number int
}

func newBound(t *testing.T, cat *catalog.Catalog) *bound {
	w := &bound{world: newWorld(t, cat)}
	w.r = &rights.Service{Catalog: cat, Find: w, Jobs: w}
	w.s = &relations.Service{Catalog: cat, Rights: w.r}
	return w
}

func (w *bound) Each(_ context.Context, _ string, s dam.Selection, begin func(int, int64) error,
	block func([]string) error) error {
	if err := begin(len(s.Filter.Assets), 0); err != nil {
		return err
	}
	return block(s.Filter.Assets)
}

func (w *bound) Enqueue(_ context.Context, _ *catalog.Tx, args jobs.Args, _ jobs.Options) error {
	w.queued = append(w.queued, args)
	return nil
}

// live adds approved assets.
func (w *bound) live(n int) []string {
	w.Helper()
	ids := w.assets(n)
	w.approve(ids)
	return ids
}

// added is the live asset of somebody.
func (w *bound) added(who context.Context) string {
	w.Helper()
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: library, Kind: dam.KindImage}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: a.ID, Status: dam.Draft}
	if err := w.cat.Write(who, func(tx *catalog.Tx) error {
		return tx.Assets().InsertAsset(who, &a, dam.Metadata{})
	}); err != nil {
		w.Fatal(err)
	}
	w.approve([]string{a.ID})
	return a.ID
}

func (w *bound) approve(ids []string) {
	w.Helper()
	w.write(func(tx *catalog.Tx) error {
		list, err := tx.Assets().LockAssets(w.Context(), ids)
		now := time.Now().UTC()
		for i := range list {
			a := &list[i]
			a.Latest.Status, a.Latest.ApprovedAt = dam.Approved, &now
			if err := tx.Versions().UpdateVersion(w.Context(), a.Latest); err != nil {
				return err
			}
			a.Live, a.Published = a.Latest.ID, true
			if err := tx.Assets().UpdateAsset(w.Context(), a); err != nil {
				return err
			}
		}
		return err
	})
}

// licence enters one that ends with a day, and links it.
func (w *bound) licence(until dam.Moment, assets ...string) string {
	w.Helper()
	name := "Agency"
	w.number++
	no := fmt.Sprintf("L-%d", w.number)
	l, err := w.r.CreateLicence(w.Context(), library, rights.LicenceEdit{Licensor: &name,
		RecordEdit: rights.RecordEdit{Number: &no, Terms: &rights.TermsEdit{Until: &until}}})
	if err != nil {
		w.Fatal(err)
	}
	w.link(l.ID, true, assets...)
	return l.ID
}

func (w *bound) link(id string, in bool, assets ...string) rights.Linked {
	w.Helper()
	out, err := w.r.Link(w.Context(), library, dam.LicenceRecord, id, dam.BulkFilter{Assets: assets}, in)
	if err != nil && len(assets) > 0 {
		w.Fatal(err)
	}
	return out
}

// ends returns until when an asset may be shown by its licences, and how many it has.
func (w *bound) ends(id string) string {
	w.Helper()
	list, err := w.cat.Assets().List(w.Context(), []string{id})
	if err != nil || len(list) != 1 {
		w.Fatal(list, err)
	}
	if list[0].Limits == nil {
		return ""
	}
	return fmt.Sprintf("%s %d", list[0].Limits.Until, list[0].Limits.Licences)
}

func (w *bound) expect(what string, want map[string]string) {
	w.Helper()
	for id, ends := range want {
		if got := w.ends(id); got != ends {
			w.Errorf("%s: an asset ends %q, want %q", what, got, ends)
		}
	}
}

func check[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// What is linked to an asset binds what derives from it, however far, and moves with links, terms and relations.
func TestInheritance(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newBound(t, c)
		ids := w.live(5)
		source, layout, translated, page, raw := ids[0], ids[1], ids[2], ids[3], ids[4]
		w.add(layout, dam.DerivedFrom, source)
		w.add(translated, dam.TranslationOf, layout)
		w.add(page, dam.PartOf, layout) // what binds a part binds the whole, not the other way round
		w.add(source, dam.RawPair, raw) // both show the same
		l := w.licence("2030-01-01", source)
		w.expect("linked", map[string]string{source: "2030-01-01 1", layout: "2030-01-01 1", translated: "2030-01-01 1",
			page: "", raw: "2030-01-01 1"})

		until := dam.Moment("2029-01-01")
		edit := rights.LicenceEdit{RecordEdit: rights.RecordEdit{Terms: &rights.TermsEdit{Until: &until}}}
		would, err := w.r.ChangeLicence(w.Context(), library, l, 0, edit, true)
		if err != nil || would.Impact.Narrower != 4 {
			t.Errorf("a dry run: %+v, %v", would.Impact, err)
		}
		x, err := w.r.ChangeLicence(w.Context(), library, l, 0, edit, false)
		if err != nil || x.Record.Assets != 1 || x.Record.Inherited != 3 {
			t.Errorf("shortened: %+v, %v", x, err)
		}
		w.expect("shortened", map[string]string{translated: "2029-01-01 1", raw: "2029-01-01 1"})

		p := w.licence("2028-01-01", page)
		w.expect("of a part", map[string]string{layout: "2028-01-01 2", translated: "2028-01-01 2",
			source: "2029-01-01 1"})
		w.link(p, false, page)
		w.expect("taken away", map[string]string{layout: "2029-01-01 1", translated: "2029-01-01 1", page: ""})

		of, err := w.r.OfAsset(w.Context(), library, translated)
		if err != nil || len(of.Records) != 1 || !of.Records[0].Inherited || of.Records[0].From != source ||
			of.Records[0].FromFile == "" {
			t.Errorf("shown as %+v, %v", of.Records, err)
		}
		w.link(l, true, layout) // now its own, too
		list, err := w.s.Of(w.Context(), library, layout)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if r.Kind == dam.DerivedFrom {
				err = w.s.Remove(w.Context(), library, layout, r.ID)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		w.expect("its own", map[string]string{layout: "2029-01-01 1", translated: "2029-01-01 1"})
		w.link(l, false, layout)
		w.expect("without", map[string]string{layout: "", translated: "", source: "2029-01-01 1"})
	})
}

// What is live loses nothing by a relation unless somebody who may edit rights accepts that, everywhere in the same
// way.
func TestNarrowingIsAccepted(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newBound(t, c)
		ids := w.live(4)
		source, made, further, raw := ids[0], ids[1], ids[2], ids[3]
		w.licence("2020-01-01", source)
		w.add(further, dam.DerivedFrom, made)
		n := relations.NewRelation{Kind: dam.DerivedFrom, To: source}
		_, err := w.s.Add(w.Context(), library, made, n)
		w.want("a relation that narrows", dam.Conflict, err)
		_, err = w.s.Add(w.Context(), library, raw, relations.NewRelation{Kind: dam.RawPair, To: source})
		w.want("a pair that narrows", dam.Conflict, err)
		would, impact, err := w.s.WouldAdd(w.Context(), library, made, n)
		if err != nil || impact.Assets != 2 || impact.HiddenCount != 2 {
			t.Errorf("a dry run: %+v, %+v, %v", would, impact, err)
		}
		if got := w.of(w.Context(), made); len(got) != 1 {
			t.Errorf("a dry run left %v", got)
		}
		n.Accept = true
		_, err = w.s.Add(w.as(dam.Editor), library, made, n)
		w.want("accepted by who may not edit rights", dam.Forbidden, err)
		if _, err = w.s.Add(w.Context(), library, made, n); err != nil {
			t.Fatal(err)
		}
		w.expect("accepted", map[string]string{made: "2020-01-01 1", further: "2020-01-01 1", raw: ""})
		for _, r := range check(w.s.Of(w.Context(), library, made)) {
			if r.Asset.ID == source {
				err = w.s.Remove(w.as(dam.Editor), library, made, r.ID)
				w.want("ended by who may not edit rights", dam.Forbidden, err)
			}
		}
		// Two circles, of parts and of derivatives, keep nothing once the link is gone.
		w.add(made, dam.PartOf, source)
		list, err := w.r.OfAsset(w.Context(), library, source)
		if err != nil || len(list.Records) != 1 {
			t.Fatal(list, err)
		}
		w.link(list.Records[0].ID, false, source)
		w.expect("unlinked", map[string]string{source: "", made: "", further: ""})
	})
}

// A source that is deleted for good leaves what bound its heirs with them.
func TestDeletedSource(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newBound(t, c)
		ids := w.live(3)
		w.add(ids[1], dam.DerivedFrom, ids[0])
		w.add(ids[2], dam.DerivedFrom, ids[1])
		l := w.licence("2020-01-01", ids[0])
		w.write(func(tx *catalog.Tx) error { return tx.Assets().DeleteAsset(w.Context(), ids[0]) })
		w.expect("deleted", map[string]string{ids[1]: "2020-01-01 1", ids[2]: "2020-01-01 1"})
		x, err := w.r.Licence(w.Context(), library, l)
		if err != nil || x.Assets != 1 || x.Inherited != 1 {
			t.Errorf("%+v, %v", x, err)
		}
	})
}

// An heir that has the record of a source that is deleted from another one, too, goes on inheriting it.
func TestDeletedSourceOfTwo(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newBound(t, c)
		ids := w.live(5)
		raw, first, second, made, twin := ids[0], ids[1], ids[2], ids[3], ids[4]
		w.add(first, dam.DerivedFrom, raw)
		w.add(second, dam.DerivedFrom, raw)
		w.add(made, dam.DerivedFrom, first)
		w.add(made, dam.DerivedFrom, second)
		w.add(made, dam.RawPair, twin) // which inherits from it only
		l := w.licence("2020-01-01", raw)
		m := w.licence("2019-01-01", second)
		w.write(func(tx *catalog.Tx) error { return tx.Assets().DeleteAsset(w.Context(), second) })
		w.expect("deleted", map[string]string{made: "2019-01-01 2", twin: "2019-01-01 2"})
		w.link(l, false, raw)
		w.expect("taken from the first", map[string]string{made: "2019-01-01 1", twin: "2019-01-01 1"})
		w.link(m, false, made)
		w.expect("taken away", map[string]string{made: "", twin: ""})
	})
}

// A change that concerns many heirs is a job.
func TestManyHeirs(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newBound(t, c)
		ids := w.assets(320)
		w.write(func(tx *catalog.Tx) error {
			for _, id := range ids[1:] {
				x := dam.Relation{ID: dam.NewID(dam.RelationPrefix), Library: library, From: id, To: ids[0],
					Kind: dam.DerivedFrom}
				if err := tx.Assets().Relations().Insert(w.Context(), &x); err != nil {
					return err
				}
			}
			return nil
		})
		l := w.licence("2020-01-01", ids[0])
		for _, in := range []bool{true, false} {
			if len(w.queued) != 1 {
				t.Fatalf("queued %v", w.queued)
			}
			if err := w.r.Apply(w.Context(), w.queued[0].(rights.ApplyArgs), jobs.Info{}); err != nil {
				t.Fatal(err)
			}
			want := map[bool]string{true: "2020-01-01 1"}[in]
			w.expect(fmt.Sprint("the job ", in), map[string]string{ids[1]: want, ids[319]: want})
			w.queued = nil
			if in {
				w.link(l, false, ids[0])
			}
		}
	})
}

// merge puts an asset in the place of another one.
func (w *bound) merge(ctx context.Context, keep, other string, alter func(*dam.Asset)) error {
	return w.cat.Write(ctx, func(tx *catalog.Tx) error {
		both := slices.Sorted(slices.Values([]string{keep, other}))
		if err := w.s.Hold(ctx, tx, library, both); err != nil {
			return err
		}
		list, err := tx.Assets().LockAssets(ctx, both)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(a dam.Asset) bool { return a.ID == keep })
		k, o := list[at], list[1-at]
		alter(&k)
		if _, err := w.r.Merge(ctx, tx, &k, []dam.Asset{o}); err != nil {
			return err
		}
		_, err = w.s.Merge(ctx, tx, &k, []dam.Asset{o})
		return err
	})
}

// What derives from its duplicate is bound by what bound that, and what goes to the bin stays bound.
func TestMergeOfAnHeir(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newBound(t, c)
		ids := w.live(3)
		keep, other, source := ids[0], ids[1], ids[2]
		w.add(keep, dam.DerivedFrom, other)
		w.add(other, dam.DerivedFrom, source)
		w.licence("2020-01-01", other)
		w.licence("2021-01-01", source)
		if err := w.merge(w.as(dam.Editor), keep, other, func(*dam.Asset) {}); err != nil {
			t.Fatal(err)
		}
		w.expect("merged", map[string]string{keep: "2020-01-01 2", other: "2020-01-01 2", source: "2021-01-01 1"})
		list, err := w.r.OfAsset(w.Context(), library, other)
		if err != nil || len(list.Records) != 2 || list.Records[0].Inherited || list.Records[1].Inherited {
			t.Errorf("in the bin: %+v, %v", list.Records, err)
		}
	})
}

// Duplicates that are resolved pass on what binds them only where that takes nothing from what is live.
func TestMergeBindsHeirs(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newBound(t, c)
		ids := w.live(3)
		keep, other, made := ids[0], ids[1], ids[2]
		w.licence("2020-01-01", other)
		w.add(made, dam.DerivedFrom, keep)
		// As if it were a draft: what derives from it is live all the same.
		err := w.merge(w.Context(), keep, other, func(k *dam.Asset) { k.Live = "" })
		if dam.CodeOf(err) != dam.Conflict || !strings.Contains(err.Error(), "live") {
			t.Errorf("merged: %v", err)
		}
	})
}

// Who may not edit the rights of an asset takes nothing from it, and learns nothing of it.
func TestHeirsOfOthers(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newBound(t, c)
		heir := w.live(1)[0]
		who := dam.WithActor(w.Context(), dam.Principal{ID: "u_theirs",
			Grants:      map[string]dam.Role{library: dam.Publisher},
			Collections: map[string][]string{library: {"c_gone"}}}) // sees what they have added only
		source, made := w.added(who), w.added(who)
		w.add(heir, dam.DerivedFrom, made)
		w.licence("2020-01-01", source)
		n := relations.NewRelation{Kind: dam.DerivedFrom, To: source, Accept: true}
		_, err := w.s.Add(who, library, made, n)
		w.want("what an unseen asset would lose", dam.Forbidden, err)
		if err != nil && strings.Contains(err.Error(), heir) {
			t.Errorf("named: %v", err)
		}
		shift := dam.RightsShift{Added: map[string][]string{}, Gone: map[string][]string{}}
		for _, id := range []string{made, heir} {
			for _, r := range check(w.r.OfAsset(w.Context(), library, source)).Records {
				shift.Added[id] = append(shift.Added[id], r.ID)
			}
		}
		impact, err := w.r.Impact(who, library, shift)
		if err != nil || impact.HiddenCount != 2 || !slices.Equal(impact.Hidden, []string{made}) {
			t.Errorf("said of what would be hidden: %+v, %v", impact, err)
		}
	})
}

// Relations of before their licences were inherited keep nobody from ending others, and what links find is applied.
func TestUnspread(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		w := newBound(t, c)
		ids := w.live(3)
		source, made, other := ids[0], ids[1], ids[2]
		w.licence("2020-01-01", source)
		x := w.add(made, dam.VariantOf, other)
		w.write(func(tx *catalog.Tx) error {
			return tx.Assets().Relations().Insert(w.Context(), &dam.Relation{ID: dam.NewID(dam.RelationPrefix),
				Library: library, From: made, To: source, Kind: dam.DerivedFrom})
		})
		if err := w.s.Remove(w.as(dam.Editor), library, made, x.ID); err != nil {
			t.Errorf("another relation: %v", err)
		}
		w.expect("another relation ended", map[string]string{made: "", source: "2020-01-01 1"})
		w.licence("2019-01-01", source)
		w.expect("linked", map[string]string{made: "2019-01-01 2"})
		if left, err := c.Assets().Rights().Unapplied(w.Context(), 10); len(left) != 0 {
			t.Errorf("left to the sweep: %v, %v", left, err)
		}
	})
}
