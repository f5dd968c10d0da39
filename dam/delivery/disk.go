package delivery

import (
	"container/list"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// disk caches bodies in a folder of the node, between memory and a remote store. It holds at most max bytes, evicts the
// least recently used first, and survives a restart. The caller verifies every body, so that a damaged file is a miss.
//
//	{folder}/{asset}/{rendition-hash}.{ext}
type disk struct {
	folder string
	max    int64

	mu    sync.Mutex
	used  int64
	order *list.List // of *diskFile, least recently used first
	files map[string]*list.Element
}

type diskFile struct {
	name string // asset/hash.ext
	size int64
}

// partial is the prefix of the name of a file that is being written.
const partial = ".partial-"

// openDisk opens the folder, creates it if necessary, and indexes its files by their times. It removes what a crash
// left behind.
func openDisk(folder string, limit int64) (*disk, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	d := &disk{folder: folder, max: limit, order: list.New(), files: map[string]*list.Element{}}
	type aged struct {
		diskFile
		at time.Time
	}
	var found []aged
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if strings.HasPrefix(e.Name(), partial) {
			return os.Remove(path)
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		found = append(found, aged{diskFile{filepath.ToSlash(name), info.Size()}, info.ModTime()})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b aged) int { return a.at.Compare(b.at) })
	for _, f := range found {
		d.files[f.name] = d.order.PushBack(&diskFile{f.name, f.size})
		d.used += f.size
	}
	d.shrink()
	return d, nil
}

func (k bodyKey) file() string { return k.asset + "/" + k.hash + "." + k.ext }

// get returns a body of the given size, or nil if there is none.
func (d *disk) get(k bodyKey, size int64) []byte {
	name := k.file()
	d.mu.Lock()
	e := d.files[name]
	if e != nil {
		d.order.MoveToBack(e)
	}
	d.mu.Unlock()
	if e == nil {
		return nil
	}
	path := filepath.Join(d.folder, filepath.FromSlash(name))
	b, err := os.ReadFile(path)
	if err != nil || int64(len(b)) != size {
		d.remove(name)
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // sets the order after a restart; not worth an error
	return b
}

// put stores a body. The file appears whole or not at all; it need not survive a power failure.
func (d *disk) put(k bodyKey, b []byte) error {
	if int64(len(b)) > d.max {
		return nil
	}
	temporary := filepath.Join(d.folder, partial+rand.Text())
	if err := os.WriteFile(temporary, b, 0o600); err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	// Hold the lock, so that nobody removes the asset's empty folder in between.
	d.mu.Lock()
	defer d.mu.Unlock()
	err := os.MkdirAll(filepath.Join(d.folder, k.asset), 0o750)
	if err == nil {
		err = os.Rename(temporary, filepath.Join(d.folder, filepath.FromSlash(k.file())))
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	if e := d.files[k.file()]; e != nil {
		f := e.Value.(*diskFile)
		d.used += int64(len(b)) - f.size
		f.size = int64(len(b))
		d.order.MoveToBack(e)
	} else {
		d.files[k.file()] = d.order.PushBack(&diskFile{k.file(), int64(len(b))})
		d.used += int64(len(b))
	}
	d.shrink()
	return nil
}

// shrink evicts files until the size is within the limit. The caller holds mu or has exclusive access.
func (d *disk) shrink() {
	for d.used > d.max && d.order.Len() > 0 {
		d.drop(d.order.Front())
	}
}

// drop removes a file and its entry. If the file can't be removed, the next start finds it again.
func (d *disk) drop(e *list.Element) {
	f := d.order.Remove(e).(*diskFile)
	delete(d.files, f.name)
	d.used -= f.size
	path := filepath.Join(d.folder, filepath.FromSlash(f.name))
	_ = os.Remove(path)
	_ = os.Remove(filepath.Dir(path)) // succeeds once the asset's folder is empty
}

func (d *disk) remove(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e := d.files[name]; e != nil {
		d.drop(e)
	}
}

// forget removes the files of an asset.
func (d *disk) forget(asset string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, e := range d.files {
		if strings.HasPrefix(name, asset+"/") {
			d.drop(e)
		}
	}
}

// assets returns the assets that have files.
func (d *disk) assets() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	seen := map[string]bool{}
	for name := range d.files {
		asset, _, _ := strings.Cut(name, "/")
		seen[asset] = true
	}
	out := make([]string, 0, len(seen))
	for asset := range seen {
		out = append(out, asset)
	}
	return out
}

func (d *disk) size() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}
