package api

import (
	"fmt"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// sidecarType is what sidecars are sent and answered as.
const sidecarType = "application/rdf+xml"

// putSidecar keeps the XMP file that the body is with a version, and reads it.
func (s *API) putSidecar(c *gin.Context) error {
	packet, err := readSidecar(c.Request.Body)
	if err != nil {
		return err
	}
	if len(packet) == 0 {
		return dam.InvalidInput("body", reasons.FileEmpty())
	}
	return s.changeSidecar(c, packet)
}

// deleteSidecar removes a version's sidecar; the fields that it filled say what the file does again.
func (s *API) deleteSidecar(c *gin.Context) error { return s.changeSidecar(c, nil) }

func (s *API) changeSidecar(c *gin.Context, packet []byte) error {
	req := requestOf(c.Request.Context())
	if err := s.still(c, req); err != nil {
		return err
	}
	name := c.Query("file_name")
	if name == "" {
		name = "sidecar.xmp"
	}
	ctx := keyed(c.Request.Context(), req, c.GetHeader("Idempotency-Key"), c.Request,
		fmt.Sprint(c.Request.ContentLength, " ", name))
	a, err := s.Assets.PutSidecar(ctx, req.library, c.Param("id"), c.Query("version"), name, packet)
	if err != nil {
		return err
	}
	req.stamp()
	c.Header("ETag", etag(a.Revision))
	c.JSON(http.StatusOK, seenBy(ctx, a))
	return nil
}

// readSidecar reads a sidecar that is not too large.
func readSidecar(r io.Reader) ([]byte, error) {
	packet, err := io.ReadAll(io.LimitReader(r, dam.MaxSidecar+1))
	if err == nil && len(packet) > dam.MaxSidecar {
		err = &dam.Error{Code: dam.TooLarge, Field: "sidecar", Reason: reasons.SidecarTooLarge(dam.MaxSidecar >> 20)}
	}
	return packet, err
}

// getSidecar answers with the bytes as they came. They are an attachment: XML of somebody's must not run as ours.
func (s *API) getSidecar(c *gin.Context) error {
	of, packet, err := s.Assets.Sidecar(c.Request.Context(), requestOf(c.Request.Context()).library, c.Param("id"),
		c.Query("version"))
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Disposition", attachment(of.FileName))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("ETag", `"`+of.SHA256+`"`)
	h.Set("Cache-Control", "private, no-cache")
	c.Data(http.StatusOK, sidecarType, packet)
	return nil
}
