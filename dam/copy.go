package dam

import (
	"encoding/json"
	"time"

	"vitrine/dam/reasons"
)

// FileTags are the tags written into a copy of a file, by their exiftool names. Clear is applied before Set, so that no
// value that the catalogue no longer has stays in the file.
type FileTags struct {
	Clear []string       `json:"clear"`
	Set   map[string]any `json:"set"`
	// IPTC is set when IPTC's tags are among them: its letters become UTF-8, and what is noted of its bytes is renewed.
	IPTC bool `json:"iptc,omitempty"`
}

// Exiftool is how exiftool is told to write the tags into a file: its arguments, without those that name the file, and
// what is to be in the file list, which they name.
func (t FileTags) Exiftool(list string) (args []string, content []byte, err error) {
	set := map[string]any{"SourceFile": "*"}
	for tag, v := range t.Set {
		set[tag] = v
	}
	// -m: a camera's own odd notes are no reason to refuse.
	args = []string{"-m", "-q", "-q", "-api", "largefilesupport=1"}
	if t.IPTC { // copied onto itself, its old letters become UTF-8
		args = append(args, "-tagsfromfile", "@", "-IPTC:all")
	}
	for _, tag := range t.Clear {
		args = append(args, "-"+tag+"=")
	}
	content, err = json.Marshal([]any{set})
	return append(args, "-json="+list), content, err
}

// CopyFacts is what a copy of a version's file is to say, and what tells whether somebody has edited it.
type CopyFacts struct {
	Asset    Asset
	Products []Product // those the asset shows
	Locale   string    // the library's default
	// Filled is what was read from the first version's file, which has filled the asset's fields.
	Filled   Metadata
	FileName string // of the first version
	// Sidecar is what the first version's sidecar says, which the file itself may say otherwise.
	Sidecar Metadata
	First   bool // this version's file is that of the first
}

// MetadataCopy is a copy of a version's file with the asset's metadata written into it, made for downloads. It can be
// deleted at any time: it is made from the original, which never changes, and from the catalogue.
type MetadataCopy struct {
	Version string
	// Hash identifies the bytes and the tags that the copy was made from. If it differs, the copy is out of date.
	Hash   string
	SHA256 string // of the copy
	Size   int64  // bytes
	// Note says why there is no copy; "" if there is one.
	Note        string
	NoteReasons []reasons.Reason
	CreatedAt   time.Time
}

// Key returns the object key of the copy, given the SHA-256 of the original. It has the copy's own SHA-256 in it.
func (c MetadataCopy) Key(original string) string {
	return "copies/" + original + "/" + c.SHA256
}
