package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/vocabularies"
	"vitrine/search"
)

func (s *API) listVocabularies(ctx context.Context, _ *nothing) (*items[dam.Vocabulary], error) {
	return listOf(s.Vocabularies.List(ctx, requestOf(ctx).library))
}

func vocabularyAnswer(v dam.Vocabulary, err error) (*tagged[dam.Vocabulary], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Vocabulary]{etag(v.Revision), v}, nil
}

func termAnswer(t dam.Term, err error) (*tagged[dam.Term], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Term]{etag(t.Revision), t}, nil
}

func (s *API) getVocabulary(ctx context.Context, in *ByID) (*tagged[dam.Vocabulary], error) {
	return vocabularyAnswer(s.Vocabularies.Get(ctx, requestOf(ctx).library, in.ID))
}

type vocabularyName struct {
	Name string `json:"name" minLength:"1" maxLength:"200"`
}

func (s *API) createVocabulary(ctx context.Context,
	in *struct{ Body vocabularyName }) (*tagged[dam.Vocabulary], error) {
	return vocabularyAnswer(s.Vocabularies.Create(ctx, requestOf(ctx).library, in.Body.Name))
}

type renameVocabularyIn struct {
	Edit
	Body vocabularyName
}

func (s *API) renameVocabulary(ctx context.Context, in *renameVocabularyIn) (*tagged[dam.Vocabulary], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return vocabularyAnswer(s.Vocabularies.Rename(ctx, requestOf(ctx).library, in.ID, rev, in.Body.Name))
}

func (s *API) deleteVocabulary(ctx context.Context, in *Edit) (*nothing, error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return done(s.Vocabularies.Delete(ctx, requestOf(ctx).library, in.ID, rev))
}

type listTermsIn struct {
	ByID
	Parent string `query:"parent" maxLength:"64" doc:"Those directly below this term, in their order; without it the topmost"`
	Q      string `query:"q" maxLength:"200" doc:"The beginning of a word of a label or synonym in any locale, wherever the term is"`
	IDs    string `query:"ids" maxLength:"7000" doc:"These terms, by comma, at most 100; merged ones, too"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	After  string `query:"after" maxLength:"64" doc:"next of the page before"`
}

type termsOut struct {
	Body struct {
		Items []dam.Term `json:"items" nullable:"false"`
		Next  string     `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

func (s *API) listTerms(ctx context.Context, in *listTermsIn) (*termsOut, error) {
	p := vocabularies.Page{Parent: in.Parent, Text: in.Q, After: in.After, Limit: in.Limit}
	if in.IDs != "" {
		if p.IDs = strings.Split(in.IDs, ","); len(p.IDs) > 100 {
			p.IDs = p.IDs[:100]
		}
	}
	list, next, err := s.Vocabularies.Terms(ctx, requestOf(ctx).library, in.ID, p)
	if err != nil {
		return nil, err
	}
	out := &termsOut{}
	out.Body.Items, out.Body.Next = list, next
	return out, nil
}

// ByTerm names a term of a vocabulary. (It is exported for huma, which binds no unexported members.)
type ByTerm struct {
	ByID
	Term string `path:"term" maxLength:"64"`
}

// EditTerm is ByTerm with the revision seen.
type EditTerm struct {
	Edit
	Term string `path:"term" maxLength:"64"`
}

func (s *API) getTerm(ctx context.Context, in *ByTerm) (*tagged[dam.Term], error) {
	return termAnswer(s.Vocabularies.Term(ctx, requestOf(ctx).library, in.ID, in.Term))
}

type createTermIn struct {
	ByID
	Body vocabularies.NewTerm
}

func (s *API) createTerm(ctx context.Context, in *createTermIn) (*tagged[dam.Term], error) {
	return termAnswer(s.Vocabularies.CreateTerm(ctx, requestOf(ctx).library, in.ID, in.Body))
}

type changeTermIn struct {
	EditTerm
	Body vocabularies.EditTerm
}

func (s *API) changeTerm(ctx context.Context, in *changeTermIn) (*tagged[dam.Term], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return termAnswer(s.Vocabularies.ChangeTerm(ctx, requestOf(ctx).library, in.ID, in.Term, rev, in.Body))
}

type moveTermIn struct {
	EditTerm
	Body vocabularies.Place
}

func (s *API) moveTerm(ctx context.Context, in *moveTermIn) (*tagged[dam.Term], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return termAnswer(s.Vocabularies.MoveTerm(ctx, requestOf(ctx).library, in.ID, in.Term, rev, in.Body))
}

func (s *API) termUse(ctx context.Context, in *ByTerm) (*body[dam.TermUse], error) {
	u, err := s.Vocabularies.Use(ctx, requestOf(ctx).library, in.ID, in.Term)
	if err != nil {
		return nil, err
	}
	return &body[dam.TermUse]{u}, nil
}

type deleteTermIn struct {
	EditTerm
	Below bool `query:"below" doc:"Needed for one with others below it: they are deleted, too"`
}

func (s *API) deleteTerm(ctx context.Context, in *deleteTermIn) (*nothing, error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return done(s.Vocabularies.DeleteTerm(ctx, requestOf(ctx).library, in.ID, in.Term, rev, in.Below))
}

type mergeTermIn struct {
	ByTerm
	Body struct {
		Into   string `json:"into" minLength:"1" maxLength:"64" doc:"Id of the term that stays"`
		DryRun bool   `json:"dry_run,omitempty" doc:"Count the assets and change nothing. A merge can't be taken back"`
	}
}

func (s *API) mergeTerm(ctx context.Context, in *mergeTermIn) (*body[dam.TermMerge], error) {
	m, err := s.Vocabularies.Merge(ctx, requestOf(ctx).library, in.ID, in.Term, in.Body.Into, in.Body.DryRun)
	if err != nil {
		return nil, err
	}
	return &body[dam.TermMerge]{m}, nil
}

func (s *API) listMerges(ctx context.Context, in *ByID) (*items[dam.TermMerge], error) {
	return listOf(s.Vocabularies.Merges(ctx, requestOf(ctx).library, in.ID))
}

// exportTerms sends the terms of a vocabulary as CSV.
func (s *API) exportTerms(c *gin.Context) error {
	ctx := c.Request.Context()
	return s.Vocabularies.Export(ctx, requestOf(ctx).library, c.Param("id"), func() io.Writer {
		c.Header("Content-Type", "text/csv; charset=utf-8")
		c.Header("Content-Disposition", `attachment; filename="vocabulary.csv"`)
		c.Status(http.StatusOK)
		return &patientWriter{c.Writer, http.NewResponseController(c.Writer)}
	})
}

// importTerms takes a table of terms as the request's body.
func (s *API) importTerms(c *gin.Context) error {
	ctx := c.Request.Context()
	dry := c.Query("dry_run")
	if dry != "" && dry != "true" && dry != "false" {
		return dam.InvalidInput("dry_run", reasons.NotABoolean())
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, vocabularies.MaxTable))
	if err != nil {
		return &dam.Error{Code: dam.TooLarge, Field: "body", Reason: reasons.ImportTooLarge(), Err: err}
	}
	req := requestOf(ctx)
	out, err := s.Vocabularies.Import(onceFor(c, req, raw), req.library, c.Param("id"), bytes.NewReader(raw),
		dry == "true")
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// nameTerms adds to the counts of fields whose values are terms what these are called.
func (s *API) nameTerms(ctx context.Context, library string, facets map[string][]search.FacetCount) error {
	if len(facets) == 0 || s.Vocabularies == nil {
		return nil
	}
	ids := map[string][]string{}
	for field, counts := range facets {
		for _, c := range counts {
			ids[field] = append(ids[field], c.Value)
		}
	}
	labels, err := s.Vocabularies.Labels(ctx, library, ids)
	for field, of := range labels {
		for i := range facets[field] {
			if label, ok := of[facets[field][i].Value]; ok {
				facets[field][i].Label = &label
			}
		}
	}
	return err
}

// suggestTerms adds terms of vocabularies to what completes a search.
func (s *API) suggestTerms(ctx context.Context, library, typed string, list []search.Suggestion) ([]search.Suggestion,
	error) {
	lib, err := s.People.Library(ctx, library)
	if err != nil {
		return list, err
	}
	err = s.Vocabularies.Suggest(ctx, library, typed, func(field string, t dam.Term) {
		list = append(list, search.TermSuggestion(field, t, lib.Locale))
	})
	return list, err
}
