package retention

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

const erasurePrefix = "erasures/"

// Kinds of subjects.
const (
	AssetKind  = "asset"
	PersonKind = "person"
	// ConsentKind is of what was entered about the person who gave a consent.
	ConsentKind = "consent"
)

// ErasureRecord says what was erased; it holds no personal data.
type ErasureRecord struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Subject string    `json:"subject"` // id of the asset or user
	At      time.Time `json:"at"`
}

// EraserCatalog is what an Eraser reads and changes of the catalogue.
type EraserCatalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Epochs() catalog.Epochs
	Maintenance() catalog.Maintenance
	Presets() catalog.Presets
	// Collect removes an object that nothing refers to any more.
	Collect(ctx context.Context, key string, before time.Time, remove func(context.Context, string) error) (bool, error)
}

// Eraser erases.
type Eraser struct {
	Catalog EraserCatalog
	Store   storage.Store
	// Second has copies of the records, for those that Store can't give any more; nil for none.
	Second storage.Store
	// Lost is told of a record that can't be read and that the catalogue doesn't know: what it erased may be back. Nil
	// ends Replay with the error.
	Lost func(key string, err error)
	// DuringHold lets Asset and Person erase while the server holds, which they refuse otherwise with dam.Conflict:
	// another server on the same store erases the same when it next starts.
	DuringHold bool

	lost atomic.Int64
}

// Asset erases an asset, its history's values and every object only it had.
func (s *Eraser) Asset(ctx context.Context, library, id string) error {
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
	return s.erase(ctx, ErasureRecord{ID: dam.NewID("x"), Kind: AssetKind, Subject: id, At: time.Now().UTC()})
}

// Person erases a user: the account, its name and address everywhere. What the
// person did stays in the history under the bare id.
func (s *Eraser) Person(ctx context.Context, user string) error {
	return s.erase(ctx, ErasureRecord{ID: dam.NewID("x"), Kind: PersonKind, Subject: user, At: time.Now().UTC()})
}

// Consent erases who gave a consent and what else was entered about them. It is taken back with that: whoever
// calls it renews the limits of its assets (rights.Service.Apply), which the server else does within an hour.
func (s *Eraser) Consent(ctx context.Context, id string) error {
	return s.erase(ctx, ErasureRecord{ID: dam.NewID("x"), Kind: ConsentKind, Subject: id, At: time.Now().UTC()})
}

// erase writes the record first: an erasure that is cut off is taken up by Replay.
func (s *Eraser) erase(ctx context.Context, r ErasureRecord) error {
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil {
		return err
	} else if hold != nil && !s.DuringHold {
		return &dam.Error{Code: dam.Conflict, Reason: reasons.HeldErasure(hold.Why(), s.Store)}
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	b := catalog.Blob{Key: erasurePrefix + r.ID + ".json", SHA256: hex.EncodeToString(sum[:]), Size: int64(len(body))}
	if err := s.Store.Put(ctx, b.Key, bytes.NewReader(body), storage.PutOptions{Size: b.Size, SHA256: b.SHA256,
		ContentType: "application/json"}); err != nil {
		return err
	}
	return s.apply(ctx, r)
}

func (s *Eraser) apply(ctx context.Context, r ErasureRecord) error {
	var collectable []string
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		collectable = nil
		if err := tx.Maintenance().RecordErasure(ctx, r.ID, r.Kind, r.Subject, r.At); err != nil {
			return err
		}
		switch r.Kind {
		case PersonKind:
			return tx.Maintenance().EraseUser(ctx, r.Subject)
		case ConsentKind:
			return tx.Assets().Rights().EraseConsent(ctx, r.Subject)
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
func (s *Eraser) Replay(ctx context.Context) (int, error) {
	n := 0
	err := s.unseen(ctx, func(r ErasureRecord) error {
		n++
		return s.apply(ctx, r)
	})
	return n, err
}

// Check reads the records that the catalogue has not seen and applies none: for LostRecords.
func (s *Eraser) Check(ctx context.Context) error {
	return s.unseen(ctx, func(ErasureRecord) error { return nil })
}

// LostRecords is how many records Replay or Look last found that can't be read and that the catalogue has not seen:
// what they erased may be back.
func (s *Eraser) LostRecords() int { return int(s.lost.Load()) }

// unseen reads the records that the catalogue has not seen, each from the store that can give it.
func (s *Eraser) unseen(ctx context.Context, found func(ErasureRecord) error) error {
	done, lost := map[string]bool{}, int64(0)
	for _, store := range []storage.Store{s.Store, s.Second} {
		if store == nil {
			continue
		}
		for info, err := range store.List(ctx, erasurePrefix) {
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
			seen, err := s.Catalog.Maintenance().Erased(ctx, ErasureID(info.Key))
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
func (s *Eraser) read(ctx context.Context, key string) (r ErasureRecord, err error) {
	if r, err = readErasure(ctx, s.Store, key); err == nil || s.Second == nil {
		return r, err
	}
	r, other := readErasure(ctx, s.Second, key)
	if other != nil {
		return r, errors.Join(err, other)
	}
	return r, nil
}

// ErasureID is the id of the erasure whose record a store has under key.
func ErasureID(key string) string {
	return strings.TrimSuffix(strings.TrimPrefix(key, erasurePrefix), ".json")
}

// ParseErasure reads the record that a store has under key.
func ParseErasure(key string, body []byte) (r ErasureRecord, err error) {
	if err := json.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("%w: the record of an erasure can't be read: %w", storage.ErrChecksum, err)
	}
	prefix := map[string]string{AssetKind: dam.AssetPrefix, PersonKind: dam.UserPrefix,
		ConsentKind: dam.ConsentPrefix}[r.Kind]
	if r.ID != ErasureID(key) || prefix == "" {
		return r, fmt.Errorf("%w: the record of an erasure says something else than its name", storage.ErrChecksum)
	}
	of := prefix + "_"
	if !strings.HasPrefix(r.Subject, of) || !isErasureName(r.Subject) || !isErasureName(r.ID) {
		return r, fmt.Errorf("%w: the record of an erasure names nothing that could have been erased",
			storage.ErrChecksum)
	}
	return r, nil
}

// isName: what is planted in a store must not be more than a database takes.
func isErasureName(s string) bool {
	const longest = 64
	return len(s) <= longest && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

func readErasure(ctx context.Context, from storage.Store, key string) (r ErasureRecord, err error) {
	o, err := from.Open(ctx, key)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	body, err := io.ReadAll(io.LimitReader(o, 1<<16))
	if err != nil {
		return r, err
	}
	return ParseErasure(key, body)
}
