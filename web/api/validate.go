package api

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/danielgtaylor/huma/v2/validation"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/web/problem"
)

// reshape gives huma's own errors (validation, unreadable bodies) the shape of ours.
func (s *API) reshape(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	code := dam.Invalid
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		code = dam.TooLarge
	case http.StatusUnsupportedMediaType:
		code = dam.Unsupported
	case http.StatusInternalServerError:
		code = dam.Internal
	}
	p := newProblem(m.Status, code, reasons.RequestMismatch(m.Detail))
	for i, d := range m.Errors {
		f := s.fieldError(ctx, d)
		p.Errors = append(p.Errors, f)
		if i == 0 {
			p.Detail = f.Location + ": " + f.Message + "." // a field's name keeps its case
			p.Remedy, p.Reason = problem.Sentence(f.Advice()), f.Reason
		}
	}
	p.Instance = requestOf(humagin.Unwrap(ctx).Request.Context()).id
	return p, nil
}

// fieldError words one of huma's findings: the field itself, what is wrong, the remedy.
func (s *API) fieldError(ctx huma.Context, d *huma.ErrorDetail) FieldError {
	where, path, _ := strings.Cut(d.Location, ".")
	if path == "" {
		path = d.Location
	}
	f := FieldError{Location: path, Value: shown(path, d.Value), Reason: reasons.SchemaMismatch(d.Message)}
	switch {
	case d.Message == validation.MsgUnexpectedProperty:
		f.Reason, f.Value = reasons.NoSuchField().With(known(last(path), s.fieldsAt(ctx, path))), nil
	case d.Message == "unknown query parameter":
		f.Value = nil
		var names []string
		for _, q := range ctx.Operation().Parameters {
			if q.In == "query" {
				names = append(names, q.Name)
			}
		}
		f.Reason = reasons.NoSuchParameter().With(known(path, names))
	case strings.HasPrefix(d.Message, "expected required property "):
		name := strings.TrimSuffix(strings.TrimPrefix(d.Message, "expected required property "), " to be present")
		if f.Location = name; where == "body" && path != "body" {
			f.Location = path + "." + name
		}
		f.Reason, f.Value = reasons.Required(name), nil
	case where == "body" && path == "body" && strings.HasPrefix(d.Message, "unknown content type"):
		f.Location, f.Reason = "Content-Type", reasons.ContentTypeUnknown()
	case path == "body" && d.Value != nil && (strings.Contains(d.Message, "invalid character") ||
		strings.Contains(d.Message, "unexpected end")):
		f.Reason, f.Value = reasons.BodyNotJson(d.Message), nil
	case strings.HasPrefix(d.Message, "expected length <= "):
		f.Reason = reasons.ValueTooLong(strings.TrimPrefix(d.Message, "expected length <= "))
	}
	f.Message = f.Text()
	return f
}

// shown is the offending value, unless it may be secret or is long.
func shown(path string, v any) any {
	switch last(path) {
	case "password", "current", "new", "secret":
		return nil
	}
	switch v := v.(type) {
	case bool, float64, int, int64:
		return v
	case string:
		if len(v) <= 100 && path != "body" {
			return v
		}
	}
	return nil
}

func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// fieldsAt lists the fields that the operation's body has where the path's last element is.
func (s *API) fieldsAt(ctx huma.Context, path string) []string {
	body := ctx.Operation().RequestBody
	if body == nil || body.Content["application/json"] == nil {
		return nil
	}
	schemas := s.huma.OpenAPI().Components.Schemas
	at := body.Content["application/json"].Schema
	resolve := func() {
		for at != nil && at.Ref != "" {
			at = schemas.SchemaFromRef(at.Ref)
		}
	}
	steps := strings.Split(path, ".")
	for _, step := range steps[:len(steps)-1] {
		if resolve(); at == nil {
			return nil
		}
		name, _, list := strings.Cut(step, "[")
		if at = at.Properties[name]; list && at != nil {
			resolve()
			at = at.Items
		}
	}
	if resolve(); at == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(at.Properties))
}

// known suggests the nearest of the names, or lists them.
func known(name string, names []string) reasons.Remedy {
	best, distance := "", 3
	for _, n := range names {
		if d := editDistance(name, n); d < distance {
			best, distance = n, d
		}
	}
	if best != "" {
		return reasons.RemedyDidYouMean(best)
	}
	if len(names) == 0 {
		return reasons.RemedyLeaveItOut()
	}
	slices.Sort(names)
	return reasons.RemedyUseKnown(strings.Join(names, ", "))
}

// editDistance counts the letters to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost = min(before, row[j], row[j+1]) + 1
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// only refuses multipart fields that are not known.
func only(name string, names ...string) error {
	if slices.Contains(names, name) {
		return nil
	}
	return dam.InvalidInput(name, reasons.NoSuchField().With(known(name, names)))
}

var errNoBoundary = &dam.Error{Code: dam.Unsupported, Field: "Content-Type",
	Reason: reasons.UploadNeedsMultipart("file=@photo.jpg")}

// multipartError words what mime/multipart says.
func multipartError(err error) error {
	var tooLong *http.MaxBytesError
	switch {
	case err == nil, errors.As(err, &tooLong), dam.CodeOf(err) != dam.Internal:
		return err
	case errors.Is(err, http.ErrNotMultipart), errors.Is(err, http.ErrMissingBoundary):
		return errNoBoundary
	}
	return &dam.Error{Code: dam.Invalid, Field: "body", Reason: reasons.UploadBrokeOff(), Err: err}
}
