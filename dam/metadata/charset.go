package metadata

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// clean drops NULs and other control characters, unifies line ends and trims.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || r == '\ufeff' || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// decodeBytes reads text whose charset nobody declared: UTF-8 when it is valid
// UTF-8, else Windows-1252, which contains Latin-1's letters.
func decodeBytes(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "")
	}
	return out
}

// undoLatin1 repairs text that was taken for Latin-1 only because its file declared
// nothing: most programs of this century write UTF-8 without saying so.
func undoLatin1(s string) string {
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return s
		}
		raw = append(raw, byte(r))
	}
	return decodeBytes(string(raw))
}

// unique trims keywords, drops empty ones and repeats (whatever their case), and keeps the order.
func unique(in []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, k := range in {
		k = clean(k)
		if low := strings.ToLower(k); k != "" && !seen[low] {
			seen[low] = true
			out = append(out, k)
		}
	}
	return out
}
