// Package metadata reads what a picture says about itself, and what a file is.
//
// Where EXIF, IPTC and XMP disagree, XMP wins over IPTC and IPTC over EXIF, as the
// Metadata Working Group advises for files whose IPTC digest is not checked:
//
//	field        XMP                       IPTC               EXIF
//	title        dc:title                  ObjectName
//	description  dc:description            Caption-Abstract   ImageDescription
//	keywords     dc:subject                Keywords
//	creator      dc:creator                By-line            Artist
//	copyright    dc:rights                 CopyrightNotice    Copyright
//	captured     photoshop:DateCreated,    DateCreated +      DateTimeOriginal +
//	             exif:DateTimeOriginal     TimeCreated        OffsetTimeOriginal
//	place        exif:GPSLatitude/Longitude                   GPS
//	rating       xmp:Rating                                   Rating
//
// A field is taken whole from the first that has it; only a capture date gains its time of day
// or its offset from a lower source that names the same day or the same time. Facts
// the camera alone knows (orientation, camera, lens, exposure) come from EXIF first.
// PNG and WebP: EXIF and XMP, PNG also IPTC. Extended XMP packets of JPEG
// and Windows Explorer's XP texts are not read.
package metadata

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/bep/imagemeta"

	"vitrine/dam"
)

// format is how imagemeta calls a media type it can read.
func format(mediaType string) (imagemeta.ImageFormat, bool) {
	switch mediaType {
	case "image/jpeg":
		return imagemeta.JPEG, true
	case "image/png", "image/apng", "image/vnd.mozilla.apng":
		return imagemeta.PNG, true
	case "image/webp":
		return imagemeta.WebP, true
	case "image/tiff":
		return imagemeta.TIFF, true
	case "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence":
		return imagemeta.HEIF, true
	case "image/avif":
		return imagemeta.AVIF, true
	case "image/x-adobe-dng":
		return imagemeta.DNG, true
	case "image/x-canon-cr2":
		return imagemeta.CR2, true
	case "image/x-nikon-nef":
		return imagemeta.NEF, true
	case "image/x-sony-arw":
		return imagemeta.ARW, true
	case "image/x-pentax-pef":
		return imagemeta.PEF, true
	}
	return 0, false
}

// sources is what one file holds, each by its own names.
type sources struct {
	exif map[string]any
	iptc map[string]any
	xmp  xmpProperties
}

// Read returns what the file's metadata says; a type that carries none gives nothing.
// Broken metadata never hides the rest: what could be read is returned together
// with an error to log. r is read from its start and left anywhere.
//
// Profile is what XMP or EXIF claim; an engine that read the embedded ICC profile knows better.
func Read(r io.ReadSeeker, mediaType string) (dam.Metadata, error) {
	f, ok := format(mediaType)
	if !ok {
		return dam.Metadata{}, nil
	}
	s := sources{exif: map[string]any{}, iptc: map[string]any{}, xmp: xmpProperties{}}
	var errs []error
	// One pass per source: damage in one must not end the reading of the others.
	for _, source := range []imagemeta.Source{imagemeta.EXIF, imagemeta.IPTC, imagemeta.XMP} {
		if err := s.read(r, f, source); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", source, err))
		}
	}
	if f == imagemeta.PNG {
		if err := s.readPNG(r); err != nil {
			errs = append(errs, fmt.Errorf("XMP: %w", err))
		}
	}
	m, err := s.merge()
	return m, errors.Join(append(errs, err)...)
}

func (s *sources) read(r io.ReadSeeker, f imagemeta.ImageFormat, source imagemeta.Source) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reader panicked: %v", p)
		}
	}()
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = imagemeta.Decode(imagemeta.Options{
		R: r, ImageFormat: f, Sources: source,
		HandleTag: func(t imagemeta.TagInfo) error {
			tags := s.exif
			if t.Source == imagemeta.IPTC {
				tags = s.iptc
			}
			if _, ok := tags[t.Tag]; !ok {
				tags[t.Tag] = t.Value
			}
			return nil
		},
		HandleXMP: func(r io.Reader) error {
			props, err := parseXMP(r)
			for name, items := range props {
				if _, ok := s.xmp[name]; !ok {
					s.xmp[name] = items
				}
			}
			_, drain := io.Copy(io.Discard, r)
			return errors.Join(err, drain)
		},
	})
	return err
}

// merge applies the precedence. It recovers for the sake of values of surprising types.
func (s *sources) merge() (m dam.Metadata, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("metadata has values of an unexpected kind: %v", p)
		}
	}()
	m.Title = s.localised(nsDC+"title", s.iptcText("ObjectName"))
	m.Description = s.localised(nsDC+"description", s.iptcText("Caption-Abstract"), s.description())
	for _, list := range [][]string{s.xmp.list(nsDC + "subject"), s.iptcList("Keywords")} {
		if m.Keywords = unique(list); m.Keywords != nil {
			break
		}
	}
	m.Creator = firstOf(strings.Join(unique(s.xmp.list(nsDC+"creator")), ", "),
		strings.Join(unique(s.iptcList("By-line")), ", "), s.exifText("Artist"))
	m.Copyright = firstOf(s.xmp.text(nsDC+"rights").Get("", ""), s.iptcText("CopyrightNotice"), s.exifText("Copyright"))
	m.Rating = s.rating()
	m.Orientation = s.orientation()
	m.Captured = s.captured()
	m.Place = s.place()
	m.Camera = camera(firstOf(s.exifText("Make"), s.xmp.first(nsTIFF+"Make")),
		firstOf(s.exifText("Model"), s.xmp.first(nsTIFF+"Model")))
	m.Lens = firstOf(s.exifText("LensModel"), s.xmp.first(nsAux+"Lens"))
	m.Exposure = s.exposure()
	m.Profile = s.profile()
	return m, nil
}

// localised is the XMP text in its languages, or the first plain text as the bare string.
func (s *sources) localised(xmpName string, plain ...string) dam.Text {
	if t := s.xmp.text(xmpName); len(t) > 0 {
		return t
	}
	if p := firstOf(plain...); p != "" {
		return dam.Text{"": p}
	}
	return nil
}

func (s *sources) iptcText(tag string) string {
	return strings.Join(s.iptcList(tag), ", ")
}

func (s *sources) iptcList(tag string) []string {
	var in []string
	switch v := s.iptc[tag].(type) {
	case string:
		in = []string{v}
	case []string:
		in = v
	}
	var out []string
	declared := s.iptc["CodedCharacterSet"] == "UTF-8"
	for _, t := range in {
		if declared {
			t = decodeBytes(t)
		} else {
			t = undoLatin1(t)
		}
		if t = clean(t); t != "" {
			out = append(out, t)
		}
	}
	return out
}

func (s *sources) exifText(tag string) string {
	v, _ := s.exif[tag].(string)
	return clean(decodeBytes(v))
}

// description is EXIF's, unless it is what a camera puts there unasked.
func (s *sources) description() string {
	d := s.exifText("ImageDescription")
	switch strings.ToUpper(d) {
	case "OLYMPUS DIGITAL CAMERA", "SONY DSC", "MINOLTA DIGITAL CAMERA", "KODAK DIGITAL STILL CAMERA", "DCIM",
		"DIGITAL CAMERA", "SAMSUNG DIGITAL CAMERA":
		return ""
	}
	return d
}

func (s *sources) rating() int {
	for _, v := range []string{s.xmp.first(nsXMP + "Rating"), fmt.Sprint(s.exif["Rating"])} {
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return int(min(max(f, 0), 5)) // −1 is "rejected": no stars
		}
	}
	return 0
}

func (s *sources) orientation() int {
	for _, v := range []string{fmt.Sprint(s.exif["Orientation"]), s.xmp.first(nsTIFF + "Orientation")} {
		if n, err := strconv.Atoi(v); err == nil && n >= 1 && n <= 8 {
			return n
		}
	}
	return 0
}

func (s *sources) profile() string {
	if p := s.xmp.first(nsPhotoshop + "ICCProfile"); p != "" {
		return p
	}
	switch {
	case fmt.Sprint(s.exif["ColorSpace"]) == "1":
		return "sRGB"
	case s.exifText("InteropIndex") == "R03" || s.exifText("InteroperabilityIndex") == "R03":
		return "Adobe RGB"
	}
	return ""
}
