package backup

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"

	"vitrine/dam/catalog"
	"vitrine/storage"
)

// copyObjects copies every object that the snapshot refers to into the backup and writes the generation's list.
func (w *run) copyObjects(ctx context.Context, snapshot *catalog.Catalog) error {
	var err error
	w.g.List, err = w.writeList(w.g, func(line func(catalog.Blob) error) error {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(workers)
		handle := func(b catalog.Blob) error {
			if ctx.Err() == nil {
				group.Go(func() error { return w.object(ctx, b, line) })
			}
			return ctx.Err()
		}
		err := each(ctx, snapshot.Conn, handle)
		if catalog.Corrupt(err) {
			w.g.CatalogDamage = append(w.g.CatalogDamage, "the list of objects ends early: "+err.Error())
			var list *listError
			after := ""
			if errors.As(err, &list) {
				after = list.after
			}
			err = w.rest(ctx, after, handle)
		}
		if e := group.Wait(); e != nil {
			return e // the first error; the loop's only says that it was stopped
		}
		return err
	})
	return err
}

// rest saves originals that a damaged catalogue doesn't list: their keys contain their hashes.
func (w *run) rest(ctx context.Context, after string, f func(catalog.Blob) error) error {
	for info, err := range w.src.Store.List(ctx, originalsPrefix) {
		if err != nil {
			return err
		}
		if sum := storage.KeySHA256(info.Key); sum != "" && info.Key > after {
			if err := f(catalog.Blob{Key: info.Key, SHA256: sum, Size: info.Size}); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeList writes a generation's list of objects. It calls fill with a function that adds a line, which may be called
// from several goroutines but not concurrently.
func (r *Repository) writeList(g *Generation, fill func(line func(catalog.Blob) error) error) (File, error) {
	g.Objects, g.Bytes = 0, 0
	return writeFile(r.root, g.dir, revised(listFile, g.Revision), r.key, func(to io.Writer) error {
		packed := gzip.NewWriter(to)
		e := json.NewEncoder(packed)
		if err := fill(func(b catalog.Blob) error {
			g.Objects++
			g.Bytes += b.Size
			return e.Encode(listed{b.Key, b.SHA256, b.Size})
		}); err != nil {
			return err
		}
		return packed.Close()
	})
}

// object copies one object into the backup. A failure of the object is recorded in the manifest; the returned error is
// one of the backup.
func (w *run) object(ctx context.Context, b catalog.Blob, line func(catalog.Blob) error) error {
	did, err := w.bring(ctx, b)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var gone bool
	if err != nil {
		if !own(err) {
			return targetError(b.Key, err)
		}
		if errors.Is(err, storage.ErrNotFound) {
			known, referenced, e := w.src.Catalog.Objects().BlobState(ctx, b.Key)
			gone = e == nil && known && !referenced || e == nil && !known && !unrecorded(ctx, w.src.Catalog, b)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unreadable++
	if !errors.Is(err, errSource) {
		w.unreadable = 0
	}
	if w.unreadable >= maxUnreadable {
		if e := w.src.Store.Check(ctx); e != nil {
			return fmt.Errorf("the store has failed: %w", e)
		}
		w.unreadable = 0
	}
	w.progress.Done++
	switch did {
	case copied, healed:
		w.progress.Copied++
		w.progress.Bytes += b.Size
		if did == healed {
			w.out.Healed = append(w.out.Healed, b.Key)
		}
	case checked:
		w.progress.Checked++
	}
	w.out.Copied, w.out.CopiedBytes, w.out.Checked = w.progress.Copied, w.progress.Bytes, w.progress.Checked
	if w.o.Progress != nil {
		w.o.Progress(w.progress)
	}
	if gone {
		w.g.Gone = append(w.g.Gone, b.Key)
		return nil
	}
	if err != nil {
		w.g.Lost = append(w.g.Lost, classify(b.Key, err))
	}
	return line(b)
}

// unrecorded reports whether a version still refers to an original that has no row.
func unrecorded(ctx context.Context, cat *catalog.Catalog, b catalog.Blob) bool {
	if storage.KeySHA256(b.Key) == "" {
		return false
	}
	n, err := cat.Versions().VersionsOf(ctx, b.SHA256)
	return err != nil || n > 0
}

// targetError returns an error that says which object stopped the run, and why.
func targetError(key string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the backup's disk is full; make room, or keep fewer generations (vitrine backup prune), "+
			"and run it again: %w", err)
	}
	return fmt.Errorf("%s: %w", key, err)
}

// deed is what bring did.
type deed int

func (w *run) bring(ctx context.Context, b catalog.Blob) (deed, error) {
	st, last, err := w.vault.state(ctx, b)
	if err != nil {
		return nothing, err
	}
	did := nothing
	if st == present {
		age := w.o.CheckAge
		if age == 0 {
			age = checkAge
		}
		if age > 0 && !due(b.SHA256, last, w.now, age) {
			return nothing, nil
		}
		did = checked
		if err = w.vault.check(ctx, b); err == nil || ctx.Err() != nil {
			return did, err
		}
		st = suspect
	}
	if err := w.vault.put(ctx, w.src.Store, b, st == suspect); err != nil {
		return did, err
	}
	if st == suspect {
		return healed, nil
	}
	return copied, nil
}

// lostErasures records as lost the records that neither the backup nor the store has in readable form.
func (w *run) lostErasures() error {
	_, lost, err := w.erasures()
	for _, d := range lost {
		if !slices.ContainsFunc(w.g.Lost, func(l Damage) bool { return l.Key == d.Key }) {
			w.g.Lost = append(w.g.Lost, d)
		}
	}
	return err
}

// copyErasures copies the records of erasures, including those made during the run.
func (w *run) copyErasures(ctx context.Context) error {
	for info, err := range w.src.Store.List(ctx, erasuresPrefix) {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(info.Key, erasuresPrefix)
		if _, err := w.savedErasure(erasuresDir, name); err == nil {
			continue
		}
		body, err := readErasure(ctx, w.src.Store, info.Key)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			w.g.Lost = append(w.g.Lost, classify(info.Key, err))
			continue
		}
		if _, err := writeFile(w.root, erasuresDir, name, w.key, func(to io.Writer) error {
			_, err := to.Write(body)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
