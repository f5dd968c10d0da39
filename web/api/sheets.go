package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/sheets"
)

// importSheet takes a table of assets as the request's body.
func (s *API) importSheet(c *gin.Context) error {
	req := requestOf(c.Request.Context())
	media, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, sheets.MaxSize))
	if err != nil {
		return &dam.Error{Code: dam.TooLarge, Field: "body", Reason: reasons.ImportTooLarge(), Err: err}
	}
	r := sheets.Request{Format: c.Query("format"), By: c.Query("by"), Body: bytes.NewReader(raw)}
	if r.Format == "" {
		r.Format = map[string]string{"text/csv": "csv", "application/csv": "csv", "text/plain": "csv",
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx"}[media]
	}
	switch c.Query("dry_run") {
	case "true":
		r.DryRun = true
	case "", "false":
	default:
		return dam.InvalidInput("dry_run", reasons.NotABoolean())
	}
	out, err := s.Sheets.Import(onceFor(c, req, raw), req.library, r)
	if err != nil {
		return err
	}
	c.JSON(http.StatusAccepted, out)
	return nil
}

// onceFor makes a request with a file repeatable (Idempotency-Key).
func onceFor(c *gin.Context, req *request, raw []byte) context.Context {
	sum := sha256.Sum256(raw)
	return keyed(c.Request.Context(), req, c.GetHeader("Idempotency-Key"), c.Request,
		hex.EncodeToString(sum[:])+c.Request.URL.RawQuery)
}
