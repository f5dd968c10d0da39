package delivery

import (
	"context"
	"net"
)

// net/http writes an answer through a buffer of 4 KB: one system call for the headers and the beginning of the body,
// and one for the rest, each of which wakes the client. A connection that knows that more data follows sends both in
// one.

// Listen wraps a listener so that the handler can send headers and body together. It works with ConnContext in the same
// http.Server; without both, and over TLS, answers are the same but cost a little more.
func Listen(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if t, ok := c.(*net.TCPConn); ok {
		c = &conn{TCPConn: t}
	}
	return c, err
}

type connKey struct{}

// ConnContext is the value for http.Server.ConnContext.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*conn); ok {
		return context.WithValue(ctx, connKey{}, c)
	}
	return ctx
}

// conn holds a write back until the next one if join is set. Only the goroutine that answers a request writes, so it
// needs no lock. Everything else, including sending files, is passed to the TCP connection.
type conn struct {
	*net.TCPConn
	join  bool
	held  []byte
	parts [2][]byte
	queue net.Buffers
}

func (c *conn) Write(p []byte) (int, error) {
	if c.join && len(c.held) == 0 {
		c.held = append(c.held, p...)
		return len(p), nil
	}
	if len(c.held) == 0 {
		return c.TCPConn.Write(p)
	}
	head := len(c.held)
	c.parts = [2][]byte{c.held, p}
	c.queue = c.parts[:]
	n, err := c.queue.WriteTo(c.TCPConn)
	c.held, c.join, c.parts = c.held[:0], false, [2][]byte{}
	return max(int(n)-head, 0), err
}

// writeJoined calls write, holding the first part back to send it with the rest. A failure of the final flush shows at
// the next write: the connection is broken then.
func (c *conn) writeJoined(write func([]byte) (int, error), body []byte) (int, error) {
	c.join = true
	n, err := write(body)
	c.join = false
	if len(c.held) > 0 {
		_, _ = c.TCPConn.Write(c.held)
		c.held = c.held[:0]
	}
	return n, err
}
