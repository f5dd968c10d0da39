package remote

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	a, b := source{path: "a", size: 3_000_000}, source{path: "b", size: 1_000_000}
	p := newProgress(io.Discard, []source{a, b})
	p.at(a, 1_000_000)
	p.at(a, 500_000) // resumed from an earlier offset
	p.at(a, 2_000_000)
	got := p.line(2 * time.Second)
	if want := "████████████░░░░░░░░░░░░  0/2 files  2.0 MB/4.0 MB  1.3 MB/s  2s left"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	p.end(a)
	p.end(b)
	if got := p.line(4 * time.Second); !strings.Contains(got, "2/2 files  4.0 MB/4.0 MB") ||
		strings.Contains(got, "left") {
		t.Errorf("at the end: %s", got)
	}
}
