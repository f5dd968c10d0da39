package x

import (
	"regexp"

	"golang.org/x/text/unicode/norm"
)

const (
	captionMax = 280
	altMax     = 1000
	// linkWeight is what every link counts, because X shortens them all.
	linkWeight = 23
)

var link = regexp.MustCompile(`https?://[^\s]+`)

// weight counts a text as X does: a character of Latin and of most other alphabets counts 1, any other 2, a link 23,
// and an emoji 2 however it is composed.
func weight(text string) int {
	n := 0
	text = link.ReplaceAllStringFunc(norm.NFC.String(text), func(string) string { n += linkWeight; return "" })
	joined, flag := false, false
	for _, r := range text {
		switch {
		case r == 0x200D: // joins the next character to this one
			joined = true
			continue
		case joined || r == 0xFE0F || r >= 0x1F3FB && r <= 0x1F3FF || r >= 0xE0020 && r <= 0xE007F:
			joined = false
			continue
		case r >= 0x1F1E6 && r <= 0x1F1FF: // two of them form one flag
			if flag = !flag; flag {
				n += 2
			}
			continue
		}
		flag = false
		n += runeWeight(r)
	}
	return n
}

func runeWeight(r rune) int {
	switch {
	case r <= 4351, r >= 8192 && r <= 8205, r >= 8208 && r <= 8223, r >= 8242 && r <= 8247:
		return 1
	}
	return 2
}
