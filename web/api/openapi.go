package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/products"
	"vitrine/dam/savedsearch"
	"vitrine/dam/webhooks"
	"vitrine/search"
)

func (s *API) openAPI() huma.Config {
	cfg := huma.DefaultConfig("Vitrine", s.Version)
	// the document is in the route table like everything else
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // no $schema members in answers
	cfg.Transformers = []huma.Transformer{s.reshape}
	cfg.Info.Description = "Digital asset management: assets, versions, renditions, review, publishing and one " +
		"replayable event log."
	cfg.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token: vtr_…"},
		"session": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "Set by POST /api/login"},
	}
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	return cfg
}

// schemaName keeps types of different packages apart.
func schemaName(t reflect.Type, hint string) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[dam.Problem]():
		return "PublicationProblem"
	case reflect.TypeFor[webhooks.Input]():
		return "WebhookInput"
	case reflect.TypeFor[webhooks.Patch]():
		return "WebhookPatch"
	case reflect.TypeFor[assets.Fields]():
		return "AssetPatch"
	case reflect.TypeFor[products.Page]():
		return "ProductPage"
	case reflect.TypeFor[catalog.Import]():
		return "ProductImport"
	case reflect.TypeFor[catalog.ImportError]():
		return "ProductImportError"
	case reflect.TypeFor[products.Rules]():
		return "ProductRules"
	case reflect.TypeFor[products.Fields]():
		return "ProductPatch"
	case reflect.TypeFor[savedsearch.Input]():
		return "SavedSearchInput"
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// document is the OpenAPI description with our problems in the place of huma's.
func (s *API) document() *huma.OpenAPI {
	doc := s.huma.OpenAPI()
	for _, item := range doc.Paths {
		for _, o := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete, item.Patch} {
			if o != nil && o.Responses["default"] != nil {
				o.Responses["default"] = problemResponse()
			}
		}
	}
	// Patches are read raw, because null has a meaning in them that a Go struct loses.
	fields := &huma.MediaType{Schema: doc.Components.Schemas.Schema(reflect.TypeFor[assets.Fields](), true,
		"AssetPatch")}
	doc.Paths["/api/assets/{id}"].Patch.RequestBody.Content =
		map[string]*huma.MediaType{"application/merge-patch+json": fields, "application/json": fields}
	product := &huma.MediaType{Schema: doc.Components.Schemas.Schema(reflect.TypeFor[products.Fields](), true,
		"ProductPatch")}
	doc.Paths["/api/products/{sku}"].Patch.RequestBody.Content =
		map[string]*huma.MediaType{"application/merge-patch+json": product, "application/json": product}
	doc.Paths["/api/products"].Post.RequestBody.Content = map[string]*huma.MediaType{"application/json": product}
	listEventTypes(doc.Components.Schemas)
	suggested := doc.Components.Schemas.Map()["Suggestion"].Properties["field"]
	for _, name := range search.SuggestionFields() {
		suggested.Enum = append(suggested.Enum, name)
	}
	for _, name := range []string{"AssetPatch", "ProductPatch"} {
		whole := mergePatch(doc.Components.Schemas, doc.Components.Schemas.Map()[name])
		whole.Nullable = false
		doc.Components.Schemas.Map()[name] = whole
	}
	boundItems(doc.Components.Schemas)
	for _, item := range doc.Paths {
		for _, o := range []*huma.Operation{item.Put, item.Post, item.Delete, item.Patch} {
			if o == nil || o.RequestBody == nil {
				continue
			}
			for media, content := range o.RequestBody.Content {
				if strings.Contains(media, "json") {
					boundAll(doc.Components.Schemas, content.Schema, map[*huma.Schema]bool{})
				}
			}
		}
	}
	delete(doc.Components.Schemas.Map(), "ErrorModel")
	delete(doc.Components.Schemas.Map(), "ErrorDetail")
	return doc
}

// listEventTypes says which types an event may have. It is an open list, not an enum: a client that follows the log has
// to pass over types that a later server adds.
func listEventTypes(r huma.Registry) {
	types := dam.EventTypes()
	names := make([]any, len(types))
	for i, e := range types {
		names[i] = string(e.Type)
	}
	for name, schema := range r.Map() {
		t := r.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for _, f := range reflect.VisibleFields(t) {
			member, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if p := schema.Properties[member]; p != nil && f.Type == reflect.TypeFor[dam.EventType]() {
				p.Extensions = map[string]any{"x-extensible-enum": names}
			}
		}
	}
}

// mergePatch describes a patch of what a schema describes (RFC 7396): any member may be left out, or be null to
// clear it, at every depth. A list is replaced whole, and so is an object some of whose members are required.
func mergePatch(r huma.Registry, s *huma.Schema) *huma.Schema {
	if s.Ref != "" {
		s = r.SchemaFromRef(s.Ref)
	}
	if s.Type == "" {
		return s // anything at all, null included
	}
	out := *s
	out.Nullable = true
	if s.Type != huma.TypeObject || len(s.Required) > 0 {
		return &out
	}
	out.Properties = make(map[string]*huma.Schema, len(s.Properties))
	for name, p := range s.Properties {
		out.Properties[name] = mergePatch(r, p)
	}
	if each, ok := s.AdditionalProperties.(*huma.Schema); ok {
		out.AdditionalProperties = mergePatch(r, each)
	}
	return &out
}

// boundItems describes the bound of each entry of a list (eachLength, see dam.CheckBounds).
func boundItems(r huma.Registry) {
	for name, schema := range r.Map() {
		t := r.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for i := range t.NumField() {
			n, err := strconv.Atoi(t.Field(i).Tag.Get("eachLength"))
			member, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if list := schema.Properties[member]; err == nil && list != nil && list.Items != nil {
				list.Items.MaxLength = &n
				list.Items.PrecomputeMessages()
			}
		}
	}
}

// boundAll gives what is sent and has no bound of its own the usual ones of dam.CheckBounds.
func boundAll(r huma.Registry, s *huma.Schema, seen map[*huma.Schema]bool) {
	for s != nil && s.Ref != "" {
		s = r.SchemaFromRef(s.Ref)
	}
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	switch s.Type {
	case huma.TypeString:
		if most := dam.MaxText; s.MaxLength == nil && s.Format == "" && s.Pattern == "" && len(s.Enum) == 0 {
			s.MaxLength = &most
		}
	case huma.TypeArray:
		if most := dam.MaxList; s.MaxItems == nil {
			s.MaxItems = &most
		}
		boundAll(r, s.Items, seen)
	case huma.TypeObject:
		for _, p := range s.Properties {
			boundAll(r, p, seen)
		}
	}
	s.PrecomputeMessages()
}

func problemResponse() *huma.Response {
	return &huma.Response{Description: "Problem",
		Content: map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}}}
}

func uploadSchema() *huma.Schema {
	text := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }
	return &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
		"file": {Type: huma.TypeString, Format: "binary"},
		"sidecar": {Type: huma.TypeString, Format: "binary",
			Description: "The XMP file that stands beside it; of new assets"},
		"title":        text("Title in the library's default locale; the embedded one or the file name otherwise"),
		"on_duplicate": {Type: huma.TypeString, Enum: []any{"ask", "keep"}},
		"approve":      {Type: huma.TypeBoolean, Description: "Approve at once; needs the role publisher"},
	}}
}

func statusText(code int) string { return strconv.Itoa(code) }

func (s *API) getOpenAPI(c *gin.Context) error {
	c.Data(http.StatusOK, "application/json", s.spec)
	return nil
}
