// Package cli is what all commands share: how they write tables, sizes, progress and errors, and the exit status that
// an error stands for.
package cli

import (
	"errors"

	"vitrine/dam"
)

// ErrReported says that the command has told what is wrong; only the exit status is left.
var ErrReported = errors.New("reported")

// ErrDamage says that the command did all it could and has said which objects are damaged or missing.
var ErrDamage = errors.New("damage")

// UsageError is a command line that can't be understood.
type UsageError struct{ error }

// Usage makes a UsageError of what is wrong with the command line.
func Usage(err error) error { return UsageError{err} }

// Unwrap returns what is wrong with the command line.
func (e UsageError) Unwrap() error { return e.error }

// Explain puts an error into the words of the command line.
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
