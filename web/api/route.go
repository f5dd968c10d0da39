package api

import (
	"context"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"vitrine/dam"
)

// route is one line of the table.
type route struct {
	method, path string
	may          dam.Permission // needed in the request's library, or public
	summary      string
	endpoint     endpoint
}

// public marks what anybody may call, signed in or not.
const public dam.Permission = "public"

// endpoint mounts a handler at its route.
type endpoint struct {
	mount  func(*API, route)
	status int
	// skipIdempotency: an Idempotency-Key is not for the middleware: the request is repeatable
	// by nature, or the handler deals with it.
	skipIdempotency bool
	// narrows: somebody who is limited to collections may call it, since it answers with those only.
	narrows bool
	// stream: the answer lasts as long as the client wants.
	stream bool
	// installation: it concerns every library, so that the permission is needed in the one that the installation began
	// with.
	installation bool
	// raw: it answers with bytes or a stream. A browser reads those by itself, as pictures and downloads.
	raw bool
	// media is what a raw handler answers with, takes what it reads.
	media, takes string
	// answer is the type of a raw handler's JSON, nil where it isn't described.
	answer reflect.Type
	// query names what a raw handler reads of the query.
	query []string
}

// op is an operation with typed input and output: bound and validated by huma.
func op[I, O any](h func(context.Context, *I) (*O, error)) endpoint {
	e := endpoint{status: http.StatusOK}
	e.mount = func(s *API, r route) {
		o := s.operation(r)
		o.DefaultStatus = r.endpoint.status
		huma.Register(s.huma, o, func(ctx context.Context, in *I) (*O, error) {
			var out *O
			err := checkBody(in)
			if err == nil {
				out, err = h(ctx, in)
			}
			req := requestOf(ctx)
			if err != nil {
				logged(ctx, s.Log, req.id, err)
				return nil, s.problem(req, err)
			}
			req.stamp()
			return out, nil
		})
	}
	return e
}

// rawHandler is a gin handler without binding, for bytes and streams; an error it returns becomes a problem.
func rawHandler(h func(*gin.Context) error) endpoint {
	e := endpoint{status: http.StatusOK, raw: true, media: "application/json"}
	e.mount = func(s *API, r route) {
		s.engine.Handle(r.method, ginPath(r.path), func(c *gin.Context) {
			if err := h(c); err != nil {
				s.fail(c, err)
			}
		})
		if strings.HasPrefix(r.path, "/api/") && r.method != http.MethodHead && r.method != http.MethodOptions {
			o := s.operation(r)
			for _, m := range pathParameter.FindAllStringSubmatch(r.path, -1) {
				o.Parameters = append(o.Parameters, &huma.Param{Name: m[1], In: "path", Required: true,
					Schema: &huma.Schema{Type: huma.TypeString}})
			}
			for _, name := range r.endpoint.query {
				o.Parameters = append(o.Parameters,
					&huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: huma.TypeString}})
			}
			if r.endpoint.takes != "" {
				schema := uploadSchema()
				if r.endpoint.takes != multipartType {
					schema = &huma.Schema{Type: huma.TypeString}
				}
				o.RequestBody = &huma.RequestBody{Required: true,
					Content: map[string]*huma.MediaType{r.endpoint.takes: {Schema: schema}}}
			}
			answer := &huma.Schema{}
			if r.endpoint.answer != nil {
				answer = s.huma.OpenAPI().Components.Schemas.Schema(r.endpoint.answer, true, "")
			}
			o.Responses = map[string]*huma.Response{
				statusText(r.endpoint.status): {
					Description: http.StatusText(r.endpoint.status),
					Content:     map[string]*huma.MediaType{r.endpoint.media: {Schema: answer}},
				},
				"default": problemResponse(),
			}
			s.huma.OpenAPI().AddOperation(&o)
		}
	}
	return e
}

var pathParameter = regexp.MustCompile(`\{([a-z]+)\}`)

func (e endpoint) created() endpoint                    { e.status = http.StatusCreated; return e }
func (e endpoint) accepted() endpoint                   { e.status = http.StatusAccepted; return e }
func (e endpoint) ok() endpoint                         { e.status = http.StatusOK; return e }
func (e endpoint) empty() endpoint                      { e.status = http.StatusNoContent; return e }
func (e endpoint) noIdempotency() endpoint              { e.skipIdempotency = true; return e }
func (e endpoint) narrowed() endpoint                   { e.narrows = true; return e }
func (e endpoint) everywhere() endpoint                 { e.installation = true; return e }
func (e endpoint) streaming(media string) endpoint      { e.stream, e.media = true, media; return e }
func (e endpoint) queryParams(names ...string) endpoint { e.query = names; return e }
func (e endpoint) gives(media string) endpoint          { e.media = media; return e }

// answers describes the JSON of a raw handler by a value of its type.
func (e endpoint) answers(v any) endpoint { e.answer = reflect.TypeOf(v); return e }

func (e endpoint) file() endpoint {
	e.takes, e.skipIdempotency = multipartType, true
	return e
}

// sidecar: the handler takes an XMP file, and deals with an Idempotency-Key itself.
func (e endpoint) sidecar() endpoint {
	e.takes, e.skipIdempotency = sidecarType, true
	return e
}

// reads: the handler takes a stream of this type, of any length, and deals with an Idempotency-Key itself. It answers
// 202.
func (e endpoint) reads(media string) endpoint {
	e.takes, e.skipIdempotency, e.status = media, true, http.StatusAccepted
	return e
}

const multipartType = "multipart/form-data"

// operation describes a route for OpenAPI.
func (s *API) operation(r route) huma.Operation {
	o := huma.Operation{Method: r.method, Path: r.path, Summary: r.summary, OperationID: operationID(r.method, r.path),
		RejectUnknownQueryParameters: true, MaxBodyBytes: maxJSON}
	if parts := strings.Split(strings.TrimPrefix(r.path, "/api/"), "/"); len(parts) > 0 {
		o.Tags = []string{parts[0]}
	}
	if r.may == public {
		o.Security = []map[string][]string{}
		o.Description = "Public."
	} else {
		o.Description = "Needs the permission " + string(r.may) + "."
		if r.endpoint.installation {
			o.Description = "Needs the permission " + string(r.may) + ", in the library " + dam.DefaultLibrary + "."
		}
		o.Parameters = append(o.Parameters, &huma.Param{Name: libraryHeader, In: "header",
			Description: "The library. By default main, or for somebody who is not in it theirs; " +
				"who is in several others names it to write",
			Schema: &huma.Schema{Type: huma.TypeString}})
		if r.endpoint.raw && !unsafe(r.method) {
			o.Parameters = append(o.Parameters, &huma.Param{Name: libraryQuery, In: "query",
				Description: "The library, where a browser sends no header",
				Schema:      &huma.Schema{Type: huma.TypeString}})
		}
		if unsafe(r.method) && (!r.endpoint.skipIdempotency || r.endpoint.takes != "") {
			o.Parameters = append(o.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header",
				Description: "A repeat with the same key is answered with the first answer",
				Schema:      &huma.Schema{Type: huma.TypeString}})
		}
	}
	return o
}

func operationID(method, path string) string {
	clean := strings.NewReplacer("/api/", "", "{", "", "}", "", "/", "-", ".", "-", "_", "-").Replace(path)
	return strings.ToLower(method) + "-" + clean
}
