package search

import (
	"strings"

	"vitrine/dam"
	"vitrine/search/columns"
)

// productFields are those whose values come from the products that show an asset.
func (s *schema) productFields() {
	of := func(get func(*dam.AssetProducts) []columns.Value) func(*dam.Asset) []columns.Value {
		return func(a *dam.Asset) []columns.Value {
			if a.Products == nil {
				return nil
			}
			return get(a.Products)
		}
	}
	brand := s.keyword("brand", KindKeyword, `brand:Acme brand:"Maison Lune"`,
		"Brand of a product that shows it, by name or id", "Marque d’un produit qui le montre, par nom ou identifiant",
		of(func(p *dam.AssetProducts) []columns.Value { return many(p.Brands) }))
	brand.labelled("Brand", "Marque").inPanel(8, PanelList)
	category := s.keyword("category", KindKeyword, `category:Chairs category:"Furniture > Chairs"`,
		"Category of a product that shows it, by name, path or id, with everything below it",
		"Catégorie d’un produit qui le montre, par nom, chemin ou identifiant, avec tout ce qui en dépend",
		of(func(p *dam.AssetProducts) []columns.Value { return categories(p.Categories) }))
	category.labelled("Category", "Catégorie").inPanel(8, PanelList)
	category.spelling = func(key string) string { return strings.Join(steps(key), dam.PathSeparator) }
	family := s.keyword("family", KindKeyword, "family:chairs", "Family of a product that shows it, by key or label",
		"Famille d’un produit qui le montre, par clé ou libellé",
		of(func(p *dam.AssetProducts) []columns.Value { return many(p.Families) }))
	family.labelled("Product family", "Famille de produits").inPanel(8, PanelList)
	for _, f := range []*Field{brand, category, family} {
		f.Facet, f.byName, f.terms, f.yields = true, true, f != family, true
	}
}

// categories adds the branches that a category written as a path hangs on: Furniture > Chairs is also Furniture.
func categories(list []string) []columns.Value {
	var out []columns.Value
	seen := map[string]bool{}
	for _, text := range list {
		path := steps(text)
		for i := range path {
			for _, v := range one(strings.Join(path[:i+1], dam.PathSeparator)) {
				if !seen[v.Key] {
					seen[v.Key] = true
					out = append(out, v)
				}
			}
		}
	}
	return out
}

func steps(path string) []string {
	list := strings.Split(path, strings.TrimSpace(dam.PathSeparator))
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}
