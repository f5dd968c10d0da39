package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// formats are files that the older build refused, could not show, or showed wrongly, and two that it showed as they
// are. The wrong one is out on a channel, which can be updated.
func (w *world) formats() error {
	if err := w.channel("folder", "bucket", object{"folder": "site"}, object{"query": "title:lab",
		"presets": []string{"thumb"}, "enabled": true}); err != nil {
		return err
	}
	for _, f := range []struct {
		file string
		args []string
	}{
		{"lab.tif", []string{"-size", "96x64", "xc:#e08020", "-colorspace", "Lab", "-depth", "8", "tiff:-"}},
		{"plain.tif", []string{"-size", "96x64", "xc:#2080e0", "-depth", "8", "tiff:-"}},
		{"inks.psd", []string{"-size", "96x64", "xc:#20c060", "-colorspace", "CMYK", "-depth", "8", "psd:-"}},
		{"old.tga", []string{"-size", "96x64", "xc:#c02060", "tga:-"}},
	} {
		data, err := exec.Command("convert", f.args...).Output()
		if err != nil {
			return fmt.Errorf("convert %v: %w", f.args, err)
		}
		if err := w.approved(f.file, f.file, data); err != nil {
			return err
		}
	}
	if err := w.approved("photo.jpg", "photo.jpg", jpg(3)); err != nil {
		return err
	}
	huge := encoded(func(out io.Writer) error {
		return png.Encode(out, image.NewPaletted(image.Rect(0, 0, 11_000, 10_000),
			color.Palette{color.Black, color.White}))
	})
	_ = w.upload("admin", "bits", "bits.bmp", sixteenBits())
	_ = w.upload("admin", "huge", "huge.png", huge)
	var q struct{ Items []struct{ ID string } }
	if err := w.get("/api/quarantine", &q); err != nil {
		return err
	}
	if len(q.Items) != 2 {
		return fmt.Errorf("%d files are in quarantine", len(q.Items))
	}
	w.idle()
	return w.until("a publication", func() bool {
		made, err := filepath.Glob(filepath.Join(w.dir, "publish", "site", "*"))
		if err != nil || len(made) == 0 {
			made, _ = filepath.Glob(filepath.Join(w.dir, "*", "site", "*"))
		}
		return len(made) > 0
	})
}

// sixteenBits is a BMP of 5, 6 and 5 bits a colour, in Windows' first form.
func sixteenBits() []byte {
	const width, height = 64, 48
	var b bytes.Buffer
	le := func(v ...any) {
		for _, x := range v {
			if err := binary.Write(&b, binary.LittleEndian, x); err != nil {
				panic(err) // into memory
			}
		}
	}
	b.WriteString("BM")
	le(uint32(66+width*height*2), uint32(0), uint32(66), uint32(40), int32(width), int32(height), uint16(1), uint16(16),
		uint32(3), uint32(width*height*2), uint32(2835), uint32(2835), uint32(0), uint32(0), uint32(0xf800),
		uint32(0x7e0),
		uint32(0x1f))
	for range width * height {
		le(uint16(0xfd20)) // orange
	}
	return b.Bytes()
}

// makeFormats fills an installation with formats, ends it and packs it.
func makeFormats(binary, work, out string) error {
	w := &world{binary: binary, dir: filepath.Join(work, "formats")}
	if err := w.start(); err != nil {
		return err
	}
	defer w.kill()
	if err := w.formats(); err != nil {
		return fmt.Errorf("%w\n%s", err, w.log.String())
	}
	w.kill()
	for _, name := range []string{"index", "uploads"} { // what the server makes anew
		if err := os.RemoveAll(filepath.Join(w.dir, name)); err != nil {
			return err
		}
	}
	return pack(w.dir, filepath.Join(out, "formats.tar.gz"))
}
