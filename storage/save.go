package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// verifying is implemented by Verified and by what embeds it.
type verifying interface {
	Unwrap() Store
	report(ctx context.Context, key string, cause error)
	second() Store
}

// raw returns the store below Verified.
func raw(s Store) Store {
	if v, ok := s.(verifying); ok {
		return v.Unwrap()
	}
	return s
}

// ReadWhole reads an object into memory and compares it with a size and a hash that the caller knows. It doesn't use
// the record, so it works while that is unavailable. Errors wrap ErrDamaged or ErrNotFound, and are reported to the
// record of a Verified store.
func ReadWhole(ctx context.Context, s Store, key string, want Sums) ([]byte, error) {
	b, err := readWhole(ctx, raw(s), key, want)
	v, ok := s.(verifying)
	if err == nil || !ok || ctx.Err() != nil {
		return b, err
	}
	v.report(ctx, key, err)
	if v.second() == nil {
		return nil, err
	}
	b, other := readWhole(ctx, v.second(), key, want)
	if other != nil {
		return nil, errors.Join(err, other)
	}
	return b, nil
}

func readWhole(ctx context.Context, s Store, key string, want Sums) ([]byte, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.Close() }()
	if size := o.Info().Size; size != want.Size {
		return nil, fmt.Errorf("%w: %s has %d bytes instead of %d", ErrDamaged, key, size, want.Size)
	}
	b := make([]byte, want.Size)
	if _, err := io.ReadFull(o, b); err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != want.SHA256 {
		return nil, fmt.Errorf("%w: %s is not %s", ErrDamaged, key, want.SHA256)
	}
	return b, nil
}

// SumObject reads a stored object without verifying it and returns its checksums.
func SumObject(ctx context.Context, s Store, key string) (Sums, error) {
	o, err := raw(s).Open(ctx, key)
	if err != nil {
		return Sums{}, err
	}
	defer func() { _ = o.Close() }()
	var sums Sums
	r, err := NewVerifier(ctx, o, PutOptions{Size: -1, Sums: &sums})
	if err != nil {
		return Sums{}, err
	}
	_, err = io.CopyBuffer(io.Discard, struct{ io.Reader }{r}, make([]byte, BlockSize))
	return sums, err
}

// Save ensures that an object with the bytes of r is stored under key; o has its size and hash. If an object is already
// there, it is read, and replaced unless its hash is that of o or an accepted one. accepted returns the hash of
// different bytes that are just as good, or ""; it may be nil. Save returns the checksums of what is stored now. It
// reads r from its start, perhaps twice.
func Save(ctx context.Context, s Store, key string, r io.ReadSeeker, o PutOptions,
	accepted func(context.Context) (string, error)) (Sums, error) {
	var sums Sums
	o.Sums = &sums
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return sums, err
	}
	err := s.Put(ctx, key, r, o)
	if !errors.Is(err, ErrExists) {
		return sums, err
	}
	there, err := SumObject(ctx, s, key)
	if err == nil && there.SHA256 == o.SHA256 {
		return there, nil
	}
	if err == nil && accepted != nil {
		known, err := accepted(ctx)
		if err != nil {
			return sums, err
		}
		if there.SHA256 == known {
			return there, nil
		}
	}
	if ctx.Err() != nil {
		return sums, ctx.Err()
	}
	// An unreadable object is treated like a wrong one.
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return sums, err
	}
	return sums, s.Replace(ctx, key, r, o)
}
