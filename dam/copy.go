package dam

import (
	"time"

	"vitrine/dam/reasons"
)

// FileTags is what is written into a copy of a file, by exiftool's names of tags. Clear goes first: what the catalogue
// no longer says must not live on in the file.
type FileTags struct {
	Clear []string       `json:"clear"`
	Set   map[string]any `json:"set"`
}

// MetadataCopy is a version's file with the asset's metadata written into it, made for downloads. It may be thrown
// away: the original stays as it came, and the catalogue is the authority.
type MetadataCopy struct {
	Version string
	// Hash names the bytes and the tags it was made of; another one means that it is out of date.
	Hash   string
	SHA256 string // of the copy
	Size   int64  // bytes
	// Note says in a plain sentence why there is no copy; "" when there is one.
	Note        string
	NoteReasons []reasons.Reason
	CreatedAt   time.Time
}

// Key is the object key of the copy of an original; it names the copy's own bytes.
func (c MetadataCopy) Key(original string) string {
	return "copies/" + original + "/" + c.SHA256
}
