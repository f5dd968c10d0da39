package review_test

import (
	"context"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/review"
)

type fixture struct {
	*testing.T
	c *catalog.Catalog
	s *review.Service
	a dam.Asset
}

// Context is one in which the system acts.
func (f *fixture) Context() context.Context { return catalogtest.Context(f.T) }

func setup(t *testing.T, c *catalog.Catalog) *fixture {
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage}
	a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, SHA256: "aa", Status: dam.Draft}
	if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		return tx.Assets().InsertAsset(catalogtest.Context(t), &a, dam.Metadata{})
	}); err != nil {
		t.Fatal(err)
	}
	return &fixture{t, c, &review.Service{Catalog: c}, a}
}

func (f *fixture) addVersion() {
	f.Helper()
	if err := f.c.Write(f.Context(), func(tx *catalog.Tx) error {
		a, err := tx.Assets().LockAsset(f.Context(), dam.DefaultLibrary, f.a.ID)
		if err != nil {
			return err
		}
		return tx.Versions().AddVersion(f.Context(), &a, dam.Version{ID: dam.NewID(dam.VersionPrefix), SHA256: "bb",
			Status: dam.Draft}, dam.Metadata{})
	}); err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) do(action dam.Action, comment string) dam.Asset {
	f.Helper()
	a, err := f.s.Decide(f.Context(), dam.DefaultLibrary, f.a.ID, review.Step{Action: action, Comment: comment})
	if err != nil {
		f.Fatal(err)
	}
	return a
}

func (f *fixture) live() int {
	f.Helper()
	a, err := f.c.Assets().Asset(f.Context(), dam.DefaultLibrary, f.a.ID)
	if err != nil {
		f.Fatal(err)
	}
	if a.Live == "" {
		return 0
	}
	v, err := f.c.Versions().Version(f.Context(), a.Live)
	if err != nil {
		f.Fatal(err)
	}
	return v.N
}

func TestLifecycle(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := setup(t, c)
		expect := func(what string, live int, a dam.Asset, status dam.State) {
			t.Helper()
			if got := f.live(); got != live || a.Latest.Status != status {
				t.Errorf("%s: live v%d and %s, want v%d and %s", what, got, a.Latest.Status, live, status)
			}
		}
		expect("submitted", 0, f.do(dam.Submit, ""), dam.InReview)
		expect("approved", 1, f.do(dam.Approve, ""), dam.Approved)
		f.addVersion()
		if f.live() != 1 {
			t.Error("uploading v2 took v1 down")
		}
		expect("v2 rejected", 1, f.do(dam.Reject, "too dark"), dam.Rejected)
		expect("v2 approved", 2, f.do(dam.Approve, ""), dam.Approved)
		expect("archived", 0, f.do(dam.Archive, ""), dam.Archived)
		expect("restored", 2, f.do(dam.Restore, ""), dam.Approved)
		expect("v2's approval taken back", 1, f.do(dam.Reject, "wrong price"), dam.Rejected)
		expect("archived again", 0, f.do(dam.Archive, ""), dam.Archived)
		expect("restored without v2's approval", 1, f.do(dam.Restore, ""), dam.Draft)
	})
}

func TestRefusals(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := setup(t, c)
		for _, r := range []struct {
			what    string
			ifMatch int64
			action  dam.Action
			version string
			comment string
			want    dam.Code
		}{
			{"reject without a comment", 0, dam.Reject, "", " ", dam.Invalid},
			{"restore of a draft", 0, dam.Restore, "", "", dam.Conflict},
			{"a lost race", 7, dam.Approve, "", "", dam.Stale},
			{"an unknown version", 0, dam.Approve, "v_x", "", dam.Invalid},
			{"an unknown action", 0, "bless", "", "", dam.Invalid},
		} {
			if _, err := f.s.Decide(catalogtest.Context(t), dam.DefaultLibrary, f.a.ID,
				review.Step{Action: r.action, Version: r.version, Comment: r.comment, IfMatch: r.ifMatch}); dam.CodeOf(
				err) != r.want {
				t.Errorf("%s: %v, want %s", r.what, err, r.want)
			}
		}
		if _, err := f.s.Decide(catalogtest.Context(t), "other", f.a.ID,
			review.Step{Action: dam.Approve}); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("another library's asset: %v", err)
		}
	})
}
