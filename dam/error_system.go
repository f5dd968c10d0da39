package dam

import (
	"errors"
	"syscall"
)

// SystemError words what the operating system refused: no room, no file
// descriptors, a volume that is read-only or fails. It is nil when err is about
// something else. err becomes the cause, so that paths stay in the log.
func SystemError(err error) *Error {
	e := &Error{Code: Unavailable, Err: err}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e.Code, e.Message, e.Remedy = NoSpace, fullPlace(err), "nothing was lost; an administrator has to make room, then send it again"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		e.Message, e.Remedy = "the server has too many files open", "try again in a moment; an administrator can raise the limit of open files"
	case errors.Is(err, syscall.EROFS):
		e.Message, e.Remedy = "a disk of the server is read-only", "an administrator has to make it writable, then send it again"
	case errors.Is(err, syscall.EIO):
		e.Message, e.Remedy = "a disk of the server reports errors", "an administrator has to look at it, then send it again"
	case errors.Is(err, syscall.ENOMEM):
		e.Message, e.Remedy = "the server is out of memory", "try again in a moment"
	default:
		return nil
	}
	return e
}

// fullPlace words what is full: a store says so of itself.
func fullPlace(err error) string {
	var store interface{ Full() string }
	if errors.As(err, &store) {
		return store.Full()
	}
	return "a disk of the server is full"
}

// OutOfRoom reports whether err is about a volume that is full, or would be: it goes away when somebody makes room.
func OutOfRoom(err error) bool {
	e := SystemError(err)
	return e != nil && e.Code == NoSpace || CodeOf(err) == NoSpace
}

// Lasting returns the Error in err's chain when trying again would give the same one, and nil for everything that time or an
// operator may mend: what is away, what the operating system refused, what nobody has put into words.
func Lasting(err error) *Error {
	var e *Error
	if !errors.As(err, &e) || e.Code == Unavailable || OutOfRoom(err) || SystemError(err) != nil {
		return nil
	}
	return e
}
