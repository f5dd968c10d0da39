package storage

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Filer is an Object that may be a file of this machine, which can be given to another process instead of a copy.
type Filer interface {
	Object
	// Whole returns the open file itself, at its start, once all of it may be read: a store that verifies has compared
	// every block of this very file by then. The file belongs to the object, and so does its offset: Close ends both.
	// The error wraps errors.ErrUnsupported when there is no such file, or not a whole one: the object must be read
	// instead.
	Whole(ctx context.Context) (*os.File, error)
}

// Offset returns where Seek(offset, whence) leads in an object of size bytes that is read at position.
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
