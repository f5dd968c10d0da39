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
	"slices"
	"strconv"
	"strings"
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
	var x archiving
	archive := x.flags()
	var into, kind string
	cmd := &cobra.Command{
		Use: "download QUERY | ASSET…", Short: "Take files out: what a search finds, or assets by id",
		Long: `Take files out of the library: everything that a search finds, or assets by their ids. They are stored in a folder
(--to) or as one archive (--zip). What is taken is the original, or renditions of presets (--preset, repeatable). --dry-run
says how many files and bytes that is, and what is left out.

An archive is made while it is sent. If the connection breaks it goes on where it was, and a folder takes only what is
missing when the command is run again. A file that is there already is never overwritten.

Names come from --template: {filename}, {title}, {sku}, {slot}, {n}, {preset}, {format}, {width}, {height}, {date}, {year},
{id}, {version}; a slash makes folders.

Assets by id can also be taken with the catalogue's metadata in them (--metadata current: XMP, IPTC, EXIF).`,
		Example: `  vitrine download 'tag:press is:live' --zip press.zip --preset web --template '{sku}_{slot}_{filename}'
  vitrine download 'collection:"Spring 2026"' --to spring --preset original --dry-run
  vitrine download a_06h0h8sbms336d7vsjhv8hteq4 --metadata current --to press`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			byID := !slices.ContainsFunc(args, func(a string) bool { return !strings.HasPrefix(a, "a_") })
			c, err := r.client()
			if err != nil {
				return err
			}
			c.Patience = copyPatience
			if byID && !changed(archive) {
				return each(cmd, c, args, kind, into)
			}
			switch {
			case kind != "original":
				return cli.Usage(
					errors.New(
						"download: --metadata is for assets by id, without --zip, --preset or --template"))
			case byID:
				x.request.Filter.Assets = args
			case len(args) > 1:
				return cli.Usage(
					errors.New(
						"download: one search, or the ids of assets; quote a search of several words"))
			default:
				x.request.Filter.Q = args[0]
			}
			return x.run(cmd, c, into)
		}}
	r.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&into, "to", ".", "the folder, made if need be")
	f.StringVar(&kind, "metadata", "original",
		"original (as it came) or current (a copy with the catalogue's metadata)")
	f.AddFlagSet(archive)
	return cmd
}

// each stores assets' files one by one.
func each(cmd *cobra.Command, c *client.Client, ids []string, kind, into string) error {
	failed := false
	for _, id := range ids {
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
