package cli

import (
	"strings"
	"unicode"
)

// Visible is text as one line that does nothing to a terminal: characters that control it, or turn the direction of
// what follows, are shown as replaced.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// VisibleLines is visible for text of several lines.
func VisibleLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Visible(line)
	}
	return strings.Join(lines, "\n")
}
