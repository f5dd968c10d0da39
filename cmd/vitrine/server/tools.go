package server

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/backup"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/sandbox"
	"vitrine/web/api"
)

// openSandbox opens the folder in which other programs work on files, and removes what they left when a server died.
func openSandbox(c config.Config) (*sandbox.Runner, error) {
	dir := filepath.Join(c.Data, "work")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return nil, err
	}
	if _, err := RemoveTemp(c); err != nil {
		return nil, err
	}
	return sandbox.New(SandboxOptions(c, dir)), nil
}

// AdoptPrefix is the prefix of the folders in which vitrine repair inspects orphans.
const AdoptPrefix = "adopt-"

// RemoveTemp removes what killed commands left in the data folder; folders of running commands stay.
func RemoveTemp(c config.Config) (int, error) {
	return dam.RemoveTemp(c.Data, AdoptPrefix, backup.TempPrefix)
}

// SandboxOptions returns what sandboxed programs may not see: the server's data.
func SandboxOptions(c config.Config, temp string) sandbox.Options {
	private := []string{c.Data}
	if path, local := strings.CutPrefix(c.Storage, "disk:"); local {
		private = append(private, path)
	}
	return sandbox.Options{Temp: temp, Private: private, Room: Volumes(c).In("work folder", cmp.Or(temp, os.TempDir()))}
}

// program is a program that the server uses if it is installed.
type program struct{ name, effect, pkg string }

// programs are ordered by how much is missing without them.
var programs = [...]program{
	{"ffmpeg", "video: posters, clips and MP4; sound: waveforms; TGA, PNM, EXR, DDS and icons", "ffmpeg"},
	{"pdftoppm", "pictures of PDF pages", "poppler-utils"},
	{"rsvg-convert", "pictures of SVG drawings", "librsvg2-bin"},
	{"exiftool", "metadata of PSD, PDF, video, GIF, raw and unusual files; pictures of cameras' raw files, from the " +
		"preview inside; downloads with the current metadata",
		"libimage-exiftool-perl"},
	{"gs", "pictures of EPS and Illustrator drawings", "ghostscript"},
	{"dcraw_emu", "pictures of raw files without a preview inside", "libraw-bin"},
	{"soffice", "pictures of office documents' first pages", "libreoffice-nogui"},
}

// Tools lists the programs and libraries of the machine that the server can use, and how each is sandboxed.
func Tools(box *sandbox.Runner, w *Workers) []api.Tool {
	works := box.Works()
	around := func(wall sandbox.Wall, made string) string {
		if made += " (Debian: bubblewrap)"; box.Walls() != wall && box.WorkerWalls() != wall {
			var why *dam.Error
			if errors.As(works, &why) {
				return made + "; " + why.Text() + ": " + why.Advice()
			}
		}
		return made
	}
	libvips := api.Tool{Name: "libvips", Present: w.Name() == "vips",
		Effect: "renditions at less than half the cost, print profiles, HEIC, AVIF, JPEG XL and JPEG 2000 " +
			"(Debian: libvips-dev, then make build)"}
	if libvips.Present {
		libvips.Walls = box.Describe(box.WorkerWalls())
	} else if w.Demoted != nil {
		libvips.Effect += "; not used, because nothing walls it off: " + w.Demoted.Error()
	}
	list := []api.Tool{
		libvips,
		{Name: "libwebp", Present: imaging.NativeWebP(),
			Effect: "WebP renditions at a third of the cost where libvips is absent (Debian: libwebp-dev)"},
		{Name: "bubblewrap", Present: box.WorkerWalls() == sandbox.Bubblewrap || box.Walls() == sandbox.Bubblewrap,
			Effect: around(sandbox.Bubblewrap,
				"walls off libvips and the programs below; where it does not work, Landlock does")},
	}
	for _, p := range programs {
		t := api.Tool{Name: p.name, Effect: p.effect + " (Debian: " + p.pkg + ")"}
		if err := box.Allows(p.name); err == nil {
			t.Present, t.Walls = true, box.Describe(box.Walls())
		} else if box.Has(p.name) {
			t.Effect += "; not used: " + err.Error()
		}
		list = append(list, t)
	}
	return list
}
