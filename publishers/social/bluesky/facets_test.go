package bluesky

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vitrine/publishers/publishertest"
)

// marks is one facet: a part of the text, and what it refers to.
type marks struct {
	Start, End int
	Value      string
}

func marked(text string) []marks {
	out := []marks{}
	for _, f := range facetsOf(text) {
		x := f.Features[0]
		out = append(out, marks{f.Index.Start, f.Index.End, x.URI + x.Tag + f.handle})
	}
	return out
}

// text generates a text that is hard to take apart.
func text(g *rand.Rand) string {
	one := func(list ...string) string { return list[g.IntN(len(list))] }
	of := func(chars string, most int) string {
		var b strings.Builder
		r := []rune(chars)
		for range 1 + g.IntN(most) {
			b.WriteRune(r[g.IntN(len(r))])
		}
		return b.String()
	}
	domain := func() string {
		return one("example", of("abcXYZ019", 5), of("a-b", 4), of("é日", 2)) + "." + one("", of("ab9", 3)+".") +
			one("com", "org", "jp", "de", "app", "COM", "test", "invalidtld", "1", "co.uk", "museum", "com_")
	}
	var b strings.Builder
	for range 1 + g.IntN(6) {
		switch g.IntN(8) {
		case 0:
			b.WriteString("@" + domain() + one("", ".", "-", "_", ",", "'s"))
		case 1, 2:
			b.WriteString(one("", "http://", "https://", "HTTPS://", "httpS://", "ftp://") + domain() +
				one("", "/a?b=1#c", "/(a)", ")", ").", "/été", ":80/", "/a.b,", "…"))
		case 3, 4:
			b.WriteString(one("#", "＃", "##", "#\ufe0f") + of("abcé日_-.!1239👍\u200d\u00ad", 8))
		case 5:
			b.WriteString("$" + of("ABcd1", 6) + one("", ".", "’", "x", "-"))
		case 6:
			b.WriteString(of("日本語 été 👍👨\u200d👩\u200d👧", 6))
		default:
			b.WriteString(of("abc .,;:!?()[]\"'«»@#$\u00a0\u3000\u2028\ufeff", 5))
		}
		b.WriteString(one(" ", " ", "\n", "(", "", "\t", "\u00a0"))
	}
	return b.String()
}

// Our facets are those of Bluesky's own library on 10,000 generated texts, byte for byte.
func TestDetection(t *testing.T) {
	g := rand.New(rand.NewPCG(3, 4))
	var list []string
	for range 10_000 {
		list = append(list, text(g))
	}
	answers := publishertest.Readings(t, "../../../test/pds", "facets.mjs", list)
	wrong, total := 0, 0
	for i := range list {
		want := []marks{}
		if err := json.Unmarshal(answers[i], &want); err != nil {
			t.Fatal(err)
		}
		got := marked(list[i])
		total += len(got)
		if !slices.Equal(got, want) {
			if wrong++; wrong <= 10 {
				t.Errorf("%+q\n%+v\nBluesky's:\n%+v", list[i], got, want)
			}
		}
	}
	if wrong > 0 || total < 5000 {
		t.Errorf("%d of %d texts differ; %d facets", wrong, len(list), total)
	}
}

// Where the library makes a record that the lexicon refuses, ours is one that it takes.
func TestRefusedLinks(t *testing.T) {
	for text, want := range map[string][]marks{
		"httpbin.org/get": {{0, 15, "https://httpbin.org/get"}},
		"https:///a":      {},
		"https://.":       {},
	} {
		if got := marked(text); !slices.Equal(got, want) {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// Finding what a text has takes no longer than reading it: a text of this size never came to an end.
func TestLongTexts(t *testing.T) {
	text := strings.Repeat("(", 1_000_000)
	if got := facetsOf(text + " https://e.com"); len(got) != 1 || got[0].Index.Start != len(text)+1 {
		t.Error(len(got))
	}
}
