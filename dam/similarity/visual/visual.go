// Package visual looks at the pictures of versions: a perceptual hash, the dominant
// colours and a blurhash, kept with the version so that search can compare them.
package visual

import (
	"fmt"
	"image"
	_ "image/jpeg" // the formats of renditions
	_ "image/png"
	"io"

	_ "golang.org/x/image/webp" // renditions in WebP are read too

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Revision counts changes of what is computed: versions with an older one are looked at again.
const Revision = 1

// maxSide bounds what is decoded: a rendition is asked for, not an original.
const maxSide = 4096

// Read decodes a small JPEG, PNG or WebP and looks at it. Errors: dam.TooLarge, dam.Unsupported.
func Read(r io.ReadSeeker) (dam.Analysis, error) {
	c, _, err := image.DecodeConfig(r)
	if err == nil && (c.Width > maxSide || c.Height > maxSide) {
		return dam.Analysis{}, &dam.Error{Code: dam.TooLarge,
			Reason: reasons.TooManyPixelsToAnalyse(c.Width, c.Height)}
	}
	if err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	var m image.Image
	if err == nil {
		m, _, err = image.Decode(r)
	}
	if err != nil {
		return dam.Analysis{}, &dam.Error{Code: dam.Unsupported, Reason: reasons.PictureNotAnalysable(), Err: err}
	}
	return Of(m), nil
}

// Of looks at a picture. The same picture in another size, or compressed again, gives
// nearly the same answer.
func Of(m image.Image) dam.Analysis {
	const side = 64
	w, h := within(m.Bounds(), side)
	small := shrink(m, w, h)
	bw, bh := within(m.Bounds(), 32)
	return dam.Analysis{
		PHash:    fmt.Sprintf("%016x", phash(shrink(m, hashSide, hashSide).onWhite())),
		Colors:   dominant(small),
		Blurhash: blurhash(shrink(m, bw, bh).onWhite()),
	}
}
