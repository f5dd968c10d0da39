package api

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/writeback"
)

// Copies makes downloads that carry the catalogue's metadata.
type Copies interface {
	Prepare(ctx context.Context, a dam.Asset, v dam.Version) (writeback.Copy, error)
	Ask(ctx context.Context, a dam.Asset, v dam.Version) (writeback.Copy, error)
	Await(ctx context.Context, a dam.Asset, v dam.Version) (writeback.Copy, error)
}

// copyWait is how long a download waits for its copy to be made.
const copyWait = 20 * time.Second

type copyIn struct {
	ByID
	Version string `query:"version" maxLength:"64" doc:"The version; the newest when left out"`
}

type copyOut struct{ Body writeback.Copy }

func (s *API) copyState(ctx context.Context, in *copyIn) (*copyOut, error) {
	return s.copyBy(ctx, in, Copies.Prepare)
}

func (s *API) askCopy(ctx context.Context, in *copyIn) (*copyOut, error) {
	return s.copyBy(ctx, in, Copies.Ask)
}

func (s *API) copyBy(ctx context.Context, in *copyIn, do func(Copies, context.Context, dam.Asset,
	dam.Version) (writeback.Copy, error)) (*copyOut, error) {
	a, v, err := s.version(ctx, in.ID, in.Version)
	if err != nil {
		return nil, err
	}
	c, err := do(s.Copies, ctx, a, v)
	return &copyOut{c}, err
}

// downloadCopy answers with the version's copy that says what the catalogue does now, made if need be.
func (s *API) downloadCopy(c *gin.Context, a dam.Asset, v dam.Version) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), copyWait)
	defer cancel()
	found, err := s.Copies.Await(ctx, a, v)
	if err != nil {
		return err
	}
	switch found.State {
	case writeback.Ready:
		key, sha256, at := found.Object(v.SHA256)
		if err := s.take(c, a, v, "current", found.Size, sha256); err != nil {
			return err
		}
		return s.attach(c, v, key, sha256, at)
	case writeback.Impossible, writeback.Failed:
		return &dam.Error{Code: dam.Unsupported, Field: "metadata", Reason: reasons.CopyImpossible(found.NoteReasons)}
	}
	return delayed{&dam.Error{Code: dam.Unavailable, Reason: reasons.CopyInMaking()}, 2 * time.Second}
}
