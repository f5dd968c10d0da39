package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/client"
	"vitrine/dam"
)

// archiving takes what a search finds out of the library.
type archiving struct {
	request dam.DownloadRequest
	zip     string
	dry     bool
}

// flags returns the flags that ask for more than files by id.
func (x *archiving) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("archive", pflag.ContinueOnError)
	f.StringVar(&x.zip, "zip", "", "one archive, to this file")
	f.StringArrayVar(&x.request.Presets, "preset", nil,
		"what is taken of each asset: original, or a preset (repeatable)")
	f.StringVar((*string)(&x.request.Format), "format", "", "format of the presets: jpeg, png, webp, avif")
	f.StringVar(&x.request.Template, "template", "", "names of the files, such as {sku}_{slot}_{filename}")
	f.BoolVar(&x.request.Approved, "approved", false, "approved versions only")
	f.BoolVar(&x.dry, "dry-run", false, "take nothing: say what it would be")
	f.Int64Var(&x.request.Accept, "accept", 0, "revision of the library's terms that you accept")
	f.StringVar(&x.request.Reason, "reason", "", "what it is for, where the library asks")
	return f
}

// changed reports whether any of some flags was given.
func changed(list *pflag.FlagSet) (given bool) {
	list.VisitAll(func(f *pflag.Flag) { given = given || f.Changed })
	return given
}

func (x *archiving) run(cmd *cobra.Command, c *client.Client, into string) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	var d dam.Download
	if err := c.Object(ctx, http.MethodPost, "/api/downloads", struct {
		dam.DownloadRequest
		DryRun bool `json:"dry_run"`
	}{x.request, x.dry}, &d); err != nil {
		return err
	}
	status := cli.NewStatus(cmd.ErrOrStderr())
	for d.State == dam.DownloadPlanning {
		status.Say("listing: %d files", d.Files)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		if err := c.Object(ctx, http.MethodGet, "/api/downloads/"+d.ID, nil, &d); err != nil {
			return err
		}
	}
	if d.State != dam.DownloadReady {
		return fmt.Errorf("the download is %s: %s", d.State, d.Note)
	}
	about := ""
	if d.ToMake > 0 {
		about = fmt.Sprintf(", and about %s of %d pictures that are made on the way", cli.Bytes(d.Estimated), d.ToMake)
	}
	for _, o := range d.LeftOut {
		if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "left out: %d (%s)\n", o.Count, o.Message); err != nil {
			return err
		}
	}
	if x.dry {
		_, err := fmt.Fprintf(out, "%d files of %d assets, %s%s\n", d.Files, d.Total, cli.Bytes(d.Bytes), about)
		return err
	}
	if x.zip == "" {
		return x.folder(cmd, c, d, into, status)
	}
	if err := archive(ctx, c, d, x.zip, status); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, x.zip)
	return err
}

// archive stores the archive in a file that is not there yet. It goes on where it was when the connection breaks.
func archive(ctx context.Context, c *client.Client, d dam.Download, name string, status *cli.Status) error {
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s is there already", name)
	}
	part := name + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640) //nolint:gosec // the user names it
	if err != nil {
		return err
	}
	var at int64
	tag := ""
	err = c.Persist(ctx, func() (bool, error) {
		before := at
		h := http.Header{}
		if at > 0 {
			h.Set("Range", "bytes="+strconv.FormatInt(at, 10)+"-")
			h.Set("If-Range", tag)
		}
		answer, err := c.Call(ctx, http.MethodGet, d.Link, h, nil, 0)
		if err != nil {
			return false, err
		}
		defer func() { _ = answer.Body.Close() }()
		if tag = answer.Header.Get("ETag"); answer.StatusCode != http.StatusPartialContent {
			at = 0 // it begins anew
		}
		if _, err := f.Seek(at, io.SeekStart); err != nil {
			return false, err
		}
		n, err := io.Copy(&said{f, at, d.Bytes + d.Estimated, status}, answer.Body)
		at += n
		if err == nil {
			err = f.Truncate(at)
		} else if ctx.Err() == nil && !errors.As(err, new(*fs.PathError)) {
			err = client.TryAgain(err)
		}
		return at > before, err
	})
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, name)
}

// said says how far a file is.
type said struct {
	io.Writer
	at, of int64
	status *cli.Status
}

func (s *said) Write(p []byte) (int, error) {
	n, err := s.Writer.Write(p)
	s.at += int64(n)
	s.status.Say("%s of about %s", cli.Bytes(s.at), cli.Bytes(max(s.at, s.of)))
	return n, err
}

// listed is a file of a download.
type listed struct {
	N    int    `json:"n"`
	Name string `json:"name"`
	Size int64  `json:"size"`
	Made bool   `json:"made"`
}

// folder stores a download's files in a folder. What is there already with its size is passed over.
func (x *archiving) folder(cmd *cobra.Command, c *client.Client, d dam.Download, into string,
	status *cli.Status) error {
	failed, done := false, 0
	for part := 0; ; part++ {
		var list struct {
			Items []listed `json:"items"`
			More  bool     `json:"more"`
		}
		if err := c.Object(cmd.Context(), http.MethodGet, "/api/downloads/"+d.ID+"/files?part="+strconv.Itoa(part), nil,
			&list); err != nil {
			return err
		}
		for _, f := range list.Items {
			done++
			status.Say("%d of %d files", done, d.Files)
			path, err := fetched(cmd.Context(), c, d.ID, f, into)
			if err == nil && path != "" {
				status.Aside(func() { _, err = fmt.Fprintln(cmd.OutOrStdout(), path) })
			} else if err != nil && cmd.Context().Err() == nil {
				failed = true
				status.Aside(func() {
					_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cli.Visible(f.Name), cli.Explain(err))
				})
			}
			if err != nil {
				return err
			}
		}
		if !list.More {
			break
		}
	}
	if failed {
		return cli.ErrReported
	}
	return nil
}

// fetched stores one file and returns where, "" if it is there.
func fetched(ctx context.Context, c *client.Client, id string, f listed, into string) (string, error) {
	name := filepath.FromSlash(f.Name)
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("the server names it outside the folder")
	}
	dir := filepath.Join(into, filepath.Dir(name))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	at := filepath.Join(into, name)
	if info, err := os.Lstat(at); err == nil && info.Mode().IsRegular() && (info.Size() == f.Size || !f.Made) {
		return "", nil
	}
	part, err := os.CreateTemp(dir, ".vitrine-*.part")
	if err != nil {
		return "", err
	}
	err = c.Persist(ctx, func() (bool, error) {
		if _, err := part.Seek(0, io.SeekStart); err != nil {
			return false, err
		}
		answer, err := c.Call(ctx, http.MethodGet, "/api/downloads/"+id+"/files/"+strconv.Itoa(f.N), nil, nil, 0)
		if err != nil {
			return false, err
		}
		defer func() { _ = answer.Body.Close() }()
		n, err := io.Copy(part, answer.Body)
		if err == nil {
			err = part.Truncate(n)
		} else if ctx.Err() == nil && !errors.As(err, new(*fs.PathError)) {
			err = client.TryAgain(err)
		}
		return n > 0, err
	})
	if err = errors.Join(err, part.Close()); err != nil {
		return "", errors.Join(err, os.Remove(part.Name()))
	}
	// A link, unlike a rename, does not replace what is there.
	base, ext := strings.TrimSuffix(at, filepath.Ext(at)), filepath.Ext(at)
	for n := 1; ; n++ {
		if n > 1 {
			at = base + "-" + strconv.Itoa(n) + ext
		}
		if err = os.Link(part.Name(), at); !errors.Is(err, os.ErrExist) {
			return at, cmp.Or(err, os.Remove(part.Name()))
		}
	}
}
