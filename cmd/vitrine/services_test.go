package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
)

// runs a command against the server and returns its exit status, output and diagnostics.
func (h *house) runs(args ...string) (int, string, string) {
	h.Helper()
	return vitrine(h.Context(), append(args, "--server", h.server.URL, "--token", h.token)...)
}

// pictures imports n pictures and returns their ids in the order of their names.
func (h *house) pictures(n int) []string {
	h.Helper()
	dir := h.TempDir()
	names := make([]string, n)
	for i := range n {
		names[i] = string(rune('a'+i)) + ".png"
		write(h.T, filepath.Join(dir, names[i]), blank(h.T, 40+i, 30))
	}
	status, lines, diagnostics := h.imports(h.server.URL, dir)
	if status != 0 {
		h.Fatal(diagnostics)
	}
	ids := make([]string, n)
	for i, name := range names {
		ids[i] = lines[name].Asset
	}
	return ids
}

func TestBulkCommand(t *testing.T) {
	h := newHouse(t)
	ids := h.pictures(3)
	c, out, diagnostics := h.runs("bulk", "type:image", "--tag", "summer", "--set", "title.fr=Été", "--set", "rating=4",
		"--set", "rights.until=2030-01-31", "--except", ids[2], "--dry-run")
	if c != 0 || out != "2 assets would be changed\n" {
		t.Fatalf("dry run: %d %q %q", c, out, diagnostics)
	}
	c, out, diagnostics = h.runs("bulk", "type:image", "--tag", "summer", "--set", "title.fr=Été", "--set", "rating=4",
		"--set", "rights.until=2030-01-31", "--approve", "--except", ids[2])
	if c != 0 || !strings.Contains(out, "done 2 of 2 changed, 0 failed") {
		t.Fatalf("bulk: %d %q %q", c, out, diagnostics)
	}
	job, _, _ := strings.Cut(out, " ")
	for i, id := range ids {
		a := h.asset(id)
		if changed := slices.Contains(a.Tags, "summer") && a.Title["fr"] == "Été" && a.Rating == 4 &&
			a.Rights.Until == "2030-01-31" && a.Live != ""; changed != (i < 2) {
			t.Errorf("asset %d: %+v", i, a)
		}
	}
	if c, out, diagnostics = h.runs("bulk", "type:image", "--archive", "--untag", "summer"); c != 0 {
		t.Errorf("archive: %d %q %q", c, out, diagnostics)
	}
	if c, out, diagnostics = h.runs("bulk", "type:image", "--submit"); c != 1 ||
		!strings.Contains(out, "0 of 3 changed, 3 failed") || strings.Count(diagnostics, "archived") != 3 {
		t.Errorf("archived assets were submitted: %d %q %q", c, out, diagnostics)
	}
	if c, out, diagnostics = h.runs("bulk", "undo", job); c != 1 ||
		!strings.Contains(diagnostics, "the review has gone on since") {
		t.Errorf("undo after archive: %d %q %q", c, out, diagnostics)
	}
	if c, out, _ = h.runs("bulk", "list"); c != 0 || strings.Count(out, "\n") != 5 {
		t.Errorf("list: %q", out)
	}
	if c, _, diagnostics = h.runs("bulk", "(oops", "--tag", "x"); c != 1 ||
		!strings.Contains(diagnostics, "parenthesis") {
		t.Errorf("a mistake in the query: %d %q", c, diagnostics)
	}
	if c, _, diagnostics = h.runs("bulk", "x", "--approve", "--reject"); c != 2 {
		t.Errorf("two actions: %d %q", c, diagnostics)
	}
	if a := h.asset(ids[0]); a.Latest.Status != dam.Archived {
		t.Errorf("in the end: %+v", a.Latest)
	}
}
