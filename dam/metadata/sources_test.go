package metadata

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color/palette"
	"image/gif"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// tagged has exiftool write tags into a file.
func tagged(t *testing.T, name string, file []byte, tags ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := tool()
	if err != nil {
		t.Fatal(err)
	}
	said, err := e.run(append(append([]string{"-m", "-overwrite_original"}, tags...), path)...)
	if err != nil || !strings.Contains(said, "1 image files updated") {
		t.Fatalf("exiftool: %v: %s", err, said)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestLettersOfEXIF: what isn't UTF-8 is read as Windows-1252, as older programs wrote it, without a letter missing.
func TestLettersOfEXIF(t *testing.T) {
	file := tagged(t, "a.jpg", pictures(t, allFormats())["jpeg"], "-charset", "exif=Latin", "-IFD0:Artist=Zoë",
		"-IFD0:Copyright=© Maison")
	m, err := full(bytes.NewReader(file), "image/jpeg")
	if err != nil || m.Creator != "Zoë" || m.Copyright != "© Maison" {
		t.Errorf("%q, %q, %v", m.Creator, m.Copyright, err)
	}
}

// answer is what exiftool itself says of a tag, numbers as numbers.
func answer(t *testing.T, file []byte, tag string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := tool()
	if err != nil {
		t.Fatal(err)
	}
	said, err := e.run("-n", "-s3", "-"+tag, path)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// photoshopFile is a PSD of one grey pixel.
func photoshopFile() []byte {
	var b bytes.Buffer
	b.WriteString("8BPS\x00\x01\x00\x00\x00\x00\x00\x00")
	_ = binary.Write(&b, binary.BigEndian, []uint16{1, 0, 1, 0, 1, 8, 1})
	b.Write(make([]byte, 12)) // no colours, resources, layers
	b.WriteString("\x00\x00\x80")
	return b.Bytes()
}

// document is a PDF of one empty page.
func document() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	b.WriteString("xref\n0 4\n0000000000 65535 f \n")
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", start)
	return b.Bytes()
}

func animation(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewPaletted(image.Rect(0, 0, 8, 8), palette.Plan9), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// videos are kept for all tests, by name and arguments.
var videos = map[string][]byte{}

// video is a tenth of a second in a container that the name says.
func video(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	key := fmt.Sprint(name, args)
	if b, ok := videos[key]; ok {
		return b
	}
	path := filepath.Join(t.TempDir(), name)
	out, err := exec.CommandContext(t.Context(), "ffmpeg", append(append([]string{"-loglevel", "error", "-f", "lavfi",
		"-i", "testsrc=s=32x32:r=10", "-frames:v", "1"}, args...), path)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	if videos[key], err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return videos[key]
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-4 }

// A latitude is one in the GPS directory only: the directory of interoperability numbers its tags alike.
func TestPlaceOfAllQuarters(t *testing.T) {
	for _, at := range []dam.Geo{{Lat: 48.8584, Lon: 2.2945}, {Lat: -33.8568, Lon: 151.2153},
		{Lat: 40.6892, Lon: -74.0445}, {Lat: -22.9519, Lon: -43.2105}} {
		lat, lon := strconv.FormatFloat(at.Lat, 'f', -1, 64), strconv.FormatFloat(at.Lon, 'f', -1, 64)
		files := pictures(t, allFormats(), "-InteropIFD:InteropIndex=R98", "-InteropIFD:InteropVersion=0100",
			"-GPS:GPSLatitude="+lat, "-GPS:GPSLatitudeRef="+lat, "-GPS:GPSLongitude="+lon, "-GPS:GPSLongitudeRef="+lon)
		for format, file := range pictures(t, allFormats(), "-XMP-exif:GPSLatitude="+lat,
			"-XMP-exif:GPSLongitude="+lon) {
			files["xmp in "+format] = file
		}
		for name, file := range files {
			said, err := strconv.ParseFloat(answer(t, file, "GPSLatitude"), 64)
			if err != nil || !near(said, at.Lat) {
				t.Fatalf("%s: exiftool says %v %v", name, said, err)
			}
			mediaType := "image/" + name[strings.LastIndexByte(name, ' ')+1:]
			m, err := Read(bytes.NewReader(file), mediaType) // without a program
			if err != nil || m.Place == nil || !near(m.Place.Lat, at.Lat) || !near(m.Place.Lon, at.Lon) {
				t.Errorf("%s: place %+v, want %+v: %v", name, m.Place, at, err)
			}
		}
	}
	if m := read(t, "jpeg", "-InteropIFD:InteropIndex=R03"); m.Profile != "Adobe RGB" || m.Place != nil {
		t.Errorf("Adobe RGB by its index: %+v", m)
	}
}

// An undefined number is no 0: what the first reader can't tell is asked of the second, and left out without it.
func TestPlaceUndefined(t *testing.T) {
	file := picture(t, "jpeg", "-GPS:GPSLatitude=48.8584", "-GPS:GPSLatitudeRef=N", "-GPS:GPSLongitude=2.2945",
		"-GPS:GPSLongitudeRef=E")
	at := bytes.Index(file, []byte{0, 0, 0, 48, 0, 0, 0, 1})
	if at < 0 {
		t.Fatal("the latitude is not as expected")
	}
	copy(file[at:], make([]byte, 24)) // three times 0/0
	for name, read := range map[string]func(io.ReadSeeker, string) (dam.Metadata, error){"native": Read, "full": full} {
		m, _ := read(bytes.NewReader(file), "image/jpeg")
		if m.Place != nil || m.Incomplete != (name == "native") ||
			m.Incomplete != m.Why.Is(reasons.CodeMetadataNeedsExiftool) {
			t.Errorf("%s: %+v", name, m)
		}
	}
	// The equator is a place.
	file = picture(t, "jpeg", "-GPS:GPSLatitude=0", "-GPS:GPSLatitudeRef=N", "-GPS:GPSLongitude=-78.4558",
		"-GPS:GPSLongitudeRef=W")
	if m, err := full(bytes.NewReader(file), "image/jpeg"); err != nil || m.Place == nil || m.Place.Lat != 0 ||
		!near(m.Place.Lon, -78.4558) {
		t.Errorf("the equator: %+v %v", m.Place, err)
	}
}

// What no reader can read is said, also where exiftool has read the rest.
func TestDamagedMetadata(t *testing.T) {
	jpeg := picture(t, "jpeg", "-XMP-dc:Title=Chair", "-EXIF:Artist=Ann")
	for name, file := range map[string][]byte{
		"XMP that ends early": bytes.Replace(jpeg, []byte("</x:xmpmeta>"), []byte("            "), 1),
		"a resource of Photoshop that is too long": slices.Concat(photoshopFile()[:30],
			[]byte("\x00\x00\x00\x0c8BIM\x04\x04\x00\x00\x7f\xff\xff\xff"), photoshopFile()[34:]),
	} {
		mediaType := "image/jpeg"
		if bytes.HasPrefix(file, []byte("8BPS")) {
			mediaType = "image/vnd.adobe.photoshop"
		}
		if m, err := full(bytes.NewReader(file), mediaType); !m.Incomplete || !m.Why.Is(reasons.CodeMetadataDamaged) {
			t.Errorf("%s: %+v %v", name, m, err)
		}
	}
	if m, err := full(bytes.NewReader(jpeg), "image/jpeg"); err != nil || m.Incomplete {
		t.Errorf("whole: %+v %v", m, err)
	}
}

// A default is no fact, line ends are kept, and what is in the licence comes back.
func TestFacts(t *testing.T) {
	iptc := []string{"-IPTC:DateCreated=2026:03:04", "-IPTC:TimeCreated=05:06:07+00:00"}
	exif := []string{"-EXIF:DateTimeOriginal=2026:03:04 05:06:07"}
	xmp := []string{"-XMP-photoshop:DateCreated=2026:03:04 05:06:07"}
	for name, c := range map[string]struct {
		tags []string
		want string
	}{
		"IPTC's zone beside EXIF's": {append(append(exif, "-EXIF:OffsetTimeOriginal=+02:00"), iptc...), "+02:00"},
		"IPTC's zone beside XMP":    {append(xmp, iptc...), ""},
		"IPTC's zone alone":         {iptc, ""},
		"IPTC's zone beside London": {append(append(exif, "-EXIF:OffsetTimeOriginal=+00:00"), iptc...), "+00:00"},
		"XMP that says it is UTC":   {[]string{xmp[0] + "Z"}, "+00:00"},
	} {
		m := read(t, "jpeg", c.tags...)
		if m.Captured == nil || *m.Captured != (dam.Capture{Wall: "2026-03-04T05:06:07", Offset: c.want}) {
			t.Errorf("%s: captured %+v, want the offset %q", name, m.Captured, c.want)
		}
	}
	for _, tag := range []string{"EXIF:ImageDescription", "IPTC:Caption-Abstract", "XMP-dc:Description"} {
		// exiftool takes one line for an argument, and &#10; with -E for a line end.
		if m := read(t, "jpeg", "-E", "-"+tag+"=Line one&#10;Line two"); m.Description[""] != "Line one\nLine two" {
			t.Errorf("%s: %q", tag, m.Description)
		}
	}
	for _, d := range []string{`DCIM\100MEDIA\DJI_0042.JPG`, "DCIM/101GOPRO", "dcim", "SONY DSC", "default"} {
		if m := read(t, "jpeg", "-EXIF:ImageDescription="+d); m.Description != nil {
			t.Errorf("%q is no description: %v", d, m.Description)
		}
	}
	if m := read(t, "jpeg", "-EXIF:ImageDescription=DCIM explained"); m.Description[""] != "DCIM explained" {
		t.Errorf("a description: %v", m.Description)
	}
	for name, m := range map[string]dam.Metadata{
		"IPTC": read(t, "jpeg", "-IPTC:ReleaseDate=2026:01:02", "-IPTC:ExpirationDate=2026:12:31"),
		"XMP":  read(t, "png", "-XMP-plus:LicenseStartDate=2026:01:02", "-XMP-plus:LicenseEndDate=2026:12:31"),
	} {
		if m.Rights.From != "2026-01-02" || m.Rights.Until != "2026-12-31" {
			t.Errorf("%s: rights %+v", name, m.Rights)
		}
	}
	if m := read(t, "jpeg", "-EXIF:XPTitle=Été", "-EXIF:XPKeywords=a;b"); m.Title[""] != "Été" || len(m.Keywords) != 2 {
		t.Errorf("what Windows writes: %+v", m)
	}
}

// resource is one of Photoshop's.
func resource(id uint16, data string) string {
	b := "8BIM" + string([]byte{byte(id >> 8), byte(id), 0, 0, 0, 0, 0, byte(len(data))}) + data
	return b + strings.Repeat("\x00", len(data)%2)
}

// Odd lengths, packets in UTF-16, profiles in texts: what imagemeta passes over is read all the same, and is not called
// empty where there is no exiftool.
func TestOddContainers(t *testing.T) {
	plain := picture(t, "jpeg")
	jpegWith := func(segments string) []byte { return append([]byte("\xff\xd8"+segments), plain[2:]...) }
	iptc := "\x1c\x02\x05\x00\x05Chair\x1c\x02\x50\x00\x03Zoe\x1c\x02\x19\x00\x03oak"
	var wide bytes.Buffer
	_ = binary.Write(&wide, binary.BigEndian, utf16.Encode([]rune(strings.NewReplacer("Chair", "Chair é", "oak",
		"chêne").Replace("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"+packet+
		"<?xpacket end=\"w\"?>"))))
	odd := picture(t, "webp", "-EXIF:Artist=Zoe", "-XMP-dc:Title=Chair", "-XMP-dc:Subject=oak")
	at := bytes.Index(odd, []byte("EXIF"))
	size := binary.LittleEndian.Uint32(odd[at+4:])
	if size%2 == 0 { // one byte more, and the byte that pads it
		binary.LittleEndian.PutUint32(odd[at+4:], size+1)
		odd = bytes.Join([][]byte{odd[:at+8+int(size)], {0, 0}, odd[at+8+int(size):]}, nil)
		binary.LittleEndian.PutUint32(odd[4:], uint32(len(odd)-8))
	}
	for name, c := range map[string]struct {
		file             []byte
		mediaType, title string
	}{
		"IPTC after a resource of odd length": {jpegWith(segment(0xed, "Photoshop 3.0\x00"+
			resource(0x03f3, "\x00\x00\x00\x00\x00\x00\x00\x00\x01")+resource(0x0404, iptc))), "image/jpeg", "Chair"},
		"IPTC in the second segment": {jpegWith(segment(0xed, "Photoshop 3.0\x00"+resource(0x03f3, "ab")) +
			segment(0xed, "Photoshop 3.0\x00"+resource(0x0404, iptc))), "image/jpeg", "Chair"},
		"XMP in UTF-16": {jpegWith(segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+wide.String())), "image/jpeg",
			"Chair é"},
		"XMP after EXIF of odd length": {odd, "image/webp", "Chair"},
		"IPTC in a text of a PNG": {picture(t, "png", "-IPTC:ObjectName=Chair", "-IPTC:Keywords=oak"), "image/png",
			"Chair"},
		"text of a PNG": {picture(t, "png", "-PNG:Title=Chair"), "image/png", "Chair"},
	} {
		said := answer(t, c.file, "Title")
		if strings.HasPrefix(name, "IPTC") {
			said = answer(t, c.file, "ObjectName")
		}
		if said != c.title {
			t.Fatalf("%s: exiftool says %q", name, said)
		}
		m, err := full(bytes.NewReader(c.file), c.mediaType)
		if err != nil || m.Incomplete || m.Title[""] != c.title || name != "text of a PNG" && len(m.Keywords) != 1 {
			t.Errorf("%s: %+v %v", name, m, err)
		}
		m, err = Read(bytes.NewReader(c.file), c.mediaType)
		if m.Title[""] != c.title && !m.Incomplete || m.Incomplete != (err != nil) {
			t.Errorf("%s, without exiftool: %+v %v", name, m, err)
		}
	}
}

// Types that only exiftool reads.
func TestByProgram(t *testing.T) {
	xmp := []string{"-XMP-dc:Title=Blue chair", "-XMP-dc:Creator=Zoë", "-XMP-dc:Rights=© Shop", "-XMP-dc:Subject=oak",
		"-XMP-photoshop:DateCreated=2024:05:06 07:08:09"}
	orf := picture(t, "tiff", xmp...)
	copy(orf, "IIRO")
	for mediaType, file := range map[string][]byte{
		"image/vnd.adobe.photoshop": tagged(t, "a.psd", photoshopFile(), xmp...),
		"application/pdf":           tagged(t, "a.pdf", document(), xmp...),
		"image/gif":                 tagged(t, "a.gif", animation(t), xmp...),
		"video/mp4":                 tagged(t, "a.mp4", video(t, "a.mp4"), xmp...),
		"image/x-olympus-orf":       orf,
	} {
		m, err := full(bytes.NewReader(file), mediaType)
		if err != nil || m.Title[""] != "Blue chair" || m.Creator != "Zoë" || m.Copyright != "© Shop" ||
			!reflect.DeepEqual(m.Keywords, []string{"oak"}) || m.Captured == nil ||
			*m.Captured != (dam.Capture{Wall: "2024-05-06T07:08:09"}) {
			t.Errorf("%s: %+v %v", mediaType, m, err)
		}
		if m, err := Read(bytes.NewReader(file), mediaType); !m.Incomplete || err == nil {
			t.Errorf("%s without exiftool is called read: %+v %v", mediaType, m, err)
		}
	}
	pdf := tagged(t, "a.pdf", document(), "-PDF:Title=Été", "-PDF:Author=Zoë", "-PDF:Keywords=oak, red")
	if m, err := full(bytes.NewReader(pdf), "application/pdf"); err != nil || m.Title[""] != "Été" ||
		m.Creator != "Zoë" || len(m.Keywords) != 2 {
		t.Errorf("a document's own properties: %+v %v", m, err)
	}
}

// Videos say when and where in several ways.
func TestVideos(t *testing.T) {
	mp4 := video(t, "a.mp4")
	zoned := dam.Capture{Wall: "2024-03-31T03:30:00", Offset: "+02:00"}
	for name, c := range map[string]struct {
		file     []byte
		captured dam.Capture
		place    bool
	}{
		"keys": {tagged(t, "a.mp4", mp4, "-Keys:CreationDate=2024:03:31 03:30:00+02:00",
			"-Keys:GPSCoordinates=48.8577, -2.295, 35", "-QuickTime:CreateDate=2024:03:31 01:30:00"), zoned, true},
		"user data": {tagged(t, "a.mov", mp4, "-UserData:GPSCoordinates=48.8577, -2.295",
			"-UserData:DateTimeOriginal=2024:03:31 03:30:00+02:00"), zoned, true},
		"iTunes": {tagged(t, "a.mp4", mp4, "-ItemList:ContentCreateDate=2024:03:31 03:30:00+02:00"), zoned, false},
		"header": {tagged(t, "a.mp4", mp4, "-QuickTime:CreateDate=2024:03:31 01:30:00"),
			dam.Capture{Wall: "2024-03-31T01:30:00", Offset: "+00:00"}, false},
		"location of 3GPP": {video(t, "a.mp4", "-metadata", "location=+48.8577-002.2950/", "-metadata",
			"creation_time=2024-03-31T01:30:00Z"), dam.Capture{Wall: "2024-03-31T01:30:00", Offset: "+00:00"}, true},
	} {
		m, err := full(bytes.NewReader(c.file), "video/mp4")
		if err != nil || m.Captured == nil || *m.Captured != c.captured {
			t.Errorf("%s: captured %+v %v", name, m.Captured, err)
		}
		if (m.Place != nil) != c.place || c.place && (!near(m.Place.Lat, 48.8577) || !near(m.Place.Lon, -2.295)) {
			t.Errorf("%s: place %+v", name, m.Place)
		}
	}
	if m, err := full(bytes.NewReader(mp4), "video/mp4"); err != nil || !reflect.DeepEqual(m, dam.Metadata{}) {
		t.Errorf("a bare video: %+v %v", m, err)
	}
}

// What the first reader reads whole starts no program.
func TestCheapPath(t *testing.T) {
	files := pictures(t, allFormats(), "-EXIF:Make=Canon", "-EXIF:Artist=Ann",
		"-EXIF:DateTimeOriginal=2026:03:04 05:06:07",
		"-GPS:GPSLatitude=48.8584", "-GPS:GPSLatitudeRef=N", "-GPS:GPSLongitude=2.2945", "-GPS:GPSLongitudeRef=E",
		"-EXIF:ImageDescription=SONY DSC", "-XMP-dc:Title=Chair", "-XMP-xmp:Rating=3")
	files["jpeg"] = tagged(t, "a.jpg", files["jpeg"], "-IPTC:Caption-Abstract=A caption",
		"-EXIF:ImageDescription=A caption")
	for name, file := range files {
		reader := Reader{More: func(context.Context, io.ReadSeeker, []string) (map[string]any, error) {
			t.Errorf("%s started exiftool", name)
			return nil, io.ErrUnexpectedEOF
		}}
		if m, err := reader.Read(t.Context(), bytes.NewReader(file), "image/"+name); err != nil || m.Creator != "Ann" ||
			m.Title[""] != "Chair" {
			t.Errorf("%s: %+v %v", name, m, err)
		}
	}
}
