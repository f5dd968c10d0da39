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
	"runtime"
	"sync"

	lib "github.com/disintegration/imaging"
	"golang.org/x/sync/errgroup"

	"vitrine/dam"
	"vitrine/dam/rendition"
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
	h, err := readHeaderSafely(src)
	if err != nil {
		return rendition.Info{}, err
	}
	return h.Info, nil
}

// Render implements rendition.Engine.
func (Engine) Render(ctx context.Context, src io.ReadSeeker, specs []rendition.Spec, opt rendition.Options, emit func(rendition.Output) error) error {
	if len(specs) == 0 {
		return ctx.Err()
	}
	h, err := readHeaderSafely(src)
	if err != nil {
		return err
	}
	limit := opt.MaxPixels
	if limit <= 0 {
		limit = rendition.DefaultMaxPixels
	}
	if n := h.Pixels(); n > limit {
		return &dam.Error{Code: dam.TooLarge,
			Message: fmt.Sprintf("the picture has %d × %d pixels in %d frame(s), more than the limit of %d million", h.Width, h.Height, h.Frames, limit/1_000_000),
			Remedy:  "upload a smaller version, or ask the operator to raise the limit"}
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
	return cascade(ctx, base, h, plan, opt.Workers, emit)
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

// cascade makes every target from its parent and encodes on a bounded pool.
func cascade(ctx context.Context, base *image.NRGBA, h *header, plan rendition.Plan, workers int, emit func(rendition.Output) error) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	toSRGB := h.conversion()
	opaque := !h.HasAlpha || base.Opaque()
	made := make([]*image.NRGBA, len(plan.Targets))
	users := make(map[int]int) // how many targets still need each parent
	for _, t := range plan.Targets {
		users[t.Parent]++
	}
	var mu sync.Mutex
	caller := ctx
	pool, ctx := errgroup.WithContext(ctx)
	pool.SetLimit(workers)
	done := 0
	for i, t := range plan.Targets {
		if ctx.Err() != nil {
			break
		}
		done++
		parent := base
		if t.Parent >= 0 {
			parent = made[t.Parent]
		}
		m := resize(parent, plan.Region(i, parent.Rect.Dx(), parent.Rect.Dy()), t.Width, t.Height)
		if t.Parent < 0 && toSRGB != nil {
			// Colours are converted here, on the first small picture, never on the full-size one.
			toSRGB.convert(m)
		}
		if users[t.Parent]--; users[t.Parent] == 0 {
			if t.Parent < 0 {
				base = nil
			} else {
				made[t.Parent] = nil
			}
		}
		if users[i] > 0 {
			made[i] = m
		}
		for _, same := range alike(t.Specs) {
			pool.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				b, err := encode(m, opaque, same[0])
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				for _, s := range same {
					if err := ctx.Err(); err != nil {
						return err
					}
					if err := emit(rendition.Output{Spec: s, Bytes: b, Width: t.Width, Height: t.Height, MediaType: s.Format.MediaType(), Note: h.Note}); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	if err := pool.Wait(); err != nil {
		return err
	}
	if done < len(plan.Targets) {
		return caller.Err()
	}
	return nil
}

// alike groups the specs of one target that give the same bytes: of a small original,
// which is never enlarged, all the larger presets are one picture.
func alike(specs []rendition.Spec) [][]rendition.Spec {
	type coding struct {
		format          dam.Format
		quality, effort int
		background      string
	}
	var groups [][]rendition.Spec
	at := map[coding]int{}
	for _, s := range specs {
		c := coding{s.Format, s.Quality, s.Effort, s.Background}
		i, ok := at[c]
		if !ok {
			i = len(groups)
			at[c], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	return groups
}

// resize makes a w × h picture of a region. The result never shares memory with its parent.
func resize(parent *image.NRGBA, region image.Rectangle, w, h int) *image.NRGBA {
	part := parent.SubImage(region).(*image.NRGBA)
	return lib.Resize(part, w, h, lib.Lanczos)
}

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
func (h *header) conversion() *profile {
	p, err := parseProfile(h.icc)
	if err != nil || h.cmyk || p.isSRGB() {
		return nil
	}
	return p
}

// readHeaderSafely turns a panic over hostile bytes into an error.
func readHeaderSafely(src io.ReadSeeker) (h *header, err error) {
	defer func() {
		if p := recover(); p != nil {
			h, err = nil, damaged("picture", fmt.Errorf("header parser panicked: %v", p))
		}
	}()
	return readHeader(src)
}
