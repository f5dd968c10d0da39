package convert_test

import (
	"bytes"
	"image"
	"os"
	"path/filepath"
	"testing"

	"vitrine/dam"
	"vitrine/dam/rendition/sandbox"
)

// A program may leave a link under a name that the server writes to next: nothing is written through it.
func TestLinksOfProgramsAreNotFollowed(t *testing.T) {
	for name, said := range map[string]string{
		"preview.jpg":   `printf '\377\330\377 a picture'`,
		"developed.tif": `case "$*" in *dcraw_emu*) echo a picture;; esac`,
		"tags.json":     `echo '[{"SourceFile":"*"}]'`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			victim := filepath.Join(dir, "victim")
			// What starts a program stands for the program, and sees where its folder really is.
			script := "#!/bin/sh\nfor a; do test \"$b\" = --bind && out=$a; b=$a; done\n" +
				"ln -s " + victim + " $out/" + name + " 2>/dev/null\n" + said + "\n"
			if err := os.WriteFile(filepath.Join(dir, "prlimit"), []byte(script), 0o755); err != nil { //nolint:gosec // a program
				t.Fatal(err)
			}
			for _, p := range []string{"bwrap", "exiftool", "dcraw_emu"} {
				if err := os.Symlink("/usr/bin/"+p, filepath.Join(dir, p)); err != nil {
					t.Fatal(err)
				}
			}
			o := sandbox.Options{Programs: dir, Only: sandbox.Bubblewrap}
			if err := sandbox.New(o).Works(); err != nil {
				t.Skip(err)
			}
			e := engine(t, o)
			var err error
			file := dng(t, image.NewGray(image.Rect(0, 0, 16, 16)))
			if name == "tags.json" {
				err = e.WriteTags(t.Context(), bytes.NewReader(file), nil,
					func(map[string]any) dam.FileTags { return dam.FileTags{} }, func(*os.File) error { return nil })
			} else {
				_, _, err = render(t.Context(), e, file, 1)
			}
			if dam.CodeOf(err) != dam.Invalid {
				t.Errorf("got %v", err)
			}
			if _, err := os.Stat(victim); !os.IsNotExist(err) {
				t.Error("the link is written through")
			}
		})
	}
}
