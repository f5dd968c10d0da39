package local

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/secrets"
)

func signCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sign PATH",
		Short: "Sign an ad-hoc rendition URL",
		Long: `Sign an ad-hoc rendition URL: /t/OPERATIONS/ASSET.EXT, where the operations start with the version and are
separated by commas. docs/delivery.md lists them. The full URL is printed.`,
		Example: "  vitrine sign /t/v_06h0…,w_400,h_300,fit_cover/a_06h0….webp",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := LoadConfig(cmd)
			if err != nil {
				return err
			}
			box, err := secrets.Load(c.Data, c.SecretKey)
			if errors.Is(err, secrets.ErrNoKey) {
				return dam.InvalidInput("data", reasons.NoKeyFile(c.Data))
			}
			if err != nil {
				return err
			}
			path, err := server.SigningKeys(box).SignPath("/" + strings.TrimPrefix(args[0], "/"))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), c.PublicURL+path)
			return err
		},
	}
	config.AddFlags(cmd.Flags(), "data", "public_url")
	return cmd
}
