package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"vitrine/dam"
)

// reach decides what somebody who is limited to collections gets at. What has an id
// is there for them or it is not (404); lists narrow themselves to the actor of their
// context (see catalog and search); any other address is refused until it is written
// down here that it shows nothing it should not.
func (s *API) reach(ctx context.Context, req *request, id string) error {
	if !req.principal.Limited(req.library) {
		return nil
	}
	method, path := req.route.method, req.route.path
	var err error
	switch {
	case strings.HasPrefix(path, "/api/assets/{id}"):
		_, err = s.Assets.Get(ctx, req.library, id)
	case strings.HasPrefix(path, "/api/collections/{id}"):
		_, err = s.Assets.Collection(ctx, req.library, id)
	case strings.HasPrefix(path, "/api/publications/{id}"):
		_, err = s.Publications.Publication(ctx, req.library, id)
	case strings.HasPrefix(path, "/api/uploads"), strings.HasPrefix(path, "/api/me"), strings.HasPrefix(path, "/api/bulk"), strings.HasPrefix(path, "/api/searches"): // one's own
	case slices.Contains(limitedReach(), method+" "+path):
	default:
		err = &dam.Error{Code: dam.Forbidden, Message: "this needs the whole library, and you are limited to collections of it", Remedy: "ask an administrator"}
	}
	return err
}

// limitedReach lists the addresses without an id that narrow what they answer to the actor.
func limitedReach() []string {
	return []string{
		http.MethodGet + " /api/assets", http.MethodPost + " /api/assets", http.MethodGet + " /api/assets/export", http.MethodPost + " /api/assets/bulk", http.MethodGet + " /api/suggest", http.MethodGet + " /api/system/hold",
		http.MethodGet + " /api/duplicates", http.MethodPost + " /api/duplicates/resolve", http.MethodGet + " /api/renditions/cuts",
		http.MethodGet + " /api/collections", http.MethodGet + " /api/publications", http.MethodPost + " /api/publications", http.MethodPost + " /api/publications/check",
		http.MethodGet + " /api/events", http.MethodGet + " /api/events/stream", http.MethodGet + " /api/snapshot",
		http.MethodGet + " /api/fields", http.MethodGet + " /api/presets", http.MethodGet + " /api/system",
		http.MethodGet + " /api/channels", http.MethodGet + " /api/channels/kinds", http.MethodGet + " /api/channels/{id}", http.MethodGet + " /api/channels/{id}/slots",
	}
}
