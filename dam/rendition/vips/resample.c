//go:build vips && cgo

// Resampling with Lanczos 3, row by row as a decoder delivers them. libvips resamples pictures with alpha in floating
// point and wants a second pass over the picture for it; this needs a fifth of the time, and a few rows of memory.

#include "shim.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GLIBC__) // which of them is asked of the processor at start
#if __GNUC__ >= 12
#define FAST __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FAST __attribute__((target_clones("avx2", "default")))
#endif
#else
#define FAST
#endif

// What one side of the output takes from the input: each of its pixels is the sum of n from at[i] on, weighted.
typedef struct {
	int n, stride;
	int *at;
	float *weight; // n for each, followed by zeroes up to stride, a multiple of four
} taps;

static double lanczos(double x) {
	if (x < 0) x = -x;
	if (x < 1e-9) return 1;
	if (x >= 3) return 0;
	x *= M_PI;
	return 3 * sin(x) * sin(x / 3) / (x * x);
}

static taps taps_of(int in, int out) {
	double scale = (double)in / out, stretch = scale > 1 ? scale : 1;
	taps t = {.n = (int)ceil(3 * stretch) * 2 + 1};
	if (t.n > in) t.n = in;
	t.stride = (t.n + 3) & ~3;
	t.at = g_new(int, out);
	t.weight = g_new0(float, (size_t)out * t.stride);
	for (int i = 0; i < out; i++) {
		double middle = (i + .5) * scale, sum = 0;
		int at = (int)floor(middle - 3 * stretch);
		t.at[i] = at = VIPS_CLIP(0, at, in - t.n);
		float *w = t.weight + (size_t)i * t.stride;
		for (int k = 0; k < t.n; k++) sum += w[k] = lanczos((at + k + .5 - middle) / stretch);
		for (int k = 0; k < t.n; k++) w[k] /= sum;
	}
	return t;
}

// The vertical sums of m numbers, block by block: a block stays in the processor's first cache. Compilers make good
// vector code of loops as plain as the first only.
#define COLUMNS(name, type) \
	FAST static void name##_add(float *restrict out, const type *restrict a, const type *restrict b, const type *restrict c, const type *restrict d, \
			float wa, float wb, float wc, float wd, int m) { \
		for (int i = 0; i < m; i++) out[i] += wa * a[i] + wb * b[i] + (wc * c[i] + wd * d[i]); \
	} \
	static void name(float *out, const type *const *rows, const float *weight, int n, int m) { \
		memset(out, 0, m * sizeof *out); \
		for (int x = 0; x < m; x += 1024) \
			for (int k = 0; k < n; k += 4) \
				name##_add(out + x, rows[k] + x, rows[k + 1] + x, rows[k + 2] + x, rows[k + 3] + x, \
					weight[k], weight[k + 1], weight[k + 2], weight[k + 3], VIPS_MIN(1024, m - x)); \
	}
COLUMNS(columns8, uint8_t)
COLUMNS(columns16, uint16_t)

typedef float pixel __attribute__((vector_size(16)));

// Two lines side by side, which share their weights.
typedef float two __attribute__((vector_size(32), aligned(16)));

FAST static void across(two *restrict out, const two *restrict in, taps t, int w) {
	for (int x = 0; x < w; x++) {
		const two *p = in + t.at[x];
		const float *c = t.weight + (size_t)x * t.stride;
		two a = {0}, b = {0};
		int k = 0;
		for (; k + 2 <= t.n; k += 2) {
			a += p[k] * c[k];
			b += p[k + 1] * c[k + 1];
		}
		if (k < t.n) a += p[k] * c[k];
		out[x] = a + b;
	}
}

// Four numbers for each pixel, whatever it has, in one of two lines.
static void widen(pixel *out, const float *in, int bands, int w) {
	for (int x = 0; x < w; x++, in += bands, out += 2)
		switch (bands) {
		case 4: memcpy(out, in, sizeof *out); break;
		case 3: *out = (pixel){in[0], in[1], in[2]}; break;
		default: *out = (pixel){in[0]};
		}
}

FAST static void bytes(uint8_t *restrict out, const float *restrict in, int m) {
	for (int i = 0; i < m; i++) {
		float v = in[i] + .5f;
		v = v > 0 ? v : 0;
		out[i] = (int)(v < 255 ? v : 255);
	}
}

// From numbers weighted by alpha, which is 255 times itself, to straight ones.
FAST static void straighten(float *in, int w) {
	for (int x = 0; x < w; x++, in += 4) {
		float a = in[3] > 0 ? in[3] : 0;
		float f = a >= 127.5f ? 255 / a : 0; // half a step of what is stored
		in[0] *= f;
		in[1] *= f;
		in[2] *= f;
		in[3] = a / 255;
	}
}

// Returns the least alpha.
static int weigh(uint16_t *restrict out, const uint8_t *restrict in, int w) {
	int least = 255;
	for (int x = 0; x < w; x++, in += 4, out += 4) {
		int a = in[3];
		out[0] = in[0] * a;
		out[1] = in[1] * a;
		out[2] = in[2] * a;
		out[3] = 255 * a;
		if (a < least) least = a;
	}
	return least;
}

VipsImage *vt_resize(VipsImage *in, VipsRect part, int w, int h, int *alpha) {
	int bands = in->Bands, m = part.width * bands, least = 255;
	size_t size = *alpha ? sizeof(uint16_t) : 1, stride = m * size;
	VipsImage *out = vips_image_new_memory();
	int failed = vips_image_pipelinev(out, VIPS_DEMAND_STYLE_ANY, in, NULL); // its colour profile, too
	out->Xsize = w;
	out->Ysize = h;
	if (failed || vips_image_write_prepare(out)) {
		g_object_unref(out);
		return NULL;
	}
	taps down = taps_of(part.height, h), over = taps_of(part.width, w);
	uint8_t *ring = g_malloc(stride * down.n);
	const void **rows = g_new(const void *, down.stride);
	float *line = g_new(float, m);
	two *wide = g_new0(two, part.width), *narrow = g_new(two, w);
	uint8_t *eight = g_malloc((size_t)w * 8);
	VipsRegion *region = vips_region_new(in);
	int y = 0; // the next row of the output
	for (int top = 0; top < part.height && !failed; top += 16) {
		VipsRect strip = {part.left, part.top + top, part.width, VIPS_MIN(16, part.height - top)};
		if ((failed = vips_region_prepare(region, &strip))) break;
		for (int i = 0; i < strip.height; i++) {
			const uint8_t *p = VIPS_REGION_ADDR(region, strip.left, strip.top + i);
			uint8_t *r = ring + stride * ((top + i) % down.n);
			if (*alpha) {
				int a = weigh((uint16_t *)r, p, part.width);
				if (a < least) least = a;
			} else
				memcpy(r, p, m);
			for (; y < h && down.at[y] + down.n == top + i + 1; y++) {
				for (int k = 0; k < down.stride; k++) rows[k] = ring + stride * ((down.at[y] + k) % down.n);
				const float *weight = down.weight + (size_t)y * down.stride;
				if (*alpha)
					columns16(line, (const uint16_t *const *)rows, weight, down.n, m);
				else
					columns8(line, (const uint8_t *const *)rows, weight, down.n, m);
				widen((pixel *)wide + y % 2, line, bands, part.width);
				if (y % 2 == 0 && y + 1 < h) continue;
				across(narrow, wide, over, w);
				if (*alpha) straighten((float *)narrow, 2 * w);
				bytes(eight, (float *)narrow, w * 8);
				for (int side = 0; side <= y % 2; side++) {
					const uint8_t *e = eight + 4 * side;
					uint8_t *o = out->data + (size_t)(y - y % 2 + side) * w * bands;
					for (int x = 0; x < w; x++, e += 8, o += bands)
						switch (bands) {
						case 4: memcpy(o, e, 4); break;
						case 3: memcpy(o, e, 3); break;
						default: *o = *e;
						}
				}
			}
		}
	}
	g_object_unref(region);
	g_free(eight);
	g_free(narrow);
	g_free(wide);
	g_free(line);
	g_free(rows);
	g_free(ring);
	g_free(down.at), g_free(down.weight);
	g_free(over.at), g_free(over.weight);
	if (failed) {
		g_object_unref(out);
		return NULL;
	}
	if (*alpha && least == 255) { // it hides nothing
		*alpha = 0;
		VipsImage *opaque = NULL;
		failed = vips_extract_band(out, &opaque, 0, "n", 3, NULL);
		out = vt_in_memory(vt_step(out, opaque, failed));
	}
	return out;
}
