package plugin

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/dam/webhooks"
	"vitrine/publishers"
)

// conform runs the conformance suite and returns the cases that failed.
func conform(t *testing.T, url string) (passed bool, failed []string, cases int) {
	t.Helper()
	config, err := json.Marshal(map[string]string{"url": url})
	if err != nil {
		t.Fatal(err)
	}
	passed = Check(t.Context(), Options{Client: http.DefaultClient, Sign: webhooks.Sign},
		publishers.Account{Config: config, Secrets: map[string]string{"secret": secret}}, func(f Finding) {
			cases++
			if f.Err != nil {
				failed = append(failed, f.Case+": "+f.Err.Error())
			}
		})
	return passed, failed, cases
}

func TestPluginSuiteSample(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("python3", filepath.Join("sample", "noticeboard.py"), dir)
	cmd.Env, cmd.Stderr = append(os.Environ(), "NOTICEBOARD_SECRET="+secret), os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // "signal: killed"
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	passed, failed, cases := conform(t, strings.TrimSpace(address))
	if !passed || cases < 12 {
		t.Errorf("%d cases, failed: %v", cases, failed)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(left) != 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

func TestPluginSuiteFindsWhatIsWrong(t *testing.T) {
	// A service that says yes to everything, posts twice and takes nothing back.
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/describe":
			_, _ = io.WriteString(w,
				`{"idempotency": "durable", "recall": true, "options": {"properties": {"n": {"$ref": "file:///n"}}}}`)
		case "/commit":
			n++
			_, _ = io.WriteString(w, `{"remote": "post`+strings.Repeat("x", n)+`"}`)
		case "/verify":
			_, _ = io.WriteString(w, `{"id": "1", "name": "yes"}`)
		default:
			_, _ = io.WriteString(w, `{"verdict": "delivered", "remote": "post"}`)
		}
	}))
	defer s.Close()
	passed, failed, _ := conform(t, s.URL)
	if passed {
		t.Fatal("it passed")
	}
	for _, want := range []string{"the schema of the options can be read",
		"a request signed with another secret is refused", "lookup does not find what was never sent",
		"lookup finds what a lost answer hid", "a second commit makes no second post", "status no longer sees it"} {
		if !slices.ContainsFunc(failed, func(f string) bool { return strings.HasPrefix(f, want) }) {
			t.Errorf("not found: %s, in %v", want, failed)
		}
	}
}
