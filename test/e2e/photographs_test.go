package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"vitrine/dam"
)

// BenchmarkPhotographs uploads photographs, four at a time, and waits until all their renditions are ready: how many
// that are in a second. The file is what the environment's VITRINE_BENCH_PHOTOGRAPH names; each upload differs by a
// comment.
func BenchmarkPhotographs(b *testing.B) {
	picture, err := os.ReadFile(os.Getenv("VITRINE_BENCH_PHOTOGRAPH"))
	if err != nil {
		b.Fatal(err)
	}
	x := start(b, setup{})
	names := 0
	upload := func(n int) {
		var g errgroup.Group
		g.SetLimit(4)
		for range n {
			names++
			comment := fmt.Sprintf("photograph %d", names)
			jpeg := []byte{0xff, 0xd8, 0xff, 0xfe, 0, byte(2 + len(comment))}
			jpeg = append(append(jpeg, comment...), picture[2:]...)
			g.Go(func() error { x.upload(comment+".jpg", jpeg); return nil })
		}
		_ = g.Wait() // upload fails the benchmark by itself
	}
	last := int64(0)
	ready := func(n int) {
		for n > 0 {
			var page struct{ Items []dam.Event }
			x.do(http.StatusOK, "GET", fmt.Sprintf("/api/events?after=%d&limit=500&wait=30", last), nil, &page)
			for _, e := range page.Items {
				last = e.Seq
				switch e.Type {
				case dam.RenditionsMade:
					n--
				case dam.RenditionsRefused:
					b.Fatalf("refused: %s", e.Data)
				}
			}
		}
	}
	upload(2) // child processes have started
	ready(2)
	for b.Loop() {
		began := time.Now()
		upload(40)
		ready(40)
		b.ReportMetric(40/time.Since(began).Seconds(), "photographs/s")
	}
	b.ReportMetric(familyCPU(b, x.cmd.Process.Pid)/float64(names), "cpu-ms/photograph")
}

// familyCPU returns the CPU time, in ms, that a process, those that it has started, and theirs have used. A worker that
// is killed with the sandbox around it appears in nobody's resource usage, so all are asked while they live.
func familyCPU(tb testing.TB, root int) float64 {
	tb.Helper()
	const tick = 1000.0 / 100 // USER_HZ is 100 on every Linux that Go runs on; see proc_pid_stat(5)
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		tb.Fatal(err)
	}
	parents, ticks := map[int]int{}, map[int]float64{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		head, rest, _ := strings.Cut(string(text), " (")
		fields := strings.Fields(rest[strings.LastIndex(rest, ")")+1:]) // from the third on
		pid, _ := strconv.Atoi(head)
		parents[pid], _ = strconv.Atoi(fields[1])
		for _, f := range fields[11:15] { // utime, stime and those of children that were waited for
			n, _ := strconv.ParseFloat(f, 64)
			ticks[pid] += n
		}
	}
	sum := 0.0
	for pid := range parents {
		for at := pid; at > 1; at = parents[at] {
			if at == root {
				sum += ticks[pid]
				break
			}
		}
	}
	return sum * tick
}
