// Package epoch detects that a catalogue is not the one it was: that it was restored, failed over, recovered to an
// earlier time, or is a copy of the file. It then begins a new epoch of the log, with a hold on everything that leaves
// the server until an administrator releases it.
//
// The log is checked against witnesses outside the database: a file in the data folder, an object in the store, and
// this process's memory. Each remembers a position (epoch, seq, event id); one that the log can't confirm shows that
// the catalogue is another. In addition, the database has an identity that a copy of it lacks, and a backup is marked
// as one (see Home of catalog.Database).
//
//	DATA/log.json                              written every two seconds while the log grows
//	DATA/restored.json                         left by a restore whose catalogue was damaged
//	STORE/epochs/EPOCH/SEQ-EVENT               every half minute; the newest one is kept
package epoch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/storage"
)

// Prefix is the prefix of the keys of the store's objects that remember the log. They belong to the installation, not
// to its catalogue: a backup leaves them out.
const Prefix = "epochs/"

const (
	fileName   = "log.json"
	markName   = "restored.json"
	fileEvery  = 2 * time.Second
	storeEvery = 30 * time.Second
	checkEvery = time.Second
	storeLimit = 10 * time.Second // an unreachable store must not stop the watch of the log
)

// Catalog is the part of the catalogue that this package reads and changes.
type Catalog interface {
	Epochs() catalog.Epochs
	Database() catalog.Database
	Postgres() bool
	BeginEpoch(ctx context.Context, s catalog.EpochStart) (bool, error)
}

// Service watches the log of one catalogue.
type Service struct {
	Catalog Catalog
	Store   storage.Store
	// Dir is the data folder.
	Dir string
	Log *slog.Logger
	// StoreEvery is the pause between two objects in the store; half a minute when 0.
	StoreEvery time.Duration

	seen     dam.LogPosition // the newest position this process has seen
	filed    dam.LogPosition // as in the file
	filedAt  time.Time
	stored   dam.LogPosition // as in the store
	storedAt time.Time
}

// Open checks once, before anything else uses the catalogue, whether it is the one that the witnesses remember.
func (s *Service) Open(ctx context.Context) error {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.StoreEvery == 0 {
		s.StoreEvery = storeEvery
	}
	if err := s.atHome(ctx); err != nil {
		return err
	}
	if err := s.marked(ctx); err != nil {
		return err
	}
	at, err := s.Catalog.Epochs().Position(ctx)
	if err != nil {
		return err
	}
	filed, err := s.readFile()
	if err != nil {
		return err
	}
	// If the folder had another catalogue and now has a new, empty one, nothing in it could be sent twice. And a folder
	// of another installation says nothing about a database that many nodes share.
	if filed.Epoch == at.Epoch || filed.Epoch != "" && at.Seq > 0 && !s.Catalog.Postgres() {
		if _, err := s.confirm(ctx, at.Epoch, filed); err != nil {
			return err
		}
	}
	if err := s.confirmStored(ctx, at.Epoch); err != nil {
		return err
	}
	if s.seen, err = s.Catalog.Epochs().Position(ctx); err != nil {
		return err
	}
	if h, err := s.Catalog.Epochs().Hold(ctx); err != nil {
		return err
	} else if h != nil {
		s.Log.Warn("nothing is published, called or mailed: the catalogue "+h.Words(), "since", h.Since, "remedy",
			"see vitrine hold status")
	}
	if err := s.remember(ctx, true); err != nil { // a full disk does not prevent a start
		s.Log.Warn("what the log has reached can't be written down", "err", err)
	}
	return nil
}

// Run watches the log until ctx is done, then records where the log ended.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
			defer cancel()
			return errors.Join(s.check(last), s.remember(last, true))
		case <-time.After(checkEvery):
		}
		err := s.check(ctx)
		if err == nil {
			err = s.remember(ctx, false)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("watching over the log", "err", err)
		}
	}
}

// check compares the log with what this process remembers of it.
func (s *Service) check(ctx context.Context) error {
	if s.Catalog.Postgres() { // a file doesn't change while a process has it open
		if err := s.atHome(ctx); err != nil {
			return err
		}
	}
	at, err := s.Catalog.Epochs().Position(ctx)
	if err != nil {
		return err
	}
	if at.Epoch == s.seen.Epoch {
		if _, err := s.confirm(ctx, at.Epoch, s.seen); err != nil {
			return err
		}
	}
	s.seen, err = s.Catalog.Epochs().Position(ctx)
	return err
}

// atHome begins an epoch if the database is a backup's copy, or its identity has changed.
func (s *Service) atHome(ctx context.Context) error {
	at, err := s.Catalog.Epochs().EpochOf(ctx)
	if err != nil {
		return err
	}
	known, now, backup, err := s.Catalog.Database().Home(ctx)
	switch {
	case err != nil:
		return err
	case backup != nil:
		return s.begin(ctx, catalog.EpochStart{Expected: at, Reason: dam.EpochRestored, BackupAt: backup, Home: now})
	case known == "" && now != "":
		if err := s.Catalog.Database().SetHome(ctx, now); err != nil {
			s.Log.Warn("what the database is known by can't be written down", "err", err)
		}
		return nil
	case now == "":
		return nil
	}
	same, timeline := catalog.SameHome(known, now)
	switch {
	case same:
		return nil
	case timeline:
		return s.begin(ctx, catalog.EpochStart{Expected: at, Reason: dam.EpochFailover, Home: now})
	}
	return s.begin(ctx, catalog.EpochStart{Expected: at, Reason: dam.EpochCopied, Home: now})
}

// MarkRestored leaves a file in a data folder that makes the next server that starts there begin an epoch, for a
// catalogue that can't be marked itself.
func MarkRestored(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for _, path := range []string{filepath.Join(dir, markName), dir} {
		flags := os.O_RDONLY
		if path != dir {
			flags = os.O_WRONLY | os.O_CREATE
		}
		f, err := os.OpenFile(path, flags, 0o600)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return dam.GiveToFolder(filepath.Join(dir, markName))
}

// marked begins an epoch if a restore has left its file, and removes the file last: an interrupted start begins another
// epoch.
func (s *Service) marked(ctx context.Context) error {
	path := filepath.Join(s.Dir, markName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	at, err := s.Catalog.Epochs().EpochOf(ctx)
	if err != nil {
		return err
	}
	_, now, _, err := s.Catalog.Database().Home(ctx)
	if err != nil {
		return err
	}
	if err := s.begin(ctx, catalog.EpochStart{Expected: at, Reason: dam.EpochRestored, Home: now}); err != nil {
		return err
	}
	return os.Remove(path)
}

// confirm begins an epoch if the log can't confirm a position that a witness remembers, and reports whether it can.
func (s *Service) confirm(ctx context.Context, epoch string, p dam.LogPosition) (ok bool, err error) {
	ok, err = s.Catalog.Epochs().Confirms(ctx, p)
	if err != nil || ok {
		return ok, err
	}
	_, now, _, err := s.Catalog.Database().Home(ctx)
	if err != nil {
		return false, err
	}
	return false, s.begin(ctx, catalog.EpochStart{Expected: epoch, Reason: dam.EpochDiverged, Home: now})
}

func (s *Service) begin(ctx context.Context, start catalog.EpochStart) error {
	if start.BackupAt == nil {
		at, err := s.Catalog.Epochs().LastActive(ctx)
		if err != nil {
			return err
		}
		start.BackupAt = at
	}
	began, err := s.Catalog.BeginEpoch(ctx, start)
	if began {
		s.Log.Warn("the catalogue "+start.Reason.Words()+
			": a new epoch begins, and nothing leaves the server until an administrator says go",
			"reason", start.Reason, "copied_at", start.BackupAt, "remedy", "see vitrine hold status")
	}
	return err
}

// remember records the position of the log wherever that is due.
func (s *Service) remember(ctx context.Context, now bool) error {
	if s.seen == (dam.LogPosition{}) {
		return nil // the log has never been read
	}
	var errs []error
	if s.seen != s.filed && (now || time.Since(s.filedAt) >= fileEvery) {
		errs = append(errs, s.writeFile())
	}
	if s.seen != s.stored && s.seen.Seq > 0 && (now || time.Since(s.storedAt) >= s.StoreEvery) {
		ctx, cancel := context.WithTimeout(ctx, storeLimit)
		defer cancel()
		errs = append(errs, s.writeStore(ctx))
	}
	return errors.Join(errs...)
}

func (s *Service) readFile() (p dam.LogPosition, err error) {
	b, err := os.ReadFile(filepath.Join(s.Dir, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(b, &p); err != nil || p.Epoch == "" {
		// A file torn by a power failure counts as missing.
		s.Log.Warn("the data folder's "+fileName+" can't be read; it is written again", "err", err)
		return dam.LogPosition{}, nil
	}
	return p, nil
}

// writeFile replaces the file. A power failure may lose the new one; an older one merely proves less.
func (s *Service) writeFile() error {
	s.filedAt = time.Now()
	b, err := json.Marshal(s.seen)
	if err != nil {
		return err
	}
	path := filepath.Join(s.Dir, fileName)
	if err := os.WriteFile(path+".new", append(b, '\n'), 0o600); err != nil {
		return err
	}
	if err := dam.GiveToFolder(path + ".new"); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	s.filed = s.seen
	return nil
}

// objects returns the positions that the store remembers of an epoch, oldest first.
func (s *Service) objects(ctx context.Context, epoch string) (keys []string, list []dam.LogPosition, err error) {
	for info, err := range s.Store.List(ctx, Prefix+epoch+"/") {
		if err != nil {
			return nil, nil, err
		}
		seq, event, ok := strings.Cut(strings.TrimPrefix(info.Key, Prefix+epoch+"/"), "-")
		n, err := strconv.ParseInt(seq, 10, 64)
		if !ok || err != nil {
			continue // not written by this package
		}
		keys, list = append(keys, info.Key), append(list, dam.LogPosition{Epoch: epoch, Seq: n, Event: event})
	}
	return keys, list, nil
}

// confirmStored checks the positions in the store. An unreachable store does not prevent a start: it is checked again
// when the next object is written.
func (s *Service) confirmStored(ctx context.Context, epoch string) error {
	asking, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	_, list, err := s.objects(asking, epoch)
	if err != nil {
		s.Log.Warn("what the store remembers of the log can't be read", "err", err)
		return nil
	}
	for _, p := range list {
		if ok, err := s.confirm(ctx, epoch, p); err != nil || !ok {
			return err
		}
	}
	return nil
}

// writeStore writes an object with the position of the log and removes older ones. Before that it checks whether
// another server, on another copy of this catalogue, has written one.
func (s *Service) writeStore(ctx context.Context) error {
	s.storedAt = time.Now()
	at := s.seen
	old, list, err := s.objects(ctx, at.Epoch)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.Seq > at.Seq {
			// Another node has read more of the log than this one at its last check.
			if at, err = s.Catalog.Epochs().Position(ctx); err != nil || at.Epoch != s.seen.Epoch {
				return err
			}
		}
		if ok, err := s.confirm(ctx, at.Epoch, p); err != nil || !ok {
			return err
		}
	}
	body := []byte("{}\n")
	key := fmt.Sprintf("%s%s/%020d-%s", Prefix, at.Epoch, at.Seq, at.Event)
	if err := s.Store.Put(ctx, key, bytes.NewReader(body), storage.PutOptions{Size: int64(len(body)),
		ContentType: "application/json"}); err != nil && !errors.Is(err, storage.ErrExists) {
		return err
	}
	s.stored = at
	for _, k := range old {
		if k < key {
			if err := s.Store.Delete(ctx, k); err != nil {
				return err
			}
		}
	}
	return nil
}
