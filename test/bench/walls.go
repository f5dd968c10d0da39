package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/isolate"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/rendition/vips"
	"vitrine/storage"
	"vitrine/storage/disk"
)

const (
	wallRounds   = 5
	wallPictures = 13 // of a round; with the first one a worker starts
	// workerLife is how many pictures a start of a worker is spread over. The server's workers make 200, unless another
	// library needs their place.
	workerLife = 20
)

// wallWorker makes this program a worker, sealed as the server's are or not at all.
func wallWorker(sealed bool) error {
	s := isolate.Service{Memory: 1 << 30, Engine: func() (rendition.Engine, error) {
		if vips.Built {
			return vips.New(imaging.New())
		}
		return imaging.New(), nil
	}}
	if sealed {
		s.Seal = sandbox.Seal
	}
	return isolate.Serve(s)
}

// side is one way to run workers, and what its pictures cost in ms of CPU, user and system, of this process and of all
// of the worker's.
type side struct {
	name    string
	command func() (*exec.Cmd, func() error)

	pool   *isolate.Pool
	worker *exec.Cmd
	pids   []int // of the worker and what it consists of
	spent  float64

	first []float64            // of each round, a worker's start included
	warm  map[string][]float64 // by file
	bytes int                  // of the pictures of a round
}

func (s *side) start() {
	s.spent, s.bytes, s.pids = 0, 0, nil
	s.pool = isolate.New(isolate.Options{Name: "vips", Headers: imaging.New(), Size: 1,
		Command: func() (*exec.Cmd, func() error) {
			cmd, start := s.command()
			if start == nil {
				start = cmd.Start
			}
			s.worker = cmd
			return cmd, start
		}})
}

// picture renders one, and says what it cost.
func (s *side) picture(ctx context.Context, store storage.Store, key string) (float64, error) {
	own := processCPU()
	o, err := store.Open(ctx, key)
	if err != nil {
		return 0, err
	}
	err = s.pool.Render(ctx, o, rendition.Resolve(rendition.DefaultPresets(), nil), rendition.Options{Workers: 1},
		func(o rendition.Output) error {
			s.bytes += len(o.Bytes)
			return nil
		})
	own = processCPU() - own
	if err = errors.Join(err, o.Close()); err != nil {
		return 0, err
	}
	if s.pids == nil {
		if s.pids, err = family(s.worker.Process.Pid); err != nil {
			return 0, err
		}
	}
	before := s.spent
	s.spent = 0
	for _, pid := range s.pids {
		ms, err := cpuOf(pid)
		if err != nil {
			return 0, err
		}
		s.spent += ms
	}
	return own + s.spent - before, nil
}

// cpuOf is the time that a process has used, in ms.
func cpuOf(pid int) (float64, error) {
	var at unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|2), &at); err != nil { //nolint:gosec // the clock of a process, see clock_getcpuclockid(3)
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	return float64(at.Nano()) / 1e6, nil
}

// family is a process with all that it has started and that they have.
func family(pid int) ([]int, error) {
	list, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, path := range list {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		// 123 (name) S parent …
		fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		own, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || len(fields) < 2 {
			continue
		}
		parent, err := strconv.Atoi(fields[1])
		if err != nil {
			continue
		}
		children[parent] = append(children[parent], own)
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all, nil
}

// renditionWalls compares the default set of the same photographs behind each wall with that without walls, which only
// this program has: picture by picture in turn, from a store on disk that verifies.
func renditionWalls(ctx context.Context, b *bench) (rows []row, err error) {
	store, err := disk.Open(filepath.Join(b.dir, "objects"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	record := sumsInMemory{}
	var keys []string
	for _, size := range [][2]int{{4000, 3000}, {6000, 4000}} {
		path := filepath.Join(b.dir, fmt.Sprint(size[0], ".jpg"))
		if err := writePhotograph(path, size[0], size[1], 7); err != nil {
			return nil, err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sum := storage.NewSummer()
		_, _ = sum.Write(data)
		key := storage.OriginalKey(sum.SHA256())
		record[key] = sum.Sums()
		if err := store.Put(ctx, key, bytes.NewReader(data), storage.PutOptions{Size: int64(len(data))}); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	sides, err := wallSides()
	if err != nil {
		return nil, err
	}
	for range wallRounds {
		if err := wallRound(ctx, sides, storage.NewVerified(store, nil, record), keys); err != nil {
			return nil, err
		}
	}
	plain, plainStart := sides[0].cost(keys)
	fmt.Printf("  no wall: %.1f ms CPU a picture, %.1f ms for the start of a worker\n", plain, plainStart)
	for _, s := range sides[1:] {
		walled, start := s.cost(keys)
		fmt.Printf("  %s: %.1f ms CPU a picture (× %.4f), %.1f ms for the start of a worker\n", s.name, walled,
			walled/plain, start)
		rows = append(rows, row{Name: "rendition.walls_" + strings.ToLower(s.name),
			Value: (walled + start/workerLife) / (plain + plainStart/workerLife),
			Unit:  "× CPU without walls, starts included", Target: 1.03, Op: "<="})
	}
	return rows, nil
}

// cost is what a picture costs a worker that has started, and what its start does.
func (s *side) cost(keys []string) (warm, start float64) {
	for _, key := range keys {
		warm += calm(s.warm[key]) / float64(len(keys))
	}
	return warm, calm(s.first) - calm(s.warm[keys[0]])
}

// calm is the mean of the lowest quarter: what else runs on the machine can make CPU time longer only.
func calm(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	s = s[:max(1, len(s)/4)]
	sum := 0.0
	for _, v := range s {
		sum += v
	}
	return sum / float64(len(s))
}

// wallSides are workers without walls, and those behind each wall that this machine has.
func wallSides() ([]*side, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	sides := []*side{{name: "none", warm: map[string][]float64{}, command: func() (*exec.Cmd, func() error) {
		cmd := exec.Command(self, "-worker", "plain")
		cmd.Env = isolate.Allocator()
		return cmd, nil
	}}}
	for _, w := range []sandbox.Wall{sandbox.Bubblewrap, sandbox.Landlock} {
		box := sandbox.New(sandbox.Options{Only: w})
		if box.WorkerWalls() == w {
			sides = append(sides, &side{name: string(w), warm: map[string][]float64{},
				command: func() (*exec.Cmd, func() error) {
					return box.Worker(isolate.Allocator(), "-worker", "sealed")
				}})
		}
	}
	if len(sides) == 1 {
		return nil, errors.New("no wall works on this machine")
	}
	return sides, nil
}

func wallRound(ctx context.Context, sides []*side, store storage.Store, keys []string) error {
	for _, s := range sides {
		s.start()
		defer func() { _ = s.pool.Close() }()
	}
	for n := range wallPictures {
		for i := range sides {
			s := sides[(n+i)%len(sides)]
			key := keys[n%len(keys)]
			ms, err := s.picture(ctx, store, key)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if n == 0 {
				s.first = append(s.first, ms)
			} else {
				s.warm[key] = append(s.warm[key], ms)
			}
		}
	}
	for _, s := range sides {
		if s.bytes != sides[0].bytes {
			return fmt.Errorf("%s: %d bytes of renditions, %d without walls", s.name, s.bytes, sides[0].bytes)
		}
	}
	return nil
}
