package catalog

import (
	"context"
	"errors"
)

// Savepoint runs fn as a part of the transaction that may fail on its own: on an error its statements and events are
// rolled back, and the transaction continues. Savepoints do not nest.
func (tx *Tx) Savepoint(ctx context.Context, fn func() error) error {
	if _, err := tx.exec(ctx, `SAVEPOINT part`); err != nil {
		return err
	}
	events := len(tx.events)
	err := fn()
	if err == nil {
		_, err = tx.exec(ctx, `RELEASE SAVEPOINT part`)
		return err
	}
	tx.events = tx.events[:events]
	if _, back := tx.exec(ctx, `ROLLBACK TO SAVEPOINT part`); back != nil {
		return errors.Join(back, err)
	}
	_, release := tx.exec(ctx, `RELEASE SAVEPOINT part`)
	return errors.Join(err, release)
}
