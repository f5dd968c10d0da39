package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	xslog "golang.org/x/exp/slog"
	"vitrine/dam"
	"vitrine/dam/catalog"
)

// Outcome is what became of a resumable upload; kept 48 hours.
type Outcome struct {
	Status     string `json:"status" enum:"uploading,created,duplicate,rejected"`
	Asset      string `json:"asset,omitempty" doc:"The new asset, or the existing one of a duplicate"`
	Version    string `json:"version,omitempty"`
	SHA256     string `json:"sha256,omitempty"`
	Code       string `json:"code,omitempty"`
	Reason     string `json:"reason,omitempty"`
	Remedy     string `json:"remedy,omitempty"`
	Quarantine string `json:"quarantine,omitempty"`
}

const (
	// keepIdle is how long an unfinished upload waits for its sender.
	keepIdle = 7 * 24 * time.Hour
	// keepDuplicate is how long a duplicate's bytes wait for the choice.
	keepDuplicate = 24 * time.Hour
)

// Tus takes resumable uploads (tus 1.0: creation, termination). The answer to
// the last PATCH comes after the asset is committed and names it in the headers
// Vitrine-Asset, Vitrine-Version and Vitrine-Status.
type Tus struct {
	http.Handler
	s     *Service
	store filestore.FileStore
	dir   string
	// Problem writes a dam.Error as the API does: body, content type, status.
	problem func(error) (status int, contentType, body string)
}

// NewTus mounts under base ("/api/uploads/"). problem renders errors like the
// rest of the API. The request's context says who acts (catalog.WithActor), its
// header Vitrine-Library where.
func NewTus(s *Service, base string, problem func(error) (status int, contentType, body string)) (*Tus, error) {
	t := &Tus{s: s, dir: filepath.Join(s.Dir, "tus"), problem: problem}
	if err := os.MkdirAll(t.dir, 0o750); err != nil {
		return nil, err
	}
	t.store = filestore.New(t.dir)
	t.store.FileModePerm, t.store.DirModePerm = 0o640, 0o750
	c := handler.NewStoreComposer()
	spool := tusSpool{t.store, t}
	c.UseCore(spool)
	c.UseTerminater(spool)
	memorylocker.New().UseIn(c) // one process has the data folder to itself, and a full disk takes no lock files
	h, err := handler.NewHandler(handler.Config{
		BasePath: base, StoreComposer: c, MaxSize: s.MaxSize, DisableDownload: true, DisableConcatenation: true,
		Cors:                      &handler.CorsConfig{Disable: true},
		Logger:                    xslog.New(xslog.NewTextHandler(io.Discard, nil)), // requests are logged by the API
		PreUploadCreateCallback:   t.create,
		PreFinishResponseCallback: t.finished,
	})
	if err != nil {
		return nil, err
	}
	t.Handler = http.StripPrefix(strings.TrimSuffix(base, "/"), h)
	return t, nil
}

// create refuses what would fail at the end, and remembers who uploads where.
func (t *Tus) create(e handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
	m := e.Upload.MetaData
	if m == nil {
		m = handler.MetaData{}
	}
	fail := func(err error) (handler.HTTPResponse, handler.FileInfoChanges, error) {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, t.httpError(err)
	}
	if e.Upload.SizeIsDeferred {
		return fail(dam.InvalidField("Upload-Length", "the length must be known at the start", "send Upload-Length"))
	}
	if m["filename"] == "" {
		return fail(dam.InvalidField("Upload-Metadata.filename", "a file name is needed", "send Upload-Metadata: filename <base64>"))
	}
	if d := m["on_duplicate"]; d != "" && d != Ask && d != Keep {
		return fail(dam.InvalidField("Upload-Metadata.on_duplicate", "unknown value "+d, "use ask or keep"))
	}
	if err := t.s.CheckRoom(e.Upload.Size); err != nil {
		return fail(err)
	}
	library := e.HTTPRequest.Header.Get("Vitrine-Library")
	if library == "" {
		library = dam.DefaultLibrary
	}
	if id := m["asset"]; id != "" {
		if _, err := t.s.Catalog.Asset(e.Context, library, id); err != nil {
			return fail(err)
		}
	}
	actor := catalog.ActorOf(e.Context)
	out := handler.MetaData{"filename": cleanName(m["filename"]), "on_duplicate": m["on_duplicate"], "asset": m["asset"], "library": library, "actor": actor.ID, "actor_name": actor.Name}
	return handler.HTTPResponse{}, handler.FileInfoChanges{ID: dam.NewID(dam.UploadPrefix), MetaData: out}, nil
}

// finished runs before the last PATCH is answered.
func (t *Tus) finished(e handler.HookEvent) (handler.HTTPResponse, error) {
	r, err := t.finish(e.Context, e.Upload)
	if err != nil {
		return handler.HTTPResponse{}, t.httpError(err)
	}
	return handler.HTTPResponse{Header: handler.HTTPHeader{"Vitrine-Asset": r.Asset, "Vitrine-Version": r.Version, "Vitrine-Status": r.Status, "Vitrine-Sha256": r.SHA256}}, nil
}

// finish ingests a complete upload once; a repeat returns the recorded outcome.
func (t *Tus) finish(ctx context.Context, info handler.FileInfo) (Outcome, error) {
	// The bytes are here: a sender that hangs up now must not lose the work.
	ctx = context.WithoutCancel(ctx)
	m := info.MetaData
	if catalog.ActorOf(ctx).ID == dam.System().ID {
		ctx = catalog.WithActor(ctx, dam.Principal{ID: m["actor"], Name: m["actor_name"]})
	}
	// One upload is one change, however often its end is asked for.
	ctx = catalog.WithIdempotencyKey(ctx, catalog.IdempotencyKey{Key: "upload:" + info.ID + ":" + m["on_duplicate"] + ":" + m["asset"]})
	f, err := hashFile(ctx, info.Storage[filestore.StorageKeyPath])
	if err != nil {
		return Outcome{}, err
	}
	r, err := t.s.Ingest(ctx, f, Upload{Library: m["library"], FileName: m["filename"], OnDuplicate: m["on_duplicate"], Asset: m["asset"], Resume: info.ID})
	var dup *DuplicateError
	if errors.As(err, &dup) {
		// The bytes stay for the choice.
		return Outcome{}, errors.Join(t.s.record(ctx, info.ID, Outcome{Status: "duplicate", Asset: dup.Asset, SHA256: dup.SHA256, Code: string(dam.Duplicate)}), err)
	}
	if err != nil && !errors.As(err, new(*RejectedError)) {
		return Outcome{}, err // the bytes stay: asking for the result tries again
	}
	if rmErr := t.remove(ctx, info.ID); rmErr != nil {
		t.s.Log.Warn("spooled upload not removed", "upload", info.ID, "err", rmErr)
	}
	return Outcome{Status: r.Status, Asset: r.Asset.ID, Version: r.Version, SHA256: r.SHA256}, err
}

func (s *Service) record(ctx context.Context, id string, o Outcome) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.PutUploadResult(ctx, id, o) })
}

func (t *Tus) httpError(err error) error {
	status, contentType, body := t.problem(err)
	e := handler.NewError("ERR_VITRINE", "", status)
	e.HTTPResponse.Header = handler.HTTPHeader{"Content-Type": contentType}
	e.HTTPResponse.Body = body
	return e
}

// Result returns what became of an upload. One that is complete but was cut off
// before its answer is finished now.
func (t *Tus) Result(ctx context.Context, id string) (Outcome, error) {
	raw, err := t.s.Catalog.UploadResult(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	if raw != nil {
		var o Outcome
		return o, json.Unmarshal(raw, &o)
	}
	info, err := t.info(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	if info.Offset < info.Size {
		return Outcome{Status: "uploading"}, nil
	}
	o, err := t.finish(ctx, info)
	if errors.As(err, new(*DuplicateError)) || errors.As(err, new(*RejectedError)) {
		return t.Result(ctx, id)
	}
	return o, err
}

// Resolve answers a duplicate's question: "keep_both", or "new_version" of asset.
func (t *Tus) Resolve(ctx context.Context, id, choice, asset string) (Outcome, error) {
	info, err := t.info(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	if info.Offset < info.Size {
		return Outcome{}, &dam.Error{Code: dam.Conflict, Message: "the upload is not complete", Remedy: "send the rest first"}
	}
	switch choice {
	case "keep_both":
		info.MetaData["on_duplicate"], info.MetaData["asset"] = Keep, ""
	case "new_version":
		if asset == "" {
			return Outcome{}, dam.InvalidField("asset", "which asset gets the new version?", "send its id")
		}
		info.MetaData["asset"] = asset
	default:
		return Outcome{}, dam.InvalidField("choice", "unknown choice "+choice, "use new_version or keep_both")
	}
	return t.finish(ctx, info)
}

func (t *Tus) info(ctx context.Context, id string) (handler.FileInfo, error) {
	if !dam.IsID(dam.UploadPrefix, id) {
		return handler.FileInfo{}, noUpload(id)
	}
	up, err := t.store.GetUpload(ctx, id)
	if errors.Is(err, handler.ErrNotFound) {
		return handler.FileInfo{}, noUpload(id)
	}
	if err != nil {
		return handler.FileInfo{}, err
	}
	return up.GetInfo(ctx)
}

func noUpload(id string) error {
	return &dam.Error{Code: dam.NotFound, Message: "there is no upload " + id + " here", Remedy: "start the upload again"}
}

func (t *Tus) remove(ctx context.Context, id string) error {
	up, err := t.store.GetUpload(ctx, id)
	if err != nil {
		return err
	}
	return t.store.AsTerminatableUpload(up).Terminate(ctx)
}

// Recover finishes uploads that were complete when the server died, and removes
// those nobody came back for. To be called at start and then now and again.
func (t *Tus) Recover(ctx context.Context) error {
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".info")
		if !ok || ctx.Err() != nil {
			continue
		}
		if err := t.recover(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("upload %s: %w", id, err))
		}
	}
	return errors.Join(append(errs, t.sweepSpool())...)
}

func (t *Tus) recover(ctx context.Context, id string) error {
	info, err := t.info(ctx, id)
	if err != nil {
		return err
	}
	st, err := os.Stat(info.Storage[filestore.StorageKeyPath])
	if err != nil {
		return err
	}
	idle := time.Since(st.ModTime())
	raw, err := t.s.Catalog.UploadResult(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case raw == nil && info.Offset == info.Size:
		_, err := t.finish(ctx, info)
		if errors.As(err, new(*DuplicateError)) || errors.As(err, new(*RejectedError)) {
			return nil
		}
		return err
	case raw != nil && idle > keepDuplicate, idle > keepIdle:
		return t.remove(ctx, id)
	}
	return nil
}

// sweepSpool removes multipart leftovers of a server that died.
func (t *Tus) sweepSpool() error {
	left, err := filepath.Glob(filepath.Join(t.s.Dir, "spool-*"))
	if err != nil {
		return err
	}
	for _, name := range left {
		if st, err := os.Stat(name); err == nil && time.Since(st.ModTime()) > keepDuplicate {
			if err := os.Remove(name); err != nil {
				slog.Warn("spool leftover", "err", err)
			}
		}
	}
	return nil
}
