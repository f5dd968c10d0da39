package metadata

import (
	"slices"
	"strings"
	"unicode/utf8"

	"vitrine/dam"
)

// carries is what a type of file has room for.
type carries struct{ exif, iptc, xmp, pdf bool }

func carriesOf(mediaType string) carries {
	switch mediaType {
	case "image/jpeg", "image/tiff", "image/vnd.adobe.photoshop":
		return carries{exif: true, iptc: true, xmp: true}
	case "image/png", "image/webp", "image/avif", "image/heic", "image/heif", "image/heic-sequence",
		"image/heif-sequence", "image/x-adobe-dng":
		return carries{exif: true, xmp: true}
	case "image/gif", "video/mp4", "video/quicktime", "video/x-m4v":
		return carries{xmp: true}
	case "application/pdf":
		return carries{xmp: true, pdf: true}
	}
	return carries{}
}

// Carried reports whether files of the type have room for metadata that other programs read. Cameras' own raw formats
// have not: nothing is written into them, and a DNG is no such format.
func Carried(mediaType string) bool { return carriesOf(mediaType).xmp }

// Tags is what a copy of a file of the type says of the asset, the way Read reads it back. Products are those the asset
// shows; locale is the library's default.
//
//	field            XMP                                     IPTC                EXIF
//	title            dc:title                                ObjectName
//	description,     dc:description                          Caption-Abstract    ImageDescription
//	else caption
//	alternative text Iptc4xmpCore:AltTextAccessibility
//	tags             dc:subject, lr:hierarchicalSubject      Keywords
//	creator          dc:creator                              By-line             Artist
//	copyright        dc:rights                               CopyrightNotice     Copyright
//	rights' window   plus:LicenseStartDate, LicenseEndDate   Release-, ExpirationDate
//	territories      xmpRights:UsageTerms
//	products         Iptc4xmpExt:ProductInImage
//	captured         photoshop:DateCreated
//	place            exif:GPSLatitude, GPSLongitude                              GPS
//	rating           xmp:Rating                                                  Rating
//
// A focal point has no field that other programs agree on.
func Tags(mediaType string, a dam.Asset, products []dam.Product, locale string) dam.FileTags {
	has := carriesOf(mediaType)
	w := tagWriter{has: has, locale: locale, out: dam.FileTags{Set: map[string]any{}}}
	description := a.Description.Merge(nil)
	for l, s := range a.Caption {
		if description[l] == "" {
			description[l] = s
		}
	}
	w.text("XMP-dc:Title", a.Title)
	w.iptc("ObjectName", a.Title.Get(locale, locale), iimTitle)
	w.text("XMP-dc:Description", description)
	w.iptc("Caption-Abstract", description.Get(locale, locale), iimDescription)
	w.exif("ImageDescription", description.Get(locale, locale))
	w.text("XMP-iptcCore:AltTextAccessibility", a.Alt)
	w.tags(a.Tags)
	w.xmp("XMP-dc:Creator", a.Creator)
	w.iptc("By-line", a.Creator, iimCreator)
	w.exif("Artist", a.Creator)
	w.xmp("XMP-dc:Rights", a.Copyright)
	w.iptc("CopyrightNotice", a.Copyright, iimCopyright)
	w.exif("Copyright", a.Copyright)
	w.rights(a.Rights)
	w.products(products, locale)
	if a.Captured != nil {
		w.xmp("XMP-photoshop:DateCreated", a.Captured.Wall+a.Captured.Offset)
	}
	w.place(a.Place)
	w.rating(a.Rating)
	if has.pdf {
		w.put("PDF:Title", a.Title.Get(locale, locale))
		w.put("PDF:Author", a.Creator)
		w.put("PDF:Subject", description.Get(locale, locale))
		w.put("PDF:Keywords", strings.Join(a.Tags, ", "))
	}
	if has.exif {
		// What Windows writes beside the standard fields would contradict them.
		w.out.Clear = append(w.out.Clear, "IFD0:XPTitle", "IFD0:XPComment", "IFD0:XPAuthor", "IFD0:XPKeywords",
			"IFD0:XPSubject")
	}
	if has.iptc {
		w.out.Set["IPTC:CodedCharacterSet"] = "UTF8"
		w.out.Set["Photoshop:IPTCDigest"] = "new" // says that IPTC and XMP are in step
	}
	return w.out
}

type tagWriter struct {
	has    carries
	locale string
	out    dam.FileTags
}

// put sets a tag, or clears it when there is nothing to say.
func (w *tagWriter) put(tag, s string) {
	w.out.Clear = append(w.out.Clear, tag)
	if s != "" {
		w.out.Set[tag] = s
	}
}

func (w *tagWriter) xmp(tag, s string) {
	if w.has.xmp {
		w.put(tag, s)
	}
}

func (w *tagWriter) exif(tag, s string) {
	if w.has.exif {
		w.put("IFD0:"+tag, s)
	}
}

func (w *tagWriter) iptc(tag, s string, most int) {
	if w.has.iptc {
		w.put("IPTC:"+tag, cut(s, most))
	}
}

// text writes every language, and the default one as what readers without languages show.
func (w *tagWriter) text(tag string, t dam.Text) {
	w.xmp(tag, t.Get(w.locale, w.locale))
	for l, s := range t {
		if s != "" {
			w.out.Set[tag+"-"+l] = s
		}
	}
}

func (w *tagWriter) tags(list []string) {
	var nested, short []string
	for _, t := range list {
		if strings.Contains(t, "/") {
			nested = append(nested, strings.ReplaceAll(t, "/", "|"))
		}
		short = append(short, cut(t, iimKeyword))
	}
	w.list("XMP-dc:Subject", list)
	w.list("XMP-lr:HierarchicalSubject", nested)
	if w.has.iptc {
		w.list("IPTC:Keywords", short)
	}
}

func (w *tagWriter) list(tag string, list []string) {
	w.out.Clear = append(w.out.Clear, tag)
	if len(list) > 0 {
		w.out.Set[tag] = slices.Clone(list)
	}
}

// rights are only added: the catalogue does not read a file's own terms, so it has nothing to say against them.
func (w *tagWriter) rights(r dam.Rights) {
	for _, d := range []struct {
		day        dam.Date
		plus, iptc string
	}{{r.From, "LicenseStartDate", "ReleaseDate"}, {r.Until, "LicenseEndDate", "ExpirationDate"}} {
		if d.day == "" {
			continue
		}
		w.out.Set["XMP-plus:"+d.plus] = string(d.day)
		if w.has.iptc {
			w.out.Set["IPTC:"+d.iptc] = string(d.day)
		}
	}
	if len(r.Territories) > 0 {
		w.out.Set["XMP-xmpRights:UsageTerms"] = "Licensed for " + strings.Join(r.Territories, ", ") + " only."
	}
}

func (w *tagWriter) products(list []dam.Product, locale string) {
	var out []map[string]string
	for _, p := range list {
		one := map[string]string{"ProductId": p.SKU}
		if name := p.Names.Get(locale, locale); name != "" {
			one["ProductName"] = name
		}
		if p.GTIN != "" {
			one["ProductGTIN"] = p.GTIN
		}
		out = append(out, one)
	}
	if len(out) > 0 {
		w.out.Set["XMP-iptcExt:ProductInImage"] = out
	}
}

// place: who took it out of the catalogue does not want it in a file that is passed on, either. Of video it is not
// read.
func (w *tagWriter) place(p *dam.Geo) {
	if !w.has.exif {
		return
	}
	w.out.Clear = append(w.out.Clear, "GPS:all", "XMP-exif:GPSLatitude", "XMP-exif:GPSLongitude")
	if p == nil {
		return
	}
	side := func(v float64, positive, negative string) (float64, string) {
		if v < 0 {
			return -v, negative
		}
		return v, positive
	}
	lat, north := side(p.Lat, "N", "S")
	lon, east := side(p.Lon, "E", "W")
	w.out.Set["GPS:GPSLatitude"], w.out.Set["GPS:GPSLatitudeRef"] = lat, north
	w.out.Set["GPS:GPSLongitude"], w.out.Set["GPS:GPSLongitudeRef"] = lon, east
	w.out.Set["XMP-exif:GPSLatitude"], w.out.Set["XMP-exif:GPSLongitude"] = p.Lat, p.Lon
}

func (w *tagWriter) rating(n int) {
	for _, tag := range []string{"XMP-xmp:Rating", "IFD0:Rating"} {
		if strings.HasPrefix(tag, "IFD0") && !w.has.exif {
			continue
		}
		w.out.Clear = append(w.out.Clear, tag)
		if n > 0 {
			w.out.Set[tag] = n
		}
	}
}

// cut shortens a text to a number of bytes without splitting a letter.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
