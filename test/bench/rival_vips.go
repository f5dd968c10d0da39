//go:build vips && cgo

package main

/*
#cgo pkg-config: vips
#include <stdlib.h>
#include <vips/vips.h>

static int encode(VipsImage *im, int webp, size_t *bytes) {
	void *out = NULL;
	int failed;
	VipsImage *flat = NULL;
	if (webp)
		failed = vips_webpsave_buffer(im, &out, bytes, "Q", 80, "effort", 4, "strip", TRUE, NULL);
	else {
		failed = vips_image_hasalpha(im) ? vips_flatten(im, &flat, "background", vips_array_double_newv(3, 255.0, 255.0, 255.0), NULL) : 0;
		if (!failed) failed = vips_jpegsave_buffer(flat ? flat : im, &out, bytes, "Q", 80, "strip", TRUE, NULL);
	}
	VIPS_UNREF(flat);
	g_free(out);
	return failed;
}

// thumbnail is what an image proxy does for one URL.
static int thumbnail(void *buf, size_t size, int w, int h, int crop, int webp, size_t *bytes) {
	VipsImage *im = NULL;
	if (vips_thumbnail_buffer(buf, size, &im, w, "height", h, "crop", crop ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE, NULL)) return -1;
	int failed = encode(im, webp, bytes);
	g_object_unref(im);
	return failed;
}

// made is the pixels of a rendition, for the floor.
static VipsImage *made(void *buf, size_t size, int w, int h, int crop) {
	VipsImage *im = NULL, *m;
	if (vips_thumbnail_buffer(buf, size, &im, w, "height", h, "crop", crop ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE, NULL)) return NULL;
	m = vips_image_copy_memory(im);
	g_object_unref(im);
	return m;
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
	"errors"
)

// size of a thumbnail; a height of 0 is unbounded.
func (r wanted6) c() (w, h, crop, webp C.int) {
	h = C.int(r.h)
	if r.h == 0 {
		h = 1 << 20
	} else {
		crop = 1
	}
	if r.webp {
		webp = 1
	}
	return C.int(r.w), h, crop, webp
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
			var n C.size_t
			w, h, crop, webp := r.c()
			if C.thumbnail(buf, size, w, h, crop, webp, &n) != 0 {
				return 0, errors.New("libvips made no thumbnail")
			}
			total += int(n)
		}
		return total, nil
	}, nil
}

// floor decodes scaled and encodes pictures that are made beforehand: nothing can do with less.
func floor(file []byte, shrink int) (func() (int, error), error) {
	if C.start() != 0 {
		return nil, errors.New("libvips does not start")
	}
	buf, size := C.CBytes(file), C.size_t(len(file))
	pictures := make([]*C.VipsImage, len(six))
	for i, r := range six {
		w, h, crop, _ := r.c()
		if pictures[i] = C.made(buf, size, w, h, crop); pictures[i] == nil {
			return nil, errors.New("libvips made no picture")
		}
	}
	return func() (int, error) {
		if C.scaled(buf, size, C.int(shrink)) != 0 {
			return 0, errors.New("libvips did not decode")
		}
		total := 0
		for i, r := range six {
			var n C.size_t
			_, _, _, webp := r.c()
			if C.encode(pictures[i], webp, &n) != 0 {
				return 0, errors.New("libvips did not encode")
			}
			total += int(n)
		}
		return total, nil
	}, nil
}
