package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"vitrine/dam"
)

// largeFiles are files of a little under 50 MB, each with the command of an installed program that makes it; its path
// follows.
var largeFiles = []struct{ name, command string }{
	{"photograph.jpg", "convert -seed 1 -size 8000x6000 plasma:fractal -attenuate 0.4 +noise Gaussian -quality 95"},
	{"scan.tif", "convert -seed 1 -size 2900x2850 plasma:fractal -depth 16 -compress none"},
	{"float.tif", "convert -seed 1 -size 2200x2150 plasma:fractal +noise Random -depth 32 " +
		"-define quantum:format=floating-point -compress zip"},
	{"layers.psd", "convert -seed 1 -size 2850x2850 plasma:fractal -depth 8 -compress none"},
	{"noise.png", "convert -seed 1 -size 4000x4000 plasma:fractal +noise Random -depth 8"},
	{"clip.mp4", "ffmpeg -v error -f lavfi -i testsrc2=s=1920x1080:r=30:d=20,noise=alls=40:allf=t -c:v libx264 " +
		"-preset ultrafast -b:v 19M -maxrate 19M -bufsize 19M -pix_fmt yuv420p"},
}

const largest = 50_000_000

// ingestLarge uploads large files one after the other: how long until each has its renditions, and the most memory that
// the server, and one of its workers and programs, has resident meanwhile.
func ingestLarge(ctx context.Context, b *bench) ([]row, error) {
	s, err := startServer(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	watch, stop := context.WithCancel(ctx)
	var child float64
	var watched sync.WaitGroup
	watched.Go(func() {
		for tick := time.NewTicker(50 * time.Millisecond); watch.Err() == nil; <-tick.C {
			child = max(child, s.childPeak())
		}
	})
	slowest, err := s.uploadLarge(ctx, b.dir)
	stop()
	watched.Wait()
	peak, peakErr := s.peak()
	if err := errors.Join(err, peakErr, s.stop()); err != nil {
		return nil, err
	}
	return []row{
		{Name: "ingest.large", Value: slowest.Seconds(), Unit: "s until shown, the slowest of six files of under 50 MB",
			Target: 30, Op: "<="},
		{Name: "ingest.large_server_peak", Value: peak, Unit: "MB", Target: 400, Op: "<="},
		{Name: "ingest.large_worker_peak", Value: child, Unit: "MB, of one process of those that read files",
			Target: 2048, Op: "<="},
	}, nil
}

func (s *server) uploadLarge(ctx context.Context, dir string) (slowest time.Duration, err error) {
	for _, f := range largeFiles {
		path := filepath.Join(dir, f.name)
		args := append(strings.Fields(f.command), path)
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%s: %w\n%s", args[0], err, out)
		}
		info, err := os.Stat(path)
		if err != nil {
			return 0, err
		}
		if info.Size() > largest {
			return 0, fmt.Errorf("%s has %d bytes", f.name, info.Size())
		}
		began := time.Now()
		state, err := s.shown(ctx, path)
		if err != nil {
			return 0, err
		}
		took := time.Since(began)
		fmt.Printf("  %s, %.1f MB: %s after %.1f s\n", f.name, float64(info.Size())/1e6, state, took.Seconds())
		if state != dam.RenditionsReady {
			return 0, fmt.Errorf("%s has renditions: %s", f.name, state)
		}
		slowest = max(slowest, took)
	}
	return slowest, nil
}

// shown imports a file and waits until its renditions are made, or not.
func (s *server) shown(ctx context.Context, path string) (dam.RenditionState, error) {
	out, err := s.run(ctx, "import", "--json", path)
	if err != nil {
		return "", err
	}
	var line struct{ Asset string }
	if err := json.Unmarshal(bytes.SplitN(out, []byte("\n"), 2)[0], &line); err != nil {
		return "", fmt.Errorf("import: %w: %s", err, out)
	}
	for ; ; time.Sleep(50 * time.Millisecond) {
		var a dam.Asset
		status, err := s.call(ctx, http.MethodGet, s.base+"/api/assets/"+line.Asset, "", nil, &a)
		if err != nil || status != http.StatusOK {
			return "", fmt.Errorf("the asset is answered with %d: %w", status, err)
		}
		if a.Latest.Renditions != dam.RenditionsPending {
			return a.Latest.Renditions, nil
		}
	}
}

// childPeak is the most memory that one process below the server has had resident, in MB.
func (s *server) childPeak() (most float64) {
	files, _ := filepath.Glob("/proc/[0-9]*/status") // the pattern is valid
	parents, peaks := map[int]int{}, map[int]float64{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		values := map[string]string{}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			key, value, _ := strings.Cut(lines.Text(), ":")
			values[key], _, _ = strings.Cut(strings.TrimSpace(value), " ")
		}
		pid, _ := strconv.Atoi(values["Pid"])
		parents[pid], _ = strconv.Atoi(values["PPid"])
		kb, _ := strconv.ParseFloat(values["VmHWM"], 64)
		peaks[pid] = kb / 1024
	}
	for pid := range parents {
		for at := parents[pid]; at > 1; at = parents[at] {
			if at == s.cmd.Process.Pid {
				most = max(most, peaks[pid])
				break
			}
		}
	}
	return most
}
