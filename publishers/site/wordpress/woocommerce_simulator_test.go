package wordpress

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"vitrine/publishers/publishertest"
)

// wooSimulator is a strict simulator of a WordPress shop's REST API, after both handbooks: media of wp/v2, products of
// wc/v3, application passwords. A PUT replaces the list of a product's pictures; a picture given by src is copied every
// time; deleting a picture removes it from every list.
type wooSimulator struct {
	URL string

	mu       sync.Mutex
	fault    publishertest.Fault
	seq      int
	media    []*shopFile
	products []*shopProduct
	most     map[string]int
}

type shopFile struct {
	id                      int
	slug, title, alt, about string
	name                    string // of the file
	bytes                   string
}

type shopProduct struct {
	id     int
	sku    string
	kind   string
	images []int
	meta   []shopMeta
}

type shopMeta struct {
	ID    int             `json:"id"`
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// The shop's users: a manager, and a customer without permissions.
const (
	ShopManager, ShopPassword   = "manager", "abcd efgh ijkl mnop qrst uvwx"
	ShopCustomer, OtherPassword = "customer", "zyxw vuts rqpo nmlk jihg fedc"
)

// newWooSimulator starts a shop with one simple product for each SKU, each with a picture of the shop's own.
func newWooSimulator(t testing.TB, skus ...string) *wooSimulator {
	w := &wooSimulator{seq: 10, most: map[string]int{}}
	for _, sku := range skus {
		w.seq += 2
		own := &shopFile{id: w.seq, slug: "own-" + strings.ToLower(sku)}
		w.media = append(w.media, own)
		w.products = append(w.products, &shopProduct{id: w.seq + 1, sku: sku, kind: "simple", images: []int{own.id}})
	}
	s := httptest.NewServer(w)
	w.URL = s.URL
	t.Cleanup(s.Close)
	return w
}

// Fail sets the fault that the shop has from now on; "" is none.
func (w *wooSimulator) Fail(f publishertest.Fault) { w.mu.Lock(); defer w.mu.Unlock(); w.fault = f }

// Shown lists the slugs of a product's pictures, in order.
func (w *wooSimulator) Shown(sku string) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.products {
		if p.sku == sku {
			for _, id := range p.images {
				if f := w.file(id); f != nil {
					out = append(out, f.slug)
				}
			}
		}
	}
	return out
}

// Marks counts the meta data of a product.
func (w *wooSimulator) Marks(sku string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.products {
		if p.sku == sku {
			n += len(p.meta)
		}
	}
	return n
}

// Pictures counts the pictures on products whose bytes contain a text: those there now, and the most there ever were on
// one product.
func (w *wooSimulator) Pictures(text string) (live, most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count(text), w.most[text]
}

func (w *wooSimulator) count(text string) (n int) {
	for _, p := range w.products {
		for _, id := range p.images {
			if f := w.file(id); f != nil && strings.Contains(f.bytes, text) {
				n++
			}
		}
	}
	return n
}

// Files lists the uploaded files whose bytes contain a text.
func (w *wooSimulator) Files(text string) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.media {
		if strings.Contains(f.bytes, text) {
			out = append(out, f.slug)
		}
	}
	return out
}

// Alt returns the alternative text of an uploaded file.
func (w *wooSimulator) Alt(slug string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.media {
		if f.slug == slug {
			return f.alt
		}
	}
	return ""
}

func (w *wooSimulator) file(id int) *shopFile {
	for _, f := range w.media {
		if f.id == id {
			return f
		}
	}
	return nil
}

func shopRefuses(res http.ResponseWriter, status int, code, message string) {
	res.WriteHeader(status)
	_ = json.NewEncoder(res).Encode(map[string]any{"code": code, "message": message,
		"data": map[string]int{"status": status}})
}

// ServeHTTP answers as WordPress with WooCommerce does.
func (w *wooSimulator) ServeHTTP(res http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	res.Header().Set("Content-Type", "application/json")
	user, password, _ := r.BasicAuth()
	manager := user == ShopManager && password == ShopPassword
	switch {
	case w.fault == publishertest.ThrottledDated:
		res.Header().Set("Retry-After", "600")
		shopRefuses(res, 429, "", "Too Many Requests")
		return
	case w.fault == publishertest.ThrottledPlain:
		shopRefuses(res, 429, "", "Too Many Requests")
		return
	case w.fault == publishertest.Revoked:
		shopRefuses(res, 403, "rest_forbidden", "Sorry, you are not allowed to do that.")
		return
	case user != "" && !manager && (user != ShopCustomer || password != OtherPassword):
		shopRefuses(res, 401, "incorrect_password", "The provided password is an invalid application password.")
		return
	}
	route := strings.TrimPrefix(r.URL.Query().Get("rest_route"), "/")
	id, _ := strconv.Atoi(path.Base(route))
	switch base := strings.TrimSuffix(route, "/"+strconv.Itoa(id)); {
	case route == "wp/v2/users/me":
		_ = json.NewEncoder(res).Encode(map[string]any{"id": 3, "name": user,
			"capabilities": map[string]bool{"edit_products": manager, "upload_files": manager}})
	case !manager:
		shopRefuses(res, 401, "rest_cannot_edit", "Sorry, you are not allowed to do that.")
	case route == "wp/v2/media" && r.Method == http.MethodGet:
		w.list(res, r)
	case route == "wp/v2/media" && r.Method == http.MethodPost:
		w.upload(res, r)
	case base == "wp/v2/media" && id > 0:
		w.attachment(res, r, id)
	case route == "wc/v3/products" && r.Method == http.MethodGet:
		w.find(res, r)
	case base == "wc/v3/products" && id > 0:
		w.product(res, r, id)
	default:
		shopRefuses(res, 404, "rest_no_route", "No route was found matching the URL and request method.")
	}
}

func perPage(res http.ResponseWriter, r *http.Request) bool {
	if v := r.URL.Query().Get("per_page"); v != "" {
		if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 100 {
			shopRefuses(res, 400, "rest_invalid_param", "Invalid parameter(s): per_page")
			return false
		}
	}
	return true
}

func (f *shopFile) json() map[string]any {
	return map[string]any{"id": f.id, "slug": f.slug, "alt_text": f.alt, "title": map[string]string{"raw": f.title},
		"description": map[string]string{"raw": f.about}}
}

// list searches title and description, as WordPress does, but not the slug.
func (w *wooSimulator) list(res http.ResponseWriter, r *http.Request) {
	if !perPage(res, r) {
		return
	}
	out := []map[string]any{}
	q := r.URL.Query()
	for _, f := range w.media {
		if strings.Contains(strings.ToLower(f.title+"\n"+f.about), strings.ToLower(q.Get("search"))) &&
			(q.Get("slug") == "" || q.Get("slug") == f.slug) {
			out = append(out, f.json())
		}
	}
	_ = json.NewEncoder(res).Encode(out)
}

func (w *wooSimulator) upload(res http.ResponseWriter, r *http.Request) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
	name := params["filename"]
	b, readErr := io.ReadAll(r.Body)
	kind := http.DetectContentType(b)
	switch {
	case readErr != nil:
		shopRefuses(res, 500, "rest_upload_unknown_error", "The upload was cut.")
		return
	case err != nil || name == "":
		shopRefuses(res, 400, "rest_upload_no_content_disposition", "No Content-Disposition supplied.")
		return
	case len(b) == 0:
		shopRefuses(res, 400, "rest_upload_no_data", "No data supplied.")
		return
	case w.fault == publishertest.Refused || !strings.HasPrefix(kind, "image/"):
		shopRefuses(res, 500, "rest_upload_sideload_error", "Sorry, you are not allowed to upload this file type.")
		return
	}
	w.seq++
	// The slug is what is asked for, or the file's name, and the title the file's name: WordPress 6.1,
	// WP_REST_Attachments_Controller::insert_attachment, read in November 2026.
	title := strings.TrimSuffix(name, path.Ext(name))
	first := cmp.Or(r.URL.Query().Get("slug"), title)
	slug := first
	for n := 2; slices.ContainsFunc(w.media, func(f *shopFile) bool { return f.slug == slug }); n++ {
		slug = fmt.Sprintf("%s-%d", first, n)
	}
	f := &shopFile{id: w.seq, slug: slug, title: title, name: name, about: r.URL.Query().Get("description"),
		bytes: string(b)}
	w.media = append(w.media, f)
	res.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(res).Encode(f.json())
}

func (w *wooSimulator) attachment(res http.ResponseWriter, r *http.Request, id int) {
	f := w.file(id)
	switch {
	case f == nil:
		shopRefuses(res, 404, "rest_post_invalid_id", "Invalid post ID.")
		return
	case r.Method == http.MethodDelete && r.URL.Query().Get("force") != "true":
		shopRefuses(res, 501, "rest_trash_not_supported",
			"The post does not support trashing. Set 'force=true' to delete.")
		return
	case r.Method == http.MethodDelete:
		w.media = slices.DeleteFunc(w.media, func(x *shopFile) bool { return x == f })
	case r.Method == http.MethodPost:
		var in struct {
			Title, Description string
			Alt                string `json:"alt_text"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			shopRefuses(res, 400, "rest_invalid_json", "Invalid JSON body passed.")
			return
		}
		f.title, f.about, f.alt = in.Title, in.Description, in.Alt
	}
	_ = json.NewEncoder(res).Encode(f.json())
}

func (w *wooSimulator) show(p *shopProduct) map[string]any {
	images := []map[string]any{}
	for _, id := range p.images {
		if f := w.file(id); f != nil {
			images = append(images, map[string]any{"id": f.id, "src": w.URL + "/" + f.slug, "name": f.title,
				"alt": f.alt})
		}
	}
	return map[string]any{"id": p.id, "type": p.kind, "sku": p.sku, "permalink": w.URL + "/product/" +
		strings.ToLower(p.sku), "images": images, "meta_data": append([]shopMeta{}, p.meta...)}
}

func (w *wooSimulator) find(res http.ResponseWriter, r *http.Request) {
	if !perPage(res, r) {
		return
	}
	out := []map[string]any{}
	asked := r.URL.Query().Get("sku")
	for _, p := range w.products {
		if asked == "" || slices.Contains(strings.Split(asked, ","), p.sku) {
			out = append(out, w.show(p))
		}
	}
	_ = json.NewEncoder(res).Encode(out)
}

func (w *wooSimulator) product(res http.ResponseWriter, r *http.Request, id int) {
	i := slices.IndexFunc(w.products, func(p *shopProduct) bool { return p.id == id })
	if i < 0 {
		shopRefuses(res, 404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
		return
	}
	p := w.products[i]
	if r.Method == http.MethodPut {
		var in struct {
			Images *[]struct {
				ID  int
				Src string
			}
			Meta []shopMeta `json:"meta_data"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			shopRefuses(res, 400, "rest_invalid_json", "Invalid JSON body passed.")
			return
		}
		if in.Images != nil {
			var list []int
			for _, x := range *in.Images {
				if x.ID == 0 || x.Src != "" || w.file(x.ID) == nil {
					shopRefuses(res, 400, "woocommerce_product_invalid_image_id",
						fmt.Sprintf("#%d is an invalid image ID.", x.ID))
					return
				}
				list = append(list, x.ID)
			}
			p.images = list
		}
		for _, m := range in.Meta {
			j := slices.IndexFunc(p.meta, func(x shopMeta) bool {
				return m.ID > 0 && x.ID == m.ID || m.ID == 0 && x.Key == m.Key
			})
			switch null := string(m.Value) == "null"; {
			case j >= 0 && null:
				p.meta = slices.Delete(p.meta, j, j+1)
			case j >= 0:
				p.meta[j].Value = m.Value
			case !null:
				w.seq++
				p.meta = append(p.meta, shopMeta{ID: w.seq, Key: m.Key, Value: m.Value})
			}
		}
		w.remember(p)
	}
	_ = json.NewEncoder(res).Encode(w.show(p))
}

// remember records how many pictures of each asset are on products at once.
func (w *wooSimulator) remember(p *shopProduct) {
	for _, id := range p.images {
		if f := w.file(id); f != nil {
			if _, asset, ok := strings.Cut(f.bytes, " of asset "); ok {
				w.most[asset] = max(w.most[asset], w.count(asset))
			}
		}
	}
}
