// Package bleve implements the text index with Bleve: words, phrases, prefixes and typing errors over the texts of
// assets. It stores no texts and no columns; it stores the caller's cursor with the documents that it covers, or after
// them.
package bleve

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	index "github.com/blevesearch/bleve_index_api"
	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sync/errgroup"

	"vitrine/dam"
	"vitrine/search"
)

// Engine opens Bleve indexes. The zero value is ready to use.
type Engine struct{}

// Bleve's internal records beside the documents.
const (
	cursorKey = "vitrine.cursor"
	formatKey = "vitrine.format"
	// format changes with the fields and their analysis. An index of an earlier format that can be read answers, with
	// the words as they were analysed then, until another has been built beside it; one of any other is rebuilt.
	format = "4"
)

// formatsBefore are the earlier formats whose fields are those of today.
var formatsBefore = []string{"1", "2", "3"}

// settings returns the configuration of Bleve. Apply, not Bleve, waits until a batch is durable: when Bleve's own
// waiting fails, it closes a segment that its index still uses, and the next reader panics. Opening fails if another
// process has the files open, instead of waiting for ever. A query looks up words in every segment, so there are fewer
// segments than by default: five or six per 100,000 assets instead of twelve. Small batches are therefore merged more
// often, in the background.
func settings() map[string]any {
	return map[string]any{"unsafe_batch": true, "bolt_timeout": "2s", "asyncErrorCallbackName": errorCallback,
		"scorchMergePlanOptions": map[string]any{"MaxSegmentsPerTier": 3, "SegmentsPerMergeTask": 8,
			"FloorSegmentSize": 5000}}
}

// staticMapping indexes nothing by itself: documents provide analysed fields.
func staticMapping() mapping.IndexMapping {
	m := bleve.NewIndexMapping()
	m.DefaultMapping = bleve.NewDocumentDisabledMapping()
	m.IndexDynamic, m.StoreDynamic, m.DocValuesDynamic = false, false, false
	return m
}

// Open implements search.TextEngine.
func (Engine) Open(dir string) (search.Text, error) {
	guardOnce()
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		idx, err := bleve.NewUsing(dir, staticMapping(), scorch.Name, scorch.Name, settings())
		if err != nil {
			return nil, fmt.Errorf("creating a text index: %w", err)
		}
		t, err := newText(dir, idx)
		if err != nil {
			return nil, err
		}
		b := idx.NewBatch()
		b.SetInternal([]byte(formatKey), []byte(format))
		err = t.batch(b)
		if err == nil { // Bleve writes this file itself, readable by everybody
			err = os.Chmod(filepath.Join(dir, "index_meta.json"), 0o600)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("creating a text index: %w", err), t.Close())
		}
		return t, nil
	}
	idx, err := bleve.OpenUsing(dir, settings())
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, errors.Join(search.ErrInUse, err)
	}
	if errors.Is(err, syscall.EROFS) {
		readOnly := settings()
		readOnly["read_only"] = true
		if idx, err = bleve.OpenUsing(dir, readOnly); err == nil {
			return newReadOnly(dir, idx)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("opening a text index: %w", err)
	}
	got, err := idx.GetInternal([]byte(formatKey))
	if err == nil && string(got) != format && !slices.Contains(formatsBefore, string(got)) {
		err = fmt.Errorf("the text index has format %q, this server writes %q", got, format)
	}
	if err != nil {
		return nil, errors.Join(err, idx.Close())
	}
	t, err := newText(dir, idx)
	if err == nil {
		t.outdated = string(got) != format
	}
	return t, err
}

type text struct {
	dir string
	idx bleve.Index
	adv index.Index

	numbers numberCache
	watch   *watch
	// readOnly means that the volume could not be written when the index was opened.
	readOnly bool
	outdated bool
}

// Outdated implements search.Text.
func (t *text) Outdated() bool { return t.outdated }

func newText(dir string, idx bleve.Index) (*text, error) {
	adv, err := idx.Advanced()
	if err != nil {
		return nil, errors.Join(err, idx.Close())
	}
	return &text{dir: dir, idx: idx, adv: adv, watch: watching(storeDir(dir))}, nil
}

func newReadOnly(dir string, idx bleve.Index) (*text, error) {
	t, err := newText(dir, idx)
	if err == nil {
		t.readOnly = true
	}
	return t, err
}

func storeDir(dir string) string { return filepath.Join(dir, "store") }

func (t *text) Cursor() (search.Cursor, error) {
	var c search.Cursor
	b, err := t.idx.GetInternal([]byte(cursorKey))
	if err != nil || b == nil {
		return c, err
	}
	return c, json.Unmarshal(b, &c)
}

func (t *text) Apply(_ context.Context, in search.TextBatch) error {
	if t.readOnly {
		return errReadOnly
	}
	c, err := json.Marshal(in.Cursor)
	if err != nil {
		return err
	}
	// Bleve builds a segment in one goroutine, so a large batch is split to build several at once.
	if parts := min(runtime.GOMAXPROCS(0), len(in.Put)/leastPart); parts > 1 {
		var g errgroup.Group
		for part := range slices.Chunk(in.Put, (len(in.Put)+parts-1)/parts) {
			g.Go(func() error {
				return dam.Protect("the text index", func() error { return t.put(part, nil, nil) })
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		in.Put = nil
	}
	return t.put(in.Put, in.Remove, c)
}

// leastPart is the minimum number of assets for a segment of their own.
const leastPart = 1000

// put writes assets, removals and, unless it is nil, the cursor atomically.
func (t *text) put(assets []search.TextDoc, removed []uint32, cursor []byte) error {
	b := t.idx.NewBatch()
	for i := range assets {
		if err := b.IndexAdvanced(newDocument(&assets[i])); err != nil {
			return fmt.Errorf("indexing asset %d: %w", assets[i].Number, err)
		}
	}
	for _, n := range removed {
		b.Delete(docID(n))
	}
	if cursor != nil {
		b.SetInternal([]byte(cursorKey), cursor)
	}
	if err := t.batch(b); err != nil {
		return fmt.Errorf("writing to the text index: %w", err)
	}
	return nil
}

// batch returns when the batch is durable, or can't be made durable for now.
func (t *text) batch(b *bleve.Batch) error {
	failed, forget := t.watch.failures()
	defer forget()
	written := make(chan error, 1)
	b.SetPersistedCallback(func(err error) { written <- err })
	if err := t.idx.Batch(b); err != nil {
		return err
	}
	select {
	case err := <-written:
		return err
	case err := <-failed:
		return err
	case <-t.watch.dead:
		return errDead
	case <-t.watch.ended:
		return errClosed
	}
}

func (t *text) Snapshot() (search.TextSnapshot, error) {
	r, err := t.adv.Reader()
	if err != nil {
		return nil, fmt.Errorf("reading the text index: %w", err)
	}
	n, err := t.numbers.snapshot(r)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return &snapshot{reader: r, mapping: t.idx.Mapping(), numbers: n}, nil
}

// Check checks that the files still exist: memory maps hide their loss until the next write.
func (t *text) Check() error {
	select {
	case <-t.watch.dead:
		return errDead
	default:
	}
	for _, f := range []string{"index_meta.json", filepath.Join("store", "root.bolt")} {
		if _, err := os.Stat(filepath.Join(t.dir, f)); err != nil {
			return fmt.Errorf("the text index is damaged: %w", err)
		}
	}
	return nil
}

func (t *text) Close() error {
	t.watch.end()
	return t.idx.Close()
}

// docID returns the number as four bytes, so that ids sort and stay short.
func docID(n uint32) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	return string(b[:])
}

func numberOf(id []byte) (uint32, error) {
	if len(id) != 4 {
		return 0, fmt.Errorf("the text index holds an id of %d bytes", len(id))
	}
	return binary.BigEndian.Uint32(id), nil
}
