package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/ingest"
	"vitrine/dam/reasons"
	"vitrine/dam/review"
)

// maxField is the largest text field of a multipart upload, in bytes.
const maxField = 16 << 10

// form is a multipart upload whose file has been spooled.
type form struct {
	file     ingest.Spooled
	fileName string
	fields   map[string]string
	// sidecar is the XMP file that came with it, nil for none.
	sidecar     []byte
	sidecarName string
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
				return f, dam.InvalidInput("file", reasons.SeveralFiles())
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
		if name == "sidecar" {
			if f.sidecar != nil {
				return f, dam.InvalidInput("sidecar", reasons.SeveralFiles())
			}
			f.sidecarName = dam.FileName(cmp.Or(p.FileName(), "sidecar.xmp"))
			if f.sidecar, err = readSidecar(p); err != nil && dam.CodeOf(err) != dam.TooLarge {
				return f, multipartError(err)
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(p, maxField+1))
		if err != nil {
			return f, multipartError(err)
		}
		if len(text) > maxField {
			return f, &dam.Error{Code: dam.TooLarge, Field: name, Reason: reasons.FormFieldTooLong(maxField)}
		}
		f.fields[name] = string(text)
		if err := dam.CheckText(name, f.fields[name]); err != nil {
			return f, err
		}
	}
	if !spooled {
		return f, dam.InvalidInput("file", reasons.FileMissing())
	}
	if d := f.fields["on_duplicate"]; d != "" && d != ingest.Ask && d != ingest.Keep {
		return f, dam.InvalidInput("on_duplicate", reasons.NoOnDuplicateChoice(d))
	}
	if err := dam.CheckBounds("title", dam.Text{"": f.fields["title"]}); err != nil {
		return f, err
	}
	if a := f.fields["approve"]; a != "" && a != "true" && a != "false" {
		return f, dam.InvalidInput("approve", reasons.NotABoolean())
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
	Status  string    `json:"status" enum:"created,duplicate,sidecar"`
	Asset   dam.Asset `json:"asset"`
	Version string    `json:"version"`
	SHA256  string    `json:"sha256"`
	Sidecar *Problem  `json:"sidecar_problem,omitempty" doc:"Why the sidecar that came with the file was not kept; the file is"`
}

func (s *API) uploadAsset(c *gin.Context) error {
	ctx := c.Request.Context()
	req := requestOf(ctx)
	f, err := s.readForm(c, "title", "on_duplicate", "approve", "sidecar")
	if err != nil {
		return err
	}
	defer s.unspool(c, f)
	approve := f.fields["approve"] == "true"
	if err := s.still(c, req); err != nil {
		return err
	}
	if approve {
		if err := req.principal.Need(req.library, dam.MayApprove); err != nil {
			return err
		}
	}
	// The file's bytes are not part of the fingerprint: a client that repeats a request
	// says so by name and length, and the first answer wins.
	content := fmt.Sprint(c.Request.ContentLength, " ", f.fileName)
	key := c.GetHeader("Idempotency-Key")
	ctx = c.Request.Context()
	r, err := s.Ingest.Ingest(keyed(ctx, req, key, c.Request, content), f.file,
		ingest.Upload{Library: req.library, FileName: f.fileName, Title: strings.TrimSpace(f.fields["title"]),
			OnDuplicate: f.fields["on_duplicate"]})
	if err != nil {
		return err
	}
	if approve {
		if r.Asset, err = s.approveNew(ctx, req, r); err != nil {
			return err
		}
	}
	out := uploaded{Status: r.Status, Asset: r.Asset, Version: r.Version, SHA256: r.SHA256}
	if f.sidecar != nil && r.Status == "created" {
		if err := s.withSidecar(ctx, req, f, &out); err != nil {
			return err
		}
	}
	req.stamp()
	c.Header("ETag", etag(out.Asset.Revision))
	c.Header("Location", "/api/assets/"+out.Asset.ID)
	out.Asset = seenBy(ctx, out.Asset)
	c.JSON(http.StatusCreated, out)
	return nil
}

// withSidecar keeps the sidecar that came with a file. What is wrong with it is the answer's, not the file's.
func (s *API) withSidecar(ctx context.Context, req *request, f form, out *uploaded) error {
	a, err := s.Assets.PutSidecar(catalog.WithoutIdempotencyKey(ctx), req.library, out.Asset.ID, out.Version,
		f.sidecarName, f.sidecar)
	if refused := dam.Lasting(err); refused != nil {
		out.Sidecar = problemOf(refused)
		return nil
	}
	if err == nil {
		out.Asset = a
	}
	return err
}

// approveNew approves what was just uploaded. A repeated upload finds it approved.
func (s *API) approveNew(ctx context.Context, req *request, r ingest.Result) (dam.Asset, error) {
	ctx = catalog.WithoutIdempotencyKey(ctx)
	a, err := s.Review.Decide(ctx, req.library, r.Asset.ID, review.Step{Action: dam.Approve, Version: r.Version})
	if dam.CodeOf(err) == dam.Conflict {
		return s.Assets.Get(ctx, req.library, r.Asset.ID)
	}
	return a, err
}

func (s *API) uploadVersion(c *gin.Context) error {
	ctx := c.Request.Context()
	req := requestOf(ctx)
	rev, err := revision(c.GetHeader("If-Match"))
	if err != nil {
		return err
	}
	id := c.Param("id")
	a, err := s.Assets.Get(ctx, req.library, id) // before the bytes travel
	if err != nil {
		return err
	}
	if err := req.principal.MayEdit(&a); err != nil {
		return err
	}
	f, err := s.readForm(c, "on_duplicate")
	if err != nil {
		return err
	}
	defer s.unspool(c, f)
	if err := s.still(c, req); err != nil {
		return err
	}
	ctx = keyed(c.Request.Context(), req, c.GetHeader("Idempotency-Key"), c.Request,
		fmt.Sprint(c.Request.ContentLength, " ", f.fileName))
	r, err := s.Ingest.Ingest(ctx, f.file, ingest.Upload{Library: req.library, FileName: f.fileName,
		OnDuplicate: f.fields["on_duplicate"], Asset: id, IfMatch: rev})
	if err != nil {
		return err
	}
	req.stamp()
	c.Header("ETag", etag(r.Asset.Revision))
	c.Header("Vitrine-Version", r.Version)
	c.JSON(http.StatusCreated, seenBy(ctx, r.Asset))
	return nil
}

func (s *API) unspool(c *gin.Context, f form) {
	if err := f.file.Remove(); err != nil {
		s.Log.WarnContext(c.Request.Context(), "spooled file not removed", "err", err)
	}
}

// still asks again who sends and what they may do, once a body has come that took its time.
func (s *API) still(c *gin.Context, req *request) error {
	err := s.again(c.Request.Context(), req)
	c.Request = c.Request.WithContext(catalog.WithActor(c.Request.Context(), req.principal))
	return err
}

type uploadResult struct {
	Status  string   `json:"status" enum:"uploading,created,duplicate,rejected,sidecar"`
	Asset   string   `json:"asset,omitempty" doc:"The new asset, or the existing one of a duplicate"`
	Version string   `json:"version,omitempty"`
	SHA256  string   `json:"sha256,omitempty"`
	Problem *Problem `json:"problem,omitempty" doc:"Why it was rejected"`
	// Metadata is for files that have been taken in.
	Metadata []reasons.Reason `json:"metadata_reasons,omitempty" doc:"Why the file's own metadata is incomplete here"`
}

func (s *API) uploadResult(ctx context.Context, in *ByID) (*body[uploadResult], error) {
	o, err := s.Uploads.Result(ctx, requestOf(ctx).library, in.ID)
	if err != nil {
		return nil, err
	}
	out := uploadResult{Status: o.Status, Asset: o.Asset, Version: o.Version, SHA256: o.SHA256, Metadata: o.Metadata}
	if o.Why.IsZero() && o.Reason != "" {
		o.Why = reasons.Legacy(o.Reason, o.Remedy)
	}
	if !o.Why.IsZero() {
		p := problemOf(&dam.Error{Code: dam.Code(o.Code), Reason: o.Why})
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
	req := requestOf(ctx)
	o, err := s.Uploads.Resolve(ctx, req.library, in.ID, in.Body.Choice, in.Body.Asset)
	if err != nil {
		return nil, err
	}
	out := &resolveOut{}
	out.Body.Status = o.Status
	out.Body.Asset, err = s.Assets.Get(ctx, req.library, o.Asset)
	out.ETag = etag(out.Body.Asset.Revision)
	return out, err
}

// deleteQuarantined forgets a rejected file; its bytes follow by the collector.
func (s *API) deleteQuarantined(ctx context.Context, in *ByID) (*nothing, error) {
	return done(s.Ingest.Unquarantine(ctx, requestOf(ctx).library, in.ID))
}
