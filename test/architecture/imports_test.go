// Package architecture tests the import directions of the tree: which package
// may know which. The rules are those of the README's tree.
package architecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestImportDirections(t *testing.T) {
	look(t)
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", module+"/...")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &complaints)
	}
	seen := map[string]bool{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen[p.ImportPath] = true
		for _, line := range broken(p) {
			t.Error(line)
		}
	}
	// A list that misses the packages every rule is about would prove nothing.
	for _, must := range []string{"vitrine/dam", "vitrine/dam/catalog", "vitrine/storage", "vitrine/storage/s3",
		"vitrine/cmd/vitrine"} {
		if !seen[must] {
			t.Errorf("go list doesn't know %s", must)
		}
	}
}

// look visits every folder of the module. go list reads the sources in a process of its own, which go test's
// cache doesn't see; what the test itself has opened it does.
func look(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", ".."), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == "bin" || d.Name() == "data" ||
			d.Name() == ".git") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The rules themselves: each forbidden import is refused with the rule's reason, and its allowed twin passes.
func TestRules(t *testing.T) {
	for name, c := range map[string]struct {
		pkg  pkg
		want string // part of the one line expected, "" for none
	}{
		"nouns, standard library": {pkg{ImportPath: "vitrine/dam",
			Imports: []string{"time", "encoding/json"}}, ""},
		"nouns, a library": {pkg{ImportPath: "vitrine/dam",
			Imports: []string{"github.com/google/uuid"}}, "standard library only"},
		"nouns, the catalogue": {pkg{ImportPath: "vitrine/dam", Imports: []string{"vitrine/dam/catalog"}},
			"standard library only"},
		"contract, its driver": {pkg{ImportPath: "vitrine/storage",
			Imports: []string{"vitrine/storage/disk"}}, "standard library only"},
		"contract's test, its driver": {pkg{ImportPath: "vitrine/storage",
			XTestImports: []string{"vitrine/storage/disk"}}, ""},
		"driver, its SDK": {pkg{ImportPath: "vitrine/storage/s3",
			Imports: []string{"github.com/minio/minio-go/v7"}}, ""},
		"driver, its sibling": {pkg{ImportPath: "vitrine/storage/s3",
			Imports: []string{"vitrine/storage/disk"}}, "its parent and its SDK"},
		"driver, the catalogue": {pkg{ImportPath: "vitrine/storage/s3",
			Imports: []string{"vitrine/dam/catalog"}}, "its parent and its SDK"},
		"service, the catalogue": {pkg{ImportPath: "vitrine/dam/review",
			Imports: []string{"vitrine/dam/catalog", "vitrine/dam"}}, ""},
		"service, a sibling": {pkg{ImportPath: "vitrine/dam/review",
			Imports: []string{"vitrine/dam/ingest"}}, "a sibling is an interface"},
		"service, a driver": {pkg{ImportPath: "vitrine/dam/ingest",
			Imports: []string{"vitrine/storage/disk"}}, "a sibling is an interface"},
		"service's test, a driver": {pkg{ImportPath: "vitrine/dam/ingest",
			TestImports: []string{"vitrine/storage/disk"}}, ""},
		"service's test, the web": {pkg{ImportPath: "vitrine/dam/ingest",
			TestImports: []string{"vitrine/web/api"}}, "a sibling is an interface"},
		"service, the web": {pkg{ImportPath: "vitrine/dam/assets",
			Imports: []string{"vitrine/web/api"}}, "a sibling is an interface"},
		"web, a service": {pkg{ImportPath: "vitrine/web/api",
			Imports: []string{"vitrine/dam/ingest", "vitrine/search"}}, ""},
		"web, a driver": {pkg{ImportPath: "vitrine/web/api",
			Imports: []string{"vitrine/storage/s3"}}, "never a driver"},
		"web, a search engine": {pkg{ImportPath: "vitrine/web/delivery",
			Imports: []string{"vitrine/search/bleve"}}, "never a driver"},
		"channel, its contract": {pkg{ImportPath: "vitrine/publishers/site/bucket",
			Imports: []string{"vitrine/publishers"}}, ""},
		"channel, a driver": {pkg{ImportPath: "vitrine/publishers/site/bucket",
			Imports: []string{"vitrine/storage/s3"}}, "handed to it"},
		"the binary, everything": {pkg{ImportPath: "vitrine/cmd/vitrine",
			Imports: []string{"vitrine/storage/s3", "vitrine/web/api"}}, ""},
		"anything, the binary": {pkg{ImportPath: "vitrine/web/api",
			Imports: []string{"vitrine/cmd/vitrine"}}, "never a driver"},
		"an SDK away from home": {pkg{ImportPath: "vitrine/dam/ingest",
			Imports: []string{"github.com/jackc/pgx/v5"}}, "has one home: dam/catalog"},
		"a web framework in a service": {pkg{ImportPath: "vitrine/dam/delivery",
			Imports: []string{"github.com/gin-gonic/gin"}}, "has one home: web/api"},
		"an SDK with a like-named beginning": {pkg{ImportPath: "vitrine/dam/ingest",
			Imports: []string{"github.com/jackc/pgxlike"}}, ""},
		"a package without a rule": {pkg{ImportPath: "vitrine/dam/utils"}, "has no rule"},
	} {
		t.Run(name, func(t *testing.T) {
			got := broken(c.pkg)
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("got %q, want one line with %q", got, c.want)
			}
		})
	}
}
