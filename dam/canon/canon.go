// Package canon is the one form of names that identify something: SKUs, tags, names of collections, choices of custom
// fields, what a file-name rule reads. Two spellings that nobody can tell apart are one name, whether they differ by
// Unicode normalization (macOS writes É as E and an accent) or by invisible characters that came along with copied
// text.
//
// Names are put into this form where they are written and where they are asked for. BCP 47 locales have a form of their
// own, dam.Locale; passwords have another, OpaqueString of RFC 8265 (package dam/people).
package canon

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"

	"vitrine/dam"
)

// Name returns the form of a name that is a word of a language: composed (NFC), every space a plain one, without
// invisible characters except those that carry meaning where they are: joiners between letters of Persian or Indic
// words, joiners and selectors of emoji, variation selectors of Chinese and Mongolian characters. It trims spaces.
func Name(s string) string { return form(s, meaningful) }

// Code returns the form of a name that is a code, such as a SKU or a file name that a rule reads: as Name, but without
// any invisible character. It doesn't trim spaces.
func Code(s string) string { return untrimmed(s, nothing) }

// Key returns what names are compared by: equal for names that differ by their capitals only, or by whether an emoji is
// shown in colours or as text.
func Key(s string) string {
	return dam.FoldKey(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, Name(s)))
}

// Same reports whether two names are one.
func Same(a, b string) bool { return a == b || Key(a) == Key(b) }

// ProductKey returns the SKU as it is compared: in canonical form, without regard to capitals. İ is i, as Unicode's
// simple mapping says; of a decomposed İ that was lower-cased first there is an i with a dot, which is the same.
func ProductKey(sku string) string {
	const dotted = "i\u0307"
	key := strings.ToLower(strings.TrimSpace(Code(sku)))
	if ascii(key) {
		return key
	}
	key = norm.NFC.String(key)
	for strings.Contains(key, dotted) {
		key = norm.NFC.String(strings.ReplaceAll(key, dotted, "i"))
	}
	return key
}

// Unique returns the names of a list in canonical form, without empty ones and those that an earlier one is the same
// as.
func Unique(list []string) []string { return unique(list, Name, Key) }

// UniqueSKUs is Unique for SKUs.
func UniqueSKUs(list []string) []string { return unique(list, SKU, ProductKey) }

// SKU returns a SKU as it is stored: Code without spaces around it.
func SKU(s string) string { return strings.TrimSpace(Code(s)) }

func unique(list []string, form, key func(string) string) []string {
	out := make([]string, 0, len(list))
	seen := make(map[string]bool, len(list))
	for _, s := range list {
		s = form(s)
		if k := key(s); s != "" && !seen[k] {
			seen[k] = true
			out = append(out, s)
		}
	}
	return out
}

// Clean reports whether a text has nothing that Code would change. It is a quick test of long texts: if it is false,
// Name may have nothing to change either.
func Clean(s string) bool {
	if ascii(s) {
		return true
	}
	if !norm.NFC.IsNormalString(s) {
		return false
	}
	for _, r := range s {
		if r >= 0xa0 && (Invisible(r) || unicode.Is(unicode.Zs, r)) {
			return false
		}
	}
	return true
}

// Compose returns a text in NFC, as search reads it: with nothing taken away.
func Compose(s string) string {
	if ascii(s) {
		return s
	}
	return norm.NFC.String(s)
}

// Fold returns what words are found by: without accents, invisible characters and capitals.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(Code(s)))
}

// Reveal writes a name so that people see what two spellings differ by: combining marks, invisible characters and
// unusual spaces as their code points, such as ‹U+0301›.
func Reveal(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.In(r, unicode.M) || Invisible(r) || r != ' ' && unicode.IsSpace(r) {
			b.WriteString("‹U+" + strings.ToUpper(hex(r)) + "›")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hex(r rune) string {
	const digits = "0123456789abcdef"
	var b []byte
	for ; r > 0 || len(b) < 4; r >>= 4 {
		b = append(b, digits[r&15])
	}
	slices.Reverse(b)
	return string(b)
}

// Invisible reports whether a character shows nothing of its own: Unicode's Default_Ignorable_Code_Point.
func Invisible(r rune) bool {
	if r < 0xad {
		return false
	}
	switch {
	case r >= 0xfff9 && r <= 0xfffb, r >= 0x13430 && r <= 0x13440, unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func form(s string, keep keeper) string { return strings.TrimSpace(untrimmed(s, keep)) }

// keeper reports whether the invisible character at i of a text carries meaning; kept is what is kept before it.
type keeper func(text []rune, i int, kept []rune) bool

func nothing([]rune, int, []rune) bool { return false }

// untrimmed removes characters until nothing changes: two characters that an invisible one kept apart may be composed
// to one, and a joiner may lose what it joins.
func untrimmed(s string, keep keeper) string {
	if ascii(s) || !utf8.ValidString(s) { // what is not valid is refused where it is checked
		return s
	}
	for {
		text := []rune(norm.NFC.String(s))
		kept := make([]rune, 0, len(text))
		for i, r := range text {
			switch {
			case unicode.Is(unicode.Zs, r):
				kept = append(kept, ' ')
			case !Invisible(r) || keep(text, i, kept):
				kept = append(kept, r)
			}
		}
		next := norm.NFC.String(string(kept))
		if next == s {
			return s
		}
		s = next
	}
}

const (
	nonJoiner   = '\u200c'
	joiner      = '\u200d'
	blackFlag   = '\U0001f3f4' // begins the flags of England, Scotland and Wales, whose letters are invisible
	keycap      = '\u20e3'
	textStyle   = '\ufe0e'
	emojiStyle  = '\ufe0f'
	beforeAfter = 6 // characters on each side that a joiner's meaning may hang on
)

// meaningful is the keeper of words.
func meaningful(text []rune, i int, kept []rune) bool {
	if len(kept) == 0 {
		return false
	}
	last := kept[len(kept)-1]
	switch r := text[i]; {
	case r == nonJoiner:
		return joins(text, i, kept)
	case r == joiner:
		return pictured(kept) && pictograph(after(text, i)) || joins(text, i, kept) || shapes(text, i, kept)
	case r == textStyle || r == emojiStyle:
		return pictograph(last) || i+1 < len(text) && text[i+1] == keycap
	case r >= 0xe0020 && r <= 0xe007f:
		return last == blackFlag || last >= 0xe0020 && last < 0xe007f
	case r >= 0xfe00 && r <= 0xfe0d, r >= 0xe0100 && r <= 0xe01ef:
		return unicode.Is(unicode.Han, last)
	case r >= 0x180b && r <= 0x180f:
		return unicode.Is(unicode.Mongolian, last)
	}
	return false
}

// joins reports whether the joiner at i changes how its neighbours are written (RFC 5892, appendix A.1 and A.2), which
// the tables of precis know. Only letters and marks are shown to it, because others have rules of their own.
func joins(text []rune, i int, kept []rune) bool {
	begin := len(kept)
	for begin > 0 && len(kept)-begin < beforeAfter && letter(kept[begin-1]) {
		begin--
	}
	right := []rune{text[i]}
	for _, r := range text[i+1:] {
		if letter(r) && len(right) <= beforeAfter {
			right = append(right, r)
		} else if r == joiner || r == nonJoiner || !Invisible(r) { // others go: what is behind them comes next
			break
		}
	}
	if begin == len(kept) {
		return false
	}
	_, err := precis.OpaqueString.String(string(kept[begin:]) + string(right))
	return err == nil
}

// shapes reports whether the joiner at i changes how the letter before it is written, where RFC 5892 says nothing: in
// front of a virama (Bengali and Kannada Ra), and at the end of a word after an Arabic letter that would join another.
func shapes(text []rune, i int, kept []rune) bool {
	next := after(text, i)
	if !letter(kept[len(kept)-1]) {
		return false
	}
	if letter(next) {
		const virama = 9
		return norm.NFC.PropertiesString(string(next)).CCC() == virama
	}
	return joins([]rune{nonJoiner, '\u0628'}, 0, kept) // it has a meaning between the letter and a Beh
}

func letter(r rune) bool { return unicode.In(r, unicode.L, unicode.M) && !Invisible(r) }

// after returns the character behind i, without regard to invisible ones that are no joiners; 0 at the end.
func after(text []rune, i int) rune {
	for _, r := range text[i+1:] {
		if r == joiner || r == nonJoiner || !Invisible(r) {
			return r
		}
	}
	return 0
}

// pictured reports whether a text ends in an emoji, maybe with a skin tone or a style.
func pictured(kept []rune) bool {
	last := len(kept) - 1
	for last > 0 && (kept[last] == emojiStyle || kept[last] >= 0x1f3fb && kept[last] <= 0x1f3ff) {
		last--
	}
	return pictograph(kept[last])
}

// pictograph reports whether a character may be a part of an emoji. Arrows and the like may as well.
func pictograph(r rune) bool {
	switch r {
	case '\u00a9', '\u00ae', '\u203c', '\u2049', '\u2122', '\u2139', '\u3030', '\u303d':
		return true
	}
	return r >= 0x2190 && unicode.In(r, unicode.So, unicode.Sm) || r >= 0x1f3fb && r <= 0x1f3ff
}
