package search

import (
	"fmt"
	"strings"
	"testing"

	"vitrine/dam/canon"
)

func TestTokenize(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		" -- ' . ":                      "",
		"Robe d'été":                    "robe/0 ete/1",
		"L’œuvre qu'il aime":            "oeuvre/0 il/1 aime/2",
		"aujourd'hui":                   "aujourd/0 hui/1",
		"Men's wear, the boys' hats":    "men/0 wear/1 the/2 boys/3 hats/4",
		"O'Neill":                       "o/0 neill/1",
		"DRS-1042-BLU":                  "drs/0 1042/1 blu/2 [drs-1042-blu]/0",
		"IMG_2041-hero.jpg":             "img/0 2041/1 hero/2 jpg/3 [img-2041-hero-jpg]/0",
		"l'arc-en-ciel.":                "arc/0 en/1 ciel/2 [arc-en-ciel]/0",
		"end. Start":                    "end/0 start/1",
		"e\u0301te\u0301":               "ete/0", // accents as separate marks
		"STRASSE Straße":                "strasse/0 strasse/1",
		"日本 photo":                      "日/0 本/1 photo/2",
		"a/b,c":                         "a/0 b/1 c/2",
		"ﬁn Łódź":                       "fin/0 lodz/1",
		"Ελλάς":                         "ελλασ/0",
		"soft\u00adhyphen":              "softhyphen/0",
		"zero\u200bwidth \u2060x\ufeff": "zero/0 width/1 x/2",
		"ＤＲＳ－１０４２ ｃｈａｉｒ！": "drs/0 1042/1 [drs-1042]/0 chair/2",
		"Ёлка ёлка Йод":   "елка/0 елка/1 иод/2",
	} {
		var got []string
		for _, tok := range Tokenize(in) {
			s := tok.Term
			if tok.Compound {
				s = "[" + s + "]"
			}
			got = append(got, fmt.Sprintf("%s/%d", s, tok.Place))
			if tok.Start < 0 || tok.End > len(in) || tok.Start >= tok.End {
				t.Errorf("%q: %v lies outside", in, tok)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: got %q, want %q", in, s, want)
		}
	}
}

func FuzzTokenize(f *testing.F) {
	for _, s := range []string{"l'été d'une", "IMG_2041-hero.jpg", "a'''b--c", "\xff\u0301x", "日本-x's"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, tok := range Tokenize(s) {
			if tok.Term == "" || Fold(tok.Term) != tok.Term || len(tok.Term) > maxTerm {
				t.Errorf("%q gave %q", s, tok.Term)
			}
		}
	})
}

// What a query has is compared with names in canonical form, whatever spaces and invisible characters it was typed
// with.
func TestFoldNames(t *testing.T) {
	for _, s := range []string{"Soldes\u00a0: E\u0301te\u0301", "soldes\u202f: été", "Soldes\u3000: \u3164Été\u00ad",
		"Soldes\u2009: Été\ufe0f"} {
		if got, want := Fold(s), Fold(canon.Name(s)); got != want || got != "soldes : ete" {
			t.Errorf("%+q is folded to %+q, its name to %+q", s, got, want)
		}
	}
}

func TestNaturalKey(t *testing.T) {
	titles := []string{"", "1 chair", "02 chairs", "10 chairs", "img", "img 1", "img 2", "img 10", "img 010b",
		"img 100",
		"img 999999999", "img 1000000000", "img 12345678901234567890", "img a"}
	for i := 1; i < len(titles); i++ {
		if a, b := naturalKey(titles[i-1]), naturalKey(titles[i]); a >= b {
			t.Errorf("%q comes behind %q", titles[i-1], titles[i])
		}
	}
}
