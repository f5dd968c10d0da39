package metadata

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/bep/imagemeta"
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

// native is what imagemeta reads of a file, which costs no program.
type native struct {
	tags tags
	// doubtful is set where imagemeta is known to read less, or something else, than the file says.
	doubtful         bool
	exif, iptc, xmp  bool // something was read of it
	warned, declared bool
}

// maxValue bounds one value in bytes; it is the largest that imagemeta's 16 bits hold.
const maxValue = 1<<16 - 1

// readNative reads as much as it can; the error names what is damaged.
func readNative(r io.ReadSeeker, f imagemeta.ImageFormat) (*native, error) {
	n := &native{tags: tags{}}
	var errs []error
	// One pass per source: damage in one must not end the reading of the others.
	for _, source := range []imagemeta.Source{imagemeta.EXIF, imagemeta.IPTC, imagemeta.XMP} {
		if err := n.read(r, f, source); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", source, err))
		}
	}
	if f == imagemeta.PNG {
		props, err := readPNG(r)
		if err != nil {
			errs = append(errs, fmt.Errorf("XMP: %w", err))
		}
		n.takeXMP(props)
	}
	h, err := holds(r, f)
	if err != nil {
		errs = append(errs, err)
	}
	n.doubtful = n.doubtful || h.more || h.exif && !n.exif || h.iptc && !n.iptc || h.xmp && !n.xmp
	return n, errors.Join(errs...)
}

// wantedLocal are the wanted tags without their groups.
var wantedLocal = func() map[string]bool {
	out := map[string]bool{}
	for _, name := range Wanted() {
		_, local, _ := strings.Cut(strings.TrimSuffix(name, "*"), ":")
		out[local] = true
	}
	return out
}()

func (n *native) read(r io.ReadSeeker, f imagemeta.ImageFormat, source imagemeta.Source) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reader panicked: %v", p)
		}
	}()
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = imagemeta.Decode(imagemeta.Options{
		R: r, ImageFormat: f, Sources: source, LimitTagSize: maxValue,
		Warnf: func(string, ...any) { n.warned = true },
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			n.exif, n.iptc = n.exif || source == imagemeta.EXIF, n.iptc || source == imagemeta.IPTC
			return wantedLocal[t.Tag]
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			if t.Source == imagemeta.IPTC {
				n.takeIPTC(t)
			} else {
				n.takeEXIF(t)
			}
			return nil
		},
		HandleXMP: func(r io.Reader) error {
			props, err := parseXMP(r)
			n.takeXMP(props)
			_, drain := io.Copy(io.Discard, r)
			return errors.Join(err, drain)
		},
	})
	return err
}

// takeEXIF keeps a tag of the directories that tell of the picture. A tag's number means one thing in one directory and
// another in the next: what is called a latitude is one in the GPS directory only.
func (n *native) takeEXIF(t imagemeta.TagInfo) {
	name := t.Tag
	var group string
	switch t.Namespace[strings.LastIndexByte(t.Namespace, '/')+1:] {
	case "IFD0":
		group = "IFD0"
	case "ExifIFDP":
		group = "ExifIFD"
	case "GPSInfoIFD":
		group = "GPS"
	case "InteroperabilityIFD":
		if name == "GPSLatitudeRef" {
			group, name = "InteropIFD", "InteropIndex"
		}
	}
	if group == "" {
		return
	}
	name = group + ":" + name
	if strings.HasPrefix(name, "IFD0:XP") { // UTF-16, which has been taken for letters of one byte
		n.doubtful = true
		return
	}
	if s, text := t.Value.(string); text && strings.ContainsRune(s, utf8.RuneError) {
		n.doubtful = true // letters that are not UTF-8: imagemeta has dropped them
		return
	}
	v, ok := exifValue(t.Value)
	warned := n.warned
	n.warned = false
	if name == gpsLatitude || name == gpsLongitude {
		// Where a number is undefined or missing, imagemeta says 0.
		if f, number := v.(float64); warned || !number || f == 0 {
			n.doubtful = true
			return
		}
	}
	if _, have := n.tags[name]; ok && !have {
		n.tags[name] = v
	}
}

// exifValue turns EXIF's kinds of values into those of tags.
func exifValue(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return decodeBytes(v), true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case uint16:
		return float64(v), true
	case uint32:
		return float64(v), true
	case interface {
		Num() uint32
		Den() uint32
	}:
		return float64(v.Num()) / float64(v.Den()), v.Den() != 0
	case interface {
		Num() int32
		Den() int32
	}:
		return float64(v.Num()) / float64(v.Den()), v.Den() != 0
	case []any: // several ISO values: the first is the one used
		if len(v) > 0 {
			return exifValue(v[0])
		}
	}
	return nil, false
}

func (n *native) takeIPTC(t imagemeta.TagInfo) {
	if t.Tag == "CodedCharacterSet" {
		n.declared = t.Value == "UTF-8"
	}
	decode := func(s string) string {
		if n.declared {
			return decodeBytes(s)
		}
		return undoLatin1(s)
	}
	name := "IPTC:" + t.Tag
	if _, have := n.tags[name]; have {
		return
	}
	switch v := t.Value.(type) {
	case string:
		n.tags[name] = decode(v)
	case []string:
		list := make([]string, len(v))
		for i, s := range v {
			list[i] = decode(s)
		}
		n.tags[name] = list
	}
}

// xmpGroups are exiftool's names of namespaces.
var xmpGroups = map[string]string{nsDC: "XMP-dc", nsXMP: "XMP-xmp", nsPhotoshop: "XMP-photoshop", nsEXIF: "XMP-exif",
	nsTIFF: "XMP-tiff", nsAux: "XMP-aux", nsLightroom: "XMP-lr", nsPLUS: "XMP-plus", nsIPTCCore: "XMP-iptcCore"}

func (n *native) takeXMP(props xmpProperties) {
	for name, items := range props {
		n.xmp = true
		at := strings.LastIndexAny(name, "/#") + 1
		group, ok := xmpGroups[name[:at]]
		if !ok || at == len(name) {
			continue
		}
		local := strings.ToUpper(name[at:at+1]) + name[at+1:]
		if local == "ICCProfile" {
			local = "ICCProfileName"
		}
		full := group + ":" + local
		var list []string
		for _, i := range items {
			if l := locale(i.lang); l == "" {
				list = append(list, i.text)
			} else if _, have := n.tags[full+"-"+l]; !have {
				n.tags[full+"-"+l] = i.text
			}
		}
		if _, have := n.tags[full]; have {
			continue
		}
		switch len(list) {
		case 0:
		case 1:
			n.tags[full] = list[0]
		default:
			n.tags[full] = list
		}
	}
}
