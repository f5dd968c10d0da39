package api

import (
	"context"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// checkScope decides what somebody who is limited to collections gets at. What has an id
// is there for them or it is not (404); lists whose route says so narrow themselves to the
// actor of their context (see catalog and search); any other address is refused.
func (s *API) checkScope(ctx context.Context, req *request, id string) error {
	if !req.principal.Restricted(req.library) {
		return nil
	}
	path := req.route.path
	var err error
	switch {
	case strings.HasPrefix(path, "/api/assets/{id}"):
		_, err = s.Assets.Get(ctx, req.library, id)
	case path == "/api/collections/{id}/undelete": // what is in the bin is looked up there
	case strings.HasPrefix(path, "/api/collections/{id}"):
		_, err = s.Collections.Collection(ctx, req.library, id)
	case strings.HasPrefix(path, "/api/publications/{id}"):
		_, err = s.Publications.Publication(ctx, req.library, id)
	// one's own
	case strings.HasPrefix(path, "/api/uploads"), strings.HasPrefix(path, "/api/me"),
		strings.HasPrefix(path, "/api/bulk"), strings.HasPrefix(path, "/api/searches"):
	case req.route.endpoint.narrows:
	default:
		err = &dam.Error{Code: dam.Forbidden, Reason: reasons.WholeLibraryNeeded()}
	}
	return err
}
