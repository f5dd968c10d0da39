package api

import (
	"context"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// checkScope decides what somebody gets at whose permission doesn't hold in the whole library. What has an id is there
// for them or it is not (404), and they have the permission there or not (403); lists whose route says so narrow
// themselves to the actor of their context (see catalog and search); any other address is refused.
func (s *API) checkScope(ctx context.Context, req *request, id string) error {
	who, may := req.principal, req.route.may
	if who.CanEverywhere(req.library, may) && !who.Restricted(req.library) {
		return nil
	}
	path := req.route.path
	switch {
	case strings.HasPrefix(path, "/api/assets/{id}"):
		a, err := s.Assets.Get(ctx, req.library, id)
		if err != nil {
			return err
		}
		return who.NeedOn(&a, may)
	case path == "/api/collections/{id}/undelete": // what is in the bin is looked up there
		return nil
	case strings.HasPrefix(path, "/api/collections/{id}"):
		if _, err := s.Collections.Collection(ctx, req.library, id); err != nil {
			return err
		}
		return who.NeedOnCollection(req.library, id, may)
	case strings.HasPrefix(path, "/api/publications/{id}"):
		p, err := s.Publications.Publication(ctx, req.library, id)
		if err != nil || who.CanEverywhere(req.library, may) {
			return err
		}
		for _, f := range p.Files {
			a, err := s.Assets.Get(ctx, req.library, f.Asset)
			if err != nil {
				return err
			}
			if err := who.NeedOn(&a, may); err != nil {
				return err
			}
		}
		return nil
	// one's own
	case strings.HasPrefix(path, "/api/uploads"), strings.HasPrefix(path, "/api/me"),
		strings.HasPrefix(path, "/api/bulk"), strings.HasPrefix(path, "/api/searches"), req.route.endpoint.narrows:
		return nil
	}
	return &dam.Error{Code: dam.Forbidden, Reason: reasons.WholeLibraryNeeded()}
}
