package remote

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/client"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

type importOptions struct {
	server, token string
	approve, json bool
	parallel      int
	patience      time.Duration
	similar       time.Duration
}

// Imported is the line that --json prints for a file.
type Imported struct {
	Path    string `json:"path"`
	Asset   string `json:"asset"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	Status  string `json:"status"` // created, duplicate or rejected
	Reason  string `json:"reason"`
	Note    string `json:"note,omitempty"`    // what of its metadata was not read, or not sent
	Sidecar string `json:"sidecar,omitempty"` // path of the XMP file that was sent with it
}

func importCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import --server URL PATH…",
		Short: "Upload files and folders to a server",
		Long: `Upload files and folders to a server. Folders are read recursively; hidden files are left out, and what
systems and programs leave behind: Thumbs.db, @eaDir, downloads that were cut off (.part).

An XMP sidecar is sent with the file that it stands beside: IMG_1.CR2.xmp (darktable, digiKam) or IMG_1.xmp (Lightroom,
Bridge; where IMG_1.CR2 and IMG_1.JPG stand there, the raw file's). A sidecar alone becomes no asset, and is named.

A raw file and a JPEG of the same name in one folder (IMG_1.CR2 and IMG_1.JPG) are related to each other as a pair.

An interrupted upload goes on where the server has it, also after a restart of the server. Running
the same command again is safe: files that are there already are answered as duplicates. Pictures that look
like others in the library (the same in another size, compressed again) are named at the end.

--json prints one line per file: {path, asset, version, sha256, status, reason, note, sidecar}, where status is
created, duplicate or rejected. The exit status is 1 when a file was rejected.`,
		Example: `  vitrine import --server http://127.0.0.1:8080 ~/Pictures
  VITRINE_TOKEN=… vitrine import --server https://dam.example.com --approve --json shoot/*.jpg`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cli.Usage(errors.New("import: name the files or folders to upload"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.server = cmp.Or(o.server, os.Getenv("VITRINE_SERVER"))
			o.token = cmp.Or(o.token, os.Getenv("VITRINE_TOKEN"))
			return runImport(cmd.Context(), o, args, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.server, "server", "", "the server's address, http://HOST:PORT [VITRINE_SERVER]")
	f.StringVar(&o.token, "token", "", "an API token, see vitrine token create [VITRINE_TOKEN]")
	f.BoolVar(&o.approve, "approve", false, "approve what was uploaded; the token needs the role publisher")
	f.BoolVar(&o.json, "json", false, "print one JSON line per file")
	f.IntVar(&o.parallel, "parallel", 4, "files uploaded at a time, 1 to 32")
	f.DurationVar(&o.similar, "look-alikes", 10*time.Second,
		"how long to wait at the end for what the new pictures look like; 0 does not ask")
	f.DurationVar(&o.patience, "patience", 5*time.Minute,
		"how long to try again when the server can't be reached any more")
	return cmd
}

// importer is one run of the command.
type importer struct {
	importOptions
	*client.Client
	me       string // id of whom the token is for
	progress *progress
	out      io.Writer
	diag     io.Writer

	mu     sync.Mutex
	counts map[string]int
	failed int // rejected, or uploaded and not approved
	// created are the lines of new assets, until it is asked what they look like.
	created []Imported
	// pairs are the ids of assets whose raw file or JPEG has not arrived yet, by their pairs.
	pairs map[string]string
	// related counts pairs that were related.
	related int
}

func runImport(ctx context.Context, o importOptions, paths []string, out, diag io.Writer) error {
	if o.server == "" {
		return cli.Usage(errors.New("import: name the server with --server http://HOST:PORT or VITRINE_SERVER"))
	}
	if o.parallel < 1 || o.parallel > 32 {
		return cli.Usage(errors.New("import: --parallel must be 1 to 32"))
	}
	c, err := client.New(o.server, o.token, o.patience)
	if err != nil {
		return err
	}
	me, err := welcome(ctx, c, o.approve)
	if err != nil {
		return err
	}
	files, unreadable, err := scan(ctx, paths)
	if err != nil {
		return err
	}
	files, alone := pairSidecars(files)
	pairFiles(files)
	im := &importer{importOptions: o, Client: c, me: me, out: out, diag: diag, counts: map[string]int{},
		pairs: map[string]string{}, progress: newProgress(diag, files)}
	for _, line := range unreadable {
		im.report(line)
	}
	for _, f := range alone {
		if f.named {
			im.report(Imported{Path: f.path, Status: client.StatusRejected, Reason: sidecarAlone})
		} else {
			_, _ = fmt.Fprintf(diag, "left out: %s: %s\n", f.path, sidecarAlone)
		}
	}
	began := time.Now()
	im.progress.start()
	g, work := errgroup.WithContext(ctx)
	g.SetLimit(o.parallel)
	for _, f := range files {
		g.Go(func() error {
			if work.Err() != nil {
				return nil
			}
			line, err := im.one(work, f)
			if err == nil && f.sidecar != "" && line.Asset != "" && line.Version != "" {
				line, err = im.sidecar(work, line, f)
			}
			if err == nil && f.pair != "" && line.Asset != "" {
				line, err = im.pair(work, line, f)
			}
			if err == nil {
				im.report(line)
			}
			return err
		})
	}
	err = g.Wait()
	im.progress.stop()
	im.summary(len(files)+len(unreadable), time.Since(began))
	if err == nil && o.similar > 0 {
		im.findSimilar(ctx, o.similar)
	}
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted; run the same command again to go on, what has arrived is not sent twice")
	case err != nil:
		return err
	case im.failed > 0:
		return cli.ErrReported
	}
	return nil
}

// welcome checks the address and the token before anything is read, and returns the id of whom it is for.
func welcome(ctx context.Context, c *client.Client, approve bool) (string, error) {
	var me struct {
		User        struct{ ID string } `json:"user"`
		Token       struct{ ID string } `json:"token"`
		Permissions []dam.Permission    `json:"permissions"` // none from a server that doesn't tell
	}
	err := c.Object(ctx, http.MethodGet, "/api/me", nil, &me)
	var p *client.Problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusUnauthorized:
		return "", dam.InvalidInput("--token", reasons.TokenRefused())
	case err != nil:
		return "", fmt.Errorf("%w\n  Is --server %s right, and is the server running?", err, c.Base)
	}
	needs := []dam.Permission{dam.MayUpload}
	if approve {
		needs = append(needs, dam.MayApprove)
	}
	for _, need := range needs {
		if len(me.Permissions) > 0 && !slices.Contains(me.Permissions, need) {
			return "", dam.InvalidInput("--token", reasons.TokenLacksPermission(string(need)))
		}
	}
	return cmp.Or(me.User.ID, me.Token.ID), nil
}

// one uploads a file. Its error ends the whole import; what is wrong with the file itself is in the line.
func (im *importer) one(ctx context.Context, f source) (Imported, error) {
	line := Imported{Path: f.path, Status: client.StatusRejected}
	defer im.progress.end(f)
	file, err := os.Open(f.path)
	if err != nil {
		line.Reason = err.Error()
		return line, nil
	}
	defer func() { _ = file.Close() }()
	if f.size == 0 {
		line.Reason = "the file is empty"
		return line, nil
	}
	if line.SHA256, err = hashOf(ctx, file); err != nil {
		if ctx.Err() != nil {
			return line, ctx.Err()
		}
		line.Reason = err.Error()
		return line, nil
	}
	if asset, ok, err := im.known(ctx, line.SHA256); err != nil {
		return im.outcome(ctx, line, err)
	} else if ok {
		line.Status, line.Asset, line.Version = client.StatusDuplicate, asset.ID, asset.Latest.ID
		return im.finish(ctx, line)
	}
	done, err := im.Send(ctx, file, f.size, filepath.Base(f.path), func(offset int64) { im.progress.at(f, offset) })
	if err != nil {
		return im.outcome(ctx, line, err)
	}
	line.Status, line.Asset, line.Version = done.Status, done.Asset, done.Version
	if done.Metadata != "" {
		line.Note = noteOf(done.Metadata)
	}
	return im.finish(ctx, line)
}

// noteOf is the sentence of a code, and what to do.
func noteOf(code string) string {
	r := reasons.Reason{ReasonCode: code, RemedyCode: reasons.All().Reasons[code].Remedy}
	if next := r.Advice(); next != "" {
		return r.Text() + " (" + next + ")"
	}
	return r.Text()
}

// outcome sorts an upload's error: a refusal is the file's, anything else is everybody's.
func (im *importer) outcome(ctx context.Context, line Imported, err error) (Imported, error) {
	if ctx.Err() != nil {
		return line, ctx.Err()
	}
	var p *client.Problem
	if !errors.As(err, &p) || p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden {
		return line, fmt.Errorf("%s: %w", line.Path, err)
	}
	if p.Code == string(dam.Duplicate) {
		line.Status, line.Asset = client.StatusDuplicate, p.Duplicate.Asset
		return im.finish(ctx, line)
	}
	line.Reason = p.Error()
	return line, nil
}

// known asks for an asset whose newest version has these bytes, which saves sending them.
func (im *importer) known(ctx context.Context, sum string) (asset dam.Asset, ok bool, err error) {
	var page struct {
		Items []dam.Asset `json:"items"`
	}
	err = im.Persist(ctx, func() (bool, error) {
		return false, im.Object(ctx, http.MethodGet, "/api/assets?limit=1&sha256="+url.QueryEscape(sum), nil, &page)
	})
	var p *client.Problem
	if errors.As(err, &p) && (p.Status == http.StatusUnprocessableEntity || p.Status == http.StatusBadRequest) {
		return dam.Asset{}, false, nil // a server that can't be asked: it finds out when the bytes are there
	}
	if err != nil || len(page.Items) != 1 || page.Items[0].Latest.SHA256 != sum {
		return dam.Asset{}, false, err
	}
	return page.Items[0], true, nil
}

// finish fills in what is known of the asset and approves it when asked to. A duplicate is approved only while it
// is a draft with these very bytes: an import that was cut off before the approval left it so.
func (im *importer) finish(ctx context.Context, line Imported) (Imported, error) {
	if line.Asset == "" || line.Version != "" && !im.approve {
		return line, nil
	}
	var asset dam.Asset
	lost := false // a race for the approval
	err := im.Persist(ctx, func() (bool, error) {
		err := im.Object(ctx, http.MethodGet, "/api/assets/"+url.PathEscape(line.Asset), nil, &asset)
		if err != nil || asset.Latest.SHA256 != line.SHA256 {
			return false, err
		}
		line.Version = cmp.Or(line.Version, asset.Latest.ID)
		if !im.approve || asset.Latest.ID != line.Version || asset.Latest.Status != dam.Draft {
			return false, nil
		}
		err = im.Object(ctx, http.MethodPost, "/api/assets/"+url.PathEscape(line.Asset)+"/approve",
			map[string]string{"version": line.Version}, nil)
		var p *client.Problem
		if errors.As(err, &p) && p.Status == http.StatusConflict && !lost {
			lost = true
			return false, client.TryAgain(err) // approved by a twin, or by us and the answer was lost: look again
		}
		return false, err
	})
	if ctx.Err() != nil {
		return line, ctx.Err()
	}
	if err != nil && im.approve {
		line.Reason = "stored, but not approved: " + err.Error()
	}
	return line, nil
}

// report prints a file's line and counts it.
func (im *importer) report(line Imported) {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.counts[line.Status]++
	if line.Status == client.StatusCreated && line.Asset != "" {
		im.created = append(im.created, line)
	}
	if line.Status == client.StatusRejected || line.Reason != "" {
		im.failed++
	}
	im.progress.aside(func() {
		if im.json {
			b, err := json.Marshal(line)
			if err == nil {
				_, _ = fmt.Fprintf(im.out, "%s\n", b)
			}
		} else if line.Reason != "" {
			_, _ = fmt.Fprintf(im.diag, "%s: %s: %s\n", line.Status, line.Path, line.Reason)
		} else if line.Note != "" {
			_, _ = fmt.Fprintf(im.diag, "%s: %s: %s\n", line.Status, line.Path, line.Note)
		}
	})
}

func (im *importer) summary(total int, took time.Duration) {
	w := im.out
	if im.json {
		w = im.diag
	}
	seen := im.counts[client.StatusCreated] + im.counts[client.StatusDuplicate] + im.counts[client.StatusRejected]
	s := fmt.Sprintf("%d created, %d already there, %d rejected", im.counts[client.StatusCreated],
		im.counts[client.StatusDuplicate], im.counts[client.StatusRejected])
	if seen < total {
		s += fmt.Sprintf(", %d not imported", total-seen)
	}
	if im.related > 0 {
		s += fmt.Sprintf(", %d pairs of a raw file and a JPEG related", im.related)
	}
	_, _ = fmt.Fprintf(w, "%s; %s sent in %s\n", s, cli.Bytes(im.progress.sent()), took.Round(100*time.Millisecond))
}

// hashOf is the file's SHA-256 in lower-case hex; the file is read from its start.
func hashOf(ctx context.Context, f *os.File) (string, error) {
	h := sha256.New()
	buffer := make([]byte, 1<<20)
	for at := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := f.ReadAt(buffer, at)
		h.Write(buffer[:n])
		at += int64(n)
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// source is a file to import.
type source struct {
	path    string
	size    int64
	named   bool   // on the command line, not found in a folder
	sidecar string // path of the XMP file that stands beside it, "" for none
	// pair is what it has in common with the one file that makes it a pair of a raw file and a JPEG, "" for none.
	pair string
	raw  bool
}

// scan lists the files below the paths. Hidden files, and what file managers leave behind, are passed over below a
// folder, not when named. Symbolic links are followed, each real file or folder once. What can't be read is
// reported as rejected.
func scan(ctx context.Context, paths []string) (files []source, unreadable []Imported, err error) {
	seen := map[string]bool{}
	var visit func(path string, named bool) error
	visit = func(path string, named bool) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if name := filepath.Base(path); !named && strings.HasPrefix(name, ".") {
			return nil
		}
		refuse := func(err error) error {
			unreadable = append(unreadable, Imported{Path: path, Status: client.StatusRejected, Reason: err.Error()})
			return nil
		}
		target, err := filepath.EvalSymlinks(path)
		if err != nil {
			return refuse(err)
		}
		if target, err = filepath.Abs(target); err != nil {
			return refuse(err)
		}
		if seen[target] {
			return nil
		}
		seen[target] = true
		info, err := os.Stat(target)
		switch {
		case err != nil:
			return refuse(err)
		case !named && (info.IsDir() && dam.LeftoverFolder(filepath.Base(path)) ||
			!info.IsDir() && !dam.IsSidecar(path) && dam.Leftover(filepath.Base(path))):
			return nil
		case info.Mode().IsRegular():
			files = append(files, source{path: path, size: info.Size(), named: named})
			return nil
		case !info.IsDir():
			if named {
				return refuse(errors.New("not a file or folder"))
			}
			return nil
		}
		entries, err := os.ReadDir(target)
		if err != nil {
			return refuse(err)
		}
		for _, e := range entries {
			if err := visit(filepath.Join(path, e.Name()), false); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range paths {
		if err := visit(p, true); err != nil {
			return nil, nil, err
		}
	}
	return files, unreadable, nil
}
