package bulk_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"reflect"
	"testing"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/bulk"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/ingest"
)

// picture is a JPEG whose XMP names a title, who made it and where.
func picture(t *testing.T, title string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	packet := "http://ns.adobe.com/xap/1.0/\x00" + fmt.Sprintf(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
		xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
		xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
		exif:GPSLatitude="48,51.5N" exif:GPSLongitude="2,17.67E"><dc:creator><rdf:Seq><rdf:li>Zoë</rdf:li></rdf:Seq>
		</dc:creator><dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
		</rdf:Description></rdf:RDF></x:xmpmeta>`, title)
	out := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(packet)+2))
	return append(append(out, packet...), b.Bytes()[2:]...)
}

// unrendered is plain without what becomes of the files meanwhile.
func unrendered(list []dam.Asset) []dam.Asset {
	out := plain(list)
	for i := range out {
		out[i].Latest = dam.Version{}
	}
	return out
}

// Metadata that an earlier version read wrongly is read again: first looked at, then changed where nobody has edited
// it, and put back.
func TestReadAgain(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		w := newWorld(t, cat)
		w.start()
		wrong := &dam.Geo{Lat: 0, Lon: 2.2945}
		var ids []string
		for i := range 3 {
			title := fmt.Sprintf("Chair %d", i)
			f, err := w.app.Library.Ingest.Spool(w.as(dam.Editor), bytes.NewReader(picture(t, title)))
			if err != nil {
				t.Fatal(err)
			}
			r, err := w.app.Library.Ingest.Ingest(w.as(dam.Editor), f, ingest.Upload{Library: dam.DefaultLibrary,
				FileName: "a.jpg"})
			if err := f.Remove(); err != nil {
				t.Error(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, r.Asset.ID)
			w.write(func(tx *catalog.Tx) error { // as an earlier version took it in
				a, err := tx.Assets().LockAsset(w.Context(), "", r.Asset.ID)
				if err != nil {
					return err
				}
				a.Place, a.Creator = wrong, ""
				if err := tx.Versions().SetEmbedded(w.Context(), a.Latest.ID,
					dam.Metadata{Title: dam.Text{"": title}, Place: wrong}); err != nil {
					return err
				}
				return tx.Assets().UpdateAsset(w.Context(), &a)
			})
		}
		p, err := assets.ParsePatch([]byte(`{"place":{"lat":1,"lon":1},"title":{"fr":"Chaise"}}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.app.Library.Assets.Patch(w.as(dam.Editor), dam.DefaultLibrary, ids[1], 0, p); err != nil {
			t.Fatal(err)
		}
		lost := w.insert(w.as(dam.Editor), 1, nil) // without a file
		before := unrendered(w.assets(ids))
		request := bulk.Request{Filter: dam.BulkFilter{Assets: append(lost, ids...)},
			Change: dam.BulkChange{Action: dam.BulkReadMetadata}, DryRun: true}

		dry := w.ended(w.begin(dam.Editor, request), dam.BulkDone, 4, 3, 1)
		r := dry.Report
		if r == nil || r.Changed != 3 || !reflect.DeepEqual(r.Fields, map[string]int{"place": 2, "creator": 3}) ||
			!reflect.DeepEqual(r.Kept, map[string]int{"place": 1, "title": 1}) || len(r.Examples) != 5 ||
			r.Examples[0].Asset != ids[0] || dry.UndoUntil != nil {
			t.Errorf("a dry run reports %+v", r)
		}
		if list, err := w.bulk.Failures(w.as(dam.Editor), dam.DefaultLibrary, dry.ID, 9); err != nil ||
			len(list) != 1 || list[0].Asset != lost[0] || list[0].Code != dam.Damaged || list[0].Remedy == "" {
			t.Errorf("failures %+v %v", list, err)
		}
		if after := unrendered(w.assets(ids)); !reflect.DeepEqual(after, before) {
			t.Fatalf("a dry run changed %+v", after)
		}

		request.DryRun = false
		job := w.ended(w.begin(dam.Editor, request), dam.BulkDone, 4, 3, 1)
		if job.Report == nil || job.Report.Changed != 3 || job.UndoUntil == nil {
			t.Errorf("the job reports %+v, %v", job.Report, job.UndoUntil)
		}
		after := w.assets(ids)
		for i, a := range after {
			if a.Creator != "Zoë" || a.Title["en"] != fmt.Sprintf("Chair %d", i) ||
				i != 1 && (a.Place == nil || a.Place.Lat < 48 || a.Place.Lat > 49) {
				t.Errorf("asset %d: %+v", i, a)
			}
		}
		if a := after[1]; *a.Place != (dam.Geo{Lat: 1, Lon: 1}) || a.Title["fr"] != "Chaise" {
			t.Errorf("what was edited became %+v", a)
		}
		if again := w.ended(w.begin(dam.Editor, request), dam.BulkDone, 4, 3, 1); again.Report.Changed != 0 ||
			again.Report.Kept["place"] != 1 {
			t.Errorf("the second time: %+v", again.Report)
		}

		undo, err := w.bulk.Undo(w.as(dam.Editor), dam.DefaultLibrary, job.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.ended(undo, dam.BulkDone, 3, 3, 0)
		for i, a := range unrendered(w.assets(ids)) {
			if got, want := text(t, a), text(t, before[i]); got != want {
				t.Errorf("asset %d is not as it was:\n%s\n%s", i, got, want)
			}
		}
		if m, err := cat.Versions().Embedded(w.Context(), after[0].Latest.ID); err != nil || m.Place == nil ||
			*m.Place != *wrong {
			t.Errorf("what was known of the file: %+v %v", m, err)
		}
		// What was put back can be read again: nobody has edited it.
		if b := w.ended(w.begin(dam.Editor, request), dam.BulkDone, 4, 3, 1); b.Report.Changed != 3 {
			t.Errorf("after the undo: %+v", b.Report)
		}
	})
}

// A sidecar that comes between the reading of a file and its transaction stays, as does one that comes before the undo;
// what the files say now is a revision of its own although no field changes.
func TestReadAgainBesideSidecars(t *testing.T) {
	w := newWorld(t, catalogtest.SQLite(t))
	ctx, library := w.as(dam.Editor), w.app.Library
	f, err := library.Ingest.Spool(ctx, bytes.NewReader(picture(t, "Chair")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Remove() }()
	r, err := library.Ingest.Ingest(ctx, f, ingest.Upload{Library: dam.DefaultLibrary, FileName: "a.jpg"})
	if err != nil {
		t.Fatal(err)
	}
	id, version := r.Asset.ID, r.Asset.Latest.ID
	known := func() dam.Metadata {
		t.Helper()
		m, err := w.cat.Versions().Embedded(ctx, version)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	put := func(copyright string) {
		t.Helper()
		packet := `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
			<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:rights><rdf:Alt>
			<rdf:li xml:lang="x-default">` + copyright + `</rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF>
			</x:xmpmeta>`
		if _, err := library.Assets.PutSidecar(ctx, dam.DefaultLibrary, id, "", "a.xmp", []byte(packet)); err != nil {
			t.Fatal(err)
		}
	}
	takeIn := func(r dam.Reading) (found dam.ReadingChange, revisions int64) {
		t.Helper()
		if err := w.cat.Write(ctx, func(tx *catalog.Tx) error {
			a, err := tx.Assets().LockAsset(ctx, dam.DefaultLibrary, id)
			if err != nil {
				return err
			}
			before := a.Revision
			if found, err = library.Assets.TakeIn(ctx, tx, &a, r, false); err != nil {
				return err
			}
			a, err = tx.Assets().Asset(ctx, dam.DefaultLibrary, id)
			revisions = a.Revision - before
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return found, revisions
	}
	read := func() dam.Reading {
		t.Helper()
		r, err := library.Assets.ReadFiles(ctx, dam.DefaultLibrary, id)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}

	stale := read()
	put("mine")
	if found, n := takeIn(stale); known().Copyright != "mine" || len(found.Files) != 0 || n != 0 {
		t.Errorf("a reading without the sidecar was taken in: %+v, %d revisions", known(), n)
	}

	old := known()
	old.Profile, old.Keywords = "as before", nil
	old.Incomplete = true // a note that the file is not read whole, and no field
	w.write(func(tx *catalog.Tx) error { return tx.Versions().SetEmbedded(ctx, version, old) })
	found, n := takeIn(read())
	if len(found.Changes) != 0 || len(found.Files) != 1 || n != 1 || known().Incomplete {
		t.Errorf("no field changed: %+v, %d revisions", found, n)
	}
	restore := func() {
		t.Helper()
		w.write(func(tx *catalog.Tx) error {
			return library.Assets.RestoreIn(ctx, tx, dam.DefaultLibrary, id, found.Files)
		})
	}
	put("theirs")
	if restore(); known().Copyright != "theirs" {
		t.Errorf("the undo put %+v over a later sidecar", known())
	}
	put("mine")
	if restore(); !known().Incomplete {
		t.Errorf("not put back: %+v", known())
	}
}
