package rendition

import (
	"context"
	"io"
	"math"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

const (
	// DefaultMaxPixels is the cap on width × height when Options names none: the largest cameras have 151 million.
	DefaultMaxPixels = 160_000_000
	// DefaultMaxAnimation is the cap on width × height × frames of what moves when Options names none.
	DefaultMaxAnimation = 100_000_000
)

// Engine turns one original into every wanted rendition from ONE decode.
//
// Both methods read src from its start, whatever its offset, and never close it.
// Errors are dam.Error: Unsupported for a type or variant the engine can't decode,
// TooLarge over the pixel cap, Invalid for a damaged file. A context that ends
// comes back as its own error. A panic inside a decoder is an error, never a crash.
type Engine interface {
	// Name is the engine's name in logs and in "which engine made this".
	Name() string
	// Probe reads the header only and never decodes pixels.
	Probe(ctx context.Context, src io.ReadSeeker) (Info, error)
	// Render checks the pixel cap, passes the gate, decodes once and hands every
	// result to emit as it is ready, larger sizes first as far as the encoders
	// keep up. emit is never called by two goroutines at once; its first error
	// stops the work and is returned. No specs means no work and no error.
	Render(ctx context.Context, src io.ReadSeeker, specs []Spec, opt Options, emit func(Output) error) error
}

// Info is what a file's header says.
type Info struct {
	MediaType     string // by content, never by name
	Width, Height int    // pixels as stored, before Orientation
	Frames        int    // 1 for a still picture
	Orientation   int    // EXIF 1–8; 1 when the file does not say
	HasAlpha      bool   // the file can carry transparency
	Profile       string // description of the embedded ICC profile, "" when there is none
	Pages         int    // of a document
	Duration      time.Duration
	Codec         string  // of a video's picture or of sound: h264, vp9, aac
	FrameRate     float64 // frames a second of a video, on average; 0 when unknown
	// Portable says that the reader in Go is the one that gets the colours right.
	Portable bool
	// Revision is the first revision of the pipeline that renders files of this kind as they should be; 0 is 1. Changed
	// says what earlier ones got wrong.
	Revision int            `json:",omitempty"`
	Changed  reasons.Reason `json:",omitzero"`
	// Note says what the engine will not honour (a colour profile it can't convert, pages after the first); the zero
	// Reason when nothing.
	Note reasons.Reason `json:",omitzero"`
}

// Upright returns the size after the orientation has been applied.
func (i Info) Upright() (width, height int) {
	if i.Orientation >= 5 && i.Orientation <= 8 {
		return i.Height, i.Width
	}
	return i.Width, i.Height
}

// Pixels is width × height × frames, the figure the cap of animations is held against. A header
// that claims more than an int64 holds gives the largest int64.
func (i Info) Pixels() int64 {
	n := int64(1)
	for _, side := range []int{i.Width, i.Height, max(i.Frames, 1)} {
		if side > 0 && n > math.MaxInt64/int64(side) {
			return math.MaxInt64
		}
		n *= int64(side)
	}
	return n
}

// Spec is one rendition to make: a preset and one of its formats, resolved.
type Spec struct {
	Name    string     `json:"name"`
	Width   int        `json:"width"`  // pixels; 0 is unbounded
	Height  int        `json:"height"` // pixels; 0 is unbounded
	Fit     dam.Fit    `json:"fit"`
	Format  dam.Format `json:"format"`
	Quality int        `json:"quality,omitempty"` // 1–100; not used by PNG
	Effort  int        `json:"effort,omitempty"`  // WebP method 0–6; AVIF 0–9, 1 is the one that pays; MP4 0–7
	Focal   dam.Point  `json:"focal,omitzero"`    // of the upright picture; used by cover
	// Background is #rrggbb behind transparent pixels in formats without alpha; "" is white.
	Background string `json:"background,omitempty"`
	// MaxBytes is a ceiling on the output; 0 is none. Quality is lowered for it first, then the size, in
	// fixed steps; an output that is still too large is dam.TooLarge.
	MaxBytes int64 `json:"max_bytes,omitempty"`
	// Sharpen is the strength of an unsharp mask after scaling: 0 is none, 1 is a lot.
	Sharpen   float64    `json:"sharpen,omitempty"`
	Watermark *Watermark `json:"watermark,omitempty"`
	// Seconds, FPS and Silent are of video: the length to keep, the most frames a second, no sound. Zero keeps all.
	Seconds float64 `json:"seconds,omitempty"`
	FPS     int     `json:"fps,omitempty"`
	Silent  bool    `json:"silent,omitempty"`
	// Animate keeps the frames of an animated file, where the format can (WebP).
	Animate bool `json:"animate,omitempty"`
	// Embed is all the metadata the output carries.
	Embed Credit `json:"embed,omitzero"`
}

// Watermark is a picture laid on a rendition; Options.Watermark has its bytes.
type Watermark struct {
	SHA256 string `json:"sha256"`
	// Position is center, top, bottom, left, right, top-left, top-right, bottom-left or bottom-right;
	// "" is bottom-right. A margin of a fortieth of the shorter side is kept.
	Position string  `json:"position,omitempty"`
	Opacity  float64 `json:"opacity"` // 0–1, times the mark's own transparency
	Scale    float64 `json:"scale"`   // the mark's width as a fraction of the rendition's, 0–1
}

// Credit is whose work a picture is, written into the output as XMP. The zero value writes nothing.
type Credit struct {
	Copyright string `json:"copyright,omitempty"`
	Creator   string `json:"creator,omitempty"`
}

// Output is one finished rendition.
type Output struct {
	Spec          Spec
	Bytes         []byte
	Width, Height int // true pixels, never more than the source has
	MediaType     string
	Note          reasons.Reason // as Info.Note
}

// Options bound what one Render may use. The zero value is usable.
type Options struct {
	MaxPixels int64 // width × height; 0 means DefaultMaxPixels
	// MaxAnimation is the most width × height × frames that go on moving; of more the first frame is shown. 0 means
	// DefaultMaxAnimation.
	MaxAnimation int64
	Workers      int   // encoders at once; 0 means GOMAXPROCS
	Gate         *Gate // shared by all renders of a process; nil means no limit
	// Watermark returns a watermark's bytes by their SHA-256; needed only when a spec names one.
	Watermark func(ctx context.Context, sha256 string) ([]byte, error)
}

// Gate admits renders by their pixels, so that many large originals arriving at
// once queue up instead of exhausting memory. Plan on about 10 bytes a pixel: a gate
// of 24 million keeps one 24-megapixel picture in flight in 256 MB. It is fair to principals, as Places are.
type Gate struct {
	max    int64
	places *FairSemaphore
}

// NewGate makes a gate for that many pixels in flight.
func NewGate(pixels int64) *Gate {
	pixels = max(pixels, 1)
	return &Gate{max: pixels, places: NewFairSemaphore(pixels)}
}

// Acquire waits until the pixels fit and returns the function that gives them
// back. A picture larger than the whole gate waits until it is alone. A nil gate
// admits at once; the only error is the context's.
func (g *Gate) Acquire(ctx context.Context, pixels int64) (release func(), err error) {
	if g == nil {
		return func() {}, ctx.Err()
	}
	return g.places.Acquire(ctx, min(max(pixels, 1), g.max))
}
