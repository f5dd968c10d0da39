package dam

import (
	"cmp"
	"strings"
)

// Format is an output format.
type Format string

const (
	JPEG Format = "jpeg"
	WebP Format = "webp"
	PNG  Format = "png"
	AVIF Format = "avif"
	// MP4 is H.264 and AAC that can be played while it downloads. It is made from videos only, and is the only format
	// of its preset.
	MP4 Format = "mp4"
)

// FormatInfo describes an output format. Presets, content negotiation, URLs and the portal are driven by it. The
// encoders are elsewhere: dam/rendition/imaging and vips, and convert for video.
type FormatInfo struct {
	Format    Format
	Name      string // the name that people write
	MediaType string
	Ext       string // file extension, without the dot
	// Rank orders formats by how small they make a picture, smallest first. Formats of the same rank are ordered by the
	// size of the actual files.
	Rank int
	// Named formats are sent only to clients whose Accept header names them, because not every client reads them.
	Named bool
	// Video formats are the only format of their preset.
	Video bool
	// Background formats have no transparency: transparent pixels become the preset's background.
	Background bool
	// Lossless formats have no quality setting.
	Lossless bool
	// Effort formats have an encoder with more than one speed, so the recipe includes the effort.
	Effort bool
	// Animates formats keep the frames of animated files if the preset asks for it.
	Animates bool
	// Slow formats are made after the other formats of their preset.
	Slow bool
	// AdHoc formats are allowed in signed ad-hoc URLs.
	AdHoc bool
	// Analysed formats are decoded again to compare pictures and find colours.
	Analysed bool
	// Quality is what the portal proposes for a new preset; 0 if there is nothing to propose.
	Quality int
}

var formats = []FormatInfo{
	{Format: JPEG, Name: "JPEG", MediaType: "image/jpeg", Ext: "jpg", Rank: 2, Background: true, AdHoc: true,
		Analysed: true, Quality: 80},
	{Format: WebP, Name: "WebP", MediaType: "image/webp", Ext: "webp", Rank: 1, Named: true, Effort: true,
		Animates: true,
		AdHoc:    true, Analysed: true, Quality: 80},
	{Format: PNG, Name: "PNG", MediaType: "image/png", Ext: "png", Rank: 2, Lossless: true, AdHoc: true,
		Analysed: true},
	{Format: AVIF, Name: "AVIF", MediaType: "image/avif", Ext: "avif", Rank: 0, Named: true, Effort: true, Slow: true,
		Quality: 60},
	{Format: MP4, Name: "MP4", MediaType: "video/mp4", Ext: "mp4", Rank: 2, Video: true, Effort: true, Quality: 70},
}

// Formats lists every output format, in the order in which they are shown to people.
func Formats() []FormatInfo { return formats }

// Info returns the format's entry; false if it is not an output format.
func (f Format) Info() (FormatInfo, bool) {
	for i := range formats {
		if formats[i].Format == f {
			return formats[i], true
		}
	}
	// A format that only another release knows, found in the catalogue, is served as it is.
	return FormatInfo{Format: f, Name: string(f), MediaType: "image/" + string(f), Ext: string(f), Rank: 2}, false
}

// is returns a property of the format; false if it is not an output format.
func (f Format) is(property func(FormatInfo) bool) bool {
	info, _ := f.Info()
	return property(info)
}

// IsVideo reports whether the format is video.
func (f Format) IsVideo() bool { return f.is(func(i FormatInfo) bool { return i.Video }) }

// Named reports whether the format is sent only to clients whose Accept header names it.
func (f Format) Named() bool { return f.is(func(i FormatInfo) bool { return i.Named }) }

// Slow reports whether the format is made after the other formats of its preset.
func (f Format) Slow() bool { return f.is(func(i FormatInfo) bool { return i.Slow }) }

// Animates reports whether the format can keep the frames of an animated file.
func (f Format) Animates() bool { return f.is(func(i FormatInfo) bool { return i.Animates }) }

// Lossless reports whether the format has no quality setting.
func (f Format) Lossless() bool { return f.is(func(i FormatInfo) bool { return i.Lossless }) }

// Background reports whether transparent pixels become the preset's background.
func (f Format) Background() bool { return f.is(func(i FormatInfo) bool { return i.Background }) }

// Ext returns the file extension of the format, without the dot.
func (f Format) Ext() string {
	info, _ := f.Info()
	return info.Ext
}

// MediaType returns the media type of the format.
func (f Format) MediaType() string {
	info, _ := f.Info()
	return info.MediaType
}

// CompareFormats orders renditions of the same picture in several formats: by rank, then by size in bytes.
func CompareFormats(a, b Format, aSize, bSize int64) int {
	x, _ := a.Info()
	y, _ := b.Info()
	return cmp.Or(cmp.Compare(x.Rank, y.Rank), cmp.Compare(aSize, bSize))
}

// formatNames lists the format names that presets use, as part of a sentence: "jpeg, webp or png".
func formatNames() string {
	return FormatList(formats, func(i FormatInfo) string { return string(i.Format) })
}

// FormatList lists formats as part of a sentence: "jpeg, webp or png".
func FormatList(list []FormatInfo, name func(FormatInfo) string) string {
	var b strings.Builder
	for i, f := range list {
		switch {
		case i == 0:
		case i == len(list)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(name(f))
	}
	return b.String()
}
