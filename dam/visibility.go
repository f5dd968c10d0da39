package dam

import (
	"slices"
	"time"

	"vitrine/dam/reasons"
)

// PublicFacts are the facts that decide whether the public may see an asset. The zero value is an asset that has never
// been approved.
type PublicFacts struct {
	Deleted   bool // for good
	Binned    bool
	Published bool // some version was approved at some time
	// Live reports whether a version is approved now, and ApprovedAt since when; nil counts as before every recall.
	Live       bool
	ApprovedAt *time.Time
	// the last recall; nil if there was none or the asset was reinstated
	RecalledAt *time.Time
	// From and Until bound when the rights allow showing the asset, From ≤ t < Until; zero means no limit.
	From, Until time.Time
	// Territories, Media and Channels are what the rights cover: nil for everything, without entries for nothing.
	Territories []string
	Media       []Medium
	Channels    []string
	Withdrawn   bool // somebody took back the consent that it needs
}

// With returns the facts with an asset's rights, whose days are read in the zone.
func (f PublicFacts) With(r Rights, zone *time.Location) PublicFacts {
	f.From, f.Until = r.Window(zone)
	f.Territories = limited(r.Territories)
	return f
}

// Limited is With for an asset that licences and consents limit further; nil limits nothing.
func (f PublicFacts) Limited(r Rights, l *Limits, zone *time.Location) PublicFacts {
	f = f.With(r.Within(l), zone)
	if l != nil {
		f.Territories = common(limited(r.Territories), l.Territories)
		f.Media, f.Channels, f.Withdrawn = l.Media, l.Channels, l.Withdrawn
	}
	return f
}

// Undated returns the facts without the days of the rights, for callers that enforce the days themselves.
func (f PublicFacts) Undated() PublicFacts {
	f.From, f.Until = time.Time{}, time.Time{}
	return f
}

// Counts reports whether an approval still counts: one given before the last recall doesn't.
func (f PublicFacts) Counts(approved *time.Time) bool {
	return f.RecalledAt == nil || approved != nil && approved.After(*f.RecalledAt)
}

// Audience is where the people are who would see an asset, and by what they would.
type Audience struct {
	known       bool
	territories []string
	medium      Medium // "" if it doesn't count
	channel     string // "" if it doesn't count
}

// UnknownAudience is the audience of a public URL: it is unknown where a visitor is, so territories don't count.
var UnknownAudience = Audience{medium: MediumWeb, channel: PublicChannel}

// AudienceIn returns the audience in the given territories; none means everywhere.
func AudienceIn(territories ...string) Audience {
	return Audience{known: true, territories: territories}
}

// AudienceOf returns the audience of a channel.
func AudienceOf(ch Channel) Audience {
	return Audience{known: true, territories: ch.Territories, medium: MediumOf(ch.Kind), channel: ch.ID}
}

// PublicStatus says whether an asset may be seen, and if not, why.
type PublicStatus string

const (
	StatusPublic     PublicStatus = "public"
	StatusDeleted    PublicStatus = "deleted" // for good
	StatusBinned     PublicStatus = "binned"
	StatusUnapproved PublicStatus = "unapproved" // no version has been approved yet
	StatusWithdrawn  PublicStatus = "withdrawn"  // approvals were withdrawn, or the asset is archived
	StatusRecalled   PublicStatus = "recalled"
	StatusTerritory  PublicStatus = "territory" // some of the audience is outside the territories of the rights
	StatusMedium     PublicStatus = "medium"    // no licence for the medium or the channel
	StatusExpired    PublicStatus = "expired"
	StatusEmbargoed  PublicStatus = "embargoed"
)

// Visibility is what the public may see of an asset at an instant.
type Visibility struct {
	Status PublicStatus
	// Gone is true if the asset may not be seen but was public before: its URLs answer 410 and not 404.
	Gone bool
	// Territory is the first territory of the audience that the rights don't cover; "" if the rights are limited and
	// the audience is everywhere.
	Territory string
}

// Public reports whether the asset may be seen.
func (v Visibility) Public() bool { return v.Status == StatusPublic }

// VisibilityAt decides whether an audience may see an asset at an instant. Everything that shows or publishes assets,
// or reports whether they are public, calls it. If there are several obstacles, it returns the one that has to be
// removed first.
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
	case f.Withdrawn:
		v.Status = StatusExpired
	case who.medium != "" && f.Media != nil && !slices.Contains(f.Media, who.medium),
		who.channel != "" && f.Channels != nil && !slices.Contains(f.Channels, who.channel):
		v.Status = StatusMedium
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

// PublicCrop is the crop of a version in a preset, and whether the public may see it.
type PublicCrop struct {
	Focal Point // where the crop is
	// Cuts are the protected zones that the crop cuts. A picture that cuts one is not published on any channel.
	Cuts []ProtectedZone
	// Withheld means that public URLs answer as if the picture did not exist.
	Withheld bool
}

// CropOf decides whether the public may see a version of an asset in a preset. Everything that shows or publishes
// pictures calls it. A version that was approved before this rule existed keeps its public URLs.
func CropOf(p Preset, a *Asset, v *Version) PublicCrop {
	focal, cuts := p.Crop(a, v.Width, v.Height)
	return PublicCrop{Focal: focal, Cuts: cuts, Withheld: len(cuts) > 0 && !v.exempt()}
}

// exempt reports whether the version still has the approval that exempts it. Archiving keeps it, a rejection doesn't.
func (v *Version) exempt() bool {
	return v.CropExempt && (v.Status == Approved || v.Status == Archived)
}

// FixedCropOf is CropOf for a crop that doesn't move to keep zones whole: that of a signed URL.
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

// HiddenPresets are the presets in which public URLs don't show a version. The zero value hides none.
type HiddenPresets struct {
	// Withheld are the names, including those of further densities, of the presets whose crop cuts a protected zone.
	Withheld []string
	// limited means that only the shown presets may be seen: what the crop of a deleted preset cut is unknown.
	limited bool
	shown   []string
}

// HiddenOf returns the presets of the library in which public URLs don't show a version of an asset.
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

// Recall records that a person took an asset back from everywhere.
type Recall struct {
	At     time.Time `json:"at"`
	By     string    `json:"by" doc:"Id of who recalled it"`
	ByName string    `json:"by_name,omitempty" doc:"Their name, in answers to readers"`
	Reason string    `json:"reason"`
	// Reasons are what Reason says.
	Reasons []reasons.Reason `json:"reasons,omitempty" doc:"What reason says, as codes"`
}

// PublicState is a Visibility in responses to readers.
type PublicState struct {
	Status PublicStatus `json:"status" enum:"public,binned,unapproved,withdrawn,recalled,territory,medium,expired,embargoed" doc:"public, or what is in the way"`
	Gone   bool         `json:"gone" doc:"Its public URLs answer 410: it was public; without it those of an asset that is not public answer 404"`
	From   *time.Time   `json:"from,omitempty" doc:"When the rights begin"`
	Until  *time.Time   `json:"until,omitempty" doc:"When the rights end"`
}

// PublicStateAt returns what the public may see at an instant, for responses to readers.
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

// outside returns the first territory of the audience that is not among those allowed. Where none is allowed, everybody
// is outside.
func (a Audience) outside(allowed []string) (territory string, is bool) {
	if !a.known || allowed == nil {
		return "", allowed != nil && len(allowed) == 0
	}
	for _, t := range a.territories {
		if !slices.Contains(allowed, t) {
			return t, true
		}
	}
	return "", len(a.territories) == 0
}
