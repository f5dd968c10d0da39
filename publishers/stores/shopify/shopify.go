// Package shopify is the channel to Shopify: pictures on products, by SKU and slot.
package shopify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/publishers"
)

// Name is the kind's name.
const Name = "shopify"

// version is Shopify's of the Admin API; each is answered for a year at least.
const version = "2026-10"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["shop", "access_token"],
 "properties": {
  "shop": {"type": "string", "title": "Shop", "description": "name.myshopify.com", "pattern": "^[a-z0-9][a-z0-9-]*\\.myshopify\\.com$"},
  "access_token": {"type": "string", "title": "Admin API access token", "description": "Of an app of your own in the shop, with the scopes read_products, write_products, read_files and write_files", "minLength": 1, "writeOnly": true}
 }
}`

const (
	mediaMax  = 20 << 20
	sideMax   = 4472 // pixels: 20 megapixels
	altMax    = 512
	perPage   = 250 // as many pictures as a product may have
	settle    = 10 * time.Second
	processed = 2 * time.Minute // what a picture may take at Shopify before the next attempt looks again
)

var scopes = []string{"read_products", "write_products", "read_files", "write_files"}

// Live is where a shop answers.
func Live(shop string) string { return "https://" + shop }

// Kind returns the kind of channel; base gives a shop's address, client carries the calls.
//
// Prepare uploads a file for each product; it is in the shop's files, and on no product. Commit puts all of them on
// their products in one call, which changes nothing when it is repeated. A file's name says which publication it is of,
// in which revision, and which slot it fills: that is how one's own pictures are found on a product, whatever was
// forgotten here, and how they are put in order. A file that is deleted leaves its product.
func Kind(base func(shop string) string, client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "Shopify", Schema: json.RawMessage(schema), Publisher: &publisher{base, client},
		Place: func(raw json.RawMessage) string {
			c, _ := settings(publishers.Account{Config: raw}) // an unreadable config points nowhere
			return c.Shop
		}}
}

type publisher struct {
	base   func(shop string) string
	client *http.Client
}

type config struct {
	Shop string `json:"shop"`
}

func settings(a publishers.Account) (c config, err error) {
	if json.Unmarshal(a.Config, &c) != nil {
		return c, publishers.Permanent("config", "the settings can't be read", "enter them again")
	}
	return c, nil
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG, dam.WebP}, MaxBytes: mediaMax, MaxWidth: sideMax, MaxHeight: sideMax},
		AltMax: altMax, Idempotency: publishers.Durable, Settle: settle, Update: true, Recall: true, Residue: true,
		Limits: map[string]string{"media": "one picture of at most 20 MB and 4472 × 4472 pixels on every product whose SKU the asset has; a product has at most 250"}}, nil
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	var out struct {
		Shop struct {
			ID, Name, URL string
		}
		CurrentAppInstallation struct {
			AccessScopes []struct{ Handle string }
		}
	}
	if err := p.ask(ctx, a, `query shop { shop { id name url } currentAppInstallation { accessScopes { handle } } }`, nil, false, &out); err != nil {
		return dam.ChannelIdentity{}, err
	}
	for _, s := range scopes {
		// What may be written may be read.
		if !slices.ContainsFunc(out.CurrentAppInstallation.AccessScopes, func(have struct{ Handle string }) bool {
			return have.Handle == s || have.Handle == strings.Replace(s, "read_", "write_", 1)
		}) {
			return dam.ChannelIdentity{}, publishers.Disconnected("the access token lacks the scope "+s, nil)
		}
	}
	return dam.ChannelIdentity{ID: out.Shop.ID, Name: out.Shop.Name, URL: out.Shop.URL}, nil
}

// Refresh implements publishers.Publisher: the token does not expire.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected("Shopify does not know the access token", nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) []dam.Problem {
	if len(in.Content.SKUs) == 0 {
		return []dam.Problem{{Class: string(publishers.ClassPermanent), Field: "skus", Message: "the asset shows no product", Remedy: "put it into a slot of a product, or give it an SKU"}}
	}
	return nil
}

// placed is a file that is meant for a product.
type placed struct {
	Product string `json:"product"`
	File    string `json:"file"`
	Name    string `json:"name"`
}

// shelf is the state between Prepare and Commit.
type shelf struct {
	Placed []placed `json:"placed"`
}

// label is what a file's name says.
type label struct {
	publication, slot string
	n                 int
	revision          int64
	product           string // the number of it
}

var plain = regexp.MustCompile(`[^a-z0-9]+`)

func slug(s string) string { return plain.ReplaceAllString(strings.ToLower(s), "") }

func (l label) String() string {
	return fmt.Sprintf("vitrine-%s-r%d-%s-%d-%s", l.publication, l.revision, cmp.Or(l.slot, "none"), l.n, l.product)
}

var labelled = regexp.MustCompile(`^vitrine-([a-z0-9]+)-r(\d+)-([a-z0-9]+)-(\d+)-(\d+)(?:[._].*)?$`)

// read takes a label from the name of a file, to which Shopify may have added something.
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

// file is a picture of the shop's.
type file struct {
	ID     string
	Status string `json:"fileStatus"`
	Errors []struct{ Message string }
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

// products finds the shop's products by the asset's SKUs, each with one of those.
func (p *publisher) products(ctx context.Context, in publishers.Intent) (skus map[string]string, order []string, err error) {
	terms := make([]string, len(in.Content.SKUs))
	for i, s := range in.Content.SKUs {
		terms[i] = `sku:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	var out struct {
		ProductVariants struct {
			Nodes []struct {
				SKU     string
				Product struct{ ID string }
			}
		}
	}
	if err := p.ask(ctx, in.Account, `query variants($query: String!) { productVariants(first: 250, query: $query) { nodes { sku product { id } } } }`,
		map[string]any{"query": strings.Join(terms, " OR ")}, false, &out); err != nil {
		return nil, nil, err
	}
	skus = map[string]string{}
	for _, v := range out.ProductVariants.Nodes {
		// The search is a search: it may find what only resembles.
		if !slices.ContainsFunc(in.Content.SKUs, func(s string) bool { return strings.EqualFold(s, v.SKU) }) {
			continue
		}
		if _, known := skus[v.Product.ID]; !known {
			skus[v.Product.ID] = v.SKU
			order = append(order, v.Product.ID)
		}
	}
	if len(order) == 0 {
		return nil, nil, publishers.Permanent("skus", "the shop has no product with the SKU "+strings.Join(in.Content.SKUs, " or "), "make the product there, or mend the SKU")
	}
	return skus, order, nil
}

func (p *publisher) product(ctx context.Context, a publishers.Account, id string) (*product, error) {
	var out struct{ Product *product }
	err := p.ask(ctx, a, `query product($id: ID!) { product(id: $id) { id onlineStoreUrl media(first: 250) { nodes { id ... on MediaImage { fileStatus image { url } } } } } }`,
		map[string]any{"id": id}, false, &out)
	return out.Product, err
}

// files lists what was uploaded for a publication. The shop's search is behind by a little.
func (p *publisher) files(ctx context.Context, in publishers.Intent) (list []file, err error) {
	var out struct{ Files struct{ Nodes []file } }
	err = p.ask(ctx, in.Account, `query files($query: String!) { files(first: 250, query: $query) { nodes { id fileStatus ... on MediaImage { image { url } } } } }`,
		map[string]any{"query": "filename:vitrine-" + slug(in.ID) + "-*"}, false, &out)
	return slices.DeleteFunc(out.Files.Nodes, func(f file) bool {
		l, ok := f.label()
		return f.Image != nil && (!ok || l.publication != slug(in.ID))
	}), err
}

// Prepare finds the products and uploads the picture for each, which none shows yet.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State, error) {
	skus, order, err := p.products(ctx, in)
	if err != nil {
		return nil, err
	}
	var before, now shelf
	if state != nil && json.Unmarshal(state, &before) != nil {
		before = shelf{}
	}
	m := in.Content.Media[0]
	for _, id := range order {
		l := label{publication: slug(in.ID), revision: in.Revision, product: path.Base(id)}
		for _, s := range in.Content.Slots {
			if strings.EqualFold(s.SKU, skus[id]) {
				l.slot, l.n = slug(s.Slot), s.N
			}
		}
		at := placed{Product: id, Name: l.String() + "." + m.Format.Ext()}
		if i := slices.IndexFunc(before.Placed, func(b placed) bool { return b.Name == at.Name }); i >= 0 {
			at.File = before.Placed[i].File
		} else if at.File, err = p.create(ctx, in, m, at.Name); err != nil {
			return nil, err
		}
		now.Placed = append(now.Placed, at)
		kept, err := json.Marshal(now)
		if err != nil {
			return nil, err
		}
		if err := in.Keep(ctx, kept); err != nil {
			return nil, err
		}
	}
	kept, err := json.Marshal(now)
	if err != nil {
		return nil, err
	}
	if err := p.ready(ctx, in.Account, now); err != nil {
		if publishers.ClassOf(err, publishers.ClassRetry) == publishers.ClassPermanent {
			return publishers.State(`{}`), err // a new attempt uploads anew
		}
		return kept, err
	}
	return kept, nil
}

// create uploads a file and makes it one of the shop's. The one of that name is replaced, so that a repeat makes no second.
func (p *publisher) create(ctx context.Context, in publishers.Intent, m publishers.Media, name string) (id string, err error) {
	source, err := p.upload(ctx, in, m, name)
	if err != nil {
		return "", err
	}
	var out struct {
		FileCreate struct {
			Files      []struct{ ID string }
			UserErrors userErrors
		}
	}
	if err := p.ask(ctx, in.Account, `mutation fileCreate($files: [FileCreateInput!]!) { fileCreate(files: $files) { files { id } userErrors { field message code } } }`,
		map[string]any{"files": []any{map[string]any{"originalSource": source, "contentType": "IMAGE", "filename": name, "duplicateResolutionMode": "REPLACE", "alt": in.Content.Alt.Get(in.Locale, in.Locale)}}}, false, &out); err != nil {
		return "", err
	}
	if err := out.FileCreate.UserErrors.refusal(); err != nil {
		return "", err
	}
	if len(out.FileCreate.Files) != 1 {
		return "", errors.New("the file was given no id")
	}
	return out.FileCreate.Files[0].ID, nil
}

// ready waits until Shopify has looked at the files.
func (p *publisher) ready(ctx context.Context, a publishers.Account, s shelf) error {
	ids := make([]string, len(s.Placed))
	for i, at := range s.Placed {
		ids[i] = at.File
	}
	began := time.Now()
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		var out struct{ Nodes []*file }
		if err := p.ask(ctx, a, `query nodes($ids: [ID!]!) { nodes(ids: $ids) { id ... on MediaImage { fileStatus fileErrors { message } image { url } } } }`, map[string]any{"ids": ids}, false, &out); err != nil {
			return err
		}
		waiting := false
		for _, f := range out.Nodes {
			switch {
			case f == nil:
				return publishers.Permanent("media", "the uploaded picture has been deleted in the shop", "retry")
			case f.Status == "FAILED":
				why := "it does not say why"
				if len(f.Errors) > 0 {
					why = f.Errors[0].Message
				}
				return publishers.Permanent("media", "Shopify can't use the picture: "+why, "choose another preset, then retry")
			case f.Status != "READY":
				waiting = true
			}
		}
		if !waiting {
			return nil
		}
		if time.Since(began) > processed {
			return publishers.Retry(0, errors.New("the picture is still being worked on"))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt, error) {
	var s shelf
	if err := json.Unmarshal(state, &s); err != nil || len(s.Placed) == 0 {
		return publishers.Receipt{}, publishers.Retry(0, errors.New("the pictures are not known"))
	}
	var files []any
	for _, at := range s.Placed {
		shown, err := p.product(ctx, in.Account, at.Product)
		if err != nil {
			return publishers.Receipt{}, publishers.Retry(0, err) // reading promises nothing: it was not accepted
		}
		if shown == nil {
			return publishers.Receipt{}, publishers.Permanent("skus", "a product has been deleted in the shop", "retry: it is looked for again")
		}
		if newest(shown, in) > in.Revision {
			continue // a node that was held up must not put an older revision beside a newer one
		}
		files = append(files, map[string]any{"id": at.File, "referencesToAdd": []string{at.Product}})
		for _, f := range shown.Media.Nodes {
			if l, ok := f.label(); ok && l.publication == slug(in.ID) && l.revision < in.Revision {
				files = append(files, map[string]any{"id": f.ID, "referencesToRemove": []string{at.Product}})
			}
		}
	}
	if len(files) > 0 {
		var out struct {
			FileUpdate struct{ UserErrors userErrors }
		}
		if err := p.ask(ctx, in.Account, `mutation fileUpdate($files: [FileUpdateInput!]!) { fileUpdate(files: $files) { files { id } userErrors { field message code } } }`,
			map[string]any{"files": files}, true, &out); err != nil {
			return publishers.Receipt{}, err
		}
		if errs := out.FileUpdate.UserErrors; errs.has("FILE_DOES_NOT_EXIST") {
			return publishers.Receipt{}, publishers.Permanent("media", "the uploaded picture has been deleted in the shop", "retry")
		} else if err := errs.refusal(); err != nil {
			return publishers.Receipt{}, err
		}
	}
	if err := p.tidy(ctx, in); err != nil {
		return publishers.Receipt{}, publishers.Unknown(err)
	}
	var last *product
	for _, at := range s.Placed {
		var err error
		if last, err = p.arrange(ctx, in.Account, at.Product); err != nil {
			return publishers.Receipt{}, publishers.Unknown(err)
		}
	}
	return p.receipt(in, last), nil
}

func (p *publisher) receipt(in publishers.Intent, shown *product) publishers.Receipt {
	c, _ := settings(in.Account) // it was read before
	r := publishers.Receipt{Remote: shown.ID, URL: shown.OnlineStoreURL}
	if r.URL == "" { // not in the online store
		r.URL = p.base(c.Shop) + "/admin/products/" + path.Base(shown.ID)
	}
	return r
}

// newest is the newest revision of the publication that a product shows.
func newest(shown *product, in publishers.Intent) (revision int64) {
	for _, f := range shown.Media.Nodes {
		if l, ok := f.label(); ok && l.publication == slug(in.ID) {
			revision = max(revision, l.revision)
		}
	}
	return revision
}

// tidy deletes what older revisions left in the shop, and on its products.
func (p *publisher) tidy(ctx context.Context, in publishers.Intent) error {
	list, err := p.files(ctx, in)
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

// remove deletes files; those that are gone are no error.
func (p *publisher) remove(ctx context.Context, a publishers.Account, ids []string) (string, error) {
	if len(ids) == 0 {
		return "there is no picture", nil
	}
	var out struct {
		FileDelete struct {
			DeletedFileIDs []string
			UserErrors     userErrors
		}
	}
	if err := p.ask(ctx, a, `mutation fileDelete($fileIds: [ID!]!) { fileDelete(fileIds: $fileIds) { deletedFileIds userErrors { field message code } } }`, map[string]any{"fileIds": ids}, false, &out); err != nil {
		return "", err
	}
	errs := out.FileDelete.UserErrors
	if !errs.has("FILE_DOES_NOT_EXIST") {
		return "fileDelete: " + strings.Join(out.FileDelete.DeletedFileIDs, ", "), errs.refusal()
	}
	if len(ids) == 1 {
		return "fileDelete: " + errs.Error(), nil
	}
	// One that is gone keeps the others from being deleted.
	var answers []string
	for _, id := range ids {
		answer, err := p.remove(ctx, a, []string{id})
		if err != nil {
			return "", err
		}
		answers = append(answers, answer)
	}
	return strings.Join(answers, "; "), nil
}

// arrange puts a product's pictures in order, where they are not: heroes, the other slots, what the shop has
// itself, then what has no slot.
func (p *publisher) arrange(ctx context.Context, a publishers.Account, id string) (*product, error) {
	shown, err := p.product(ctx, a, id)
	if err == nil && shown == nil {
		err = errors.New("the product is gone")
	}
	if err != nil {
		return nil, err
	}
	want := inOrder(shown.Media.Nodes)
	if slices.EqualFunc(want, shown.Media.Nodes, func(a, b file) bool { return a.ID == b.ID }) {
		return shown, nil
	}
	moves := make([]any, len(want))
	for i, f := range want {
		moves[i] = map[string]any{"id": f.ID, "newPosition": strconv.Itoa(i)}
	}
	var out struct {
		ProductReorderMedia struct{ MediaUserErrors userErrors }
	}
	if err := p.ask(ctx, a, `mutation productReorderMedia($id: ID!, $moves: [MoveInput!]!) { productReorderMedia(id: $id, moves: $moves) { job { id } mediaUserErrors { field message code } } }`,
		map[string]any{"id": id, "moves": moves}, false, &out); err != nil {
		return nil, err
	}
	return shown, out.ProductReorderMedia.MediaUserErrors.refusal()
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

// Lookup implements publishers.Publisher: a commit is whole when every product shows its picture, or a newer one.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome, error) {
	var s shelf
	if err := json.Unmarshal(state, &s); err != nil || len(s.Placed) == 0 {
		return publishers.Outcome{Verdict: publishers.Absent}, nil // nothing was ever prepared
	}
	var last *product
	for _, at := range s.Placed {
		shown, err := p.product(ctx, in.Account, at.Product)
		if err != nil {
			return publishers.Outcome{}, err
		}
		if shown == nil || newest(shown, in) <= in.Revision && !slices.ContainsFunc(shown.Media.Nodes, func(f file) bool { return f.ID == at.File }) {
			return publishers.Outcome{Verdict: publishers.Absent}, nil
		}
		last = shown
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: p.receipt(in, last)}, nil
}

// Status implements publishers.Publisher: it is there while any product shows it.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	list, err := p.files(ctx, in)
	if err != nil {
		return publishers.Outcome{}, err
	}
	products := []string{}
	if r.Remote != "" {
		products = append(products, r.Remote)
	}
	for _, f := range list {
		if l, ok := f.label(); ok {
			products = append(products, "gid://shopify/Product/"+l.product)
		}
	}
	slices.Sort(products)
	for _, id := range slices.Compact(products) {
		shown, err := p.product(ctx, in.Account, id)
		if err != nil {
			return publishers.Outcome{}, err
		}
		if shown != nil && newest(shown, in) > 0 {
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: p.receipt(in, shown)}, nil
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Recall deletes the publication's files, which takes them off the products. The shop's search is behind by a little:
// the product of the receipt is looked at itself.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (string, error) {
	list, err := p.files(ctx, in)
	if err != nil {
		return "", err
	}
	if r != nil {
		shown, err := p.product(ctx, in.Account, r.Remote)
		if err != nil {
			return "", err
		}
		if shown != nil {
			for _, f := range shown.Media.Nodes {
				if l, ok := f.label(); ok && l.publication == slug(in.ID) {
					list = append(list, f)
				}
			}
		}
	}
	var ids []string
	for _, f := range list {
		if !slices.Contains(ids, f.ID) {
			ids = append(ids, f.ID)
		}
	}
	return p.remove(ctx, in.Account, ids)
}
