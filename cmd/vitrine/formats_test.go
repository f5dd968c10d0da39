package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/cmd/vitrine/local"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/test/golden"
	"vitrine/web/api"
)

// made is a file that a program of the machine writes; args say how, the path follows.
func made(t *testing.T, path string, program string, args ...string) string {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), program, append(args, path)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", program, err, out)
	}
	return path
}

// twoPages is a PDF of a red and a blue page.
func twoPages(t *testing.T) []byte {
	t.Helper()
	svg := filepath.Join(t.TempDir(), "page.svg")
	var args []string
	for i, fill := range []string{"red", "blue"} {
		path := fmt.Sprintf("%s.%d", svg, i)
		write(t, path,
			[]byte(
				`<svg xmlns="http://www.w3.org/2000/svg" width="300" height="600"><rect width="300" height="600" fill="`+fill+`"/></svg>`))
		args = append(args, path)
	}
	b, err := os.ReadFile(made(t, svg+".pdf", "rsvg-convert", append(args, "--format", "pdf", "--output")...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// settled waits until an asset's renditions are made, or not.
func (h *house) settled(id string) dam.Asset {
	h.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		a := h.asset(id)
		if a.Latest.Renditions != dam.RenditionsPending {
			return a
		}
		if time.Now().After(deadline) {
			h.Fatalf("the renditions of %s are not made", a.Latest.FileName)
		}
	}
}

// fetch asks the API for something as somebody who takes JPEG.
func (h *house) fetch(path string, header ...string) (status int, head http.Header, body []byte) {
	h.Helper()
	r, err := http.NewRequestWithContext(h.Context(), http.MethodGet, h.server.URL+path, nil)
	if err != nil {
		h.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.token)
	r.Header.Set("Accept", "image/jpeg")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		h.Fatal(err)
	}
	return answer.StatusCode, answer.Header, b
}

func TestFormatsIn(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "two.pdf"), twoPages(t))
	write(t, filepath.Join(dir, "logo.svg"),
		[]byte(
			`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>alert(1)</script><rect width="40" height="20" fill="#00f"/></svg>`))
	made(t, filepath.Join(dir, "film.mp4"), "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
		"color=red:s=320x180:d=2:r=10", "-pix_fmt", "yuv420p")
	whole, err := os.ReadFile(filepath.Join(dir, "film.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "broken.mp4"), whole[:len(whole)/2])
	status, lines, diagnostics := h.imports(h.server.URL, dir)
	if status != 0 {
		t.Fatal(diagnostics)
	}
	for name, want := range map[string]struct {
		kind     dam.Kind
		pages    int
		duration float64
		codec    string
		w, h     int
		state    dam.RenditionState
	}{
		"two.pdf":    {dam.KindDocument, 2, 0, "", 1024, 2048, dam.RenditionsReady},
		"logo.svg":   {dam.KindImage, 0, 0, "", 2048, 1024, dam.RenditionsReady},
		"film.mp4":   {dam.KindVideo, 0, 2, "h264", 320, 180, dam.RenditionsReady},
		"broken.mp4": {dam.KindVideo, 0, 0, "", 0, 0, dam.RenditionsNone},
	} {
		a := h.settled(lines[name].Asset)
		v := a.Latest
		if a.Kind != want.kind || v.Pages != want.pages || v.Duration != want.duration || v.Codec != want.codec ||
			v.Width != want.w || v.Height != want.h || v.Renditions != want.state {
			t.Errorf("%s: %s %+v", name, a.Kind, v)
			continue
		}
		status, _, body := h.fetch("/api/assets/" + a.ID + "/preview/thumb")
		if want.state == dam.RenditionsNone {
			if status != 404 || !strings.Contains(string(body), "damaged or cut off") {
				t.Errorf("%s: %d %s", name, status, body)
			}
			continue
		}
		if m, err := jpeg.Decode(bytes.NewReader(body)); err != nil ||
			(m.Bounds().Dx() > m.Bounds().Dy()) != (want.w > want.h) {
			t.Errorf("%s: %d, no picture of the right shape (%v)", name, status, err)
		}
	}
	pdf := "/api/assets/" + lines["two.pdf"].Asset + "/preview/thumb"
	status, head, body := h.fetch(pdf + "?page=2")
	m, err := jpeg.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("page 2: %d %s", status, body)
	}
	if r, _, b, _ := m.At(m.Bounds().Dx()/2, m.Bounds().Dy()/2).RGBA(); b>>8 < 200 || r>>8 > 60 {
		t.Errorf("page 2 is not blue")
	}
	if status, _, _ := h.fetch(pdf+"?page=2", "If-None-Match", head.Get("ETag")); status != http.StatusNotModified {
		t.Errorf("page 2 again: %d", status)
	}
	for page, want := range map[string]int{"3": 404, "0": 422, "x": 422} {
		if status, _, body := h.fetch(pdf + "?page=" + page); status != want {
			t.Errorf("page %s: %d %s", page, status, body)
		}
	}
	// The drawing itself is never a page of ours.
	_, head, _ = h.fetch("/api/assets/" + lines["logo.svg"].Asset + "/download")
	if d, c := head.Get("Content-Disposition"), head.Get("Content-Security-Policy"); !strings.HasPrefix(d,
		"attachment") || !strings.Contains(c, "sandbox") {
		t.Errorf("the SVG is served with %q and %q", d, c)
	}
}

func TestDoctor(t *testing.T) {
	h := newHouse(t)
	address := strings.TrimPrefix(h.server.URL, "http://")
	flags := []string{"doctor", "--data", h.data, "--listen", address, "--public-url", h.server.URL, "--json"}
	report := func(want int, args ...string) map[string]local.Symptom {
		t.Helper()
		status, out, diagnostics := vitrine(t.Context(), args...)
		var d local.Diagnosis
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatalf("%v: %s%s", err, out, diagnostics)
		}
		if status != want || d.OK != (want == 0) {
			t.Errorf("status %d, ok %v: %s", status, d.OK, out)
		}
		by := map[string]local.Symptom{}
		for _, f := range d.Checks {
			by[f.Name] = f
		}
		return by
	}
	all := report(0, flags...)
	for _, name := range []string{"disk", "key", "database", "storage", "server", "search", "public URL", "clock",
		"JPEG", "HEIC", "AVIF", "JPEG XL", "JPEG 2000", "PDF", "SVG", "EPS", "PNM", "Raw", "MP4", "Sound",
		"bubblewrap", "gs", "dcraw_emu", "ffmpeg", "pdftoppm", "rsvg-convert", "exiftool"} {
		if f := all[name]; f.Status != local.Fine && (name != "disk" || f.Status != local.Warning) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	// What is wrong is named, with what to do.
	if err := os.Chmod(filepath.Join(h.data, "secret.key"), 0o644); err != nil { //nolint:gosec // wrong on purpose
		t.Fatal(err)
	}
	all = report(1, append(flags, "--storage", "disk:"+filepath.Join(h.data, "secret.key"))...)
	for _, name := range []string{"key", "storage"} {
		if f := all[name]; f.Status != local.Failed || f.Remedy == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if status, out, _ := vitrine(t.Context(), "doctor", "--data", h.data, "--listen", address); status != 1 ||
		!strings.Contains(out, "fail  key") || !strings.Contains(out, "chmod 600") {
		t.Errorf("in words: %d %s", status, out)
	}
}

// What is said of a format by the server, by an upload of such a file and by the documentation is the same.
func TestFormatsAgree(t *testing.T) {
	h := newHouse(t)
	var tried api.Formats
	if err := json.Unmarshal([]byte(h.get("/api/system/formats")), &tried); err != nil {
		t.Fatal(err)
	}
	samples, err := filepath.Glob("server/samples/a.*")
	if err != nil || len(samples) != len(tried.Items) {
		t.Fatalf("%d samples of %d formats: %v", len(samples), len(tried.Items), err)
	}
	status, lines, diagnostics := h.imports(h.server.URL, "server/samples")
	if status != 0 {
		t.Fatal(diagnostics)
	}
	table := "| Format | Files | The picture is | Needs |\n|---|---|---|---|\n"
	for _, f := range tried.Items {
		table += fmt.Sprintf("| %s | `%s` | %s | %s |\n", f.Name, strings.ReplaceAll(f.Files, " ", "` `"), f.Picture,
			f.Program)
		i := slices.IndexFunc(samples, func(path string) bool {
			return slices.Contains(strings.Fields(f.Files), filepath.Ext(path))
		})
		if i < 0 {
			t.Errorf("%s: there is no sample named %s", f.Name, f.Files)
			continue
		}
		a := h.settled(lines[filepath.Base(samples[i])].Asset)
		if ready := a.Latest.Renditions == dam.RenditionsReady; ready != f.Shown {
			t.Errorf("%s: the server says shown: %v (%s), and an upload has renditions: %s", f.Name, f.Shown, f.Error,
				a.Latest.Renditions)
		}
		if f.Shown {
			continue
		}
		if len(f.Reasons) == 0 || len(a.Latest.RenditionReasons) == 0 ||
			!gives(a.Latest.RenditionReasons[0], f.Reasons[0].ReasonCode) {
			t.Errorf("%s: the server says %v, and an upload %v", f.Name, f.Reasons, a.Latest.RenditionReasons)
		}
		// LibreOffice is the one program that the tests do without.
		if _, err := exec.LookPath("soffice"); f.Program != "soffice" || err == nil {
			t.Errorf("%s is not shown here: %s", f.Name, f.Error)
		}
	}
	golden.Document(t, "../../docs/operations.md", "formats", table)
}

// gives reports whether a reason that was read from an answer has a code, or tells one that has.
func gives(r reasons.Reason, code string) bool {
	why, _ := r.Params["why"].(map[string]any)
	return r.Is(code) || why["reason"] == code
}
