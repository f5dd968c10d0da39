package main

import (
	"bytes"
	"encoding/json"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
)

// filmed waits until none of an asset's videos is under way any more.
func (h *house) filmed(id string) []dam.VideoRendition {
	h.Helper()
	v := h.settled(id).Latest.ID
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		list, err := h.cat.Renditions().Videos(h.Context(), v)
		if err != nil {
			h.Fatal(err)
		}
		under := false
		for _, f := range list {
			under = under || !f.Ended()
		}
		if !under {
			return list
		}
		if time.Now().After(deadline) {
			h.Fatalf("the films are not made: %+v", list)
		}
	}
}

func (h *house) rendition(id, preset string) dam.Rendition {
	h.Helper()
	list, err := h.cat.Renditions().List(h.Context(), h.asset(id).Latest.ID)
	if err != nil {
		h.Fatal(err)
	}
	for _, r := range list {
		if r.Preset == preset {
			return r
		}
	}
	h.Fatalf("no rendition %s", preset)
	return dam.Rendition{}
}

// TestFilms: a video is uploaded; its clip and its proxy are made, are nobody's before it is approved, and are then
// served in parts. The vertical one is made when somebody asks.
func TestVideos(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	made(t, filepath.Join(dir, "film.mov"), "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
		"testsrc2=s=640x360:d=8:r=25", "-f", "lavfi", "-i", "sine=d=8", "-pix_fmt", "yuv420p", "-preset", "ultrafast",
		"-shortest")
	write(t, filepath.Join(dir, "still.png"), blank(t, 64, 64))
	made(t, filepath.Join(dir, "wave.gif"), "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
		"testsrc2=s=96x64:d=1:r=5")
	_, lines, diagnostics := h.imports(h.server.URL, dir)
	if len(lines) != 3 {
		t.Fatal(diagnostics)
	}
	id := lines["film.mov"].Asset
	if films := h.filmed(id); len(films) != 0 {
		t.Fatalf("left over: %+v", films)
	}
	if v := h.asset(id).Latest; v.FrameRate != 25 || v.Codec != "h264" {
		t.Errorf("probed %+v", v)
	}
	hover, video := h.rendition(id, "hover"), h.rendition(id, "video")
	if hover.Width != 480 || hover.Height != 270 || hover.Duration < 5.9 || hover.Duration > 6.1 ||
		hover.Size > 1_500_000 || hover.MediaType != "video/mp4" {
		t.Errorf("the clip: %+v", hover)
	}
	if video.Width != 640 || video.Height != 360 || video.Duration < 7.9 || video.Duration > 8.2 {
		t.Errorf("the proxy: %+v", video)
	}
	// To those signed in it is there at once; to the public once it is approved.
	status, head, body := h.fetch("/api/assets/"+id+"/preview/video", "Range", "bytes=4-7")
	if status != http.StatusPartialContent || string(body) != "ftyp" || head.Get("Content-Type") != "video/mp4" {
		t.Errorf("preview: %d %q %s", status, body, head.Get("Content-Type"))
	}
	live, exact := "/r/"+id+"/video", "/r/"+id+"/"+video.Hash+"/video.mp4"
	for _, path := range []string{live, exact} {
		if status, _, _ := h.fetch(path); status != 404 {
			t.Errorf("%s before approval: %d", path, status)
		}
	}
	if status, _, diagnostics := h.imports(h.server.URL, "--approve", dir); status != 0 {
		t.Fatal(diagnostics)
	}
	var whole []byte
	for deadline := time.Now().Add(20 * time.Second); status != http.StatusOK; time.Sleep(20 * time.Millisecond) {
		if status, head, whole = h.fetch(live, "Accept", "*/*"); time.Now().After(deadline) {
			t.Fatalf("after approval: %d %s", status, whole)
		}
	}
	etag := head.Get("ETag")
	if int64(len(whole)) != video.Size || !strings.HasPrefix(etag, `"`) || head.Get("Accept-Ranges") != "bytes" ||
		head.Get("Content-Type") != "video/mp4" {
		t.Errorf("whole: %d bytes of %d, %v", len(whole), video.Size, head)
	}
	size := len(whole)
	for _, c := range []struct {
		ranges, ifRange string
		status          int
		want            []byte
	}{
		{"bytes=0-99", "", 206, whole[:100]},
		{"bytes=100-", etag, 206, whole[100:]},
		{"bytes=-50", "", 206, whole[size-50:]},
		{"bytes=0-99", `"other"`, 200, whole},
		{"bytes=99999999-", "", 416, nil},
	} {
		header := []string{"Range", c.ranges}
		if c.ifRange != "" {
			header = append(header, "If-Range", c.ifRange)
		}
		if status, _, body := h.fetch(exact, header...); status != c.status || c.want != nil &&
			!bytes.Equal(body, c.want) {
			t.Errorf("%v: %d with %d bytes", header, status, len(body))
		}
	}
	status, head, body = h.fetch(exact, "Range", "bytes=0-9,20-29")
	_, params, err := mime.ParseMediaType(head.Get("Content-Type"))
	if status != 206 || err != nil {
		t.Fatalf("two parts: %d %s", status, head.Get("Content-Type"))
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for _, want := range [][]byte{whole[:10], whole[20:30]} {
		p, err := parts.NextPart()
		var got bytes.Buffer
		if err == nil {
			_, err = got.ReadFrom(p)
		}
		if err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("a part: %v, %d bytes", err, got.Len())
		}
	}
	if cc := head.Get("Cache-Control"); !strings.Contains(cc, "immutable") {
		t.Errorf("exact: %s", cc)
	}
	if status, _, _ := h.fetch(exact, "If-None-Match", etag); status != http.StatusNotModified {
		t.Errorf("again: %d", status)
	}
	// What nobody has asked for is made now: the request waits, or is told to come back.
	for deadline := time.Now().Add(time.Minute); ; {
		status, _, body := h.fetch("/r/" + id + "/video-vertical")
		if status == http.StatusOK {
			break
		}
		if status != http.StatusServiceUnavailable || time.Now().After(deadline) {
			t.Fatalf("on demand: %d %s", status, body)
		}
	}
	if r := h.rendition(id, "video-vertical"); r.Width != 202 || r.Height != 360 {
		t.Errorf("vertical: %+v", r)
	}
	wave := lines["wave.gif"].Asset
	h.settled(wave)
	moving := h.rendition(wave, "animation")
	if status, head, body := h.fetch("/r/"+wave+"/animation", "Accept", "image/webp"); status != 200 ||
		head.Get("Content-Type") != "image/webp" || bytes.Count(body, []byte("ANMF")) != 5 || moving.Width != 96 {
		t.Errorf("an animation: %d %s, %d frames", status, head.Get("Content-Type"), bytes.Count(body, []byte("ANMF")))
	}
	if status, head, body := h.fetch("/r/" + wave + "/large"); status != 200 ||
		head.Get("Content-Type") != "image/jpeg" || len(body) == 0 {
		t.Errorf("its poster: %d %s", status, head.Get("Content-Type"))
	}
	for _, preset := range []string{"video", "video-vertical", "animation"} {
		if status, _, _ := h.fetch("/r/" + lines["still.png"].Asset + "/" + preset); status != 404 {
			t.Errorf("%s of a picture: %d", preset, status)
		}
	}
}

// TestAFilmIsCancelled: it stops within moments, says so, and is made when somebody asks again.
func TestAVideoIsCancelled(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	spec := filepath.Join(dir, "slow.yaml")
	write(t, spec, []byte("name: slow\nwidth: 1920\nheight: 1080\nfit: contain\nformats: [{format: mp4, quality: "+
		"100, effort: 7}]\n"))
	admin := h.newToken("admin")
	h.must("preset", "apply", "--server", h.server.URL, "--token", admin, spec)
	films := filepath.Join(dir, "films")
	if err := os.Mkdir(films, 0o700); err != nil {
		t.Fatal(err)
	}
	made(t, filepath.Join(films, "long.mp4"), "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
		"testsrc2=s=960x540:d=60:r=30", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-crf", "40")
	_, lines, _ := h.imports(h.server.URL, films)
	id := lines["long.mp4"].Asset
	v := h.settled(id).Latest.ID
	state := func() (f dam.VideoRendition, there bool) {
		list, err := h.cat.Renditions().Videos(catalogtest.Context(t), v)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			if f.Preset == "slow" {
				return f, true
			}
		}
		return dam.VideoRendition{}, false
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if f, there := state(); there && f.State == dam.VideoRunning && f.Progress > 0 {
			break
		} else if !there || time.Now().After(deadline) {
			t.Fatalf("it never runs: %+v", f)
		}
	}
	command := []string{"renditions", "--server", h.server.URL, "--token", h.token, id}
	h.must(append(command, "--cancel", "slow")...)
	if status, _, diagnostics := vitrine(t.Context(), append(command, "--cancel", "slow")...); status == 0 ||
		!strings.Contains(diagnostics, "No video is being made") {
		t.Errorf("cancelled twice: %d %s", status, diagnostics)
	}
	// The next video in the queue gets its turn, which it would not while ffmpeg was at work on this one.
	made(t, filepath.Join(films, "next.mp4"), "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
		"color=red:s=64x64:d=1:r=5", "-pix_fmt", "yuv420p")
	_, lines, _ = h.imports(h.server.URL, films)
	h.filmed(lines["next.mp4"].Asset)
	if f, there := state(); !there || f.State != dam.VideoCancelled {
		t.Errorf("after all that: %+v", f)
	}
	status, _, body := h.fetch("/api/assets/" + id + "/renditions")
	var out struct{ Films []dam.VideoRendition }
	if err := json.Unmarshal(body, &out); err != nil || status != 200 || len(out.Films) != 1 ||
		out.Films[0].State != dam.VideoCancelled {
		t.Errorf("the API: %d %v %s", status, err, body)
	}
	told := h.must(command...)
	if !strings.Contains(told, "cancelled") || !strings.Contains(told, "hover") || !strings.Contains(told, "ready") {
		t.Errorf("in words: %s", told)
	}
	// Somebody asks again, and it is under way again.
	h.must(append(command, "--retry")...)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if f, there := state(); there && f.State == dam.VideoRunning {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("it is not tried again: %+v", f)
		}
	}
	h.must(append(command, "--cancel", "slow")...)
}
