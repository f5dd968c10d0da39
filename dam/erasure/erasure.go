// Package erasure forgets an asset or a person for good: catalogue, history
// values, index, caches and objects. Each erasure leaves a small object in the
// storage (ids only), so that a restored backup erases again what had been erased.
package erasure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

const prefix = "erasures/"

// Kinds of subjects.
const (
	AssetKind  = "asset"
	PersonKind = "person"
)

// Record says what was erased; it holds no personal data.
type Record struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Subject string    `json:"subject"` // id of the asset or user
	At      time.Time `json:"at"`
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Epochs() catalog.Epochs
	Maintenance() catalog.Maintenance
	Presets() catalog.Presets
	// Collect removes an object that nothing refers to any more.
	Collect(ctx context.Context, key string, before time.Time, remove func(context.Context, string) error) (bool, error)
}

// Service erases.
type Service struct {
	Catalog Catalog
	Store   storage.Store
	// Second has copies of the records, for those that Store can't give any more; nil for none.
	Second storage.Store
	// Lost is told of a record that can't be read and that the catalogue doesn't know: what it erased may be back. Nil
	// ends Replay with the error.
	Lost func(key string, err error)
	// DuringHold lets Asset and Person erase while the server holds, which they refuse otherwise with dam.Conflict: another
	// server on the same store erases the same when it next starts.
	DuringHold bool

	lost atomic.Int64
}

// Asset erases an asset, its history's values and every object only it had.
func (s *Service) Asset(ctx context.Context, library, id string) error {
	a, err := s.Catalog.Assets().Asset(ctx, library, id)
	if err != nil {
		return err
	}
	presets, err := s.Catalog.Presets().List(ctx, a.Library)
	if err != nil {
		return err
	}
	for _, p := range presets {
		if p.Watermark != nil && (p.Watermark.Asset == id || p.Watermark.SHA256 == a.Latest.SHA256) {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.AssetIsWatermark(p.Name)}
		}
	}
	return s.erase(ctx, Record{ID: dam.NewID("x"), Kind: AssetKind, Subject: id, At: time.Now().UTC()})
}

// Person erases a user: the account, its name and address everywhere. What the
// person did stays in the history under the bare id.
func (s *Service) Person(ctx context.Context, user string) error {
	return s.erase(ctx, Record{ID: dam.NewID("x"), Kind: PersonKind, Subject: user, At: time.Now().UTC()})
}

// erase writes the record first: an erasure that is cut off is taken up by Replay.
func (s *Service) erase(ctx context.Context, r Record) error {
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil {
		return err
	} else if hold != nil && !s.DuringHold {
		return &dam.Error{Code: dam.Conflict, Reason: reasons.HeldErasure(hold.Words(), s.Store)}
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	b := catalog.Blob{Key: prefix + r.ID + ".json", SHA256: hex.EncodeToString(sum[:]), Size: int64(len(body))}
	if err := s.Store.Put(ctx, b.Key, bytes.NewReader(body), storage.PutOptions{Size: b.Size, SHA256: b.SHA256, ContentType: "application/json"}); err != nil {
		return err
	}
	return s.apply(ctx, r)
}

func (s *Service) apply(ctx context.Context, r Record) error {
	var collectable []string
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		collectable = nil
		if err := tx.Maintenance().RecordErasure(ctx, r.ID, r.Kind, r.Subject, r.At); err != nil {
			return err
		}
		switch r.Kind {
		case PersonKind:
			return tx.Maintenance().EraseUser(ctx, r.Subject)
		case AssetKind:
		default:
			return fmt.Errorf("erasure of an unknown kind %q", r.Kind)
		}
		a, err := tx.Assets().LockAsset(ctx, "", r.Subject)
		if dam.CodeOf(err) == dam.NotFound {
			return errors.Join(tx.Maintenance().EraseValues(ctx, r.Subject), tx.Public().EraseHistory(ctx, r.Subject))
		}
		if err != nil {
			return err
		}
		versions, err := tx.Versions().List(ctx, a.ID)
		if err != nil {
			return err
		}
		if err := tx.Maintenance().EraseValues(ctx, a.ID); err != nil {
			return err
		}
		if err := tx.Publications().ErasePublications(ctx, a.ID); err != nil {
			return err
		}
		if err := tx.Assets().DeleteAsset(ctx, a.ID); err != nil {
			return err
		}
		if err := tx.Public().EraseHistory(ctx, a.ID); err != nil {
			return err
		}
		for _, v := range versions {
			keys, err := tx.Objects().Release(ctx, v.SHA256)
			if err != nil {
				return err
			}
			collectable = append(collectable, keys...)
		}
		tx.Emit(dam.Event{Type: dam.AssetErased, Library: a.Library, Subject: a.ID, Asset: a.ID, Number: a.Number})
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range collectable {
		if _, err := s.Catalog.Collect(ctx, k, time.Now(), s.Store.Delete); err != nil {
			return err
		}
	}
	return nil
}

// Replay applies every erasure in the stores that the catalogue has not seen: to
// be called at start, so that a restored backup forgets again. It returns how many. A record goes by its key: one
// that the catalogue has seen is not read.
func (s *Service) Replay(ctx context.Context) (int, error) {
	n := 0
	err := s.unseen(ctx, func(r Record) error {
		n++
		return s.apply(ctx, r)
	})
	return n, err
}

// Look reads the records that the catalogue has not seen and applies none: for LostRecords.
func (s *Service) Look(ctx context.Context) error {
	return s.unseen(ctx, func(Record) error { return nil })
}

// LostRecords is how many records Replay or Look last found that can't be read and that the catalogue has not seen: what they
// erased may be back.
func (s *Service) LostRecords() int { return int(s.lost.Load()) }

// unseen reads the records that the catalogue has not seen, each from the store that can give it.
func (s *Service) unseen(ctx context.Context, found func(Record) error) error {
	done, lost := map[string]bool{}, int64(0)
	for _, store := range []storage.Store{s.Store, s.Second} {
		if store == nil {
			continue
		}
		for info, err := range store.List(ctx, prefix) {
			if err != nil && store == s.Store || ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			if err != nil { // a second store that is away keeps nothing from starting; it is asked again
				break
			}
			if done[info.Key] {
				continue
			}
			done[info.Key] = true
			seen, err := s.Catalog.Maintenance().Erased(ctx, IDOf(info.Key))
			if err != nil {
				return err
			}
			if seen {
				continue
			}
			r, err := s.read(ctx, info.Key)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil && s.Lost != nil {
				lost++
				s.Lost(info.Key, err)
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", info.Key, err)
			}
			if err := found(r); err != nil {
				return err
			}
		}
	}
	s.lost.Store(lost)
	return nil
}

// read gives a record from the first store that has it whole.
func (s *Service) read(ctx context.Context, key string) (r Record, err error) {
	if r, err = read(ctx, s.Store, key); err == nil || s.Second == nil {
		return r, err
	}
	r, other := read(ctx, s.Second, key)
	if other != nil {
		return r, errors.Join(err, other)
	}
	return r, nil
}

// IDOf is the id of the erasure whose record a store has under key.
func IDOf(key string) string {
	return strings.TrimSuffix(strings.TrimPrefix(key, prefix), ".json")
}

// Parse reads the record that a store has under key.
func Parse(key string, body []byte) (r Record, err error) {
	if err := json.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("%w: the record of an erasure can't be read: %w", storage.ErrChecksum, err)
	}
	if r.ID != IDOf(key) || r.Kind != AssetKind && r.Kind != PersonKind {
		return r, fmt.Errorf("%w: the record of an erasure says something else than its name", storage.ErrChecksum)
	}
	of := map[string]string{AssetKind: dam.AssetPrefix, PersonKind: dam.UserPrefix}[r.Kind] + "_"
	if !strings.HasPrefix(r.Subject, of) || !isName(r.Subject) || !isName(r.ID) {
		return r, fmt.Errorf("%w: the record of an erasure names nothing that could have been erased", storage.ErrChecksum)
	}
	return r, nil
}

// isName: what is planted in a store must not be more than a database takes.
func isName(s string) bool {
	const longest = 64
	return len(s) <= longest && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

func read(ctx context.Context, from storage.Store, key string) (r Record, err error) {
	o, err := from.Open(ctx, key)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	body, err := io.ReadAll(io.LimitReader(o, 1<<16))
	if err != nil {
		return r, err
	}
	return Parse(key, body)
}
