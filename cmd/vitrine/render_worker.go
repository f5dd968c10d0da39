package main

import (
	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/server"
)

func renderWorkerCommand() *cobra.Command {
	var unsealed bool
	cmd := &cobra.Command{
		Use: server.RenderCommand + " ENGINE", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return server.ServeRenders(args[0], unsealed) },
	}
	cmd.Flags().BoolVar(&unsealed, server.UnsealedFlag, false, "work without walls where they can't be put up")
	return cmd
}
