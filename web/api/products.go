package api

import (
	"context"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/products"
	"vitrine/dam/reasons"
)

func productAnswer(p dam.Product, err error) (*tagged[dam.Product], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Product]{etag(p.Revision), p}, nil
}

// BySKU names one product in the path, with the revision seen.
type BySKU struct {
	SKU     string `path:"sku" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"ETag of the state this is based on; 412 when it has changed"`
}

type listProductsIn struct {
	Q     string `query:"q" maxLength:"200" doc:"Words that are each somewhere in SKU, GTIN or a name"`
	Asset string `query:"asset" maxLength:"64" doc:"Only products that this asset shows"`
	// Parent and Family narrow the list.
	Parent string `query:"parent" maxLength:"64" doc:"Only the variants of this product (SKU)"`
	Family string `query:"family" maxLength:"40" doc:"Only products that name this family (key)"`
	After  string `query:"after" maxLength:"200" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *API) listProducts(ctx context.Context, in *listProductsIn) (*body[products.Page], error) {
	page, err := s.Products.List(ctx, requestOf(ctx).library, products.Query{Q: in.Q, Asset: in.Asset,
		Parent: in.Parent, Family: in.Family, After: in.After, Limit: in.Limit})
	return &body[products.Page]{page}, err
}

type createProductIn struct{ RawBody []byte }

func (s *API) createProduct(ctx context.Context, in *createProductIn) (*tagged[dam.Product], error) {
	c, err := s.change(ctx, in.RawBody)
	if err != nil {
		return nil, err
	}
	return productAnswer(s.Products.Create(ctx, requestOf(ctx).library, c))
}

// change reads the merge patch of a product.
func (s *API) change(ctx context.Context, raw []byte) (products.Change, error) {
	lib, err := s.People.Library(ctx, requestOf(ctx).library)
	if err != nil {
		return products.Change{}, err
	}
	return products.ParseChange(raw, lib.Locale)
}

func (s *API) getProduct(ctx context.Context, in *BySKU) (*tagged[dam.Product], error) {
	return productAnswer(s.Products.Get(ctx, requestOf(ctx).library, in.SKU))
}

type listOffersIn struct {
	SKU string `path:"sku" maxLength:"64"`
}

func (s *API) listOffers(ctx context.Context, in *listOffersIn) (*items[dam.Offer], error) {
	return listOf(s.Products.Offers(ctx, requestOf(ctx).library, in.SKU))
}

type patchProductIn struct {
	BySKU
	RawBody []byte `contentType:"application/merge-patch+json"`
}

func (s *API) patchProduct(ctx context.Context, in *patchProductIn) (*tagged[dam.Product], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	c, err := s.change(ctx, in.RawBody)
	if err != nil {
		return nil, err
	}
	return productAnswer(s.Products.Patch(ctx, requestOf(ctx).library, in.SKU, rev, c))
}

func (s *API) deleteProduct(ctx context.Context, in *BySKU) (*nothing, error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return done(s.Products.Delete(ctx, requestOf(ctx).library, in.SKU, rev))
}

type setStockIn struct {
	BySKU
	Body struct {
		Stock *int64 `json:"stock" nullable:"true" required:"true" doc:"Pieces; null when unknown"`
	}
}

func (s *API) setStock(ctx context.Context, in *setStockIn) (*tagged[dam.Product], error) {
	return s.setOne(ctx, in.BySKU, products.StockOf(in.Body.Stock))
}

type setPriceIn struct {
	BySKU
	Body dam.Price
}

func (s *API) setPrice(ctx context.Context, in *setPriceIn) (*tagged[dam.Product], error) {
	return s.setOne(ctx, in.BySKU, products.PriceOf(&in.Body))
}

func (s *API) setOne(ctx context.Context, in BySKU, c products.Change) (*tagged[dam.Product], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return productAnswer(s.Products.Patch(ctx, requestOf(ctx).library, in.SKU, rev, c))
}

type setStocksIn struct {
	Body struct {
		Items []products.StockChange `json:"items" minItems:"1" maxItems:"1000" nullable:"false"`
	}
}

func (s *API) setStocks(ctx context.Context, in *setStocksIn) (*body[products.BulkResult], error) {
	r, err := s.Products.SetStock(ctx, requestOf(ctx).library, in.Body.Items)
	return &body[products.BulkResult]{r}, err
}

type setPricesIn struct {
	Body struct {
		Items []products.PriceChange `json:"items" minItems:"1" maxItems:"1000" nullable:"false"`
	}
}

func (s *API) setPrices(ctx context.Context, in *setPricesIn) (*body[products.BulkResult], error) {
	r, err := s.Products.SetPrices(ctx, requestOf(ctx).library, in.Body.Items)
	return &body[products.BulkResult]{r}, err
}

// importProducts takes the file as the request's body; dry_run=true stores nothing, encoding=windows-1252 names what it
// is written in where that is not UTF-8.
func (s *API) importProducts(c *gin.Context) error {
	ctx := c.Request.Context()
	req := requestOf(ctx)
	media, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	format := ""
	switch media {
	case "text/csv", "application/csv", "text/tab-separated-values", "text/plain":
		format = "csv"
	case "application/jsonl", "application/x-ndjson", "application/x-jsonlines":
		format = "jsonl"
	}
	if f := c.Query("format"); f != "" {
		format = f
	}
	if format == "" {
		return &dam.Error{Code: dam.Unsupported, Field: "Content-Type", Reason: reasons.ImportMediaType()}
	}
	dry := c.Query("dry_run")
	if dry != "" && dry != "true" && dry != "false" {
		return dam.InvalidInput("dry_run", reasons.NotABoolean())
	}
	file, err := s.Products.Receive(c.Request.Body, c.Query("encoding"))
	if err != nil {
		return err
	}
	defer func() {
		if err := file.Remove(); err != nil {
			s.Log.WarnContext(ctx, "a received file stays on the disk", "path", file.Path, "err", err)
		}
	}()
	i, err := s.Products.Import(keyed(ctx, req, c.GetHeader("Idempotency-Key"), c.Request, file.SHA256+dry+format),
		req.library, format, dry == "true", file)
	if err != nil {
		return err
	}
	c.Header("Location", "/api/products/imports/"+i.ID)
	c.JSON(http.StatusAccepted, i)
	return nil
}

func (s *API) listImports(ctx context.Context, _ *nothing) (*items[catalog.Import], error) {
	return listOf(s.Products.Imports(ctx, requestOf(ctx).library))
}

func (s *API) getImport(ctx context.Context, in *ByID) (*body[catalog.Import], error) {
	i, err := s.Products.ImportByID(ctx, requestOf(ctx).library, in.ID)
	return &body[catalog.Import]{i}, err
}

func rulesAnswer(r products.Rules, err error) (*tagged[products.Rules], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[products.Rules]{etag(r.Revision), r}, nil
}

func (s *API) getRules(ctx context.Context, _ *nothing) (*tagged[products.Rules], error) {
	return rulesAnswer(s.Products.Rules(ctx, requestOf(ctx).library))
}

type putRulesIn struct {
	IfMatch string `header:"If-Match" doc:"ETag of the state this is based on; 412 when it has changed"`
	Body    products.Rules
}

func (s *API) putRules(ctx context.Context, in *putRulesIn) (*tagged[products.Rules], error) {
	rev, err := settingRevision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return rulesAnswer(s.Products.SetRules(ctx, requestOf(ctx).library, rev, in.Body))
}

type testRulesIn struct {
	Body struct {
		Name  string          `json:"name" minLength:"1" maxLength:"255" doc:"A file name"`
		Rules *products.Rules `json:"rules,omitempty" doc:"Rules to try; the library's when left out"`
	}
}

func (s *API) testRules(ctx context.Context, in *testRulesIn) (*body[products.Trial], error) {
	t, err := s.Products.TryRules(ctx, requestOf(ctx).library, in.Body.Name, in.Body.Rules)
	return &body[products.Trial]{t}, err
}

// BySlot names a slot in the path.
type BySlot struct {
	BySKU
	Slot string `path:"slot" maxLength:"40"`
	N    int    `path:"n" minimum:"1" maximum:"999"`
}

type linkSlotIn struct {
	BySlot
	Body struct {
		Asset string `json:"asset" minLength:"1" maxLength:"64" doc:"Id"`
	}
}

func (s *API) linkSlot(ctx context.Context, in *linkSlotIn) (*tagged[dam.Product], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return productAnswer(s.Products.Link(ctx, requestOf(ctx).library, in.SKU, dam.Slot{Slot: strings.ToLower(in.Slot),
		N: in.N, Asset: in.Body.Asset}, rev))
}

func (s *API) unlinkSlot(ctx context.Context, in *BySlot) (*tagged[dam.Product], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return productAnswer(s.Products.Unlink(ctx, requestOf(ctx).library, in.SKU, strings.ToLower(in.Slot), in.N, rev))
}
