package backup

import (
	"context"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

// Store returns a generation as a store to read from, under the keys of the store that was backed up, for repairing
// single objects. The bytes are those of the backup: the caller compares them with the hash in the catalogue. Writing
// methods return dam.Unsupported.
func (r *Repository) Store(ctx context.Context, g Generation) (storage.Store, error) {
	s := &generationStore{r: r, blobs: map[string]catalog.Blob{}, name: g.Name}
	err := r.objects(ctx, g, func(b catalog.Blob) error {
		s.blobs[b.Key] = b
		return nil
	})
	return s, err
}

type generationStore struct {
	r     *Repository
	blobs map[string]catalog.Blob
	name  string
}

var _ storage.Store = (*generationStore)(nil)

// Open implements storage.Store.
func (s *generationStore) Open(ctx context.Context, key string) (storage.Object, error) {
	if err := storage.ValidKey(key); err != nil {
		return nil, err
	}
	b, ok := s.blobs[key]
	if !ok {
		return nil, storage.ErrNotFound
	}
	o, err := s.r.vault.open(ctx, b)
	if err != nil {
		return nil, err
	}
	return named{o, key}, nil
}

// named is an object under the key it was requested by.
type named struct {
	storage.Object
	key string
}

func (n named) Info() storage.Info {
	info := n.Object.Info()
	info.Key = n.key
	return info
}

// Stat implements storage.Store.
func (s *generationStore) Stat(ctx context.Context, key string) (storage.Info, error) {
	if err := storage.ValidKey(key); err != nil {
		return storage.Info{}, err
	}
	b, ok := s.blobs[key]
	if !ok {
		return storage.Info{}, storage.ErrNotFound
	}
	st, at, err := s.r.vault.state(ctx, b)
	if err != nil {
		return storage.Info{}, err
	}
	if st == absent {
		return storage.Info{}, storage.ErrNotFound
	}
	return storage.Info{Key: key, Size: b.Size, SHA256: b.SHA256, ModTime: at}, nil
}

// List implements storage.Store.
func (s *generationStore) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		for _, key := range slices.Sorted(maps.Keys(s.blobs)) {
			if !strings.HasPrefix(key, prefix) {
				continue
			}
			info, err := s.Stat(ctx, key)
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

func readOnly() error {
	return &dam.Error{Code: dam.Unsupported, Reason: reasons.BackupStoreReadOnly()}
}

// Put implements storage.Store.
func (s *generationStore) Put(context.Context, string, io.Reader, storage.PutOptions) error {
	return readOnly()
}

// Replace implements storage.Store.
func (s *generationStore) Replace(context.Context, string, io.Reader, storage.PutOptions) error {
	return readOnly()
}

// Delete implements storage.Store.
func (s *generationStore) Delete(context.Context, string) error { return readOnly() }

// Clean implements storage.Store.
func (s *generationStore) Clean(context.Context, string, time.Time) (int, error) {
	return 0, readOnly()
}

// Check implements storage.Store.
func (s *generationStore) Check(context.Context) error { return readOnly() }

// String implements storage.Store.
func (s *generationStore) String() string { return "backup:" + s.r.dir + "#" + s.name }
