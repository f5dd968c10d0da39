package products

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"vitrine/dam"
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
}

// Change is an edit of a product, as a patch, a line of JSON or a row of a table asks for it.
type Change struct {
	SKU        string
	gtin       *string           // "" clears
	names      dam.Text          // an empty text removes the locale
	attributes map[string]string // an empty value removes the attribute
	stock      maybe[*int64]
	price      maybe[*dam.Price]
	currency   string // of a table whose price has none
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

var fieldNames = []string{"sku", "gtin", "names", "attributes", "stock", "price"}

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
			}
		case "attributes":
			var list map[string]*string
			err = json.Unmarshal(v, &list)
			c.attributes = map[string]string{}
			for name, value := range list {
				c.attributes[name] = ""
				if value != nil {
					c.attributes[name] = *value
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
		default:
			return c, dam.InvalidInput(k, reasons.UnknownProductField(strings.Join(fieldNames, ", ")))
		}
		if err != nil {
			return c, typeError(k, err)
		}
	}
	return c, c.check()
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
	case "stock":
		next = reasons.RemedySendAWholeNumber()
	case "price":
		next = reasons.RemedySendAPrice()
	case "attributes":
		next = reasons.RemedySendAttributes()
	}
	return &dam.Error{Code: dam.Invalid, Field: field, Reason: reasons.ProductValueType().With(next), Err: err}
}

// apply makes the change and returns the names of the fields that it changed.
func (c Change) apply(p *catalog.ProductRow) (fields []string, err error) {
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
	if err := c.applyAttributes(p, changed); err != nil {
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
	p.Words = words(p)
	return fields, nil
}

func (c Change) applyAttributes(p *catalog.ProductRow, changed func(string, bool)) error {
	if c.attributes == nil {
		return nil
	}
	all := maps.Clone(p.Attributes)
	if all == nil {
		all = map[string]string{}
	}
	for name, value := range c.attributes {
		switch {
		case strings.TrimSpace(value) == "":
			delete(all, name)
		default:
			all[name] = value
		}
	}
	if len(all) > maxKeys {
		return dam.InvalidInput("attributes", reasons.MoreThan500())
	}
	changed("attributes", !maps.Equal(all, p.Attributes))
	p.Attributes = all
	return nil
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// words is what a search looks at.
func words(p *catalog.ProductRow) string {
	list := []string{p.SKU, p.GTIN}
	for _, locale := range slices.Sorted(maps.Keys(p.Names)) {
		list = append(list, p.Names[locale])
	}
	return fold(strings.Join(list, "\n"))
}

// fold takes case and accents away.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// StockOf is the change of a stock, nil when it is unknown.
func StockOf(stock *int64) Change { return Change{stock: maybe[*int64]{true, stock}} }

// PriceOf is the change of a price, nil when it is unknown.
func PriceOf(price *dam.Price) Change { return Change{price: maybe[*dam.Price]{true, price}} }
