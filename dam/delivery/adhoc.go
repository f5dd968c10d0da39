package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Renderer makes one picture from an original. Its errors are those of a rendition engine: dam.Unsupported,
// dam.TooLarge, dam.Invalid.
type Renderer interface {
	Render(ctx context.Context, original io.ReadSeeker, t Transform) (picture []byte, err error)
}

const (
	// keepAdHoc is how long the collector spares a picture made on demand. After that it is made again when requested.
	keepAdHoc = 30 * 24 * time.Hour
	// renderLimit bounds one picture made on demand.
	renderLimit = 60 * time.Second
	// renders is how many pictures a node makes on demand at once.
	renders = 2
)

// AdHoc resolves a signed URL to a picture and the time until which it may be shown. The error is dam.Forbidden if no
// key made the signature, dam.Invalid if the signed operations are invalid, dam.NotFound or dam.Gone as for Exact, or
// the Renderer's own.
func (s *Service) AdHoc(ctx context.Context, ref Ref, check RateCheck) (v *Variant, picture []byte, until time.Time,
	err error) {
	if !s.opt.Keys.verify(ref) {
		return nil, nil, until, &dam.Error{Code: dam.Forbidden, Reason: reasons.SignatureInvalid()}
	}
	t, err := ParseOperations(ref.Operations, ref.Ext)
	if err != nil {
		return nil, nil, until, err
	}
	now := s.opt.Now()
	if !t.Expires.IsZero() && !now.Before(t.Expires) {
		return nil, nil, until, errGone()
	}
	r, err := s.record(ctx, ref.Asset, now, check)
	if err != nil {
		return nil, nil, until, err
	}
	if err := r.refused(now); err != nil {
		return nil, nil, until, err
	}
	original, known := r.versions[t.Version]
	switch {
	case !known:
		return nil, nil, until, errNone()
	case !original.approved:
		return nil, nil, until, errGone()
	case dam.FixedCropOf(t.preset(), r.zones, &original.crop).Withheld:
		return nil, nil, until, errNone()
	}
	until = r.facts.Until
	if !t.Expires.IsZero() && (until.IsZero() || t.Expires.Before(until)) {
		until = t.Expires
	}
	hash := t.hash(original.sha256, original.recipe)
	v = &Variant{Asset: ref.Asset, Version: t.Version, Hash: hash, Format: t.Format, MediaType: t.Format.MediaType(),
		ETag: `"` + hash + "." + ref.Ext + `"`, key: dam.RenditionKey(original.sha256, hash, t.Format)}
	picture, err = s.body(ctx, v, check, renderLimit, func(ctx context.Context) ([]byte, error) {
		return s.make(dam.WithOrigin(ctx, dam.Origin{Library: r.library, Principal: "public"}), v, original.sha256, t)
	})
	v.Size = int64(len(picture))
	return v, picture, until, err
}

// preset returns the transform as a preset, which determines the crop.
func (t Transform) preset() dam.Preset {
	return dam.Preset{Name: "ad-hoc", Width: t.Width, Height: t.Height, Fit: t.Fit, Focal: t.Focal,
		Formats: []dam.PresetFormat{{Format: t.Format, Quality: t.Quality}}}
}

// hash returns the hash of the recipe by a revision of the pipeline, like the hash of a rendition.
func (t Transform) hash(original string, revision int) string {
	recipe, _ := json.Marshal(t) // numbers within bounds and strings always marshal
	text := "ad-hoc\n" + original + "\n" + string(recipe)
	if revision > 1 {
		text += "\n" + strconv.Itoa(revision)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:12])
}

// make reads the picture from storage, or makes it if it is not stored.
func (s *Service) make(ctx context.Context, v *Variant, original string, t Transform) ([]byte, error) {
	stored := func() ([]byte, error) {
		b, err := s.cat.Objects().BlobByKey(ctx, v.key)
		if err != nil {
			return nil, err
		}
		have := *v
		have.Size, have.sha256 = b.Size, b.SHA256
		return s.fetch(ctx, &have)
	}
	picture, err := stored()
	if dam.CodeOf(err) != dam.NotFound && !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrDamaged) {
		return picture, err
	}
	if s.opt.Renderer == nil {
		return nil, &dam.Error{Code: dam.Unsupported, Reason: reasons.NoPicturesOnDemand()}
	}
	select {
	case s.rendering <- struct{}{}:
		defer func() { <-s.rendering }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	o, err := s.store.Open(ctx, dam.OriginalKey(original))
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.Close() }()
	if picture, err = s.opt.Renderer.Render(ctx, o, t); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(picture)
	blob := catalog.Blob{Key: v.key, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(picture))}
	if err := s.cat.Pin(ctx, keepAdHoc, blob); err != nil {
		return nil, err
	}
	// Another node may have made the same picture already.
	recorded := func(ctx context.Context) (string, error) {
		b, err := s.cat.Objects().BlobByKey(ctx, v.key)
		return b.SHA256, err
	}
	sums, err := storage.Save(ctx, s.store, v.key, bytes.NewReader(picture),
		storage.PutOptions{Size: blob.Size, SHA256: blob.SHA256}, recorded)
	if err != nil {
		return picture, err
	}
	blob.SHA256, blob.Size, blob.Sums = sums.SHA256, sums.Size, sums.Blocks
	return picture, s.cat.Write(ctx, func(tx *catalog.Tx) error { return tx.Objects().Attach(ctx, blob) })
}
