package local

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/storage"
)

func examineSettings(_ context.Context, c config.Config) []Symptom {
	if len(c.Warnings) == 0 {
		return ok("settings", "understood")
	}
	var out []Symptom
	for _, w := range c.Warnings {
		out = append(out, Symptom{"settings", Warning, w, "vitrine config shows where each setting comes from"})
	}
	return out
}

func examineDisk(_ context.Context, c config.Config) []Symptom {
	const name = "disk"
	if _, err := os.Stat(c.Data); errors.Is(err, os.ErrNotExist) {
		return bad(Warning, name, errors.New("there is no data folder "+c.Data+" yet"),
			"the first start makes it; or name the server's folder with --data")
	}
	probe, err := os.CreateTemp(c.Data, ".doctor-")
	if err != nil {
		return bad(Failed, name, err, "give the server's user write access to the data folder")
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return bad(Failed, name, err, "give the server's user write access to the data folder")
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs(c.Data, &s); err != nil {
		return bad(Warning, name, err, "")
	}
	out := judgeSpace(c.Data, int64(s.Bavail)*s.Bsize, int64(s.Blocks)*s.Bsize)
	for _, v := range server.Volumes(c).States() {
		switch {
		case v.Err != nil:
			out = append(out, bad(Warning, v.Name, v.Err, "")...)
		case v.Low:
			out = append(out, Symptom{v.Name, Failed, fmt.Sprintf("%s free at %s, less than the %s of min_free",
				humanize.IBytes(uint64(v.Free)), v.Path, humanize.IBytes(uint64(v.Floor))),
				"make room: uploads are refused until then"})
		}
	}
	return out
}

// judgeSpace: uploads spool to this disk and programs work on it, wherever the objects are.
func judgeSpace(dir string, free, whole int64) []Symptom {
	const gib = 1 << 30
	f := Symptom{"disk", Fine, fmt.Sprintf("%.1f of %.1f GiB free at %s", float64(free)/gib, float64(whole)/gib, dir),
		""}
	switch {
	case free < gib:
		f.Status, f.Remedy = Failed,
			"free some space: uploads need room for whole files, and a full disk stops the database"
	case free < 10*gib && free < whole/10:
		f.Status, f.Remedy = Warning, "plan for more: less than a tenth is left"
	}
	return []Symptom{f}
}

func examineKey(ctx context.Context, c config.Config) []Symptom {
	const name = "key"
	if c.SecretKey != "" {
		return ok(name, "given by VITRINE_SECRET_KEY")
	}
	path := filepath.Join(c.Data, "secret.key")
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist) && knowsKey(ctx, c):
		return bad(Failed, name,
			errors.New("the key file "+path+
				" is lost: the catalogue was used with one, and the server does not start without"),
			"put the copy of it back, or give its keys in VITRINE_SECRET_KEY; `vitrine secrets reset` says what "+
				"giving it up means")
	case errors.Is(err, os.ErrNotExist):
		return bad(Warning, name, errors.New("there is no key file "+path+" yet"),
			"the first start makes it; keep a copy apart from the backups, for credentials can't be read without it")
	case err != nil:
		return bad(Failed, name, err, "")
	case info.Mode().Perm()&0o077 != 0:
		return bad(Failed, name, errors.New(path+" can be read by others"), "chmod 600 "+path)
	case strings.HasPrefix(c.Database, "postgres"):
		return bad(Warning, name, errors.New("the key is a file of this machine, and the database may be shared"),
			"give every node the same VITRINE_SECRET_KEY")
	}
	return ok(name, "%s, readable by its owner only", path)
}

// knowsKey: the catalogue has sealed something.
func knowsKey(ctx context.Context, c config.Config) bool {
	if server.Existing(c) != nil {
		return false
	}
	cat, err := catalog.Open(ctx, c.Database)
	if err != nil {
		return false // the next check says so
	}
	defer func() { _ = cat.Close() }()
	ids, err := cat.Maintenance().SealingKeys(ctx)
	return err == nil && len(ids) > 0
}

func examineCatalog(ctx context.Context, c config.Config) []Symptom {
	const name = "database"
	if err := server.Existing(c); err != nil {
		return bad(Warning, name, err, "")
	}
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cat, err := catalog.Open(ctx, c.Database) // not migrated: the server of another version may be running
	if err != nil {
		return bad(Failed, name, err, "check the address, the password and that the database runs")
	}
	defer func() { _ = cat.Close() }()
	start := time.Now()
	schema, err := cat.Database().Schema(ctx)
	if err == nil && schema.Have != 0 {
		err = schema.Current()
	}
	if err != nil {
		return bad(Failed, name, err, "")
	}
	head, err := cat.Log().Head(ctx)
	if err != nil {
		return bad(Failed, name, err, "a server that has never started has no tables; start it once")
	}
	if now, err := cat.Database().DatabaseTime(ctx); err == nil && time.Since(now).Abs() > catalog.ClockTolerance {
		return bad(Failed, name, fmt.Errorf("its clock and this machine's differ by %s",
			time.Since(now).Round(time.Millisecond)), "keep both with NTP: leases go by the database's clock, "+
			"schedules and signatures by this machine's")
	}
	out := ok(name, "%s answers in %s; the log is at %d", config.HidePassword(c.Database),
		time.Since(start).Round(time.Millisecond), head)
	return append(append(out, examineIntegrity(whole, cat)...), examineBackups(ctx, cat)...)
}

// quickAbove is the size in bytes of a SQLite file whose indexes doctor does not compare with its tables.
const quickAbove = 1 << 30

func examineIntegrity(ctx context.Context, cat *catalog.Catalog) []Symptom {
	const name = "integrity"
	quick := cat.Postgres()
	if info, err := os.Stat(cat.Database().Path()); err == nil && info.Size() > quickAbove {
		quick = true
	}
	found, err := cat.Database().Integrity(ctx, quick)
	switch {
	case err != nil:
		return bad(Warning, name, err, "")
	case len(found.Problems) > 0:
		return bad(Failed, name, fmt.Errorf("the database is damaged, in %d places; the first: %s", len(found.Problems),
			found.Problems[0]),
			"stop the server, keep a copy of the file, and restore the newest whole generation: "+
				"vitrine backup list DIR")
	case found.Unchecked != "":
		return bad(Warning, name, errors.New(found.Unchecked), "")
	case quick:
		return ok(name, "no damage in a quick check; vitrine verify compares indexes with tables too")
	}
	return ok(name, "no damage in any page")
}

// oldBackup is the age above which doctor warns.
const oldBackup = 48 * time.Hour

func examineBackups(ctx context.Context, cat *catalog.Catalog) []Symptom {
	const name = "backup"
	list, err := cat.Maintenance().Backups(ctx)
	if err != nil {
		return nil // a catalogue of the version before
	}
	var out []Symptom
	for _, b := range list {
		switch {
		case b.Good == nil:
			out = append(out, Symptom{name, Warning, "no backup to " + b.Target + " was good yet: " +
				strconv.FormatInt(b.Damaged, 10) + " objects are damaged or missing in the last one",
				"vitrine verify names them, vitrine repair mends them"})
		case time.Since(*b.Good) > oldBackup:
			out = append(out, Symptom{name, Warning, "the last good backup to " + b.Target + " is of " +
				b.Good.Format(time.RFC3339),
				"run vitrine backup, and look at the timer that should: packaging/vitrine-backup.timer"})
		default:
			out = append(out, ok(name, "the last good backup to %s is of %s", b.Target, b.Good.Format(time.RFC3339))...)
		}
	}
	if len(out) == 0 {
		return []Symptom{{name, Warning, "no backup was ever made with vitrine backup",
			"make one, and enable packaging/vitrine-backup.timer; ignore this when something else backs up database " +
				"and objects"}}
	}
	return out
}

func examineStorage(ctx context.Context, c config.Config) []Symptom {
	const name = "storage"
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if path, local := strings.CutPrefix(c.Storage, "disk:"); local {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return bad(Warning, name, errors.New("there is no folder "+path+" yet"), "the first start makes it")
		}
	}
	s, err := server.OpenStore(ctx, c.Storage, c.S3)
	if err != nil {
		return bad(Failed, name, err, "check the location and the credentials")
	}
	defer func() { _ = s.Close() }()
	start := time.Now()
	if err := roundTrip(ctx, s); err != nil {
		if full := dam.SystemError(err); full != nil {
			err = full
		}
		return bad(Failed, name, err, "check the location, the credentials and their rights to read, write and delete")
	}
	return ok(name, "%s: written, read and removed in %s", s.String(), time.Since(start).Round(time.Millisecond))
}

// roundTrip proves that what is written can be read and removed.
func roundTrip(ctx context.Context, s storage.Store) error {
	body := []byte("vitrine doctor " + dam.NewID("d"))
	sum := sha256.Sum256(body)
	key := "check/" + hex.EncodeToString(sum[:])
	err := s.Put(ctx, key, bytes.NewReader(body), storage.PutOptions{Size: int64(len(body)),
		SHA256: hex.EncodeToString(sum[:]), ContentType: "text/plain"})
	if err != nil {
		return err
	}
	o, err := s.Open(ctx, key)
	if err == nil {
		var got []byte
		if got, err = io.ReadAll(o); err == nil && !bytes.Equal(got, body) {
			err = errors.New("what was read is not what was written")
		}
		err = errors.Join(err, o.Close())
	}
	return errors.Join(err, s.Delete(ctx, key))
}

// examineMirror is the doctor's look at the second store.
func examineMirror(ctx context.Context, c config.Config) []Symptom {
	const name = "mirror"
	second, err := server.OpenMirror(c)
	if err != nil {
		return bad(Failed, name, err, "check storage_mirror")
	}
	if second == nil {
		return nil
	}
	defer func() { _ = second.Close() }()
	bounded, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := roundTrip(bounded, second); err != nil {
		return bad(Failed, name, err, "check the location, the credentials and their rights to read, write and "+
			"delete; the server goes on, and catches up when it is back")
	}
	if server.Existing(c) != nil {
		return ok(name, "%s: written, read and removed", second)
	}
	cat, err := catalog.Open(ctx, c.Database)
	if err != nil {
		return ok(name, "%s: written, read and removed", second)
	}
	defer func() { _ = cat.Close() }()
	lag, err := cat.Mirror().MirrorLag(ctx)
	switch {
	case err != nil || lag == nil:
		return bad(Warning, name, errors.New("the server does not use it yet"), "restart the server")
	case lag.Failing > 0:
		return bad(Warning, name, errors.New(lag.Error), "see the server's log; what failed is tried again")
	}
	return ok(name, "%s: written, read and removed; %d objects behind", second, lag.Objects)
}
