package e2e

import (
	"fmt"
	"net/http"
	"os"

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
	x.terminate() // which ends the child processes: their time counts
	cpu := x.cmd.ProcessState.UserTime() + x.cmd.ProcessState.SystemTime()
	b.ReportMetric(cpu.Seconds()*1000/float64(names), "cpu-ms/photograph")
}
