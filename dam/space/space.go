// Package space watches how much room is left on the file systems that a server
// writes to, so that uploads are refused early and the database never meets a
// full disk.
//
// A volume is low once less than its floor is free, and stays low until a tenth
// more than the floor is: what frees a few blocks doesn't make it flap.
package space

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/dustin/go-humanize"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Volume is a folder or file whose file system is watched.
type Volume struct {
	// Name says what is kept there: spool, database, objects, index.
	Name string
	Path string
	// Copies of an uploaded file are written there while it is taken in.
	Copies int64
	// Spare: nothing that is uploaded depends on it; it is watched only.
	Spare bool
}

// Floor is the room that uploads leave free.
type Floor struct {
	Bytes   int64   // 0 is no fixed size
	Percent float64 // of the volume; 0 is no share
}

var errFloor = errors.New("must be a size such as 2GiB, a share such as 5%, 0 for none, or auto")

// ParseFloor reads a setting: a size, a share of the volume, 0 for none, or auto:
// 1 GiB, and 5 % where that is less.
func ParseFloor(s string) (Floor, error) {
	if s == "auto" {
		return Floor{Bytes: 1 << 30, Percent: 5}, nil
	}
	if share, ok := strings.CutSuffix(s, "%"); ok {
		p, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		if err != nil || !(p >= 0 && p <= 90) {
			return Floor{}, errFloor
		}
		return Floor{Percent: p}, nil
	}
	n, err := humanize.ParseBytes(s)
	if err != nil || n > 1<<50 {
		return Floor{}, errFloor
	}
	return Floor{Bytes: int64(n)}, nil // at most a petabyte
}

// of is the floor of a volume in bytes: the smaller one when both are given.
func (f Floor) of(total int64) int64 {
	share := int64(float64(total) / 100 * f.Percent)
	if f.Bytes > 0 && (f.Percent == 0 || f.Bytes < share) {
		return f.Bytes
	}
	return share
}

// State is a volume as it was found. Sizes are bytes.
type State struct {
	Volume
	Free, Total, Floor int64
	Low                bool
	// Err says why it can't be measured; the sizes are 0 then.
	Err error

	device uint64
}

// Watch measures volumes. All methods may be called concurrently; a nil Watch has
// room for everything.
type Watch struct {
	floor   Floor
	volumes []Volume

	mu  sync.Mutex
	low map[string]bool
}

// New watches the volumes in the order in which they are to be shown.
func New(floor Floor, volumes ...Volume) *Watch {
	return &Watch{floor: floor, volumes: volumes, low: map[string]bool{}}
}

// States measures every volume now.
func (w *Watch) States() []State {
	if w == nil {
		return nil
	}
	out := make([]State, len(w.volumes))
	for i, v := range w.volumes {
		out[i] = w.measure(v)
	}
	return out
}

func (w *Watch) measure(v Volume) State {
	s := State{Volume: v}
	s.Free, s.Total, s.device, s.Err = measure(v.Path)
	if s.Err != nil {
		return s
	}
	s.Floor = w.floor.of(s.Total)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case s.Free < s.Floor:
		w.low[v.Name] = true
	case s.Free >= s.Floor+s.Floor/10:
		w.low[v.Name] = false
	}
	s.Low = w.low[v.Name]
	return s
}

// measure asks the file system of path, or of the nearest folder above it that exists.
func measure(path string) (free, total int64, device uint64, err error) {
	for {
		var fs syscall.Statfs_t
		var st syscall.Stat_t
		err = syscall.Statfs(path, &fs)
		if err == nil {
			err = syscall.Stat(path, &st)
		}
		if err == nil {
			return int64(fs.Bavail) * fs.Bsize, int64(fs.Blocks) * fs.Bsize, st.Dev, nil
		}
		up := filepath.Dir(path)
		if !errors.Is(err, os.ErrNotExist) || up == path {
			return 0, 0, 0, fmt.Errorf("free space of %s: %w", path, err)
		}
		path = up
	}
}

// Room refuses a file of n bytes, n ≥ 0, that would leave a volume with less than
// its floor, and everything while a volume is low. Volumes on one file system
// share what is free. The error is a dam.Error with code NoSpace.
func (w *Watch) Room(n int64) error {
	type need struct {
		bytes int64
		names []string
	}
	needs := map[uint64]*need{}
	for _, s := range w.States() {
		if s.Err != nil || s.Spare {
			continue // what can't be measured is tried: the write tells the truth
		}
		d := needs[s.device]
		if d == nil {
			d = &need{}
			needs[s.device] = d
		}
		d.bytes += s.Copies * n
		d.names = append(d.names, s.Name)
		if s.Low || d.bytes > 0 && d.bytes > s.Free-s.Floor {
			return &dam.Error{Code: dam.NoSpace,
				Reason: reasons.NoRoomForUpload(strings.Join(d.names, " and the ")),
				Err: fmt.Errorf("%s: %s free of %s, %s are kept free, the file needs %s", s.Name, bytes(s.Free),
					bytes(s.Total), bytes(s.Floor), bytes(d.bytes))}
		}
	}
	return nil
}

// In returns what refuses to write n bytes more into a folder, by the floor that uploads leave free, with an error as
// Room's. name says in it what is kept there.
func (w *Watch) In(name, path string) func(n int64) error {
	return func(n int64) error {
		if w == nil {
			return nil
		}
		s := w.measure(Volume{Name: name, Path: path})
		if s.Err != nil || !s.Low && (n == 0 || n <= s.Free-s.Floor) {
			return nil
		}
		return &dam.Error{Code: dam.NoSpace,
			Reason: reasons.NoRoomForWork(name),
			Err: fmt.Errorf("%s: %s free of %s, %s are kept free, a copy of the file needs %s", name, bytes(s.Free),
				bytes(s.Total), bytes(s.Floor), bytes(n))}
	}
}

// Advice is an error for those who run the server while a volume is low or can't
// be measured, without paths; nil otherwise.
func (w *Watch) Advice() error {
	var said []string
	for _, s := range w.States() {
		switch {
		case s.Err != nil:
			said = append(said, "the free space of the "+s.Name+" can't be measured")
		case s.Low:
			said = append(said, fmt.Sprintf("%s: %s free, below the %s that are kept free", s.Name, bytes(s.Free),
				bytes(s.Floor)))
		}
	}
	if said == nil {
		return nil
	}
	return &dam.Error{Code: dam.NoSpace, Reason: reasons.DisksAlmostFull(strings.Join(said, "; "))}
}

func bytes(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }
