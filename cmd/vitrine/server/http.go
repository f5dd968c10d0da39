package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"vitrine/dam"
	webdelivery "vitrine/web/delivery"
)

const (
	// idleGrace is how long connections that wait for their next request are kept once the server stops: a request that
	// is on its way is answered, with "Connection: close", instead of meeting a closed connection.
	idleGrace = time.Second
	// partingGrace is how long requests that are cut off have to say so.
	partingGrace = 2 * time.Second
)

// frontServer is the HTTP server of a process, and the order in which it stops.
type frontServer struct {
	*http.Server
	p       *process
	log     *slog.Logger
	closing atomic.Bool // no more connections are taken, and those that are open are given up
	open    atomic.Int64
	// cutOff ends the requests that are still being answered when the time is up.
	cutOff    context.CancelCauseFunc
	listeners []net.Listener
}

func newFrontServer(p *process, listeners []net.Listener, log *slog.Logger) *frontServer {
	s := &frontServer{p: p, log: log, listeners: listeners}
	// Requests don't end with the signal that stops the server: they have their own time to finish.
	requests, cutOff := context.WithCancelCause(context.Background())
	s.cutOff = cutOff
	s.Server = &http.Server{
		Handler: http.HandlerFunc(s.answer), ConnContext: webdelivery.ConnContext, ConnState: s.count, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return requests },
	}
	return s
}

func (s *frontServer) answer(w http.ResponseWriter, r *http.Request) {
	if s.closing.Load() {
		w.Header().Set("Connection", "close")
	}
	s.p.handler.ServeHTTP(w, r)
}

func (s *frontServer) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.open.Add(-1)
	}
}

// start takes connections until stop; what comes out of the channel is a listener's failure.
func (s *frontServer) start() <-chan error {
	failed := make(chan error, len(s.listeners))
	for _, l := range s.listeners {
		go func() {
			failed <- dam.Protect("the listener", func() error { return s.Serve(webdelivery.Listen(l)) })
		}()
	}
	return failed
}

// stop says that the server is not ready and goes on for delay; then takes no more connections, ends what waits for news,
// and lets everything else finish for up to timeout.
func (s *frontServer) stop(ctx context.Context, delay, timeout time.Duration) error {
	s.p.stopping.Store(true)
	pause(ctx, delay)
	s.closing.Store(true)
	if err := closeAll(s.listeners); err != nil {
		s.log.Warn("a listener was not closed", "err", err)
	}
	// Event streams and long polls have no end of their own; their clients come back with their cursor.
	s.p.api.Close()
	s.p.stopWaits()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for end := time.Now().Add(idleGrace); s.open.Load() > 0 && time.Now().Before(end) && ctx.Err() == nil; {
		pause(ctx, 10*time.Millisecond)
	}
	err := s.Shutdown(ctx)
	if err == nil {
		return nil
	}
	s.log.Warn("requests were cut off; --stop-timeout gives them longer", "after", timeout)
	s.cutOff(http.ErrServerClosed) // uploads answer that they can be resumed
	parting, done := context.WithTimeout(context.WithoutCancel(ctx), partingGrace)
	defer done()
	if s.Shutdown(parting) != nil {
		return s.Close()
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
