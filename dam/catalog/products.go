package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
)

const productColumns = `library,key,sku,gtin,names,attributes,stock,price,words,revision,created_at,created_by,updated_at,
	family,parent,brand,category,launch,last_day`

// ProductRow is a product with what only the catalogue and the product service use.
type ProductRow struct {
	dam.Product
	Key   string // see canon.ProductKey
	Words string // the text that searches match
	// ParentKey is the key of the product that it is a variant of, "" for none; the SKU is filled in for who reads it.
	ParentKey string
	// Touched are SKUs of other products in which an edit shows: parents that got or lost it.
	Touched      []string
	storedParent string
	offers       []offer // as they are stored; nil where they have not been read
}

// SetWords derives the words from the SKU, the GTIN and the names.
func (p *ProductRow) SetWords() {
	list := []string{p.SKU, p.GTIN}
	for _, locale := range slices.Sorted(maps.Keys(p.Names)) {
		list = append(list, p.Names[locale])
	}
	p.Words = canon.Fold(strings.Join(list, "\n"))
}

func scanProduct(r row) (p ProductRow, err error) {
	var created, updated int64
	err = r.Scan(&p.Library, &p.Key, &p.SKU, &p.GTIN, asJSON{&p.Names}, asJSON{&p.Attributes}, &p.Stock,
		asJSON{&p.Price}, &p.Words, &p.Revision, &created, &p.CreatedBy, &updated, &p.Family, &p.ParentKey, &p.Brand,
		&p.Category, (*string)(&p.Launch), (*string)(&p.End))
	p.storedParent = p.ParentKey
	p.CreatedAt, p.UpdatedAt = instant(created), instant(updated)
	p.Slots, p.Waiting = []dam.Slot{}, []dam.Slot{}
	return p, err
}

// Product returns a product of a library with its slots.
func (s Products) Product(ctx context.Context, library, sku string) (ProductRow, error) {
	list, err := s.db.products(ctx, library, []string{canon.ProductKey(sku)}, "")
	if err == nil && len(list) == 0 {
		err = notFound("product", sku)
	}
	if err != nil {
		return ProductRow{}, err
	}
	return list[0], s.db.fillProducts(ctx, list)
}

// LockProducts returns those of up to 1,000 products that exist, by key, and locks their rows until the commit.
func (s ProductsTx) LockProducts(ctx context.Context, library string, keys []string) (map[string]ProductRow, error) {
	list, err := s.tx.products(ctx, library, keys, s.tx.forUpdate())
	out := make(map[string]ProductRow, len(list))
	for _, p := range list {
		out[p.Key] = p
	}
	return out, err
}

// ByKey returns those of up to 1,000 products that exist.
func (s Products) ByKey(ctx context.Context, library string, keys []string) ([]ProductRow, error) {
	return s.db.products(ctx, library, keys, "")
}

func (c Conn) products(ctx context.Context, library string, keys []string, suffix string) ([]ProductRow, error) {
	in, args := inList(keys, 2)
	return all(ctx, c, scanProduct, `SELECT `+productColumns+` FROM products WHERE library=$1 AND key IN `+in+
		` ORDER BY key`+suffix, append([]any{library}, args...)...)
}

// ProductQuery selects products of a library.
type ProductQuery struct {
	Words []string // folded; each must occur in the SKU, the GTIN or a name
	Asset string   // only products that this asset shows
	// Parent and Family select the variants of a product and the products that name a family; "" is any.
	Parent, Family string
	After          string // key of the last product of the page before
	Limit          int
}

// List returns a page of a library's products, ordered by key, with their slots, and the total number on all pages.
func (s Products) List(ctx context.Context, library string, q ProductQuery) (list []ProductRow, total int, err error) {
	where, args := ` FROM products WHERE library=$1`, []any{library}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	for _, w := range q.Words {
		where += ` AND words LIKE ` + arg("%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(w)+"%") +
			` ESCAPE '\'`
	}
	if q.Asset != "" {
		where += ` AND key IN (SELECT key FROM product_slots WHERE until IS NULL AND library=$1 AND asset_id=` +
			arg(q.Asset) + `)`
	}
	if q.Parent != "" {
		where += ` AND parent=` + arg(canon.ProductKey(q.Parent))
	}
	if q.Family != "" {
		where += ` AND family=` + arg(q.Family)
	}
	if total, err = one(ctx, s.db, value[int], `SELECT count(*)`+where, args...); err != nil {
		return nil, 0, err
	}
	if q.After != "" {
		where += ` AND key>` + arg(q.After)
	}
	if list, err = all(ctx, s.db, scanProduct, `SELECT `+productColumns+where+` ORDER BY key LIMIT `+arg(q.Limit),
		args...); err != nil {
		return nil, 0, err
	}
	return list, total, s.db.fillProducts(ctx, list)
}

// PutProducts stores new and edited products, none of them twice, and increments their revisions.
func (s ProductsTx) PutProducts(ctx context.Context, list []*ProductRow) error {
	// SQLite looks every numbered argument up among all of its statement, so long statements take time by the square.
	const width, rows = 19, 50
	for chunk := range slices.Chunk(list, rows) {
		var q strings.Builder
		q.WriteString(`INSERT INTO products(` + productColumns + `) VALUES `)
		args := make([]any, 0, len(chunk)*width)
		for i, p := range chunk {
			p.Revision++
			p.UpdatedAt = s.tx.now
			if p.CreatedBy == "" {
				p.CreatedAt, p.CreatedBy = s.tx.now, s.tx.actor.ID
			}
			placeholders(&q, i, width)
			args = append(args, p.Library, p.Key, p.SKU, p.GTIN, asJSON{p.Names}, asJSON{p.Attributes}, p.Stock,
				asJSON{p.Price}, p.Words, p.Revision, micros(p.CreatedAt), p.CreatedBy, micros(p.UpdatedAt), p.Family,
				p.ParentKey, p.Brand, p.Category, string(p.Launch), string(p.End))
		}
		q.WriteString(
			` ON CONFLICT(library,key) DO UPDATE SET sku=excluded.sku,gtin=excluded.gtin,names=excluded.names,attributes=excluded.attributes,stock=excluded.stock,price=excluded.price,words=excluded.words,revision=excluded.revision,updated_at=excluded.updated_at,
			family=excluded.family,parent=excluded.parent,brand=excluded.brand,category=excluded.category,launch=excluded.launch,last_day=excluded.last_day
			WHERE excluded.revision>1`)
		n, err := s.tx.exec(ctx, q.String(), args...)
		if err != nil {
			return err
		}
		if n < int64(len(chunk)) { // another server added one of them since they were looked for
			return &dam.Error{Code: dam.Unavailable, Reason: reasons.ProductExists(chunk[0].SKU)}
		}
		if err := s.noteParents(ctx, chunk); err != nil {
			return err
		}
		if err := s.noteOffers(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}

// DeleteProduct removes a product. Its slots are emptied first (see Unlink).
func (s ProductsTx) DeleteProduct(ctx context.Context, library, key string) error {
	if err := s.endParents(ctx, library, []string{key}); err != nil {
		return err
	}
	if err := s.endOffers(ctx, library, key); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `DELETE FROM products WHERE library=$1 AND key=$2`, library, key)
	return err
}

// ProductByGTIN returns the key of the first product with a GTIN; "" when there is none.
func (s Products) ProductByGTIN(ctx context.Context, library, gtin string) (string, error) {
	key, err := one(ctx, s.db, value[string],
		`SELECT key FROM products WHERE library=$1 AND gtin=$2 AND gtin<>'' ORDER BY key LIMIT 1`, library, gtin)
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	return key, err
}

// EmitProducts appends an event with the fields that changed and the products they changed in. subject is the SKU or
// the import.
func (s ProductsTx) EmitProducts(library, subject string, skus, fields []string, slots []SlotChange,
	changes ...dam.Change) {
	raw, err := json.Marshal(struct {
		SKUs   []string     `json:"skus"`
		Fields []string     `json:"fields"`
		Slots  []SlotChange `json:"slots,omitempty"`
	}{skus, fields, slots})
	if err != nil {
		panic(err) // always plain values
	}
	s.tx.Emit(dam.Event{Type: dam.ProductChanged, Library: library, Subject: subject, Data: raw}, changes...)
}

// ProductRules returns a library's file-name rules in the form stored by their service; "" if there are none.
func (in Products) ProductRules(ctx context.Context, library string) (rules string, revision int64, err error) {
	type stored struct {
		rules    string
		revision int64
	}
	s, err := one(ctx, in.db, func(r row) (s stored, err error) {
		err = r.Scan(&s.rules, &s.revision)
		return
	}, `SELECT rules,revision FROM product_rules WHERE library=$1`, library)
	if errors.Is(err, errNoRow) {
		err = nil
	}
	return s.rules, s.revision, err
}

// SetProductRules stores a library's file-name rules if their stored revision is the given one.
func (s ProductsTx) SetProductRules(ctx context.Context, library, rules string, revision int64) error {
	n, err := s.tx.exec(ctx, `INSERT INTO product_rules(library,rules,revision) VALUES($1,$2,1)
		ON CONFLICT(library) DO UPDATE SET rules=excluded.rules, revision=product_rules.revision+1 WHERE product_rules.revision=CAST($3 AS BIGINT)`, library, rules, revision)
	if err == nil && n == 0 {
		err = &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.RulesChangedMeanwhile(revision)}
	}
	return err
}

// Is reports whether a SKU, as written anywhere, is the product's.
func (p *ProductRow) Is(sku string) bool { return canon.ProductKey(sku) == p.Key }
