// Package shopify publishes to Shopify: pictures on products, by SKU and slot.
package shopify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "shopify"

// api is the version of Shopify's Admin API that every call names. Each is supported for at least twelve months from
// its release, which for 2026-10 was on 1 October 2026.
var api = publishers.API{Version: "2026-10", Domain: "myshopify.com", Ends: publishers.Day(2027, time.October, 1),
	Source: "https://shopify.dev/docs/api/usage/versioning", Checked: publishers.Day(2026, time.November, 30)}

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["shop"],
 "properties": {
  "shop": {"type": "string", "x-destination": true, "title": "Shop", "description": "name.myshopify.com", "pattern": "^[a-z0-9][a-z0-9-]*\\.myshopify\\.com$",
   "x-fr": {"title": "Boutique", "description": "nom.myshopify.com"}},
  "client_id": {"type": "string", "title": "Client id", "description": "Of an app of your own in the Dev Dashboard, with the scopes read_products, write_products, read_files and write_files, installed in the shop",
   "x-fr": {"title": "Identifiant client", "description": "D’une application à vous dans le Dev Dashboard, avec les droits read_products, write_products, read_files et write_files, installée dans la boutique"}},
  "client_secret": {"type": "string", "title": "Client secret", "writeOnly": true,
   "x-fr": {"title": "Secret client"}},
  "access_token": {"type": "string", "title": "Admin API access token", "description": "Only for an app that was made in the shop's admin before 2026: its token instead of id and secret", "writeOnly": true,
   "x-fr": {"title": "Jeton d’accès à l’API Admin", "description": "Seulement pour une application créée avant 2026 dans l’administration de la boutique : son jeton, au lieu de l’identifiant et du secret"}}
 }
}`

const (
	mediaMax  = 20 << 20
	sideMax   = 4472 // pixels: 20 megapixels
	altMax    = 512
	classify  = time.Minute      // the longest that a call may take
	processed = 2 * time.Minute  // how long Shopify may process a picture before the next attempt checks again
	reordered = 10 * time.Second // how long ordering pictures may take
	rounds    = 6                // attempts to order pictures while others change the same product
)

var scopes = []string{"read_products", "write_products", "read_files", "write_files"}

// Live returns the URL of a shop.
func Live(shop string) string { return "https://" + shop }

// Kind returns the kind of channel. base returns the URL of a shop, client makes the requests.
//
// Prepare uploads a file for each product; the file is in the shop's files, and on no product. Commit puts all files on
// their products with one fileUpdate, which changes nothing if it is repeated; the media of productUpdate (and the
// deprecated productCreateMedia) would make a second picture. The name of a file has the publication, the revision and
// the slot. The URL of a file ends with the name that it was created with, so a publication's pictures are found on a
// product and put in order even if the server has lost all records. Deleting a file removes it from its product. A file
// is deleted only if its name, or the id that Shopify returned, shows that the publication made it.
func Kind(base func(shop string) string, client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "Shopify", Schema: json.RawMessage(schema), API: api,
		Publisher: &publisher{base: base, client: client}, Products: true,
		Destination: func(raw json.RawMessage) string {
			c, _ := settings(publishers.Account{Config: raw}) // an unreadable config has no destination
			return c.Shop
		}}
}

type publisher struct {
	base   func(shop string) string
	client *http.Client
	tokens publishers.ClientTokens // valid for a day
}

type config struct {
	Shop     string `json:"shop"`
	ClientID string `json:"client_id"`
}

func settings(a publishers.Account) (c config, err error) {
	if json.Unmarshal(a.Config, &c) != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	return c, nil
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG,
		dam.WebP}, MaxBytes: mediaMax, MaxWidth: sideMax, MaxHeight: sideMax},
		AltMax: altMax, Idempotency: publishers.Durable, VisibleAfter: classify, Update: true, Recall: true,
		PublicStaging: true, Parallel: 4,
		LimitReasons: map[string]reasons.Reason{
			"media": reasons.LimitProductPicture(mediaMax>>20, sideMax, sideMax, 250)}}, nil
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
	if err := p.ask(ctx, a, `query shop { shop { id name url } currentAppInstallation { accessScopes { handle } } }`,
		nil, false, &out); err != nil {
		return dam.ChannelIdentity{}, err
	}
	for _, s := range scopes {
		// Write access includes read access.
		if !slices.ContainsFunc(out.CurrentAppInstallation.AccessScopes, func(have struct{ Handle string }) bool {
			return have.Handle == s || have.Handle == strings.Replace(s, "read_", "write_", 1)
		}) {
			return dam.ChannelIdentity{}, publishers.Disconnected(reasons.ShopifyScopeMissing(s), nil)
		}
	}
	return dam.ChannelIdentity{ID: out.Shop.ID, Name: out.Shop.Name, URL: out.Shop.URL}, nil
}

// Refresh implements publishers.Publisher. Tokens are fetched when needed, and a token that was entered does not
// expire.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.ShopifyTokenUnknown(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field string, why reasons.Reason) {
		out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
	}
	if len(in.Content.SKUs) == 0 {
		no("skus", reasons.AssetShowsNoProduct())
	}
	if n := len([]rune(in.Content.Alt.Get(in.Language, in.Locale))); n > altMax {
		no("alt", reasons.AlternativeTextTooLong(n, altMax))
	}
	return out
}

// placed is a file meant for a product.
type placed struct {
	Product string `json:"product"`
	File    string `json:"file"`
	Name    string `json:"name"`
}

// productMedia is the state between Prepare and Commit, and is kept in the receipt.
type productMedia struct {
	Placed []placed `json:"placed"`
}

// Prepare finds the products and uploads a picture for each, which no product shows yet.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	skus, order, err := p.products(ctx, in)
	if err != nil {
		return nil, err
	}
	var before, now productMedia
	if state != nil && json.Unmarshal(state, &before) != nil {
		before = productMedia{}
	}
	m := in.Content.Media[0]
	for _, id := range order {
		l := label{publication: slug(in.ID), revision: in.Revision, product: path.Base(id)}
		for _, s := range in.Content.Slots {
			if canon.ProductKey(s.SKU) == canon.ProductKey(skus[id]) {
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
	usable, err := p.ready(ctx, in.Account, now)
	if !usable {
		return publishers.State(`{}`), err // the next attempt uploads again
	}
	return kept, err
}

// create uploads a file and adds it to the shop's files. It replaces a file of the same name, so that a repeated call
// makes no second one.
func (p *publisher) create(ctx context.Context, in publishers.Intent, m publishers.Media, name string) (id string,
	err error) {
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
	if err := p.ask(ctx, in.Account,
		`mutation fileCreate($files: [FileCreateInput!]!) { fileCreate(files: $files) { files { id } userErrors { field message code } } }`,
		map[string]any{"files": []any{map[string]any{"originalSource": source, "contentType": "IMAGE", "filename": name,
			"duplicateResolutionMode": "REPLACE", "alt": in.Content.Alt.Get(in.Language, in.Locale)}}}, false,
		&out); err != nil {
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

// passing lists the file errors that another upload fixes. INVALID_SIGNED_URL means that a staged upload has expired.
var passing = []string{"INVALID_SIGNED_URL", "IMAGE_DOWNLOAD_FAILURE", "MEDIA_TIMEOUT_ERROR",
	"DUPLICATE_FILENAME_ERROR", "UNKNOWN"}

// ready waits until Shopify has processed the files. It deletes those that Shopify can't use, because they have no name
// and would never be found again. usable is false if files have to be uploaded again.
func (p *publisher) ready(ctx context.Context, a publishers.Account, s productMedia) (usable bool, err error) {
	ids := make([]string, len(s.Placed))
	for i, at := range s.Placed {
		ids[i] = at.File
	}
	usable = true
	err = wait(ctx, processed, func() (bool, error) {
		var out struct{ Nodes []*file }
		if err := p.ask(ctx, a,
			`query nodes($ids: [ID!]!) { nodes(ids: $ids) { id ... on MediaImage { fileStatus fileErrors { code message details } image { url } } } }`, map[string]any{"ids": ids}, false, &out); err != nil {
			return false, err
		}
		done := true
		for _, f := range out.Nodes {
			switch {
			case f == nil:
				usable = false
				return false, publishers.Retry(0, errors.New("the uploaded picture has been deleted in the shop"))
			case f.Status == "FAILED":
				usable = false
				if _, err := p.remove(ctx, a, []string{f.ID}); err != nil {
					return false, err
				}
				return false, f.failure()
			case f.Status != "READY":
				done = false
			}
		}
		return done, nil
	})
	return usable, err
}

// failure returns why Shopify can't use a file.
func (f file) failure() error {
	why := "it does not say why"
	for _, e := range f.Errors {
		why = cmp.Or(e.Details, e.Message)
		if slices.Contains(passing, e.Code) {
			return publishers.Retry(0, errors.New(e.Code+": "+why))
		}
	}
	return publishers.Permanent("media", reasons.ShopifyPictureUnusable(why))
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var s productMedia
	if err := json.Unmarshal(state, &s); err != nil || len(s.Placed) == 0 {
		return publishers.Receipt{}, publishers.Retry(0, errors.New("the pictures are not known"))
	}
	var files []any
	for _, at := range s.Placed {
		shown, err := p.product(ctx, in.Account, at.Product)
		if err != nil {
			return publishers.Receipt{}, publishers.Unaccepted(err)
		}
		if shown == nil {
			// the next attempt looks the products up again
			return publishers.Receipt{}, publishers.Retry(0, errors.New("a product has been deleted in the shop"))
		}
		if newest(shown, in) > in.Revision {
			continue // a node that was delayed must not put an older revision beside a newer one
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
		if err := p.ask(ctx, in.Account,
			`mutation fileUpdate($files: [FileUpdateInput!]!) { fileUpdate(files: $files) { files { id } userErrors { field message code } } }`,
			map[string]any{"files": files}, true, &out); err != nil {
			return publishers.Receipt{}, err
		}
		if err := out.FileUpdate.UserErrors.refusal(); err != nil {
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
		if newest(last, in) > in.Revision { // a newer revision arrived meanwhile, and replaces this one
			if _, err := p.remove(ctx, in.Account, []string{at.File}); err != nil {
				return publishers.Receipt{}, publishers.Unknown(err)
			}
		}
	}
	return p.receipt(in, last, s), nil
}

func (p *publisher) receipt(in publishers.Intent, shown *product, s productMedia) publishers.Receipt {
	c, _ := settings(in.Account) // validated before
	r := publishers.Receipt{Remote: shown.ID, URL: shown.OnlineStoreURL}
	r.Data, _ = json.Marshal(s) // marshalling texts never fails
	if r.URL == "" {            // not in the online store
		r.URL = p.base(c.Shop) + "/admin/products/" + path.Base(shown.ID)
	}
	return r
}

// Lookup implements publishers.Publisher. A commit is complete when every product shows its picture, or a newer one, in
// its place.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var s productMedia
	if err := json.Unmarshal(state, &s); err != nil || len(s.Placed) == 0 {
		return publishers.Outcome{Verdict: publishers.Absent}, nil // nothing was ever prepared
	}
	var last *product
	for _, at := range s.Placed {
		shown, err := p.product(ctx, in.Account, at.Product)
		if err != nil {
			return publishers.Outcome{}, err
		}
		if shown == nil || newest(shown, in) <= in.Revision && !slices.ContainsFunc(shown.Media.Nodes,
			func(f file) bool { return f.ID == at.File }) || len(shown.moves()) > 0 {
			return publishers.Outcome{Verdict: publishers.Absent}, nil
		}
		last = shown
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: p.receipt(in, last, s)}, nil
}

// delivered returns the files and products in a receipt; empty if a person confirmed the delivery.
func delivered(r *dam.Receipt) (s productMedia) {
	if r == nil {
		return s
	}
	if json.Unmarshal(r.Data, &s) != nil {
		s = productMedia{}
	}
	if r.Remote != "" {
		s.Placed = append(s.Placed, placed{Product: r.Remote})
	}
	return s
}

// Status implements publishers.Publisher. The publication is there while any product shows it.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	list, _, err := p.files(ctx, in)
	if err != nil {
		return publishers.Outcome{}, err
	}
	s := delivered(&r)
	products := []string{}
	for _, at := range s.Placed {
		products = append(products, at.Product)
	}
	for _, f := range list {
		if l, ok := f.label(); ok {
			products = append(products, "gid://shopify/Product/"+l.product)
		}
	}
	slices.Sort(products)
	for _, id := range slices.Compact(products) {
		if !strings.HasPrefix(id, "gid://shopify/Product/") { // entered by the person who confirmed the delivery
			continue
		}
		shown, err := p.product(ctx, in.Account, id)
		if err != nil {
			return publishers.Outcome{}, err
		}
		if shown != nil && newest(shown, in) > 0 {
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: p.receipt(in, shown, s)}, nil
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Recall deletes the publication's files, which removes them from the products: those in the receipt, those that its
// products show, and those found by the shop's search, which lags a little.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	list, nameless, err := p.files(ctx, in)
	if err != nil {
		return reasons.Reason{}, err
	}
	var ids []string
	for _, at := range delivered(r).Placed {
		if at.File != "" {
			ids = append(ids, at.File)
		}
		if !strings.HasPrefix(at.Product, "gid://shopify/Product/") {
			continue
		}
		shown, err := p.product(ctx, in.Account, at.Product)
		if err != nil {
			return reasons.Reason{}, err
		}
		if shown != nil {
			list = append(list, shown.Media.Nodes...)
		}
	}
	for _, f := range list {
		if l, ok := f.label(); ok && l.publication == slug(in.ID) {
			ids = append(ids, f.ID)
		}
	}
	slices.Sort(ids)
	answer, err := p.remove(ctx, in.Account, slices.Compact(ids))
	if err == nil && nameless {
		err = publishers.Retry(2*time.Second, errors.New("the shop is still at work on pictures that have no name yet"))
	}
	return answer, err
}
