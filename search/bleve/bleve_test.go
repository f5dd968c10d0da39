package bleve_test

import (
	"testing"

	"vitrine/search/bleve"
	"vitrine/search/searchtest"
)

func TestBleve(t *testing.T) {
	searchtest.Run(t, bleve.Engine{})
}

func TestFullVolume(t *testing.T) { searchtest.Full(t, bleve.Engine{}) }

func TestReadOnlyVolume(t *testing.T) { searchtest.ReadOnly(t, bleve.Engine{}) }

func TestFullText(t *testing.T) { searchtest.FullText(t, bleve.Engine{}) }
