package server

import (
	"bytes"
	"context"
	"embed"
	"errors"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/sandbox"
)

//go:embed samples
var samples embed.FS

// trials are the formats that depend on how the machine is set up, each with a small file.
var trials = [...]struct{ name, file string }{
	{"HEIC", "a.heic"}, {"AVIF", "a.avif"}, {"JPEG XL", "a.jxl"}, {"JPEG 2000", "a.jp2"}, {"PDF", "a.pdf"},
	{"SVG", "a.svg"}, {"EPS", "a.eps"}, {"PNM", "a.ppm"},
}

// Trial is whether files of a format are made pictures of here.
type Trial struct {
	Name string
	Err  error // why not, nil when they are
}

// TryFormats makes a picture of a small file of each format that depends on the machine, in the way that uploads go.
func TryFormats(ctx context.Context, c config.Config, box *sandbox.Runner, w *Workers) []Trial {
	engine := convert.New(convert.Options{Engine: w, Sandbox: box, Identify: metadata.Identify,
		MaxPixels: c.MaxPixels})
	small := []rendition.Spec{{Name: "trial", Width: 16, Height: 16, Fit: dam.FitContain, Format: dam.PNG}}
	out := make([]Trial, len(trials))
	for i, t := range trials {
		out[i].Name = t.name
		b, err := samples.ReadFile("samples/" + t.file)
		if err == nil {
			_, err = engine.Probe(ctx, bytes.NewReader(b))
		}
		if err == nil {
			made := false
			err = engine.Render(ctx, bytes.NewReader(b), small, RenderLimits(c), func(rendition.Output) error {
				made = true
				return nil
			})
			if err == nil && !made {
				err = errors.New("no picture was made")
			}
		}
		out[i].Err = err
	}
	return out
}
