package delivery

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"

	"vitrine/dam"
	"vitrine/dam/delivery"
)

// library returns the library of the requested product, from the path or else from the host: settings count before what
// the library has. Caches key answers by the
// whole URL including the host, so no Vary is needed.
func (h *Handler) library(r *http.Request, ref delivery.Ref) string {
	host, _ := dam.Host(r.Host)
	return cmp.Or(ref.Library, h.opt.Hosts[host], h.service.LibraryOf(host), dam.DefaultLibrary)
}

func (h *Handler) serveSlot(w http.ResponseWriter, q *request, ref delivery.Ref) error {
	library := h.library(q.r, ref)
	a, err := h.service.Slot(q.r.Context(), library, ref, q.checkRate)
	if err != nil {
		return err
	}
	tags := []string{a.Asked, a.Asset, delivery.ProductTag(library, ref.SKU)}
	if a.Parent != "" {
		tags = append(tags, delivery.ProductTag(library, a.Parent))
	}
	h.tag(w.Header(), tags...)
	return h.sendLive(w, q, a)
}

// serveProduct answers with every slot of a product. The document is built from memory for each request.
func (h *Handler) serveProduct(w http.ResponseWriter, q *request, ref delivery.Ref) error {
	library := h.library(q.r, ref)
	card, until, tags, err := h.service.ProductEmbedInfo(q.r.Context(), library, ref.SKU, h.opt.URLs, q.checkRate)
	if err != nil {
		return err
	}
	body, err := json.Marshal(card)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	hd := w.Header()
	h.tag(hd, append(tags, delivery.ProductTag(library, ref.SKU))...)
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	hd.Set("Etag", etag)
	hd["Cache-Control"] = h.untilEnd(until)
	if fresh(q.r.Header["If-None-Match"], etag) {
		h.status(w, http.StatusNotModified)
		return nil
	}
	hd.Set("Content-Type", "application/json")
	hd.Set("Content-Length", strconv.Itoa(len(body)))
	h.status(w, http.StatusOK)
	if q.r.Method != http.MethodHead {
		n, _ := w.Write(body) // a client that has disconnected is not an error of the server
		h.bytes.Add(int64(n))
	}
	return nil
}
