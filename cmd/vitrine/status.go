package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// status is one line on a terminal that is written over and over; on anything else it stays silent.
type status struct {
	out *os.File // nil when it isn't a terminal

	mu    sync.Mutex
	last  time.Time
	drawn bool
}

func newStatus(w io.Writer) *status { return &status{out: terminal(w)} }

// terminal is w when a line on it can be redrawn, else nil.
func terminal(w io.Writer) *os.File {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		return f
	}
	return nil
}

// say shows the line, at most a few times a second.
func (s *status) say(format string, args ...any) {
	if s.out == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.last) < redraw {
		return
	}
	s.last, s.drawn = time.Now(), true
	_, _ = fmt.Fprintf(s.out, "\r\x1b[K"+format, args...)
}

// aside removes the line while something else is written.
func (s *status) aside(write func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drawn {
		_, _ = fmt.Fprint(s.out, "\r\x1b[K")
		s.drawn = false
	}
	write()
}
