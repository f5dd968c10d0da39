// Package search finds assets with one query language over a text index and columns in memory, which hold everything
// that is not text. Both are a projection of the catalogue's log: they can be deleted at any time and are then rebuilt.
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

// Source is what the projection reads from: the catalogue.
type Source interface {
	// Head returns the newest seq of the log.
	Head(ctx context.Context) (int64, error)
	// EpochOf returns the id of the log's current epoch. In another epoch the same seq identifies another event.
	EpochOf(ctx context.Context) (string, error)
	// Changed reads at most limit events after a seq, and returns what they changed; Upto is after itself if there was
	// none. The error is dam.Gone if the log no longer reaches back to after.
	Changed(ctx context.Context, after int64, limit int) (dam.Touched, error)
	// Swept returns the ids of up to limit assets of a sweep behind its last one, in one order. A result of fewer than
	// limit is the last.
	Swept(ctx context.Context, s dam.Sweep, limit int) ([]string, error)
	// Assets returns the current state of assets; ids that no longer exist are left out.
	Assets(ctx context.Context, ids []string) ([]dam.Asset, error)
	// Scan returns assets of all libraries by number, starting after afterNumber and including the bin. Numbers start
	// at 1. A result of fewer than limit assets is the last.
	Scan(ctx context.Context, afterNumber uint32, limit int) ([]dam.Asset, error)
	// ScanColumns is Scan without the words of products, which no column holds.
	ScanColumns(ctx context.Context, afterNumber uint32, limit int) ([]dam.Asset, error)
	// LastNumber returns the highest number of an asset, 0 if there is none, for reporting progress.
	LastNumber(ctx context.Context) (uint32, error)
	// Fields returns the libraries' custom fields, at least as new as the last result of Changed.
	Fields(ctx context.Context) (map[string][]dam.CustomField, error)
	// SynonymRevisions returns the revisions of the libraries that have synonyms, at least as new as the last result of
	// Changed. Synonyms returns those of one library.
	SynonymRevisions(ctx context.Context) (map[string]int64, error)
	Synonyms(ctx context.Context, library string) (dam.Synonyms, error)
	// WithField returns assets of a library that have (or may have) a value under a custom key, by number, starting
	// after afterNumber. A result of fewer than limit assets is the last.
	WithField(ctx context.Context, library, key string, afterNumber uint32, limit int) ([]dam.Asset, error)
	// Wait returns when head > after, after a poll interval, or when ctx is done.
	Wait(ctx context.Context, after int64) error
}

// Request is a search. An asset must meet all of its conditions.
type Request struct {
	Library string // required; assets of other libraries are never returned or counted
	Q       string // query language, see docs/search.md
	Status  []string
	Kind    []string
	// Collection is the id of a collection; with "/*" behind it, everything below it counts too.
	Collection string
	// Bin searches the bin instead of everything outside it.
	Bin bool
	// Sort is one of Index.Sorts, with "-" in front for descending order. "" is relevance if Q has words, otherwise
	// -created.
	Sort string
	// Order is what the sort "position" goes by: the numbers of assets in the order that people gave a collection.
	// Assets that are not in it come last.
	Order []uint32
	// Limit is the page size: 50 if 0, at most 1000.
	Limit int
	// After is Result.Next of the previous page. Offset skips that many entries more.
	After  string
	Offset int
	// WaitSeq makes the query wait until the index has reached the seq, so that what was written there is found. It
	// waits until ctx ends, or 10 seconds if ctx has no deadline.
	WaitSeq int64
	// Frozen accepts an older state at once if the index doesn't follow the catalogue for now (Result.Notice).
	Frozen bool
	// AnyDay makes is:live and live: ignore the days of the rights. Rules use it: publications that they plan wait for
	// their day on their own.
	AnyDay bool
	// Own makes words of Q mean the texts of assets only, and not what the products say that show them.
	Own bool
	// Zone is the library's zone, in which the dates of Q are days. nil is UTC.
	Zone *time.Location
	// Facets names the fields whose values are counted; FacetLimit is how many values per field, 20 if 0. After a
	// colon: "tag:nature" counts the tags directly below a branch ("tag:/" the topmost), "taken:year" (month, day)
	// groups dates, and "place:6" is the zoom of a map (0 to 20): the world is 2^zoom cells wide.
	Facets     []string
	FacetLimit int
	// Numbers, if not nil, restricts the search to these assets: "which of these match".
	Numbers []uint32
	// Exact turns off tolerance for typing errors, for operations on everything that was found.
	Exact bool
	// Resolve turns a name into ids for channel: and uploader:, and Collections does for collection:, see Env.
	Resolve     func(field, value string) []string
	Collections func(written string) (list []Collection, known bool, err error)
}

// Result is one page of results.
type Result struct {
	IDs     []string
	Numbers []uint32
	// Total is the exact number of results.
	Total int
	// Next continues after this page; "" on the last page.
	Next string
	// Seq is the log position that the answer reflects.
	Seq int64
	// Facets has the counts of values per requested field, most frequent first. A field's own filters do not affect its
	// counts.
	Facets map[string][]FacetCount
	// Fuzzy means that nothing matched exactly, so one typing error per word was tolerated.
	Fuzzy bool
	// Suggestion is a query similar to Q that has results, if Q itself has none.
	Suggestion string
	// Rebuilding means that the text index is being rebuilt, so words may find too little.
	Rebuilding bool
	// Notice says that the index doesn't follow the catalogue for now; "" if it does.
	Notice string
}

const (
	defaultLimit  = 50
	maxLimit      = 1000
	defaultFacets = 20
)

// Query performs a search over what the actor of ctx (dam.ActorOf) may see. The errors are *SyntaxError (dam.Invalid)
// for a syntax error in Q, dam.Invalid for other fields, and dam.Unavailable if the index is not ready, or has not
// reached WaitSeq, before ctx ends.
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
	order, err := st.schema.sorting(&r, hasWords(tree) || hasSimilar(tree))
	if err != nil {
		return Result{}, err
	}
	after, err := decodeCursor(r.After, order)
	if err != nil {
		return Result{}, err
	}
	e := &evaluation{ctx: ctx, index: x, schema: st.schema, view: st.view, text: st.text.snapshot,
		scored: order.relevance}
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

// hasWords reports whether the tree requires words.
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
