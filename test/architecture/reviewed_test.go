package architecture

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var reviewed = regexp.MustCompile("(?m)^\\| (\\d{4}-\\d\\d-\\d\\d) \\| `([^`]+)` (v[^ ]+) \\|")

// The versions in SECURITY.md are the ones in use: a module that reads strangers' bytes does not change unseen, and the
// portal gets no package that isn't listed.
func TestReviewedVersions(t *testing.T) {
	root := filepath.Join("..", "..")
	list, err := os.ReadFile(filepath.Join(root, "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	rows := reviewed.FindAllStringSubmatch(string(list), -1)
	if len(rows) < 15 {
		t.Fatalf("%d modules are listed", len(rows))
	}
	npm := portalPackages(t, filepath.Join(root, "web", "portal"))
	for _, r := range rows {
		if name, ok := strings.CutPrefix(r[2], "npm:"); ok {
			if npm[name] != r[3] {
				t.Errorf("%s is at %q, and was at %s on %s: read what changed in it, run scripts/audit, then correct "+
					"SECURITY.md", r[2], npm[name], r[3], r[1])
			}
			delete(npm, name)
			continue
		}
		if !strings.Contains(string(mod), "\t"+r[2]+" "+r[3]+"\n") && !strings.Contains(string(mod),
			"\t"+r[2]+" "+r[3]+" //") {
			t.Errorf("%s is not at %s any more, as it was on %s: read what changed in it, run scripts/audit, then "+
				"correct SECURITY.md", r[2], r[3], r[1])
		}
	}
	for name, version := range npm {
		t.Errorf("npm:%s %s runs in people's browsers and isn't listed: read it, run scripts/audit, then add it to "+
			"SECURITY.md", name, version)
	}
}

// portalPackages are the versions of what the portal is built with and brings to the browser, by name.
func portalPackages(t *testing.T, dir string) map[string]string {
	t.Helper()
	var lock struct {
		Packages map[string]struct {
			Version      string
			Dependencies map[string]string
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err == nil {
		err = json.Unmarshal(b, &lock)
	}
	if err != nil {
		t.Fatal(err)
	}
	// a tool of the build that leaves its run time in the result
	out := map[string]string{"svelte": "v" + lock.Packages["node_modules/svelte"].Version}
	for name := range lock.Packages[""].Dependencies {
		out[name] = "v" + lock.Packages["node_modules/"+name].Version
	}
	return out
}
