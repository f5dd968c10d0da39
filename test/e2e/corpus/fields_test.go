package corpus

import (
	"fmt"
	"regexp"
	"strings"
)

// places of each field in files, as the Metadata Working Group orders them: XMP, IPTC, EXIF, then the container's own.
var places = map[string][]string{
	"title": {"XMP-dc:Title", "IPTC:ObjectName", "PDF:Title", "ItemList:Title", "Keys:Title", "Keys:DisplayName",
		"UserData:Title", "IFD0:XPTitle", "PNG:Title", "Matroska:Title", "RIFF:Title", "ASF:Title", "Vorbis:Title",
		"ID3v2_4:Title", "ID3v2_3:Title", "ID3v2_2:Title", "ID3v1:Title"},
	"title-fr": {"XMP-dc:Title-fr"},
	"description": {"XMP-dc:Description", "IPTC:Caption-Abstract", "IFD0:ImageDescription", "PDF:Subject",
		"ItemList:Description", "Keys:Description", "UserData:Description", "IFD0:XPSubject", "IFD0:XPComment",
		"PNG:Description"},
	"alt":  {"XMP-iptcCore:AltTextAccessibility"},
	"tags": {"XMP-dc:Subject", "IPTC:Keywords", "PDF:Keywords", "ItemList:Keyword", "Keys:Keywords", "IFD0:XPKeywords"},
	"creator": {"XMP-dc:Creator", "IPTC:By-line", "IFD0:Artist", "PDF:Author", "ItemList:Artist", "Keys:Artist",
		"Keys:Author", "UserData:Artist", "UserData:Author", "IFD0:XPAuthor", "PNG:Author", "PNG:Artist",
		"Matroska:Artist", "RIFF:Artist", "ASF:Author", "Vorbis:Artist", "ID3v2_4:Artist", "ID3v2_3:Artist",
		"ID3v2_2:Artist", "ID3v1:Artist"},
	"copyright": {"XMP-dc:Rights", "IPTC:CopyrightNotice", "IFD0:Copyright", "ItemList:Copyright", "Keys:Copyright",
		"UserData:Copyright", "PNG:Copyright", "RIFF:Copyright", "ASF:Copyright", "Vorbis:Copyright",
		"ID3v2_4:Copyright", "ID3v2_3:Copyright"},
	"from":  {"XMP-plus:LicenseStartDate", "IPTC:ReleaseDate"},
	"until": {"XMP-plus:LicenseEndDate", "IPTC:ExpirationDate"},
	"captured": {"XMP-photoshop:DateCreated", "XMP-exif:DateTimeOriginal", "IPTC:DateCreated",
		"ExifIFD:DateTimeOriginal", "Keys:CreationDate", "ItemList:ContentCreateDate", "UserData:DateTimeOriginal",
		"H264:DateTimeOriginal", "RIFF:DateTimeOriginal", "Matroska:DateTimeOriginal", "ASF:CreationDate",
		"QuickTime:CreateDate"},
}

// beside are what completes a date.
var beside = map[string]string{"IPTC:DateCreated": "IPTC:TimeCreated",
	"ExifIFD:DateTimeOriginal": "ExifIFD:OffsetTimeOriginal"}

var (
	dayForm    = regexp.MustCompile(`^(\d{4}):(\d\d):(\d\d)`)
	momentForm = regexp.MustCompile(`^(\d{4}):(\d\d):(\d\d) ?(\d\d:\d\d(?::\d\d)?)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$`)
)

// fields are the asset's fields by what exiftool reads of the file.
func (r reader) fields() map[string]string {
	out := map[string]string{"rating": "0"}
	for name, tags := range places {
		s := r.text(tags...)
		switch name {
		case "from", "until":
			if m := dayForm.FindStringSubmatch(s); m != nil {
				s = m[1] + "-" + m[2] + "-" + m[3]
			}
		case "captured":
			s = r.moment(tags)
		case "tags":
			s = strings.ReplaceAll(strings.ReplaceAll(s, "; ", ", "), ";", ", ")
		}
		if s != "" {
			out[name] = s
		}
	}
	if v := r.number("XMP-xmp:Rating", "IFD0:Rating"); v == v {
		out["rating"] = fmt.Sprint(int(min(max(v, 0), 5)))
	}
	if lat, lon := r.number("XMP-exif:GPSLatitude", "Composite:GPSLatitude"), r.number("XMP-exif:GPSLongitude",
		"Composite:GPSLongitude"); lat == lat && lon == lon &&
		(lat != 0 || lon != 0) {
		out["place"] = fmt.Sprintf("%.4f %.4f", lat, lon)
	}
	return out
}

// moment is the first date that is one. A film's header is in UTC.
func (r reader) moment(tags []string) string {
	for _, name := range tags {
		s := r.text(name)
		if next := beside[name]; next != "" && s != "" {
			if more := r.text(next); name == "IPTC:DateCreated" {
				s += " " + more
			} else {
				s += more
			}
		}
		m := momentForm.FindStringSubmatch(strings.TrimSpace(s))
		if m == nil || m[1] == "0000" || m[2] == "00" {
			continue
		}
		if m[4] == "" {
			m[4] = "00:00:00"
		}
		if len(m[4]) == 5 {
			m[4] += ":00"
		}
		if m[5] == "Z" || name == "QuickTime:CreateDate" && m[5] == "" {
			m[5] = "+00:00"
		}
		return m[1] + "-" + m[2] + "-" + m[3] + "T" + m[4] + m[5]
	}
	return ""
}
