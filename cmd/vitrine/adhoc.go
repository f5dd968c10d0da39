package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/dam"
	"vitrine/dam/delivery"
	"vitrine/dam/rendition"
	"vitrine/dam/secrets"
)

// adhoc makes the pictures of signed URLs with the engine that makes all others.
type adhoc struct {
	engine  rendition.Engine
	options rendition.Options
}

// Render implements delivery.Renderer.
func (a adhoc) Render(ctx context.Context, original io.ReadSeeker, t delivery.Transform) ([]byte, error) {
	spec := rendition.Spec{Name: "ad-hoc", Width: t.Width, Height: t.Height, Fit: t.Fit, Format: t.Format, Quality: t.Quality, Background: t.Background, Focal: dam.Point{X: .5, Y: .5}}
	if t.Focal != nil {
		spec.Focal = *t.Focal
	}
	var picture []byte
	err := a.engine.Render(ctx, original, []rendition.Spec{spec}, a.options, func(o rendition.Output) error {
		picture = o.Bytes
		return nil
	})
	if err == nil && picture == nil {
		err = errors.New("the engine made nothing")
	}
	return picture, err
}

// signingKeys are derived from the secret keys, the newest first: rotating those rotates these.
func signingKeys(box *secrets.Box) delivery.Keys {
	var keys delivery.Keys
	for i := 0; ; i++ {
		k, ok := box.Derive(i, "delivery ad-hoc URLs")
		if !ok {
			return keys
		}
		keys = append(keys, k)
	}
}

func signCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sign PATH",
		Short: "Sign an ad-hoc rendition URL",
		Long: `Sign an ad-hoc rendition URL: /t/OPERATIONS/ASSET.EXT, where the operations start with the version and are
separated by commas. docs/delivery.md lists them. The full URL is printed.`,
		Example: "  vitrine sign /t/v_06h0…,w_400,h_300,fit_cover/a_06h0….webp",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadFor(cmd)
			if err != nil {
				return err
			}
			box, err := secrets.Load(c.Data, c.SecretKey)
			if errors.Is(err, secrets.ErrNoKey) {
				return dam.InvalidField("data", "there is no key file in "+c.Data, "name the server's folder with --data, or give the key in VITRINE_SECRET_KEY")
			}
			if err != nil {
				return err
			}
			path, err := signingKeys(box).SignPath("/" + strings.TrimPrefix(args[0], "/"))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), c.PublicURL+path)
			return err
		},
	}
	addSettings(cmd.Flags(), "data", "public_url")
	return cmd
}
