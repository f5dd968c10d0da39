//go:build !vips || !cgo

package vips

import (
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

// Built says whether this program has the engine.
const Built = false

// Version is libvips' own; "" without it.
func Version() string { return "" }

// New fails: this program was built without libvips.
func New(rendition.Engine) (rendition.Engine, error) {
	return nil, &dam.Error{Code: dam.Unsupported, Reason: reasons.BuiltWithoutLibvips()}
}
