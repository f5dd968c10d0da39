package metadata

import (
	"maps"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/canon"
)

// carries is what a type of file has room for.
type carries struct{ exif, iptc, xmp, pdf, quicktime, png bool }

func carriesOf(mediaType string) carries {
	switch mediaType {
	case "image/jpeg", "image/tiff", "image/vnd.adobe.photoshop":
		return carries{exif: true, iptc: true, xmp: true}
	case "image/png":
		return carries{exif: true, xmp: true, png: true}
	case "image/webp", "image/avif", "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence",
		"image/x-adobe-dng":
		return carries{exif: true, xmp: true}
	case "image/gif":
		return carries{xmp: true}
	case "video/mp4", "video/quicktime", "video/x-m4v":
		return carries{xmp: true, quicktime: true}
	case "application/pdf":
		return carries{xmp: true, pdf: true}
	}
	return carries{}
}

// group reports whether there is room for a group of tags.
func (c carries) group(name string) bool {
	switch name {
	case "IFD0", "ExifIFD", "GPS":
		return c.exif
	case "IPTC":
		return c.iptc
	case "PDF":
		return c.pdf
	case "ItemList", "Keys", "UserData":
		return c.quicktime
	case "PNG":
		return c.png
	}
	return c.xmp && strings.HasPrefix(name, "XMP-")
}

// Carried reports whether files of the type have room for metadata that other programs read. Cameras' own raw formats
// have not: nothing is written into them, and a DNG is no such format.
func Carried(mediaType string) bool { return carriesOf(mediaType).xmp }

// Tags is what a copy of a file of the type says of the asset, the way Read reads it back: the table's fields and tags,
// and alternative text, territories and products besides. said is what exiftool has told of the tags Wanted, nil for a
// file that says nothing.
//
// What somebody has edited is written, and cleared where that was to take it away. What nobody has edited stays as the
// file says it, in its own words and places; tags that say nothing are filled. What a sidecar says counts as edited,
// since the file does not say it. The file of a later version, which has
// filled nothing, says what the asset does and no more. A focal point has no field that other programs agree on.
func Tags(mediaType string, c dam.CopyFacts, said map[string]any) dam.FileTags {
	w := tagWriter{room: carriesOf(mediaType), facts: c, has: fromExiftool(said),
		out: dam.FileTags{Set: map[string]any{}}}
	want := dam.Metadata{Title: c.Asset.Title, Description: c.Asset.Description.Merge(nil), Alt: c.Asset.Alt,
		Keywords: c.Asset.Tags, Creator: c.Asset.Creator, Copyright: c.Asset.Copyright, Captured: c.Asset.Captured,
		Place: c.Asset.Place, Rating: c.Asset.Rating, Rights: c.Asset.Effective()}
	for l, s := range c.Asset.Caption {
		if want.Description[l] == "" {
			want.Description[l] = s
		}
	}
	there, _ := merge(w.has) // what is of an unexpected kind is as good as absent
	filled, there := w.asFilled(c.Filled), w.asFilled(there.Bounded())
	for _, f := range table {
		w.field(f, valueOf(f.name, want), valueOf(f.name, filled), valueOf(f.name, there), said != nil)
	}
	if !c.First && w.room.xmp {
		w.out.Clear = append(w.out.Clear, usageTerms, productInImage)
	}
	if l := c.Asset.Effective().Territories; len(l) > 0 && w.room.xmp {
		w.out.Set[usageTerms] = "Licensed for " + strings.Join(l, ", ") + " only."
	}
	w.products()
	w.digest()
	w.undeclared(said)
	return w.out
}

type tagWriter struct {
	room  carries
	facts dam.CopyFacts
	has   tags
	out   dam.FileTags
}

// asFilled is metadata as it fills an asset's fields.
func (w *tagWriter) asFilled(m dam.Metadata) dam.Metadata {
	m.Title, m.Description, m.Alt = m.Title.Localise(w.facts.Locale), m.Description.Localise(w.facts.Locale),
		m.Alt.Localise(w.facts.Locale)
	if m.Keywords != nil {
		m.Keywords = canon.Unique(m.Keywords)
	}
	return m
}

// valueOf is a field's value: a dam.Text, a []string, a string, a number, or a pointer; nil for none.
func valueOf(name string, m dam.Metadata) any {
	var v any
	switch name {
	case "title":
		v = m.Title
	case "description":
		v = m.Description
	case "alt":
		v = m.Alt
	case "tags":
		v = m.Keywords
	case "creator":
		v = m.Creator
	case "copyright":
		v = m.Copyright
	case "from":
		v = string(m.Rights.From)
	case "until":
		v = string(m.Rights.Until)
	case "captured":
		v = m.Captured
	case "place":
		v = m.Place
	case "rating":
		v = m.Rating
	}
	if r := reflect.ValueOf(v); r.IsZero() || (r.Kind() == reflect.Map || r.Kind() == reflect.Slice) && r.Len() == 0 {
		return nil
	}
	return v
}

// field decides what is done about a field that is to say want, was filled with filled when the asset was made, and is
// read from the file as there.
func (w *tagWriter) field(f field, want, filled, there any, known bool) {
	if !w.facts.First { // the catalogue is the authority
		w.clear(f)
		w.write(f, want, false)
		return
	}
	switch {
	case want == nil && filled == nil: // nobody took away what was never known
	case want == nil:
		w.clear(f)
	case known && reflect.DeepEqual(want, there):
		w.write(f, want, true)
	case known && reflect.DeepEqual(want, filled) && !w.beside(f.name): // the file says it otherwise, and still does
	case known && there != nil && f.name == "title" && filled == nil && w.fileNamed(want): // never read, never edited
	default:
		if f.name == "tags" && !w.beside(f.name) {
			want = w.withUnread(want, filled, there)
		}
		w.clear(f)
		w.write(f, want, false)
	}
}

// beside reports whether a field was filled from the first version's sidecar, so that what its file says otherwise is
// out of date.
func (w *tagWriter) beside(field string) bool { return valueOf(field, w.facts.Sidecar) != nil }

// fileNamed reports whether a title is what an asset gets whose file has none.
func (w *tagWriter) fileNamed(title any) bool {
	name := w.facts.FileName
	t, _ := title.(dam.Text)
	return len(t) == 1 && t[w.facts.Locale] == strings.TrimSuffix(name, path.Ext(name))
}

// withUnread adds the keywords of the file that the catalogue has never known, so that nobody can have removed them.
func (w *tagWriter) withUnread(want, filled, there any) []string {
	all, _ := want.([]string)
	all = slices.Clone(all)
	known, _ := filled.([]string)
	in, _ := there.([]string)
	for _, s := range in {
		if !contains(known, s) && !contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

func contains(list []string, s string) bool {
	return slices.ContainsFunc(list, func(o string) bool { return canon.Same(o, s) })
}

// clear takes a field out of the file, but a date: what the camera's clock said stays beside what is written.
func (w *tagWriter) clear(f field) {
	for _, t := range f.tags {
		if w.room.group(group(t.name)) && (t.write || f.name != "captured") {
			w.out.Clear = append(w.out.Clear, t.name)
		}
	}
	switch f.name {
	case "place": // who took it out does not want it in a file that is passed on, nor its height
		if w.facts.Asset.Place == nil {
			w.out.Clear = append(w.out.Clear, "XMP-exif:GPS*")
			if w.room.exif {
				w.out.Clear = append(w.out.Clear, "GPS:all")
			}
		}
	case "tags":
		w.out.Clear = append(w.out.Clear, branches)
		if kept := w.branches(); len(kept) > 0 {
			w.out.Set[branches] = kept
		}
	}
}

// write sets a field's tags; missing leaves those that say something.
func (w *tagWriter) write(f field, v any, missing bool) {
	for _, t := range f.tags {
		if !t.write || !w.room.group(group(t.name)) || missing && w.has.has(t) {
			continue
		}
		if t.form == languages {
			if text, ok := v.(dam.Text); ok {
				for l, s := range text {
					if s != "" {
						w.out.Set[t.name+"-"+l] = s
					}
				}
			}
		}
		if value := w.value(t, v); value != nil {
			w.out.Set[t.name] = value
		}
	}
	if f.name == "tags" && missing && w.has[branches] == nil {
		if nested := w.branches(); len(nested) > 0 {
			w.out.Set[branches] = nested
		}
	}
}

// value is a field's value in a tag's form, nil for none.
func (w *tagWriter) value(t tag, v any) any {
	switch v := v.(type) {
	case dam.Text:
		return some(cut(v.Get(w.facts.Locale, w.facts.Locale), t.most))
	case string:
		return some(cut(v, t.most))
	case []string:
		if t.form == separated {
			return strings.Join(v, ", ")
		}
		var out []string
		for _, s := range v {
			out = append(out, cut(s, t.most))
		}
		return out
	case int:
		return v
	case *dam.Capture:
		if group(t.name) == "Keys" && v.Offset == "" {
			return nil // there is no such date without a zone, and exiftool would name its own
		}
		return v.Wall + v.Offset
	case *dam.Geo:
		return w.coordinate(t, *v)
	}
	return nil
}

func some(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (w *tagWriter) coordinate(t tag, g dam.Geo) any {
	side := func(v float64, positive, negative string) (float64, string) {
		if v < 0 {
			return -v, negative
		}
		return v, positive
	}
	lat, north := side(g.Lat, "N", "S")
	lon, east := side(g.Lon, "E", "W")
	switch t.name {
	case gpsLatitude:
		return lat
	case gpsLongitude:
		return lon
	case gpsLatitude + "Ref":
		return north
	case gpsLongitude + "Ref":
		return east
	}
	if t.form != pair {
		if strings.HasSuffix(t.name, "Latitude") {
			return g.Lat
		}
		return g.Lon
	}
	text := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	out := text(g.Lat) + ", " + text(g.Lon)
	if was := strings.Fields(w.has.text(t.name)); len(was) == 3 { // its height
		out += ", " + was[2]
	}
	return out
}

// branches are the nested keywords that a copy has: those of the tags, and the file's own but for those whose keyword
// somebody has removed; of a later version's file, and of one whose sidecar names keywords, only those whose keyword
// the asset has.
func (w *tagWriter) branches() []string {
	var out []string
	for _, t := range w.facts.Asset.Tags {
		if strings.Contains(t, "/") {
			out = append(out, strings.ReplaceAll(t, "/", "|"))
		}
	}
	for _, b := range w.has.list(branches) {
		leaf := b[strings.LastIndexByte(b, '|')+1:]
		removed, named := false, false
		for _, name := range []string{leaf, strings.ReplaceAll(b, "|", "/")} {
			removed = removed || contains(w.facts.Filled.Keywords, name) && !contains(w.facts.Asset.Tags, name)
			named = named || contains(w.facts.Asset.Tags, name)
		}
		removed = removed || (!w.facts.First || w.beside("tags")) && !named
		if !removed && !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

func (w *tagWriter) products() {
	var out []map[string]string
	for _, p := range w.facts.Products {
		one := map[string]string{"ProductId": p.SKU}
		if name := p.Names.Get(w.facts.Locale, w.facts.Locale); name != "" {
			one["ProductName"] = name
		}
		if p.GTIN != "" {
			one["ProductGTIN"] = p.GTIN
		}
		out = append(out, one)
	}
	if len(out) > 0 && w.room.xmp {
		w.out.Set[productInImage] = out
	}
}

// digest says that IPTC and XMP are in step, where IPTC is written.
func (w *tagWriter) digest() {
	for name := range w.out.Set {
		w.out.IPTC = w.out.IPTC || group(name) == "IPTC"
	}
	for _, name := range w.out.Clear {
		_, there := w.has[name]
		w.out.IPTC = w.out.IPTC || there && group(name) == "IPTC"
	}
	if w.out.IPTC {
		w.out.Set["IPTC:CodedCharacterSet"] = "UTF8"
		w.out.Set["Photoshop:IPTCDigest"] = "new"
	}
}

// undeclared sets IPTC's tags that are in UTF-8 without saying so, where IPTC is written: exiftool would take their
// bytes for Windows-1252 when it makes the file UTF-8.
func (w *tagWriter) undeclared(said map[string]any) {
	if _, declared := said["IPTC:CodedCharacterSet"]; declared || !w.out.IPTC {
		return
	}
	misread := func(v any) bool {
		s, ok := v.(string)
		return ok && undo1252(s) != s
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		v := said[name]
		list, _ := v.([]any)
		if _, set := w.out.Set[name]; set || group(name) != "IPTC" || slices.Contains(w.out.Clear, name) ||
			!misread(v) && !slices.ContainsFunc(list, misread) {
			continue
		}
		w.out.Clear = append(w.out.Clear, name)
		w.out.Set[name] = w.has[name]
	}
}

// cut shortens a text to a number of bytes without splitting a letter; 0 is no bound.
func cut(s string, most int) string {
	if most == 0 || len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
