package vocabularies

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// unusedByProducts refuses to remove a vocabulary that brands, categories or attributes of products are taken from. The
// library's definitions are locked.
func unusedByProducts(ctx context.Context, tx *catalog.Tx, library, vocabulary string) error {
	lib, err := tx.Libraries().Library(ctx, library)
	if err != nil {
		return err
	}
	if t := lib.ProductTerms; t.Brand == vocabulary || t.Category == vocabulary {
		return &dam.Error{Code: dam.Conflict, Field: "product_terms", Reason: reasons.VocabularyOfProducts()}
	}
	families, err := tx.Products().Families(ctx, library)
	if err != nil {
		return err
	}
	var keys []string
	for _, f := range families {
		for _, a := range f.Attributes {
			if a.Vocabulary == vocabulary {
				keys = append(keys, f.Key)
				break
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return &dam.Error{Code: dam.Conflict, Field: "families", Reason: reasons.VocabularyOfFamilies(joined(keys))}
}

// productsWith counts the products that have one of the terms: as brand, as category, or in an attribute of their
// family.
func productsWith(ctx context.Context, in catalog.Products, library, vocabulary string, terms []string) (int, error) {
	families, err := in.Families(ctx, library)
	if err != nil {
		return 0, err
	}
	held := catalog.TermsOfProducts{Library: library, Vocabulary: vocabulary, Terms: terms,
		Attributes: map[string][]string{}}
	for _, f := range families {
		for _, a := range f.Attributes {
			if a.Vocabulary == vocabulary {
				held.Attributes[f.Key] = append(held.Attributes[f.Key], a.Key)
			}
		}
	}
	return in.CountWithTerms(ctx, held)
}
