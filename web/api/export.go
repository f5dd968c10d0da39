package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/export"
	"vitrine/dam/reasons"
)

// Exporter is the part of export.Service that has an address.
type Exporter interface {
	Write(ctx context.Context, library string, r export.Request, open func(export.File) (io.Writer, error)) error
}

// exportAssets sends what a search finds as a file.
func (s *API) exportAssets(c *gin.Context) error {
	ctx := c.Request.Context()
	req := requestOf(ctx)
	list := func(name string) []string {
		if c.Query(name) == "" {
			return nil
		}
		return strings.Split(c.Query(name), ",")
	}
	r := export.Request{Sort: c.Query("sort"), Fields: list("fields"),
		Format: export.Format(c.DefaultQuery("format", "csv")),
		Filter: dam.BulkFilter{Q: c.Query("q"), Status: list("status"), Type: list("type"),
			Collection: c.Query("collection"), Bin: c.Query("bin") == "true"}}
	if err := dam.CheckBounds("", r.Filter); err != nil {
		return err
	}
	switch c.Query("bom") {
	case "true":
		r.BOM = true
	case "", "false":
	default:
		return dam.InvalidInput("bom", reasons.NotABoolean())
	}
	begun := false
	err := s.Export.Write(ctx, req.library, r, func(f export.File) (io.Writer, error) {
		begun = true
		c.Header("Content-Type", f.MediaType)
		c.Header("Content-Disposition", `attachment; filename="`+f.Name+`"`)
		c.Header("X-Total-Count", strconv.Itoa(f.Rows))
		c.Status(http.StatusOK)
		return &patientWriter{c.Writer, http.NewResponseController(c.Writer)}, nil
	})
	if err != nil && begun {
		if !errors.Is(err, context.Canceled) {
			logged(ctx, s.Log, req.id, err)
		}
		panic(http.ErrAbortHandler) // half an export must not look like a whole one
	}
	return err
}

// patientWriter gives a slow reader time for each part, not for the whole.
type patientWriter struct {
	w  io.Writer
	rc *http.ResponseController
}

func (p *patientWriter) Write(b []byte) (int, error) {
	if err := p.rc.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.w.Write(b)
}
