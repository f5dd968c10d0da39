package server

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"sync"
	"time"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/metadata"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/sandbox"
	"vitrine/web/api"
)

//go:embed samples
var samples embed.FS

// format is a kind of file that pictures can be made of, with a small file to try it with.
type format struct {
	name    string
	files   string // extensions
	picture string // what it is of
	sample  string
	// program is what it can't be shown without, "" where that is the server itself.
	program string
}

const asItIs = "the picture itself, through its profile"

var formats = [...]format{
	{"JPEG", ".jpg .jpeg", asItIs, "a.jpg", ""},
	{"PNG", ".png", asItIs, "a.png", ""},
	{"GIF", ".gif", "the picture itself; animations move where a preset says so", "a.gif", ""},
	{"WebP", ".webp", "the picture itself; animations move where a preset says so", "a.webp", ""},
	{"TIFF", ".tif .tiff", asItIs + "; of several pages the first", "a.tiff", ""},
	{"BMP", ".bmp", asItIs, "a.bmp", ""},
	{"HEIC", ".heic .heif", asItIs, "a.heic", "libvips"},
	{"AVIF", ".avif", asItIs, "a.avif", "libvips"},
	{"JPEG XL", ".jxl", asItIs, "a.jxl", "libvips"},
	{"JPEG 2000", ".jp2 .j2k .jpf", asItIs, "a.jp2", "libvips"},
	{"Photoshop", ".psd .psb", "the flattened composite, through its profile", "a.psd", ""},
	{"PNM", ".ppm .pgm .pbm .pam", "the picture itself", "a.ppm", "ffmpeg"},
	{"TGA", ".tga", "the picture itself", "a.tga", "ffmpeg"},
	{"OpenEXR", ".exr", "its light as sRGB", "a.exr", "ffmpeg"},
	{"DDS", ".dds", "the picture itself", "a.dds", "ffmpeg"},
	{"Icon", ".ico", "its largest picture", "a.ico", "ffmpeg"},
	{"Raw", ".dng .cr2 .cr3 .nef .arw .raf .rw2 .orf .pef",
		"the camera's preview inside, upright; without one the sensor's own pixels, half as large", "a.dng",
		"exiftool, dcraw_emu"},
	{"SVG", ".svg .svgz", "rasterised; scripts and outside references have no effect", "a.svg", "rsvg-convert"},
	{"PDF", ".pdf .ai", "the first page, cut to its crop box", "a.pdf", "pdftoppm"},
	{"EPS", ".eps .ps", "drawn by Ghostscript, cut to the bounding box; so is Illustrator before 2000", "a.eps", "gs"},
	{"MP4", ".mp4 .m4v .mts .m2ts .ts", "a frame from near the beginning, or the next that is not black",
		"a.mp4", "ffmpeg"},
	{"QuickTime", ".mov", "as MP4", "a.mov", "ffmpeg"},
	{"WebM", ".webm .mkv", "as MP4", "a.webm", "ffmpeg"},
	{"Sound", ".mp3 .m4a .wav .flac .ogg", "the waveform", "a.mp3", "ffmpeg"},
	{"Office Open XML", ".docx .xlsx .pptx", "the first page as LibreOffice prints it", "a.docx", "soffice"},
	{"Microsoft Office before 2007", ".doc .xls .ppt", "the first page as LibreOffice prints it", "a.doc", "soffice"},
}

// Trial is whether files of a format are shown here.
type Trial struct {
	Name string
	Err  error // why not, nil when they are
}

// TryFormats makes a picture of a small file of each format, in the way that uploads go.
func TryFormats(ctx context.Context, c config.Config, box *sandbox.Runner, w *Workers) []Trial {
	engine := convert.New(convert.Options{Engine: w, Sandbox: box, Identify: metadata.Identify, MaxPixels: c.MaxPixels})
	return tryFormats(ctx, engine, RenderLimits(c))
}

func tryFormats(ctx context.Context, engine *convert.Engine, limits rendition.Options) []Trial {
	out := make([]Trial, len(formats))
	for i, f := range formats {
		out[i] = Trial{Name: f.name, Err: f.try(ctx, engine, limits)}
	}
	return out
}

func (f format) try(ctx context.Context, engine *convert.Engine, limits rendition.Options) error {
	ctx, cancel := context.WithTimeout(ctx, trialTimeout)
	defer cancel()
	small := []rendition.Spec{{Name: "trial", Width: 16, Height: 16, Fit: dam.FitContain, Format: dam.PNG}}
	b, err := samples.ReadFile("samples/" + f.sample)
	if err != nil {
		return err
	}
	if _, err := engine.Probe(ctx, bytes.NewReader(b)); err != nil {
		return err
	}
	made := false
	err = engine.Render(ctx, bytes.NewReader(b), small, limits, func(rendition.Output) error {
		made = true
		return nil
	})
	if err == nil && !made {
		err = errors.New("no picture was made")
	}
	return err
}

const (
	trialsKept   = time.Hour        // a program may be installed meanwhile
	failuresKept = 30 * time.Second // of a busy machine or a full disk
	trialTimeout = 30 * time.Second // of each; LibreOffice's first start takes the longest
)

// trials tries the formats for the first who asks; others wait for the same answer, or get the one before.
type trials struct {
	try func(context.Context) []Trial

	mu    sync.Mutex
	last  api.Formats
	until time.Time
	going chan struct{} // closed when the trial under way has ended; nil without one
}

func (t *trials) formats(ctx context.Context) (api.Formats, error) {
	t.mu.Lock()
	if t.going == nil && time.Now().After(t.until) {
		t.going = make(chan struct{})
		// Others wait for the answer: it does not end with the first one's request.
		go func() {
			_ = dam.Protect("trial of formats", func() error { // which logs what it survives
				t.run(context.WithoutCancel(ctx))
				return nil
			})
		}()
	}
	last, going := t.last, t.going
	t.mu.Unlock()
	if going == nil || last.Items != nil {
		return last, nil
	}
	select {
	case <-going:
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.last, nil
	case <-ctx.Done():
		return last, ctx.Err()
	}
}

func (t *trials) run(ctx context.Context) {
	kept := failuresKept // of a trial that panics, too
	list := []api.Format{}
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.last, t.until = api.Formats{At: time.Now(), Items: list}, time.Now().Add(kept)
		close(t.going)
		t.going = nil
	}()
	tried := t.try(ctx)
	kept = trialsKept
	for i, trial := range tried {
		f := api.Format{Name: trial.Name, Files: formats[i].files, Picture: formats[i].picture,
			Program: formats[i].program, Shown: trial.Err == nil}
		if trial.Err != nil {
			var why *dam.Error
			if !errors.As(trial.Err, &why) || why.Code != dam.Unsupported {
				kept = failuresKept
			}
			if f.Error = "no picture was made"; why != nil {
				f.Reasons, f.Error = []reasons.Reason{why.Reason}, why.Text()
			}
		}
		list = append(list, f)
	}
}
