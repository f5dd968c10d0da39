package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/downloads"
	"vitrine/dam/jobs"
	"vitrine/dam/people"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// noise is a JPEG of about 900 bytes for each of its pixels across, which storage keeps in several blocks.
func noise(t *testing.T, seed uint64, width int) []byte {
	t.Helper()
	m, r := image.NewGray(image.Rect(0, 0, width, 1000)), rand.New(rand.NewPCG(seed, 1))
	for i := range m.Pix {
		m.Pix[i] = uint8(r.Uint32())
	}
	m.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpacked is an archive as Python's reader has it, once Info-ZIP's has tested it: name → bytes.
func (f *fixture) unpacked(archive []byte) map[string]string {
	f.Helper()
	name := filepath.Join(f.TempDir(), "a.zip")
	if err := os.WriteFile(name, archive, 0o600); err != nil {
		f.Fatal(err)
	}
	if out, err := exec.CommandContext(f.Context(), "unzip", "-tq", name).CombinedOutput(); err != nil {
		f.Fatalf("unzip: %v %s", err, out)
	}
	out, err := exec.CommandContext(f.Context(), "python3", "-c", `
import sys, json, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps({n: z.read(n).decode("latin-1") for n in z.namelist()}))`, name).Output()
	if err != nil {
		f.Fatalf("python: %v", err)
	}
	files := map[string]string{}
	if err := json.Unmarshal(out, &files); err != nil {
		f.Fatal(err)
	}
	for n, text := range files { // latin-1 has each byte as a letter
		b := make([]byte, 0, len(text))
		for _, r := range text {
			b = append(b, byte(r))
		}
		files[n] = string(b)
	}
	return files
}

// rows are the manifest's lines by the id of the asset.
func (f *fixture) rows(files map[string]string) map[string]map[string]string {
	f.Helper()
	list, err := csv.NewReader(strings.NewReader(files["manifest.csv"])).ReadAll()
	if err != nil || len(list) == 0 {
		f.Fatalf("the manifest: %v", err)
	}
	out := map[string]map[string]string{}
	for _, line := range list[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[list[0][i]] = cell
		}
		out[row["asset"]] = row
	}
	return out
}

func (f *fixture) downloading(as dam.Role, request string) dam.Download {
	f.Helper()
	return into[dam.Download](f, f.want(201, f.do(as, "POST", "/api/downloads", request)))
}

func byIDs(more string, ids ...string) string {
	b, _ := json.Marshal(ids)
	return fmt.Sprintf(`{"filter":{"assets":%s}%s}`, b, more)
}

// logged are the events of a type.
func (f *fixture) logged(t dam.EventType) []dam.Event {
	f.Helper()
	list, err := f.catalog.Log().Events(f.Context(), "", 0, 1000)
	if err != nil {
		f.Fatal(err)
	}
	return slices.DeleteFunc(list, func(e dam.Event) bool { return e.Type != t })
}

// An archive holds what was asked for under names of a template, a manifest says so, and it is logged. Some of it is
// stored and some is made on the way. What can't be read is named, and the archive stays valid.
func TestDownloads(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		one, two := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
		big := noise(t, 7, 1300)
		large := into[uploaded](f, f.want(201, f.upload(dam.Editor, "/api/assets", "große Datei.jpg", big, nil))).Asset
		for _, a := range []dam.Asset{one, two, large} {
			f.until("the renditions", func() bool {
				return into[dam.Asset](f, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID, "")).Latest.Renditions ==
					dam.RenditionsReady
			})
		}
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+one.ID,
			`{"title":{"en":"=cmd|' /C calc'!A0"},"creator":"Zoë","rights":{"until":"2030-01-01"}}`,
			"Content-Type", "application/merge-patch+json"))

		request := byIDs(`,"presets":["original","thumb"],"picture":{"width":50,"format":"png"},`+
			`"template":"{preset}/{n}_{filename}","dry_run":%s`, one.ID, two.ID, large.ID, one.ID, "a_unknown")
		dry := f.downloading(dam.Viewer, fmt.Sprintf(request, "true"))
		if dry.ID != "" || dry.Total != 3 || dry.Files != 9 || dry.ToMake != 3 || dry.Estimated == 0 ||
			len(dry.LeftOut) != 1 || !dry.LeftOut[0].Reason.Is(reasons.CodeDownloadAssetUnknown) ||
			dry.Bytes < one.Latest.Size+two.Latest.Size+large.Latest.Size {
			t.Fatalf("a dry run says %+v", dry)
		}
		if list := f.want(200, f.do(dam.Viewer, "GET", "/api/downloads", "")); !bytes.Contains(list.body,
			[]byte(`[]`)) {
			t.Errorf("a dry run is kept: %s", list.body)
		}
		d := f.downloading(dam.Viewer, fmt.Sprintf(request, "false"))
		if d.State != dam.DownloadReady || d.Link == "" || d.Files != dry.Files || d.Bytes != dry.Bytes {
			t.Fatalf("the download is %+v", d)
		}
		archive := f.want(200, f.do("", "GET", d.Link, ""))
		if archive.Header.Get("Content-Type") != "application/zip" ||
			!strings.HasPrefix(archive.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("the archive comes with %v", archive.Header)
		}
		files := f.unpacked(archive.body)
		if len(files) != 10 || files["original/1_photo-1.jpg"] != string(photo(t, 1)) {
			t.Errorf("the archive has %d files", len(files))
		}
		var pngs int
		for n, content := range files {
			if strings.HasPrefix(n, "picture/") && strings.HasPrefix(content, "\x89PNG") {
				pngs++
			}
		}
		if pngs != 3 {
			t.Errorf("%d pictures were made", pngs)
		}
		if row := f.rows(files)[one.ID]; row["creator"] != "Zoë" || row["rights_until"] != "2030-01-01" ||
			row["state"] != "sent" || row["sha256"] != one.Latest.SHA256 || !strings.HasPrefix(row["title"], "'=") {
			t.Errorf("the manifest says %v", row)
		}
		if row := f.rows(files)["a_unknown"]; row["state"] != "left out" || row["file"] != "" || row["note"] == "" {
			t.Errorf("of what is not there the manifest says %v", row)
		}
		now := into[dam.Download](f, f.want(200, f.do(dam.Viewer, "GET", "/api/downloads/"+d.ID, "")))
		if now.Fetched != 1 || now.SentFiles != 10 || now.FetchedAt == nil {
			t.Errorf("afterwards it is %+v", now)
		}
		if e := f.logged(dam.DownloadCreated); len(e) != 1 || e[0].Subject != d.ID {
			t.Errorf("logged are %v", e)
		}
		if e := f.logged(dam.DownloadSent); len(e) != 1 || !bytes.Contains(e[0].Data, []byte(`"whole":true`)) {
			t.Errorf("logged are %v", e)
		}

		// File by file, with the same checks.
		type part struct {
			Items []struct {
				N    int
				Name string
			}
		}
		list := into[part](f, f.want(200, f.do(dam.Viewer, "GET", "/api/downloads/"+d.ID+"/files", "")))
		if len(list.Items) != 9 {
			t.Fatalf("%d files are listed", len(list.Items))
		}
		for _, x := range list.Items {
			a := f.want(200, f.do(dam.Viewer, "GET", fmt.Sprintf("/api/downloads/%s/files/%d", d.ID, x.N), ""))
			if string(a.body) != files[x.Name] {
				t.Errorf("%s is another file by itself", x.Name)
			}
		}

		// One file is gone, one is damaged beyond its first block.
		below := f.app.Objects.Store.Unwrap()
		key := dam.OriginalKey(large.Latest.SHA256)
		broken := slices.Clone(big)
		broken[len(broken)-10] ^= 1
		if err := below.Replace(f.Context(), key, bytes.NewReader(broken),
			storage.PutOptions{Size: int64(len(broken))}); err != nil {
			t.Fatal(err)
		}
		if err := below.Delete(f.Context(), dam.OriginalKey(two.Latest.SHA256)); err != nil {
			t.Fatal(err)
		}
		d = f.downloading(dam.Viewer, byIDs("", one.ID, two.ID, large.ID))
		hurt := f.want(200, f.do("", "GET", d.Link, ""))
		files = f.unpacked(hurt.body)
		rows := f.rows(files)
		if len(files) != 3 || rows[one.ID]["state"] != "sent" || rows[two.ID]["state"] != "left out" ||
			rows[large.ID]["state"] != "incomplete" || rows[large.ID]["note"] == "" {
			t.Errorf("of damaged files the manifest says %v", rows)
		}
		if got := files["große Datei.jpg"]; len(got) < storage.BlockSize || !strings.HasPrefix(string(big), got) {
			t.Errorf("%d bytes of a damaged file are in the archive", len(got))
		}
		// What was cut off goes on with the very bytes.
		for _, from := range []int{1, len(hurt.body) / 2, len(hurt.body) - 5} {
			rest := f.want(206, f.do("", "GET", d.Link, "", "Range", fmt.Sprintf("bytes=%d-", from), "If-Range",
				hurt.Header.Get("ETag")))
			if !bytes.Equal(rest.body, hurt.body[from:]) {
				t.Errorf("from %d on, %d bytes differ", from, len(rest.body))
			}
		}
		f.want(416, f.do("", "GET", d.Link, "", "Range", fmt.Sprintf("bytes=%d-", len(hurt.body))))
		// Repaired, the next is whole again, and has another tag.
		if err := below.Replace(f.Context(), key, bytes.NewReader(big),
			storage.PutOptions{Size: int64(len(big))}); err != nil {
			t.Fatal(err)
		}
		again := f.want(200, f.do("", "GET", d.Link, ""))
		if again.Header.Get("ETag") == hurt.Header.Get("ETag") ||
			f.unpacked(again.body)["große Datei.jpg"] != string(big) {
			t.Error("a repaired file is not tried again")
		}
		if a := f.do("", "GET", d.Link, "", "Range", "bytes=5-", "If-Range",
			hurt.Header.Get("ETag")); a.StatusCode != 200 {
			t.Errorf("other bytes go on with %d", a.StatusCode)
		}
	})
}

// Links can't be guessed, and end: with their time, with a cancellation, with the permission of who asked. Other
// libraries' assets and other people's downloads are not there.
func TestDownloadsAreGuarded(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	a := f.photograph(dam.Editor, 1)
	d := f.downloading(dam.Viewer, byIDs("", a.ID))
	f.want(200, f.do("", "GET", d.Link, ""))
	for _, wrong := range []string{"/api/downloads/" + d.ID + "/archive", "/api/downloads/" + d.ID + "/archive?key=",
		strings.TrimRight(d.Link, "abcdefghijklmnopqrstuvwxyz234567") + strings.Repeat("a", 32), d.Link[:len(d.Link)-1],
		strings.Replace(d.Link, d.ID, dam.NewID(dam.DownloadPrefix), 1), d.Link + "%00"} {
		if got := f.do("", "GET", wrong, ""); got.StatusCode != 404 && got.StatusCode != 422 {
			t.Errorf("%s answers %d", wrong, got.StatusCode)
		}
	}
	for _, path := range []string{"", "/files", "/files/0"} {
		f.want(404, f.do(dam.Contributor, "GET", "/api/downloads/"+d.ID+path, ""))
	}
	f.want(404, f.do(dam.Contributor, "POST", "/api/downloads/"+d.ID+"/cancel", ""))
	for _, n := range []string{"-1", "1", "500", "99999999999999999999", "x", "%2e%2e"} {
		f.want(404, f.do(dam.Viewer, "GET", "/api/downloads/"+d.ID+"/files/"+n, ""))
	}
	f.want(404, f.do(dam.Admin, "GET", "/api/downloads/a_none", ""))

	// Another library's asset is left out as one that is not there.
	owner := branch(t, f)
	f.want(409, f.do("", "POST", "/api/downloads", byIDs("", a.ID), "Cookie", owner, "Vitrine-Library", "branch"))
	f.want(403, f.do(dam.Viewer, "POST", "/api/downloads", byIDs("", a.ID), "Vitrine-Library", "branch"))

	for body, field := range map[string]string{
		`{"filter":{},"presets":["../x"]}`: "presets", `{"filter":{},"template":"{secret}"}`: "template",
		`{"filter":{},"template":"a\u0000b"}`:                "template",
		`{"filter":{},"picture":{"format":"exe","width":9}}`: "picture.format",
		`{"filter":{},"picture":{"width":99999}}`:            "picture.width",
		`{"filter":{},"picture":{}}`:                         "picture.width",
		`{"filter":{"q":"("}}`:                               "q", `{"filter":{},"name":"` + strings.Repeat("n", 101) +
			`"}`: "name"} {
		got := f.do(dam.Admin, "POST", "/api/downloads", body)
		if got.StatusCode != 400 && got.StatusCode != 422 || !strings.Contains(string(got.body), field) {
			t.Errorf("%.60s: %d %s", body, got.StatusCode, got.body)
		}
	}
	// An archive that is already out of reach: cancelled, expired, its owner has no permission any more.
	f.want(200, f.do(dam.Viewer, "POST", "/api/downloads/"+d.ID+"/cancel", ""))
	f.want(410, f.do("", "GET", d.Link, ""))
	f.want(410, f.do(dam.Viewer, "GET", "/api/downloads/"+d.ID+"/files/0", ""))
	d = f.downloading(dam.Viewer, byIDs("", a.ID))
	if err := f.catalog.Write(f.Context(), func(tx *catalog.Tx) error {
		x, err := tx.BulkJobs().Downloads().LockDownload(f.Context(), d.ID)
		if err != nil {
			return err
		}
		x.ExpiresAt = time.Now().Add(-time.Second)
		return tx.BulkJobs().Downloads().UpdateDownload(f.Context(), &x)
	}); err != nil {
		t.Fatal(err)
	}
	f.want(410, f.do("", "GET", d.Link, ""))
	if err := f.app.Library.Downloads.Sweep(f.Context(), downloads.SweepArgs{}, jobs.Info{}); err != nil {
		t.Fatal(err)
	}
	if _, found, err := f.catalog.BulkJobs().Downloads().Files(f.Context(), d.ID, 0); found || err != nil {
		t.Errorf("the list of an expired download is kept: %v", err)
	}
	if got := into[dam.Download](f, f.want(200, f.do(dam.Viewer, "GET", "/api/downloads/"+d.ID, ""))); got.State !=
		dam.DownloadExpired || got.Link != "" {
		t.Errorf("it is %+v", got)
	}
	tok, secret, err := f.people.CreateToken(f.Context(), dam.DefaultLibrary,
		people.NewToken{Name: "x", Role: dam.Contributor})
	if err != nil {
		t.Fatal(err)
	}
	d = into[dam.Download](f, f.want(201, f.do("", "POST", "/api/downloads", byIDs("", a.ID), "Authorization",
		"Bearer "+secret)))
	f.want(204, f.do(dam.Admin, "DELETE", "/api/tokens/"+tok.ID, ""))
	f.want(403, f.do("", "GET", d.Link, ""))

	// What goes into the bin meanwhile is left out.
	b := f.photograph(dam.Editor, 2)
	d = f.downloading(dam.Viewer, byIDs("", a.ID, b.ID))
	f.want(204, f.do(dam.Editor, "DELETE", "/api/assets/"+b.ID, ""))
	if rows := f.rows(f.unpacked(f.want(200, f.do("", "GET", d.Link, "")).body)); rows[b.ID]["state"] != "left out" ||
		rows[a.ID]["state"] != "sent" {
		t.Errorf("the manifest says %v", rows)
	}
}

// A library can ask for a text to be accepted and for a reason; nothing leaves it before, one by one or as an archive.
func TestDownloadTerms(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		a := f.photograph(dam.Editor, 1)
		f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/download", ""))
		if e := f.logged(dam.AssetDownloaded); len(e) != 1 || e[0].Asset != a.ID {
			t.Fatalf("logged are %v", e)
		}
		// What goes on, or is there already, is no other download.
		f.want(206, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/download", "", "Range", "bytes=10-"))
		f.want(304, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/download", "", "If-None-Match",
			`"`+a.Latest.SHA256+`"`))
		f.want(200, f.do(dam.Viewer, "HEAD", "/api/assets/"+a.ID+"/download", ""))
		if e := f.logged(dam.AssetDownloaded); len(e) != 1 {
			t.Errorf("logged are %v", e)
		}

		f.want(403, f.do(dam.Publisher, "PUT", "/api/downloads/terms", `{"text":"x","reason_required":false}`))
		terms := into[dam.DownloadTerms](f, f.want(200, f.do(dam.Admin, "PUT", "/api/downloads/terms",
			`{"text":"Editorial use only.","reason_required":true}`, "If-Match", `"0"`)))
		f.want(412, f.do(dam.Admin, "PUT", "/api/downloads/terms", `{"text":"y","reason_required":true}`, "If-Match",
			`"0"`))
		refused := func(status int, what string, got answer) {
			t.Helper()
			errs := got.problem().Errors
			if got.StatusCode != status || len(errs) != 1 || errs[0].Location != what {
				t.Errorf("%d %s, want %d for %s", got.StatusCode, got.body, status, what)
			}
		}
		refused(422, "reason", f.do(dam.Viewer, "POST", "/api/downloads", byIDs("", a.ID)))
		refused(403, "accept", f.do(dam.Viewer, "POST", "/api/downloads", byIDs(`,"reason":"press"`, a.ID)))
		refused(403, "accept", f.do(dam.Viewer, "POST", "/api/downloads", byIDs(`,"reason":"press","accept":99`, a.ID)))
		refused(422, "reason", f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/download", ""))
		refused(403, "accept", f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/download?reason=press", ""))
		refused(403, "accept", f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/download", "", "Range", "bytes=10-"))

		d := f.downloading(dam.Viewer, byIDs(fmt.Sprintf(`,"reason":"press kit","accept":%d`, terms.Revision), a.ID))
		if d.Terms != terms.Revision {
			t.Errorf("it is for terms %d", d.Terms)
		}
		files := f.unpacked(f.want(200, f.do("", "GET", d.Link, "")).body)
		if files["licence.txt"] != "Editorial use only.\r\n" {
			t.Errorf("the archive has %q as its licence", files["licence.txt"])
		}
		// Accepted once is accepted for all that follows, by that person.
		f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+a.ID+"/download?reason=press", ""))
		refused(403, "accept", f.do(dam.Editor, "GET", "/api/assets/"+a.ID+"/download?reason=press", ""))
		f.want(200, f.do(dam.Editor, "GET", fmt.Sprintf("/api/assets/%s/download?reason=press&accept=%d", a.ID,
			terms.Revision), ""))
		if e := f.logged(dam.DownloadTermsAccepted); len(e) != 2 {
			t.Errorf("accepted by %v", e)
		}
		got := into[dam.DownloadTerms](f, f.want(200, f.do(dam.Viewer, "GET", "/api/downloads/terms", "")))
		if got.Accepted == nil || got.Text != "Editorial use only." {
			t.Errorf("the terms are %+v", got)
		}
		// Another text is accepted anew.
		f.want(200, f.do(dam.Admin, "PUT", "/api/downloads/terms", `{"text":"Other terms.","reason_required":false}`))
		refused(403, "accept", f.do(dam.Viewer, "POST", "/api/downloads", byIDs("", a.ID)))
	})
}

// Limits: files of one download, archives sent at once, and what a client that goes away leaves behind. What is more
// than a request waits for is listed by a job.
func TestDownloadLimits(t *testing.T) {
	f := startWith(t, catalogtest.SQLite(t), []string{"VITRINE_DOWNLOAD_FILES=3000", "VITRINE_DOWNLOAD_STREAMS=2"})
	var ids []string
	for i := range 5 { // more than sockets hold
		data := noise(t, uint64(i), 5000)
		ids = append(ids,
			into[uploaded](f, f.want(201, f.upload(dam.Editor, "/api/assets", "n.jpg", data, nil))).Asset.ID)
	}
	if got := f.do(dam.Viewer, "POST", "/api/downloads", byIDs("", make([]string, 10_001)...)); got.StatusCode < 400 {
		t.Errorf("10,001 ids are taken: %d", got.StatusCode)
	}
	d := f.downloading(dam.Viewer, byIDs("", ids...))
	open := func() *http.Response {
		r, err := http.NewRequestWithContext(f.Context(), "GET", f.url+d.Link, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(res.Body, make([]byte, 10)); err != nil || res.StatusCode != 200 {
			t.Fatalf("%d %v", res.StatusCode, err)
		}
		return res
	}
	first, second := open(), open()
	refused := f.do("", "GET", d.Link, "")
	if refused.StatusCode != 429 || refused.Header.Get("Retry-After") == "" {
		t.Errorf("a third archive at once: %d", refused.StatusCode)
	}
	// Whoever goes away makes room.
	if err := first.Body.Close(); err != nil {
		t.Fatal(err)
	}
	f.until("there is room again", func() bool { return f.do("", "GET", d.Link, "").StatusCode == 200 })
	f.until("the end is logged", func() bool {
		return slices.ContainsFunc(f.logged(dam.DownloadSent), func(e dam.Event) bool {
			return bytes.Contains(e.Data, []byte(`"whole":false`))
		})
	})
	// A download that is cancelled while it is sent is cut off.
	f.want(200, f.do(dam.Viewer, "POST", "/api/downloads/"+d.ID+"/cancel", ""))
	if _, err := io.Copy(io.Discard, second.Body); err == nil {
		t.Error("a cancelled archive ends as if it were whole")
	}
	_ = second.Body.Close()

	// 2,500 assets are listed by a job; 3,001 are too many.
	insert := func(n int) {
		if err := f.catalog.Write(f.Context(), func(tx *catalog.Tx) error {
			for range n {
				a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: dam.DefaultLibrary, Kind: dam.KindImage,
					Title: dam.Text{"en": "same"}, Tags: []string{"many"}}
				a.Latest = dam.Version{ID: dam.NewID(dam.VersionPrefix), Asset: a.ID, N: 1, Status: dam.Draft, Size: 1,
					SHA256: strings.Repeat("0", 64), FileName: "same.jpg"}
				if err := tx.Assets().InsertAsset(f.Context(), &a, dam.Metadata{}); err != nil {
					return err
				}
				tx.EmitAsset(dam.AssetCreated, &a, map[string]any{})
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	insert(2500)
	many := `{"filter":{"q":"tag:many"}}`
	f.until("the index has them", func() bool {
		return bytes.Contains(f.do(dam.Viewer, "GET", "/api/assets?q=tag:many&limit=1", "").body, []byte(`2500`))
	})
	d = f.downloading(dam.Viewer, many)
	if d.State != dam.DownloadPlanning || d.Link != "" {
		t.Fatalf("2,500 files are %s", d.State)
	}
	f.until("they are listed", func() bool {
		d = into[dam.Download](f, f.do(dam.Viewer, "GET", "/api/downloads/"+d.ID, ""))
		return d.State == dam.DownloadReady
	})
	if d.Files != 2500 || d.Link == "" {
		t.Errorf("the download is %+v", d)
	}
	files := f.unpacked(f.want(200, f.do("", "GET", d.Link, "")).body)
	if len(files) != 1 || strings.Count(files["manifest.csv"], "left out") != 2500 { // none of them is stored
		t.Errorf("the archive has %d files", len(files))
	}
	insert(501)
	f.until("the index has them", func() bool {
		return bytes.Contains(f.do(dam.Viewer, "GET", "/api/assets?q=tag:many&limit=1", "").body, []byte(`3001`))
	})
	if got := f.do(dam.Viewer, "POST", "/api/downloads", many); got.StatusCode != 413 {
		t.Errorf("3,001 files: %d %s", got.StatusCode, got.body)
	}
}
