//go:build vips && cgo

package vips_test

import (
	"testing"

	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/renditiontest"
	"vitrine/dam/rendition/vips"
)

func TestConformance(t *testing.T) {
	e, err := vips.New(imaging.New())
	if err != nil {
		t.Fatal(err)
	}
	renditiontest.Run(t, e)
}
