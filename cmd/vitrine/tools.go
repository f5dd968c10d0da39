package main

import (
	"errors"
	"os"
	"path/filepath"

	"vitrine/dam"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/rendition/vips"
	"vitrine/web/api"
)

// openSandbox makes the place where other programs work on files. What they had not finished when a server died goes.
func openSandbox(c Config) (*sandbox.Runner, error) {
	dir := filepath.Join(c.Data, "work")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return nil, err
	}
	return sandbox.New(sandbox.Options{Temp: dir}), nil
}

// program is one that the server uses when it is there.
type program struct{ name, effect, pkg string }

// programs, by how much is lost without them.
var programs = [...]program{
	{"ffmpeg", "video: posters, clips and MP4; sound: waveforms; Photoshop files", "ffmpeg"},
	{"pdftoppm", "pictures of PDF pages", "poppler-utils"},
	{"rsvg-convert", "pictures of SVG drawings", "librsvg2-bin"},
	{"exiftool", "pictures of cameras' raw files, from the preview inside; downloads with the current metadata", "libimage-exiftool-perl"},
	{"soffice", "pictures of office documents' first pages", "libreoffice-nogui"},
}

// tools are the programs and libraries of the machine that make a difference.
func tools(box *sandbox.Runner) []api.Tool {
	fenced := "isolates the programs below; none of them is used without it (Debian: bubblewrap)"
	works := box.Works()
	var why *dam.Error
	if errors.As(works, &why) {
		fenced += "; " + why.Message + ": " + why.Remedy
	}
	list := []api.Tool{
		{Name: "libvips", Present: vips.Built, Effect: "renditions at less than half the cost, print profiles, HEIC and AVIF (Debian: libvips-dev, then make build)"},
		{Name: "libwebp", Present: imaging.NativeWebP(), Effect: "WebP renditions at a third of the cost where libvips is absent (Debian: libwebp-dev)"},
		{Name: "bubblewrap", Present: works == nil, Effect: fenced},
	}
	for _, p := range programs {
		list = append(list, api.Tool{Name: p.name, Present: works == nil && box.Has(p.name), Effect: p.effect + " (Debian: " + p.pkg + ")"})
	}
	return list
}
