package rendition

import (
	"context"
	"io"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// pager is an engine that knows documents' further pages.
type pager interface {
	RenderPage(ctx context.Context, src io.ReadSeeker, page int, specs []Spec, opt Options,
		emit func(Output) error) error
}

// pageTime bounds what somebody waits for.
const pageTime = time.Minute

// Page makes the picture of a document's page, from 1, in a preset's size and the first of its formats that accept
// allows. Nothing is stored. The error is dam.NotFound for a page or a preset that is not there.
func (s *Service) Page(ctx context.Context, a dam.Asset, v dam.Version, preset string, page int,
	accept func(dam.Format) bool) (Output, error) {
	engine, ok := s.Engine.(pager)
	if !ok || v.Pages == 0 || page < 1 || page > v.Pages {
		return Output{}, &dam.Error{Code: dam.NotFound, Field: "page", Reason: reasons.FileWithoutPage()}
	}
	presets, err := s.Catalog.Presets().List(ctx, a.Library)
	if err != nil {
		return Output{}, err
	}
	var spec *Spec
	for _, one := range Resolve(presets, a.Focal) {
		if one.Name == preset && !one.Format.IsVideo() && (spec == nil || accept(one.Format) && !accept(spec.Format)) {
			spec = &one
		}
	}
	if spec == nil {
		return Output{}, &dam.Error{Code: dam.NotFound, Field: "preset", Reason: reasons.NoPresetListed(preset)}
	}
	spec.Watermark = nil // the document is looked at by those it belongs to
	ctx = dam.WithOrigin(ctx, dam.Origin{Library: a.Library})
	ctx, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	src, err := s.Store.Open(ctx, dam.OriginalKey(v.SHA256))
	if err != nil {
		return Output{}, &dam.Error{Code: dam.Unavailable, Reason: reasons.StorageDoesNotAnswer(), Err: err}
	}
	defer func() { _ = src.Close() }()
	var out Output
	err = engine.RenderPage(ctx, src, page, []Spec{*spec}, s.options(), func(o Output) error { out = o; return nil })
	return out, err
}
