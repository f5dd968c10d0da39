package rendition

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	_ "image/gif"  // watermarks
	_ "image/jpeg" // watermarks
	_ "image/png"  // watermarks

	xdraw "golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // watermarks

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// maxWatermarkPixels bounds a watermark's pixels: it is drawn smaller than the pictures it goes on.
const maxWatermarkPixels = 16_000_000

// loadWatermarks decodes the watermarks that the plan's specs name.
func loadWatermarks(ctx context.Context, plan Plan, opt Options) (map[string]*image.NRGBA, error) {
	marks := map[string]*image.NRGBA{}
	for _, t := range plan.Targets {
		for _, s := range t.Specs {
			if s.Watermark == nil || marks[s.Watermark.SHA256] != nil {
				continue
			}
			if opt.Watermark == nil {
				return nil, &dam.Error{Code: dam.Internal, Reason: reasons.WatermarkBytesMissing(s.Name)}
			}
			b, err := opt.Watermark(ctx, s.Watermark.SHA256)
			if err != nil {
				return nil, err
			}
			if marks[s.Watermark.SHA256], err = decodeWatermark(b); err != nil {
				return nil, err
			}
		}
	}
	return marks, nil
}

func decodeWatermark(b []byte) (m *image.NRGBA, err error) {
	unreadable := &dam.Error{Code: dam.Unsupported, Field: "watermark", Reason: reasons.WatermarkNotAPicture()}
	defer func() {
		if recover() != nil {
			m, err = nil, unreadable
		}
	}()
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width > maxWatermarkPixels/c.Height {
		unreadable.Err = err
		return nil, unreadable
	}
	src, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		unreadable.Err = err
		return nil, unreadable
	}
	m = image.NewNRGBA(image.Rectangle{Max: src.Bounds().Size()})
	draw.Draw(m, m.Rect, src, src.Bounds().Min, draw.Src)
	return m, nil
}

// stamp lays a watermark on the picture.
func stamp(m, mark *image.NRGBA, how Watermark) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	mw := max(1, int(float64(w)*min(max(how.Scale, 0), 1)+.5))
	mh := max(1, ratio(mark.Rect.Dy(), mw, mark.Rect.Dx()))
	if mh > h {
		mw, mh = max(1, ratio(mw, h, mh)), h
	}
	small := image.NewRGBA(image.Rect(0, 0, mw, mh))
	xdraw.CatmullRom.Scale(small, small.Rect, mark, mark.Rect, xdraw.Src, nil)
	margin := min(w, h) / 40
	x, y := (w-mw)/2, (h-mh)/2
	left, right, top, bottom := min(margin, w-mw), max(w-mw-margin, 0), min(margin, h-mh), max(h-mh-margin, 0)
	switch how.Position {
	case "center":
	case "top":
		y = top
	case "bottom":
		y = bottom
	case "left":
		x = left
	case "right":
		x = right
	case "top-left":
		x, y = left, top
	case "top-right":
		x, y = right, top
	case "bottom-left":
		x, y = left, bottom
	default:
		x, y = right, bottom
	}
	opacity := uint32(min(max(how.Opacity, 0), 1)*255 + .5)
	for dy := range mh {
		dst := m.Pix[(y+dy)*m.Stride+x*4:]
		src := small.Pix[dy*small.Stride:]
		for i := 0; i < mw*4; i += 4 {
			over(dst[i:i+4:i+4], src[i:i+4:i+4], opacity)
		}
	}
}

// over blends a premultiplied pixel, at the opacity, onto a straight one.
func over(d, s []uint8, opacity uint32) {
	sa := (uint32(s[3])*opacity + 127) / 255
	if sa == 0 {
		return
	}
	da := uint32(d[3])
	rest := (da*(255-sa) + 127) / 255 // what is left of the picture's own alpha
	out := sa + rest
	for c := range 3 {
		// The blend may round a little over its alpha.
		d[c] = uint8(min(((uint32(s[c])*opacity+127)/255*255+uint32(d[c])*rest+out/2)/out, 255))
	}
	d[3] = uint8(out)
}

// sharpen is an unsharp mask of one pixel's radius: the difference to the blurred neighbourhood is added, twice over
// at strength 1. Transparency is left alone.
func sharpen(m *image.NRGBA, strength float64) {
	if strength <= 0 {
		return
	}
	k := int32(min(strength, 1)*2*256 + .5)
	w, h := m.Rect.Dx(), m.Rect.Dy()
	src := bytes.Clone(m.Pix)
	for y := range h {
		up, down := max(y-1, 0)*m.Stride, min(y+1, h-1)*m.Stride
		at := y * m.Stride
		for x := range w {
			l, r, c := max(x-1, 0)*4, min(x+1, w-1)*4, x*4
			for b := range 3 {
				v := int32(src[at+c+b])
				blurred := 4*v + 2*(int32(src[at+l+b])+int32(src[at+r+b])+int32(src[up+c+b])+int32(src[down+c+b])) +
					int32(src[up+l+b]) + int32(src[up+r+b]) + int32(src[down+l+b]) + int32(src[down+r+b])
				m.Pix[at+c+b] = uint8(min(max(v+((v*16-blurred)*k>>12), 0), 255))
			}
		}
	}
}
