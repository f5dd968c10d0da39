package metadata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/bep/imagemeta"
)

// held is what a file has room taken for. more is what imagemeta passes over, wherever it stands.
type held struct{ exif, iptc, xmp, more bool }

// maxBlocks bounds how many blocks of a file are looked at.
const maxBlocks = 10000

// holds walks through a container and reads as good as nothing of it, so that what was not read is known to be there.
func holds(r io.ReadSeeker, f imagemeta.ImageFormat) (h held, err error) {
	switch f {
	case imagemeta.JPEG:
		err = h.jpeg(r)
	case imagemeta.PNG:
		err = h.png(r)
	case imagemeta.WebP:
		err = h.webp(r)
	case imagemeta.TIFF:
		err = h.tiff(r)
	case imagemeta.HEIF, imagemeta.AVIF:
		err = h.heif(r)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // a short file is the picture's matter
	}
	return h, err
}

func (h *held) jpeg(r io.ReadSeeker) error {
	if _, err := r.Seek(2, io.SeekStart); err != nil {
		return err
	}
	iptcs := 0
	for range maxBlocks {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:2]); err != nil {
			return err
		}
		for fill := 0; head[1] == 0xff && fill < maxBlocks; fill++ {
			if _, err := io.ReadFull(r, head[1:2]); err != nil {
				return err
			}
		}
		if head[0] != 0xff || head[1] == 0xda || head[1] == 0xd9 {
			return nil
		}
		if _, err := io.ReadFull(r, head[2:]); err != nil {
			return err
		}
		size := int(binary.BigEndian.Uint16(head[2:])) - 2
		if size < 0 {
			return nil
		}
		take := 0
		switch head[1] {
		case 0xe1:
			take = min(size, 40)
		case 0xed:
			take = size
		}
		b := make([]byte, take)
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
		switch {
		case head[1] == 0xed && bytes.Contains(b, []byte("8BIM\x04\x04")):
			h.iptc = true
			iptcs++
			h.more = h.more || iptcs > 1
		case head[1] == 0xe1 && bytes.HasPrefix(b, []byte("Exif\x00")):
			h.more = h.more || h.exif
			h.exif = true
		case head[1] == 0xe1 && bytes.HasPrefix(b, []byte("http://ns.adobe.com/xap/1.0/\x00")):
			h.xmp = true
		case head[1] == 0xe1 && bytes.HasPrefix(b, []byte("http://ns.adobe.com/xmp/extension/")):
			h.more = true
		}
		if _, err := r.Seek(int64(size-take), io.SeekCurrent); err != nil {
			return err
		}
	}
	return nil
}

// pngTexts are the keywords of PNG's texts that say what a field says.
var pngTexts = [][]byte{[]byte("Raw profile type "), []byte("Title\x00"), []byte("Author\x00"), []byte("Artist\x00"),
	[]byte("Description\x00"), []byte("Copyright\x00")}

func (h *held) png(r io.ReadSeeker) error {
	if _, err := r.Seek(8, io.SeekStart); err != nil {
		return err
	}
	for range maxBlocks {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		size := int64(binary.BigEndian.Uint32(head[:]))
		b := []byte{}
		switch string(head[4:]) {
		case "IEND":
			return nil
		case "eXIf":
			h.exif = true
		case "tEXt", "zTXt", "iTXt":
			b = make([]byte, min(size, 40))
			if _, err := io.ReadFull(r, b); err != nil {
				return err
			}
			h.xmp = h.xmp || bytes.HasPrefix(b, []byte("XML:com.adobe.xmp\x00"))
			for _, t := range pngTexts {
				h.more = h.more || bytes.HasPrefix(b, t)
			}
		}
		if _, err := r.Seek(size-int64(len(b))+4, io.SeekCurrent); err != nil {
			return err
		}
	}
	return nil
}

func (h *held) webp(r io.ReadSeeker) error {
	if _, err := r.Seek(12, io.SeekStart); err != nil {
		return err
	}
	for range maxBlocks {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		switch string(head[:4]) {
		case "EXIF":
			h.exif = true
		case "XMP ":
			h.xmp = true
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		if _, err := r.Seek(size+size&1, io.SeekCurrent); err != nil {
			return err
		}
	}
	return nil
}

func (h *held) tiff(r io.ReadSeeker) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	if order.Uint16(head[2:]) != 42 { // 43 is BigTIFF
		h.more = true
		return nil
	}
	if _, err := r.Seek(int64(order.Uint32(head[4:])), io.SeekStart); err != nil {
		return err
	}
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return err
	}
	entries := make([]byte, 12*int(order.Uint16(head[:])))
	if _, err := io.ReadFull(r, entries); err != nil {
		return err
	}
	photoshop := false
	for ; len(entries) > 0; entries = entries[12:] {
		switch order.Uint16(entries) {
		case 700:
			h.xmp = true
		case 33723:
			h.iptc = true
		case 34377: // Photoshop's resources, which may hold IPTC
			photoshop = true
		case 34665, 34853: // the directories of EXIF and GPS
			h.exif = true
		}
	}
	h.more = photoshop && !h.iptc
	return nil
}

// heifHead is how much of a HEIF file names what is in it, in bytes.
const heifHead = 256 << 10

func (h *held) heif(r io.ReadSeeker) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(r, heifHead))
	h.exif = bytes.Contains(b, []byte("\x00\x00Exif\x00"))
	h.xmp = bytes.Contains(b, []byte("application/rdf+xml"))
	return err
}
