package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vitrine/cmd/vitrine/cli"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/ingest"
	"vitrine/dam/integrity"
	"vitrine/storage"
)

// strays deals with objects that the catalogue doesn't know.
func (r *repairer) strays(ctx context.Context) error {
	if r.orphans == "" {
		return nil
	}
	remove := r.orphans == "remove" && r.sure && !r.sum.DryRun
	adopt := func(context.Context, storage.Info) (RepairLine, error) { return RepairLine{}, nil }
	if r.orphans == "adopt" && !r.sum.DryRun {
		a, err := r.adopter()
		if err != nil {
			return err
		}
		defer a.close()
		adopt = a.adopt
	}
	var bytes int64
	err := r.service.Orphans(ctx, func(info storage.Info) error {
		l := RepairLine{Action: Orphaned, Key: info.Key, Detail: cli.Bytes(info.Size)}
		bytes += info.Size
		var err error
		switch {
		case remove:
			var done bool
			if done, err = r.service.RemoveOrphan(ctx, info); done {
				l.Action = Removed
			}
		case r.orphans == "adopt" && !r.sum.DryRun && integrity.Original(info.Key):
			l, err = adopt(ctx, info)
		}
		if err == nil {
			r.print(l)
		}
		return err
	})
	if err == nil && r.orphans == "remove" && !r.sure && r.sum.Orphaned > 0 {
		r.unsure = !r.sum.DryRun
		r.status.Aside(func() {
			_, _ = fmt.Fprintf(r.diagnostics, "vitrine: %d objects, %s, would be deleted for good. An older "+
				"catalogue doesn't know what was stored after it: be sure that this\n  is the newest, or adopt them "+
				"instead. Add --yes to delete them.\n", r.sum.Orphaned, cli.Bytes(bytes))
		})
	}
	return err
}

// adopter makes draft assets of orphaned originals.
type adopter struct {
	*repairer
	uploads *ingest.Service
	close   func()
}

func (r *repairer) adopter() (*adopter, error) {
	// The server's own folder for work is emptied when it starts; this one is nobody else's.
	dir, remove, err := dam.TempDir(r.n.Data, server.AdoptPrefix)
	if err != nil {
		return nil, err
	}
	intake, end := r.n.Uploads(r.service.Store, r.queue, dir)
	return &adopter{repairer: r, uploads: intake, close: func() { _ = errors.Join(end(), remove()) }}, nil
}

func (a *adopter) adopt(ctx context.Context, info storage.Info) (RepairLine, error) {
	l := RepairLine{Action: Orphaned, Key: info.Key}
	o, err := a.n.Store.Open(ctx, info.Key)
	if err != nil {
		return l, err
	}
	defer func() { _ = o.Close() }()
	f, err := a.uploads.Spool(ctx, o)
	if err != nil {
		return l, err
	}
	defer func() { _ = f.Remove() }()
	want := storage.KeySHA256(info.Key)
	if f.SHA256 != want {
		l.Detail = "its bytes are not those that its name says; it is left as it is"
		return l, nil
	}
	name := "recovered-" + want[:12]
	made, err := a.uploads.Ingest(ctx, f, ingest.Upload{Library: a.library, FileName: name})
	var refused *ingest.RejectedError
	switch {
	case errors.As(err, new(*ingest.DuplicateError)): // a version has it, only the row was lost
		l.Action = Adopted
		return l, a.service.Claim(ctx, info.Key)
	case errors.As(err, &refused):
		l.Detail = refused.Reason.Text()
		return l, nil
	case err != nil:
		return l, err
	}
	l.Action, l.Assets = Adopted, []string{made.Asset.ID}
	return l, nil
}

// clean removes what unfinished writes left. A store that does not allow it is as whole as before.
func (r *repairer) clean(ctx context.Context) (err error) {
	r.sum.Cleaned, err = r.service.Clean(ctx, time.Now().Add(-integrity.LeftFor))
	n, e := server.RemoveTemp(r.n.Config)
	r.sum.Cleaned, err = r.sum.Cleaned+n, errors.Join(err, e)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	r.status.Aside(func() {
		_, _ = fmt.Fprintln(r.diagnostics, "vitrine: what unfinished writes left could not be removed:", err)
	})
	return nil
}
