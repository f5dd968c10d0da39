package catalog

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
)

// products rewrites products, and merges those whose SKUs have become the same.
func (w *nameWork) products(ctx context.Context) (more bool, err error) {
	type stored struct{ library, key, sku, names, attributes string }
	list, err := all(ctx, w.tx.Conn, func(r row) (s stored, err error) {
		err = r.Scan(&s.library, &s.key, &s.sku, &s.names, &s.attributes)
		return
	},
		`SELECT library,key,sku,names,attributes FROM products WHERE (library,key)>($1,$2) ORDER BY library,key LIMIT $3`,
		w.library, w.key, namePortion)
	if err != nil {
		return false, err
	}
	for _, s := range list {
		w.library, w.key = s.library, s.key
		if canon.Clean(s.sku+s.key+s.attributes+s.names) && canon.ProductKey(s.key) == s.key &&
			!otherLocales(s.names) && !spaceAtEdge(s.attributes) {
			continue
		}
		if err := w.product(ctx, s.library, s.key, s.names); err != nil {
			return false, err
		}
	}
	return len(list) == namePortion, nil
}

// spaceAtEdge reports whether a string in a JSON text begins or ends with a space.
func spaceAtEdge(text string) bool {
	return strings.Contains(text, `" `) || strings.Contains(text, ` "`)
}

// product rewrites one product; names are its names as they are stored.
func (w *nameWork) product(ctx context.Context, library, key, names string) error {
	to := canon.ProductKey(key)
	if to == "" {
		to = canon.ProductKey(canon.Reveal(key))
	}
	known, err := w.tx.Products().LockProducts(ctx, library, []string{key, to})
	if err != nil {
		return err
	}
	p, there := known[key]
	if !there {
		return nil // merged with one before it
	}
	if _, both := known[to]; both && to != key { // first the one that it is merged with, on its own
		others, err := one(ctx, w.tx.Conn, value[string], `SELECT names FROM products WHERE library=$1 AND key=$2`,
			library, to)
		if err != nil {
			return err
		}
		if err := w.product(ctx, library, to, others); err != nil {
			return err
		}
		if known, err = w.tx.Products().LockProducts(ctx, library, []string{to}); err != nil {
			return err
		}
	}
	was := p.Product
	sku := canon.SKU(p.SKU)
	// nothing is left of it, or a word of the API's paths
	if dam.CheckSKU(sku) != nil && (sku == "" || dam.CheckSKU(p.SKU) == nil) {
		sku = canon.Reveal(p.SKU)
		to = canon.ProductKey(sku)
		if known, err = w.tx.Products().LockProducts(ctx, library, []string{to}); err != nil {
			return err
		}
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(names), &raw); err != nil {
		return err
	}
	fields := []string{}
	var changes []dam.Change // with what is lost where two spellings become one
	if w.textLocales(library, p.SKU, raw) {
		fields = append(fields, "names")
		changes = append(changes, dam.Change{Field: "names", Before: raw, After: p.Names})
	}
	if attributes := w.attributes(library, p.SKU, p.Attributes); !maps.Equal(attributes, p.Attributes) {
		changes = append(changes, dam.Change{Field: "attributes", Before: p.Attributes, After: attributes})
		p.Attributes, fields = attributes, append(fields, "attributes")
	}
	if other, both := known[to]; both && to != key && sku == p.SKU {
		sku = canon.SKU(other.SKU) // the SKUs of both are in order, but they are one
	}
	if sku != p.SKU {
		fields = append(fields, "sku")
		n := w.note(library, dam.NameSKU, p.SKU, sku, sku)
		if other, both := known[to]; both && to != key {
			n.merged++
			n.dropped = dropped(older(p, other))
		}
		p.SKU = sku
	}
	if len(fields) == 0 && to == key {
		before := p.Words
		p.SetWords()
		if after := p.Words; after != before { // how words are found is nobody's change
			_, err = w.tx.exec(ctx, `UPDATE products SET words=$3 WHERE library=$1 AND key=$2`, library, key, p.Words)
		}
		return err
	}
	return w.move(ctx, &p, to, known, respelt{was, fields, changes})
}

// attributes returns a product's attributes under their canonical names. Of two that become one the value under the
// canonical name stays.
func (w *nameWork) attributes(library, sku string, list map[string]string) map[string]string {
	out := make(map[string]string, len(list))
	for _, name := range slices.Sorted(maps.Keys(list)) {
		c := canon.Name(name)
		if c == "" {
			c = canon.Reveal(name)
		}
		if c == name {
			out[c] = list[name]
			continue
		}
		n := w.note(library, dam.NameAttribute, name, c, sku)
		if value, both := list[c]; both {
			n.merged++
			if value != list[name] && n.dropped == nil { // an example: the log has each
				n.example, n.dropped = sku, map[string]any{name: list[name]}
			}
		} else if _, there := out[c]; !there {
			out[c] = list[name]
		}
	}
	return out
}

// respelt is what the canonical form changes of a product itself: what it was, and the changes of its names and
// attributes.
type respelt struct {
	was     dam.Product
	fields  []string
	changes []dam.Change
}

// move stores a product under a key, with the product that is there already if there is one.
func (w *nameWork) move(ctx context.Context, p *ProductRow, to string, known map[string]ProductRow, r respelt) error {
	from, stored, was, fields, changes := p.Key, p, r.was, r.fields, r.changes
	other, both := known[to]
	both = both && to != from
	if both && len(changes) > 0 { // an event has one value of each field
		w.tx.Products().EmitProducts(p.Library, was.SKU, []string{was.SKU}, slices.Clone(fields), nil, changes...)
		changes = nil
	}
	var waiting []WaitingRow // for the canonical spelling, of which there was no product
	if from != to && !both {
		var err error
		if waiting, err = (Products{w.tx.Conn}).WaitingFor(ctx, p.Library, []string{to}); err != nil {
			return err
		}
	}
	if was.SKU != p.SKU {
		changes = append(changes, dam.Change{Field: "sku", Before: was.SKU, After: p.SKU})
	}
	var slots []SlotChange
	if both {
		first, second := older(*p, other)
		var err error
		if slots, err = w.mergeSlots(ctx, first, second, p.SKU); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(dropped(first, second))) {
			if name != "slots" {
				changes = append(changes, dam.Change{Field: name, Before: valueOf(second, name),
					After: valueOf(first, name)})
			}
		}
		union(&first, second)
		first.SKU = p.SKU
		stored, fields = &first, append(fields, "gtin", "names", "attributes", "stock", "price")
		if slots != nil {
			fields = append(fields, "slots")
			if n := w.changes[nameChange{p.Library, dam.NameSKU, was.SKU, p.SKU}]; n != nil {
				n.dropped["slots"] = slots
			}
		}
	}
	skus := []string{stored.SKU}
	if from != to {
		for _, key := range []string{from, to} { // the row that stays has the older one's beginning
			if err := w.tx.Products().DeleteProduct(ctx, stored.Library, key); err != nil {
				return err
			}
		}
		if err := w.rekey(ctx, stored.Library, from, to); err != nil {
			return err
		}
		skus = append(skus, was.SKU) // who keeps products by SKU forgets the other spelling; CDNs: ADR 0038
	}
	stored.Key = to
	stored.SetWords()
	if err := w.tx.Products().PutProducts(ctx, []*ProductRow{stored}); err != nil {
		return err
	}
	slices.Sort(fields)
	w.tx.Products().EmitProducts(stored.Library, stored.SKU, skus, slices.Compact(fields), slots, changes...)
	for _, x := range waiting {
		if err := w.seat(ctx, stored, x); err != nil {
			return err
		}
	}
	return nil
}

// older returns two products in the order in which they came.
func older(a, b ProductRow) (first, second ProductRow) {
	if b.CreatedAt.Before(a.CreatedAt) || b.CreatedAt.Equal(a.CreatedAt) && b.Key == canon.ProductKey(b.Key) {
		return b, a
	}
	return a, b
}

// valueOf returns one of the values that a product has once; nil if it has none.
func valueOf(p ProductRow, field string) any {
	switch {
	case field == "gtin" && p.GTIN != "":
		return p.GTIN
	case field == "stock" && p.Stock != nil:
		return *p.Stock
	case field == "price" && p.Price != nil:
		return *p.Price
	case field == "names":
		return p.Names
	case field == "attributes":
		return p.Attributes
	}
	return nil
}

// dropped returns the values of the second product that the first's take the place of.
func dropped(first, second ProductRow) map[string]any {
	out := map[string]any{}
	for _, name := range []string{"gtin", "stock", "price"} {
		mine, theirs := valueOf(first, name), valueOf(second, name)
		if mine != nil && theirs != nil && !reflect.DeepEqual(mine, theirs) {
			out[name] = theirs
		}
	}
	differ := func(field string, mine, theirs map[string]string) {
		lost := map[string]string{}
		for k, v := range theirs {
			if have, both := mine[k]; both && have != v {
				lost[k] = v
			}
		}
		if len(lost) > 0 {
			out[field] = lost
		}
	}
	differ("names", first.Names, second.Names)
	differ("attributes", first.Attributes, second.Attributes)
	return out
}

// union adds what only the second product has to the first.
func union(first *ProductRow, second ProductRow) {
	if first.GTIN == "" {
		first.GTIN = second.GTIN
	}
	if first.Stock == nil {
		first.Stock = second.Stock
	}
	if first.Price == nil {
		first.Price = second.Price
	}
	add := func(mine, theirs map[string]string) map[string]string {
		all := maps.Clone(theirs)
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, mine)
		return all
	}
	first.Names, first.Attributes = add(first.Names, second.Names), add(first.Attributes, second.Attributes)
	first.Revision = max(first.Revision, second.Revision)
}

// mergeSlots empties those slots of the second product that the first one has filled. An asset that loses its slot
// waits for it at the product, as one does whose file name asks for a slot that is taken.
func (w *nameWork) mergeSlots(ctx context.Context, first, second ProductRow, sku string) (out []SlotChange, err error) {
	type place struct {
		slot string
		n    int
	}
	taken := map[place]string{}
	for _, p := range []ProductRow{first, second} {
		list, err := all(ctx, w.tx.Conn, scanSlot, `SELECT `+slotColumns+
			` FROM product_slots WHERE until IS NULL AND library=$1 AND key=$2 ORDER BY slot,n`, p.Library, p.Key)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			at := place{s.Slot.Slot, s.N}
			holder, there := taken[at]
			if !there {
				taken[at] = s.Asset
				continue
			}
			if _, err := w.tx.exec(ctx, `UPDATE product_slots SET until=$2, until_by=$3 WHERE id=$1`, s.ID,
				micros(w.tx.now), w.tx.actor.ID); err != nil {
				return nil, err
			}
			if holder == s.Asset {
				continue
			}
			if _, err := w.tx.exec(ctx, `INSERT INTO product_waiting(`+waitingColumns+`) SELECT $1,$2,$3,$4,a.id,$6
				FROM assets a WHERE a.id=$5 ON CONFLICT(asset_id) DO NOTHING`, p.Library, p.Key, s.Slot.Slot, s.N,
				s.Asset, micros(w.tx.now)); err != nil {
				return nil, err
			}
			out = append(out, SlotChange{SKU: sku, Slot: s.Slot.Slot, N: s.N, Asset: holder, Before: s.Asset})
		}
	}
	return out, nil
}

// rekey moves the slots of now and before, and what waits, to another key.
func (w *nameWork) rekey(ctx context.Context, library, from, to string) error {
	list, err := all(ctx, w.tx.Conn, value[string],
		`SELECT DISTINCT sku FROM product_slots WHERE library=$1 AND key=$2`, library, from)
	if err != nil {
		return err
	}
	for _, sku := range list {
		form := canon.SKU(sku)
		if form == "" {
			form = canon.Reveal(sku)
		}
		if _, err := w.tx.exec(ctx, `UPDATE product_slots SET key=$3, sku=$4 WHERE library=$1 AND key=$2 AND sku=$5`,
			library, from, to, form, sku); err != nil {
			return err
		}
	}
	_, err = w.tx.exec(ctx, `UPDATE product_waiting SET key=$3 WHERE library=$1 AND key=$2`, library, from, to)
	return err
}

// slots rewrites the keys of products that are gone: what they showed stays known.
func (w *nameWork) slots(ctx context.Context) (more bool, err error) {
	list, err := all(ctx, w.tx.Conn, func(r row) (n namedRow, err error) {
		err = r.Scan(&n.library, &n.id)
		return
	}, `SELECT DISTINCT library,key FROM product_slots WHERE (library,key)>($1,$2) ORDER BY library,key LIMIT $3`,
		w.library, w.key, namePortion)
	if err != nil {
		return false, err
	}
	for _, r := range list {
		w.library, w.key = r.library, r.id
		to := canon.ProductKey(r.id)
		if to == r.id || to == "" {
			continue
		}
		if err := w.rekey(ctx, r.library, r.id, to); err != nil {
			return false, err
		}
	}
	return len(list) == namePortion, nil
}

// waiting rewrites what assets wait for. An asset whose file name was spelled otherwise than its product's SKU gets its
// slot now if that is free.
func (w *nameWork) waiting(ctx context.Context) (more bool, err error) {
	list, err := all(ctx, w.tx.Conn, scanWaiting, `SELECT `+waitingColumns+
		` FROM product_waiting WHERE asset_id>$1 ORDER BY asset_id LIMIT $2`, w.key, namePortion)
	if err != nil {
		return false, err
	}
	for _, x := range list {
		w.key = x.Asset
		to := canon.ProductKey(x.Key)
		if to == x.Key || to == "" {
			continue
		}
		w.note(x.Library, dam.NameSKU, x.Key, to, x.Asset)
		if _, err := w.tx.exec(ctx, `UPDATE product_waiting SET key=$2 WHERE asset_id=$1`, x.Asset, to); err != nil {
			return false, err
		}
		known, err := w.tx.Products().LockProducts(ctx, x.Library, []string{to})
		if err != nil {
			return false, err
		}
		if p, there := known[to]; there {
			if err := w.seat(ctx, &p, x); err != nil {
				return false, err
			}
		}
	}
	return len(list) == namePortion, nil
}

// seat links a waiting asset to the slot that its file name asks for. It stays where it waits if the slot is taken.
func (w *nameWork) seat(ctx context.Context, p *ProductRow, x WaitingRow) error {
	a, err := w.tx.Assets().LockAsset(ctx, x.Library, x.Asset)
	if err != nil || a.DeletedAt != nil {
		return err
	}
	there, err := w.tx.Products().InSlot(ctx, p.Library, p.Key, x.Slot.Slot, x.N)
	if err != nil {
		return err
	}
	if there == "" {
		if _, err := w.tx.Products().Link(ctx, p, x.Slot); err != nil {
			return err
		}
		if err := w.tx.Products().StopWaiting(ctx, x.Asset); err != nil {
			return err
		}
		w.tx.Products().EmitProducts(p.Library, p.SKU, []string{p.SKU}, []string{"slots"},
			[]SlotChange{{SKU: p.SKU, Slot: x.Slot.Slot, N: x.N, Asset: x.Asset}})
	}
	if slices.ContainsFunc(a.SKUs, p.Is) {
		return nil
	}
	before := a.SKUs
	a.SKUs = append(slices.Clone(before), p.SKU)
	w.tx.EmitAsset(dam.AssetUpdated, &a, map[string]any{"fields": []string{"skus"}},
		dam.Change{Field: "skus", Before: before, After: a.SKUs})
	return w.tx.Assets().UpdateAsset(ctx, &a)
}
