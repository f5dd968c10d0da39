package dam

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
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

// Apply says when the renditions of a preset are made.
type Apply string

const (
	// AtUpload makes them of every new version; "" means the same.
	AtUpload Apply = "upload"
	// OnDemand makes them of a version when somebody first asks: a page, a publication, a preview.
	OnDemand Apply = "demand"
)

// Preset names a rendition: the only transformation open to the public.
type Preset struct {
	Name       string         `json:"name" yaml:"name"`
	Width      int            `json:"width" yaml:"width,omitempty" doc:"Pixels; 0 is unbounded"`
	Height     int            `json:"height" yaml:"height,omitempty" doc:"Pixels; 0 is unbounded"`
	Fit        Fit            `json:"fit" yaml:"fit"`
	Formats    []PresetFormat `json:"formats" nullable:"false" yaml:"formats,flow"`
	Background string         `json:"background,omitempty" yaml:"background,omitempty" doc:"#rrggbb behind transparent pixels where the format has no alpha; white by default"`
	// DPR are further pixel densities: 2 makes NAME@2x, with twice the pixels. 1 is always made.
	DPR      []int   `json:"dpr,omitempty" yaml:"dpr,omitempty,flow" doc:"Pixel densities 1–4; 2 makes NAME@2x as well"`
	MaxBytes int64   `json:"max_bytes,omitempty" yaml:"max_bytes,omitempty" doc:"Ceiling in bytes, kept by lowering quality, then size; 0 is none"`
	Sharpen  float64 `json:"sharpen,omitempty" yaml:"sharpen,omitempty" doc:"0–1; 0 is none"`
	// Watermark is laid on every rendition of the preset.
	Watermark *Watermark `json:"watermark,omitempty" yaml:"watermark,omitempty"`
	Metadata  string     `json:"metadata,omitempty" yaml:"metadata,omitempty" doc:"keep writes the asset's copyright and creator into the file (the default), strip writes nothing"`
	// Focal replaces the assets' focal point in this preset; an asset's own override of the preset goes before it.
	Focal *Point `json:"focal,omitempty" yaml:"focal,omitempty,flow"`
	Apply Apply  `json:"apply,omitempty" yaml:"apply,omitempty" doc:"upload (the default) or demand"`
	// Animated keeps the frames of animated files in WebP; other formats of the preset show the first. It is made of
	// animated files only.
	Animated bool `json:"animated,omitempty" yaml:"animated,omitempty" doc:"Keeps animations (in WebP); made of animated files only"`
	// MaxSeconds, FPS and Sound are of video (mp4).
	MaxSeconds float64 `json:"max_seconds,omitempty" yaml:"max_seconds,omitempty" doc:"Video: keeps that many seconds from the start; 0 keeps all"`
	FPS        int     `json:"fps,omitempty" yaml:"fps,omitempty" doc:"Video: at most that many frames a second, 1–120; 0 keeps the original's, up to 60"`
	Sound      string  `json:"sound,omitempty" yaml:"sound,omitempty" doc:"Video: keep (the default) or strip"`
	// Channel says in words what the preset is made for.
	Channel string `json:"channel,omitempty" yaml:"channel,omitempty" doc:"What it is made for"`
}

// Watermark is a picture laid on renditions.
type Watermark struct {
	// Asset names the picture; SHA256 the very file, filled in from the asset when the preset is stored.
	Asset    string  `json:"asset,omitempty" yaml:"asset,omitempty"`
	SHA256   string  `json:"sha256,omitempty" yaml:"sha256,omitempty"`
	Position string  `json:"position,omitempty" yaml:"position,omitempty" doc:"center, top, bottom, left, right, top-left, top-right, bottom-left or bottom-right (the default)"`
	Opacity  float64 `json:"opacity" yaml:"opacity" doc:"0–1"`
	Scale    float64 `json:"scale" yaml:"scale" doc:"Its width as a fraction of the rendition's, 0–1"`
}

// PresetFormat is one output of a preset.
type PresetFormat struct {
	Format  Format `json:"format" yaml:"format"`
	Quality int    `json:"quality,omitempty" yaml:"quality,omitempty" minimum:"0" maximum:"100" doc:"1–100; not used by PNG"`
	Effort  int    `json:"effort,omitempty" yaml:"effort,omitempty" doc:"WebP method 0–6; AVIF 0–9; MP4 0–7"`
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
		return InvalidField("formats", "a preset needs a format", "add "+formatNames())
	}
	for i, f := range p.Formats {
		at := fmt.Sprintf("formats[%d]", i)
		info, known := f.Format.Info()
		switch {
		case !known:
			return InvalidField(at+".format", fmt.Sprintf("unknown format %q", f.Format), "use "+formatNames())
		case info.Film && len(p.Formats) > 1:
			return InvalidField(at+".format", string(f.Format)+" is the only format of its preset", "make a second preset for pictures")
		}
		if !info.Lossless && (f.Quality < 1 || f.Quality > 100) {
			return InvalidField(at+".quality", "quality is 1–100", "80 is a good start")
		}
		if f.Effort < 0 || f.Effort > 9 {
			return InvalidField(at+".effort", "effort is 0–9", "leave it out for the default")
		}
		if slices.ContainsFunc(p.Formats[:i], func(o PresetFormat) bool { return o.Format == f.Format }) {
			return InvalidField(at+".format", string(f.Format)+" is there twice", "keep one of them")
		}
	}
	if p.Background != "" && !colour.MatchString(p.Background) {
		return InvalidField("background", "a background is #rrggbb", "white is #ffffff")
	}
	return p.validateOptions()
}

var (
	colour    = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	positions = [...]string{"", "center", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right"}
)

func (p Preset) validateOptions() error {
	for i, d := range p.DPR {
		if d < 1 || d > 4 || max(p.Width, p.Height)*d > 16384 {
			return InvalidField(fmt.Sprintf("dpr[%d]", i), "a density is 1–4, with sides up to 16384 pixels", "2 is enough for most screens")
		}
	}
	switch {
	case p.MaxBytes < 0 || p.MaxBytes > 0 && p.MaxBytes < 1000:
		return InvalidField("max_bytes", "a ceiling below 1,000 bytes can't be kept", "for example 1000000")
	case !within(p.Sharpen, 0, 1):
		return InvalidField("sharpen", "sharpening is 0–1", "0.3 is moderate")
	case p.Metadata != "" && p.Metadata != "keep" && p.Metadata != "strip":
		return InvalidField("metadata", fmt.Sprintf("unknown choice %q", p.Metadata), "use keep or strip")
	case p.Apply != "" && p.Apply != AtUpload && p.Apply != OnDemand:
		return InvalidField("apply", fmt.Sprintf("unknown choice %q", p.Apply), "use upload or demand")
	case p.Focal != nil && !p.Focal.valid():
		return InvalidField("focal", "x and y are fractions from 0 to 1 of the picture's width and height", "0.5, 0.5 is the centre")
	case len(p.Channel) > 200:
		return InvalidField("channel", "longer than 200 bytes", "shorten it")
	}
	if err := p.validateMoving(); err != nil {
		return err
	}
	w := p.Watermark
	switch {
	case w == nil:
	case w.Asset == "" && w.SHA256 == "":
		return InvalidField("watermark.asset", "a watermark is a picture of the library", "name an asset, such as your logo as a PNG with transparency")
	case !slices.Contains(positions[:], w.Position):
		return InvalidField("watermark.position", fmt.Sprintf("unknown position %q", w.Position), "use center, top, bottom, left, right or a corner such as bottom-right")
	case !within(w.Opacity, 0.01, 1):
		return InvalidField("watermark.opacity", "opacity is above 0, up to 1", "0.5 is half transparent")
	case !within(w.Scale, 0.01, 1):
		return InvalidField("watermark.scale", "the width is a fraction of the rendition's, 0.01–1", "0.2 is a fifth")
	}
	return nil
}

// validateMoving checks what only video and animations have, and what they have not.
func (p Preset) validateMoving() error {
	film := p.Film()
	animates := slices.ContainsFunc(p.Formats, func(f PresetFormat) bool { return f.Format.Animates() })
	const alone = "use a preset whose format is mp4"
	switch {
	case p.Animated && !animates:
		return InvalidField("animated", "WebP is the format that keeps animations here", "add webp, or leave animated out")
	case (film || p.Animated) && p.Watermark != nil:
		return InvalidField("watermark", "what moves carries no watermark", "leave it out")
	case (film || p.Animated) && p.Sharpen > 0:
		return InvalidField("sharpen", "what moves is not sharpened", "leave it out")
	case film && len(p.DPR) > 0:
		return InvalidField("dpr", "video has no pixel densities", "leave them out, and give the pixels that are wanted")
	case film && p.MaxBytes > 0 && p.MaxBytes < 50_000:
		return InvalidField("max_bytes", "a video can't be kept below 50,000 bytes", "for example 8000000")
	case !film && p.MaxSeconds != 0:
		return InvalidField("max_seconds", "only video has seconds", alone)
	case !film && p.FPS != 0:
		return InvalidField("fps", "only video has frames a second", alone)
	case !film && p.Sound != "":
		return InvalidField("sound", "only video has sound", alone)
	case p.MaxSeconds != 0 && !within(p.MaxSeconds, 0.5, 86400):
		return InvalidField("max_seconds", "a length is 0.5–86400 seconds", "leave it out to keep all")
	case p.FPS < 0 || p.FPS > 120:
		return InvalidField("fps", "1–120 frames a second", "leave it out to keep the original's")
	case p.Sound != "" && p.Sound != "keep" && p.Sound != "strip":
		return InvalidField("sound", fmt.Sprintf("unknown choice %q", p.Sound), "use keep or strip")
	}
	return nil
}

// Suits reports whether the preset is made of such a file at all.
func (p Preset) Suits(v *Version) bool {
	switch {
	case p.Film():
		return v.Filmed()
	case p.Animated:
		return v.Animated()
	}
	return true
}

// Film reports whether the preset makes video. It is made of videos only; every other preset makes pictures, of a video its poster.
func (p Preset) Film() bool { return len(p.Formats) > 0 && p.Formats[0].Format.Film() }

// within is false for NaN, too.
func within(v, low, high float64) bool { return v >= low && v <= high }

// Variants are the presets that a preset stands for: itself, and NAME@2x and so on
// for its further densities.
func (p Preset) Variants() []Preset {
	one := p
	one.DPR = nil
	out := []Preset{one}
	for _, d := range slices.Compact(slices.Sorted(slices.Values(p.DPR))) {
		if d > 1 {
			v := one
			v.Name, v.Width, v.Height = fmt.Sprintf("%s@%dx", p.Name, d), p.Width*d, p.Height*d
			out = append(out, v)
		}
	}
	return out
}

// BaseName is the name without its density: hero of hero@2x.
func (p Preset) BaseName() string {
	base, _, _ := strings.Cut(p.Name, "@")
	return base
}

// Variant finds a preset by its own name or a variant's: "hero", "hero@2x".
func Variant(presets []Preset, name string) (Preset, bool) {
	base, _, _ := strings.Cut(name, "@")
	for _, p := range presets {
		if p.Name != base {
			continue
		}
		for _, v := range p.Variants() {
			if v.Name == name {
				return v, true
			}
		}
	}
	return Preset{}, false
}

// Refusal is the sentence in a version's RenditionNote about a preset that can't be made of it.
func Refusal(preset, reason string) string {
	return "The preset “" + preset + "” could not be made: " + reason + "."
}

// Refused reports whether a preset can't be made of the version, though others were.
func (v *Version) Refused(preset string) bool {
	return strings.Contains(v.RenditionNote, "“"+preset+"”")
}

// Rendition is one made picture or film of a version.
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
	Duration  float64   `json:"duration,omitempty" doc:"Seconds, of video"`
	Note      string    `json:"note,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// RenditionKey is the object key of a rendition of the original with the given SHA-256.
func RenditionKey(sha256, hash string, f Format) string {
	return "renditions/" + sha256 + "/" + hash + "." + f.Ext()
}

// FilmState says how far a film is that is not made yet.
type FilmState string

const (
	FilmWaiting   FilmState = "waiting"
	FilmRunning   FilmState = "running"
	FilmFailed    FilmState = "failed"
	FilmCancelled FilmState = "cancelled"
)

// Film is a video rendition that is not there: being made, or why not.
type Film struct {
	Version string    `json:"version"`
	Preset  string    `json:"preset"`
	Format  Format    `json:"format"`
	Hash    string    `json:"hash"`
	State   FilmState `json:"state" enum:"waiting,running,failed,cancelled"`
	// Progress is the part that is done, 0–1.
	Progress float64 `json:"progress"`
	Note     string  `json:"note,omitempty" doc:"Why it failed"`
}

// Ended reports whether nobody is going to make it unless asked again.
func (f Film) Ended() bool { return f.State == FilmFailed || f.State == FilmCancelled }
