package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"
)

const (
	headerTimeout = 20 * time.Second // a client that doesn't say what it wants
	idleTimeout   = 2 * time.Minute
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server: portal, API, delivery and background work, in one process.

Without settings everything lives in ./data: a SQLite database, the objects, the search index. The first
start creates an administrator and prints the password once.

SIGTERM or Ctrl-C stops it: /readyz answers 503 at once, connections are taken for another --stop-delay, then
requests and uploads have --stop-timeout to finish. A second signal ends it at once. Under systemd it takes the
sockets that are handed to it (packaging/vitrine.socket), so that a restart refuses no connection.`,
		Example: `  vitrine serve
  vitrine serve --listen :8080 --data /var/lib/vitrine --public-url https://media.example.com
  VITRINE_DATABASE=postgres://vitrine:…@db/vitrine vitrine serve --storage 's3://media?endpoint=minio:9000&tls=false'
  systemd-socket-activate -l 8080 vitrine serve --data /var/lib/vitrine`,
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

// serve runs until ctx ends or a listener fails. notice takes what a person must see once.
func serve(ctx context.Context, c Config, log *slog.Logger, notice io.Writer) (err error) {
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	listeners, err := listen(c.Listen)
	if err != nil {
		return err
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	p, err := build(work, c, log, notice)
	if err != nil {
		return errors.Join(err, closeAll(listeners))
	}
	defer func() { err = errors.Join(err, p.close(context.WithoutCancel(ctx))) }()
	server := newFrontServer(p, listeners, log)
	failed := server.start()
	for _, l := range listeners {
		log.Info("serving", "address", address(l), "public_url", c.PublicURL, "version", buildVersion())
	}
	if err := c.announce(listeners[0].Addr().String()); err != nil {
		log.Warn("the data folder doesn't take this server's address; commands beside it need --listen", "err", err)
	}
	defer func() { err = errors.Join(err, c.withdraw()) }()
	notify(log, ready)
	select {
	case err := <-failed:
		return errors.Join(err, server.Close())
	case <-ctx.Done():
	}
	log.Info("stopping", "delay", c.StopDelay, "timeout", c.StopTimeout)
	notify(log, stopping)
	return server.stop(work, c.StopDelay, c.StopTimeout)
}

func address(l net.Listener) string {
	if l.Addr().Network() == "tcp" {
		return "http://" + l.Addr().String()
	}
	return l.Addr().Network() + ":" + l.Addr().String()
}
