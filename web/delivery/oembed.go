package delivery

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"

	"vitrine/dam"
	"vitrine/dam/delivery"
	"vitrine/dam/reasons"
	"vitrine/web/problem"
)

// OEmbed answers GET /oembed?url=…[&maxwidth=…][&maxheight=…] for the live and exact URLs of public pictures and
// videos, as specified by oembed.com, in JSON.
func (h *Handler) OEmbed(w http.ResponseWriter, r *http.Request) {
	hd := w.Header()
	hd["X-Content-Type-Options"] = h.nosniff
	hd["Access-Control-Allow-Origin"] = h.anyOrigin
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		hd.Set("Allow", "GET, HEAD")
		h.problem(w, r, http.StatusMethodNotAllowed, problem.NotPossible(r.Method, hd.Get("Allow")))
		return
	}
	query := r.URL.Query()
	if format := query.Get("format"); format != "" && format != "json" {
		h.problem(w, r, http.StatusNotImplemented, &dam.Error{Code: dam.Unsupported,
			Reason: reasons.OembedJsonOnly()})
		return
	}
	photo, err := h.photo(&request{h: h, r: r}, query.Get("url"), query.Get("maxwidth"), query.Get("maxheight"))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	b, _ := json.Marshal(photo) // strings and numbers always marshal
	hd.Set("Content-Type", "application/json")
	hd.Set("Content-Length", strconv.Itoa(len(b)))
	hd["Cache-Control"] = h.live
	h.status(w, http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b)
	}
}

type photo struct {
	Version  string `json:"version"`
	Type     string `json:"type"`
	URL      string `json:"url,omitempty"`
	HTML     string `json:"html,omitempty"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Title    string `json:"title,omitempty"`
	Author   string `json:"author_name,omitempty"`
	Provider string `json:"provider_name"`
	Home     string `json:"provider_url,omitempty"`
	CacheAge int    `json:"cache_age"`
}

func (h *Handler) photo(q *request, raw, maxWidth, maxHeight string) (photo, error) {
	path, ok := h.opt.URLs.Path(raw)
	ref, err := delivery.Parse(path)
	if !ok || err != nil || ref.Kind == delivery.AdHoc {
		return photo{}, &dam.Error{Code: dam.NotFound, Field: "url", Reason: reasons.NotAPictureOfSite()}
	}
	width, errW := limitOf("maxwidth", maxWidth)
	height, errH := limitOf("maxheight", maxHeight)
	if errW != nil || errH != nil {
		return photo{}, cmp.Or(errW, errH)
	}
	card, err := h.service.EmbedInfo(q.r.Context(), ref.Asset, ref.Preset, q.checkRate)
	if err != nil {
		return photo{}, err
	}
	video := slices.ContainsFunc(card.Renditions, func(x dam.Rendition) bool {
		return x.Preset == ref.Preset &&
			x.Format.IsVideo()
	})
	fits := func(x dam.Rendition) bool {
		return x.Width <= width && x.Height <= height && x.Format.IsVideo() == video
	}
	var best *dam.Rendition
	for i, x := range card.Renditions {
		if x.Preset == ref.Preset && fits(x) {
			best = &card.Renditions[i] // the requested one
			break
		}
		if fits(x) && (best == nil || x.Width*x.Height > best.Width*best.Height) {
			best = &card.Renditions[i]
		}
	}
	if best == nil {
		return photo{}, &dam.Error{Code: dam.NotFound, Field: "maxwidth", Reason: reasons.NoRenditionThatSmall()}
	}
	if video {
		at := h.opt.URLs.Live(card.Asset, best.Preset)
		return photo{Version: "1.0", Type: "video", Width: best.Width, Height: best.Height,
			HTML: fmt.Sprintf(`<video src="%s" width="%d" height="%d" controls preload="metadata"></video>`,
				html.EscapeString(at), best.Width, best.Height),
			Title: card.Title, Author: card.Author, Provider: card.Library, Home: h.opt.URLs.Base(),
			CacheAge: int(liveAge.Seconds())}, nil
	}
	return photo{Version: "1.0", Type: "photo", URL: h.opt.URLs.Live(card.Asset, best.Preset), Width: best.Width,
		Height: best.Height,
		Title:  card.Title, Author: card.Author, Provider: card.Library, Home: h.opt.URLs.Base(),
		CacheAge: int(liveAge.Seconds())}, nil
}

func limitOf(field, s string) (int, error) {
	if s == "" {
		return 1 << 30, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, dam.InvalidInput(field, reasons.NotAPixelNumber())
	}
	return n, nil
}
