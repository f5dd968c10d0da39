// Package products keeps a library's products: reference data from the back office,
// the slots in which assets show them, the file-name rules that fill slots at upload,
// and what the public saw of them at any time.
//
// A slot's link is the record. An asset's list of SKUs follows it: a SKU is added with
// the asset's first slot of that product and goes with its last; taking a SKU out of
// the list by hand empties its slots.
package products

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Enqueuer adds a job to a transaction.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Libraries() catalog.Libraries
	Products() catalog.Products
	Public() catalog.Public
	People() catalog.People
	Versions() catalog.Versions
	// Pin keeps objects for a while although nothing refers to them.
	Pin(ctx context.Context, d time.Duration, blobs ...catalog.Blob) error
}

// Service changes products. Every method works inside one library.
type Service struct {
	Catalog Catalog
	Store   storage.Store
	Jobs    Enqueuer
	Log     *slog.Logger
	// Dir is a folder on a local disk for files that are being received.
	Dir string
}

// Query selects products.
type Query struct {
	Q     string // words; each has to be somewhere in SKU, GTIN or a name
	Asset string // only those that this asset shows
	// Parent and Family select the variants of a product, and the products that name a family.
	Parent, Family string
	After          string // next of the page before
	Limit          int
}

// Page is a part of a list of products.
type Page struct {
	Items []dam.Product `json:"items" nullable:"false"`
	Total int           `json:"total" doc:"On all pages"`
	Next  string        `json:"next" doc:"after of the next page; empty at the end"`
}

// List returns products by SKU.
func (s *Service) List(ctx context.Context, library string, q Query) (Page, error) {
	list, total, err := s.Catalog.Products().List(ctx, library,
		catalog.ProductQuery{Words: strings.Fields(canon.Fold(q.Q)),
			Asset: q.Asset, Parent: q.Parent, Family: q.Family, After: q.After, Limit: q.Limit})
	page := Page{Items: make([]dam.Product, len(list)), Total: total}
	for i, p := range list {
		page.Items[i] = p.Product
	}
	if n := len(list); n > 0 && n == q.Limit {
		page.Next = list[n-1].Key
	}
	return page, err
}

// Get returns a product with its slots.
func (s *Service) Get(ctx context.Context, library, sku string) (dam.Product, error) {
	p, err := s.Catalog.Products().Product(ctx, library, sku)
	return p.Product, err
}

// Create adds a product. Assets whose file names have been waiting for it are linked.
func (s *Service) Create(ctx context.Context, library string, c Change) (dam.Product, error) {
	if err := dam.CheckSKU(c.SKU); err != nil {
		return dam.Product{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Product, error) {
		known, err := lockFor(ctx, tx, library, []Change{c})
		if err != nil {
			return dam.Product{}, err
		}
		if _, there := known[canon.ProductKey(c.SKU)]; there {
			return dam.Product{}, &dam.Error{Code: dam.Conflict, Field: "sku", Reason: reasons.ProductExists(c.SKU)}
		}
		p := blank(library, c.SKU)
		g, err := newGround(ctx, tx, library, []Change{c}, known)
		if err != nil {
			return dam.Product{}, err
		}
		fields, err := c.apply(ctx, p, g)
		if err != nil {
			return dam.Product{}, err
		}
		err = s.put(ctx, tx, p.SKU, []*catalog.ProductRow{p}, fields)
		if e := new(dam.Error); errors.As(err, &e) && e.Code == dam.Unavailable {
			err = &dam.Error{Code: dam.Conflict, Field: "sku", Reason: e.Reason}
		}
		if err != nil {
			return dam.Product{}, err
		}
		stored, err := tx.Products().Product(ctx, library, p.SKU)
		return stored.Product, err
	})
}

func blank(library, sku string) *catalog.ProductRow {
	return &catalog.ProductRow{Key: canon.ProductKey(sku), Product: dam.Product{SKU: sku, Library: library,
		Names: dam.Text{}, Attributes: map[string]string{}}}
}

// put stores products of one library, links what has been waiting for those that arrive and emits one event for all.
func (s *Service) put(ctx context.Context, tx *catalog.Tx, subject string, list []*catalog.ProductRow, fields []string,
	changes ...dam.Change) error {
	if len(list) == 0 {
		return nil
	}
	library := list[0].Library
	if err := tx.Products().PutProducts(ctx, list); err != nil {
		return err
	}
	skus := make([]string, len(list))
	var arrived []*catalog.ProductRow
	var touched []string
	for i, p := range list {
		skus[i] = p.SKU
		touched = append(touched, p.Touched...)
		if p.Revision == 1 || slices.Contains(fields, "gtin") {
			arrived = append(arrived, p)
		}
	}
	tx.Products().EmitProducts(library, subject, distinct(append(skus, touched...)), fields, nil, changes...)
	if len(arrived) == 0 {
		return nil
	}
	return s.assignWaiting(ctx, tx, library, arrived)
}

// explained is what people are told of an error.
func explained(err error) (field string, why reasons.Reason) {
	var e *dam.Error
	if errors.As(err, &e) {
		return e.Field, e.Why()
	}
	return "", reasons.Said(err.Error(), "")
}

// Patch edits a product; ifMatch is the revision seen, 0 for any. A patch that changes nothing leaves the revision
// alone.
func (s *Service) Patch(ctx context.Context, library, sku string, ifMatch int64, c Change) (dam.Product, error) {
	if c.SKU != "" && canon.ProductKey(c.SKU) != canon.ProductKey(sku) {
		return dam.Product{}, dam.InvalidInput("sku", reasons.SkuFixed())
	}
	spelt := c.SKU // as it is written already, unless the change writes it otherwise
	c.SKU = sku
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Product, error) {
		p, g, err := lockOne(ctx, tx, library, ifMatch, c)
		if err != nil {
			return dam.Product{}, err
		}
		before, c := p, c
		c.SKU = spelt
		fields, err := c.apply(ctx, &p, g)
		if err != nil {
			return dam.Product{}, err
		}
		if len(fields) > 0 {
			if err := s.put(ctx, tx, p.SKU, []*catalog.ProductRow{&p}, fields,
				changes(before.Product, p.Product, fields)...); err != nil {
				return dam.Product{}, err
			}
		}
		stored, err := tx.Products().Product(ctx, library, sku)
		return stored.Product, err
	})
}

// changes are the values before and after.
func changes(before, after dam.Product, fields []string) []dam.Change {
	value := func(p dam.Product, field string) any {
		switch field {
		case "sku":
			return p.SKU
		case "gtin":
			return p.GTIN
		case "family":
			return p.Family
		case "parent":
			return p.Parent
		case "brand":
			return p.Brand
		case "category":
			return p.Category
		case "launch":
			return p.Launch
		case "end":
			return p.End
		case "names":
			return p.Names
		case "attributes":
			return p.Attributes
		case "prices":
			return p.Prices
		case "stocks":
			return p.Stocks
		case "stock":
			if p.Stock != nil {
				return *p.Stock
			}
		case "price":
			if p.Price != nil {
				return *p.Price
			}
		}
		return nil
	}
	out := make([]dam.Change, len(fields))
	for i, f := range fields {
		out[i] = dam.Change{Field: f, Before: value(before, f), After: value(after, f)}
	}
	return out
}

func lock(ctx context.Context, tx *catalog.Tx, library, sku string, ifMatch int64) (catalog.ProductRow, error) {
	list, err := tx.Products().LockProducts(ctx, library, []string{canon.ProductKey(sku)})
	if err != nil {
		return catalog.ProductRow{}, err
	}
	return seen(list, sku, ifMatch)
}

// lockOne locks the product that a change is of, with what the change is held against.
func lockOne(ctx context.Context, tx *catalog.Tx, library string, ifMatch int64, c Change) (catalog.ProductRow, *ground,
	error) {
	list, err := lockFor(ctx, tx, library, []Change{c})
	if err != nil {
		return catalog.ProductRow{}, nil, err
	}
	p, err := seen(list, c.SKU, ifMatch)
	if err != nil {
		return p, nil, err
	}
	g, err := newGround(ctx, tx, library, []Change{c}, list)
	p = list[p.Key]
	if err == nil && p.ParentKey != "" {
		p.Parent = g.relatives[p.ParentKey].SKU
	}
	return p, g, err
}

// seen returns one of the products that were locked, if it is at the revision that somebody has seen.
func seen(list map[string]catalog.ProductRow, sku string, ifMatch int64) (catalog.ProductRow, error) {
	p, ok := list[canon.ProductKey(sku)]
	if !ok {
		return p, notFound(sku)
	}
	if ifMatch != 0 && ifMatch != p.Revision {
		return p, &dam.Error{Code: dam.Stale, Field: "If-Match",
			Reason: reasons.ProductChangedMeanwhile(p.Revision, ifMatch)}
	}
	return p, nil
}

func notFound(sku string) error {
	return &dam.Error{Code: dam.NotFound, Reason: reasons.NoProduct(sku)}
}

// Delete removes a product and empties its slots; what they showed stays known.
func (s *Service) Delete(ctx context.Context, library, sku string, ifMatch int64) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		p, err := lock(ctx, tx, library, sku, ifMatch)
		if err != nil {
			return err
		}
		if err := free(ctx, tx, &p); err != nil {
			return err
		}
		shown, err := tx.Products().Product(ctx, library, sku)
		if err != nil {
			return err
		}
		var slots []catalog.SlotChange
		for _, x := range shown.Slots {
			if _, err := tx.Products().Unlink(ctx, library, p.Key, x.Slot, x.N); err != nil {
				return err
			}
			if err := dissociate(ctx, tx, &p, x.Asset); err != nil {
				return err
			}
			slots = append(slots, catalog.SlotChange{SKU: p.SKU, Slot: x.Slot, N: x.N, Before: x.Asset})
		}
		skus := []string{p.SKU}
		if shown.Parent != "" { // it shows one variant less
			skus = append(skus, shown.Parent)
		}
		tx.Products().EmitProducts(library, p.SKU, skus, []string{"deleted"}, slots)
		return tx.Products().DeleteProduct(ctx, library, p.Key)
	})
}

// StockChange sets what is in stock of a product.
type StockChange struct {
	SKU   string `json:"sku" maxLength:"64"`
	Stock *int64 `json:"stock" nullable:"true" doc:"Pieces; null when unknown"`
}

// PriceChange sets the price of a product.
type PriceChange struct {
	SKU   string    `json:"sku" maxLength:"64"`
	Price dam.Price `json:"price"`
}

// BulkResult says what became of a bulk change. Products that are not there don't hold up the others.
type BulkResult struct {
	Changed   int         `json:"changed"`
	Unchanged int         `json:"unchanged"`
	Errors    []BulkError `json:"errors" nullable:"false"`
}

// BulkError is what is wrong with one item.
type BulkError struct {
	Index   int    `json:"index" doc:"Of the item, from 0"`
	SKU     string `json:"sku"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	reasons.Reason
}

// SetStock sets the stock of up to 1,000 products at once.
func (s *Service) SetStock(ctx context.Context, library string, list []StockChange) (BulkResult, error) {
	all := make([]Change, len(list))
	for i, x := range list {
		all[i] = StockOf(x.Stock)
		all[i].SKU = x.SKU
	}
	return s.bulk(ctx, library, "stock", all)
}

// SetPrices sets the price of up to 1,000 products at once.
func (s *Service) SetPrices(ctx context.Context, library string, list []PriceChange) (BulkResult, error) {
	all := make([]Change, len(list))
	for i, x := range list {
		all[i] = PriceOf(&x.Price)
		all[i].SKU = x.SKU
	}
	return s.bulk(ctx, library, "price", all)
}

// many is the subject of an event that speaks of several products.
const many = "*"

func (s *Service) bulk(ctx context.Context, library, field string, list []Change) (BulkResult, error) {
	keys := make([]string, len(list))
	for i, c := range list {
		keys[i] = canon.ProductKey(c.SKU)
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (BulkResult, error) {
		out := BulkResult{Errors: []BulkError{}}
		known, err := tx.Products().LockProducts(ctx, library, keys)
		if err != nil {
			return out, err
		}
		refuse := func(i int, err error) {
			e := BulkError{Index: i, SKU: list[i].SKU}
			e.Field, e.Reason = explained(err)
			reasons.Complete(&e.Reason, &e.Message, &e.Remedy)
			out.Errors = append(out.Errors, e)
		}
		var edited []*catalog.ProductRow
		at := map[string]*catalog.ProductRow{}
		var values []dam.Change
		for i, c := range list {
			p, ok := at[keys[i]]
			if !ok {
				row, ok := known[keys[i]]
				if !ok {
					refuse(i, notFound(c.SKU))
					continue
				}
				p = &row
			}
			before := p.Product
			c.SKU = "" // as it is written already
			fields, err := c.apply(ctx, p, &ground{})
			if err != nil {
				refuse(i, err)
				continue
			}
			if len(fields) == 0 {
				out.Unchanged++
				continue
			}
			out.Changed++
			if len(list) == 1 {
				values = changes(before, p.Product, fields)
			}
			if at[keys[i]] == nil {
				at[keys[i]] = p
				edited = append(edited, p)
			}
		}
		subject := many
		if len(edited) == 1 {
			subject = edited[0].SKU
		}
		return out, s.put(ctx, tx, subject, edited, []string{field}, values...)
	})
}
