package canon_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"vitrine/dam/canon"
)

func TestName(t *testing.T) {
	for in, want := range map[string]string{
		"Chaise E\u0301te\u0301": "Chaise Été", "E\u200b\u0301": "É", "\ufeffOak\u00ad\u2060": "Oak",
		"  Oak \u200b ":         "Oak",
		"\u202eOak\u202c\u200e": "Oak", "Soldes\u00a0: e\u0302": "Soldes : ê", "\u3000机": "机", "\u200b\u00ad": "",
		"\u3164": "",
		// Persian: between letters that join, the non-joiner shows; after one that doesn't, and at an end, it doesn't.
		"می\u200cخواهم": "می\u200cخواهم", "کار\u200cخانه": "کارخانه", "\u200cکتاب\u200c": "کتاب",
		"oak\u200cwood": "oakwood",
		// Devanagari: a joiner after a virama shows a half form.
		"क्\u200dष": "क्\u200dष", "क\u200dष": "कष",
		// Bengali and Kannada: a joiner before a virama shows another form of Ra. Arabic: one at the end keeps a letter
		// open.
		"র\u200d্যা": "র\u200d্যা", "ರ\u200d್ಕ": "ರ\u200d್ಕ", "ه\u200d": "ه\u200d", "ه\u200d 1": "ه\u200d 1",
		"د\u200d": "د", "oak\u200d": "oak",
		"می\u200c\u200fخواهم": "می\u200cخواهم", // a mark of direction behind the non-joiner goes alone
		// Emoji: families, skin tones, styles, keycaps and flags of letters are whole.
		"👩🏽\u200d🔧": "👩🏽\u200d🔧", "👩\u200d❤\ufe0f\u200d👨": "👩\u200d❤\ufe0f\u200d👨", "👩\u200d": "👩",
		"1\ufe0f\u20e3": "1\ufe0f\u20e3",
		"Oak\ufe0f":     "Oak", "🏴\U000e0067\U000e0062\U000e007f": "🏴\U000e0067\U000e0062\U000e007f",
		"A\U000e0067": "A",
		// Variants of characters in Japanese names.
		"葛\U000e0100城": "葛\U000e0100城", "각": "각", "ｏak": "ｏak",
		"a\xffb\u200b": "a\xffb\u200b", // is refused elsewhere
	} {
		got := canon.Name(in)
		if got != want {
			t.Errorf("%+q became %+q, want %+q", in, got, want)
		}
		if canon.Name(got) != got {
			t.Errorf("%+q is not final", got)
		}
	}
}

func TestProductKey(t *testing.T) {
	for _, s := range []string{"CHAISE-E\u03012", "chaise-é2", " Chaise-\u00ad\u200dÉ2\ufeff", "CHAISE-É2\u200c"} {
		if got := canon.ProductKey(s); got != "chaise-é2" {
			t.Errorf("%+q has the key %+q", s, got)
		}
	}
	// A key of an earlier version was made of the capitals before anything was composed.
	for _, s := range []string{"BI\u0307R", "BİR", "bi\u0307r", "bi\u0307\u0307r", "bir"} {
		if got := canon.ProductKey(s); got != "bir" {
			t.Errorf("%+q has the key %+q", s, got)
		}
	}
	for r := range unicode.MaxRune {
		if !unicode.In(r, unicode.Lu, unicode.Lt, unicode.So) {
			continue
		}
		s := string(r)
		if key, old := canon.ProductKey(s), canon.ProductKey(strings.ToLower(norm.NFD.String(s))); key != old {
			t.Errorf("%+q has the key %+q, its key of an earlier version %+q", s, key, old)
		}
	}
	if a, b := canon.Code("می\u200cخواهم❤\ufe0f"), "میخواهم❤"; a != b {
		t.Errorf("a code keeps %+q", a)
	}
}

func TestUnique(t *testing.T) {
	if got := canon.Unique([]string{" Oak ", "", "oak", "OAK", "Straße", "STRASSE", "σ", "ς", "e\u0301te\u0301", "Été",
		"o\u200bak", "❤\ufe0f", "❤"}); !slices.Equal(got, []string{"Oak", "Straße", "STRASSE", "σ", "été", "❤\ufe0f"}) {
		t.Errorf("%+q", got)
	}
	if got := canon.UniqueSKUs([]string{"E\u03012", "é2", "A\u200d", "a", " "}); !slices.Equal(got,
		[]string{"É2", "A"}) {
		t.Errorf("%+q", got)
	}
	if !canon.Same("E\u0301te\u0301", "été") || canon.Same("ete", "été") {
		t.Error("names are compared by their accents")
	}
}

func TestReveal(t *testing.T) {
	if got := canon.Reveal("E\u0301 2\u200b\u00a0é"); got != "E‹U+0301› 2‹U+200B›‹U+00A0›é" {
		t.Error(got)
	}
}

func FuzzName(f *testing.F) {
	f.Add("E\u200b\u0301")
	f.Add("👩🏽\u200d🔧\u200c\u0301")
	f.Add("می\u200cخواهم\u034f\u0652")
	f.Fuzz(func(t *testing.T, s string) {
		name, code := canon.Name(s), canon.Code(s)
		if !utf8.ValidString(s) {
			return
		}
		if canon.Name(name) != name || canon.Code(code) != code || !canon.Clean(code) {
			t.Errorf("%+q became %+q and %+q, which are not final", s, name, code)
		}
		if canon.Clean(s) && code != s {
			t.Errorf("%+q is clean and became %+q", s, code)
		}
		if canon.Key(s) != canon.Key(name) || canon.ProductKey(s) != canon.ProductKey(code) {
			t.Errorf("%+q has another key than its form", s)
		}
		if key := canon.ProductKey(s); canon.ProductKey(key) != key {
			t.Errorf("the key %+q of %+q has the key %+q", key, s, canon.ProductKey(key))
		}
	})
}
