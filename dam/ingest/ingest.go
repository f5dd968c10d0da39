// Package ingest turns uploads into asset versions: spool, hash, inspect by
// content, store, then one catalogue transaction with the version, its event and
// its rendition job. An upload is acknowledged only after that transaction.
//
// Files that can't be taken go to quarantine with the reason; the bytes of an
// asset that exists already lead to a choice, never to a silent copy.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// ProbeResult is what a file's bytes say about it.
type ProbeResult struct {
	MediaType     string
	Kind          dam.Kind
	Width, Height int // upright pixels; 0 when it is not a picture
	Frames        int
	Pages         int     // of a document
	Duration      float64 // seconds, of video and sound
	Codec         string
	FrameRate     float64 // of a video
	// Renderable says whether renditions can be made; Why says why not.
	Renderable bool
	Why        reasons.Reason
	// Recipe is the revision of the rendition pipeline by which files of this kind are rendered, 0 is 1; Changed says
	// what earlier ones got wrong.
	Recipe   int
	Changed  reasons.Reason
	Metadata dam.Metadata
}

// Bounded returns the result with its texts cut to what the catalogue stores.
func (p ProbeResult) Bounded() ProbeResult {
	p.Metadata = p.Metadata.Bounded()
	p.Why = p.Why.Map(func(s string) string { return dam.StripText(dam.Cut(s, dam.MaxText)) })
	p.MediaType, p.Codec = dam.StripText(dam.Cut(p.MediaType, 100)), dam.StripText(dam.Cut(p.Codec, 100))
	return p
}

// Prober looks at content, never at names, and decodes no pixels. A dam.Error
// rejects the file: too many pixels, damaged beyond use.
type Prober interface {
	Probe(ctx context.Context, r io.ReadSeeker) (ProbeResult, error)
}

// Renditions plans a new version's pictures in its own transaction.
type Renditions interface {
	PlanVersion(ctx context.Context, tx *catalog.Tx, version string) error
}

// SlotAssigner puts a new asset into the products' slots that its file name speaks of.
type SlotAssigner interface {
	Assign(ctx context.Context, tx *catalog.Tx, a *dam.Asset) error
}

// What to do when the bytes are an asset already.
const (
	Ask  = "ask"  // answer with the asset and the three choices
	Keep = "keep" // make a second asset
)

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Versions() catalog.Versions
	Libraries() catalog.Libraries
	Uploads() catalog.Uploads
	Objects() catalog.Objects
	People() catalog.People
	// Pin keeps objects for a while although nothing refers to them.
	Pin(ctx context.Context, d time.Duration, blobs ...catalog.Blob) error
}

// Service takes uploads.
type Service struct {
	Catalog    Catalog
	Store      storage.Store
	Prober     Prober
	Renditions Renditions
	Products   SlotAssigner // nil when file names mean nothing
	Sidecars   Sidecars
	Log        *slog.Logger
	// Dir is the spool: a folder on a local disk.
	Dir string
	// MaxSize is the largest file in bytes; 0 is no limit.
	MaxSize int64
	// Room refuses a file of n bytes that there is no space for; nil takes what fits.
	Room func(n int64) error
	// Unfinished bounds what a principal has begun and not ended; zero values are no limit.
	Unfinished Unfinished
}

// Upload describes a file to take.
type Upload struct {
	Library     string
	FileName    string // as the sender called it; only its last element is kept
	Title       string // overrides the embedded title, in the default locale
	OnDuplicate string // Ask (also ""), or Keep
	// Asset makes the file a new version of that asset; IfMatch is the revision seen, 0 for any.
	Asset   string
	IfMatch int64
	// Resume is the id of the resumable upload the file came by, "" for none: its result
	// is recorded, for the principal Owner.
	Resume, Owner string
	// Quarantine is the id of the quarantined file that it is, "" for none. It leaves quarantine with the asset's
	// transaction; one that is refused again stays there.
	Quarantine string
}

// Result of an upload.
type Result struct {
	Status  string    `json:"status" enum:"created,duplicate,sidecar"`
	Asset   dam.Asset `json:"asset"`
	Version string    `json:"version"`
	SHA256  string    `json:"sha256"`
}

// DuplicateError says that the bytes are an asset already, and the caller has to choose.
type DuplicateError struct {
	Asset  string // the existing asset
	SHA256 string
}

// Choices for a duplicate, in the order to offer them.
var Choices = [...]string{"open", "new_version", "keep_both"}

func (e *DuplicateError) Error() string { return e.Unwrap().Error() }

// Unwrap makes it a dam.Error.
func (e *DuplicateError) Unwrap() error {
	return &dam.Error{Code: dam.Duplicate, Field: "file", Reason: reasons.DuplicateFile(e.Asset)}
}

// RejectedError says that the file is in quarantine.
type RejectedError struct {
	Quarantine string // id; "" when nothing was kept
	Reason     *dam.Error
}

func (e *RejectedError) Error() string { return e.Reason.Error() }
func (e *RejectedError) Unwrap() error { return e.Reason }

// leftover refuses a file that never becomes an asset, and isn't kept either.
func leftover(name string) error {
	return &dam.Error{Code: dam.Unsupported, Field: "file", Reason: reasons.FileLeftover(name)}
}

// Ingest makes a spooled file an asset, or a new version of one. The file stays
// where it is; the caller removes it. A repeat under the same idempotency key
// returns the first result.
func (s *Service) Ingest(ctx context.Context, f Spooled, up Upload) (Result, error) {
	if up.FileName = dam.FileName(up.FileName); dam.IsSidecar(up.FileName) {
		return s.takeSidecar(ctx, f, up)
	}
	if r, found, err := catalog.Replay[Result](ctx, s.Catalog); err != nil || found {
		return r, err
	}
	if up.Resume == "" && dam.Leftover(up.FileName) { // the end of an upload that was begun is not refused
		return Result{}, leftover(up.FileName)
	}
	if f.Size == 0 {
		return Result{}, s.reject(ctx, f, up, "", dam.InvalidInput("file", reasons.FileEmpty()))
	}
	if s.MaxSize > 0 && f.Size > s.MaxSize {
		return Result{}, s.reject(ctx, f, up, "", s.tooLarge())
	}
	if err := checkQuota(ctx, s.Catalog.Libraries(), up.Library, f.Size); err != nil {
		return Result{}, err
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = file.Close() }()
	if err := s.precheck(ctx, s.Catalog, f, up); err != nil {
		if errors.As(err, new(*DuplicateError)) {
			err = errors.Join(err, s.heal(ctx, file, f))
		}
		return Result{}, err
	}
	seen, err := s.Prober.Probe(dam.WithOrigin(ctx, dam.Origin{Library: up.Library}), file)
	if refusal := dam.Lasting(err); refusal != nil {
		return Result{}, s.reject(ctx, f, up, seen.MediaType, refusal)
	}
	if err != nil {
		return Result{}, err
	}
	seen = seen.Bounded()
	blob := catalog.Blob{Key: dam.OriginalKey(f.SHA256), SHA256: f.SHA256, Size: f.Size}
	if err := s.put(ctx, file, &blob, seen.MediaType); err != nil {
		return Result{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (Result, error) {
		var a dam.Asset
		var err error
		if up.Asset != "" {
			if a, err = tx.Assets().LockAsset(ctx, up.Library, up.Asset); err != nil {
				return Result{}, err
			}
		}
		// The blob's row is the lock between uploads of the same bytes: the second sees the first's asset.
		if err := tx.Objects().Attach(ctx, blob); err != nil {
			return Result{}, err
		}
		if err := s.precheck(ctx, tx.Conn, f, up); err != nil {
			return Result{}, err
		}
		v := dam.Version{ID: dam.NewID(dam.VersionPrefix), SHA256: f.SHA256, Size: f.Size, FileName: up.FileName,
			MediaType: seen.MediaType,
			Width:     seen.Width, Height: seen.Height, Frames: seen.Frames, Pages: seen.Pages, Duration: seen.Duration,
			Codec: seen.Codec, FrameRate: seen.FrameRate, Recipe: seen.Recipe, Status: dam.Draft,
			Renditions: dam.RenditionsNone}
		if !seen.Why.IsZero() {
			v.NoteRenditions(seen.Why)
		}
		if seen.Renderable {
			v.Renditions = dam.RenditionsPending
			if err := s.Renditions.PlanVersion(ctx, tx, v.ID); err != nil {
				return Result{}, err
			}
		}
		if up.Asset != "" {
			err = s.addVersion(ctx, tx, &a, v, up, seen)
		} else {
			a, err = s.insert(ctx, tx, v, up, seen)
		}
		if err == nil {
			err = checkQuota(ctx, tx.Libraries(), up.Library, 0)
		}
		if err != nil {
			return Result{}, err
		}
		if up.Quarantine != "" {
			if err := tx.Uploads().Unquarantine(ctx, up.Library, up.Quarantine); err != nil {
				return Result{}, err
			}
		}
		out := Result{Status: "created", Asset: a, Version: v.ID, SHA256: f.SHA256}
		if up.Resume != "" {
			err = tx.Uploads().PutUploadResult(ctx, up.Resume, Outcome{Status: out.Status, Asset: a.ID, Version: v.ID,
				SHA256: f.SHA256, Owner: up.Owner, Metadata: seen.Metadata.Note()})
		}
		return out, err
	})
}

// checkQuota refuses n more bytes than a library's quota has room for; with 0 it asks, in the transaction that has
// added a version, whether that was too much: the count is locked until the commit.
func checkQuota(ctx context.Context, c interface {
	Library(ctx context.Context, id string) (dam.Library, error)
}, library string, n int64) error {
	l, err := c.Library(ctx, library)
	if err != nil {
		return err
	}
	return l.Room(n)
}

// precheck finds what makes the upload pointless: a duplicate, a lost race.
func (s *Service) precheck(ctx context.Context, c interface{ Assets() catalog.Assets }, f Spooled, up Upload) error {
	if up.Asset != "" {
		a, err := c.Assets().Asset(ctx, up.Library, up.Asset)
		switch {
		case err != nil:
			return err
		case catalog.ActorOf(ctx).MayEdit(&a) != nil:
			return catalog.ActorOf(ctx).MayEdit(&a)
		case a.DeletedAt != nil:
			return &dam.Error{Code: dam.Conflict, Reason: reasons.AssetInBin()}
		case up.IfMatch != 0 && up.IfMatch != a.Revision:
			return &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.AssetChangedUploadAgain()}
		case a.Latest.SHA256 == f.SHA256:
			return &DuplicateError{Asset: a.ID, SHA256: f.SHA256}
		}
		return nil
	}
	if up.OnDuplicate == Keep {
		return nil
	}
	id, err := c.Assets().AssetWithBytes(ctx, up.Library, f.SHA256)
	if err == nil && id != "" {
		err = &DuplicateError{Asset: id, SHA256: f.SHA256}
	}
	return err
}

// heal stores the bytes of an original again that is lost or damaged: whoever sends them has them.
func (s *Service) heal(ctx context.Context, r io.ReadSeeker, f Spooled) error {
	b := catalog.Blob{Key: dam.OriginalKey(f.SHA256), SHA256: f.SHA256, Size: f.Size}
	d, known, err := s.Catalog.Objects().Damage(ctx, b.Key)
	if err != nil {
		return err
	}
	if !known || d.State != dam.DamageOpen {
		there, err := s.Store.Stat(ctx, b.Key)
		if err == nil && there.Size == f.Size || err != nil && !errors.Is(err, storage.ErrNotFound) {
			return nil // whether it is right in every bit is the scrub's question
		}
	}
	if err := s.put(ctx, r, &b, "application/octet-stream"); err != nil {
		return err
	}
	s.Log.Info("an upload has repaired an original", "key", b.Key)
	return s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx),
		func(tx *catalog.Tx) error { return tx.Objects().Attach(ctx, b) })
}

// put stores an object under its name, and notes its checksums in b. One that is there already must be the same bytes.
func (s *Service) put(ctx context.Context, r io.ReadSeeker, b *catalog.Blob, mediaType string) error {
	if err := s.Catalog.Pin(ctx, time.Hour, *b); err != nil {
		return err
	}
	sums, err := storage.Save(ctx, s.Store, b.Key, r, storage.PutOptions{Size: b.Size, SHA256: b.SHA256,
		ContentType: mediaType}, nil)
	b.Sums = sums.Blocks
	if e := dam.SystemError(err); e != nil {
		return e
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, dam.ErrHeld) {
		err = &dam.Error{Code: dam.Unavailable, Reason: reasons.StorageRefusedFile(), Err: err}
	}
	return err
}

func (s *Service) insert(ctx context.Context, tx *catalog.Tx, v dam.Version, up Upload, seen ProbeResult) (dam.Asset,
	error) {
	lib, err := tx.Libraries().Library(ctx, up.Library)
	if err != nil {
		return dam.Asset{}, err
	}
	m := seen.Metadata
	a := dam.Asset{ID: dam.NewID(dam.AssetPrefix), Library: up.Library, Kind: seen.Kind}
	m.Fill(&a, lib.Locale, up.FileName)
	a.Tags = canon.Unique(a.Tags)
	if up.Title != "" {
		a.Title = dam.Text{lib.Locale: up.Title}
	}
	defs, err := tx.Libraries().CustomFields(ctx, up.Library)
	if err != nil {
		return a, err
	}
	dam.FillDefaults(defs, &a, dam.FieldContext{Locale: lib.Locale})
	v.Asset, v.N = a.ID, 1
	a.Latest = v
	if err := tx.Assets().InsertAsset(ctx, &a, m); err != nil {
		return a, err
	}
	emit(tx, dam.AssetCreated, &a, &v)
	if s.Products != nil {
		return a, s.Products.Assign(ctx, tx, &a)
	}
	return a, nil
}

func (s *Service) addVersion(ctx context.Context, tx *catalog.Tx, a *dam.Asset, v dam.Version, _ Upload,
	seen ProbeResult) error {
	a.Kind = seen.Kind
	if err := tx.Versions().AddVersion(ctx, a, v, seen.Metadata); err != nil {
		return err
	}
	emit(tx, dam.AssetVersionAdded, a, &v)
	return nil
}

func emit(tx *catalog.Tx, t dam.EventType, a *dam.Asset, v *dam.Version) {
	tx.EmitAsset(t, a, map[string]any{"version": v.ID, "sha256": v.SHA256})
}

// reject keeps the file in quarantine and returns the error to answer with.
func (s *Service) reject(ctx context.Context, f Spooled, up Upload, mediaType string, reason *dam.Error) error {
	if up.Quarantine != "" {
		return &RejectedError{Quarantine: up.Quarantine, Reason: reason}
	}
	q := dam.Quarantined{ID: dam.NewID("q"), Library: up.Library, FileName: up.FileName, Size: f.Size,
		MediaType: mediaType, SHA256: f.SHA256, Reason: reason.Text(), Reasons: []reasons.Reason{reason.Why()}}
	key := ""
	blob := catalog.Blob{Key: "quarantine/" + f.SHA256, SHA256: f.SHA256, Size: f.Size}
	if f.Size > 0 && reason.Code != dam.TooLarge {
		key = blob.Key
		file, err := os.Open(f.Path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		if err := s.put(ctx, file, &blob, "application/octet-stream"); err != nil {
			return err
		}
	}
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if key != "" {
			if err := tx.Objects().Attach(ctx, blob); err != nil {
				return err
			}
		}
		if up.Resume != "" {
			if err := tx.Uploads().PutUploadResult(ctx, up.Resume, Outcome{Status: "rejected", SHA256: f.SHA256,
				Code: string(reason.Code), Why: reason.Why(), Quarantine: q.ID, Owner: up.Owner}); err != nil {
				return err
			}
		}
		tx.Emit(dam.Event{Type: dam.UploadRejected, Library: up.Library, Subject: q.ID,
			Data: fmt.Appendf(nil, `{"code":%q}`, reason.Code)})
		return tx.Uploads().Quarantine(ctx, &q, key)
	})
	if err != nil {
		return err
	}
	return &RejectedError{Quarantine: q.ID, Reason: reason}
}

// RestoreVersion makes a new version of an asset from the bytes of an older one.
func (s *Service) RestoreVersion(ctx context.Context, library, asset string, ifMatch int64, version string) (dam.Asset,
	error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Asset, error) {
		a, err := tx.Assets().LockAsset(ctx, library, asset)
		if err != nil {
			return a, err
		}
		if ifMatch != 0 && ifMatch != a.Revision {
			return a, &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.AssetChangedRestoreAgain()}
		}
		old, err := tx.Versions().Version(ctx, version)
		if err != nil {
			return a, err
		}
		if old.Asset != asset {
			return a, dam.InvalidInput("version", reasons.VersionOfOtherAsset())
		}
		if old.ID == a.Latest.ID {
			return a, &dam.Error{Code: dam.Conflict, Reason: reasons.VersionNewestAlready()}
		}
		m, err := tx.Versions().Embedded(ctx, version)
		if err != nil {
			return a, err
		}
		v := dam.Version{ID: dam.NewID(dam.VersionPrefix), SHA256: old.SHA256, Size: old.Size, FileName: old.FileName,
			MediaType: old.MediaType,
			Width:     old.Width, Height: old.Height, Frames: old.Frames, Pages: old.Pages, Duration: old.Duration,
			Codec: old.Codec, FrameRate: old.FrameRate, Recipe: old.Recipe, Status: dam.Draft,
			Renditions:    dam.RenditionsNone,
			RenditionNote: old.RenditionNote, RenditionReasons: old.RenditionReasons}
		if old.Renditions != dam.RenditionsNone {
			v.Renditions = dam.RenditionsPending
			v.NoteRenditions()
			if err := s.Renditions.PlanVersion(ctx, tx, v.ID); err != nil {
				return a, err
			}
		}
		if err := tx.Objects().Attach(ctx, catalog.Blob{Key: dam.OriginalKey(old.SHA256), SHA256: old.SHA256,
			Size: old.Size}); err != nil {
			return a, err
		}
		if err := tx.Versions().AddVersion(ctx, &a, v, m); err != nil {
			return a, err
		}
		if old.Sidecar != nil {
			packet, err := tx.Versions().SidecarPacket(ctx, old.ID)
			if err != nil {
				return a, err
			}
			of := *old.Sidecar
			if err := tx.Versions().PutSidecar(ctx, v.ID, &of, packet); err != nil {
				return a, err
			}
			a.Latest.Sidecar = &of
		}
		emit(tx, dam.AssetVersionAdded, &a, &v)
		return a, checkQuota(ctx, tx.Libraries(), library, 0)
	})
}
