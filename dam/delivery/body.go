package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"vitrine/dam"
	"vitrine/storage"
)

// Whole reports whether Body can give the variant; otherwise use Open.
func (s *Service) Whole(v *Variant) bool { return v.Size <= s.opt.MaxBody }

// Body returns the variant's bytes, from memory or, once for all who ask at the same
// time, from storage. They are not to be changed. Bytes that don't have the
// catalogue's hash are never given: dam.Unavailable, and the log says what is wrong.
func (s *Service) Body(ctx context.Context, v *Variant, admit Admit) ([]byte, error) {
	if b, ok := s.bodies.GetIfPresent(v.body()); ok { // before anything is allocated for a miss
		s.counts.bodyHits.Add(1)
		return b, nil
	}
	return s.body(ctx, v, admit, loadLimit, func(ctx context.Context) ([]byte, error) { return s.fetch(ctx, v) })
}

func (v *Variant) body() bodyKey { return bodyKey{v.Asset, v.Hash, v.Format.Ext()} }

// body returns what is in memory, or what get gives, once for all who ask meanwhile.
func (s *Service) body(ctx context.Context, v *Variant, admit Admit, limit time.Duration, get func(context.Context) ([]byte, error)) ([]byte, error) {
	k := v.body()
	if b, ok := s.bodies.GetIfPresent(k); ok {
		s.counts.bodyHits.Add(1)
		return b, nil
	}
	s.counts.bodyMisses.Add(1)
	if err := admit(); err != nil {
		return nil, err
	}
	// As in launch, the read is no request's own.
	result := s.reads.DoChan(k.asset+k.hash+k.ext, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		b, err := get(ctx)
		if err == nil {
			s.bodies.Set(k, b)
			return b, nil
		}
		var told *dam.Error
		if errors.As(err, &told) { // by an engine, about the original
			return nil, err
		}
		s.opt.Log.Error("delivery: a rendition can't be read", "key", v.key, "error", err)
		if errors.Is(err, storage.ErrNotFound) {
			s.drop(v.Asset) // made anew, perhaps, by a change whose event is still on its way
		}
		return nil, errOut(err)
	})
	select {
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.([]byte), nil
	case <-ctx.Done():
		return nil, errOut(ctx.Err())
	}
}

func (s *Service) fetch(ctx context.Context, v *Variant) ([]byte, error) {
	o, err := s.store.Open(ctx, v.key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.Close() }()
	b := make([]byte, v.Size)
	if _, err := io.ReadFull(o, b); err != nil {
		return nil, fmt.Errorf("shorter than the catalogue's %d bytes: %w", v.Size, err)
	}
	s.counts.bodyBytes.Add(v.Size)
	want, err := hex.DecodeString(v.sha256)
	if sum := sha256.Sum256(b); err != nil || !bytes.Equal(sum[:], want) {
		return nil, fmt.Errorf("%w: it is not %s", storage.ErrChecksum, v.sha256)
	}
	return b, nil
}

// Open opens a variant that is too large for memory. ctx must live as long as the
// object is read; the caller closes it.
func (s *Service) Open(ctx context.Context, v *Variant, admit Admit) (storage.Object, error) {
	if err := admit(); err != nil {
		return nil, err
	}
	o, err := s.store.Open(ctx, v.key)
	if err != nil {
		s.opt.Log.Error("delivery: a rendition can't be opened", "key", v.key, "error", err)
		return nil, errOut(err)
	}
	if o.Info().Size != v.Size {
		_ = o.Close()
		s.opt.Log.Error("delivery: a rendition has another size than the catalogue's", "key", v.key, "size", o.Info().Size)
		return nil, dam.Errorf(dam.Unavailable, "this can't be answered just now")
	}
	return o, nil
}

// forget takes an asset's bodies out of memory: an erased asset is nowhere.
func (s *Service) forget(asset string) {
	for k := range s.bodies.Keys() {
		if k.asset == asset {
			s.bodies.Invalidate(k)
		}
	}
}
