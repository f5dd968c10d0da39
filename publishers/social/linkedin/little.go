package linkedin

import (
	"regexp"
	"strings"
)

// LinkedIn's “little” text format, in which the commentary of a post is written:
// https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format (read in November
// 2026). All reserved characters are escaped with a backslash, even where they have no function; a hashtag is the
// template {hashtag|\#|tag}, and a mention is @[name](urn).
const reserved = `\|{}@[]()<>#*_~`

var escape = strings.NewReplacer(func() (pairs []string) {
	for _, c := range reserved {
		pairs = append(pairs, string(c), `\`+string(c))
	}
	return pairs
}()...)

// element matches a mention, as a person writes it, with the name and the URN; or a hashtag with its sign and its text,
// after what precedes it. The text of a hashtag has a character that is no digit.
var element = regexp.MustCompile(`@\[([^\]\n]+)\]\((urn:li:(?:person|organization):[A-Za-z0-9_-]+)\)` +
	`|(^|[^\p{L}\p{M}\p{N}_&/#＃])([#＃])([\p{L}\p{M}\p{N}_]*[\p{L}_][\p{L}\p{M}\p{N}_]*)`)

// little returns a text in LinkedIn's format. What a person reads is the text as it was written, except that a mention
// shows the name.
func little(text string) string {
	var out strings.Builder
	at := 0
	for _, m := range element.FindAllStringSubmatchIndex(text, -1) {
		part := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return text[m[2*n]:m[2*n+1]]
		}
		out.WriteString(escape.Replace(text[at:m[0]]))
		if urn := part(2); urn != "" {
			out.WriteString("@[" + escape.Replace(part(1)) + "](" + urn + ")")
		} else {
			out.WriteString(escape.Replace(part(3)) + `{hashtag|` + escape.Replace(part(4)) + "|" +
				escape.Replace(part(5)) + "}")
		}
		at = m[1]
	}
	out.WriteString(escape.Replace(text[at:]))
	return out.String()
}
