//go:build !vips || !cgo

package vips

import (
	"vitrine/dam"
	"vitrine/dam/rendition"
)

// Built says whether this program has the engine.
const Built = false

// Version is libvips' own; "" without it.
func Version() string { return "" }

// New fails: this program was built without libvips.
func New(rendition.Engine) (rendition.Engine, error) {
	return nil, &dam.Error{Code: dam.Unsupported, Message: "this program was built without libvips", Remedy: "install libvips-dev and run make build, or use the engine imaging"}
}

// Formats fails as New does.
func Formats() (map[string]bool, error) {
	_, err := New(nil)
	return nil, err
}
