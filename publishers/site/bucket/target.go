package bucket

import (
	"context"
	"errors"
	"io"
)

// errAbsent means that there is no such object.
var errAbsent = errors.New("no such object")

// target has the few operations that publishing needs of a place for files. Unlike storage.Store it overwrites: names
// are deterministic, and a newer manifest replaces the older one. An object appears whole or not at all.
type target interface {
	// put stores size bytes of r under key.
	put(ctx context.Context, key string, r io.Reader, size int64, o object) error
	// get returns an object of at most limit bytes; errAbsent if there is none.
	get(ctx context.Context, key string, limit int64) ([]byte, error)
	// remove deletes an object; a missing one is not an error.
	remove(ctx context.Context, key string) error
	// list returns the keys under a prefix that ends in a slash, with their sizes.
	list(ctx context.Context, prefix string) (map[string]int64, error)
	// check verifies that objects can be written and removed under prefix.
	check(ctx context.Context, prefix string) error
}

// object is what HTTP says of an object, where the target keeps that.
type object struct{ mediaType, cacheControl string }
