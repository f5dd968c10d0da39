#include <stdint.h>
#include <vips/vips.h>

// How to open a file: from a descriptor, or from memory that outlives the picture.
typedef struct {
	int fd; // -1: memory
	const void *data;
	size_t size;
	int shrink;      // 2, 4, 8: a JPEG decoded at that fraction
	double scale;    // below 1: a WebP decoded at that scale
	int page;        // of an animation
	int fail;        // 1: damage after the header is an error; 2: a warning is one too
} vt_file;

int vt_start(void);
VipsImage *vt_open(vt_file f, char **loader);
// vt_sdr brings a picture with a high dynamic range, of numbers with depth bits, down to 8 bits of sRGB. primaries are those
// of ITU-T H.273; hybrid is HLG, else it is PQ. Takes in over.
VipsImage *vt_sdr(VipsImage *in, int depth, int primaries, int hybrid);
VipsImage *vt_base(VipsImage *in, int w, int h, int orientation, int *alpha);
// vt_resize makes a w × h picture of a part of one of 8 bits. Where alpha says that the last of four bands is that,
// transparent pixels have no say in the colour; an alpha that hides nothing is dropped.
VipsImage *vt_resize(VipsImage *in, VipsRect part, int w, int h, int *alpha);
VipsImage *vt_to_srgb(VipsImage *in, int embedded, int intent);
VipsImage *vt_flat(VipsImage *in, int r, int g, int b);
VipsImage *vt_rgba(VipsImage *in, int alpha);
int vt_encode(VipsImage *in, const char *format, int quality, int effort, void **out, size_t *size);

// Inside the shim.
VipsImage *vt_step(VipsImage *in, VipsImage *out, int failed);
VipsImage *vt_in_memory(VipsImage *in);
