package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/web/content"
)

// Pages makes pictures of documents' pages on demand.
type Pages interface {
	Page(ctx context.Context, a dam.Asset, v dam.Version, preset string, page int,
		accept func(dam.Format) bool) (rendition.Output, error)
}

// documentPage answers with a page of a document. The first is a rendition; the others are made when somebody asks.
func (s *API) documentPage(c *gin.Context, a dam.Asset, v dam.Version, preset string) error {
	n, err := strconv.Atoi(c.Query("page"))
	if err != nil || n < 1 {
		return dam.InvalidInput("page", reasons.NotAPageNumber())
	}
	h := c.Writer.Header()
	etag := `"` + v.SHA256 + "-" + strconv.Itoa(n) + "-" + preset + `"`
	if c.GetHeader("If-None-Match") == etag {
		h.Set("ETag", etag)
		c.Status(http.StatusNotModified)
		return nil
	}
	accept := c.GetHeader("Accept")
	o, err := s.Pages.Page(c.Request.Context(), a, v, preset, n, func(f dam.Format) bool {
		return content.Accepts(f, accept)
	})
	if err != nil {
		return err
	}
	h.Set("Content-Type", o.MediaType)
	h.Set("Vary", "Accept")
	h.Set("ETag", etag)
	// The preset may change its size; the page itself never does.
	h.Set("Cache-Control", "private, max-age=600")
	content.Bytes(c.Writer, c.Request, v.CreatedAt, o.Bytes)
	return nil
}
