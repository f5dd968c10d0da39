package writeback_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/writeback"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// childEnv makes the test binary play the server that gets killed: "VERSION URL STORE POINT".
const childEnv = "VITRINE_WRITEBACKTEST_CHILD"

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		runChild(spec)
		return
	}
	os.Exit(m.Run())
}

// service wires the real parts.
func service(ctx context.Context, cat *catalog.Catalog, store storage.Store, o sandbox.Options) (*writeback.Service,
	error) {
	queue, err := jobs.New(cat, "n1", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	engine := convert.New(convert.Options{Engine: imaging.New(), Sandbox: sandbox.New(o), Identify: metadata.Identify})
	return &writeback.Service{Catalog: cat, Store: store, Jobs: queue,
		Writer: writeback.Writer{Carried: metadata.Carried, Wanted: metadata.Wanted(), Tags: metadata.Tags,
			Sidecar: metadata.Sidecar,
			Able:    engine.CanWrite,
			Write:   engine.WriteTags}}, queue.Migrate(ctx)
}

type world struct {
	*testing.T
	cat   *catalog.Catalog
	store storage.Store
	dir   string // of the store
	*writeback.Service
}

// Context is one in which the system acts.
func (w *world) Context() context.Context { return catalogtest.Context(w.T) }

func newWorld(t *testing.T, cat *catalog.Catalog) *world {
	t.Helper()
	w := &world{T: t, cat: cat, dir: t.TempDir()}
	var err error
	if w.store, err = disk.Open(w.dir); err != nil {
		t.Fatal(err)
	}
	if w.Service, err = service(catalogtest.Context(t), cat, w.store, sandbox.Options{Temp: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	return w
}

// add stores a file as an asset.
func (w *world) add(file []byte, mediaType string, change func(*dam.Asset)) dam.Asset {
	w.Helper()
	sum := sha256.Sum256(file)
	hash := hex.EncodeToString(sum[:])
	b := catalog.Blob{Key: dam.OriginalKey(hash), SHA256: hash, Size: int64(len(file))}
	err := w.cat.Pin(w.Context(), time.Hour, b)
	if err == nil {
		err = w.store.Put(w.Context(), b.Key, bytes.NewReader(file), storage.PutOptions{Size: b.Size, SHA256: hash})
	}
	if err != nil {
		w.Fatal(err)
	}
	id := dam.NewID("a")
	a := dam.Asset{ID: id, Library: dam.DefaultLibrary, Kind: dam.KindImage, Tags: []string{}, SKUs: []string{},
		Latest: dam.Version{ID: dam.NewID("v"), Asset: id, N: 1, SHA256: hash, Size: b.Size, FileName: "a",
			MediaType: mediaType, Status: dam.Draft, Renditions: dam.RenditionsNone}}
	change(&a)
	reading := convert.New(convert.Options{Engine: imaging.New(), Identify: metadata.Identify,
		Sandbox: sandbox.New(sandbox.Options{Temp: w.TempDir()})})
	filled, err := metadata.Reader{More: reading.ReadTags}.Read(w.Context(), bytes.NewReader(file), mediaType)
	if err != nil {
		w.Log(err) // the damaged file's
	}
	if err := w.cat.Write(w.Context(), func(tx *catalog.Tx) error {
		return tx.Assets().InsertAsset(w.Context(), &a, filled)
	}); err != nil {
		w.Fatal(err)
	}
	return a
}

func (w *world) edit(id string, change func(*dam.Asset)) dam.Asset {
	w.Helper()
	a, err := catalog.Do(w.Context(), w.cat, func(tx *catalog.Tx) (dam.Asset, error) {
		a, err := tx.Assets().LockAsset(w.Context(), "", id)
		if err == nil {
			change(&a)
			err = tx.Assets().UpdateAsset(w.Context(), &a)
		}
		return a, err
	})
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// made runs the job and returns the copy.
func (w *world) made(a dam.Asset) []byte {
	w.Helper()
	if err := w.Make(w.Context(), writeback.MakeArgs{Version: a.Latest.ID}, jobs.Info{Attempt: 1, Max: 5}); err != nil {
		w.Fatal(err)
	}
	c := w.look(a, writeback.Ready)
	key, hash, _ := c.Object(a.Latest.SHA256)
	b := w.read(key)
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != hash || int64(len(b)) != c.Size {
		w.Errorf("the copy is %d bytes with another hash than %+v", len(b), c)
	}
	return b
}

func (w *world) look(a dam.Asset, want writeback.State) writeback.Copy {
	w.Helper()
	c, err := w.Prepare(w.Context(), a, a.Latest)
	if err != nil || c.State != want {
		w.Fatalf("the copy is %+v (%v), want it %s", c, err, want)
	}
	return c
}

func (w *world) read(key string) []byte {
	w.Helper()
	o, err := w.store.Open(w.Context(), key)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	b, err := io.ReadAll(o)
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// untouched fails unless an original is what its name says.
func (w *world) untouched(a dam.Asset) {
	w.Helper()
	if sum := sha256.Sum256(w.read(dam.OriginalKey(a.Latest.SHA256))); hex.EncodeToString(sum[:]) != a.Latest.SHA256 {
		w.Error("the original was altered")
	}
}

// exiftool asks the real program what a file says.
func exiftool(t *testing.T, file []byte, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "exiftool", append(args, path)...).Output()
	if err != nil {
		t.Fatalf("exiftool (package libimage-exiftool-perl): %v", err)
	}
	return string(out)
}

// tagged is a picture of the format with older tags in it, made by the real program.
func tagged(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	run := func(program string, args ...string) {
		if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", program, err, out)
		}
	}
	run("ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=64x48:d=1:r=5", "-frames:v", "1", path)
	if len(args) > 0 {
		run("exiftool", append(append([]string{"-q", "-m", "-overwrite_original"}, args...), path)...)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// described is an asset with everything a file can say.
func described(a *dam.Asset) {
	a.Title = dam.Text{"en": "Blue chair – 青", "fr": "Chaise bleue, “été”"}
	a.Description = dam.Text{"en": "Line one\nline two; -dash, \\ and 'quotes'"}
	a.Alt = dam.Text{"en": "A chair", "fr": "Une chaise"}
	a.Caption = dam.Text{"fr": "Légende"}
	a.Tags = []string{"chair", "blue, light", "nature/forest", "clé"}
	a.Creator, a.Copyright, a.Rating = "Zoë Ångström", "© 2026 Vitrine", 4
	a.Rights = dam.Rights{From: "2026-01-02", Until: "2026-12-31", Territories: []string{"FR", "CA"}}
	a.Place = &dam.Geo{Lat: -48.8584, Lon: 2.2945}
	a.Captured = &dam.Capture{Wall: "2025-03-04T05:06:07", Offset: "+02:00"}
	a.SKUs = []string{"CHR-1", "CHR-2"}
}

func TestCopy(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	p := &catalog.ProductRow{Product: dam.Product{SKU: "CHR-1", Library: dam.DefaultLibrary, GTIN: "4006381333931",
		Names: dam.Text{"en": "Chair"}, Attributes: map[string]string{}}, Key: canon.ProductKey("CHR-1")}
	if err := w.cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		return tx.Products().PutProducts(catalogtest.Context(t), []*catalog.ProductRow{p})
	}); err != nil {
		t.Fatal(err)
	}
	old := []string{"-XMP-dc:Title=old", "-XMP-dc:Title-de=alt", "-XMP-dc:Subject=stale", "-XMP-photoshop:City=Orléans",
		"-EXIF:Artist=Somebody", "-EXIF:Model=Camera 7", "-EXIF:XPTitle=old"}
	latin := []string{"-charset", "iptc=Latin", "-IPTC:City=Orléans", "-IPTC:Keywords=stale"}
	for name, f := range map[string]struct {
		mediaType string
		old       []string
	}{
		"a.jpg": {"image/jpeg", append(latin, old...)}, "a.tiff": {"image/tiff", append(latin, old...)},
		"a.png":  {"image/png", old},
		"a.webp": {"image/webp", old}, "a.gif": {"image/gif", old[:4]}, "a.mp4": {"video/mp4", old[:4]},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.T = t
			file := tagged(t, name, f.old...)
			a := w.add(file, f.mediaType, described)
			copied := w.made(a)
			w.untouched(a)
			exif, iptc := f.mediaType != "image/gif" && f.mediaType != "video/mp4", f.mediaType == "image/jpeg" ||
				f.mediaType == "image/tiff"
			var all []map[string]any
			if err := json.Unmarshal([]byte(exiftool(t, copied, "-j", "-n", "-struct", "-G1", "-All:All")),
				&all); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"XMP-dc:Title": "Blue chair – 青", "XMP-dc:Title-en": "Blue chair – 青",
				"XMP-dc:Title-fr": "Chaise bleue, “été”", "XMP-dc:Title-de": nil,
				"XMP-dc:Description": "Line one\nline two; -dash, \\ and 'quotes'", "XMP-dc:Description-fr": "Légende",
				"XMP-iptcCore:AltTextAccessibility": "A chair", "XMP-iptcCore:AltTextAccessibility-fr": "Une chaise",
				"XMP-dc:Subject":             []any{"chair", "blue, light", "nature/forest", "clé"},
				"XMP-lr:HierarchicalSubject": []any{"nature|forest"},
				"XMP-dc:Creator":             []any{"Zoë Ångström"}, "XMP-dc:Rights": "© 2026 Vitrine",
				"XMP-xmp:Rating":            4.0,
				"XMP-plus:LicenseStartDate": "2026:01:02", "XMP-plus:LicenseEndDate": "2026:12:31",
				"XMP-xmpRights:UsageTerms":  "Licensed for FR, CA only.",
				"XMP-photoshop:DateCreated": "2025:03:04 05:06:07+02:00", "XMP-photoshop:City": "Orléans",
				"XMP-iptcExt:ProductInImage": []any{map[string]any{"ProductId": "CHR-1", "ProductName": "Chair",
					"ProductGTIN": 4006381333931.0}, map[string]any{"ProductId": "CHR-2"}},
			}
			if exif {
				want["IFD0:Artist"], want["IFD0:Copyright"], want["IFD0:ImageDescription"] = "Zoë Ångström",
					"© 2026 Vitrine", "Line one\nline two; -dash, \\ and 'quotes'"
				want["IFD0:Model"], want["IFD0:XPTitle"], want["GPS:GPSLatitudeRef"] = "Camera 7", nil, "S"
			}
			if iptc {
				want["IPTC:ObjectName"], want["IPTC:Keywords"] = "Blue chair – 青",
					[]any{"chair", "blue, light", "nature/forest", "clé"}
				want["IPTC:By-line"], want["IPTC:CopyrightNotice"], want["IPTC:City"] = "Zoë Ångström",
					"© 2026 Vitrine", "Orléans"
				want["IPTC:ReleaseDate"], want["IPTC:ExpirationDate"] = "2026:01:02", "2026:12:31"
			}
			for tag, v := range want {
				got := all[0][tag]
				if l, ok := v.([]any); ok && len(l) == 1 { // exiftool writes a list of one as a value
					if _, list := got.([]any); !list {
						v = l[0]
					}
				}
				if !reflect.DeepEqual(got, v) {
					t.Errorf("%s is %#v, want %#v", tag, got, v)
				}
			}
			if f.mediaType == "video/mp4" || f.mediaType == "image/gif" {
				return // our own reading is of photographs
			}
			// What Vitrine itself would take from the copy is what it has.
			m, err := metadata.Reader{}.Read(t.Context(), bytes.NewReader(copied), f.mediaType)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(m.Title, a.Title) || !reflect.DeepEqual(m.Keywords, a.Tags) ||
				m.Creator != a.Creator || m.Copyright != a.Copyright || m.Captured == nil ||
				*m.Captured != *a.Captured || m.Place == nil {
				t.Errorf("read back as %+v", m)
			}
			before, _, err := image.Decode(bytes.NewReader(file))
			if err != nil {
				return // WebP and TIFF are told by their reader above
			}
			after, _, err := image.Decode(bytes.NewReader(copied))
			if err != nil || !reflect.DeepEqual(before, after) {
				t.Errorf("the picture has changed: %v", err)
			}
		})
	}
}

// What nobody has edited is in the copy as it was, and what XMP notes of IPTC's bytes is true of those in the copy.
func TestUnedited(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	file := tagged(t, "a.jpg", "-XMP-dc:Title=Old", "-IPTC:Keywords=oak", "-XMP-dc:Subject=oak",
		"-XMP-lr:HierarchicalSubject=Wood|oak", "-EXIF:GPSLatitude=48.8", "-EXIF:GPSLatitudeRef=N",
		"-EXIF:GPSLongitude=2.3", "-EXIF:GPSLongitudeRef=E", "-EXIF:GPSAltitude=35", "-EXIF:GPSImgDirection=12.5",
		"-XMP-photoshop:LegacyIPTCDigest=00112233445566778899AABBCCDDEEFF", "-Photoshop:IPTCDigest=new")
	a := w.add(file, "image/jpeg", func(a *dam.Asset) {
		a.Title, a.Tags, a.Place = dam.Text{"en": "New"}, []string{"oak"}, &dam.Geo{Lat: 48.8, Lon: 2.3}
	})
	b := w.made(a)
	for tag, want := range map[string]string{"XMP-lr:HierarchicalSubject": "Wood|oak", "GPS:GPSAltitude": "35",
		"GPS:GPSImgDirection": "12.5", "XMP-dc:Title": "New", "IPTC:ObjectName": "New"} {
		if said := exiftool(t, b, "-n", "-s3", "-"+tag); said != want+"\n" {
			t.Errorf("%s is %q, want %q", tag, said, want)
		}
	}
	digests := strings.Fields(exiftool(t, b, "-s3", "-XMP-photoshop:LegacyIPTCDigest", "-Photoshop:IPTCDigest",
		"-File:CurrentIPTCDigest"))
	if len(digests) != 3 || !strings.EqualFold(digests[0], digests[2]) || !strings.EqualFold(digests[1], digests[2]) {
		t.Errorf("the digests are %q", digests)
	}
}

// What a sidecar says is in the copy, in place of what the file says otherwise; what it is silent about stays as it
// was, and another sidecar makes another copy.
func TestWithSidecar(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	packet := []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
		xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
		xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
		exif:GPSLatitude="48,51.5N" exif:GPSLongitude="2,17.67E"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Chair
		</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag><rdf:li>oak</rdf:li></rdf:Bag></dc:subject><dc:rights>
		<rdf:Alt><rdf:li xml:lang="x-default">mine</rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>`)
	file := tagged(t, "a.jpg", "-IPTC:CopyrightNotice=theirs", "-EXIF:Copyright=theirs", "-XMP-dc:Subject=pine",
		"-IPTC:Keywords=pine", "-XMP-lr:HierarchicalSubject=Wood|pine", "-XMP-dc:Creator=Ann", "-XMP-dc:Creator=Bob",
		"-EXIF:GPSLatitude=12", "-EXIF:GPSLatitudeRef=S", "-EXIF:GPSLongitude=13", "-EXIF:GPSLongitudeRef=W")
	plain := w.add(file, "image/jpeg", func(*dam.Asset) {})
	m, err := metadata.Reader{}.ReadWithSidecar(t.Context(), bytes.NewReader(file), "image/jpeg", packet)
	if err != nil {
		t.Fatal(err)
	}
	put := func(packet []byte, m dam.Metadata) {
		t.Helper()
		sum := sha256.Sum256(packet)
		of := &dam.Sidecar{FileName: "a.xmp", SHA256: hex.EncodeToString(sum[:]), Size: int64(len(packet))}
		if err := w.cat.Write(w.Context(), func(tx *catalog.Tx) error {
			if err := tx.Versions().PutSidecar(w.Context(), plain.Latest.ID, of, packet); err != nil {
				return err
			}
			return tx.Versions().SetEmbedded(w.Context(), plain.Latest.ID, m)
		}); err != nil {
			t.Fatal(err)
		}
	}
	put(packet, m)
	a := w.edit(plain.ID, func(a *dam.Asset) { m.Fill(a, "en", "a.jpg") })
	if a.Title["en"] != "Chair" {
		t.Fatalf("the asset is %+v", a)
	}
	b := w.made(a)
	for tag, want := range map[string]string{"XMP-dc:Title": "Chair", "IPTC:ObjectName": "Chair",
		"XMP-dc:Subject": "oak",
		"IPTC:Keywords":  "oak", "IPTC:CopyrightNotice": "mine", "IFD0:Copyright": "mine", "XMP-dc:Rights": "mine",
		"XMP-dc:Creator": "Ann, Bob", "GPS:GPSLatitudeRef": "N", "GPS:GPSLongitudeRef": "E"} {
		if said := exiftool(t, b, "-n", "-s3", "-"+tag); said != want+"\n" {
			t.Errorf("%s is %q, want %q", tag, said, want)
		}
	}
	if said := exiftool(t, b, "-G1", "-a", "-XMP:All", "-IPTC:All", "-IFD0:All"); strings.Contains(said, "pine") ||
		strings.Contains(said, "theirs") {
		t.Errorf("the copy says\n%s", said)
	}
	put(append(packet, '\n'), m)
	w.look(a, writeback.Absent)
}

// What the catalogue no longer says is not in the copy, nor is a place that was taken out.
func TestEmptied(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	a := w.add(tagged(t, "a.jpg", "-XMP-dc:Title=old", "-IPTC:ObjectName=old", "-XMP-dc:Subject=old",
		"-IPTC:Keywords=old", "-EXIF:Artist=old", "-EXIF:Copyright=old", "-XMP-dc:Description=old",
		"-EXIF:GPSLatitude=48.8", "-EXIF:GPSLatitudeRef=N", "-EXIF:GPSLongitude=2.3", "-EXIF:GPSLongitudeRef=E",
		"-XMP-exif:GPSLatitude=48.8", "-XMP-exif:GPSLongitude=2.3", "-XMP-xmp:Rating=3",
		"-XMP-xmpRights:UsageTerms=the photographer's"), "image/jpeg",
		func(a *dam.Asset) { a.Title = dam.Text{"en": "New"} })
	b := w.made(a)
	if said := exiftool(t, b, "-G1", "-a", "-XMP:All", "-IPTC:All", "-GPS:All", "-IFD0:All"); strings.Contains(said,
		"old") || strings.Contains(said, "GPSLatitude") || strings.Contains(said, "GPS Latitude") ||
		strings.Contains(said, "Rating") || !strings.Contains(said, "the photographer's") {
		t.Errorf("the copy says\n%s", said)
	}
}

// What is in IPTC without a word of its charset is in the copy as it was read, though only the title was edited.
func TestUndeclaredLetters(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	a := w.add(tagged(t, "a.jpg", "-charset", "iptc=UTF8", "-IPTC:By-line=Hélène Müller", "-IPTC:City=Société",
		"-IPTC:Keywords=forêt"), "image/jpeg", func(a *dam.Asset) {
		a.Title, a.Tags, a.Creator = dam.Text{"en": "New"}, []string{"forêt"}, "Hélène Müller"
	})
	if said := exiftool(t, w.made(a), "-s3", "-IPTC:CodedCharacterSet", "-IPTC:ObjectName", "-IPTC:By-line",
		"-IPTC:City", "-IPTC:Keywords"); said != "UTF8\nNew\nHélène Müller\nSociété\nforêt\n" {
		t.Errorf("the copy says\n%s", said)
	}
}

// A later version's copy says nothing that the asset does not; the first version's file, restored, keeps its own.
func TestLaterVersions(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	first := w.add(tagged(t, "a.jpg", "-XMP-dc:Creator=Ann", "-XMP-dc:Creator=Bob"), "image/jpeg",
		func(a *dam.Asset) { a.Title, a.Creator = dam.Text{"en": "New"}, "Ann, Bob" })
	later := w.add(tagged(t, "a.jpg", "-IPTC:CopyrightNotice=foreign", "-XMP-dc:Creator=foreign",
		"-EXIF:GPSLatitude=48.8", "-EXIF:GPSLatitudeRef=N", "-EXIF:GPSLongitude=2.3", "-EXIF:GPSLongitudeRef=E"),
		"image/jpeg", func(*dam.Asset) {}).Latest
	restored := first.Latest
	a := first
	for _, v := range []*dam.Version{&later, &restored} {
		v.ID = dam.NewID("v")
		if err := w.cat.Write(w.Context(), func(tx *catalog.Tx) (err error) {
			if a, err = tx.Assets().LockAsset(w.Context(), "", a.ID); err != nil {
				return err
			}
			return tx.Versions().AddVersion(w.Context(), &a, *v, dam.Metadata{})
		}); err != nil {
			t.Fatal(err)
		}
		b := w.made(a)
		if v == &restored {
			if !bytes.Equal(b, w.made(first)) {
				t.Error("the first version's file, restored, has another copy")
			}
		} else if said := exiftool(t, b, "-G1", "-a", "-XMP:All", "-IPTC:All", "-GPS:All"); strings.Contains(said,
			"foreign") || strings.Contains(said, "Latitude") || !strings.Contains(said, "Ann, Bob") {
			t.Errorf("the later version's copy says\n%s", said)
		}
	}
}

func TestOutOfDate(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		a := w.add(tagged(t, "a.jpg"), "image/jpeg", described)
		w.look(a, writeback.Absent)
		first := w.made(a)
		if again := w.made(a); !bytes.Equal(first, again) {
			t.Error("the same metadata gave other bytes")
		}
		a = w.edit(a.ID, func(a *dam.Asset) { a.Focal = &dam.Point{X: .2, Y: .3} })
		w.look(a, writeback.Ready) // nothing of that is in the file
		a = w.edit(a.ID, func(a *dam.Asset) { a.Title = dam.Text{"en": "Another"} })
		w.look(a, writeback.Absent)
		if said := exiftool(t, w.made(a), "-s3", "-XMP-dc:Title"); said != "Another\n" {
			t.Errorf("the new copy says %q", said)
		}
		// A product's new name is in its pictures' copies.
		p := &catalog.ProductRow{Product: dam.Product{SKU: "CHR-1", Library: dam.DefaultLibrary,
			Names: dam.Text{"en": "Stool"}, Attributes: map[string]string{}}, Key: canon.ProductKey("CHR-1")}
		if err := cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			return tx.Products().PutProducts(catalogtest.Context(t), []*catalog.ProductRow{p})
		}); err != nil {
			t.Fatal(err)
		}
		w.look(a, writeback.Absent)
		if said := exiftool(t, w.made(a), "-s3", "-XMP-iptcExt:ProductInImageName"); said != "Stool\n" {
			t.Errorf("the product is %q", said)
		}
		// The copies before are nobody's now, the last one is; a week later it goes too.
		if known, referenced, err := cat.Objects().BlobState(catalogtest.Context(t), copyKey(w, a)); err != nil ||
			!known || !referenced {
			t.Errorf("the copy is known %t, referenced %t: %v", known, referenced, err)
		}
		if err := cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			return tx.Renditions().ExpireMetadataCopies(catalogtest.Context(t), time.Now().Add(time.Hour))
		}); err != nil {
			t.Fatal(err)
		}
		w.look(a, writeback.Absent)
		w.untouched(a)
	})
}

func copyKey(w *world, a dam.Asset) string {
	key, _, _ := w.look(a, writeback.Ready).Object(a.Latest.SHA256)
	return key
}

func TestRefused(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	raw := w.add([]byte("raw"), "image/x-canon-cr2", described)
	if c := w.look(raw, writeback.Impossible); !strings.Contains(c.Note, "image/x-canon-cr2") {
		t.Errorf("the note is %q", c.Note)
	}
	// A file that is damaged says so, and can be tried again.
	damaged := w.add([]byte("\xff\xd8\xff\xe1\x00"), "image/jpeg", described)
	if err := w.Make(catalogtest.Context(t), writeback.MakeArgs{Version: damaged.Latest.ID},
		jobs.Info{Attempt: 1, Max: 5}); err == nil {
		t.Error("a damaged file was written")
	}
	if c := w.look(damaged, writeback.Failed); !strings.Contains(c.Note, "damaged") {
		t.Errorf("the note is %q", c.Note)
	}
	if c, err := w.Ask(catalogtest.Context(t), damaged, damaged.Latest); err != nil || c.State != writeback.Pending {
		t.Errorf("asked again: %+v %v", c, err)
	}
	w.untouched(damaged)
	// Without the program, what was made is still there, and nothing else is promised.
	fine := w.add(tagged(t, "a.jpg"), "image/jpeg", described)
	w.made(fine)
	bare, err := service(catalogtest.Context(t), w.cat, w.store, sandbox.Options{Programs: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = bare
	w.look(fine, writeback.Ready)
	fine = w.edit(fine.ID, func(a *dam.Asset) { a.Creator = "N. N." })
	if c := w.look(fine, writeback.Impossible); !strings.Contains(c.Note, "prlimit") {
		t.Errorf("the note is %q", c.Note)
	}
	if _, err := w.Ask(catalogtest.Context(t), fine, fine.Latest); err != nil {
		t.Error(err)
	}
}

// runChild makes a copy and stops at a point for ever, after having said so.
func runChild(spec string) {
	var version, url, dir, point string
	if _, err := fmt.Sscan(spec, &version, &url, &dir, &point); err != nil {
		panic(err)
	}
	ctx := dam.AsSystem(context.Background(), "a test's own steps")
	cat, err := catalog.Open(ctx, url)
	if err != nil {
		panic(err)
	}
	store, err := disk.Open(dir)
	if err != nil {
		panic(err)
	}
	s, err := service(ctx, cat, store, sandbox.Options{})
	if err != nil {
		panic(err)
	}
	stop := func(at string) {
		if at == point {
			fmt.Println("here")
			select {}
		}
	}
	write := s.Writer.Write
	s.Writer.Write = func(ctx context.Context, src io.ReadSeeker, wanted []string,
		tags func(map[string]any) dam.FileTags, use func(*os.File) error) error {
		stop("begun")
		return write(ctx, src, wanted, tags, func(f *os.File) error {
			stop("written")
			err := use(f)
			stop("stored")
			return err
		})
	}
	panic(s.Make(ctx, writeback.MakeArgs{Version: version}, jobs.Info{Attempt: 1, Max: 5}))
}

// A job that dies at any point is made good by the next: one copy, the original as it was.
func TestKilled(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "catalog.db")
	cat, err := catalog.Open(catalogtest.Context(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cat.Close() })
	if err := cat.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, cat)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i, point := range []string{"begun", "written", "stored"} {
		m.Set(i, 0, color.White)
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 100}); err != nil {
			t.Fatal(err)
		}
		a := w.add(b.Bytes(), "image/jpeg", described)
		cmd := exec.CommandContext(t.Context(), exe)
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %s", childEnv, a.Latest.ID, url, w.dir, point),
			"TMPDIR="+t.TempDir())
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		said, _ := bufio.NewReader(out).ReadString('\n')
		if said != "here\n" {
			t.Fatalf("%s: the child said %q", point, said)
		}
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child outlived its death")
		}
		w.look(a, writeback.Absent)
		if said := exiftool(t, w.made(a), "-s3", "-XMP-dc:Creator"); said != "Zoë Ångström\n" {
			t.Errorf("%s: the copy says %q", point, said)
		}
		w.untouched(a)
		n := 0
		for _, err := range w.store.List(catalogtest.Context(t), "copies/"+a.Latest.SHA256+"/") {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%s: %d copies are stored", point, n)
		}
	}
}
