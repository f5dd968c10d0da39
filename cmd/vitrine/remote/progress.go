package remote

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"vitrine/cmd/vitrine/cli"

	"golang.org/x/term"
)

const (
	barCells = 24
)

// progress draws one line on a terminal: files, bytes, rate, time left. On
// anything else it only counts.
type progress struct {
	out      *os.File // nil when it isn't a terminal
	total    int64    // bytes
	files    int
	began    time.Time
	quit     chan struct{}
	finished sync.WaitGroup

	mu     sync.Mutex
	done   int
	ended  int64            // bytes of the files that have ended
	flying map[string]int64 // offset by path
	moved  int64            // bytes sent over the network
	drawn  bool
}

func newProgress(w io.Writer, files []source) *progress {
	p := &progress{files: len(files), flying: map[string]int64{}, quit: make(chan struct{}), began: time.Now()}
	for _, f := range files {
		p.total += f.size
	}
	p.out = cli.Terminal(w)
	return p
}

func (p *progress) start() {
	p.began = time.Now()
	if p.out == nil {
		return
	}
	p.finished.Go(func() {
		tick := time.NewTicker(cli.Redraw)
		defer tick.Stop()
		for {
			select {
			case <-p.quit:
				p.aside(func() {})
				return
			case <-tick.C:
				p.mu.Lock()
				p.draw()
				p.mu.Unlock()
			}
		}
	})
}

func (p *progress) stop() {
	close(p.quit)
	p.finished.Wait()
}

// at says how far a file is.
func (p *progress) at(f source, offset int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := offset - p.flying[f.path]; d > 0 {
		p.moved += d
	}
	p.flying[f.path] = offset
}

func (p *progress) end(f source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.flying, f.path)
	p.done++
	p.ended += f.size
}

// sent is the number of bytes that went over the network, those sent twice included.
func (p *progress) sent() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.moved
}

// aside lets others write to the terminal.
func (p *progress) aside(write func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
	write()
}

func (p *progress) draw() {
	width, _, err := term.GetSize(int(p.out.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	line := []rune(p.line(time.Since(p.began)))
	_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", string(line[:min(len(line), width-1)]))
	p.drawn = true
}

// line is the state after a time of work.
func (p *progress) line(after time.Duration) string {
	got := p.ended
	for _, n := range p.flying {
		got += n
	}
	part := 1.0
	if p.total > 0 {
		part = min(1, float64(got)/float64(p.total))
	}
	full := int(part * barCells)
	rate := float64(p.moved) / max(after.Seconds(), 0.001)
	left := ""
	if part > 0 && part < 1 && after > time.Second {
		left = "  " + time.Duration(float64(after)*(1-part)/part).Round(time.Second).String() + " left"
	}
	return fmt.Sprintf("%s%s  %d/%d files  %s/%s  %s/s%s", strings.Repeat("█", full),
		strings.Repeat("░", barCells-full),
		p.done, p.files, cli.Bytes(got), cli.Bytes(p.total), cli.Bytes(int64(rate)), left)
}
