package bluesky

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/publicsuffix"
)

// facet marks a part of a text, in bytes, as a link, a mention or a tag.
type facet struct {
	Index struct {
		Start int `json:"byteStart"`
		End   int `json:"byteEnd"`
	} `json:"index"`
	Features []feature `json:"features"`

	handle string // of a mention whose DID has to be looked up
}

type feature struct {
	Type string `json:"$type"`
	URI  string `json:"uri,omitempty"`
	DID  string `json:"did,omitempty"`
	Tag  string `json:"tag,omitempty"`
}

const (
	tagMax  = 64  // graphemes
	tagSize = 640 // bytes
)

// facetsOf returns the links, mentions and tags of a text in their order, as Bluesky's own app finds them
// (github.com/bluesky-social/atproto, packages/api/src/rich-text/detection.ts, 2026-08-20), but leaves out links that
// the lexicon refuses.
func facetsOf(text string) []facet {
	var out []facet
	add := func(start, end int, f feature, handle string) {
		x := facet{Features: []feature{f}, handle: handle}
		x.Index.Start, x.Index.End = start, end
		out = append(out, x)
	}
	mentions(text, add)
	webLinks(text, add)
	tags(text, add)
	cashtags(text, add)
	slices.SortStableFunc(out, func(a, b facet) int { return cmp.Compare(a.Index.Start, b.Index.Start) })
	return out
}

type adder func(start, end int, f feature, handle string)

// space reports whether a character is white space in the sense of ECMAScript.
func space(r rune) bool {
	return r >= '\t' && r <= '\r' || r == 0xFEFF || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Zs, r)
}

// begins reports whether something may begin at i: at the start of the text, after white space, or after one of others.
func begins(text string, i int, others string) bool {
	r, size := utf8.DecodeLastRuneInString(text[:i])
	return size == 0 || space(r) || strings.ContainsRune(others, r)
}

func within(text string, from int, in func(c byte) bool) (end int) {
	for end = from; end < len(text) && in(text[end]); end++ {
	}
	return end
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func alphanumeric(c byte) bool { return letter(c) || c >= '0' && c <= '9' }

// topLevel reports whether a domain ends with a top-level domain.
func topLevel(domain string) bool {
	i := strings.LastIndexByte(domain, '.')
	if i < 0 || i+1 == len(domain) || domain[i+1:] != strings.ToLower(domain[i+1:]) {
		return false
	}
	_, icann := publicsuffix.PublicSuffix("a" + domain[i:])
	return icann
}

func mentions(text string, add adder) {
	word := func(i int) bool { return i >= 0 && i < len(text) && (alphanumeric(text[i]) || text[i] == '_') }
	for i := 0; i < len(text); i++ {
		if text[i] != '@' || !begins(text, i, "(") {
			continue
		}
		end := within(text, i+1, func(c byte) bool { return alphanumeric(c) || c == '.' || c == '-' })
		for end > i+1 && word(end-1) == word(end) { // it ends where a word does
			end--
		}
		if handle := text[i+1 : end]; end > i+1 && (topLevel(handle) || strings.HasSuffix(handle, ".test")) {
			add(i, end, feature{Type: "app.bsky.richtext.facet#mention"}, handle)
		}
	}
}

var (
	protocol = regexp.MustCompile(`^(?i:https?://)`)
	domain   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+`)
	// uriForm is the format uri of the lexicons.
	uriForm = regexp.MustCompile(`^\w+:(//)?[^\s/]\S*$`)
)

// webLinks finds links with a protocol, and domains without one.
func webLinks(text string, add adder) {
	until := 0 // where the word ends
	for i := 0; i < len(text); i++ {
		if !begins(text, i, "(") {
			continue
		}
		if until <= i {
			if until = strings.IndexFunc(text[i:], space); until < 0 {
				until = len(text) - i
			}
			until += i
		}
		end := until
		whole := text[i:end]
		with, bare := protocol.FindString(whole), domain.FindString(whole)
		if with == whole || with == "" && bare == "" {
			continue
		}
		next := end - 1
		uri := whole
		switch {
		case with == "" && topLevel(bare):
			uri = "https://" + whole
		case !strings.HasPrefix(with, "http"): // not in capitals
			i = next
			continue
		}
		if last := len(uri) - 1; strings.IndexByte(".,;:!?", uri[last]) >= 0 {
			uri = uri[:last]
			end--
		}
		if last := len(uri) - 1; uri[last] == ')' && !strings.Contains(uri, "(") {
			uri = uri[:last]
			end--
		}
		if uriForm.MatchString(uri) && len(uri) <= 8<<10 {
			add(i, end, feature{Type: "app.bsky.richtext.facet#link", URI: uri}, "")
		}
		i = next
	}
}

// tagBreak reports whether a character ends a tag: white space, and what is not seen.
func tagBreak(r rune) bool {
	return space(r) || r == 0xAD || r == 0x2060 || r >= 0x200A && r <= 0x200D || r == 0x20E2
}

func tags(text string, add adder) {
	for i, r := range text {
		if r != '#' && r != '＃' || !begins(text, i, "") {
			continue
		}
		start := i + utf8.RuneLen(r)
		name := text[start:]
		if end := strings.IndexFunc(name, tagBreak); end >= 0 {
			name = name[:end]
		}
		tells := func(r rune) bool { return !unicode.Is(unicode.P, r) && (r < '0' || r > '9') }
		if strings.HasPrefix(name, "\ufe0f") || strings.IndexFunc(name, tells) < 0 {
			continue
		}
		name = strings.TrimRightFunc(name, func(r rune) bool { return unicode.Is(unicode.P, r) })
		if len(name) <= tagSize && uniseg.GraphemeClusterCount(name) <= tagMax {
			add(i, start+len(name), feature{Type: "app.bsky.richtext.facet#tag", Tag: name}, "")
		}
	}
}

// cashtags finds the signs of shares, such as $ABC.
func cashtags(text string, add adder) {
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '$' || !begins(text, i, "(") || !letter(text[i+1]) {
			continue
		}
		end := within(text, i+1, alphanumeric)
		after, size := utf8.DecodeRuneInString(text[end:])
		if end-i-1 <= 5 && (size == 0 || space(after) || strings.ContainsRune(".,;:!?)\"'’", after)) {
			add(i, end, feature{Type: "app.bsky.richtext.facet#tag", Tag: "$" + strings.ToUpper(text[i+1:end])}, "")
		}
	}
}
