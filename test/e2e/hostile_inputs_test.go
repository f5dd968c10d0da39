package e2e

import (
	"bytes"
	"compress/gzip"
	bits "encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
)

// hostileNames are 300 names of files, tags and collections that broke something somewhere: separators, devices,
// controls, directions, normal forms, quoting, lengths, templates.
func hostileNames() (out []string) {
	base := []string{"..", ".", "../../etc/passwd", `..\..\windows\win.ini`, "/etc/passwd", `C:\x`, "a/b", `a\b`,
		"~root", "-rf", "--help", "CON", "aux.jpg", "NUL", "COM1.txt", "a:b", "a::$DATA", "%2e%2e%2f", "..%c0%af",
		"a\x00b", "a\nb", "a\r\nSet-Cookie: x=1", "a\tb", "\x1b[2J", "\x7f",
		"photo\u202egpj.exe", "\u2066a\u2069", "\u200b", "\u200d", "\ufeff", "a\u00adb", "é", "e\u0301", "\u0000",
		"\ufffd", "\xff\xfe", "\xc0\xaf", "\xed\xa0\x80", "👩‍👩‍👧‍👦", "🏳️‍🌈", "Z͑ͫ̓a̴l̶g̵o̷", "ﷺ", "İ", "ß", "ǅ", "K",
		"Å", "ｆｕｌｌ", "مرحبا", "日本語.jpg", "𝕳", "\U0010ffff", "\ue000",
		"'", `"`, "`", "';--", `" OR ""="`, "1; DROP TABLE assets", "${jndi:ldap://x}", "{{7*7}}", "<%= 1 %>", "$(id)",
		"`id`", "|id", "&&id", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "javascript:alert(1)",
		"=cmd|' /C calc'!A0", "+1", "@SUM(1)", "%s%s%n", "%00", "&lt;", "]]>", "<!--", "*/", "null", "undefined",
		"true", "NaN", "0", "-1", "1e309", "[object Object]", "constructor", "__proto__", "toString", "", " ", "  a  ",
		"a ", "a.", ".htaccess", "web.config", ".jpg", "jpg", "a..jpg", "x.jpg.exe", "x.php", "x.jpg;.php",
		"x.svg", "x.html"}
	out = append(out, base...)
	for _, b := range base[:75] {
		out = append(out, b+".jpg", strings.Repeat(b+"_", 9))
	}
	for _, n := range []int{100, 200, 255, 256, 300, 1000, 5000, 60000} {
		out = append(out, strings.Repeat("a", n), strings.Repeat("é", n), strings.Repeat("a", n)+".jpg",
			strings.Repeat("a\u0301", n/2+1), strings.Repeat("../", n/3+1)+"x")
	}
	for len(out) < 300 {
		out = append(out, fmt.Sprintf("%c%c%c.jpg", rune(1+len(out)%31), rune(0x2000+len(out)%112),
			rune(0xfff0+len(out)%14)))
	}
	return out[:300]
}

// marker is in everything active: no answer may carry it as something that a browser runs.
const marker = "alert('vitrine-hostile')"

// activeContents are 120 files with something in them that a browser, a viewer or a converter might run: 20 kinds under
// 6 names.
func activeContents() map[string][]byte {
	script := "<script>" + marker + "</script>"
	svg := func(inner string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20">` + inner + `</svg>`
	}
	kinds := map[string]string{
		"html": "<!DOCTYPE html><html><body>" + script + "</body></html>", "htmlbare": script,
		"xhtml":     `<html xmlns="http://www.w3.org/1999/xhtml">` + script + "</html>",
		"svgscript": svg(script), "svgonload": svg(`<rect width="9" height="9" onload="` + marker + `"/>`),
		"svgforeign": svg(`<foreignObject><body xmlns="http://www.w3.org/1999/xhtml">` + script +
			`</body></foreignObject>`),
		"svghref":    svg(`<a xlink:href="javascript:` + marker + `"><rect width="9" height="9"/></a>`),
		"svguse":     svg(`<use xlink:href="data:image/svg+xml;base64,PHN2Zz4=#x"/>` + script),
		"svgimage":   svg(`<image xlink:href="file:///etc/passwd" width="9" height="9"/>` + script),
		"svgentity":  `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + svg("<text>&x;</text>"+script),
		"svgstyle":   svg(`<style>@import url("http://127.0.0.1:1/x");</style>` + script),
		"svghandler": svg(`<set attributeName="onmouseover" to="` + marker + `"/>`),
		"xml":        `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#s"?><x>` + script + "</x>",
		"xslt": `<?xml version="1.0"?><xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">` +
			script + `</xsl:stylesheet>`,
		"pdf": "%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(" + marker +
			")>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
		"pdfuri": "%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/URI/URI(javascript:" + marker +
			")>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
		"gifjs": "GIF89a/*\x01\x00\x01\x00*/=1;" + marker + ";//\x00;", "jpeghtml": "\xff\xd8\xff\xfe\x00\x40" +
			script + "\xff\xd9", "pnghtml": "\x89PNG\r\n\x1a\n" + script,
		"mhtml": "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: " +
			"text/html\r\n\r\n" + script,
	}
	out := map[string][]byte{}
	for kind, text := range kinds {
		for _, ext := range []string{"jpg", "svg", "html", "pdf", "txt", "xml"} {
			out[kind+"."+ext] = []byte(text + "<!-- " + kind + ext + " -->")
		}
	}
	return out
}

// bombs are 60 inputs that say they are small and want a lot: pixels, frames, entities, nesting, ratios.
func bombs() map[string][]byte {
	out := map[string][]byte{}
	chunk := func(name string, data []byte) []byte {
		b := bits.BigEndian.AppendUint32(nil, uint32(len(data)))
		b = append(append(b, name...), data...)
		return bits.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	zipped := func(n int, with string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		for range n {
			_, _ = z.Write([]byte(with)) // into memory
		}
		_ = z.Close()
		return b.Bytes()
	}
	for i, side := range []uint32{1 << 14, 1 << 15, 1 << 16, 1 << 20, 1 << 24, 1<<31 - 1} {
		size := bits.BigEndian.AppendUint32(bits.BigEndian.AppendUint32(nil, side), side)
		png := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(size, 8, 6, 0, 0, 0))...)
		out[fmt.Sprintf("png%d.png", i)] = append(append(png,
			chunk("IDAT", []byte("x\x9c\x03\x00\x00\x00\x00\x01"))...), chunk("IEND", nil)...)
		out[fmt.Sprintf("apng%d.png", i)] = append(append(bytes.Clone(png),
			chunk("acTL", []byte("\x7f\xff\xff\xff\x00\x00\x00\x00"))...), chunk("IEND", nil)...)
		low := bits.LittleEndian.AppendUint16(bits.LittleEndian.AppendUint16(nil, uint16(side-1)), uint16(side-1))
		out[fmt.Sprintf("gif%d.gif", i)] = append(append([]byte("GIF89a"), low...),
			[]byte("\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02\x44\x01\x00;")...)
		out[fmt.Sprintf("bmp%d.bmp",
			i)] = append([]byte("BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"),
			append(bits.LittleEndian.AppendUint32(bits.LittleEndian.AppendUint32(nil, side), side),
				[]byte(
					"\x01\x00\x18\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"+
						"\x00\x00\x00\x00")...)...)
		out[fmt.Sprintf("svg%d.svg", i)] = fmt.Appendf(nil,
			`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d"><rect width="100%%" height="100%%"/></svg>`,
			side, side)
		out[fmt.Sprintf("tiff%d.tif",
			i)] = append([]byte("II*\x00\x08\x00\x00\x00\x02\x00\x00\x01\x04\x00\x01\x00\x00\x00"),
			append(bits.LittleEndian.AppendUint32(nil, side),
				[]byte("\x01\x01\x04\x00\x01\x00\x00\x00\xff\xff\xff\x7f\x08\x00\x00\x00")...)...)
		out[fmt.Sprintf("nested%d.svg", i)] = []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">` +
			strings.Repeat("<g>", 2000*(i+1)) + strings.Repeat("</g>", 2000*(i+1)) + `</svg>`)
		var entities strings.Builder
		for j := range 6 + i {
			fmt.Fprintf(&entities, `<!ENTITY e%d "%s">`, j+1, strings.Repeat(fmt.Sprintf("&e%d;", j), 10))
		}
		out[fmt.Sprintf("entities%d.svg", i)] = fmt.Appendf(nil,
			`<!DOCTYPE svg [<!ENTITY e0 "lol">%s]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&e%d;</text></svg>`, entities.String(), 6+i)
		out[fmt.Sprintf("uses%d.svg", i)] = []byte(usesBomb(2 + 2*i))
		out[fmt.Sprintf("zip%d.svgz", i)] = zipped(64<<i, strings.Repeat(" ", 1<<10))
	}
	return out
}

// usesBomb refers to what refers to what … twice each time.
func usesBomb(depth int) string {
	var b strings.Builder
	b.WriteString(
		`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><defs><g id="a0"><rect width="1" height="1"/></g>`)
	for i := range depth {
		fmt.Fprintf(&b, `<g id="a%d">%s</g>`, i+1, strings.Repeat(fmt.Sprintf(`<use xlink:href="#a%d"/>`, i), 10))
	}
	fmt.Fprintf(&b, `</defs><use xlink:href="#a%d"/></svg>`, depth)
	return b.String()
}

// insideAddresses are 60 ways to write a URL that leads into this machine, its networks or its cloud's metadata; %s is
// a port of a listener here.
func insideAddresses() []string {
	var out []string
	for _, host := range []string{"127.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001",
		"2130706433", "017700000001", "0", "0.0.0.0", "127.0.0.2", "127.255.255.254", "localhost", "LOCALHOST",
		"localhost.", "x.localhost", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
		"[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]",
		"①②⑦.⓪.⓪.①", "127。0。0。1", "127.0.0.1.", "[::1%25lo]"} {
		out = append(out, "http://"+host+":%s/")
	}
	return append(out, "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://100.100.100.200/",
		"http://192.0.0.192/", "http://168.63.129.16/", "http://[::ffff:169.254.169.254]/", "http://2852039166/",
		"http://0xa9fea9fe/", "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:a9fe:a9fe::]/", "http://10.0.0.1/",
		"http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/",
		"http://100.64.0.1/",
		"http://198.18.0.1/", "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/", "http://[fc00::1]/",
		"http://[ff02::1]/", "http://[::ffff:0:127.0.0.1]/", "file:///etc/passwd", "gopher://127.0.0.1:%s/",
		"ftp://127.0.0.1:%s/", "http://user@127.0.0.1:%s/", "http://example.com@127.0.0.1:%s/",
		"http://127.0.0.1:%s#@example.com/", "//127.0.0.1:%s/")
}
