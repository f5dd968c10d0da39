package catalog

import "context"

// NamePortion sets how many rows a portion of the rewriting of names is, and returns what sets it back.
func NamePortion(n int) (restore func()) {
	before := namePortion
	namePortion = n
	return func() { namePortion = before }
}

// CanonicalPortion does one portion of the rewriting of names. With an error its transaction ends in that error, unless
// nothing was left to do.
func CanonicalPortion(ctx context.Context, c *Catalog, end error) error {
	return c.Write(ctx, func(tx *Tx) error {
		done, err := tx.canonicalPortion(ctx)
		if err == nil && !done {
			err = end
		}
		return err
	})
}
