package convert_test

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition/sandbox"
)

// docx is a document of one red line.
func docx(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"[Content_Types].xml",
			`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels",
			`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml",
			`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:pPr><w:shd w:val="clear" w:fill="FF0000"/></w:pPr><w:r><w:rPr><w:sz w:val="144"/></w:rPr><w:t>Vitrine</w:t></w:r></w:p><w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>`},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + part[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOfficeDocuments: the first page is shown where LibreOffice is there, which make soak insists on: it is larger
// than everything else together, so make test does without, and then sees that the reason is told.
func TestOfficeDocuments(t *testing.T) {
	file := docx(t)
	e := engine(t, sandbox.Options{})
	_, absent := exec.LookPath("/usr/bin/soffice")
	if absent != nil && os.Getenv("VITRINE_SOAK") != "" {
		t.Fatal("make soak needs soffice: apt-get install --no-install-recommends libreoffice-writer-nogui")
	}
	m, note, err := render(t.Context(), e, file, 1)
	if absent != nil {
		if dam.CodeOf(err) != dam.Unsupported || !strings.Contains(err.Error(), "soffice") {
			t.Errorf("without LibreOffice: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := render(t.Context(), engine(t, sandbox.Options{Only: sandbox.Landlock}), file,
		1); dam.CodeOf(err) != dam.Unsupported || !strings.Contains(err.Error(), "LibreOffice") {
		t.Errorf("behind Landlock: %v", err)
	}
	red := 0
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			if r, g, b, _ := m.At(x, y).RGBA(); r>>8 > 200 && g>>8 < 60 && b>>8 < 60 {
				red++
			}
		}
	}
	if m.Bounds().Dy() != 200 || (m.Bounds().Dx()-141)/2 != 0 || red < 500 || !note.Is(reasons.CodeShownAsPrinted) {
		t.Errorf("a page of %v with %d red pixels, said to be %q", m.Bounds(), red, note)
	}
}
