package products

import (
	"cmp"
	"context"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
)

// Lookup asks what the public saw at a time: of a product (SKU, and Slot with N when only one
// is meant, 0 for its first picture) or of an asset (Asset). Preset and Hash narrow the pictures.
type Lookup struct {
	Library string
	SKU     string
	Slot    string
	N       int
	Asset   string
	Preset  string
	Hash    string
	At      time.Time
}

// Seen says what one place showed.
type Seen struct {
	Slot string `json:"slot,omitempty"`
	N    int    `json:"n,omitempty"`
	// Inherited is the parent whose slot it is.
	Inherited string `json:"inherited,omitempty" doc:"SKU of the parent whose slot it is, of which the product was a variant then"`
	// Linked is the asset in the slot, or the one whose URL it is; Asset the one that was shown: a successor may have
	// stood in.
	Linked   string     `json:"linked" doc:"Id of the asset in the slot, or of the URL's"`
	LinkedAt *time.Time `json:"linked_at,omitempty" doc:"When it was put into the slot"`
	LinkedBy string     `json:"linked_by,omitempty" doc:"Id of who put it there"`

	State  string `json:"state" enum:"shown,redirected,pending,hidden,gone" doc:"shown; redirected: an exact URL whose picture had been replaced; pending: approved, no picture made yet; hidden: not public yet (404); gone: no longer public (410)"`
	Reason string `json:"reason,omitempty" doc:"Why nothing was shown, or something else"`

	Asset      string          `json:"asset,omitempty" doc:"Id of the asset shown"`
	Title      dam.Text        `json:"title,omitempty" doc:"Its title today"`
	Version    string          `json:"version,omitempty"`
	SHA256     string          `json:"sha256,omitempty" doc:"Of the version's original"`
	Since      *time.Time      `json:"since,omitempty" doc:"When the public began to see this version under these rights, in these presets"`
	ApprovedAt *time.Time      `json:"approved_at,omitempty"`
	ApprovedBy string          `json:"approved_by,omitempty" doc:"Id"`
	Renditions []dam.Rendition `json:"renditions" nullable:"false" doc:"The pictures there were, with their exact hashes"`
}

// Answer of a Lookup.
type Answer struct {
	At    time.Time `json:"at"`
	SKU   string    `json:"sku,omitempty"`
	Items []Seen    `json:"items" nullable:"false"`
}

// Lookup tells what the server answered at a time. Copies in browsers and CDNs may have been up to 90 s older.
func (s *Service) Lookup(ctx context.Context, q Lookup) (Answer, error) {
	out := Answer{At: q.At, SKU: q.SKU, Items: []Seen{}}
	lib, err := s.Catalog.Libraries().Library(ctx, q.Library)
	if err != nil {
		return out, err
	}
	zone, err := time.LoadLocation(lib.Zone)
	if err != nil {
		return out, err
	}
	if q.SKU == "" {
		// What has been deleted for good still answers; nobody knows its library any more.
		if list, err := s.Catalog.Assets().List(ctx, []string{q.Asset}); err != nil {
			return out, err
		} else if len(list) > 0 && list[0].Library != q.Library {
			_, err := s.Catalog.Assets().Asset(ctx, q.Library, q.Asset)
			return out, err
		}
		seen, err := s.seen(ctx, q, q.Asset, zone)
		if err != nil {
			return out, err
		}
		if seen.State == "hidden" && seen.Asset == "" {
			if _, err := s.Catalog.Assets().Asset(ctx, q.Library, q.Asset); err != nil {
				return out, err
			}
		}
		out.Items = append(out.Items, seen)
		return out, nil
	}
	slots, err := s.slotsAt(ctx, q)
	if err != nil {
		return out, err
	}
	if len(slots) == 0 {
		return out, s.known(ctx, q)
	}
	if i := slices.IndexFunc(slots, own(q.SKU)); i >= 0 {
		out.SKU = slots[i].SKU
	}
	for _, x := range slots {
		if q.Slot != "" && (x.Slot.Slot != q.Slot || q.N > 0 && x.N != q.N) {
			continue
		}
		seen, err := s.seen(ctx, q, x.Asset, zone)
		if err != nil {
			return out, err
		}
		since := x.Since
		if !own(q.SKU)(x) {
			seen.Inherited = x.SKU
		}
		seen.Slot, seen.N, seen.LinkedAt, seen.LinkedBy = x.Slot.Slot, x.N, &since, x.By
		out.Items = append(out.Items, seen)
		if q.Slot != "" {
			break // by position: the first is the one
		}
	}
	return out, nil
}

// own says whether a slot is a product's own.
func own(sku string) func(catalog.SlotRow) bool {
	key := canon.ProductKey(sku)
	return func(x catalog.SlotRow) bool { return x.Key == key }
}

// slotsAt are the slots of a product at a time, with those of the parent that it was a variant of then.
func (s *Service) slotsAt(ctx context.Context, q Lookup) ([]catalog.SlotRow, error) {
	in := s.Catalog.Products()
	slots, err := in.SlotsAt(ctx, q.Library, q.SKU, q.At)
	if err != nil {
		return nil, err
	}
	parent, err := in.ParentAt(ctx, q.Library, q.SKU, q.At)
	if err != nil || parent == "" {
		return slots, err
	}
	theirs, err := in.SlotsAt(ctx, q.Library, parent, q.At)
	all := slots
	for _, x := range theirs {
		if !slices.ContainsFunc(slots, func(o catalog.SlotRow) bool { return o.Slot.Slot == x.Slot.Slot }) {
			all = append(all, x)
		}
	}
	slices.SortFunc(all, func(a, b catalog.SlotRow) int {
		return cmp.Or(cmp.Compare(a.Slot.Slot, b.Slot.Slot), cmp.Compare(a.N, b.N))
	})
	return all, err
}

// known is an error for a product that never was.
func (s *Service) known(ctx context.Context, q Lookup) error {
	_, err := s.Catalog.Products().Product(ctx, q.Library, q.SKU)
	if dam.CodeOf(err) != dam.NotFound {
		return err
	}
	history, slotsErr := s.Catalog.Products().SlotsAt(ctx, q.Library, q.SKU, time.Time{})
	if slotsErr != nil || len(history) > 0 {
		return slotsErr
	}
	return err
}

const (
	maxSuccessors = 5 // as delivery follows them
	// cutsZone is why a picture that had been made was not shown.
	cutsZone = "the crop of this preset cut a protected zone"
)

// seen replays delivery's decision about an asset at a time, from its history.
func (s *Service) seen(ctx context.Context, q Lookup, asset string, zone *time.Location) (Seen, error) {
	out := Seen{Linked: asset, Renditions: []dam.Rendition{}}
	for hop := 0; ; hop++ {
		history, err := s.Catalog.Public().History(ctx, asset, q.At)
		if err != nil {
			return out, err
		}
		state, reason, then := judge(history, q.At, zone)
		switch {
		case state == "":
			return s.picture(ctx, q, asset, history, out)
		case state == "hidden" && hop == 0:
			out.State, out.Reason = state, reason
			return out, nil
		case state == "gone" && then.Rights.Successor != "" && hop < maxSuccessors && q.Hash == "":
			asset, out.Reason = then.Rights.Successor, reason+"; its successor stood in"
		default:
			out.State, out.Reason = "gone", reason
			return out, nil
		}
	}
}

// judge says in which state an asset was, "" for one that could be seen, by its newest standing.
func judge(history []catalog.PublicInterval, at time.Time, zone *time.Location) (state, reason string,
	then catalog.PublicInterval) {
	if len(history) == 0 {
		return "hidden", "it had not been approved by then", then
	}
	then = history[0]
	seen := dam.VisibilityAt(then.Facts(at, zone), at, dam.UnknownAudience)
	switch seen.Status {
	case dam.StatusPublic:
		return "", "", then
	case dam.StatusDeleted:
		then.Rights.Successor = "" // nobody knows it any more
		reason = "it had been deleted for good"
	case dam.StatusExpired:
		reason = "its rights had ended"
	case dam.StatusEmbargoed:
		reason = "its rights had not begun"
	default:
		reason = "its approval had been taken back, or it was in the bin"
		if then.RecalledAt != nil {
			reason = "it had been recalled, its approval had been taken back, or it was in the bin"
		}
	}
	if !seen.Gone {
		return "hidden", reason, then
	}
	return "gone", reason, then
}

// picture finds the version and the pictures that were shown. While a version's pictures are
// being made, the one approved before shows.
func (s *Service) picture(ctx context.Context, q Lookup, asset string, history []catalog.PublicInterval,
	out Seen) (Seen, error) {
	then := history[0]
	since := then.Since
	out.State, out.Asset, out.Version, out.SHA256, out.Since, out.ApprovedAt, out.ApprovedBy = "shown", asset,
		then.Version, then.SHA256, &since, then.ApprovedAt, then.ApprovedBy
	if a, err := s.Catalog.Assets().Asset(ctx, q.Library, asset); err == nil {
		out.Title = a.Title
	} else if dam.CodeOf(err) != dam.NotFound {
		return out, err
	}
	if q.Hash == "" && then.Withholds(then.Version, q.Preset) {
		out.State, out.Reason = "hidden", cutsZone
		return out, nil
	}
	facts := then.Facts(q.At, time.UTC) // the days don't count here
	tried := map[string]bool{}
	for _, h := range history {
		if h.Version == "" || tried[h.Version] || !facts.Counts(h.ApprovedAt) {
			continue
		}
		tried[h.Version] = true
		list, err := s.Catalog.Public().RenditionsAt(ctx, h.Version, q.At)
		if err != nil {
			return out, err
		}
		made := len(list) > 0
		list = slices.DeleteFunc(list, func(r dam.Rendition) bool {
			return then.Withholds(h.Version, r.Preset) || q.Hash == "" && then.Withholds(then.Version, r.Preset)
		})
		exact := slices.DeleteFunc(slices.Clone(list), func(r dam.Rendition) bool {
			return q.Preset != "" && r.Preset != q.Preset || q.Hash != "" && r.Hash != q.Hash
		})
		if len(exact) > 0 {
			out.use(h, exact)
			return out, nil
		}
		if q.Hash == "" && made {
			out.State, out.Reason = "hidden", "it had no picture of this preset"
			if len(list) == 0 {
				out.Reason = cutsZone
			}
			return out, nil
		}
	}
	if q.Hash != "" {
		return s.replaced(ctx, q, asset, then, out)
	}
	out.State, out.Reason = "pending", "its pictures had not been made"
	return out, nil
}

func (x *Seen) use(h catalog.PublicInterval, list []dam.Rendition) {
	since := h.Since
	x.Version, x.SHA256, x.ApprovedAt, x.ApprovedBy, x.Since, x.Renditions = h.Version, h.SHA256, h.ApprovedAt,
		h.ApprovedBy, &since, list
}

// replaced answers for an exact URL whose picture was not there at that time.
func (s *Service) replaced(ctx context.Context, q Lookup, asset string, then catalog.PublicInterval, out Seen) (Seen,
	error) {
	ever, err := s.Catalog.Versions().VersionsWithRendition(ctx, asset, q.Hash, q.Preset)
	if err != nil {
		return out, err
	}
	if len(ever) == 0 {
		out.State, out.Reason = "hidden", "no such picture has been made"
		return out, nil
	}
	if then.Withholds(then.Version, q.Preset) {
		out.State, out.Reason = "hidden", cutsZone
		return out, nil
	}
	list, err := s.Catalog.Public().RenditionsAt(ctx, then.Version, q.At)
	if err != nil {
		return out, err
	}
	out.use(then, slices.DeleteFunc(list, func(r dam.Rendition) bool { return r.Preset != q.Preset }))
	out.State, out.Reason = "redirected", "another picture had taken its place, or it was made later"
	return out, nil
}
