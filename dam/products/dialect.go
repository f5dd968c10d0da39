package products

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// headSize is how much of a file's beginning its encoding and its dialect are told by.
const headSize = 64 << 10

// decoded gives a file's text in UTF-8, without a byte order mark. name is a label of the WHATWG encoding standard,
// such as windows-1252; with an empty one the file is UTF-8, or UTF-16 as its first bytes tell. A mark of UTF-16
// decides whatever the name. A file that is neither is refused, with the encoding that it looks like, and so is one
// that has bytes which its encoding has no character for.
func decoded(r io.Reader, name string) (io.Reader, error) {
	head := bufio.NewReaderSize(r, headSize)
	first, err := head.Peek(headSize)
	whole := err != nil // the file has no more
	named := name != ""
	if marked := unicodeEncoding(first); marked != "" && (!named || first[0] >= 0xfe) {
		name = marked
	}
	if name == "" {
		name = "utf-8"
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, dam.InvalidInput("encoding", reasons.NoEncoding(name))
	}
	switch canonical, err := htmlindex.Name(e); {
	case err != nil:
		return nil, err
	case canonical == "utf-8":
		if bytes.HasPrefix(first, []byte("\ufeff")) {
			_, _ = head.Discard(3) // it is there
			first = first[3:]
		}
		if !named && !isUTF8(first, whole) {
			return nil, dam.InvalidInput("encoding", reasons.ImportNotUtf8(likely(first)))
		}
		return head, nil
	case canonical == "utf-16le":
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case canonical == "utf-16be":
		e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return &strict{r: transform.NewReader(head, e.NewDecoder()), name: name}, nil
}

// strict refuses a text in which a decoder has put replacement characters.
type strict struct {
	r    io.Reader
	name string
	tail []byte // the last two bytes, where a replacement character may begin
	err  error
}

func (s *strict) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if bytes.Contains(append(s.tail, p[:n]...), []byte("\ufffd")) {
		s.err = dam.InvalidInput("encoding", reasons.ImportNotInEncoding(s.name))
		return 0, s.err
	}
	s.tail = append(s.tail, p[:n]...)
	s.tail = s.tail[max(0, len(s.tail)-2):]
	return n, err
}

// unicodeEncoding tells UTF-16 by its mark, or by the zero in every other byte of what is mostly Latin; "" for others.
func unicodeEncoding(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return "utf-16le"
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return "utf-16be"
	case len(head) < 4:
		return ""
	}
	n := min(len(head), 512) &^ 1
	var even, odd int
	for i, b := range head[:n] {
		switch {
		case b != 0:
		case i%2 == 0:
			even++
		default:
			odd++
		}
	}
	switch {
	case odd > n/3 && even == 0:
		return "utf-16le"
	case even > n/3 && odd == 0:
		return "utf-16be"
	}
	return ""
}

// isUTF8 allows one bad line behind the first: that is a row's own fault, and said of the row.
func isUTF8(head []byte, whole bool) bool {
	if !whole { // cut off, perhaps within a character
		for i := 1; i < utf8.UTFMax && i < len(head); i++ {
			if c := head[len(head)-i]; utf8.RuneStart(c) {
				if !utf8.FullRune(head[len(head)-i:]) {
					head = head[:len(head)-i]
				}
				break
			}
		}
	}
	end := []byte{'\n'}
	if !bytes.Contains(head, end) {
		end = []byte{'\r'}
	}
	bad := 0
	for i, line := range bytes.Split(head, end) {
		if !utf8.Valid(line) {
			if bad++; i == 0 || bad > 1 {
				return false
			}
		}
	}
	return true
}

// likely is the eight-bit encoding that a file's letters speak for. Accented letters are at 0xc0 and above in
// Windows-1252, between 0x80 and 0x9f in that of the old Macintosh.
func likely(head []byte) string {
	var low, high int
	for _, b := range head {
		switch {
		case b >= 0xc0:
			high++
		case b >= 0x80 && b < 0xa0:
			low++
		}
	}
	if low > high {
		return "macintosh"
	}
	return "windows-1252"
}

// dialect is how a table is written.
type dialect struct {
	comma rune
	// bare is set where lines end in a carriage return alone.
	bare bool
	// decimalComma is set where numbers have a comma before their decimals: in tables that don't separate by one.
	decimalComma bool
}

// dialectOf tells a table's dialect by its beginning, and takes a first line "sep=;" out, as Excel writes it; lines is
// how many were taken.
func dialectOf(r *bufio.Reader) (d dialect, lines int) {
	head, _ := r.Peek(headSize)
	d.bare = !bytes.ContainsRune(head, '\n') && bytes.ContainsRune(head, '\r')
	end := byte('\n')
	if d.bare {
		end = '\r'
	}
	line, _, _ := bytes.Cut(head, []byte{end})
	named := bytes.TrimRight(line, "\r")
	if len(named) == 5 && bytes.EqualFold(named[:4], []byte("sep=")) {
		d.comma = rune(named[4])
		_, _ = r.Discard(min(len(line)+1, len(head)))
		lines = 1
	} else {
		d.comma = separator(line)
	}
	if !strings.ContainsRune(",;\t|", d.comma) {
		d.comma = ','
	}
	d.decimalComma = d.comma != ','
	return d, lines
}

// separator is the one that a line uses most outside quotes.
func separator(line []byte) rune {
	count := map[byte]int{}
	quoted := false
	for _, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case !quoted:
			count[b]++
		}
	}
	best := byte(',')
	for _, b := range []byte(";\t|") {
		if count[b] > count[best] {
			best = b
		}
	}
	return rune(best)
}

// reader reads a table's cells.
func (d dialect) reader(r io.Reader) *csv.Reader {
	if d.bare {
		r = bareLines{r}
	}
	c := csv.NewReader(r)
	c.Comma = d.comma
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	return c
}

// bareLines ends lines by a line feed where they end in a carriage return.
type bareLines struct{ r io.Reader }

func (b bareLines) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

var (
	digits  = regexp.MustCompile(`^[-+]?\d[\d \x{a0}\x{202f}'’.,]*$`)
	grouped = regexp.MustCompile(`^[-+]?\d{1,3}(?:[ \x{a0}\x{202f}'’]\d{3})+(?:[.,]\d+)?$`)
	spaces  = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "")
	// twofold is a thousand to some and one to others.
	twofold = regexp.MustCompile(`^[-+]?[1-9]\d{0,2}[.,]\d{3}$`)
)

// amount writes a table's number with a point before its decimals, and without signs between its thousands. It is false
// for what could be two numbers. What is no number stays as it is.
func (d dialect) amount(cell string) (string, bool) {
	if !digits.MatchString(cell) {
		return cell, true
	}
	if twofold.MatchString(cell) && (d.decimalComma || strings.Contains(cell, ",")) {
		return cell, false
	}
	if grouped.MatchString(cell) {
		cell = spaces.Replace(cell)
	}
	comma, point := strings.LastIndexByte(cell, ','), strings.LastIndexByte(cell, '.')
	switch {
	case comma < 0:
	case point < 0 && d.decimalComma && strings.Count(cell, ",") == 1 && comma < len(cell)-1:
		return strings.Replace(cell, ",", ".", 1), true
	case point >= 0 && comma > point && strings.Count(cell, ",") == 1 && groups(cell[:comma], "."):
		return strings.Replace(strings.ReplaceAll(cell, ".", ""), ",", ".", 1), true
	case point > comma && strings.Count(cell, ".") == 1 && groups(cell[:point], ","):
		return strings.ReplaceAll(cell, ",", ""), true
	}
	return cell, true
}

// groups reports whether a whole number is written in groups of three digits.
func groups(s, sign string) bool {
	for i, part := range strings.Split(strings.TrimLeft(s, "+-"), sign) {
		if i > 0 && len(part) != 3 || i == 0 && (part == "" || len(part) > 3) {
			return false
		}
	}
	return true
}
