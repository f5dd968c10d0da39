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
