package api

import (
	"context"

	"vitrine/dam"
)

func (s *API) getSynonyms(ctx context.Context, _ *nothing) (*tagged[dam.Synonyms], error) {
	x, err := s.Searches.Synonyms(ctx, requestOf(ctx).library)
	return &tagged[dam.Synonyms]{etag(x.Revision), x}, err
}

type putSynonymsIn struct {
	IfMatch string `header:"If-Match" doc:"ETag of the state this is based on; 412 when it has changed"`
	Body    struct {
		Lines []string `json:"lines" nullable:"false" maxItems:"5000" doc:"All of them; what is left out is removed"`
	}
}

func (s *API) putSynonyms(ctx context.Context, in *putSynonymsIn) (*tagged[dam.Synonyms], error) {
	rev, err := settingRevision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	x, err := s.Searches.SetSynonyms(ctx, requestOf(ctx).library, rev, in.Body.Lines)
	return &tagged[dam.Synonyms]{etag(x.Revision), x}, err
}
