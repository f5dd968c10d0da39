// Package imaging is the rendition engine that is always there: pure Go, no C library needed.
// It reads JPEG, PNG, GIF (first frame), WebP (first frame), TIFF (first page) and
// BMP, and writes JPEG, WebP and PNG in sRGB without metadata. WebP is written by
// libwebp: the system's when libwebp.so and libwebpdemux.so can be loaded, else a
// WebAssembly build of it, which costs more time and memory.
package imaging

import (
	"context"
	"fmt"
	"image"
	"io"

	lib "github.com/disintegration/imaging"

	"vitrine/dam/rendition"
	"vitrine/dam/rendition/icc"
)

// Engine is the pure-Go engine. It has no state and may be shared.
type Engine struct{}

// New returns the engine.
func New() Engine { return Engine{} }

// Name implements rendition.Engine.
func (Engine) Name() string { return "imaging" }

// Probe implements rendition.Engine.
func (Engine) Probe(ctx context.Context, src io.ReadSeeker) (rendition.Info, error) {
	if err := ctx.Err(); err != nil {
		return rendition.Info{}, err
	}
	h, err := readHeaderSafely(ctx, src)
	if err != nil {
		return rendition.Info{}, err
	}
	return h.Info, nil
}

// Render implements rendition.Engine.
func (Engine) Render(ctx context.Context, src io.ReadSeeker, specs []rendition.Spec, opt rendition.Options,
	emit func(rendition.Output) error) error {
	if len(specs) == 0 {
		return ctx.Err()
	}
	h, err := readHeaderSafely(ctx, src)
	if err != nil {
		return err
	}
	if err := opt.Check(h.Info); err != nil {
		return err
	}
	emit = rendition.NoteStill(h.Info, opt, emit)
	moving, specs := rendition.SplitAnimated(h.Info, specs, opt)
	if len(moving) > 0 {
		if err := animate(ctx, src, h, moving, opt, emit); err != nil || len(specs) == 0 {
			return err
		}
	}
	w, ht := h.Upright()
	plan, err := rendition.NewPlan(w, ht, specs)
	if err != nil {
		return err
	}
	release, err := opt.Gate.Acquire(ctx, int64(h.Width)*int64(h.Height))
	if err != nil {
		return err
	}
	defer release()

	base, err := decodeBase(ctx, src, h, plan)
	if err != nil {
		return err
	}
	plan.Note = h.Note
	px := pixels{opaque: !h.HasAlpha || base.Opaque(), profile: h.conversion()}
	return rendition.Cascade(ctx, px, base, plan, opt, emit)
}

// decodeBase decodes and returns the upright picture, as small as the plan allows.
func decodeBase(ctx context.Context, src io.ReadSeeker, h *header, plan rendition.Plan) (*image.NRGBA, error) {
	s, err := decode(ctx, src, h)
	if err != nil {
		return nil, err
	}
	base := shrink(s, shrinkFactor(h.Width, h.Height, plan.Scale()))
	return upright(base, h.Orientation), ctx.Err()
}

// pixels is what rendition.Cascade works with.
type pixels struct {
	opaque  bool
	profile *icc.Profile // to convert from; nil when there is nothing to do
}

func (pixels) Size(m *image.NRGBA) (w, h int) { return m.Rect.Dx(), m.Rect.Dy() }

func (pixels) Resize(m *image.NRGBA, region image.Rectangle, w, h int) (*image.NRGBA, error) {
	return lib.Resize(m.SubImage(region), w, h, lib.Lanczos), nil
}

// Convert is called on the first small picture, never on the full-size one.
func (p pixels) Convert(m *image.NRGBA) (*image.NRGBA, error) {
	if p.profile != nil {
		p.profile.Convert(m.Pix, 4)
	}
	return m, nil
}

func (pixels) Draw(m *image.NRGBA, f func(*image.NRGBA)) (*image.NRGBA, error) {
	m = lib.Clone(m)
	f(m)
	return m, nil
}

func (p pixels) Encode(m *image.NRGBA, s rendition.Spec) ([]byte, error) {
	return encode(m, p.opaque, s)
}

func (pixels) Close(*image.NRGBA) {}

// upright applies the EXIF orientation.
func upright(m *image.NRGBA, orientation int) *image.NRGBA {
	switch orientation {
	case 2:
		return lib.FlipH(m)
	case 3:
		return lib.Rotate180(m)
	case 4:
		return lib.FlipV(m)
	case 5:
		return lib.Transpose(m)
	case 6:
		return lib.Rotate270(m)
	case 7:
		return lib.Transverse(m)
	case 8:
		return lib.Rotate90(m)
	}
	return m
}

// conversion is the profile to convert from, nil when there is nothing to do.
func (h *header) conversion() *icc.Profile {
	p, err := icc.Parse(h.icc)
	if err != nil || h.cmyk || p.IsSRGB() {
		return nil
	}
	return p
}

// readHeaderSafely turns a panic over hostile bytes into an error.
func readHeaderSafely(ctx context.Context, src io.ReadSeeker) (h *header, err error) {
	defer func() {
		if p := recover(); p != nil {
			h, err = nil, damaged("picture", fmt.Errorf("header parser panicked: %v", p))
		}
	}()
	return readHeader(ctx, src)
}
