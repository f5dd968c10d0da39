package dam

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// Fit says how a picture fits into a preset's box. Pictures are never enlarged.
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
	// AtUpload makes them for every new version; "" means the same.
	AtUpload Apply = "upload"
	// OnDemand makes them when they are first asked for: by a page, a publication or a preview.
	OnDemand Apply = "demand"
)

// Preset says how renditions are made. It is the only transformation that the public can ask for.
type Preset struct {
	Name       string         `json:"name" yaml:"name"`
	Width      int            `json:"width" yaml:"width,omitempty" doc:"Pixels; 0 is unbounded"`
	Height     int            `json:"height" yaml:"height,omitempty" doc:"Pixels; 0 is unbounded"`
	Fit        Fit            `json:"fit" yaml:"fit"`
	Formats    []PresetFormat `json:"formats" nullable:"false" yaml:"formats,flow"`
	Background string         `json:"background,omitempty" yaml:"background,omitempty" doc:"#rrggbb behind transparent pixels where the format has no alpha; white by default"`
	// DPR lists further pixel densities: 2 makes NAME@2x, with twice the pixels. Density 1 is always made.
	DPR      []int   `json:"dpr,omitempty" yaml:"dpr,omitempty,flow" doc:"Pixel densities 1–4; 2 makes NAME@2x as well"`
	MaxBytes int64   `json:"max_bytes,omitempty" yaml:"max_bytes,omitempty" doc:"Ceiling in bytes, kept by lowering quality, then size; 0 is none"`
	Sharpen  float64 `json:"sharpen,omitempty" yaml:"sharpen,omitempty" doc:"0–1; 0 is none"`
	// Watermark is drawn over every rendition of the preset.
	Watermark *Watermark `json:"watermark,omitempty" yaml:"watermark,omitempty"`
	Metadata  string     `json:"metadata,omitempty" yaml:"metadata,omitempty" doc:"keep writes the asset's copyright and creator into the file (the default), strip writes nothing"`
	// Focal replaces the focal point of assets in this preset, unless the asset has one for this preset.
	Focal *Point `json:"focal,omitempty" yaml:"focal,omitempty,flow"`
	Apply Apply  `json:"apply,omitempty" yaml:"apply,omitempty" doc:"upload (the default) or demand"`
	// Animated keeps the frames of animated files in WebP; other formats of the preset show the first frame. Such a
	// preset is made from animated files only.
	Animated bool `json:"animated,omitempty" yaml:"animated,omitempty" doc:"Keeps animations (in WebP); made of animated files only"`
	// MaxSeconds, FPS and Sound apply to video (mp4).
	MaxSeconds float64 `json:"max_seconds,omitempty" yaml:"max_seconds,omitempty" doc:"Video: keeps that many seconds from the start; 0 keeps all"`
	FPS        int     `json:"fps,omitempty" yaml:"fps,omitempty" doc:"Video: at most that many frames a second, 1–120; 0 keeps the original's, up to 60"`
	Sound      string  `json:"sound,omitempty" yaml:"sound,omitempty" doc:"Video: keep (the default) or strip"`
	// Channel describes what the preset is made for.
	Channel string `json:"channel,omitempty" yaml:"channel,omitempty" doc:"What it is made for"`
}

// Watermark is a picture drawn over renditions.
type Watermark struct {
	// Asset is the id of the picture's asset, and SHA256 the exact file, filled in when the preset is stored.
	Asset    string  `json:"asset,omitempty" yaml:"asset,omitempty"`
	SHA256   string  `json:"sha256,omitempty" yaml:"sha256,omitempty"`
	Position string  `json:"position,omitempty" yaml:"position,omitempty" doc:"center, top, bottom, left, right, top-left, top-right, bottom-left or bottom-right (the default)"`
	Opacity  float64 `json:"opacity" yaml:"opacity" doc:"0–1"`
	Scale    float64 `json:"scale" yaml:"scale" doc:"Its width as a fraction of the rendition's, 0–1"`
}

// PresetFormat is one output format of a preset.
type PresetFormat struct {
	Format  Format `json:"format" yaml:"format"`
	Quality int    `json:"quality,omitempty" yaml:"quality,omitempty" minimum:"0" maximum:"100" doc:"1–100; not used by PNG"`
	Effort  int    `json:"effort,omitempty" yaml:"effort,omitempty" doc:"WebP method 0–6; AVIF 0–9; MP4 0–7"`
}

var presetName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// Validate checks the preset's name, box and formats.
func (p Preset) Validate() error {
	if !presetName.MatchString(p.Name) {
		return InvalidInput("name", reasons.PresetNameForm())
	}
	if p.Width < 0 || p.Height < 0 || p.Width > 16384 || p.Height > 16384 || p.Width+p.Height == 0 {
		return InvalidInput("width", reasons.PresetSideRange())
	}
	switch p.Fit {
	case FitContain:
	case FitCover:
		if p.Width == 0 || p.Height == 0 {
			return InvalidInput("fit", reasons.CoverNeedsBothSides())
		}
	default:
		return InvalidInput("fit", reasons.UnknownPresetFit(p.Fit))
	}
	if len(p.Formats) == 0 {
		return InvalidInput("formats", reasons.PresetNeedsFormat(formatNames()))
	}
	for i, f := range p.Formats {
		at := fmt.Sprintf("formats[%d]", i)
		info, known := f.Format.Info()
		switch {
		case !known:
			return InvalidInput(at+".format", reasons.UnknownPresetFormat(f.Format, formatNames()))
		case info.Video && len(p.Formats) > 1:
			return InvalidInput(at+".format", reasons.FilmStandsAlone(f.Format))
		}
		if !info.Lossless && (f.Quality < 1 || f.Quality > 100) {
			return InvalidInput(at+".quality", reasons.QualityRange())
		}
		if f.Effort < 0 || f.Effort > 9 {
			return InvalidInput(at+".effort", reasons.EffortRange())
		}
		if slices.ContainsFunc(p.Formats[:i], func(o PresetFormat) bool { return o.Format == f.Format }) {
			return InvalidInput(at+".format", reasons.FormatTwice(string(f.Format)))
		}
	}
	if p.Background != "" && !colour.MatchString(p.Background) {
		return InvalidInput("background", reasons.BackgroundForm())
	}
	return p.validateOptions()
}

var (
	colour    = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	positions = [...]string{"", "center", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left",
		"bottom-right"}
)

func (p Preset) validateOptions() error {
	for i, d := range p.DPR {
		if d < 1 || d > 4 || max(p.Width, p.Height)*d > 16384 {
			return InvalidInput(fmt.Sprintf("dpr[%d]", i), reasons.DensityRange())
		}
	}
	switch {
	case p.MaxBytes < 0 || p.MaxBytes > 0 && p.MaxBytes < 1000:
		return InvalidInput("max_bytes", reasons.ByteCeilingTooLow())
	case !within(p.Sharpen, 0, 1):
		return InvalidInput("sharpen", reasons.SharpenRange())
	case p.Metadata != "" && p.Metadata != "keep" && p.Metadata != "strip":
		return InvalidInput("metadata", reasons.UnknownMetadataChoice(p.Metadata))
	case p.Apply != "" && p.Apply != AtUpload && p.Apply != OnDemand:
		return InvalidInput("apply", reasons.UnknownApplyChoice(p.Apply))
	case p.Focal != nil && !p.Focal.valid():
		return InvalidInput("focal", reasons.FocalPointRange())
	case len(p.Channel) > 200:
		return InvalidInput("channel", reasons.LongerThan200Bytes())
	}
	if err := p.validateMoving(); err != nil {
		return err
	}
	w := p.Watermark
	switch {
	case w == nil:
	case w.Asset == "" && w.SHA256 == "":
		return InvalidInput("watermark.asset", reasons.WatermarkFromLibrary())
	case !slices.Contains(positions[:], w.Position):
		return InvalidInput("watermark.position", reasons.UnknownWatermarkPosition(w.Position))
	case !within(w.Opacity, 0.01, 1):
		return InvalidInput("watermark.opacity", reasons.OpacityRange())
	case !within(w.Scale, 0.01, 1):
		return InvalidInput("watermark.scale", reasons.WatermarkWidthRange())
	}
	return nil
}

// validateMoving checks the settings that apply to video and animations only, and those that don't apply to them.
func (p Preset) validateMoving() error {
	video := p.IsVideo()
	animates := slices.ContainsFunc(p.Formats, func(f PresetFormat) bool { return f.Format.Animates() })
	switch {
	case p.Animated && !animates:
		return InvalidInput("animated", reasons.AnimationNeedsWebp())
	case (video || p.Animated) && p.Watermark != nil:
		return InvalidInput("watermark", reasons.MovingWithoutWatermark())
	case (video || p.Animated) && p.Sharpen > 0:
		return InvalidInput("sharpen", reasons.MovingNotSharpened())
	case video && len(p.DPR) > 0:
		return InvalidInput("dpr", reasons.VideoWithoutDensities())
	case video && p.MaxBytes > 0 && p.MaxBytes < 50_000:
		return InvalidInput("max_bytes", reasons.VideoCeilingTooLow())
	case !video && p.MaxSeconds != 0:
		return InvalidInput("max_seconds", reasons.OnlyVideoHasSeconds())
	case !video && p.FPS != 0:
		return InvalidInput("fps", reasons.OnlyVideoHasFrameRate())
	case !video && p.Sound != "":
		return InvalidInput("sound", reasons.OnlyVideoHasSound())
	case p.MaxSeconds != 0 && !within(p.MaxSeconds, 0.5, 86400):
		return InvalidInput("max_seconds", reasons.VideoLengthRange())
	case p.FPS < 0 || p.FPS > 120:
		return InvalidInput("fps", reasons.FrameRateRange())
	case p.Sound != "" && p.Sound != "keep" && p.Sound != "strip":
		return InvalidInput("sound", reasons.UnknownSoundChoice(p.Sound))
	}
	return nil
}

// Suits reports whether renditions of the preset can be made from the version at all.
func (p Preset) Suits(v *Version) bool {
	switch {
	case p.IsVideo():
		return v.HasVideo()
	case p.Animated:
		return v.Animated()
	}
	return true
}

// IsVideo reports whether the preset makes video. Such a preset is made from videos only; every other preset makes
// pictures, and from a video its poster.
func (p Preset) IsVideo() bool { return len(p.Formats) > 0 && p.Formats[0].Format.IsVideo() }

// within reports whether low ≤ v ≤ high; false for NaN.
func within(v, low, high float64) bool { return v >= low && v <= high }

// Variants returns the presets that a preset stands for: itself and, for its further densities, NAME@2x and so on.
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

// BaseName returns the name without its density: hero for hero@2x.
func (p Preset) BaseName() string {
	base, _, _ := strings.Cut(p.Name, "@")
	return base
}

// Variant finds a preset by its own name or the name of a variant: "hero", "hero@2x".
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

// Refused reports whether the preset can't be made from the version, though other presets could.
func (v *Version) Refused(preset string) bool {
	return slices.ContainsFunc(v.RenditionReasons, func(r reasons.Reason) bool {
		switch r.ReasonCode {
		case reasons.CodePresetRefused:
			return r.Params["preset"] == preset
		// Versions from before reason codes name the preset in a sentence. Nothing else decides by a text.
		case reasons.CodeLegacy:
			return strings.Contains(r.Text(), "“"+preset+"”")
		}
		return false
	})
}

// NoteMetadata records what of the file's own metadata could not be read; nil is nothing.
func (v *Version) NoteMetadata(why []reasons.Reason) {
	v.MetadataReasons, v.MetadataNote, v.MetadataRemedy = why, reasons.Join(why), ""
	if len(why) > 0 {
		v.MetadataRemedy = why[0].Advice()
	}
}

// NoteRenditions records why renditions are missing; without arguments it clears the note.
func (v *Version) NoteRenditions(why ...reasons.Reason) {
	v.RenditionReasons, v.RenditionNote = why, reasons.Join(why)
}

// Rendition is one picture or video made from a version.
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
	// NoteReasons are what Note says.
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`
}

// RenditionKey is the object key of a rendition of the original with the given SHA-256.
func RenditionKey(sha256, hash string, f Format) string {
	return "renditions/" + sha256 + "/" + hash + "." + f.Ext()
}

// VideoState is the progress of a video rendition that is not finished.
type VideoState string

const (
	VideoWaiting   VideoState = "waiting"
	VideoRunning   VideoState = "running"
	VideoFailed    VideoState = "failed"
	VideoCancelled VideoState = "cancelled"
)

// VideoRendition is a video rendition that does not exist yet: it is being made, or says why it isn't.
type VideoRendition struct {
	Version string     `json:"version"`
	Preset  string     `json:"preset"`
	Format  Format     `json:"format"`
	Hash    string     `json:"hash"`
	State   VideoState `json:"state" enum:"waiting,running,failed,cancelled"`
	// Progress is the fraction that is done, 0–1.
	Progress    float64          `json:"progress"`
	Note        string           `json:"note,omitempty" doc:"Why it failed"`
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`
}

// Ended reports whether it will not be made unless somebody asks for it again.
func (f VideoRendition) Ended() bool { return f.State == VideoFailed || f.State == VideoCancelled }
