package imaging

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"math"

	"golang.org/x/image/tiff/lzw"

	"vitrine/dam/rendition/icc"
)

// decodeTIFF decodes the page itself: the kinds that other readers get wrong or don't know. Colours come out in sRGB
// where the page is L*a*b*, else in the page's own space.
func decodeTIFF(src io.ReadSeeker, p *tiffPage) (image.Image, error) {
	if err := p.own(); err != nil {
		return nil, err
	}
	bw, bh, across, down, planes, err := p.grid()
	if err != nil {
		return nil, err
	}
	per := p.samples
	if p.planar {
		per = 1
	}
	if len(p.offsets) < across*down*planes {
		return nil, io.ErrUnexpectedEOF
	}
	rowBytes := (bw*per*p.even() + 7) / 8
	if int64(rowBytes)*int64(bh) > 1<<31 || bw*p.samples > 1<<23 {
		return nil, errDamaged
	}
	out := newTIFFOutput(p)
	wide := make([]float64, bw*p.samples)
	for by := range down {
		for bx := range across {
			blocks := make([][]byte, planes)
			rows := min(bh, p.height-by*bh)
			for k := range planes {
				i := (k*down+by)*across + bx
				var size int64 = math.MaxInt32
				if i < len(p.counts) {
					size = p.counts[i]
				}
				b, err := p.block(src, p.offsets[i], size, rowBytes*rows)
				if err != nil {
					return nil, err
				}
				p.unpredict(b, rowBytes, bw, per)
				blocks[k] = b
			}
			for y := range rows {
				for k, b := range blocks {
					p.samplesOf(wide, b[y*rowBytes:(y+1)*rowBytes], bw, per, k)
				}
				out.put(by*bh+y, bx*bw, min(bw, p.width-bx*bw), wide)
			}
		}
	}
	if out.signs.Swapped() && !p.swapped {
		p.swapped = true
		return decodeTIFF(src, p)
	}
	return out.image, nil
}

// block reads and unpacks a strip or tile of so many bytes.
func (p *tiffPage) block(src io.ReadSeeker, at, size int64, want int) ([]byte, error) {
	if _, err := src.Seek(at, io.SeekStart); err != nil {
		return nil, err
	}
	in := io.LimitReader(src, size)
	var r io.Reader
	switch p.compression {
	case 1:
		r = in
	case 5:
		z := lzw.NewReader(in, lzw.MSB, 8)
		defer func() { _ = z.Close() }()
		r = z
	case 32773:
		packed, err := io.ReadAll(io.LimitReader(in, int64(want)*2+1024))
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(unpackBits(packed, want))
	default:
		z, err := zlib.NewReader(in)
		if err != nil {
			return nil, err
		}
		defer func() { _ = z.Close() }()
		r = z
	}
	b := make([]byte, want)
	if _, err := io.ReadFull(r, b); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if p.fillOrder == 2 {
		for i, v := range b {
			v = v>>4 | v<<4
			v = v>>2&0x33 | v<<2&0xcc
			b[i] = v>>1&0x55 | v<<1&0xaa
		}
	}
	return b, nil
}

// unpackBits undoes Apple's runs, to at most so many bytes.
func unpackBits(in []byte, most int) []byte {
	out := make([]byte, 0, most)
	for len(in) > 1 && len(out) < most {
		n := int(int8(in[0]))
		in = in[1:]
		switch {
		case n >= 0:
			k := min(n+1, len(in))
			out, in = append(out, in[:k]...), in[k:]
		case n > -128:
			out, in = append(out, bytes.Repeat(in[:1], 1-n)...), in[1:]
		}
	}
	return out[:min(len(out), most)]
}

// unpredict undoes differences between neighbours.
func (p *tiffPage) unpredict(b []byte, rowBytes, w, per int) {
	if p.predictor == 1 || p.compression == 1 {
		return
	}
	if p.predictor == 3 {
		p.gather(b, rowBytes, per)
		return
	}
	for row := b; len(row) >= rowBytes; row = row[rowBytes:] {
		for i := per; i < w*per; i++ {
			switch p.even() {
			case 8:
				row[i] += row[i-per]
			case 16:
				p.order.PutUint16(row[2*i:], p.order.Uint16(row[2*i:])+p.order.Uint16(row[2*(i-per):]))
			case 32:
				p.order.PutUint32(row[4*i:], p.order.Uint32(row[4*i:])+p.order.Uint32(row[4*(i-per):]))
			}
		}
	}
}

// gather undoes the predictor of floating point: differences of bytes, the highest byte of all numbers of a row first.
func (p *tiffPage) gather(b []byte, rowBytes, per int) {
	size := p.even() / 8
	apart := make([]byte, rowBytes)
	for row := b; len(row) >= rowBytes; row = row[rowBytes:] {
		for i := per; i < rowBytes; i++ {
			row[i] += row[i-per]
		}
		copy(apart, row[:rowBytes])
		n := rowBytes / size
		for i := range n {
			for k := range size {
				at := k
				if p.order == binary.LittleEndian {
					at = size - 1 - k
				}
				row[i*size+at] = apart[k*n+i]
			}
		}
	}
}

// samplesOf takes a row's numbers apart: 0–1 for whole numbers, as they are for floating point and L*a*b*.
func (p *tiffPage) samplesOf(out []float64, row []byte, w, per, plane int) {
	bits := p.even()
	most := math.Exp2(float64(bits)) - 1
	if p.photometric == tiffPalette {
		most = 1
	}
	for i := range w * per {
		var v float64
		switch p.format {
		case 3:
			v = floatOf(p.order, row[i*bits/8:], bits)
		default:
			// A sign says nothing about black and white: the bits are taken as they are, as ImageMagick does.
			if v = float64(p.integer(row, i, bits)); !p.lab() {
				v /= most
			}
		}
		if per == 1 {
			out[i*p.samples+plane] = v
		} else {
			out[i] = v
		}
	}
}

// integer is the i-th whole number of a row, without its sign.
func (p *tiffPage) integer(row []byte, i, bits int) uint64 {
	switch bits {
	case 8:
		return uint64(row[i])
	case 16:
		return uint64(p.order.Uint16(row[2*i:]))
	case 32:
		return uint64(p.order.Uint32(row[4*i:]))
	case 24:
		b := row[3*i:]
		if p.order == binary.LittleEndian {
			return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16
		}
		return uint64(b[2]) | uint64(b[1])<<8 | uint64(b[0])<<16
	}
	var v uint64
	for at := i * bits; at < (i+1)*bits; at++ { // packed from the highest bit on
		v = v<<1 | uint64(row[at/8]>>(7-at%8)&1)
	}
	return v
}

// floatOf reads a number of 16, 24, 32 or 64 bits; what is none is 0.
func floatOf(order binary.ByteOrder, b []byte, bits int) float64 {
	var v float64
	switch bits {
	case 16:
		v = small(uint32(order.Uint16(b)), 5, 10)
	case 24:
		u := uint32(b[2]) | uint32(b[1])<<8 | uint32(b[0])<<16
		if order == binary.LittleEndian {
			u = uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		}
		v = small(u, 7, 16)
	case 32:
		v = float64(math.Float32frombits(order.Uint32(b)))
	default:
		v = math.Float64frombits(order.Uint64(b))
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// small is a floating point number with so many bits of exponent and fraction.
func small(u uint32, exponent, fraction int) float64 {
	f := float64(u & (1<<fraction - 1))
	e := int(u >> fraction & (1<<exponent - 1))
	bias := 1<<(exponent-1) - 1
	v := math.Ldexp(1+f/math.Exp2(float64(fraction)), e-bias)
	switch e {
	case 0:
		v = math.Ldexp(f, 1-bias-fraction)
	case 1<<exponent - 1:
		return math.Inf(1)
	}
	if u>>(exponent+fraction)&1 != 0 {
		return -v
	}
	return v
}

// tiffOutput collects pixels of 8 bits.
type tiffOutput struct {
	p        *tiffPage
	image    image.Image
	rgb      *image.NRGBA
	inks     *image.CMYK
	lab      func(l, a, b float64) (uint8, uint8, uint8)
	signs    icc.LabSigns
	alpha    bool
	weighted bool
	convert  func(r, g, b float64) (uint8, uint8, uint8) // of deep numbers that have a profile
}

func newTIFFOutput(p *tiffPage) *tiffOutput {
	o := &tiffOutput{p: p}
	r := image.Rect(0, 0, p.width, p.height)
	if p.photometric == tiffCMYK {
		o.inks = image.NewCMYK(r)
		o.image = o.inks
		return o
	}
	o.rgb = image.NewNRGBA(r)
	o.image = o.rgb
	o.alpha, o.weighted = p.alpha()
	if p.lab() {
		o.lab = icc.FromLab(p.white[0], p.white[1])
	}
	if profile, err := icc.Parse(p.icc); p.deep() && err == nil && !profile.IsSRGB() {
		o.convert = profile.ToSRGB
	}
	return o
}

// deep says that a profile is applied to the numbers themselves: of 8 bits there would be too few near black.
func (p *tiffPage) deep() bool { return p.format == 3 && !p.lab() && p.icc != nil }

// put sets w pixels of a row from x on.
func (o *tiffOutput) put(y, x, w int, in []float64) {
	p, n := o.p, o.p.colours()
	byteOf := func(v float64) uint8 { return uint8(min(max(v, 0), 1)*255 + 0.5) }
	if o.inks != nil {
		line := o.inks.Pix[y*o.inks.Stride+4*x:]
		for i := range w {
			for k := range 4 {
				line[4*i+k] = byteOf(in[i*p.samples+k])
			}
		}
		return
	}
	line := o.rgb.Pix[y*o.rgb.Stride+4*x:]
	for i := range w {
		s := in[i*p.samples : (i+1)*p.samples]
		d := line[4*i : 4*i+4 : 4*i+4]
		a := 1.0
		if o.alpha {
			a = min(max(s[n], 0), 1)
		}
		d[3] = byteOf(a)
		c := [3]float64{s[0], s[0], s[0]}
		switch {
		case p.lab():
			l, aa, b := p.labOf(s)
			if p.format != 3 && (y+x+i)%7 == 0 { // a sample is enough
				o.signs.Add(l, aa, b)
			}
			d[0], d[1], d[2] = o.lab(l, aa, b)
			continue
		case p.photometric == tiffPalette:
			k := len(p.palette) / 3
			if v := int(s[0]); v < k {
				c = [3]float64{float64(p.palette[v]) / 65535, float64(p.palette[k+v]) / 65535,
					float64(p.palette[2*k+v]) / 65535}
			} else {
				c = [3]float64{}
			}
		case n == 3:
			c = [3]float64{s[0], s[1], s[2]}
		case p.photometric == tiffWhiteIsZero:
			c = [3]float64{1 - s[0], 1 - s[0], 1 - s[0]}
		}
		if o.weighted && a > 0 {
			for k := range c {
				c[k] /= a
			}
		}
		if o.convert != nil {
			d[0], d[1], d[2] = o.convert(c[0], c[1], c[2])
			continue
		}
		d[0], d[1], d[2] = byteOf(c[0]), byteOf(c[1]), byteOf(c[2])
	}
}

// labOf is a pixel's L* (0–100), a* and b*.
func (p *tiffPage) labOf(s []float64) (l, a, b float64) {
	if p.format == 3 {
		return s[0], s[1], s[2]
	}
	bits := p.even()
	full := math.Exp2(float64(bits))
	scale := full / 256 // of a unit of a* and b*
	signed := func(v float64) float64 {
		if p.photometric == tiffICCLab {
			return v/scale - 128
		}
		if v >= full/2 {
			v -= full
		}
		return v / scale
	}
	top := full - 1
	if p.photometric == tiffICCLab && bits == 16 {
		top = 0xff00
	}
	l, a, b = s[0]/top*100, signed(s[1]), signed(s[2])
	if p.swapped {
		a, b = icc.SwapSign(a), icc.SwapSign(b)
	}
	return l, a, b
}
