package catalog

import (
	"context"
	"maps"
	"slices"
	"strings"

	"vitrine/dam"
)

// offer is one thing that is said of a product at a place: a price, or a stock, which has no currency.
type offer struct {
	id, place, currency, first, last string
	amount                           int64
}

// same reports whether both say the same.
func (o offer) same(other offer) bool {
	o.id, other.id = "", ""
	return o == other
}

// at is what there is one of at a time.
func (o offer) at() [3]string { return [3]string{o.place, o.currency, o.first} }

// offersOf are what a product says.
func offersOf(p *dam.Product) (out []offer) {
	for _, place := range slices.Sorted(maps.Keys(p.Stocks)) {
		out = append(out, offer{place: place, amount: p.Stocks[place]})
	}
	for _, place := range slices.Sorted(maps.Keys(p.Prices)) {
		for _, x := range p.Prices[place] {
			out = append(out, offer{"", place, x.Currency, string(x.From), string(x.Until), x.Amount})
		}
	}
	return out
}

// fillOffers fills in the prices and stocks by place of products of one library.
func (c Conn) fillOffers(ctx context.Context, list []*ProductRow) error {
	for chunk := range slices.Chunk(list, manyIDs) {
		keys := make([]string, len(chunk))
		byKey := make(map[string]*ProductRow, len(chunk))
		for i, p := range chunk {
			keys[i], p.offers = p.Key, []offer{}
			byKey[p.Key] = p
		}
		in, args := inList(keys, 2)
		_, err := all(ctx, c, func(r row) (struct{}, error) {
			var key string
			var o offer
			err := r.Scan(&key, &o.id, &o.place, &o.currency, &o.amount, &o.first, &o.last)
			if err == nil {
				byKey[key].offer(o)
			}
			return struct{}{}, err
		}, `SELECT key,id,place,currency,amount,first_day,last_day FROM product_offers WHERE until IS NULL AND library=$1
			AND key IN `+in+` ORDER BY key,place,currency,first_day`, append([]any{chunk[0].Library}, args...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// offer adds what is stored to a product.
func (p *ProductRow) offer(o offer) {
	p.offers = append(p.offers, o)
	if o.currency == "" {
		if p.Stocks == nil {
			p.Stocks = map[string]int64{}
		}
		p.Stocks[o.place] = o.amount
		return
	}
	if p.Prices == nil {
		p.Prices = map[string][]dam.PlacePrice{}
	}
	p.Prices[o.place] = append(p.Prices[o.place], dam.PlacePrice{Amount: o.amount, Currency: o.currency,
		From: dam.Date(o.first), Until: dam.Date(o.last)})
}

// ReadOffers fills in the prices and stocks by place of locked products: without that, storing leaves them alone.
func (s ProductsTx) ReadOffers(ctx context.Context, known map[string]ProductRow) error {
	list := make([]*ProductRow, 0, len(known))
	for _, key := range slices.Sorted(maps.Keys(known)) {
		p := known[key]
		list = append(list, &p)
	}
	if len(list) == 0 {
		return nil
	}
	if err := s.tx.fillOffers(ctx, list); err != nil {
		return err
	}
	for _, p := range list {
		known[p.Key] = *p
	}
	return nil
}

// noteOffers ends what products don't say any more, and begins what they say now.
func (s ProductsTx) noteOffers(ctx context.Context, list []*ProductRow) error {
	var over []string
	var begun [][]any
	for _, p := range list {
		if p.offers == nil && p.Revision > 1 {
			continue // not read, so not changed
		}
		now := map[[3]string]offer{}
		for _, o := range offersOf(&p.Product) {
			now[o.at()] = o
		}
		kept := []offer{}
		for _, o := range p.offers {
			if next, there := now[o.at()]; there && next.same(o) {
				delete(now, o.at())
				kept = append(kept, o)
				continue
			}
			over = append(over, o.id)
		}
		for _, o := range offersOf(&p.Product) {
			if _, begins := now[o.at()]; !begins {
				continue
			}
			o.id = dam.NewID("o")
			kept = append(kept, o)
			begun = append(begun, []any{o.id, p.Library, p.Key, o.place, o.currency, o.amount, o.first, o.last,
				micros(s.tx.now), s.tx.actor.ID, ""})
		}
		p.offers = kept
	}
	for chunk := range slices.Chunk(over, manyIDs) {
		in, ids := inList(chunk, 3)
		if _, err := s.tx.exec(ctx, `UPDATE product_offers SET until=$1, until_by=$2 WHERE until IS NULL AND id IN `+in,
			append([]any{micros(s.tx.now), s.tx.actor.ID}, ids...)...); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(begun, 50) { // see PutProducts
		var q strings.Builder
		for i, row := range chunk {
			placeholders(&q, i, len(row))
		}
		if _, err := s.tx.exec(ctx, `INSERT INTO product_offers(id,library,key,place,currency,amount,first_day,last_day,
			since,by_id,until_by) VALUES `+q.String(), slices.Concat(chunk...)...); err != nil {
			return err
		}
	}
	return nil
}

// endOffers ends everything that a product says.
func (s ProductsTx) endOffers(ctx context.Context, library, key string) error {
	_, err := s.tx.exec(ctx, `UPDATE product_offers SET until=$1, until_by=$2 WHERE library=$3 AND key=$4
		AND until IS NULL`, micros(s.tx.now), s.tx.actor.ID, library, key)
	return err
}

// Offers returns up to limit prices and stocks by place that a product has, and then that it had, the newest first.
func (s Products) Offers(ctx context.Context, library, key string, limit int) ([]dam.Offer, error) {
	return all(ctx, s.db, func(r row) (out dam.Offer, err error) {
		var o offer
		var since int64
		var until *int64
		err = r.Scan(&o.place, &o.currency, &o.amount, &o.first, &o.last, &since, &out.By, &until, &out.EndedBy)
		out.Place, out.Since, out.Ended = o.place, instant(since), instantPtr(until)
		if o.currency == "" {
			out.Stock = &o.amount
		} else {
			out.Price = &dam.PlacePrice{Amount: o.amount, Currency: o.currency, From: dam.Date(o.first),
				Until: dam.Date(o.last)}
		}
		return out, err
	}, `SELECT place,currency,amount,first_day,last_day,since,by_id,until,until_by FROM product_offers
		WHERE library=$1 AND key=$2 ORDER BY CASE WHEN until IS NULL THEN 0 ELSE 1 END,since DESC,place,currency,first_day
		LIMIT $3`, library, key, limit)
}
