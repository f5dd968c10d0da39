package convert

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition/sandbox"
)

// losslessJPEG says whether the frame of a JPEG is of the lossless kind (SOF3), which scanners and medical devices
// write and neither libjpeg nor Go reads. The error is src's own; a damaged file is not lossless.
func losslessJPEG(src io.ReadSeeker) (bool, error) {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	lossless, err := startOfFrame(bufio.NewReader(io.LimitReader(src, 16<<20)))
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return lossless, err
}

func startOfFrame(r *bufio.Reader) (lossless bool, err error) {
	if _, err := r.Discard(2); err != nil {
		return false, err
	}
	for {
		b, err := r.ReadByte()
		if err != nil {
			return false, err
		}
		if b != 0xff {
			continue // stray bytes between segments: decoders skip them too
		}
		for b == 0xff && err == nil {
			b, err = r.ReadByte()
		}
		if err != nil {
			return false, err
		}
		switch {
		case b == 0 || b == 0x01 || b >= 0xd0 && b <= 0xd8: // without a length
			continue
		case b == 0xd9, b == 0xda, b >= 0xc0 && b <= 0xcf && b != 0xc4 && b != 0xc8 && b != 0xcc:
			return b == 0xc3, nil
		}
		var length [2]byte
		if _, err := io.ReadFull(r, length[:]); err != nil {
			return false, err
		}
		if _, err := r.Discard(max(0, int(binary.BigEndian.Uint16(length[:]))-2)); err != nil {
			return false, err
		}
	}
}

// losslessPicture makes a picture of a lossless JPEG, upright. ffmpeg does not know all of them: what it can't read is
// not called damaged.
func losslessPicture(ctx context.Context, d *sandbox.Desk, w want) (string, error) {
	name, err := firstFrame(ctx, d, w)
	if err == nil {
		_, err = d.Size(name)
		if err != nil {
			err = nothing(err)
		}
	}
	if dam.CodeOf(err) == dam.Invalid {
		err = &dam.Error{Code: dam.Unsupported, Reason: reasons.VariantNotDecoded("JPEG"), Err: err}
	}
	return name, err
}
