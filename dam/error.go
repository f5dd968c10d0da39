package dam

import (
	"errors"

	"vitrine/dam/reasons"
)

// Code classifies an error by what the caller can do about it. The HTTP layer
// maps codes to statuses in one place; nothing else looks at error texts.
type Code string

const (
	Invalid      Code = "invalid"      // the input is wrong: fix the named field
	Unauthorized Code = "unauthorized" // nobody is signed in
	Forbidden    Code = "forbidden"    // signed in, but the role does not allow it
	NotFound     Code = "not_found"    // no such thing, or not for this caller
	Conflict     Code = "conflict"     // the current state does not allow it
	Duplicate    Code = "duplicate"    // the same bytes are already an asset
	Stale        Code = "stale"        // If-Match lost a race: read again, then edit
	Gone         Code = "gone"         // it was there and has been taken away
	TooLarge     Code = "too_large"    // over a size or pixel limit
	Unsupported  Code = "unsupported"  // understood, but not something this server handles
	Limited      Code = "limited"      // too many requests: wait and retry
	NoSpace      Code = "no_space"     // a volume is full: retry when the operator has made room
	Unavailable  Code = "unavailable"  // a dependency is down: retry later
	Damaged      Code = "damaged"      // the stored bytes are lost or damaged: an administrator can repair them
	Internal     Code = "internal"     // a bug in the server: the log has the details
)

// Error is the one error type that reaches people. Code is the class that decides what the caller can do, Reason what
// is wrong and what to do next, and Field names the offending input (JSON path or query parameter, "" when none).
// Err is the cause: logged, never sent.
type Error struct {
	Code   Code
	Field  string
	Reason reasons.Reason
	Err    error
}

// Why returns the reason, which programs decide by and messages are made from.
func (e *Error) Why() reasons.Reason { return e.Reason }

// Text returns what is wrong, in English, without a capital or a full stop.
func (e *Error) Text() string { return e.Why().Text() }

// Advice returns what to do next, in English; "" if there is nothing to do.
func (e *Error) Advice() string { return e.Why().Advice() }

func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Text()
	if e.Field != "" {
		s = string(e.Code) + ": " + e.Field + ": " + e.Text()
	}
	if advice := e.Advice(); advice != "" {
		s += " (" + advice + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// InvalidInput makes an Error about one input field.
func InvalidInput(field string, reason reasons.Reason) *Error {
	return &Error{Code: Invalid, Field: field, Reason: reason}
}

// CodeOf returns the code of the first dam.Error in err's chain; Internal when
// there is none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
