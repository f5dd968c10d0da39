package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// Redraw is the minimum time between two updates of a line on a terminal.
const Redraw = 200 * time.Millisecond

// Status is one line on a terminal that is overwritten in place; it writes nothing to anything else.
type Status struct {
	out *os.File // nil if it isn't a terminal

	mu    sync.Mutex
	last  time.Time
	drawn bool
}

// NewStatus returns a status line on w.
func NewStatus(w io.Writer) *Status { return &Status{out: Terminal(w)} }

// Terminal returns w if it is a terminal on which a line can be redrawn, otherwise nil.
func Terminal(w io.Writer) *os.File {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		return f
	}
	return nil
}

// Say shows the line, at most once per Redraw.
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

// Aside removes the line while write writes something else.
func (s *Status) Aside(write func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drawn {
		_, _ = fmt.Fprint(s.out, "\r\x1b[K")
		s.drawn = false
	}
	write()
}
