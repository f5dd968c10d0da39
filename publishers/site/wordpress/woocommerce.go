package wordpress

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// WooCommerceName is the name of the kind that WooCommerce returns.
const WooCommerceName = "woocommerce"

const shopSchema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["url", "user", "password"],
 "properties": {
  "url": {"type": "string", "x-destination": true, "title": "Shop", "description": "https://shop.example.com", "minLength": 1,
   "x-fr": {"title": "Boutique", "description": "https://shop.example.com"}},
  "user": {"type": "string", "title": "User", "description": "A shop manager", "minLength": 1,
   "x-fr": {"title": "Utilisateur", "description": "Un gestionnaire de la boutique"}},
  "password": {"type": "string", "title": "Application password", "description": "From Users → Profile → Application Passwords", "writeOnly": true,
   "x-fr": {"title": "Mot de passe d’application", "description": "Dans Utilisateurs → Profil → Mots de passe d’application"}}
 }
}`

// catalogue is the REST namespace of WooCommerce. WooCommerce's own keys need permalinks; an application password works
// on every site.
const catalogue = "wc/v3"

// WooCommerce returns the kind of channel that puts pictures on a shop's products, by SKU.
//
// A product's pictures are one list, which a PUT replaces. Commit reads the list, inserts the picture at its slot, and
// writes the list and a mark in one call: repeating it changes nothing, and the mark tells Lookup what the product
// shows. The shop has no conditional writes, so two concurrent writers can drop each other's picture from the list, but
// never the mark. So every writer reads the product again and restores pictures that a mark names and the list lost.
// The description of the uploaded file names the publication and the products it is on, so that a recall finds them
// even if the server has lost all records.
func WooCommerce(client *http.Client) publishers.Kind {
	k := Kind(client)
	k.Name, k.Title, k.Schema, k.Publisher = WooCommerceName, "WooCommerce", json.RawMessage(shopSchema),
		&shop{publisher{client}}
	k.API = publishers.API{Version: "wc/v3", Source: "https://woocommerce.github.io/woocommerce-rest-api-docs/",
		Checked: publishers.Day(2026, time.November, 30)}
	k.Products, k.Tested = true, ""
	return k
}

type shop struct{ publisher }

type productImages struct {
	Media    int   `json:"media"`
	Products []int `json:"products"`
	// Earlier are products that showed an older revision and should no longer show any.
	Earlier []int `json:"former,omitempty"`
}

type product struct {
	ID        int         `json:"id"`
	Type      string      `json:"type"`
	Permalink string      `json:"permalink"`
	SKU       string      `json:"sku"`
	Images    []image     `json:"images"`
	Meta      []metaDatum `json:"meta_data"`
}

type image struct {
	ID int `json:"id"`
}

// metaDatum is an entry of a product's meta data. A value of null removes it.
type metaDatum struct {
	ID    int             `json:"id,omitempty"`
	Key   string          `json:"key,omitempty"`
	Value json.RawMessage `json:"value"`
}

// note is the mark of a publication on a product.
type note struct {
	Image    int    `json:"image"`
	Revision int64  `json:"revision"`
	Digest   string `json:"digest"`
	Slot     string `json:"slot,omitempty"`
	N        int    `json:"n,omitempty"`
}

const notePrefix = "_vitrine_"

// notes returns the marks of all publications on the product, by meta key; other meta data is skipped.
func (p *product) notes() map[string]note {
	out := map[string]note{}
	for _, m := range p.Meta {
		var s string
		var n note
		if strings.HasPrefix(m.Key, notePrefix) && json.Unmarshal(m.Value, &s) == nil &&
			json.Unmarshal([]byte(s), &n) == nil {
			out[m.Key] = n
		}
	}
	return out
}

func (p *product) has(id int) bool {
	return slices.ContainsFunc(p.Images, func(i image) bool { return i.ID == id })
}

// Describe implements publishers.Publisher.
func (s *shop) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG,
		dam.WebP}},
		Idempotency: publishers.Durable, VisibleAfter: classify, Update: true, Recall: true, PublicStaging: true,
		LimitReasons: map[string]reasons.Reason{"media": reasons.LimitProductPictureOfSite()}}, nil
}

// Verify implements publishers.Publisher.
func (s *shop) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	who, err := s.identify(ctx, a, "shop_manager", "edit_products", "upload_files")
	if err != nil {
		return who, err
	}
	err = s.do(ctx, a, call{method: http.MethodGet, space: catalogue, path: "products",
		query: url.Values{"per_page": {"1"}}}, nil)
	if e := (*apiError)(nil); errors.As(err, &e) && e.Code == "rest_no_route" {
		err = publishers.Disconnected(reasons.NoWoocommerce(), err)
	}
	return who, err
}

// Validate implements publishers.Publisher.
func (s *shop) Validate(_ context.Context, in publishers.Intent) []dam.Problem {
	if len(in.Content.SKUs) == 0 {
		return []dam.Problem{*dam.NewProblem(string(publishers.ClassPermanent), "skus",
			reasons.AssetShowsNoProduct())}
	}
	return nil
}

// products finds the shop's products by the asset's SKUs.
func (s *shop) products(ctx context.Context, in publishers.Intent) ([]product, error) {
	var list []product
	err := s.do(ctx, in.Account, call{method: http.MethodGet, space: catalogue, path: "products",
		query: url.Values{"sku": {strings.Join(in.Content.SKUs, ",")}, "per_page": {"100"}}}, &list)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(p product) bool { return p.Type == "variation" })
	if len(list) == 0 {
		return nil, publishers.Permanent("skus",
			reasons.WoocommerceWithoutProduct(strings.Join(in.Content.SKUs, " or ")))
	}
	return list, nil
}

// file is a picture uploaded for this publication.
type file struct {
	ID          int    `json:"id"`
	Slug        string `json:"slug"`
	Description struct {
		Raw string `json:"raw"`
	} `json:"description"`
}

var listed = regexp.MustCompile(`\d+`)

func described(in publishers.Intent, products []int) string {
	words := make([]string, len(products))
	for i, p := range products {
		words[i] = strconv.Itoa(p)
	}
	return handle(in.ID) + " on " + strings.Join(words, ",")
}

// on returns the products that a file may be on.
func (f file) on() (out []int) {
	_, list, _ := strings.Cut(f.Description.Raw, " on ")
	for _, n := range listed.FindAllString(list, -1) {
		id, _ := strconv.Atoi(n) // digits
		out = append(out, id)
	}
	return out
}

// files lists what was uploaded for this publication.
func (s *shop) files(ctx context.Context, in publishers.Intent) ([]file, error) {
	var list []file
	err := s.get(ctx, in.Account, "media", url.Values{"search": {handle(in.ID)}, "per_page": {"100"},
		"context": {"edit"}}, &list)
	return slices.DeleteFunc(list, func(f file) bool { return !strings.HasPrefix(f.Slug, handle(in.ID)+"-") }), err
}

// Prepare finds the products and uploads the picture, which no product shows yet.
func (s *shop) Prepare(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.State, error) {
	touched := publishers.State(`{}`)
	list, err := s.products(ctx, in)
	if err != nil {
		return nil, err
	}
	have, err := s.files(ctx, in)
	if err != nil {
		return nil, err
	}
	m := in.Content.Media[0]
	name := handle(in.ID) + "-" + m.SHA256[:16]
	words := append([]string{in.Content.Title.Get(in.Language, in.Locale), in.Content.Alt.Get(in.Language, in.Locale)},
		in.Content.SKUs...)
	at := productImages{}
	for _, p := range list {
		at.Products = append(at.Products, p.ID)
	}
	for _, f := range have {
		if f.Slug == name {
			at.Media = f.ID
		}
		for _, id := range f.on() {
			if !slices.Contains(at.Products, id) && !slices.Contains(at.Earlier, id) {
				at.Earlier = append(at.Earlier, id)
			}
		}
	}
	if at.Media == 0 {
		var made attachment
		about := url.Values{"slug": {name}, "description": {described(in, at.Products)}}
		if err := s.upload(ctx, in, m, fileName(m, words...), about, &made); err != nil {
			return touched, err
		}
		at.Media = made.ID
	}
	if err := s.send(ctx, in.Account, "media/"+strconv.Itoa(at.Media),
		map[string]any{"alt_text": in.Content.Alt.Get(in.Language, in.Locale),
			"title":       literal(cmp.Or(slices.DeleteFunc(words, func(w string) bool { return w == "" })...)),
			"description": described(in, append(slices.Clone(at.Products), at.Earlier...))}, nil); err != nil {
		return touched, err
	}
	return json.Marshal(at)
}

// Commit implements publishers.Publisher.
func (s *shop) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt, error) {
	var at productImages
	if err := json.Unmarshal(state, &at); err != nil || at.Media == 0 || len(at.Products) == 0 {
		return publishers.Receipt{}, publishers.Retry(0, errors.New("the picture is not known"))
	}
	var shown product
	behind := false
	for _, id := range at.Products {
		// Reading changes nothing, so an error here means that nothing was accepted.
		if err := s.read(ctx, in.Account, id, &shown); err != nil {
			return publishers.Receipt{}, publishers.Unaccepted(err)
		}
		key := notePrefix + handle(in.ID)
		if old := shown.notes()[key]; old.Revision > in.Revision && shown.has(old.Image) {
			behind = true
			continue // a node that was delayed must not overwrite a newer revision with an older one
		}
		slot, n := place(in, shown.SKU)
		if err := s.change(ctx, in.Account, &shown, key, &note{Image: at.Media, Revision: in.Revision,
			Digest: in.Digest, Slot: slot, N: n}); err != nil {
			return publishers.Receipt{}, err
		}
	}
	if behind {
		return imagesOf(shown), nil
	}
	for _, id := range at.Earlier {
		if err := s.clear(ctx, in, id); err != nil {
			return publishers.Receipt{}, err
		}
	}
	// No product has pictures of older revisions any more; what can't be deleted now, the next commit or recall
	// deletes.
	if list, err := s.files(ctx, in); err == nil {
		for _, f := range list {
			if f.ID != at.Media {
				_, _ = s.remove(ctx, in.Account, "media", f.ID)
			}
		}
	}
	return imagesOf(shown), nil
}

func imagesOf(p product) publishers.Receipt {
	return publishers.Receipt{Remote: strconv.Itoa(p.ID), URL: p.Permalink}
}

// place returns the slot that the asset has on the product of this SKU.
func place(in publishers.Intent, sku string) (slot string, n int) {
	for _, s := range in.Content.Slots {
		if canon.ProductKey(s.SKU) == canon.ProductKey(sku) {
			return s.Slot, s.N
		}
	}
	return "", 0
}

// arrange returns the product's list of pictures with the publication's at its place: heroes first, then the other
// slots, then the shop's own pictures, then those without a slot. With a nil now, the publication's picture is left
// out.
func arrange(p *product, key string, now *note) []image {
	type placed struct {
		image
		note
		rank int
	}
	notes := p.notes()
	gone := notes[key].Image
	if now != nil {
		notes[key] = *now
	} else {
		delete(notes, key)
	}
	byImage := map[int]note{}
	for _, n := range notes {
		byImage[n.Image] = n
	}
	var list []placed
	add := func(i image) {
		n, ours := byImage[i.ID]
		rank := 2
		switch {
		case !ours:
		case n.Slot == "hero":
			rank = 0
		case n.Slot != "":
			rank = 1
		default:
			rank = 3
		}
		list = append(list, placed{i, n, rank})
	}
	for _, i := range p.Images {
		if i.ID != gone && (now == nil || i.ID != now.Image) {
			add(i)
		}
	}
	if now != nil {
		add(image{now.Image})
	}
	slices.SortStableFunc(list, func(a, b placed) int {
		if d := cmp.Compare(a.rank, b.rank); d != 0 || a.rank == 2 {
			return d
		}
		return cmp.Or(strings.Compare(a.Slot, b.Slot), cmp.Compare(a.N, b.N))
	})
	out := make([]image, len(list))
	for i, x := range list {
		out[i] = x.image
	}
	return out
}

// meta returns the publication's mark for a PUT; nil removes it.
func (p *product) meta(key string, now *note) metaDatum {
	out := metaDatum{Key: key, Value: json.RawMessage("null")}
	for _, m := range p.Meta {
		if m.Key == key {
			out.ID = m.ID
		}
	}
	if now != nil {
		raw, _ := json.Marshal(now)              // marshalling numbers and texts never fails
		out.Value, _ = json.Marshal(string(raw)) // as a string, because the shop turns objects into PHP arrays
	}
	return out
}

func (s *shop) read(ctx context.Context, a publishers.Account, id int, p *product) error {
	return s.do(ctx, a, call{method: http.MethodGet, space: catalogue, path: "products/" + strconv.Itoa(id)}, p)
}

// change writes a product that was read before, with the publication's picture and mark as in now, or without them if
// now is nil. It restores pictures that other publications' marks name and the list has lost.
func (s *shop) change(ctx context.Context, a publishers.Account, p *product, key string, now *note) error {
	for {
		body := map[string]any{"images": arrange(p, key, now), "meta_data": []metaDatum{p.meta(key, now)}}
		if err := s.write(ctx, a, call{method: http.MethodPut, space: catalogue, path: "products/" + strconv.Itoa(p.ID),
			commit: true}, body, nil); err != nil {
			return err
		}
		before := *p
		*p = product{}
		if err := s.read(ctx, a, before.ID, p); err != nil {
			return publishers.Unknown(err)
		}
		known, whole := before.notes(), true
		for k, n := range p.notes() {
			// Pictures that a person removed from the product at the shop stay removed.
			if seen, ok := known[k]; k != key && !p.has(n.Image) && (!ok || seen.Image != n.Image ||
				before.has(n.Image)) {
				p.Images, whole = append(p.Images, image{n.Image}), false
			}
		}
		if whole && (now == nil || p.has(now.Image)) {
			return nil
		}
	}
}

// clear removes the publication's picture and mark from a product. A missing product is not an error.
func (s *shop) clear(ctx context.Context, in publishers.Intent, id int) error {
	var p product
	err := s.read(ctx, in.Account, id, &p)
	if e := (*apiError)(nil); errors.As(err, &e) && e.status == http.StatusNotFound {
		return nil
	}
	key := notePrefix + handle(in.ID)
	if _, marked := p.notes()[key]; err != nil || !marked {
		return err
	}
	return s.change(ctx, in.Account, &p, key, nil)
}

// shows reports whether a product shows the publication in a revision that accept accepts.
func (s *shop) shows(ctx context.Context, in publishers.Intent, id int, accept func(note) bool) (bool, product, error) {
	var p product
	err := s.read(ctx, in.Account, id, &p)
	if e := (*apiError)(nil); errors.As(err, &e) && e.status == http.StatusNotFound {
		return false, p, nil
	}
	n, ok := p.notes()[notePrefix+handle(in.ID)]
	return ok && p.has(n.Image) && accept(n), p, err
}

// Status implements publishers.Publisher. The publication is there while any product shows it.
func (s *shop) Status(ctx context.Context, in publishers.Intent, _ dam.Receipt) (publishers.Outcome, error) {
	list, err := s.files(ctx, in)
	for _, f := range list {
		for _, id := range f.on() {
			ok, p, err := s.shows(ctx, in, id, func(note) bool { return true })
			if err != nil || ok {
				return publishers.Outcome{Verdict: publishers.Delivered, Receipt: imagesOf(p)}, err
			}
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, err
}

// Lookup implements publishers.Publisher. A commit is complete when every product shows the publication.
func (s *shop) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome, error) {
	var at productImages
	if err := json.Unmarshal(state, &at); err != nil || len(at.Products) == 0 {
		return publishers.Outcome{Verdict: publishers.Absent}, nil // nothing was ever prepared
	}
	var last product
	for _, id := range at.Products {
		ok, p, err := s.shows(ctx, in, id, func(n note) bool {
			return n.Revision > in.Revision || n.Digest == in.Digest
		})
		if err != nil || !ok {
			return publishers.Outcome{Verdict: publishers.Absent}, err
		}
		last = p
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: imagesOf(last)}, nil
}

// Recall removes the picture from the products first, so that none shows a missing picture, then deletes its files.
func (s *shop) Recall(ctx context.Context, in publishers.Intent, _ *dam.Receipt) (reasons.Reason, error) {
	list, err := s.files(ctx, in)
	if err != nil {
		return reasons.Reason{}, err
	}
	answers := []reasons.Reason{reasons.NoPictureThere()}
	if len(list) > 0 {
		answers = nil
	}
	for _, f := range list {
		for _, id := range f.on() {
			if err := s.clear(ctx, in, id); err != nil {
				return reasons.Reason{}, err
			}
		}
	}
	for _, f := range list {
		answer, err := s.remove(ctx, in.Account, "media", f.ID)
		if err != nil {
			return reasons.Reason{}, err
		}
		answers = append(answers, answer)
	}
	return reasons.Several(answers), nil
}
