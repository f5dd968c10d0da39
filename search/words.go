package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/dam/canon"
)

// Token is one word of a text, folded: lower case, without accents, with ligatures expanded.
type Token struct {
	Term string
	// Place counts words from 0. A compound and its first part share a place.
	Place int
	// Start and End are byte offsets in the text in NFC.
	Start, End int
	// Compound marks the joined form of words linked by "-", "_" or ".", such as "drs-1042-blu"; the tokens of its
	// parts precede it.
	Compound bool
}

const maxTerm = 128 // bytes; a longer run of letters is not a word

// accents lists the letters that fold to each plain letter.
var accents = buildAccents([][2]string{
	{"a", "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"}, {"ae", "æǣǽ"}, {"b", "ḃḅḇ"}, {"c", "çćĉċčḉ"}, {"d", "ďđḋḍḏḑḓ"}, {"dh", "ð"},
	{"e", "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"}, {"f", "ḟ"}, {"g", "ĝğġģǧǵḡ"}, {"h", "ĥħȟḣḥḧḩḫẖ"}, {"i", "ìíîïĩīĭįıǐȉȋḭḯỉị"},
	{"ij", "ĳ"}, {"j", "ĵǰ"},
	{"k", "ķǩḱḳḵ"}, {"l", "ĺļľŀłḷḹḻḽ"}, {"m", "ḿṁṃ"}, {"n", "ñńņňǹṅṇṉṋ"}, {"o", "òóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ"},
	{"oe", "œ"}, {"p", "ṕṗ"},
	{"r", "ŕŗřȑȓṙṛṝṟ"}, {"s", "śŝşšſșṡṣṥṧṩẛ"}, {"ss", "ß"}, {"t", "ţťŧțṫṭṯṱẗ"}, {"th", "þ"},
	{"u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"},
	{"v", "ṽṿ"}, {"w", "ŵẁẃẅẇẉẘ"}, {"x", "ẋẍ"}, {"y", "ýÿŷȳẏẙỳỵỷỹ"}, {"z", "źżžẑẓẕ"},
	{"α", "ά"}, {"ε", "έ"}, {"η", "ή"}, {"ι", "ΐίϊ"}, {"ο", "ό"}, {"σ", "ς"}, {"υ", "ΰϋύ"}, {"ω", "ώ"},
	{"е", "ѐё"}, {"и", "ѝй"}, {"і", "ї"}, {"у", "ў"}, {"г", "ѓ"}, {"к", "ќ"},
	{"ff", "ﬀ"}, {"fi", "ﬁ"}, {"fl", "ﬂ"}, {"ffi", "ﬃ"}, {"ffl", "ﬄ"},
})

func buildAccents(table [][2]string) map[rune]string {
	m := map[rune]string{}
	for _, t := range table {
		for _, r := range t[1] {
			m[r] = t[0]
		}
	}
	return m
}

// elided reports whether s is a French word that has lost its vowel before an apostrophe.
func elided(s string) bool {
	switch s {
	case "l", "d", "j", "m", "t", "n", "s", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu", "presqu":
		return true
	}
	return false
}

// Fold lowers the case, removes accents and invisible characters and makes every space a plain one: the form in which
// keywords are compared.
func Fold(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] < utf8.RuneSelf && (s[i] < 'A' || s[i] > 'Z')
	}
	if plain {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range canon.Compose(s) { // か and a mark are が, Korean syllables are one character
		b = appendFolded(b, r)
	}
	return string(b)
}

func appendFolded(b []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(b, byte(r))
	}
	r = unicode.ToLower(narrowWidth(r))
	if r < utf8.RuneSelf {
		return append(b, byte(r))
	}
	if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || canon.Invisible(r) { // accents, soft hyphens
		return b
	}
	if unicode.Is(unicode.Zs, r) { // names have plain spaces only, what asks for them may have others
		return append(b, ' ')
	}
	if t, ok := accents[r]; ok {
		return append(b, t...)
	}
	return utf8.AppendRune(b, r)
}

// narrowWidth returns the usual form of a full-width letter, digit or sign, as typed among Chinese characters.
func narrowWidth(r rune) rune {
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	return r
}

type runeClass uint8

const (
	gap    runeClass = iota
	letter           // letters, digits, marks
	single           // a word by itself: scripts written without spaces
	joiner           // links words to a compound
	quote            // apostrophe
)

func classify(r rune) runeClass {
	r = narrowWidth(r)
	switch {
	case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9':
		return letter
	case r == '-' || r == '_' || r == '.' || r == '\u2010' || r == '\u2011':
		return joiner
	case r == '\u200b': // a zero-width space
		return gap
	case r == '\'' || r == '\u2019' || r == '\u02bc':
		return quote
	case r < utf8.RuneSelf:
		return gap
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
		return single
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.In(r, unicode.Mn, unicode.Cf):
		return letter
	}
	return gap
}

// Tokenize splits a text into words. Elided articles ("l'", "d'") and the English possessive are dropped, so that
// neither accents nor elision matter. Words linked by "-", "_" or "." become one token each, and one compound.
func Tokenize(s string) []Token {
	s = canon.Compose(s)
	var (
		out   []Token
		place int
		parts int // in out, of the compound being read
		first int // index in out of its first part
	)
	endCompound := func() {
		if parts > 1 {
			if t, ok := join(out[first:]); ok {
				out = append(out, t)
			}
		}
		parts = 0
	}
	for i := 0; i < len(s); {
		r, w := utf8.DecodeRuneInString(s[i:])
		class := classify(r)
		if class == single {
			endCompound()
			out = append(out, Token{Term: string(appendFolded(nil, r)), Place: place, Start: i, End: i + w})
			place++
		}
		if class != letter {
			i += w
			continue
		}
		start := i
		term := make([]byte, 0, 16)
		for i < len(s) {
			if r, w = utf8.DecodeRuneInString(s[i:]); classify(r) != letter {
				break
			}
			term = appendFolded(term, r)
			i += w
		}
		// The next characters decide whether the word ends here.
		next, nw := utf8.DecodeRuneInString(s[i:])
		after, _ := utf8.DecodeRuneInString(s[min(i+nw, len(s)):])
		tied := i < len(s) && i+nw < len(s) && classify(after) == letter
		quoted := tied && classify(next) == quote
		word := string(term)
		possessive := word == "s" && start > 0 && endsInQuotedWord(s[:start])
		if dropped := quoted && elided(word) || possessive; len(word) > 0 && len(word) <= maxTerm && !dropped {
			if parts == 0 {
				first = len(out)
			}
			out = append(out, Token{Term: word, Place: place, Start: start, End: i})
			parts++
			place++
		}
		if !tied || classify(next) == gap || classify(next) == single {
			endCompound()
		} else if quoted && !elided(word) {
			endCompound()
		}
	}
	endCompound()
	return out
}

// endsInQuotedWord distinguishes the s of "men's" from that of "s-curve" or "'s".
func endsInQuotedWord(s string) bool {
	r, w := utf8.DecodeLastRuneInString(s)
	if classify(r) != quote {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(s[:len(s)-w])
	return classify(before) == letter
}

func join(parts []Token) (Token, bool) {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(p.Term)
	}
	t := Token{Term: b.String(), Place: parts[0].Place, Start: parts[0].Start, End: parts[len(parts)-1].End,
		Compound: true}
	return t, b.Len() <= maxTerm
}

// stopWord reports whether s is a stop word in French or English. A query that has other words ignores it.
func stopWord(s string) bool {
	switch s {
	case "le", "la", "les", "l", "un", "une", "de", "du", "des", "d", "et", "a", "au", "aux", "en", "dans", "pour",
		"sur", "avec", "par",
		"the", "an", "of", "and", "in", "on", "with", "for", "to", "from", "by", "at":
		return true
	}
	return false
}
