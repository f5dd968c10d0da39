package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/cmd/vitrine/client"
)

// A raw file and a JPEG of one name in one folder are taken in as a pair, again and again without another one; three
// files of a name, or files of two folders, are none. The commands show, end and make relations.
func TestRelationCommand(t *testing.T) {
	h, dir := newHouse(t), t.TempDir()
	for i, name := range []string{"IMG_1.CR2", "img_1.jpg", "IMG_2.dng", "more/IMG_2.JPG", "IMG_3.nef", "IMG_3.jpg",
		"IMG_3.JPEG"} {
		write(t, filepath.Join(dir, name), blank(t, 40+i, 30))
	}
	run := func(args ...string) string {
		t.Helper()
		code, out, diag := vitrine(t.Context(), append(append([]string{"relation"}, args...), "--server", h.server.URL,
			"--token", h.token)...)
		if code != 0 {
			t.Fatalf("%v: %d %s %s", args, code, out, diag)
		}
		return strings.TrimSpace(out)
	}
	var raw, jpeg string
	for range 2 {
		status, lines, diagnostics := h.imports(h.server.URL, dir)
		if status != 0 || !strings.Contains(diagnostics, ", 1 pairs of a raw file and a JPEG related") {
			t.Fatalf("status %d: %s", status, diagnostics)
		}
		raw, jpeg = lines["IMG_1.CR2"].Asset, lines["img_1.jpg"].Asset
		for name, line := range lines {
			want := "none"
			if strings.EqualFold(name[:5], "IMG_1") {
				want = "raw_pair"
			}
			if got := run("list", line.Asset); !strings.Contains(got, want) || strings.Count(got, "\n") > 1 {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
	list := strings.Fields(strings.Split(run("list", raw), "\n")[1])
	if !slices.Equal(list[1:4], []string{jpeg, "raw_pair", raw}) {
		t.Errorf("the pair is %v", list)
	}
	run("remove", raw, list[0])
	if got := run("list", jpeg); got != "none" {
		t.Errorf("after the removal: %s", got)
	}
	id := run("add", jpeg, "derived_from", raw, "--version", "0")
	if got := run("list", jpeg); !strings.Contains(got, "version 1 is there") {
		t.Errorf("made from an older version: %s", got)
	}
	run("confirm", jpeg, id)
	if got := run("list", jpeg); strings.Contains(got, "is there") {
		t.Errorf("after it was confirmed: %s", got)
	}
	if code, _, diag := vitrine(t.Context(), "relation", "add", raw, "variant_of", jpeg, "--server", h.server.URL,
		"--token", h.token); code != 1 || !strings.Contains(diag, "made of itself") {
		t.Errorf("a circle: %d %s", code, diag)
	}
	// Who may not edit them is told, and the files are taken in all the same.
	h.token = h.newToken("contributor")
	status, lines, diagnostics := h.imports(h.server.URL, filepath.Join(dir, "IMG_1.CR2"),
		filepath.Join(dir, "img_1.jpg"))
	if status != 0 || lines["img_1.jpg"].Status != client.StatusDuplicate ||
		!strings.Contains(lines["img_1.jpg"].Note+lines["IMG_1.CR2"].Note, "not related") {
		t.Errorf("status %d: %v %s", status, lines, diagnostics)
	}
}
