package dam

import "testing"

func TestSidecarOf(t *testing.T) {
	for _, c := range []struct {
		file, want string
		folder     []string
	}{
		{"IMG_1.jpg", "IMG_1.xmp", []string{"IMG_1.jpg", "IMG_1.xmp"}},
		{"IMG_1.CR2", "IMG_1.cr2.XMP", []string{"IMG_1.CR2", "IMG_1.xmp", "IMG_1.cr2.XMP"}},
		{"IMG_1.CR2", "img_1.xmp", []string{"IMG_1.CR2", "IMG_1.JPG", "img_1.xmp"}},
		{"IMG_1.JPG", "", []string{"IMG_1.CR2", "IMG_1.JPG", "img_1.xmp"}},
		{"IMG_1.CR2", "", []string{"IMG_1.CR2", "IMG_1.DNG", "IMG_1.xmp"}},
		{"IMG_1.jpg", "", []string{"IMG_1.jpg", "IMG_1.png", "IMG_1.xmp"}},
		{"IMG_1.jpg", "", []string{"IMG_1.jpg", "._IMG_1.xmp", "IMG_10.xmp"}},
		{"a.b.jpg", "a.b.xmp", []string{"a.b.jpg", "a.b.xmp"}},
		{"é.jpg", "É.xmp", []string{"é.jpg", "É.xmp"}},
	} {
		if got := SidecarOf(c.file, c.folder); got != c.want {
			t.Errorf("%s of %v has %q, want %q", c.file, c.folder, got, c.want)
		}
	}
}
