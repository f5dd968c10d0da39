package rendition

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// PipelineRevision grows when the same recipe gives other pixels for some kind of original: a reader of that kind then
// sets Info.Revision, and changedTypes names the kind's media type. The revision of its kind is part of a picture's
// hash, so that what was right before keeps its name, and only what was wrong is made again (see package reprocess).
const PipelineRevision = 2

// changedTypes are the media types of which a later revision than the first renders some originals otherwise.
var changedTypes = []string{"image/tiff", "image/vnd.adobe.photoshop", "application/pdf", "image/gif", "image/jxl",
	"image/avif", "image/heic"}

// ChangedTypes returns the media types of which some originals were rendered wrongly by earlier revisions; which ones,
// Info.Revision says.
func ChangedTypes() []string { return slices.Clone(changedTypes) }

// revision is the revision of the pipeline that a version's rendition is made by. Videos are made of all kinds of
// files in one way.
func revision(v *dam.Version, f dam.Format) int {
	if f.IsVideo() {
		return 1
	}
	return max(1, v.Recipe)
}

// MakeArgs is the job that makes the missing renditions of a version: those that can't wait, or those that can.
type MakeArgs struct {
	Version  string `json:"version"`
	Deferred bool   `json:"late,omitempty"`
}

// Kind names the job in the queue.
func (MakeArgs) Kind() string { return "rendition.make" }

// Enqueuer puts a job into a transaction.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Libraries() catalog.Libraries
	Objects() catalog.Objects
	Presets() catalog.Presets
	Renditions() catalog.Renditions
	Versions() catalog.Versions
	// Pin keeps objects for a while although nothing refers to them.
	Pin(ctx context.Context, d time.Duration, blobs ...catalog.Blob) error
}

// Service keeps the renditions of versions in step with presets and focal points.
type Service struct {
	Catalog Catalog
	Store   storage.Store
	Engine  Engine
	Jobs    Enqueuer
	Options Options
	// Ready, if any, joins the transaction in which a version's renditions become ready.
	Ready func(ctx context.Context, tx *catalog.Tx, version string) error
}

// SeedPresets gives every library without presets the default ones.
func (s *Service) SeedPresets(ctx context.Context) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		libraries, err := tx.Libraries().List(ctx)
		for _, l := range libraries {
			if err := s.Seed(ctx, tx, l.ID); err != nil {
				return err
			}
		}
		return err
	})
}

// Seed gives a library without presets the default ones.
func (s *Service) Seed(ctx context.Context, tx *catalog.Tx, library string) error {
	have, err := tx.Presets().List(ctx, library)
	if err != nil || len(have) > 0 {
		return err
	}
	first := DefaultPresets()
	ready, err := ReadyMade()
	if err != nil {
		return err
	}
	for _, p := range ready {
		if slices.Contains(movingPresets[:], p.Name) {
			first = append(first, p)
		}
	}
	for i, p := range first {
		if err := tx.Presets().SetPreset(ctx, library, i, p); err != nil {
			return err
		}
	}
	return nil
}

// PlanVersion asks for a version's renditions inside the transaction that adds it.
func (s *Service) PlanVersion(ctx context.Context, tx *catalog.Tx, version string) error {
	return s.Jobs.Enqueue(ctx, tx, MakeArgs{Version: version}, jobs.Options{Fair: true})
}

// Plan asks for an asset's renditions anew, of its latest and its live version:
// the focal point moved, or somebody wants another try.
func (s *Service) Plan(ctx context.Context, tx *catalog.Tx, a *dam.Asset) error {
	ids := []string{a.Latest.ID}
	if a.Live != "" && a.Live != a.Latest.ID {
		ids = append(ids, a.Live)
	}
	for _, id := range ids {
		v, err := tx.Versions().Version(ctx, id)
		if err != nil {
			return err
		}
		if v.Renditions == dam.RenditionsNone {
			continue
		}
		v.Renditions = dam.RenditionsPending
		v.NoteRenditions()
		if err := tx.Versions().UpdateVersion(ctx, v); err != nil {
			return err
		}
		if id == a.Latest.ID {
			a.Latest = v
		}
		if err := s.PlanVersion(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// Retry makes an asset's renditions again after a failure.
func (s *Service) Retry(ctx context.Context, library, asset string) (dam.Asset, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Asset, error) {
		a, err := tx.Assets().LockAsset(ctx, library, asset)
		if err != nil {
			return a, err
		}
		if a.Latest.Renditions == dam.RenditionsNone {
			return a, &dam.Error{Code: dam.Conflict, Reason: reasons.TypeWithoutRenditions()}
		}
		for _, v := range []string{a.Latest.ID, a.Live} {
			if err := tx.Renditions().DeleteVideos(ctx, v, nil); err != nil {
				return a, err
			}
		}
		return a, s.Plan(ctx, tx, &a)
	})
}

// recipe is a spec with the hash that names its result.
type recipe struct {
	Spec
	hash string
}

func (r recipe) id() string { return r.Name + "/" + string(r.Format) }

// recipes are the renditions a version should have now: those made at upload, and those made
// on demand that it has or was asked for.
func recipes(ctx context.Context, c interface {
	Presets() catalog.Presets
}, a *dam.Asset, v *dam.Version, have []dam.Rendition) ([]recipe, error) {
	presets, err := c.Presets().List(ctx, a.Library)
	if err != nil {
		return nil, err
	}
	wanted, err := c.Presets().WantedRenditions(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range have {
		base, _, _ := strings.Cut(r.Preset, "@")
		wanted = append(wanted, base)
	}
	presets = slices.DeleteFunc(presets, func(p dam.Preset) bool {
		return p.Apply == dam.OnDemand && !slices.Contains(wanted, p.Name)
	})
	specs := resolve(presets, a, v)
	out := make([]recipe, len(specs))
	for i, spec := range specs {
		out[i] = recipe{spec, Hash(v.SHA256, spec, revision(v, spec.Format))}
	}
	return out, nil
}

// missing are the recipes that have no row yet.
func missing(want []recipe, have []dam.Rendition) []recipe {
	rows := map[string]string{}
	for _, r := range have {
		rows[r.Preset+"/"+string(r.Format)] = r.Hash
	}
	var out []recipe
	for _, w := range want {
		if rows[w.id()] != w.hash {
			out = append(out, w)
		}
	}
	return out
}

// split tells what is made at once from what can wait: a slow format (AVIF), where its preset has another.
func split(list []recipe) (prompt, late []recipe) {
	for _, r := range stills(list) {
		if r.Format.Slow() && slices.ContainsFunc(list, func(o recipe) bool {
			return o.Name == r.Name &&
				!o.Format.Slow()
		}) {
			late = append(late, r)
		} else {
			prompt = append(prompt, r)
		}
	}
	return prompt, late
}

// Make is the job: one decode, every missing rendition, one transaction. It may
// run twice for a version, at the same time even: rows and objects exist once.
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
	ctx = dam.WithOrigin(ctx, dam.Origin{Library: a.Library, Principal: v.CreatedBy})
	have, err := s.Catalog.Renditions().List(ctx, v.ID)
	if err != nil {
		return err
	}
	want, err := recipes(ctx, s.Catalog, &a, &v, have)
	if err != nil {
		return err
	}
	list, late := split(want)
	if args.Deferred {
		list = late
	}
	made, err := s.render(ctx, &v, missing(list, have))
	if made.deferred = args.Deferred; err == nil {
		return s.commit(ctx, v.ID, made)
	}
	refused := dam.Lasting(err)
	switch {
	case errors.Is(err, dam.ErrHeld):
		return err
	case lost(err):
		return s.awaitOriginal(ctx, &v, err)
	case args.Deferred && refused != nil:
		return jobs.Park(err)
	case args.Deferred, dam.OutOfRoom(err): // until it can be made the picture is shown in its other formats
		return err
	case refused != nil:
		return errors.Join(s.refuse(ctx, v.ID, refused.Why()), jobs.Park(err))
	case info.Attempt >= info.Max:
		return errors.Join(s.refuse(ctx, v.ID, reasons.RenditionsFailed()), err)
	}
	return err
}

// finished is a rendition whose object is stored.
type finished struct {
	row  dam.Rendition
	key  string
	sums []byte
}

// blob is the record of its object.
func (f finished) blob() catalog.Blob {
	return catalog.Blob{Key: f.key, SHA256: f.row.SHA256, Size: f.row.Size, Sums: f.sums}
}

// batch is what became of a list of recipes.
type batch struct {
	made []finished
	// refused are the recipes that can't be made of this picture, with the reason: a ceiling
	// that is too low for it, a watermark that can't be read.
	refused  map[string]reasons.Reason
	deferred bool // only what could wait
}

// note says what is not there.
func (b batch) note() []reasons.Reason {
	var said []reasons.Reason
	for _, id := range slices.Sorted(maps.Keys(b.refused)) {
		preset, _, _ := strings.Cut(id, "/")
		said = append(said, reasons.PresetRefused(preset, b.refused[id]))
	}
	return said
}

// render makes and stores the pictures; nothing is recorded yet. What a preset asks beyond size
// and format may be impossible for one picture: that must not cost it the others.
func (s *Service) render(ctx context.Context, v *dam.Version, list []recipe) (batch, error) {
	var b batch
	made, err := s.renderAll(ctx, v, list)
	demanding := func(r recipe) bool { return r.MaxBytes > 0 || r.Watermark != nil }
	if dam.Lasting(err) == nil || !slices.ContainsFunc(list, demanding) {
		b.made = made
		return b, err
	}
	plain := slices.DeleteFunc(slices.Clone(list), demanding)
	if b.made, err = s.renderAll(ctx, v, plain); err != nil {
		return b, err
	}
	b.refused = map[string]reasons.Reason{}
	for _, r := range list {
		if !demanding(r) {
			continue
		}
		one, err := s.renderAll(ctx, v, []recipe{r})
		if err == nil {
			b.made = append(b.made, one...)
		} else if refused := dam.Lasting(err); refused != nil {
			b.refused[r.id()] = refused.Why()
		} else {
			return b, err
		}
	}
	return b, nil
}

func (s *Service) renderAll(ctx context.Context, v *dam.Version, list []recipe) ([]finished, error) {
	if len(list) == 0 {
		return nil, nil
	}
	src, err := s.openOriginal(ctx, v)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	specs := make([]Spec, len(list))
	hashes := make(map[string]string, len(list))
	for i, r := range list {
		specs[i] = r.Spec
		hashes[r.id()] = r.hash
	}
	var outputs []Output
	if err := s.Engine.Render(ctx, src, specs, s.options(), func(o Output) error {
		outputs = append(outputs, o)
		return nil
	}); err != nil {
		return nil, src.blame(err)
	}
	made := make([]finished, len(outputs))
	blobs := make([]catalog.Blob, len(outputs))
	for i, o := range outputs {
		hash := hashes[recipe{Spec: o.Spec}.id()]
		sum := sha256.Sum256(o.Bytes)
		made[i] = finished{
			row: dam.Rendition{Version: v.ID, Preset: o.Spec.Name, Format: o.Spec.Format, Hash: hash,
				SHA256: hex.EncodeToString(sum[:]), Size: int64(len(o.Bytes)),
				Width: o.Width, Height: o.Height, MediaType: o.MediaType},
			key: dam.RenditionKey(v.SHA256, hash, o.Spec.Format),
		}
		made[i].row.Note, made[i].row.NoteReasons = reasons.Note(o.Note)
		blobs[i] = catalog.Blob{Key: made[i].key, SHA256: made[i].row.SHA256, Size: made[i].row.Size}
	}
	if err := s.Catalog.Pin(ctx, time.Hour, blobs...); err != nil {
		return nil, err
	}
	// At once: each waits for the disk's or the bucket's acknowledgement.
	puts, ctx := errgroup.WithContext(ctx)
	for i, o := range outputs {
		puts.Go(func() error {
			return dam.Protect("storing a rendition",
				func() error { return s.save(ctx, &made[i], bytes.NewReader(o.Bytes)) })
		})
	}
	return made, puts.Wait()
}

// save stores a rendition. One that is there already, made by another engine perhaps, stays when it is what the
// catalogue has recorded: then its size and hash count.
func (s *Service) save(ctx context.Context, f *finished, body io.ReadSeeker) error {
	sums, err := storage.Save(ctx, s.Store, f.key, body, storage.PutOptions{Size: f.row.Size, SHA256: f.row.SHA256,
		ContentType: f.row.MediaType},
		func(ctx context.Context) (string, error) {
			b, err := s.Catalog.Objects().BlobByKey(ctx, f.key)
			return b.SHA256, err
		})
	f.row.Size, f.row.SHA256, f.sums = sums.Size, sums.SHA256, sums.Blocks
	return err
}

// commit records the pictures that are still wanted. When the focal point or a
// preset changed meanwhile, the job for that change makes the rest.
func (s *Service) commit(ctx context.Context, version string, b batch) error {
	return s.withWanted(ctx, version, nil, func(tx *catalog.Tx, w *wanted) error { return s.record(ctx, tx, w, b) })
}

func (s *Service) record(ctx context.Context, tx *catalog.Tx, w *wanted, b batch) error {
	keep, hashes := map[string]bool{}, map[string]string{}
	for _, r := range w.want {
		keep[r.id()], hashes[r.id()] = true, r.hash
	}
	made := slices.DeleteFunc(slices.Clone(b.made), func(f finished) bool {
		return hashes[f.row.Preset+"/"+string(f.row.Format)] != f.row.Hash
	})
	if err := s.putRenditions(ctx, tx, w, made...); err != nil {
		return err
	}
	lacking := func(list []recipe) bool {
		return slices.ContainsFunc(missing(list, w.have), func(r recipe) bool { return b.refused[r.id()].IsZero() })
	}
	prompt, late := split(w.want)
	if lacking(prompt) {
		return nil
	}
	if lacking(late) {
		if err := s.Jobs.Enqueue(ctx, tx, MakeArgs{Version: w.ID, Deferred: true},
			jobs.Options{Later: true}); err != nil {
			return err
		}
	}
	for _, r := range missing(late, w.have) {
		delete(keep, r.id()) // another crop than its neighbours
	}
	note := b.note()
	if b.deferred {
		note = w.RenditionReasons
	}
	superfluous := slices.ContainsFunc(w.have,
		func(r dam.Rendition) bool { return !keep[r.Preset+"/"+string(r.Format)] })
	if err := tx.Renditions().DeleteRenditions(ctx, w.ID, keep); err != nil {
		return err
	}
	if w.Renditions == dam.RenditionsReady && reasons.Equal(w.RenditionReasons, note) && len(b.made) == 0 &&
		!superfluous {
		return nil
	}
	return s.conclude(ctx, tx, &w.asset, w.Version, dam.RenditionsReady, note...)
}

// wanted is a version whose asset's row is held, with the pictures that it has and the recipes of those that it ought
// to have.
type wanted struct {
	dam.Version
	asset dam.Asset
	have  []dam.Rendition
	want  []recipe
}

// withWanted runs fn in a transaction with what is wanted of a version now, once its file says facts if there are any.
// It does nothing for a version that was purged.
func (s *Service) withWanted(ctx context.Context, version string, facts *dam.FileFacts,
	fn func(*catalog.Tx, *wanted) error) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		var w wanted
		var err error
		if w.asset, w.Version, err = lockVersion(ctx, tx, version); dam.CodeOf(err) == dam.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if facts != nil {
			w.SetFacts(*facts)
			if err := tx.Versions().SetFacts(ctx, w.Version); err != nil {
				return err
			}
		}
		if w.have, err = tx.Renditions().List(ctx, version); err != nil {
			return err
		}
		if w.want, err = recipes(ctx, tx.Conn, &w.asset, &w.Version, w.have); err != nil {
			return err
		}
		return fn(tx, &w)
	})
}

// putRenditions records what was made, and plans the videos that are made of it.
func (s *Service) putRenditions(ctx context.Context, tx *catalog.Tx, w *wanted, made ...finished) (err error) {
	for _, f := range made {
		if err := tx.Objects().Attach(ctx, f.blob()); err != nil {
			return err
		}
		if err := tx.Renditions().PutRendition(ctx, f.row, f.key); err != nil {
			return err
		}
	}
	if w.have, err = tx.Renditions().List(ctx, w.ID); err != nil {
		return err
	}
	return s.planVideos(ctx, tx, w.ID, w.want, w.have)
}

// refuse says why a version has no renditions.
func (s *Service) refuse(ctx context.Context, version string, why reasons.Reason) error {
	// The job's own deadline may be what failed it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		v, err := tx.Versions().Version(ctx, version)
		if err != nil {
			return err
		}
		a, err := tx.Assets().LockAsset(ctx, "", v.Asset)
		if err != nil {
			return err
		}
		return s.conclude(ctx, tx, &a, v, dam.RenditionsFailed, why)
	})
}

func (s *Service) conclude(ctx context.Context, tx *catalog.Tx, a *dam.Asset, v dam.Version, state dam.RenditionState,
	why ...reasons.Reason) error {
	v.Renditions = state
	v.NoteRenditions(why...)
	if err := tx.Versions().UpdateVersion(ctx, v); err != nil {
		return err
	}
	t := dam.RenditionsMade
	if state == dam.RenditionsFailed {
		t = dam.RenditionsRefused
	}
	tx.EmitAsset(t, a, map[string]any{"version": v.ID, "live": a.Live == v.ID})
	if state == dam.RenditionsReady && s.Ready != nil {
		return s.Ready(ctx, tx, v.ID)
	}
	return nil
}
