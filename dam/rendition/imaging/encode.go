package imaging

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/webp"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

// encode writes one picture. m must be tightly packed and starts at 0,0: the WebP encoder reads its bytes as they lie.
func encode(m *image.NRGBA, opaque bool, s rendition.Spec) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("encoder panicked: %v", p)
		}
		if err != nil {
			err = &dam.Error{Code: dam.Internal, Reason: reasons.RenditionNotWritten(s.Format, s.Name), Err: err}
		}
	}()
	var b bytes.Buffer
	switch s.Format {
	case dam.JPEG:
		if !opaque {
			bg, err := parseBackground(s.Background)
			if err != nil {
				return nil, err
			}
			m = flatten(m, bg)
		}
		// Opaque straight and premultiplied pixels are the same bytes, and
		// image/jpeg has a fast path for the latter only.
		err = jpeg.Encode(&b, &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect},
			&jpeg.Options{Quality: s.Quality})
	case dam.WebP:
		err = webp.Encode(&b, m, webp.Options{Quality: s.Quality, Method: s.Effort})
	case dam.AVIF:
		err = avif.Encode(&b, m, avif.Options{Quality: s.Quality, QualityAlpha: s.Quality,
			Speed: 9 - min(max(s.Effort, 0), 9), ChromaSubsampling: image.YCbCrSubsampleRatio420})
	case dam.PNG:
		err = png.Encode(&b, m)
	default:
		err = fmt.Errorf("no encoder for %q", s.Format)
	}
	return b.Bytes(), err
}

// flatten lays the picture on a background.
func flatten(m *image.NRGBA, bg [3]uint8) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		p, o := m.Pix[i:i+4:i+4], out.Pix[i:i+4:i+4]
		a := uint32(p[3])
		for c := range 3 {
			o[c] = uint8((uint32(p[c])*a + uint32(bg[c])*(255-a) + 127) / 255)
		}
		o[3] = 0xff
	}
	return out
}

// parseBackground reads #rrggbb; "" is white.
func parseBackground(s string) (bg [3]uint8, err error) {
	if s == "" {
		return [3]uint8{0xff, 0xff, 0xff}, nil
	}
	if len(s) != 7 || s[0] != '#' {
		return bg, fmt.Errorf("background %q is not #rrggbb", s)
	}
	_, err = hex.Decode(bg[:], []byte(s[1:]))
	return bg, err
}

// NativeWebP reports whether WebP is written by the system's libwebp; without it
// the built-in WebAssembly build does, at about three times the cost.
func NativeWebP() bool { return webp.Dynamic() == nil }
