package dam

import (
	"slices"
	"time"
)

// PublicFacts are what it depends on whether the public may see an asset. The zero value is an asset that nobody has
// approved yet.
type PublicFacts struct {
	Deleted   bool // for good
	Binned    bool
	Published bool // some version has been approved at some time
	// Live reports whether a version is approved now, ApprovedAt since when: nil is before every recall.
	Live       bool
	ApprovedAt *time.Time
	// the last time a person took it back from everywhere; nil when nobody did, or it was reinstated
	RecalledAt *time.Time
	// From and Until are the instants between which the rights allow showing it, From ≤ t < Until; zero is no limit.
	From, Until time.Time
	Territories []string // those the rights cover; none means everywhere
}

// With returns the facts with an asset's rights, whose days are read in a zone.
func (f PublicFacts) With(r Rights, zone *time.Location) PublicFacts {
	f.From, f.Until = r.Window(zone)
	f.Territories = r.Territories
	return f
}

// Undated returns the facts without the days of the rights, for who keeps those by themselves.
func (f PublicFacts) Undated() PublicFacts {
	f.From, f.Until = time.Time{}, time.Time{}
	return f
}

// Counts reports whether an approval still counts: none does that was given before the last recall.
func (f PublicFacts) Counts(approved *time.Time) bool {
	return f.RecalledAt == nil || approved != nil && approved.After(*f.RecalledAt)
}

// Audience is where those are who would see an asset.
type Audience struct {
	known       bool
	territories []string
}

// UnknownAudience is that of a public URL: nobody knows where who asks is, so territories don't count.
var UnknownAudience Audience

// AudienceIn is an audience in some territories; none means everywhere.
func AudienceIn(territories ...string) Audience {
	return Audience{known: true, territories: territories}
}

// PublicStatus says whether an asset may be seen, or what is in the way.
type PublicStatus string

const (
	StatusPublic     PublicStatus = "public"
	StatusDeleted    PublicStatus = "deleted" // for good
	StatusBinned     PublicStatus = "binned"
	StatusUnapproved PublicStatus = "unapproved" // no version has been approved yet
	StatusWithdrawn  PublicStatus = "withdrawn"  // approvals were taken back, or the asset is archived
	StatusRecalled   PublicStatus = "recalled"
	StatusTerritory  PublicStatus = "territory" // the audience is not, or not only, where the rights allow it
	StatusExpired    PublicStatus = "expired"
	StatusEmbargoed  PublicStatus = "embargoed"
)

// Visibility is what the public may see of an asset at an instant.
type Visibility struct {
	Status PublicStatus
	// Gone says of what may not be seen that it was public: a URL answers 410 and not 404.
	Gone bool
	// Territory is the first one of the audience that the rights don't cover, "" when they cover some and the audience
	// is everywhere.
	Territory string
}

// Public reports whether it may be seen.
func (v Visibility) Public() bool { return v.Status == StatusPublic }

// VisibilityAt decides whether an audience may see an asset at an instant. Everything that shows or publishes assets,
// or says whether they are public, asks it. Of several things in the way it names the one that a person mends first.
func VisibilityAt(f PublicFacts, at time.Time, who Audience) Visibility {
	early := !f.From.IsZero() && at.Before(f.From)
	v := Visibility{Status: StatusPublic, Gone: f.Published && !early}
	outside, uncovered := who.outside(f.Territories)
	switch {
	case f.Deleted:
		v.Status = StatusDeleted
	case f.Binned:
		v.Status = StatusBinned
	case !f.Published:
		v.Status = StatusUnapproved
	case !f.Live:
		v.Status = StatusWithdrawn
	case !f.Counts(f.ApprovedAt):
		v.Status = StatusRecalled
	case uncovered:
		v.Status, v.Territory = StatusTerritory, outside
	case !f.Until.IsZero() && !at.Before(f.Until):
		v.Status = StatusExpired
	case early:
		v.Status = StatusEmbargoed
	default:
		v.Gone = false
	}
	return v
}

// PublicCrop is what it means for the public where a preset crops a version.
type PublicCrop struct {
	Focal Point // where the crop is
	// Cuts are the protected zones that the crop cuts. No channel gets a picture that cuts one.
	Cuts []ProtectedZone
	// Withheld says that public URLs answer as if there were no such picture.
	Withheld bool
}

// CropOf decides whether the public may see a version of an asset in a preset. Everything that shows or publishes
// pictures asks it. Public URLs of a version that was approved before cutting a zone counted stay.
func CropOf(p Preset, a *Asset, v *Version) PublicCrop {
	focal, cuts := p.Crop(a, v.Width, v.Height)
	return PublicCrop{Focal: focal, Cuts: cuts, Withheld: len(cuts) > 0 && !v.exempt()}
}

// exempt reports whether the version still has the approval that makes it exempt: archiving keeps it, a rejection
// doesn't.
func (v *Version) exempt() bool {
	return v.CropExempt && (v.Status == Approved || v.Status == Archived)
}

// FixedCropOf is CropOf for a crop that does not make way for zones: that of a signed URL.
func FixedCropOf(p Preset, zones []ProtectedZone, v *Version) PublicCrop {
	a := Asset{Zones: zones}
	c, asked := CropOf(p, &a, v), a.focal(p)
	if c.Focal == asked {
		return c
	}
	window := Window(v.Width, v.Height, p.Width, p.Height, asked)
	c.Cuts = slices.DeleteFunc(slices.Clone(zones),
		func(z ProtectedZone) bool { return z.in(window, v.Width, v.Height) })
	return PublicCrop{Focal: asked, Cuts: c.Cuts, Withheld: !v.exempt()}
}

// HiddenPresets are those in which public URLs don't show a version. The zero value hides none.
type HiddenPresets struct {
	// Withheld are the names, further densities among them, of presets whose crop cuts a protected zone.
	Withheld []string
	// limited: only shown ones may be seen. Of a preset that is no more nobody can tell what its crop cut.
	limited bool
	shown   []string
}

// HiddenOf tells in which of its library's presets public URLs don't show a version of an asset.
func HiddenOf(presets []Preset, a *Asset, v *Version) (h HiddenPresets) {
	if len(a.Zones) == 0 || v.exempt() {
		return h
	}
	h.limited = true
	for _, preset := range presets {
		for _, p := range preset.Variants() {
			if CropOf(p, a, v).Withheld {
				h.Withheld = append(h.Withheld, p.Name)
			} else {
				h.shown = append(h.shown, p.Name)
			}
		}
	}
	return h
}

// Has reports whether the version is not shown in a preset.
func (h HiddenPresets) Has(preset string) bool { return h.limited && !slices.Contains(h.shown, preset) }

// Recall is a person's taking an asset back from everywhere.
type Recall struct {
	At     time.Time `json:"at"`
	By     string    `json:"by" doc:"Id of who recalled it"`
	ByName string    `json:"by_name,omitempty" doc:"Their name, in answers to readers"`
	Reason string    `json:"reason"`
}

// PublicState is a Visibility in answers to readers.
type PublicState struct {
	Status PublicStatus `json:"status" enum:"public,binned,unapproved,withdrawn,recalled,expired,embargoed" doc:"public, or what is in the way"`
	Gone   bool         `json:"gone" doc:"Its public URLs answer 410: it was public; without it those of an asset that is not public answer 404"`
	From   *time.Time   `json:"from,omitempty" doc:"When the rights begin"`
	Until  *time.Time   `json:"until,omitempty" doc:"When the rights end"`
}

// PublicStateAt is what the public may see at an instant, for readers.
func PublicStateAt(f PublicFacts, at time.Time) *PublicState {
	seen := VisibilityAt(f, at, UnknownAudience)
	day := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	return &PublicState{Status: seen.Status, Gone: seen.Gone, From: day(f.From), Until: day(f.Until)}
}

// outside returns the first territory of the audience that is not among those allowed.
func (a Audience) outside(allowed []string) (territory string, is bool) {
	if !a.known || len(allowed) == 0 {
		return "", false
	}
	for _, t := range a.territories {
		if !slices.Contains(allowed, t) {
			return t, true
		}
	}
	return "", len(a.territories) == 0
}
