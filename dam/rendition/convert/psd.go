package convert

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/icc"
)

const photoshop = "image/vnd.adobe.photoshop"

// Photoshop's modes of colour.
const (
	psdBitmap  = 0
	psdGray    = 1
	psdIndexed = 2
	psdRGB     = 3
	psdCMYK    = 4
	psdDuotone = 8
	psdLab     = 9
)

// psdFile is a Photoshop document, and where its composite is: the flattened picture that layered files carry for
// programs without layers.
type psdFile struct {
	large         bool // PSB
	channels      int
	width, height int
	depth, mode   int
	palette       []byte
	icc           []byte
	transparent   bool // the first channel behind the colours is the composite's transparency, not a saved selection
	swapped       bool // a* and b* are stored with a sign (see icc.LabSigns)
	mixed         bool // the composite is laid on white, as Photoshop does
	packed        bool // in runs
	deflated      bool
	predicted     bool // numbers are differences to their neighbours
	pixels        int64
	lengths       []int64 // of the composite's rows, channel by channel
	places        []int64
}

const (
	// maxProfile bounds an ICC profile, in bytes.
	maxProfile = 4 << 20
	// maxBlocks and maxResources bound how far a profile, and a sign of transparency, are searched for: many small
	// blocks would be walked for minutes. Photoshop writes some dozens, thumbnails and metadata among them.
	maxBlocks    = 10_000
	maxResources = 64 << 20 // bytes
)

func psdError(code dam.Code, cause error) error {
	if code == dam.Unsupported {
		return &dam.Error{Code: code, Reason: reasons.VariantNotDecoded("PSD"), Err: cause}
	}
	return &dam.Error{Code: code, Reason: reasons.PictureDamagedExportAgain("PSD"), Err: cause}
}

// psdCursor reads Photoshop's numbers; the first error sticks.
type psdCursor struct {
	r   io.ReadSeeker
	err error
}

func (c *psdCursor) bytes(n int64) []byte {
	if c.err == nil && (n < 0 || n > maxProfile) {
		c.err = errors.New("a block of an impossible size")
	}
	if c.err != nil {
		return make([]byte, 32)
	}
	b := make([]byte, max(n, 32))
	_, c.err = io.ReadFull(c.r, b[:n])
	return b[:n]
}

func (c *psdCursor) u16() int   { return int(binary.BigEndian.Uint16(c.bytes(2))) }
func (c *psdCursor) u32() int64 { return int64(binary.BigEndian.Uint32(c.bytes(4))) }

func (c *psdCursor) length(large bool) int64 {
	if !large {
		return c.u32()
	}
	n := binary.BigEndian.Uint64(c.bytes(8))
	if n > math.MaxInt64/2 && c.err == nil {
		c.err = errors.New("a section of an impossible size")
	}
	return int64(n) //nolint:gosec // checked
}

func (c *psdCursor) at() int64 {
	if c.err != nil {
		return 0
	}
	var n int64
	n, c.err = c.r.Seek(0, io.SeekCurrent)
	return n
}

func (c *psdCursor) to(place int64) {
	if c.err == nil {
		_, c.err = c.r.Seek(place, io.SeekStart)
	}
}

// survived is Protect for what reads a file that is not trusted: where it panics, the file is damaged.
func survived(f func() error) error {
	err := dam.Protect("convert: psd", f)
	if errors.Is(err, dam.ErrPanic) {
		return psdError(dam.Invalid, err)
	}
	return err
}

// readPSD reads all but the composite's pixels.
func readPSD(ctx context.Context, src io.ReadSeeker) (p *psdFile, err error) {
	err = survived(func() (err error) {
		p, err = parsePSD(ctx, src)
		return err
	})
	return p, err
}

func parsePSD(ctx context.Context, src io.ReadSeeker) (*psdFile, error) {
	c := &psdCursor{r: src}
	c.to(0)
	head := c.bytes(26)
	be := binary.BigEndian
	p := &psdFile{large: be.Uint16(head[4:]) == 2, channels: int(be.Uint16(head[12:])),
		height: int(be.Uint32(head[14:])),
		width:  int(be.Uint32(head[18:])), depth: int(be.Uint16(head[22:])), mode: int(be.Uint16(head[24:]))}
	if c.err == nil && (p.width < 1 || p.height < 1 || p.width > 300_000 || p.height > 300_000 || p.channels < 1 ||
		p.channels > 56) {
		c.err = errors.New("a header without a picture")
	}
	if n := c.u32(); n == 768 && p.mode == psdIndexed {
		p.palette = c.bytes(n)
	} else {
		c.to(c.at() + n)
	}
	resources := c.u32()
	end := c.at() + resources
	last := min(end, c.at()+maxResources)
	for n := 0; n < maxBlocks && c.err == nil && ctx.Err() == nil && c.at()+12 <= last; n++ {
		c.bytes(4)
		id, name := c.u16(), int64(c.bytes(1)[0])
		c.to(c.at() + name + (name+1)%2)
		n := c.u32()
		next := c.at() + n + n%2
		if id == 0x040f && n <= maxProfile {
			p.icc = c.bytes(n)
		}
		c.to(next)
	}
	c.to(end)
	layers := c.length(p.large)
	end = c.at() + layers
	if layers > 0 {
		p.transparent = mergedAlpha(ctx, c, p.large, end)
	}
	c.to(end)
	compression := c.u16()
	p.pixels = c.at()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.err != nil {
		return nil, psdError(dam.Invalid, c.err)
	}
	switch {
	case compression > 3:
		return p, psdError(dam.Unsupported, fmt.Errorf("a composite of the compression %d", compression))
	case p.colours() == 0 || p.channels < p.colours():
		return p, psdError(dam.Unsupported, fmt.Errorf("mode %d with %d channels", p.mode, p.channels))
	case !p.knownDepth():
		return p, psdError(dam.Unsupported, fmt.Errorf("mode %d of %d bits", p.mode, p.depth))
	}
	p.packed, p.deflated, p.predicted = compression == 1, compression > 1, compression == 3
	return p, p.index(ctx, c)
}

// wideBlocks have lengths of eight bytes in large documents.
var wideBlocks = [...]string{"LMsk", "Lr16", "Lr32", "Layr", "Mt16", "Mt32", "Mtrn", "Alph", "FMsk", "FEid", "FXid",
	"PxSD", "cinf", "extd", "lnk2"}

// mergedAlpha says whether the composite's transparency is saved with it: then the number of layers is below zero, or,
// where the layers of deeper files are kept elsewhere, a block of that name is there.
func mergedAlpha(ctx context.Context, c *psdCursor, large bool, end int64) bool {
	n := c.length(large)
	next := c.at() + n
	if n >= 2 && int16(c.u16()) < 0 {
		return true
	}
	c.to(next)
	if c.at()+4 > end {
		return false
	}
	c.to(c.at() + 4 + c.u32()) // the mask of all layers
	for blocks := 0; blocks < maxBlocks && c.err == nil && ctx.Err() == nil && c.at()+12 <= end; blocks++ {
		sign, key := string(c.bytes(4)), string(c.bytes(4))
		if sign != "8BIM" && sign != "8B64" {
			break
		}
		wide := large && slices.Contains(wideBlocks[:], key)
		n := c.length(wide)
		next := c.at() + (n+3)/4*4
		switch key {
		case "Mtrn", "Mt16", "Mt32":
			c.err = nil
			return true
		case "Lr16", "Lr32", "Layr":
			if n >= 2 && int16(c.u16()) < 0 {
				return true
			}
		}
		c.to(next)
	}
	c.err = nil // what is behind it is found by the section's length
	return false
}

// colours is how many channels are colours; 0 for modes that are not known.
func (p *psdFile) colours() int {
	switch p.mode {
	case psdBitmap, psdGray, psdIndexed, psdDuotone:
		return 1
	case psdRGB, psdLab:
		return 3
	case psdCMYK:
		return 4
	}
	return 0
}

// knownDepth says whether the mode has samples of that many bits.
func (p *psdFile) knownDepth() bool {
	switch p.mode {
	case psdBitmap:
		return p.depth == 1
	case psdIndexed:
		return p.depth == 8
	case psdLab:
		return p.depth == 8 || p.depth == 16
	}
	return p.depth == 8 || p.depth == 16 || p.depth == 32
}

func (p *psdFile) alpha() bool {
	switch p.mode {
	case psdBitmap, psdIndexed, psdCMYK:
		return false
	}
	return p.transparent && p.channels > p.colours()
}

func (p *psdFile) rowSize() int { return (p.width*p.depth + 7) / 8 }

// index finds the rows of the channels that are shown.
func (p *psdFile) index(ctx context.Context, c *psdCursor) error {
	rows := p.height * p.channels
	at := p.pixels
	if !p.packed {
		for range min(p.channels, p.colours()+1) * p.height {
			p.places, p.lengths = append(p.places, at), append(p.lengths, int64(p.rowSize()))
			at += int64(p.rowSize())
		}
		return nil
	}
	width := 2
	if p.large {
		width = 4
	}
	at += int64(rows * width)
	for left := min(p.channels, p.colours()+1) * p.height; left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(left, 1<<16)
		b := c.bytes(int64(n * width))
		if c.err != nil {
			return psdError(dam.Invalid, c.err)
		}
		for i := range n {
			size := int64(binary.BigEndian.Uint16(b[i*width:]))
			if p.large {
				size = int64(binary.BigEndian.Uint32(b[i*width:]))
			}
			p.places, p.lengths = append(p.places, at), append(p.lengths, size)
			at += size
		}
		left -= n
	}
	return nil
}

// info is what the header says.
func (p *psdFile) info(info *rendition.Info) {
	info.Width, info.Height, info.HasAlpha = p.width, p.height, p.alpha()
	// ffmpeg, which read these files first, passed over all but three channels of 8 bits.
	if p.mode != psdRGB || p.depth != 8 || p.channels != 3 || p.icc != nil {
		info.Revision, info.Changed = 2, reasons.ShownWithoutPhotoshop()
	}
	if profile, _ := icc.Parse(p.icc); profile != nil {
		info.Profile = profile.Name
	}
}

// row reads one row of a channel.
func (p *psdFile) row(src io.ReadSeeker, channel, y int, out []byte) error {
	i := channel*p.height + y
	if _, err := src.Seek(p.places[i], io.SeekStart); err != nil {
		return err
	}
	if !p.packed {
		_, err := io.ReadFull(src, out)
		return err
	}
	if p.lengths[i] > int64(2*len(out)+64) {
		return errors.New("a row that is longer than it can be")
	}
	in := make([]byte, p.lengths[i])
	if _, err := io.ReadFull(src, in); err != nil {
		return err
	}
	at := 0
	for len(in) > 1 && at < len(out) {
		n := int(int8(in[0]))
		in = in[1:]
		switch {
		case n >= 0:
			k := copy(out[at:], in[:min(n+1, len(in))])
			at, in = at+k, in[min(n+1, len(in)):]
		case n > -128:
			for k := min(1-n, len(out)-at); k > 0; k-- {
				out[at] = in[0]
				at++
			}
			in = in[1:]
		}
	}
	if at < len(out) {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// tiffRows is how many rows are in a strip of what is written.
const tiffRows = 16

// flatten writes the composite as a TIFF, whose colours every engine knows what to make of: inks as they are printed,
// L*a*b* and palettes as sRGB, transparency without the white that Photoshop has mixed it with. The profile goes along.
func (p *psdFile) flatten(ctx context.Context, src io.ReadSeeker, dst io.Writer) error {
	return survived(func() error { return p.write(ctx, src, dst) })
}

func (p *psdFile) write(ctx context.Context, src io.ReadSeeker, dst io.Writer) error {
	n, depth, photometric, profile := p.colours(), max(p.depth, 8), 2, p.icc
	out := n
	switch p.mode {
	case psdBitmap, psdGray, psdDuotone:
		photometric = 1
		if p.mode == psdDuotone {
			profile = nil
		}
	case psdIndexed:
		out = 3
	case psdCMYK:
		photometric = 5
	case psdLab:
		depth, profile = 8, nil
	}
	used := n
	if p.alpha() {
		out, used = out+1, used+1
	}
	pixel := out * depth / 8
	if err := p.header(dst, photometric, depth, out, profile); err != nil {
		return err
	}
	if p.alpha() && p.mode != psdLab {
		var err error
		if p.mixed, err = p.onWhite(src); err != nil {
			return psdError(dam.Invalid, err)
		}
	}
	lab := icc.FromLab(0, 0)
	if p.mode == psdLab {
		var signs icc.LabSigns
		err := p.sample(src, n, func(in [][]byte, x int) {
			signs.Add(p.labOf(in, x))
		})
		if err != nil {
			return psdError(dam.Invalid, err)
		}
		p.swapped = signs.Swapped()
	}
	line := make([]byte, p.width*pixel)
	in := make([][]byte, used)
	for i := range in {
		in[i] = make([]byte, p.rowSize())
	}
	for y := range p.height {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range in {
			if err := p.row(src, i, y, in[i]); err != nil {
				return psdError(dam.Invalid, err)
			}
		}
		for x := range p.width {
			p.pixel(line[x*pixel:(x+1)*pixel], in, x, lab)
		}
		if _, err := dst.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// onWhite says whether the composite's colours are laid on white, as Photoshop's are: then none is darker than what of
// the white is seen through it. Other programs write them as they are.
func (p *psdFile) onWhite(src io.ReadSeeker) (bool, error) {
	const slack, share = 0.012, 100 // of 1; one pixel of so many may be wrong
	n := p.colours()
	through, wrong := 0, 0
	err := p.sample(src, n+1, func(in [][]byte, x int) {
		a := p.fraction(in[n], x)
		if a >= 1 {
			return
		}
		through++
		for i := range n {
			if p.fraction(in[i], x) < 1-a-slack {
				wrong++
				break
			}
		}
	})
	return wrong*share <= through, err
}

// sample visits the pixels of at most 256 rows, with so many channels.
func (p *psdFile) sample(src io.ReadSeeker, channels int, visit func(in [][]byte, x int)) error {
	in := make([][]byte, channels)
	for i := range in {
		in[i] = make([]byte, p.rowSize())
	}
	for y := 0; y < p.height; y += max(1, p.height/256) {
		for i := range in {
			if err := p.row(src, i, y, in[i]); err != nil {
				return err
			}
		}
		for x := range p.width {
			visit(in, x)
		}
	}
	return nil
}

// labOf is a pixel's L* (0–100), a* and b*.
func (p *psdFile) labOf(in [][]byte, x int) (l, a, b float64) {
	v := func(i int) float64 { return p.fraction(in[i], x) }
	l, a, b = v(0)*100, v(1)*255-128, v(2)*255-128
	if p.swapped {
		a, b = icc.SwapSign(a), icc.SwapSign(b)
	}
	return l, a, b
}

// pixel writes one pixel.
func (p *psdFile) pixel(out []byte, in [][]byte, x int, lab func(l, a, b float64) (uint8, uint8, uint8)) {
	n, size := p.colours(), p.depth/8
	switch p.mode {
	case psdBitmap:
		out[0] = 0xff * (1 - in[0][x/8]>>(7-x%8)&1)
		return
	case psdIndexed:
		if len(p.palette) == 768 {
			v := int(in[0][x])
			out[0], out[1], out[2] = p.palette[v], p.palette[256+v], p.palette[512+v]
		}
		return
	case psdLab:
		out[0], out[1], out[2] = lab(p.labOf(in, x))
		if p.alpha() {
			a := p.fraction(in[n], x)
			for i := range 3 {
				out[i] = uint8(unmix(float64(out[i])/255, a)*255 + 0.5)
			}
			out[3] = uint8(a*255 + 0.5)
		}
		return
	}
	for i := range in {
		copy(out[i*size:], in[i][x*size:(x+1)*size])
	}
	switch {
	case p.mode == psdCMYK: // 255 is no ink
		for i := range out {
			out[i] ^= 0xff
		}
	case p.alpha():
		a := p.fraction(in[n], x)
		for i := range n {
			v := p.fraction(in[i], x)
			if !p.mixed {
				break
			}
			v = unmix(v, a)
			switch p.depth {
			case 8:
				out[i] = uint8(v*255 + 0.5)
			case 16:
				binary.BigEndian.PutUint16(out[2*i:], uint16(v*65535+0.5))
			default:
				binary.BigEndian.PutUint32(out[4*i:], math.Float32bits(float32(v)))
			}
		}
	}
}

// fraction is a number of a row, 0–1.
func (p *psdFile) fraction(row []byte, x int) float64 {
	switch p.depth {
	case 8:
		return float64(row[x]) / 255
	case 16:
		return float64(binary.BigEndian.Uint16(row[2*x:])) / 65535
	}
	return float64(math.Float32frombits(binary.BigEndian.Uint32(row[4*x:])))
}

// unmix takes the white out of a colour that was laid on it.
func unmix(v, alpha float64) float64 {
	if alpha <= 0 {
		return 1
	}
	return min(max(1-(1-v)/alpha, 0), 1)
}

// header writes all of a TIFF but its pixels.
func (p *psdFile) header(dst io.Writer, photometric, depth, samples int, profile []byte) error {
	be := binary.BigEndian
	strips := (p.height + tiffRows - 1) / tiffRows
	rowSize := int64(p.width * samples * depth / 8)
	if rowSize*int64(p.height) > math.MaxUint32-1<<24 {
		return &dam.Error{Code: dam.TooLarge, Reason: reasons.PictureOverPixelLimit(int64(p.width)*int64(p.height)/1e6,
			rendition.DefaultMaxPixels/1e6)}
	}
	type entry struct {
		tag, kind uint16
		values    []uint32
	}
	format := uint32(1)
	if depth == 32 {
		format = 3
	}
	same := func(v uint32) []uint32 {
		list := make([]uint32, samples)
		for i := range list {
			list[i] = v
		}
		return list
	}
	list := []entry{{256, 4, []uint32{uint32(p.width)}}, {257, 4, []uint32{uint32(p.height)}},
		{258, 3, same(uint32(depth))}, {259, 3, []uint32{1}}, {262, 3, []uint32{uint32(photometric)}},
		{273, 4, make([]uint32, strips)}, {277, 3, []uint32{uint32(samples)}}, {278, 4, []uint32{tiffRows}},
		{279, 4, make([]uint32, strips)}, {284, 3, []uint32{1}}}
	if p.alpha() {
		list = append(list, entry{338, 3, []uint32{2}})
	}
	list = append(list, entry{339, 3, same(format)})
	if len(profile) > 0 {
		list = append(list, entry{34675, 7, make([]uint32, len(profile))})
	}
	size := map[uint16]int{3: 2, 4: 4, 7: 1}
	at := 8 + 2 + 12*len(list) + 4 // what does not fit into the directory follows it
	places := make([]int, len(list))
	for i, e := range list {
		if n := len(e.values) * size[e.kind]; n > 4 {
			places[i] = at
			at += (n + 1) / 2 * 2
		}
	}
	for i := range strips {
		list[5].values[i] = uint32(int64(at) + int64(i)*tiffRows*rowSize)
		list[8].values[i] = uint32(rowSize * int64(min(tiffRows, p.height-i*tiffRows)))
	}
	b := append(make([]byte, 0, at), "MM\x00*\x00\x00\x00\x08"...)
	b = be.AppendUint16(b, uint16(len(list)))
	var rest []byte
	for i, e := range list {
		b = be.AppendUint32(be.AppendUint16(be.AppendUint16(b, e.tag), e.kind), uint32(len(e.values)))
		var v []byte
		for _, one := range e.values {
			switch e.kind {
			case 3:
				v = be.AppendUint16(v, uint16(one))
			case 4:
				v = be.AppendUint32(v, one)
			}
		}
		if e.kind == 7 {
			v = profile
		}
		if places[i] == 0 {
			b = append(b, append(bytes.Clone(v), 0, 0, 0, 0)[:4]...)
			continue
		}
		b = be.AppendUint32(b, uint32(places[i]))
		rest = append(rest, append(bytes.Clone(v), make([]byte, len(v)%2)...)...)
	}
	_, err := dst.Write(append(append(b, 0, 0, 0, 0), rest...))
	return err
}
