//go:build vips && cgo

package vips

/*
#cgo pkg-config: vips libwebp
#cgo CFLAGS: -O3
#cgo LDFLAGS: -lm
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/icc"
)

// Built says whether this program has the engine.
const Built = true

// Version is libvips' own; "" without it.
func Version() string {
	return fmt.Sprintf("%d.%d.%d", int(C.vips_version(0)), int(C.vips_version(1)), int(C.vips_version(2)))
}

// Engine renders with libvips. It may be shared.
type Engine struct{ plain rendition.Engine }

// New starts libvips, once for a process. plain reads headers, so that a picture's size is known before C code sees
// the file, and renders the formats that libvips has no trustworthy reader for (BMP).
func New(plain rendition.Engine) (rendition.Engine, error) {
	if C.vt_start() != 0 {
		return nil, fmt.Errorf("libvips: %w", complaint())
	}
	return Engine{plain}, nil
}

// Name implements rendition.Engine.
func (Engine) Name() string { return "vips" }

// Probe implements rendition.Engine.
func (e Engine) Probe(ctx context.Context, src io.ReadSeeker) (rendition.Info, error) {
	info, err := e.probe(ctx, src)
	info.Note = reasons.Reason{} // what the other engine can't convert is another matter
	return info, err
}

func (e Engine) probe(ctx context.Context, src io.ReadSeeker) (rendition.Info, error) {
	info, err := e.plain.Probe(ctx, src)
	if dam.CodeOf(err) == dam.Unsupported {
		native, nerr := probeNative(src)
		if nerr == nil {
			return native, nil
		}
		if native.MediaType != "" && dam.CodeOf(nerr) != dam.Unsupported { // known, and not of a kind that is read
			return native, &dam.Error{Code: dam.Unsupported, Err: nerr,
				Reason: reasons.VariantNotDecoded(formatName(native.MediaType))}
		}
	}
	return info, err
}

// Render implements rendition.Engine.
func (e Engine) Render(ctx context.Context, src io.ReadSeeker, specs []rendition.Spec, opt rendition.Options,
	emit func(rendition.Output) error) error {
	if len(specs) == 0 {
		return ctx.Err()
	}
	info, err := e.probe(ctx, src)
	if err != nil {
		return err
	}
	if info.MediaType == "image/bmp" || info.Portable {
		return e.plain.Render(ctx, src, specs, opt, emit)
	}
	if err := opt.Check(info); err != nil {
		return err
	}
	moves := emit
	emit = rendition.NoteStill(info, opt, emit)
	// An animation is put together in the same way by both engines: libvips would write what the other can't.
	moving, specs := rendition.SplitAnimated(info, specs, opt)
	if len(moving) > 0 {
		if err := e.plain.Render(ctx, src, moving, opt, moves); err != nil || len(specs) == 0 {
			return err
		}
	}
	w, h := info.Upright()
	plan, err := rendition.NewPlan(w, h, specs)
	if err != nil {
		return err
	}
	release, err := opt.Gate.Acquire(ctx, int64(info.Width)*int64(info.Height))
	if err != nil {
		return err
	}
	defer release()
	base, px, err := decodeDamaged(ctx, src, info, plan)
	if err != nil {
		return err
	}
	plan.Note = px.note
	return rendition.Cascade(ctx, px, base, plan, opt, emit)
}

// How much of a file's damage is an error.
const (
	failTruncated = 1
	failWarning   = 2
)

// decodeDamaged is decode of what may be damaged: what can be shown nevertheless gets a note.
func decodeDamaged(ctx context.Context, src io.ReadSeeker, info rendition.Info, plan rendition.Plan) (picture, *pixels,
	error) {
	fail := C.int(failTruncated)
	if info.MediaType == "image/gif" { // which libvips otherwise shows without a word, as far as it goes
		fail = failWarning
	}
	base, px, err := decode(ctx, src, info, plan, fail)
	if dam.CodeOf(err) == dam.Invalid {
		switch info.MediaType {
		case "image/gif":
			if base, px, again := decode(ctx, src, info, plan, failTruncated); again == nil {
				px.note = px.note.And(reasons.PictureDamagedInPlaces())
				return base, px, nil
			}
		case "image/jpeg":
			whole := withEnd(src)
			if whole == nil {
				break
			}
			base, px, again := decode(ctx, whole, info, plan, failTruncated)
			if again == nil && !px.warned {
				px.note = px.note.And(reasons.PictureEndMissing())
				return base, px, nil
			}
			if again == nil { // more is missing than the mark of the end
				px.Close(base)
			}
		}
	}
	if err == nil && px.warned {
		px.note = px.note.And(reasons.PictureDamagedInPlaces())
	}
	return base, px, err
}

// withEnd returns a JPEG with the mark of its end, nil when it has one or is too large for it.
func withEnd(src io.ReadSeeker) io.ReadSeeker {
	const most = 64 << 20
	if size, err := src.Seek(0, io.SeekEnd); err != nil || size > most {
		return nil
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil
	}
	b, err := io.ReadAll(src)
	if err != nil || bytes.HasSuffix(b, []byte("\xff\xd9")) {
		return nil
	}
	return bytes.NewReader(append(b, "\xff\xd9"...))
}

// file is an open source and what keeps its memory alive.
type file struct {
	c   C.vt_file
	pin runtime.Pinner
}

// open hands the source to C: by its descriptor when it is a file, else read into memory.
func open(src io.ReadSeeker) (*file, error) {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	f := &file{c: C.vt_file{fd: -1, scale: 1, fail: failTruncated}}
	if o, ok := src.(*os.File); ok {
		f.c.fd = C.int(o.Fd())
		return f, nil
	}
	b, err := io.ReadAll(src)
	if err != nil {
		return nil, err
	}
	if len(b) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	f.pin.Pin(&b[0])
	f.c.data, f.c.size = unsafe.Pointer(&b[0]), C.size_t(len(b))
	return f, nil
}

// header opens the picture lazily. kind is libvips' name of the loader.
func (f *file) header() (im *C.VipsImage, kind string, err error) {
	var loader *C.char
	im = C.vt_open(f.c, &loader)
	kind = C.GoString(loader)
	C.g_free(C.gpointer(loader))
	if im == nil {
		return nil, kind, complaint()
	}
	return im, kind, nil
}

// probeNative reads the header of a format that only libvips knows.
func probeNative(src io.ReadSeeker) (rendition.Info, error) {
	f, err := open(src)
	if err != nil {
		return rendition.Info{}, err
	}
	defer f.pin.Unpin()
	im, kind, err := f.header()
	if err != nil {
		return rendition.Info{MediaType: nativeType(kind, "")}, err
	}
	defer unref(im)
	info := rendition.Info{Width: int(im.Xsize), Height: int(im.Ysize), Frames: 1, Orientation: 1,
		HasAlpha: C.vips_image_hasalpha(im) != 0}
	if info.MediaType = nativeType(kind, metaString(im, "heif-compression")); info.MediaType == "" {
		return info, &dam.Error{Code: dam.Unsupported, Reason: reasons.NoKnownPicture()}
	}
	profile := profileOf(im)
	if p, _ := icc.Parse(profile); p != nil {
		info.Profile = p.Name
	}
	if isHEIF(info) && profile == nil && lightOf(src).high() {
		info.Revision, info.Changed = 2, reasons.ShownWithoutHdr()
	}
	return info, nil
}

func isHEIF(info rendition.Info) bool {
	return info.MediaType == "image/avif" || info.MediaType == "image/heic"
}

// nativeType is the media type of what a loader of libvips reads; "" for what is read otherwise.
func nativeType(kind, compression string) string {
	switch {
	case strings.Contains(kind, "Heif") && compression == "av1":
		return "image/avif"
	case strings.Contains(kind, "Heif"):
		return "image/heic"
	case strings.Contains(kind, "Jxl"):
		return "image/jxl"
	case strings.Contains(kind, "Jp2k"):
		return "image/jp2"
	}
	return ""
}

// formatName is a media type as people write it.
func formatName(mediaType string) string {
	switch mediaType {
	case "image/jxl":
		return "JPEG XL"
	case "image/jp2":
		return "JPEG 2000"
	}
	return strings.ToUpper(strings.TrimPrefix(mediaType, "image/"))
}

// picture is libvips' image in memory. alpha says that its last of four bands is that.
type picture struct {
	im    *C.VipsImage
	alpha bool
}

func (p picture) band() (alpha C.int) {
	if p.alpha {
		alpha = 1
	}
	return alpha
}

// decode makes the base: upright, and no larger than needed.
func decode(ctx context.Context, src io.ReadSeeker, info rendition.Info, plan rendition.Plan, fail C.int) (picture,
	*pixels, error) {
	f, err := open(src)
	if err != nil {
		return picture{}, nil, err
	}
	defer f.pin.Unpin()
	f.c.fail = fail
	// Small pictures are left to the resampler, which treats their edges more exactly.
	if n := int(1 / plan.Scale()); info.Width*info.Height >= 1<<20 && n > 1 {
		switch info.MediaType {
		case "image/jpeg":
			f.c.shrink = C.int(min(8, 1<<(bits.Len(uint(n))-1)))
		case "image/webp":
			if info.Frames == 1 {
				f.c.scale = 1 / C.double(n)
			}
		}
	}
	var l light
	if isHEIF(info) {
		l = lightOf(src)
	}
	im, _, err := f.header()
	if err != nil {
		return picture{}, nil, damaged(info, err)
	}
	if l.high() && profileOf(im) == nil { // a profile says it better
		if im, err = standardRange(im, l); err != nil {
			return picture{}, nil, damaged(info, err)
		}
	}
	px := &pixels{cmyk: im.Type == C.VIPS_INTERPRETATION_CMYK}
	profile := profileOf(im)
	if profile == nil && !px.cmyk {
		px.note = info.Note // a profile that libvips' reader has refused to take
	} else if info.MediaType == "image/tiff" && C.vips_image_get_n_pages(im) > 1 {
		px.note = px.note.And(reasons.FirstPageOnly())
	}
	alpha := C.int(-1) // as its bands say
	if info.MediaType == "image/tiff" && !info.HasAlpha {
		alpha = 0
	}
	w, h := plan.Base()
	if info.Orientation >= 5 {
		w, h = h, w
	}
	base := C.vt_base(im, C.int(w), C.int(h), C.int(info.Orientation), &alpha)
	if base == nil {
		return picture{}, nil, damaged(info, complaint())
	}
	p := picture{base, alpha != 0}
	if info.MediaType == "image/jpeg" { // libvips fails on it, if told so, but not in the last rows
		px.warned = strings.Contains(said(), "Corrupt JPEG data")
	}
	px.judge(p, profile)
	if err := ctx.Err(); err != nil {
		px.Close(p)
		return picture{}, nil, err
	}
	return p, px, nil
}

// standardRange brings a picture with a high dynamic range down to sRGB. Takes it over.
func standardRange(im *C.VipsImage, l light) (*C.VipsImage, error) {
	name := C.CString("heif-bitdepth")
	defer C.free(unsafe.Pointer(name))
	depth, hybrid := C.int(16), C.int(0)
	if C.vips_image_get_typeof(im, name) != 0 {
		C.vips_image_get_int(im, name, &depth)
	}
	if l.transfer == transferHLG {
		hybrid = 1
	}
	if im = C.vt_sdr(im, min(max(depth, 8), 16), C.int(l.primaries), hybrid); im == nil {
		return nil, complaint()
	}
	return im, nil
}

// damaged words libvips' complaint for people; the cause goes to the log.
func damaged(info rendition.Info, cause error) error {
	format := formatName(info.MediaType)
	e := &dam.Error{Code: dam.Invalid, Reason: reasons.PictureDamagedExportAgain(format), Err: cause}
	why := strings.ToLower(cause.Error())
	switch {
	case strings.Contains(why, "unsupported"), strings.Contains(why, "not supported"),
		strings.Contains(why, "not known here"), strings.Contains(why, "not implemented"):
		e.Code, e.Reason = dam.Unsupported, reasons.VariantNotDecoded(format)
	case strings.Contains(why, "out of memory"):
		e.Code, e.Reason = dam.TooLarge, reasons.RenderMemory()
	case strings.Contains(why, "premature end"), strings.Contains(why, "truncated"),
		strings.Contains(why, "end of file"), strings.Contains(why, "end of stream"):
		e.Reason = reasons.PictureCutOff(format)
	}
	return e
}

// complaint takes libvips' error text. It is one for the process: of two failures at once, either may get both.
func complaint() error {
	text := said()
	if text == "" {
		text = "no reason given"
	}
	return errors.New(text)
}

func said() string {
	s := C.vips_error_buffer_copy()
	defer C.g_free(C.gpointer(s))
	return strings.Join(strings.Fields(C.GoString(s)), " ")
}

func unref(im *C.VipsImage) { C.g_object_unref(C.gpointer(im)) }

func profileOf(im *C.VipsImage) []byte {
	name := C.CString("icc-profile-data")
	defer C.free(unsafe.Pointer(name))
	var data unsafe.Pointer
	var size C.size_t
	if C.vips_image_get_typeof(im, name) == 0 || C.vips_image_get_blob(im, name, &data, &size) != 0 {
		return nil
	}
	return C.GoBytes(data, C.int(size))
}

func metaString(im *C.VipsImage, key string) string {
	name := C.CString(key)
	defer C.free(unsafe.Pointer(name))
	var s *C.char
	if C.vips_image_get_typeof(im, name) == 0 || C.vips_image_get_string(im, name, &s) != 0 {
		return ""
	}
	return C.GoString(s)
}
