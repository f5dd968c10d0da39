package api

import (
	"context"
	"math"
	"strconv"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/dam/similarity"
	"vitrine/dam/similarity/visual"
	"vitrine/search"
)

type similarIn struct {
	ID    string  `path:"id" maxLength:"64"`
	Min   float64 `query:"min" minimum:"0" maximum:"1" default:"0.8" doc:"Least score"`
	Limit int     `query:"limit" minimum:"1" maximum:"200" default:"24"`
	Wait  int64   `query:"wait" minimum:"0" doc:"Wait until the index has reached this seq"`
}

type similarAsset struct {
	Asset    dam.Asset `json:"asset"`
	Score    float64   `json:"score" doc:"0 to 1, by hash and colours"`
	Distance int       `json:"distance" doc:"Bits in which the perceptual hashes differ; about 32 for unrelated pictures"`
}

type similarOut struct {
	Body struct {
		Items []similarAsset `json:"items" nullable:"false"`
		Total int            `json:"total" doc:"All that reach the score"`
		// Analysed tells "nothing is like it" from "not known yet".
		Analysed bool  `json:"analysed" doc:"Whether the asset's own picture has been looked at"`
		Pending  bool  `json:"pending" doc:"Whether the picture is still to be looked at, soon after its upload, or the index is behind: ask again"`
		Seq      int64 `json:"seq" doc:"How far the index had read the log"`
	}
}

// similarAssets is a search like any other, with the scores said.
func (s *API) similarAssets(ctx context.Context, in *similarIn) (*similarOut, error) {
	library := requestOf(ctx).library
	a, err := s.Assets.Get(ctx, library, in.ID)
	if err != nil {
		return nil, err
	}
	out := &similarOut{}
	out.Body.Items = []similarAsset{}
	out.Body.Analysed = a.Latest.Analysis != nil
	own, ok := visual.SignatureOf(a.Latest.Analysis)
	if !ok { // not looked at yet, or nothing to look at
		if r := a.Latest.Renditions; s.Similarity != nil && (r == dam.RenditionsPending || r == dam.RenditionsReady) {
			done, err := s.Similarity.Analysed(ctx, a.Latest.ID)
			out.Body.Pending = !done
			return out, err
		}
		return out, nil
	}
	ctx, cancel := context.WithTimeout(ctx, searchTimeout)
	defer cancel()
	// What was analysed before this picture has to be in the index before "nothing is like it" can be said.
	_, head, err := s.Events.State(ctx)
	if err != nil {
		return nil, err
	}
	ask := search.Request{Library: library, Q: "similar:" + in.ID + "," + strconv.FormatFloat(in.Min, 'f', -1, 64),
		Limit: in.Limit, WaitSeq: in.Wait, Frozen: true}
	found, err := s.Search.Query(ctx, ask)
	if err == nil && found.Total == 0 && found.Seq < head {
		found, out.Body.Pending, err = s.askBehind(ctx, ask, found, head)
	}
	if err != nil {
		return nil, err
	}
	list, err := s.Assets.List(ctx, found.IDs)
	if err != nil {
		return nil, err
	}
	out.Body.Total, out.Body.Seq = found.Total, found.Seq
	ref := own.Reference()
	for _, b := range catalog.Visible(ctx, list) {
		if item, ok := compared(ref, b); ok {
			out.Body.Items = append(out.Body.Items, item)
		}
	}
	return out, nil
}

// behindPatience is how long an index that is behind the log is waited for.
const behindPatience = 2 * time.Second

// askBehind asks again once the index has reached seq; behind is true when it hasn't in time.
func (s *API) askBehind(ctx context.Context, ask search.Request, before search.Result, seq int64) (found search.Result,
	behind bool, err error) {
	waiting, cancel := context.WithTimeout(ctx, behindPatience)
	defer cancel()
	ask.WaitSeq = seq
	found, err = s.Search.Query(waiting, ask)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return before, true, nil
	}
	return found, err == nil && found.Seq < seq, err
}

// compared is false for an asset that has lost its picture since the index saw it.
func compared(ref visual.Reference, b dam.Asset) (similarAsset, bool) {
	sig, ok := visual.SignatureOf(b.Latest.Analysis)
	return similarAsset{Asset: b, Score: math.Round(ref.Score(sig)*1000) / 1000, Distance: ref.Distance(sig)}, ok
}

type duplicatesIn struct {
	Min   float64 `query:"min" minimum:"0.75" maximum:"1" default:"0.9" doc:"Least score with the first of a group"`
	Q     string  `query:"q" maxLength:"2000" doc:"Only among what this query finds"`
	Limit int     `query:"limit" minimum:"1" maximum:"200" default:"20" doc:"Groups per page"`
	After string  `query:"after" maxLength:"20" doc:"next of the page before"`
	Wait  int64   `query:"wait" minimum:"0" doc:"Wait until the index has reached this seq"`
}

type duplicateGroup struct {
	// Items: the first is the best to keep.
	Items []similarAsset `json:"items" nullable:"false" doc:"The first is the best to keep: public before not, then more pixels, then older; scores are with it"`
	Total int            `json:"total" doc:"Assets in the group; the answer names at most 100"`
}

type duplicatesOut struct {
	Body struct {
		Items  []duplicateGroup `json:"items" nullable:"false"`
		Total  int              `json:"total" doc:"Groups in the whole report"`
		Assets int              `json:"assets" doc:"Assets in all groups"`
		Next   string           `json:"next" doc:"Cursor of the next page; empty at the end"`
		Seq    int64            `json:"seq" doc:"How far the index had read the log"`
	}
}

const (
	reportTimeout = time.Minute
	// groupShown is how many assets of a group are sent.
	groupShown = 100
)

func (s *API) duplicates(ctx context.Context, in *duplicatesIn) (*duplicatesOut, error) {
	library := requestOf(ctx).library
	before := uint64(math.MaxUint64)
	if in.After != "" {
		var err error
		if before, err = strconv.ParseUint(in.After, 10, 32); err != nil {
			return nil, dam.InvalidInput("after", reasons.NotAPageCursor())
		}
	}
	lib, err := s.People.Library(ctx, library)
	if err != nil {
		return nil, err
	}
	r := search.Request{Library: library, Q: in.Q, WaitSeq: in.Wait, Resolve: s.Searches.Resolver(ctx, library),
		Collections: s.Searches.Collections(ctx, library)}
	if zone, err := time.LoadLocation(lib.Zone); err == nil {
		r.Zone = zone
	}
	verdict, err := s.Similarity.Distinct(ctx, library)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	groups, seq, err := s.Search.Duplicates(ctx, r, in.Min)
	if err != nil {
		return nil, err
	}
	out := &duplicatesOut{}
	out.Body.Items, out.Body.Seq = []duplicateGroup{}, seq
	more, last := false, uint32(0)
	for _, g := range groups {
		ids := verdict.Open(g.IDs)
		if ids == nil {
			continue
		}
		out.Body.Total++
		out.Body.Assets += len(ids)
		if uint64(g.Number) >= before {
			continue
		}
		if len(out.Body.Items) == in.Limit {
			more = true
			continue
		}
		group, err := s.group(ctx, ids)
		if err != nil {
			return nil, err
		}
		last = g.Number
		out.Body.Items = append(out.Body.Items, group)
	}
	if more {
		out.Body.Next = strconv.FormatUint(uint64(last), 10)
	}
	return out, nil
}

func (s *API) group(ctx context.Context, ids []string) (duplicateGroup, error) {
	list, err := s.Assets.List(ctx, ids[:min(len(ids), groupShown)])
	out := duplicateGroup{Items: []similarAsset{}, Total: len(ids)}
	if err != nil || len(list) == 0 {
		return out, err
	}
	first, _ := visual.SignatureOf(list[0].Latest.Analysis)
	ref := first.Reference()
	for _, a := range catalog.Visible(ctx, list) {
		if item, ok := compared(ref, a); ok {
			out.Items = append(out.Items, item)
		}
	}
	return out, nil
}

func (s *API) resolveDuplicates(ctx context.Context, in *body[similarity.Resolution]) (*body[similarity.Resolved],
	error) {
	done, err := s.Similarity.Resolve(ctx, requestOf(ctx).library, in.Body)
	if err != nil {
		return nil, err
	}
	done.Keep = seenBy(ctx, done.Keep)
	return &body[similarity.Resolved]{done}, nil
}
