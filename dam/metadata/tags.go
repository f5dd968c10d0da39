package metadata

import (
	"encoding/json"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"vitrine/dam"
)

// tags are what a file holds, by exiftool's names with the group in front ("IPTC:Keywords"): a string, a list of
// strings, or a float64. Times and dates are written as exiftool does, coordinates of EXIF without their sign.
type tags map[string]any

// text is a tag's value as one text.
func (t tags) text(name string) string {
	return strings.Join(t.list(name), ", ")
}

func (t tags) list(name string) []string {
	var out []string
	add := func(s string) {
		if s = clean(s); s != "" {
			out = append(out, s)
		}
	}
	switch v := t[name].(type) {
	case string:
		add(v)
	case []string:
		for _, s := range v {
			add(s)
		}
	case float64:
		add(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return out
}

// separated is a list of what stands between commas and semicolons.
func (t tags) separated(name string) []string {
	var out []string
	for _, s := range t.list(name) {
		out = append(out, strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' })...)
	}
	return out
}

// number is the first number of a tag's value.
func (t tags) number(name string) (float64, bool) {
	v, found := t[name]
	if f, ok := v.(float64); ok {
		return f, true
	}
	if !found {
		return 0, false
	}
	fields := strings.Fields(t.text(name))
	if len(fields) == 0 {
		return 0, false
	}
	f, err := strconv.ParseFloat(fields[0], 64)
	return f, err == nil
}

// languages reads a text in its languages. x-default and texts without a language are the bare string (key ""),
// unless a named language says the same.
func (t tags) languages(name string) dam.Text {
	var out dam.Text
	put := func(key, s string) {
		if s == "" {
			return
		}
		if out == nil {
			out = dam.Text{}
		}
		if out[key] == "" {
			out[key] = s
		}
	}
	put("", t.text(name))
	for full := range t {
		if tag, ok := strings.CutPrefix(full, name+"-"); ok {
			put(locale(tag), t.text(full))
		}
	}
	for key, s := range out {
		if key != "" && s == out[""] {
			delete(out, "")
		}
	}
	return out
}

// has reports whether a tag is there, for whatever language.
func (t tags) has(tag tag) bool {
	if _, ok := t[tag.name]; ok || tag.form != languages {
		return ok
	}
	return len(t.languages(tag.name)) > 0
}

// fromExiftool takes over what exiftool has said as JSON, with EXIF's and IPTC's letters read as Windows-1252, which
// loses none: what is UTF-8 and says so nowhere is put right here.
func fromExiftool(said map[string]any) tags {
	out := tags{}
	_, declared := said["IPTC:CodedCharacterSet"]
	for name, v := range said {
		repair := func(s string) string { return s }
		switch g := group(name); {
		case g == "IPTC" && !declared, g == "IFD0", g == "ExifIFD", g == "GPS":
			repair = undo1252
		}
		one := func(v any) (string, bool) {
			switch v := v.(type) {
			case string:
				return repair(v), true
			case json.Number:
				return v.String(), true
			case bool:
				return strconv.FormatBool(v), true
			}
			return "", false
		}
		if list, ok := v.([]any); ok {
			var texts []string
			for _, v := range list {
				if s, ok := one(v); ok {
					texts = append(texts, s)
				}
			}
			out[name] = texts
		} else if s, ok := one(v); ok {
			out[name] = s
		} else {
			out[name] = "" // a structure: it is there
		}
	}
	return out
}

// undo1252 reads the bytes that were taken for Windows-1252 as UTF-8, where they are.
func undo1252(s string) string {
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok && r > 0xff { // the five bytes without a letter are given as they are
			return s
		}
		if !ok {
			b = byte(r)
		}
		raw = append(raw, b)
	}
	return decodeBytes(string(raw))
}
