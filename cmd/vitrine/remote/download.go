package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/client"
	"vitrine/dam"

	"github.com/spf13/cobra"
)

// copyPatience is how long the making of one copy is waited for.
const copyPatience = 30 * time.Minute

func downloadCommand() *cobra.Command {
	r := &connection{}
	var into, kind string
	cmd := &cobra.Command{
		Use: "download ASSET…", Short: "Fetch assets' files, as they came or with the current metadata in them",
		Long: `Fetch the newest file of each asset into a folder. With --metadata current it is a copy that carries the catalogue's titles,
descriptions, tags, credits and rights (XMP, IPTC, EXIF); the original on the server stays as it came. A file that is there
already is never overwritten.`,
		Example: `  vitrine download a_06h0h8sbms336d7vsjhv8hteq4 --metadata current --to press
  vitrine export 'tag:press' --fields id --format csv | tail -n +2 | xargs vitrine download --to press`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := r.client()
			if err != nil {
				return err
			}
			c.Patience = copyPatience
			failed := false
			for _, id := range args {
				path, err := download(cmd.Context(), c, id, kind, into)
				if err == nil {
					_, err = fmt.Fprintln(cmd.OutOrStdout(), path)
				} else if cmd.Context().Err() == nil {
					failed = true
					_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", id, cli.Explain(err))
				}
				if err != nil {
					return err
				}
			}
			if failed {
				return cli.ErrReported
			}
			return nil
		}}
	r.flags(cmd)
	cmd.Flags().StringVar(&into, "to", ".", "the folder, made if need be")
	cmd.Flags().StringVar(&kind, "metadata", "original",
		"original (as it came) or current (a copy with the catalogue's metadata)")
	return cmd
}

// download stores an asset's file in a folder and returns where.
func download(ctx context.Context, c *client.Client, id, kind, into string) (stored string, err error) {
	var answer *http.Response
	err = c.Persist(ctx, func() (bool, error) {
		var err error
		answer, err = c.Call(ctx, http.MethodGet, "/api/assets/"+url.PathEscape(id)+"/download?metadata="+url.QueryEscape(kind), nil, nil, 0) //nolint:bodyclose // closed below, once there is one
		return false, err
	})
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	name := id
	if _, p, err := mime.ParseMediaType(answer.Header.Get("Content-Disposition")); err == nil {
		if p["filename"] != "" { // whatever somebody uploaded the file as
			name = dam.FileName(p["filename"])
		}
	}
	if err := os.MkdirAll(into, 0o750); err != nil {
		return "", err
	}
	f, err := create(into, name)
	if err != nil {
		return "", err
	}
	n, err := io.Copy(f, answer.Body)
	if err == nil && answer.ContentLength >= 0 && n != answer.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name())) // half a file looks like a whole one
	}
	return f.Name(), nil
}

// create makes a file of a name that is not taken: chair.jpg, chair-2.jpg, …
func create(dir, name string) (*os.File, error) {
	for n := 1; ; n++ {
		try := name
		if n > 1 {
			try = dam.SuffixedName(name, "-"+strconv.Itoa(n))
		}
		f, err := os.OpenFile(filepath.Join(dir, try), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640) //nolint:gosec // the folder is the caller's, the name has no folder in it
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
	}
}
