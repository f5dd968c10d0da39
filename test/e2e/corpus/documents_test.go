package corpus

import (
	"fmt"
	"os/exec"

	"vitrine/dam"
)

// ImageMagick draws lines around what does not say that it has none.
const (
	svgHead = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80">`
	shapes  = `<g stroke="none"><rect width="60" height="40" fill="#dc1e1e"/><rect x="60" width="60" height="40" fill="#1ec81e"/>` +
		`<rect y="40" width="60" height="40" fill="#1e1edc"/><circle cx="90" cy="60" r="18" fill="#e6dc1e"/></g>`
	svg = svgHead + shapes + "</svg>"
)

// write is a recipe that writes a text.
func write(text string) string { return "cat >$out <<'END'\n" + text + "\nEND\ntrue" }

// toPDF draws the SVG w.svg.
const toPDF = "rsvg-convert -f pdf -o w.pdf w.svg; "

// drawings have no pixels of their own.
func drawings() (out []sample) {
	for name, text := range map[string]string{
		"plain": svg, "behind a declaration": `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + svg,
		"behind a comment": "<!-- made by an editor -->\n" + svg,
		"behind a document type": `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` +
			svg,
		"view box alone": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 80">` + shapes + `</svg>`,
		"turned parts":   svgHead + `<g transform="translate(120,0) scale(-1,1)">` + shapes + `</g></svg>`,
		"half covered": svgHead + shapes +
			`<rect x="30" y="20" width="60" height="40" fill="#000" stroke="none" fill-opacity="0.5"/></svg>`,
		"upright": `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="120"><rect width="80" height="60" fill="#1e1edc" stroke="none"/></svg>`,
	} {
		out = append(out, some("SVG", name, "svg", write(text), msvg))
	}
	for i := range out {
		// of which ImageMagick's reader makes something else, but not of its own words
		if out[i].name == "half covered" {
			out[i].read = covered
		}
	}
	out = append(out,
		some("SVG", "behind a mark of byte order", "svg", `printf '\357\273\277' >$out; cat >>$out <<'END'`+"\n"+svg+
			"\nEND\n", msvg),
		some("SVG", "packed", "svgz", "cat >w.svg <<'END'\n"+svg+"\nEND\ngzip -n <w.svg >$out",
			unpacked))
	page := "cat >w.svg <<'END'\n" + svg + "\nEND\n" + toPDF
	distilled := "gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sOutputFile=$out "
	for name, recipe := range map[string]string{
		"plain":       page + "cp w.pdf $out",
		"three pages": page + distilled + "w.pdf w.pdf w.pdf",
		"turned page": page + distilled + "-c '[{ThisPage} << /Rotate 90 >> /PUT pdfmark' -f w.pdf",
		"a cut page":  page + distilled + "-c '[ /CropBox [20 10 70 50] /PAGES pdfmark' -f w.pdf",
		"1.3":         page + distilled + "-dCompatibilityLevel=1.3 w.pdf",
		"inks":        page + distilled + "-sColorConversionStrategy=CMYK -dProcessColorModel=/DeviceCMYK w.pdf",
		"gray":        page + distilled + "-sColorConversionStrategy=Gray -dProcessColorModel=/DeviceGray w.pdf",
		"a photograph": "printf '%s' \"<svg xmlns='http://www.w3.org/2000/svg' " +
			"xmlns:xlink='http://www.w3.org/1999/xlink' width='600' height='400'><image width='600' height='400' " +
			"xlink:href='data:image/png;base64,$(base64 -w0 $large)'/></svg>\" >w.svg; rsvg-convert --unlimited -f " +
			"pdf -o $out w.svg",
		"a password": page + distilled + "-sOwnerPassword=a -sUserPassword=b -dEncryptionR=3 -dKeyLength=128 w.pdf",
	} {
		s := some("PDF", name, "pdf", recipe, ghostscript)
		if name == "inks" {
			s.apart, s.why = 45, "without an output profile inks have no colours, each program assumes its own"
		}
		out = append(out, s)
	}
	eps := func(box, more string) string {
		return write("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: " + box + "\n%%EndComments\n" + more +
			"0.86 0.12 0.12 setrgbcolor 0 0 60 40 rectfill 0.12 0.78 0.12 setrgbcolor 60 0 60 40 rectfill " +
			"0.12 0.12 0.86 setrgbcolor 0 40 60 40 rectfill\nshowpage\n%%EOF")
	}
	for name, recipe := range map[string]string{
		"plain": eps("0 0 120 80", ""), "off the corner": eps("10 10 110 70", ""),
		"below zero":     eps("-20 -10 140 90", ""),
		"of Ghostscript": page + "gs -q -dBATCH -dNOPAUSE -sDEVICE=eps2write -sOutputFile=$out w.pdf",
		"of Illustrator 8": write("%!PS-Adobe-3.0\n%%Creator: Adobe Illustrator(R) 8.0\n%%BoundingBox: 0 0 120 " +
			"80\n%%EndComments\n0.12 0.78 0.12 setrgbcolor 0 0 120 40 rectfill\nshowpage\n%%EOF"),
	} {
		s := some("EPS", name, "eps", recipe, poppler)
		if name == "of Illustrator 8" { // Ghostscript would draw it on a whole sheet
			s.read = func(r reader) reading {
				return r.drawn("", "-size", "1200x800", "xc:none", "-fill", "#1fc71f", "-draw",
					"rectangle 0,400 1199,799")
			}
		}
		out = append(out, s)
	}
	return out
}

// covered draws shapes, half covered.
func covered(r reader) reading {
	args := []string{"-size", "1200x800", "xc:none", "-stroke", "none"}
	for _, s := range [][2]string{{"#dc1e1e", "rectangle 0,0 599.5,399.5"}, {"#1ec81e", "rectangle 600,0 1199.5,399.5"},
		{"#1e1edc", "rectangle 0,400 599.5,799.5"}, {"#e6dc1e", "circle 900,600 900,780"},
		{"rgba(0,0,0,0.5)", "rectangle 300,200 899.5,599.5"}} {
		args = append(args, "-fill", s[0], "-draw", s[1])
	}
	return r.drawn("", args...)
}

// archive is a recipe that packs files; texts are by their name.
func archive(files ...string) string {
	recipe := "mkdir w; cd w; "
	names := ""
	for i := 0; i < len(files); i += 2 {
		recipe += fmt.Sprintf("mkdir -p \"$(dirname '%s')\"; cat >'%s' <<'END'\n%s\nEND\n", files[i], files[i],
			files[i+1])
		names += " '" + files[i] + "'"
	}
	return recipe + "python3 - \"$out\"" + names + ` <<'END'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    for n in sys.argv[2:]:
        b = open(n, "rb").read()
        if n == "mimetype": z.writestr(n, b.strip(), zipfile.ZIP_STORED)
        else: z.writestr(n, b, zipfile.ZIP_DEFLATED)
END
`
}

const (
	types = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/%s" ` +
		`ContentType="application/vnd.openxmlformats-officedocument.%s.main+xml"/></Types>`
	rels = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="%s"/></Relationships>`
	word = `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">` +
		`<w:body><w:p><w:r><w:t>Price list</w:t></w:r></w:p></w:body></w:document>`
	book = `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets/></workbook>`
	odt  = `<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" ` +
		`xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:text>` +
		`<text:p>Price list</text:p></office:text></office:body></office:document>`
	odtManifest = `<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">` +
		`<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>` +
		`<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`
	ooxml = "application/vnd.openxmlformats-officedocument."
)

// documents are office files, texts, archives and what nobody knows.
func documents() (out []sample) {
	add := func(name, ext, recipe, media string, kind dam.Kind, read func(reader) reading) {
		out = append(out, sample{family: "document", name: name, file: "document-" + name + "." + ext, make: recipe,
			media: media, kind: kind, read: read})
	}
	add("docx", "docx",
		archive("[Content_Types].xml", fmt.Sprintf(types, "word/document.xml", "wordprocessingml.document"),
			"_rels/.rels", fmt.Sprintf(rels, "word/document.xml"), "word/document.xml", word),
		ooxml+"wordprocessingml.document", dam.KindDocument, printed)
	add("docx, properties first", "docx", archive("docProps/core.xml", "<x/>", "word/document.xml", word,
		"_rels/.rels", fmt.Sprintf(rels, "word/document.xml"), "[Content_Types].xml",
		fmt.Sprintf(types, "word/document.xml", "wordprocessingml.document")),
		ooxml+"wordprocessingml.document", dam.KindDocument, printed)
	add("xlsx", "xlsx", archive("[Content_Types].xml", fmt.Sprintf(types, "xl/workbook.xml", "spreadsheetml.sheet"),
		"_rels/.rels", fmt.Sprintf(rels, "xl/workbook.xml"), "xl/workbook.xml", book),
		ooxml+"spreadsheetml.sheet", dam.KindDocument, nil)
	add("odt", "odt", archive("mimetype", "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml",
		odtManifest, "content.xml", odt), "application/vnd.oasis.opendocument.text", dam.KindDocument, printed)
	if _, err := exec.LookPath("soffice"); err == nil {
		text := "printf 'Price list\\n' >made.txt; HOME=$PWD soffice --headless -env:UserInstallation=file://$PWD/p " +
			"--convert-to "
		add("doc", "doc", text+"doc:'MS Word 97' made.txt >/dev/null 2>&1", "application/msword", dam.KindDocument,
			printed)
	}
	add("rtf", "rtf", write(`{\rtf1\ansi Price list\par}`), "text/rtf", dam.KindDocument, printed)
	add("text", "txt", "printf 'Price list\\n' >$out", "text/plain", dam.KindDocument, nil)
	add("CSV", "csv", "printf 'sku,name\\n1,Chair\\n2,Table\\n' >$out", "text/csv", dam.KindDocument, nil)
	add("HTML", "html", write("<!DOCTYPE html><title>x</title><p>hello</p>"), "text/html", dam.KindOther, nil)
	add("JSON", "json", write(`{"a": [1, 2, 3]}`), "application/json", dam.KindOther, nil)
	add("zip", "zip", archive("a.txt", "hello", "b/c.txt", "hello"), "application/zip", dam.KindOther, nil)
	add("tar", "tar.gz", "echo hello >a; tar czf $out a", "application/gzip", dam.KindOther, nil)
	add("zeroes", "bin", "head -c 5000 /dev/zero >$out", "application/octet-stream", dam.KindOther, nil)
	return out
}
