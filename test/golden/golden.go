// Package golden compares what the product shows of itself with a recording of it, byte for byte. A test that
// records hands its text to Compare; go test -update writes the file instead.
package golden

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// Dir is where a package keeps its golden files.
const Dir = "testdata/golden"

// Compare fails with a diff unless got is what the file of that name below Dir holds. With -update it writes the file.
func Compare(t testing.TB, name string, got []byte) {
	t.Helper()
	got = append(bytes.TrimRight(got, "\n"), '\n')
	path := filepath.Join(Dir, name)
	want, err := os.ReadFile(path)
	if *update {
		if bytes.Equal(want, got) {
			return
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, got, 0o644)); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s was written", path)
		return
	}
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%s is missing: record it with -update", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if d := diff.Diff("recorded "+name, want, "now", got); d != nil {
		t.Errorf("%s has changed. Where that is meant, record it with -update and commit the file.\n%s", path,
			shorten(d))
	}
}

// Document fails unless the part of a page of the documentation between <!-- name --> and <!-- /name --> is want. With
// -update it writes that part.
func Document(t testing.TB, path, name, want string) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	head, rest, ok := strings.Cut(string(page), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has lost the marks of its table %s", path, name)
	}
	if want = head + begin + want + end + tail; want == string(page) {
		return
	}
	if !*update {
		t.Fatalf("the table %s of %s is out of date: write it with -update", name, path)
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Recorded is what the file of that name below Dir holds, for a test that compares less than all of it; "" when there
// is none, or when it is being written anew.
func Recorded(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(Dir, name))
	if *update || errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// longest is how much of a diff is shown, in bytes.
const longest = 16 << 10

func shorten(d []byte) []byte {
	if len(d) <= longest {
		return d
	}
	at := bytes.LastIndexByte(d[:longest], '\n') + 1
	return append(bytes.Clone(d[:at]), "(and more)\n"...)
}
