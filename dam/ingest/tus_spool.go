package ingest

import (
	"context"
	"errors"
	"io"

	"github.com/tus/tusd/v2/pkg/handler"
)

// tusSpool is the folder of unfinished uploads with errors as the API words them:
// the library sends an unknown error's text, paths and all.
type tusSpool struct {
	pendingStore
	t *Tus
}

func (s tusSpool) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	up, err := s.pendingStore.NewUpload(ctx, info)
	if err != nil {
		return nil, s.problem(err)
	}
	return tusUpload{up, s}, nil
}

func (s tusSpool) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	up, err := s.pendingStore.GetUpload(ctx, id)
	if err != nil {
		return nil, s.problem(err)
	}
	return tusUpload{up, s}, nil
}

func (s tusSpool) AsTerminatableUpload(up handler.Upload) handler.TerminatableUpload {
	if own, ok := up.(tusUpload); ok {
		up = own.Upload
	}
	return s.pendingStore.AsTerminatableUpload(up)
}

func (s tusSpool) problem(err error) error {
	if errors.As(err, new(handler.Error)) {
		return err
	}
	s.t.s.Log.Warn("upload spool", "err", err)
	return s.t.httpError(spoolError(err))
}

type tusUpload struct {
	handler.Upload
	spool tusSpool
}

// WriteChunk stops while there is still room for the database; the sender goes on
// from there later.
func (u tusUpload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	if err := u.spool.t.s.CheckRoom(0); err != nil {
		return 0, u.spool.t.httpError(err)
	}
	var n int64
	for {
		more, err := u.Upload.WriteChunk(ctx, offset+n, io.LimitReader(src, checkEvery))
		n += more
		if err != nil {
			return n, u.spool.problem(err)
		}
		if more < checkEvery {
			return n, nil
		}
		if err := u.spool.t.s.CheckRoom(0); err != nil {
			return n, u.spool.t.httpError(err)
		}
	}
}
