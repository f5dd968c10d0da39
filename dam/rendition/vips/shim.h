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
	int fail;        // 1: damage after the header is an error
} vt_file;

int vt_start(void);
VipsImage *vt_open(vt_file f, char **loader);
VipsImage *vt_base(VipsImage *in, int box, int orientation, int *alpha);
VipsImage *vt_resize(VipsImage *in, int left, int top, int width, int height, int w, int h);
VipsImage *vt_to_srgb(VipsImage *in, int embedded, int intent);
VipsImage *vt_straight(VipsImage *in);
VipsImage *vt_flat(VipsImage *in, int r, int g, int b);
VipsImage *vt_rgba(VipsImage *in, int alpha);
int vt_encode(VipsImage *in, int format, int quality, int effort, void **out, size_t *size);
void vt_premultiply(uint8_t *p, size_t pixels);
