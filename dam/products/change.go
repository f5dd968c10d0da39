package products

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Fields are what is edited of a product: the shape of a merge patch with every
// member optional, null to clear.
type Fields struct {
	SKU        string            `json:"sku,omitempty" maxLength:"64" doc:"Only to add a product, or to change how its letters are written"`
	GTIN       string            `json:"gtin,omitempty" nullable:"true"`
	Names      dam.Text          `json:"names,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty" doc:"null removes one"`
	Stock      *int64            `json:"stock,omitempty"`
	Price      *dam.Price        `json:"price,omitempty"`
	// Prices and Stocks are by place.
	Prices   map[string][]dam.PlacePrice `json:"prices,omitempty" doc:"By place: all of them there, or null for none; places left out stay"`
	Stocks   map[string]int64            `json:"stocks,omitempty" doc:"Pieces by place; null removes one, places left out stay"`
	Family   string                      `json:"family,omitempty" maxLength:"40" doc:"Key of a family"`
	Parent   string                      `json:"parent,omitempty" maxLength:"64" doc:"SKU of the product that it becomes a variant of; that one is no variant itself"`
	Brand    string                      `json:"brand,omitempty" maxLength:"500" doc:"Where brands are taken from a vocabulary: id or label of a term"`
	Category string                      `json:"category,omitempty" maxLength:"500" doc:"Where categories are taken from a vocabulary: id, label or path of a term, as in Furniture > Chairs"`
	Launch   dam.Date                    `json:"launch,omitempty" maxLength:"10" doc:"First day of the sale, YYYY-MM-DD"`
	End      dam.Date                    `json:"end,omitempty" maxLength:"10" doc:"Last day of the sale"`
}

// Change is an edit of a product, as a patch, a line of JSON or a row of a table asks for it.
type Change struct {
	SKU        string
	gtin       *string           // "" clears
	names      dam.Text          // an empty text removes the locale
	attributes map[string]string // an empty value removes the attribute
	stock      maybe[*int64]
	price      maybe[*dam.Price]
	offers
	currency string // of a table whose price has none
	// related holds family, parent, brand, category, launch and end, those that are changed; "" clears.
	related map[string]string
}

// maybe is a value that may be left alone.
type maybe[T any] struct {
	set bool
	v   T
}

const (
	maxName      = 1000 // characters
	maxAttribute = 10_000
	maxKey       = 100
	maxKeys      = 500
)

var (
	fieldNames = []string{"sku", "gtin", "names", "attributes", "stock", "price", "family", "parent", "brand",
		"category", "launch", "end", "prices", "stocks"}
	relatedNames = fieldNames[6:12]
	// maxRelated are the most characters of each, as Fields says.
	maxRelated = map[string]int{"family": 40, "parent": 64, "brand": 500, "category": 500, "launch": 10, "end": 10}
)

// ParseChange reads a merge patch; a bare text is in the given locale.
func ParseChange(raw []byte, locale string) (c Change, err error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return c, &dam.Error{Code: dam.Invalid, Field: "body", Reason: reasons.ProductNotObject(), Err: err}
	}
	if raw, ok := m["sku"]; ok { // whatever else is wrong, it is told of this product
		if err := json.Unmarshal(raw, &c.SKU); err != nil {
			return c, typeError("sku", err)
		}
		c.SKU = canon.Code(c.SKU)
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		v := m[k]
		null := string(v) == "null"
		switch k {
		case "sku":
		case "gtin":
			c.gtin = new(string)
			err = json.Unmarshal(v, c.gtin)
		case "names":
			if err = json.Unmarshal(v, &c.names); err == nil {
				c.names = c.names.Localise(locale)
				err = checkLocales(v)
			}
		case "attributes":
			var list map[string]*string
			err = json.Unmarshal(v, &list)
			c.attributes = map[string]string{}
			for _, name := range slices.Sorted(maps.Keys(list)) {
				key := canon.Name(name)
				if _, twice := c.attributes[key]; twice && err == nil {
					err = dam.InvalidInput("attributes", reasons.NameTwice(key, name))
				}
				c.attributes[key] = ""
				if value := list[name]; value != nil {
					c.attributes[key] = *value
				}
			}
		case "stock":
			c.stock.set = true
			err = json.Unmarshal(v, &c.stock.v)
		case "price":
			c.price.set = true
			if !null {
				c.price.v, err = parsePrice(v)
			}
		case "prices":
			c.prices, err = parsePlacePrices(v)
		case "stocks":
			c.stocks, err = parsePlaceStocks(v)
		case "family", "parent", "brand", "category", "launch", "end":
			var text string
			err = json.Unmarshal(v, &text)
			c.relate(k, text)
		default:
			return c, dam.InvalidInput(k, reasons.UnknownProductField(strings.Join(fieldNames, ", ")))
		}
		if err != nil {
			return c, typeError(k, err)
		}
	}
	return c, c.check()
}

// checkLocales refuses names that have one locale in two spellings.
func checkLocales(raw json.RawMessage) error {
	var list map[string]json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil // a bare text
	}
	return dam.CheckLocales("names", maps.Keys(list))
}

// check holds a change against the bounds that a product has, before anything is locked.
func (c Change) check() error {
	if c.gtin != nil && len(*c.gtin) > maxKey {
		return dam.InvalidInput("gtin", reasons.GtinTooLong())
	}
	for _, x := range []struct{ field, v string }{{"sku", c.SKU}, {"gtin", deref(c.gtin)}, {"currency", c.currency}} {
		if err := dam.CheckLine(x.field, x.v); err != nil {
			return err
		}
	}
	for _, name := range relatedNames {
		if most := maxRelated[name]; utf8.RuneCountInString(c.related[name]) > most {
			return dam.InvalidInput(name, reasons.TextTooLong(most))
		}
	}
	if len(c.names) > dam.MaxLocales {
		return dam.InvalidInput("names", reasons.TooManyNameLanguages(dam.MaxLocales))
	}
	for _, locale := range slices.Sorted(maps.Keys(c.names)) {
		if err := dam.CheckLocale("names", locale); err != nil {
			return err
		}
		if utf8.RuneCountInString(c.names[locale]) > maxName {
			return dam.InvalidInput("names."+locale, reasons.LongerThan1000())
		}
		if err := dam.CheckText("names."+locale, c.names[locale]); err != nil {
			return err
		}
	}
	if len(c.attributes) > maxKeys {
		return dam.InvalidInput("attributes", reasons.MoreThan500())
	}
	for _, name := range slices.Sorted(maps.Keys(c.attributes)) {
		value := c.attributes[name]
		if name == "" || utf8.RuneCountInString(name) > maxKey {
			return dam.InvalidInput("attributes", reasons.AttributeNameLength())
		}
		if err := dam.CheckLine("attributes", name); err != nil {
			return err
		}
		if utf8.RuneCountInString(value) > maxAttribute {
			return dam.InvalidInput("attributes."+name, reasons.LongerThan10000())
		}
		if err := dam.CheckText("attributes."+name, value); err != nil {
			return err
		}
	}
	if err := errors.Join(c.checkRelated(), c.offers.check()); err != nil {
		return err
	}
	if p := c.price.v; p != nil && (len(p.Amount) > maxKey || len(p.Currency) > maxKey) {
		return dam.InvalidInput("price", reasons.AmountTooLong())
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func parsePrice(raw []byte) (*dam.Price, error) {
	var p struct {
		Amount   json.Number `json:"amount"` // a string or a number
		Currency string      `json:"currency"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(&p)
	return &dam.Price{Amount: p.Amount.String(), Currency: p.Currency}, err
}

func typeError(field string, err error) error {
	var known *dam.Error
	if errors.As(err, &known) {
		return known
	}
	next := reasons.RemedySendAText()
	switch field {
	case "stock", "stocks":
		next = reasons.RemedySendAWholeNumber()
	case "price", "prices":
		next = reasons.RemedySendAPrice()
	case "attributes":
		next = reasons.RemedySendAttributes()
	}
	return &dam.Error{Code: dam.Invalid, Field: field, Reason: reasons.ProductValueType().With(next), Err: err}
}

// apply makes the change and returns the names of the fields that it changed.
func (c Change) apply(ctx context.Context, p *catalog.ProductRow, g *ground) (fields []string, err error) {
	changed := func(name string, yes bool) {
		if yes {
			fields = append(fields, name)
		}
	}
	if c.SKU != "" && c.SKU != p.SKU {
		changed("sku", true)
		p.SKU = c.SKU
	}
	if c.gtin != nil {
		gtin, err := dam.CheckGTIN(*c.gtin)
		if err != nil {
			return nil, err
		}
		changed("gtin", gtin != p.GTIN)
		p.GTIN = gtin
	}
	if c.names != nil {
		names := p.Names.Merge(c.names)
		changed("names", !maps.Equal(names, p.Names))
		p.Names = names
	}
	if err := c.applyRelated(ctx, p, g, changed); err != nil {
		return nil, err
	}
	if err := c.applyAttributes(ctx, p, g, changed); err != nil {
		return nil, err
	}
	if c.stock.set {
		changed("stock", !equal(p.Stock, c.stock.v))
		p.Stock = c.stock.v
	}
	if c.price.set {
		price := c.price.v
		if price != nil && price.Currency == "" && c.currency == "" && p.Price != nil {
			price = &dam.Price{Amount: price.Amount, Currency: p.Price.Currency}
		} else if price != nil && price.Currency == "" {
			price = &dam.Price{Amount: price.Amount, Currency: c.currency}
		}
		if price != nil {
			if err := price.Validate(); err != nil {
				return nil, err
			}
		}
		changed("price", !equal(p.Price, price))
		p.Price = price
	}
	if err := c.offers.apply(&p.Product, c.currency, changed); err != nil {
		return nil, err
	}
	p.SetWords()
	return fields, nil
}

func (c Change) applyAttributes(ctx context.Context, p *catalog.ProductRow, g *ground,
	changed func(string, bool)) error {
	if c.attributes == nil {
		return nil
	}
	all := maps.Clone(p.Attributes)
	if all == nil {
		all = map[string]string{}
	}
	family := g.familyOf(p)
	for _, name := range slices.Sorted(maps.Keys(c.attributes)) {
		value := c.attributes[name]
		if strings.TrimSpace(value) == "" {
			delete(all, name)
			continue
		}
		if a, ok := family.Attribute(name); ok && value != all[name] {
			clean, err := a.Clean(value, func(vocabulary, written string) (string, error) {
				return g.term(ctx, "attributes."+name, vocabulary, written, all[name])
			})
			if err != nil {
				return err
			}
			value = clean
		}
		all[name] = value
	}
	if len(all) > maxKeys {
		return dam.InvalidInput("attributes", reasons.MoreThan500())
	}
	changed("attributes", !maps.Equal(all, p.Attributes))
	p.Attributes = all
	return nil
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// StockOf is the change of a stock, nil when it is unknown.
func StockOf(stock *int64) Change { return Change{stock: maybe[*int64]{true, stock}} }

// PriceOf is the change of a price, nil when it is unknown.
func PriceOf(price *dam.Price) Change { return Change{price: maybe[*dam.Price]{true, price}} }
