package downloads

import (
	"hash/maphash"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// placeholders are what a template of names may say of a file.
var placeholders = [...]string{"filename", "title", "sku", "slot", "n", "preset", "format", "width", "height", "date",
	"year", "id", "version"}

// braced lists the placeholders as people write them.
func braced() string { return "{" + strings.Join(placeholders[:], "}, {") + "}" }

// part is a piece of a template: a text, or a placeholder.
type part struct{ text, field string }

// template makes names of files.
type template []part

// parseTemplate reads a template; "" is the file's own name, in a folder for each preset if there are several.
func parseTemplate(s string, kinds int) (template, error) {
	if strings.TrimSpace(s) == "" {
		if s = "{filename}"; kinds > 1 {
			s = "{preset}/{filename}"
		}
	}
	if err := dam.CheckLine("template", s); err != nil {
		return nil, err
	}
	var t template
	for s != "" {
		text, rest, found := strings.Cut(s, "{")
		if text != "" {
			t = append(t, part{text: text})
		}
		if !found {
			break
		}
		field, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, dam.InvalidInput("template", reasons.DownloadTemplateOpen(braced()))
		}
		if !slices.Contains(placeholders[:], field) {
			return nil, dam.InvalidInput("template", reasons.DownloadTemplateUnknown(field, braced()))
		}
		t = append(t, part{field: field})
		s = after
	}
	return t, nil
}

// uses reports whether the template has a placeholder.
func (t template) uses(field string) bool {
	return slices.ContainsFunc(t, func(p part) bool { return p.field == field })
}

// maxSegment is the longest name of a file or folder in bytes: every file system takes it, and with some folders above
// it the path is one that Windows takes.
const maxSegment = 120

// maxFolders bounds how deep a template may nest.
const maxFolders = 6

// name fills the template in and gives it an extension. What values say can't make folders: only the template can.
func (t template) name(values map[string]string, ext string) string {
	var b strings.Builder
	for _, p := range t {
		if p.field == "" {
			b.WriteString(strings.ReplaceAll(p.text, `\`, "/"))
			continue
		}
		b.WriteString(strings.Map(func(r rune) rune {
			if r == '/' || r == '\\' {
				return '_'
			}
			return r
		}, values[p.field]))
	}
	segments := slices.DeleteFunc(strings.Split(b.String(), "/"), func(s string) bool { return segment(s) == "" })
	if len(segments) > maxFolders {
		segments = slices.Concat(segments[:maxFolders-1], segments[len(segments)-1:])
	}
	if len(segments) == 0 {
		segments = []string{"unnamed"}
	}
	for i, s := range segments {
		segments[i] = segment(s)
	}
	last := &segments[len(segments)-1]
	// A template that ends in an extension of its own, as {filename}.jpg, is not given it twice.
	if ext != "" && !strings.EqualFold(path.Ext(*last), ext) {
		*last += ext
	}
	return strings.Join(segments, "/")
}

// devices are names that Windows keeps for devices, whatever their extension.
var devices = [...]string{"con", "prn", "aux", "nul", "conin$", "conout$"}

// device reports whether Windows would take a name for a device.
func device(name string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	stem = strings.TrimRight(stem, " ")
	if slices.Contains(devices[:], stem) {
		return true
	}
	rest, ok := strings.CutPrefix(stem, "com")
	if !ok {
		rest, ok = strings.CutPrefix(stem, "lpt")
	}
	return ok && len([]rune(rest)) == 1 && strings.ContainsAny(rest, "0123456789¹²³")
}

// segment makes a text the name of a file or folder on every system: no separators or wildcards, no controls, no
// characters that turn text round, no device, no dot or space at the end, no name that is hidden or means a folder
// above. It is "" if nothing is left.
func segment(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c', r == '\u2028',
			r == '\u2029':
			return -1
		case strings.ContainsRune(`<>:"/\|?*`, r), r == '\ufffd':
			return '_'
		}
		return r
	}, strings.ToValidUTF8(norm.NFC.String(s), "_"))
	s = strings.Trim(squeeze(s), " ._-")
	if len(s) > maxSegment {
		s = strings.TrimRight(cut(s, maxSegment), " ._-")
	}
	if device(s) {
		s = "_" + s
	}
	return s
}

// squeeze makes one separator of several, which are left where a placeholder had no value.
func squeeze(s string) string {
	var b strings.Builder
	var before rune
	for _, r := range s {
		if r == before && (r == '_' || r == '-' || r == ' ') {
			continue
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// cut shortens a text to at most n bytes, and not within a character.
func cut(s string, n int) string {
	for size := n; size > 0; size-- {
		if short := dam.Cut(s, size); len(short) <= n {
			return short
		}
	}
	return ""
}

// names gives every file of an archive a name of its own: chair.jpg, chair-2.jpg. It keeps a hash of each name, so that
// 100,000 of them take some megabytes.
type names struct {
	seed    maphash.Seed
	files   map[uint64]int // by the hash of the name as file systems compare it: the last number given
	folders map[uint64]bool
}

func newNames(reserved ...string) *names {
	n := &names{maphash.MakeSeed(), map[uint64]int{}, map[uint64]bool{}}
	for _, r := range reserved {
		n.files[n.key(r)] = 1
	}
	return n
}

// key is the same for names that some file system takes for one: whatever their case and form.
func (n *names) key(name string) uint64 {
	return maphash.String(n.seed, strings.ToLower(strings.ToUpper(norm.NFKC.String(name))))
}

// unique returns the name, with a number if it is taken. No file has the name of a folder.
func (n *names) unique(name string) string {
	dir, base := path.Split(name)
	dir = n.folder(dir)
	name = dir + base
	first := n.key(name)
	for last := n.files[first]; ; last++ {
		try := name
		if last > 0 {
			try = dir + dam.SuffixedName(base, "-"+strconv.Itoa(last+1))
		}
		k := n.key(try)
		if n.files[k] > 0 || n.folders[k] {
			continue
		}
		n.files[k] = 1
		n.files[first] = last + 1
		return try
	}
}

// folder returns the folder, each of its parts with an underscore if a file has its name, and keeps those names.
func (n *names) folder(dir string) string {
	var path string
	for part := range strings.SplitSeq(strings.TrimSuffix(dir, "/"), "/") {
		if part == "" {
			continue
		}
		for n.files[n.key(path+part)] > 0 {
			part += "_"
		}
		path += part
		n.folders[n.key(path)] = true
		path += "/"
	}
	return path
}
