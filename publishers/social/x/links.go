package x

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// link is a link in a text. Offset and size are in UTF-16 units, as X counts them. The size may be less than what the
// link covers: X's own counting has it so where text follows a domain without a space.
type link struct {
	at, size int
	text     string
}

const (
	linkLongest = 4096 // UTF-16 units, of the whole link
	slugLongest = 40   // of a t.co link
	labelMost   = 63   // octets of a label of a domain, in Punycode
)

//go:embed tlds.txt
var tldFile string

// tlds are the top-level domains that twitter-text 3.1.0 knows, folded, and how long the longest is. The file is
// generated: see test/twitter-text/tables.mjs.
var tlds = sync.OnceValues(func() (known map[string]bool, longest int) {
	known = map[string]bool{}
	for name := range strings.Lines(tldFile) {
		units := folded(utf16.Encode([]rune(strings.TrimSpace(name))))
		known[string(utf16.Decode(units))] = true
		longest = max(longest, len(units))
	}
	return known, longest
})

// set has UTF-16 units without regard to their case.
type set [1 << 16]bool

func newSet(ranges ...rune) *set {
	var s set
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			s[fold(uint16(r))] = true
		}
	}
	return &s
}

func (s *set) has(u uint16) bool { return s[fold(u)] }

// each returns the ranges of single characters.
func each(chars string) (ranges []rune) {
	for _, r := range chars {
		ranges = append(ranges, r, r)
	}
	return ranges
}

// latin are the accented letters and combining marks that X allows in the domain and the path of a link.
var latin = []rune{0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x24F, 0x253, 0x254, 0x256, 0x257, 0x259, 0x259, 0x25B, 0x25B, 0x263,
	0x263, 0x268, 0x268, 0x26F, 0x26F, 0x272, 0x272, 0x289, 0x289, 0x28B, 0x28B, 0x2BB, 0x2BB, 0x300, 0x36F, 0x1E00,
	0x1EFF}

var (
	letters = []rune{'a', 'z', '0', '9'}
	// directional are the marks of writing direction; unusable can't be in a post.
	directional = []rune{0x202A, 0x202E, 0x61C, 0x61C, 0x200E, 0x200F, 0x2066, 0x2069}
	unusable    = []rune{0xFFFE, 0xFFFF, 0xFEFF, 0xFEFF}

	// notAhead can't stand right before a link: letters and digits of ASCII, and the signs of mentions, tags and
	// cashtags.
	notAhead = sync.OnceValue(func() *set {
		return newSet(slices.Concat(letters, each("@＠$#＃"), unusable)...)
	})
	notInDomain = sync.OnceValue(func() *set {
		return newSet(slices.Concat(each("!'#%&()*+,\\-./:;<=>?@[]^_{|}~$"), unusable, directional,
			[]rune{0x09, 0x0D, 0x20, 0x20, 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x180E, 0x180E, 0x2000,
				0x200A, 0x2028,
				0x2029, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000})...)
	})
	inASCIIDomain = sync.OnceValue(func() *set { return newSet(slices.Concat(letters, each("-"), latin)...) })
	afterTLD      = sync.OnceValue(func() *set { return newSet(slices.Concat(letters, each("@+-"))...) })
	inPath        = sync.OnceValue(func() *set {
		return newSet(slices.Concat(letters, latin, []rune{0x400, 0x4FF, 0x2013, 0x2013},
			each("!*';:=+,.$/%#[]-_~@|&"))...)
	})
	endsPath = sync.OnceValue(func() *set {
		return newSet(slices.Concat(letters, latin, []rune{0x400, 0x4FF}, each("+-=_#/"))...)
	})
	inQuery = sync.OnceValue(func() *set {
		return newSet(slices.Concat(letters, each("!?*'@();:&=+$/%#[]-_.,~|"))...)
	})
	endsQuery = sync.OnceValue(func() *set { return newSet(slices.Concat(letters, each("-_&=#/"))...) })
	inSlug    = sync.OnceValue(func() *set { return newSet(letters...) })
	inPuny    = sync.OnceValue(func() *set { return newSet(slices.Concat(letters, each("-"))...) })
)

// fold returns a unit in upper case, as regular expressions of ECMAScript compare: no other character equals one of
// ASCII.
func fold(u uint16) uint16 {
	up := unicode.ToUpper(rune(u))
	if up > 0xFFFF || u >= 0x80 && up < 0x80 {
		return u
	}
	return uint16(up)
}

func folded(units []uint16) []uint16 {
	out := make([]uint16, len(units))
	for i, u := range units {
		out[i] = fold(u)
	}
	return out
}

// scanner finds the links of a text the way X does. Its tables are filled from the end of the text, so that the work is
// linear.
type scanner struct {
	text, folded []uint16
	// newer also accepts top-level domains of the Public Suffix List that X's published list lacks.
	newer bool
	// domain is the end of the domain that starts at a unit, 0 if none does.
	domain []int
}

// links returns the links of a text that is normalized to NFC.
func links(text []uint16, newer bool) (out []link) {
	if !slices.Contains(text, '.') {
		return nil
	}
	s := &scanner{text: text, folded: folded(text), newer: newer}
	s.findDomains()
	for i := 0; i <= len(text); {
		m, ok := match{}, false
		if i < len(text) && !notAhead().has(text[i]) {
			m, ok = s.match(i + 1)
			m.before = text[i]
		}
		if !ok && i == 0 {
			m, ok = s.match(0)
		}
		if !ok {
			i++
			continue
		}
		out = append(out, s.accepted(m)...)
		i = m.end
	}
	return out
}

// match is what has the form of a link: protocol, domain, port, path and query, by where they end.
type match struct {
	before                   uint16 // the unit ahead, 0 at the start
	start, host, domain, end int
	path                     bool
}

// findDomains fills the table of domains: labels that end with a dot, of which the last has no underscore and is
// followed by a top-level domain.
func (s *scanner) findDomains() {
	n, outside := len(s.text), notInDomain()
	s.domain = make([]int, n+1)
	run, underscore := n, n // where the label ends, and where its next underscore is
	ahead, top := -1, 0     // the end of the top-level domain that was looked for last, and where
	for i := n - 1; i >= 0; i-- {
		u := s.text[i]
		inside := !outside.has(u)
		switch {
		case u == '_':
			underscore = i
		case !inside && u != '-':
			run, underscore = i, n
		}
		if !inside || run == n || s.text[run] != '.' || outside.has(s.text[run-1]) {
			continue
		}
		if s.domain[i] = s.domain[run+1]; s.domain[i] == 0 && underscore > run {
			if ahead != run+1 {
				ahead, top = run+1, max(s.tld(run+1, n), 0)
			}
			s.domain[i] = top
		}
	}
}

// tld returns the end of the top-level domain at i, at most limit, or -1.
func (s *scanner) tld(i, limit int) int {
	known, longest := tlds()
	for end := min(i+longest, limit); end > i; end-- {
		if end < limit && afterTLD().has(s.text[end]) {
			continue
		}
		if known[string(utf16.Decode(s.folded[i:end]))] {
			return end
		}
	}
	if end := i + 4; end < limit && string(utf16.Decode(s.folded[i:end])) == "XN--" && inPuny().has(s.text[end]) {
		for end < limit && inPuny().has(s.text[end]) {
			end++
		}
		return end
	}
	if !s.newer {
		return -1
	}
	end := i
	for end < limit && end-i < labelMost && !notInDomain().has(s.text[end]) {
		end++
	}
	if end == i || end < limit && afterTLD().has(s.text[end]) {
		return -1
	}
	name, err := idna.Punycode.ToASCII(strings.ToLower(string(utf16.Decode(s.text[i:end]))))
	if _, icann := publicsuffix.PublicSuffix("a." + name); err != nil || !icann {
		return -1
	}
	return end
}

// match returns the link that starts at i.
func (s *scanner) match(i int) (match, bool) {
	m := match{start: i, host: i}
	for _, protocol := range []string{"HTTP://", "HTTPS://"} {
		if end := i + len(protocol); end <= len(s.text) && string(utf16.Decode(s.folded[i:end])) == protocol {
			m.host = end
		}
	}
	if m.domain = s.domain[m.host]; m.domain == 0 {
		return m, false
	}
	m.end = m.domain
	if port := s.while(m.end+1, digits()); s.is(m.end, ':') && port > m.end+1 {
		m.end = port
	}
	if s.is(m.end, '/') {
		m.path, m.end = true, s.path(m.end+1)
	}
	m.end = s.query(m.end)
	return m, true
}

var digits = sync.OnceValue(func() *set { return newSet('0', '9') })

func (s *scanner) is(i int, u uint16) bool { return i < len(s.text) && s.text[i] == u }

// while returns the end of the units from i on that are in a set.
func (s *scanner) while(i int, in *set) int {
	for i < len(s.text) && in.has(s.text[i]) {
		i++
	}
	return i
}

// path returns the end of a path after its first slash: the last character that a path may end with, or a pair of
// parentheses.
func (s *scanner) path(i int) (end int) {
	for end = i; i < len(s.text); {
		switch {
		case inPath().has(s.text[i]):
			if i++; endsPath().has(s.text[i-1]) {
				end = i
			}
		case s.parentheses(i) > 0:
			i = s.parentheses(i)
			end = i
		default:
			return end
		}
	}
	return end
}

// parentheses returns the end of the pair of parentheses at i, with at most one pair in it, or 0.
func (s *scanner) parentheses(i int) int {
	if !s.is(i, '(') {
		return 0
	}
	inner := s.while(i+1, inPath())
	if s.is(inner, ')') && inner > i+1 {
		return inner + 1
	}
	if !s.is(inner, '(') {
		return 0
	}
	end := s.while(inner+1, inPath())
	if !s.is(end, ')') || end == inner+1 {
		return 0
	}
	if end = s.while(end+1, inPath()); s.is(end, ')') {
		return end + 1
	}
	return 0
}

// query returns the end of the query at i, or i.
func (s *scanner) query(i int) (end int) {
	end = i
	if !s.is(i, '?') {
		return end
	}
	for i++; i < len(s.text) && inQuery().has(s.text[i]); i++ {
		if endsQuery().has(s.text[i]) {
			end = i + 1
		}
	}
	return end
}

// accepted returns the links that X makes of a match, usually one.
func (s *scanner) accepted(m match) []link {
	protocol := m.host - m.start
	if !s.domainFits(m) || protocol == 0 && len("https://")+m.end-m.start > linkLongest ||
		protocol+m.end-m.start > linkLongest {
		return nil
	}
	if protocol > 0 {
		end := m.end
		if slug := m.domain + 1; m.path && string(utf16.Decode(s.folded[m.host:slug])) == "T.CO/" {
			if n := s.while(slug, inSlug()); n > slug {
				if n-slug > slugLongest {
					return nil
				}
				end = s.query(n)
			}
		}
		return []link{s.link(m.start, end-m.start, end)}
	}
	switch m.before {
	case '-', '_', '.', '/':
		return nil
	}
	var out []link
	for i := m.start; i < m.domain; {
		start, end := s.asciiDomain(i, m.domain)
		if end == 0 {
			break
		}
		out = append(out, s.link(start, end-start, end))
		i = end
	}
	if last := len(out) - 1; last >= 0 && m.path {
		out[last] = s.link(out[last].at, out[last].size+m.end-m.domain, m.end)
	}
	return out
}

func (s *scanner) link(at, size, end int) link {
	return link{at: at, size: size, text: string(utf16.Decode(s.text[at:end]))}
}

// asciiDomain returns the first domain of plain and accented letters from i on, or an end of 0. Where the labels from i
// on end without a top-level domain, none of them begins a domain either.
func (s *scanner) asciiDomain(i, limit int) (start, end int) {
	for next := i; i < limit; i = next {
		for label := i; ; {
			dot := label
			for dot < limit && inASCIIDomain().has(s.text[dot]) {
				dot++
			}
			if dot == label || dot >= limit || s.text[dot] != '.' {
				next = max(dot, i+1)
				break
			}
			label = dot + 1
			if t := s.tld(label, limit); t > 0 {
				end = t
			}
		}
		if end > 0 {
			return i, end
		}
	}
	return 0, 0
}

// domainFits reports whether the labels of a domain are as long as DNS allows.
func (s *scanner) domainFits(m match) bool {
	name := s.text[m.host:m.domain]
	if len(name) >= 4 && string(utf16.Decode(name[:4])) == "xn--" {
		if _, end := s.asciiDomain(m.host, m.domain); end == 0 {
			return false
		}
	}
	for label := range strings.SplitSeq(string(utf16.Decode(name)), ".") {
		if n := asciiSize(label); n == 0 || n > labelMost {
			return false
		}
	}
	return true
}
