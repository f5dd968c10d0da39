//go:build vips && cgo

package main

/*
#cgo pkg-config: vips
#include <stdlib.h>
#include <vips/vips.h>

static VipsImage *on_white(VipsImage *im) {
	VipsImage *flat = NULL;
	if (!vips_image_hasalpha(im)) return g_object_ref(im), im;
	if (vips_flatten(im, &flat, "background", vips_array_double_newv(3, 255.0, 255.0, 255.0), NULL)) return NULL;
	return flat;
}

static int encode(VipsImage *im, int webp, int effort, void **out, size_t *bytes) {
	if (webp) return vips_webpsave_buffer(im, out, bytes, "Q", 80, "effort", effort, "strip", TRUE, NULL);
	VipsImage *flat = on_white(im);
	if (!flat) return -1;
	int failed = vips_jpegsave_buffer(flat, out, bytes, "Q", 80, "strip", TRUE, NULL);
	g_object_unref(flat);
	return failed;
}

// thumbnail is what an image proxy does for one URL.
static int thumbnail(void *buf, size_t size, int w, int h, int crop, int webp, int effort, void **out, size_t *bytes) {
	VipsImage *im = NULL;
	if (vips_thumbnail_buffer(buf, size, &im, w, "height", h, "crop", crop ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE, "size", VIPS_SIZE_DOWN, NULL)) return -1;
	int failed = encode(im, webp, effort, out, bytes);
	g_object_unref(im);
	return failed;
}

// made is the pixels of a rendition: as the thumbnail makes them, or of the whole picture.
static VipsImage *made(void *buf, size_t size, int w, int h, int crop, int whole) {
	VipsImage *in = NULL, *im = NULL, *m;
	VipsInteresting interest = crop ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE;
	if (whole) {
		// On white from the start: then no alpha is rounded on the way.
		if (!(im = vips_image_new_from_buffer(buf, size, "", NULL)) || !(in = on_white(im))) return NULL;
		VIPS_UNREF(im);
		if (vips_thumbnail_image(in, &im, w, "height", h, "crop", interest, "size", VIPS_SIZE_DOWN, NULL)) return NULL;
		g_object_unref(in);
	} else if (vips_thumbnail_buffer(buf, size, &im, w, "height", h, "crop", interest, "size", VIPS_SIZE_DOWN, NULL)) return NULL;
	m = vips_image_copy_memory(im);
	g_object_unref(im);
	return m;
}

// rgb is a picture's pixels on white, three bytes each.
static void *rgb(VipsImage *im, int *w, int *h) {
	VipsImage *flat = on_white(im), *colour = NULL;
	size_t size;
	void *p = NULL;
	if (flat && !vips_colourspace(flat, &colour, VIPS_INTERPRETATION_sRGB, NULL)) {
		*w = colour->Xsize;
		*h = colour->Ysize;
		p = vips_image_write_to_memory(colour, &size);
	}
	VIPS_UNREF(flat);
	VIPS_UNREF(colour);
	return p;
}

static void *picture(void *buf, size_t size, int *w, int *h) {
	VipsImage *im = vips_image_new_from_buffer(buf, size, "", NULL);
	if (!im) return NULL;
	void *p = rgb(im, w, h);
	g_object_unref(im);
	return p;
}

static int scaled(void *buf, size_t size, int shrink) {
	VipsImage *im = NULL, *m;
	int failed = shrink > 1 ? vips_jpegload_buffer(buf, size, &im, "shrink", shrink, "access", VIPS_ACCESS_SEQUENTIAL, NULL)
		: !(im = vips_image_new_from_buffer(buf, size, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL));
	if (failed) return -1;
	m = vips_image_copy_memory(im);
	g_object_unref(im);
	if (!m) return -1;
	g_object_unref(m);
	return 0;
}

static int start(void) {
	if (vips_init("bench")) return -1;
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	return 0;
}
*/
import "C"

import (
	"bytes"
	"errors"
	"image/jpeg"
	"unsafe"

	"vitrine/dam"
)

// c is a rendition as the functions above take it.
func (r wish) c() (w, h, crop, webp, effort C.int) {
	w, h, effort = C.int(r.w), C.int(r.h), C.int(r.effort)
	if r.h == 0 {
		h = 1 << 20
	}
	if r.crop {
		crop = 1
	}
	if r.format == dam.WebP {
		webp = 1
	}
	return w, h, crop, webp, effort
}

// thumbnails is the rival: libvips' own thumbnail, which decodes once per rendition.
func thumbnails(file []byte) (func() (int, error), error) {
	if C.start() != 0 {
		return nil, errors.New("libvips does not start")
	}
	buf, size := C.CBytes(file), C.size_t(len(file))
	return func() (int, error) {
		total := 0
		for _, r := range six {
			out, n, err := thumb(buf, size, r)
			if err != nil {
				return 0, err
			}
			C.g_free(C.gpointer(out))
			total += n
		}
		return total, nil
	}, nil
}

func thumb(buf unsafe.Pointer, size C.size_t, r wish) (out unsafe.Pointer, bytes int, err error) {
	var n C.size_t
	w, h, crop, webp, effort := r.c()
	if C.thumbnail(buf, size, w, h, crop, webp, effort, &out, &n) != 0 {
		return nil, 0, errors.New("libvips made no thumbnail")
	}
	return out, int(n), nil
}

// thumbnail is one of the rival's renditions.
func thumbnail(file []byte, r wish) ([]byte, error) {
	buf := C.CBytes(file)
	defer C.free(buf)
	out, n, err := thumb(buf, C.size_t(len(file)), r)
	if err != nil {
		return nil, err
	}
	defer C.g_free(C.gpointer(out))
	return C.GoBytes(out, C.int(n)), nil
}

// ideal is the pixels of a rendition made of the whole original.
func ideal(file []byte, r wish) (pixels8, error) {
	buf := C.CBytes(file)
	defer C.free(buf)
	w, h, crop, _, _ := r.c()
	im := C.made(buf, C.size_t(len(file)), w, h, crop, 1)
	if im == nil {
		return pixels8{}, errors.New("libvips made no picture")
	}
	defer C.g_object_unref(C.gpointer(im))
	return taken(func(w, h *C.int) unsafe.Pointer { return C.rgb(im, w, h) })
}

// decoded is the pixels of a finished rendition.
func decoded(file []byte) (pixels8, error) {
	buf := C.CBytes(file)
	defer C.free(buf)
	return taken(func(w, h *C.int) unsafe.Pointer { return C.picture(buf, C.size_t(len(file)), w, h) })
}

func taken(f func(w, h *C.int) unsafe.Pointer) (pixels8, error) {
	var w, h C.int
	p := f(&w, &h)
	if p == nil {
		return pixels8{}, errors.New("libvips gave no pixels")
	}
	defer C.g_free(C.gpointer(p))
	return pixels8{int(w), int(h), C.GoBytes(p, w*h*3)}, nil
}

// floor decodes scaled and encodes pictures that are made beforehand: nothing can do with less.
func floor(file []byte, set []wish) (func() (int, error), error) {
	if C.start() != 0 {
		return nil, errors.New("libvips does not start")
	}
	shrink := 1
	if c, err := jpeg.DecodeConfig(bytes.NewReader(file)); err == nil {
		for shrink < 8 && c.Width/(shrink*2) >= 2048 {
			shrink *= 2
		}
	}
	buf, size := C.CBytes(file), C.size_t(len(file))
	pictures := make([]*C.VipsImage, len(set))
	for i, r := range set {
		w, h, crop, _, _ := r.c()
		if pictures[i] = C.made(buf, size, w, h, crop, 0); pictures[i] == nil {
			return nil, errors.New("libvips made no picture")
		}
	}
	return func() (int, error) {
		if C.scaled(buf, size, C.int(shrink)) != 0 {
			return 0, errors.New("libvips did not decode")
		}
		total := 0
		for i, r := range set {
			var out unsafe.Pointer
			var n C.size_t
			_, _, _, webp, effort := r.c()
			if C.encode(pictures[i], webp, effort, &out, &n) != 0 {
				return 0, errors.New("libvips did not encode")
			}
			C.g_free(C.gpointer(out))
			total += int(n)
		}
		return total, nil
	}, nil
}
