package bleve

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"
)

// Bleve writes its files in goroutines of its own. On a full disk its segment format panics in some of them, which ends
// the process, and its loops retry without a pause. The code here turns the panics into errors and slows the loops
// down.

var (
	errDead     = errors.New("the text index stopped writing")
	errClosed   = errors.New("the text index is closed")
	errReadOnly = errors.New("the text index is on a read-only volume")
)

const (
	errorCallback = "vitrine"
	firstPause    = 50 * time.Millisecond
	longestPause  = 2 * time.Second
)

// guardOnce registers the guarded format and the callback with Bleve, which keeps both in package variables.
var guardOnce = sync.OnceFunc(func() {
	scorch.RegisterSegmentPlugin(&format17{}, true)
	scorch.RegistryAsyncErrorCallbacks[errorCallback] = func(err error, path string) {
		if w, ok := watched.Load(path); ok {
			w.(*watch).failed(err)
			return
		}
		time.Sleep(firstPause) // it is just being opened or closed
	}
})

// watched holds the open indexes by their folder, which is all that the callback is given.
var watched sync.Map

// watch is the state of the background work of one index.
type watch struct {
	path  string
	dead  chan struct{} // closed when a loop of the index has panicked
	ended chan struct{} // closed when the index is being closed

	mu     sync.Mutex
	last   time.Time
	pause  time.Duration
	isDead bool
	once   sync.Once
	waits  map[chan error]bool // of batches that are not durable yet
}

func watching(path string) *watch {
	w := &watch{path: path, dead: make(chan struct{}), ended: make(chan struct{}), waits: map[chan error]bool{}}
	watched.Store(path, w)
	return w
}

// failed is called by a loop of the index, which retries when it returns.
func (w *watch) failed(err error) {
	w.mu.Lock()
	if e := new(scorch.ScorchError); errors.As(err, &e) && e.Source == "persister" {
		for c := range w.waits {
			select {
			case c <- err:
			default: // already reported
			}
		}
	}
	if errors.Is(err, scorch.ErrAsyncPanic) && !w.isDead {
		w.isDead = true
		close(w.dead)
	}
	if w.pause = min(max(2*w.pause, firstPause), longestPause); time.Since(w.last) > 5*longestPause {
		w.pause = firstPause
	}
	pause := w.pause
	w.last = time.Now()
	w.mu.Unlock()
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-w.ended:
	}
}

// failures returns a channel of the write errors from now on, until forget is called.
func (w *watch) failures() (failed <-chan error, forget func()) {
	c := make(chan error, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits[c] = true
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waits, c)
	}
}

func (w *watch) end() {
	w.once.Do(func() { close(w.ended) })
	watched.CompareAndDelete(w.path, w)
}

// survive turns a panic into an error.
func survive(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v", v)
	}
}

// format17 is Bleve's newest segment format.
type format17 struct{ zap.ZapPlugin }

// Merge implements scorch.SegmentPlugin.
func (p *format17) Merge(segments []segment.Segment, drops []*roaring.Bitmap, path string, closeCh chan struct{},
	s segment.StatsReporter) ([][]uint64, uint64, error) {
	return p.MergeUsing(segments, drops, path, closeCh, s, nil)
}

// MergeUsing implements scorch.SegmentPlugin. It runs in goroutines without a recover.
func (p *format17) MergeUsing(segments []segment.Segment, drops []*roaring.Bitmap, path string, closeCh chan struct{},
	s segment.StatsReporter, config map[string]any) (numbers [][]uint64, n uint64, err error) {
	defer func() {
		if v := recover(); v != nil {
			numbers, n, err = nil, 0, errors.Join(fmt.Errorf("merging segments: panic: %v", v), os.Remove(path))
		}
	}()
	return p.ZapPlugin.MergeUsing(segments, drops, path, closeCh, s, config)
}

// OpenUsing implements scorch.SegmentPlugin.
func (p *format17) OpenUsing(path string, config map[string]any) (s segment.Segment, err error) {
	defer survive(&err)
	return p.ZapPlugin.OpenUsing(path, config)
}

// Open implements scorch.SegmentPlugin.
func (p *format17) Open(path string) (segment.Segment, error) { return p.OpenUsing(path, nil) }
