package dam

import (
	"errors"
	"syscall"

	"vitrine/dam/reasons"
)

// SystemError words what the operating system refused: no room, no file
// descriptors, a volume that is read-only or fails. It is nil when err is about
// something else. err becomes the cause, so that paths stay in the log.
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

// fullPlace says what is full: a store says so of itself.
func fullPlace(err error) reasons.Reason {
	var store interface{ Full() string }
	if errors.As(err, &store) {
		return reasons.StoreFull(store.Full())
	}
	return reasons.ServerDiskFull()
}

// OutOfRoom reports whether err is about a volume that is full, or would be: it goes away when somebody makes room.
func OutOfRoom(err error) bool {
	e := SystemError(err)
	return e != nil && e.Code == NoSpace || CodeOf(err) == NoSpace
}

// Lasting returns the Error in err's chain when trying again would give the same one, and nil for everything that time
// or an operator may mend: what is away, what the operating system refused, what nobody has put into words.
func Lasting(err error) *Error {
	var e *Error
	if !errors.As(err, &e) || e.Code == Unavailable || OutOfRoom(err) || SystemError(err) != nil {
		return nil
	}
	return e
}
