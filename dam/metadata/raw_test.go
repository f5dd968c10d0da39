package metadata

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"

	"vitrine/dam"
)

// entry is one entry of a directory of TIFF: a tag, a kind (1 bytes, 2 a text, 3 and 4 numbers), and its bytes.
type entry struct {
	tag, kind uint16
	count     uint32
	value     []byte
}

func short(tag, v uint16) entry { return entry{tag, 3, 1, binary.LittleEndian.AppendUint16(nil, v)} }
func long(tag uint16, v uint32) entry {
	return entry{tag, 4, 1, binary.LittleEndian.AppendUint32(nil, v)}
}
func words(tag uint16, s string) entry { return entry{tag, 2, uint32(len(s) + 1), []byte(s + "\x00")} }

// directory writes entries at an offset of the file, with their values behind them; more says that another one follows.
func directory(at int, more bool, entries ...entry) []byte {
	le := binary.LittleEndian
	out := le.AppendUint16(nil, uint16(len(entries)))
	behind := at + 2 + 12*len(entries) + 4
	var values []byte
	for _, e := range entries {
		out = le.AppendUint32(le.AppendUint16(le.AppendUint16(out, e.tag), e.kind), e.count)
		if len(e.value) <= 4 {
			out = append(out, append(bytes.Clone(e.value), 0, 0, 0, 0)[:4]...)
			continue
		}
		out = le.AppendUint32(out, uint32(behind+len(values)))
		values = append(values, e.value...)
		if len(values)%2 == 1 {
			values = append(values, 0)
		}
	}
	next := uint32(0)
	if more {
		next = uint32(behind + len(values))
	}
	return append(le.AppendUint32(out, next), values...)
}

// rawFile is the head of a camera's raw file, with a picture that nobody decodes.
func rawFile(magic, maker, model string, more ...entry) []byte {
	strip := []entry{long(0xfe, 1), long(0x100, 16), long(0x101, 12), short(0x103, 6)}
	named := append(strip, words(0x10f, maker), words(0x110, model), long(0x111, 8), long(0x117, 4))
	head := binary.LittleEndian.AppendUint32([]byte(magic), 8)
	return append(head, directory(8, false, append(named, more...)...)...)
}

// canonFile is a CR2, whose fourth directory is the raw picture's.
func canonFile() []byte {
	const first = 16
	out := directory(first, true, long(0x100, 16), short(0x103, 6), words(0x10f, "Canon"),
		words(0x110, "Canon EOS 5D"), long(0x111, 16), long(0x117, 4))
	last := 0
	for i := range 3 {
		last = first + len(out)
		out = append(out, directory(last, i < 2, long(0x100, 16), short(0x103, 6), long(0x111, 16),
			long(0x117, 4))...)
	}
	le := binary.LittleEndian
	head := le.AppendUint32(append(le.AppendUint32([]byte("II*\x00"), first), "CR\x02\x00"...), uint32(last))
	return append(head, out...)
}

// Raw files of every maker say what pictures do, to both readers where the first one knows the format.
func TestRawOfEveryMaker(t *testing.T) {
	const tiff = "II*\x00"
	want := dam.Metadata{Title: dam.Text{"": "Chair", "fr": "Chaise"}, Keywords: []string{"oak", "red"},
		Description: dam.Text{"": "Front view"}, Creator: "Zoë", Copyright: "© Shop", Rating: 4,
		Captured: &dam.Capture{Wall: "2024-05-06T07:08:09", Offset: "+02:00"}, Orientation: 6}
	for name, c := range map[string]struct {
		file              []byte
		mediaType, camera string
	}{
		"a.cr2": {canonFile(), "image/x-canon-cr2", "Canon EOS 5D"},
		"a.nef": {rawFile(tiff, "NIKON CORPORATION", "NIKON D850"), "image/x-nikon-nef", "NIKON D850"},
		"a.arw": {rawFile(tiff, "SONY", "ILCE-7M3"), "image/x-sony-arw", "SONY ILCE-7M3"},
		"a.pef": {rawFile(tiff, "PENTAX", "PENTAX K-1"), "image/x-pentax-pef", "PENTAX K-1"},
		"a.orf": {rawFile("IIRO", "OLYMPUS", "E-M1"), "image/x-olympus-orf", "OLYMPUS E-M1"},
		"a.dng": {rawFile(tiff, "Leica", "M10", entry{0xc612, 1, 4, []byte{1, 4, 0, 0}}), "image/x-adobe-dng",
			"Leica M10"},
	} {
		file := tagged(t, name, c.file, "-XMP-dc:Title=Chair", "-XMP-dc:Title-fr=Chaise", "-XMP-dc:Subject=oak",
			"-XMP-dc:Subject=red", "-XMP-dc:Description=Front view", "-IFD0:Artist=Zoë",
			"-IFD0:Copyright=© Shop", "-XMP-xmp:Rating=4", "-ExifIFD:DateTimeOriginal=2024:05:06 07:08:09",
			"-ExifIFD:OffsetTimeOriginal=+02:00", "-GPS:GPSLatitude=33.8568", "-GPS:GPSLatitudeRef=S",
			"-GPS:GPSLongitude=151.2153", "-GPS:GPSLongitudeRef=E", "-IFD0:Orientation#=6")
		if mediaType, _, err := Identify(bytes.NewReader(file)); err != nil || mediaType != c.mediaType {
			t.Errorf("%s is taken for %s: %v", name, mediaType, err)
		}
		readers := map[string]func() (dam.Metadata, error){
			"both": func() (dam.Metadata, error) { return full(bytes.NewReader(file), c.mediaType) }}
		if _, known := format(c.mediaType); known {
			readers["the first"] = func() (dam.Metadata, error) { return Read(bytes.NewReader(file), c.mediaType) }
		}
		for which, read := range readers {
			m, err := read()
			if err != nil || m.Place == nil || !near(m.Place.Lat, -33.8568) || !near(m.Place.Lon, 151.2153) {
				t.Errorf("%s, %s: %+v %v", name, which, m.Place, err)
			}
			m.Place, m.Exposure, m.Profile = nil, "", ""
			want.Camera = c.camera
			if !reflect.DeepEqual(m, want) {
				t.Errorf("%s, %s:\n got %+v\nwant %+v", name, which, m, want)
			}
		}
	}
}
