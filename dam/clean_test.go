package dam_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"vitrine/dam"
)

func TestCheckText(t *testing.T) {
	for _, s := range []string{"", "two\nlines\r\nand a\ttab", "naïve café 椅子 🪑", "�", "a\u00a0b", "\u2028"} {
		if err := dam.CheckText("title", s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if dam.StripText(s) != s {
			t.Errorf("%q was changed to %q", s, dam.StripText(s))
		}
	}
	for s, left := range map[string]string{"a\x00b": "ab", "a\x1bb": "ab", "\x7f": "", "a\u0085": "a",
		"\u009b31m": "31m", "a\xffb": "a�b", "\x08x": "x"} {
		if err := dam.CheckText("title", s); dam.CodeOf(err) != dam.Invalid || !strings.Contains(err.Error(), "title") {
			t.Errorf("%q: %v", s, err)
		}
		if got := dam.StripText(s); got != left || dam.CheckText("", got) != nil {
			t.Errorf("%q became %q", s, got)
		}
	}
	for _, s := range []string{"a\nb", "a\tb", "a\rb", "a\u2028b", "a\x00b"} {
		if dam.CheckLine("tags[0]", s) == nil {
			t.Errorf("%q is one line", s)
		}
	}
}

func TestFileName(t *testing.T) {
	long := strings.Repeat("é", 200)
	for in, want := range map[string]string{
		"chair.jpg": "chair.jpg", `C:\photos\chair.jpg`: "chair.jpg", "../../etc/passwd": "passwd", "": "unnamed",
		"/": "unnamed", ".": "unnamed", "..": "unnamed", "a/..": "unnamed",
		"invoice\u202egpj.exe": "invoicegpj.exe", "a\u2066b\u2069\u200f.jpg": "ab.jpg",
		"a\x00\r\n\u0085b.jpg": "ab.jpg", "a\u2028b.jpg": "ab.jpg", "a\xffb.jpg": "a�b.jpg",
		long + ".jpeg":                         strings.Repeat("é", 125) + ".jpeg",
		strings.Repeat("a", 300):               strings.Repeat("a", 255),
		"x." + strings.Repeat("e", 300):        "x." + strings.Repeat("e", 253),
		strings.Repeat("a", 250) + " b.c.tiff": strings.Repeat("a", 250) + ".tiff",
		// What is seen as one character is not cut in two.
		strings.Repeat("a", 250) + "e\u0301.jpg":      strings.Repeat("a", 250) + ".jpg",
		strings.Repeat("a", 240) + "👩🏽\u200d🔧b.jpg":   strings.Repeat("a", 240) + ".jpg",
		strings.Repeat("a", 243) + "🇫🇷🇩🇪.jpg":         strings.Repeat("a", 243) + "🇫🇷.jpg",
		strings.Repeat("a", 247) + "\u1112\u1161.jpg": strings.Repeat("a", 247) + ".jpg",
	} {
		got := dam.FileName(in)
		if got != want || len(got) > 255 || !utf8.ValidString(got) {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// A number in a name that is taken goes before the extension, however long the name is.
func TestSuffixedName(t *testing.T) {
	for in, want := range map[string]string{
		"chair.jpg": "chair-2.jpg", "chair": "chair-2", ".profile": ".profile-2", "a.tar.gz": "a.tar-2.gz",
		strings.Repeat("é", 125) + ".jpeg":       strings.Repeat("é", 124) + "-2.jpeg",
		"x." + strings.Repeat("e", 253):          "x." + strings.Repeat("e", 251) + "-2",
		strings.Repeat("a", 248) + "e\u0301.jpg": strings.Repeat("a", 248) + "-2.jpg",
	} {
		if got := dam.SuffixedName(in, "-2"); got != want || len(got) > 255 {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for n, want := range []string{"", "a", "a", "ae\u0301", "ae\u0301", "ae\u0301", "ae\u0301👩\u200d🔧"} {
		if got := dam.Cut("ae\u0301👩\u200d🔧b", n); got != want {
			t.Errorf("%d characters: %+q, want %+q", n, got, want)
		}
	}
	if got := dam.Cut("椅子と机", 2); got != "椅子" {
		t.Errorf("%q", got)
	}
	if got := dam.Cut("abc", 3); got != "abc" {
		t.Errorf("%q", got)
	}
}

func TestLeftover(t *testing.T) {
	for name, want := range map[string]bool{"chair.jpg": false, "party.jpg": false, "thumbs.db.jpg": false, "": false,
		"Thumbs.db": true, "desktop.ini": true, "._chair.jpg": true, "chair.jpg.part": true, "chair.XMP": true,
		"~$prices.xlsx": true, "IMG_1.AAE": true, ".DS_Store": true, "a download of chairs.jpg": false} {
		if dam.Leftover(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
	for name, want := range map[string]bool{"@eaDir": true, "__MACOSX": true, "shoot.download": false,
		"a.part": false} {
		if dam.LeftoverFolder(name) != want {
			t.Errorf("folder %q: %v", name, !want)
		}
	}
}
