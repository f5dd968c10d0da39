package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var reviewed = regexp.MustCompile("(?m)^\\| (\\d{4}-\\d\\d-\\d\\d) \\| `([^`]+)` (v[^ ]+) \\|")

// The versions in SECURITY.md are the ones in use: a module that reads strangers' bytes does not change unseen.
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
	for _, r := range rows {
		if !strings.Contains(string(mod), "\t"+r[2]+" "+r[3]+"\n") && !strings.Contains(string(mod), "\t"+r[2]+" "+r[3]+" //") {
			t.Errorf("%s is not at %s any more, as it was on %s: read what changed in it, run scripts/audit, then correct SECURITY.md", r[2], r[3], r[1])
		}
	}
}
