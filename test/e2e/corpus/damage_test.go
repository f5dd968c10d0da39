package corpus

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"vitrine/dam"
)

// cut keeps the first per cent of a file.
func cut(percent int) func([]byte) []byte {
	return func(b []byte) []byte { return b[:len(b)*percent/100] }
}

// flipped changes three runs of bytes behind the header.
func flipped(b []byte) []byte {
	b = slices.Clone(b)
	for _, at := range []int{45, 60, 75} {
		for i := range 4 {
			if p := len(b)*at/100 + i; p < len(b) {
				b[p] ^= 0xa5
			}
		}
	}
	return b
}

// zeroed has nothing but zeroes behind its half, as disks leave it after a power cut.
func zeroed(b []byte) []byte {
	b = slices.Clone(b)
	clear(b[len(b)/2:])
	return b
}

func lacking(n int) func([]byte) []byte {
	return func(b []byte) []byte { return b[:len(b)-n] }
}

// over writes bytes over a place.
func over(at int, with ...byte) func([]byte) []byte {
	return func(b []byte) []byte {
		b = slices.Clone(b)
		copy(b[at:], with)
		return b
	}
}

// damages are files that are not whole, and files that are not what their name says.
func damages() (out []sample) {
	const still = "ff -loop 1 -framerate 10 -t 2 -i $wheel -c:v libx264 -crf 4 -preset veryfast -pix_fmt yuv420p "
	const tone = "ff -f lavfi -i sine=duration=4 "
	page := "cat >w.svg <<'END'\n" + svg + "\nEND\n" + toPDF
	for _, f := range []struct {
		name, ext, recipe string
		read              func(reader) reading
	}{
		{"JPEG", "jpg", "im $wheel -quality 95 $out", imagemagick},
		{"progressive JPEG", "jpg", "im $wheel -interlace JPEG -quality 95 $out", imagemagick},
		{"PNG", "png", "im $wheel png24:$out", imagemagick},
		{"interlaced PNG", "png", "im $wheel -interlace PNG png24:$out", imagemagick},
		{"GIF", "gif", "im $wheel $out", imagemagick},
		{"animated GIF", "gif", "im -delay 10 $wheel \\( $wheel -negate \\) $out", imagemagick},
		{"WebP", "webp", "im $wheel -quality 90 $out", imagemagick},
		{"lossless WebP", "webp", "im $wheel -define webp:lossless=true $out", imagemagick},
		{"TIFF", "tif", "im $wheel -compress none $out", imagemagick},
		{"TIFF, LZW", "tif", "im $wheel -compress LZW $out", imagemagick},
		{"TIFF, floating point", "tif", "im $wheel -depth 32 -define quantum:format=floating-point $out", imagemagick},
		{"BMP", "bmp", "im $wheel bmp3:$out", imagemagick},
		{"PSD", "psd", "im $wheel $out", imagemagick},
		{"AVIF", "avif", "im $wheel -quality 90 $out", imagemagick},
		{"HEIC", "heic", "im $wheel -quality 90 $out", imagemagick},
		{"JPEG XL", "jxl", "cjxl --quiet -d 0 $wheel $out", through("djxl", "--quiet", "$in")},
		{"JPEG 2000", "jp2", "opj_compress -i $wheel -o $out", through("opj_decompress", "-quiet", "-i", "$in", "-o")},
		{"TGA", "tga", "im $wheel $out", imagemagick},
		{"PNM", "ppm", "im $wheel $out", imagemagick},
		{"EXR", "exr", "im $wheel -compress Zip $out", imagemagick},
		{"ICO", "ico", "im $wheel -resize 64x64! $out", imagemagick},
		{"SVG", "svg", write(svg), msvg},
		{"PDF", "pdf", page + "cp w.pdf $out", ghostscript},
		{"MP4", "mp4", still + "$out", ffmpegFilm},
		{"MP4, fast start", "mp4", still + "-movflags +faststart $out", ffmpegFilm},
		{"Matroska", "mkv", still + "$out", ffmpegFilm},
		{"transport stream", "ts", still + "-f mpegts $out", ffmpegFilm},
		{"MP3", "mp3", tone + "$out", ffmpegSound},
		{"WAV", "wav", tone + "$out", ffmpegSound},
		{"FLAC", "flac", tone + "$out", ffmpegSound},
	} {
		for name, how := range map[string]func([]byte) []byte{"cut at a tenth": cut(10), "cut at the half": cut(50),
			"cut at nine tenths": cut(90), "flipped bytes": flipped, "zeroes from the half on": zeroed} {
			s := some("damage", f.name+", "+name, f.ext, f.recipe, f.read)
			s.damage = how
			if f.name == "JPEG" && name == "flipped bytes" {
				s.quiet, s.why = true,
					"these bytes make other pixels of it and leave some over, which libjpeg says when it "+
						"looks for the end; libvips stops at the last pixel, as browsers do"
			}
			if s.kind == dam.KindVideo {
				s.apart, s.why = 60, "what a decoder makes of damage differs with its number of threads"
			}
			if f.ext == "tga" && strings.HasPrefix(name, "cut") {
				s.unknownTGA()
			}
			out = append(out, s)
		}
	}
	for name, c := range map[string]struct {
		ext, recipe string
		damage      func([]byte) []byte
	}{
		"JPEG, the last two bytes missing": {"jpg", "im $wheel -quality 95 $out", lacking(2)},
		"PNG, its end missing":             {"png", "im $wheel png24:$out", lacking(12)},
		"GIF, its end missing":             {"gif", "im $wheel $out", lacking(1)},
		"JPEG of 65,500 pixels":            {"jpg", "im $wheel -quality 95 $out", hugeJPEG},
		"PNG of 60,000 pixels":             {"png", "im $wheel png24:$out", hugePNG},
		"GIF of 65,535 pixels":             {"gif", "im $wheel $out", over(6, 0xff, 0xff, 0xff, 0xff)},
		"BMP of 100,000 pixels": {"bmp", "im $wheel bmp3:$out",
			over(18, 0xa0, 0x86, 1, 0, 0xa0, 0x86, 1, 0)},
		"PSD of 30,000 pixels":   {"psd", "im $wheel $out", over(14, 0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30)},
		"TGA of 65,535 pixels":   {"tga", "im $wheel $out", over(12, 0xff, 0xff, 0xff, 0xff)},
		"TIFF of 100,000 pixels": {"tif", "im $wheel $out", hugeTIFF},
		"EXR of 100,000 pixels":  {"exr", "im $wheel $out", hugeEXR},
		"WebP of 16,383 pixels":  {"webp", "im $wheel -quality 90 $out", over(26, 0xff, 0x3f, 0xff, 0x3f)},
		"ICO of no pictures":     {"ico", "im $wheel -resize 32x32! $out", over(4, 9, 0)},
		"PNM of 99,999 pixels":   {"ppm", "printf 'P6\\n99999 99999\\n255\\nabc' >$out", cut(100)},
		"PNG without pixels":     {"png", "im $wheel png24:$out", over(16, 0, 0, 0, 0, 0, 0, 0, 0)},
	} {
		s := some("damage", name, c.ext, c.recipe, imagemagick)
		s.damage = c.damage
		if c.ext == "tga" {
			s.unknownTGA()
		}
		out = append(out, s)
	}
	// What the name says is not what it is.
	for _, c := range []struct{ is, as, recipe string }{
		{"png", "jpg", "im $wheel png24:$out"}, {"jpg", "png", "im $wheel -quality 95 $out"},
		{"webp", "jpg", "im $wheel -quality 90 $out"}, {"tif", "psd", "im $wheel $out"},
		{"psd", "tif", "im $wheel $out"},
		{"gif", "mp4", "im $wheel $out"}, {"jpg", "pdf", "im $wheel -quality 95 $out"},
		{"heic", "jpg", "im $wheel $out"},
	} {
		s := some("damage", c.is+" called "+c.as, c.is, c.recipe, imagemagick)
		s.file, s.ext = s.file[:len(s.file)-len(c.is)]+c.as, "."+c.is
		out = append(out, s)
	}
	for _, ext := range []string{"jpg", "png", "mp4", "pdf"} {
		empty := some("damage", "empty "+ext, ext, ": >$out",
			func(reader) reading { return reading{complaint: "empty"} })
		empty.damage = cut(100)
		zeroes := some("damage", "zeroes called "+ext, ext, "head -c 4000 /dev/zero >$out", nil)
		zeroes.media, zeroes.kind = "application/octet-stream", dam.KindOther
		noise := some("damage", "text called "+ext, ext, "printf 'this is no picture\\n' >$out", nil)
		noise.media, noise.kind = "text/plain", dam.KindDocument
		out = append(out, empty, zeroes, noise)
	}
	return out
}

// unknownTGA: the format has no mark, so that one whose size isn't right can't be told from anything.
func (s *sample) unknownTGA() { s.media, s.kind = "application/octet-stream", dam.KindOther }

// hugeJPEG says in its frame header that it is as large as a JPEG can be.
func hugeJPEG(b []byte) []byte {
	b = slices.Clone(b)
	at := bytes.Index(b, []byte{0xff, 0xc0, 0, 17})
	if at < 0 {
		panic(fmt.Sprintf("no frame header in %d bytes", len(b)))
	}
	binary.BigEndian.PutUint16(b[at+5:], 65500)
	binary.BigEndian.PutUint16(b[at+7:], 65500)
	return b
}

// hugeTIFF says so in the entries of its first directory.
func hugeTIFF(b []byte) []byte {
	b = slices.Clone(b)
	le := binary.LittleEndian
	at := int(le.Uint32(b[4:]))
	for i := range int(le.Uint16(b[at:])) {
		if e := b[at+2+12*i:]; le.Uint16(e) == 0x100 || le.Uint16(e) == 0x101 {
			le.PutUint16(e[2:], 4)
			le.PutUint32(e[8:], 100_000)
		}
	}
	return b
}

func hugeEXR(b []byte) []byte {
	b = slices.Clone(b)
	for _, name := range []string{"dataWindow", "displayWindow"} {
		at := bytes.Index(b, []byte(name+"\x00box2i\x00")) + len(name) + 7 + 4
		binary.LittleEndian.PutUint32(b[at+8:], 99_999)
		binary.LittleEndian.PutUint32(b[at+12:], 99_999)
	}
	return b
}

func hugePNG(b []byte) []byte {
	b = slices.Clone(b)
	binary.BigEndian.PutUint32(b[16:], 60000)
	binary.BigEndian.PutUint32(b[20:], 60000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}
