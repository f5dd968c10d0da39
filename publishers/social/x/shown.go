package x

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// shown is a post as X returns it: &, < and > are escaped in its text, every link, bare domains too, is a t.co link
// that its entities explain, and the link of its picture follows
// (https://docs.x.com/x-api/fundamentals/data-dictionary, 2026-08-22).
type shown struct {
	ID, Text string
	Entities struct {
		URLs []struct {
			URL      string `json:"url"`
			Expanded string `json:"expanded_url"`
		} `json:"urls"`
	} `json:"entities"`
}

// same reports whether the post is what was sent as text.
func (p shown) same(sent string) bool {
	full := make(map[string]string, len(p.Entities.URLs))
	for _, u := range p.Entities.URLs {
		full[u.URL] = u.Expanded
	}
	// X may know newer top-level domains than its published list.
	return p.sameAs(full, take(sent, false)) || p.sameAs(full, take(sent, true))
}

var unescape = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

func (p shown) sameAs(full map[string]string, ours taken) bool {
	theirs := take(unescape.Replace(p.Text), false)
	for i := range theirs.links {
		theirs.links[i] = full[theirs.links[i]] // "" without entities: any link may be behind it
	}
	theirs.dropPictures(len(ours.links))
	if theirs.plain() != ours.plain() || len(theirs.links) != len(ours.links) {
		return false
	}
	for i, link := range theirs.links {
		if link != "" && canonical(link) != canonical(ours.links[i]) {
			return false
		}
	}
	return true
}

// taken is a text taken apart: its links, and what is between them.
type taken struct{ between, links []string }

func take(text string, newer bool) (t taken) {
	units, from := utf16.Encode([]rune(norm.NFC.String(text))), 0
	for _, l := range links(units, newer) {
		t.between = append(t.between, string(utf16.Decode(units[from:l.at])))
		t.links = append(t.links, l.text)
		from = l.at + l.size
	}
	t.between = append(t.between, string(utf16.Decode(units[from:])))
	return t
}

var picture = regexp.MustCompile(`^https?://(x|twitter)\.com/[^/]+/status/[0-9]+/(photo|video)/[0-9]+$`)

// dropPictures takes out the links of the post's pictures, and one at the end that is more than were sent.
func (t *taken) dropPictures(sent int) {
	for i := len(t.links) - 1; i >= 0; i-- {
		last := i == len(t.links)-1 && len(t.links) > sent && strings.TrimSpace(t.between[i+1]) == ""
		if picture.MatchString(t.links[i]) || t.links[i] == "" && last {
			t.between[i] += t.between[i+1]
			t.between = append(t.between[:i+1], t.between[i+2:]...)
			t.links = append(t.links[:i], t.links[i+1:]...)
		}
	}
}

// plain returns the text with a mark in place of each link, without regard to spaces.
func (t taken) plain() string {
	return strings.Join(strings.Fields(strings.Join(t.between, " \x00 ")), " ")
}

// canonical returns a link without what X changes: the protocol, the case of the host, an empty path.
func canonical(link string) string {
	if !strings.Contains(link, "://") {
		link = "http://" + link
	}
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	host, err := idna.Punycode.ToASCII(strings.ToLower(u.Host))
	if err != nil {
		host = u.Host
	}
	return host + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + u.RawQuery + "#" + u.EscapedFragment()
}

// linksOf returns the links of a text.
func linksOf(text string) []link { return links(utf16.Encode([]rune(norm.NFC.String(text))), false) }
