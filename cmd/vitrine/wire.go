package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"vitrine/web/portal"
)

// process is a server's parts, wired.
type process struct {
	handler http.Handler
	// closers run in reverse order.
	closers []func(context.Context) error
}

func (p *process) close(ctx context.Context) error {
	var errs []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		errs = append(errs, p.closers[i](ctx))
	}
	return errors.Join(errs...)
}

// build opens what the configuration names and wires it. ctx ends with the process.
func build(ctx context.Context, c Config, log *slog.Logger, notice io.Writer) (p *process, err error) {
	p = &process{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close(context.WithoutCancel(ctx)))
		}
	}()
	cat, err := openCatalog(ctx, c)
	if err != nil {
		return p, err
	}
	p.closers = append(p.closers, func(context.Context) error { return cat.Close() })
	store, err := openStore(ctx, c.Storage, c.S3)
	if err != nil {
		return p, err
	}
	p.closers = append(p.closers, func(context.Context) error { return store.Close() })

	mux := http.NewServeMux()
	mux.Handle("GET /healthz", http.HandlerFunc(alive))
	mux.Handle("GET /readyz", readiness{{"database", cat.Ping}, {"storage", store.Check}})
	mux.Handle("/", portal.Handler())
	p.handler = mux
	return p, nil
}

func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
}

// part is something the server needs for work.
type part struct {
	name  string
	check func(context.Context) error
}

// readiness answers 200 when every part works, else 503, and says which doesn't.
type readiness []part

func (parts readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	state, status := map[string]string{}, http.StatusOK
	for _, p := range parts {
		state[p.name] = "ok"
		if err := p.check(r.Context()); err != nil {
			slog.WarnContext(r.Context(), "not ready", "part", p.name, "error", err)
			state[p.name], status = "not ready", http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": status == http.StatusOK, "parts": state}) // the client may be gone
}
