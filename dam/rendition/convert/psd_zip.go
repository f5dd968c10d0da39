package convert

import (
	"bufio"
	"compress/zlib"
	"context"
	"encoding/binary"
	"io"

	"vitrine/dam"
)

// inflate writes the rows of a composite that is compressed as ZIP files are, channel by channel, and finds them there.
// No more is written than the rows that are shown take.
func (p *psdFile) inflate(ctx context.Context, src io.ReadSeeker, dst io.Writer) error {
	return survived(func() error {
		if _, err := src.Seek(p.pixels, io.SeekStart); err != nil {
			return err
		}
		z, err := zlib.NewReader(bufio.NewReaderSize(src, 1<<16))
		if err != nil {
			return psdError(dam.Invalid, err)
		}
		defer func() { _ = z.Close() }()
		row, apart := make([]byte, p.rowSize()), make([]byte, p.rowSize())
		out := bufio.NewWriterSize(dst, 1<<18)
		for i := range p.places {
			if err := ctx.Err(); err != nil {
				return err
			}
			if _, err := io.ReadFull(z, row); err != nil {
				return psdError(dam.Invalid, err)
			}
			if p.predicted {
				p.unpredict(row, apart)
			}
			if _, err := out.Write(row); err != nil {
				return err
			}
			p.places[i] = int64(i) * int64(len(row))
		}
		return out.Flush()
	})
}

// unpredict adds up the differences of a row. Those of floating point are of bytes, the highest byte of all numbers
// first.
func (p *psdFile) unpredict(row, apart []byte) {
	be := binary.BigEndian
	switch p.depth {
	case 16:
		for i := 2; i+2 <= len(row); i += 2 {
			be.PutUint16(row[i:], be.Uint16(row[i:])+be.Uint16(row[i-2:]))
		}
	case 8, 32:
		for i := 1; i < len(row); i++ {
			row[i] += row[i-1]
		}
		if p.depth == 8 {
			return
		}
		copy(apart, row)
		for i := range p.width {
			for k := range 4 {
				row[4*i+k] = apart[k*p.width+i]
			}
		}
	}
}
