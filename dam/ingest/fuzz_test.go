package ingest

import (
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"

	"vitrine/dam"
)

// Upload-Metadata is refused, or has one meaning: what the library behind reads of the header that is written anew is
// what was read here, whoever reads first or last.
func FuzzMetadata(f *testing.F) {
	for _, s := range []string{"filename cGhvdG8uanBn,asset YV8x", "filename cGhvdG8uanBn,asset YV8x,asset YV8y",
		"Asset YV8x,asset YV8y", "filename", "filename  eA==", "a b c", "filename ===", "\tfilename eA==",
		"filename eA==,", "fi\x00le eA==", "filename eA,on_duplicate a2VlcA"} {
		f.Add(s, "")
	}
	f.Add("filename eA==", "asset YV8x")
	f.Fuzz(func(t *testing.T, first, second string) {
		headers := []string{first}
		if second != "" {
			headers = append(headers, second)
		}
		m, err := readMetadata(headers)
		if err != nil {
			if dam.CodeOf(err) != dam.Invalid {
				t.Errorf("refused with %v", err)
			}
			return
		}
		if len(headers) > 1 {
			t.Errorf("two headers were read as %v", m)
		}
		again, err := readMetadata([]string{handler.SerializeMetadataHeader(m)})
		if err != nil || len(again) != len(m) {
			t.Errorf("%q became %v, and then %v (%v)", first, m, again, err)
		}
		for name, v := range m {
			if again[name] != v {
				t.Errorf("%q: %s is %q, and then %q", first, name, v, again[name])
			}
		}
	})
}
