package downloads

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode"

	"vitrine/dam"
)

var manifestColumns = []string{"file", "asset", "title", "preset", "format", "bytes", "version", "sha256", "state",
	"note", "rights_from", "rights_until", "territories", "creator", "copyright"}

// manifest writes the rows of a manifest: every file of the archive, and every one that is not in it, with the reason.
type manifest struct{ w *csv.Writer }

func newManifest(w io.Writer) (*manifest, error) {
	m := &manifest{csv.NewWriter(w)}
	return m, m.w.Write(manifestColumns)
}

func (m *manifest) add(f *dam.DownloadFile) error {
	state, note := f.Sent, ""
	if f.Why != nil {
		note = f.Why.Text()
	}
	if state == "" {
		state = dam.FileSent
	}
	name, size := f.Name, strconv.FormatInt(f.Size, 10)
	if state == dam.FileLeftOut {
		name, size = "", ""
	}
	return m.w.Write([]string{harmless(name), f.Asset, harmless(f.Title), f.Preset, string(f.Format), size, f.Version,
		f.SHA256, string(state), harmless(note), string(f.From), string(f.Until), strings.Join(f.Territories, " "),
		harmless(f.Creator), harmless(f.Copyright)})
}

func (m *manifest) end() error {
	m.w.Flush()
	return m.w.Error()
}

// harmless puts an apostrophe before what a spreadsheet would take for a formula.
func harmless(s string) string {
	rest := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff'
	})
	if rest != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(rest)[0]) ||
		s != "" && strings.ContainsRune("\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
