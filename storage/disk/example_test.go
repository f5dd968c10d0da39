package disk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"vitrine/storage"
	"vitrine/storage/disk"
)

// A store keeps objects under keys, whole or not at all, and never overwrites one.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "vitrine-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	store, err := disk.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = store.Close() }()

	key := "originals/2c/f2/2cf24dba"
	if err := store.Put(ctx, key, strings.NewReader("hello"), storage.PutOptions{Size: 5}); err != nil {
		log.Fatal(err)
	}
	err = store.Put(ctx, key, strings.NewReader("other"), storage.PutOptions{Size: 5})
	fmt.Println("stored twice:", errors.Is(err, storage.ErrExists))

	o, err := store.Open(ctx, key)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	b, err := io.ReadAll(o)
	fmt.Println(string(b), err)
	// Output:
	// stored twice: true
	// hello <nil>
}
