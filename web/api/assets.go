package api

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/assets"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/dam/review"
	"vitrine/search"
)

// body is an answer that is a JSON document.
type body[T any] struct{ Body T }

// items is an answer that is a list.
type items[T any] struct {
	Body struct {
		Items []T `json:"items" nullable:"false"`
	}
}

func listOf[T any](list []T, err error) (*items[T], error) {
	if err != nil {
		return nil, err
	}
	if list == nil {
		list = []T{}
	}
	out := &items[T]{}
	out.Body.Items = list
	return out, nil
}

// tagged is an answer with the revision as its ETag.
type tagged[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// assetAnswer is an asset with what the public may see of it.
func (s *API) assetAnswer(ctx context.Context, a dam.Asset, err error) (*tagged[dam.Asset], error) {
	if err != nil {
		return nil, err
	}
	list := []dam.Asset{a}
	err = s.sayPublic(ctx, list)
	return &tagged[dam.Asset]{etag(a.Revision), list[0]}, err
}

// seenBy is an asset without what who asks doesn't see of it.
func seenBy(ctx context.Context, a dam.Asset) dam.Asset {
	list := []dam.Asset{a}
	dam.ActorOf(ctx).HideFields(list)
	return list[0]
}

// sayPublic adds to assets of one library what the public may see of them now. What who asks doesn't see of them is
// taken out: they may come from a transaction, which reads them whole.
func (s *API) sayPublic(ctx context.Context, list []dam.Asset) error {
	dam.ActorOf(ctx).HideFields(list)
	if len(list) == 0 {
		return nil
	}
	lib, err := s.People.Library(ctx, list[0].Library)
	if err != nil {
		return err
	}
	zone, err := dam.Zone(lib.Zone)
	if err != nil {
		return err
	}
	now := s.Events.Now()
	var people []string
	for i := range list {
		list[i].Public = dam.PublicStateAt(list[i].PublicFacts(zone), now)
		if list[i].Recall != nil {
			people = append(people, list[i].Recall.By)
		}
	}
	if len(people) == 0 {
		return nil
	}
	names, err := s.People.Names(ctx, people)
	for i := range list {
		if r := list[i].Recall; r != nil {
			r.ByName = names[r.By]
		}
	}
	return err
}

// nothing is an answer without a body.
type nothing struct{}

func done(err error) (*nothing, error) {
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

// ByID names one thing in the path. (It is exported for huma, which binds no unexported members.)
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

// Edit is ByID with the revision seen.
type Edit struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"ETag of the state this is based on; 412 when it has changed"`
}

type searchIn struct {
	Q          string `query:"q" maxLength:"2000" doc:"Words, \"phrases\", field:value, -not; see the guide"`
	Status     string `query:"status" maxLength:"100" doc:"One or more of draft, in_review, approved, rejected, archived, by comma"`
	Type       string `query:"type" maxLength:"100" doc:"One or more of image, video, audio, document, other, by comma"`
	Collection string `query:"collection" maxLength:"70" doc:"Id of a collection; with /* behind it, everything below it counts too"`
	Bin        bool   `query:"bin" doc:"Search the bin instead"`
	Sort       string `query:"sort" maxLength:"42" doc:"created, title, taken, updated, relevance, position (in the collection, as ordered by hand), or another number, date or field of the library's own; - before it for descending"`
	Limit      int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	After      string `query:"after" maxLength:"1000" doc:"next of the page before"`
	Offset     int    `query:"offset" minimum:"0" doc:"Skip that many"`
	Wait       int64  `query:"wait" minimum:"0" doc:"Wait until the index has reached this seq"`
	SHA256     string `query:"sha256" pattern:"^[0-9a-f]{64}$" doc:"The asset that has exactly these bytes in a version; everything else is left aside"`
	FacetLimit int    `query:"facet_limit" minimum:"1" maximum:"200" default:"20" doc:"Values counted per facet, the fullest first"`
	Facets     string `query:"facets" maxLength:"1000" doc:"Fields to count values of, by comma: type, status, tag, tag:BRANCH, taken:year, place:ZOOM, a field of the library's own, …"`
}

type searchOut struct {
	Body struct {
		Items []dam.Asset `json:"items" nullable:"false"`
		Total int         `json:"total" doc:"All that was found"`
		Next  string      `json:"next" doc:"Cursor of the next page; empty at the end"`
		Seq   int64       `json:"seq" doc:"How far the index had read the log"`

		Facets     map[string][]search.FacetCount `json:"facets,omitempty" doc:"Counts per field asked for; a field's own filter does not narrow its counts"`
		Fuzzy      bool                           `json:"fuzzy,omitempty" doc:"Nothing matched exactly: one typing error per word was forgiven"`
		Suggestion string                         `json:"suggestion,omitempty" doc:"A query like this one that finds something"`
		Rebuilding bool                           `json:"rebuilding,omitempty" doc:"The index is being rebuilt: text may be incomplete"`
		Notice     string                         `json:"notice,omitempty" doc:"The index can't follow for now: what was found is of an earlier state"`
	}
}

const searchTimeout = 10 * time.Second

func (s *API) searchAssets(ctx context.Context, in *searchIn) (*searchOut, error) {
	req := requestOf(ctx)
	if in.SHA256 != "" {
		return s.assetWithBytes(ctx, req.library, in.SHA256)
	}
	lib, err := s.People.Library(ctx, req.library)
	if err != nil {
		return nil, err
	}
	status, err := choices("status", in.Status, string(dam.Draft), string(dam.InReview), string(dam.Approved),
		string(dam.Rejected), string(dam.Archived))
	if err != nil {
		return nil, err
	}
	kinds, err := choices("type", in.Type, string(dam.KindImage), string(dam.KindVideo), string(dam.KindAudio),
		string(dam.KindDocument), string(dam.KindOther))
	if err != nil {
		return nil, err
	}
	r := search.Request{Library: req.library, Q: in.Q, Status: status, Kind: kinds, Collection: in.Collection,
		Bin: in.Bin, Sort: in.Sort,
		Limit: in.Limit, After: in.After, Offset: in.Offset, WaitSeq: in.Wait, Frozen: true,
		Resolve: s.Searches.Resolver(ctx, req.library), Collections: s.Searches.Collections(ctx, req.library)}
	if in.Facets != "" {
		r.Facets, r.FacetLimit = strings.Split(in.Facets, ","), in.FacetLimit
	}
	if r.Sort == "relevance" {
		r.Sort = "" // which is relevance when there are words
	}
	if zone, err := time.LoadLocation(lib.Zone); err == nil {
		r.Zone = zone
	}
	if err := s.Searches.Ordered(ctx, &r); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, searchTimeout)
	defer cancel()
	found, err := s.Search.Query(ctx, r)
	if err != nil {
		return nil, err
	}
	list, err := s.Assets.List(ctx, found.IDs)
	if err != nil {
		return nil, err
	}
	if err := s.nameTerms(ctx, req.library, found.Facets); err != nil {
		return nil, err
	}
	list = catalog.Visible(ctx, list) // the index may be some milliseconds behind
	if err := s.sayPublic(ctx, list); err != nil {
		return nil, err
	}
	out := &searchOut{}
	out.Body.Items, out.Body.Total, out.Body.Next, out.Body.Seq = list, found.Total, found.Next, found.Seq
	out.Body.Facets, out.Body.Fuzzy, out.Body.Suggestion, out.Body.Rebuilding = found.Facets, found.Fuzzy,
		found.Suggestion, found.Rebuilding
	out.Body.Notice = found.Notice
	if list == nil {
		out.Body.Items = []dam.Asset{}
	}
	return out, nil
}

// assetWithBytes answers from the catalogue, so that a sender may ask right after an upload.
func (s *API) assetWithBytes(ctx context.Context, library, sha256 string) (*searchOut, error) {
	id, err := s.Assets.WithBytes(ctx, library, sha256)
	if err != nil {
		return nil, err
	}
	out := &searchOut{}
	out.Body.Items = []dam.Asset{}
	if id == "" {
		return out, nil
	}
	a, err := s.Assets.Get(ctx, library, id)
	if err != nil {
		return nil, err
	}
	out.Body.Items, out.Body.Total = []dam.Asset{a}, 1
	return out, s.sayPublic(ctx, out.Body.Items)
}

type suggestIn struct {
	Q string `query:"q" maxLength:"200" doc:"What has been typed so far"`
}

// suggest completes what is being typed: saved searches, tags, SKUs, people, titles, terms of vocabularies.
func (s *API) suggest(ctx context.Context, in *suggestIn) (*items[search.Suggestion], error) {
	ctx, cancel := context.WithTimeout(ctx, searchTimeout)
	defer cancel()
	library := requestOf(ctx).library
	list, err := s.Search.Suggest(ctx, library, in.Q)
	if err == nil && s.Vocabularies != nil {
		list, err = s.suggestTerms(ctx, library, in.Q, list)
	}
	if err != nil || s.Searches == nil {
		return listOf(list, err)
	}
	saved, err := s.Searches.Suggest(ctx, library, in.Q)
	return listOf(append(saved, list...), err)
}

// choices splits a list by comma and refuses what is not allowed.
func choices(field, list string, allowed ...string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	out := strings.Split(list, ",")
	for i, v := range out {
		out[i] = strings.TrimSpace(v)
		if !contains(allowed, out[i]) {
			return nil, dam.InvalidInput(field, reasons.NoSuchValue(out[i]).With(known(out[i], allowed)))
		}
	}
	return out, nil
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func (s *API) getAsset(ctx context.Context, in *ByID) (*tagged[dam.Asset], error) {
	a, err := s.Assets.Get(ctx, requestOf(ctx).library, in.ID)
	return s.assetAnswer(ctx, a, err)
}

type patchAssetIn struct {
	Edit
	RawBody []byte `contentType:"application/merge-patch+json"`
}

func (s *API) patchAsset(ctx context.Context, in *patchAssetIn) (*tagged[dam.Asset], error) {
	req := requestOf(ctx)
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	if !json.Valid(in.RawBody) {
		p := newProblem(400, dam.Invalid, reasons.BodyInvalidJson())
		p.Errors = []FieldError{{Location: "body", Message: "not valid JSON", Reason: reasons.InvalidJson()}}
		return nil, p
	}
	p, err := assets.ParsePatch(in.RawBody)
	if err != nil {
		return nil, err
	}
	a, err := s.Assets.Get(ctx, req.library, in.ID)
	if err != nil {
		return nil, err
	}
	if err := req.principal.MayEdit(&a); err != nil {
		return nil, err
	}
	a, err = s.Assets.Patch(ctx, req.library, in.ID, rev, p)
	return s.assetAnswer(ctx, a, err)
}

func (s *API) deleteAsset(ctx context.Context, in *Edit) (*nothing, error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	_, err = s.Assets.Delete(ctx, requestOf(ctx).library, in.ID, rev)
	return done(err)
}

func (s *API) undeleteAsset(ctx context.Context, in *Edit) (*tagged[dam.Asset], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	a, err := s.Assets.Undelete(ctx, requestOf(ctx).library, in.ID, rev)
	return s.assetAnswer(ctx, a, err)
}

type decideIn struct {
	Edit
	Body *struct {
		Version string `json:"version,omitempty" maxLength:"64" doc:"The version; the newest when left out"`
		Comment string `json:"comment,omitempty" maxLength:"5000" doc:"Required to reject"`
	}
}

// decide is one step of the review.
func (s *API) decide(action dam.Action) func(context.Context, *decideIn) (*tagged[dam.Asset], error) {
	return func(ctx context.Context, in *decideIn) (*tagged[dam.Asset], error) {
		req := requestOf(ctx)
		rev, err := revision(in.IfMatch)
		if err != nil {
			return nil, err
		}
		if action == dam.Submit {
			a, err := s.Assets.Get(ctx, req.library, in.ID)
			if err != nil {
				return nil, err
			}
			if err := req.principal.MayEdit(&a); err != nil {
				return nil, err
			}
		}
		var version, comment string
		if in.Body != nil {
			version, comment = in.Body.Version, in.Body.Comment
		}
		a, err := s.Review.Decide(ctx, req.library, in.ID, review.Step{Action: action, Version: version,
			Comment: comment, IfMatch: rev})
		return s.assetAnswer(ctx, a, err)
	}
}

func (s *API) listVersions(ctx context.Context, in *ByID) (*items[dam.Version], error) {
	if _, err := s.Assets.Get(ctx, requestOf(ctx).library, in.ID); err != nil {
		return nil, err
	}
	return listOf(s.Assets.Versions(ctx, in.ID))
}

type reinstateIn struct {
	Edit
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"1000" doc:"Why the public may see it again"`
	}
}

func (s *API) reinstateAsset(ctx context.Context, in *reinstateIn) (*tagged[dam.Asset], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	a, err := s.Review.Reinstate(ctx, requestOf(ctx).library, in.ID, rev, in.Body.Reason)
	return s.assetAnswer(ctx, a, err)
}

// version returns the asset and one of its versions, the newest for "".
func (s *API) version(ctx context.Context, asset, id string) (dam.Asset, dam.Version, error) {
	a, err := s.Assets.Get(ctx, requestOf(ctx).library, asset)
	if err != nil || id == "" || id == a.Latest.ID {
		return a, a.Latest, err
	}
	v, err := s.Assets.Version(ctx, id)
	if err == nil && v.Asset != a.ID {
		err = &dam.Error{Code: dam.NotFound, Field: "version", Reason: reasons.AssetWithoutVersionId(id)}
	}
	return a, v, err
}

type renditionsIn struct {
	ByID
	Version string `query:"version" maxLength:"64" doc:"The version; the newest when left out"`
}

// renditionView is a rendition with its public addresses, which answer once the version is approved.
type renditionView struct {
	dam.Rendition
	URL      string `json:"url" doc:"What is approved now, in this preset"`
	ExactURL string `json:"exact_url" doc:"Exactly these bytes, for ever"`
	// Cuts block publishing the asset in this preset.
	Cuts     []dam.ProtectedZone `json:"cuts,omitempty" doc:"Protected zones that the crop cuts: no channel gets it"`
	Withheld bool                `json:"withheld,omitempty" doc:"Its public addresses answer 404, because it cuts a protected zone"`
}

type renditionsOut struct {
	Body struct {
		Items []renditionView    `json:"items" nullable:"false"`
		State dam.RenditionState `json:"state"`
		Note  string             `json:"note" doc:"Why there are none"`
		// Films are video renditions that are not there yet.
		Films []dam.VideoRendition `json:"films" nullable:"false" doc:"Video being made, or why it is not"`
	}
}

func (s *API) listRenditions(ctx context.Context, in *renditionsIn) (*renditionsOut, error) {
	a, v, err := s.version(ctx, in.ID, in.Version)
	if err != nil {
		return nil, err
	}
	list, err := s.Renditions.Renditions(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	presets, err := s.Renditions.Presets(ctx, a.Library)
	if err != nil {
		return nil, err
	}
	out := &renditionsOut{}
	if out.Body.Films, err = s.Renditions.Videos(ctx, v.ID); err != nil {
		return nil, err
	}
	if out.Body.Films == nil {
		out.Body.Films = []dam.VideoRendition{}
	}
	out.Body.Items, out.Body.State, out.Body.Note = make([]renditionView, len(list)), v.Renditions, v.RenditionNote
	for i, r := range list {
		out.Body.Items[i] = renditionView{Rendition: r, URL: s.urls.Live(a.ID, r.Preset),
			ExactURL: s.urls.Exact(a.ID, r)}
		if p, ok := dam.Variant(presets, r.Preset); ok {
			crop := dam.CropOf(p, &a, &v)
			out.Body.Items[i].Cuts, out.Body.Items[i].Withheld = crop.Cuts, crop.Withheld
		}
	}
	return out, nil
}

func (s *API) retryRenditions(ctx context.Context, in *ByID) (*nothing, error) {
	_, err := s.Renditions.Retry(ctx, requestOf(ctx).library, in.ID)
	return done(err)
}

type cancelFilmIn struct {
	ByID
	Preset string `path:"preset" maxLength:"64"`
}

func (s *API) cancelFilm(ctx context.Context, in *cancelFilmIn) (*nothing, error) {
	return done(s.Renditions.CancelVideo(ctx, requestOf(ctx).library, in.ID, in.Preset))
}

type restoreVersionIn struct {
	Edit
	Version string `path:"version" maxLength:"64"`
}

func (s *API) restoreVersion(ctx context.Context, in *restoreVersionIn) (*tagged[dam.Asset], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	a, err := s.Ingest.RestoreVersion(ctx, requestOf(ctx).library, in.ID, rev, in.Version)
	return s.assetAnswer(ctx, a, err)
}
