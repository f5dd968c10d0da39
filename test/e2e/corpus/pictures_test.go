package corpus

import (
	"strings"

	"vitrine/dam"
)

// pictures are formats and their variants.
func pictures() (out []sample) {
	add := func(family, ext string, list map[string]string) {
		for name, recipe := range list {
			out = append(out, some(family, name, ext, recipe, imagemagick))
		}
	}
	add("JPEG", "jpg", map[string]string{
		"baseline":                 "im $wheel -quality 95 $out",
		"progressive":              "im $wheel -interlace JPEG -quality 92 $out",
		"4:4:4":                    "im $wheel -sampling-factor 4:4:4 $out",
		"4:2:2":                    "im $wheel -sampling-factor 2x1 $out",
		"4:4:0":                    "im $wheel -sampling-factor 1x2 $out",
		"4:1:1":                    "im $wheel -sampling-factor 4x1 $out",
		"gray":                     "im $wheel -colorspace Gray $out",
		"low quality":              "im $wheel -quality 20 $out",
		"one pixel":                "im $wheel -crop 1x1+60+40 +repage $out",
		"a thin strip":             "im $wheel -resize 900x3! -quality 95 $out",
		"odd sides":                "im $wheel -crop 117x71+0+0 +repage -quality 95 $out",
		"large":                    "im $large -quality 92 $out",
		"large, progressive, gray": "im $large -colorspace Gray -interlace JPEG $out",
		"a comment":                "im $wheel -set comment hello $out",
		"more behind its end":      "im $wheel -quality 95 $out; echo more and more >>$out",
		"its preview inside": "im $wheel -quality 95 $out; im $wheel -resize 40 t.jpg; tag " +
			"'-ThumbnailImage<=t.jpg'",
		"in RGB": "im $wheel -colorspace RGB -set colorspace sRGB -colorspace sRGB -quality 95 $out",
	})
	add("PNG", "png", map[string]string{
		"plain":   "im $wheel png24:$out",
		"16 bits": "im $wheel -depth 16 -define png:bit-depth=16 png48:$out",
		"gray":    "im $wheel -colorspace Gray -define png:color-type=0 $out",
		"gray of 16 bits": "im $wheel -colorspace Gray -define png:color-type=0 -define png:bit-depth=16 " +
			"-depth 16 $out",
		"gray, alpha":               "im $fading -colorspace Gray -define png:color-type=4 $out",
		"alpha":                     "im $fading png32:$out",
		"alpha of 16 bits":          "im $fading -depth 16 png64:$out",
		"palette":                   "im $wheel -colors 200 png8:$out",
		"palette with transparency": "im $wheel -colors 60 -transparent '#141414' -fuzz 30% png8:$out",
		"1 bit":                     "im $wheel -monochrome -define png:color-type=0 -define png:bit-depth=1 $out",
		"2 bits": "im $wheel -colorspace Gray -posterize 4 -depth 2 -define png:color-type=0 " +
			"-define png:bit-depth=2 $out",
		"4 bits": "im $wheel -colorspace Gray -posterize 16 -depth 4 -define png:color-type=0 " +
			"-define png:bit-depth=4 $out",
		"interlaced":            "im $wheel -interlace PNG png24:$out",
		"interlaced of 16 bits": "im $wheel -interlace PNG -depth 16 png48:$out",
		"one transparent colour": "im $wheel -fill white -draw 'rectangle 0,0 30,30' +antialias -transparent " +
			"white -define png:color-type=2 $out",
		"large":     "im $large png24:$out",
		"one pixel": "im $wheel -crop 1x1+60+40 +repage png24:$out",
		"animated":  "ff -loop 1 -t 1 -i $wheel -r 5 -plays 0 -f apng $out",
	})
	add("GIF", "gif", map[string]string{
		"plain":       "im $wheel -colors 255 $out",
		"transparent": "im $fading -channel A -threshold 50% +channel -colors 200 $out",
		"interlaced":  "im $wheel -interlace GIF $out",
		"of 1987":     "im $wheel -colors 16 gif87:$out",
		"animated": "im -delay 10 $wheel \\( $wheel -negate \\) \\( $wheel -rotate 180 \\) -loop " +
			"0 $out",
		"of small frames": "im -size 90x60 xc:red \\( -size 20x20 xc:blue -set page +30+20 \\) \\( -size " +
			"5x5 xc:lime -set page +80+50 \\) -loop 0 $out",
		"whose first frame is a part": "im -page 120x80+20+10 \\( $wheel -resize 60x40! -colors 99 \\) $out",
		"two colours":                 "im $wheel -monochrome $out",
	})
	add("WebP", "webp", map[string]string{
		"lossy":           "im $wheel -quality 90 $out",
		"lossy, alpha":    "im $fading -quality 92 $out",
		"lossless":        "im $wheel -define webp:lossless=true $out",
		"lossless, alpha": "im $fading -define webp:lossless=true $out",
		"large":           "im $large -quality 85 $out",
		"animated":        "im -delay 10 $wheel \\( $wheel -negate \\) -define webp:lossless=true -loop 0 $out",
		"near lossless":   "im $wheel -define webp:lossless=true -define webp:near-lossless=60 $out",
		"one pixel":       "im $wheel -crop 1x1+60+40 +repage $out",
	})
	add("AVIF", "avif", map[string]string{
		"plain": "im $wheel -quality 90 $out",
		"alpha": "im $fading -quality 90 $out",
		"10 bits": "aom " +
			"yuv420p10le $out",
		"4:4:4":     "aom yuv444p $out",
		"gray":      "aom gray $out",
		"odd sides": "im $wheel -crop 117x71+0+0 +repage -quality 90 $out",
	})
	add("HEIC", "heic", map[string]string{
		"plain":     "im $wheel -quality 92 $out",
		"odd sides": "im $wheel -crop 117x71+0+0 +repage -quality 92 $out",
		"large":     "im $large -quality 80 $out",
	})
	float := func(depth string) string { return "-depth " + depth + " -define quantum:format=floating-point " }
	add("TIFF", "tif", map[string]string{
		"plain": "im $wheel $out", "LZW": "im $wheel -compress LZW $out", "Zip": "im $wheel -compress Zip $out",
		"PackBits": "im $wheel -compress RLE $out", "JPEG": "im $wheel -compress JPEG -quality 95 $out",
		"fax 3": "im $wheel -monochrome -compress Fax $out", "fax 4": "im $wheel -monochrome -compress Group4 $out",
		"fax, bits in the other order": "im $wheel -monochrome -compress Group4 -define tiff:fill-order=lsb $out",
		"16 bits":                      "im $wheel -depth 16 $out",
		"16 bits, other byte order":    "im $wheel -depth 16 -endian MSB $out",
		"12 bits":                      "im $wheel -depth 12 $out",
		"14 bits, LZW":                 "im $wheel -depth 14 -compress LZW $out",
		"gray of 4 bits":               "im $wheel -colorspace Gray -posterize 16 -depth 4 $out",
		"gray of 16 bits":              "im $wheel -colorspace Gray -depth 16 $out",
		"1 bit":                        "im $wheel -monochrome $out",
		"palette":                      "im $wheel -colors 200 -type Palette $out",
		"palette, 16 colours":          "im $wheel -colors 16 -type Palette -depth 4 $out",
		"white is zero":                "im $wheel -colorspace Gray -define quantum:polarity=min-is-white $out",
		"signs":                        "im $wheel -depth 8 -define quantum:format=signed $out",
		"signs, 16 bits":               "im $wheel -depth 16 -define quantum:format=signed $out",
		"floating point":               "im $wheel " + float("32") + "$out",
		"floating point of 16 bits":    "im $wheel " + float("16") + "$out",
		"floating point of 64 bits":    "im $wheel " + float("64") + "$out",
		"floating point, Zip":          "im $wheel " + float("32") + "-compress Zip $out",
		"32 bits":                      "im $wheel -depth 32 $out",
		"Lab of 8 bits":                "im $wheel -colorspace Lab -depth 8 $out",
		"Lab of 16 bits":               "im $wheel -colorspace Lab -depth 16 $out",
		"Lab, Zip":                     "im $wheel -colorspace Lab -depth 8 -compress Zip $out",
		"planes":                       "im $wheel -interlace plane $out",
		"planes of 16 bits, LZW":       "im $wheel -interlace plane -depth 16 -compress LZW $out",
		"tiles":                        "im $wheel -define tiff:tile-geometry=32x32 $out",
		"tiles, Zip, predictor": "im $wheel -define tiff:tile-geometry=48x32 -compress Zip -define " +
			"tiff:predictor=2 $out",
		"strips of 7 rows":        "im $wheel -define tiff:rows-per-strip=7 -compress LZW $out",
		"BigTIFF":                 "im $wheel tiff64:$out",
		"BigTIFF of 16 bits, Zip": "im $wheel -depth 16 -compress Zip tiff64:$out",
		"alpha":                   "im $fading $out",
		"alpha of 16 bits":        "im $fading -depth 16 $out",
		"weighted alpha":          "im $fading -define tiff:alpha=associated $out",
		"a spare channel":         "im $fading -define tiff:alpha=unspecified $out",
		"gray, alpha":             "im $fading -colorspace Gray $out",
		"pages":                   "im $wheel \\( $wheel -negate \\) $out",
		"large":                   "im $large -compress LZW $out",
		"YCbCr":                   "im $wheel -colorspace YCbCr -compress JPEG -quality 95 $out",
	})
	for i, s := range out {
		switch s.id() {
		case "TIFF/a spare channel":
			out[i].read = opaque
		case "GIF/whose first frame is a part":
			// ImageMagick fills the rest of the canvas with the background's colour; browsers leave it clear.
			out[i].read = through("convert-im6.q16", "-size", "120x80", "xc:none", "(", "$in[0]", "+repage", ")",
				"-geometry", "+20+10", "-composite")
		}
	}
	add("BMP", "bmp", map[string]string{
		"24 bits": "im $wheel bmp3:$out", "of OS/2": "im $wheel -colors 200 -type Palette bmp2:$out",
		"8 bits": "im $wheel -colors 200 -type Palette bmp3:$out",
		"4 bits": "im $wheel -colors 16 -type Palette bmp3:$out",
		"1 bit":  "im $wheel -monochrome bmp3:$out",
		"runs":   "im $wheel -colors 40 -type Palette -compress RLE bmp3:$out",
		"555":    "im $wheel -define bmp:subtype=RGB555 $out", "565": "im $wheel -define bmp:subtype=RGB565 $out",
		"alpha": "im $fading -define bmp:format=bmp4 $out",
		"gray":  "im $wheel -colorspace Gray -type Grayscale bmp3:$out",
	})
	add("PSD", "psd", map[string]string{
		"plain": "im $wheel $out", "16 bits": "im $wheel -depth 16 $out", "gray": "im $wheel -colorspace Gray $out",
		"Lab": "im $wheel -colorspace Lab $out", "1 bit": "im $wheel -monochrome $out",
		"inks":          "im $wheel -profile $icc/srgb.icc -profile $icc/default_cmyk.icc $out",
		"inks, 16 bits": "im $wheel -profile $icc/srgb.icc -profile $icc/default_cmyk.icc -depth 16 $out",
		"runs":          "im $wheel -compress RLE $out", "not packed": "im $wheel -compress None $out",
		"layers": "im $wheel \\( $wheel -negate -resize 50% -page +10+10 \\) $out",
		"large":  "im $large $out",
	})
	add("PSD", "psb", map[string]string{"large document": "im $wheel psb:$out"})
	djxl := through("djxl", "--quiet", "$in")
	for name, recipe := range map[string]string{
		"lossless": "cjxl --quiet -d 0 $wheel $out", "lossy": "cjxl --quiet -d 0.5 $wheel $out",
		"alpha":       "cjxl --quiet -d 0 $fading $out",
		"16 bits":     "im $wheel -depth 16 png48:w.png; cjxl --quiet -d 0 w.png $out",
		"gray":        "im $wheel -colorspace Gray -define png:color-type=0 w.png; cjxl --quiet -d 0 w.png $out",
		"of a JPEG":   "im $wheel -quality 95 w.jpg; cjxl --quiet w.jpg $out",
		"container":   "cjxl --quiet --container=1 -d 0 $wheel $out",
		"progressive": "cjxl --quiet -p -d 0.5 $wheel $out",
		"animated":    "im -delay 10 $wheel \\( $wheel -negate \\) w.gif; cjxl --quiet -d 0 w.gif $out",
		"large":       "cjxl --quiet -d 1 -e 3 $large $out",
	} {
		out = append(out, some("JPEG XL", name, "jxl", recipe, djxl))
	}
	jp2 := through("ffmpeg", "-v", "error", "-nostdin", "-y", "-i", "$in")
	for name, recipe := range map[string]string{
		"lossless": "opj_compress -i $wheel -o $out", "lossy": "opj_compress -i $wheel -r 8 -o $out",
		"tiles": "opj_compress -i $wheel -t 64,64 -o $out", "one resolution": "opj_compress -i $wheel -n 1 -o $out",
		"alpha":        "opj_compress -i $fading -o $out",
		"gray":         "im $wheel -colorspace Gray w.pgm; opj_compress -i w.pgm -o $out",
		"16 bits":      "im $wheel -depth 16 w.ppm; opj_compress -i w.ppm -o $out",
		"irreversible": "opj_compress -i $wheel -I -r 5 -o $out",
		"large":        "opj_compress -i $large -r 12 -o $out",
	} {
		s := some("JPEG 2000", name, "jp2", recipe, jp2)
		if name == "alpha" {
			s.read = through("opj_decompress", "-i", "$in", "-o")
		}
		out = append(out, s)
	}
	out = append(out, some("JPEG 2000", "codestream", "j2k", "opj_compress -i $wheel -o $out", jp2))
	for name, recipe := range map[string]string{
		"one size":          "im $wheel -resize 48x48! $out",
		"several sizes":     "im $wheel -resize 64x64! -define icon:auto-resize=16,32,64 $out",
		"palette":           "im $wheel -resize 32x32! -colors 16 $out",
		"256, a PNG inside": "im $wheel -resize 256x256! $out",
		"transparent":       "im $fading -resize 48x48! $out",
	} {
		out = append(out, some("ICO", name, "ico", recipe, largest))
	}
	add("TGA", "tga", map[string]string{
		"plain": "im $wheel $out", "runs": "im $wheel -compress RLE $out", "gray": "im $wheel -colorspace Gray $out",
		"alpha": "im $fading $out", "palette": "im $wheel -colors 100 -type Palette $out",
	})
	add("PNM", "ppm", map[string]string{"colours": "im $wheel $out", "in letters": "im $wheel -compress none $out",
		"16 bits": "im $wheel -depth 16 $out", "a comment": "im $wheel -set comment hello $out"})
	add("PNM", "pgm", map[string]string{"gray": "im $wheel -colorspace Gray $out",
		"gray of 16 bits": "im $wheel -colorspace Gray -depth 16 $out"})
	add("PNM", "pbm", map[string]string{"1 bit": "im $wheel -monochrome $out"})
	add("PNM", "pam", map[string]string{"transparent": "im $fading $out", "opaque": "im $wheel -type TrueColor $out"})
	add("EXR", "exr", map[string]string{"half": "im $wheel -depth 16 $out", "Zip": "im $wheel -compress Zip $out",
		"Piz": "im $wheel -compress Piz $out", "runs": "im $wheel -compress RLE $out", "alpha": "im $fading $out"})
	add("DDS", "dds", map[string]string{
		"not packed": "im $wheel -resize 64x64! -define dds:compression=none $out",
		"DXT1":       "im $wheel -resize 64x64! -define dds:compression=dxt1 $out",
		"DXT5":       "im $fading -resize 64x64! -define dds:compression=dxt5 $out"})
	return append(out, unread()...)
}

// unread are pictures that no program reads here: they are kept, with the reason.
func unread() (out []sample) {
	for _, f := range []struct{ name, ext, media, recipe string }{
		{"DPX", "dpx", "", "im $wheel $out"}, {"Radiance", "hdr", "image/vnd.radiance", "im $wheel $out"},
		{"PCX", "pcx", "", "im $wheel $out"}, {"SGI", "sgi", "", "im $wheel $out"},
		{"FITS", "fits", "application/fits", "im $wheel $out"},
		{"XPM", "xpm", "image/x-xpixmap", "im $wheel -colors 9 $out"},
		{"Sun raster", "ras", "", "im $wheel $out"}, {"WBMP", "wbmp", "", "im $wheel $out"},
		{"PICT", "pict", "", "im $wheel $out"},
		{"JNG", "jng", "", "im $wheel $out"}, {"MNG", "mng", "", "im $wheel $out"},
		{"JPEG-LS", "jpg", "image/jpeg", "ff -i $wheel -frames:v 1 -c:v jpegls -f image2 $out"},
		{"lossless JPEG", "jpg", "image/jpeg",
			"ff -i $wheel -frames:v 1 -c:v ljpeg -strict unofficial -pix_fmt yuv444p -f image2 $out"},
	} {
		s := sample{family: "unread", name: f.name, file: "unread-" + f.name + "." + f.ext, make: f.recipe,
			media: f.media,
			kind:  dam.KindImage, read: imagemagick, unread: true, why: "no program reads it here"}
		if s.media == "" {
			s.media = "application/octet-stream"
		}
		if !strings.HasPrefix(s.media, "image/") {
			s.kind = dam.KindOther
		}
		out = append(out, s)
	}
	return out
}

// opaque is imagemagick without transparency, for files whose fourth channel is something else.
func opaque(r reader) reading {
	x := imagemagick(r)
	if x.picture != nil {
		for i := 3; i < len(x.picture.Pix); i += 4 {
			x.picture.Pix[i] = 255
		}
	}
	return x
}

// profiles are colours as files hold them, shown through their profiles.
func profiles() (out []sample) {
	from := "im $wheel -profile $icc/srgb.icc -profile "
	for _, f := range []struct{ name, ext, more string }{{"JPEG", "jpg", "-quality 95"}, {"PNG", "png", ""},
		{"TIFF", "tif", ""}, {"TIFF of 16 bits", "tif", "-depth 16"}, {"WebP", "webp", "-define webp:lossless=true"},
		{"PSD", "psd", ""}, {"AVIF", "avif", "-quality 95"}, {"HEIC", "heic", "-quality 95"},
		{"JPEG XL", "jxl", ""}} {
		profiles := map[string]string{"Display P3": "$p3", "Adobe RGB": "$icc/a98.icc", "ProPhoto": "$icc/rommrgb.icc",
			"sRGB": "$icc/srgb.icc"}
		switch f.ext {
		case "jpg", "tif", "psd":
			profiles["inks"] = "$icc/default_cmyk.icc"
		}
		for name, profile := range profiles {
			recipe := from + profile + " " + f.more + " $out"
			read := imagemagick
			if f.ext == "jxl" {
				recipe, read = from+profile+" w.png; cjxl --quiet -d 0 w.png $out", through("djxl", "--quiet", "$in")
			}
			out = append(out, some("profile", f.name+", "+name, f.ext, recipe, read))
		}
		if f.ext == "jpg" || f.ext == "tif" || f.ext == "png" {
			out = append(out, some("profile", f.name+", gray", f.ext,
				"im $wheel -colorspace Gray -profile $icc/default_gray.icc "+f.more+" $out", imagemagick))
		}
	}
	inks := some("profile", "JPEG, inks without a profile", "jpg", "im $wheel -colorspace CMYK -quality 95 $out",
		imagemagick)
	inks.apart, inks.why = 45, "without a profile inks have no colours; a print profile is assumed, not arithmetic"
	strip := some("profile", "JPEG, a profile that is none", "jpg",
		"im $wheel -quality 95 $out; { head -c 300 $icc/srgb.icc; head -c 2276 /dev/zero; } >p.icc; tag "+
			"'-ICC_Profile<=p.icc'", imagemagick)
	return append(out, inks, strip)
}

// orientations are pictures that lie on their side.
func orientations() (out []sample) {
	for o := 1; o <= 8; o++ {
		n := string(rune('0' + o))
		for _, f := range []struct{ name, ext, recipe string }{{"JPEG", "jpg", "im $wheel -quality 95 $out"},
			{"PNG", "png", "im $wheel png24:$out"}, {"WebP", "webp", "im $wheel -define webp:lossless=true $out"},
			{"TIFF", "tif", "im $wheel $out"}} {
			out = append(out, some("orientation", f.name+" "+n, f.ext, f.recipe+"; tag -n -IFD0:Orientation="+n,
				imagemagick))
		}
	}
	for _, angle := range []string{"90", "180", "270"} {
		out = append(out, some("orientation", "HEIC turned "+angle, "heic",
			"im $wheel -quality 92 $out; tag -n -QuickTime:Rotation="+angle, imagemagick))
	}
	for _, f := range []struct{ name, ext string }{{"HEIC", "heic"}, {"AVIF", "avif"}} {
		// A container's own turn counts, as the standard has it, and EXIF's does not.
		out = append(out, some("orientation", f.name+", EXIF alone", f.ext,
			"im $wheel -quality 92 $out; tag -n -IFD0:Orientation=6", imagemagick))
	}
	return append(out,
		some("orientation", "JPEG, large, 6", "jpg", "im $large -quality 90 $out; tag -n -IFD0:Orientation=6",
			imagemagick),
		// ImageMagick goes by XMP, too; browsers and libvips go by EXIF alone.
		some("orientation", "JPEG, XMP only", "jpg", "im $wheel -quality 95 $out; tag -n -XMP-tiff:Orientation=6",
			through("convert-im6.q16", "$in", "-strip", "-orient", "TopLeft")),
		some("orientation", "JPEG, of no meaning", "jpg", "im $wheel -quality 95 $out; tag -n -IFD0:Orientation=0",
			imagemagick))
}
