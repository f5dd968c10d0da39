// Package downloads takes files out of a library: one by one, and as archives. An archive is made while it is sent and
// stored nowhere: what is kept of it is the list of its files, for as long as its link answers. Whatever leaves a
// library passes the same checks: the permission, the terms that the library wants accepted, the log.
package downloads

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Jobs enqueues.
type Jobs interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	BulkJobs() catalog.BulkJobs
	Libraries() catalog.Libraries
	Log() catalog.Log
	People() catalog.People
	Presets() catalog.Presets
	Products() catalog.Products
	Renditions() catalog.Renditions
	Versions() catalog.Versions
}

// Service plans and sends downloads.
type Service struct {
	Catalog  Catalog
	Store    storage.Store
	Find     Finder
	Pictures Pictures
	Jobs     Jobs
	// Keys make the links, newest first: a link made with an older one still answers.
	Keys [][]byte
	// MaxFiles is how many files one download may hold; somebody's open ones together may hold five times as many.
	MaxFiles int
	// Life is how long a link answers.
	Life time.Duration
	// Streams is how many archives a node sends at once, and no more than streamsEach of them to one person.
	Streams int
	// Records is how long what was downloaded is remembered after the link is over.
	Records time.Duration

	gate gate
}

const (
	// inline is how many files are listed while the client waits; more are listed by a job.
	inline = 2000
	// openFactor × MaxFiles is how many files somebody's open downloads may hold together.
	openFactor = 5
	// planningEach is how many downloads somebody may have listed at once.
	planningEach = 5
	// streamsEach is how many archives are sent to one person at once.
	streamsEach = 3
)

// RunArgs is the job that lists the files of a large download.
type RunArgs struct {
	Download string `json:"download"`
}

// Kind names the job in the queue.
func (RunArgs) Kind() string { return "download.plan" }

// Timeout bounds one run of Run.
const Timeout = 30 * time.Minute

// errLarge ends a listing that is left to a job.
var errLarge = errors.New("a job lists these files")

// Create begins a download on behalf of the context's actor. With dry, nothing is kept: the answer says what the
// download would hold.
func (s *Service) Create(ctx context.Context, library string, r dam.DownloadRequest, dry bool) (dam.Download, error) {
	if err := dam.CheckBounds("", r); err != nil {
		return dam.Download{}, err
	}
	d := dam.Download{Library: library, State: dam.DownloadReady, Request: r, LeftOut: []dam.DownloadOmission{}}
	if err := allowed(dam.ActorOf(ctx), &d); err != nil {
		return dam.Download{}, err
	}
	p, err := s.newPlan(ctx, &d)
	if err != nil {
		return dam.Download{}, err
	}
	if p.dry = dry; dry {
		if err := p.run(ctx, func([]dam.DownloadFile) error { return nil }); err != nil {
			return dam.Download{}, err
		}
		d.ExpiresAt = time.Now().UTC().Add(s.Life)
		return d, nil
	}
	if err := s.room(ctx); err != nil {
		return dam.Download{}, err
	}
	var parts [][]dam.DownloadFile
	err = p.run(ctx, func(part []dam.DownloadFile) error {
		if parts = append(parts, part); len(parts)*PartSize > inline {
			return errLarge
		}
		return nil
	})
	switch {
	case errors.Is(err, errLarge):
		d = dam.Download{Library: library, State: dam.DownloadPlanning, Request: r, LeftOut: []dam.DownloadOmission{}}
	case err != nil:
		return dam.Download{}, err
	case d.Files == 0:
		return dam.Download{}, &dam.Error{Code: dam.Conflict, Field: "filter", Reason: reasons.DownloadEmpty()}
	}
	d, err = catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Download, error) {
		row := d
		row.ID, row.ExpiresAt = dam.NewID(dam.DownloadPrefix), tx.Now().Add(s.Life)
		terms, err := agreed(ctx, tx, library, r.Accept, r.Reason)
		if err != nil {
			return row, err
		}
		if row.Terms = terms; row.State == dam.DownloadPlanning {
			if err := tx.BulkJobs().Downloads().InsertDownload(ctx, &row); err != nil {
				return row, err
			}
			return row, s.Jobs.Enqueue(ctx, tx, RunArgs{row.ID}, jobs.Options{})
		}
		if err := tx.BulkJobs().Downloads().InsertDownload(ctx, &row); err != nil {
			return row, err
		}
		for n, part := range parts {
			if err := tx.BulkJobs().Downloads().PutFiles(ctx, row.ID, n, part); err != nil {
				return row, err
			}
		}
		return row, created(tx, &row)
	})
	return s.linked(d), err
}

// allowed refuses what the principal may not take out of the library.
func allowed(p dam.Principal, d *dam.Download) error {
	for _, kind := range d.Request.Kinds() {
		if err := p.Need(d.Library, needs(kind)); err != nil {
			return err
		}
	}
	return nil
}

// needs is the permission that a kind of file asks for, in the library and on each asset. A picture made for a download
// is without the watermark of any preset.
func needs(kind string) dam.Permission {
	if kind == dam.DownloadOriginal || kind == dam.DownloadPicture {
		return dam.MayDownloadOriginals
	}
	return dam.MayDownloadPresets
}

// room refuses a download of somebody who has too many under way.
func (s *Service) room(ctx context.Context) error {
	open, err := s.Catalog.BulkJobs().Downloads().Open(ctx, dam.ActorOf(ctx).ID, time.Now())
	if err == nil && (open.Planning >= planningEach || open.Files >= int64(openFactor*s.MaxFiles)) {
		err = &dam.Error{Code: dam.Limited, Reason: reasons.DownloadsTooManyOpen()}
	}
	return err
}

func created(tx *catalog.Tx, d *dam.Download) error {
	data := map[string]any{"files": d.Files, "bytes": d.Bytes, "presets": d.Request.Kinds()}
	if d.Terms > 0 {
		data["terms"] = d.Terms
	}
	var changes []dam.Change
	if d.Request.Reason != "" {
		changes = append(changes, dam.Change{Field: "reason", After: d.Request.Reason})
	}
	return emit(tx, dam.DownloadCreated, d, data, changes...)
}

func emit(tx *catalog.Tx, t dam.EventType, d *dam.Download, data map[string]any, changes ...dam.Change) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	tx.Emit(dam.Event{Type: t, Library: d.Library, Subject: d.ID, Data: raw}, changes...)
	return nil
}

// as acts on behalf of who asked for a download, with the permissions that they have now.
func (s *Service) as(ctx context.Context, principal string) (context.Context, error) {
	who, err := s.Catalog.People().Principal(ctx, principal)
	return dam.WithActor(ctx, who), err
}

// Run is the job. Cut off, it begins again.
func (s *Service) Run(ctx context.Context, args RunArgs, info jobs.Info) error {
	d, err := s.Catalog.BulkJobs().Downloads().Download(ctx, "", args.Download)
	if dam.CodeOf(err) == dam.NotFound || err == nil && d.State != dam.DownloadPlanning {
		return nil // cancelled meanwhile
	}
	if err != nil {
		return err
	}
	err = s.list(ctx, d)
	var refused *dam.Error
	switch {
	case err == nil || errors.Is(err, errStopped):
		return nil
	case errors.As(err, &refused) && refused.Code != dam.Internal && refused.Code != dam.Unavailable:
	case info.Attempt < info.Max || ctx.Err() != nil:
		return err
	}
	return errors.Join(err, s.change(context.WithoutCancel(ctx), d.ID, func(tx *catalog.Tx, now *dam.Download) error {
		why := reasons.AssetsNotFound()
		if refused != nil {
			why = refused.Why()
		}
		now.Note, now.NoteReasons = reasons.Note(why)
		at := tx.Now()
		now.State, now.EndedAt = dam.DownloadFailed, &at
		return nil
	}))
}

// list lists the files of a download for the job.
func (s *Service) list(ctx context.Context, d dam.Download) error {
	ctx, err := s.as(ctx, d.CreatedBy)
	if err != nil {
		return err
	}
	if err := allowed(dam.ActorOf(ctx), &d); err != nil {
		return err
	}
	d.Total, d.Files, d.Bytes, d.ToMake, d.Estimated, d.LeftOut = 0, 0, 0, 0, 0, []dam.DownloadOmission{}
	p, err := s.newPlan(ctx, &d)
	if err != nil {
		return err
	}
	figures := func(now *dam.Download) {
		now.Total, now.Files, now.Bytes, now.ToMake, now.Estimated, now.LeftOut = d.Total, d.Files, d.Bytes, d.ToMake,
			d.Estimated, d.LeftOut
	}
	if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		return tx.BulkJobs().Downloads().ClearFiles(ctx, d.ID)
	}); err != nil {
		return err
	}
	n := 0
	if err := p.run(ctx, func(part []dam.DownloadFile) error {
		err := s.change(ctx, d.ID, func(tx *catalog.Tx, now *dam.Download) error {
			figures(now)
			return tx.BulkJobs().Downloads().PutFiles(ctx, d.ID, n, part)
		})
		n++
		return err
	}); err != nil {
		return err
	}
	if d.Files == 0 {
		return &dam.Error{Code: dam.Conflict, Reason: reasons.DownloadEmpty()}
	}
	return s.change(ctx, d.ID, func(tx *catalog.Tx, now *dam.Download) error {
		figures(now)
		now.State, now.ExpiresAt = dam.DownloadReady, tx.Now().Add(s.Life)
		return created(tx, now)
	})
}

// errStopped ends work on a download that was cancelled.
var errStopped = &dam.Error{Code: dam.Gone, Reason: reasons.DownloadCancelled()}

// change changes a download that is being listed.
func (s *Service) change(ctx context.Context, id string, fn func(*catalog.Tx, *dam.Download) error) error {
	return s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		d, err := tx.BulkJobs().Downloads().LockDownload(ctx, id)
		if err == nil && d.State != dam.DownloadPlanning {
			err = errStopped
		}
		if err == nil {
			err = fn(tx, &d)
		}
		if err != nil {
			return err
		}
		return tx.BulkJobs().Downloads().UpdateDownload(ctx, &d)
	})
}

// Get returns a download of the context's actor. Those who manage jobs see everybody's.
func (s *Service) Get(ctx context.Context, library, id string) (dam.Download, error) {
	d, err := s.Catalog.BulkJobs().Downloads().Download(ctx, library, id)
	if err != nil {
		return dam.Download{}, err
	}
	if who := dam.ActorOf(ctx); d.CreatedBy != who.ID && !who.Can(library, dam.MayManageJobs) {
		return dam.Download{}, &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("download", id)}
	} else if d.CreatedBy != who.ID {
		return d, nil // without the link: what is in the archive goes by who asked for it
	}
	return s.linked(d), nil
}

// List returns the newest downloads of the context's actor.
func (s *Service) List(ctx context.Context, library string, limit int) ([]dam.Download, error) {
	list, err := s.Catalog.BulkJobs().Downloads().List(ctx, library, dam.ActorOf(ctx).ID, limit)
	for i := range list {
		list[i] = s.linked(list[i])
	}
	return list, err
}

// Files returns the n-th part of the files of a download, counted from 0: those that are in the archive.
func (s *Service) Files(ctx context.Context, library, id string, n int) ([]dam.DownloadFile, error) {
	d, err := s.Get(ctx, library, id)
	if err != nil {
		return nil, err
	}
	if d.CreatedBy != dam.ActorOf(ctx).ID {
		return nil, &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("download", id)}
	}
	if err := usable(&d); err != nil {
		return nil, err
	}
	list, _, err := s.Catalog.BulkJobs().Downloads().Files(ctx, d.ID, n)
	return list, err
}

// File returns the n-th file of a download, once the checks of an archive have passed; made is the picture if it is
// stored nowhere.
func (s *Service) File(ctx context.Context, library, id string, n int) (f dam.DownloadFile, made []byte, err error) {
	list, err := s.Files(ctx, library, id, n/PartSize)
	if err != nil {
		return f, nil, err
	}
	if n%PartSize >= len(list) || list[n%PartSize].Name == "" {
		return f, nil, &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("download", id)}
	}
	f = list[n%PartSize]
	d, err := s.Catalog.BulkJobs().Downloads().Download(ctx, library, id)
	if err != nil {
		return f, nil, err
	}
	x := &sending{Service: s, d: &d}
	open, err := x.opener(ctx, []*dam.DownloadFile{&f})
	if err == nil {
		made, _, err = open(ctx, &f)
	}
	return f, made, err
}

// Cancel ends a download: its link stops answering, also where it is being sent.
func (s *Service) Cancel(ctx context.Context, library, id string) (dam.Download, error) {
	if _, err := s.Get(ctx, library, id); err != nil {
		return dam.Download{}, err
	}
	d, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Download, error) {
		d, err := tx.BulkJobs().Downloads().LockDownload(ctx, id)
		if err != nil || d.State != dam.DownloadPlanning && d.State != dam.DownloadReady {
			return d, err
		}
		at := tx.Now()
		d.State, d.EndedAt = dam.DownloadCancelled, &at
		if err := tx.BulkJobs().Downloads().UpdateDownload(ctx, &d); err != nil {
			return d, err
		}
		return d, emit(tx, dam.DownloadWithdrawn, &d, map[string]any{"files": d.Files, "bytes": d.Bytes})
	})
	return s.linked(d), err
}

// linked adds to a download where it is, or that its link is over.
func (s *Service) linked(d dam.Download) dam.Download {
	switch {
	case d.State != dam.DownloadReady && d.State != dam.DownloadPlanning:
	case !time.Now().Before(d.ExpiresAt):
		d.State = dam.DownloadExpired
	case d.State == dam.DownloadReady && len(s.Keys) > 0:
		d.Link = "/api/downloads/" + d.ID + "/archive?key=" + secret(s.Keys[0], d.ID)
	}
	return d
}

var secretText = base32.StdEncoding.WithPadding(base32.NoPadding)

// secret is what opens a download to whoever has it: 160 bits that follow from the server's key and the id.
func secret(key []byte, id string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("download " + id))
	return strings.ToLower(secretText.EncodeToString(h.Sum(nil)[:20]))
}

// ByLink returns the download that a link opens, and a context that acts on behalf of who asked for it. Nothing is read
// for a key that is wrong.
func (s *Service) ByLink(ctx context.Context, id, key string) (context.Context, dam.Download, error) {
	right := false
	for _, k := range s.Keys {
		right = hmac.Equal([]byte(secret(k, id)), []byte(key)) || right
	}
	if !right {
		return ctx, dam.Download{}, &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("download", id)}
	}
	system := dam.AsSystem(ctx, "whoever has the link may fetch the archive; what is in it goes by who asked for it")
	d, err := s.Catalog.BulkJobs().Downloads().Download(system, "", id)
	if err != nil {
		return ctx, d, err
	}
	who, err := s.Catalog.People().Principal(system, d.CreatedBy)
	if err == nil {
		d = s.linked(d)
		err = usable(&d)
	}
	return dam.WithActor(ctx, who), d, err
}

// usable refuses a download whose archive can't be fetched.
func usable(d *dam.Download) error {
	switch d.State {
	case dam.DownloadReady:
		return nil
	case dam.DownloadPlanning:
		return &dam.Error{Code: dam.Conflict, Reason: reasons.DownloadNotReady()}
	case dam.DownloadCancelled:
		return errStopped
	}
	return &dam.Error{Code: dam.Gone, Reason: reasons.DownloadLinkOver()}
}

// SweepArgs is the job that removes what is over.
type SweepArgs struct{}

// Kind names the job in the queue.
func (SweepArgs) Kind() string { return "download.sweep" }

// Sweep removes the lists of files of links that are over, and records that are old.
func (s *Service) Sweep(ctx context.Context, _ SweepArgs, _ jobs.Info) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		return tx.BulkJobs().Downloads().ExpireDownloads(ctx, tx.Now().Add(-s.Records))
	})
}
