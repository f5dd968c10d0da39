package people

import (
	"context"
	"fmt"
	"maps"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// maxLimit bounds how many collections a principal can be limited to: every query contains them.
const maxLimit = 100

// limits returns a copy of old with a new limit in one library; an empty limit means none.
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

// checkLimit rejects limits to collections that don't exist, and limits on administrators, who could lift them.
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
		if _, err := tx.Assets().Collections().Collection(ctx, library, id); dam.CodeOf(err) == dam.NotFound {
			return dam.InvalidInput(fmt.Sprintf("collections[%d]", i), reasons.NoCollectionForLimit(id))
		} else if err != nil {
			return err
		}
	}
	return nil
}
