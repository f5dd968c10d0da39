package convert_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/metadata"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Launch()
	os.Exit(m.Run())
}

func engine(t *testing.T, o sandbox.Options) *convert.Engine {
	t.Helper()
	o.Temp = t.TempDir()
	t.Cleanup(func() {
		if left, _ := os.ReadDir(o.Temp); len(left) > 0 {
			t.Errorf("%d things are left behind", len(left))
		}
	})
	return convert.New(convert.Options{Engine: imaging.New(), Sandbox: sandbox.New(o), Identify: metadata.Identify})
}

var small = []rendition.Spec{{Name: "small", Width: 200, Height: 200, Fit: dam.FitContain, Format: dam.PNG}}

// render makes a small PNG of a file's page.
func render(ctx context.Context, e *convert.Engine, file []byte, page int) (image.Image, reasons.Reason, error) {
	var picture image.Image
	var note reasons.Reason
	err := e.RenderPage(ctx, bytes.NewReader(file), page, small, rendition.Options{},
		func(o rendition.Output) (err error) {
			note = o.Note
			picture, err = png.Decode(bytes.NewReader(o.Bytes))
			return err
		})
	return picture, note, err
}

// near reports whether a picture shows a colour in its middle.
func near(m image.Image, want color.RGBA) bool {
	b := m.Bounds()
	r, g, bl, _ := m.At(b.Dx()/2, b.Dy()/2).RGBA()
	for _, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(bl>>8) - int(want.B)} {
		if d < -12 || d > 12 {
			return false
		}
	}
	return true
}

var (
	red   = color.RGBA{255, 0, 0, 255}
	blue  = color.RGBA{0, 0, 255, 255}
	green = color.RGBA{0, 128, 0, 255}
)

func TestFormats(t *testing.T) {
	for _, w := range []sandbox.Wall{sandbox.Bubblewrap, sandbox.Landlock} {
		t.Run(string(w), func(t *testing.T) { formats(t, w) })
	}
}

func formats(t *testing.T, w sandbox.Wall) {
	e := engine(t, sandbox.Options{Only: w})
	lavfi := func(source string) []string { return []string{"-f", "lavfi", "-i", source} }
	for name, c := range map[string]struct {
		file             []byte
		mediaType, codec string
		w, h             int // as probed; 0 is not told
		pages            int
		duration         time.Duration
		show             color.RGBA
	}{
		"PDF": {pdf(300, 600, "1 0 0", "0 0 1"), "application/pdf", "", 1024, 2048, 2, 0, red},
		"SVG": {[]byte(
			`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#00f"/></svg>`), "image/svg+xml", "", 2048, 1024, 0, 0, blue},
		"PSD": {psd(60, 30, 0, 0, 255), "image/vnd.adobe.photoshop", "", 60, 30, 0, 0, blue},
		"DNG": {dng(t, filled(64, 32, red)), "image/x-adobe-dng", "", 32, 64, 0, 0, red},
		"MP4": {film(t, "a.mp4", append(lavfi("color=red:s=320x180:d=2:r=10"), "-pix_fmt", "yuv420p")...),
			"video/mp4", "h264", 320, 180, 0, 2 * time.Second, color.RGBA{254, 0, 0, 255}},
		"MOV": {film(t, "a.mov", append(lavfi("color=blue:s=320x180:d=1:r=10"), "-pix_fmt", "yuv420p")...),
			"video/quicktime", "h264", 320, 180, 0, time.Second, blue},
		"WebM": {film(t, "a.webm", append(lavfi("color=green:s=160x90:d=1:r=10"), "-c:v", "libvpx")...), "video/webm",
			"vp8", 160, 90, 0, time.Second, green},
		"sound": {film(t, "a.mp3", lavfi("sine=d=2")...), "audio/mpeg", "mp3", 0, 0, 0, 0,
			color.RGBA{0x3b, 0x5b, 0xdb, 255}},
	} {
		t.Run(name, func(t *testing.T) {
			info, err := e.Probe(t.Context(), bytes.NewReader(c.file))
			if err != nil {
				t.Fatal(err, errors.Unwrap(err))
			}
			w, h := info.Upright()
			if info.MediaType != c.mediaType || info.Codec != c.codec || info.Pages != c.pages || w != c.w || h != c.h {
				t.Errorf("probed %+v", info)
			}
			if c.duration > 0 && (info.Duration-c.duration).Abs() > 100*time.Millisecond {
				t.Errorf("duration %s, want %s", info.Duration, c.duration)
			}
			m, _, err := render(t.Context(), e, c.file, 1)
			if err != nil {
				t.Fatal(err, errors.Unwrap(err))
			}
			if c.w > 0 && (m.Bounds().Dx() > m.Bounds().Dy()) != (c.w > c.h) {
				t.Errorf("rendered as %s", m.Bounds())
			}
			if !near(m, c.show) {
				t.Errorf("the middle is %v, want %v", m.At(m.Bounds().Dx()/2, m.Bounds().Dy()/2), c.show)
			}
		})
	}
}

func TestPlainPicturesGoStraightToTheEngine(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, filled(20, 10, red)); err != nil {
		t.Fatal(err)
	}
	// Not even a sandbox is needed.
	e := engine(t, sandbox.Options{Programs: t.TempDir()})
	if m, _, err := render(t.Context(), e, b.Bytes(), 1); err != nil || !near(m, red) {
		t.Errorf("got %v", err)
	}
	if info, err := e.Probe(t.Context(), bytes.NewReader(b.Bytes())); err != nil || info.Width != 20 {
		t.Errorf("got %+v, %v", info, err)
	}
}

func TestPages(t *testing.T) {
	e := engine(t, sandbox.Options{})
	file := pdf(300, 600, "1 0 0", "0 0 1")
	if m, _, err := render(t.Context(), e, file, 2); err != nil || !near(m, blue) {
		t.Errorf("page 2: %v", err)
	}
	for _, page := range []int{0, 3, -1} {
		if _, _, err := render(t.Context(), e, file, page); dam.CodeOf(err) != dam.NotFound {
			t.Errorf("page %d: %v", page, err)
		}
	}
}

// TestHostileDrawings: what an SVG refers to is not shown, and what it multiplies is refused.
func TestHostileDrawings(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.png")
	var b bytes.Buffer
	if err := png.Encode(&b, filled(40, 40, red)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, b.Bytes(), 0o644); err != nil { //nolint:gosec // readable by anybody is the point
		t.Fatal(err)
	}
	e := engine(t, sandbox.Options{})
	head := `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY f SYSTEM "file://` + secret + `">]>`
	body :=
		`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xi="http://www.w3.org/2001/XInclude" width="40" height="40"><rect width="40" height="40" fill="#00f"/>%s</svg>`
	for name, extra := range map[string]string{
		"file":    `<image width="40" height="40" xlink:href="file://` + secret + `"/>`,
		"network": `<image width="40" height="40" xlink:href="http://127.0.0.1:1/x.png"/>`,
		"include": `<xi:include href="file://` + secret + `" parse="text"/>`,
		"script":  `<script>document.documentElement.innerHTML = "&lt;rect width='40' height='40' fill='red'/>"</script>`,
		"style":   `<style>@import url("file://` + secret + `"); rect { fill: #00f }</style>`,
	} {
		m, _, err := render(t.Context(), e, []byte(head+fmt.Sprintf(body, extra)), 1)
		if err != nil || !near(m, blue) {
			t.Errorf("%s: shows something else than the drawing itself (%v)", name, err)
		}
	}
	bomb := `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "aaaaaaaaaaaaaaaaaaaa">`
	for i := range 9 {
		bomb += fmt.Sprintf(`<!ENTITY a%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
	}
	bomb += `]><svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text>&a9;</text></svg>`
	if _, _, err := render(t.Context(), e, []byte(bomb), 1); dam.CodeOf(err) != dam.Invalid &&
		dam.CodeOf(err) != dam.TooLarge {
		t.Errorf("entity bomb: %v", err)
	}
}

func TestHostileDocuments(t *testing.T) {
	e := engine(t, sandbox.Options{})
	// A page of 5,000,000 points a side is drawn no larger than any other.
	if m, _, err := render(t.Context(), e, pdf(5_000_000, 5_000_000, "1 0 0"), 1); err != nil ||
		m.Bounds().Dx() != 200 {
		t.Errorf("huge page: %v", err)
	}
	for name, file := range map[string][]byte{"cut off": pdf(300, 600, "1 0 0")[:60],
		"noise": append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0, 1, 2}, 1000)...)} {
		if _, err := e.Probe(t.Context(), bytes.NewReader(file)); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTruncatedVideo(t *testing.T) {
	e := engine(t, sandbox.Options{})
	args := []string{"-f", "lavfi", "-i", "testsrc=s=320x180:d=3:r=10", "-pix_fmt", "yuv420p"}
	// The index of a plain MP4 is at its end: without it nothing can be read.
	whole := film(t, "a.mp4", args...)
	_, err := e.Probe(t.Context(), bytes.NewReader(whole[:len(whole)/2]))
	if dam.CodeOf(err) != dam.Invalid || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("index lost: %v", err)
	}
	// With the index first, what there is of the video is shown.
	quick := film(t, "b.mp4", append(args, "-movflags", "+faststart")...)
	if m, _, err := render(t.Context(), e, quick[:len(quick)*3/4], 1); err != nil || m.Bounds().Dx() != 200 {
		t.Errorf("end lost: %v", err)
	}
}

func TestMissingPrograms(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{"bwrap", "prlimit"} {
		if err := os.Symlink("/usr/bin/"+p, filepath.Join(dir, p)); err != nil {
			t.Fatal(err)
		}
	}
	e := engine(t, sandbox.Options{Programs: dir})
	for program, file := range map[string][]byte{"pdftoppm": pdf(300, 600, "1 0 0"),
		"rsvg-convert": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "ffmpeg": []byte("P6\n1 1\n255\nabc"),
		"soffice": docx(t)} {
		if _, err := e.Probe(t.Context(), bytes.NewReader(file)); dam.CodeOf(err) != dam.Unsupported ||
			!strings.Contains(err.Error(), program) {
			t.Errorf("probe without %s: %v", program, err)
		}
		if _, _, err := render(t.Context(), e, file, 1); dam.CodeOf(err) != dam.Unsupported {
			t.Errorf("render without %s: %v", program, err)
		}
	}
}

func TestACancelledRenderEnds(t *testing.T) {
	e := engine(t, sandbox.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := render(ctx, e, pdf(300, 600, "1 0 0"), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
