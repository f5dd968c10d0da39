package server

import (
	"context"
	"errors"
	"io"

	"vitrine/dam"
	"vitrine/dam/delivery"
	"vitrine/dam/rendition"
	"vitrine/dam/secrets"
)

// adhoc renders the pictures of signed URLs with the engine that renders all others.
type adhoc struct {
	engine  rendition.Engine
	options rendition.Options
}

// Render implements delivery.Renderer.
func (a adhoc) Render(ctx context.Context, original io.ReadSeeker, t delivery.Transform) ([]byte, error) {
	spec := rendition.Spec{Name: "ad-hoc", Width: t.Width, Height: t.Height, Fit: t.Fit, Format: t.Format,
		Quality: t.Quality, Background: t.Background, Focal: dam.Point{X: .5, Y: .5}}
	if t.Focal != nil {
		spec.Focal = *t.Focal
	}
	var picture []byte
	err := a.engine.Render(ctx, original, []rendition.Spec{spec}, a.options, func(o rendition.Output) error {
		picture = o.Bytes
		return nil
	})
	if err == nil && picture == nil {
		err = errors.New("the engine made nothing")
	}
	return picture, err
}

// SigningKeys returns keys derived from the secret keys, newest first: rotating the secret keys rotates these.
func SigningKeys(box *secrets.Box) delivery.Keys {
	var keys delivery.Keys
	for i := 0; ; i++ {
		k, ok := box.Derive(i, "delivery ad-hoc URLs")
		if !ok {
			return keys
		}
		keys = append(keys, k)
	}
}
