//go:build vips && cgo

#include "shim.h"
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <string.h>
#include <webp/encode.h>

// Errors come back to the caller; what libvips and its libraries murmur beside them is about one user's file.
static void quiet(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {}

int vt_start(void) {
	if (vips_init("vitrine")) return -1;
	g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG, quiet, NULL);
	vips_concurrency_set(1);
	// Nothing is asked for twice, and a cached operation would keep its pixels.
	vips_cache_set_max(0);
	vips_block_untrusted_set(TRUE);
	// Blocked with the rest as untrusted; what reads strangers' files here is behind walls.
	vips_operation_block_set("VipsForeignLoadJxl", FALSE);
	vips_operation_block_set("VipsForeignLoadJp2k", FALSE);
#ifdef __GLIBC__
	// A large picture's memory goes back when it is freed; left alone, the threshold grows with the first of them.
	mallopt(M_MMAP_THRESHOLD, 8 << 20);
#endif
	return 0;
}

// Each step takes its input over, so that an error path has nothing to free.
VipsImage *vt_step(VipsImage *in, VipsImage *out, int failed) {
	g_object_unref(in);
	if (failed) {
		VIPS_UNREF(out);
		return NULL;
	}
	return out;
}

VipsImage *vt_in_memory(VipsImage *in) {
	if (!in) return NULL;
	VipsImage *m = vips_image_copy_memory(in);
	g_object_unref(in);
	return m;
}

VipsImage *vt_open(vt_file f, char **loader) {
	VipsSource *s = f.fd >= 0 ? vips_source_new_from_descriptor(f.fd) : vips_source_new_from_memory(f.data, f.size);
	if (!s) return NULL;
	const char *kind = vips_foreign_find_load_source(s);
	VipsImage *im = NULL;
	VipsFailOn fail = f.fail > 1 ? VIPS_FAIL_ON_WARNING : f.fail ? VIPS_FAIL_ON_TRUNCATED : VIPS_FAIL_ON_NONE;
	if (kind) {
		*loader = g_strdup(kind);
		int failed;
		if (f.shrink > 1 && strstr(kind, "Jpeg"))
			failed = vips_jpegload_source(s, &im, "shrink", f.shrink, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail, NULL);
		else if (strstr(kind, "Webp"))
			failed = vips_webpload_source(s, &im, "scale", f.scale, "page", f.page, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail, NULL);
		else if (f.page > 0)
			failed = !(im = vips_image_new_from_source(s, "", "page", f.page, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail, NULL));
		else
			failed = !(im = vips_image_new_from_source(s, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail, NULL));
		if (failed) VIPS_UNREF(im);
	}
	VIPS_UNREF(s);
	return im;
}


// vt_base is the whole picture in memory, upright, w × h pixels before it is turned: 1, 3 or 4 bands of 8 bits (CMYK has 4
// as well). It is made row by row, so that the decoded picture is never there as a whole unless it has that size. An
// alpha that hides nothing is dropped. Takes in over.
VipsImage *vt_base(VipsImage *in, int w, int h, int orientation, int *alpha) {
	VipsImage *out = NULL;
	int cmyk = in->Type == VIPS_INTERPRETATION_CMYK;
	if (in->BandFmt != VIPS_FORMAT_UCHAR && in->BandFmt != VIPS_FORMAT_USHORT) {
		int failed = vips_colourspace(in, &out, VIPS_INTERPRETATION_sRGB, NULL);
		if (!(in = vt_step(in, out, failed))) return NULL;
		out = NULL;
	}
	if (in->BandFmt == VIPS_FORMAT_USHORT) {
		int failed = vips_cast(in, &out, VIPS_FORMAT_UCHAR, "shift", TRUE, NULL);
		if (!(in = vt_step(in, out, failed))) return NULL;
		out = NULL;
	}
	if (in->BandFmt != VIPS_FORMAT_UCHAR) {
		vips_error("vitrine", "the picture's numbers are of a kind that is not known here");
		return vt_step(in, NULL, 1);
	}
	if (in->Type == VIPS_INTERPRETATION_RGB16) in->Type = VIPS_INTERPRETATION_sRGB;
	if (in->Type == VIPS_INTERPRETATION_GREY16) in->Type = VIPS_INTERPRETATION_B_W;
	int bands = in->Bands;
	// What the last band is, the header has said (0: no alpha), else their number does.
	*alpha = !cmyk && *alpha != 0 && (bands == 2 || bands >= 4);
	int keep = cmyk ? 4 : bands >= 3 ? 3 + *alpha : 1 + *alpha;
	if (keep < bands) {
		int failed = vips_extract_band(in, &out, 0, "n", keep, NULL);
		if (!(in = vt_step(in, out, failed))) return NULL;
		out = NULL;
	}
	if (keep == 2) { // gray with alpha is rare: as colour it needs no code of its own
		VipsImage *list[4], *gray = NULL, *a = NULL;
		int failed = vips_extract_band(in, &gray, 0, NULL) || vips_extract_band(in, &a, 1, NULL);
		if (!failed) {
			list[0] = list[1] = list[2] = gray;
			list[3] = a;
			failed = vips_bandjoin(list, &out, 4, NULL);
		}
		VIPS_UNREF(gray);
		VIPS_UNREF(a);
		if (!(in = vt_step(in, out, failed))) return NULL;
		out->Type = VIPS_INTERPRETATION_sRGB;
		out = NULL;
	}
	if (w > in->Xsize) w = in->Xsize;
	if (h > in->Ysize) h = in->Ysize;
	out = vt_resize(in, (VipsRect){0, 0, in->Xsize, in->Ysize}, w, h, alpha);
	if (!(in = vt_step(in, out, !out))) return NULL;
	out = NULL;
	int failed = 0;
	switch (orientation) {
	case 2: failed = vips_flip(in, &out, VIPS_DIRECTION_HORIZONTAL, NULL); break;
	case 3: failed = vips_rot(in, &out, VIPS_ANGLE_D180, NULL); break;
	case 4: failed = vips_flip(in, &out, VIPS_DIRECTION_VERTICAL, NULL); break;
	case 6: failed = vips_rot(in, &out, VIPS_ANGLE_D90, NULL); break;
	case 8: failed = vips_rot(in, &out, VIPS_ANGLE_D270, NULL); break;
	case 5:
	case 7: {
		VipsImage *turned = NULL;
		failed = vips_rot(in, &turned, orientation == 5 ? VIPS_ANGLE_D90 : VIPS_ANGLE_D270, NULL) ||
			vips_flip(turned, &out, VIPS_DIRECTION_HORIZONTAL, NULL);
		VIPS_UNREF(turned);
		break;
	}
	default: return in;
	}
	return vt_in_memory(vt_step(in, out, failed));
}

// vt_to_srgb converts by tables: the embedded profile, or a common print profile.
VipsImage *vt_to_srgb(VipsImage *in, int embedded, int intent) {
	VipsImage *out = NULL;
	int failed = embedded
		? vips_icc_transform(in, &out, "srgb", "embedded", TRUE, "intent", intent, "depth", 8, NULL)
		: vips_icc_transform(in, &out, "srgb", "input_profile", "cmyk", "intent", intent, "depth", 8, NULL);
	if (failed) {
		VIPS_UNREF(out);
		return NULL;
	}
	return vt_in_memory(out);
}

// The following make copies in the layout an encoder wants.

VipsImage *vt_flat(VipsImage *in, int r, int g, int b) {
	size_t n = (size_t)in->Xsize * in->Ysize;
	const uint8_t *p = vips_image_get_data(in);
	const unsigned bg[3] = {r, g, b};
	VipsImage *out = vips_image_new_memory();
	vips_image_init_fields(out, in->Xsize, in->Ysize, 3, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE, VIPS_INTERPRETATION_sRGB, 1, 1);
	if (vips_image_write_prepare(out)) {
		g_object_unref(out);
		return NULL;
	}
	uint8_t *o = (uint8_t *)out->data;
	for (; n--; p += 4, o += 3)
		for (int c = 0; c < 3; c++)
			o[c] = (p[c] * p[3] + bg[c] * (255u - p[3]) + 127) / 255;
	return out;
}

// vt_rgba gives a picture four bands.
VipsImage *vt_rgba(VipsImage *in, int alpha) {
	if (alpha) return vips_image_copy_memory(in);
	VipsImage *rgb = NULL, *out = NULL;
	if (vips_colourspace(in, &rgb, VIPS_INTERPRETATION_sRGB, NULL)) return NULL;
	int failed = vips_addalpha(rgb, &out, NULL);
	out = vt_step(rgb, out, failed);
	return vt_in_memory(out);
}

// libvips' own writer of WebP holds the pixels two times more.
static int webp(VipsImage *in, int quality, int effort, void **out, size_t *size) {
	if (in->Bands == 1) {
		VipsImage *rgb = NULL;
		if (vips_colourspace(in, &rgb, VIPS_INTERPRETATION_sRGB, NULL)) return -1;
		if (!(in = vt_in_memory(rgb))) return -1;
	} else
		g_object_ref(in);
	WebPConfig config;
	WebPPicture picture;
	WebPMemoryWriter memory;
	WebPMemoryWriterInit(&memory);
	int ok = WebPConfigInit(&config) && WebPPictureInit(&picture);
	if (ok) {
		config.quality = quality;
		config.method = effort;
		picture.width = in->Xsize;
		picture.height = in->Ysize;
		picture.writer = WebPMemoryWrite;
		picture.custom_ptr = &memory;
		const uint8_t *p = vips_image_get_data(in);
		ok = in->Bands == 4 ? WebPPictureImportRGBA(&picture, p, in->Xsize * 4) : WebPPictureImportRGB(&picture, p, in->Xsize * 3);
		ok = ok && WebPEncode(&config, &picture);
		if (!ok) vips_error("webp", "%s (%d)", picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ? "out of memory" : "not written", picture.error_code);
		WebPPictureFree(&picture);
	} else
		vips_error("webp", "the library is of another version");
	g_object_unref(in);
	if (!ok) {
		WebPMemoryWriterClear(&memory);
		return -1;
	}
	*out = memory.mem;
	*size = memory.size;
	return 0;
}

int vt_encode(VipsImage *in, const char *format, int quality, int effort, void **out, size_t *size) {
	if (!strcmp(format, "jpeg"))
		return vips_jpegsave_buffer(in, out, size, "Q", quality, "strip", TRUE, NULL);
	if (!strcmp(format, "webp"))
		return webp(in, quality, effort, out, size);
	if (!strcmp(format, "png"))
		return vips_pngsave_buffer(in, out, size, "strip", TRUE, NULL);
	if (!strcmp(format, "avif"))
		return vips_heifsave_buffer(in, out, size, "Q", quality, "effort", effort, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "strip", TRUE, NULL);
	vips_error("vitrine", "unknown format");
	return -1;
}
