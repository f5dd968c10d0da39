package dam

import (
	"path"
	"slices"
	"strings"
	"time"
)

// Sidecar is an XMP file that stood beside the file of a version and was read with it.
type Sidecar struct {
	FileName string    `json:"file_name"`
	SHA256   string    `json:"sha256"`
	Size     int64     `json:"size" doc:"Bytes"`
	At       time.Time `json:"at"`
	By       string    `json:"by" doc:"Id of who sent it"`
}

// MaxSidecar is the size in bytes up to which sidecars are taken. Lightroom's have kilobytes, darktable's with many
// edits and masks some hundreds of them.
const MaxSidecar = 4 << 20

// IsSidecar reports whether a name is that of an XMP sidecar.
func IsSidecar(name string) bool {
	return strings.EqualFold(path.Ext(name), ".xmp") && !strings.HasPrefix(name, "._")
}

// SidecarStem is the name of a file that a sidecar can belong to, with its extension (IMG_1.CR2 of IMG_1.CR2.xmp) or
// without it (IMG_1 of IMG_1.xmp).
func SidecarStem(sidecar string) string { return stem(sidecar) }

// rawFiles are the names that cameras' own formats end with.
var rawFiles = []string{".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mef",
	".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"}

// RawExtensions returns the ends of the names of cameras' own formats, in lower case.
func RawExtensions() []string { return rawFiles }

func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

func rawName(name string) bool { return slices.Contains(rawFiles, strings.ToLower(path.Ext(name))) }

// PairName is what the raw file and the JPEG that a camera has written of the same moment have in common, as far as
// their names say: the name without its end, in one case. raw says which of the two a name is of; "" is neither.
func PairName(name string) (pair string, raw bool) {
	switch end := strings.ToLower(path.Ext(name)); {
	case slices.Contains(rawFiles, end):
		return strings.ToLower(stem(name)), true
	case end == ".jpg" || end == ".jpeg":
		return strings.ToLower(stem(name)), false
	}
	return "", false
}

// SidecarOf finds the sidecar of a file among the names of its folder: IMG_1.CR2.xmp (darktable, digiKam) before
// IMG_1.xmp (Lightroom, Bridge). The latter belongs to the raw file where a JPEG has the same name, and to nobody where
// several files could be its own. "" is none.
func SidecarOf(file string, folder []string) string {
	short := ""
	rivals, rawRivals := 0, 0
	for _, name := range folder {
		switch {
		case IsSidecar(name) && strings.EqualFold(stem(name), file):
			return name
		case IsSidecar(name):
			if strings.EqualFold(stem(name), stem(file)) {
				short = name
			}
		case name != file && strings.EqualFold(stem(name), stem(file)):
			rivals++
			if rawName(name) {
				rawRivals++
			}
		}
	}
	if rivals == 0 || rawName(file) && rawRivals == 0 {
		return short
	}
	return ""
}
