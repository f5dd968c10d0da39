package server

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/dam/secrets"
)

// OpenKeys opens the keys that seal this catalogue's credentials, and creates the first one. A lost key is an error: a
// new one in its place would seem to work until the first publication fails, and would make people stop looking for the
// old one.
func OpenKeys(ctx context.Context, c config.Config, cat *catalog.Catalog) (*secrets.Box, error) {
	known, err := cat.Maintenance().SealingKeys(ctx)
	if err != nil {
		return nil, err
	}
	box, err := secrets.Load(c.Data, c.SecretKey)
	if errors.Is(err, secrets.ErrNoKey) && len(known) == 0 {
		box, err = secrets.Create(c.Data)
	}
	switch {
	case errors.Is(err, secrets.ErrNoKey):
		return nil, lostKey(reasons.SecretKeyFileMissing(filepath.Join(c.Data, "secret.key"), strings.Join(known, ", "),
			c.Data))
	case err != nil:
		return nil, err
	case len(known) > 0 && !slices.ContainsFunc(box.IDs(), func(id string) bool { return slices.Contains(known, id) }):
		return nil, lostKey(reasons.SecretKeyOther(strings.Join(known, ", "), c.Data))
	}
	if id := box.IDs()[0]; !slices.Contains(known, id) {
		err = cat.Write(ctx, func(tx *catalog.Tx) error { return tx.Maintenance().RecordSealingKey(ctx, id) })
	} else {
		err = nil
	}
	if code := dam.CodeOf(err); code == dam.NoSpace || code == dam.Unavailable {
		err = nil // recorded at the next start: readers don't need it
	}
	return box, err
}

func lostKey(why reasons.Reason) error {
	return &dam.Error{Code: dam.Conflict, Field: "secret_key", Reason: why}
}
