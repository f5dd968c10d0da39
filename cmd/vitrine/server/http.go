package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	webdelivery "vitrine/web/delivery"
)

const (
	headerTimeout = 20 * time.Second // for a client that doesn't send its request's header
	idleTimeout   = 2 * time.Minute
	// idleGrace is how long idle connections are kept once the server stops, so that a request that is on its way is
	// answered, with "Connection: close", instead of finding the connection closed.
	idleGrace = time.Second
	// partingGrace is how long requests that are cut off have to answer so.
	partingGrace = 2 * time.Second
)

// frontServer is the HTTP server of a process, and the sequence in which it stops.
type frontServer struct {
	*http.Server
	server  *Server
	log     *slog.Logger
	closing atomic.Bool // no more connections are accepted, and open ones are being closed
	open    atomic.Int64
	// cutOff ends the requests that are still running when the time is up.
	cutOff    context.CancelCauseFunc
	listeners []net.Listener
}

func newFrontServer(server *Server, listeners []net.Listener, log *slog.Logger) *frontServer {
	s := &frontServer{server: server, log: log, listeners: listeners}
	// Requests are not cancelled by the signal that stops the server: they have their own time to finish.
	requests, cutOff := context.WithCancelCause(context.Background())
	s.cutOff = cutOff
	s.Server = &http.Server{
		Handler: http.HandlerFunc(s.answer), ConnContext: webdelivery.ConnContext, ConnState: s.count,
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return requests },
	}
	return s
}

func (s *frontServer) answer(w http.ResponseWriter, r *http.Request) {
	if s.closing.Load() {
		w.Header().Set("Connection", "close")
	}
	s.server.Handler.ServeHTTP(w, r)
}

func (s *frontServer) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.open.Add(-1)
	}
}

// start accepts connections until stop; the channel delivers a failure of a listener.
func (s *frontServer) start() <-chan error {
	failed := make(chan error, len(s.listeners))
	for _, l := range s.listeners {
		go func() {
			failed <- dam.Protect("the listener", func() error { return s.Serve(webdelivery.Listen(l)) })
		}()
	}
	return failed
}

// stop makes the server unready and keeps serving for delay. Then it stops accepting connections, ends requests that
// wait for events, and lets all others finish for up to timeout.
func (s *frontServer) stop(ctx context.Context, delay, timeout time.Duration) error {
	s.server.Drain()
	wait(ctx, delay)
	s.closing.Store(true)
	if err := closeAll(s.listeners); err != nil {
		s.log.Warn("a listener was not closed", "err", err)
	}
	// Event streams and long polls never end by themselves; their clients reconnect with their cursor.
	s.server.EndWaits()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for end := time.Now().Add(idleGrace); s.open.Load() > 0 && time.Now().Before(end) && ctx.Err() == nil; {
		wait(ctx, 10*time.Millisecond)
	}
	err := s.Shutdown(ctx)
	if err == nil {
		return nil
	}
	s.log.Warn("requests were cut off; --stop-timeout gives them longer", "after", timeout)
	s.cutOff(http.ErrServerClosed) // interrupted uploads answer that they can be resumed
	parting, done := context.WithTimeout(context.WithoutCancel(ctx), partingGrace)
	defer done()
	if s.Shutdown(parting) != nil {
		return s.Close()
	}
	return nil
}

// Serve runs a server until ctx ends or a listener fails.
func Serve(ctx context.Context, c config.Config, o Options) (err error) {
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	listeners, err := listen(c.Listen)
	if err != nil {
		return err
	}
	// Background work ends when all requests are answered, not with the signal.
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	s, err := New(work, c, o)
	if err != nil {
		return errors.Join(err, closeAll(listeners))
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(ctx))) }()
	if err := s.Start(work); err != nil {
		return errors.Join(err, closeAll(listeners))
	}
	front := newFrontServer(s, listeners, o.Log)
	failed := front.start()
	for _, l := range listeners {
		o.Log.Info("serving", "address", address(l), "public_url", c.PublicURL, "version", o.Version)
	}
	if err := Announce(c, listeners[0].Addr().String()); err != nil {
		o.Log.Warn("the data folder doesn't take this server's address; commands beside it need --listen", "err", err)
	}
	defer func() { err = errors.Join(err, Withdraw(c)) }()
	notify(o.Log, ready)
	select {
	case err := <-failed:
		return errors.Join(err, front.Close())
	case <-ctx.Done():
	}
	o.Log.Info("stopping", "delay", c.StopDelay, "timeout", c.StopTimeout)
	notify(o.Log, stopping)
	return front.stop(work, c.StopDelay, c.StopTimeout)
}

func address(l net.Listener) string {
	if l.Addr().Network() == "tcp" {
		return "http://" + l.Addr().String()
	}
	return l.Addr().Network() + ":" + l.Addr().String()
}
