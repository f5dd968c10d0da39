package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSynonymsCommand(t *testing.T) {
	h := newHouse(t)
	remote := func(args ...string) (int, string, string) {
		return vitrine(t.Context(), append(append([]string{"synonyms"}, args...), "--server", h.server.URL, "--token",
			h.token)...)
	}
	file := filepath.Join(h.data, "synonyms.txt")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const lines = "# furniture\nsofa, couch, canapé\n\ngsm => mobile phone\n"
	write("\ufeff" + strings.ReplaceAll(lines, "\n", "\r\n")) // as a spreadsheet saves it
	if code, out, diag := remote("set", file); code != 0 {
		t.Fatal(code, out, diag)
	}
	write("sofa, couch\ngsm =>\n")
	if code, _, diag := remote("set", file); code != 1 || !strings.Contains(diag, "ine 2: ") {
		t.Errorf("a mistake: %d %s", code, diag)
	}
	if code, out, diag := remote("list"); code != 0 || out != lines {
		t.Errorf("%d %q %s", code, out, diag)
	}
}
