package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestDownloadCommand(t *testing.T) {
	h := newHouse(t)
	id := h.pictures(1)[0]
	into := filepath.Join(t.TempDir(), "press")
	if c, _, diagnostics := h.runs("bulk", "type:image", "--set", "creator=Zoë"); c != 0 {
		t.Fatal(diagnostics)
	}
	c, out, diagnostics := h.runs("download", id, "--to", into)
	first := filepath.Join(into, "a.png")
	if c != 0 || out != first+"\n" {
		t.Fatalf("the original: %d %q %q", c, out, diagnostics)
	}
	if b, err := os.ReadFile(first); err != nil || !bytes.Equal(b, blank(t, 40, 30)) {
		t.Errorf("the original came as %d bytes: %v", len(b), err)
	}
	// A name that is taken is left alone; what can't be had is said, and the others still come.
	c, out, diagnostics = h.runs("download", "a_nobody", id, "--to", into, "--metadata", "current")
	second := filepath.Join(into, "a-2.png")
	if c != 1 || out != second+"\n" || !strings.Contains(diagnostics, "a_nobody: ") {
		t.Fatalf("the copy: %d %q %q", c, out, diagnostics)
	}
	if said, err := exec.CommandContext(t.Context(), "exiftool", "-s3", "-XMP-dc:Creator",
		second).Output(); err != nil || string(said) != "Zoë\n" {
		t.Errorf("the copy's creator is %q: %v", said, err)
	}
	if c, _, diagnostics = h.runs("download", id, "--to", into, "--metadata", "none"); c != 1 ||
		!strings.Contains(diagnostics, "current") {
		t.Errorf("an unknown kind: %d %q", c, diagnostics)
	}
}

// What a search finds comes as an archive or into a folder; a dry run says what that is.
func TestDownloadOfASearch(t *testing.T) {
	h := newHouse(t)
	h.pictures(3)
	into := t.TempDir()
	c, out, diagnostics := h.runs("download", "type:image", "--dry-run")
	if c != 0 || !strings.HasPrefix(out, "3 files of 3 assets, ") {
		t.Fatalf("a dry run: %d %q %q", c, out, diagnostics)
	}
	zipped := filepath.Join(into, "all.zip")
	if c, out, diagnostics = h.runs("download", "type:image", "--zip", zipped, "--template",
		"{n}/{filename}"); c != 0 ||
		out != zipped+"\n" {
		t.Fatalf("an archive: %d %q %q", c, out, diagnostics)
	}
	if said, err := exec.CommandContext(t.Context(), "unzip", "-tq", zipped).CombinedOutput(); err != nil {
		t.Fatalf("unzip: %v %s", err, said)
	}
	if c, _, _ = h.runs("download", "type:image", "--zip", zipped); c == 0 {
		t.Error("a file that was there is overwritten")
	}
	folder := filepath.Join(into, "folder")
	if c, out, diagnostics = h.runs("download", "type:image", "--to", folder, "--template", "{n}/{filename}"); c != 0 ||
		strings.Count(out, "\n") != 3 {
		t.Fatalf("a folder: %d %q %q", c, out, diagnostics)
	}
	if c, out, diagnostics = h.runs("download", "type:image", "--to", folder, "--template", "{n}/{filename}"); c != 0 ||
		out != "" {
		t.Errorf("again: %d %q %q", c, out, diagnostics)
	}
	if leftovers, err := filepath.Glob(filepath.Join(folder, "*", ".*")); err != nil || len(leftovers) > 0 {
		t.Errorf("left behind are %v", leftovers)
	}
	if c, _, diagnostics = h.runs("download", "type:image", "--metadata", "current"); c == 0 ||
		!strings.Contains(diagnostics, "--metadata") {
		t.Errorf("the current metadata of a search: %d %q", c, diagnostics)
	}
}
