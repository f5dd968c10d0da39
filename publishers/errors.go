package publishers

import (
	"errors"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Class is what an error of a channel means for the publication.
type Class string

const (
	ClassRetry        Class = "retry"        // temporary; the remote accepted nothing
	ClassThrottled    Class = "throttled"    // too many requests; the account waits
	ClassAuthExpired  Class = "auth_expired" // refresh the credential, then retry
	ClassDisconnected Class = "disconnected" // the account refuses the server until a person reconnects it
	// the account has used up what was paid for; the channel waits, nothing fails
	ClassUnpaid     Class = "unpaid"
	ClassPermanent  Class = "permanent"  // refused; a retry would be refused too
	ClassUnknown    Class = "unknown"    // the remote may or may not have accepted
	ClassRights     Class = "rights"     // refused at the gate
	ClassLate       Class = "late"       // missed its time, and the channel's policy is to ask
	ClassReinstated Class = "reinstated" // a new post is proposed after a reinstatement: see reinstate.go
	ClassRestored   Class = "restored"   // the catalogue is a copy of one that may have sent it: see hold.go
)

// Error is a channel's error. Reason is shown to people; Err is logged.
type Error struct {
	Class  Class
	After  time.Duration // Retry: wait at least this long
	Until  time.Time     // Throttled: until then
	Field  string        // Permanent: what was refused (caption, media, …)
	Reason reasons.Reason
	Err    error
}

func (e *Error) Error() string {
	s := string(e.Class) + ": " + e.Text()
	if e.Field != "" {
		s += " [" + e.Field + "]"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Text returns what went wrong, in English.
func (e *Error) Text() string { return e.Reason.Text() }

// Why returns the reason, for use as a parameter of another.
func (e *Error) Why() reasons.Reason { return e.Reason }

// Retry returns the error for a temporary problem in which the remote accepted nothing. after is the minimum pause; 0
// leaves the pause to the ledger.
func Retry(after time.Duration, err error) *Error {
	return &Error{Class: ClassRetry, After: after, Reason: reasons.ChannelRetried(), Err: err}
}

// Throttled returns the error for an account that must not send before until.
func Throttled(until time.Time, err error) *Error {
	return &Error{Class: ClassThrottled, Until: until, Reason: reasons.ChannelAskedToWait(), Err: err}
}

// AuthExpired returns the error for a credential that must be refreshed.
func AuthExpired(err error) *Error {
	return &Error{Class: ClassAuthExpired, Reason: reasons.AccessExpired(), Err: err}
}

// Disconnected returns the error for an account that is revoked, suspended or has another password.
func Disconnected(why reasons.Reason, err error) *Error {
	return &Error{Class: ClassDisconnected, Reason: why, Err: err}
}

// Unpaid returns the error for an account that has used up what was paid for: the remote accepts nothing until somebody
// pays, and what is due stays due.
func Unpaid(why reasons.Reason, err error) *Error {
	return &Error{Class: ClassUnpaid, Reason: why, Err: err}
}

// Permanent returns the error for content that the remote refuses.
func Permanent(field string, why reasons.Reason) *Error {
	return &Error{Class: ClassPermanent, Field: field, Reason: why}
}

// Unknown returns the error for a call that the remote may have accepted.
func Unknown(err error) *Error {
	return &Error{Class: ClassUnknown, Reason: reasons.ChannelAnswerLost(), Err: err}
}

// Unaccepted returns the error of a step of Commit before the irreversible call, where the remote has accepted nothing:
// Unknown and unclassified errors become a Retry, others stay.
func Unaccepted(err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) && e.Class != ClassUnknown {
		return err
	}
	return Retry(0, err)
}

// Classify returns err as an Error; fallback is the class of errors that are not from a channel.
func Classify(err error, fallback Class) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if fallback == ClassUnknown {
		return Unknown(err)
	}
	return Retry(0, err)
}

// Problem returns the error as a publication stores it.
func (e *Error) Problem() *dam.Problem {
	why := e.Reason
	if why.IsZero() && e.Err != nil {
		why = reasons.Said(e.Err, "")
	}
	return dam.NewProblem(string(e.Class), e.Field, why)
}

// ClassOf returns the class of an error; fallback is for errors that the channel did not classify. It returns "" for
// nil.
func ClassOf(err error, fallback Class) Class {
	if err == nil {
		return ""
	}
	return Classify(err, fallback).Class
}
