package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vitrine/dam"
)

func metadata(pairs ...string) string {
	var list []string
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(list, ",")
}

// create starts a resumable upload and returns its path.
func (x *server) create(size int, name string, more ...string) string {
	x.Helper()
	a := x.try("POST", "/api/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(size),
		"Upload-Metadata", metadata(append([]string{"filename", name}, more...)...))
	if a.err != nil || a.StatusCode != http.StatusCreated {
		x.Fatalf("creating an upload: %v %s", a.err, a.body)
	}
	_, id, ok := strings.Cut(a.Header.Get("Location"), "/api/uploads/")
	if !ok {
		x.Fatalf("Location %q", a.Header.Get("Location"))
	}
	return "/api/uploads/" + id
}

func (x *server) patch(path string, offset int, data []byte) answer {
	return x.try("PATCH", path, bytes.NewReader(data), "Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(offset),
		"Content-Type", "application/offset+octet-stream")
}

// An upload that the server's death interrupts goes on where it was.
func TestUploadResumesAfterKill(t *testing.T) {
	x := start(t, setup{})
	data := photo(t, 5, 900, 700)
	path := x.create(len(data), "half.jpg")
	half := len(data) / 2
	if a := x.patch(path, 0, data[:half]); a.err != nil || a.StatusCode != http.StatusNoContent {
		t.Fatalf("first half: %v %s", a.err, a.body)
	}
	x.kill()
	x.run()
	h := x.try("HEAD", path, nil, "Tus-Resumable", "1.0.0")
	if h.err != nil || h.Header.Get("Upload-Offset") != strconv.Itoa(half) {
		t.Fatalf("after the kill the offset is %q %v, want %d", h.Header.Get("Upload-Offset"), h.err, half)
	}
	a := x.patch(path, half, data[half:])
	if a.err != nil || a.StatusCode != http.StatusNoContent || a.Header.Get("Vitrine-Status") != "created" {
		t.Fatalf("second half: %v %d %v %s", a.err, a.StatusCode, a.Header, a.body)
	}
	asset := x.ready(a.Header.Get("Vitrine-Asset"))
	sum := sha256.Sum256(data)
	if asset.Latest.SHA256 != hex.EncodeToString(sum[:]) {
		t.Error("the asset is not the file")
	}
	// A sender that lost the last answer asks for it.
	var o struct{ Status, Asset string }
	x.do(http.StatusOK, "GET", path+"/result", nil, &o)
	if o.Status != "created" || o.Asset != asset.ID {
		t.Errorf("result %+v", o)
	}
	// The same bytes again: the existing asset and the choices; then both are kept.
	path = x.create(len(data), "copy.jpg")
	a = x.patch(path, 0, data)
	var problem struct {
		Code      string
		Duplicate struct {
			Asset   string
			Choices []string
		}
	}
	if err := json.Unmarshal(a.body, &problem); err != nil || a.StatusCode != http.StatusConflict ||
		problem.Code != "duplicate" || problem.Duplicate.Asset != asset.ID || len(problem.Duplicate.Choices) != 3 {
		t.Errorf("duplicate: %d %s", a.StatusCode, a.body)
	}
	var kept struct{ Asset dam.Asset }
	x.do(http.StatusCreated, "POST", path+"/resolve", map[string]string{"choice": "keep_both"}, &kept)
	if kept.Asset.ID == asset.ID || kept.Asset.ID == "" {
		t.Errorf("keep both gave %+v", kept)
	}
	// An upload that this server does not know starts again: stock clients take 404 as that.
	if h := x.try("HEAD", strings.TrimSuffix(path, path[len(path)-4:])+"0000", nil, "Tus-Resumable",
		"1.0.0"); h.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown upload: %d", h.StatusCode)
	}
}

// A plain script with curl and the stock JavaScript client.
func TestStockUploadClients(t *testing.T) {
	x := start(t, setup{})
	for i, client := range [][]string{{"sh", "testdata/upload.sh"}, {"node", "testdata/upload.mjs"}} {
		file := filepath.Join(t.TempDir(), "stock.jpg")
		if err := os.WriteFile(file, photo(t, uint64(200+i), 800, 600), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(client[0], append(client[1:], x.url, file)...)
		cmd.Env = append(os.Environ(), "VITRINE_TOKEN="+x.token)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", client[1], err, out)
			continue
		}
		lines := strings.Fields(string(out))
		if len(lines) == 0 || x.ready(lines[len(lines)-1]).Latest.Width != 800 {
			t.Errorf("%s printed %q, want the asset's id last", client[1], out)
		}
	}
}

// endless is size bytes of noise that never are in memory at once.
func endless(size int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{1}), size)
}

// rss is the process's resident memory in bytes.
func (x *server) rss(field string) int64 {
	x.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", x.cmd.Process.Pid))
	if err != nil {
		x.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			var kb int64
			if _, err := fmt.Sscan(v, &kb); err != nil {
				x.Fatal(err)
			}
			return kb << 10
		}
	}
	x.Fatal("no " + field)
	return 0
}

// A large upload stays under 64 MiB of server memory above idle.
func TestLargeUploadMemory(t *testing.T) {
	size := int64(soak(256, 2048)) << 20
	each(t, func(t *testing.T, s setup) {
		x := start(t, s)
		x.upload("warm.jpg", photo(t, 9, 640, 480))
		x.workDone()
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", x.cmd.Process.Pid), []byte("5"), 0); err != nil {
			t.Fatal(err) // resets the peak
		}
		idle := x.rss("VmRSS")
		pr, pw := io.Pipe()
		w := multipart.NewWriter(pw)
		go func() {
			f, err := w.CreateFormFile("file", "noise.bin")
			if err == nil {
				_, err = io.Copy(f, endless(size))
			}
			if err == nil {
				err = w.Close()
			}
			pw.CloseWithError(err)
		}()
		req, err := http.NewRequestWithContext(t.Context(), "POST", x.url+"/api/assets", pr)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+x.token)
		req.Header.Set("Content-Type", w.FormDataContentType())
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusCreated {
			t.Fatalf("upload: %v %d %s", err, res.StatusCode, body)
		}
		peak := x.rss("VmHWM")
		t.Logf("idle %d MiB, peak %d MiB for %d MiB", idle>>20, peak>>20, size>>20)
		if peak-idle > 64<<20 {
			t.Errorf("%d MiB above idle, want less than 64", (peak-idle)>>20)
		}
	})
}
