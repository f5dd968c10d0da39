//go:build vips && cgo

// Pictures with a high dynamic range brought down to sRGB, row by row as a decoder delivers them.

#include "shim.h"
#include <math.h>

#define WHITE 203.0 // cd/m² of what diffuse white is in them, by ITU-R BT.2408
#define PEAK (1000 / WHITE) // what becomes the lightest that sRGB has, whatever the mastering display is said to have been
#define KNEE 0.3 // below, nothing is changed

typedef struct {
	float linear[65536]; // by the picture's numbers; 1 is diffuse white
	unsigned char srgb[65536];
	float matrix[9]; // to the primaries of BT.709
	int hlg, bands;
	double a, b, scale; // of the curve
} tones;

static double pq(double v) {
	const double m1 = 2610 / 16384.0, m2 = 2523 / 32.0, c1 = 3424 / 4096.0, c2 = 2413 / 128.0, c3 = 2392 / 128.0;
	double p = pow(v, 1 / m2), n = p - c1;
	return pow((n > 0 ? n : 0) / (c2 - c3 * p), 1 / m1) * 10000 / WHITE;
}

static double hlg(double v) {
	const double a = 0.17883277, b = 1 - 4 * a, c = 0.5 - a * log(4 * a);
	return v <= 0.5 ? v * v / 3 : (exp((v - c) / a) + b) / 12;
}

static const float
	from2020[9] = {1.660491f, -0.587641f, -0.072850f, -0.124550f, 1.132900f, -0.008349f, -0.018151f, -0.100579f, 1.118730f},
	fromP3[9] = {1.224940f, -0.224940f, 0, -0.042057f, 1.042057f, 0, -0.019638f, -0.078636f, 1.098274f},
	from709[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};

// The curve is Möbius', straight up to the knee. It is applied to the largest of the three, so that hues stay.
static void row(const tones *t, const unsigned short *in, unsigned char *out, int n) {
	for (; n--; in += t->bands, out += t->bands) {
		float c[3] = {t->linear[in[0]], t->linear[in[1]], t->linear[in[2]]};
		if (t->hlg) { // what a display of 1,000 cd/m² makes of the light of the scene
			float y = 0.2627f * c[0] + 0.6780f * c[1] + 0.0593f * c[2], gain = y > 0 ? powf(y, 0.2f) * (float)PEAK : 0;
			for (int k = 0; k < 3; k++) c[k] *= gain;
		}
		float rgb[3], most = 0;
		for (int k = 0; k < 3; k++) {
			rgb[k] = t->matrix[3 * k] * c[0] + t->matrix[3 * k + 1] * c[1] + t->matrix[3 * k + 2] * c[2];
			if (rgb[k] > most) most = rgb[k];
		}
		float by = 1;
		if (most > KNEE) {
			float level = most < PEAK ? most : PEAK;
			by = t->scale * (level + t->a) / (level + t->b) / most;
		}
		for (int k = 0; k < 3; k++) {
			float v = rgb[k] * by * 65535 + 0.5f;
			out[k] = t->srgb[v < 0 ? 0 : v > 65535 ? 65535 : (int)v];
		}
		if (t->bands == 4) out[3] = in[3] >> 8;
	}
}

static int rows(VipsRegion *out, void *seq, void *source, void *data, gboolean *stop) {
	VipsRegion *in = seq;
	VipsRect *r = &out->valid;
	if (vips_region_prepare(in, r)) return -1;
	for (int y = r->top; y < r->top + r->height; y++)
		row(data, (unsigned short *)VIPS_REGION_ADDR(in, r->left, y), VIPS_REGION_ADDR(out, r->left, y), r->width);
	return 0;
}

VipsImage *vt_sdr(VipsImage *in, int depth, int primaries, int hybrid) {
	if (in->Bands < 3 || (in->BandFmt != VIPS_FORMAT_UCHAR && in->BandFmt != VIPS_FORMAT_USHORT)) return in;
	VipsImage *out = NULL;
	if (in->BandFmt == VIPS_FORMAT_UCHAR) {
		int failed = vips_cast(in, &out, VIPS_FORMAT_USHORT, "shift", TRUE, NULL);
		if (!(in = vt_step(in, out, failed))) return NULL;
		depth = 8;
	}
	if (in->Bands > 4) {
		out = NULL;
		int failed = vips_extract_band(in, &out, 0, "n", 4, NULL);
		if (!(in = vt_step(in, out, failed))) return NULL;
	}
	out = vips_image_new();
	// Both live as long as the picture, which asks for rows later.
	vips_object_local(out, in);
	tones *t = VIPS_MALLOC(out, sizeof(tones));
	if (!t || vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, in, NULL)) {
		g_object_unref(out);
		return NULL;
	}
	out->BandFmt = VIPS_FORMAT_UCHAR;
	out->Type = VIPS_INTERPRETATION_sRGB;
	t->hlg = hybrid;
	t->bands = in->Bands;
	for (int i = 0; i < 9; i++) t->matrix[i] = (primaries == 1 ? from709 : primaries == 12 ? fromP3 : from2020)[i];
	const double p = PEAK, j = KNEE;
	t->a = -j * j * (p - 1) / (j * j - 2 * j + p);
	t->b = (j * j - 2 * j * p + p) / (p - 1);
	t->scale = (t->b * t->b + 2 * t->b * j + j * j) / (t->b - t->a);
	const double full = 65536 - (1 << (depth < 16 ? 16 - depth : 0)); // fewer bits lie in the upper part of the number
	for (int i = 0; i < 65536; i++) {
		double v = i < full ? i / full : 1, s = i / 65535.0;
		t->linear[i] = hybrid ? hlg(v) : pq(v);
		s = s <= 0.0031308 ? 12.92 * s : 1.055 * pow(s, 1 / 2.4) - 0.055;
		t->srgb[i] = (unsigned char)(s * 255 + 0.5);
	}
	if (vips_image_generate(out, vips_start_one, rows, vips_stop_one, in, t)) {
		g_object_unref(out);
		return NULL;
	}
	return out;
}
