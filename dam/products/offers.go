package products

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
)

// offers is the part of a change that sets prices and stocks by place.
type offers struct {
	prices map[string][]dam.PlacePrice // an empty list removes those of a place
	stocks map[string]*int64           // nil removes one
	// cells are decimal amounts of a table's columns price:PLACE: the price without days, in the row's currency.
	cells map[string]string
}

func (c offers) offering() bool { return c.prices != nil || c.stocks != nil || c.cells != nil }

// check holds the part against its bounds, before anything is locked.
func (c offers) check() error {
	for field, places := range map[string][]string{
		"prices": slices.Concat(slices.Collect(maps.Keys(c.prices)), slices.Collect(maps.Keys(c.cells))),
		"stocks": slices.Collect(maps.Keys(c.stocks)),
	} {
		if len(places) > dam.MaxPlaces {
			return dam.InvalidInput(field, reasons.TooManyListEntries(dam.MaxPlaces))
		}
		slices.Sort(places)
		for _, place := range places {
			if err := dam.CheckPlace(field, place); err != nil {
				return err
			}
		}
	}
	return nil
}

func parsePlacePrices(raw []byte) (out map[string][]dam.PlacePrice, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return nil, err
	}
	if out == nil { // null removes all
		return nil, dam.InvalidInput("prices", reasons.ProductValueType().With(reasons.RemedySendAPrice()))
	}
	return out, nil
}

func parsePlaceStocks(raw []byte) (out map[string]*int64, err error) {
	err = json.Unmarshal(raw, &out)
	if err == nil && out == nil {
		err = dam.InvalidInput("stocks", reasons.ProductValueType().With(reasons.RemedySendAWholeNumber()))
	}
	return out, err
}

// apply makes the part of a change; currency is that of a table's row.
func (c offers) apply(p *dam.Product, currency string, changed func(string, bool)) error {
	if !c.offering() {
		return nil
	}
	prices, stocks := maps.Clone(p.Prices), maps.Clone(p.Stocks)
	if prices == nil {
		prices = map[string][]dam.PlacePrice{}
	}
	if stocks == nil {
		stocks = map[string]int64{}
	}
	put := func(place string, list []dam.PlacePrice) error {
		list, err := dam.CleanPlacePrices("prices."+place, list)
		if prices[place] = list; len(list) == 0 {
			delete(prices, place)
		}
		return err
	}
	for _, place := range slices.Sorted(maps.Keys(c.prices)) {
		if err := put(place, c.prices[place]); err != nil {
			return err
		}
	}
	for _, place := range slices.Sorted(maps.Keys(c.cells)) {
		list, err := c.cell(p, place, currency)
		if err != nil {
			return err
		}
		if err := put(place, list); err != nil {
			return err
		}
	}
	for place, stock := range c.stocks {
		if delete(stocks, place); stock != nil {
			stocks[place] = *stock
		}
	}
	changed("prices", !maps.EqualFunc(prices, p.Prices, slices.Equal))
	changed("stocks", !maps.Equal(stocks, p.Stocks))
	p.Prices, p.Stocks = prices, stocks
	return p.CheckPlaces()
}

// cell returns the prices of a place with that of a table's cell, in place of the one without days; an empty cell
// removes that one, in every currency where the row names none.
func (c offers) cell(p *dam.Product, place, currency string) ([]dam.PlacePrice, error) {
	undated := func(x dam.PlacePrice) bool {
		return x.From == "" && x.Until == "" && (currency == "" || x.Currency == currency)
	}
	list := slices.Clone(p.Prices[place])
	if c.cells[place] == "" {
		return slices.DeleteFunc(list, undated), nil
	}
	if at := slices.IndexFunc(list, undated); at >= 0 && currency == "" {
		currency = list[at].Currency
	} else if currency == "" && p.Price != nil {
		currency = p.Price.Currency
	}
	list = slices.DeleteFunc(list, undated)
	amount, err := dam.MinorUnits("prices."+place, c.cells[place], currency)
	return append(list, dam.PlacePrice{Amount: amount, Currency: currency}), err
}

// maxOffers is how much of a history is listed.
const maxOffers = 500

// Offers returns the prices and stocks by place that a product has and had, the newest first.
func (s *Service) Offers(ctx context.Context, library, sku string) ([]dam.Offer, error) {
	if _, err := s.Catalog.Products().Product(ctx, library, sku); err != nil {
		return nil, err
	}
	return s.Catalog.Products().Offers(ctx, library, canon.ProductKey(sku), maxOffers)
}
