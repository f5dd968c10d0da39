package products

import (
	"context"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// relate notes that a change sets the family, the parent, the brand, the category or a day of the sale.
func (c *Change) relate(field, text string) {
	if c.related == nil {
		c.related = map[string]string{}
	}
	if field != "parent" {
		text = canon.Name(text)
	}
	c.related[field] = text
}

// parentKey is the key of the parent that a change names, "" for none.
func (c Change) parentKey() string {
	if c.related["parent"] == "" {
		return ""
	}
	return canon.ProductKey(c.related["parent"])
}

func (c Change) checkRelated() error {
	for _, field := range relatedNames {
		text := c.related[field]
		if err := dam.CheckLine(field, text); err != nil {
			return err
		}
		if len([]rune(text)) > dam.MaxCategory {
			return dam.InvalidInput(field, reasons.CategoryTooLong(dam.MaxCategory))
		}
	}
	return nil
}

// ground is what changes of a library's products are held against. The zero ground is enough for changes of stock and
// price.
type ground struct {
	tx      *catalog.Tx
	library dam.Library
	// families are those of the products and those that changes name, by key.
	families map[string]dam.Family
	// relatives are parents: those that changes name, whose rows are locked, and those that products have.
	relatives map[string]catalog.ProductRow
	// parents are the keys of products that have variants, as far as changes make variants of them.
	parents map[string]bool
	terms   map[[2]string][]dam.Term // by vocabulary and what was written
}

// lockFor locks the products that changes are of, and the parents that they name, at once and in one order.
func lockFor(ctx context.Context, tx *catalog.Tx, library string, changes []Change) (map[string]catalog.ProductRow,
	error) {
	keys := make([]string, 0, len(changes))
	for _, c := range changes {
		keys = append(keys, canon.ProductKey(c.SKU))
		if parent := c.parentKey(); parent != "" {
			keys = append(keys, parent)
		}
	}
	return tx.Products().LockProducts(ctx, library, keys)
}

// newGround reads what changes are held against. known are the rows of lockFor; they get their prices and stocks by
// place where changes are about these.
func newGround(ctx context.Context, tx *catalog.Tx, library string, changes []Change,
	known map[string]catalog.ProductRow) (*ground, error) {
	g := &ground{tx: tx, families: map[string]dam.Family{}, relatives: map[string]catalog.ProductRow{},
		parents: map[string]bool{}, terms: map[[2]string][]dam.Term{}}
	var unread, turned, families []string
	for _, p := range known {
		if _, there := known[p.ParentKey]; p.ParentKey != "" && !there {
			unread = append(unread, p.ParentKey)
		}
		families = append(families, p.Family)
	}
	named, offered := false, false
	for _, c := range changes {
		offered = offered || c.offering()
		families = append(families, c.related["family"])
		if parent := c.parentKey(); parent != "" {
			turned = append(turned, canon.ProductKey(c.SKU))
		}
		named = named || c.related["brand"] != "" || c.related["category"] != ""
	}
	if offered {
		if err := tx.Products().ReadOffers(ctx, known); err != nil {
			return g, err
		}
	}
	for key, p := range known {
		g.relatives[key] = p
	}
	if len(unread) > 0 {
		list, err := tx.Products().ByKey(ctx, library, unread)
		if err != nil {
			return g, err
		}
		for _, p := range list {
			g.relatives[p.Key] = p
			families = append(families, p.Family)
		}
	}
	if len(turned) > 0 {
		list, err := tx.Products().WithVariants(ctx, library, turned)
		if err != nil {
			return g, err
		}
		for _, key := range list {
			g.parents[key] = true
		}
	}
	families = distinct(families)
	var err error
	if len(families) > 0 {
		g.families, err = tx.Products().KeepFamilies(ctx, library, families)
	}
	if named && err == nil {
		g.library, err = tx.Libraries().Library(ctx, library)
	}
	return g, err
}

// distinct returns the texts that are not empty, each once.
func distinct(list []string) []string {
	seen := map[string]bool{"": true}
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// familyOf returns the family of a product, its parent's if it has none itself; an empty one if there is none.
func (g *ground) familyOf(p *catalog.ProductRow) *dam.Family {
	key := p.Family
	if key == "" && p.ParentKey != "" {
		key = g.relatives[p.ParentKey].Family
	}
	f := g.families[key]
	return &f
}

// term finds the one term of a vocabulary that is called so; held is the id that may be an archived one.
func (g *ground) term(ctx context.Context, at, vocabulary, written, held string) (string, error) {
	found, known := g.terms[[2]string{vocabulary, written}]
	if !known {
		in := g.tx.Libraries().Vocabularies()
		if err := in.KeepVocabulary(ctx, vocabulary); err != nil {
			return "", err
		}
		var err error
		if found, err = in.Named(ctx, vocabulary, written); err != nil {
			return "", err
		}
		g.terms[[2]string{vocabulary, written}] = found
	}
	shown := dam.Cut(written, 100)
	switch {
	case len(found) == 0:
		return "", dam.InvalidInput(at, reasons.NoTermOfField(shown))
	case len(found) > 1:
		ids := make([]string, min(len(found), 10))
		for i := range ids {
			ids[i] = found[i].ID + " (" + found[i].Label("", "") + ")"
		}
		return "", dam.InvalidInput(at,
			reasons.TermAmbiguous(shown).With(reasons.RemedyUseOneOfTheseIds(strings.Join(ids, ", "))))
	case found[0].Archived && found[0].ID != held:
		return "", dam.InvalidInput(at, reasons.TermArchived(shown))
	}
	return found[0].ID, nil
}

// applyRelated makes the part of a change that is about other things than the product itself.
func (c Change) applyRelated(ctx context.Context, p *catalog.ProductRow, g *ground, changed func(string, bool)) error {
	if c.related == nil {
		return nil
	}
	if key, set := c.related["family"]; set {
		if _, known := g.families[key]; key != "" && !known {
			return dam.InvalidInput("family", reasons.NoFamily(dam.Cut(key, 100)))
		}
		changed("family", key != p.Family)
		p.Family = key
	}
	if err := c.applyParent(p, g, changed); err != nil {
		return err
	}
	for _, x := range []struct {
		field, vocabulary string
		at                *string
	}{{"brand", g.library.ProductTerms.Brand, &p.Brand}, {"category", g.library.ProductTerms.Category, &p.Category}} {
		text, set := c.related[x.field]
		if !set {
			continue
		}
		if text != "" && x.vocabulary != "" && text != *x.at {
			id, err := g.term(ctx, x.field, x.vocabulary, text, *x.at)
			if err != nil {
				return err
			}
			text = id
		}
		changed(x.field, text != *x.at)
		*x.at = text
	}
	for _, x := range []struct {
		field string
		at    *dam.Date
	}{{"launch", &p.Launch}, {"end", &p.End}} {
		if day, set := c.related[x.field]; set {
			changed(x.field, day != string(*x.at))
			*x.at = dam.Date(day)
		}
	}
	return p.CheckSale()
}

// applyParent makes the product a variant of another one, or of none.
func (c Change) applyParent(p *catalog.ProductRow, g *ground, changed func(string, bool)) error {
	if _, set := c.related["parent"]; !set {
		return nil
	}
	key := c.parentKey()
	if key == p.ParentKey {
		return nil
	}
	before, after := g.relatives[p.ParentKey], g.relatives[key]
	shown := dam.Cut(c.related["parent"], 64)
	switch {
	case key == "":
	case key == p.Key:
		return dam.InvalidInput("parent", reasons.VariantOfItself())
	case after.Key == "":
		return dam.InvalidInput("parent", reasons.NoParentProduct(shown))
	case after.ParentKey != "":
		return dam.InvalidInput("parent", reasons.ParentIsAVariant(after.SKU))
	case g.parents[p.Key]:
		return dam.InvalidInput("parent", reasons.ParentHasVariants(p.SKU))
	}
	p.ParentKey, p.Parent = key, after.SKU
	p.Touched = distinct(append(p.Touched, before.SKU, after.SKU))
	changed("parent", true)
	return nil
}

// free refuses to remove a product that others are variants of.
func free(ctx context.Context, tx *catalog.Tx, p *catalog.ProductRow) error {
	const named = 10
	skus, err := tx.Products().VariantSKUs(ctx, p.Library, p.Key, 1001)
	if err != nil || len(skus) == 0 {
		return err
	}
	text := strings.Join(skus[:min(len(skus), named)], ", ")
	if len(skus) > named {
		text += ", …"
	}
	return &dam.Error{Code: dam.Conflict, Field: "variants", Reason: reasons.ProductHasVariants(len(skus), text)}
}
