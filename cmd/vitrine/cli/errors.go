// Package cli has what all commands share: how they write tables, sizes, progress and errors, and the exit status of an
// error.
package cli

import (
	"errors"

	"vitrine/dam"
)

// ErrReported means that the command has printed what is wrong; only the exit status remains.
var ErrReported = errors.New("reported")

// ErrDamage means that the command finished, and has printed which objects are damaged or missing.
var ErrDamage = errors.New("damage")

// UsageError is an error in the command line.
type UsageError struct{ error }

// Usage returns a UsageError that wraps err.
func Usage(err error) error { return UsageError{err} }

// Unwrap returns the error in the command line.
func (e UsageError) Unwrap() error { return e.error }

// Explain returns an error as the command line prints it.
func Explain(err error) string {
	var e *dam.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	s := e.Text()
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if advice := e.Advice(); advice != "" {
		s += "\n  " + advice
	}
	return s
}
