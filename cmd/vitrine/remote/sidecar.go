package remote

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/client"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

func sidecarCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "sidecar", Short: "Send, fetch and remove the XMP sidecar of an asset's file",
		Long: `Send, fetch and remove the XMP sidecar of an asset's newest file. What a sidecar says is taken before what the file
itself says, into the fields that nobody has edited. vitrine import sends sidecars with the files they stand beside.`,
		Example: `  vitrine sidecar put a_06h0… IMG_1.xmp
  vitrine sidecar get a_06h0… > IMG_1.xmp`}
	r.flags(cmd)
	cmd.AddCommand(
		&cobra.Command{Use: "put ASSET FILE.xmp", Short: "Keep a sidecar with the newest file, and read it",
			Example: "  vitrine sidecar put a_06h0… IMG_1.xmp", Args: cobra.ExactArgs(2),
			RunE: func(cmd *cobra.Command, args []string) error {
				c, err := r.client()
				if err != nil {
					return err
				}
				return sendSidecar(cmd.Context(), c, args[0], "", args[1])
			}},
		&cobra.Command{Use: "get ASSET", Short: "Print the newest file's sidecar",
			Example: "  vitrine sidecar get a_06h0… > IMG_1.xmp", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				c, err := r.client()
				if err != nil {
					return err
				}
				answer, err := c.Call(cmd.Context(), http.MethodGet, sidecarPath(args[0], nil), nil, nil, 0)
				if err != nil {
					return err
				}
				_, err = io.Copy(cmd.OutOrStdout(), answer.Body)
				return errors.Join(err, answer.Body.Close())
			}},
		&cobra.Command{Use: "remove ASSET",
			Short:   "Remove the newest file's sidecar; its fields say what the file does",
			Example: "  vitrine sidecar remove a_06h0…", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return r.object(cmd.Context(), http.MethodDelete, sidecarPath(args[0], nil), nil, nil)
			}})
	return cmd
}

func sidecarPath(asset string, query url.Values) string {
	path := "/api/assets/" + url.PathEscape(asset) + "/sidecar"
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// sendSidecar keeps the sidecar at a path with a version of an asset, "" for the newest.
func sendSidecar(ctx context.Context, c *client.Client, asset, version, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() > dam.MaxSidecar {
		return &dam.Error{Code: dam.TooLarge, Field: path, Reason: reasons.SidecarTooLarge(dam.MaxSidecar >> 20)}
	}
	packet, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	query := url.Values{"file_name": {filepath.Base(path)}}
	if version != "" {
		query.Set("version", version)
	}
	return c.Persist(ctx, func() (bool, error) {
		h := http.Header{"Content-Type": {"application/rdf+xml"}}
		answer, err := c.Call(ctx, http.MethodPut, sidecarPath(asset, query), h, bytes.NewReader(packet),
			int64(len(packet)))
		if err != nil {
			return false, err
		}
		return false, answer.Body.Close()
	})
}

// sidecar sends the XMP file beside a file that has become an asset. One that was there before, perhaps somebody
// else's, gets it only if the same person uploaded the file and it has no sidecar: an import that was cut off left it
// so.
func (im *importer) sidecar(ctx context.Context, line Imported, f source) (Imported, error) {
	if line.Status == client.StatusDuplicate {
		var asset dam.Asset
		err := im.Persist(ctx, func() (bool, error) {
			return false, im.Object(ctx, http.MethodGet, "/api/assets/"+url.PathEscape(line.Asset), nil, &asset)
		})
		v := asset.Latest
		switch {
		case ctx.Err() != nil:
			return line, ctx.Err()
		case err != nil:
			line.Reason = fmt.Sprintf("there, but its sidecar %s was not sent: %s", filepath.Base(f.sidecar),
				cli.Explain(err))
			return line, nil
		case v.Sidecar != nil && v.Sidecar.SHA256 == sumOf(f.sidecar):
			return line, nil
		case v.ID != line.Version || v.CreatedBy != im.me || v.Sidecar != nil:
			line.Note = fmt.Sprintf(
				"already there; its sidecar %s was not sent (vitrine sidecar put %s FILE.xmp does it)",
				filepath.Base(f.sidecar), line.Asset)
			return line, nil
		}
	}
	line.Sidecar = f.sidecar
	err := sendSidecar(ctx, im.Client, line.Asset, line.Version, f.sidecar)
	if ctx.Err() != nil {
		return line, ctx.Err()
	}
	if err != nil {
		line.Reason = fmt.Sprintf("stored, but its sidecar %s was not read: %s", filepath.Base(f.sidecar),
			cli.Explain(err))
	}
	return line, nil
}

// sumOf is the SHA-256 of a sidecar in hex, "" if it can't be read.
func sumOf(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// sidecarAlone says why a sidecar is left out.
const sidecarAlone = "an XMP sidecar, and no file beside it is clearly its own"

// pairSidecars gives files the XMP sidecars that stand beside them, and takes the sidecars out of the list; alone are
// those that nobody has.
func pairSidecars(all []source) (files, alone []source) {
	var sidecars []source
	for _, f := range all {
		if dam.IsSidecar(f.path) {
			sidecars = append(sidecars, f)
		} else {
			files = append(files, f)
		}
	}
	folders, taken := map[string][]string{}, map[string]bool{}
	for i := range files {
		dir := filepath.Dir(files[i].path)
		names, ok := folders[dir]
		if !ok {
			entries, err := os.ReadDir(dir)
			if err == nil { // else the file stands alone as far as can be seen
				for _, e := range entries {
					if !e.IsDir() && (dam.IsSidecar(e.Name()) || !dam.Leftover(e.Name())) {
						names = append(names, e.Name())
					}
				}
			}
			folders[dir] = names
		}
		if name := dam.SidecarOf(filepath.Base(files[i].path), names); name != "" {
			files[i].sidecar = filepath.Join(dir, name)
			taken[files[i].sidecar] = true
		}
	}
	for _, f := range sidecars {
		if !taken[filepath.Clean(f.path)] {
			alone = append(alone, f)
		}
	}
	return files, alone
}
