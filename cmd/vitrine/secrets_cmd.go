package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

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
			c, err := loadFor(cmd)
			if err != nil {
				return err
			}
			if c.SecretKey != "" {
				return errors.New("the keys come from the settings, not from a file\n  put a new key before the old one in VITRINE_SECRET_KEY, separated by a comma, on every node, and restart them")
			}
			if err := secrets.AddKey(c.Data); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "a new key is in use from the next start on; keep a copy of the key file")
			return err
		},
	}
	addSettings(rotate.Flags(), "data")
	return group("secrets", "Keys that seal stored credentials", rotate)
}
