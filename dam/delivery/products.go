package delivery

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
)

// product is a node's record of a product. It is immutable.
type product struct {
	catalog.PublicProduct
}

func (p *product) weight() uint32 { return uint32(512 + 128*len(p.Slots) + 64*len(p.Emptied)) }

// productName returns the cache key of a product.
func productName(library, sku string) string { return library + "\x00" + canon.ProductKey(sku) }

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

// product returns a product with what it has from its parent: the slots in which nothing of its own has been public.
func (s *Service) product(ctx context.Context, library, sku string, now time.Time, check RateCheck) (*product, error) {
	p, err := s.products.get(ctx, productName(library, sku), now, check)
	if err != nil || p.Parent == "" {
		return p, err
	}
	parent, err := s.products.get(ctx, productName(library, p.Parent), now, check)
	switch {
	case dam.CodeOf(err) == dam.NotFound: // deleted this very moment
		return p, nil
	case err != nil:
		return nil, err
	}
	all := *p
	has := func(list []catalog.PublicSlot, slot string) bool {
		return slices.ContainsFunc(list, func(x catalog.PublicSlot) bool { return x.Slot == slot })
	}
	// What is uploaded for a slot of its own takes the parent's place once the public may have seen it.
	mine := slices.DeleteFunc(slices.Clone(p.Slots), func(own catalog.PublicSlot) bool {
		if !has(parent.Slots, own.Slot) {
			return false
		}
		_, _, err := s.shown(ctx, own.Asset, now, check)
		return dam.CodeOf(err) == dam.NotFound
	})
	all.Slots = mine
	for _, x := range parent.Slots {
		if !has(mine, x.Slot) {
			all.Slots = append(all.Slots, x)
		}
	}
	slices.SortFunc(all.Slots, func(a, b catalog.PublicSlot) int {
		return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.N, b.N))
	})
	return &all, nil
}

// in returns the asset in a slot; n 0 means the first picture of the slot.
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

// Slot resolves what a product's slot shows now in a preset; n 0 means the first picture of the slot. Its errors are
// those of Live, and dam.Gone for an empty slot that has shown something.
func (s *Service) Slot(ctx context.Context, library string, ref Ref, check RateCheck) (Answer, error) {
	p, err := s.product(ctx, library, ref.SKU, s.opt.Now(), check)
	if err != nil {
		return Answer{}, err
	}
	asset, err := p.in(ref.Slot, ref.N)
	if err != nil {
		return Answer{}, err
	}
	a, err := s.Live(ctx, asset, ref.Preset, check)
	a.Asked, a.Parent = asset, p.Parent
	return a, err
}

// ProductEmbedInfo is what a page needs in order to show a product.
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
	Asset  string   `json:"asset"` // the asset shown, which may be a successor
	Alt    dam.Text `json:"alt"`
	Width  int      `json:"width"` // pixels of the largest picture in srcset
	Height int      `json:"height"`
	// Blurhash is a placeholder for the picture while it loads; "" if unknown.
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
	Types  []string `json:"types"` // media types available by content negotiation
}

// ProductEmbedInfo describes every slot of a product that shows something now. If nothing of the product has been
// public yet, the error is dam.NotFound, because its name is not public either. until is when the first rights end,
// zero if none do; tags name what the answer depends on besides the product: assets, and its parent.
func (s *Service) ProductEmbedInfo(ctx context.Context, library, sku string, u URLs,
	check RateCheck) (card ProductEmbedInfo, until time.Time, tags []string, err error) {
	now := s.opt.Now()
	p, err := s.product(ctx, library, sku, now, check)
	if err != nil {
		return card, until, nil, err
	}
	if p.Parent != "" {
		tags = append(tags, ProductTag(library, p.Parent))
	}
	public := len(p.Emptied) > 0 // whether anything of the product is or was public
	card = ProductEmbedInfo{SKU: p.SKU, Library: library, Names: p.Names, Slots: []ProductSlot{}}
	for _, x := range p.Slots {
		tags = append(tags, x.Asset)
		r, _, err := s.shown(ctx, x.Asset, now, check)
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
			tags = append(tags, r.asset)
		}
		if slot := r.slot(library, p.SKU, x, u); len(slot.Presets) > 0 {
			card.Slots = append(card.Slots, slot)
		}
	}
	if !public {
		return ProductEmbedInfo{}, until, tags, errNone()
	}
	return card, until, tags, nil
}

// slot describes what the asset shows in a product's slot.
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

// Slot returns the URL of what a product's slot shows now; n 0 means its first picture.
func (u URLs) Slot(library, sku, slot string, n int, preset string) string {
	path := u.product(library, sku) + "/" + slot
	if n > 0 {
		path += "/" + strconv.Itoa(n)
	}
	return path + "/" + preset
}

// Product returns the URL of a product's description.
func (u URLs) Product(library, sku string) string { return u.product(library, sku) + ".json" }

func (u URLs) product(library, sku string) string {
	if library == dam.DefaultLibrary {
		return u.base + "/p/" + url.PathEscape(sku)
	}
	return u.base + "/p/~" + library + "/" + url.PathEscape(sku)
}

// ProductTag returns the CDN tag of a product's answers: visible ASCII without commas.
func ProductTag(library, sku string) string {
	return "p:" + library + ":" + strings.ReplaceAll(url.PathEscape(canon.ProductKey(sku)), ",", "%2C")
}

// changedProducts returns the SKUs and fields in the event's data.
func changedProducts(e dam.Event) (skus, fields []string) {
	var d struct{ SKUs, Fields []string }
	if json.Unmarshal(e.Data, &d) != nil {
		return nil, nil // never happens: the server wrote the data
	}
	return d.SKUs, d.Fields
}

// parseProduct parses [~library/]{sku}.json and [~library/]{sku}/{slot}[/{n}]/{preset}.
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

// fallback returns the candidate for clients without srcset: the first that is at least as wide as a screen, or else
// the widest.
func fallback(candidates []dam.Rendition) dam.Rendition {
	for _, r := range candidates {
		if r.Width >= 1024 {
			return r
		}
	}
	return candidates[len(candidates)-1]
}
