package ingest

import (
	"context"
	"encoding/base64"
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
	"vitrine/dam/reasons"
)

// Outcome is what became of a resumable upload; kept 48 hours.
type Outcome struct {
	Status  string         `json:"status" enum:"uploading,created,duplicate,rejected,sidecar"`
	Asset   string         `json:"asset,omitempty" doc:"The new asset, or the existing one of a duplicate"`
	Version string         `json:"version,omitempty"`
	SHA256  string         `json:"sha256,omitempty"`
	Code    string         `json:"code,omitempty"`
	Why     reasons.Reason `json:"why,omitzero"`
	// Reason and Remedy are the sentences that versions without codes stored.
	Reason     string `json:"reason,omitempty"`
	Remedy     string `json:"remedy,omitempty"`
	Quarantine string `json:"quarantine,omitempty"`
	// Owner is the id of the principal that began the upload: nobody else is told of it.
	Owner string `json:"owner,omitempty"`
	// Metadata says what of the file's own metadata could not be read.
	Metadata []reasons.Reason `json:"metadata,omitempty"`
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
	s     *Service
	store pendingStore
	tus   http.Handler // of tusd
	base  string
	dir   string
	// problem writes a dam.Error as the API does: body, content type, status.
	problem func(error) (status int, contentType, body string)
}

// NewTus mounts under base ("/api/uploads/"). problem renders errors like the
// rest of the API. The request's context says who acts (catalog.WithActor), its
// header Vitrine-Library where.
func NewTus(s *Service, base string, problem func(error) (status int, contentType, body string)) (*Tus, error) {
	t := &Tus{s: s, base: strings.TrimSuffix(base, "/"), dir: filepath.Join(s.Dir, "tus"), problem: problem}
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return nil, err
	}
	files := filestore.New(t.dir)
	files.FileModePerm, files.DirModePerm = 0o600, 0o700
	t.store = pendingStore{files, &pending{limit: &s.Unfinished, problem: t.httpError}}
	if err := t.count(); err != nil {
		return nil, err
	}
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
	t.tus = http.StripPrefix(t.base, stoppable(h))
	return t, nil
}

// ServeHTTP answers the protocol. An upload is there for who began it, in the library
// it was begun in; what an upload's metadata says is read here, and nowhere again.
func (t *Tus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fail := func(err error) {
		status, contentType, body := t.problem(err)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = w.Write([]byte(body)) // the client went away: nothing to do
		}
	}
	id := strings.Trim(strings.TrimPrefix(r.URL.Path, t.base), "/")
	switch {
	case id != "":
		if _, err := t.info(r.Context(), libraryOf(r), id); err != nil {
			fail(err)
			return
		}
	case r.Method == http.MethodPost:
		m, err := readMetadata(r.Header.Values("Upload-Metadata"))
		if err != nil {
			fail(err)
			return
		}
		if r.Header.Get("Upload-Defer-Length") != "" {
			fail(dam.InvalidInput("Upload-Length", reasons.UploadLengthNeeded()))
			return
		}
		r.Header.Set("Upload-Metadata", handler.SerializeMetadataHeader(m))
	}
	t.tus.ServeHTTP(w, r)
}

func libraryOf(r *http.Request) string {
	if l := r.Header.Get("Vitrine-Library"); l != "" {
		return l
	}
	return dam.DefaultLibrary
}

// maxMetadata is how many names an upload's metadata has at most.
const maxMetadata = 50

// readMetadata reads Upload-Metadata: names with base64 values. What two readers could
// take for different things is refused: a name twice, another separator, bad base64.
func readMetadata(headers []string) (map[string]string, error) {
	out := map[string]string{}
	if len(headers) > 1 {
		return nil, dam.InvalidInput("Upload-Metadata", reasons.HeaderSentTwice())
	}
	if len(headers) == 0 || strings.TrimSpace(headers[0]) == "" {
		return out, nil
	}
	names := map[string]bool{}
	for pair := range strings.SplitSeq(headers[0], ",") {
		name, encoded, _ := strings.Cut(strings.Trim(pair, " "), " ")
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, dam.InvalidInput("Upload-Metadata", reasons.MetadataNameInvalid())
		}
		field, folded := "Upload-Metadata."+name, strings.ToLower(name)
		if names[folded] {
			return nil, dam.InvalidInput(field, reasons.MetadataNameTwice())
		}
		names[folded] = true
		if len(names) > maxMetadata {
			return nil, dam.InvalidInput("Upload-Metadata", reasons.TooManyMetadataNames(maxMetadata))
		}
		value, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if err != nil {
			return nil, dam.InvalidInput(field, reasons.MetadataNotBase64())
		}
		out[name] = string(value)
		if name == "filename" { // cleaned instead
			continue
		}
		if err := dam.CheckText(field, out[name]); err != nil {
			return nil, err
		}
	}
	return out, nil
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
	if m["filename"] == "" {
		return fail(dam.InvalidInput("Upload-Metadata.filename", reasons.FileNameNeeded()))
	}
	switch name := dam.FileName(m["filename"]); {
	case dam.IsSidecar(name) && e.Upload.Size > dam.MaxSidecar:
		return fail(sidecarTooLarge())
	case dam.Leftover(name) && !dam.IsSidecar(name):
		return fail(leftover(name))
	}
	if d := m["on_duplicate"]; d != "" && d != Ask && d != Keep {
		return fail(dam.InvalidInput("Upload-Metadata.on_duplicate", reasons.UnknownOnDuplicate(d)))
	}
	if err := t.s.CheckRoom(e.Upload.Size); err != nil {
		return fail(err)
	}
	library := libraryOf(&http.Request{Header: e.HTTPRequest.Header})
	actor := catalog.ActorOf(e.Context)
	if err := t.may(e.Context, actor, library, m["asset"]); err != nil {
		return fail(err)
	}
	if err := checkQuota(e.Context, t.s.Catalog.Libraries(), library, e.Upload.Size); err != nil {
		return fail(err)
	}
	out := handler.MetaData{"filename": dam.FileName(m["filename"]), "on_duplicate": m["on_duplicate"],
		"asset": m["asset"], "library": library, "actor": actor.ID, "actor_name": actor.Name}
	return handler.HTTPResponse{}, handler.FileInfoChanges{ID: dam.NewID(dam.UploadPrefix), MetaData: out}, nil
}

// may refuses who can't add to the library, or to the asset ("" for a new one).
func (t *Tus) may(ctx context.Context, who dam.Principal, library, asset string) error {
	if asset == "" {
		return who.Need(library, dam.MayUpload)
	}
	a, err := t.s.Catalog.Assets().Asset(ctx, library, asset)
	if err != nil {
		return err
	}
	return who.MayEdit(&a)
}

// finished runs before the last PATCH is answered.
func (t *Tus) finished(e handler.HookEvent) (handler.HTTPResponse, error) {
	r, err := t.finish(e.Context, e.Upload)
	if err != nil {
		return handler.HTTPResponse{}, t.httpError(err)
	}
	h := handler.HTTPHeader{"Vitrine-Asset": r.Asset, "Vitrine-Version": r.Version, "Vitrine-Status": r.Status,
		"Vitrine-Sha256": r.SHA256}
	if len(r.Metadata) > 0 {
		h["Vitrine-Metadata"] = r.Metadata[0].ReasonCode
	}
	return handler.HTTPResponse{Header: h}, nil
}

// finish ingests a complete upload once; a repeat returns the recorded outcome.
func (t *Tus) finish(ctx context.Context, info handler.FileInfo) (Outcome, error) {
	// The bytes are here: a sender that hangs up now must not lose the work.
	ctx = context.WithoutCancel(ctx)
	m := info.MetaData
	// Who began it ends it, with the rights of now: days may lie between.
	who, err := t.s.Catalog.People().Principal(ctx, m["actor"])
	if err != nil {
		return Outcome{}, err
	}
	ctx = catalog.WithActor(ctx, who)
	if err := t.may(ctx, who, m["library"], m["asset"]); err != nil {
		return Outcome{}, err
	}
	// One upload is one change, however often its end is asked for.
	ctx = catalog.WithIdempotencyKey(ctx, catalog.IdempotencyKey{Key: "upload:" + info.ID + ":" + m["on_duplicate"] +
		":" + m["asset"]})
	f, err := hashFile(ctx, info.Storage[filestore.StorageKeyPath])
	if err != nil {
		return Outcome{}, err
	}
	r, err := t.s.Ingest(ctx, f, Upload{Library: m["library"], FileName: m["filename"], OnDuplicate: m["on_duplicate"],
		Asset: m["asset"], Resume: info.ID, Owner: m["actor"]})
	var dup *DuplicateError
	if errors.As(err, &dup) {
		// The bytes stay for the choice.
		return Outcome{},
			errors.Join(t.s.record(ctx, info.ID, Outcome{Status: "duplicate", Asset: dup.Asset, SHA256: dup.SHA256,
				Code: string(dam.Duplicate), Owner: m["actor"]}), err)
	}
	if err != nil && !errors.As(err, new(*RejectedError)) {
		return Outcome{}, err // the bytes stay: asking for the result tries again
	}
	if rmErr := t.remove(ctx, info.ID); rmErr != nil {
		t.s.Log.Warn("spooled upload not removed", "upload", info.ID, "err", rmErr)
	}
	return Outcome{Status: r.Status, Asset: r.Asset.ID, Version: r.Version, SHA256: r.SHA256,
		Metadata: r.Asset.Latest.MetadataReasons}, err
}

func (s *Service) record(ctx context.Context, id string, o Outcome) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Uploads().PutUploadResult(ctx, id, o) })
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
func (t *Tus) Result(ctx context.Context, library, id string) (Outcome, error) {
	raw, err := t.s.Catalog.Uploads().UploadResult(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	if raw != nil {
		var o Outcome
		err := json.Unmarshal(raw, &o)
		if err == nil && o.Owner != catalog.ActorOf(ctx).ID {
			return Outcome{}, noUpload(id)
		}
		return o, err
	}
	info, err := t.info(ctx, library, id)
	if err != nil {
		return Outcome{}, err
	}
	if info.Offset < info.Size {
		return Outcome{Status: "uploading"}, nil
	}
	o, err := t.finish(ctx, info)
	if errors.As(err, new(*DuplicateError)) || errors.As(err, new(*RejectedError)) {
		return t.Result(ctx, library, id)
	}
	return o, err
}

// Resolve answers a duplicate's question: "keep_both", or "new_version" of asset.
func (t *Tus) Resolve(ctx context.Context, library, id, choice, asset string) (Outcome, error) {
	info, err := t.info(ctx, library, id)
	if err != nil {
		return Outcome{}, err
	}
	if info.Offset < info.Size {
		return Outcome{}, &dam.Error{Code: dam.Conflict, Reason: reasons.UploadIncomplete()}
	}
	switch choice {
	case "keep_both":
		info.MetaData["on_duplicate"], info.MetaData["asset"] = Keep, ""
	case "new_version":
		if asset == "" {
			return Outcome{}, dam.InvalidInput("asset", reasons.UploadAssetNeeded())
		}
		info.MetaData["asset"] = asset
	default:
		return Outcome{}, dam.InvalidInput("choice", reasons.UnknownDuplicateChoice(choice))
	}
	return t.finish(ctx, info)
}

// info reads the record of an upload that the context's actor began in the library.
func (t *Tus) info(ctx context.Context, library, id string) (handler.FileInfo, error) {
	info, err := t.anyInfo(ctx, id)
	if err == nil && (info.MetaData["actor"] != catalog.ActorOf(ctx).ID || info.MetaData["library"] != library) {
		return handler.FileInfo{}, noUpload(id)
	}
	return info, err
}

// anyInfo reads the record of an upload, whoever began it.
func (t *Tus) anyInfo(ctx context.Context, id string) (handler.FileInfo, error) {
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
	return &dam.Error{Code: dam.NotFound, Reason: reasons.NoUpload(id)}
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
	info, err := t.anyInfo(ctx, id)
	if err != nil {
		return err
	}
	st, err := os.Stat(info.Storage[filestore.StorageKeyPath])
	if err != nil {
		return err
	}
	idle := time.Since(st.ModTime())
	raw, err := t.s.Catalog.Uploads().UploadResult(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case raw == nil && info.Offset == info.Size && idle <= keepIdle:
		_, err := t.finish(ctx, info)
		if errors.As(err, new(*DuplicateError)) || errors.As(err, new(*RejectedError)) {
			return nil
		}
		if code := dam.CodeOf(err); code == dam.Forbidden || code == dam.NotFound || code == dam.Conflict {
			break // not by who began it as things are: the bytes wait as those of an unfinished one do
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
