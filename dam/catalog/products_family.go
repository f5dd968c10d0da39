package catalog

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
)

// familyColumns count nothing: what is read for each batch of an import must not depend on how many products there are.
const familyColumns = `f.library,f.key,f.revision,f.labels,f.attributes,f.slots,f.created_at,f.created_by,f.updated_at,`

const countedFamily = familyColumns + `(SELECT count(*) FROM products p WHERE p.library=f.library AND p.family=f.key AND p.family<>'')`

func scanFamily(r row) (f dam.Family, err error) {
	var created, updated int64
	err = r.Scan(&f.Library, &f.Key, &f.Revision, asJSON{&f.Labels}, asJSON{&f.Attributes}, asJSON{&f.Slots}, &created,
		&f.CreatedBy, &updated, &f.Products)
	f.CreatedAt, f.UpdatedAt = instant(created), instant(updated)
	return f, err
}

// Families returns a library's families by key.
func (s Products) Families(ctx context.Context, library string) ([]dam.Family, error) {
	return all(ctx, s.db, scanFamily, `SELECT `+countedFamily+` FROM product_families f WHERE f.library=$1
		ORDER BY f.key`, library)
}

// AllFamilies returns a library's families by key, and counts no products.
func (s Products) AllFamilies(ctx context.Context, library string) ([]dam.Family, error) {
	return all(ctx, s.db, scanFamily, `SELECT `+familyColumns+`0 FROM product_families f WHERE f.library=$1
		ORDER BY f.key`, library)
}

// Family returns a family of a library.
func (s Products) Family(ctx context.Context, library, key string) (dam.Family, error) {
	f, err := one(ctx, s.db, scanFamily, `SELECT `+countedFamily+` FROM product_families f WHERE f.library=$1
		AND f.key=$2`, library, key)
	return oneOr(f, err, "family", key)
}

// LockFamily returns a family and locks its row until the commit: no product is given it meanwhile.
func (s ProductsTx) LockFamily(ctx context.Context, library, key string) (dam.Family, error) {
	if _, err := all(ctx, s.db, value[string], `SELECT key FROM product_families WHERE library=$1 AND key=$2`+
		s.tx.forUpdate(), library, key); err != nil {
		return dam.Family{}, err
	}
	return s.Family(ctx, library, key)
}

// KeepFamilies returns those of the families that exist, by key, which stay as they are until the commit.
func (s ProductsTx) KeepFamilies(ctx context.Context, library string, keys []string) (map[string]dam.Family, error) {
	out := map[string]dam.Family{}
	in, args := inList(keys, 2)
	args = append([]any{library}, args...)
	if s.tx.pg {
		if _, err := all(ctx, s.db, value[string], `SELECT key FROM product_families WHERE library=$1 AND key IN `+in+
			` ORDER BY key FOR SHARE`, args...); err != nil {
			return out, err
		}
	}
	list, err := all(ctx, s.db, scanFamily, `SELECT `+familyColumns+`0 FROM product_families f WHERE f.library=$1
		AND f.key IN `+in, args...)
	for _, f := range list {
		out[f.Key] = f
	}
	return out, err
}

// PutFamily stores a new or changed family and increments its revision.
func (s ProductsTx) PutFamily(ctx context.Context, f *dam.Family) error {
	f.Revision++
	f.UpdatedAt = s.tx.now
	if f.CreatedBy == "" {
		f.CreatedAt, f.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	_, err := s.tx.exec(ctx, `INSERT INTO product_families(library,key,revision,labels,attributes,slots,created_at,
			created_by,updated_at) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9)
		ON CONFLICT(library,key) DO UPDATE SET revision=excluded.revision, labels=excluded.labels,
			attributes=excluded.attributes, slots=excluded.slots, updated_at=excluded.updated_at`, f.Library, f.Key,
		f.Revision, asJSON{f.Labels}, asJSON{f.Attributes}, asJSON{f.Slots}, micros(f.CreatedAt), f.CreatedBy,
		micros(f.UpdatedAt))
	return err
}

// DeleteFamily removes a family.
func (s ProductsTx) DeleteFamily(ctx context.Context, library, key string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM product_families WHERE library=$1 AND key=$2`, library, key)
	return err
}

// WithVariants returns those of the products that have variants.
func (s Products) WithVariants(ctx context.Context, library string, keys []string) ([]string, error) {
	in, args := inList(keys, 2)
	return all(ctx, s.db, value[string], `SELECT DISTINCT parent FROM products WHERE library=$1 AND parent<>''
		AND parent IN `+in, append([]any{library}, args...)...)
}

// VariantSKUs returns up to limit SKUs of the variants of a product, in their order.
func (s Products) VariantSKUs(ctx context.Context, library, key string, limit int) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT sku FROM products WHERE library=$1 AND parent=$2 AND parent<>''
		ORDER BY key LIMIT $3`, library, key, limit)
}

// TermsOfProducts says which terms of a vocabulary are looked for in products.
type TermsOfProducts struct {
	Library, Vocabulary string
	Terms               []string
	Attributes          map[string][]string // those with terms of the vocabulary, by family
}

// CountWithTerms counts the products that have one of the terms.
func (s Products) CountWithTerms(ctx context.Context, q TermsOfProducts) (total int, err error) {
	lib, err := s.db.Libraries().Library(ctx, q.Library)
	if err != nil {
		return 0, err
	}
	for column, of := range map[string]string{"brand": lib.ProductTerms.Brand, "category": lib.ProductTerms.Category} {
		if of != q.Vocabulary {
			continue
		}
		for chunk := range slices.Chunk(q.Terms, 500) {
			in, args := inList(chunk, 2)
			n, err := one(ctx, s.db, value[int], `SELECT count(*) FROM products WHERE library=$1 AND `+column+
				`<>'' AND `+column+` IN `+in, append([]any{q.Library}, args...)...)
			if err != nil {
				return 0, err
			}
			total += n
		}
	}
	terms := map[string]bool{}
	for _, t := range q.Terms {
		terms[t] = true
	}
	for family, keys := range q.Attributes {
		n, err := s.countAttributes(ctx, q.Library, family, func(attributes map[string]string) bool {
			return slices.ContainsFunc(keys, func(k string) bool { return terms[attributes[k]] })
		})
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// countAttributes counts the products of a family, and the variants that have it from their parents, whose attributes
// are as match says.
func (s Products) countAttributes(ctx context.Context, library, family string, match func(map[string]string) bool) (
	n int, err error) {
	type attributed struct {
		key        string
		attributes map[string]string
	}
	for after := ""; ; {
		list, err := all(ctx, s.db, func(r row) (x attributed, err error) {
			err = r.Scan(&x.key, asJSON{&x.attributes})
			return
		}, `SELECT key,attributes FROM products WHERE library=$1 AND key>$2 AND (family=$3 OR family='' AND parent IN
			(SELECT o.key FROM products o WHERE o.library=$1 AND o.family=$3)) ORDER BY key LIMIT 1000`, library,
			after, family)
		if err != nil {
			return n, err
		}
		for _, x := range list {
			if after = x.key; match(x.attributes) {
				n++
			}
		}
		if len(list) < 1000 {
			return n, nil
		}
	}
}

// noteParents keeps the history of parents in step with products of one library that are stored.
func (s ProductsTx) noteParents(ctx context.Context, list []*ProductRow) error {
	var ended []string
	var q strings.Builder
	q.WriteString(`INSERT INTO product_parents(library,key,parent,since) VALUES `)
	var args []any
	for _, p := range list {
		if p.storedParent == p.ParentKey {
			continue
		}
		if p.storedParent != "" {
			ended = append(ended, p.Key)
		}
		if p.storedParent = p.ParentKey; p.ParentKey != "" {
			placeholders(&q, len(args)/4, 4)
			args = append(args, p.Library, p.Key, p.ParentKey, micros(s.tx.now))
		}
	}
	if len(ended) > 0 {
		if err := s.endParents(ctx, list[0].Library, ended); err != nil {
			return err
		}
	}
	if len(args) == 0 {
		return nil
	}
	q.WriteString(` ON CONFLICT(library,key,since) DO UPDATE SET parent=excluded.parent, until=NULL`)
	_, err := s.tx.exec(ctx, q.String(), args...)
	return err
}

// endParents ends that products are variants of others.
func (s ProductsTx) endParents(ctx context.Context, library string, keys []string) error {
	in, args := inList(keys, 3)
	_, err := s.tx.exec(ctx, `UPDATE product_parents SET until=$1 WHERE library=$2 AND until IS NULL AND key IN `+in,
		append([]any{micros(s.tx.now), library}, args...)...)
	return err
}

// ParentAt returns the key of the product that one was a variant of at an instant; "" for none.
func (s Products) ParentAt(ctx context.Context, library, sku string, at time.Time) (string, error) {
	key, err := one(ctx, s.db, value[string], `SELECT parent FROM product_parents WHERE library=$1 AND key=$2
		AND since<=$3 AND (until IS NULL OR until>$3)`, library, canon.ProductKey(sku), micros(at))
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	return key, err
}

// fillProducts fills in what other tables hold about products of one library.
func (c Conn) fillProducts(ctx context.Context, list []ProductRow) error {
	if len(list) == 0 {
		return nil
	}
	if err := c.fillSlots(ctx, list); err != nil {
		return err
	}
	if err := c.fillVariants(ctx, list); err != nil {
		return err
	}
	rows := make([]*ProductRow, len(list))
	for i := range list {
		rows[i] = &list[i]
	}
	if err := c.fillOffers(ctx, rows); err != nil {
		return err
	}
	if err := c.fillInherited(ctx, list); err != nil {
		return err
	}
	if err := c.fillGaps(ctx, list); err != nil {
		return err
	}
	return c.fillTermLabels(ctx, list)
}

// fillVariants counts the variants of products.
func (c Conn) fillVariants(ctx context.Context, list []ProductRow) error {
	type count struct {
		key string
		n   int
	}
	keys := make([]string, len(list))
	for i, p := range list {
		keys[i] = p.Key
	}
	in, args := inList(keys, 2)
	counts, err := all(ctx, c, func(r row) (x count, err error) {
		err = r.Scan(&x.key, &x.n)
		return
	}, `SELECT parent,count(*) FROM products WHERE library=$1 AND parent<>'' AND parent IN `+in+` GROUP BY parent`,
		append([]any{list[0].Library}, args...)...)
	for _, x := range counts {
		list[slices.Index(keys, x.key)].Variants = x.n
	}
	return err
}

// fillInherited fills in what variants have from their parents.
func (c Conn) fillInherited(ctx context.Context, list []ProductRow) error {
	library := list[0].Library
	var variants, parents []string
	for _, p := range list {
		if p.ParentKey != "" {
			variants, parents = append(variants, p.Key), append(parents, p.ParentKey)
		}
	}
	if len(variants) == 0 {
		return nil
	}
	slices.Sort(parents)
	found, err := c.products(ctx, library, slices.Compact(parents), "")
	if err != nil {
		return err
	}
	if err := c.fillSlots(ctx, found); err != nil {
		return err
	}
	byKey := make(map[string]*ProductRow, len(found))
	for i := range found {
		byKey[found[i].Key] = &found[i]
	}
	taken, err := c.slotNames(ctx, library, variants)
	for i := range list {
		if parent := byKey[list[i].ParentKey]; parent != nil {
			list[i].Parent = parent.SKU
			list[i].Inherit(&parent.Product, taken[list[i].Key])
		}
	}
	return err
}

// slotNames returns the names of the slots that products have an asset in, by key, whoever asks.
func (c Conn) slotNames(ctx context.Context, library string, keys []string) (map[string][]string, error) {
	out := map[string][]string{}
	in, args := inList(keys, 2)
	list, err := all(ctx, c, func(r row) (x [2]string, err error) {
		err = r.Scan(&x[0], &x[1])
		return
	}, `SELECT DISTINCT key,slot FROM product_slots WHERE until IS NULL AND library=$1 AND key IN `+in,
		append([]any{library}, args...)...)
	for _, x := range list {
		out[x[0]] = append(out[x[0]], x[1])
	}
	return out, err
}

// fillGaps says where products aren't as their families have them.
func (c Conn) fillGaps(ctx context.Context, list []ProductRow) error {
	families := map[string]*dam.Family{}
	for _, p := range list {
		if f := p.Effective().Family; f != "" {
			families[f] = nil
		}
	}
	if len(families) == 0 {
		return nil
	}
	in, args := inList(slices.Sorted(maps.Keys(families)), 2)
	found, err := all(ctx, c, scanFamily, `SELECT `+familyColumns+`0 FROM product_families f WHERE f.library=$1
		AND f.key IN `+in, append([]any{list[0].Library}, args...)...)
	for i := range found {
		families[found[i].Key] = &found[i]
	}
	for i := range list {
		if f := families[list[i].Effective().Family]; f != nil {
			list[i].Gaps = f.GapsOf(list[i].Product)
		}
	}
	return err
}

// fillTermLabels fills in what the brands and categories of products are called.
func (c Conn) fillTermLabels(ctx context.Context, list []ProductRow) error {
	if !slices.ContainsFunc(list, func(p ProductRow) bool {
		e := p.Effective()
		return e.Brand != "" || e.Category != ""
	}) {
		return nil
	}
	lib, err := c.Libraries().Library(ctx, list[0].Library)
	if err != nil {
		return err
	}
	for _, x := range []struct {
		vocabulary string
		of         func(*dam.Product) string
		at         func(*dam.Product) *dam.Text
	}{
		{lib.ProductTerms.Brand, func(p *dam.Product) string { return p.Effective().Brand },
			func(p *dam.Product) *dam.Text { return &p.BrandLabel }},
		{lib.ProductTerms.Category, func(p *dam.Product) string { return p.Effective().Category },
			func(p *dam.Product) *dam.Text { return &p.CategoryLabel }},
	} {
		if x.vocabulary == "" {
			continue
		}
		ids := map[string]bool{}
		for i := range list {
			ids[x.of(&list[i].Product)] = true
		}
		terms, err := c.Libraries().Vocabularies().Current(ctx, x.vocabulary, slices.Sorted(maps.Keys(ids)))
		if err != nil {
			return err
		}
		for i := range list {
			if t, ok := terms[x.of(&list[i].Product)]; ok {
				*x.at(&list[i].Product) = t.Labelled()
			}
		}
	}
	return nil
}

// Current returns terms by the ids that mean them: of a merged one it is the one that it has become.
func (s Vocabularies) Current(ctx context.Context, vocabulary string, ids []string) (map[string]dam.Term, error) {
	list, err := s.Terms(ctx, vocabulary, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]dam.Term, len(list))
	var merged []string
	for _, t := range list {
		out[t.ID] = t
		if t.Merged != "" {
			merged = append(merged, t.Merged)
		}
	}
	if len(merged) == 0 {
		return out, nil
	}
	into, err := s.Terms(ctx, vocabulary, merged)
	for _, t := range list {
		at := slices.IndexFunc(into, func(x dam.Term) bool { return x.ID == t.Merged })
		if at >= 0 {
			out[t.ID] = into[at]
		}
	}
	return out, err
}
