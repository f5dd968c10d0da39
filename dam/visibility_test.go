package dam_test

import (
	"slices"
	"testing"
	"time"

	"vitrine/dam"
)

// TestVisibility tries every combination of obstacles. The expected status is that of the first line in the table whose
// condition holds.
func TestVisibility(t *testing.T) {
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	early, late := now.Add(-time.Hour), now.Add(-time.Minute)
	type combination struct{ deleted, binned, review, recall, dates, audience string }
	table := []struct {
		status dam.PublicStatus
		holds  func(combination) bool
	}{
		{dam.StatusDeleted, func(c combination) bool { return c.deleted == "yes" }},
		{dam.StatusBinned, func(c combination) bool { return c.binned == "yes" }},
		{dam.StatusUnapproved, func(c combination) bool { return c.review == "never" }},
		{dam.StatusWithdrawn, func(c combination) bool { return c.review == "taken back" }},
		{dam.StatusRecalled, func(c combination) bool {
			return c.recall == "after the approval" || c.recall == "with the approval"
		}},
		{dam.StatusTerritory, func(c combination) bool {
			return c.audience == "elsewhere" || c.audience == "everywhere" || c.audience == "partly"
		}},
		{dam.StatusExpired, func(c combination) bool { return c.dates == "over" || c.dates == "ends now" }},
		{dam.StatusEmbargoed, func(c combination) bool { return c.dates == "to come" }},
		{dam.StatusPublic, func(combination) bool { return true }},
	}
	audiences := map[string]struct {
		rights []string
		who    dam.Audience
	}{
		"unknown": {[]string{"FR"}, dam.UnknownAudience}, "inside": {[]string{"FR", "BE"}, dam.AudienceIn("FR", "BE")},
		"elsewhere": {[]string{"FR"}, dam.AudienceIn("US")},
		"partly":    {[]string{"FR"}, dam.AudienceIn("FR", "US")}, "everywhere": {[]string{"FR"}, dam.AudienceIn()},
		"unlimited": {nil, dam.AudienceIn()},
	}
	days := map[string][2]time.Time{
		"none": {}, "under way": {early, now.Add(1)}, "begins now": {now, {}}, "to come": {now.Add(1), {}},
		"ends now": {{}, now}, "over": {early, late},
	}
	seen := map[dam.PublicStatus]int{}
	for _, deleted := range []string{"no", "yes"} {
		for _, binned := range []string{"no", "yes"} {
			for _, review := range []string{"never", "taken back", "approved"} {
				for _, recall := range []string{"none", "before the approval", "with the approval",
					"after the approval"} {
					for dates, between := range days {
						for audience, where := range audiences {
							c := combination{deleted, binned, review, recall, dates, audience}
							f := dam.PublicFacts{Deleted: deleted == "yes", Binned: binned == "yes",
								Published: review != "never", Live: review == "approved", ApprovedAt: &late,
								From: between[0], Until: between[1], Territories: where.rights}
							f.RecalledAt = map[string]*time.Time{"before the approval": &early,
								"with the approval": &late, "after the approval": &now}[recall]
							got := dam.VisibilityAt(f, now, where.who)
							for _, line := range table {
								if line.holds(c) {
									if got.Status != line.status {
										t.Errorf("%+v is %s, want %s", c, got.Status, line.status)
									}
									break
								}
							}
							// 404 means that nobody has seen the asset or may see it yet; 410 means that it was public.
							if want := got.Status != dam.StatusPublic && review != "never" &&
								dates != "to come"; got.Gone != want {
								t.Errorf("%+v (%s): gone %t, want %t", c, got.Status, got.Gone, want)
							}
							if got.Public() != (got.Status == dam.StatusPublic) {
								t.Errorf("%+v: public %t", c, got.Public())
							}
							// A known audience never sees more than an unknown one.
							if got.Public() && !dam.VisibilityAt(f, now, dam.UnknownAudience).Public() {
								t.Errorf("%+v is shown there, and not to an unknown audience", c)
							}
							seen[got.Status]++
						}
					}
				}
			}
		}
	}
	for _, line := range table {
		if seen[line.status] == 0 {
			t.Errorf("no combination is %s", line.status)
		}
	}
}

// An approval without a date counts as before every recall.
func TestVisibilityOfUndatedApprovals(t *testing.T) {
	now := time.Now()
	f := dam.PublicFacts{Published: true, Live: true}
	if got := dam.VisibilityAt(f, now, dam.UnknownAudience); got.Status != dam.StatusPublic {
		t.Error(got)
	}
	f.RecalledAt = &time.Time{}
	if got := dam.VisibilityAt(f, now, dam.UnknownAudience); got.Status != dam.StatusRecalled {
		t.Error(got)
	}
}

// The days of the rights are days in the library's zone, the last one included.
func TestVisibilityAtMidnight(t *testing.T) {
	f := dam.PublicFacts{Published: true, Live: true}.With(dam.Rights{From: "2026-03-28", Until: "2026-03-29",
		Territories: []string{"FR"}}, zone(t, "Europe/Paris"))
	for at, want := range map[string]dam.PublicStatus{
		"2026-03-27T22:59:59Z": dam.StatusEmbargoed, "2026-03-27T23:00:00Z": dam.StatusPublic, // winter time
		"2026-03-29T21:59:59Z": dam.StatusPublic, "2026-03-29T22:00:00Z": dam.StatusExpired, // summer time
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := dam.VisibilityAt(f, now, dam.UnknownAudience); got.Status != want {
			t.Errorf("at %s: %s, want %s", at, got.Status, want)
		}
		if got := dam.VisibilityAt(f.Undated(), now, dam.UnknownAudience); got.Status != dam.StatusPublic {
			t.Errorf("without days, at %s: %s", at, got.Status)
		}
	}
	if got := dam.VisibilityAt(f, f.From, dam.AudienceIn("BE")); got.Status != dam.StatusTerritory ||
		got.Territory != "BE" {
		t.Error(got)
	}
}

// TestCropOf tests that a crop that cuts a zone is withheld, except for a version that was approved before this rule
// existed. It is never published on a channel.
func TestCropOf(t *testing.T) {
	square := dam.Preset{Name: "square", Width: 100, Height: 100, Fit: dam.FitCover, DPR: []int{2}}
	whole := dam.Preset{Name: "whole", Width: 100, Height: 100, Fit: dam.FitContain}
	left, right := dam.ProtectedZone{Kind: dam.ZoneFace, X: 0, Y: 0.2, W: 0.1, H: 0.1},
		dam.ProtectedZone{Kind: dam.ZoneLogo, X: 0.9, Y: 0, W: 0.1, H: 1}
	// exactly what a square crop around the centre keeps
	edge := dam.ProtectedZone{Kind: dam.ZoneLegal, X: 0.25, Y: 0, W: 0.5, H: 1}
	for _, c := range []struct {
		name   string
		preset dam.Preset
		zones  []dam.ProtectedZone
		width  int // of a picture of height 100
		exempt bool
		status dam.State
		// what is cut and whether it is withheld, by a preset and under a signed URL, whose crop doesn't move
		cuts, fixed         int
		withheld, fixedHeld bool
	}{
		{"no zones", square, nil, 200, false, dam.Approved, 0, 0, false, false},
		{"the crop makes way", square, []dam.ProtectedZone{left}, 200, false, dam.Approved, 0, 1, false, true},
		{"to the pixel", square, []dam.ProtectedZone{edge}, 200, false, dam.Approved, 0, 0, false, false},
		{"one of two is cut", square, []dam.ProtectedZone{left, right}, 200, false, dam.Approved, 1, 2, true, true},
		{"exempt", square, []dam.ProtectedZone{left, right}, 200, true, dam.Approved, 1, 2, false, false},
		{"exempt, and the crop makes way", square, []dam.ProtectedZone{left}, 200, true, dam.Approved, 0, 1,
			false, false},
		{"exempt and archived", square, []dam.ProtectedZone{left, right}, 200, true, dam.Archived, 1, 2, false, false},
		{"rejected since", square, []dam.ProtectedZone{left, right}, 200, true, dam.Rejected, 1, 2, true, true},
		{"in review again", square, []dam.ProtectedZone{left, right}, 200, true, dam.InReview, 1, 2, true, true},
		{"a preset that doesn't crop", whole, []dam.ProtectedZone{left, right}, 200, false, dam.Approved, 0, 0,
			false, false},
		{"a picture of the preset's shape", square, []dam.ProtectedZone{left, right}, 100, false, dam.Approved, 0, 0,
			false, false},
		{"unknown size", square, []dam.ProtectedZone{edge}, 0, false, dam.Approved, 1, 1, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, v := dam.Asset{Zones: c.zones}, dam.Version{Width: c.width, Height: 100, CropExempt: c.exempt,
				Status: c.status}
			if got := dam.CropOf(c.preset, &a, &v); len(got.Cuts) != c.cuts || got.Withheld != c.withheld {
				t.Errorf("%+v, want %d cuts, withheld %t", got, c.cuts, c.withheld)
			}
			if got := dam.FixedCropOf(c.preset, c.zones, &v); len(got.Cuts) != c.fixed || got.Withheld != c.fixedHeld {
				t.Errorf("signed: %+v, want %d cuts, withheld %t", got, c.fixed, c.fixedHeld)
			}
			want := []string{"square", "square@2x"}
			if !c.withheld {
				want = nil
			}
			if got := dam.HiddenOf([]dam.Preset{square, whole}, &a, &v).Withheld; c.preset.Name == "square" &&
				!slices.Equal(got, want) {
				t.Errorf("withheld in %v, want %v", got, want)
			}
		})
	}
}
