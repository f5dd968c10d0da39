package metadata

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
)

// readPNG finds the XMP packet of a PNG: an iTXt chunk imagemeta passes over.
func readPNG(r io.ReadSeeker) (xmpProperties, error) {
	if _, err := r.Seek(8, io.SeekStart); err != nil {
		return nil, err
	}
	head := make([]byte, 8)
	for {
		if _, err := io.ReadFull(r, head); err != nil {
			if errors.Is(err, io.EOF) {
				return nil, nil
			}
			return nil, err
		}
		size := int64(binary.BigEndian.Uint32(head))
		kind := string(head[4:])
		if kind == "IEND" {
			return nil, nil
		}
		if kind != "iTXt" || size > maxPacket {
			if _, err := r.Seek(size+4, io.SeekCurrent); err != nil {
				return nil, err
			}
			continue
		}
		b := make([]byte, size+4)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		body, ok := bytes.CutPrefix(b[:size], []byte("XML:com.adobe.xmp\x00"))
		if !ok || len(body) < 2 {
			continue
		}
		// Compression flag and method, language NUL, translated keyword NUL, text.
		parts := bytes.SplitN(body[2:], []byte{0}, 3)
		if len(parts) < 3 {
			return nil, errors.New("the XMP chunk of the PNG is malformed")
		}
		var text io.Reader = bytes.NewReader(parts[2])
		if body[0] == 1 {
			z, err := zlib.NewReader(text)
			if err != nil {
				return nil, err
			}
			text = z
		}
		return parseXMP(text)
	}
}
