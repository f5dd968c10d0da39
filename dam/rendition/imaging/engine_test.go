package imaging_test

import (
	"testing"

	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/renditiontest"
)

func TestConformance(t *testing.T) { renditiontest.Run(t, imaging.New()) }
