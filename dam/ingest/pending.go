package ingest

import (
	"context"
	"os"
	"strings"
	"sync"

	"github.com/dustin/go-humanize"
	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Unfinished bounds the resumable uploads that one principal has begun and not ended
// on this node, with those that wait for a choice; 0 is no limit.
type Unfinished struct {
	Number int
	Size   int64 // bytes, as announced
}

// pending counts them. Each node counts its own: the bytes lie on its disk.
type pending struct {
	limit   *Unfinished
	problem func(error) error
	mu      sync.Mutex
	uploads map[string]begun // by upload
}

type begun struct {
	owner string
	size  int64
}

// of returns how many uploads a principal has, and their bytes. The caller holds mu.
func (p *pending) of(owner string) (number int, size int64) {
	for _, b := range p.uploads {
		if b.owner == owner {
			number, size = number+1, size+b.size
		}
	}
	return number, size
}

// reserve counts an upload, or refuses it.
func (p *pending) reserve(id string, b begun) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	number, size := p.of(b.owner)
	if n := p.limit.Number; n > 0 && number >= n {
		return p.problem(&dam.Error{Code: dam.Limited, Reason: reasons.TooManyUnfinishedUploads(number)})
	}
	if n := p.limit.Size; n > 0 && b.size > n-size {
		return p.problem(&dam.Error{Code: dam.TooLarge, Field: "Upload-Length",
			Reason: reasons.UnfinishedUploadsTooLarge(humanize.IBytes(uint64(n)))})
	}
	if p.uploads == nil {
		p.uploads = map[string]begun{}
	}
	p.uploads[id] = b
	return nil
}

func (p *pending) release(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.uploads, id)
}

// Pending returns how many uploads a principal has begun on this node and not ended, and their bytes.
func (t *Tus) Pending(owner string) (number int, size int64) {
	t.store.pending.mu.Lock()
	defer t.store.pending.mu.Unlock()
	return t.store.pending.of(owner)
}

// count takes in what an earlier process has left.
func (t *Tus) count() error {
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return err
	}
	p := t.store.pending
	p.uploads = map[string]begun{}
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".info")
		if !ok {
			continue
		}
		if info, err := t.anyInfo(context.Background(), id); err == nil { // one that can't be read is nobody's
			p.uploads[id] = begun{info.MetaData["actor"], info.Size}
		}
	}
	return nil
}

// pendingStore is the store of files that counts what is begun and ended.
type pendingStore struct {
	filestore.FileStore
	pending *pending
}

// NewUpload implements handler.DataStore.
func (s pendingStore) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	if err := s.pending.reserve(info.ID, begun{info.MetaData["actor"], info.Size}); err != nil {
		return nil, err
	}
	up, err := s.FileStore.NewUpload(ctx, info)
	if err != nil {
		s.pending.release(info.ID)
	}
	return up, err
}

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (s pendingStore) AsTerminatableUpload(up handler.Upload) handler.TerminatableUpload {
	return ending{s.FileStore.AsTerminatableUpload(up), up, s.pending}
}

type ending struct {
	handler.TerminatableUpload
	upload  handler.Upload
	pending *pending
}

// Terminate implements handler.TerminatableUpload.
func (e ending) Terminate(ctx context.Context) error {
	info, err := e.upload.GetInfo(ctx)
	if err != nil {
		return err
	}
	if err := e.TerminatableUpload.Terminate(ctx); err != nil {
		return err
	}
	e.pending.release(info.ID)
	return nil
}
