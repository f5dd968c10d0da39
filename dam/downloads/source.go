package downloads

import (
	"context"
	"errors"
	"io"
	"sync"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// source is a file that is opened, or made, while those before it are sent.
type source struct {
	file  *dam.DownloadFile
	ready chan struct{} // closed when the members below are set
	first []byte        // the first block: a file that is unreadable from the beginning is not begun
	rest  storage.Object
	again func(ctx context.Context) (storage.Object, error)
	err   error
}

// openAhead is how many files are opened, or made, before their turn.
const openAhead = 4

// opening hands a file's bytes, or makes them.
type opening func(ctx context.Context, f *dam.DownloadFile) ([]byte, func(context.Context) (storage.Object, error),
	error)

// ahead opens files in their order, some before their turn, until ctx ends.
func ahead(ctx context.Context, files []*dam.DownloadFile, open opening) <-chan *source {
	out := make(chan *source, openAhead-1)
	go func() {
		defer close(out)
		_ = dam.Protect("opening the files of a download", func() error {
			for _, f := range files {
				src := &source{file: f, ready: make(chan struct{})}
				select {
				case out <- src:
				case <-ctx.Done():
					return ctx.Err()
				}
				go func() {
					defer close(src.ready)
					src.err = dam.Protect("reading a file of a download", func() error { return src.open(ctx, open) })
				}()
			}
			return nil
		})
	}()
	return out
}

func (s *source) open(ctx context.Context, open opening) (err error) {
	if s.first, s.again, err = open(ctx, s.file); err != nil || s.again == nil {
		return err
	}
	object, err := s.again(ctx)
	if err != nil {
		return err
	}
	s.first = make([]byte, min(storage.BlockSize, object.Info().Size))
	if _, err = io.ReadFull(object, s.first); err != nil {
		return errors.Join(err, object.Close())
	}
	s.rest = object
	return nil
}

func (s *source) close() {
	if <-s.ready; s.rest != nil {
		_ = s.rest.Close() // only read
		s.rest = nil
	}
}

// blocks are the buffers between reading and writing.
var blocks = sync.Pool{New: func() any { b := make([]byte, 2*storage.BlockSize); return &b }}

// block is what was read, or why nothing more is.
type block struct {
	lent *[]byte
	n    int
	err  error
}

// copy writes the file to w, at most limit bytes of it unless that is negative. It reads a block while it writes the
// one before. failed is why the file could not be read to its end; err is of w, or of check, which is called now and
// then.
func (s *source) copy(ctx context.Context, w io.Writer, limit int64, check func() error) (failed, err error) {
	first := s.first
	if limit >= 0 {
		first = first[:min(limit, int64(len(first)))]
	}
	if _, err := w.Write(first); err != nil || s.rest == nil ||
		int64(len(first)) == limit || int64(len(first)) == s.rest.Info().Size {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	read := make(chan block, 1)
	go func() {
		defer close(read)
		if err := dam.Protect("reading a file of a download", func() error {
			s.read(ctx, read, limit)
			return nil
		}); err != nil {
			read <- block{lent: blocks.Get().(*[]byte), err: err}
		}
	}()
	defer func() {
		cancel()
		for b := range read {
			blocks.Put(b.lent)
		}
	}()
	for b := range read {
		if b.n > 0 {
			_, err = w.Write((*b.lent)[:b.n])
		}
		blocks.Put(b.lent)
		if err == nil {
			err = check()
		}
		if err != nil || b.err != nil {
			return b.err, err
		}
	}
	return ctx.Err(), nil
}

// read reads what follows the first block. A store that fails once is asked once more.
func (s *source) read(ctx context.Context, out chan<- block, limit int64) {
	at, retried := int64(len(s.first)), false
	for {
		b := block{lent: blocks.Get().(*[]byte)}
		buffer := *b.lent
		if limit >= 0 {
			buffer = buffer[:min(int64(len(buffer)), limit-at)]
		}
		b.n, b.err = io.ReadFull(s.rest, buffer)
		at += int64(b.n)
		end := at == s.rest.Info().Size || at == limit
		if end {
			b.err = nil
		}
		lost := b.err != nil
		if lost && !retried && ctx.Err() == nil && !gone(b.err) {
			if o, err := s.again(ctx); err == nil {
				if _, err := o.Seek(at, io.SeekStart); err == nil {
					_ = s.rest.Close() // only read
					s.rest, retried, b.err, lost = o, true, nil, false
				}
			}
		}
		select {
		case out <- b:
		case <-ctx.Done():
			blocks.Put(b.lent)
			return
		}
		if end || lost {
			return
		}
	}
}

// gone reports whether an object is missing or damaged, which a retry does not mend.
func gone(err error) bool {
	return errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrNotFound)
}

// opener checks what the files' assets are now, for the context's actor, and returns how each is opened.
func (x *sending) opener(ctx context.Context, files []*dam.DownloadFile) (opening, error) {
	now, err := x.as(ctx, x.d.CreatedBy) // permissions may have been taken away meanwhile
	if err != nil {
		return nil, err
	}
	who := dam.ActorOf(now)
	if err := allowed(who, x.d); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var ids []string
	for _, f := range files {
		if !seen[f.Asset] {
			seen[f.Asset] = true
			ids = append(ids, f.Asset)
		}
	}
	list, err := x.Catalog.Assets().List(now, ids)
	if err != nil {
		return nil, err
	}
	assets := make(map[string]*dam.Asset, len(list))
	for _, a := range catalog.Visible(now, list) {
		if a.Library == x.d.Library && (a.DeletedAt == nil || x.d.Request.Filter.Bin) {
			assets[a.ID] = &a
		}
	}
	p, err := x.newPlan(now, x.d)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, f *dam.DownloadFile) ([]byte, func(context.Context) (storage.Object, error),
		error) {
		a, ok := assets[f.Asset]
		if !ok || (x.d.Request.Approved || !who.SeesUnapproved(a)) && a.Live != f.Version {
			return nil, nil, &dam.Error{Code: dam.NotFound, Reason: reasons.DownloadHiddenSince()}
		}
		if err := who.NeedOn(a, needs(f.Preset)); err != nil {
			return nil, nil, err
		}
		if f.Key != "" {
			return nil, func(ctx context.Context) (storage.Object, error) { return x.Store.Open(ctx, f.Key) }, nil
		}
		v, err := x.Catalog.Versions().Version(dam.WithActor(ctx, who), f.Version)
		if err != nil {
			return nil, nil, err
		}
		for _, k := range p.kinds {
			if k.name == f.Preset {
				b, err := x.Pictures.Picture(dam.WithActor(ctx, who), *a, v, k.preset)
				return b, nil, err
			}
		}
		return nil, nil, &dam.Error{Code: dam.Gone, Reason: reasons.DownloadWithoutRendition(f.Preset)}
	}, nil
}
