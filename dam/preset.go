package dam

import (
	"fmt"
	"regexp"
	"time"
)

// Fit says how a picture fills a preset's box. Nothing is ever enlarged.
type Fit string

const (
	// FitContain keeps the whole picture inside the box; a zero side is unbounded.
	FitContain Fit = "contain"
	// FitCover crops to the box's aspect around the focal point; a source smaller
	// than the box gives the largest crop of that aspect.
	FitCover Fit = "cover"
)

// Format is an output format.
type Format string

const (
	JPEG Format = "jpeg"
	WebP Format = "webp"
	PNG  Format = "png"
	AVIF Format = "avif"
)

// Ext is the file extension of the format, without the dot.
func (f Format) Ext() string {
	if f == JPEG {
		return "jpg"
	}
	return string(f)
}

// MediaType is the MIME type of the format.
func (f Format) MediaType() string { return "image/" + string(f) }

// Preset names a rendition: the only transformation open to the public.
type Preset struct {
	Name       string         `json:"name" yaml:"name"`
	Width      int            `json:"width" yaml:"width" doc:"Pixels; 0 is unbounded"`
	Height     int            `json:"height" yaml:"height" doc:"Pixels; 0 is unbounded"`
	Fit        Fit            `json:"fit" yaml:"fit"`
	Formats    []PresetFormat `json:"formats" yaml:"formats"`
	Background string         `json:"background,omitempty" yaml:"background" doc:"#rrggbb behind transparent pixels where the format has no alpha; white by default"`
}

// PresetFormat is one output of a preset.
type PresetFormat struct {
	Format  Format `json:"format" yaml:"format"`
	Quality int    `json:"quality" yaml:"quality" minimum:"1" maximum:"100"`
	Effort  int    `json:"effort,omitempty" yaml:"effort" doc:"WebP method 0–6; AVIF 0–9"`
}

var presetName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// Validate checks the preset's name, box and formats.
func (p Preset) Validate() error {
	if !presetName.MatchString(p.Name) {
		return InvalidField("name", "a preset is named by 1–40 lower-case letters, digits and hyphens", "for example: product-hero")
	}
	if p.Width < 0 || p.Height < 0 || p.Width > 16384 || p.Height > 16384 || p.Width+p.Height == 0 {
		return InvalidField("width", "a side is 1–16384 pixels, and at least one side is given", "set width, height or both")
	}
	switch p.Fit {
	case FitContain:
	case FitCover:
		if p.Width == 0 || p.Height == 0 {
			return InvalidField("fit", "cover needs both sides", "give width and height, or use contain")
		}
	default:
		return InvalidField("fit", fmt.Sprintf("unknown fit %q", p.Fit), "use contain or cover")
	}
	if len(p.Formats) == 0 {
		return InvalidField("formats", "a preset needs a format", "add jpeg, webp, png or avif")
	}
	for i, f := range p.Formats {
		at := fmt.Sprintf("formats[%d]", i)
		switch f.Format {
		case JPEG, WebP, PNG, AVIF:
		default:
			return InvalidField(at+".format", fmt.Sprintf("unknown format %q", f.Format), "use jpeg, webp, png or avif")
		}
		if f.Format != PNG && (f.Quality < 1 || f.Quality > 100) {
			return InvalidField(at+".quality", "quality is 1–100", "80 is a good start")
		}
	}
	return nil
}

// Rendition is one made picture of a version.
type Rendition struct {
	Version   string    `json:"version"`
	Preset    string    `json:"preset"`
	Format    Format    `json:"format"`
	Hash      string    `json:"hash" doc:"Names these exact bytes' recipe: version, spec, focal point, pipeline"`
	SHA256    string    `json:"sha256"`
	Size      int64     `json:"size" doc:"Bytes"`
	Width     int       `json:"width" doc:"True pixels"`
	Height    int       `json:"height" doc:"True pixels"`
	MediaType string    `json:"media_type"`
	Note      string    `json:"note,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// RenditionKey is the object key of a rendition of the original with the given SHA-256.
func RenditionKey(sha256, hash string, f Format) string {
	return "renditions/" + sha256 + "/" + hash + "." + f.Ext()
}
