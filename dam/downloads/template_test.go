package downloads

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"vitrine/dam"
)

// Whatever a template and the values of an asset say, the names are those of files below the folder that the archive
// is unpacked into, on Windows too.
func TestNames(t *testing.T) {
	long := strings.Repeat("é", 300)
	for _, c := range []struct{ template, filename, title, sku, ext, want string }{
		{"{filename}", "chair", "", "", ".jpg", "chair.jpg"},
		{"{sku}_{slot}_{filename}", "chair", "", "4711", ".jpg", "4711_chair.jpg"},
		{"{sku}/{title}", "x", "Blue chair", "4711", ".webp", "4711/Blue chair.webp"},
		{"{filename}.jpg", "chair", "", "", ".jpg", "chair.jpg"},
		{"{filename}", "../../etc/passwd", "", "", "", ".._.._etc_passwd"},
		{"../../{filename}", "chair", "", "", ".jpg", "chair.jpg"},
		{`..\..\{filename}`, "chair", "", "", ".jpg", "chair.jpg"},
		{"/{filename}", "chair", "", "", ".jpg", "chair.jpg"},
		{"C:/{filename}", "chair", "", "", ".jpg", "C/chair.jpg"},
		{"{title}", "x", "../../../up", "", ".jpg", "up.jpg"},
		{"{title}", "x", "nul\x00byte", "", ".jpg", "nulbyte.jpg"},
		{"{title}", "x", "CON", "", ".jpg", "_CON.jpg"},
		{"{title}", "x", "com1.backup", "", ".jpg", "_com1.backup.jpg"},
		{"con/{title}", "x", "lpt¹", "", ".jpg", "_con/_lpt¹.jpg"},
		{"{title}", "x", "a\u202egpj.exe", "", ".jpg", "agpj.exe.jpg"},
		{"{title}", "x", `a<b>c:d"e|f?g*h`, "", ".jpg", "a_b_c_d_e_f_g_h.jpg"},
		{"{title}", "x", " . trailing. . ", "", ".jpg", "trailing.jpg"},
		{"{title}", "x", "\xff\xfe", "", ".jpg", "unnamed.jpg"},
		{"{title}", "x", "", "", ".jpg", "unnamed.jpg"},
		{"{title}", "x", long, "", ".jpg", strings.Repeat("é", 60) + ".jpg"},
		{"a/b/c/d/e/f/g/h/{filename}", "x", "", "", ".jpg", "a/b/c/d/e/x.jpg"},
		{"{title}", "x", "cafe\u0301", "", ".jpg", "café.jpg"},
	} {
		p, err := parseTemplate(c.template, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := p.name(map[string]string{"filename": c.filename, "title": c.title, "sku": c.sku}, c.ext)
		if want := c.want; got != want && (c.filename != "../../etc/passwd" || got != strings.TrimLeft(want, "._")) {
			t.Errorf("%q of %q %q is %q, want %q", c.template, c.filename, c.title, got, want)
		}
		if path.Clean(got) != got || path.IsAbs(got) || strings.Contains(got, "..") || len(path.Base(got)) > 140 {
			t.Errorf("%q of %q %q is %q", c.template, c.filename, c.title, got)
		}
	}
	for _, wrong := range []string{"{nothing}", "{filename", "a\x00b", "a\nb"} {
		if _, err := parseTemplate(wrong, 1); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// No two files of an archive have names that any file system takes for one.
func TestUniqueNames(t *testing.T) {
	n := newNames(manifestName)
	for _, c := range [][2]string{{"chair.jpg", "chair.jpg"}, {"chair.jpg", "chair-2.jpg"},
		{"Chair.JPG", "Chair-3.JPG"},
		{"chair-2.jpg", "chair-2-2.jpg"}, {"manifest.csv", "manifest-2.csv"}, {"ﬁle.jpg", "ﬁle.jpg"},
		{"file.jpg", "file-2.jpg"}, {"a/b.jpg", "a/b.jpg"}, {"A", "A-2"}, {"x", "x"}, {"x/y.jpg", "x_/y.jpg"}} {
		if got := n.unique(c[0]); got != c[1] {
			t.Errorf("%q is named %q, want %q", c[0], got, c[1])
		}
	}
	n = newNames()
	seen := map[string]bool{}
	for range 20_000 {
		seen[n.unique("same.jpg")] = true
	}
	if len(seen) != 20_000 {
		t.Errorf("%d names", len(seen))
	}
	if !seen["same.jpg"] || !seen[fmt.Sprintf("same-%d.jpg", 20_000)] {
		t.Error("the numbers have gaps")
	}
}
