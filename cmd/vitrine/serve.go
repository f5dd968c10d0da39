package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/local"
	"vitrine/cmd/vitrine/server"
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
			c, err := local.LoadConfig(cmd)
			if err != nil {
				return err
			}
			log := c.Logger()
			slog.SetDefault(log) // for libraries that know no other way
			return server.Serve(cmd.Context(), c, server.Options{Log: log, Notice: cmd.ErrOrStderr(),
				Version: cli.BuildVersion()})
		},
	}
	config.AddFlags(cmd.Flags(), config.Keys()...)
	return cmd
}
