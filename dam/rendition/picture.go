package rendition

import (
	"context"
	"errors"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Picture makes one picture of a version, which is stored nowhere: what a download asks for and no preset has made. The
// preset has one format and no densities. It waits for its turn as every other rendering does.
func (s *Service) Picture(ctx context.Context, a dam.Asset, v dam.Version, p dam.Preset) ([]byte, error) {
	specs := resolve([]dam.Preset{p}, &a, &v)
	if len(specs) != 1 {
		return nil, &dam.Error{Code: dam.Unsupported, Reason: reasons.DownloadWithoutRendition(p.Name)}
	}
	src, err := s.openOriginal(ctx, &v)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	ctx = dam.WithOrigin(ctx, dam.Origin{Library: a.Library, Principal: dam.ActorOf(ctx).ID})
	var picture []byte
	err = s.Engine.Render(ctx, src, specs, s.options(), func(o Output) error {
		picture = o.Bytes
		return nil
	})
	if err == nil && picture == nil {
		err = errors.New("the engine made nothing")
	}
	return picture, src.blame(err)
}

// Pixels is the size that Picture gives a picture; that of the box if the version's size isn't known.
func (s *Service) Pixels(v dam.Version, p dam.Preset) (width, height int) {
	t, err := target(max(v.Width, 1), max(v.Height, 1), Spec{Width: p.Width, Height: p.Height, Fit: p.Fit,
		Focal: dam.Point{X: .5, Y: .5}})
	if v.Width == 0 || err != nil {
		return max(p.Width, p.Height), max(p.Height, p.Width)
	}
	return t.Width, t.Height
}
