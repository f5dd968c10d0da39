package shopify

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of a shop's GraphQL Admin API, after its reference: staged uploads, files, and
// products that show files. A file is processed before it can be used, deleting it removes it from its products, and a
// product has a file once however often it is added. Searches also find similar names, lists have pages, a job moves
// pictures, and calls cost points of a bucket that refills over time.
type simulator struct {
	URL string
	// OnReorder is called after a job has moved the pictures of a product; it stands for others who change the product
	// at the same time.
	OnReorder func()
	// Behind means that its search does not know any of the new files yet.
	Behind bool

	mu       sync.Mutex
	fault    publishertest.Fault
	seq      int
	staged   map[string]*stagedFile // by key
	files    []*shopPicture
	products []*shopifyProduct
	most     map[string]int
	jobs     map[string]func() // not finished yet
	tokens   []string          // given to the app, and valid
	points   float64           // in the bucket at the time filled
	filled   time.Time
	videos   []string // the shop's own, among its files
}

type stagedFile struct {
	name, mime string
	size       int
	bytes      string
	expired    bool
}

type shopPicture struct {
	id, name, alt, bytes, status, trouble string
}

type shopifyProduct struct {
	id    string
	skus  []string
	media []string
}

// The shop's tokens: of an app that may write, and of one that may only read. Then an app that gets its tokens itself.
const (
	ShopifyToken, ShopifyReader  = "shpat_writes", "shpat_reads"
	ShopifyClient, ShopifySecret = "0123abcd", "shpss_secret"
)

// The size of the bucket of points, its refill per second, and the cost of an operation.
const bucketPoints, restorePoints, operationPoints = 2000, 100, 52

// newSimulator starts a shop with one product for each comma-separated group of SKUs, each with a picture of the shop's
// own.
func newSimulator(t testing.TB, skus ...string) *simulator {
	w := &simulator{seq: 100, most: map[string]int{}, staged: map[string]*stagedFile{}, jobs: map[string]func(){},
		points: bucketPoints, filled: time.Now(), videos: []string{"gid://shopify/Video/7"}}
	for _, list := range skus {
		own := &shopPicture{id: w.id("MediaImage"), name: "own-" + strings.ToLower(strings.Split(list, ",")[0]) +
			".jpg", status: "READY"}
		w.files = append(w.files, own)
		w.products = append(w.products, &shopifyProduct{id: w.id("Product"), skus: strings.Split(list, ","),
			media: []string{own.id}})
	}
	s := httptest.NewServer(w)
	w.URL = s.URL
	t.Cleanup(s.Close)
	return w
}

func (w *simulator) id(kind string) string {
	w.seq++
	return fmt.Sprintf("gid://shopify/%s/%d", kind, w.seq)
}

// Fail sets the fault that the shop has from now on; "" is none. Expired ends the tokens that were given to the app.
func (w *simulator) Fail(f publishertest.Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fault = f; f == publishertest.Expired {
		w.fault, w.tokens = "", nil
	}
}

// Drain takes more points from the bucket than it has, by debt.
func (w *simulator) Drain(debt float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.points, w.filled = -debt, time.Now()
}

// ExpireUploads ends all staged uploads that have not become a file.
func (w *simulator) ExpireUploads() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.staged {
		f.expired = true
	}
}

// Videos returns the shop's own videos.
func (w *simulator) Videos() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.videos)
}

// Show puts a picture of the shop's own first on a product, as a person in the shop might.
func (w *simulator) Show(sku, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := &shopPicture{id: w.id("MediaImage"), name: name, status: "READY"}
	w.files = append(w.files, f)
	for _, p := range w.products {
		if slices.Contains(p.skus, sku) {
			p.media = slices.Insert(p.media, 0, f.id)
		}
	}
}

// Shown lists the file names of a product's pictures, in order.
func (w *simulator) Shown(sku string) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.products {
		if slices.Contains(p.skus, sku) {
			for _, id := range p.media {
				out = append(out, w.file(id).name)
			}
		}
	}
	return out
}

// Pictures counts the pictures on products whose bytes contain a text: those there now, and the most there ever were at
// once.
func (w *simulator) Pictures(text string) (live, most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count(text), w.most[text]
}

func (w *simulator) count(text string) (n int) {
	for _, p := range w.products {
		for _, id := range p.media {
			if strings.Contains(w.file(id).bytes, text) {
				n++
			}
		}
	}
	return n
}

// Files lists the names of the shop's files that have a text in their bytes or their name.
func (w *simulator) Files(text string) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.files {
		if strings.Contains(f.bytes+f.name, text) {
			out = append(out, f.name)
		}
	}
	return out
}

// Alt returns the alternative text of a file.
func (w *simulator) Alt(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.files {
		if f.name == name {
			return f.alt
		}
	}
	return ""
}

// Lose deletes a file, as a person in the shop might.
func (w *simulator) Lose(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.files {
		if f.name == name {
			w.drop(f.id)
			return
		}
	}
}

func (w *simulator) file(id string) *shopPicture {
	for _, f := range w.files {
		if f.id == id {
			return f
		}
	}
	return nil
}

func (w *simulator) product(id string) *shopifyProduct {
	for _, p := range w.products {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (w *simulator) drop(id string) {
	w.files = slices.DeleteFunc(w.files, func(f *shopPicture) bool { return f.id == id })
	for _, p := range w.products {
		p.media = slices.DeleteFunc(p.media, func(x string) bool { return x == id })
	}
}

type object = map[string]any

// ServeHTTP answers as the shop, and as the server for staged uploads.
func (w *simulator) ServeHTTP(res http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.URL.Path == "/staged" {
		w.take(res, r)
		return
	}
	res.Header().Set("Content-Type", "application/json")
	answer := func(status int, v any) {
		res.WriteHeader(status)
		_ = json.NewEncoder(res).Encode(v)
	}
	w.points, w.filled = min(bucketPoints, w.points+restorePoints*time.Since(w.filled).Seconds()), time.Now()
	failed := func(code, message string) {
		answer(http.StatusOK, object{"errors": []object{{"message": message, "extensions": object{"code": code}}},
			"extensions": object{"cost": object{"requestedQueryCost": operationPoints,
				"throttleStatus": object{"maximumAvailable": bucketPoints, "currentlyAvailable": w.points,
					"restoreRate": restorePoints}}}})
	}
	token := r.Header.Get("X-Shopify-Access-Token")
	writes := token == ShopifyToken || slices.Contains(w.tokens, token)
	switch {
	case r.URL.Path == "/admin/oauth/access_token" && r.Method == http.MethodPost:
		w.give(r, answer)
		return
	// There is a version for each quarter: https://shopify.dev/docs/api/usage/versioning (read in November 2026).
	case !regexp.MustCompile(`^/admin/api/20\d\d-(01|04|07|10)/graphql\.json$`).MatchString(r.URL.Path) ||
		r.Method != http.MethodPost:
		answer(http.StatusNotFound, object{"errors": "Not Found"})
		return
	case w.fault == publishertest.ThrottledDated:
		res.Header().Set("Retry-After", "600")
		answer(http.StatusTooManyRequests, object{"errors": "Too Many Requests"})
		return
	case w.fault == publishertest.Revoked || !writes && token != ShopifyReader:
		answer(http.StatusUnauthorized,
			object{"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
		return
	case w.fault == publishertest.ThrottledPlain || w.points < operationPoints:
		failed("THROTTLED", "Throttled")
		return
	}
	w.points -= operationPoints / 10 // refunds what was requested and not used
	var in struct {
		Query     string
		Variables map[string]json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		answer(http.StatusBadRequest, object{"errors": object{"query": "Required parameter missing or invalid"}})
		return
	}
	root := regexp.MustCompile(`^(query|mutation) \w+[^{]*\{\s*(\w+)`).FindStringSubmatch(in.Query)
	if root == nil || strings.Count(in.Query, "{") != strings.Count(in.Query, "}") {
		failed("undefinedField", "syntax error")
		return
	}
	root = root[1:]
	declared := map[string]string{}
	for _, m := range regexp.MustCompile(`\$(\w+): ([\[\]\w!]+)`).FindAllStringSubmatch(in.Query, -1) {
		declared[m[1]] = m[2]
		if v := in.Variables[m[1]]; strings.HasSuffix(m[2], "!") && (v == nil || string(v) == "null") {
			failed("INVALID_VARIABLE", "Variable $"+m[1]+" of type "+m[2]+" was provided invalid value")
			return
		}
	}
	if want, ok := shopifyArguments[root[1]]; !ok || !maps.Equal(want, declared) {
		failed("argumentNotAccepted", fmt.Sprintf("Field '%s' with the arguments %v, it takes %v", root[1], declared,
			want))
		return
	}
	for name := range in.Variables {
		if declared[name] == "" {
			failed("INVALID_VARIABLE", "Variable $"+name+" is not declared")
			return
		}
	}
	if root[0] == "mutation" && !writes {
		failed("ACCESS_DENIED", "Access denied for "+root[1]+" field.")
		return
	}
	data, err := w.operate(root[1], in.Variables)
	if err != nil {
		failed("INVALID_VARIABLE", err.Error())
		return
	}
	if root[1] == "shop" {
		scopes := []object{{"handle": "read_products"}, {"handle": "read_files"}}
		if writes {
			scopes = []object{{"handle": "write_products"}, {"handle": "write_files"}}
		}
		answer(http.StatusOK,
			object{"data": object{"shop": object{"id": "gid://shopify/Shop/1", "name": "Shoes", "url": w.URL},
				"currentAppInstallation": object{"accessScopes": scopes}}})
		return
	}
	answer(http.StatusOK, object{"data": object{root[1]: data}})
}

// shopifyArguments are the arguments of the operations that the simulator implements, with their types.
var shopifyArguments = map[string]map[string]string{
	"shop":                {},
	"productVariants":     {"query": "String!", "after": "String"},
	"product":             {"id": "ID!"},
	"files":               {"query": "String!"},
	"nodes":               {"ids": "[ID!]!"},
	"job":                 {"id": "ID!"},
	"stagedUploadsCreate": {"input": "[StagedUploadInput!]!"},
	"fileCreate":          {"files": "[FileCreateInput!]!"},
	"fileUpdate":          {"files": "[FileUpdateInput!]!"},
	"fileDelete":          {"fileIds": "[ID!]!"},
	"productReorderMedia": {"id": "ID!", "moves": "[MoveInput!]!"},
}

// give returns a token for a day to the app.
func (w *simulator) give(r *http.Request, answer func(int, any)) {
	if r.FormValue("grant_type") != "client_credentials" || r.FormValue("client_id") != ShopifyClient ||
		r.FormValue("client_secret") != ShopifySecret || w.fault == publishertest.Revoked {
		answer(http.StatusBadRequest, object{"error": "application_cannot_be_found",
			"error_description": "The application cannot be found."})
		return
	}
	w.seq++
	token := fmt.Sprint("shpat_", w.seq)
	w.tokens = append(w.tokens, token)
	answer(http.StatusOK, object{"access_token": token, "scope": "write_products,write_files", "expires_in": 86399})
}

// decodeStrictly decodes a variable and refuses fields that the type does not have.
func decodeStrictly(raw json.RawMessage, out any) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	return d.Decode(out)
}

func complaint(code, message string) []object {
	return []object{{"field": []string{"files", "0"}, "message": message, "code": code}}
}

func (w *simulator) operate(name string, v map[string]json.RawMessage) (any, error) {
	var query, id string
	switch name {
	case "shop":
		return nil, nil
	case "productVariants":
		return w.variants(v)
	case "product":
		if err := json.Unmarshal(v["id"], &id); err != nil {
			return nil, err
		}
		p := w.product(id)
		if p == nil {
			return nil, nil
		}
		nodes := []object{}
		for _, m := range p.media {
			nodes = append(nodes, w.show(w.file(m)))
		}
		return object{"id": p.id, "onlineStoreUrl": w.URL + "/products/" + strings.ToLower(p.skus[0]),
			"media": object{"nodes": nodes}}, nil
	case "files":
		if err := json.Unmarshal(v["query"], &query); err != nil {
			return nil, err
		}
		prefix, ok := strings.CutPrefix(query, "filename:")
		prefix, some := strings.CutSuffix(prefix, "*")
		if !ok || !some || prefix == "" {
			return nil, fmt.Errorf("a search that is not known: %s", query)
		}
		nodes := []object{}
		for _, f := range w.files {
			if w.Behind {
				break
			}
			if strings.HasPrefix(f.name, prefix) || strings.HasPrefix(f.name, strings.SplitAfter(prefix, "-")[0]) &&
				f.status == "READY" {
				nodes = append(nodes, w.show(f))
			}
		}
		for _, id := range w.videos {
			nodes = append(nodes, object{"__typename": "Video", "id": id, "fileStatus": "READY"})
		}
		return object{"nodes": nodes}, nil
	case "nodes":
		var ids []string
		if err := json.Unmarshal(v["ids"], &ids); err != nil {
			return nil, err
		}
		nodes := make([]any, len(ids)) // null if there is none
		for i, id := range ids {
			if f := w.file(id); f != nil {
				nodes[i] = w.show(f)
				w.look(f)
			}
		}
		return nodes, nil
	case "stagedUploadsCreate":
		return w.stage(v["input"])
	case "fileCreate":
		return w.create(v["files"])
	case "fileUpdate":
		return w.update(v["files"])
	case "fileDelete":
		var ids []string
		if err := json.Unmarshal(v["fileIds"], &ids); err != nil {
			return nil, err
		}
		for _, id := range ids {
			if w.file(id) == nil && !slices.Contains(w.videos, id) {
				return object{"deletedFileIds": nil, "userErrors": complaint("FILE_DOES_NOT_EXIST",
					"File id "+id+" does not exist.")}, nil
			}
		}
		for _, id := range ids {
			w.drop(id)
			w.videos = slices.DeleteFunc(w.videos, func(v string) bool { return v == id })
		}
		return object{"deletedFileIds": ids, "userErrors": []object{}}, nil
	case "productReorderMedia":
		return w.reorder(v)
	case "job":
		if err := json.Unmarshal(v["id"], &id); err != nil {
			return nil, err
		}
		work, begun := w.jobs[id]
		if begun {
			delete(w.jobs, id)
			work()
		}
		return object{"id": id, "done": !begun}, nil
	}
	return nil, fmt.Errorf("field '%s' doesn't exist", name)
}

// look is Shopify's processing of a file: it is finished at the next request.
func (w *simulator) look(f *shopPicture) {
	if f.status != "PROCESSING" {
		return
	}
	if f.trouble == "" && (w.fault == publishertest.Refused ||
		!strings.HasPrefix(http.DetectContentType([]byte(f.bytes)), "image/")) {
		f.trouble = "UNSUPPORTED_IMAGE_FILE_TYPE"
	}
	if f.status = "READY"; f.trouble != "" {
		f.status = "FAILED"
	}
}

func (w *simulator) show(f *shopPicture) object {
	out := object{"__typename": "MediaImage", "id": f.id, "alt": f.alt, "fileStatus": f.status,
		"fileErrors": []object{}, "image": nil}
	switch f.status {
	case "READY":
		out["image"] = object{"url": w.URL + "/cdn/files/" + f.name + "?v=1"}
	case "FAILED":
		out["fileErrors"] = []object{{"code": f.trouble, "message": "The file can't be used",
			"details": strings.ToLower(f.trouble)}}
	}
	return out
}

// variants searches as Shopify does: it also finds SKUs with the same beginning.
func (w *simulator) variants(v map[string]json.RawMessage) (any, error) {
	var query string
	if err := json.Unmarshal(v["query"], &query); err != nil {
		return nil, err
	}
	nodes := []object{}
	for _, m := range regexp.MustCompile(`sku:"((?:[^"\\]|\\.)*)"`).FindAllStringSubmatch(query, -1) {
		for _, p := range w.products {
			for _, sku := range p.skus {
				if strings.HasPrefix(strings.ToLower(sku), strings.ToLower(m[1])) {
					nodes = append(nodes, object{"sku": sku, "product": object{"id": p.id}})
				}
			}
		}
	}
	var after string
	if err := json.Unmarshal(v["after"], &after); err != nil {
		return nil, err
	}
	from, _ := strconv.Atoi(after) // the first page has no cursor
	to := min(from+2, len(nodes))
	return object{"nodes": nodes[from:to], "pageInfo": object{"hasNextPage": to < len(nodes),
		"endCursor": strconv.Itoa(to)}}, nil
}

func (w *simulator) stage(raw json.RawMessage) (any, error) {
	var in []struct {
		Filename, MimeType, Resource, HTTPMethod, FileSize string
	}
	if err := decodeStrictly(raw, &in); err != nil {
		return nil, err
	}
	targets := []object{}
	for _, f := range in {
		size, err := strconv.Atoi(f.FileSize)
		if err != nil || f.HTTPMethod != "POST" || f.Resource != "IMAGE" {
			return nil, fmt.Errorf("not an upload of an image: %+v", f)
		}
		if size > 20<<20 {
			return object{"stagedTargets": nil, "userErrors": complaint("", "fileSize is too big")}, nil
		}
		w.seq++
		key := fmt.Sprintf("tmp/1/%d/%s", w.seq, f.Filename)
		w.staged[key] = &stagedFile{name: f.Filename, mime: f.MimeType, size: size}
		targets = append(targets, object{"url": w.URL + "/staged", "resourceUrl": w.URL + "/staged/" + key,
			"parameters": []object{
				{"name": "Content-Type", "value": f.MimeType}, {"name": "success_action_status", "value": "201"},
				{"name": "key", "value": key}, {"name": "policy", "value": "signed"}}})
	}
	return object{"stagedTargets": targets, "userErrors": []object{}}, nil
}

// take accepts uploads: a form with all given fields, the file last, and of the declared size.
func (w *simulator) take(res http.ResponseWriter, r *http.Request) {
	form, err := r.MultipartReader()
	if err != nil || r.Header.Get("X-Shopify-Access-Token") != "" {
		http.Error(res, "not a form", http.StatusBadRequest)
		return
	}
	fields := map[string]string{}
	for {
		part, err := form.NextPart()
		if err != nil {
			http.Error(res, "no file", http.StatusBadRequest)
			return
		}
		b, err := io.ReadAll(part)
		if err != nil {
			http.Error(res, "cut", http.StatusBadRequest)
			return
		}
		if part.FormName() != "file" {
			fields[part.FormName()] = string(b)
			continue
		}
		f := w.staged[fields["key"]]
		if f == nil || fields["policy"] != "signed" || fields["Content-Type"] != f.mime ||
			fields["success_action_status"] == "" || len(b) != f.size || f.bytes != "" || f.expired {
			http.Error(res, "<Error><Code>AccessDenied</Code></Error>", http.StatusForbidden)
			return
		}
		f.bytes = string(b)
		res.WriteHeader(http.StatusCreated)
		return
	}
}

func (w *simulator) create(raw json.RawMessage) (any, error) {
	var in []struct {
		Alt, ContentType, DuplicateResolutionMode, Filename, OriginalSource string
	}
	if err := decodeStrictly(raw, &in); err != nil {
		return nil, err
	}
	out := []object{}
	for _, f := range in {
		key, _ := strings.CutPrefix(f.OriginalSource, w.URL+"/staged/")
		from := w.staged[key]
		no := func(code, message string) (any, error) {
			return object{"files": nil, "userErrors": complaint(code, message)}, nil
		}
		switch {
		case from == nil || from.bytes == "":
			return no("INVALID", "Original source is not a staged upload")
		case utf8.RuneCountInString(f.Alt) > 512:
			return no("ALT_VALUE_LIMIT_EXCEEDED", "The alt value exceeds the maximum limit of 512 characters.")
		case f.ContentType != "IMAGE":
			return no("INVALID", "contentType")
		case f.Filename != "" && path.Ext(f.Filename) != path.Ext(from.name):
			return no("MISMATCHED_FILENAME_AND_ORIGINAL_SOURCE", "The file extension differs")
		}
		delete(w.staged, key)
		name := f.Filename
		i := slices.IndexFunc(w.files, func(x *shopPicture) bool { return x.name == name })
		switch {
		case i >= 0 && f.DuplicateResolutionMode == "RAISE_ERROR":
			return no("FILENAME_ALREADY_EXISTS", "The filename already exists.")
		case i >= 0 && f.DuplicateResolutionMode != "REPLACE":
			name = strings.TrimSuffix(name, path.Ext(name)) + "_5f3a" + path.Ext(name)
			fallthrough
		case i < 0:
			w.files = append(w.files, &shopPicture{id: w.id("MediaImage"), name: name})
			i = len(w.files) - 1
		}
		made := w.files[i]
		made.alt, made.bytes, made.status, made.trouble = f.Alt, from.bytes, "PROCESSING", ""
		if from.expired {
			made.bytes, made.trouble = "", "INVALID_SIGNED_URL"
		}
		out = append(out, object{"id": made.id, "fileStatus": "UPLOADED"})
	}
	return object{"files": out, "userErrors": []object{}}, nil
}

// update adds files to products and removes them: all of it, or nothing.
func (w *simulator) update(raw json.RawMessage) (any, error) {
	var in []struct {
		ID                                  string
		ReferencesToAdd, ReferencesToRemove []string
	}
	if err := decodeStrictly(raw, &in); err != nil {
		return nil, err
	}
	no := func(code, message string) (any, error) {
		return object{"files": nil, "userErrors": complaint(code, message)}, nil
	}
	for _, x := range in {
		f := w.file(x.ID)
		if f == nil {
			return no("FILE_DOES_NOT_EXIST", "File id "+x.ID+" does not exist.")
		}
		if f.status != "READY" {
			return no("NON_READY_STATE", "Non-ready files cannot be updated.")
		}
		for _, id := range append(slices.Clone(x.ReferencesToAdd), x.ReferencesToRemove...) {
			if w.product(id) == nil {
				return no("REFERENCE_TARGET_DOES_NOT_EXIST", "The reference target does not exist.")
			}
		}
		for _, id := range x.ReferencesToAdd {
			if len(w.product(id).media) >= 250 {
				return no("PRODUCT_MEDIA_LIMIT_EXCEEDED", "Exceeded the limit of media per product.")
			}
		}
	}
	for _, x := range in {
		for _, id := range x.ReferencesToRemove {
			p := w.product(id)
			p.media = slices.DeleteFunc(p.media, func(m string) bool { return m == x.ID })
		}
	}
	for _, x := range in {
		for _, id := range x.ReferencesToAdd {
			if p := w.product(id); !slices.Contains(p.media, x.ID) {
				p.media = append(p.media, x.ID)
			}
		}
		if _, asset, ok := strings.Cut(w.file(x.ID).bytes, " of asset "); ok {
			w.most[asset] = max(w.most[asset], w.count(asset))
		}
	}
	return object{"files": []object{}, "userErrors": []object{}}, nil
}

func (w *simulator) reorder(v map[string]json.RawMessage) (any, error) {
	var id string
	var moves []struct{ ID, NewPosition string }
	if err := json.Unmarshal(v["id"], &id); err != nil {
		return nil, err
	}
	if err := decodeStrictly(v["moves"], &moves); err != nil {
		return nil, err
	}
	p := w.product(id)
	if p == nil {
		return object{"job": nil, "mediaUserErrors": complaint("PRODUCT_DOES_NOT_EXIST", "Product does not exist")}, nil
	}
	for _, m := range moves {
		if _, err := strconv.ParseUint(m.NewPosition, 10, 64); err != nil {
			return nil, err
		}
		if !slices.Contains(p.media, m.ID) {
			return object{"job": nil, "mediaUserErrors": complaint("MEDIA_DOES_NOT_EXIST",
				"Media id "+m.ID+" does not exist")}, nil
		}
	}
	w.seq++
	job := fmt.Sprintf("gid://shopify/Job/%d", w.seq)
	w.jobs[job] = func() {
		for _, m := range moves { // one after the other
			if at := slices.Index(p.media, m.ID); at >= 0 {
				to, _ := strconv.Atoi(m.NewPosition) // validated before
				p.media = slices.Delete(p.media, at, at+1)
				p.media = slices.Insert(p.media, min(to, len(p.media)), m.ID)
			}
		}
		if w.OnReorder != nil {
			w.mu.Unlock()
			w.OnReorder()
			w.mu.Lock()
		}
	}
	return object{"job": object{"id": job, "done": false}, "mediaUserErrors": []object{}}, nil
}
