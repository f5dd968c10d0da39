package local

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/secrets"
)

func secretsCommand() *cobra.Command {
	rotate := &cobra.Command{
		Use:   "rotate",
		Short: "Put a fresh key first in the key file",
		Long: `Put a fresh key first in the key file of the data folder. What older keys sealed stays readable and is
sealed again with the new one when it is next used. Restart the server afterwards, and keep a copy of the file.

With VITRINE_SECRET_KEY the keys are yours: put a new one before the old, separated by a comma, on every node.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := LoadConfig(cmd)
			if err != nil {
				return err
			}
			if c.SecretKey != "" {
				return errors.New("the keys come from the settings, not from a file\n  put a new key before the old " +
					"one in VITRINE_SECRET_KEY, separated by a comma, on every node, and restart them")
			}
			if err := secrets.AddKey(c.Data); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(),
				"a new key is in use from the next start on; keep a copy of the key file")
			return err
		},
	}
	config.AddFlags(rotate.Flags(), "data")
	return cli.Group("secrets", "Keys that seal stored credentials", rotate, resetSecretsCommand())
}

func resetSecretsCommand() *cobra.Command {
	var sure bool
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Give up a lost key and go on with a new one",
		Long: `Give up the key that is lost, and go on with the one that is configured or, without any, with a new key file.
Without --yes it only says what that loses.

The credentials of channels and the secrets of webhooks can't be read any more and must be entered again; signed
rendition URLs and the feeds of screens get new signatures. Sealed values stay in the catalogue: when the old key is
found, put it behind the new one in the key file and they can be read again.`,
		Example: "  vitrine secrets reset --data /var/lib/vitrine --yes",
		Args:    cobra.NoArgs,
		RunE: withCatalog(func(cmd *cobra.Command, _ []string, c config.Config, cat *catalog.Catalog) error {
			ctx := cmd.Context()
			_, err := server.OpenKeys(ctx, c, cat)
			if err == nil {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "the key is there: nothing to reset")
				return err
			}
			if dam.CodeOf(err) != dam.Conflict {
				return err
			}
			channels, hooks, err := cat.Maintenance().Sealed(ctx)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "lost without the key: the credentials of %d channels, the "+
				"secrets of %d webhooks, every signed rendition URL and screen feed\n", channels, hooks); err != nil {
				return err
			}
			if !sure {
				return errors.New("nothing was changed\n  add --yes to go on with a new key")
			}
			box, err := secrets.Load(c.Data, c.SecretKey)
			if errors.Is(err, secrets.ErrNoKey) {
				box, err = secrets.Create(c.Data)
			}
			if err != nil {
				return err
			}
			if err := cat.Write(ctx, func(tx *catalog.Tx) error {
				return tx.Maintenance().RecordSealingKey(ctx, box.IDs()[0])
			}); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(),
				"a new key is in use; keep a copy of the key file, and enter the credentials again")
			return err
		}),
	}
	cmd.Flags().BoolVar(&sure, "yes", false, "do it")
	config.AddFlags(cmd.Flags(), "data", "database")
	return cmd
}
