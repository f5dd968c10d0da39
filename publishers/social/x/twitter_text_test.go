package x

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"

	"vitrine/publishers/publishertest"
)

// texts generates texts that are hard to count.
type texts struct {
	*rand.Rand
	tlds, emoji []string
}

func (g *texts) one(list ...string) string { return list[g.IntN(len(list))] }

func (g *texts) of(chars string, most int) string {
	var b strings.Builder
	for range 1 + g.IntN(most) {
		r := []rune(chars)
		b.WriteRune(r[g.IntN(len(r))])
	}
	return b.String()
}

func (g *texts) label() string {
	return g.one(g.of("abcXYZ019", 8), g.of("abé́ñß-", 6), g.of("a-_b", 5), g.of("日本語한국", 3), g.of("пример", 4),
		"xn--"+g.of("abc019-", 8), g.of("ιΙſK\"`。", 3), g.of("a👍b", 3), strings.Repeat("n", 60+g.IntN(8)),
		"example", "shop", "t", "www")
}

func (g *texts) tld() string {
	name := g.tlds[g.IntN(len(g.tlds))]
	switch g.IntN(8) {
	case 0:
		return strings.ToUpper(name)
	case 1:
		return name + g.of("abc日本я0-_@+", 2)
	case 2:
		return g.one("com", "co", "jp", "de", "org", "рф", "中国", "中國", "موقع", "vermögensberatung", "invalidtld",
			"xn--p1ai", "xn--")
	}
	return name
}

func (g *texts) domain() string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(g.label())
		b.WriteString(".")
	}
	return b.String() + g.tld()
}

func (g *texts) path() string {
	var b strings.Builder
	for range g.IntN(3) {
		b.WriteString("/")
		b.WriteString(g.one("", g.of("abc019!*';:=+,.$/%#[]-–_~@|&", 10), g.of("été_日я\u1c80", 5),
			"("+g.of("ab.", 3)+")",
			"(a(b)c)", "((a))", "(", "a)", "@name/", "wiki/A_(b)", "1️⃣"))
	}
	if g.IntN(3) == 0 {
		b.WriteString("?" + g.one("", "a=1&b=2", g.of("abc019!?*'@();:&=+$/%#[]-_.,~|", 12), "日本", "a."))
	}
	return b.String()
}

func (g *texts) link() string {
	if g.IntN(10) == 0 {
		return g.one("https", "HTTP", "http") + "://t.co/" + strings.Repeat("a", 1+g.IntN(45)) +
			g.one("", "/x", "?a=b", "-", "日")
	}
	return g.one("", "", "http://", "https://", "HTTPS://", "hTTp://", "ftp://", "//", "http:/") + g.domain() +
		g.one("", "", ":80", ":", ":8x") + g.path()
}

func (g *texts) piece() string {
	switch g.IntN(12) {
	case 0, 1, 2, 3:
		return g.link()
	case 4, 5:
		return g.emoji[g.IntN(len(g.emoji))]
	case 6:
		return g.of("👍👨👩❤🏽🇫🇷🇨🇦©®™#*1\u200d\ufe0f\ufe0e\u20e3🏴🥲", 5)
	case 7:
		return g.of("日本語ひらカナ한국가", 6)
	case 8:
		return g.of("abc DEF éàü e\u0301 ñ ß ﬁ K Å ", 12)
	case 9:
		return g.of("абвгд עברית العربية ไทย हिन्दी", 8)
	case 10:
		return g.of(" .,;:!?()[]{}<>\"'«»…–—-_/\\@#$%&*+=~^|`\u2028\u00a0\u3000\u200b\u200e\u061c\u202a\ufeff\n\t", 4)
	}
	return g.one("@", "#", "$", "＠", "＃") + g.of("abc_日é", 5)
}

func (g *texts) text() string {
	var b strings.Builder
	for range 1 + g.IntN(7) {
		b.WriteString(g.piece())
		b.WriteString(g.one("", "", " ", ".", "、", "\n"))
	}
	return b.String()
}

// Our counting agrees with X's own on 10,000 generated texts: the weight, and where the links are.
func TestTwitterText(t *testing.T) {
	g := &texts{Rand: rand.New(rand.NewPCG(1, 2)), tlds: strings.Fields(tldFile),
		emoji: strings.Split(strings.TrimSuffix(emojiFile, "\n"), "\n")}
	var list []string
	for range 10_000 {
		list = append(list, g.text())
	}
	answers := publishertest.Readings(t, "../../../test/twitter-text", "count.mjs", list)
	wrong, linked := 0, 0
	for i := range list {
		var want struct {
			Weight int
			Links  []struct{ At, Size int }
		}
		if err := json.Unmarshal(answers[i], &want); err != nil {
			t.Fatal(err)
		}
		units := utf16.Encode([]rune(norm.NFC.String(list[i])))
		found := links(units, false)
		n, places := count(units, found), []struct{ At, Size int }{}
		for _, l := range found {
			places = append(places, struct{ At, Size int }{l.at, l.size})
		}
		linked += len(places)
		if n != want.Weight || !slices.Equal(places, want.Links) {
			if wrong++; wrong <= 10 {
				t.Errorf("%+q weighs %d with links %v, twitter-text says %d with %v", list[i], n, places, want.Weight,
					want.Links)
			}
		}
	}
	if wrong > 0 || linked < 5000 {
		t.Errorf("%s of %d texts differ; %d links", fmt.Sprint(wrong), len(list), linked)
	}
}
