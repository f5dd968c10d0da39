package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"vitrine/dam"
	webdelivery "vitrine/web/delivery"
)

const (
	headerTimeout = 20 * time.Second // a client that doesn't say what it wants
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 20 * time.Second // requests that are being answered when the server is told to stop
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server: portal, API, delivery and background work, in one process.

Without settings everything lives in ./data: a SQLite database, the objects, the search index. The first
start creates an administrator and prints the password once.`,
		Example: `  vitrine serve
  vitrine serve --listen :8080 --data /var/lib/vitrine --public-url https://media.example.com
  VITRINE_DATABASE=postgres://vitrine:…@db/vitrine vitrine serve --storage 's3://media?endpoint=minio:9000&tls=false'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadFor(cmd)
			if err != nil {
				return err
			}
			log := c.logger()
			slog.SetDefault(log) // for libraries that know no other way
			return serve(cmd.Context(), c, log, cmd.ErrOrStderr())
		},
	}
	addSettings(cmd.Flags(), keys()...)
	return cmd
}

// serve runs until ctx ends or the listener fails. notice takes what a person must see once.
func serve(ctx context.Context, c Config, log *slog.Logger, notice io.Writer) (err error) {
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("%w\n  is another server running? --listen chooses another address", err)
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	p, err := build(work, c, log, notice)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, p.close(context.WithoutCancel(ctx))) }()

	server := &http.Server{
		Handler: p.handler, ConnContext: webdelivery.ConnContext, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		// Requests see the end of the server, so that long polls and streams let it stop.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	server.RegisterOnShutdown(p.api.Close) // open event streams would hold the server up
	server.RegisterOnShutdown(p.stopWaits)
	failed := make(chan error, 1)
	go func() {
		failed <- dam.Protect("the listener", func() error { return server.Serve(webdelivery.Listen(listener)) })
	}()
	if err := c.announce(listener.Addr().String()); err != nil {
		log.Warn("the data folder doesn't take this server's address; commands beside it need --listen", "err", err)
	}
	defer func() { err = errors.Join(err, c.withdraw()) }()
	log.Info("serving", "address", "http://"+listener.Addr().String(), "public_url", c.PublicURL, "version", buildVersion())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping")
	drain, cancel := context.WithTimeout(work, drainTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		log.Warn("requests were cut off", "error", err)
		return server.Close()
	}
	return nil
}
