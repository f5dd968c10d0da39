package dam

import (
	"fmt"
	"path"
	"slices"
	"strings"
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

// Cut shortens a text to at most n characters.
func Cut(s string, n int) string {
	if len(s) <= n { // a string has at least as many bytes as characters
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

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
		ext := path.Ext(name)
		if len(ext) > maxExtension {
			ext = ""
		}
		stem := name[:maxFileName-len(ext)]
		for !utf8.ValidString(stem) { // drops the up to three bytes of a character that was cut
			stem = stem[:len(stem)-1]
		}
		name = strings.TrimRight(stem, " ") + ext
	}
	if name == "" || name == "." || name == ".." || name == "/" {
		return "unnamed"
	}
	return name
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
