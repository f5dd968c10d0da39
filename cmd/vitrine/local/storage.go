package local

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/storage"
	"vitrine/storage/s3"
)

func storageCommand() *cobra.Command {
	var to string
	copyTo := &cobra.Command{
		Use:   "copy --to LOCATION",
		Short: "Copy every object to another store, verified; run it again to go on",
		Long: `Copy every object to another store. Each copy is read back and its SHA-256 compared. What the target
has already is passed over, so an interrupted run is simply started again, and a second run shortly
before the switch copies only what is new. An object that is damaged or can't be read is named and passed
over; the exit status is then 3.

Credentials of a target bucket: VITRINE_TO_S3_ACCESS_KEY and VITRINE_TO_S3_SECRET_KEY when they differ
from VITRINE_S3_ACCESS_KEY and VITRINE_S3_SECRET_KEY.`,
		Example: `  vitrine storage copy --data /var/lib/vitrine --to 's3://media?endpoint=127.0.0.1:9000&tls=false'
  vitrine storage copy --storage 's3://media?region=eu-west-1' --to disk:/srv/objects`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			c, err := LoadConfig(cmd)
			if err != nil {
				return err
			}
			from, err := server.OpenStore(cmd.Context(), c.Storage, c.S3)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, from.Close()) }()
			credentials := c.S3
			if key := os.Getenv("VITRINE_TO_S3_ACCESS_KEY"); key != "" {
				credentials = s3.Credentials{AccessKey: key, SecretKey: os.Getenv("VITRINE_TO_S3_SECRET_KEY")}
			}
			target, err := server.OpenStore(cmd.Context(), to, credentials)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, target.Close()) }()
			return copyObjects(cmd, from, target)
		},
	}
	copyTo.Flags().StringVar(&to, "to", "", "the other store: disk:PATH or s3://BUCKET?…")
	config.AddFlags(copyTo.Flags(), "data", "storage")
	cli.Require(copyTo, "to")
	return cli.Group("storage", "Move objects between stores", copyTo)
}

// copyObjects copies with a status line, names what failed, and ends with the sums.
func copyObjects(cmd *cobra.Command, from, to storage.Store) error {
	if from.String() == to.String() {
		return errors.New("the two stores are the same: " + from.String())
	}
	status := cli.NewStatus(cmd.ErrOrStderr())
	report, err := storage.Copy(cmd.Context(), from, to, func(r storage.CopyReport) {
		status.Say("%d copied, %s; %d there already", r.Copied, cli.Bytes(r.Bytes), r.Skipped)
	})
	status.Aside(func() { printCopy(cmd.OutOrStdout(), cmd.ErrOrStderr(), report) })
	if errors.Is(err, storage.ErrIncomplete) {
		return cli.ErrDamage
	}
	return err
}

func printCopy(out, diagnostics io.Writer, r storage.CopyReport) {
	for _, f := range r.Failed {
		_, _ = fmt.Fprintf(diagnostics, "failed     %s: %v\n", f.Key, f.Err)
	}
	_, _ = fmt.Fprintf(out, "%d objects copied and verified, %s; %d there already; %d failed\n", r.Copied,
		cli.Bytes(r.Bytes), r.Skipped, len(r.Failed))
}
