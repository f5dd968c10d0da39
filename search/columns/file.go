package columns

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// magic identifies the file format and changes with it.
const magic = "vitrine columns 2\n"

// ErrFile means that a file does not have columns of this shape.
var ErrFile = errors.New("not a file of these columns")

// Save writes the view. tag identifies what the columns mean: Load needs the same one. Load returns seq.
//
// The layout is: magic, tag, seq, the bitmap of rows; per keyword column its values, then per row the ids of its
// values; per number column the differences from row to row; per string column the strings; a checksum. Postings are
// not stored.
func (v *View) Save(w io.Writer, tag string, seq int64) error {
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	b := &encoder{w: bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<20)}
	b.raw(magic)
	b.text(tag)
	b.signed(seq)
	rows, err := v.all.ToBytes()
	if err != nil {
		return fmt.Errorf("saving columns: %w", err)
	}
	b.text(string(rows))
	var ids []uint32
	for i := range v.keywords {
		k := &v.keywords[i]
		b.unsigned(uint64(k.values.len()))
		for id := range uint32(k.values.len()) {
			val := k.values.value(id)
			b.text(val.Key)
			b.text(val.Label)
		}
		for it := v.all.Iterator(); it.HasNext(); {
			ids = k.row(it.Next(), ids[:0])
			b.unsigned(uint64(len(ids)))
			for _, id := range ids {
				b.unsigned(uint64(id))
			}
		}
	}
	for col := range v.numbers {
		last := int64(0)
		for it := v.all.Iterator(); it.HasNext(); {
			x := v.Number(col, it.Next())
			b.signed(x - last) // may wrap around, and wraps back when read
			last = x
		}
	}
	for col := range v.strings {
		for it := v.all.Iterator(); it.HasNext(); {
			b.text(v.String(col, it.Next()))
		}
	}
	if err := errors.Join(b.err, b.w.Flush()); err != nil {
		return fmt.Errorf("saving columns: %w", err)
	}
	var end [4]byte
	binary.LittleEndian.PutUint32(end[:], sum.Sum32())
	if _, err := w.Write(end[:]); err != nil {
		return fmt.Errorf("saving columns: %w", err)
	}
	return nil
}

type encoder struct {
	w   *bufio.Writer
	err error
	buf [binary.MaxVarintLen64]byte
}

func (e *encoder) raw(s string) {
	if _, err := e.w.WriteString(s); err != nil {
		e.err = err
	}
}

func (e *encoder) unsigned(n uint64) {
	if _, err := e.w.Write(e.buf[:binary.PutUvarint(e.buf[:], n)]); err != nil {
		e.err = err
	}
}

func (e *encoder) signed(n int64) {
	if _, err := e.w.Write(e.buf[:binary.PutVarint(e.buf[:], n)]); err != nil {
		e.err = err
	}
}

func (e *encoder) text(s string) {
	e.unsigned(uint64(len(s)))
	e.raw(s)
}

// Load reads what Save wrote. Any other content, another tag or a damaged file is ErrFile.
func Load(file []byte, shape Shape, tag string) (*View, int64, error) {
	body := len(file) - crc32.Size
	if body < len(magic) || string(file[:len(magic)]) != magic {
		return nil, 0, fmt.Errorf("%w: it begins otherwise", ErrFile)
	}
	if crc32.Checksum(file[:body], crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(file[body:]) {
		return nil, 0, fmt.Errorf("%w: the checksum differs", ErrFile)
	}
	d := &decoder{b: file[len(magic):body]}
	if d.text() != tag {
		return nil, 0, fmt.Errorf("%w: other columns", ErrFile)
	}
	seq := d.signed()
	edit := New(shape).Edit()
	if err := edit.ownAll().UnmarshalBinary([]byte(d.text())); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrFile, err)
	}
	rows := edit.view.all.ToArray()
	var ids []uint32
	for col := range shape.Keywords {
		k := &edit.view.keywords[col]
		for n := d.unsigned(); n > 0 && !d.bad; n-- {
			key := d.text()
			k.intern(Value{key, d.text()})
		}
		for _, row := range rows {
			ids = ids[:0]
			for n := d.unsigned(); n > 0 && !d.bad; n-- {
				id := d.unsigned()
				if id >= uint64(k.values.len()) {
					d.bad = true
					break
				}
				ids = append(ids, uint32(id))
			}
			edit.putIDs(col, row, ids)
		}
		k.fit()
		edit.freeze()
	}
	for col := range shape.Numbers {
		last := int64(0)
		for _, row := range rows {
			last += d.signed()
			edit.putNumber(col, row, last)
		}
		edit.freeze()
	}
	for col := range shape.Strings {
		for _, row := range rows {
			edit.putString(col, row, d.text())
		}
		edit.freeze()
	}
	if d.bad || len(d.b) > 0 {
		return nil, 0, fmt.Errorf("%w: its end is misplaced", ErrFile)
	}
	return edit.View(), seq, nil
}

// decoder reads from the front of b. After an invalid value bad is set, and everything reads as zero.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n int) {
	if n <= 0 || d.bad {
		d.bad, d.b = true, nil
		return
	}
	d.b = d.b[n:]
}

func (d *decoder) unsigned() uint64 {
	x, n := binary.Uvarint(d.b)
	d.take(n)
	return x
}

func (d *decoder) signed() int64 {
	x, n := binary.Varint(d.b)
	d.take(n)
	return x
}

func (d *decoder) text() string {
	n := d.unsigned()
	if d.bad || n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}
