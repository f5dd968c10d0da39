package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// Redraw is how often a line on a terminal is drawn anew at most.
const Redraw = 200 * time.Millisecond

// Status is one line on a terminal that is written over and over; on anything else it stays silent.
type Status struct {
	out *os.File // nil when it isn't a terminal

	mu    sync.Mutex
	last  time.Time
	drawn bool
}

// NewStatus is a status line on w.
func NewStatus(w io.Writer) *Status { return &Status{out: Terminal(w)} }

// Terminal is w when a line on it can be redrawn, else nil.
func Terminal(w io.Writer) *os.File {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		return f
	}
	return nil
}

// Say shows the line, at most a few times a second.
func (s *Status) Say(format string, args ...any) {
	if s.out == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.last) < Redraw {
		return
	}
	s.last, s.drawn = time.Now(), true
	_, _ = fmt.Fprintf(s.out, "\r\x1b[K"+format, args...)
}

// Aside removes the line while something else is written.
func (s *Status) Aside(write func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drawn {
		_, _ = fmt.Fprint(s.out, "\r\x1b[K")
		s.drawn = false
	}
	write()
}
