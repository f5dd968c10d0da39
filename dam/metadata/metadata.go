// Package metadata reads what a file says about itself and writes it into copies, and says what a file is.
//
// Which tags hold a field, in which order they are believed, and which are written is one table, which reading and
// writing both go by (table.go). Two readers fill it. imagemeta reads the pictures that are sent most, in a
// fraction of a millisecond; what it does not read, or is known to read wrongly, is asked of exiftool, which takes a
// process in the sandbox. A file that is read to its end without exiftool never starts it.
//
// A field is taken whole from the first tag that has it; only a capture date gains its time of day
// or its offset from a lower source that names the same day or the same time. Facts
// the camera alone knows (orientation, camera, lens, exposure) come from EXIF first.
package metadata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Reader reads files. The zero value reads what needs no program.
type Reader struct {
	// More asks exiftool for tags (see Wanted): by their names with the group in front, numbers as numbers, EXIF's and
	// IPTC's letters as Windows-1252. nil where there is no exiftool.
	More func(ctx context.Context, r io.ReadSeeker, wanted []string) (map[string]any, error)
}

// errNoProgram says that there would be more to read.
var errNoProgram = errors.New("only exiftool reads what the file holds, and there is none")

// Read returns what the file's metadata says; a type that carries none gives nothing.
// Broken metadata never hides the rest: what could be read is returned together
// with an error to log, and with Incomplete set. r is read from its start and left anywhere.
//
// Profile is what XMP or EXIF claim; an engine that read the embedded ICC profile knows better.
func (rd Reader) Read(ctx context.Context, r io.ReadSeeker, mediaType string) (dam.Metadata, error) {
	return rd.read(ctx, r, mediaType, nil)
}

func (rd Reader) read(ctx context.Context, r io.ReadSeeker, mediaType string, sidecar tags) (dam.Metadata, error) {
	f, ok := format(mediaType)
	var n *native
	var damage error
	if ok {
		if n, damage = readNative(r, f); damage == nil && !n.partial() && !rawType(mediaType) {
			return merge(n.tags.over(sidecar))
		}
	} else if !programOnly(mediaType) {
		return merge(tags{}.over(sidecar))
	}
	if n == nil {
		n = &native{tags: tags{}}
	}
	all, err := n.tags, errNoProgram
	if rd.More != nil {
		var said map[string]any
		if said, err = rd.More(ctx, r, append(Wanted(), complaints...)); err == nil {
			// What exiftool has read without a complaint is whole, whatever the first reader stumbled over; it gives up
			// on a packet that is broken in the middle, of which that has read the beginning.
			all = fromExiftool(said)
			if damage != nil {
				whole := all
				all = maps.Clone(n.tags)
				maps.Copy(all, whole)
			}
			if damage != nil || !ok {
				damage = complaint(said)
			}
		}
	}
	if err == nil || ok && damage == nil && !n.partial() {
		err = nil
	}
	m, wrong := merge(all.over(sidecar))
	if m.Incomplete = damage != nil || err != nil || wrong != nil; m.Incomplete {
		m.Why = reasonOf(damage, err)
	}
	return m, errors.Join(damage, err, wrong)
}

// complaints are the tags in which exiftool says what it could not read.
var complaints = []string{"ExifTool:Error", "ExifTool:Warning"}

// broken is how exiftool begins to say that a part of a file can't be read. Its other warnings are about what is read,
// such as a digest that is not current; it has no codes for either.
var broken = regexp.MustCompile(`^(Bad|Corrupted|Error|Invalid|Missing|Truncated)\b|format error`)

// complaint returns what exiftool could not read, as an error.
func complaint(said map[string]any) error {
	for _, name := range complaints {
		list, ok := said[name].([]any)
		if !ok {
			list = []any{said[name]}
		}
		for _, v := range list {
			if s, ok := v.(string); ok && (name == complaints[0] || broken.MatchString(s)) {
				return errors.New("exiftool: " + s)
			}
		}
	}
	return nil
}

// reasonOf says why a file was not read whole: damage is what the first reader met, err why the second read nothing.
func reasonOf(damage, err error) reasons.Reason {
	switch {
	case errors.Is(err, errNoProgram):
		return reasons.MetadataNeedsExiftool()
	case damage != nil || err == nil:
		return reasons.MetadataDamaged()
	}
	return reasons.MetadataNotRead()
}

// rawType is for cameras' own formats, whose pictures exiftool is started for anyhow.
func rawType(mediaType string) bool {
	switch mediaType {
	case "image/x-canon-cr2", "image/x-nikon-nef", "image/x-sony-arw", "image/x-pentax-pef", "image/x-adobe-dng":
		return true
	}
	return false
}

// programOnly is for the types that only exiftool reads.
func programOnly(mediaType string) bool {
	switch mediaType {
	case "image/svg+xml", "image/bmp", "image/x-icon", "image/vnd.microsoft.icon", "image/x-xbitmap":
		return false
	case "application/pdf", "application/postscript", "application/vnd.adobe.indesign", "application/ogg":
		return true
	}
	family, _, _ := strings.Cut(mediaType, "/")
	return family == "image" || family == "video" || family == "audio"
}

// partial reports whether the file says more than was read, as far as that can be told.
func (n *native) partial() bool {
	// EXIF's description has lost its line ends on the way.
	return n.doubtful || n.tags.text("IFD0:ImageDescription") != "" && !unasked(n.tags.text("IFD0:ImageDescription")) &&
		n.tags.languages("XMP-dc:Description") == nil && n.tags.text("IPTC:Caption-Abstract") == ""
}

// merge applies the table. It recovers for the sake of values of surprising types.
func merge(t tags) (m dam.Metadata, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("metadata has values of an unexpected kind: %v", p)
		}
	}()
	m.Title, m.Description, m.Alt = t.localised("title"), t.localised("description"), t.localised("alt")
	m.Keywords = t.words("tags")
	m.Creator = strings.Join(t.words("creator"), ", ")
	m.Copyright = t.localised("copyright").Get("", "")
	m.Rights.From, m.Rights.Until = t.limit("from"), t.limit("until")
	if m.Rights.Validate("rights") != nil {
		m.Rights = dam.Rights{}
	}
	m.Rating = t.rating()
	m.Orientation = t.orientation()
	m.Captured = t.captured()
	m.Place = t.place()
	m.Camera = camera(t.first("IFD0:Make", "XMP-tiff:Make", "Keys:Make", "UserData:Make"),
		t.first("IFD0:Model", "XMP-tiff:Model", "Keys:Model", "UserData:Model"))
	m.Lens = t.first("ExifIFD:LensModel", "XMP-aux:Lens")
	m.Exposure = t.exposure()
	m.Profile = t.profile()
	return m, nil
}

// first is the text of the first tag that has one.
func (t tags) first(names ...string) string {
	for _, name := range names {
		if s := t.text(name); s != "" {
			return s
		}
	}
	return ""
}

// localised is a field's text in its languages, or the first plain text as the bare string.
func (t tags) localised(name string) dam.Text {
	for _, tag := range fieldNamed(name).tags {
		if tag.form == languages {
			if text := t.languages(tag.name); len(text) > 0 {
				return text
			}
			continue
		}
		if s := t.text(tag.name); s != "" && (tag.name != "IFD0:ImageDescription" || !unasked(s)) {
			return dam.Text{"": s}
		}
	}
	return nil
}

// words is a field's list, without empty and repeated entries.
func (t tags) words(name string) []string {
	for _, tag := range fieldNamed(name).tags {
		list := t.list(tag.name)
		if tag.form == separated {
			list = t.separated(tag.name)
		}
		if list = unique(list); list != nil {
			return list
		}
	}
	return nil
}

// limit returns a limit of the rights: the day, or the minute where PLUS tells one. Midnight and the last second of a
// day are how programs write a day in a field of date and time.
func (t tags) limit(name string) dam.Moment {
	for _, tag := range fieldNamed(name).tags {
		m := parseMoment(t.text(tag.name))
		if m == nil {
			continue
		}
		day, clock := m.Wall[:10], m.Wall[11:]
		if m.dayOnly || clock == "00:00:00" || strings.HasPrefix(clock, "23:59") ||
			!strings.HasPrefix(tag.name, "XMP-plus:") {
			return dam.Moment(day)
		}
		return dam.Moment(m.Wall[:len(dam.MinuteLayout)])
	}
	return ""
}

// cameraPath is a path of the camera's own card: DCIM\100MEDIA\DJI_0042.JPG.
var cameraPath = regexp.MustCompile(`^(?:[A-Z]:)?[\\/]?DCIM(?:[\\/][\w.-]*)*$`)

// unasked reports whether a description is what a camera puts there by itself.
func unasked(s string) bool {
	switch s = strings.ToUpper(s); s {
	case "OLYMPUS DIGITAL CAMERA", "SONY DSC", "MINOLTA DIGITAL CAMERA", "KODAK DIGITAL STILL CAMERA",
		"DIGITAL CAMERA", "SAMSUNG DIGITAL CAMERA", "DIGITAL STILL CAMERA", "SAMSUNG", "DEFAULT", "NIKON",
		"EXIF_JPEG_PICTURE", "EXIF_JPEG_T422":
		return true
	}
	return cameraPath.MatchString(s)
}

func (t tags) rating() int {
	for _, tag := range fieldNamed("rating").tags {
		if f, ok := t.number(tag.name); ok && f == f {
			return int(min(max(f, 0), 5)) // −1 is "rejected": no stars
		}
	}
	return 0
}

func (t tags) orientation() int {
	for _, name := range []string{"IFD0:Orientation", "XMP-tiff:Orientation"} {
		if f, ok := t.number(name); ok && f >= 1 && f <= 8 {
			return int(f)
		}
	}
	return 0
}

func (t tags) profile() string {
	if p := t.text("XMP-photoshop:ICCProfileName"); p != "" {
		return p
	}
	if f, ok := t.number("ExifIFD:ColorSpace"); ok && f == 1 {
		return "sRGB"
	}
	if t.text(interopIndex) == "R03" {
		return "Adobe RGB"
	}
	return ""
}
