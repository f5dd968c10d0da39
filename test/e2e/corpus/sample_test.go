package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/rendition/renditiontest"
)

// sample is a file to make, and what is right about it.
type sample struct {
	family, name string
	file         string // what it is uploaded as
	make         string // shell commands that write the file $out
	ext          string // of $out, where it is not that of file
	damage       func([]byte) []byte
	media        string // its type by content
	kind         dam.Kind
	// read is the reader of what the file shows, nil where it shows nothing.
	read func(reader) reading
	// apart is how far pixels may be from the reader's on average, of 255; 2 when 0.
	apart float64
	// but names fields of which the other reader is not the judge, with what is right; "" is none.
	but map[string]string
	// unread marks files that are kept and not shown, though the other reader knows them.
	unread bool
	// quiet marks damage that shows in the picture as in the other reader's, without a note.
	quiet bool
	// why says the reason for apart, but, unread or quiet.
	why   string
	short bool // is part of short runs
}

func (s sample) id() string { return s.family + "/" + s.name }

// inShort marks the samples that a short run takes too.
func inShort(list []sample, names ...string) []sample {
	for _, n := range names {
		found := false
		for i := range list {
			if list[i].id() == n {
				list[i].short, found = true, true
			}
		}
		if !found {
			panic("no sample " + n)
		}
	}
	return list
}

func samples() []sample {
	var all []sample
	for _, list := range [][]sample{pictures(), profiles(), orientations(), drawings(), films(), sounds(), documents(),
		facts(), damages()} {
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b sample) int { return strings.Compare(a.id(), b.id()) })
	return inShort(all, shortRun...)
}

// shortRun has each family and each kind of comparison.
var shortRun = []string{"JPEG/progressive", "PNG/palette with transparency", "GIF/animated", "WebP/lossless, alpha",
	"AVIF/10 bits", "HEIC/plain", "TIFF/Lab of 16 bits", "TIFF/BigTIFF", "BMP/runs", "PSD/inks", "JPEG XL/lossless",
	"JPEG 2000/lossless", "ICO/several sizes", "EXR/half", "SVG/behind a comment", "PDF/turned page", "EPS/plain",
	"film/MP4, turned 90", "film/transport stream", "sound/M4A", "document/docx", "orientation/JPEG 6",
	"metadata/JPEG, all fields", "metadata/GPS south west", "damage/JPEG, cut at the half"}

// prelude are the words that recipes are written in.
const prelude = `set -e
im() { convert-im6.q16 "$@"; }
tag() { exiftool -config "" -q -q -m -overwrite_original "$@" "$out"; }
ff() { ffmpeg -v error -nostdin -y "$@"; }
aom() { ff -i $wheel -frames:v 1 -c:v libaom-av1 -still-picture 1 -crf 8 -cpu-used 6 -pix_fmt "$@"; }
`

// ingredients writes what recipes are made of: $wheel, $fading (with transparency), $large, $p3, and $icc, the folder
// of Debian's libgs-common, which ghostscript needs.
func (c *corpus) ingredients(t *testing.T) {
	t.Helper()
	for name, m := range map[string]image.Image{"wheel.png": wheel(120, 80, false), "fading.png": wheel(120, 80, true),
		"large.png": wheel(2400, 1600, false)} {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		c.write(t, name, b.Bytes())
	}
	c.write(t, "p3.icc", renditiontest.DisplayP3())
}

func (c *corpus) write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// made is the sample's file, and its path for other readers, who go by the ending.
func (c *corpus) made(t *testing.T, s sample) (path string, file []byte) {
	t.Helper()
	dir := t.TempDir()
	ext := s.ext
	if ext == "" {
		ext = filepath.Ext(s.file)
	}
	path = filepath.Join(dir, "made"+ext)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", prelude+s.make) //nolint:gosec // a test's own words
	cmd.Dir = dir
	in := func(name string) string { return filepath.Join(c.dir, name) }
	cmd.Env = append(os.Environ(), "out="+path, "wheel="+in("wheel.png"), "fading="+in("fading.png"),
		"large="+in("large.png"), "p3="+in("p3.icc"), "icc=/usr/share/color/icc/ghostscript", "HOME="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", s.make, err, out)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if s.damage != nil {
		file = s.damage(file)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path, file
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// kinds are the types of content by the ending that other programs give it.
var kinds = map[string]struct {
	media string
	kind  dam.Kind
}{
	"jpg": {"image/jpeg", dam.KindImage}, "png": {"image/png", dam.KindImage}, "gif": {"image/gif", dam.KindImage},
	"webp": {"image/webp", dam.KindImage}, "avif": {"image/avif", dam.KindImage},
	"heic": {"image/heic", dam.KindImage}, "tif": {"image/tiff", dam.KindImage}, "bmp": {"image/bmp", dam.KindImage},
	"psd": {"image/vnd.adobe.photoshop", dam.KindImage}, "psb": {"image/vnd.adobe.photoshop", dam.KindImage},
	"jxl": {"image/jxl", dam.KindImage}, "jp2": {"image/jp2", dam.KindImage},
	"j2k": {"image/x-jp2-codestream", dam.KindImage}, "ico": {"image/x-icon", dam.KindImage},
	"tga": {"image/x-tga", dam.KindImage}, "pbm": {"image/x-portable-bitmap", dam.KindImage},
	"pgm": {"image/x-portable-graymap", dam.KindImage}, "ppm": {"image/x-portable-pixmap", dam.KindImage},
	"pam": {"image/x-portable-arbitrarymap", dam.KindImage}, "exr": {"image/x-exr", dam.KindImage},
	"dds": {"image/vnd-ms.dds", dam.KindImage}, "svg": {"image/svg+xml", dam.KindImage},
	"svgz": {"image/svg+xml-compressed", dam.KindImage}, "eps": {"image/x-eps", dam.KindImage},
	"pdf": {"application/pdf", dam.KindDocument}, "mp4": {"video/mp4", dam.KindVideo},
	"mov": {"video/quicktime", dam.KindVideo}, "mkv": {"video/matroska", dam.KindVideo},
	"webm": {"video/webm", dam.KindVideo}, "ts": {"video/mp2t", dam.KindVideo}, "m2ts": {"video/mp2t", dam.KindVideo},
	"avi": {"video/x-msvideo", dam.KindVideo}, "mpg": {"video/mpeg", dam.KindVideo},
	"flv": {"video/x-flv", dam.KindVideo}, "wmv": {"video/x-ms-asf", dam.KindVideo},
	"3gp": {"video/3gpp", dam.KindVideo}, "ogv": {"video/ogg", dam.KindVideo},
	"mp3": {"audio/mpeg", dam.KindAudio}, "wav": {"audio/wav", dam.KindAudio}, "flac": {"audio/flac", dam.KindAudio},
	"ogg": {"audio/ogg", dam.KindAudio}, "opus": {"audio/ogg", dam.KindAudio}, "m4a": {"audio/x-m4a", dam.KindAudio},
	"aiff": {"audio/aiff", dam.KindAudio}, "mka": {"audio/matroska", dam.KindAudio},
	"aac": {"audio/aac", dam.KindAudio},
}

// some makes a sample of a format by the ending of its name, with its usual reader.
func some(family, name, ext, recipe string, read func(reader) reading) sample {
	k, ok := kinds[ext]
	if !ok {
		panic("no format " + ext)
	}
	file := strings.Map(func(r rune) rune {
		if strings.ContainsRune(` ,./%`, r) {
			return '-'
		}
		return r
	}, family+"-"+name) + "." + ext
	return sample{family: family, name: name, file: file, make: recipe, media: k.media, kind: k.kind, read: read}
}
