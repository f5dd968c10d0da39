package delivery

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// product is what a node remembers of a product. It is immutable.
type product struct {
	catalog.PublicProduct
}

func (p *product) weight() uint32 { return uint32(512 + 128*len(p.Slots) + 64*len(p.Emptied)) }

// productName is the key under which a product is remembered.
func productName(library, sku string) string { return library + "\x00" + dam.ProductKey(sku) }

func (s *Service) readProduct(ctx context.Context, name string) (*product, error) {
	library, key, _ := strings.Cut(name, "\x00")
	p, err := s.cat.Public().Product(ctx, library, key)
	if dam.CodeOf(err) == dam.NotFound {
		return nil, errNone()
	}
	if err != nil {
		s.opt.Log.Warn("delivery: the catalogue does not answer", "product", key, "error", err)
		return nil, errOut(err)
	}
	return &product{p}, nil
}

// in returns the asset in a slot; n 0 is the slot's first.
func (p *product) in(slot string, n int) (asset string, err error) {
	fits := func(x catalog.PublicSlot) bool { return x.Slot == slot && (n == 0 || x.N == n) }
	if at := slices.IndexFunc(p.Slots, fits); at >= 0 { // by position
		return p.Slots[at].Asset, nil
	}
	if slices.ContainsFunc(p.Emptied, fits) {
		return "", errGone()
	}
	return "", errNone()
}

// Slot resolves what a product's slot shows now in a preset; n 0 is the slot's first picture.
// Errors are Live's; dam.Gone for a slot that showed something once and is empty.
func (s *Service) Slot(ctx context.Context, library string, ref Ref, admit RateCheck) (Answer, error) {
	p, err := s.products.get(ctx, productName(library, ref.SKU), s.opt.Now(), admit)
	if err != nil {
		return Answer{}, err
	}
	asset, err := p.in(ref.Slot, ref.N)
	if err != nil {
		return Answer{}, err
	}
	a, err := s.Live(ctx, asset, ref.Preset, admit)
	a.Asked = asset
	return a, err
}

// ProductEmbedInfo is what a page needs to show a product.
type ProductEmbedInfo struct {
	SKU     string        `json:"sku"`
	Library string        `json:"library"`
	Names   dam.Text      `json:"names"`
	Slots   []ProductSlot `json:"slots"`
}

// ProductSlot is a picture of a product.
type ProductSlot struct {
	Slot   string   `json:"slot"`
	N      int      `json:"n"`
	Asset  string   `json:"asset"` // the one shown: a successor stands in
	Alt    dam.Text `json:"alt"`
	Width  int      `json:"width"` // pixels of the largest that srcset names
	Height int      `json:"height"`
	// Blurhash stands in while the picture is loaded; "" when unknown.
	Blurhash string        `json:"blurhash,omitempty"`
	Src      string        `json:"src"`
	SrcSet   string        `json:"srcset"`
	Sizes    string        `json:"sizes"`
	Presets  []ProductSize `json:"presets"`
}

// ProductSize is a picture in one preset.
type ProductSize struct {
	Preset string   `json:"preset"`
	URL    string   `json:"url"`
	Width  int      `json:"width"`
	Height int      `json:"height"`
	Types  []string `json:"types"` // media types to choose among by Accept
}

// ProductEmbedInfo describes every slot of a product that shows something now. A product of which
// nothing has been public yet is dam.NotFound: its name is not for strangers. until is when the first
// right ends, zero when none does; assets are those that the answer depends on.
func (s *Service) ProductEmbedInfo(ctx context.Context, library, sku string, u URLs,
	admit RateCheck) (card ProductEmbedInfo, until time.Time, assets []string, err error) {
	now := s.opt.Now()
	p, err := s.products.get(ctx, productName(library, sku), now, admit)
	if err != nil {
		return card, until, nil, err
	}
	public := len(p.Emptied) > 0 // whether anything of it is or was
	card = ProductEmbedInfo{SKU: p.SKU, Library: library, Names: p.Names, Slots: []ProductSlot{}}
	for _, x := range p.Slots {
		assets = append(assets, x.Asset)
		r, _, err := s.shown(ctx, x.Asset, now, admit)
		switch dam.CodeOf(err) {
		case "":
			public = true
		case dam.Gone:
			public = true
			continue
		case dam.NotFound:
			continue
		default:
			return card, until, nil, err
		}
		if !r.facts.Until.IsZero() && (until.IsZero() || r.facts.Until.Before(until)) {
			until = r.facts.Until
		}
		if r.asset != x.Asset {
			assets = append(assets, r.asset)
		}
		if slot := r.slot(library, p.SKU, x, u); len(slot.Presets) > 0 {
			card.Slots = append(card.Slots, slot)
		}
	}
	if !public {
		return ProductEmbedInfo{}, until, assets, errNone()
	}
	return card, until, assets, nil
}

// slot describes what the asset shows at a product's slot.
func (r *record) slot(library, sku string, x catalog.PublicSlot, u URLs) ProductSlot {
	out := ProductSlot{Slot: x.Slot, N: x.N, Asset: r.asset, Alt: r.alt, Blurhash: r.blurhash}
	if out.Alt == nil {
		out.Alt = dam.Text{}
	}
	link := func(preset string) string { return u.Slot(library, sku, x.Slot, x.N, preset) }
	var list []dam.Rendition
	for _, preset := range slices.Sorted(maps.Keys(r.presets)) {
		variants := r.presets[preset]
		size := ProductSize{Preset: preset, URL: link(preset), Width: variants[0].Width, Height: variants[0].Height}
		for _, v := range variants {
			size.Types = append(size.Types, v.MediaType)
		}
		out.Presets = append(out.Presets, size)
		list = append(list, dam.Rendition{Preset: preset, Format: variants[0].Format, Width: size.Width,
			Height: size.Height})
	}
	candidates := Candidates(list)
	if len(candidates) == 0 {
		return out
	}
	set := make([]string, len(candidates))
	for i, c := range candidates {
		set[i] = link(c.Preset) + " " + strconv.Itoa(c.Width) + "w"
	}
	largest := candidates[len(candidates)-1]
	out.Width, out.Height = largest.Width, largest.Height
	out.SrcSet = strings.Join(set, ", ")
	out.Src = link(fallback(candidates).Preset)
	out.Sizes = "(max-width: " + strconv.Itoa(largest.Width) + "px) 100vw, " + strconv.Itoa(largest.Width) + "px"
	return out
}

// Slot is the URL of what a product's slot shows now; n 0 is its first picture.
func (u URLs) Slot(library, sku, slot string, n int, preset string) string {
	path := u.product(library, sku) + "/" + slot
	if n > 0 {
		path += "/" + strconv.Itoa(n)
	}
	return path + "/" + preset
}

// Product is the URL of a product's description.
func (u URLs) Product(library, sku string) string { return u.product(library, sku) + ".json" }

func (u URLs) product(library, sku string) string {
	if library == dam.DefaultLibrary {
		return u.base + "/p/" + url.PathEscape(sku)
	}
	return u.base + "/p/~" + library + "/" + url.PathEscape(sku)
}

// ProductTag is what a product's answers are tagged with for a CDN: visible ASCII without commas.
func ProductTag(library, sku string) string {
	return "p:" + library + ":" + strings.ReplaceAll(url.PathEscape(dam.ProductKey(sku)), ",", "%2C")
}

// changedProducts reads the event's data.
func changedProducts(e dam.Event) (skus, fields []string) {
	var d struct{ SKUs, Fields []string }
	if json.Unmarshal(e.Data, &d) != nil {
		return nil, nil // ours always can be read
	}
	return d.SKUs, d.Fields
}

// parseProduct takes [~library/]{sku}.json and [~library/]{sku}/{slot}[/{n}]/{preset} apart.
func parseProduct(rest string) (ref Ref, ok bool) {
	if named, yes := strings.CutPrefix(rest, "~"); yes {
		if ref.Library, rest, ok = strings.Cut(named, "/"); !ok || ref.Library == "" {
			return Ref{}, false
		}
	}
	var more bool
	ref.SKU, rest, more = strings.Cut(rest, "/")
	if !more {
		ref.Kind = Product
		ref.SKU, ok = strings.CutSuffix(ref.SKU, ".json")
		return ref, ok && isSKU(ref.SKU)
	}
	ref.Kind = Slot
	if ref.Slot, rest, more = strings.Cut(rest, "/"); !more || !isPreset(ref.Slot) || !isSKU(ref.SKU) {
		return Ref{}, false
	}
	ref.Preset = rest
	if n, preset, numbered := strings.Cut(rest, "/"); numbered {
		ref.Preset = preset
		var err error
		if ref.N, err = strconv.Atoi(n); err != nil || ref.N < 1 || ref.N > dam.MaxPosition ||
			strconv.Itoa(ref.N) != n {
			return Ref{}, false
		}
	}
	return ref, isPreset(ref.Preset)
}

func isSKU(s string) bool { return s != "" && len(s) <= 256 && s[0] != '~' }

// fallback is the candidate for clients without srcset: the first of a screen's width, else the widest.
func fallback(candidates []dam.Rendition) dam.Rendition {
	for _, r := range candidates {
		if r.Width >= 1024 {
			return r
		}
	}
	return candidates[len(candidates)-1]
}
