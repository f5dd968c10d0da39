package remote

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/collections"
	"vitrine/dam/reasons"
)

func collectionCommand() *cobra.Command {
	r := &connection{}
	cmd := &cobra.Command{Use: "collection", Short: "List, make, change, fill and remove collections",
		Long: `List, make, change, fill and remove collections. A collection is named by its id or by its path: "Summer",
or "Clients/Acme/Summer" where more than one has that name; the end of a path is enough.`}
	r.flags(cmd)
	cmd.AddCommand(r.listCollections(), r.createCollection(), r.changeCollection(), r.moveCollection(),
		r.collect("add", "Put assets into a collection", http.MethodPut),
		r.collect("take", "Take assets out of a collection; they stay in the library", http.MethodDelete),
		r.removeCollection(), r.binnedCollections(), r.restoreCollection())
	return cmd
}

// pathOf is a collection's name behind those of the collections above it.
func pathOf(c dam.Collection) string {
	var b strings.Builder
	for _, above := range c.Path {
		b.WriteString(above.Name + "/")
	}
	return b.String() + c.Name
}

// collectionPages calls see with every collection that a query of GET /api/collections lists.
func (r *connection) collectionPages(ctx context.Context, q url.Values, see func(dam.Collection)) error {
	q.Set("limit", "500")
	for {
		var page struct {
			Items []dam.Collection `json:"items"`
			Next  string           `json:"next"`
		}
		if err := r.object(ctx, http.MethodGet, "/api/collections?"+q.Encode(), nil, &page); err != nil {
			return err
		}
		for _, c := range page.Items {
			see(c)
		}
		if page.Next == "" {
			return nil
		}
		q.Set("after", page.Next)
	}
}

// collection finds a collection by its id, or by its name or the end of its path.
func (r *connection) collection(ctx context.Context, name string) (dam.Collection, error) {
	if strings.HasPrefix(name, dam.CollectionPrefix+"_") {
		var c dam.Collection
		return c, r.object(ctx, http.MethodGet, "/api/collections/"+url.PathEscape(name), nil, &c)
	}
	last := name[strings.LastIndex(name, "/")+1:]
	var found []dam.Collection
	err := r.collectionPages(ctx, url.Values{"q": {last}}, func(c dam.Collection) {
		path := pathOf(c)
		for ; path != ""; _, path, _ = strings.Cut(path, "/") {
			if canon.Same(path, name) {
				found = append(found, c)
				return
			}
		}
	})
	switch {
	case err != nil:
		return dam.Collection{}, err
	case len(found) == 0:
		return dam.Collection{}, &dam.Error{Code: dam.NotFound, Reason: reasons.NoCollectionNamed(name)}
	case len(found) > 1:
		var paths []string
		for _, c := range found {
			paths = append(paths, fmt.Sprintf("%s (%s)", pathOf(c), c.ID))
		}
		return dam.Collection{}, fmt.Errorf("%d collections are called %s; say which: %s", len(found), name,
			strings.Join(paths, ", "))
	}
	return found[0], nil
}

func (r *connection) listCollections() *cobra.Command {
	var in, find string
	cmd := &cobra.Command{Use: "list", Short: "List collections with their ids and how many assets they have",
		Example: "  vitrine collection list\n  vitrine collection list --in Clients", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := url.Values{}
			if in != "" {
				c, err := r.collection(cmd.Context(), in)
				if err != nil {
					return err
				}
				q.Set("parent", c.ID)
			}
			if find != "" {
				q.Set("q", find)
			}
			var list []dam.Collection
			err := r.collectionPages(cmd.Context(), q, func(c dam.Collection) { list = append(list, c) })
			if err != nil {
				return err
			}
			return cli.Table(cmd, "COLLECTION\tASSETS\tKIND\tID", len(list), func(i int) string {
				c := list[i]
				kind := "plain"
				switch {
				case c.FrozenAt != nil:
					kind = "smart, frozen"
				case c.Smart:
					kind = "smart"
				}
				return strings.Join([]string{cli.Visible(pathOf(c)), strconv.Itoa(c.Count), kind, c.ID}, "\t")
			})
		}}
	cmd.Flags().StringVar(&in, "in", "", "those directly in this one, in their order")
	cmd.Flags().StringVar(&find, "find", "", "those with this in their names")
	return cmd
}

func (r *connection) createCollection() *cobra.Command {
	var n collections.New
	var in string
	cmd := &cobra.Command{Use: "create NAME", Short: "Make a collection and print its id",
		Long: `Make a collection and print its id. With --query it is a smart one, which has whatever that finds.`,
		Example: `  vitrine collection create Summer --in Clients/Acme
  vitrine collection create "New this week" --query 'uploaded:7d'`, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name = args[0]
			if in != "" {
				above, err := r.collection(cmd.Context(), in)
				if err != nil {
					return err
				}
				n.Parent = above.ID
			}
			var c dam.Collection
			if err := r.object(cmd.Context(), http.MethodPost, "/api/collections", n, &c); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), c.ID)
			return err
		}}
	f := cmd.Flags()
	f.StringVar(&in, "in", "", "the collection that it goes into; without it the top")
	f.StringVar(&n.Description, "description", "", "what it is for")
	f.StringVar(&n.Cover, "cover", "", "the id of the asset that stands for it")
	f.StringVar(&n.Query, "query", "", "make it a smart one, which has what this finds")
	f.StringSliceVar(&n.Assets, "asset", nil, "ids of assets to put into it (repeatable, up to 1,000)")
	return cmd
}

func (r *connection) changeCollection() *cobra.Command {
	var name, description, cover, query string
	var frozen bool
	cmd := &cobra.Command{Use: "set COLLECTION", Short: "Change a collection's name, description, cover or query",
		Long: `Change a collection's name, description, cover or query. --query '' makes a smart one a plain one with the
assets that it has now; --frozen keeps a smart one as it is now, --frozen=false lets it follow its query again.`,
		Example: "  vitrine collection set Summer --name 'Summer 2026'", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := r.collection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var e collections.Edit
			for flag, set := range map[string]func(){"name": func() { e.Name = &name },
				"description": func() { e.Description = &description }, "cover": func() { e.Cover = &cover },
				"query": func() { e.Query = &query }, "frozen": func() { e.Frozen = &frozen }} {
				if cmd.Flags().Changed(flag) {
					set()
				}
			}
			return r.object(cmd.Context(), http.MethodPatch, "/api/collections/"+c.ID, e, nil)
		}}
	f := cmd.Flags()
	f.StringVar(&name, "name", "", "its new name")
	f.StringVar(&description, "description", "", "what it is for")
	f.StringVar(&cover, "cover", "", "the id of the asset that stands for it; empty: none")
	f.StringVar(&query, "query", "", "the query of a smart one")
	f.BoolVar(&frozen, "frozen", false, "whether a smart one keeps the assets that it has now")
	return cmd
}

func (r *connection) moveCollection() *cobra.Command {
	var in, before string
	cmd := &cobra.Command{Use: "move COLLECTION", Short: "Move a collection, with what is below it",
		Long: `Move a collection, with what is below it: into another one (--in), to the top (without --in), or before a
sibling (--before). Who has a role on a collection has it on what is moved into it, and no longer on what is moved out.`,
		Example: "  vitrine collection move Summer --in Archive", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := r.collection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			to := map[string]string{"parent": ""}
			for member, name := range map[string]string{"parent": in, "before": before} {
				if name == "" {
					continue
				}
				x, err := r.collection(cmd.Context(), name)
				if err != nil {
					return err
				}
				to[member] = x.ID
			}
			return r.object(cmd.Context(), http.MethodPost, "/api/collections/"+c.ID+"/move", to, nil)
		}}
	cmd.Flags().StringVar(&in, "in", "", "the collection that it goes into; without it the top")
	cmd.Flags().StringVar(&before, "before", "", "the sibling that it stands before; without it behind all")
	return cmd
}

// collectedAtOnce is how many assets one request puts in or takes out.
const collectedAtOnce = 1000

func (r *connection) collect(use, short, method string) *cobra.Command {
	return &cobra.Command{Use: use + " COLLECTION ASSET…", Short: short,
		Long: short + `. Assets are given by their ids; vitrine bulk QUERY --collect takes what a search
finds. What a smart collection is given it always has, and what is taken out it never has, whatever its query finds.`,
		Example: "  vitrine collection " + use + " Summer a_06h0h8sbms336d7vsjhv8hteq4", Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := r.collection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			for ids := range slices.Chunk(args[1:], collectedAtOnce) {
				if err := r.object(cmd.Context(), method, "/api/collections/"+c.ID+"/assets",
					map[string]any{"assets": ids}, nil); err != nil {
					return err
				}
			}
			return nil
		}}
}

// removeCollection says what is touched, and asks.
func (r *connection) removeCollection() *cobra.Command {
	var yes, below bool
	cmd := &cobra.Command{Use: "remove COLLECTION",
		Short: "Move a collection to the bin; its assets stay in the library",
		Long: `Move a collection to the bin; its assets stay in the library. One with others below it needs --below, and
takes them along. vitrine collection restore brings it back until the bin is emptied.`,
		Example: "  vitrine collection remove Summer --yes", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := r.collection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if !yes {
				var d dam.CollectionDeletion
				if err := r.object(cmd.Context(), http.MethodGet, "/api/collections/"+c.ID+"/deletion", nil,
					&d); err != nil {
					return err
				}
				question := fmt.Sprintf("This moves %s to the bin: %d collections, which %d assets leave, "+
					"%d people who are limited to them, %d favourites. Go on? [y/N] ", cli.Visible(pathOf(c)),
					d.Collections, d.Assets, d.People, d.Favourites)
				if ok, err := agreed(cmd, "collection remove", question, "nothing was removed"); err != nil || !ok {
					return err
				}
			}
			if err := r.object(cmd.Context(), http.MethodDelete, "/api/collections/"+c.ID+"?below="+
				strconv.FormatBool(below), nil, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "in the bin; vitrine collection restore "+c.ID+" brings it back")
			return err
		}}
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask")
	cmd.Flags().BoolVar(&below, "below", false, "with the collections below it")
	return cmd
}

func (r *connection) binned(ctx context.Context) ([]dam.Collection, error) {
	var page struct {
		Items []dam.Collection `json:"items"`
	}
	err := r.object(ctx, http.MethodGet, "/api/collections/bin", nil, &page)
	return page.Items, err
}

func (r *connection) binnedCollections() *cobra.Command {
	return &cobra.Command{Use: "bin", Short: "List the collections in the bin", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := r.binned(cmd.Context())
			if err != nil {
				return err
			}
			return cli.Table(cmd, "COLLECTION\tREMOVED\tID", len(list), func(i int) string {
				c := list[i]
				return strings.Join([]string{cli.Visible(pathOf(c)), cli.When(c.DeletedAt), c.ID}, "\t")
			})
		}}
}

func (r *connection) restoreCollection() *cobra.Command {
	return &cobra.Command{Use: "restore COLLECTION", Short: "Take a collection out of the bin, with its assets",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := r.binned(cmd.Context())
			if err != nil {
				return err
			}
			id := ""
			for _, c := range list { // the newest comes first
				if c.ID == args[0] || canon.Same(pathOf(c), args[0]) {
					id = cmp.Or(id, c.ID)
				}
			}
			if id == "" {
				return fmt.Errorf("the bin has no collection %s; vitrine collection bin shows what it has", args[0])
			}
			var c dam.Collection
			if err := r.object(cmd.Context(), http.MethodPost, "/api/collections/"+id+"/undelete", nil,
				&c); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), cli.Visible(pathOf(c)))
			return err
		}}
}
