package catalog

import (
	"context"
	"maps"
	"slices"
	"strings"

	"vitrine/dam"
)

const (
	// wordedAtOnce is how many assets get the words of their products at once: each may bring many variants.
	wordedAtOnce = 100
	// maxShown is how many slots an asset has words from, and after how many the next assets' are read on their own.
	maxShown = 200
	// maxProductText bounds what an asset is found by because of its products, in bytes.
	maxProductText = 32 << 10
	// maxProductWord bounds one text of it, in characters.
	maxProductWord = 2000
)

// fillWords fills in what assets are found by because products show them, with up to size bytes of words each.
func (s Products) fillWords(ctx context.Context, list []dam.Asset, size int) error {
	for chunk := range slices.Chunk(list, wordedAtOnce) {
		ids := make([]string, len(chunk))
		at := make(map[string]*dam.Asset, len(chunk))
		for i := range chunk {
			ids[i] = chunk[i].ID
			at[ids[i]] = &chunk[i]
		}
		slots, err := s.shown(ctx, ids)
		if err != nil {
			return err
		}
		for len(slots) > 0 {
			n := 1
			for n < len(slots) && slots[n].Library == slots[0].Library &&
				(n < maxShown || slots[n].Asset == slots[n-1].Asset) {
				n++
			}
			w := speech{Products: s, library: slots[0].Library, size: size,
				terms: map[string]map[string]dam.Term{}, said: map[string]*dam.AssetProducts{}}
			if err := w.read(ctx, slots[:n]); err != nil {
				return err
			}
			w.give(slots[:n], at)
			slots = slots[n:]
		}
	}
	return nil
}

// shown returns the first slots that hold each of the assets now, those of one asset behind each other.
func (s Products) shown(ctx context.Context, assets []string) ([]SlotRow, error) {
	in, args := inList(assets, 2)
	return all(ctx, s.db, scanSlot, `SELECT `+slotColumns+` FROM (SELECT `+slotColumns+`,
		row_number() OVER (PARTITION BY asset_id ORDER BY key,slot,n) AS place FROM product_slots
		WHERE until IS NULL AND asset_id IN `+in+`) x WHERE place<=CAST($1 AS BIGINT)
		ORDER BY library,asset_id,key,slot,n`, append([]any{maxShown}, args...)...)
}

// speech is what some products of a library say.
type speech struct {
	Products
	library  string
	size     int // of the words of one asset, in bytes
	products map[string]ProductRow
	variants map[string][]ProductRow // by the key of their parent
	taken    map[string][]string     // names of the slots in which variants have assets of their own, by key
	families map[string]dam.Family
	of       dam.ProductTerms
	terms    map[string]map[string]dam.Term // by vocabulary and by the id that means it
	said     map[string]*dam.AssetProducts  // what a product says, by key
}

// read reads the products of slots, their parents and variants, and what these are described by.
func (w *speech) read(ctx context.Context, slots []SlotRow) error {
	var keys, parents []string
	for _, x := range slots {
		keys = append(keys, x.Key)
	}
	keys = distinctTexts(keys)
	list, err := w.ByKey(ctx, w.library, keys)
	if err != nil {
		return err
	}
	w.products = make(map[string]ProductRow, len(list))
	for _, p := range list {
		w.products[p.Key] = p
		if p.ParentKey != "" {
			parents = append(parents, p.ParentKey)
		}
	}
	if len(parents) > 0 {
		above, err := w.ByKey(ctx, w.library, distinctTexts(parents))
		if err != nil {
			return err
		}
		for _, p := range above {
			w.products[p.Key] = p
		}
	}
	if w.variants, err = w.variantsOf(ctx, w.library, keys); err != nil {
		return err
	}
	var below []string
	for _, of := range w.variants {
		for _, p := range of {
			below = append(below, p.Key)
		}
	}
	w.taken = map[string][]string{}
	for chunk := range slices.Chunk(below, manyIDs) {
		taken, err := w.db.slotNames(ctx, w.library, chunk)
		if err != nil {
			return err
		}
		maps.Copy(w.taken, taken)
	}
	return w.describe(ctx)
}

func distinctTexts(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// each calls see with every product that was read.
func (w *speech) each(see func(p *ProductRow)) {
	for _, p := range w.products {
		see(&p)
	}
	for _, list := range w.variants {
		for i := range list {
			see(&list[i])
		}
	}
}

// describe reads the families of the products, and the terms that they have.
func (w *speech) describe(ctx context.Context) error {
	lib, err := w.db.Libraries().Library(ctx, w.library)
	if err != nil {
		return err
	}
	w.of = lib.ProductTerms
	var keys []string
	w.each(func(p *ProductRow) {
		if p.Family != "" {
			keys = append(keys, p.Family)
		}
	})
	w.families = map[string]dam.Family{}
	if len(keys) > 0 {
		in, args := inList(distinctTexts(keys), 2)
		list, err := all(ctx, w.db, scanFamily, `SELECT `+familyColumns+`0 FROM product_families f WHERE f.library=$1
			AND f.key IN `+in, append([]any{w.library}, args...)...)
		if err != nil {
			return err
		}
		for _, f := range list {
			w.families[f.Key] = f
		}
	}
	wanted := map[string][]string{}
	note := func(vocabulary, id string) {
		if vocabulary != "" && id != "" {
			wanted[vocabulary] = append(wanted[vocabulary], id)
		}
	}
	var trees []dam.FamilyAttribute // of whichever family: a variant may have it from its parent
	for _, f := range w.families {
		for _, a := range f.Attributes {
			if a.Vocabulary != "" {
				trees = append(trees, a)
			}
		}
	}
	w.each(func(p *ProductRow) {
		note(w.of.Brand, p.Brand)
		note(w.of.Category, p.Category)
		for _, a := range trees {
			note(a.Vocabulary, p.Attributes[a.Key])
		}
	})
	for vocabulary, ids := range wanted {
		terms, err := w.db.Libraries().Vocabularies().Current(ctx, vocabulary, distinctTexts(ids))
		if err != nil {
			return err
		}
		w.terms[vocabulary] = terms
	}
	return nil
}

// give gives assets the words of the products in whose slots they are, and of variants that have them from there.
func (w *speech) give(slots []SlotRow, at map[string]*dam.Asset) {
	sets := map[string]*saying{}
	defer func() {
		for id, set := range sets {
			at[id].Products = set.done()
		}
	}()
	for _, own := range []bool{true, false} { // what is too much is of variants
		for _, x := range slots {
			p, there := w.products[x.Key]
			if !there || at[x.Asset] == nil {
				continue
			}
			set := sets[x.Asset]
			if set == nil {
				set = newSaying(w.size)
				sets[x.Asset] = set
			}
			if own {
				set.join(w.sayingOf(&p))
				continue
			}
			for i := range w.variants[p.Key] {
				if v := &w.variants[p.Key][i]; !slices.Contains(w.taken[v.Key], x.Slot.Slot) {
					set.join(w.sayingOf(v))
				}
			}
		}
	}
}

// sayingOf is what a product says, with what it has from its parent.
func (w *speech) sayingOf(row *ProductRow) *dam.AssetProducts {
	if had := w.said[row.Key]; had != nil {
		return had
	}
	p, out := row.Product, newSaying(w.size)
	parent, inherits := w.products[row.ParentKey]
	if inherits {
		p.Inherit(&parent.Product, nil)
		p = p.Effective()
	}
	out.localised(p.Names, true)
	out.say(dam.ProductWord{Text: p.SKU, Suggest: true})
	out.say(dam.ProductWord{Text: p.GTIN})
	if inherits {
		out.localised(parent.Names, true)
	}
	value := func(vocabulary, text string, at *[]string) {
		if t, ok := w.terms[vocabulary][text]; ok {
			out.term(&t)
			text = t.ID
		} else {
			out.say(dam.ProductWord{Text: text, Suggest: at != nil})
		}
		if at != nil && text != "" {
			*at = append(*at, text)
		}
	}
	value(w.of.Brand, p.Brand, &out.Brands)
	value(w.of.Category, p.Category, &out.Categories)
	if p.Family != "" {
		out.Families = append(out.Families, p.Family)
	}
	family := w.families[p.Family]
	for _, key := range slices.Sorted(maps.Keys(p.Attributes)) {
		text := p.Attributes[key]
		a, known := family.Attribute(key)
		switch {
		case known && a.Type == dam.FieldBoolean: // yes and no are no words to find a picture by
		case known && a.Type == dam.FieldNumber && a.Unit != "":
			out.say(dam.ProductWord{Text: text + " " + a.Unit})
		default:
			value(a.Vocabulary, text, nil)
		}
	}
	w.said[row.Key] = out.done()
	return w.said[row.Key]
}

// saying collects words, each once and not too many.
type saying struct {
	dam.AssetProducts
	seen map[dam.ProductWord]bool
	left int // bytes
}

func newSaying(size int) *saying { return &saying{seen: map[dam.ProductWord]bool{}, left: size} }

// done returns what was collected, which doesn't keep what was needed for that in memory.
func (s *saying) done() *dam.AssetProducts {
	out := s.AssetProducts
	out.Words = slices.Clip(out.Words)
	return &out
}

func (s *saying) say(w dam.ProductWord) {
	w.Text = dam.Cut(strings.TrimSpace(w.Text), maxProductWord)
	if w.Text == "" || len(w.Text) > s.left || s.seen[w] {
		return
	}
	s.seen[w] = true
	s.left -= len(w.Text)
	s.Words = append(s.Words, w)
}

func (s *saying) localised(t dam.Text, suggest bool) {
	for _, locale := range slices.Sorted(maps.Keys(t)) {
		s.say(dam.ProductWord{Locale: locale, Text: t[locale], Suggest: suggest})
	}
}

// term says what a term and those above it are called, and what else it is found by.
func (s *saying) term(t *dam.Term) {
	s.localised(t.Labels, true)
	for _, above := range t.Path {
		s.localised(above.Labels, false)
	}
	for _, locale := range slices.Sorted(maps.Keys(t.Synonyms)) {
		for _, word := range t.Synonyms[locale] {
			s.say(dam.ProductWord{Locale: locale, Text: word})
		}
	}
}

func (s *saying) join(other *dam.AssetProducts) {
	for _, w := range other.Words {
		s.say(w)
	}
	add := func(at *[]string, list []string) {
		for _, v := range list {
			if !slices.Contains(*at, v) {
				*at = append(*at, v)
			}
		}
	}
	add(&s.Brands, other.Brands)
	add(&s.Categories, other.Categories)
	add(&s.Families, other.Families)
}
