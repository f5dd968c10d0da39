package storage

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Filer is an Object that may be a local file, which can be passed to another process without copying.
type Filer interface {
	Object
	// Whole returns the open file itself, at its start, once all of it may be read: a verifying store has by then
	// compared every block of this very file. The file and its offset belong to the object: Close closes the file too.
	// The error wraps errors.ErrUnsupported if there is no such file or it is incomplete; the object must be read
	// instead.
	Whole(ctx context.Context) (*os.File, error)
}

// Offset returns the position that Seek(offset, whence) leads to in an object of size bytes that is now at position.
func Offset(key string, position, size, offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += position
	case io.SeekEnd:
		offset += size
	default:
		return 0, fmt.Errorf("seek %s: whence %d", key, whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek %s: %d is before the start", key, offset)
	}
	return offset, nil
}
