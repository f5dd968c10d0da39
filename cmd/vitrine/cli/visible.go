package cli

import (
	"strings"
	"unicode"
)

// Visible returns text as one line that is safe for a terminal: control characters, and those that change the direction
// of text, are replaced.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// VisibleLines is Visible for text of several lines.
func VisibleLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Visible(line)
	}
	return strings.Join(lines, "\n")
}
