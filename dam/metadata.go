package dam

import (
	"path"
	"strings"

	"vitrine/dam/reasons"
)

// Metadata is what was read from a file: EXIF, IPTC, XMP and what its container says, merged. It fills an asset's
// fields at upload; from then on the asset's own fields are authoritative.
type Metadata struct {
	Title       Text     `json:"title,omitempty"`
	Description Text     `json:"description,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
	Creator     string   `json:"creator,omitempty"`
	Copyright   string   `json:"copyright,omitempty"`
	Alt         Text     `json:"alt,omitempty" doc:"Alternative text"`
	Rights      Rights   `json:"rights,omitzero" doc:"First and last day of the licence"`
	Captured    *Capture `json:"captured,omitempty"`
	Place       *Geo     `json:"place,omitempty"`
	Orientation int      `json:"orientation,omitempty" doc:"EXIF 1–8; 0 when absent"`
	Rating      int      `json:"rating,omitempty"`
	Camera      string   `json:"camera,omitempty" doc:"Make and model"`
	Lens        string   `json:"lens,omitempty"`
	Exposure    string   `json:"exposure,omitempty" doc:"For example 1/250 s, f/2.8, ISO 400, 35 mm"`
	Profile     string   `json:"profile,omitempty" doc:"Name of the embedded ICC profile"`
	// Incomplete is set where the file holds more than could be read: what is missing here is not known to be missing
	// there.
	Incomplete bool `json:"incomplete,omitempty" doc:"The file holds more than could be read"`
	// Why says why; versions before it was told have none.
	Why reasons.Reason `json:"why,omitzero"`
}

// Note says what could not be read, nil for nothing.
func (m Metadata) Note() []reasons.Reason {
	switch {
	case !m.Incomplete:
		return nil
	case m.Why.IsZero():
		return []reasons.Reason{reasons.MetadataNotRead()}
	}
	return []reasons.Reason{m.Why}
}

// Fill gives an asset what its first file says: texts without a language in the library's locale, and the file's name
// as the title of one that has none.
func (m Metadata) Fill(a *Asset, locale, fileName string) {
	a.Title, a.Description, a.Alt = m.Title.Localise(locale), m.Description.Localise(locale), m.Alt.Localise(locale)
	a.Tags, a.Creator, a.Copyright, a.Rating = m.Keywords, m.Creator, m.Copyright, m.Rating
	a.Captured, a.Place, a.Rights.From, a.Rights.Until = m.Captured, m.Place, m.Rights.From, m.Rights.Until
	if len(a.Title) == 0 {
		a.Title = Text{locale: strings.TrimSuffix(fileName, path.Ext(fileName))}
	}
}

// Reading is what the files of an asset say, by their versions' ids.
type Reading map[string]FileReading

// FileReading is what a version's file says with its sidecar.
type FileReading struct {
	Metadata
	Sidecar string // SHA-256 of the sidecar, "" for none
}

// Reread is what was known of a version's file, and what is known now.
type Reread struct {
	Before Metadata `json:"before"`
	After  Metadata `json:"after"`
}

// ReadingChange is what a Reading changes of an asset.
type ReadingChange struct {
	Changes []Change
	// Kept are the fields that the file says otherwise, which stay because somebody has edited them.
	Kept []string
	// Files are those whose reading is another now, by their versions' ids.
	Files map[string]Reread
}
