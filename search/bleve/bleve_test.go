package bleve_test

import (
	"testing"

	"vitrine/search/bleve"
	"vitrine/search/searchtest"
)

func TestBleve(t *testing.T) {
	searchtest.Run(t, bleve.Engine{})
}
