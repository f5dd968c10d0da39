package dam

import (
	"slices"
	"time"

	"vitrine/dam/reasons"
)

// Medium is where a licence or a consent lets an asset be seen.
type Medium string

// The media. Everything that shows assets counts as one of them, see Media.
const (
	MediumWeb    Medium = "web"
	MediumStore  Medium = "store"
	MediumSocial Medium = "social"
	MediumScreen Medium = "screen"
	MediumPrint  Medium = "print"
	MediumEmail  Medium = "email"
	MediumAds    Medium = "ads"
	MediumOther  Medium = "other"
)

// MediumInfo describes a medium.
type MediumInfo struct {
	Name Medium
	Doc  string
	// Kinds are the kinds of channels that count as it. Media without any are for what leaves the library otherwise.
	Kinds []string
}

// Media lists every medium, in the order in which people see them. Each kind of channel is in one row.
func Media() []MediumInfo {
	return []MediumInfo{
		{MediumWeb, "Public addresses, websites, buckets and servers that files are copied to",
			[]string{"bucket", "sftp", "json", "wordpress"}},
		{MediumStore, "Online shops", []string{"woocommerce", "shopify"}},
		{MediumSocial, "Social networks", []string{"x", "mastodon", "bluesky", "facebook", "instagram", "linkedin",
			"pinterest", "youtube", "tiktok"}},
		{MediumScreen, "Screens in shops and elsewhere", []string{"signage", "anthias", "xibo"}},
		{MediumPrint, "Printed matter, packaging", nil},
		{MediumEmail, "Newsletters and letters by e-mail", nil},
		{MediumAds, "Paid advertising", nil},
		{MediumOther, "Everything else; channels of plug-ins", []string{"plugin"}},
	}
}

// MediumOf returns the medium of a kind of channel.
func MediumOf(kind string) Medium {
	for _, m := range Media() {
		if slices.Contains(m.Kinds, kind) {
			return m.Name
		}
	}
	return MediumOther
}

// PublicChannel stands for the public addresses among the channels of a licence.
const PublicChannel = "public"

// Terms are when, where and by what a licence or a consent lets an asset be shown.
type Terms struct {
	From        Moment   `json:"from,omitempty" maxLength:"16" doc:"First day, inclusive, or the minute from which on, in the library's zone"`
	Until       Moment   `json:"until,omitempty" maxLength:"16" doc:"Last day, inclusive, or the minute at which it ends, in the library's zone"`
	Territories []string `json:"territories,omitempty" maxItems:"300" eachLength:"2" doc:"ISO 3166-1 alpha-2 codes; none means everywhere"`
	Media       []Medium `json:"media,omitempty" maxItems:"20" eachLength:"20" doc:"web, store, social, screen, print, email, ads, other; none means all"`
	Channels    []string `json:"channels,omitempty" maxItems:"200" eachLength:"64" doc:"Ids of channels, and public for the public addresses; none means all"`
}

// Validate checks moments, codes and media.
func (t Terms) Validate() error {
	if err := (Rights{From: t.From, Until: t.Until, Territories: t.Territories}).Validate("terms"); err != nil {
		return err
	}
	for _, m := range t.Media {
		if !slices.ContainsFunc(Media(), func(x MediumInfo) bool { return x.Name == m }) {
			return InvalidInput("terms.media", reasons.NotAMedium(string(m)))
		}
	}
	return nil
}

// Limits is what the licences and consents of an asset allow together. Its own rights limit it further.
type Limits struct {
	From  Moment `json:"from,omitempty" doc:"The latest beginning"`
	Until Moment `json:"until,omitempty" doc:"The earliest end"`
	// The lists are nil without a limit. One without an entry allows nothing: the records exclude each other.
	Territories []string `json:"territories" nullable:"true" doc:"null: everywhere; no entry: nowhere"`
	Media       []Medium `json:"media" nullable:"true" doc:"null: all; no entry: none"`
	Channels    []string `json:"channels" nullable:"true" doc:"Ids of channels, and public for the public addresses; null: all; no entry: none"`
	Withdrawn   bool     `json:"withdrawn,omitempty" doc:"Somebody took their consent back"`
	Licences    int      `json:"licences" doc:"How many there are"`
	Consents    int      `json:"consents" doc:"How many there are, including withdrawn ones"`
}

// Add narrows the limits to what a record allows, too. withdrawn is for a consent that was taken back.
func (l *Limits) Add(kind RecordKind, t Terms, withdrawn bool) {
	l.From, l.Until = laterStart(l.From, t.From), earlierEnd(l.Until, t.Until)
	l.Territories = common(l.Territories, limited(t.Territories))
	l.Media = common(l.Media, limited(t.Media))
	l.Channels = common(l.Channels, limited(t.Channels))
	l.Withdrawn = l.Withdrawn || withdrawn
	if kind == ConsentRecord {
		l.Consents++
	} else {
		l.Licences++
	}
}

// Same reports whether the limits are those of o; nil is none.
func (l *Limits) Same(o *Limits) bool {
	if l == nil || o == nil {
		return l == o
	}
	return l.From == o.From && l.Until == o.Until && sameLimit(l.Territories, o.Territories) &&
		sameLimit(l.Media, o.Media) && sameLimit(l.Channels, o.Channels) && l.Withdrawn == o.Withdrawn &&
		l.Licences == o.Licences && l.Consents == o.Consents
}

func sameLimit[T comparable](a, b []T) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }

// limited returns a list as a limit: without entries it is none.
func limited[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// common returns what two limits both allow.
func common[T comparable](a, b []T) []T {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	both := []T{}
	for _, x := range a {
		if slices.Contains(b, x) {
			both = append(both, x)
		}
	}
	return both
}

func laterStart(a, b Moment) Moment {
	x, ok := a.Begins()
	if y, other := b.Begins(); !ok || other && y.After(x) {
		return b
	}
	return a
}

func earlierEnd(a, b Moment) Moment {
	x, ok := a.Ends()
	if y, other := b.Ends(); !ok || other && y.Before(x) {
		return b
	}
	return a
}

// Nowhere stands for no territory at all where a list without entries means everywhere.
const Nowhere = "ZZ"

// Within returns the rights with the window and territories that the limits leave, Nowhere if they leave none.
func (r Rights) Within(l *Limits) Rights {
	if l == nil {
		return r
	}
	r.From, r.Until = laterStart(r.From, l.From), earlierEnd(r.Until, l.Until)
	if r.Territories = common(limited(r.Territories), l.Territories); r.Territories != nil &&
		len(r.Territories) == 0 {
		r.Territories = []string{Nowhere}
	}
	return r
}

// Effective returns the rights that count: the asset's own within what its licences and consents allow.
func (a *Asset) Effective() Rights { return a.Rights.Within(a.Limits) }

// Barred reports whether public addresses may not show an asset whatever the time is, because of its licences and
// consents.
func (r Rights) Barred(l *Limits) bool {
	f := PublicFacts{Published: true, Live: true}.Limited(r, l, time.UTC).Undated()
	return !VisibilityAt(f, time.Time{}, UnknownAudience).Public()
}

// Exceeds reports whether the limits allow anything that o doesn't; nil allows everything.
func (l *Limits) Exceeds(o *Limits) bool {
	if o == nil {
		return false
	}
	if l == nil {
		l = &Limits{}
	}
	if (Rights{From: l.From, Until: l.Until}).Widens(Rights{From: o.From, Until: o.Until}) != "" {
		return true
	}
	return !l.Withdrawn && o.Withdrawn || beyond(l.Territories, o.Territories) || beyond(l.Media, o.Media) ||
		beyond(l.Channels, o.Channels)
}

// beyond reports whether a limit allows something that another doesn't.
func beyond[T comparable](a, b []T) bool {
	return b != nil && (a == nil ||
		slices.ContainsFunc(a, func(x T) bool { return !slices.Contains(b, x) }))
}
