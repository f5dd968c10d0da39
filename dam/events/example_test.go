package events_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
)

// A follower is a name and a function. Its cursor moves in the transaction of what it does, so that each event is
// applied once.
func ExampleStep() {
	ctx := dam.AsSystem(context.Background(), "an example")
	dir, err := os.MkdirTemp("", "vitrine-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cat, err := catalog.Open(ctx, "sqlite:"+filepath.Join(dir, "catalog.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = cat.Close() }()
	if err := cat.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	if err := events.Register(ctx, cat, "counter"); err != nil {
		log.Fatal(err)
	}
	if err := cat.Write(ctx, func(tx *catalog.Tx) error {
		tx.Emit(dam.Event{Type: dam.AssetCreated, Subject: "a_1", Asset: "a_1"})
		return nil
	}); err != nil {
		log.Fatal(err)
	}

	_, err = events.Step(ctx, cat, "counter", func(_ context.Context, _ *catalog.Tx, batch []dam.Event) error {
		for _, e := range batch {
			fmt.Println(e.Type, e.Subject)
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// asset.created a_1
	// <nil>
}
