package x

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// What a post may be, by version 3 of twitter-text's configuration, which X names as the way to count
// (https://docs.x.com/fundamentals/counting-characters and https://github.com/twitter/twitter-text, config/v3.json;
// looked at on 2026-11-30).
const (
	captionMax = 280
	altMax     = 1000
	// linkWeight is what every link counts, because X shortens them all.
	linkWeight = 23
)

//go:embed emoji.txt
var emojiFile string

// emoji are the emoji of several characters that twitter-text 3.1.0 counts as one, and the number of characters of the
// longest. The file is generated: see test/twitter-text/tables.mjs.
var emoji = sync.OnceValues(func() (known map[string]bool, longest int) {
	known = map[string]bool{}
	for e := range strings.Lines(emojiFile) {
		e = strings.TrimSuffix(e, "\n")
		known[e] = true
		longest = max(longest, len([]rune(e)))
	}
	return known, longest
})

// weight counts a text as X does: a character of Latin and of most other alphabets counts 1, any other 2, a link 23,
// and an emoji 2 however it is composed. Where X may know a newer top-level domain than its published list, the higher
// count is returned, so that no post is refused for its length.
func weight(text string) int {
	units := utf16.Encode([]rune(norm.NFC.String(text)))
	n := count(units, links(units, false))
	if newer := links(units, true); len(newer) > 0 {
		n = max(n, count(units, newer))
	}
	return n
}

func count(text []uint16, found []link) (n int) {
	for i := 0; i < len(text); {
		if at, ok := slices.BinarySearchFunc(found, i, func(l link, i int) int { return l.at - i }); ok {
			n += linkWeight
			i += found[at].size
			continue
		}
		if size := emojiAt(text[i:]); size > 0 {
			n += 2
			i += size
			continue
		}
		n += unitWeight(text[i])
		if i++; i < len(text) && utf16.IsSurrogate(rune(text[i-1])) && utf16.IsSurrogate(rune(text[i])) {
			i++
		}
	}
	return n
}

// emojiAt returns the size in units of the longest emoji of several characters at the start of a text, or 0.
func emojiAt(text []uint16) (size int) {
	if len(text) < 2 || text[1] < 0xFE0F && text[1] != 0x200D && text[1] != 0x20E3 &&
		!utf16.IsSurrogate(rune(text[0])) &&
		!utf16.IsSurrogate(rune(text[1])) {
		return 0 // no emoji of several characters has so plain a start
	}
	known, longest := emoji()
	// Each character is one unit or two.
	chars := utf16.Decode(text[:min(2*longest, len(text))])
	for n := min(longest, len(chars)); n > 1; n-- {
		if known[string(chars[:n])] {
			return len(utf16.Encode(chars[:n]))
		}
	}
	return 0
}

// unitWeight is the weight of a character by its first UTF-16 unit: all characters of two units weigh 2.
func unitWeight(u uint16) int {
	switch {
	case u <= 4351, u >= 8192 && u <= 8205, u >= 8208 && u <= 8223, u >= 8242 && u <= 8247:
		return 1
	}
	return 2
}
