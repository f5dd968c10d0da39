// Package soak splits a long test into shards that several machines, or several evenings, run: each case is written
// down when it has ended, what is written down is not run again, and the results of a commit add up.
//
//	VITRINE_SHARD=2/8 go test ./test/e2e/... -run 'TestKillPoints|TestS3Faults|TestCorpus'  (make soak SHARD=2/8)
//	go run ./test/soak/report                                                               (make soak-report)
package soak

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Result is one case as it ended.
type Result struct {
	Test  string `json:"test"`
	Case  string `json:"case"`
	Lost  int    `json:"lost"`            // what was acknowledged and is not there
	Twice int    `json:"doubled"`         // what is there more often than it should
	Asked int    `json:"asked,omitempty"` // what nothing proved, and a person answered
	Wrong string `json:"wrong,omitempty"`
}

// Failed reports whether the case showed a fault.
func (r Result) Failed() bool { return r.Lost+r.Twice > 0 || r.Wrong != "" }

// Run is the part of a test that this process does.
type Run struct {
	test  string
	i, n  int
	short []string
	done  map[string]bool
	out   *os.File
}

// Open starts or goes on with a test's shard. Without VITRINE_SHARD only the cases named short run, and nothing is
// written.
func Open(t testing.TB, test string, short ...string) *Run {
	t.Helper()
	r := &Run{test: test, short: short, done: map[string]bool{}}
	shard := os.Getenv("VITRINE_SHARD")
	if shard == "" {
		return r
	}
	if n, err := fmt.Sscanf(shard, "%d/%d", &r.i, &r.n); err != nil || n != 2 || r.i < 1 || r.i > r.n {
		t.Fatalf("VITRINE_SHARD=%s is not I/N with I from 1 to N", shard)
	}
	dir, err := Dir()
	if err != nil {
		t.Fatal(err)
	}
	results, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range results {
		if x.Test == test {
			r.done[x.Case] = true
		}
	}
	name := filepath.Join(dir, fmt.Sprintf("%s-%d-of-%d.jsonl", test, r.i, r.n))
	if r.out, err = os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.out.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// Wants reports whether a case is this shard's and has not ended yet.
func (r *Run) Wants(name string) bool {
	if r.n == 0 {
		for _, s := range r.short {
			if s == name {
				return true
			}
		}
		return false
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(r.test + name)) // it can't fail
	return int(h.Sum32()%uint32(r.n)) == r.i-1 && !r.done[name]
}

// Ended writes a case down.
func (r *Run) Ended(t testing.TB, x Result) {
	t.Helper()
	if x.Failed() {
		t.Errorf("%s: %d lost, %d doubled %s", x.Case, x.Lost, x.Twice, x.Wrong)
	}
	if r.out == nil {
		return
	}
	x.Test = r.test
	line, err := json.Marshal(x)
	if err == nil {
		_, err = r.out.Write(append(line, '\n')) // one write: a kill leaves no half line that matters
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Dir is where the results of the commit that is checked out are kept: bin/soak/COMMIT, below the module. What is
// not committed makes a result nobody else could repeat, and gets a folder of its own.
func Dir() (string, error) {
	out, err := exec.Command("git", "rev-parse", "--show-toplevel", "--short=12", "HEAD").Output()
	if err != nil {
		return "", fmt.Errorf("git rev-parse: %w", err)
	}
	lines := strings.Fields(string(out))
	if len(lines) != 2 {
		return "", fmt.Errorf("git rev-parse printed %q", out)
	}
	changed, err := exec.Command("git", "-C", lines[0], "status", "--porcelain", "--untracked-files=no").Output()
	if err != nil {
		return "", fmt.Errorf("git status: %w", err)
	}
	if len(changed) > 0 {
		lines[1] += "-changed"
	}
	dir := filepath.Join(lines[0], "bin", "soak", lines[1])
	return dir, os.MkdirAll(dir, 0o755)
}

// Read returns the results in a folder.
func Read(dir string) (out []Result, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var x Result
			if json.Unmarshal(lines.Bytes(), &x) == nil { // half a line is a case that is run again
				out = append(out, x)
			}
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
