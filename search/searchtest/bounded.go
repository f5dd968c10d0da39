package searchtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"vitrine/dam"
	"vitrine/search"
)

// countdown is a context that ends when it has been asked so often.
type countdown struct {
	context.Context
	left atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return c.Context.Err()
}

// bounded: a query that stands for a great many words looks whether it is still wanted
// while it goes through them.
func bounded(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 31)
	const assets, each = 20, 1000
	for i := range assets {
		var words strings.Builder
		for k := range each {
			fmt.Fprintf(&words, "quasar%d ", i*each+k)
		}
		w.next++
		a := Asset(w.r, w.next)
		a.Library, a.DeletedAt, a.Description = dam.DefaultLibrary, nil, dam.Text{"en": words.String()}
		w.cat.Put(a)
	}
	w.open()
	w.caughtUp()
	ask := func(ctx context.Context, q string, facets ...string) (search.Result, error) {
		return w.x.Query(ctx, search.Request{Library: dam.DefaultLibrary, Q: q, Facets: facets})
	}
	if r, err := ask(w.ctx(), "quasar*"); err != nil || r.Total != assets {
		t.Fatalf("all of them: %d %v", r.Total, err)
	}
	short := &countdown{Context: w.ctx()}
	short.left.Store(30) // far fewer times than there are hundreds of words
	if _, err := ask(short, "quasar*"); !errors.Is(err, context.Canceled) {
		t.Errorf("a query that nobody waits for any more went on: %v", err)
	}
	if _, err := ask(w.ctx(), "", slices.Repeat([]string{"tag"}, 51)...); dam.CodeOf(err) != dam.Invalid ||
		!strings.Contains(err.Error(), "facets") {
		t.Errorf("51 facets: %v", err)
	}
}
