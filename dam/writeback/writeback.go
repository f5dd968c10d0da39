// Package writeback makes downloads that carry the catalogue's metadata: a copy of a version's file with titles, tags,
// credits and rights in the fields that other programs read. The original is never touched. A copy that is out of date
// is made again when somebody asks for it, and forgotten after a week.
package writeback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Revision is part of every copy's hash: it grows when the same metadata is written otherwise.
const Revision = 3

// Timeout of the job, in which a long video is read, written and stored.
const Timeout = 20 * time.Minute

// MakeArgs is the job that makes a version's copy.
type MakeArgs struct {
	Version string `json:"version"`
	// Hash names what was asked for, so that what is asked after an edit is a job of its own even
	// while the one before it ends. What is made is always the newest.
	Hash string `json:"hash,omitempty"`
}

// Kind names the job in the queue.
func (MakeArgs) Kind() string { return "metadata.write" }

// Enqueuer puts a job into a transaction.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Writer knows files; see dam/metadata and dam/rendition/convert.
type Writer struct {
	// Carried reports whether files of a type have room for metadata.
	Carried func(mediaType string) bool
	// Wanted are the tags of the file that Tags goes by.
	Wanted []string
	// Tags is what a file of the type is to say that says something already; nil is nothing.
	Tags func(mediaType string, c dam.CopyFacts, said map[string]any) dam.FileTags
	// Sidecar reads what an XMP sidecar says by itself.
	Sidecar func(packet []byte) (dam.Metadata, error)
	// Able returns nil, or why this server can't write.
	Able func() error
	// Write hands a copy of a file with the tags to use.
	Write func(ctx context.Context, src io.ReadSeeker, wanted []string,
		tags func(said map[string]any) dam.FileTags, use func(*os.File) error) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Libraries() catalog.Libraries
	Products() catalog.Products
	Renditions() catalog.Renditions
	Versions() catalog.Versions
	// Pin keeps objects for a while although nothing refers to them.
	Pin(ctx context.Context, d time.Duration, blobs ...catalog.Blob) error
}

// Service makes copies.
type Service struct {
	Catalog Catalog
	Store   storage.Store
	Jobs    Enqueuer
	Writer  Writer
}

// State of a copy.
type State string

const (
	Absent     State = "absent"  // none was made, or of older metadata
	Pending    State = "pending" // being made
	Ready      State = "ready"
	Failed     State = "failed"
	Impossible State = "impossible" // by the file's type, or for want of a program
)

// Reason says what is in the way of a copy.
type Reason string

const (
	ByType    Reason = "type"    // it has no room for metadata
	ByProgram Reason = "program" // this server has none that writes
	ByFile    Reason = "file"    // writing was tried
)

// Copy is what there is of a version.
type Copy struct {
	State State `json:"state" enum:"absent,pending,ready,failed,impossible"`
	// Reason is for programs, Note for people.
	Reason      Reason           `json:"reason,omitempty" enum:"type,program,file" doc:"What is in the way: the type of the file, this server's programs, or this very file"`
	Note        string           `json:"note,omitempty" doc:"Why there is none"`
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`
	Size        int64            `json:"size,omitempty" doc:"Bytes, once it is ready"`

	made dam.MetadataCopy
	hash string // of what it is to say
}

// Object is the key, the hash and the time of a copy that is ready.
func (c Copy) Object(original string) (key, sha256 string, at time.Time) {
	return c.made.Key(original), c.made.SHA256, c.made.CreatedAt
}

func impossible(by Reason, why reasons.Reason) Copy {
	note, list := reasons.Note(why)
	return Copy{State: Impossible, Reason: by, Note: note, NoteReasons: list}
}

// Prepare says what there is, and makes nothing.
func (s *Service) Prepare(ctx context.Context, a dam.Asset, v dam.Version) (Copy, error) {
	if !s.Writer.Carried(v.MediaType) {
		return impossible(ByType, reasons.MetadataTypeWithoutRoom(v.MediaType)), nil
	}
	_, hash, err := s.facts(ctx, s.Catalog, a, v)
	if err != nil {
		return Copy{}, err
	}
	x, found, err := s.Catalog.Renditions().MetadataCopy(ctx, v.ID)
	switch {
	case err != nil:
		return Copy{}, err
	case found && x.Hash == hash && x.Note == "":
		return Copy{State: Ready, Size: x.Size, made: x}, nil
	}
	// What was made before a program went away is still good.
	var missing *dam.Error
	if err := s.Writer.Able(); errors.As(err, &missing) {
		return impossible(ByProgram, reasons.MetadataNotWritableHere(missing.Why())), nil
	}
	if found && x.Hash == hash {
		return Copy{State: Failed, Reason: ByFile, Note: x.Note, NoteReasons: x.NoteReasons, hash: hash}, nil
	}
	return Copy{State: Absent, hash: hash}, nil
}

// Ask has a copy made unless there is one. What failed before is tried again.
func (s *Service) Ask(ctx context.Context, a dam.Asset, v dam.Version) (Copy, error) {
	c, err := s.Prepare(ctx, a, v)
	if err != nil || c.State != Absent && c.State != Failed {
		return c, err
	}
	err = s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		if c.State == Failed {
			if err := tx.Renditions().DropMetadataCopy(ctx, v.ID); err != nil {
				return err
			}
		}
		return s.Jobs.Enqueue(ctx, tx, MakeArgs{v.ID, c.hash}, jobs.Options{Unique: true})
	})
	return Copy{State: Pending}, err
}

// pollEvery is how often a waiting download looks.
const pollEvery = 100 * time.Millisecond

// Await is Ask that waits for the copy until ctx ends; what it returns may then still be pending.
func (s *Service) Await(ctx context.Context, a dam.Asset, v dam.Version) (Copy, error) {
	c, err := s.Ask(ctx, a, v)
	for err == nil && c.State == Pending {
		select {
		case <-ctx.Done():
			return c, nil
		case <-time.After(pollEvery):
		}
		if c, err = s.Prepare(ctx, a, v); c.State == Absent {
			c.State = Pending
		}
		if ctx.Err() != nil {
			return Copy{State: Pending}, nil
		}
	}
	return c, err
}

// reader is the catalogue, or a transaction.
type reader interface {
	Libraries() catalog.Libraries
	Products() catalog.Products
	Versions() catalog.Versions
}

// facts are what the copy is to say, and the hash of that in these bytes. They lack what a sidecar says, see Make.
func (s *Service) facts(ctx context.Context, c reader, a dam.Asset, v dam.Version) (dam.CopyFacts, string, error) {
	l, err := c.Libraries().Library(ctx, a.Library)
	if err != nil {
		return dam.CopyFacts{}, "", err
	}
	facts := dam.CopyFacts{Asset: a, Locale: l.Locale}
	var sidecar string
	versions, err := c.Versions().List(ctx, a.ID)
	if err != nil {
		return dam.CopyFacts{}, "", err
	}
	if len(versions) > 0 {
		first := versions[len(versions)-1]
		facts.FileName, facts.First = first.FileName, first.SHA256 == v.SHA256 // restored, perhaps
		if first.Sidecar != nil {
			sidecar = first.Sidecar.SHA256
		}
		if facts.Filled, err = c.Versions().Embedded(ctx, first.ID); err != nil {
			return dam.CopyFacts{}, "", err
		}
	}
	for _, sku := range a.SKUs {
		p, err := c.Products().Product(ctx, a.Library, sku)
		if dam.CodeOf(err) == dam.NotFound { // the picture came before the product
			p.SKU, err = sku, nil
		}
		if err != nil {
			return dam.CopyFacts{}, "", err
		}
		facts.Products = append(facts.Products, p.Product)
	}
	// What the file says itself follows from its bytes.
	t := s.Writer.Tags(v.MediaType, facts, nil)
	b, err := json.Marshal(struct {
		Revision int
		SHA256   string
		Tags     dam.FileTags
		Filled   dam.Metadata
		First    bool
		Sidecar  string `json:",omitempty"`
	}{Revision, v.SHA256, t, facts.Filled, facts.First, sidecar})
	sum := sha256.Sum256(b)
	return facts, hex.EncodeToString(sum[:]), err
}

// sidecar is what the sidecar of an asset's first version says. One that comes after the facts makes the copy out of
// date.
func (s *Service) sidecar(ctx context.Context, a dam.Asset) (dam.Metadata, error) {
	versions, err := s.Catalog.Versions().List(ctx, a.ID)
	if err != nil || len(versions) == 0 || versions[len(versions)-1].Sidecar == nil {
		return dam.Metadata{}, err
	}
	packet, err := s.Catalog.Versions().SidecarPacket(ctx, versions[len(versions)-1].ID)
	if err != nil {
		return dam.Metadata{}, err
	}
	return s.Writer.Sidecar(packet)
}

// Make is the job. It may run twice for a version, at the same time even: the object is named by its bytes.
func (s *Service) Make(ctx context.Context, args MakeArgs, info jobs.Info) error {
	v, err := s.Catalog.Versions().Version(ctx, args.Version)
	if dam.CodeOf(err) == dam.NotFound {
		return nil // purged meanwhile
	}
	if err != nil {
		return err
	}
	a, err := s.Catalog.Assets().Asset(ctx, "", v.Asset)
	if err != nil {
		return err
	}
	facts, hash, err := s.facts(ctx, s.Catalog, a, v)
	if err != nil {
		return err
	}
	if have, found, err := s.Catalog.Renditions().MetadataCopy(ctx, v.ID); err != nil || found && have.Hash == hash &&
		have.Note == "" {
		return err
	}
	if facts.Sidecar, err = s.sidecar(ctx, a); err != nil {
		return err
	}
	x := dam.MetadataCopy{Version: v.ID, Hash: hash}
	sums, err := s.make(dam.WithOrigin(ctx, dam.Origin{Library: a.Library, Principal: v.CreatedBy}), v, facts, &x)
	if err == nil {
		return s.record(ctx, x, x.Key(v.SHA256), sums)
	}
	refused := dam.Lasting(err)
	switch {
	case refused != nil:
		x.Note, x.NoteReasons = reasons.Note(reasons.MetadataCopyRefused(refused.Why()))
		return errors.Join(s.record(ctx, x, "", nil), jobs.Park(err))
	case info.Attempt >= info.Max && !dam.OutOfRoom(err):
		x.Note, x.NoteReasons = reasons.Note(reasons.MetadataCopyFailed())
		return errors.Join(s.record(ctx, x, "", nil), err)
	}
	return err
}

// make writes and stores the copy; nothing is recorded yet.
func (s *Service) make(ctx context.Context, v dam.Version, facts dam.CopyFacts, x *dam.MetadataCopy) (blocks []byte,
	err error) {
	src, err := s.Store.Open(ctx, dam.OriginalKey(v.SHA256))
	if err != nil {
		return nil, fmt.Errorf("original of %s: %w", v.ID, err)
	}
	defer func() { _ = src.Close() }()
	tags := func(said map[string]any) dam.FileTags { return s.Writer.Tags(v.MediaType, facts, said) }
	err = s.Writer.Write(ctx, src, s.Writer.Wanted, tags, func(f *os.File) error {
		h := sha256.New()
		if x.Size, err = io.Copy(h, f); err != nil {
			return err
		}
		x.SHA256 = hex.EncodeToString(h.Sum(nil))
		key := x.Key(v.SHA256)
		if err := s.Catalog.Pin(ctx, time.Hour, catalog.Blob{Key: key, SHA256: x.SHA256, Size: x.Size}); err != nil {
			return err
		}
		sums, err := storage.Save(ctx, s.Store, key, f, storage.PutOptions{Size: x.Size, SHA256: x.SHA256,
			ContentType: v.MediaType}, nil)
		blocks = sums.Blocks
		return err
	})
	return blocks, err
}

func (s *Service) record(ctx context.Context, x dam.MetadataCopy, key string, sums []byte) error {
	// The job's own deadline may be what failed it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if _, err := tx.Versions().Version(ctx, x.Version); dam.CodeOf(err) == dam.NotFound {
			return nil
		} else if err != nil {
			return err
		}
		if key != "" {
			if err := tx.Objects().Attach(ctx, catalog.Blob{Key: key, SHA256: x.SHA256, Size: x.Size,
				Sums: sums}); err != nil {
				return err
			}
		}
		return tx.Renditions().PutMetadataCopy(ctx, x, key)
	})
}
