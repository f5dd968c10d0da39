package publishers

import (
	"errors"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Class says what an error of a channel means for the publication.
type Class string

const (
	ClassRetry        Class = "retry"        // passing; the remote accepted nothing
	ClassThrottled    Class = "throttled"    // too many requests; the account waits
	ClassAuthExpired  Class = "auth_expired" // refresh, then try again
	ClassDisconnected Class = "disconnected" // the account refuses us until a person reconnects it
	ClassPermanent    Class = "permanent"    // refused; trying again changes nothing
	ClassUnknown      Class = "unknown"      // the remote may or may not have accepted
	ClassRights       Class = "rights"       // the gate closed
	ClassLate         Class = "late"         // it missed its time, and the channel's policy is to ask
	ClassReinstated   Class = "reinstated"   // a new post is proposed after a recall: see reinstate.go
	ClassRestored     Class = "restored"     // the catalogue is a copy of one that may have sent it: see hold.go
)

// Error is a channel's error. Reason is shown to people; Err is logged.
type Error struct {
	Class  Class
	After  time.Duration // Retry: at least this long
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

// Text is what went wrong in English.
func (e *Error) Text() string { return e.Reason.Text() }

// Why is the reason, as a value of another.
func (e *Error) Why() reasons.Reason { return e.Reason }

// Retry says that the trouble is passing and the remote accepted nothing. after is a minimum; 0 leaves the pause to the
// ledger.
func Retry(after time.Duration, err error) *Error {
	return &Error{Class: ClassRetry, After: after, Reason: reasons.ChannelRetried(), Err: err}
}

// Throttled says that the account may not send before until.
func Throttled(until time.Time, err error) *Error {
	return &Error{Class: ClassThrottled, Until: until, Reason: reasons.ChannelAskedToWait(), Err: err}
}

// AuthExpired says that the credential has to be refreshed.
func AuthExpired(err error) *Error {
	return &Error{Class: ClassAuthExpired, Reason: reasons.AccessExpired(), Err: err}
}

// Disconnected says that the account is revoked, suspended or its password changed.
func Disconnected(why reasons.Reason, err error) *Error {
	return &Error{Class: ClassDisconnected, Reason: why, Err: err}
}

// Permanent says that the remote refuses this content.
func Permanent(field string, why reasons.Reason) *Error {
	return &Error{Class: ClassPermanent, Field: field, Reason: why}
}

// Unknown says that the remote may have accepted.
func Unknown(err error) *Error {
	return &Error{Class: ClassUnknown, Reason: reasons.ChannelAnswerLost(), Err: err}
}

// Unaccepted says of an error in Commit, before the call that counts, that the remote accepted nothing: what it
// asks for stays, and what would be Unknown is a Retry.
func Unaccepted(err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) && e.Class != ClassUnknown {
		return err
	}
	return Retry(0, err)
}

// Classify reads an error; fallback is the class of errors that are not from a channel.
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

// Problem is the error as a publication keeps it.
func (e *Error) Problem() *dam.Problem {
	why := e.Reason
	if why.IsZero() && e.Err != nil {
		why = reasons.Said(e.Err, "")
	}
	return dam.NewProblem(string(e.Class), e.Field, why)
}

// ClassOf returns what an error of a channel means; fallback is for errors that
// the channel did not classify, "" for nil.
func ClassOf(err error, fallback Class) Class {
	if err == nil {
		return ""
	}
	return Classify(err, fallback).Class
}
