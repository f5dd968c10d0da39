// Package e2e tests the product as it is shipped: the built binary, real
// databases, real S3 servers, real kills.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/storage/storagetest"
	"vitrine/test/ports"
)

// binary is what `make build` built; the tests of a stale binary would prove nothing, so it is built here.
var binary = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "vitrine-e2e-")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "vitrine")
	cmd := exec.Command("go", "build", "-o", out, "./cmd/vitrine")
	cmd.Dir = root
	if msg, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, msg)
	}
	return out, nil
})

func TestMain(m *testing.M) {
	confined()
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path)) // a leftover in the temporary folder is no failure
	}
	os.Exit(code)
}

// setup says where a server keeps its things.
type setup struct {
	dir      string // data folder
	database string // "" is SQLite in dir
	storage  string // "" is disk in dir
	s3       *storagetest.S3Config
	env      []string
	node     string
}

// server is one running process of the product.
type server struct {
	testing.TB
	setup
	url, addr string
	token     string
	cmd       *exec.Cmd
	log       *bytes.Buffer
	exited    chan struct{}
}

func vitrine(t testing.TB, s setup, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "VITRINE_DATA="+s.dir, "VITRINE_ADMIN_EMAIL=admin@example.com",
		"VITRINE_ADMIN_PASSWORD=correct horse battery", "VITRINE_SECRET_KEY=an-e2e-test-key-of-at-least-32-characters",
		"VITRINE_WEBHOOKS_ALLOW_PRIVATE=true")
	if s.database != "" {
		cmd.Env = append(cmd.Env, "VITRINE_DATABASE="+s.database)
	}
	if s.storage != "" {
		cmd.Env = append(cmd.Env, "VITRINE_STORAGE="+s.storage)
	}
	if s.s3 != nil {
		cmd.Env = append(cmd.Env, "VITRINE_S3_ACCESS_KEY="+s.s3.AccessKey, "VITRINE_S3_SECRET_KEY="+s.s3.SecretKey)
	}
	if s.node != "" {
		cmd.Env = append(cmd.Env, "VITRINE_NODE="+s.node)
	}
	cmd.Env = append(cmd.Env, s.env...)
	return cmd
}

// start runs a server and waits until it is ready. It is killed at the test's end.
func start(t testing.TB, s setup) *server {
	t.Helper()
	if s.dir == "" {
		s.dir = t.TempDir()
	}
	x := &server{TB: t, setup: s, addr: ports.Reserve(t)}
	x.url = "http://" + x.addr
	t.Cleanup(x.kill)
	x.run()
	out, err := vitrine(t, s, "token", "create", "--role", "admin", "--name", "e2e").Output()
	if err != nil {
		t.Fatalf("token create: %v%s\n%s", err, stderr(err), x.log)
	}
	x.token = strings.TrimSpace(string(out))
	return x
}

func stderr(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return ": " + string(exit.Stderr)
	}
	return ""
}

// run starts the process on the same address and folders as before.
func (x *server) run() {
	x.Helper()
	x.runs(vitrine(x.TB, x.setup, "serve", "--listen", x.addr, "--log-level", "warn"))
}

// runs starts a server's process and waits until it is ready.
func (x *server) runs(cmd *exec.Cmd) {
	x.Helper()
	exited := x.begin(cmd)
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(x.url + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-exited:
			x.Fatalf("the server ended:\n%s", x.log)
		default:
		}
		if time.Now().After(end) {
			x.kill()
			x.Fatalf("not ready after a minute:\n%s", x.log)
		}
	}
}

// begin starts a server's process, without waiting.
func (x *server) begin(cmd *exec.Cmd) (exited chan struct{}) {
	x.Helper()
	x.log = &bytes.Buffer{}
	x.cmd = cmd
	x.cmd.Stdout, x.cmd.Stderr = x.log, x.log
	if x.cmd.SysProcAttr == nil {
		x.cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	x.cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if err := x.cmd.Start(); err != nil {
		x.Fatal(err)
	}
	exited = make(chan struct{})
	x.exited = exited
	go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(exited) }(x.cmd)
	return exited
}

// kill is SIGKILL: what a power cut does to a process.
func (x *server) kill() {
	if x.cmd == nil || x.cmd.Process == nil {
		return
	}
	_ = x.cmd.Process.Kill() // it may have ended already
	<-x.exited
}

// terminate is SIGTERM, and waits for the end.
func (x *server) terminate() {
	x.Helper()
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		x.Fatal(err)
	}
	select {
	case <-x.exited:
	case <-time.After(30 * time.Second):
		x.Fatalf("no end 30 s after SIGTERM:\n%s", x.log)
	}
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body []byte
	err  error
}

// try sends a request with the token and returns even errors.
func (x *server) try(method, path string, body io.Reader, header ...string) answer {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, x.url+path, body)
	if err != nil {
		return answer{err: err}
	}
	if x.token != "" {
		req.Header.Set("Authorization", "Bearer "+x.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req) // redirects are answers, too
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return answer{res, b, err}
}

// do expects a status and decodes the JSON answer into out, when it is not nil.
func (x *server) do(status int, method, path string, in, out any, header ...string) answer {
	x.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			x.Fatal(err)
		}
		body = bytes.NewReader(b)
		header = append([]string{"Content-Type", "application/json"}, header...)
	}
	a := x.try(method, path, body, header...)
	if a.err != nil {
		x.Fatalf("%s %s: %v\n%s", method, path, a.err, x.log)
	}
	if a.StatusCode != status {
		x.Fatalf("%s %s: %d, want %d: %s", method, path, a.StatusCode, status, a.body)
	}
	if out != nil {
		if err := json.Unmarshal(a.body, out); err != nil {
			x.Fatalf("%s %s: %v: %s", method, path, err, a.body)
		}
	}
	return a
}

// form is a multipart body with one file.
func form(t testing.TB, name string, data []byte, fields ...string) (io.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}

// upload sends a file and returns its asset.
func (x *server) upload(name string, data []byte, fields ...string) dam.Asset {
	x.Helper()
	body, ct := form(x.TB, name, data, fields...)
	a := x.try("POST", "/api/assets", body, "Content-Type", ct)
	if a.err != nil || a.StatusCode != http.StatusCreated {
		x.Fatalf("upload of %s: %v %v %s\n%s", name, a.err, a.Response, a.body, x.log)
	}
	var out struct {
		Asset dam.Asset `json:"asset"`
	}
	if err := json.Unmarshal(a.body, &out); err != nil {
		x.Fatal(err)
	}
	return out.Asset
}

func (x *server) asset(id string) dam.Asset {
	x.Helper()
	var a dam.Asset
	x.do(http.StatusOK, "GET", "/api/assets/"+id, nil, &a)
	return a
}

// ready waits until an asset's renditions are made, or have failed.
func (x *server) ready(id string) dam.Asset {
	x.Helper()
	var a dam.Asset
	x.until("renditions of "+id, func() bool {
		a = x.asset(id)
		return a.Latest.Renditions != dam.RenditionsPending
	})
	return a
}

func (x *server) until(what string, ok func() bool) {
	x.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			x.Fatalf("never happened: %s\n%s", what, x.log)
		}
	}
}

// workDone waits until no job waits or runs, for as long as they get fewer.
func (x *server) workDone() {
	x.Helper()
	for before := -1; ; {
		left := before
		x.until("a background job ended", func() bool {
			var j struct{ Counts map[string]int }
			x.do(http.StatusOK, "GET", "/api/jobs?state=running&limit=1", nil, &j)
			left = j.Counts["waiting"] + j.Counts["running"]
			return left != before
		})
		if left == 0 {
			return
		}
		before = left
	}
}

// page is a search answer.
type page struct {
	Items []dam.Asset `json:"items"`
	Total int         `json:"total"`
	Next  string      `json:"next"`
	Seq   int64       `json:"seq"`
}

func (x *server) search(query string) page {
	x.Helper()
	var p page
	x.do(http.StatusOK, "GET", "/api/assets?"+query, nil, &p)
	return p
}

// soak multiplies what a long run does more of.
func soak(short, long int) int {
	if os.Getenv("VITRINE_SOAK") != "" {
		return long
	}
	return short
}
