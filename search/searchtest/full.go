package searchtest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/space/spacetest"
	"vitrine/search"
)

// Full tests an engine on a volume that fills up: the process lives, queries go on at
// the last state and say so, and the index follows again when there is room. The test
// that calls it must do nothing before.
func Full(t *testing.T, e search.TextEngine) {
	if !spacetest.Namespace(t) {
		return
	}
	rounds := int64(2)
	if os.Getenv("VITRINE_SOAK") != "" {
		rounds = 10
	}
	for round := range rounds {
		w := newWorld(t, e, uint64(60+round))
		w.dir = spacetest.Mount(t, 8<<20)
		w.change(150)
		w.open()
		w.caughtUp()
		spacetest.FillBut(t, w.dir, round*round*4<<10) // writing fails at another place each time
		w.frozen()
		w.stays(50)
		if round%2 == 1 { // a start while the volume is full
			w.close()
			w.open()
			w.until("the index answers", w.x.Ready)
			w.stays(20)
		}
		spacetest.Free(t, w.dir)
		w.caughtUp()
		w.until("the notice goes", func() bool { return w.x.Notice() == "" })
		w.compare(20)
		w.change(20)
		w.compare(5)
		w.close()
	}
}

// ReadOnly tests an engine that starts on a volume that takes no writing.
func ReadOnly(t *testing.T, e search.TextEngine) {
	if !spacetest.Namespace(t) {
		return
	}
	w := newWorld(t, e, 70)
	w.dir = spacetest.Mount(t, 32<<20)
	w.change(150)
	w.open()
	w.caughtUp()
	w.close()
	spacetest.ReadOnly(t, w.dir, true)
	w.open()
	w.until("the index answers", w.x.Ready)
	w.compare(10)
	w.change(20)
	w.until("the index says that it doesn't follow", func() bool { return w.x.Notice() != "" })
	w.stays(0)
	spacetest.ReadOnly(t, w.dir, false)
	w.caughtUp()
	w.until("the notice goes", func() bool { return w.x.Notice() == "" })
	w.compare(20)
}

// frozen changes the catalogue until the index can't follow any more.
func (w *world) frozen() {
	w.t.Helper()
	w.until("the index says that it doesn't follow", func() bool {
		if w.x.Notice() == "" {
			w.change(20)
			time.Sleep(time.Millisecond)
		}
		return w.x.Notice() != ""
	})
}

// stays asks a frozen index while the catalogue changes.
func (w *world) stays(changes int) {
	w.t.Helper()
	w.change(changes)
	for _, q := range []string{"robe -hiver", "", "type:image"} {
		// A block that becomes free may let the index follow for a moment.
		w.until("a query tells of the older state", func() bool {
			w.change(2)
			found, err := w.x.Query(w.ctx(), search.Request{Library: "main", Q: q, WaitSeq: w.head(), Frozen: true})
			if err != nil {
				w.t.Fatalf("%q on a frozen index: %v", q, err)
			}
			return found.Notice != ""
		})
		w.until("a query that needs the newest state is refused", func() bool {
			w.change(2)
			_, err := w.x.Query(w.ctx(), search.Request{Library: "main", Q: q, WaitSeq: w.head()})
			if err != nil && dam.CodeOf(err) != dam.Unavailable {
				w.t.Fatalf("%q on a frozen index: %v", q, err)
			}
			return err != nil
		})
	}
}

// FullText tests the text index alone on a full volume: it refuses batch after batch,
// and takes them when there is room.
func FullText(t *testing.T, e search.TextEngine) {
	if !spacetest.Namespace(t) {
		return
	}
	for round := range int64(1) {
		w := newWorld(t, e, uint64(80+round))
		w.dir = spacetest.Mount(t, 4<<20)
		text, err := e.Open(filepath.Join(w.dir, "text"))
		if err != nil {
			t.Fatal(err)
		}
		spacetest.FillBut(t, w.dir, round*16<<10)
		refused := 0
		apply := func(from uint32) error {
			b := search.TextBatch{Cursor: search.Cursor{Seq: int64(from)}}
			for n := from; n < from+40; n++ {
				b.Put = append(b.Put, search.TextDoc{Number: n, Parts: []search.TextPart{{Text: sentence(w.r, 30)},
					{Text: "everywhere"}}})
			}
			return text.Apply(t.Context(), b)
		}
		for n := range uint32(3) {
			if apply(1+n*40) != nil {
				refused++
			}
		}
		if refused == 0 {
			t.Fatal("a full volume took every batch")
		}
		spacetest.Free(t, w.dir)
		for n := range uint32(20) {
			if err := apply(1 + n*40); err != nil {
				t.Fatalf("round %d: there is room again: %v", round, err)
			}
		}
		s, err := text.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		hits, err := s.Match(t.Context(), &search.Words{Terms: []string{"everywhere"}, Quoted: true}, false)
		if err != nil || len(hits.Numbers) != 800 {
			t.Errorf("round %d: %d of 800 documents, %v", round, len(hits.Numbers), err)
		}
		if err := errors.Join(s.Close(), text.Close()); err != nil {
			t.Error(err)
		}
	}
}
