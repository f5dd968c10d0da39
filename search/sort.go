package search

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search/columns"
)

// byPosition sorts by Request.Order.
const byPosition = "position"

// sorting is a resolved sort order. It has title, relevance or positions, or else a col.
type sorting struct {
	name      string // as in the request, normalized: "-created"
	desc      bool
	title     bool
	keyword   bool
	relevance bool
	positions map[uint32]int64
	col       int
}

// sorts lists the names that Request.Sort accepts in a library; each but relevance may have "-" in front.
func (s *schema) sorts(library string) []string {
	out := []string{"relevance", "title"}
	for _, f := range s.all(library) {
		if f.number != nil || f.library != "" {
			out = append(append(out, f.Name), f.Aliases...)
		}
	}
	return out
}

func (s *schema) sorting(r *Request, words bool) (sorting, error) {
	library, name := r.Library, r.Sort
	if name == "" || name == "relevance" && !words {
		if name = "-created"; words {
			name = "relevance"
		}
	}
	o := sorting{name: name}
	field, desc := strings.CutPrefix(name, "-")
	o.desc = desc
	switch f := s.lookup(library, field); {
	case name == "relevance":
		o.relevance, o.desc = true, true
	case field == byPosition && r.Order != nil:
		o.positions = make(map[uint32]int64, len(r.Order))
		for i, n := range r.Order {
			o.positions[n] = int64(i)
		}
	case field == "title":
		o.title = true
	case f != nil && f.number != nil:
		o.col = f.col
	case f != nil && f.library != "":
		o.col, o.keyword = f.col, true
	default:
		return o, dam.InvalidInput("sort", reasons.CannotSortBy(name, strings.Join(s.sorts(library), ", ")))
	}
	return o, nil
}

// cursor is the content of a page cursor: the last entry of a page.
type cursor struct {
	Sort   string `json:"s"`
	Key    int64  `json:"k,omitempty"`
	Text   string `json:"t,omitempty"`
	Number uint32 `json:"n"`
}

func (p cursor) encode() string {
	b, _ := json.Marshal(p) // marshalling a struct of plain values never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeCursor(s string, sort sorting) (*cursor, error) {
	if s == "" {
		return nil, nil
	}
	var p cursor
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	if err != nil {
		return nil, dam.InvalidInput("after", reasons.NotAPageCursor())
	}
	if p.Sort != sort.name {
		return nil, dam.InvalidInput("after", reasons.CursorOfOtherSort())
	}
	return &p, nil
}

// page returns the numbers of one page, and the cursor after it: "" on the last page.
func (e *evaluation) page(found *columns.Set, s sorting, after *cursor, skip, limit int) ([]uint32, string) {
	if s.title || s.keyword {
		key := e.view.StringKey(stringTitle, s.desc)
		if s.keyword {
			key = e.view.KeywordKey(s.col, s.desc)
		}
		var from *columns.Entry[string]
		if after != nil {
			from = &columns.Entry[string]{Key: after.Text, Number: after.Number}
		}
		list := columns.Top(found, key, s.desc, from, skip, limit+1)
		return cut(list, limit, func(l columns.Entry[string]) cursor {
			return cursor{Sort: s.name, Text: l.Key, Number: l.Number}
		})
	}
	var from *columns.Entry[int64]
	if after != nil {
		from = &columns.Entry[int64]{Key: after.Key, Number: after.Number}
	}
	var list []columns.Entry[int64]
	switch {
	case s.relevance:
		list = columns.Top(found, e.rank, s.desc, from, skip, limit+1)
	case s.positions != nil:
		list = columns.Top(found, s.position, s.desc, from, skip, limit+1)
	default:
		list = e.view.TopNumbers(s.col, found, s.desc, from, skip, limit+1)
	}
	return cut(list, limit, func(l columns.Entry[int64]) cursor {
		return cursor{Sort: s.name, Key: l.Key, Number: l.Number}
	})
}

// rank returns the sort key of an asset by relevance.
func (e *evaluation) rank(n uint32) int64 {
	if int(n) < len(e.scores) {
		return int64(math.Float32bits(e.scores[n])) // scores are not negative, so their bits sort in the same order
	}
	return 0
}

// position returns the sort key of an asset in an order that people gave.
func (s sorting) position(n uint32) int64 {
	if at, ok := s.positions[n]; ok {
		return at
	}
	if s.desc {
		return -1
	}
	return math.MaxInt64
}

// cut removes the extra entry that shows whether there is a next page.
func cut[K cmp.Ordered](list []columns.Entry[K], limit int, at func(columns.Entry[K]) cursor) ([]uint32, string) {
	next := ""
	if len(list) > limit {
		list = list[:limit]
		next = at(list[limit-1]).encode()
	}
	numbers := make([]uint32, len(list))
	for i, l := range list {
		numbers[i] = l.Number
	}
	return numbers, next
}
