package products

import (
	"context"
	"slices"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Link puts an asset into a slot of a product, instead of the one that is there.
func (s *Service) Link(ctx context.Context, library, sku string, to dam.Slot, ifMatch int64) (dam.Product, error) {
	if err := dam.CheckSlot(to.Slot, to.N); err != nil {
		return dam.Product{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Product, error) {
		p, err := lock(ctx, tx, library, sku, ifMatch)
		if err != nil {
			return dam.Product{}, err
		}
		a, err := tx.Assets().Asset(ctx, library, to.Asset)
		switch {
		case dam.CodeOf(err) == dam.NotFound:
			return dam.Product{}, dam.InvalidInput("asset", reasons.NoAssetForSlot(to.Asset))
		case err != nil:
			return dam.Product{}, err
		case a.DeletedAt != nil:
			return dam.Product{}, &dam.Error{Code: dam.Conflict, Field: "asset", Reason: reasons.AssetInBin()}
		}
		there, err := tx.Products().InSlot(ctx, library, p.Key, to.Slot, to.N)
		if err != nil {
			return dam.Product{}, err
		}
		if there != to.Asset {
			if err := s.link(ctx, tx, &p, dam.Slot{Slot: to.Slot, N: to.N, Asset: to.Asset,
				Origin: dam.SlotByHand}); err != nil {
				return dam.Product{}, err
			}
		}
		stored, err := tx.Products().Product(ctx, library, sku)
		return stored.Product, err
	})
}

// link changes a slot, keeps both assets' SKUs in step and emits the change.
func (s *Service) link(ctx context.Context, tx *catalog.Tx, p *catalog.ProductRow, x dam.Slot) error {
	before, err := tx.Products().Link(ctx, p, x)
	if err != nil {
		return err
	}
	if before != "" && before != x.Asset {
		if err := dissociate(ctx, tx, p, before); err != nil {
			return err
		}
	}
	if err := associate(ctx, tx, p, x.Asset); err != nil {
		return err
	}
	if err := tx.Products().StopWaiting(ctx, x.Asset); err != nil {
		return err
	}
	tx.Products().EmitProducts(p.Library, p.SKU, []string{p.SKU}, []string{"slots"},
		[]catalog.SlotChange{{SKU: p.SKU, Slot: x.Slot, N: x.N, Asset: x.Asset, Before: before}})
	return nil
}

// Unlink empties a slot.
func (s *Service) Unlink(ctx context.Context, library, sku, slot string, n int, ifMatch int64) (dam.Product, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Product, error) {
		p, err := lock(ctx, tx, library, sku, ifMatch)
		if err != nil {
			return dam.Product{}, err
		}
		before, err := tx.Products().Unlink(ctx, library, p.Key, slot, n)
		if err != nil {
			return dam.Product{}, err
		}
		if before != "" {
			if err := dissociate(ctx, tx, &p, before); err != nil {
				return dam.Product{}, err
			}
			tx.Products().EmitProducts(library, p.SKU, []string{p.SKU}, []string{"slots"},
				[]catalog.SlotChange{{SKU: p.SKU, Slot: slot, N: n, Before: before}})
		}
		stored, err := tx.Products().Product(ctx, library, sku)
		return stored.Product, err
	})
}

// associate adds the product's SKU to an asset's list.
func associate(ctx context.Context, tx *catalog.Tx, p *catalog.ProductRow, asset string) error {
	a, err := tx.Assets().LockAsset(ctx, p.Library, asset)
	if err != nil || slices.ContainsFunc(a.SKUs, p.Is) {
		return err
	}
	return setSKUs(ctx, tx, &a, append(slices.Clone(a.SKUs), p.SKU))
}

// dissociate takes the product's SKU off an asset's list when the asset is in none of its slots any more.
func dissociate(ctx context.Context, tx *catalog.Tx, p *catalog.ProductRow, asset string) error {
	left, err := tx.Products().SlotsOf(ctx, []string{asset})
	if err != nil || slices.ContainsFunc(left, func(x catalog.SlotRow) bool {
		return x.Library == p.Library &&
			x.Key == p.Key
	}) {
		return err
	}
	a, err := tx.Assets().LockAsset(ctx, p.Library, asset)
	if err != nil || !slices.ContainsFunc(a.SKUs, p.Is) {
		return err
	}
	return setSKUs(ctx, tx, &a, slices.DeleteFunc(slices.Clone(a.SKUs), p.Is))
}

func setSKUs(ctx context.Context, tx *catalog.Tx, a *dam.Asset, skus []string) error {
	change := dam.Change{Field: "skus", Before: a.SKUs, After: skus}
	a.SKUs = skus
	tx.EmitAsset(dam.AssetUpdated, a, map[string]any{"fields": []string{"skus"}}, change)
	return tx.Assets().UpdateAsset(ctx, a)
}

// Assign puts a new asset where its file name says, in the transaction that adds it. The asset is
// stored already; its SKUs and revision are brought up to date.
func (s *Service) Assign(ctx context.Context, tx *catalog.Tx, a *dam.Asset) error {
	rules, err := loadRules(ctx, tx.Conn, a.Library)
	if err != nil {
		return err
	}
	m := rules.match(a.Latest.FileName)
	if !m.Matches {
		return nil
	}
	if err := s.assign(ctx, tx, a.Library, a.ID, m); err != nil {
		return err
	}
	stored, err := tx.Assets().Asset(ctx, a.Library, a.ID)
	if err == nil {
		a.SKUs, a.Revision = stored.SKUs, stored.Revision
	}
	return err
}

// assign links an asset by its file name, or lets it wait for the product.
func (s *Service) assign(ctx context.Context, tx *catalog.Tx, library, asset string, m Match) error {
	w := catalog.WaitingRow{Library: library, Key: canon.ProductKey(m.SKU),
		Slot: dam.Slot{Slot: m.Slot, N: m.N, Asset: asset}}
	key, err := findKey(ctx, tx, library, m.SKU)
	if err != nil {
		return err
	}
	if key == "" {
		return tx.Products().Await(ctx, w)
	}
	list, err := tx.Products().LockProducts(ctx, library, []string{key})
	if err != nil {
		return err
	}
	p := list[key]
	return s.seat(ctx, tx, &p, w)
}

// findKey is the key of the product with this SKU, or this GTIN; "" when there is none.
func findKey(ctx context.Context, tx *catalog.Tx, library, sku string) (string, error) {
	key := canon.ProductKey(sku)
	list, err := tx.Products().LockProducts(ctx, library, []string{key})
	if err != nil || len(list) > 0 {
		return key, err
	}
	return tx.Products().ProductByGTIN(ctx, library, key)
}

// seat links an asset to the slot it asks for. A slot that is taken stays as it is: a
// person decides, and until then the asset waits at the product.
func (s *Service) seat(ctx context.Context, tx *catalog.Tx, p *catalog.ProductRow, w catalog.WaitingRow) error {
	there, err := tx.Products().InSlot(ctx, p.Library, p.Key, w.Slot.Slot, w.N)
	if err != nil {
		return err
	}
	if there != "" {
		w.Key = p.Key
		if err := tx.Products().Await(ctx, w); err != nil {
			return err
		}
		return associate(ctx, tx, p, w.Asset)
	}
	w.Origin = dam.SlotByRule
	return s.link(ctx, tx, p, w.Slot)
}

// assignWaiting links the assets that have been waiting for products that have just arrived, or got a GTIN.
func (s *Service) assignWaiting(ctx context.Context, tx *catalog.Tx, library string, list []*catalog.ProductRow) error {
	by := make(map[string]*catalog.ProductRow, 2*len(list))
	keys := make([]string, 0, 2*len(list))
	for _, p := range list {
		if p.GTIN != "" && by[p.GTIN] == nil {
			by[p.GTIN] = p
			keys = append(keys, p.GTIN)
		}
	}
	for _, p := range list { // a SKU counts before a GTIN
		if by[p.Key] == nil {
			keys = append(keys, p.Key)
		}
		by[p.Key] = p
	}
	waiting, err := tx.Products().WaitingFor(ctx, library, keys)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if err := s.seat(ctx, tx, by[w.Key], w); err != nil {
			return err
		}
	}
	return nil
}
