package dam

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// PlacePrice is a price at a place: a channel, a shop, a warehouse.
type PlacePrice struct {
	Amount   int64  `json:"amount" minimum:"0" maximum:"1000000000000000" doc:"In minor units of the currency: 1990 is 19.90 EUR"`
	Currency string `json:"currency" doc:"ISO 4217, for example EUR"`
	From     Date   `json:"from,omitempty" doc:"First day; absent: since ever"`
	Until    Date   `json:"until,omitempty" doc:"Last day; absent: for good"`
}

// Offer is a price or a stock at a place, and how long the catalogue has said so.
type Offer struct {
	Place   string      `json:"place"`
	Price   *PlacePrice `json:"price,omitempty"`
	Stock   *int64      `json:"stock,omitempty" doc:"Pieces"`
	Since   time.Time   `json:"since"`
	By      string      `json:"by,omitempty" doc:"Id of who said so"`
	Ended   *time.Time  `json:"ended,omitempty" doc:"When it was changed or removed; absent while it is so"`
	EndedBy string      `json:"ended_by,omitempty" doc:"Id of who did"`
}

const (
	// MaxPlaces is the maximum number of places of a product, of prices and of stocks.
	MaxPlaces      = 200
	maxPlacePrices = 50
	maxMinorUnits  = 1_000_000_000_000_000
)

// CheckPlace refuses what can't be the name of a place: lower-case letters, digits and hyphens, a letter first.
func CheckPlace(field, place string) error {
	if !slotName.MatchString(place) {
		return InvalidInput(field, reasons.PlaceForm(Cut(place, 40)))
	}
	return nil
}

// CleanPlacePrices sorts the prices of a place, and refuses those of one currency that are for the same day; one with a
// first day goes before one without days.
func CleanPlacePrices(field string, list []PlacePrice) ([]PlacePrice, error) {
	if len(list) > maxPlacePrices {
		return nil, InvalidInput(field, reasons.TooManyListEntries(maxPlacePrices))
	}
	out := slices.SortedFunc(slices.Values(list), func(a, b PlacePrice) int {
		return cmp.Or(strings.Compare(a.Currency, b.Currency), strings.Compare(string(a.From), string(b.From)))
	})
	for i, p := range out {
		for _, day := range []Date{p.From, p.Until} {
			if _, err := time.Parse(time.DateOnly, string(day)); day != "" && err != nil {
				return nil, InvalidInput(field, reasons.NotAFieldDate())
			}
		}
		switch {
		case !currency.MatchString(p.Currency):
			return nil, InvalidInput(field, reasons.NotACurrency(Cut(p.Currency, 40)))
		case p.Amount < 0 || p.Amount > maxMinorUnits:
			return nil, InvalidInput(field, reasons.NotAnAmount(strconv.FormatInt(p.Amount, 10)))
		case p.Until != "" && p.Until < p.From:
			return nil, InvalidInput(field, reasons.PriceEndsBeforeItBegins())
		}
		base := i > 0 && out[i-1].From == "" && out[i-1].Until == "" && p.From != "" // which p goes before
		if i > 0 && !base && out[i-1].Currency == p.Currency && (out[i-1].Until == "" || out[i-1].Until >= p.From) {
			return nil, InvalidInput(field, reasons.PricesOverlap(p.Currency))
		}
	}
	return out, nil
}

// CheckPlaces refuses more places than a product may have.
func (p *Product) CheckPlaces() error {
	if len(p.Prices) > MaxPlaces {
		return InvalidInput("prices", reasons.TooManyListEntries(MaxPlaces))
	}
	if len(p.Stocks) > MaxPlaces {
		return InvalidInput("stocks", reasons.TooManyListEntries(MaxPlaces))
	}
	return nil
}

// Places are the places at which the product has a price or a stock.
func (p *Product) Places() []string {
	all := slices.Concat(slices.Collect(maps.Keys(p.Prices)), slices.Collect(maps.Keys(p.Stocks)))
	slices.Sort(all)
	return slices.Compact(all)
}

// Decimals is how many digits of a currency stand behind the point.
func Decimals(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
		"XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

// MinorUnits reads a decimal amount of a currency; one with more digits than the currency has is refused.
func MinorUnits(field, text, of string) (int64, error) {
	refused := InvalidInput(field, reasons.NotAnAmount(Cut(text, 40)))
	if !currency.MatchString(of) {
		return 0, InvalidInput(field, reasons.NotACurrency(Cut(of, 40)))
	}
	if !amount.MatchString(text) {
		return 0, refused
	}
	whole, part, _ := strings.Cut(text, ".")
	part = strings.TrimRight(part, "0")
	digits := Decimals(of)
	if len(part) > digits {
		return 0, refused
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", digits-len(part)), 10, 64)
	if err != nil || n > maxMinorUnits {
		return 0, refused
	}
	return n, nil
}

// Decimal writes an amount in minor units as people read it.
func (p PlacePrice) Decimal() string {
	digits := Decimals(p.Currency)
	s := strconv.FormatInt(p.Amount, 10)
	if digits == 0 {
		return s
	}
	for len(s) <= digits {
		s = "0" + s
	}
	return s[:len(s)-digits] + "." + s[len(s)-digits:]
}
