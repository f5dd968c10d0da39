package metadata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf16"

	"vitrine/dam"
)

// identifyHead is how much of a file's beginning Identify reads at first, in bytes.
const identifyHead = 64 << 10

// Identify says what a file is as Sniff does, and reads further where the first bytes don't tell: the directory at the
// end of a ZIP or in the middle of an old Office document, the tracks of a film's container, an SVG behind a long
// comment. r is read from its start and left anywhere; the error is r's.
func Identify(r io.ReadSeeker) (mediaType string, kind dam.Kind, err error) {
	f := &seeker{r: r}
	head := f.at(0, identifyHead)
	if f.err != nil {
		return "", "", f.err
	}
	mediaType, kind = Sniff(head)
	deeper := ""
	switch {
	case mediaType == "application/zip":
		deeper = f.inZIP()
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		deeper = f.inCompound(head)
	case kind == dam.KindVideo && len(head) > 8 && (string(head[4:8]) == "ftyp" || mediaType == "video/quicktime"):
		if f.mp4Sound() {
			deeper = "audio/mp4"
		}
	case mediaType == "video/matroska" || mediaType == "video/x-matroska" || mediaType == "video/webm":
		if matroskaSound(head) {
			deeper = strings.Replace(mediaType, "video/", "audio/", 1)
		}
	case mediaType == "application/octet-stream":
		deeper = f.targa(head)
	case len(head) == identifyHead && xmlRoot(head) == maybeSVG:
		if xmlRoot(f.at(0, svgHead)) == isSVG {
			deeper = svgType
		}
	}
	if f.err != nil {
		return "", "", f.err
	}
	if deeper != "" {
		mediaType, kind = deeper, kindOf(deeper)
	}
	return mediaType, kind, nil
}

// seeker reads pieces of a file. The first error of the file itself sticks; its end is none.
type seeker struct {
	r   io.ReadSeeker
	err error
}

// at returns up to n bytes from a place on.
func (f *seeker) at(place int64, n int) []byte {
	if f.err != nil || place < 0 || n <= 0 {
		return nil
	}
	if _, f.err = f.r.Seek(place, io.SeekStart); f.err != nil {
		return nil
	}
	b := make([]byte, n)
	n, err := io.ReadFull(f.r, b)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		f.err = err
	}
	return b[:n]
}

func (f *seeker) size() int64 {
	if f.err != nil {
		return 0
	}
	var n int64
	n, f.err = f.r.Seek(0, io.SeekEnd)
	return n
}

// zipDirectory bounds the directory of a ZIP that is read, in bytes.
const zipDirectory = 4 << 20

// inZIP tells an office document by the names in the directory, whatever its writer has put first.
func (f *seeker) inZIP() string {
	const endSize, entrySize = 22, 46
	le := binary.LittleEndian
	size := f.size()
	from := max(0, size-endSize-1<<16)
	tail := f.at(from, int(size-from))
	end := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if end < 0 || end+endSize > len(tail) {
		return ""
	}
	length, start := int64(le.Uint32(tail[end+12:])), int64(le.Uint32(tail[end+16:]))
	if length > zipDirectory || start > size {
		return ""
	}
	names := map[string]int64{} // where each entry is
	office := ""                // by the first folder that tells
	for d := f.at(start, int(length)); len(d) >= entrySize && string(d[:4]) == "PK\x01\x02"; {
		n := int(le.Uint16(d[28:]))
		next := entrySize + n + int(le.Uint16(d[30:])) + int(le.Uint16(d[32:]))
		if next > len(d) {
			break
		}
		name := string(d[entrySize : entrySize+n])
		names[name] = int64(le.Uint32(d[42:]))
		if folder, _, _ := strings.Cut(name, "/"); office == "" {
			office = officeFolders[folder]
		}
		d = d[next:]
	}
	if _, ooxml := names["[Content_Types].xml"]; ooxml && office != "" {
		return office
	}
	if at, odf := names["mimetype"]; odf { // as OpenDocument and EPUB say it, stored without compression
		entry := f.at(at, 256)
		if len(entry) < 30 || le.Uint16(entry[8:]) != 0 {
			return ""
		}
		body := 30 + int(le.Uint16(entry[26:])) + int(le.Uint16(entry[28:]))
		for _, known := range openDocuments {
			if body < len(entry) && bytes.HasPrefix(entry[body:], []byte(known)) {
				return known
			}
		}
	}
	return ""
}

// officeFolders are the types of Office Open XML, by the folder in which their parts are.
var officeFolders = map[string]string{
	"word": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xl":   "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"ppt":  "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

var openDocuments = [...]string{"application/vnd.oasis.opendocument.text",
	"application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.presentation",
	"application/vnd.oasis.opendocument.graphics", "application/epub+zip"}

// inCompound tells Word, Excel and PowerPoint of before 2007 by the names of the streams in their compound file.
func (f *seeker) inCompound(head []byte) string {
	const headerSize, entrySize, mostSectors = 512, 128, 256
	if len(head) < headerSize {
		return ""
	}
	le := binary.LittleEndian
	shift := le.Uint16(head[30:])
	if shift != 9 && shift != 12 {
		return ""
	}
	sectorSize := 1 << shift
	sector := func(n uint32) []byte { return f.at((int64(n)+1)<<shift, sectorSize) }
	next := func(n uint32) uint32 { // by the table, whose first 109 sectors the header lists
		per := uint32(sectorSize / 4)
		if n/per >= 109 {
			return ^uint32(0)
		}
		table := sector(le.Uint32(head[76+4*(n/per):]))
		if int(n%per)*4+4 > len(table) {
			return ^uint32(0)
		}
		return le.Uint32(table[n%per*4:])
	}
	at := le.Uint32(head[48:])
	for range mostSectors {
		s := sector(at)
		for ; len(s) >= entrySize; s = s[entrySize:] {
			switch n := int(le.Uint16(s[64:])) / 2; streamName(s, n) {
			case "WordDocument":
				return "application/msword"
			case "Workbook", "Book":
				return "application/vnd.ms-excel"
			case "PowerPoint Document":
				return "application/vnd.ms-powerpoint"
			case "VisioDocument":
				return "application/vnd.visio"
			case "__properties_version1.0":
				return "application/vnd.ms-outlook"
			}
		}
		if at = next(at); at >= 0xfffffff0 { // the chain's end
			break
		}
	}
	return ""
}

// streamName is a directory entry's name of n letters, its zero included.
func streamName(entry []byte, n int) string {
	if n < 2 || n > 32 {
		return ""
	}
	units := make([]uint16, n-1)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(entry[2*i:])
	}
	return string(utf16.Decode(units))
}

// mp4Sound says that an MP4 or QuickTime file has sound and no moving picture, by its tracks' handlers.
func (f *seeker) mp4Sound() bool {
	const mostBoxes = 4096
	sound, picture := false, false
	var walk func(from, to int64, depth int)
	boxes := 0
	walk = func(from, to int64, depth int) {
		for from+8 <= to && boxes < mostBoxes && f.err == nil {
			boxes++
			b := f.at(from, 32)
			if len(b) < 8 {
				return
			}
			n, skip := int64(binary.BigEndian.Uint32(b)), int64(8)
			switch {
			case n == 1 && len(b) >= 16:
				n, skip = int64(binary.BigEndian.Uint64(b[8:])), 16
			case n == 0:
				n = to - from
			}
			if n < skip || n > to-from {
				return
			}
			switch kind := string(b[4:8]); {
			case kind == "hdlr" && len(b) >= 20:
				sound = sound || string(b[16:20]) == "soun"
				picture = picture || string(b[16:20]) == "vide"
			case depth < 3 && (kind == "moov" || kind == "trak" || kind == "mdia"):
				walk(from+skip, from+n, depth+1)
			}
			from += n
		}
	}
	walk(0, f.size(), 0)
	return sound && !picture
}

// matroskaSound says that a Matroska or WebM file has sound and no moving picture. Its tracks stand before its
// clusters. A list of tracks that goes on behind head may name a picture there, so that it says nothing.
func matroskaSound(head []byte) bool {
	const segment, tracks, entry, trackType, cluster = 0x18538067, 0x1654AE6B, 0xAE, 0x83, 0x1F43B675
	sound, picture, cut := false, false, false
	var walk func(b []byte)
	walk = func(b []byte) {
		for len(b) > 0 {
			id, n := ebml(b, true)
			if n == 0 {
				return
			}
			size, m := ebml(b[n:], false)
			if m == 0 || id == cluster {
				return
			}
			body := b[n+m:]
			if size < uint64(len(body)) {
				body = body[:size]
			}
			cut = cut || id == tracks && size > uint64(len(body))
			switch id {
			case segment, tracks, entry:
				walk(body)
			case trackType:
				sound = sound || len(body) == 1 && body[0] == 2
				picture = picture || len(body) == 1 && body[0] == 1
			}
			b = b[n+m+len(body):]
		}
	}
	walk(head)
	return sound && !picture && !cut
}

// ebml reads a number of variable length, with its mark (an id) or without; length 0 when there is none. An unknown
// size is the largest.
func ebml(b []byte, mark bool) (v uint64, length int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	length = 1
	for bit := byte(0x80); b[0]&bit == 0; bit >>= 1 {
		length++
	}
	if length > len(b) {
		return 0, 0
	}
	for _, c := range b[:length] {
		v = v<<8 | uint64(c)
	}
	if !mark {
		full := uint64(1)<<(7*length) - 1
		if v &= full; v == full {
			v = 1<<63 - 1
		}
	}
	return v, length
}

// targa tells a TGA, which has no mark at its beginning: by the newer ones' mark at the end, or by a header in which
// everything fits together.
func (f *seeker) targa(head []byte) string {
	const targaType, headerSize = "image/x-tga", 18
	if len(head) < headerSize {
		return ""
	}
	le := binary.LittleEndian
	mapped, compressed := head[2]&7 == 1, head[2]&8 != 0
	width, height := int64(le.Uint16(head[12:])), int64(le.Uint16(head[14:]))
	depth := int64(head[16])
	ok := head[1] <= 1 && (head[1] == 1 || !mapped) && head[2]&^8 >= 1 && head[2]&^8 <= 3 && width > 0 && height > 0 &&
		(depth == 8 || depth == 15 || depth == 16 || depth == 24 || depth == 32) && head[17]>>6 == 0 &&
		(!mapped || depth == 8)
	if !ok {
		return ""
	}
	size := f.size()
	if bytes.Equal(f.at(size-18, 18), []byte("TRUEVISION-XFILE.\x00")) {
		return targaType
	}
	least := headerSize + int64(head[0])
	if head[1] == 1 {
		least += int64(le.Uint16(head[5:])) * int64((head[7]+7)/8)
	} else if le.Uint32(head[3:]) != 0 || head[7]&^0x18 != 0 { // some say the depth of no palette
		return ""
	}
	pixels := width * height * ((depth + 7) / 8)
	if compressed && size > least && size <= least+2*pixels || !compressed && size == least+pixels {
		return targaType
	}
	return ""
}
