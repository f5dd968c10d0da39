package searchtest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/search"
)

// jammed is an engine whose first index, once told to, never finishes a batch again: what
// a text index does whose background work has died.
type jammed struct {
	search.TextEngine
	jam    chan struct{}
	opened atomic.Int32
}

func (j *jammed) Open(dir string) (search.Text, error) {
	t, err := j.TextEngine.Open(dir)
	if err != nil || j.opened.Add(1) > 1 {
		return t, err
	}
	return &jammedText{t, j.jam, make(chan struct{})}, nil
}

type jammedText struct {
	search.Text
	jam, end chan struct{}
}

func (t *jammedText) Apply(ctx context.Context, b search.TextBatch) error {
	select {
	case <-t.jam:
		<-t.end // whatever ctx says
		return ctx.Err()
	default:
		return t.Text.Apply(ctx, b)
	}
}

func (t *jammedText) Close() error {
	close(t.end)
	return t.Text.Close()
}

// stuck: the watchdog replaces a text index that does not finish; queries go on, and
// edits are found again, by words too.
func stuck(t *testing.T, e search.TextEngine) {
	j := &jammed{TextEngine: e, jam: make(chan struct{})}
	w := newWorld(t, j, 36)
	w.patience = 500 * time.Millisecond
	w.change(200)
	w.open()
	w.caughtUp()
	close(j.jam)
	w.change(20)
	w.until("the index has been replaced", func() bool {
		if _, err := w.x.Query(w.ctx(), search.Request{Library: "main", Q: "robe -hiver"}); err != nil {
			t.Fatal("a query failed meanwhile:", err)
		}
		return j.opened.Load() > 1 && !w.x.Rebuilding() && w.x.Seq() >= w.head()
	})
	w.compare(50)
	w.change(20)
	w.compare(20)
}
