// Package corpus makes files with other people's programs, uploads them to a whole server, and compares what it says
// and shows of them with what other readers do: ImageMagick with LittleCMS, exiftool, ffprobe, pdfinfo, Ghostscript.
package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/cmd/vitrine/server/servertest"
	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/people"
	"vitrine/test/soak"
	"vitrine/web/api"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// side is the longest side of the renditions that are compared, in pixels.
const side = 1024

// TestCorpus uploads each sample. A short run takes those that are marked so; `make soak` takes all, or with SHARD=I/N
// the Ith of N shares.
func TestCorpus(t *testing.T) {
	all := samples()
	var short []string
	seen := map[string]bool{}
	for _, s := range all {
		if seen[s.id()] {
			t.Fatalf("two samples are called %s", s.id())
		}
		seen[s.id()] = true
		if s.short || os.Getenv("VITRINE_SOAK") != "" {
			short = append(short, s.id())
		}
	}
	want := soak.Corpus
	if _, err := exec.LookPath("soffice"); err != nil {
		want-- // LibreOffice makes one, where it is
	}
	if len(all) != want {
		t.Errorf("there are %d samples; soak.Corpus says %d", len(all), want)
	}
	shard := soak.Open(t, "corpus", short...)
	c := newCorpus(t)
	t.Run("files", func(t *testing.T) {
		for _, s := range all {
			if !shard.Wants(s.id()) {
				continue
			}
			t.Run(s.id(), func(t *testing.T) {
				t.Parallel()
				wrong := c.try(t, s)
				c.mu.Lock()
				defer c.mu.Unlock()
				shard.Ended(t, soak.Result{Case: s.id(), Wrong: strings.Join(wrong, "\n")})
			})
		}
	})
	c.summary()
}

// corpus is the server, and what the samples are made of.
type corpus struct {
	*testing.T
	app   *servertest.App
	url   string
	token string
	dir   string // of what recipes need
	mu    sync.Mutex
	tally map[string]*tally
	// slowest took as long as any until its renditions were made.
	slowest string
	longest time.Duration
}

// tally counts what became of a family's samples.
type tally struct{ shown, kept, refused, wrong int }

func newCorpus(t *testing.T) *corpus {
	c := &corpus{T: t, app: servertest.Start(t), dir: t.TempDir(), tally: map[string]*tally{}}
	srv := httptest.NewServer(c.app.Handler)
	t.Cleanup(srv.Close)
	c.url = srv.URL
	var err error
	if _, c.token, err = c.app.Library.People.CreateToken(catalogtest.Context(t), dam.DefaultLibrary,
		people.NewToken{Name: "corpus", Role: dam.Admin}); err != nil {
		t.Fatal(err)
	}
	var presets struct{ Items []struct{ Name string } }
	c.ask(t, http.MethodGet, "/api/presets", nil, &presets)
	for _, p := range presets.Items { // one picture of each is enough; the portal's own can't be removed
		c.ask(t, http.MethodDelete, "/api/presets/"+p.Name, nil, nil)
	}
	whole := dam.Preset{Name: "whole", Width: side, Height: side, Fit: dam.FitContain,
		Formats: []dam.PresetFormat{{Format: dam.PNG}}}
	if status := c.ask(t, http.MethodPut, "/api/presets/whole", whole, nil); status != http.StatusOK {
		t.Fatalf("the preset: %d", status)
	}
	c.ingredients(t)
	return c
}

// ask sends JSON and decodes the answer into out where that is not nil.
func (c *corpus) ask(t *testing.T, method, path string, in, out any) int {
	t.Helper()
	var body []byte
	if in != nil {
		body, _ = json.Marshal(in) // of a preset
	}
	status, answer := c.send(t, method, path, "application/json", body)
	if out != nil && status < 300 {
		if err := json.Unmarshal(answer, out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
	return status
}

func (c *corpus) send(t *testing.T, method, path, contentType string, body []byte) (status int, answer []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Accept", "image/png, application/json")
	if len(body) > 0 {
		r.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if answer, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer
}

// outcome is what the server says and shows of a file.
type outcome struct {
	refusal *api.Problem // nil when the file is an asset
	asset   dam.Asset
	picture image.Image // nil without a rendition
	note    string      // what is said of the picture, or of why there is none
}

// upload sends a file and waits until its renditions are made or can't be.
func (c *corpus) upload(t *testing.T, name string, file []byte) (o outcome) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("on_duplicate", "keep"); err != nil {
		t.Fatal(err)
	}
	f, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = f.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	status, answer := c.send(t, http.MethodPost, "/api/assets", w.FormDataContentType(), b.Bytes())
	if status != http.StatusCreated {
		o.refusal = &api.Problem{}
		if err := json.Unmarshal(answer, o.refusal); err != nil || status >= 500 {
			t.Fatalf("upload: %d %s", status, answer)
		}
		return o
	}
	var made struct{ Asset dam.Asset }
	if err := json.Unmarshal(answer, &made); err != nil {
		t.Fatal(err)
	}
	o.asset = made.Asset
	at := "/api/assets/" + o.asset.ID
	for end := time.Now().Add(4 * time.Minute); o.asset.Latest.Renditions == dam.RenditionsPending; {
		if time.Now().After(end) {
			t.Fatal("the renditions are never made")
		}
		time.Sleep(30 * time.Millisecond)
		c.ask(t, http.MethodGet, at, nil, &o.asset)
	}
	c.mu.Lock()
	if took := time.Since(began); took > c.longest {
		c.longest, c.slowest = took, name
	}
	c.mu.Unlock()
	o.note = o.asset.Latest.RenditionNote
	if o.asset.Latest.Renditions == dam.RenditionsReady {
		var made struct{ Items []dam.Rendition }
		c.ask(t, http.MethodGet, at+"/renditions", nil, &made)
		for _, m := range made.Items {
			if m.Preset == "whole" {
				o.note += m.Note
			}
		}
		status, answer := c.send(t, http.MethodGet, at+"/preview/whole", "", nil)
		if status == http.StatusOK {
			if o.picture, err = png.Decode(bytes.NewReader(answer)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return o
}

// kept says what is wrong with the server's copy of the file: it has to have every byte, of an asset for download and
// of a refused file in quarantine. An empty file is not kept.
func (c *corpus) kept(t *testing.T, o outcome, file []byte, sum string) string {
	t.Helper()
	var have []byte
	switch {
	case o.refusal == nil:
		_, have = c.send(t, http.MethodGet, "/api/assets/"+o.asset.ID+"/download", "", nil)
	case len(file) == 0:
		return ""
	default:
		var err error
		if have, err = os.ReadFile(filepath.Join(c.app.Config.Data, "objects", "quarantine", sum)); err != nil {
			return "not in quarantine: " + err.Error()
		}
	}
	if !bytes.Equal(have, file) {
		return fmt.Sprintf("%d bytes were sent, %d others came back", len(file), len(have))
	}
	return ""
}

// summary prints what became of each family.
func (c *corpus) summary() {
	var sum tally
	var b strings.Builder
	names := make([]string, 0, len(c.tally))
	for name := range c.tally {
		names = append(names, name)
	}
	slices.Sort(names)
	line := func(name string, x tally) {
		fmt.Fprintf(&b, "%-14s %4d files: %4d shown, %4d kept without a picture, %4d refused; %d wrong\n", name,
			x.shown+x.kept+x.refused, x.shown, x.kept, x.refused, x.wrong)
	}
	for _, name := range names {
		x := *c.tally[name]
		line(name, x)
		sum.shown, sum.kept, sum.refused, sum.wrong = sum.shown+x.shown, sum.kept+x.kept, sum.refused+x.refused,
			sum.wrong+x.wrong
	}
	line("all", sum)
	fmt.Fprintf(&b, "the slowest, until it was shown or not: %s in %.1f s\n", c.slowest, c.longest.Seconds())
	c.Log("\n" + b.String())
}

func (c *corpus) count(s sample, o outcome, wrong bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.tally[s.family]
	if x == nil {
		x = &tally{}
		c.tally[s.family] = x
	}
	switch {
	case o.refusal != nil:
		x.refused++
	case o.picture != nil:
		x.shown++
	default:
		x.kept++
	}
	if wrong {
		x.wrong++
	}
}

// wheel has every hue, from dark to light, and no symmetry.
func wheel(w, h int, alpha bool) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			at := func(shift float64) uint8 {
				v := .5 + .5*math.Sin(2*math.Pi*(float64(x)/float64(w)+shift))
				return uint8(20 + 215*v*float64(y+h/4)/float64(h+h/4))
			}
			p := color.NRGBA{at(0), at(1. / 3), at(2. / 3), 255}
			if alpha {
				p.A = uint8(255 * (w - x) / w)
			}
			m.SetNRGBA(x, y, p)
		}
	}
	return m
}
