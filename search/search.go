// Package search finds assets: text in a text index, everything else in memory
// columns, one query language over both. It is a projection of the catalogue's
// log and can be deleted at any time: it is rebuilt.
//
//	          Source (catalogue)
//	                │ changes, in order
//	             follower ──► Text (durable, with its cursor) ──► columns ──► publish
//	                                                                            │
//	q ──► parse ──► tree ──► evaluate on one published state ──► sort ──► page ◄┘
package search

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Source is what the projection reads: the catalogue.
type Source interface {
	// Head is the newest seq of the log.
	Head(ctx context.Context) (int64, error)
	// EpochOf is the id of the log's present epoch: in another one a seq stands for something else.
	EpochOf(ctx context.Context) (string, error)
	// Changed reads at most limit events after a seq and returns the distinct ids of the
	// assets they touched, the numbers of those that were purged or erased, and the seq of
	// the last event read (after itself when there was none). dam.Gone: the log no longer
	// reaches back to after.
	Changed(ctx context.Context, after int64, limit int) (assets []string, removed []uint32, upto int64, err error)
	// Assets returns the current state; ids that no longer exist are simply absent.
	Assets(ctx context.Context, ids []string) ([]dam.Asset, error)
	// Scan returns assets of all libraries by number, starting behind afterNumber, with those
	// in the bin. Numbers start at 1. Fewer than limit means the end.
	Scan(ctx context.Context, afterNumber uint32, limit int) ([]dam.Asset, error)
	// LastNumber is the highest number of an asset, 0 without any: progress is told by it.
	LastNumber(ctx context.Context) (uint32, error)
	// Fields returns the metadata fields that libraries have added, at least as new as what
	// Changed has just returned.
	Fields(ctx context.Context) (map[string][]dam.CustomField, error)
	// SynonymRevisions returns the revisions of the libraries that have synonyms, at least
	// as new as what Changed has just returned, and Synonyms those of one library.
	SynonymRevisions(ctx context.Context) (map[string]int64, error)
	Synonyms(ctx context.Context, library string) (dam.Synonyms, error)
	// WithField returns assets of a library that hold (or may hold) something under a
	// custom key, by number, starting behind afterNumber. Fewer than limit means the end.
	WithField(ctx context.Context, library, key string, afterNumber uint32, limit int) ([]dam.Asset, error)
	// Wait returns when the head is behind after no longer (head > after), after a poll
	// interval, or when ctx is done.
	Wait(ctx context.Context, after int64) error
}

// Request is a search. Everything given must hold.
type Request struct {
	Library string // required; nothing of another library is ever returned or counted
	Q       string // query language, see docs/search.md
	Status  []string
	Kind    []string
	// Collection is an id.
	Collection string
	// Bin searches the bin instead of everything outside it.
	Bin bool
	// Sort is a name from Index.Sorts, "-" in front for descending. "" is relevance
	// when Q has words, else -created.
	Sort string
	// Limit is the page size, 50 when 0, at most 1000.
	Limit int
	// After is Result.Next of the previous page. Offset skips that many more.
	After  string
	Offset int
	// WaitSeq waits until the index has reached the seq: what was written there is found.
	// It waits until ctx ends, 10 seconds when ctx has no deadline.
	WaitSeq int64
	// Frozen takes an older state, at once, when the index doesn't follow the catalogue for now (Result.Notice).
	Frozen bool
	// AnyDay leaves the days of rights out of is:live and live:, for rules: what they plan waits for its day by itself.
	AnyDay bool
	// Zone is the library's, in which the dates of Q are days. nil is UTC.
	Zone *time.Location
	// Facets names fields to count values of; FacetLimit is how many per field, 20 when 0.
	// After a colon: "tag:nature" counts what is right below a branch ("tag:/" the
	// topmost), "taken:year" (month, day) how dates are grouped, "place:6" the zoom of a
	// map (0 to 20): the world is 2^zoom cells wide.
	Facets     []string
	FacetLimit int
	// Numbers, when not nil, are the only assets looked at: "which of these match".
	Numbers []uint32
	// Exact never forgives typing errors: for work on "all that was found".
	Exact bool
	// Resolve turns a written name into ids for collection: and uploader:, see Env.
	Resolve func(field, value string) []string
}

// Result is one page.
type Result struct {
	IDs     []string
	Numbers []uint32
	// Total counts all that was found, exactly.
	Total int
	// Next continues behind this page; "" at the end.
	Next string
	// Seq is the log position the answer reflects.
	Seq int64
	// Facets counts values per field asked for, most frequent first. What was asked of a
	// field itself does not narrow its own counts.
	Facets map[string][]FacetCount
	// Fuzzy: nothing matched exactly, so one typing error per word was forgiven.
	Fuzzy bool
	// Suggestion is a query like Q that finds something, when Q itself does not.
	Suggestion string
	// Rebuilding: the text index is being rebuilt, so words may find too little.
	Rebuilding bool
	// Notice says that the index doesn't follow the catalogue for now; "" while it does.
	Notice string
}

const (
	defaultLimit  = 50
	maxLimit      = 1000
	defaultFacets = 20
)

// Query answers a search as far as the actor of ctx (dam.ActorOf) may see. Errors: *SyntaxError (dam.Invalid) for a
// mistake in Q, dam.Invalid for other fields, dam.Unavailable when the index is not ready, or
// not as far as WaitSeq, before ctx ends.
func (x *Index) Query(ctx context.Context, r Request) (Result, error) {
	switch {
	case r.Library == "":
		return Result{}, dam.InvalidInput("library", reasons.SearchNeedsLibrary())
	case r.Limit < 0 || r.Limit > maxLimit:
		return Result{}, dam.InvalidInput("limit", reasons.PageSizeRange())
	case r.Offset < 0:
		return Result{}, dam.InvalidInput("offset", reasons.OffsetNegative())
	case r.FacetLimit < 0 || r.FacetLimit > maxLimit:
		return Result{}, dam.InvalidInput("facet_limit", reasons.ValuesNumberRange())
	}
	if r.Limit == 0 {
		r.Limit = defaultLimit
	}
	if r.FacetLimit == 0 {
		r.FacetLimit = defaultFacets
	}
	st, err := x.acquire(ctx, r.WaitSeq, r.Frozen)
	if err != nil {
		return Result{}, err
	}
	defer st.text.release()
	tree, err := x.read(st.schema, &r)
	if err != nil {
		return Result{}, err
	}
	order, err := st.schema.sorting(r.Library, r.Sort, hasWords(tree) || hasSimilar(tree))
	if err != nil {
		return Result{}, err
	}
	after, err := decodeCursor(r.After, order)
	if err != nil {
		return Result{}, err
	}
	e := &evaluation{ctx: ctx, schema: st.schema, view: st.view, text: st.text.snapshot, scored: order.relevance}
	defer e.release()
	sel, err := e.selection(tree, &r)
	if err != nil {
		return Result{}, err
	}
	res := Result{Seq: st.seq, Rebuilding: st.rebuilding, Notice: x.Notice()}
	if sel.found.IsEmpty() {
		if sel, err = e.forgive(tree, &r, sel, &res); err != nil {
			return Result{}, err
		}
	}
	found := sel.found
	res.Total = int(found.GetCardinality())
	if res.Facets, err = e.facets(sel, &r); err != nil {
		return Result{}, err
	}
	res.Numbers, res.Next = e.page(found, order, after, r.Offset, r.Limit)
	res.IDs = make([]string, len(res.Numbers))
	for i, n := range res.Numbers {
		res.IDs[i] = st.view.String(stringID, n)
	}
	return res, nil
}

// hasWords reports whether the tree asks for words that must be there.
func hasWords(n Node) bool {
	switch n := n.(type) {
	case *Words:
		return true
	case And:
		for _, c := range n {
			if hasWords(c) {
				return true
			}
		}
	case Or:
		for _, c := range n {
			if hasWords(c) {
				return true
			}
		}
	}
	return false
}
