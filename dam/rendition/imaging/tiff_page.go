package imaging

import (
	"encoding/binary"
	"fmt"
	"math"

	"vitrine/dam/reasons"
)

// tiffPage is one directory of a TIFF: what its pixels are, and where.
type tiffPage struct {
	order         binary.ByteOrder
	width, height int
	bits          []int // of each sample
	samples       int
	photometric   int
	compression   int
	planar        bool
	format        int // 1 whole numbers, 2 with signs, 3 of floating point
	predictor     int
	fillOrder     int
	fax           int   // options of group 3: 1 two dimensions, 2 not packed, 4 ends of lines on bytes
	extra         []int // what the samples beyond the colours are: 0 unspecified, 1 and 2 transparency
	orientation   int
	reduced       bool // a smaller copy of another page
	white         [2]float64
	palette       []int
	icc           []byte
	rows          int // of a strip
	tile          [2]int
	offsets       []int64
	counts        []int64
	subs          []int64
	next          int64
	swapped       bool // a* and b* are stored the other way than the header says (see icc.LabSigns)
	place         int  // in the chain of directories; -1 for a directory below another
	long          map[int]tiffEntry
}

// tiffEntry is an entry of a directory whose numbers are read only when the page is the one to show.
type tiffEntry struct {
	typ   int
	count int64
	data  []byte
}

// TIFF's numbers for colours.
const (
	tiffWhiteIsZero = 0
	tiffBlackIsZero = 1
	tiffRGB         = 2
	tiffPalette     = 3
	tiffCMYK        = 5
	tiffYCbCr       = 6
	tiffCIELab      = 8
	tiffICCLab      = 9

	tiffMostPages   = 64
	tiffMostEntries = 4096     // of a directory; libtiff refuses more, too
	tiffMostSamples = 64       // of a pixel
	tiffMostColours = 3 << 16  // of a palette
	tiffMostBlocks  = 1 << 20  // strips or tiles
	tiffMostBytes   = 64 << 20 // read of all directories together
)

// colours is how many of the samples are colours; 0 for kinds that are not known here.
func (p *tiffPage) colours() int {
	switch p.photometric {
	case tiffWhiteIsZero, tiffBlackIsZero, tiffPalette:
		return 1
	case tiffRGB, tiffYCbCr, tiffCIELab, tiffICCLab:
		return 3
	case tiffCMYK:
		return 4
	}
	return 0
}

// alpha says whether the sample behind the colours is transparency, and whether the colours are weighted by it.
func (p *tiffPage) alpha() (has, weighted bool) {
	n := p.colours()
	if n == 0 || p.samples <= n || len(p.extra) == 0 {
		return false, false
	}
	return p.extra[0] == 1 || p.extra[0] == 2, p.extra[0] == 1
}

// even is the depth that all samples have, 0 when they differ.
func (p *tiffPage) even() int {
	for _, b := range p.bits {
		if b != p.bits[0] {
			return 0
		}
	}
	return p.bits[0]
}

// lab says that the numbers are CIE L*a*b*, which need no profile.
func (p *tiffPage) lab() bool { return p.photometric == tiffCIELab || p.photometric == tiffICCLab }

// common says that every reader of TIFF gets the page's colours right.
func (p *tiffPage) common() bool {
	bits := p.even()
	gray := p.photometric == tiffWhiteIsZero || p.photometric == tiffBlackIsZero
	_, weighted := p.alpha()
	return p.place == 0 && p.format == 1 && !weighted && p.colours() > 0 && !p.lab() &&
		(bits == 8 || bits == 16 || (gray || p.photometric == tiffPalette) && bits < 8 && p.samples == 1)
}

// changed says what the first revision of the pipeline, which went by the number of samples, got wrong of the page.
func (p *tiffPage) changed() reasons.Reason {
	has, weighted := p.alpha()
	switch {
	case p.lab():
		return reasons.ShownWithoutLab()
	case p.place != 0:
		return reasons.ShownOtherPage()
	case weighted:
		return reasons.ShownWeightedAlpha()
	case p.colours() > 0 && p.photometric != tiffCMYK && p.samples > p.colours() && !has:
		return reasons.ShownChannelAsAlpha()
	case !p.common():
		return reasons.ShownWrongDepth()
	}
	return reasons.Reason{}
}

// simple says that the decoder of golang.org/x/image reads the page and gets its colours right.
func (p *tiffPage) simple(big bool) bool {
	n := p.colours()
	has, _ := p.alpha()
	switch p.compression {
	case 0, 1, 5, 8, 32946, 32773:
		if p.fillOrder == 2 {
			return false
		}
	case 3, 4: // of fax machines, which send the bits in either order
		if p.compression == 3 && p.fax != 0 {
			return false
		}
	default:
		return false
	}
	return !big && p.place == 0 && p.format == 1 && (!p.planar || p.samples == 1) && n > 0 && n < 4 && !p.lab() &&
		p.photometric != tiffYCbCr && (p.samples == n || p.photometric == tiffRGB && p.samples == n+1 && has) &&
		(p.even() == 8 || p.even() == 16 || p.even() == 1 && n == 1)
}

// own says that the page is decoded here.
func (p *tiffPage) own() error {
	bits, n := p.even(), p.colours()
	switch {
	case n == 0 || p.photometric == tiffYCbCr:
		return fmt.Errorf("colours of the kind %d: %w", p.photometric, errVariant)
	case p.samples < n || p.samples > tiffMostSamples || bits < 1:
		return fmt.Errorf("%d samples of %v bits: %w", p.samples, p.bits, errVariant)
	case p.format == 3 && bits != 16 && bits != 24 && bits != 32 && bits != 64 || p.format != 3 && bits > 32,
		p.format < 1 || p.format > 3, p.photometric == tiffPalette && (p.format != 1 || bits > 16):
		return fmt.Errorf("samples of %d bits in the format %d: %w", bits, p.format, errVariant)
	case p.compression != 1 && (p.predictor == 2 && bits != 8 && bits != 16 && bits != 32 || p.predictor == 3 &&
		(p.format != 3 || bits%8 != 0) || p.predictor > 3):
		return fmt.Errorf("predictor %d of %d bits: %w", p.predictor, bits, errVariant)
	case p.fillOrder == 2 && p.compression != 1:
		return fmt.Errorf("bits in the other order: %w", errVariant)
	}
	switch p.compression {
	case 1, 5, 8, 32946, 32773:
		return nil
	}
	return fmt.Errorf("compression %d: %w", p.compression, errVariant)
}

// tiffReader reads directories of TIFF and BigTIFF.
type tiffReader struct {
	*cursor
	order binary.ByteOrder
	big   bool
}

// openTIFF reads a TIFF's beginning and returns where its first directory is.
func openTIFF(c *cursor) (r tiffReader, first int64) {
	r = tiffReader{cursor: c, order: binary.LittleEndian}
	c.seek(0)
	c.bounded, c.room = true, tiffMostBytes
	switch string(c.bytes(4)) {
	case "II*\x00":
	case "MM\x00*":
		r.order = binary.BigEndian
	case "II+\x00":
		r.big = true
	case "MM\x00+":
		r.big, r.order = true, binary.BigEndian
	default:
		if c.err == nil {
			c.err = errDamaged
		}
	}
	if r.big {
		c.skip(4)
	}
	return r, r.word()
}

// word is a place or a number of bytes, of four or eight.
func (r tiffReader) word() int64 {
	if r.big {
		return int64(r.order.Uint64(r.bytes(8)))
	}
	return int64(r.u32(r.order))
}

// tiffSizes are those of a number of each type, in bytes.
var tiffSizes = [...]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}

// raw reads the bytes of an entry's first numbers, at most so many; its data holds them when all of them fit.
func (r tiffReader) raw(e tiffEntry, most int64) (b []byte, size int64) {
	if e.typ < 0 || e.typ >= len(tiffSizes) || tiffSizes[e.typ] == 0 || e.count < 1 || most < 1 {
		return nil, 0
	}
	size = tiffSizes[e.typ]
	data, count := e.data, min(e.count, most)
	if e.count > int64(len(data))/size {
		back := r.pos
		at := int64(r.order.Uint32(data))
		if r.big {
			at = int64(r.order.Uint64(data))
		}
		r.seek(at)
		data = make([]byte, 0, count*size)
		for left := count * size; left > 0 && r.err == nil; left = count*size - int64(len(data)) {
			data = append(data, r.bytes(int(min(left, maxBlob)))...)
		}
		r.seek(back)
		if r.err != nil {
			return nil, 0
		}
	}
	return data[:count*size], size
}

// values reads an entry's first numbers, at most so many.
func (r tiffReader) values(e tiffEntry, most int64) []int64 {
	data, size := r.raw(e, most)
	if size == 0 {
		return nil
	}
	out := make([]int64, int64(len(data))/size)
	for i := range out {
		b := data[int64(i)*size:]
		switch size {
		case 1:
			out[i] = int64(b[0])
		case 2:
			out[i] = int64(r.order.Uint16(b))
		case 4:
			out[i] = int64(r.order.Uint32(b))
		default:
			out[i] = int64(r.order.Uint64(b))
		}
	}
	return out
}

// page reads the directory at a place.
func (r tiffReader) page(at int64) *tiffPage {
	p := &tiffPage{order: r.order, samples: 1, compression: 1, format: 1, predictor: 1, fillOrder: 1, photometric: -1,
		rows: math.MaxInt32, orientation: 1, long: map[int]tiffEntry{}}
	r.seek(at)
	entry, n := 12, 0
	if r.big {
		entry = 20
		n = int(min(uint64(r.word()), 1<<16))
	} else {
		n = r.u16(r.order)
	}
	if n > tiffMostEntries && r.err == nil {
		r.err = errDamaged
	}
	bytesOfBig := 8
	if !r.big {
		bytesOfBig = 4
	}
	for range n {
		e := r.bytes(entry)
		if r.err != nil {
			return p
		}
		count := int64(r.order.Uint32(e[4:]))
		if r.big {
			count = int64(r.order.Uint64(e[4:]))
		}
		p.take(r, int(r.order.Uint16(e)), tiffEntry{int(r.order.Uint16(e[2:])), count, e[len(e)-bytesOfBig:]})
	}
	p.next = r.word()
	if p.rows < 1 { // 2³²-1 says that there is one strip
		p.rows = math.MaxInt32
	}
	if len(p.bits) == 0 {
		p.bits = []int{1}
	}
	if p.photometric < 0 && r.err == nil {
		p.photometric = tiffBlackIsZero
	}
	return p
}

// ints reads an entry's first numbers, at most so many.
func (r tiffReader) ints(e tiffEntry, most int64) []int {
	v := r.values(e, most)
	out := make([]int, len(v))
	for i := range v {
		out[i] = int(v[i])
	}
	return out
}

// grid is the size of a strip or tile, how many there are of them across and down, and in how many planes.
func (p *tiffPage) grid() (bw, bh, across, down, planes int, err error) {
	bw, bh, planes = p.width, min(p.rows, p.height), 1
	if p.tile[0] > 0 {
		bw, bh = p.tile[0], p.tile[1]
	}
	if p.planar {
		planes = min(p.samples, p.colours()+1)
	}
	if bw < 1 || bh < 1 || bw > 1<<20 || bh > 1<<24 {
		return 0, 0, 0, 0, 0, errDamaged
	}
	return bw, bh, (p.width + bw - 1) / bw, (p.height + bh - 1) / bh, planes, nil
}

// finish reads what is long of the page to show, and no more of it than the page can need.
func (r tiffReader) finish(p *tiffPage) {
	need := int64(0)
	if _, _, across, down, planes, err := p.grid(); err == nil {
		need = min(int64(across)*int64(down), tiffMostBlocks) * int64(planes)
	}
	for tag, e := range p.long {
		switch tag {
		case tagStrips:
			p.offsets = r.values(e, min(need, tiffMostBlocks))
		case tagStripBytes:
			p.counts = r.values(e, min(need, tiffMostBlocks))
		case tagColours:
			p.palette = r.ints(e, tiffMostColours)
		case tagICC:
			if e.count <= maxBlob {
				e.typ = 7
				p.icc, _ = r.raw(e, maxBlob)
			}
		}
	}
	p.long = nil
}

// take notes an entry.
func (p *tiffPage) take(r tiffReader, tag int, e tiffEntry) {
	first := func(to *int) {
		if v := r.values(e, 1); len(v) > 0 {
			*to = int(int32(v[0]))
		}
	}
	switch tag {
	case 254:
		var v int
		first(&v)
		p.reduced = v&1 != 0
	case tagWidth:
		first(&p.width)
	case tagHeight:
		first(&p.height)
	case 258:
		p.bits = r.ints(e, tiffMostSamples)
	case 259:
		first(&p.compression)
		p.compression &= 0xffff
	case 262:
		first(&p.photometric)
	case 266:
		first(&p.fillOrder)
	case tagStrips, tagStripBytes, tagColours, tagICC:
		p.long[tag] = e
	case 324:
		p.long[tagStrips] = e
	case 325:
		p.long[tagStripBytes] = e
	case tagOrientation:
		first(&p.orientation)
	case 277:
		first(&p.samples)
	case 278:
		first(&p.rows)
	case 284:
		var v int
		first(&v)
		p.planar = v == 2
	case 292:
		first(&p.fax)
	case 317:
		first(&p.predictor)
	case 318:
		e.typ = 5
		if v := r.values(e, 2); len(v) == 2 {
			p.white = [2]float64{rational(r.order, v[0]), rational(r.order, v[1])}
		}
	case 322:
		first(&p.tile[0])
	case 323:
		first(&p.tile[1])
	case 330:
		p.subs = r.values(e, tiffMostPages)
	case tagExtraSamples:
		p.extra = r.ints(e, tiffMostSamples)
	case 339:
		first(&p.format)
	}
}

// rational is a fraction whose two numbers were read as one of eight bytes.
func rational(order binary.ByteOrder, v int64) float64 {
	a, b := uint32(v>>32), uint32(v)
	if order == binary.LittleEndian {
		a, b = b, a
	}
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// readTIFF returns the page to show and how many pages there are.
func readTIFF(c *cursor) (p *tiffPage, big bool, pages int) {
	r, at := openTIFF(c)
	if p, pages = r.choose(at); c.err == nil {
		r.finish(p)
	}
	return p, r.big, pages
}

// choose returns the page to show, the first that is no smaller copy of another, and how many such there are in the
// chain that begins there.
func (r tiffReader) choose(at int64) (p *tiffPage, pages int) {
	c := r.cursor
	var first *tiffPage
	seen := map[int64]bool{}
	for n := 0; at != 0 && c.err == nil && n < tiffMostPages && !seen[at]; n++ {
		seen[at] = true
		one := r.page(at)
		one.place = n
		if c.err != nil {
			if first != nil { // the rest of the chain is lost
				c.err = nil
				break
			}
			return one, 0
		}
		if first == nil {
			first = one
		}
		if !one.reduced {
			if pages++; p == nil {
				p = one
			}
		}
		at = one.next
	}
	if p == nil && first != nil { // all of them say they are smaller: the full one is below the first
		pages = 1
		for _, at := range first.subs {
			if one := r.page(at); c.err == nil && !one.reduced {
				one.place = -1
				return one, pages
			}
			c.err = nil
		}
		p = first
	}
	if p == nil {
		p = &tiffPage{bits: []int{1}}
		if c.err == nil {
			c.err = errDamaged
		}
	}
	return p, pages
}

func parseTIFF(c *cursor, h *header) error {
	p, big, pages := readTIFF(c)
	if c.err != nil {
		return c.err
	}
	h.page, h.big = p, big
	h.Width, h.Height, h.Orientation, h.icc = p.width, p.height, p.orientation, p.icc
	h.HasAlpha, _ = p.alpha()
	if h.cmyk = p.photometric == tiffCMYK; h.cmyk {
		h.HasAlpha = false
		h.Note = h.Note.And(reasons.CmykApproximate())
	}
	h.Portable = !p.common() && (p.simple(big) || p.own() == nil)
	if h.Changed = p.changed(); !h.Changed.IsZero() {
		h.Revision = 2
	}
	if p.lab() {
		h.icc = nil
	}
	if pages > 1 {
		h.Note = h.Note.And(reasons.FirstPageOnly())
	}
	return nil
}
