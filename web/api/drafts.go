package api

import (
	"cmp"
	"context"

	"vitrine/dam"
	"vitrine/publishers/planning"
)

type draftsIn struct {
	State string `query:"state" enum:"draft,deleted,planned" default:"draft"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	After string `query:"after" maxLength:"64" doc:"next of the page before"`
}

// namedDraft is a draft with the names of its people.
type namedDraft struct {
	planning.Draft
	AuthorName string `json:"author_name"`
	EditorName string `json:"updated_by_name"`
}

type draftsOut struct {
	Body struct {
		Items []namedDraft `json:"items" nullable:"false"`
		Next  string       `json:"next" doc:"Cursor of the next page; empty at the end"`
	}
}

func (s *API) nameDrafts(ctx context.Context, list ...planning.Draft) ([]namedDraft, error) {
	ids := []string{}
	for _, d := range list {
		ids = append(ids, d.CreatedBy, d.UpdatedBy)
	}
	names, err := s.People.Names(ctx, ids)
	out := make([]namedDraft, len(list))
	for i, d := range list {
		out[i] = namedDraft{d, cmp.Or(names[d.CreatedBy], d.CreatedBy), cmp.Or(names[d.UpdatedBy], d.UpdatedBy)}
	}
	return out, err
}

func (s *API) listDrafts(ctx context.Context, in *draftsIn) (*draftsOut, error) {
	list, next, err := s.Drafts.List(ctx, requestOf(ctx).library, dam.DraftState(in.State), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &draftsOut{}
	out.Body.Next = next
	out.Body.Items, err = s.nameDrafts(ctx, list...)
	return out, err
}

func (s *API) draftAnswer(ctx context.Context, d planning.Draft, err error) (*tagged[namedDraft], error) {
	if err != nil {
		return nil, err
	}
	named, err := s.nameDrafts(ctx, d)
	if err != nil {
		return nil, err
	}
	return &tagged[namedDraft]{etag(d.Revision), named[0]}, nil
}

func (s *API) getDraft(ctx context.Context, in *ByID) (*tagged[namedDraft], error) {
	d, err := s.Drafts.Get(ctx, requestOf(ctx).library, in.ID)
	return s.draftAnswer(ctx, d, err)
}

type saveDraftIn struct {
	Edit
	Body planning.PublishInput
}

func (s *API) saveDraft(ctx context.Context, in *saveDraftIn) (*tagged[namedDraft], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	d, err := s.Drafts.Save(ctx, requestOf(ctx).library, in.ID, rev, in.Body)
	return s.draftAnswer(ctx, d, err)
}

func (s *API) deleteDraft(ctx context.Context, in *Edit) (*tagged[namedDraft], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	d, err := s.Drafts.Delete(ctx, requestOf(ctx).library, in.ID, rev)
	return s.draftAnswer(ctx, d, err)
}

func (s *API) restoreDraft(ctx context.Context, in *ByID) (*tagged[namedDraft], error) {
	d, err := s.Drafts.Restore(ctx, requestOf(ctx).library, in.ID)
	return s.draftAnswer(ctx, d, err)
}

type draftEntry struct {
	planning.DraftRevision
	ByName string `json:"by_name"`
}

func (s *API) draftHistory(ctx context.Context, in *ByID) (*items[draftEntry], error) {
	list, err := s.Drafts.History(ctx, requestOf(ctx).library, in.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.By
	}
	names, err := s.People.Names(ctx, ids)
	out := make([]draftEntry, len(list))
	for i, r := range list {
		out[i] = draftEntry{r, cmp.Or(names[r.By], r.By)}
	}
	return listOf(out, err)
}
