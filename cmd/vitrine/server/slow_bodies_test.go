package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A body that stops arriving is ended; one that keeps the pace is not, however long it takes.
func TestBodiesHaveAPace(t *testing.T) {
	ended := make(chan error, 8)
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			return // like public paths, whose handlers don't read the body
		}
		_, err := io.Copy(io.Discard, r.Body)
		if err == nil && r.URL.Path == "/wait" {
			select { // the body was read: the deadline must be gone
			case <-r.Context().Done():
				err = r.Context().Err()
			case <-time.After(300 * time.Millisecond):
			}
		}
		ended <- err
	})
	open := func(p pace, request string) net.Conn {
		t.Helper()
		srv := httptest.NewServer(paced(handler, p))
		t.Cleanup(srv.Close)
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, request); err != nil {
			t.Fatal(err)
		}
		return c
	}
	const short, long = 100 * time.Millisecond, time.Hour
	silent := pace{silence: short, grace: long, rate: 1}
	var timeout net.Error
	open(silent, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab")
	if err := <-ended; !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a body that stops: %v", err)
	}
	slow := open(pace{silence: long, grace: short, rate: 1 << 20},
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
	go func() { // a byte from time to time, never silent for long
		for range 1000 {
			if _, err := slow.Write([]byte("x")); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	if err := <-ended; !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a body that trickles: %v", err)
	}
	c := open(silent, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
	if _, err := io.Copy(io.Discard, c); err != nil { // returns when the connection is closed
		t.Errorf("a body that nobody reads: %v", err)
	}
	// What has arrived is enough for a minute; only after that, and the grace, is the body ended.
	c = open(pace{silence: long, grace: short, rate: 1 << 10},
		fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", 64<<10,
			strings.Repeat("x", 64<<10)))
	time.Sleep(2 * short)
	if _, err := io.WriteString(c, "0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("a body that takes its time: %v", err)
	}
	c = open(silent, "POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
	if err := <-ended; err != nil {
		t.Errorf("a request that lasts after its body: %v", err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != 200 {
		t.Errorf("its answer: %d %v", res.StatusCode, err)
	}
}
