package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/storage"
	"vitrine/storage/disk"
)

// Repository is a folder of backups.
//
// Someone who can write to that folder is not trusted with anything outside it: everything is read, written, renamed
// and removed through root, which no link can leave. SQLite needs paths; it gets only paths of folders that the running
// command has just made, and of a generation's catalogue that has been checked to be a regular file.
type Repository struct {
	dir   string
	root  *os.Root
	key   *Key
	vault *vault
	// Temp is the folder in which catalogues are decrypted; "" means the system's folder for temporary files. It must
	// be as well protected as the catalogue itself.
	Temp string
}

type marker struct {
	Format int `json:"format"`
	// Recipient is the public half of the encryption key; "" if nothing is encrypted.
	Recipient string `json:"recipient,omitempty"`
}

// Open opens an existing backup of this format or the old one. key may be nil if the backup isn't encrypted.
func Open(dir string, key *Key) (*Repository, error) {
	root, err := openRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noBackup(dir)
	}
	if err != nil {
		return nil, err
	}
	if err := readable(root, dir, key); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return open(root, key)
}

// readable returns an error unless there is a backup and the key is its key.
func readable(root *os.Root, dir string, key *Key) error {
	m, err := readMarker(root, dir)
	if errors.Is(err, fs.ErrNotExist) {
		if !isDir(root, objectsDir) {
			return noBackup(dir)
		}
		m = marker{Format: 1}
	} else if err != nil {
		return err
	}
	// The marker isn't trusted here: someone who can write to the folder could have replaced encrypted files by plain
	// ones.
	if m.Recipient == "" && key != nil {
		return dam.InvalidInput(dir, reasons.BackupEncryptionGone())
	}
	return m.fits(dir, key)
}

func noBackup(dir string) error {
	return dam.InvalidInput(dir, reasons.NotABackup(objectsDir))
}

// Create is Open for writing: a folder without a backup becomes one, encrypted if there is a key.
func Create(dir string, key *Key) (*Repository, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	root, err := openRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := writable(root, dir, key); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return open(root, key)
}

// writable returns an error unless there is a backup that the key fits, or a folder that can become one.
func writable(root *os.Root, dir string, key *Key) error {
	m, err := readMarker(root, dir)
	if err == nil {
		if m.Recipient == "" && key != nil {
			return notEncrypted(dir)
		}
		return m.fits(dir, key)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if key != nil && isDir(root, objectsDir) {
		return notEncrypted(dir)
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains([]string{objectsDir, catalogFile, catalogFile + ".new", catalogFile + ".new-wal",
			catalogFile + ".new-shm", erasuresDir, generationsDir, "lost+found"}, e.Name()) &&
			!strings.HasPrefix(e.Name(), ".") {
			return dam.InvalidInput(dir, reasons.BackupFolderNotEmpty(e.Name()))
		}
	}
	_, err = writeJSON(root, ".", markerFile, nil, marker{format, key.public()})
	return err
}

func notEncrypted(dir string) error {
	return dam.InvalidInput(dir, reasons.BackupNotEncrypted())
}

func readMarker(root *os.Root, dir string) (m marker, err error) {
	if err := readJSON(root, ".", markerFile, nil, &m); err != nil {
		return m, err
	}
	if m.Format != format {
		return m, dam.InvalidInput(dir, reasons.BackupFormatUnknown(m.Format))
	}
	return m, nil
}

func (m marker) fits(dir string, key *Key) error {
	if m.Recipient == "" || m.Recipient == key.public() {
		return nil
	}
	if key == nil {
		return dam.InvalidInput(dir, reasons.BackupKeyNeeded())
	}
	return dam.InvalidInput(dir, reasons.BackupKeyOther(m.Recipient))
}

func openRoot(dir string) (*os.Root, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

// open takes ownership of root.
func open(root *os.Root, key *Key) (_ *Repository, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Close())
		}
	}()
	for _, name := range []string{objectsDir, erasuresDir, generationsDir} {
		if info, err := root.Lstat(name); err == nil && !info.IsDir() {
			return nil, dam.InvalidInput(filepath.Join(root.Name(), name), reasons.BackupLink())
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if !isDir(root, objectsDir) {
		if err := root.Mkdir(objectsDir, 0o750); err != nil {
			return nil, err
		}
	}
	objects, err := root.OpenRoot(objectsDir)
	if err != nil {
		return nil, err
	}
	store, err := disk.In(objects)
	if err != nil {
		return nil, err
	}
	return &Repository{dir: root.Name(), root: root, key: key, vault: &vault{objects, store, key}}, nil
}

// Close releases the folder.
func (r *Repository) Close() error { return errors.Join(r.vault.store.Close(), r.root.Close()) }

// Dir returns the backup's folder.
func (r *Repository) Dir() string { return r.dir }

// Encrypted reports whether the backup is encrypted.
func (r *Repository) Encrypted() bool { return r.key != nil }

// lock locks the folder: for one writer, or for readers while nobody writes. Read-only folders are not locked.
func (r *Repository) lock(write bool) (release func() error, err error) {
	f, err := openRegular(r.root, ".lock", os.O_CREATE|os.O_RDWR)
	if err != nil {
		if !write && (errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission)) {
			return func() error { return nil }, nil
		}
		return nil, err
	}
	how := syscall.LOCK_SH
	if write {
		how = syscall.LOCK_EX
	}
	if err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(&dam.Error{Code: dam.Conflict, Reason: reasons.BackupInUse(r.dir)}, f.Close())
	}
	return f.Close, nil
}

// Generation is one state of the catalogue.
type Generation struct {
	Name string
	Manifest
	// Damage is why the manifest can't be read; the other fields are empty then.
	Damage string
	dir    string // relative to the backup's folder
	old    bool   // of the old format: no manifest, no list
}

// Generations returns all generations, newest first.
func (r *Repository) Generations() ([]Generation, error) {
	entries, err := fs.ReadDir(r.root.FS(), generationsDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []Generation
	for _, e := range entries {
		if e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		out = append(out, r.generation(e))
	}
	// Names are timestamps.
	slices.SortFunc(out, func(a, b Generation) int { return strings.Compare(b.Name, a.Name) })
	if g, ok := r.oldGeneration(); ok && (g.Catalog != nil || len(out) == 0) {
		out = append(out, g)
	}
	return out, nil
}

func (r *Repository) generation(e fs.DirEntry) Generation {
	g := Generation{Name: e.Name(), dir: filepath.Join(generationsDir, e.Name())}
	if !e.IsDir() {
		g.Damage = irregular(g.dir).Error()
		return g
	}
	err := readJSON(r.root, g.dir, manifestFile, r.key, &g.Manifest)
	if err == nil {
		err = g.named(r.key)
	}
	if err != nil {
		g.Manifest = Manifest{}
		g.Damage = "the manifest can't be read: " + err.Error()
	}
	return g
}

// named returns an error unless the files have the names they are written under. Any other name could lead to another
// file.
func (m Manifest) named(key *Key) error {
	if c := m.Catalog; c != nil && c.Name != revised(catalogFile, m.Revision)+key.suffix() {
		return fmt.Errorf("it names the catalogue %q", c.Name)
	}
	if m.List.Name != revised(listFile, m.Revision)+key.suffix() {
		return fmt.Errorf("it names the list of objects %q", m.List.Name)
	}
	return nil
}

// oldGeneration returns what a backup of the old format holds: one state, with or without a catalogue.
func (r *Repository) oldGeneration() (Generation, bool) {
	g := Generation{dir: ".", old: true, Manifest: Manifest{Format: 1, Database: "postgres"}}
	info, err := r.root.Lstat(catalogFile)
	if err == nil {
		g.Catalog, g.Database = &File{Name: catalogFile, Size: info.Size()}, "sqlite"
		if !info.Mode().IsRegular() {
			g.Catalog, g.Damage = nil, irregular(catalogFile).Error()
		}
	} else if info, err = r.root.Lstat(filepath.Join(objectsDir,
		strings.TrimSuffix(originalsPrefix, "/"))); err != nil || r.key != nil {
		return g, false
	}
	g.At = info.ModTime().UTC()
	g.Name = nameOf(g.At)
	return g, true
}

func nameOf(at time.Time) string { return at.UTC().Format("2006-01-02T15-04-05Z") }

// Find returns the named generation; "" means the newest whose catalogue is whole.
func (r *Repository) Find(ctx context.Context, name string) (Generation, error) {
	all, err := r.Generations()
	if err != nil {
		return Generation{}, err
	}
	var names []string
	for _, g := range all {
		if g.Name == name {
			return g, nil
		}
		if name == "" && g.Damage == "" && g.Whole() {
			if problems, err := r.checkCatalog(ctx, g); err != nil || len(problems) == 0 {
				return g, err
			}
		}
		names = append(names, g.Name)
	}
	if name != "" {
		return Generation{}, dam.InvalidInput("generation", reasons.NoGeneration(name, strings.Join(names, ", ")))
	}
	if len(all) == 0 {
		return Generation{}, dam.InvalidInput(r.dir, reasons.BackupWithoutGeneration())
	}
	return Generation{}, dam.InvalidInput(r.dir, reasons.AllGenerationsDamaged(r.dir, strings.Join(names, ", ")))
}

// objects calls f with every object that a generation refers to.
func (r *Repository) objects(ctx context.Context, g Generation, f func(catalog.Blob) error) error {
	if g.old {
		return r.oldObjects(ctx, g, f)
	}
	list, file, err := openFile(r.root, g.dir, strings.TrimSuffix(g.List.Name, r.key.suffix()), r.key)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	plain, err := gzip.NewReader(list)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(plain)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var l listed
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("%s: %w", g.List.Name, err)
		}
		if err := f(catalog.Blob{Key: l.Key, SHA256: l.SHA256, Size: l.Size}); err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("%s: a line has more than %d bytes", g.List.Name, maxLine)
	} else if err != nil {
		return fmt.Errorf("%s: %w", g.List.Name, err)
	}
	return ctx.Err()
}

// maxLine bounds the length of a line of a list in bytes: a key has at most 512, and few bytes of gzip can expand to
// very many.
const maxLine = 64 << 10

// listed is a line of a generation's list of objects.
type listed struct {
	Key    string `json:"key"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

func (r *Repository) oldObjects(ctx context.Context, g Generation, f func(catalog.Blob) error) error {
	if g.Catalog != nil {
		path, release, err := r.catalogPath(ctx, g)
		if err != nil {
			return err
		}
		cat, err := catalog.OpenSnapshot(ctx, path)
		if err != nil {
			return errors.Join(err, release())
		}
		return errors.Join(each(ctx, cat.Conn, f), cat.Close(), release())
	}
	for info, err := range r.vault.list(ctx) {
		if err != nil {
			return err
		}
		if isContent(info.Key) || strings.HasPrefix(info.Key, erasuresPrefix) {
			continue
		}
		if err := f(catalog.Blob{Key: info.Key, SHA256: storage.KeySHA256(info.Key), Size: info.Size}); err != nil {
			return err
		}
	}
	return nil
}

// each calls f with every object that a catalogue refers to, first those that are referred to only by a version's hash.
func each(ctx context.Context, cat catalog.Conn, f func(catalog.Blob) error) error {
	unrecorded, err := cat.Objects().UnrecordedOriginals(ctx)
	if err != nil {
		return err
	}
	for _, b := range unrecorded {
		if err := f(b); err != nil {
			return err
		}
	}
	for after := ""; ; {
		rows, err := cat.Objects().Needed(ctx, after, page)
		if err != nil {
			return &listError{after, err}
		}
		if len(rows) == 0 {
			return nil
		}
		after = rows[len(rows)-1].Key
		for _, b := range rows {
			if err := f(b); err != nil {
				return err
			}
		}
	}
}

// listError says up to which key the objects of a catalogue could be read.
type listError struct {
	after string
	err   error
}

func (e *listError) Error() string { return "after " + e.after + ": " + e.err.Error() }
func (e *listError) Unwrap() error { return e.err }

func isDir(root *os.Root, name string) bool {
	info, err := root.Lstat(name)
	return err == nil && info.IsDir()
}
