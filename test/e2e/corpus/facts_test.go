package corpus

import "strings"

// allFields are what a caption writer fills in.
const allFields = `tag -XMP-dc:Title="Fauteuil d'été" -XMP-dc:Description='À la Bastille' -XMP-dc:Creator='Ada Martin' ` +
	`-XMP-dc:Rights='© Maison' -XMP-dc:Subject=rotin -XMP-dc:Subject='bord de mer' -XMP-xmp:Rating=4 ` +
	`-XMP-photoshop:DateCreated='2024:05:01 10:30:00+02:00' -XMP-exif:GPSLatitude=-33.8568 -XMP-exif:GPSLongitude=151.2153 ` +
	`-XMP-iptcCore:AltTextAccessibility='Un fauteuil' -XMP-plus:LicenseStartDate=2024:01:01 -XMP-plus:LicenseEndDate=2025:12:31`

// facts are what files say of themselves.
func facts() (out []sample) {
	formats := []struct{ name, ext, recipe string }{
		{"JPEG", "jpg", "im $wheel -quality 95 $out"}, {"PNG", "png", "im $wheel png24:$out"},
		{"WebP", "webp", "im $wheel -quality 90 $out"}, {"TIFF", "tif", "im $wheel $out"},
		{"GIF", "gif", "im $wheel $out"}, {"PSD", "psd", "im $wheel $out"},
		{"HEIC", "heic", "im $wheel -quality 90 $out"}, {"AVIF", "avif", "im $wheel -quality 90 $out"},
		{"JPEG 2000", "jp2", "opj_compress -i $wheel -o $out >/dev/null"},
		{"JPEG XL", "jxl", "cjxl --quiet --container=1 -d 0 $wheel $out"},
		{"PDF", "pdf", "cat >w.svg <<'END'\n" + svg + "\nEND\n" + toPDF + "cp w.pdf $out"},
		{"MP4", "mp4", "ff -loop 1 -framerate 10 -t 1 -i $wheel -c:v libx264 -pix_fmt yuv420p $out"},
		{"QuickTime", "mov", "ff -loop 1 -framerate 10 -t 1 -i $wheel -c:v libx264 -pix_fmt yuv420p $out"},
		{"EPS", "eps", write("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 120 80\n%%EndComments\n0 0 60 40 " +
			"rectfill\nshowpage\n%%EOF")},
	}
	add := func(name, ext, recipe string) *sample {
		out = append(out, some("metadata", name, ext, recipe, nothing))
		return &out[len(out)-1]
	}
	for _, f := range formats {
		add(f.name+", all fields", f.ext, f.recipe+"; "+allFields)
		add(f.name+", none", f.ext, f.recipe)
	}
	exif := "tag -IFD0:ImageDescription='Une légende' -IFD0:Artist='Ada Martin' -IFD0:Copyright='© Maison' " +
		"-ExifIFD:DateTimeOriginal='2024:05:01 10:30:00' -ExifIFD:OffsetTimeOriginal=+02:00 " +
		"-n -GPS:GPSLatitude=48.8584 " +
		"-GPS:GPSLatitudeRef=N -GPS:GPSLongitude=2.2945 -GPS:GPSLongitudeRef=E"
	for _, f := range formats {
		switch f.name {
		case "JPEG", "PNG", "WebP", "TIFF", "HEIC", "AVIF", "PSD", "JPEG XL", "JPEG 2000":
			add(f.name+", EXIF", f.ext, f.recipe+"; "+exif)
		}
		switch f.name {
		case "JPEG", "TIFF", "PSD":
			iptc := " -IPTC:ObjectName='Été' -IPTC:Caption-Abstract='À la plage' -IPTC:Keywords=rotin " +
				"-IPTC:Keywords=forêt " +
				"-IPTC:By-line='Zoë Martin' -IPTC:CopyrightNotice='© Maison' -IPTC:DateCreated=2024:05:01 " +
				"-IPTC:TimeCreated='10:30:00+02:00'"
			add(f.name+", IPTC in UTF-8", f.ext, f.recipe+"; tag -IPTC:CodedCharacterSet=UTF8"+iptc)
			add(f.name+", IPTC in Latin-1", f.ext, f.recipe+"; tag"+iptc)
		}
	}
	add("PDF, its own fields", "pdf", formats[10].recipe+"; tag -PDF:Title='Catalogue été' -PDF:Author='Ada Martin' "+
		"-PDF:Subject='Prix' -PDF:Keywords='rotin, plage'")
	for _, f := range formats[11:13] {
		add(f.name+", its own fields", f.ext, f.recipe+"; tag -ItemList:Title='Le quai' -ItemList:Artist='Ada Martin' "+
			"-Keys:CreationDate='2024:03:31 03:30:00+02:00' -Keys:GPSCoordinates='48.8577, 2.295'")
		add(f.name+", its header's date", f.ext, f.recipe+"; tag -QuickTime:CreateDate='2024:03:31 01:30:00'")
	}
	tone := "ff -f lavfi -i sine=duration=1 -metadata title='Le quai' -metadata artist='Ada Martin' -metadata " +
		"copyright='© Maison' "
	for name, ext := range map[string]string{"MP3": "mp3", "FLAC": "flac", "Ogg": "ogg", "M4A": "m4a", "WAV": "wav"} {
		add(name+", its own fields", ext, tone+"$out")
	}
	add("MP3, ID3 2.3", "mp3", tone+"-id3v2_version 3 $out")
	add("MP3, ID3 1", "mp3", tone+"-id3v2_version 0 -write_id3v1 1 $out")
	add("Matroska, its own fields", "mkv",
		"ff -loop 1 -framerate 10 -t 1 -i $wheel -c:v libx264 -metadata title='Le quai' $out")

	jpeg := func(name, args string) *sample { return add(name, "jpg", "im $wheel -quality 95 $out; "+args) }
	for name, at := range map[string][2]string{"north east": {"48.8584", "2.2945"},
		"north west": {"40.6892", "-74.0445"},
		"south east": {"-33.8568", "151.2153"}, "south west": {"-22.9519", "-43.2105"}} {
		ns, ew := "N", "E"
		if strings.HasPrefix(at[0], "-") {
			ns = "S"
		}
		if strings.HasPrefix(at[1], "-") {
			ew = "W"
		}
		gps := "tag -n -GPS:GPSLatitude=" + at[0] + " -GPS:GPSLongitude=" + at[1] + " -GPS:GPSLatitudeRef=" + ns +
			" -GPS:GPSLongitudeRef=" + ew
		jpeg("GPS "+name, gps+" -GPS:GPSAltitude=35 -GPS:GPSImgDirection=120")
		jpeg("GPS "+name+", other byte order", "tag -ExifByteOrder=MM -IFD0:Software=x; "+gps)
		jpeg("XMP place "+name, "tag -n -XMP-exif:GPSLatitude="+at[0]+" -XMP-exif:GPSLongitude="+at[1])
	}
	jpeg("GPS nowhere", "tag -n -GPS:GPSLatitude=0 -GPS:GPSLongitude=0 -GPS:GPSLatitudeRef=N -GPS:GPSLongitudeRef=E")
	jpeg("GPS on the equator",
		"tag -n -GPS:GPSLatitude=0 -GPS:GPSLongitude=9.5 -GPS:GPSLatitudeRef=N -GPS:GPSLongitudeRef=E")
	jpeg("GPS without a latitude", "tag -n -GPS:GPSLongitude=9.5 -GPS:GPSLongitudeRef=E")
	jpeg("GPS without halves of the earth", "tag -n -GPS:GPSLatitude=48.8584 -GPS:GPSLongitude=2.2945 "+
		"-GPS:GPSLatitudeRef= -GPS:GPSLongitudeRef=").but = map[string]string{"place": "48.8584 2.2945"}
	jpeg("GPS's directory without a place", "tag -GPS:GPSVersionID='2 3 0 0' -InteropIFD:InteropIndex=R98")
	for name, date := range map[string]string{"zeroes": "0000:00:00 00:00:00", "spaces": "    :  :     :  :  ",
		"a month too many": "2024:13:01 10:00:00", "the 30th of February": "2024:02:30 10:00:00",
		"letters": "yesterday"} {
		jpeg("a date of "+name, "tag -n -ExifIFD:DateTimeOriginal#='"+date+"'").but = map[string]string{"captured": ""}
	}
	jpeg("IPTC in UTF-8 that does not say so",
		"tag -charset iptc=UTF8 -IPTC:By-line='Hélène Müller' -IPTC:Keywords=forêt").
		but = map[string]string{"creator": "Hélène Müller", "tags": "forêt"}
	jpeg("EXIF in Latin-1", "tag -charset exif=Latin -IFD0:Artist='Zoë' -IFD0:Copyright='© Maison'").but =
		map[string]string{
			"creator": "Zoë", "copyright": "© Maison"}
	jpeg("a date with parts of seconds",
		"tag -ExifIFD:DateTimeOriginal='2024:05:01 10:30:00' -ExifIFD:SubSecTimeOriginal=123")
	jpeg("a date without a zone", "tag -ExifIFD:DateTimeOriginal='2024:05:01 10:30:00'")
	jpeg("a date west of Greenwich",
		"tag -ExifIFD:DateTimeOriginal='2024:05:01 10:30:00' -ExifIFD:OffsetTimeOriginal=-03:30")
	jpeg("a day", "tag -IPTC:DateCreated=2024:05:01")
	jpeg("IPTC's default zone beside EXIF's", "tag -IPTC:DateCreated=2024:05:01 -IPTC:TimeCreated=10:30:00+00:00 "+
		"-ExifIFD:DateTimeOriginal='2024:05:01 10:30:00' -ExifIFD:OffsetTimeOriginal=+02:00").but = map[string]string{
		"captured": "2024-05-01T10:30:00+02:00"}
	jpeg("IPTC's default zone alone", "tag -IPTC:DateCreated=2024:05:01 -IPTC:TimeCreated=10:30:00+00:00").but =
		map[string]string{
			"captured": "2024-05-01T10:30:00"}
	for _, v := range []string{"-1", "0", "3", "5", "99"} {
		jpeg("rating "+v, "tag -n -XMP-xmp:Rating="+v)
	}
	for _, text := range []string{"SONY DSC", "OLYMPUS DIGITAL CAMERA", `DCIM\100MEDIA\DJI_0042.JPG`} {
		jpeg("a camera's "+strings.NewReplacer(`\`, "-", ".", "-").Replace(text),
			"tag '-IFD0:ImageDescription="+text+"'").but = map[string]string{"description": ""}
	}
	jpeg("two lines", "tag \"-IFD0:ImageDescription=$(printf 'Line one\\nLine two')\"")
	jpeg("two lines in XMP", "tag \"-XMP-dc:Description=$(printf 'Line one\\nLine two')\"")
	jpeg("Windows' fields", "tag -IFD0:XPTitle='Été 夏' -IFD0:XPKeywords='rotin;plage' -IFD0:XPAuthor='Zoë' "+
		"-IFD0:XPComment='À voir'")
	jpeg("two languages", "tag -XMP-dc:Title=Chair -XMP-dc:Title-fr=Chaise")
	jpeg("other scripts", "tag -XMP-dc:Title='夏の椅子 🪑' -XMP-dc:Description='كرسي الصيف' -XMP-dc:Creator='Åsa Ångström'")
	jpeg("a long caption", "tag \"-XMP-dc:Description=$(head -c 3000 /dev/zero | tr '\\0' x)\"")
	jpeg("a packet in UTF-16", "tag -XMP-dc:Title='Été' -XMP-dc:Creator=Ada; exiftool -xmp -b $out >w.xmp; "+
		"python3 -c \"b=open('w.xmp','rb').read().decode(); open('u.xmp','wb').write(b.encode('utf-16'))\"; tag "+
		"-xmp=; tag '-xmp<=u.xmp'")
	jpeg("all sources at once", allFields+" -IPTC:ObjectName=Other -IFD0:ImageDescription=Another -IFD0:Artist=Nobody")
	jpeg("entities", "tag -XMP-dc:Title='A <b> & \"c\"' -XMP-dc:Creator='M & S'")
	jpeg("several creators", "tag -XMP-dc:Creator='Ada Martin' -XMP-dc:Creator='Zoë Petit'")
	jpeg("nested keywords", "tag -XMP-lr:HierarchicalSubject='Places|Europe|France' -XMP-dc:Subject=France")
	jpeg("nothing but spaces", "tag -IFD0:ImageDescription='     ' -IFD0:Artist='  '")
	jpeg("IPTC's days of a licence", "tag -IPTC:ReleaseDate=2024:01:01 -IPTC:ExpirationDate=2025:01:01")
	png := func(name, args string) *sample { return add(name, "png", "im $wheel png24:$out; "+args) }
	png("PNG's own texts",
		"tag -PNG:Title='Été' -PNG:Author='Ada Martin' -PNG:Description='À voir' -PNG:Copyright='© Maison'")
	png("PNG, a raw profile", "im $wheel -quality 95 w.jpg; exiftool -q -IFD0:ImageDescription='Une légende' "+
		"-IFD0:Artist=Ada w.jpg; im w.jpg $out")
	return out
}
