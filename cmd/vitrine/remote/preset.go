package remote

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

func presetCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "preset", Short: "List, show and change the sizes and formats renditions are made in",
		Example: `  vitrine preset list --ready
  vitrine preset show bluesky > bluesky.yaml
  vitrine preset apply bluesky.yaml --dry-run`}
	r.flags(cmd)
	cmd.AddCommand(r.presetList(), r.presetShow(), r.presetApply(), r.presetCuts())
	return cmd
}

func (r *connection) presetList() *cobra.Command {
	var ready bool
	cmd := &cobra.Command{Use: "list", Short: "List presets", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var page struct {
				Items []dam.Preset `json:"items"`
			}
			if err := r.object(cmd.Context(), http.MethodGet, fmt.Sprintf("/api/presets?ready=%v", ready), nil,
				&page); err != nil {
				return err
			}
			return cli.Table(cmd, "NAME\tSIZE\tFIT\tFORMATS\tMADE\tFOR", len(page.Items), func(i int) string {
				p := page.Items[i]
				var formats []string
				for _, f := range p.Formats {
					formats = append(formats, string(f.Format))
				}
				return fmt.Sprintf("%s\t%d × %d\t%s\t%s\t%s\t%s", p.Name, p.Width, p.Height, p.Fit,
					strings.Join(formats, " "), cmp.Or(p.Apply, dam.AtUpload), p.Channel)
			})
		}}
	cmd.Flags().BoolVar(&ready, "ready", false,
		"the ready-made presets that are not in the library: apply one to turn it on")
	return cmd
}

func (r *connection) presetShow() *cobra.Command {
	return &cobra.Command{Use: "show NAME…", Short: "Print presets as YAML, as apply reads them; ready-made ones, too",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			e := yaml.NewEncoder(cmd.OutOrStdout())
			e.SetIndent(2)
			for _, name := range args {
				var p rendition.PresetInfo
				if err := r.object(cmd.Context(), http.MethodGet, "/api/presets/"+url.PathEscape(name), nil,
					&p); err != nil {
					return err
				}
				if err := e.Encode(p.Preset); err != nil {
					return err
				}
			}
			return e.Close()
		}}
}

func (r *connection) presetApply() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{Use: "apply FILE.yaml",
		Short: "Store the presets of a file; existing renditions follow in the background",
		Long: `Store the presets of a YAML file, one to a document; - reads standard input. Nothing is stored unless every
document can be read. Existing renditions of a changed preset are made again in the background, and what is
public stays as it is until then. docs/renditions.md lists the settings.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := readPresets(cmd, args[0])
			if err != nil {
				return err
			}
			if !dry { // all of them are tried before the first is stored
				for _, p := range list {
					if _, err := r.putPreset(cmd.Context(), p, true); err != nil {
						return fmt.Errorf("%s: %w", p.Name, err)
					}
				}
			}
			for _, p := range list {
				change, err := r.putPreset(cmd.Context(), p, dry)
				if err != nil {
					return fmt.Errorf("%s: %w", p.Name, err)
				}
				line := p.Name + " " + change.Change
				if change.Run != nil {
					line += fmt.Sprintf(", %d assets to look at", change.Run.Total)
				}
				if dry {
					line += " (dry run)"
				}
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), line); err != nil {
					return err
				}
			}
			return nil
		}}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would change")
	return cmd
}

func (r *connection) presetCuts() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "cuts", Short: "List public assets that show a protected zone cut", Args: cobra.NoArgs,
		Long: `List public assets of which a crop cuts a protected zone. Public URLs don't show such crops, but for versions that were approved
before the server withheld them: those stay until they are approved again. Move a focal point, a zone or the preset's shape
to take an asset off the list, or reject it and approve it again to withhold what still cuts.`,
		Example: `  vitrine preset cuts
  vitrine preset cuts --json | jq -r .asset.id`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			for after := ""; ; {
				var page struct {
					Items []json.RawMessage `json:"items"`
					Next  string            `json:"next"`
				}
				if err := r.object(cmd.Context(), http.MethodGet, "/api/renditions/cuts?limit=200&after="+after, nil,
					&page); err != nil {
					return err
				}
				for _, raw := range page.Items {
					if asJSON {
						_, _ = fmt.Fprintf(out, "%s\n", raw) // Flush reports
						continue
					}
					var x rendition.CutAsset
					if err := json.Unmarshal(raw, &x); err != nil {
						return err
					}
					for _, c := range x.Crops {
						_, _ = fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", x.Asset.ID, x.Asset.Latest.FileName, c.Preset,
							c.Cuts[0].Kind)
					}
				}
				if after = page.Next; after == "" {
					return out.Flush()
				}
			}
		}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line for each asset")
	return cmd
}

func (r *connection) putPreset(ctx context.Context, p dam.Preset, dry bool) (out rendition.PresetChange, err error) {
	return out, r.object(ctx, http.MethodPut, fmt.Sprintf("/api/presets/%s?dry_run=%v", url.PathEscape(p.Name), dry), p,
		&out)
}

func readPresets(cmd *cobra.Command, name string) ([]dam.Preset, error) {
	in := cmd.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	list, err := rendition.ReadPresets(in)
	if err == nil && len(list) == 0 {
		err = dam.InvalidInput(name, reasons.NoPresetInFile())
	}
	return list, err
}
