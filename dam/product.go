package dam

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vitrine/dam/reasons"
)

// Product is a library's reference data about something it sells. SKUs that differ in case, Unicode normalization or
// invisible characters only are the same product (see package canon).
type Product struct {
	SKU        string            `json:"sku"`
	Library    string            `json:"library"`
	Revision   int64             `json:"revision" doc:"Counts edits; its quoted decimal is the ETag"`
	GTIN       string            `json:"gtin,omitempty" doc:"8, 12, 13 or 14 digits with a right check digit"`
	Names      Text              `json:"names"`
	Attributes map[string]string `json:"attributes"`
	Stock      *int64            `json:"stock,omitempty" doc:"Pieces; absent when unknown"`
	Price      *Price            `json:"price,omitempty" doc:"Absent when unknown"`
	// Prices and Stocks are by place: a channel, a shop, a warehouse.
	Prices map[string][]PlacePrice `json:"prices,omitempty" doc:"By place, a name of the library's own: shop-paris, b2b"`
	Stocks map[string]int64        `json:"stocks,omitempty" doc:"Pieces, by place"`

	Family   string `json:"family,omitempty" doc:"Key of its family"`
	Parent   string `json:"parent,omitempty" doc:"SKU of the product that it is a variant of"`
	Brand    string `json:"brand,omitempty" doc:"A text or, where the library takes brands from a vocabulary, the id of a term"`
	Category string `json:"category,omitempty" doc:"A text or, where the library takes categories from a vocabulary, the id of a term"`
	Launch   Date   `json:"launch,omitempty" doc:"First day of the sale"`
	End      Date   `json:"end,omitempty" doc:"Last day of the sale"`
	Variants int    `json:"variants,omitempty" doc:"How many variants it has"`
	// Inherited is set for a variant, Gaps where it isn't as its family has it. Both are filled in for who reads it.
	Inherited *Inherited   `json:"inherited,omitempty" doc:"What a variant has from its parent, because it has none itself"`
	Gaps      *ProductGaps `json:"gaps,omitempty" doc:"Where it isn't as its family has it"`
	// BrandLabel and CategoryLabel are what the terms are called, with what is above them.
	BrandLabel    Text `json:"brand_label,omitempty" doc:"What the term is called, by locale; its parent's where it has none"`
	CategoryLabel Text `json:"category_label,omitempty" doc:"What the term is called, by locale, with those above it: Furniture > Chairs"`

	// Slots are the assets that show the product now. Waiting are those whose file name asks for a slot that is taken.
	Slots   []Slot `json:"slots" nullable:"false"`
	Waiting []Slot `json:"waiting" nullable:"false" doc:"Assets whose file name asks for a slot that is taken"`

	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Price is an amount of money.
type Price struct {
	Amount   string `json:"amount" doc:"Decimal, for example 19.90"`
	Currency string `json:"currency" doc:"ISO 4217, for example EUR"`
}

// Slot is one slot of a product and the asset in it.
type Slot struct {
	Slot  string `json:"slot"`
	N     int    `json:"n" doc:"Position in the slot, from 1"`
	Asset string `json:"asset" doc:"Id"`
	// Origin is hand if a person or a program chose the slot, rule if a file name did.
	Origin SlotOrigin `json:"origin" enum:"hand,rule"`
	Since  time.Time  `json:"since"`
	By     string     `json:"by,omitempty" doc:"Id of who put it there"`
}

// SlotOrigin says why an asset is in a slot.
type SlotOrigin string

const (
	SlotByHand SlotOrigin = "hand"
	SlotByRule SlotOrigin = "rule"
)

// DefaultSlots returns the slots of a library that has not defined any.
func DefaultSlots() []string { return []string{"hero", "back", "detail", "lifestyle", "video"} }

// MaxPosition is the highest position in a slot.
const MaxPosition = 999

// reservedSKUs are the words that the API's paths use in the place of a SKU.
var reservedSKUs = [...]string{"import", "imports", "rules", "stock", "price", ".", ".."}

// CheckSKU refuses SKUs that can't be part of a URL path or a file name.
func CheckSKU(sku string) error {
	switch {
	case sku == "" || strings.TrimSpace(sku) != sku:
		return InvalidInput("sku", reasons.SkuEmptyOrSpaced())
	case !utf8.ValidString(sku), utf8.RuneCountInString(sku) > 64:
		return InvalidInput("sku", reasons.SkuTooLong())
	case strings.ContainsAny(sku, `/\?#%"<>|*`), strings.ContainsFunc(sku, unicode.IsControl):
		return InvalidInput("sku", reasons.SkuBadCharacter(sku))
	case sku[0] == '~', strings.HasSuffix(strings.ToLower(sku), ".json"),
		slices.Contains(reservedSKUs[:], strings.ToLower(sku)):
		return InvalidInput("sku", reasons.SkuReserved(sku))
	}
	return nil
}

// CheckGTIN removes spaces and hyphens from a GTIN (EAN, UPC) and checks its length and check digit. "" is valid: no
// GTIN.
func CheckGTIN(gtin string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, gtin)
	if digits == "" {
		return "", nil
	}
	switch len(digits) {
	case 8, 12, 13, 14:
	default:
		return "", InvalidInput("gtin", reasons.GtinDigits(gtin, len(digits)))
	}
	sum := 0
	for i := range len(digits) {
		c := digits[len(digits)-1-i]
		if c < '0' || c > '9' {
			return "", InvalidInput("gtin", reasons.GtinNotDigits(gtin))
		}
		if i > 0 {
			sum += int(c-'0') * []int{1, 3}[i%2]
		}
	}
	if want := byte('0' + (10-sum%10)%10); digits[len(digits)-1] != want {
		return "", InvalidInput("gtin", reasons.GtinCheckDigit(gtin, string(want)))
	}
	return digits, nil
}

var (
	amount   = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,4})?$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
	slotName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
)

// Validate checks the form of the amount and the currency.
func (p Price) Validate() error {
	if !amount.MatchString(p.Amount) {
		return InvalidInput("price.amount", reasons.NotAnAmount(p.Amount))
	}
	if !currency.MatchString(p.Currency) {
		return InvalidInput("price.currency", reasons.NotACurrency(p.Currency))
	}
	return nil
}

// CheckSlot refuses invalid slot names and positions.
func CheckSlot(slot string, n int) error {
	if !slotName.MatchString(slot) {
		return InvalidInput("slot", reasons.NotASlot(slot))
	}
	if n < 1 || n > MaxPosition {
		return InvalidInput("n", reasons.SlotPositionRange())
	}
	return nil
}

// AssetProducts is what an asset is found by because products show it: those in whose slots it is, and variants that
// have it from their parents. Only the search index is given it.
type AssetProducts struct {
	Words []ProductWord
	// Brands and Categories are texts or ids of terms, Families are keys.
	Brands, Categories, Families []string
}

// ProductWord is a text of a product.
type ProductWord struct {
	Locale  string // "" for a text in no language
	Text    string
	Suggest bool // it is suggested when its beginning is typed
}
