package api

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/web/content"
)

// preview answers with a rendition of a version, approved or not, for people who
// are signed in. The public has /r/.
func (s *API) preview(c *gin.Context) error {
	ctx := c.Request.Context()
	version := c.Query("version")
	a, v, err := s.version(ctx, c.Param("id"), version)
	if err != nil {
		return err
	}
	if p := c.Query("page"); p != "" && p != "1" {
		return s.documentPage(c, a, v, c.Param("preset"))
	}
	list, err := s.Renditions.Renditions(ctx, v.ID)
	if err != nil {
		return err
	}
	preset := c.Param("preset")
	r, ok := negotiate(list, preset, c.GetHeader("Accept"))
	if !ok {
		return s.noPreview(ctx, a, v, preset)
	}
	h := c.Writer.Header()
	h.Set("Content-Type", r.MediaType)
	h.Set("Vary", "Accept")
	h.Set("ETag", `"`+r.Hash+"-"+string(r.Format)+`"`)
	h.Set("Cache-Control", "private, no-cache")
	if c.Query("f") != "" && version != "" && v.Renditions == dam.RenditionsReady {
		h.Set("Cache-Control", "private, max-age=3600") // the address names version and focal point
	}
	return s.serve(c, dam.RenditionKey(v.SHA256, r.Hash, r.Format), r.CreatedAt)
}

// noPreview says why there is no picture.
func (s *API) noPreview(ctx context.Context, a dam.Asset, v dam.Version, preset string) error {
	presets, err := s.Renditions.Presets(ctx, a.Library)
	if err != nil {
		return err
	}
	var names []string
	for _, p := range presets {
		for _, variant := range p.Variants() {
			names = append(names, variant.Name)
		}
	}
	making := v.Renditions == dam.RenditionsPending
	if contains(names, preset) && s.Renditions != nil {
		asked, err := s.Renditions.Demand(ctx, v.ID, preset)
		if err != nil {
			return err
		}
		making = making || asked
	}
	switch {
	case !contains(names, preset):
		return &dam.Error{Code: dam.NotFound, Field: "preset",
			Reason: reasons.NoPresetKnown(preset).With(known(preset, names))}
	case making:
		return delayed{&dam.Error{Code: dam.NotFound, Reason: reasons.PictureInMaking()}, time.Second}
	case v.RenditionNote != "":
		return &dam.Error{Code: dam.NotFound, Reason: reasons.NoPictureBecause(v.RenditionReasons)}
	}
	return &dam.Error{Code: dam.NotFound, Reason: reasons.NoPictureInPreset()}
}

// negotiate picks the rendition of a preset in the best format the client takes; false when there is none.
func negotiate(list []dam.Rendition, preset, accept string) (dam.Rendition, bool) {
	var made []dam.Rendition
	for _, r := range list {
		if r.Preset == preset {
			made = append(made, r)
		}
	}
	if len(made) == 0 {
		return dam.Rendition{}, false
	}
	slices.SortStableFunc(made, func(a, b dam.Rendition) int {
		return dam.CompareFormats(a.Format, b.Format, a.Size, b.Size)
	})
	return content.Negotiate(made, func(r dam.Rendition) dam.Format { return r.Format }, accept), true
}

// download answers with the original or, asked for the current metadata, with a copy that carries it.
func (s *API) download(c *gin.Context) error {
	a, v, err := s.version(c.Request.Context(), c.Param("id"), c.Query("version"))
	if err != nil {
		return err
	}
	switch c.DefaultQuery("metadata", "original") {
	case "original":
		if err := s.take(c, a, v, dam.DownloadOriginal, v.Size, v.SHA256); err != nil {
			return err
		}
		return s.attach(c, v, dam.OriginalKey(v.SHA256), v.SHA256, v.CreatedAt)
	case "current":
		return s.downloadCopy(c, a, v)
	}
	return dam.InvalidInput("metadata", reasons.DownloadKinds())
}

// attach answers with a version's file.
func (s *API) attach(c *gin.Context, v dam.Version, key, sha256 string, at time.Time) error {
	h := c.Writer.Header()
	takenOut(h, v.MediaType, v.FileName)
	h.Set("ETag", `"`+sha256+`"`)
	return s.serve(c, key, at)
}

// attachment is a Content-Disposition with the name in full (RFC 5987) and in ASCII.
func attachment(name string) string {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + ascii + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name),
		"+", "%20")
}

// serve writes an object, with ranges and conditions.
func (s *API) serve(c *gin.Context, key string, at time.Time) error {
	o, err := s.Store.Open(c.Request.Context(), key)
	if err == nil {
		defer func() { _ = o.Close() }() // only read
		err = content.Serve(c.Writer, c.Request, at, o)
	}
	switch {
	case err == nil:
		return nil
	case !content.Lost(err):
		return &dam.Error{Code: dam.Unavailable, Reason: reasons.StorageDoesNotAnswer(), Err: err}
	case strings.HasPrefix(key, "originals/"):
		return &dam.Error{Code: dam.Damaged, Reason: reasons.OriginalLost(), Err: err}
	}
	return delayed{&dam.Error{Code: dam.Unavailable, Reason: reasons.RenditionLost(), Err: err}, 2 * time.Second}
}
