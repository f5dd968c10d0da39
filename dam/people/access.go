package people

import (
	"context"
	"fmt"
	"maps"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// maxLimit bounds how many collections somebody is limited to: they are part of every query.
const maxLimit = 100

// limits returns a copy of old with another limit in one library; an empty one is none.
func limits(old map[string][]string, library string, collections []string) map[string][]string {
	out := maps.Clone(old)
	if len(collections) == 0 {
		delete(out, library)
		return out
	}
	if out == nil {
		out = map[string][]string{}
	}
	out[library] = collections
	return out
}

// checkLimit refuses limits to what is not there, and of administrators, who could lift them.
func checkLimit(ctx context.Context, tx *catalog.Tx, library string, role dam.Role, collections []string) error {
	switch {
	case len(collections) == 0:
		return nil
	case role == dam.Admin:
		return dam.InvalidInput("collections", reasons.AdminNotLimitable())
	case len(collections) > maxLimit:
		return dam.InvalidInput("collections", reasons.TooManyLimitCollections(maxLimit))
	}
	for i, id := range collections {
		if _, err := tx.Assets().Collection(ctx, library, id); dam.CodeOf(err) == dam.NotFound {
			return dam.InvalidInput(fmt.Sprintf("collections[%d]", i), reasons.NoCollectionForLimit(id))
		} else if err != nil {
			return err
		}
	}
	return nil
}
