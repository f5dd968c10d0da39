package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are pipes in memory, which keep time as the test does.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A body that does not come ends; one that comes at its pace does not, however long it takes. The time that passes is
// the test's own: what waits takes none.
func TestBodiesHaveAPace(t *testing.T) {
	const short, long = 100 * time.Millisecond, time.Hour
	silent := pace{silence: short, grace: long, rate: 1}
	const post = "POST / HTTP/1.1\r\nHost: x\r\n"
	for name, test := range map[string]struct {
		pace
		request string
		more    func(c net.Conn) error // what the client sends after its request
		last    bool                   // a while after its body, the handler answers
		cut     bool                   // reading the body ends with a timeout
		after   time.Duration
	}{
		"a body that stops": {pace: silent, request: post + "Content-Length: 10\r\n\r\nab", cut: true, after: short},
		"a body that trickles": {pace: pace{silence: long, grace: short, rate: 1 << 20},
			request: post + "Content-Length: 100000\r\n\r\n", cut: true, after: short,
			more: func(c net.Conn) error { // a byte now and then, never silent for long
				for {
					if _, err := c.Write([]byte("x")); err != nil {
						return nil // it has been cut
					}
					time.Sleep(10 * time.Millisecond)
				}
			}},
		// What has come is enough for a minute; only then, after the grace, comes the end.
		"a body that takes its time": {pace: pace{silence: long, grace: short, rate: 1 << 10}, after: 2 * short,
			request: fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", post, 64<<10,
				strings.Repeat("x", 64<<10)),
			more: func(c net.Conn) error {
				time.Sleep(2 * short)
				_, err := io.WriteString(c, "0\r\n\r\n")
				return err
			}},
		"a body that takes too long": {pace: pace{silence: long, grace: short, rate: 1 << 10}, cut: true,
			after: 64*time.Second + short,
			request: fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", post, 64<<10,
				strings.Repeat("x", 64<<10))},
		"a request that lasts after its body": {pace: silent, request: post + "Content-Length: 2\r\n\r\nab",
			last: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				read := make(chan error, 1)
				c := serve(t, test.pace, func(_ http.ResponseWriter, r *http.Request) {
					_, err := io.Copy(io.Discard, r.Body)
					if test.last && err == nil {
						time.Sleep(3 * short) // nothing is to be read any more: the deadline must be gone
						err = r.Context().Err()
					}
					read <- err
				})
				sent := make(chan error, 1)
				go func() {
					_, err := io.WriteString(c, test.request)
					if err == nil && test.more != nil {
						err = test.more(c)
					}
					sent <- err
				}()
				err := <-read
				var timeout net.Error
				if cut := errors.As(err, &timeout) && timeout.Timeout(); cut != test.cut || !cut && err != nil {
					t.Errorf("reading it: %v", err)
				}
				if took := time.Since(began); !test.last && took != test.after {
					t.Errorf("it took %v, want %v", took, test.after)
				}
				if !test.cut {
					res, err := http.ReadResponse(bufio.NewReader(c), nil)
					if err != nil {
						t.Fatal(err)
					}
					if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
						t.Errorf("its answer: %d %v", res.StatusCode, err)
					}
				}
				_ = c.Close()
				if err := <-sent; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A body that the handler does not look at holds the connection no longer than one that it reads.
func TestBodiesThatNobodyReadsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const short = 100 * time.Millisecond
		c := serve(t, pace{silence: short, grace: time.Hour, rate: 1}, func(http.ResponseWriter, *http.Request) {})
		began := time.Now()
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); err != nil { // ends by itself
			t.Error(err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

// serve answers requests on one connection, whose other end it returns.
func serve(t *testing.T, p pace, handler http.HandlerFunc) net.Conn {
	l := pipes{make(chan net.Conn), make(chan struct{})}
	srv := &http.Server{Handler: paced(handler, p)}
	go func() { _ = srv.Serve(l) }() // ends with Close
	t.Cleanup(func() { _ = srv.Close() })
	near, far := net.Pipe()
	t.Cleanup(func() { _ = near.Close() })
	l.conns <- far
	return near
}
