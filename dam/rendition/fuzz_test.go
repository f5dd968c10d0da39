package rendition

import (
	"strings"
	"testing"

	"vitrine/dam"
)

// A file of presets is refused as a whole, or every preset in it is a valid one.
func FuzzPresets(f *testing.F) {
	for _, s := range []string{
		"name: square\nwidth: 800\nheight: 800\nfit: cover\nformats: [{format: jpeg, quality: 80}]\n",
		"name: a\n---\nname: b\n", "a: &a [*a]\n",
		"name: x\nwidth: 1e9\nfit: contain\nformats: []\n",
		"? [a]\n: b\n", "name: !!binary aGk=\n", "name: {{}}\n",
		"%YAML 9.9\n---\nname: x\n",
		"name: x\nwatermark: {asset: a, opacity: .nan}\nfit: contain\nformats: [{format: png}]\n",
		strings.Repeat("- ", 2000),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadPresets(strings.NewReader(text))
		if err != nil && (dam.CodeOf(err) != dam.Invalid || list != nil) {
			t.Errorf("refused with %v and %v", err, list)
		}
		for _, p := range list {
			if err := p.Validate(); err != nil {
				t.Errorf("%+v: %v", p, err)
			}
		}
	})
}
