package content

import (
	"testing"

	"vitrine/dam"
)

func TestNegotiate(t *testing.T) {
	all := []dam.Format{dam.AVIF, dam.WebP, dam.JPEG, dam.PNG}
	for _, c := range []struct {
		accept string
		list   []dam.Format
		want   dam.Format
	}{
		{"", all, dam.JPEG},
		{"*/*", all, dam.JPEG},
		{"image/*;q=0.1", all, dam.JPEG},
		{"image/avif,image/webp,*/*;q=0.8", all, dam.AVIF},
		{"image/avif;q=0.5,image/webp", all, dam.WebP},
		{"IMAGE/WEBP", all, dam.WebP},
		{"image/avif;q=0, */*", all, dam.JPEG},
		{"image/jpeg;q=0.2, image/png;q=0.9", all, dam.PNG},
		{"image/jpeg; q=0, */*", all, dam.PNG},
		{"video/*", []dam.Format{dam.JPEG, dam.MP4}, dam.MP4},
		{"image/*", []dam.Format{dam.MP4, dam.JPEG}, dam.JPEG},
		{"text/html", all, dam.JPEG},
		{"text/html", []dam.Format{dam.AVIF, dam.WebP}, dam.WebP},
	} {
		if got := Negotiate(c.list, func(f dam.Format) dam.Format { return f }, c.accept); got != c.want {
			t.Errorf("Accept %q of %v: %s, want %s", c.accept, c.list, got, c.want)
		}
	}
	if Accepts(dam.WebP, "*/*") || !Accepts(dam.WebP, "image/webp") || !Accepts(dam.PNG, "") || Accepts(dam.AVIF, "") {
		t.Error("WebP and AVIF have to be named, PNG need not")
	}
}
