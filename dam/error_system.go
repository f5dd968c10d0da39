package dam

import (
	"errors"
	"syscall"

	"vitrine/dam/reasons"
)

// SystemError converts an error of the operating system (a full volume, no file descriptors, a volume that is read-only
// or fails) into an Error. It returns nil for any other error. err becomes the cause, so paths appear in the log only.
func SystemError(err error) *Error {
	e := &Error{Code: Unavailable, Err: err}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e.Code, e.Reason = NoSpace, fullPlace(err)
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		e.Reason = reasons.TooManyOpenFiles()
	case errors.Is(err, syscall.EROFS):
		e.Reason = reasons.ServerDiskReadOnly()
	case errors.Is(err, syscall.EIO):
		e.Reason = reasons.ServerDiskErrors()
	case errors.Is(err, syscall.ENOMEM):
		e.Reason = reasons.ServerOutOfMemory()
	default:
		return nil
	}
	return e
}

// fullPlace says what is full; stores name themselves.
func fullPlace(err error) reasons.Reason {
	var store interface{ Full() string }
	if errors.As(err, &store) {
		return reasons.StoreFull(store.Full())
	}
	return reasons.ServerDiskFull()
}

// OutOfRoom reports whether err means that a volume is, or would be, full. Such errors go away when space is freed.
func OutOfRoom(err error) bool {
	e := SystemError(err)
	return e != nil && e.Code == NoSpace || CodeOf(err) == NoSpace
}

// Lasting returns the Error in err's chain if a retry would fail the same way, and nil for anything that time or an
// operator may fix: an unavailable dependency, an error of the operating system, or an error without a dam.Error.
func Lasting(err error) *Error {
	var e *Error
	if !errors.As(err, &e) || e.Code == Unavailable || OutOfRoom(err) || SystemError(err) != nil {
		return nil
	}
	return e
}
