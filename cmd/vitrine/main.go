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
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata" // rights and schedules need zones on machines that have none

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/rendition/sandbox"
)

// version is set by the linker (make build).
var version = ""

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
	case errors.Is(err, errReported):
		return 1
	case errors.Is(err, errDamage):
		return 3
	case misunderstood(err):
		_, _ = fmt.Fprintf(diagnostics, "vitrine: %v\nAdd --help to see what a command takes.\n", err)
		return 2
	}
	_, _ = fmt.Fprintln(diagnostics, "vitrine:", visibleLines(explain(err)))
	return 1
}

// errReported: the command has said what is wrong; only the exit status is left.
var errReported = errors.New("reported")

// errDamage: the command did all it could and has said which objects are damaged or missing.
var errDamage = errors.New("damage")

// usageError is a command line that can't be understood.
type usageError struct{ error }

// misunderstood: ours, or one of those that cobra gives no type.
func misunderstood(err error) bool {
	var usage usageError
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
		return usageError{fmt.Errorf("%s: %w", strings.TrimPrefix(cmd.CommandPath(), "vitrine "), err)}
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		serveCommand(), configCommand(), tokenCommand(), userCommand(), fieldCommand(),
		importCommand(), verifyCommand(), repairCommand(), reindexCommand(), storageCommand(), eraseCommand(),
		migrateCommand(), backupCommand(), restoreCommand(), doctorCommand(), secretsCommand(), healthCommand(), openapiCommand(), signCommand(), versionCommand(),
		channelCommand(), publishCommand(), recallCommand(), reinstateCommand(), holdCommand(), campaignCommand(), seriesCommand(), liveCommand(), bulkCommand(), exportCommand(), synonymsCommand(), renderWorkerCommand(), productsCommand(), lookupCommand(),
		duplicatesCommand(), presetCommand(), renditionsCommand(), downloadCommand(),
	)
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			engine, err := config.EngineName("auto")
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "vitrine %s\nrenditions: %s (%s)\n", buildVersion(), engine, server.EngineVersion(engine))
			return err
		},
	}
}

func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

// explain puts an error into the words of the command line.
func explain(err error) string {
	var e *dam.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	s := e.Message
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Remedy != "" {
		s += "\n  " + e.Remedy
	}
	return s
}
