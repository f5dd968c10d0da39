package downloads

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// checkEvery is how often a long archive is recorded, and it is checked whether it was cancelled.
const checkEvery = 2 * time.Second

// sending is one archive on its way.
type sending struct {
	*Service
	d       *dam.Download
	z       *archive
	dry     bool // only the length is wanted
	n       int  // the part that is being sent
	part    []dam.DownloadFile
	files   int // that are done with
	bytes   int64
	checked time.Time
}

// Archive sends a download's archive to w, without its first from bytes. The context acts on behalf of who asked for it
// (see ByLink), who must still be allowed to have it; what they may not see any more is left out. A file that can't be
// read is named in the manifest, and the archive stays valid. The error is that of a receiver who went away, of a
// download that was cancelled, or of a database that doesn't answer: the archive is cut off then.
func (s *Service) Archive(ctx context.Context, d dam.Download, from int64, w io.Writer) error {
	leave, err := s.gate.enter(d.CreatedBy, s.Streams)
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := bufio.NewWriterSize(w, 64<<10)
	x := &sending{Service: s, d: &d, z: newArchive(out, from), checked: time.Now()}
	if err = allowed(dam.ActorOf(ctx), &d); err != nil {
		return err
	}
	if err = x.run(ctx); err == nil {
		err = x.z.close()
	}
	if err == nil {
		err = out.Flush()
	}
	// The receiver may be gone, and the context with it: what was sent is recorded all the same.
	whole := context.WithoutCancel(ctx)
	return errors.Join(err, x.record(whole, true, err == nil), x.ended(whole, err == nil))
}

// Tag names the bytes of a download's archive: the same tag, the same bytes.
func Tag(d *dam.Download) string { return fmt.Sprintf(`"%s-%d"`, d.ID, d.Round) }

// Begin says that an archive is about to be sent from its first byte, which may give other bytes than before: what
// could not be read then is tried again. It returns the download with the tag of the new bytes.
func (s *Service) Begin(ctx context.Context, d dam.Download) (dam.Download, error) {
	if d.SentFiles == 0 {
		return d, nil
	}
	return s.anew(ctx, d.ID)
}

// anew gives an archive another tag, so that whoever has a part of it starts again.
func (s *Service) anew(ctx context.Context, id string) (dam.Download, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Download, error) {
		d, err := tx.BulkJobs().Downloads().LockDownload(ctx, id)
		if err != nil {
			return d, err
		}
		d.Round++
		return s.linked(d), tx.BulkJobs().Downloads().UpdateDownload(ctx, &d)
	})
}

// Length is how long the archive is; known is false if pictures in it are made while it is sent, which have no length
// before.
func (s *Service) Length(ctx context.Context, d dam.Download) (n int64, known bool, err error) {
	if d.ToMake > 0 {
		return 0, false, nil
	}
	x := &sending{Service: s, d: &d, z: newArchive(io.Discard, 0), dry: true}
	if err = x.run(ctx); err == nil {
		err = x.z.close()
	}
	return x.z.out.sent, true, err
}

// run writes the files and the manifest.
func (x *sending) run(ctx context.Context) error {
	if err := x.licence(ctx); err != nil {
		return err
	}
	fresh := x.z.out.skip == 0
	for {
		part, found, err := x.Catalog.BulkJobs().Downloads().Files(ctx, x.d.ID, x.n)
		if err != nil || !found {
			return errors.Join(err, x.manifest(ctx))
		}
		x.part = part
		for i := range part {
			if f := &part[i]; fresh && f.Name != "" && !x.dry { // it is tried again
				if f.Sent == dam.FileCut {
					f.Size = f.Planned
				}
				f.Sent, f.Why, f.CRC, f.Planned = "", nil, 0, 0
			}
		}
		if err := x.send(ctx); err != nil {
			return err
		}
		if !x.dry {
			if err := x.record(ctx, true, false); err != nil {
				return err
			}
		}
		x.n, x.part = x.n+1, nil
	}
}

// licence writes the text that was accepted.
func (x *sending) licence(ctx context.Context) error {
	if x.d.Terms == 0 {
		return nil
	}
	text, err := x.Catalog.BulkJobs().Downloads().TermsText(ctx, x.d.Library, x.d.Terms)
	if err != nil || text == "" {
		return err
	}
	return x.text(licenceName, strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")+"\r\n")
}

func (x *sending) text(name, text string) error {
	w, err := x.z.add(name, x.d.CreatedAt)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	x.z.end(int64(len(text)), crc32.ChecksumIEEE([]byte(text)))
	return err
}

// manifest writes the list of everything, from what was recorded of each file.
func (x *sending) manifest(ctx context.Context) error {
	w, err := x.z.add(manifestName, x.d.CreatedAt)
	if err != nil {
		return err
	}
	sum := &summed{w: w}
	m, err := newManifest(sum)
	for n := 0; err == nil; n++ {
		var part []dam.DownloadFile
		var found bool
		if part, found, err = x.Catalog.BulkJobs().Downloads().Files(ctx, x.d.ID, n); err != nil || !found {
			break
		}
		for i := range part {
			if err = m.add(&part[i]); err != nil {
				break
			}
		}
	}
	if err == nil {
		err = m.end()
	}
	x.z.end(sum.n, sum.crc)
	return err
}

// summed counts and sums what is written.
type summed struct {
	w   io.Writer
	n   int64
	crc uint32
}

func (s *summed) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	s.crc = crc32.Update(s.crc, crc32.IEEETable, p[:n])
	return n, err
}

// send writes the files of a part.
func (x *sending) send(ctx context.Context) error {
	var todo []*dam.DownloadFile
	for i := range x.part {
		f := &x.part[i]
		switch {
		case f.Sent == dam.FileLeftOut:
			x.files++
			continue
		case x.dry, f.Sent != "":
			done, err := x.z.before(f.Name, f.Size)
			if err != nil {
				return err
			}
			if x.dry || done {
				x.files++
				x.bytes += f.Size
				if err := x.z.skip(f.Name, time.Unix(f.At, 0), f.Size, f.CRC); err != nil {
					return err
				}
				continue
			}
		}
		todo = append(todo, f)
	}
	if len(todo) == 0 {
		return nil
	}
	open, err := x.opener(ctx, todo)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	sources := ahead(ctx, todo, open)
	defer func() {
		cancel()
		for src := range sources { // those that were opened in vain
			src.close()
		}
	}()
	for src := range sources {
		err := x.file(ctx, src)
		src.close()
		if err != nil {
			return err
		}
		x.files++
		if err := x.check(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// file writes one file, and notes what became of it.
func (x *sending) file(ctx context.Context, src *source) error {
	f := src.file
	select {
	case <-src.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	if src.err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		why := reasons.DownloadFileUnreadable()
		var e *dam.Error
		switch {
		case errors.As(src.err, &e):
			why = e.Why()
		case f.Key == "":
			why = reasons.DownloadPictureNotMade()
		}
		f.Sent, f.Why = dam.FileLeftOut, &why
		if x.z.out.skip > 0 { // the receiver has the beginning of it, behind which other bytes would follow
			_, err := x.anew(catalog.WithoutIdempotencyKey(ctx), x.d.ID)
			return errors.Join(errChanged, err)
		}
		return nil
	}
	w, err := x.z.add(f.Name, time.Unix(f.At, 0))
	if err != nil {
		return err
	}
	sum := &summed{w: w}
	limit := int64(-1)
	if f.Sent == dam.FileCut { // as long as the receiver has it already
		limit = f.Size
	}
	failed, err := src.copy(ctx, sum, limit, func() error { return x.check(ctx) })
	x.z.end(sum.n, sum.crc)
	x.bytes += sum.n
	if err != nil {
		return err
	}
	planned := f.Size
	f.Size, f.CRC = sum.n, sum.crc
	if failed != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f.Planned = planned
		why := reasons.DownloadFileUnreadable()
		f.Sent, f.Why = dam.FileCut, &why
	} else if f.Sent != dam.FileCut {
		f.Sent = dam.FileSent
	}
	return nil
}

// errChanged ends an archive that can't go on where it was cut off.
var errChanged = errors.New("what the archive holds has changed since it was cut off")

// check records from time to time how far the archive is, and ends one that was cancelled.
func (x *sending) check(ctx context.Context) error {
	if time.Since(x.checked) < checkEvery {
		return nil
	}
	return x.record(ctx, false, false)
}

// record writes down how far the archive is, with the part that is being sent if wanted; whole ends it.
func (x *sending) record(ctx context.Context, part, whole bool) error {
	x.checked = time.Now()
	return x.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		d, err := tx.BulkJobs().Downloads().LockDownload(ctx, x.d.ID)
		if err != nil {
			return err
		}
		if d.State != dam.DownloadReady {
			return errStopped
		}
		if part && x.part != nil {
			if err := tx.BulkJobs().Downloads().PutFiles(ctx, d.ID, x.n, x.part); err != nil {
				return err
			}
		}
		d.SentFiles, d.SentBytes = x.files, x.bytes
		at := tx.Now()
		if d.FetchedAt = &at; whole {
			d.Fetched++
		}
		return tx.BulkJobs().Downloads().UpdateDownload(ctx, &d)
	})
}

// ended puts into the log what was sent.
func (x *sending) ended(ctx context.Context, whole bool) error {
	return x.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		return emit(tx, dam.DownloadSent, x.d, map[string]any{"files": x.files, "bytes": x.z.out.sent, "whole": whole})
	})
}
