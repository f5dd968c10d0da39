// Package content answers requests with stored objects: ranges and conditions as net/http knows them, and an object
// that turns out to be unreadable never looks like a whole one.
package content

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/storage"
	"vitrine/web/problem"
)

// Serve answers with an object; the caller has set its type and validators. The headers go out with the first byte that
// was read, so an object that can't be read at all leaves the answer to the caller, who gets the error. Later the
// connection is cut off: Serve panics with http.ErrAbortHandler.
func Serve(w http.ResponseWriter, r *http.Request, modified time.Time, object io.ReadSeeker) error {
	src, out := &source{ReadSeeker: object}, &afterHeader{ResponseWriter: &ranged{ResponseWriter: w, r: r}}
	http.ServeContent(out, r, "", modified, src)
	err := src.failure()
	switch {
	case err == nil:
		out.begin()
		return nil
	case out.begun:
		panic(http.ErrAbortHandler)
	}
	for _, name := range []string{"Accept-Ranges", "Content-Length", "Content-Range", "Last-Modified"} {
		w.Header().Del(name)
	}
	return err
}

// Bytes answers with what is in memory; the caller has set its type and validators.
func Bytes(w http.ResponseWriter, r *http.Request, modified time.Time, body []byte) {
	http.ServeContent(&ranged{ResponseWriter: w, r: r}, r, "", modified, bytes.NewReader(body))
}

// ranged writes the refusal of a range, which net/http words as plain text, as a problem.
type ranged struct {
	http.ResponseWriter
	r       *http.Request
	refused bool
}

// WriteHeader implements http.ResponseWriter.
func (x *ranged) WriteHeader(status int) {
	x.refused = status == http.StatusRequestedRangeNotSatisfiable
	if !x.refused {
		x.ResponseWriter.WriteHeader(status)
		return
	}
	b := problem.Body(x.Header(), status, &dam.Error{Code: dam.Invalid, Reason: reasons.RangeNotSatisfiable()})
	x.ResponseWriter.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		_, _ = x.ResponseWriter.Write(b) // a client that has left is no error of ours
	}
}

// Write implements io.Writer. The text of a refusal is left out.
func (x *ranged) Write(b []byte) (int, error) {
	if x.refused {
		return len(b), nil
	}
	return x.ResponseWriter.Write(b)
}

// ReadFrom keeps the way open for the system to send a file by itself.
func (x *ranged) ReadFrom(r io.Reader) (int64, error) { return io.Copy(x.ResponseWriter, r) }

// Lost reports whether an object's error says that it is gone or damaged, which asking again does not mend.
func Lost(err error) bool {
	return errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrNotFound)
}

// source remembers what went wrong with reading; several ranges are read by a goroutine of net/http's.
type source struct {
	io.ReadSeeker
	mu  sync.Mutex
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.ReadSeeker.Read(p)
	if err != nil && err != io.EOF {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
	return n, err
}

func (s *source) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// afterHeader keeps the status back until there is something to send.
type afterHeader struct {
	http.ResponseWriter
	status int
	begun  bool
}

// WriteHeader implements http.ResponseWriter.
func (l *afterHeader) WriteHeader(status int) { l.status = status }

func (l *afterHeader) begin() {
	if !l.begun {
		l.begun = true
		if l.status != 0 {
			l.ResponseWriter.WriteHeader(l.status)
		}
	}
}

// Write implements io.Writer.
func (l *afterHeader) Write(b []byte) (int, error) {
	l.begin()
	return l.ResponseWriter.Write(b)
}

// blocks are buffers of a block each: a reader that verifies fills one without a copy in between.
var blocks = sync.Pool{New: func() any { b := make([]byte, storage.BlockSize); return &b }}

// ReadFrom implements io.ReaderFrom for io.Copy.
func (l *afterHeader) ReadFrom(r io.Reader) (n int64, err error) {
	lent := blocks.Get().(*[]byte)
	defer blocks.Put(lent)
	for {
		k, err := r.Read(*lent)
		if k > 0 {
			k, writeErr := l.Write((*lent)[:k])
			n += int64(k)
			if writeErr != nil {
				return n, writeErr
			}
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
