package mastodon

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"vitrine/publishers"
)

// The server counts grapheme clusters, after every link has become a fixed number of characters and every mention has
// lost its server (github.com/mastodon/mastodon app/validators/status_length_validator.rb, app/lib/extractor.rb,
// app/models/account.rb and config/initializers/twitter_regex.rb, 2026-11-30). It knows the top-level domains by name;
// here any of two letters or more is one.
var (
	link = regexp.MustCompile(`(?i)https?://` +
		`(?:[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}_-]*[\p{L}\p{M}\p{N}])?\.)+(?:xn--[a-z0-9-]+|[\p{L}\p{M}]{2,})` +
		`(?::[0-9]+)?` +
		`(?:/(?:[^\s<>()?]*` + balanced + `)*[^\s<>()?]*)?` +
		`(?:\?[^\s<>"{}\\` + "`" + `]*)?`)
	mention = regexp.MustCompile(
		`(?i)@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@[\p{L}\p{M}\p{N}_]+(?:[.-]+[\p{L}\p{M}\p{N}_]+)*)?`)
)

const balanced = `\((?:[^\s<>()?]+|[^\s<>()?]*\([^\s<>()?]+\)[^\s<>()?]*)\)`

// What may not stand right before a link, before a mention and after a mention. The first two look at one character.
var (
	noLinkAfter     = regexp.MustCompile(`^[A-Za-z0-9@＠$#＃]`)
	noMentionAfter  = regexp.MustCompile(`^[\p{L}\p{M}\p{N}_=/]`)
	noMentionBefore = regexp.MustCompile(`^(?:[@＠\x{C0}-\x{24F}]|://)`)
)

// Count implements publishers.Counter.
func (p *publisher) Count(text string, limits publishers.Capabilities) int {
	perLink := limits.LinkLength
	if perLink == 0 {
		perLink = defaultLink
	}
	var counted strings.Builder
	at := 0
	for _, m := range link.FindAllStringIndex(text, -1) {
		if m[0] < at || noLinkAfter.MatchString(last(text[:m[0]])) {
			continue
		}
		counted.WriteString(withoutServers(text, at, m[0]))
		counted.WriteString(strings.Repeat("x", perLink))
		at = m[0] + len(trimmed(text[m[0]:m[1]]))
	}
	counted.WriteString(withoutServers(text, at, len(text)))
	return uniseg.GraphemeClusterCount(counted.String())
}

// last is the last character of a text.
func last(text string) string {
	_, size := utf8.DecodeLastRuneInString(text)
	return text[len(text)-size:]
}

// withoutServers is a part of a text whose mentions have lost their servers.
func withoutServers(text string, from, to int) string {
	var out strings.Builder
	part, at := text[from:to], 0
	for _, m := range mention.FindAllStringSubmatchIndex(part, -1) {
		if noMentionAfter.MatchString(last(text[:from+m[0]])) || noMentionBefore.MatchString(text[from+m[1]:]) {
			continue
		}
		out.WriteString(part[at:m[3]])
		at = m[1]
	}
	out.WriteString(part[at:])
	return out.String()
}

// trimmed is a link without the punctuation at its end, which belongs to the sentence around it.
func trimmed(url string) string {
	ends := `!?*"'「」<>;:=,.$%[]~&|@`
	if strings.Contains(url, "?") {
		ends = `!?*'();:+$%[].,~|@^`
	}
	return strings.TrimRight(url, ends)
}
