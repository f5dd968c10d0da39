package convert

import (
	"bufio"
	"encoding/binary"
	"io"
	"strings"
)

// exrLines is how many lines a block has, by the number of its compression.
var exrLines = [...]int64{1, 1, 1, 16, 32, 16, 32, 32, 32, 256}

// wholeEXR says whether every block that an OpenEXR picture lists is there. ffmpeg leaves out those that are not and
// says nothing. Only pictures of one part in lines are looked into; others are taken for whole.
func wholeEXR(src io.ReadSeeker) bool {
	size, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return false
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return false
	}
	const tiled, deep, parts = 0x200, 0x800, 0x1000
	le := binary.LittleEndian
	r := bufio.NewReader(io.LimitReader(src, 64<<20))
	bytes := func(n int64) []byte { // nil once there is no more
		if n < 0 || n > 16<<20 {
			return nil
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil
		}
		return b
	}
	start := bytes(8)
	if start == nil {
		return false
	}
	if le.Uint32(start[4:])&(tiled|deep|parts) != 0 {
		return true
	}
	height, lines := int64(0), int64(0)
	for {
		name, err := r.ReadString(0)
		if err != nil {
			return false
		}
		if name == "\x00" {
			break
		}
		_, err = r.ReadString(0)
		length := bytes(4)
		if err != nil || length == nil {
			return false
		}
		value := bytes(int64(le.Uint32(length)))
		if value == nil {
			return false
		}
		switch strings.TrimSuffix(name, "\x00") {
		case "compression":
			if len(value) != 1 || int(value[0]) >= len(exrLines) {
				return true // of a kind that is not known here
			}
			lines = exrLines[value[0]]
		case "dataWindow":
			if len(value) == 16 {
				height = int64(int32(le.Uint32(value[12:]))) - int64(int32(le.Uint32(value[4:]))) + 1
			}
		}
	}
	if height < 1 || lines < 1 {
		return false
	}
	table := bytes((height + lines - 1) / lines * 8)
	if table == nil {
		return false
	}
	for ; len(table) > 0; table = table[8:] {
		at := le.Uint64(table)
		if at+8 > uint64(size) {
			return false
		}
		if _, err := src.Seek(int64(at)+4, io.SeekStart); err != nil {
			return false
		}
		var n [4]byte
		if _, err := io.ReadFull(src, n[:]); err != nil {
			return false
		}
		if length := uint64(le.Uint32(n[:])); length == 0 || at+8+length > uint64(size) {
			return false
		}
	}
	return true
}
