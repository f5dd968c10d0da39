package api

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"vitrine/dam"
)

func (s *API) openAPI() huma.Config {
	cfg := huma.DefaultConfig("Vitrine", s.Version)
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", "" // the document is in the route table like everything else
	cfg.CreateHooks = nil                                       // no $schema members in answers
	cfg.Transformers = []huma.Transformer{s.reshape}
	cfg.Info.Description = "Digital asset management: assets, versions, renditions, review, publishing and one replayable event log."
	cfg.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token: vtr_…"},
		"session": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "Set by POST /api/login"},
	}
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	return cfg
}

// schemaName keeps a publication's problem apart from an answer's.
func schemaName(t reflect.Type, hint string) string {
	if t == reflect.TypeFor[dam.Problem]() || t == reflect.TypeFor[*dam.Problem]() {
		return "PublicationProblem"
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
	delete(doc.Components.Schemas.Map(), "ErrorModel")
	delete(doc.Components.Schemas.Map(), "ErrorDetail")
	return doc
}

func problemResponse() *huma.Response {
	return &huma.Response{Description: "Problem", Content: map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}}}
}

func uploadSchema() *huma.Schema {
	text := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }
	return &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
		"file":         {Type: huma.TypeString, Format: "binary"},
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
