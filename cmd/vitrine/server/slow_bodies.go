package server

import (
	"io"
	"net/http"
	"time"
)

// Limits on how slowly a request's body may arrive. A sender that keeps the pace may take days.
const (
	bodySilence = 30 * time.Second // without a byte
	bodyGrace   = 60 * time.Second // for the whole body, in addition to the time at the pace
	bodyPace    = 1 << 10          // bytes a second
)

// pace bounds how long a body may take, so that a client can't occupy a connection and the memory of a request by
// sending a byte now and then.
type pace struct {
	silence, grace time.Duration
	rate           int64 // bytes a second
}

// paced gives every request's body a deadline that moves as bytes arrive.
func paced(h http.Handler, p pace) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			b := &pacedBody{ReadCloser: r.Body, pace: p, rc: http.NewResponseController(w), began: time.Now()}
			b.move()
			r.Body = b
		}
		h.ServeHTTP(w, r)
	})
}

type pacedBody struct {
	io.ReadCloser
	pace
	rc    *http.ResponseController
	began time.Time
	n     int64
	ended bool
}

func (b *pacedBody) Read(p []byte) (int, error) {
	b.move()
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	if err != nil {
		// The server keeps reading to detect a disconnected client, which must not have a deadline.
		b.ended = true
		_ = b.rc.SetReadDeadline(time.Time{}) // a writer without deadlines had none before
	}
	return n, err
}

// move sets the deadline: bodySilence from now, but no later than the pace allows.
func (b *pacedBody) move() {
	if b.ended {
		return
	}
	now := time.Now()
	until := now.Add(b.silence)
	if last := b.began.Add(b.grace + time.Duration(b.n/b.rate)*time.Second); last.Before(until) {
		until = last
	}
	_ = b.rc.SetReadDeadline(until)
}
