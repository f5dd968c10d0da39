package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/downloads"
	"vitrine/dam/reasons"
)

type createDownloadIn struct {
	Body struct {
		dam.DownloadRequest
		DryRun bool `json:"dry_run,omitempty" doc:"Keep nothing: answer with what the download would hold"`
	}
}

func (s *API) createDownload(ctx context.Context, in *createDownloadIn) (*body[dam.Download], error) {
	d, err := s.Downloads.Create(ctx, requestOf(ctx).library, in.Body.DownloadRequest, in.Body.DryRun)
	return &body[dam.Download]{d}, err
}

type downloadsIn struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"20"`
}

func (s *API) listDownloads(ctx context.Context, in *downloadsIn) (*items[dam.Download], error) {
	return listOf(s.Downloads.List(ctx, requestOf(ctx).library, in.Limit))
}

func (s *API) getDownload(ctx context.Context, in *ByID) (*body[dam.Download], error) {
	d, err := s.Downloads.Get(ctx, requestOf(ctx).library, in.ID)
	return &body[dam.Download]{d}, err
}

func (s *API) cancelDownload(ctx context.Context, in *ByID) (*body[dam.Download], error) {
	d, err := s.Downloads.Cancel(ctx, requestOf(ctx).library, in.ID)
	return &body[dam.Download]{d}, err
}

// downloadFile is a file of a download, as whoever fetches them one by one needs it.
type downloadFile struct {
	N      int        `json:"n" doc:"Its place in the download, see /api/downloads/{id}/files/{n}"`
	Name   string     `json:"name"`
	Asset  string     `json:"asset"`
	Preset string     `json:"preset"`
	Format dam.Format `json:"format,omitempty"`
	Size   int64      `json:"size" doc:"Bytes; an estimate for a picture that is made when it is fetched"`
	Made   bool       `json:"made" doc:"It is stored already"`
}

type downloadFilesIn struct {
	ByID
	Part int `query:"part" minimum:"0" maximum:"1000000" doc:"The list comes in parts of 500, counted from 0; after the last it is empty"`
}

type downloadFilesOut struct {
	Body struct {
		Items []downloadFile `json:"items" nullable:"false" doc:"Without those that are left out"`
		More  bool           `json:"more" doc:"There is another part"`
	}
}

func (s *API) downloadFiles(ctx context.Context, in *downloadFilesIn) (*downloadFilesOut, error) {
	list, err := s.Downloads.Files(ctx, requestOf(ctx).library, in.ID, in.Part)
	if err != nil {
		return nil, err
	}
	out := &downloadFilesOut{}
	out.Body.Items, out.Body.More = []downloadFile{}, len(list) == downloads.PartSize
	for i, f := range list {
		if f.Name != "" {
			out.Body.Items = append(out.Body.Items, downloadFile{in.Part*downloads.PartSize + i, f.Name, f.Asset,
				f.Preset, f.Format, f.Size, f.Key != ""})
		}
	}
	return out, nil
}

// downloadOne answers with one file of a download.
func (s *API) downloadOne(c *gin.Context) error {
	ctx := c.Request.Context()
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil || n < 0 {
		return &dam.Error{Code: dam.NotFound, Reason: reasons.NothingAtPath(c.Request.URL.Path)}
	}
	f, made, err := s.Downloads.File(ctx, requestOf(ctx).library, c.Param("id"), n)
	if err != nil {
		return err
	}
	media := "application/octet-stream"
	if f.Format != "" {
		media = f.Format.MediaType()
	}
	h := c.Writer.Header()
	takenOut(h, media, f.Name[strings.LastIndexByte(f.Name, '/')+1:])
	if f.Key == "" {
		h.Set("Content-Length", strconv.Itoa(len(made)))
		_, _ = c.Writer.Write(made) // a client that went away is no error
		return nil
	}
	h.Set("ETag", `"`+c.Param("id")+"-"+c.Param("n")+`"`)
	return s.serve(c, f.Key, time.Unix(f.At, 0))
}

// takenOut sets the headers of a file that leaves the library. It is always an attachment and sandboxed: an SVG, HTML
// or PDF of somebody's must not run as ours.
func takenOut(h http.Header, media, name string) {
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", attachment(name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "private, no-cache")
}

// downloadArchive answers with an archive, made while it is sent, to whoever has its link.
func (s *API) downloadArchive(c *gin.Context) error {
	ctx, d, err := s.Downloads.ByLink(c.Request.Context(), c.Param("id"), c.Query("key"))
	if err != nil {
		return err
	}
	from, total := resumeAt(c.Request, downloads.Tag(&d)), int64(0)
	if from > 0 {
		known := false
		if total, known, err = s.Downloads.Length(ctx, d); err != nil {
			return err
		}
		switch {
		case !known:
			from = 0
		case from >= total:
			c.Header("Content-Range", "bytes */"+strconv.FormatInt(total, 10))
			p := *problemOf(&dam.Error{Code: dam.Invalid, Reason: reasons.RangeNotSatisfiable()})
			p.Status, p.Title = http.StatusRequestedRangeNotSatisfiable,
				http.StatusText(http.StatusRequestedRangeNotSatisfiable)
			return &p
		}
	}
	if from == 0 {
		if d, err = s.Downloads.Begin(ctx, d); err != nil {
			return err
		}
	}
	out := &begun{patientWriter{c.Writer, http.NewResponseController(c.Writer)}, func() {
		h := c.Writer.Header()
		takenOut(h, "application/zip", d.FileName())
		h.Set("ETag", downloads.Tag(&d))
		if d.ToMake == 0 {
			h.Set("Accept-Ranges", "bytes")
		}
		status := http.StatusOK
		if from > 0 {
			status = http.StatusPartialContent
			h.Set("Content-Range", "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(total-1, 10)+"/"+
				strconv.FormatInt(total, 10))
			h.Set("Content-Length", strconv.FormatInt(total-from, 10))
		}
		c.Status(status)
	}}
	err = s.Downloads.Archive(ctx, d, from, out)
	switch {
	case err == nil:
		return nil
	case out.begin != nil && dam.CodeOf(err) == dam.Limited:
		return delayed{err.(*dam.Error), 10 * time.Second} //nolint:errorlint // the service returns it as it is
	case out.begin != nil:
		return err
	}
	logged(ctx, s.Log, requestOf(ctx).id, err)
	panic(http.ErrAbortHandler) // half an archive must not look like a whole one
}

// begun says what comes with the first byte, so that what is refused before can be answered otherwise.
type begun struct {
	patientWriter
	begin func() // nil once it was called
}

func (b *begun) Write(p []byte) (int, error) {
	if b.begin != nil {
		b.begin()
		b.begin = nil
	}
	return b.patientWriter.Write(p)
}

// resumeAt is where an archive goes on that was cut off; 0 for the whole of it.
func resumeAt(r *http.Request, tag string) int64 {
	if condition := r.Header.Get("If-Range"); condition != "" && condition != tag {
		return 0
	}
	text, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	if !ok {
		return 0
	}
	if text, ok = strings.CutSuffix(text, "-"); !ok {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

func (s *API) getDownloadTerms(ctx context.Context, _ *nothing) (*tagged[dam.DownloadTerms], error) {
	t, err := s.Downloads.Terms(ctx, requestOf(ctx).library)
	return &tagged[dam.DownloadTerms]{etag(t.Revision), t}, err
}

type putDownloadTermsIn struct {
	IfMatch string `header:"If-Match" doc:"ETag of the state this is based on; 412 when it has changed"`
	Body    struct {
		Text           string `json:"text" maxLength:"10000" doc:"The licence text to accept; empty for none"`
		ReasonRequired bool   `json:"reason_required" doc:"A reason has to be given for each download"`
	}
}

func (s *API) putDownloadTerms(ctx context.Context, in *putDownloadTermsIn) (*tagged[dam.DownloadTerms], error) {
	rev, err := settingRevision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	t, err := s.Downloads.PutTerms(ctx, requestOf(ctx).library, rev,
		dam.DownloadTerms{Text: in.Body.Text, ReasonRequired: in.Body.ReasonRequired})
	return &tagged[dam.DownloadTerms]{etag(t.Revision), t}, err
}

// take checks whether a version's file may be taken out, and notes that it is. what it is goes on where it was cut off,
// and what the client has already, is noted once.
func (s *API) take(c *gin.Context, a dam.Asset, v dam.Version, what string, size int64, sha256 string) error {
	accept := int64(0)
	if x := c.Query("accept"); x != "" {
		var err error
		if accept, err = strconv.ParseInt(x, 10, 64); err != nil {
			return dam.InvalidInput("accept", reasons.NotAWholeNumber(x))
		}
	}
	r := c.Request
	again := r.Method == http.MethodHead || r.Header.Get("If-None-Match") == `"`+sha256+`"`
	if !again && r.Header.Get("Range") != "" {
		var err error
		if again, err = s.Downloads.Took(r.Context(), &a, &v); err != nil {
			return err
		}
	}
	return s.Downloads.Take(r.Context(), downloads.One{Asset: a, Version: v, What: what, Bytes: size, Accept: accept,
		Reason: c.Query("reason")}, again)
}
