package savedsearch_test

import (
	"fmt"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// A picture that very many products share has the words of the first of them, and others have theirs. Columns are
// filled without words.
func TestManyProductsOfPicture(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newShelf(t, cat)
		first, shared, last := s.picture("first"), s.picture("shared"), s.picture("last")
		var table strings.Builder
		const n = 205
		for i := range n {
			fmt.Fprintf(&table, `{"sku":"S-%03d","names":{"en":"name%03d"},"brand":"brand%03d"}`+"\n", i, i, i)
		}
		for line := range strings.Lines(table.String()) {
			s.product(line[8:13], line)
		}
		s.ok(cat.Write(s.Context(), func(tx *catalog.Tx) error {
			for i := range n {
				list, err := tx.Products().LockProducts(s.Context(), dam.DefaultLibrary,
					[]string{fmt.Sprintf("s-%03d", i), fmt.Sprintf("S-%03d", i)})
				if err != nil {
					return err
				}
				for _, p := range list {
					if _, err := tx.Products().Link(s.Context(), &p, dam.Slot{Slot: "hero", N: 1, Asset: shared,
						Origin: dam.SlotByHand}); err != nil {
						return err
					}
				}
			}
			return nil
		}))
		s.link("S-000", "back", first)
		s.link("S-204", "back", last)
		a, err := cat.Assets().Asset(s.Context(), dam.DefaultLibrary, shared)
		s.ok(err)
		s.ok(cat.Write(s.Context(), func(tx *catalog.Tx) error {
			tx.EmitAsset(dam.AssetUpdated, &a, map[string]any{})
			return nil
		}))
		s.want("name000", "first shared")
		s.want("name199", "shared")
		s.want("name200", "")
		s.want("name204", "last")
		list, err := cat.SearchSource().ScanColumns(s.Context(), 0, 100)
		s.ok(err)
		for _, a := range list {
			if a.Products == nil || len(a.Products.Words) != 0 || len(a.Products.Brands) == 0 {
				t.Errorf("for columns, %+v is read", a.Products)
			}
		}
	})
}
