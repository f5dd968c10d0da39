package metadata

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gen2brain/webp"
	"golang.org/x/image/tiff"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// pictures writes a small file of each format and lets exiftool put the tags in.
func pictures(t *testing.T, formats []string, tags ...string) map[string][]byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 16, 12))
	for i := range m.Pix {
		m.Pix[i] = 0xff
	}
	m.Set(3, 3, color.Black)
	dir := t.TempDir()
	var paths []string
	for _, format := range formats {
		var b bytes.Buffer
		var err error
		switch format {
		case "jpeg":
			err = jpeg.Encode(&b, m, nil)
		case "png":
			err = png.Encode(&b, m)
		case "webp":
			err = webp.Encode(&b, m)
		case "tiff":
			err = tiff.Encode(&b, m, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "picture."+format)
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if len(tags) > 0 {
		e, err := tool()
		if err != nil {
			t.Fatal(err)
		}
		said, err := e.run(slices.Concat([]string{"-overwrite_original"}, tags, paths)...)
		if err != nil || !strings.Contains(said, fmt.Sprintf("%d image files updated", len(paths))) {
			t.Fatalf("exiftool: %v: %s", err, said)
		}
	}
	files := map[string][]byte{}
	for i, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[formats[i]] = file
	}
	return files
}

func picture(t *testing.T, format string, tags ...string) []byte {
	t.Helper()
	return pictures(t, []string{format}, tags...)[format]
}

// readAll reads the metadata of one picture per format.
func readAll(t *testing.T, formats []string, tags ...string) map[string]dam.Metadata {
	t.Helper()
	out := map[string]dam.Metadata{}
	for format, file := range pictures(t, formats, tags...) {
		m, err := full(bytes.NewReader(file), "image/"+format)
		if err != nil {
			t.Errorf("%s: %v", format, err)
		}
		out[format] = m
	}
	return out
}

func read(t *testing.T, format string, tags ...string) dam.Metadata {
	t.Helper()
	return readAll(t, []string{format}, tags...)[format]
}

func allFormats() []string { return []string{"jpeg", "png", "webp", "tiff"} }

func TestEXIF(t *testing.T) {
	for format, m := range readAll(t, allFormats(),
		"-EXIF:ImageDescription=Red dress, front", "-EXIF:Artist=Ann Example", "-EXIF:Copyright=© Example",
		"-EXIF:DateTimeOriginal=2026:03:04 05:06:07", "-EXIF:OffsetTimeOriginal=+02:00",
		"-EXIF:GPSLatitude=48.8584", "-EXIF:GPSLatitudeRef=N", "-EXIF:GPSLongitude=2.2945", "-EXIF:GPSLongitudeRef=W",
		"-EXIF:Orientation#=6", "-EXIF:Make=NIKON CORPORATION", "-EXIF:Model=NIKON D850", "-EXIF:LensModel=50 mm f/1.8",
		"-EXIF:ExposureTime=1/250", "-EXIF:FNumber=2.8", "-EXIF:ISO=400", "-EXIF:FocalLength=35", "-EXIF:ColorSpace#=1",
		"-EXIF:Rating=4") {
		if m.Place == nil || math.Abs(m.Place.Lat-48.8584) > 1e-4 || math.Abs(m.Place.Lon+2.2945) > 1e-4 {
			t.Errorf("%s: place %+v", format, m.Place)
		}
		m.Place = nil
		want := dam.Metadata{
			Description: dam.Text{"": "Red dress, front"},
			Creator:     "Ann Example", Copyright: "© Example", Captured: &dam.Capture{Wall: "2026-03-04T05:06:07",
				Offset: "+02:00"},
			Orientation: 6, Rating: 4, Camera: "NIKON D850", Lens: "50 mm f/1.8",
			Exposure: "1/250 s, f/2.8, ISO 400, 35 mm", Profile: "sRGB",
		}
		if !reflect.DeepEqual(m, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", format, m, want)
		}
	}
}

func TestXMPWithLanguages(t *testing.T) {
	for format, m := range readAll(t, allFormats(),
		"-XMP-dc:Title=Summer dress", "-XMP-dc:Title-fr-FR=Robe d’été", "-XMP-dc:Title-en-US=Summer dress (US)",
		"-XMP-dc:Description-fr=Sur la plage <&>", "-XMP-dc:Subject=dress", "-XMP-dc:Subject=summer",
		"-XMP-dc:Subject=Dress",
		"-XMP-dc:Creator=Ann Example", "-XMP-dc:Creator=Bob Sample", "-XMP-dc:Rights=© 2026",
		"-XMP-xmp:Rating=3", "-XMP-photoshop:DateCreated=2026:03:04 05:06:07-05:00",
		"-XMP-photoshop:ICCProfileName=Display P3",
		"-XMP-exif:GPSLatitude=-33.8568", "-XMP-exif:GPSLongitude=151.2153") {
		if !reflect.DeepEqual(m.Title, dam.Text{"": "Summer dress", "fr-FR": "Robe d’été",
			"en-US": "Summer dress (US)"}) {
			t.Errorf("%s: title %v", format, m.Title)
		}
		if m.Description["fr"] != "Sur la plage <&>" {
			t.Errorf("%s: description %v", format, m.Description)
		}
		if !reflect.DeepEqual(m.Keywords, []string{"dress", "summer"}) {
			t.Errorf("%s: keywords %q", format, m.Keywords)
		}
		if m.Creator != "Ann Example, Bob Sample" || m.Copyright != "© 2026" || m.Rating != 3 ||
			m.Profile != "Display P3" {
			t.Errorf("%s: %+v", format, m)
		}
		if m.Captured == nil || *m.Captured != (dam.Capture{Wall: "2026-03-04T05:06:07", Offset: "-05:00"}) {
			t.Errorf("%s: captured %+v", format, m.Captured)
		}
		if m.Place == nil || math.Abs(m.Place.Lat+33.8568) > 1e-3 || math.Abs(m.Place.Lon-151.2153) > 1e-3 {
			t.Errorf("%s: place %+v", format, m.Place)
		}
	}
}

func TestIPTC(t *testing.T) {
	for _, charset := range []string{"UTF8", "Latin"} {
		// exiftool marks UTF-8 with CodedCharacterSet; without it the bytes are Latin-1.
		tags := []string{"-IPTC:ObjectName=Été", "-IPTC:Caption-Abstract=Façade", "-IPTC:Keywords=élan",
			"-IPTC:Keywords=mer", "-IPTC:By-line=Zoë",
			"-IPTC:CopyrightNotice=© Zoë", "-IPTC:DateCreated=2026:03:04", "-IPTC:TimeCreated=05:06:07+01:00"}
		if charset == "UTF8" {
			tags = append([]string{"-IPTC:CodedCharacterSet=UTF8"}, tags...)
		} else {
			tags = append([]string{"-charset", "iptc=Latin"}, tags...)
		}
		for format, m := range readAll(t, []string{"jpeg", "tiff"}, tags...) {
			want := dam.Metadata{Title: dam.Text{"": "Été"}, Description: dam.Text{"": "Façade"},
				Keywords: []string{"élan", "mer"}, Creator: "Zoë", Copyright: "© Zoë",
				Captured: &dam.Capture{Wall: "2026-03-04T05:06:07", Offset: "+01:00"}}
			if !reflect.DeepEqual(m, want) {
				t.Errorf("%s %s:\n got %+v %+v\nwant %+v", format, charset, m, m.Captured, want)
			}
		}
	}
	// UTF-8 that nobody declared.
	m := read(t, "jpeg", "-charset", "iptc=UTF8", "-IPTC:ObjectName=Été", "-IPTC:Keywords=日本")
	if m.Title[""] != "Été" || !reflect.DeepEqual(m.Keywords, []string{"日本"}) {
		t.Errorf("undeclared UTF-8: %v %q", m.Title, m.Keywords)
	}
}

func TestPrecedence(t *testing.T) {
	exif := []string{"-EXIF:ImageDescription=exif", "-EXIF:Artist=exif", "-EXIF:Copyright=exif",
		"-EXIF:DateTimeOriginal=2026:01:01 10:00:00", "-EXIF:OffsetTimeOriginal=+03:00"}
	iptc := []string{"-IPTC:Caption-Abstract=iptc", "-IPTC:By-line=iptc", "-IPTC:CopyrightNotice=iptc",
		"-IPTC:Keywords=iptc", "-IPTC:DateCreated=2026:01:02", "-IPTC:TimeCreated=10:00:00"}
	xmp := []string{"-XMP-dc:Description=xmp", "-XMP-dc:Creator=xmp", "-XMP-dc:Rights=xmp", "-XMP-dc:Subject=xmp",
		"-XMP-photoshop:DateCreated=2026:01:03 10:00:00"}
	for want, tags := range map[string][]string{"exif": exif, "iptc": append(iptc, exif...),
		"xmp": append(append(xmp, iptc...), exif...)} {
		m := read(t, "jpeg", tags...)
		if m.Description[""] != want || m.Creator != want || m.Copyright != want || want != "exif" &&
			m.Keywords[0] != want {
			t.Errorf("%s should win: %+v", want, m)
		}
		day := map[string]string{"exif": "01", "iptc": "02", "xmp": "03"}[want]
		if m.Captured == nil || m.Captured.Wall[8:10] != day {
			t.Errorf("%s should win: captured %+v", want, m.Captured)
		}
	}
	// A day without a time gains it from the source below; a time gains its offset.
	m := read(t, "jpeg", append(exif, "-XMP-photoshop:DateCreated=2026:01:01")...)
	if m.Captured == nil || *m.Captured != (dam.Capture{Wall: "2026-01-01T10:00:00", Offset: "+03:00"}) {
		t.Errorf("day completed: %+v", m.Captured)
	}
	m = read(t, "jpeg", append(exif, "-XMP-photoshop:DateCreated=2026:01:01 10:00:00")...)
	if m.Captured == nil || m.Captured.Offset != "+03:00" {
		t.Errorf("offset completed: %+v", m.Captured)
	}
}

func TestBrokenMetadataKeepsTheRest(t *testing.T) {
	good := picture(t, "jpeg", "-EXIF:Artist=Ann", "-EXIF:ImageDescription=Kept", "-XMP-dc:Title=A title",
		"-IPTC:Keywords=kept")
	// The packet's end is cut off: the title before it is still read, and so is the rest.
	bad := bytes.Replace(good, []byte("</rdf:Description>"), []byte("<</f:Description>!"), 1)
	if bytes.Equal(good, bad) {
		t.Fatal("the packet is not as expected")
	}
	m, err := Read(bytes.NewReader(bad), "image/jpeg")
	if err == nil {
		t.Error("a broken packet went unmentioned")
	}
	if m.Creator != "Ann" || m.Description[""] != "Kept" || len(m.Keywords) != 1 {
		t.Errorf("what was whole is lost: %+v", m)
	}
	for format, whole := range pictures(t, allFormats(), "-EXIF:Artist=Ann", "-XMP-dc:Title=A title") {
		for n := 0; n < len(whole); n += 1 + len(whole)/60 {
			_, _ = Read(bytes.NewReader(whole[:n]), "image/"+format) // must come back, whatever it says
			noisy := bytes.Clone(whole)
			for i := n; i < min(n+6, len(noisy)); i++ {
				noisy[i] ^= 0xa5
			}
			_, _ = Read(bytes.NewReader(noisy), "image/"+format)
		}
	}
	for _, mediaType := range []string{"image/jpeg", "image/png", "image/webp", "image/tiff", "image/heic",
		"image/x-adobe-dng"} {
		m, _ := Read(strings.NewReader("not a picture at all"), mediaType)
		m.Incomplete, m.Why = false, reasons.Reason{}
		if !reflect.DeepEqual(m, dam.Metadata{}) {
			t.Errorf("%s: read %+v out of nothing", mediaType, m)
		}
	}
	if m, err := Read(strings.NewReader("plain"), "text/plain"); err != nil ||
		!reflect.DeepEqual(m, dam.Metadata{}) {
		t.Errorf("a type without metadata: %+v %v", m, err)
	}
	if m, err := Read(bytes.NewReader(picture(t, "png")), "image/png"); err != nil ||
		!reflect.DeepEqual(m, dam.Metadata{}) {
		t.Errorf("a bare picture: %+v %v", m, err)
	}
}

func TestXMPForms(t *testing.T) {
	packet :=
		`<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:odd="http://odd/" xmp:Rating="5">
<odd:Struct rdf:parseType="Resource"><dc:title>not this</dc:title></odd:Struct>
<odd:Deep><rdf:Bag><rdf:li><rdf:Description><dc:title>nor this</dc:title></rdf:Description></rdf:li></rdf:Bag></odd:Deep>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Même</rdf:li><rdf:li xml:lang="fr_ca"> Même </rdf:li><rdf:li xml:lang="EN">Same</rdf:li></rdf:Alt></dc:title>
<dc:description>plain</dc:description></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
	p, err := parseXMP(strings.NewReader(packet))
	if err != nil {
		t.Fatal(err)
	}
	n := native{tags: tags{}}
	n.takeXMP(p)
	m, err := merge(n.tags)
	if err != nil || !reflect.DeepEqual(m.Title, dam.Text{"fr-CA": "Même", "en": "Same"}) ||
		m.Description[""] != "plain" || m.Rating != 5 {
		t.Errorf("read %+v %v", m, err)
	}
}

func TestMoments(t *testing.T) {
	for in, want := range map[string]dam.Capture{
		"2026:03:04 05:06:07":             {Wall: "2026-03-04T05:06:07"},
		"2026:03:04 05:06:07+02:00":       {Wall: "2026-03-04T05:06:07", Offset: "+02:00"},
		"2026-03-04T05:06":                {Wall: "2026-03-04T05:06:00"},
		"2026-03-04T05:06:07.123Z":        {Wall: "2026-03-04T05:06:07", Offset: "+00:00"},
		"2026:03:04 05:06:07-0330":        {Wall: "2026-03-04T05:06:07", Offset: "-03:30"},
		"2026-03-04":                      {Wall: "2026-03-04T00:00:00"},
		"0000:00:00 00:00:00":             {},
		"2026:02:30 05:06:07":             {},
		"    :  :     :  :  ":             {},
		"2026":                            {},
		"2026:03:04 25:06:07":             {},
		"yesterday, when it was not cold": {},
	} {
		m := parseMoment(in)
		if m == nil {
			m = &moment{}
		}
		if m.Capture != want {
			t.Errorf("%q: %+v, want %+v", in, m.Capture, want)
		}
	}
}

func TestSmallThings(t *testing.T) {
	for in, want := range map[[2]string]string{
		{"Canon", "Canon EOS R5"}: "Canon EOS R5", {"Apple", "iPhone 15"}: "Apple iPhone 15", {"", "X100"}: "X100",
		{"Leica", ""}: "Leica", {"", ""}: "",
	} {
		if got := camera(in[0], in[1]); got != want {
			t.Errorf("camera%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]float64{"48,51.5N": 48 + 51.5/60, "2,17,40.2W": -(2 + 17.0/60 + 40.2/3600),
		"-33.5": -33.5} {
		if got, ok := degrees(in); !ok || math.Abs(got-want) > 1e-9 {
			t.Errorf("degrees(%q): %v %v", in, got, ok)
		}
	}
	if _, ok := degrees("somewhere"); ok {
		t.Error("somewhere is no angle")
	}
	if got := clean("\x00 a\x00b\r\nc\x07 \x00"); got != "ab\nc" {
		t.Errorf("clean: %q", got)
	}
	m := read(t, "jpeg", "-EXIF:GPSLatitude=0", "-EXIF:GPSLongitude=0", "-EXIF:GPSLatitudeRef=N",
		"-EXIF:GPSLongitudeRef=E", "-EXIF:ImageDescription=OLYMPUS DIGITAL CAMERA         ", "-XMP-xmp:Rating=-1")
	if m.Place != nil || m.Description != nil || m.Rating != 0 {
		t.Errorf("a receiver without a fix, a camera's boilerplate, a rejected picture: %+v", m)
	}
}
