package convert_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition/sandbox"
)

// exiftool behind the walls reads what the first reader can't, and nobody's settings; whatever a file says of itself,
// it comes back within its bounds.
func TestReadTags(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "-config")
	psd := append(
		[]byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x08\x00\x01"),
		make([]byte, 15)...)
	if err := os.WriteFile(path, psd, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "exiftool", "-q", "-overwrite_original", "-XMP-dc:Title=Blue chair",
		"-XMP-dc:Title-fr=Chaise bleue", path).CombinedOutput()
	if err != nil {
		t.Fatalf("exiftool: %v: %s", err, out)
	}
	marker := filepath.Join(dir, "ran")
	config := fmt.Sprintf("open(F, '>', '%s'); print F 'ran'; close F; 1;", marker)
	for _, name := range []string{filepath.Join(dir, ".ExifTool_config"), filepath.Join(dir, "config")} {
		if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("EXIFTOOL_HOME", dir)
	t.Setenv("HOME", dir)
	t.Chdir(dir)
	for _, w := range []sandbox.Wall{sandbox.Bubblewrap, sandbox.Landlock} {
		t.Run(string(w), func(t *testing.T) {
			e := engine(t, sandbox.Options{Only: w, Private: []string{marker}})
			reader := metadata.Reader{More: e.ReadTags}
			f, err := os.Open(path) // whose name looks like an option
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			m, err := reader.Read(t.Context(), f, "image/vnd.adobe.photoshop")
			if err != nil || m.Title["fr"] != "Chaise bleue" || m.Title[""] != "Blue chair" {
				t.Errorf("read %+v %v", m, err)
			}
			if _, err := os.Stat(marker); !os.IsNotExist(err) {
				t.Error("settings beside the file were run")
			}
			if m, err := reader.Read(t.Context(), strings.NewReader("\x00\x01\x02\x80\x90"), "image/jxl"); err == nil ||
				!m.Incomplete {
				t.Errorf("a damaged file: %+v %v", m, err)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := e.ReadTags(ended, f, metadata.Wanted()); err == nil {
				t.Error("a reading that nobody waits for went on")
			}
		})
	}
	e := engine(t, sandbox.Options{})
	reader := metadata.Reader{More: e.ReadTags}
	items := 40
	if os.Getenv("VITRINE_SOAK") != "" {
		items = 400 // twelve megabytes
	}
	words := layersSaying(strings.Repeat("<rdf:li>"+strings.Repeat("word ", 6000)+"</rdf:li>", items))
	if m, err := reader.Read(t.Context(), bytes.NewReader(words), "image/vnd.adobe.photoshop"); !m.Incomplete ||
		dam.CodeOf(err) != dam.TooLarge {
		t.Errorf("megabytes of words: %v, incomplete %t", err, m.Incomplete)
	}
	// Without the program nothing is promised.
	bare := engine(t, sandbox.Options{Programs: t.TempDir()})
	if err := bare.CanRead(); dam.CodeOf(err) != dam.Unsupported {
		t.Errorf("without exiftool: %v", err)
	}
}

// layersSaying is a PSD whose XMP has these keywords.
func layersSaying(items string) []byte {
	xmp := `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>` + items +
		`</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>`
	if len(xmp)%2 == 1 {
		xmp += " "
	}
	size := func(n int) string { return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) }
	resource := "8BIM\x04\x24\x00\x00" + size(len(xmp)) + xmp
	return []byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x08\x00\x01" +
		"\x00\x00\x00\x00" + size(len(resource)) + resource + "\x00\x00\x00\x00\x00\x00\x80")
}
