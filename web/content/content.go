// Package content serves stored objects, with ranges and conditional requests as in net/http. An object that turns out
// to be unreadable never looks complete to the client.
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

// Serve answers with an object; the caller has set its type and validators. The headers are sent with the first byte
// that was read, so if an object can't be read at all, Serve returns the error and the caller still can answer. Later,
// Serve cuts the connection off with a panic of http.ErrAbortHandler.
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

// Bytes answers with bytes in memory; the caller has set their type and validators.
func Bytes(w http.ResponseWriter, r *http.Request, modified time.Time, body []byte) {
	http.ServeContent(&ranged{ResponseWriter: w, r: r}, r, "", modified, bytes.NewReader(body))
}

// ranged turns net/http's plain-text error for an invalid range into a problem document.
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
		_, _ = x.ResponseWriter.Write(b) // a client that has disconnected is not an error
	}
}

// Write implements io.Writer. It drops the text of a refused range.
func (x *ranged) Write(b []byte) (int, error) {
	if x.refused {
		return len(b), nil
	}
	return x.ResponseWriter.Write(b)
}

// ReadFrom lets the operating system send files directly.
func (x *ranged) ReadFrom(r io.Reader) (int64, error) { return io.Copy(x.ResponseWriter, r) }

// Lost reports whether an object is missing or damaged, which a retry does not fix.
func Lost(err error) bool {
	return errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrNotFound)
}

// source records errors of reading; if there are several ranges, a goroutine of net/http reads.
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

// afterHeader delays the status until there is something to send.
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

// blocks are buffers of one block: a verifying reader fills one without copying.
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
