package planning

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Keep runs replace, which puts other pictures in the place of an asset's renditions although nothing about the asset
// has changed, and leaves what is delivered as it is: a channel that can be updated is not sent the new pictures by
// itself. What is only planned is sent with them. The caller holds the asset's row.
func (s *Service) Keep(ctx context.Context, tx *catalog.Tx, a *dam.Asset, replace func() error) error {
	rows, err := tx.Publications().LockPublicationsOf(ctx, a.ID)
	if err != nil {
		return err
	}
	kept := map[int]catalog.ChannelRow{} // by place in rows
	digest := func(first *Snapshot, i int, ch catalog.ChannelRow) (string, error) {
		p := rows[i].Publication
		sc, err := first.Of(ctx, tx, &p)
		if err != nil {
			return "", err
		}
		if p.Origin == "rule" && ch.Rule.Enabled {
			p.Presets = ch.Rule.Presets
		}
		c, ready, _ := sc.Content(ch, &p)
		if !ready {
			return "", nil
		}
		return c.Digest(), nil
	}
	if len(rows) > 0 {
		before, err := readAround(ctx, tx, a.Library, a.ID)
		if err != nil {
			return err
		}
		for i, p := range rows {
			if p.State != dam.PubDelivered || before.Version.ID == "" {
				continue
			}
			ch, err := tx.Channels().Channel(ctx, a.Library, p.Channel)
			if err != nil {
				return err
			}
			d, err := digest(&before, i, ch)
			if err != nil {
				return err
			}
			if d == p.Digest { // another change is on its way, and takes the new pictures along
				kept[i] = ch
			}
		}
	}
	if err := replace(); err != nil || len(kept) == 0 {
		return err
	}
	after, err := readAround(ctx, tx, a.Library, a.ID)
	if err != nil {
		return err
	}
	for i, ch := range kept {
		d, err := digest(&after, i, ch)
		if err != nil {
			return err
		}
		if d == "" || d == rows[i].Digest {
			continue
		}
		rows[i].Digest = d
		if err := tx.Publications().SaveStep(ctx, &rows[i], reasons.RenderedAgain()); err != nil {
			return err
		}
	}
	return nil
}
