package catalog

import (
	"context"
	"errors"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
)

// SlotChange describes a change of a slot in an event: the asset in it after and before, "" for none.
type SlotChange struct {
	SKU    string `json:"sku"`
	Slot   string `json:"slot"`
	N      int    `json:"n"`
	Asset  string `json:"asset"`
	Before string `json:"before,omitempty"`
}

// SlotRow is an interval in which an asset was in a slot.
type SlotRow struct {
	ID, Library, Key, SKU string
	dam.Slot
	Until   *time.Time // nil while the asset is in the slot
	UntilBy string
}

const slotColumns = `id,library,key,sku,slot,n,asset_id,origin,since,by_id,until,until_by`

func scanSlot(r row) (s SlotRow, err error) {
	var since int64
	var until *int64
	err = r.Scan(&s.ID, &s.Library, &s.Key, &s.SKU, &s.Slot.Slot, &s.N, &s.Asset, (*string)(&s.Origin), &since, &s.By,
		&until, &s.UntilBy)
	s.Since, s.Until = instant(since), instantPtr(until)
	return s, err
}

// SlotsOf returns the slots that hold any of the assets now, ordered by product, slot and position.
func (s Products) SlotsOf(ctx context.Context, assets []string) ([]SlotRow, error) {
	in, args := inList(assets, 1)
	return all(ctx, s.db, scanSlot, `SELECT `+slotColumns+` FROM product_slots WHERE until IS NULL AND asset_id IN `+in+
		` ORDER BY key,slot,n`, args...)
}

// SlotsAt returns the assets in a product's slots at an instant, ordered by slot and position; the zero instant returns
// the whole history, newest first.
func (s Products) SlotsAt(ctx context.Context, library, sku string, at time.Time) ([]SlotRow, error) {
	if at.IsZero() {
		return all(ctx, s.db, scanSlot,
			`SELECT `+slotColumns+` FROM product_slots WHERE library=$1 AND key=$2 ORDER BY since DESC,slot,n`, library,
			canon.ProductKey(sku))
	}
	return all(ctx, s.db, scanSlot,
		`SELECT `+slotColumns+
			` FROM product_slots WHERE library=$1 AND key=$2 AND since<=$3 AND (until IS NULL OR until>$3) ORDER BY slot,n`,
		library, canon.ProductKey(sku), micros(at))
}

func (c Conn) fillSlots(ctx context.Context, list []ProductRow) error {
	byKey := make(map[string]*ProductRow, len(list))
	keys := make([]string, len(list))
	for i := range list {
		keys[i] = list[i].Key
		byKey[keys[i]] = &list[i]
	}
	for chunk := range slices.Chunk(keys, 500) {
		in, args := inList(chunk, 2)
		args = append([]any{list[0].Library}, args...)
		seen, more := c.within(ctx, list[0].Library, "product_slots.asset_id", slices.Clone(args))
		slots, err := all(ctx, c, scanSlot,
			`SELECT `+slotColumns+` FROM product_slots WHERE until IS NULL AND library=$1 AND key IN `+in+seen+
				` ORDER BY key,slot,n`, more...)
		if err != nil {
			return err
		}
		for _, s := range slots {
			byKey[s.Key].Slots = append(byKey[s.Key].Slots, s.Slot)
		}
		seen, more = c.within(ctx, list[0].Library, "product_waiting.asset_id", slices.Clone(args))
		waiting, err := all(ctx, c, scanWaiting,
			`SELECT `+waitingColumns+` FROM product_waiting WHERE library=$1 AND key IN `+in+seen+
				` ORDER BY key,slot,n,asset_id`, more...)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			byKey[w.Key].Waiting = append(byKey[w.Key].Waiting, w.Slot)
		}
	}
	return nil
}

const waitingColumns = `library,key,slot,n,asset_id,since`

// WaitingRow is an asset whose file name matches a slot that it is not in yet.
type WaitingRow struct {
	Library, Key string // of the product, or its GTIN
	dam.Slot
}

func scanWaiting(r row) (w WaitingRow, err error) {
	var since int64
	err = r.Scan(&w.Library, &w.Key, &w.Slot.Slot, &w.N, &w.Asset, &since)
	w.Since, w.Origin = instant(since), dam.SlotByRule
	return w, err
}

// WaitingFor returns the assets that wait for products with the given keys or GTINs, the longest waiting first. Assets
// in the bin are left out.
func (s Products) WaitingFor(ctx context.Context, library string, keys []string) ([]WaitingRow, error) {
	in, args := inList(keys, 2)
	return all(ctx, s.db, scanWaiting, `SELECT `+waitingColumns+` FROM product_waiting WHERE library=$1 AND key IN `+in+
		`
		AND asset_id IN (SELECT id FROM assets WHERE deleted_at IS NULL) ORDER BY since,asset_id`,
		append([]any{library}, args...)...)
}

// Await records the slot that an asset waits for, replacing an earlier one.
func (s ProductsTx) Await(ctx context.Context, w WaitingRow) error {
	_, err := s.tx.exec(ctx, `INSERT INTO product_waiting(`+waitingColumns+`) VALUES($1,$2,$3,$4,$5,$6)
		ON CONFLICT(asset_id) DO UPDATE SET key=excluded.key,slot=excluded.slot,n=excluded.n`, w.Library, w.Key,
		w.Slot.Slot, w.N, w.Asset, micros(s.tx.now))
	return err
}

// StopWaiting deletes the record of what an asset waits for.
func (s ProductsTx) StopWaiting(ctx context.Context, asset string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM product_waiting WHERE asset_id=$1`, asset)
	return err
}

// Link puts an asset into a slot of a product and returns the asset that was there, "" for none. The caller holds the
// lock of the product's row, updates the assets' SKUs and emits the change.
func (in ProductsTx) Link(ctx context.Context, p *ProductRow, s dam.Slot) (before string, err error) {
	before, err = in.Unlink(ctx, p.Library, p.Key, s.Slot, s.N)
	if err != nil {
		return "", err
	}
	_, err = in.tx.exec(ctx, `INSERT INTO product_slots(`+slotColumns+
		`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,NULL,'')`,
		dam.NewID("l"), p.Library, p.Key, p.SKU, s.Slot, s.N, s.Asset, string(s.Origin), micros(in.tx.now),
		in.tx.actor.ID)
	if err == nil {
		err = in.tx.touchProduct(ctx, p.Library, p.Key)
	}
	return before, err
}

// touchProduct increments a product's revision: its slots are part of the product that people see.
func (tx *Tx) touchProduct(ctx context.Context, library, key string) error {
	_, err := tx.exec(ctx, `UPDATE products SET revision=revision+1, updated_at=$3 WHERE library=$1 AND key=$2`,
		library, key, micros(tx.now))
	return err
}

// InSlot returns the asset in a slot now, or "" if there is none.
func (s Products) InSlot(ctx context.Context, library, key, slot string, n int) (string, error) {
	asset, err := one(ctx, s.db, value[string],
		`SELECT asset_id FROM product_slots WHERE library=$1 AND key=$2 AND slot=$3 AND n=$4 AND until IS NULL`,
		library, key, slot, n)
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	return asset, err
}

// Unlink empties a slot and returns the asset that was there, or "" if there was none.
func (s ProductsTx) Unlink(ctx context.Context, library, key, slot string, n int) (before string, err error) {
	before, err = one(ctx, s.db, value[string],
		`UPDATE product_slots SET until=$5, until_by=$6 WHERE library=$1 AND key=$2 AND slot=$3 AND n=$4 AND until IS NULL RETURNING asset_id`,
		library, key, slot, n, micros(s.tx.now), s.tx.actor.ID)
	if errors.Is(err, errNoRow) {
		return "", nil
	}
	if err == nil {
		err = s.tx.touchProduct(ctx, library, key)
	}
	return before, err
}

// UnlinkExcept removes an asset from the slots of every product whose SKU is not in the asset's list, as after an edit
// of that list.
func (in ProductsTx) UnlinkExcept(ctx context.Context, a *dam.Asset) error {
	return in.tx.unlinkWhere(ctx, a.ID, func(s SlotRow) bool {
		return !slices.ContainsFunc(a.SKUs, func(sku string) bool { return canon.ProductKey(sku) == s.Key })
	})
}

// clearSlots removes an asset from every slot.
func (tx *Tx) clearSlots(ctx context.Context, asset string) error {
	return tx.unlinkWhere(ctx, asset, func(SlotRow) bool { return true })
}

func (tx *Tx) unlinkWhere(ctx context.Context, asset string, goes func(SlotRow) bool) error {
	slots, err := tx.Products().SlotsOf(ctx, []string{asset})
	if err != nil {
		return err
	}
	for _, s := range slots {
		if !goes(s) {
			continue
		}
		if _, err := tx.Products().Unlink(ctx, s.Library, s.Key, s.Slot.Slot, s.N); err != nil {
			return err
		}
		tx.Products().EmitProducts(s.Library, s.SKU, []string{s.SKU}, []string{"slots"},
			[]SlotChange{{SKU: s.SKU, Slot: s.Slot.Slot, N: s.N, Before: asset}})
	}
	return nil
}
