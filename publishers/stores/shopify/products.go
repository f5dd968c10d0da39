package shopify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam/canon"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// label is what the name of a file encodes.
type label struct {
	publication, slot string
	n                 int
	revision          int64
	product           string // its number
}

var plain = regexp.MustCompile(`[^a-z0-9]+`)

func slug(s string) string { return plain.ReplaceAllString(strings.ToLower(s), "") }

func (l label) String() string {
	return fmt.Sprintf("vitrine-%s-r%d-%s-%d-%s", l.publication, l.revision, cmp.Or(l.slot, "none"), l.n, l.product)
}

var labelled = regexp.MustCompile(`^vitrine-([a-z0-9]+)-r(\d+)-([a-z0-9]+)-(\d+)-(\d+)(?:[._].*)?$`)

// read parses the name of a file, to which Shopify may have added something.
func read(name string) (l label, ok bool) {
	m := labelled.FindStringSubmatch(name)
	if m == nil {
		return l, false
	}
	l = label{publication: m[1], slot: m[3], product: m[5]}
	l.revision, _ = strconv.ParseInt(m[2], 10, 64) // digits
	l.n, _ = strconv.Atoi(m[4])
	if l.slot == "none" {
		l.slot = ""
	}
	return l, true
}

// file is a picture in the shop's files.
type file struct {
	ID     string
	Kind   string                                    `json:"__typename"`
	Status string                                    `json:"fileStatus"`
	Errors []struct{ Code, Message, Details string } `json:"fileErrors"`
	Image  *struct{ URL string }
}

func (f file) label() (label, bool) {
	if f.Image == nil {
		return label{}, false
	}
	u, err := url.Parse(f.Image.URL)
	if err != nil {
		return label{}, false
	}
	return read(path.Base(u.Path))
}

type product struct {
	ID, OnlineStoreURL string
	Media              struct{ Nodes []file }
}

// products finds the shop's products by the asset's SKUs, and returns one of these SKUs for each.
func (p *publisher) products(ctx context.Context, in publishers.Intent) (skus map[string]string, order []string,
	err error) {
	terms := make([]string, len(in.Content.SKUs))
	for i, s := range in.Content.SKUs {
		terms[i] = `sku:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	skus = map[string]string{}
	for after := any(nil); ; {
		var out struct {
			ProductVariants struct {
				Nodes []struct {
					SKU     string
					Product struct{ ID string }
				}
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		if err := p.ask(ctx, in.Account,
			`query variants($query: String!, $after: String) { productVariants(first: 100, query: $query, after: $after) { nodes { sku product { id } } pageInfo { hasNextPage endCursor } } }`,
			map[string]any{"query": strings.Join(terms, " OR "), "after": after}, false, &out); err != nil {
			return nil, nil, err
		}
		for _, v := range out.ProductVariants.Nodes {
			// The search also finds similar SKUs.
			if !slices.ContainsFunc(in.Content.SKUs,
				func(s string) bool { return canon.ProductKey(s) == canon.ProductKey(v.SKU) }) {
				continue
			}
			if _, known := skus[v.Product.ID]; !known {
				skus[v.Product.ID] = v.SKU
				order = append(order, v.Product.ID)
			}
		}
		if !out.ProductVariants.PageInfo.HasNextPage {
			break
		}
		after = out.ProductVariants.PageInfo.EndCursor
	}
	if len(order) == 0 {
		return nil, nil, publishers.Permanent("skus",
			reasons.ShopifyWithoutProduct(strings.Join(in.Content.SKUs, " or ")))
	}
	return skus, order, nil
}

func (p *publisher) product(ctx context.Context, a publishers.Account, id string) (*product, error) {
	var out struct{ Product *product }
	err := p.ask(ctx, a,
		`query product($id: ID!) { product(id: $id) { id onlineStoreUrl media(first: 250) { nodes { id ... on MediaImage { fileStatus image { url } } } } } }`,
		map[string]any{"id": id}, false, &out)
	return out.Product, err
}

// files lists what was uploaded for a publication, by the names of the files. The shop's search lags a little and also
// finds similar names. nameless reports whether it found pictures that Shopify is still processing, which have no URL
// yet and so no name.
func (p *publisher) files(ctx context.Context, in publishers.Intent) (list []file, nameless bool, err error) {
	var out struct{ Files struct{ Nodes []file } }
	err = p.ask(ctx, in.Account,
		`query files($query: String!) { files(first: 100, query: $query) { nodes { __typename id fileStatus ... on MediaImage { image { url } } } } }`,
		map[string]any{"query": "filename:vitrine-" + slug(in.ID) + "-*"}, false, &out)
	for _, f := range out.Files.Nodes {
		if l, ok := f.label(); ok && l.publication == slug(in.ID) {
			list = append(list, f)
		}
		nameless = nameless || f.Kind == "MediaImage" && f.Image == nil && f.Status != "FAILED"
	}
	return list, nameless, err
}

// newest returns the newest revision of the publication that a product shows.
func newest(shown *product, in publishers.Intent) (revision int64) {
	for _, f := range shown.Media.Nodes {
		if l, ok := f.label(); ok && l.publication == slug(in.ID) {
			revision = max(revision, l.revision)
		}
	}
	return revision
}

// tidy deletes what older revisions left in the shop and on its products.
func (p *publisher) tidy(ctx context.Context, in publishers.Intent) error {
	list, _, err := p.files(ctx, in)
	if err != nil {
		return err
	}
	var old []string
	for _, f := range list {
		if l, ok := f.label(); ok && l.revision < in.Revision {
			old = append(old, f.ID)
		}
	}
	_, err = p.remove(ctx, in.Account, old)
	return err
}

// remove deletes files; those that are already gone are not an error.
func (p *publisher) remove(ctx context.Context, a publishers.Account, ids []string) (reasons.Reason, error) {
	if len(ids) == 0 {
		return reasons.NoPictureThere(), nil
	}
	var out struct {
		FileDelete struct {
			DeletedFileIDs []string
			UserErrors     userErrors
		}
	}
	if err := p.ask(ctx, a,
		`mutation fileDelete($fileIds: [ID!]!) { fileDelete(fileIds: $fileIds) { deletedFileIds userErrors { field message code } } }`, map[string]any{"fileIds": ids}, false, &out); err != nil {
		return reasons.Reason{}, err
	}
	errs := out.FileDelete.UserErrors
	if !errs.has("FILE_DOES_NOT_EXIST") {
		return reasons.Said("fileDelete: "+strings.Join(out.FileDelete.DeletedFileIDs, ", "), ""), errs.refusal()
	}
	if len(ids) == 1 {
		return reasons.Said("fileDelete: "+errs.Error(), ""), nil
	}
	// A file that is gone would keep the others from being deleted.
	var answers []reasons.Reason
	for _, id := range ids {
		answer, err := p.remove(ctx, a, []string{id})
		if err != nil {
			return reasons.Reason{}, err
		}
		answers = append(answers, answer)
	}
	return reasons.Several(answers), nil
}

// arrange puts a product's pictures in order, if they aren't: heroes, the other slots, the shop's own pictures, then
// pictures without a slot. Shopify moves them in a job, and others may change the product meanwhile, so arrange repeats
// until they are in order. If Shopify refuses the order, the picture still counts as delivered.
func (p *publisher) arrange(ctx context.Context, a publishers.Account, id string) (shown *product, err error) {
	for range rounds {
		if shown, err = p.product(ctx, a, id); err == nil && shown == nil {
			err = errors.New("the product is gone")
		}
		if err != nil {
			return nil, err
		}
		moves := shown.moves()
		if len(moves) == 0 {
			return shown, nil
		}
		var out struct {
			ProductReorderMedia struct {
				Job             *job
				MediaUserErrors userErrors
			}
		}
		if err := p.ask(ctx, a,
			`mutation productReorderMedia($id: ID!, $moves: [MoveInput!]!) { productReorderMedia(id: $id, moves: $moves) { job { id done } mediaUserErrors { field message code } } }`,
			map[string]any{"id": id, "moves": moves}, false, &out); err != nil {
			return nil, err
		}
		said := out.ProductReorderMedia
		// a picture was deleted meanwhile
		if len(said.MediaUserErrors) > 0 && !said.MediaUserErrors.has("MEDIA_DOES_NOT_EXIST") {
			return shown, nil
		}
		if said.Job == nil {
			continue
		}
		err := wait(ctx, reordered, func() (bool, error) {
			if said.Job == nil || said.Job.Done {
				return true, nil
			}
			var now struct{ Job *job }
			err := p.ask(ctx, a, `query job($id: ID!) { job(id: $id) { id done } }`, map[string]any{"id": said.Job.ID},
				false, &now)
			said.Job = now.Job
			return said.Job == nil || said.Job.Done, err
		})
		if err != nil {
			return nil, err
		}
	}
	return shown, nil
}

type job struct {
	ID   string
	Done bool
}

// move is a step of productReorderMedia, which executes the steps one after the other.
type move struct {
	ID string `json:"id"`
	To string `json:"newPosition"` // from 0, an UnsignedInt64
}

// moves returns the steps that put a product's pictures in order.
func (p *product) moves() (list []move) {
	at := slices.Clone(p.Media.Nodes)
	for i, f := range inOrder(at) {
		if at[i].ID == f.ID {
			continue
		}
		from := slices.IndexFunc(at, func(x file) bool { return x.ID == f.ID })
		at = slices.Insert(slices.Delete(at, from, from+1), i, f)
		list = append(list, move{f.ID, strconv.Itoa(i)})
	}
	return list
}

func inOrder(list []file) []file {
	rank := func(f file) (int, label) {
		switch l, ok := f.label(); {
		case !ok:
			return 2, label{}
		case l.slot == "hero":
			return 0, l
		case l.slot != "":
			return 1, l
		default:
			return 3, label{}
		}
	}
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b file) int {
		i, x := rank(a)
		j, y := rank(b)
		return cmp.Or(cmp.Compare(i, j), strings.Compare(x.slot, y.slot), cmp.Compare(x.n, y.n))
	})
	return out
}

// wait calls done, at growing intervals, until it returns true; a Retry if that takes longer than limit.
func wait(ctx context.Context, limit time.Duration, done func() (bool, error)) error {
	began := time.Now()
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if time.Since(began) > limit {
			return publishers.Retry(0, errors.New("the shop is still at work"))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}
