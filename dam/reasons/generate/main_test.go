package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"vitrine/dam/reasons"
)

// What is generated is what reasons.json says now.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	for path, make := range outputs {
		want, err := make(reasons.All())
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", "..", "..", path))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what reasons.json says: run go generate ./dam/reasons (%v)", path, err)
		}
	}
}
