package assets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// MetadataReader reads what a file says about itself, and its sidecar with it (nil for none). What can't be understood
// is marked in the result; only a cancelled context is an error.
type MetadataReader interface {
	ReadWithSidecar(ctx context.Context, file io.ReadSeeker, mediaType string, sidecar []byte) (dam.Metadata, error)
}

// ReadFiles reads the files of all versions of an asset again, with their sidecars. It changes nothing; see TakeIn.
func (s *Service) ReadFiles(ctx context.Context, library, id string) (dam.Reading, error) {
	if _, err := s.Catalog.Assets().Asset(ctx, library, id); err != nil {
		return nil, err
	}
	versions, err := s.Catalog.Versions().List(ctx, id)
	if err != nil {
		return nil, err
	}
	out := dam.Reading{}
	for _, v := range versions {
		sidecar, err := s.Catalog.Versions().SidecarPacket(ctx, v.ID)
		if err != nil {
			return nil, err
		}
		m, err := s.read(ctx, library, v, sidecar)
		if err != nil {
			return nil, err
		}
		out[v.ID] = dam.FileReading{Metadata: m, Sidecar: sumOf(sidecar)}
	}
	return out, nil
}

// read reads one version's file.
func (s *Service) read(ctx context.Context, library string, v dam.Version, sidecar []byte) (dam.Metadata, error) {
	o, err := s.Store.Open(ctx, dam.OriginalKey(v.SHA256))
	if err != nil {
		return dam.Metadata{}, unreadable(err)
	}
	defer func() { _ = o.Close() }() // only read
	src := &source{ReadSeeker: o}
	m, err := s.Metadata.ReadWithSidecar(dam.WithOrigin(ctx, dam.Origin{Library: library}), src, v.MediaType, sidecar)
	if err == nil && src.err != nil {
		err = unreadable(src.err) // the storage's fault is not the file's
	}
	if err != nil {
		return dam.Metadata{}, err
	}
	old, err := s.Catalog.Versions().Embedded(ctx, v.ID)
	if old.Profile != "" { // from the picture itself, which is not decoded here
		m.Profile = old.Profile
	}
	return m.Bounded(), err
}

// source remembers an error of the storage, which a reader of metadata takes for the file's end.
type source struct {
	io.ReadSeeker
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.ReadSeeker.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func unreadable(err error) error {
	if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrDamaged) {
		return &dam.Error{Code: dam.Damaged, Reason: reasons.OriginalLost(), Err: err}
	}
	return &dam.Error{Code: dam.Unavailable, Reason: reasons.StorageDoesNotAnswer(), Err: err}
}

// TakeIn puts what the files of an asset say now into the fields that nobody has edited, as a part of a transaction
// that holds the asset. Dry changes nothing and tells what would be changed. A field is taken for unedited while it
// says what the first version's file was read to say before; later versions fill nothing. What a file that could not be
// read whole does not say stays. The asset gets a new revision if anything changes.
func (s *Service) TakeIn(ctx context.Context, tx *catalog.Tx, a *dam.Asset, r dam.Reading, dry bool) (dam.ReadingChange,
	error) {
	out, err := s.takeIn(ctx, tx, a, r, dry)
	if err != nil || dry || len(out.Files) == 0 || len(out.Changes) > 0 { // an edit has said it
		return out, err
	}
	return out, touch(ctx, tx, a, "metadata")
}

// touch says that what an asset shows beside its fields has changed.
func touch(ctx context.Context, tx *catalog.Tx, a *dam.Asset, what string) error {
	tx.EmitAsset(dam.AssetUpdated, a, map[string]any{"fields": []string{what}})
	return tx.Assets().UpdateAsset(ctx, a)
}

func (s *Service) takeIn(ctx context.Context, tx *catalog.Tx, a *dam.Asset, r dam.Reading, dry bool) (dam.ReadingChange,
	error) {
	out := dam.ReadingChange{Files: map[string]dam.Reread{}}
	versions, err := tx.Versions().List(ctx, a.ID)
	if err != nil || len(versions) == 0 {
		return out, err
	}
	lib, err := tx.Libraries().Library(ctx, a.Library)
	if err != nil {
		return out, err
	}
	first := versions[len(versions)-1]
	var patch Patch
	for _, v := range versions {
		reading, ok := r[v.ID]
		if !ok || reading.Sidecar != sidecarOf(v) { // it has come since, and was read as it came
			continue
		}
		now := reading.Metadata
		before, err := tx.Versions().Embedded(ctx, v.ID)
		if err != nil {
			return out, err
		}
		if v.ID == first.ID {
			patch, out.Kept = refill(a, filled{before, lib.Locale, v.FileName}, filled{now, lib.Locale, v.FileName})
		}
		if sameReading(before, now) {
			continue
		}
		out.Files[v.ID] = dam.Reread{Before: before, After: now}
		if dry {
			continue
		}
		if err := tx.Versions().SetEmbedded(ctx, v.ID, now); err != nil {
			return out, err
		}
	}
	if len(patch) == 0 {
		return out, nil
	}
	if dry {
		look := *a
		out.Changes, err = patch.apply(&look, rules{})
		return out, err
	}
	out.Changes, err = s.EditIn(ctx, tx, a.Library, a.ID, patch)
	return out, err
}

// sameReading compares what is stored of two readings.
func sameReading(a, b dam.Metadata) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(x) == string(y)
}

// RestoreIn puts back what was known of an asset's files before TakeIn, but for those that were read again since; the
// asset's fields are RevertIn's.
func (s *Service) RestoreIn(ctx context.Context, tx *catalog.Tx, library, id string,
	files map[string]dam.Reread) error {
	restored := false
	for id, m := range files {
		now, err := tx.Versions().Embedded(ctx, id)
		if dam.CodeOf(err) == dam.NotFound || err == nil && !sameReading(now, m.After) {
			continue
		}
		if err == nil {
			err = tx.Versions().SetEmbedded(ctx, id, m.Before)
		}
		if err != nil {
			return err
		}
		restored = true
	}
	if !restored {
		return nil
	}
	a, err := tx.Assets().LockAsset(ctx, library, id) // as RevertIn has left it
	if err != nil {
		return err
	}
	return touch(ctx, tx, &a, "metadata")
}

// sumOf is the SHA-256 of a sidecar's bytes in hex, "" for none.
func sumOf(packet []byte) string {
	if len(packet) == 0 {
		return ""
	}
	sum := sha256.Sum256(packet)
	return hex.EncodeToString(sum[:])
}

// sidecarOf is the SHA-256 of a version's sidecar, "" for none.
func sidecarOf(v dam.Version) string {
	if v.Sidecar == nil {
		return ""
	}
	return v.Sidecar.SHA256
}

// filled is what a reading of the first version's file fills an asset with.
type filled struct {
	dam.Metadata
	locale, fileName string
}

func (f filled) asset() (a dam.Asset) {
	f.Fill(&a, f.locale, f.fileName)
	if a.Tags != nil {
		a.Tags = canon.Unique(a.Tags)
	}
	return a
}

// readFields are the fields that a file fills, by their names in a patch. Texts are a map of languages.
var readFields = []struct {
	name string
	of   func(a *dam.Asset) any
}{
	{"title", func(a *dam.Asset) any { return a.Title }},
	{"description", func(a *dam.Asset) any { return a.Description }},
	{"alt", func(a *dam.Asset) any { return a.Alt }},
	{"tags", func(a *dam.Asset) any { return a.Tags }},
	{"creator", func(a *dam.Asset) any { return a.Creator }},
	{"copyright", func(a *dam.Asset) any { return a.Copyright }},
	{"rating", func(a *dam.Asset) any { return a.Rating }},
	{"captured", func(a *dam.Asset) any { return a.Captured }},
	{"place", func(a *dam.Asset) any { return a.Place }},
	{"rights.from", func(a *dam.Asset) any { return a.Rights.From }},
	{"rights.until", func(a *dam.Asset) any { return a.Rights.Until }},
}

// refill compares an asset with what its file said before and says now. It returns a patch of what nobody has edited,
// and the names of the fields that differ from the file because somebody has.
func refill(a *dam.Asset, before, now filled) (patch Patch, kept []string) {
	was, is := before.asset(), now.asset()
	patch = Patch{}
	for _, f := range readFields {
		have, old, next := plain(f.of(a)), plain(f.of(&was)), plain(f.of(&is))
		switch {
		case same(f.name, have, next):
		case !same(f.name, have, old):
			kept = append(kept, f.name)
		case next == nil && now.Incomplete: // it may be among what was not read
		case f.name == "title" && now.Incomplete && len(now.Title) == 0:
		default:
			head, member, nested := strings.Cut(f.name, ".")
			if !nested {
				patch[head] = over(have, next)
				continue
			}
			group, _ := patch[head].(map[string]any)
			if group == nil {
				group = map[string]any{}
			}
			group[member], patch[head] = next, group
		}
	}
	return patch, kept
}

// over is the merge patch that makes an object, or any other value, what it is to be.
func over(have, next any) any {
	was, ok := have.(map[string]any)
	is, ok2 := next.(map[string]any)
	if !ok || !ok2 {
		return next
	}
	for k := range was {
		if _, stays := is[k]; !stays {
			is[k] = nil
		}
	}
	return is
}

// plain is a value as JSON has it; nil for one that says nothing.
func plain(v any) any {
	if r := reflect.ValueOf(v); r.IsZero() || (r.Kind() == reflect.Map || r.Kind() == reflect.Slice) && r.Len() == 0 {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("%T does not marshal: %v", v, err)) // texts and numbers of ours
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(err) // what was just marshalled
	}
	return out
}

// same compares plain values. The order of tags, and their capitals, say nothing.
func same(field string, a, b any) bool {
	if field != "tags" {
		return reflect.DeepEqual(a, b)
	}
	fold := func(v any) []string {
		list, _ := v.([]any)
		out := []string{}
		for _, x := range list {
			s, _ := x.(string)
			out = append(out, strings.ToLower(strings.TrimSpace(s)))
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(fold(a), fold(b))
}
