package dam

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
}
