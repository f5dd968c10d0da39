package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/ingest"
)

// maxField is the largest text field of a multipart upload, in bytes.
const maxField = 16 << 10

// form is a multipart upload whose file has been spooled.
type form struct {
	file     ingest.Spooled
	fileName string
	fields   map[string]string
}

// readForm spools the part named file and collects the others, in any order. The
// caller removes the file.
func (s *API) readForm(c *gin.Context, allowed ...string) (f form, err error) {
	ctx := c.Request.Context()
	if err := s.Ingest.CheckRoom(max(c.Request.ContentLength, 0)); err != nil {
		return f, err // before the bytes travel
	}
	r, err := c.Request.MultipartReader()
	if err != nil {
		return f, multipartError(err)
	}
	f.fields = map[string]string{}
	spooled := false
	defer func() {
		if err != nil && spooled {
			err = errors.Join(err, f.file.Remove())
		}
	}()
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, multipartError(err)
		}
		name := p.FormName()
		if name == "file" {
			if spooled {
				return f, dam.InvalidField("file", "there is more than one file", "send one file with each request")
			}
			if f.file, err = s.Ingest.Spool(ctx, p); err != nil {
				return f, multipartError(err)
			}
			spooled, f.fileName = true, fileName(p)
			continue
		}
		if err := only(name, append(allowed, "file")...); err != nil {
			return f, err
		}
		text, err := io.ReadAll(io.LimitReader(p, maxField+1))
		if err != nil {
			return f, multipartError(err)
		}
		if len(text) > maxField {
			return f, &dam.Error{Code: dam.TooLarge, Field: name, Message: fmt.Sprintf("longer than %d bytes", maxField), Remedy: "shorten it"}
		}
		f.fields[name] = string(text)
	}
	if !spooled {
		return f, dam.InvalidField("file", "there is no file", "send it as the multipart field “file”: curl -F file=@photo.jpg")
	}
	if d := f.fields["on_duplicate"]; d != "" && d != ingest.Ask && d != ingest.Keep {
		return f, dam.InvalidField("on_duplicate", "there is no choice “"+d+"”", "use ask or keep")
	}
	if len([]rune(f.fields["title"])) > 10_000 {
		return f, dam.InvalidField("title", "longer than 10,000 characters", "shorten it")
	}
	if a := f.fields["approve"]; a != "" && a != "true" && a != "false" {
		return f, dam.InvalidField("approve", "this is neither true nor false", "use true or false")
	}
	return f, nil
}

// fileName is the name as sent, with its folders: ingest cleans it.
func fileName(p *multipart.Part) string {
	if name := p.FileName(); name != "" {
		return name
	}
	return "unnamed"
}

// uploaded is the answer to an upload.
type uploaded struct {
	Status  string    `json:"status"`
	Asset   dam.Asset `json:"asset"`
	Version string    `json:"version"`
	SHA256  string    `json:"sha256"`
}

func (s *API) uploadAsset(c *gin.Context) error {
	ctx := c.Request.Context()
	req := requestOf(ctx)
	if s.Ingest == nil {
		return missing("upload")
	}
	f, err := s.readForm(c, "title", "on_duplicate", "approve")
	if err != nil {
		return err
	}
	defer s.unspool(c, f)
	approve := f.fields["approve"] == "true"
	if approve && !req.principal.Can(req.library, dam.Publisher) {
		return forbidden(dam.Publisher, req.library)
	}
	// The file's bytes are not part of the fingerprint: a client that repeats a request
	// says so by name and length, and the first answer wins.
	content := fmt.Sprint(c.Request.ContentLength, " ", f.fileName)
	key := c.GetHeader("Idempotency-Key")
	r, err := s.Ingest.Ingest(keyed(ctx, req, key, c.Request, content), f.file,
		ingest.Upload{Library: req.library, FileName: f.fileName, Title: strings.TrimSpace(f.fields["title"]), OnDuplicate: f.fields["on_duplicate"]})
	if err != nil {
		return err
	}
	if approve {
		if r.Asset, err = s.approveNew(ctx, req, r); err != nil {
			return err
		}
	}
	req.stamp()
	c.Header("ETag", etag(r.Asset.Revision))
	c.Header("Location", "/api/assets/"+r.Asset.ID)
	c.JSON(http.StatusCreated, uploaded{r.Status, r.Asset, r.Version, r.SHA256})
	return nil
}

// approveNew approves what was just uploaded. A repeated upload finds it approved.
func (s *API) approveNew(ctx context.Context, req *request, r ingest.Result) (dam.Asset, error) {
	ctx = catalog.WithoutIdempotencyKey(ctx)
	a, err := s.Review.Decide(ctx, req.library, r.Asset.ID, 0, dam.Approve, r.Version, "")
	if dam.CodeOf(err) == dam.Conflict {
		return s.Catalog.Asset(ctx, req.library, r.Asset.ID)
	}
	return a, err
}

func (s *API) uploadVersion(c *gin.Context) error {
	ctx := c.Request.Context()
	req := requestOf(ctx)
	if s.Ingest == nil {
		return missing("upload")
	}
	rev, err := revision(c.GetHeader("If-Match"))
	if err != nil {
		return err
	}
	id := c.Param("id")
	a, err := s.Catalog.Asset(ctx, req.library, id) // before the bytes travel
	if err != nil {
		return err
	}
	if err := own(req, a.CreatedBy); err != nil {
		return err
	}
	f, err := s.readForm(c, "on_duplicate")
	if err != nil {
		return err
	}
	defer s.unspool(c, f)
	ctx = keyed(ctx, req, c.GetHeader("Idempotency-Key"), c.Request, fmt.Sprint(c.Request.ContentLength, " ", f.fileName))
	r, err := s.Ingest.Ingest(ctx, f.file, ingest.Upload{Library: req.library, FileName: f.fileName, OnDuplicate: f.fields["on_duplicate"], Asset: id, IfMatch: rev})
	if err != nil {
		return err
	}
	req.stamp()
	c.Header("ETag", etag(r.Asset.Revision))
	c.Header("Vitrine-Version", r.Version)
	c.JSON(http.StatusCreated, r.Asset)
	return nil
}

func (s *API) unspool(c *gin.Context, f form) {
	if err := f.file.Remove(); err != nil {
		s.Log.WarnContext(c.Request.Context(), "spooled file not removed", "err", err)
	}
}

// tus hands over to the tus server, after what only the API knows is checked.
func (s *API) tus(c *gin.Context) error {
	if s.Uploads == nil {
		return missing("resumable upload")
	}
	ctx := c.Request.Context()
	req := requestOf(ctx)
	r := c.Request
	if r.Method == post {
		if err := s.mayUploadTo(ctx, req, tusMetadata(r.Header.Get("Upload-Metadata"), "asset")); err != nil {
			return err
		}
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/") + "/"
		r.URL.RawPath = ""
	}
	s.Uploads.ServeHTTP(&tusWriter{ResponseWriter: c.Writer, req: req}, r)
	return nil
}

func (s *API) mayUploadTo(ctx context.Context, req *request, asset string) error {
	if asset == "" {
		return nil
	}
	a, err := s.Catalog.Asset(ctx, req.library, asset)
	if err != nil {
		return err
	}
	return own(req, a.CreatedBy)
}

// tusMetadata reads one value of an Upload-Metadata header.
func tusMetadata(header, name string) string {
	for pair := range strings.SplitSeq(header, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if k == name {
			b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(v))
			if err == nil {
				return string(b)
			}
		}
	}
	return ""
}

// tusWriter makes Location relative, so that it is right behind any proxy, and stamps the seq.
type tusWriter struct {
	gin.ResponseWriter
	req *request
}

func (w *tusWriter) WriteHeader(code int) {
	if u, err := url.Parse(w.Header().Get("Location")); err == nil && u.Path != "" {
		w.Header().Set("Location", u.Path)
	}
	w.req.stamp()
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *tusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type uploadResult struct {
	Status  string   `json:"status" enum:"uploading,created,duplicate,rejected"`
	Asset   string   `json:"asset,omitempty" doc:"The new asset, or the existing one of a duplicate"`
	Version string   `json:"version,omitempty"`
	SHA256  string   `json:"sha256,omitempty"`
	Problem *Problem `json:"problem,omitempty" doc:"Why it was rejected"`
}

func (s *API) uploadResult(ctx context.Context, in *ByID) (*body[uploadResult], error) {
	if s.Uploads == nil {
		return nil, missing("resumable upload")
	}
	o, err := s.Uploads.Result(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := uploadResult{Status: o.Status, Asset: o.Asset, Version: o.Version, SHA256: o.SHA256}
	if o.Reason != "" {
		p := problemOf(&dam.Error{Code: dam.Code(o.Code), Message: o.Reason, Remedy: o.Remedy})
		p.Quarantine = o.Quarantine
		out.Problem = p
	}
	return &body[uploadResult]{out}, nil
}

type resolveIn struct {
	ByID
	Body struct {
		Choice string `json:"choice" enum:"new_version,keep_both"`
		Asset  string `json:"asset,omitempty" maxLength:"64" doc:"The asset that gets the new version"`
	}
}

type resolveOut struct {
	ETag string `header:"ETag"`
	Body struct {
		Status string    `json:"status"`
		Asset  dam.Asset `json:"asset"`
	}
}

func (s *API) resolveUpload(ctx context.Context, in *resolveIn) (*resolveOut, error) {
	if s.Uploads == nil {
		return nil, missing("resumable upload")
	}
	req := requestOf(ctx)
	if err := s.mayUploadTo(ctx, req, in.Body.Asset); err != nil {
		return nil, err
	}
	o, err := s.Uploads.Resolve(ctx, in.ID, in.Body.Choice, in.Body.Asset)
	if err != nil {
		return nil, err
	}
	out := &resolveOut{}
	out.Body.Status = o.Status
	out.Body.Asset, err = s.Catalog.Asset(ctx, req.library, o.Asset)
	out.ETag = etag(out.Body.Asset.Revision)
	return out, err
}

// deleteQuarantined forgets a rejected file; its bytes follow by the collector.
func (s *API) deleteQuarantined(ctx context.Context, in *ByID) (*nothing, error) {
	return done(s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Unquarantine(ctx, requestOf(ctx).library, in.ID) }))
}
