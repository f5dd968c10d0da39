package catalog

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
)

const (
	// touchedByOne is how many assets one event about products may touch before they become a sweep.
	touchedByOne = 500
	// touchedAtOnce is how many assets end the reading of events: the rest is read the next time.
	touchedAtOnce = 1000
	// termsOfSweep is how many terms a sweep names; of more, it is every asset that products show.
	termsOfSweep = 300
)

// Changed returns what the events after a seq, of which it reads at most limit, changed for searches.
func (s Assets) Changed(ctx context.Context, after int64, limit int) (dam.Touched, error) {
	list, err := all(ctx, s.db, scanEvent, `SELECT seq,'',library,type,subject,asset,number,'',0,
		CASE WHEN asset='' AND type IN ('`+string(dam.ProductChanged)+`','`+string(dam.FamilyChanged)+`','`+
		string(dam.VocabularyChanged)+`','`+string(dam.LibraryUpdated)+`') THEN data ELSE '' END
		FROM events WHERE seq>$1 ORDER BY seq LIMIT $2`, after, limit)
	t := touching{Touched: dam.Touched{Upto: after}, seen: map[string]bool{}}
	for i := range list {
		e := &list[i]
		switch {
		case e.Type == dam.AssetPurged || e.Type == dam.AssetErased:
			if e.Asset != "" {
				t.Removed = append(t.Removed, e.Number)
			}
		case e.Asset != "":
			t.add(e.Asset)
		case len(e.Data) > 0:
			if err := (Products(s)).touched(ctx, e, &t); err != nil {
				return t.Touched, err
			}
		}
		if t.Upto = e.Seq; len(t.Assets) >= touchedAtOnce {
			break
		}
	}
	return t.Touched, err
}

type touching struct {
	dam.Touched
	seen map[string]bool
}

func (t *touching) add(assets ...string) {
	for _, a := range assets {
		if a != "" && !t.seen[a] {
			t.seen[a] = true
			t.Assets = append(t.Assets, a)
		}
	}
}

// sweep selects products, whose assets and those of their variants and parents are found by other words. The zero one
// selects all.
type sweep struct {
	Keys       []string `json:"keys,omitempty"`
	Families   []string `json:"families,omitempty"`
	Brands     []string `json:"brands,omitempty"`
	Categories []string `json:"categories,omitempty"`
	all        bool
}

func (w *sweep) none() bool {
	return !w.all && len(w.Keys)+len(w.Families)+len(w.Brands)+len(w.Categories) == 0
}

// touched adds the assets that are found by other words after an event about products.
func (s Products) touched(ctx context.Context, e *dam.Event, t *touching) error {
	var data struct {
		SKUs   []string     `json:"skus"`
		Fields []string     `json:"fields"`
		Slots  []SlotChange `json:"slots"`
		Change string       `json:"change"`
		Terms  []string     `json:"terms"`
	}
	if json.Unmarshal(e.Data, &data) != nil {
		return nil // not one of ours
	}
	var w sweep
	var err error
	switch e.Type {
	case dam.ProductChanged:
		for _, x := range data.Slots {
			t.add(x.Asset, x.Before)
		}
		if Worded(data.Fields) {
			for _, sku := range data.SKUs {
				w.Keys = append(w.Keys, canon.ProductKey(sku))
			}
		}
	case dam.FamilyChanged:
		w.Families = []string{e.Subject}
	case dam.LibraryUpdated:
		w.all = slices.Contains(data.Fields, "product_terms")
	case dam.VocabularyChanged:
		if len(data.Terms) > 0 && data.Change != "term_added" || data.Change == "imported" {
			w, err = s.usingTerms(ctx, e.Library, e.Subject, data.Terms)
		}
	}
	if err != nil || w.none() {
		return err
	}
	x := dam.Sweep{Library: e.Library}
	if !w.all {
		raw, err := json.Marshal(w)
		if err != nil {
			return err
		}
		x.What = string(raw)
	}
	assets, err := s.swept(ctx, x, touchedByOne+1)
	if len(assets) > touchedByOne {
		t.Sweeps = append(t.Sweeps, x)
		return err
	}
	t.add(assets...)
	return err
}

// Worded reports whether words of a product depend on one of some fields of it.
func Worded(fields []string) bool {
	return slices.ContainsFunc(fields, func(field string) bool {
		return !slices.Contains([]string{"stock", "stocks", "price", "prices", "launch", "end"}, field)
	})
}

// usingTerms selects the products that have terms of a vocabulary, or one below them; without terms, any.
func (s Products) usingTerms(ctx context.Context, library, vocabulary string, terms []string) (w sweep, err error) {
	lib, err := s.db.Libraries().Library(ctx, library)
	if err != nil {
		return w, err
	}
	families, err := s.AllFamilies(ctx, library)
	if err != nil {
		return w, err
	}
	for _, f := range families {
		if slices.ContainsFunc(f.Attributes, func(a dam.FamilyAttribute) bool { return a.Vocabulary == vocabulary }) {
			w.Families = append(w.Families, f.Key)
		}
	}
	brand, category := lib.ProductTerms.Brand == vocabulary, lib.ProductTerms.Category == vocabulary
	if !brand && !category {
		return w, nil
	}
	ids, err := s.db.Libraries().Vocabularies().Below(ctx, vocabulary, terms)
	if ids = append(ids, terms...); len(terms) == 0 || len(ids) > termsOfSweep {
		return sweep{all: true}, err
	}
	if brand {
		w.Brands = ids
	}
	if category {
		w.Categories = ids
	}
	return w, err
}

// swept returns up to limit assets of a sweep behind its last one, by id.
func (s Products) swept(ctx context.Context, x dam.Sweep, limit int) ([]string, error) {
	args, where := []any{x.Library, x.After, limit}, ""
	if x.What != "" {
		var w sweep
		if err := json.Unmarshal([]byte(x.What), &w); err != nil {
			return nil, err
		}
		var roots []string
		for _, c := range []struct {
			column string
			values []string
		}{{"key", w.Keys}, {"family", w.Families}, {"brand", w.Brands}, {"category", w.Categories}} {
			if len(c.values) == 0 {
				continue
			}
			in, more := inList(c.values, len(args)+1)
			args = append(args, more...)
			roots = append(roots, `SELECT key, parent FROM products WHERE library=$1 AND `+c.column+`<>'' AND `+
				c.column+` IN `+in)
		}
		where = ` AND key IN (WITH roots AS (` + strings.Join(roots, ` UNION `) + `) SELECT key FROM roots
			UNION SELECT parent FROM roots WHERE parent<>''
			UNION SELECT p.key FROM products p WHERE p.library=$1 AND p.parent<>'' AND p.parent IN (SELECT key FROM roots))`
	}
	return all(ctx, s.db, value[string], `SELECT DISTINCT asset_id FROM product_slots WHERE until IS NULL
		AND library=$1 AND asset_id>$2`+where+` ORDER BY asset_id LIMIT $3`, args...)
}

// maxVariantWords is how many variants of a product its pictures are found by.
const maxVariantWords = 200

// variantsOf returns the first variants of products, by the key of their parent.
func (s Products) variantsOf(ctx context.Context, library string, keys []string) (map[string][]ProductRow, error) {
	in, args := inList(keys, 2)
	list, err := all(ctx, s.db, scanProduct, `SELECT `+productColumns+` FROM (SELECT `+productColumns+`,
		row_number() OVER (PARTITION BY parent ORDER BY key) AS place FROM products
		WHERE library=$1 AND parent<>'' AND parent IN `+in+`) x WHERE place<=`+strconv.Itoa(maxVariantWords)+
		` ORDER BY parent, key`, append([]any{library}, args...)...)
	out := map[string][]ProductRow{}
	for _, p := range list {
		out[p.ParentKey] = append(out[p.ParentKey], p)
	}
	return out, err
}
