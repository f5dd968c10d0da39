//go:build vips && cgo

package vips

var LightOf = lightOf
