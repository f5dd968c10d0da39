package local

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
)

// openNode opens the existing catalogue and store that a command's flags name.
func openNode(cmd *cobra.Command) (*server.Installation, error) {
	c, err := LoadConfig(cmd)
	if err != nil {
		return nil, err
	}
	return server.Open(cmd.Context(), c)
}

// LoadConfig is the configuration of a command on the data folder, its warnings printed. From here on the command acts
// as the system.
func LoadConfig(cmd *cobra.Command) (config.Config, error) {
	cmd.SetContext(dam.AsSystem(cmd.Context(), "who runs a command on the data folder may read and write all of it"))
	c, err := config.Load(cmd.Flags(), os.Environ())
	if err == nil {
		warn(cmd.ErrOrStderr(), c)
	}
	return c, err
}

// withNode runs a command's body between opening and closing.
func withNode(body func(cmd *cobra.Command, args []string, n *server.Installation) error) func(*cobra.Command,
	[]string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		n, err := openNode(cmd)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, n.Close()) }()
		return body(cmd, args, n)
	}
}

// withCatalog is withNode for a command that needs no objects.
func withCatalog(body func(cmd *cobra.Command, args []string, c config.Config, cat *catalog.Catalog) error) func(
	*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		c, err := LoadConfig(cmd)
		if err != nil {
			return err
		}
		cat, err := server.OpenExisting(cmd.Context(), c)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, cat.Close()) }()
		return body(cmd, args, c, cat)
	}
}
