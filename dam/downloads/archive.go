package downloads

import (
	"archive/zip"
	"io"
	"time"
)

// archive writes a zip whose files are stored as they are: pictures and videos are compressed already, and a file that
// is not compressed has a known length. The checksum of each file follows it, so that nothing is read twice.
//
// The same files give the same bytes each time, so an archive whose receiver went away can be sent again from where it
// was: entries before that place are skipped without being read.
type archive struct {
	out *window
	zip *zip.Writer
	now *zip.FileHeader // the entry being written
}

// newArchive writes to w what comes after the first from bytes.
func newArchive(w io.Writer, from int64) *archive {
	out := &window{w: w, skip: from}
	return &archive{out: out, zip: zip.NewWriter(out)}
}

const (
	utf8Names      = 0x800
	sumsFollow     = 0x8
	version20      = 20
	version45      = 45 // of sizes over 4 GiB
	madeOnUnix     = 3 << 8
	regularFile    = 0o100644 << 16
	headerSize     = 30 // of a file, without its name
	descriptorSize = 16
	descriptor64   = 24
	limit32        = 1<<32 - 1
)

// add begins a file.
func (z *archive) add(name string, at time.Time) (io.Writer, error) {
	h := &zip.FileHeader{Name: name, Method: zip.Store, Flags: utf8Names | sumsFollow, ReaderVersion: version20,
		CreatorVersion: madeOnUnix | version20, ExternalAttrs: regularFile}
	h.ModifiedDate, h.ModifiedTime = dosTime(at) //nolint:staticcheck // CreateRaw writes these and not Modified
	z.now = h
	return z.zip.CreateRaw(h)
}

// end ends the file that add began.
func (z *archive) end(size int64, crc uint32) {
	h := z.now
	h.CRC32, h.CompressedSize64, h.UncompressedSize64 = crc, uint64(size), uint64(size)
	short := uint32(min(size, limit32))
	h.CompressedSize, h.UncompressedSize = short, short //nolint:staticcheck // CreateRaw writes these
	if size >= limit32 {
		h.ReaderVersion = version45
	}
}

// skip passes a file by of which size and checksum are known. No byte of it is read: the window drops them.
func (z *archive) skip(name string, at time.Time, size int64, crc uint32) error {
	w, err := z.add(name, at)
	if err != nil {
		return err
	}
	for left := size; left > 0; {
		n, err := w.Write(zeros[:min(left, int64(len(zeros)))])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	z.end(size, crc)
	return nil
}

var zeros [1 << 20]byte

// before reports whether a file of that name and size would end before what is to be sent.
func (z *archive) before(name string, size int64) (bool, error) {
	if z.out.skip == 0 {
		return false, nil
	}
	if err := z.zip.Flush(); err != nil {
		return false, err
	}
	n := headerSize + int64(len(name)) + size + descriptorSize
	if size >= limit32 {
		n += descriptor64 - descriptorSize
	}
	// The descriptor of the entry before is written when the next begins.
	return n+descriptor64 <= z.out.skip, nil
}

func (z *archive) close() error { return z.zip.Close() }

// dosTime is an instant as archives have it: UTC, to two seconds, from 1980 on.
func dosTime(t time.Time) (date, clock uint16) {
	t = t.UTC()
	if t.Year() < 1980 || t.Year() > 2107 {
		t = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9), //nolint:gosec // 16 bits by construction
		uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11) //nolint:gosec // 16 bits by construction
}

// window drops the first skip bytes, and counts those after.
type window struct {
	w    io.Writer
	skip int64
	sent int64
}

// Write implements io.Writer.
func (w *window) Write(p []byte) (int, error) {
	drop := min(w.skip, int64(len(p)))
	w.skip -= drop
	if drop == int64(len(p)) {
		return len(p), nil
	}
	n, err := w.w.Write(p[drop:])
	w.sent += int64(n)
	return n + int(drop), err
}
