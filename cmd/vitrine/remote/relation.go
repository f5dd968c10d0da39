package remote

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/relations"
)

func relationCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "relation", Short: "List, add, confirm and remove what assets are to each other",
		Long: `List, add, confirm and remove what assets are to each other: variant_of, derived_from, translation_of, part_of, and
raw_pair, which a JPEG is with its raw file. With a new version of what an asset is a variant, a derivative or a
translation of, the asset is stale, until it is confirmed or gets a version of its own: is:stale finds it.`,
		Example: `  vitrine relation add a_06h0… derived_from a_06h1…
  vitrine relation list a_06h0…`}
	r.flags(cmd)
	var version int
	var accept, dry bool
	add := &cobra.Command{Use: "add ASSET KIND OTHER", Short: "Say what an asset is to another one",
		Example: "  vitrine relation add a_06h0… translation_of a_06h1…", Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := relations.NewRelation{Kind: dam.RelationKind(args[1]), To: args[2], Accept: accept}
			if cmd.Flags().Changed("version") {
				n.Version = &version
			}
			body := struct {
				relations.NewRelation
				DryRun bool `json:"dry_run,omitempty"`
			}{n, dry}
			var x struct {
				dam.Related
				Impact *dam.RightsImpact `json:"impact"`
			}
			if err := r.object(cmd.Context(), http.MethodPost, relationPath(args[0]), body, &x); err != nil {
				return err
			}
			if dry {
				return printImpact(cmd.OutOrStdout(), x.Impact)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), x.ID)
			return err
		}}
	add.Flags().IntVar(&version, "version", 0,
		"number of the other asset's version that this one was made from; its newest without")
	add.Flags().BoolVar(&accept, "accept", false,
		"also where licences and consents of one of them take something from the other that is live")
	add.Flags().BoolVar(&dry, "dry-run", false, "say what these would touch, and change nothing")
	cmd.AddCommand(r.relationListCommand(), add,
		&cobra.Command{Use: "confirm ASSET RELATION",
			Short:   "Say that a stale asset is right for the newest version of what it is made from",
			Example: "  vitrine relation confirm a_06h0… re_06h2…", Args: cobra.ExactArgs(2),
			RunE: func(cmd *cobra.Command, args []string) error {
				path := relationPath(args[0], args[1], "confirm")
				return r.object(cmd.Context(), http.MethodPost, path, struct{}{}, nil)
			}},
		&cobra.Command{Use: "remove ASSET RELATION", Short: "End a relation",
			Example: "  vitrine relation remove a_06h0… re_06h2…", Args: cobra.ExactArgs(2),
			RunE: func(cmd *cobra.Command, args []string) error {
				return r.object(cmd.Context(), http.MethodDelete, relationPath(args[0], args[1]), nil, nil)
			}})
	return cmd
}

func relationPath(asset string, more ...string) string {
	path := "/api/assets/" + url.PathEscape(asset) + "/relations"
	for _, part := range more {
		path += "/" + url.PathEscape(part)
	}
	return path
}

func (r *connection) relationListCommand() *cobra.Command {
	return &cobra.Command{Use: "list ASSET", Short: "List what an asset is to others, and others to it",
		Example: "  vitrine relation list a_06h0…", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var list struct {
				Items []dam.Related `json:"items"`
			}
			if err := r.object(cmd.Context(), http.MethodGet, relationPath(args[0]), nil, &list); err != nil {
				return err
			}
			return cli.Table(cmd, "RELATION\tFROM\tKIND\tTO\tVERSION\tSTALE\tOTHER FILE", len(list.Items),
				func(i int) string {
					x, from, to, stale := list.Items[i], args[0], list.Items[i].Asset.ID, ""
					if x.Direction == dam.DirectionFrom {
						from, to = to, from
					}
					if x.Stale {
						stale = fmt.Sprintf("version %d is there", x.Latest)
					}
					return fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%s\t%s", x.ID, from, x.Kind, to, x.Version,
						cmp.Or(stale, "no"), cli.Visible(x.Asset.Latest.FileName))
				})
		}}
}

// pairFiles marks the raw files and JPEGs that stand beside each other under one name, where there is one of each.
func pairFiles(files []source) {
	pairs := map[string][]int{}
	for i, f := range files {
		dir, base := filepath.Split(f.path)
		if name, raw := dam.PairName(base); name != "" {
			key := dir + name
			files[i].raw = raw
			pairs[key] = append(pairs[key], i)
		}
	}
	for key, list := range pairs {
		if len(list) == 2 && files[list[0]].raw != files[list[1]].raw {
			files[list[0]].pair, files[list[1]].pair = key, key
		}
	}
}

// pair relates the JPEG to the raw file once both are there; the first of the two is remembered.
func (im *importer) pair(ctx context.Context, line Imported, f source) (Imported, error) {
	im.mu.Lock()
	first, both := im.pairs[f.pair]
	im.pairs[f.pair] = line.Asset
	im.mu.Unlock()
	if !both || first == line.Asset {
		return line, nil
	}
	from, to := line.Asset, first
	if f.raw {
		from, to = first, line.Asset
	}
	err := im.Persist(ctx, func() (bool, error) {
		return false, im.Object(ctx, http.MethodPost, relationPath(from),
			relations.NewRelation{Kind: dam.RawPair, To: to}, nil)
	})
	if ctx.Err() != nil {
		return line, ctx.Err()
	}
	if err != nil {
		line.Note = strings.TrimPrefix(line.Note+"; not related to the other file of its pair: "+cli.Explain(err), "; ")
		return line, nil
	}
	im.mu.Lock()
	im.related++
	im.mu.Unlock()
	return line, nil
}
