package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
	"vitrine/dam/vocabularies"
)

func vocabularyCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "vocabulary",
		Short: "List, import, export and merge the terms that fields are filled with",
		Long: `List, import, export and merge the terms that fields are filled with.

A vocabulary is a tree of terms. A field of the type tree holds ids of terms, so that renaming a term changes no asset. A
vocabulary is named here by its name or its id.`,
		Example: `  vitrine vocabulary create Objects
  vitrine vocabulary import Objects terms.csv --dry-run
  vitrine field add object --type tree --vocabulary vb_06h0…
  vitrine vocabulary merge Objects armchair chair --dry-run`}
	r.flags(cmd)
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List vocabularies", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				list, err := r.vocabularies(cmd.Context())
				if err != nil {
					return err
				}
				return cli.Table(cmd, "ID\tTERMS\tFIELDS\tNAME", len(list), func(i int) string {
					v := list[i]
					return fmt.Sprintf("%s\t%d\t%s\t%s", v.ID, v.Terms, strings.Join(v.Fields, ", "), v.Name)
				})
			}},
		&cobra.Command{Use: "create NAME", Short: "Add a vocabulary and print its id", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				var v dam.Vocabulary
				if err := r.object(cmd.Context(), http.MethodPost, "/api/vocabularies",
					map[string]string{"name": args[0]}, &v); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), v.ID)
				return err
			}},
		r.vocabularyExport(), r.vocabularyImport(), r.vocabularyMerge())
	return cmd
}

func (r *connection) vocabularies(ctx context.Context) ([]dam.Vocabulary, error) {
	var list struct {
		Items []dam.Vocabulary `json:"items"`
	}
	err := r.object(ctx, http.MethodGet, "/api/vocabularies", nil, &list)
	return list.Items, err
}

// vocabulary returns the path of the vocabulary of a name or id.
func (r *connection) vocabulary(ctx context.Context, name string) (string, error) {
	list, err := r.vocabularies(ctx)
	if err != nil {
		return "", err
	}
	for _, v := range list {
		if v.ID == name || canon.Same(v.Name, name) {
			return "/api/vocabularies/" + url.PathEscape(v.ID), nil
		}
	}
	return "", &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("vocabulary", name)}
}

func (r *connection) vocabularyExport() *cobra.Command {
	return &cobra.Command{Use: "export VOCABULARY", Short: "Print the terms as CSV, as import takes them",
		Example: "  vitrine vocabulary export Objects > terms.csv", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := r.vocabulary(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			c, err := r.client()
			if err != nil {
				return err
			}
			res, err := c.Call(cmd.Context(), http.MethodGet, path+"/export", nil, nil, 0)
			if err != nil {
				return err
			}
			defer func() { _ = res.Body.Close() }()
			_, err = io.Copy(cmd.OutOrStdout(), res.Body)
			return err
		}}
}

func (r *connection) vocabularyImport() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{Use: "import VOCABULARY FILE",
		Short: "Add and change terms by a CSV table; - is the standard input",
		Long: `Add and change terms by a CSV table. Its columns are id, parent (the id of the term above), archived (yes), label:LOCALE
and synonyms:LOCALE (with ; between them). A row is of the term with its id; one without an id is a new term. A column that
is not there leaves what it is about alone, an empty cell clears, and terms that are not in the table stay.

Either all rows are imported or, if one has an error, none.`,
		Example: "  vitrine vocabulary import Objects terms.csv --dry-run", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := r.vocabulary(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			raw, err := read(cmd, args[1])
			if err != nil {
				return err
			}
			c, err := r.client()
			if err != nil {
				return err
			}
			res, err := c.Call(cmd.Context(), http.MethodPost, path+"/import?dry_run="+strconv.FormatBool(dry),
				http.Header{"Content-Type": {"text/csv"}}, bytes.NewReader(raw), int64(len(raw)))
			if err != nil {
				return err
			}
			defer func() { _ = res.Body.Close() }()
			var out vocabularies.Imported
			if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
				return err
			}
			return printTerms(cmd.OutOrStdout(), out)
		}}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "change nothing; say what would be")
	return cmd
}

func printTerms(w io.Writer, out vocabularies.Imported) error {
	for _, e := range out.Errors {
		if _, err := fmt.Fprintf(w, "line %d: %s%s (%s)\n", e.Line, prefixed(e.Field), e.Message,
			e.Remedy); err != nil {
			return err
		}
	}
	note := ""
	switch {
	case out.DryRun:
		note = " (dry run: nothing was stored)"
	case out.Failed > 0:
		note = " (nothing was imported)"
	}
	if _, err := fmt.Fprintf(w, "%d rows: %d created, %d changed, %d unchanged, %d with an error%s\n", out.Rows,
		out.Created, out.Changed, out.Unchanged, out.Failed, note); err != nil {
		return err
	}
	if out.Failed > 0 {
		return cli.ErrReported
	}
	return nil
}

func (r *connection) vocabularyMerge() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{Use: "merge VOCABULARY TERM INTO", Short: "Make one term of two: assets get the second",
		Long: `Make one term of two, named by their ids. The second has the words of both and what was below the first, whose id goes on
meaning the second. A job of the server gives the assets the second term. A merge can't be taken back: --dry-run counts the
assets.`,
		Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := r.vocabulary(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var m dam.TermMerge
			if err := r.object(cmd.Context(), http.MethodPost, path+"/terms/"+url.PathEscape(args[1])+"/merge",
				map[string]any{"into": args[2], "dry_run": dry}, &m); err != nil {
				return err
			}
			says := "%d assets are given the term %s\n"
			if dry {
				says = "%d assets would be given the term %s; a merge can't be taken back\n"
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), says, m.Total, m.Into)
			return err
		}}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "change nothing: only count")
	return cmd
}
