package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Whole reports whether Body can return the variant; otherwise use Open.
func (s *Service) Whole(v *Variant) bool { return v.Size <= s.opt.MaxBody }

// Body returns the variant's bytes from memory or from storage; concurrent requests share one read. The bytes must not
// be modified. Bytes whose hash differs from the catalogue's are never returned: the error is dam.Unavailable, and the
// log says why.
func (s *Service) Body(ctx context.Context, v *Variant, check RateCheck) ([]byte, error) {
	if b, ok := s.bodies.GetIfPresent(v.body()); ok { // before a miss allocates anything
		s.counts.bodyHits.Add(1)
		return b, nil
	}
	return s.body(ctx, v, check, loadLimit, func(ctx context.Context) ([]byte, error) { return s.fetch(ctx, v) })
}

func (v *Variant) body() bodyKey { return bodyKey{v.Asset, v.Hash, v.Format.Ext()} }

// body returns the bytes from memory, or the result of get, which concurrent requests share.
func (s *Service) body(ctx context.Context, v *Variant, check RateCheck, limit time.Duration,
	get func(context.Context) ([]byte, error)) ([]byte, error) {
	k := v.body()
	if b, ok := s.bodies.GetIfPresent(k); ok {
		s.counts.bodyHits.Add(1)
		return b, nil
	}
	s.counts.bodyMisses.Add(1)
	if err := check(); err != nil {
		return nil, err
	}
	// As in launch, the read does not belong to any one request.
	result := s.reads.DoChan(k.asset+k.hash+k.ext, func() (any, error) {
		ctx, cancel := context.WithTimeout(public(context.Background()), limit)
		defer cancel()
		b, err := get(ctx)
		if err == nil {
			s.bodies.Set(k, b)
			return b, nil
		}
		var told *dam.Error
		if errors.As(err, &told) { // from an engine, about the original
			return nil, err
		}
		s.opt.Log.Error("delivery: a rendition can't be read", "key", v.key, "error", err)
		if lost(err) {
			s.drop(v.Asset) // perhaps made anew by a change whose event has not arrived yet
			return nil, errRemade(err)
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

// fetch reads a body from the node's disk or from storage, and verifies it.
func (s *Service) fetch(ctx context.Context, v *Variant) ([]byte, error) {
	want, err := hex.DecodeString(v.sha256)
	if err != nil {
		return nil, err
	}
	right := func(b []byte) bool { sum := sha256.Sum256(b); return bytes.Equal(sum[:], want) }
	if s.disk != nil {
		if b := s.disk.get(v.body(), v.Size); b != nil && right(b) {
			s.counts.diskHits.Add(1)
			return b, nil
		}
		s.disk.remove(v.body().file()) // a file that exists is damaged
	}
	b, err := storage.ReadWhole(ctx, s.store, v.key, storage.Sums{Size: v.Size, SHA256: v.sha256})
	if err != nil {
		return nil, err
	}
	s.counts.bodyBytes.Add(v.Size)
	if s.disk != nil {
		if err := s.disk.put(v.body(), b); err != nil {
			s.opt.Log.Warn("delivery: the disk cache can't be written", "error", err)
		}
	}
	return b, nil
}

// Open opens a variant that is too large for memory. ctx must live as long as the object is read; the caller closes the
// object.
func (s *Service) Open(ctx context.Context, v *Variant, check RateCheck) (storage.Object, error) {
	if err := check(); err != nil {
		return nil, err
	}
	o, err := s.store.Open(public(ctx), v.key)
	if err != nil {
		s.opt.Log.Error("delivery: a rendition can't be opened", "key", v.key, "error", err)
		if lost(err) {
			return nil, errRemade(err)
		}
		return nil, errOut(err)
	}
	if o.Info().Size != v.Size {
		_ = o.Close()
		s.opt.Log.Error("delivery: a rendition has another size than the catalogue's", "key", v.key, "size",
			o.Info().Size)
		return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.NotAnswerableNow()}
	}
	return o, nil
}

// lost reports whether the object is missing or damaged. The store has recorded the damage, so that it is repaired.
func lost(err error) bool {
	return errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrDamaged)
}

func errRemade(cause error) error {
	return &dam.Error{Code: dam.Unavailable, Reason: reasons.StoredFileBeingRemade(), Err: cause}
}

// Unreadable returns the error of a request whose open object could not be read before any byte was sent.
func Unreadable(cause error) error {
	if lost(cause) {
		return errRemade(cause)
	}
	return errOut(cause)
}

// forget removes an asset's bodies from memory and from the node's disk, because an erased asset must not remain
// anywhere.
func (s *Service) forget(asset string) {
	if s.disk != nil {
		s.disk.forget(asset)
	}
	for k := range s.bodies.Keys() {
		if k.asset == asset {
			s.bodies.Invalidate(k)
		}
	}
}

// sweep removes from the node's disk the bodies of assets that were erased while the node was down.
func (s *Service) sweep(ctx context.Context) error {
	if s.disk == nil {
		return nil
	}
	for ids := range slices.Chunk(s.disk.assets(), 500) {
		there, err := s.cat.Public().Existing(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if !slices.Contains(there, id) {
				s.disk.forget(id)
			}
		}
	}
	return nil
}
