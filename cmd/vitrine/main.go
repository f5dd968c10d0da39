// Vitrine is a digital asset management server. This package is the binary: its
// commands, its configuration, and the one place that names drivers and wires them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // rights and schedules need zones on machines that have none

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/local"
	"vitrine/cmd/vitrine/remote"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam/rendition/sandbox"
)

func main() {
	sandbox.Launch()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C ends at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without the process. It returns the exit status: 0, 1 for
// an error or a bad result, 2 for a command that can't be understood, 3 for one
// that ran to its end and found objects damaged or missing.
func run(ctx context.Context, args []string, out, diagnostics io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(diagnostics)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, cli.ErrReported):
		return 1
	case errors.Is(err, cli.ErrDamage):
		return 3
	case misunderstood(err):
		_, _ = fmt.Fprintf(diagnostics, "vitrine: %v\nAdd --help to see what a command takes.\n", err)
		return 2
	}
	_, _ = fmt.Fprintln(diagnostics, "vitrine:", cli.VisibleLines(cli.Explain(err)))
	return 1
}

// misunderstood: ours, or one of those that cobra gives no type.
func misunderstood(err error) bool {
	var usage cli.UsageError
	if errors.As(err, &usage) {
		return true
	}
	for _, s := range []string{"unknown command", "required flag", "accepts "} {
		if strings.HasPrefix(err.Error(), s) {
			return true
		}
	}
	return false
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "vitrine",
		Short: "Digital asset management for retailers: one server, one command",
		Example: `  vitrine serve --data /var/lib/vitrine
  vitrine token create --data /var/lib/vitrine --role editor --name importer
  vitrine import --server http://127.0.0.1:8080 ~/Pictures`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.Usage(fmt.Errorf("%s: %w", strings.TrimPrefix(cmd.CommandPath(), "vitrine "), err))
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(), openapiCommand(), versionCommand(), renderWorkerCommand())
	root.AddCommand(local.Commands()...)
	root.AddCommand(remote.Commands()...)
	for _, cmd := range root.Commands() {
		refuseUnknown(cmd)
	}
	return root
}

// refuseUnknown makes groups of commands refuse a command that they don't have: cobra prints the help, as a success.
func refuseUnknown(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = cobra.NoArgs
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, c := range cmd.Commands() {
		refuseUnknown(c)
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			engine, err := config.EngineName("auto")
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "vitrine %s\nrenditions: %s (%s)\n", cli.BuildVersion(), engine,
				server.EngineVersion(engine))
			return err
		},
	}
}
