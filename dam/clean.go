package dam

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/dam/reasons"
)

// CheckText refuses text that isn't valid UTF-8 or that has control characters other than tab, CR and LF. Both
// databases and every client can hold the text that passes. field names the input in errors.
func CheckText(field, s string) error {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return InvalidInput(field, reasons.NotUtf8Text())
			}
		}
		if control(r) && r != '\t' && r != '\n' && r != '\r' {
			return InvalidInput(field, reasons.HoldsControlCharacter(fmt.Sprintf("%04X", r)))
		}
	}
	return nil
}

// CheckLine is CheckText for text of a single line, such as a name, a tag or a SKU.
func CheckLine(field, s string) error {
	if i := strings.IndexAny(s, "\t\n\r\u2028\u2029"); i >= 0 {
		return InvalidInput(field, reasons.HoldsTabOrNewline())
	}
	return CheckText(field, s)
}

// StripText removes what CheckText refuses. It is for text that nobody can correct, such as metadata embedded in a
// file.
func StripText(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if strings.IndexFunc(s, control) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if control(r) && r != '\t' && r != '\n' && r != '\r' {
			return -1
		}
		return r
	}, s)
}

// control reports whether r is one of the C0 or C1 controls, or DEL.
func control(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f }

// bidirectional reports whether r changes the direction of the text around it. Such a character can make a file name
// appear to end in another extension than it does.
func bidirectional(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}

// Cut shortens a text to at most n characters, and never between a letter and its accent or within an emoji.
func Cut(s string, n int) string {
	if len(s) <= n { // a string has at least as many bytes as characters
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:boundary(s, i)]
		}
		n--
	}
	return s
}

// longestCluster is how many bytes are looked through for the beginning of what is seen as one character.
const longestCluster = 64

// boundary returns the last place at or before byte i at which a text may be cut.
func boundary(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	for at := i; at > 0 && i-at < longestCluster; {
		if !continues(s, at) {
			return at
		}
		_, n := utf8.DecodeLastRuneInString(s[:at])
		at -= n
	}
	return i // text that is one heap of marks
}

// continues reports whether what follows byte i belongs to the character before it: a mark, a part of an emoji or of a
// Korean syllable, the second half of a flag.
func continues(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	r, _ := utf8.DecodeRuneInString(s[i:])
	switch {
	case unicode.Is(unicode.M, r), r == zeroWidthJoiner, before == zeroWidthJoiner:
		return true
	case r >= 0x1f3fb && r <= 0x1f3ff, r >= 0xe0020 && r <= 0xe007f: // skin tones, letters of flags
		return true
	case r >= 0x1160 && r <= 0x11ff:
		return before >= 0x1100 && before <= 0x11ff || before >= 0xac00 && before <= 0xd7a3
	case flagHalf(r):
		halves := 0
		for t := s[:i]; ; halves++ {
			last, n := utf8.DecodeLastRuneInString(t)
			if !flagHalf(last) {
				return halves%2 == 1
			}
			t = t[:len(t)-n]
		}
	}
	return false
}

const zeroWidthJoiner = '\u200d'

// flagHalf reports whether r is one of the two letters of a country's flag.
func flagHalf(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

const (
	maxFileName  = 255 // bytes, the limit of file systems
	maxExtension = 32  // bytes; anything longer is not an extension
)

// FileName cleans an uploaded file's name: the last path element, as UTF-8, on one line, without control characters and
// bidirectional controls, and cut to 255 bytes with its extension kept.
func FileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "�"), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if control(r) || bidirectional(r) || r == 0x2028 || r == 0x2029 {
			return -1
		}
		return r
	}, name)
	if len(name) > maxFileName {
		name = SuffixedName(name, "")
	}
	if name == "" || name == "." || name == ".." || name == "/" {
		return "unnamed"
	}
	return name
}

// SuffixedName returns a file name with a suffix before its extension, such as chair-2.jpg for "-2". A name that would
// be longer than file systems take is shortened before the suffix: the extension says what the file is.
func SuffixedName(name, suffix string) string {
	ext := path.Ext(name)
	if len(ext) > maxExtension || ext == name {
		ext = ""
	}
	stem := strings.TrimSuffix(name, ext)
	if room := maxFileName - len(suffix) - len(ext); len(stem) > room {
		stem = strings.TrimRight(stem[:boundary(stem, room)], " ")
	}
	return stem + suffix + ext
}

// LeftoverNames are the names of files and folders that systems and programs leave beside what people mean to keep:
// miniatures, the bin, downloads that were cut off, locks, sidecars. They are in lower case and compared so.
type LeftoverNames struct {
	Folders, Files, Prefixes, Extensions []string
}

var leftovers = LeftoverNames{
	Folders: []string{"@eadir", "#recycle", "@recycle", "__macosx", "$recycle.bin", "system volume information",
		"lost+found"},
	Files:    []string{"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store"},
	Prefixes: []string{"._", "~$", ".~lock."},
	Extensions: []string{".part", ".partial", ".crdownload", ".download", ".filepart", ".xmp", ".thm", ".lrprev",
		".aae"},
}

// Leftovers returns the names that Leftover and LeftoverFolder go by.
func Leftovers() LeftoverNames { return leftovers }

// LeftoverFolder reports whether nobody means to import what is in a folder of that name.
func LeftoverFolder(name string) bool {
	return slices.Contains(leftovers.Folders, strings.ToLower(name))
}

// Leftover reports whether nobody means to keep a file of that name. name is without folders.
func Leftover(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(leftovers.Files, name) || slices.Contains(leftovers.Extensions, path.Ext(name)) ||
		slices.ContainsFunc(leftovers.Prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}
