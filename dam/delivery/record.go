package delivery

import (
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// Variant is one stored picture: a preset of a version in a format.
type Variant struct {
	Asset, Version, Preset string
	Hash                   string // rendition hash; with the format it identifies the bytes
	Format                 dam.Format
	MediaType              string
	Width, Height          int   // pixels
	Size                   int64 // bytes
	ETag                   string

	key, sha256 string
	public      bool // whether its version's approval counts now
}

type exactKey struct{ hash, preset, ext string }

type original struct {
	sha256   string
	recipe   int         // revision of the pipeline that its pictures are made by
	approved bool        // whether it is approved now and the approval counts
	crop     dam.Version // the fields that crops depend on
	hidden   dam.HiddenPresets
}

// record is what a node caches of an asset. It is immutable: a change creates a new record.
type record struct {
	asset, library string
	facts          dam.PublicFacts
	successor      string
	live           string
	// state is the state of the live version's renditions.
	state dam.RenditionState
	// presets holds the variants that the public sees now, preferred format first.
	presets map[string][]*Variant
	exact   map[exactKey]*Variant
	// superseded holds videos of the newest older version that has any and whose approval counts. They are shown until
	// the live version's are made.
	superseded map[string][]*Variant
	versions   map[string]original // by id, the versions that have ever been approved
	// approved are the original hashes of the versions whose approval counts now, newest first.
	approved []string
	// pending holds the names of the library's presets while renditions are being made, except withheld ones.
	pending []string
	// hidden holds the presets withheld for the live version.
	hidden dam.HiddenPresets
	zones  []dam.ProtectedZone

	alt      dam.Text
	blurhash string // of the live version; "" when unknown
}

// newRecord returns the record of an asset. presets are those of its library if the asset has protected zones or a
// version whose renditions are being made.
func newRecord(d catalog.PublicAsset, presets []dam.Preset) (*record, error) {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		return nil, err
	}
	r := &record{
		asset: d.Asset, library: d.Library, facts: d.Facts(zone), successor: d.Rights.Successor, live: d.Live,
		presets: map[string][]*Variant{}, superseded: map[string][]*Variant{}, exact: map[exactKey]*Variant{},
		versions: map[string]original{}, alt: d.Alt, zones: d.Zones,
	}
	at := slices.IndexFunc(d.Versions, func(v catalog.PublicVersion) bool { return v.ID == d.Live })
	for i, v := range d.Versions {
		v.Approved = v.Approved && r.facts.Counts(v.ApprovedAt)
		hidden := d.Hidden(presets, v)
		r.versions[v.ID] = original{v.SHA256, v.Recipe, v.Approved, v.Crop(), hidden}
		if v.Approved {
			r.approved = append(r.approved, v.SHA256)
			// A withheld picture is treated as if it had not been made, under exact URLs too.
			if i == at {
				r.hidden = hidden
			}
			v.Renditions = slices.DeleteFunc(slices.Clone(v.Renditions), func(x catalog.PublicRendition) bool {
				return hidden.Has(x.Preset)
			})
		}
		if i == at {
			r.state = v.State
			if v.Analysis != nil {
				r.blurhash = v.Analysis.Blurhash
			}
		}
		// While a version's pictures are not made, those of an older approved version are shown: an old picture is
		// better than none. The newest version with pictures determines which presets there are.
		shown := i == at || at >= 0 && i > at && v.Approved && (r.state == dam.RenditionsPending ||
			r.state == dam.RenditionsFailed)
		r.add(v, shown, at >= 0 && i > at && v.Approved)
	}
	for _, list := range r.presets {
		slices.SortStableFunc(list, func(a, b *Variant) int {
			return dam.CompareFormats(a.Format, b.Format, a.Size, b.Size)
		})
	}
	return r, nil
}

func (r *record) add(v catalog.PublicVersion, shown, older bool) {
	for _, x := range v.Renditions {
		one := &Variant{
			Asset: r.asset, Version: v.ID, Preset: x.Preset, Hash: x.Hash, Format: x.Format, MediaType: x.MediaType,
			Width: x.Width, Height: x.Height, Size: x.Size, ETag: `"` + x.Hash + "." + x.Format.Ext() + `"`,
			key: x.Key, sha256: x.SHA256, public: v.Approved,
		}
		k := exactKey{x.Hash, x.Preset, x.Format.Ext()}
		// Two versions may have the same bytes; the one that the public may see takes precedence.
		if have := r.exact[k]; have == nil || !have.public {
			r.exact[k] = one
		}
		if r.hidden.Has(x.Preset) {
			continue // no older version replaces what is withheld
		}
		if list := r.presets[x.Preset]; shown && (len(list) == 0 || list[0].Version == v.ID) {
			r.presets[x.Preset] = append(list, one)
		} else if older && x.Format.IsVideo() && r.superseded[x.Preset] == nil {
			r.superseded[x.Preset] = []*Variant{one}
		}
	}
}

// weight returns the record's approximate size in bytes.
func (r *record) weight() uint32 { return uint32(512 + 512*len(r.exact)) }
