//go:build vips && cgo

package vips

/*
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"encoding/hex"
	"fmt"
	"image"
	"unsafe"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/icc"
)

// pixels is what rendition.Cascade works with.
type pixels struct {
	cmyk     bool
	simple   *icc.Profile // to convert from with arithmetic
	tables   bool         // to convert with libvips' tables
	embedded bool         // the file's own tables, not the common print profile's
	intent   C.int        // of those
	note     reasons.Reason
	warned   bool // the decoder has found damage, and gone on
}

// judge decides how colours get to sRGB.
func (px *pixels) judge(base picture, profile []byte) {
	p, err := icc.Parse(profile)
	px.embedded = profile != nil
	switch {
	case px.cmyk:
	case profile == nil:
		return
	case err == nil:
		if !p.IsSRGB() {
			px.simple = p
		}
		return
	}
	px.tables = true
	px.intent = C.VIPS_INTENT_RELATIVE
	if !px.embedded {
		return
	}
	if icc.PerceptualOnly(profile) { // libvips would pass over a profile without the intent, and not say so
		px.intent = C.VIPS_INTENT_PERCEPTUAL
	}
	// Whether tables work shows in the attempt only: one pixel is enough.
	dot, err := px.Resize(base, image.Rect(0, 0, 1, 1), 1, 1)
	if err != nil {
		return
	}
	defer px.Close(dot)
	if converted := C.vt_to_srgb(dot.im, 1, px.intent); converted != nil {
		unref(converted)
		return
	}
	C.vips_error_clear()
	px.embedded, px.tables = false, px.cmyk
	px.note = px.note.And(reasons.ProfileNotConverted())
}

func (*pixels) Size(p picture) (w, h int) { return int(p.im.Xsize), int(p.im.Ysize) }

func (*pixels) Resize(p picture, r image.Rectangle, w, h int) (picture, error) {
	alpha := p.band()
	part := C.VipsRect{left: C.int(r.Min.X), top: C.int(r.Min.Y), width: C.int(r.Dx()), height: C.int(r.Dy())}
	im := C.vt_resize(p.im, part, C.int(w), C.int(h), &alpha)
	if im == nil {
		return picture{}, failed(reasons.PictureNotScaled())
	}
	return picture{im, alpha != 0}, nil
}

func (px *pixels) Convert(p picture) (picture, error) {
	switch {
	case px.tables:
		return px.convertTables(p)
	case px.simple == nil:
		return p, nil
	}
	bands := int(p.im.Bands)
	if px.simple.Gray() != (bands == 1) {
		return p, nil // a profile of another kind than the picture
	}
	size := int(p.im.Xsize) * int(p.im.Ysize)
	data := (*uint8)(C.vips_image_get_data(p.im))
	px.simple.Convert(unsafe.Slice(data, size*bands), bands)
	return p, nil
}

func (px *pixels) convertTables(p picture) (picture, error) {
	embedded := C.int(0)
	if px.embedded {
		embedded = 1
	}
	im := C.vt_to_srgb(p.im, embedded, px.intent)
	unref(p.im)
	if im == nil {
		return picture{}, failed(reasons.PictureNotConverted())
	}
	return picture{im, p.alpha}, nil
}

// Draw implements rendition.Pixels.
func (*pixels) Draw(p picture, f func(*image.NRGBA)) (picture, error) {
	im := C.vt_rgba(p.im, p.band())
	if im == nil {
		return picture{}, failed(reasons.PictureNotDrawnOn())
	}
	w, h := int(im.Xsize), int(im.Ysize)
	data := (*uint8)(C.vips_image_get_data(im))
	f(&image.NRGBA{Pix: unsafe.Slice(data, w*h*4), Stride: w * 4, Rect: image.Rect(0, 0, w, h)})
	return picture{im, true}, nil
}

// Encode implements rendition.Pixels.
func (*pixels) Encode(p picture, s rendition.Spec) ([]byte, error) {
	im := p.im
	if p.alpha && s.Format.Background() {
		bg, err := background(s.Background)
		if err != nil {
			return nil, err
		}
		if im = C.vt_flat(p.im, C.int(bg[0]), C.int(bg[1]), C.int(bg[2])); im == nil {
			return nil, failed(reasons.PictureNotWritten())
		}
		defer unref(im)
	}
	var out unsafe.Pointer
	var size C.size_t
	format := C.CString(string(s.Format))
	defer C.free(unsafe.Pointer(format))
	if C.vt_encode(im, format, C.int(s.Quality), C.int(s.Effort), &out, &size) != 0 {
		return nil, &dam.Error{Code: dam.Internal,
			Reason: reasons.RenditionNotWritten(s.Format, s.Name), Err: complaint()}
	}
	defer C.g_free(C.gpointer(out))
	return C.GoBytes(out, C.int(size)), nil
}

func (*pixels) Close(p picture) { unref(p.im) }

// failed is what went wrong with a picture that had been read.
func failed(why reasons.Reason) error {
	cause := complaint()
	if err := damaged(rendition.Info{}, cause); dam.CodeOf(err) == dam.TooLarge {
		return err
	}
	return &dam.Error{Code: dam.Internal, Err: cause, Reason: why}
}

// background reads #rrggbb; "" is white.
func background(s string) (bg [3]uint8, err error) {
	if s == "" {
		return [3]uint8{0xff, 0xff, 0xff}, nil
	}
	if len(s) != 7 || s[0] != '#' {
		return bg, fmt.Errorf("background %q is not #rrggbb", s)
	}
	_, err = hex.Decode(bg[:], []byte(s[1:]))
	return bg, err
}
