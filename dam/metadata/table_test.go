package metadata

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
)

// everything exiftool says of a file, as the reader gets it.
func everything(t *testing.T, file []byte, wanted ...string) map[string]any {
	t.Helper()
	said, err := more(t.Context(), bytes.NewReader(file), wanted)
	if err != nil {
		t.Fatal(err)
	}
	delete(said, "SourceFile")
	return said
}

// copied writes what Tags says into a copy, as the server does without the walls.
func copied(t *testing.T, file []byte, mediaType string, c dam.CopyFacts) []byte {
	t.Helper()
	dir := t.TempDir()
	path, list := filepath.Join(dir, "file"), filepath.Join(dir, "tags.json")
	tags := Tags(mediaType, c, everything(t, file, Wanted()...))
	args, content, err := tags.Exiftool(list)
	if err != nil {
		t.Fatal(err)
	}
	// or the tool would not say that it is ready
	args = slices.DeleteFunc(args, func(a string) bool { return a == "-q" })
	for name, data := range map[string][]byte{path: file, list: content} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e, err := tool()
	if err != nil {
		t.Fatal(err)
	}
	if said, err := e.run(append(args, "-overwrite_original", path)...); err != nil || strings.Contains(said, "Error") {
		t.Fatalf("exiftool: %v: %s", err, said)
	}
	out, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bare is a file of each type that copies are made of, without metadata.
func bare(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{"image/vnd.adobe.photoshop": photoshopFile(), "application/pdf": document(),
		"image/gif": animation(t), "video/mp4": video(t, "a.mp4"), "video/quicktime": video(t, "a.mov"),
		"image/avif": video(t, "a.avif")}
	for format, file := range pictures(t, allFormats()) {
		files["image/"+format] = file
	}
	files["image/heic"] = telephone(t)
	files["image/x-adobe-dng"] = tagged(t, "a.dng", files["image/tiff"], "-IFD0:DNGVersion=1 4 0 0")
	return files
}

// telephone is a HEIC, which ffmpeg does not write.
func telephone(t *testing.T) []byte {
	t.Helper()
	if b, ok := videos["a.heic"]; ok {
		return b
	}
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a.png"), filepath.Join(dir, "a.heic")
	if err := os.WriteFile(from, picture(t, "png"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "heif-enc", "-q", "50", from, "-o",
		to).CombinedOutput(); err != nil {
		t.Fatalf("heif-enc (Debian: libheif-examples): %v: %s", err, out)
	}
	b, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	videos["a.heic"] = b
	return b
}

// filledAsset has a value for each field of the table.
func filledAsset() dam.Asset {
	return dam.Asset{Title: dam.Text{"en": "Blue chair – 青", "fr": "Chaise, “été”"},
		Description: dam.Text{"en": "Line one\nline two; -dash, \\ and 'quotes'"}, Alt: dam.Text{"en": "A chair"},
		Tags: []string{"chair", "blue, light", "nature/forest"}, Creator: "Zoë Ångström", Copyright: "© 2026 Vitrine",
		Rating: 4, Rights: dam.Rights{From: "2026-01-02", Until: "2026-12-31T18:30"},
		Captured: &dam.Capture{Wall: "2025-03-04T05:06:07", Offset: "+02:00"},
		Place:    &dam.Geo{Lat: -48.8584, Lon: 2.2945}}
}

// Reader and writer agree on every field of every type, with each other and with exiftool.
func TestEveryTypeAndField(t *testing.T) {
	a := filledAsset()
	for mediaType, file := range bare(t) {
		out := copied(t, file, mediaType, dam.CopyFacts{Asset: a, Locale: "en", First: true})
		m, err := full(bytes.NewReader(out), mediaType)
		if err != nil || m.Place == nil || !near(m.Place.Lat, a.Place.Lat) || !near(m.Place.Lon, a.Place.Lon) {
			t.Errorf("%s: place %+v %v", mediaType, m.Place, err)
		}
		want := dam.Metadata{Title: a.Title, Description: a.Description, Alt: a.Alt, Keywords: a.Tags,
			Creator: a.Creator, Copyright: a.Copyright, Rating: a.Rating, Rights: a.Rights, Captured: a.Captured}
		m.Place = nil
		for _, f := range table {
			if got, want := valueOf(f.name, m), valueOf(f.name, want); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s is read back as %#v, want %#v", mediaType, f.name, got, want)
			}
		}
		// Each tag alone says the same to other programs.
		said := fromExiftool(everything(t, out, Wanted()...))
		for _, f := range table {
			for _, tag := range f.tags {
				if tag.write != said.has(tag) && carriesOf(mediaType).group(group(tag.name)) &&
					tag.name != movieDate {
					t.Errorf("%s: %s written: %t", mediaType, tag.name, said.has(tag))
				}
			}
		}
	}
	fields := map[string]bool{}
	for _, f := range table {
		fields[f.name] = true
		if valueOf(f.name, dam.Metadata{Title: a.Title, Description: a.Description, Alt: a.Alt, Keywords: a.Tags,
			Creator: a.Creator, Copyright: a.Copyright, Rating: a.Rating, Rights: a.Rights, Captured: a.Captured,
			Place: a.Place}) == nil {
			t.Errorf("the test has no value of %s", f.name)
		}
	}
	if len(fields) != len(table) {
		t.Error("a field is twice in the table")
	}
}

// asUploaded is the asset that a file's upload makes, with what was read of it.
func asUploaded(m dam.Metadata) dam.CopyFacts {
	a := dam.Asset{Title: m.Title.Localise("en"), Description: m.Description.Localise("en"), Alt: m.Alt.Localise("en"),
		Tags: m.Keywords, Creator: m.Creator, Copyright: m.Copyright, Rating: m.Rating, Captured: m.Captured,
		Place: m.Place, Rights: m.Rights}
	if len(a.Title) == 0 {
		a.Title = dam.Text{"en": "a"}
	}
	return dam.CopyFacts{Asset: a, Locale: "en", Filled: m, FileName: "a.jpg", First: true}
}

// A copy keeps what nobody has edited, in the file's own words: whether it was read, read wrongly by an earlier
// version, or never read at all.
func TestCopiesLoseNothing(t *testing.T) {
	xmp := []string{"-XMP-dc:Title=Old", "-XMP-dc:Title-fr=Vieux", "-XMP-dc:Creator=Ann", "-XMP-dc:Creator=Bob",
		"-XMP-dc:Rights=© Old", "-XMP-dc:Subject=France", "-XMP-dc:Subject=Paris",
		"-XMP-lr:HierarchicalSubject=Places|Europe|France", "-XMP-photoshop:DateCreated=2024:05:06 07:08:09.123",
		"-XMP-xmp:Rating=-1", "-XMP-exif:GPSLatitude=48.8", "-XMP-exif:GPSLongitude=2.3",
		"-XMP-exif:GPSAltitude=35", "-XMP-xmpRights:UsageTerms=Ask"}
	exif := []string{"-GPS:GPSLatitude=48.8", "-GPS:GPSLatitudeRef=N", "-GPS:GPSLongitude=2.3",
		"-GPS:GPSLongitudeRef=E", "-GPS:GPSAltitude=35", "-GPS:GPSImgDirection=12.5", "-InteropIFD:InteropIndex=R98",
		"-InteropIFD:InteropVersion=0100", "-IFD0:XPComment=Seen"}
	iptc := []string{"-IPTC:ObjectName=Old", "-IPTC:Keywords=France", "-IPTC:Keywords=Paris",
		"-Photoshop:IPTCDigest=new",
		"-XMP-photoshop:LegacyIPTCDigest=00112233445566778899AABBCCDDEEFF"}
	for mediaType, file := range bare(t) {
		tags := slices.Clone(xmp)
		if room := carriesOf(mediaType); room.iptc {
			tags = append(append(tags, exif...), iptc...)
		} else if room.exif {
			tags = append(tags, exif...)
		} else if room.quicktime {
			tags = append(tags, "-ItemList:Title=Old", "-Keys:GPSCoordinates=48.8, 2.3, 35", "-ItemList:Artist=Ann")
		} else if room.pdf {
			tags = append(tags, "-PDF:Title=Old", "-PDF:Author=Ann", "-PDF:Keywords=one, two")
		}
		file = tagged(t, "file", file, tags...)
		if carriesOf(mediaType).iptc { // letters of two charsets, neither of which is named
			file = tagged(t, "file", file, "-charset", "iptc=UTF8", "-IPTC:By-line=Hélène Müller",
				"-IPTC:City=Ágnesfalva 青",
				"-IPTC:Keywords=forêt", "-IPTC:Keywords=été")
			file = tagged(t, "file", file, "-charset", "iptc=Latin", "-IPTC:Credit=Société")
		}
		groups := []string{"XMP:all", "IPTC:all", "EXIF:all", "GPS:all", "PDF:all", "ItemList:all", "Keys:all"}
		before := fromExiftool(everything(t, file, groups...))
		m, err := full(bytes.NewReader(file), mediaType)
		if err != nil || len(before) < 10 {
			t.Fatalf("%s: %d tags: %v", mediaType, len(before), err)
		}
		if city := before.text("IPTC:City"); carriesOf(mediaType).iptc && city != "Ágnesfalva 青" {
			t.Errorf("%s: the city is read as %q", mediaType, city)
		}
		wrong := m
		wrong.Place = &dam.Geo{Lat: 0, Lon: 2.3}
		ways := map[string]dam.CopyFacts{"never read": asUploaded(dam.Metadata{})}
		if mediaType == "image/jpeg" || mediaType == "video/mp4" {
			ways["read"], ways["misread"] = asUploaded(m), asUploaded(wrong)
		}
		for how, facts := range ways {
			after := fromExiftool(everything(t, copied(t, file, mediaType, facts), groups...))
			for name, was := range before {
				if strings.HasPrefix(name, "XMP-x:") || strings.Contains(name, "Offset") ||
					name == "PDF:ModifyDate" || reflect.DeepEqual(was, after[name]) {
					continue
				}
				if name == "XMP-photoshop:LegacyIPTCDigest" {
					continue // renewed with what it names, in a run of its own
				}
				t.Errorf("%s, %s: %s was %v, is %v", mediaType, how, name, was, after[name])
			}
		}
	}
}

// What somebody has edited is written, and what was taken out is gone; their neighbours stay.
func TestCopiesSayWhatWasEdited(t *testing.T) {
	file := picture(t, "jpeg", "-XMP-dc:Title=Old", "-IFD0:XPTitle=Old", "-XMP-dc:Subject=France",
		"-XMP-dc:Subject=Paris",
		"-IPTC:Keywords=France", "-XMP-lr:HierarchicalSubject=Places|Europe|France",
		"-XMP-lr:HierarchicalSubject=Places|Europe|Paris", "-GPS:GPSLatitude=48.8", "-GPS:GPSLatitudeRef=N",
		"-GPS:GPSLongitude=2.3", "-GPS:GPSLongitudeRef=E", "-GPS:GPSAltitude=35", "-GPS:GPSImgDirection=12.5",
		"-XMP-dc:Creator=Ann", "-IFD0:Artist=Ann", "-XMP-exif:GPSAltitude=35")
	m, err := full(bytes.NewReader(file), "image/jpeg")
	if err != nil {
		t.Fatal(err)
	}
	c := asUploaded(m)
	c.Asset.Title, c.Asset.Tags, c.Asset.Creator = dam.Text{"en": "New"}, []string{"Paris", "nature/forest"}, ""
	c.Asset.Place = &dam.Geo{Lat: -10, Lon: -20}
	said := fromExiftool(everything(t, copied(t, file, "image/jpeg", c), append(Wanted(), "GPS:all")...))
	for name, want := range map[string]string{"XMP-dc:Title": "New", "IPTC:ObjectName": "New", "IFD0:XPTitle": "",
		"XMP-dc:Subject": "Paris, nature/forest", "IPTC:Keywords": "Paris, nature/forest",
		branches: "nature|forest, Places|Europe|Paris", "XMP-dc:Creator": "", "IFD0:Artist": "",
		"GPS:GPSLatitude": "10", "GPS:GPSLatitudeRef": "S", "GPS:GPSLongitude": "20", "GPS:GPSLongitudeRef": "W",
		"GPS:GPSAltitude": "35", "GPS:GPSImgDirection": "12.5"} {
		if got := said.text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	c.Asset.Place = nil
	for name := range everything(t, copied(t, file, "image/jpeg", c), "GPS:all", "XMP-exif:all") {
		if strings.Contains(name, "GPS") && name != "GPS:GPSVersionID" {
			t.Errorf("a place that was taken out: %s is left", name)
		}
	}
	// Keywords that were in a file and never read: nobody removed them.
	c = asUploaded(dam.Metadata{})
	c.Asset.Tags = []string{"new"}
	if got := fromExiftool(everything(t, copied(t, file, "image/jpeg", c), "XMP-dc:Subject")); fmt.Sprint(got.list(
		"XMP-dc:Subject")) != "[new France Paris]" {
		t.Errorf("keywords %v", got)
	}
}

// A later version's file says what the asset does and nothing else of the table's, wherever it says it.
func TestCopiesOfLaterVersions(t *testing.T) {
	a := dam.Asset{Title: dam.Text{"en": "a"}, Tags: []string{"oak"}, Creator: "Zoë"}
	for _, mediaType := range []string{"image/jpeg", "application/pdf", "video/mp4"} {
		tags := []string{"-XMP-dc:Title=Foreign", "-XMP-dc:Creator=Zoë", "-XMP-dc:Rights=Foreign",
			"-XMP-dc:Subject=oak",
			"-XMP-lr:HierarchicalSubject=Trees|oak", "-XMP-lr:HierarchicalSubject=Trees|Foreign",
			"-XMP-dc:Description=Foreign", "-XMP-xmp:Rating=3", "-XMP-exif:GPSLatitude=48.8",
			"-XMP-exif:GPSLongitude=2.3", "-XMP-exif:GPSAltitude=35", "-XMP-xmpRights:UsageTerms=Foreign",
			"-XMP-iptcExt:ProductInImage={ProductId=Foreign}"}
		switch room := carriesOf(mediaType); {
		case room.iptc:
			tags = append(tags, "-IPTC:CopyrightNotice=Foreign", "-IPTC:By-line=Foreign", "-IFD0:Artist=Foreign",
				"-IFD0:XPTitle=Foreign", "-GPS:GPSLatitude=48.8", "-GPS:GPSLatitudeRef=N", "-GPS:GPSLongitude=2.3",
				"-GPS:GPSLongitudeRef=E", "-GPS:GPSAltitude=35")
		case room.pdf:
			tags = append(tags, "-PDF:Title=Foreign", "-PDF:Author=Foreign", "-PDF:Subject=Foreign")
		case room.quicktime:
			tags = append(tags, "-ItemList:Artist=Foreign", "-Keys:GPSCoordinates=48.8, 2.3, 35",
				"-UserData:Copyright=Foreign")
		}
		file := tagged(t, "file", bare(t)[mediaType], tags...)
		for _, filled := range []dam.Metadata{{}, {Creator: "Zoë", Keywords: []string{"oak"}}} {
			said := fromExiftool(everything(t, copied(t, file, mediaType, dam.CopyFacts{Asset: a, Locale: "en",
				Filled: filled, FileName: "a.jpg"}), "all"))
			for name, v := range said {
				if strings.Contains(fmt.Sprint(v), "Foreign") || strings.Contains(name, "GPS") &&
					name != "GPS:GPSVersionID" || strings.HasSuffix(name, ":Rating") {
					t.Errorf("%s: %s is still %v", mediaType, name, v)
				}
			}
			for name, want := range map[string]string{"XMP-dc:Title": "a", "XMP-dc:Creator": "Zoë",
				"XMP-dc:Subject": "oak", branches: "Trees|oak"} {
				if got := said.text(name); got != want {
					t.Errorf("%s: %s is %q, want %q", mediaType, name, got, want)
				}
			}
		}
	}
}
