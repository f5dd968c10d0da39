package local

import (
	"fmt"
	"strings"

	"vitrine/cmd/vitrine/cli"
	"vitrine/dam"
)

// RepairLine is one object as vitrine repair tells it.
type RepairLine struct {
	// repaired, queued, lost, orphaned, adopted or removed; with DryRun what would become of it
	Action  string            `json:"action"`
	Key     string            `json:"key"`
	Problem dam.ObjectProblem `json:"problem,omitempty"`
	Source  string            `json:"source,omitempty"`
	Assets  []string          `json:"assets,omitempty"`
	Detail  string            `json:"detail,omitempty"`
	DryRun  bool              `json:"dry_run,omitempty"`
}

// RepairSum is the sum of a run.
type RepairSum struct {
	Objects  int   `json:"objects"` // read
	Bytes    int64 `json:"bytes"`
	Repaired int   `json:"repaired"`
	Queued   int   `json:"queued"`
	Lost     int   `json:"lost"`
	Orphaned int   `json:"orphaned"`
	Adopted  int   `json:"adopted"`
	Removed  int   `json:"removed"`
	Cleaned  int   `json:"cleaned"` // unfinished uploads, temporary files, empty folders
	DryRun   bool  `json:"dry_run"`
}

func (r *repairer) print(l RepairLine) {
	switch l.Action {
	case Repaired:
		r.sum.Repaired++
	case Queued:
		r.sum.Queued++
	case Lost:
		r.sum.Lost++
	case Orphaned:
		r.sum.Orphaned++
	case Adopted:
		r.sum.Adopted++
	case Removed:
		r.sum.Removed++
	}
	l.DryRun = r.sum.DryRun
	r.status.Aside(func() {
		if r.asJSON {
			cli.PrintJSON(r.out, l)
			return
		}
		text := l.Action
		if r.sum.DryRun && (l.Action == Repaired || l.Action == Queued) {
			text = "would be " + l.Action
		}
		_, _ = fmt.Fprintf(r.out, "%-9s %s", text, l.Key)
		if l.Problem != "" {
			_, _ = fmt.Fprintf(r.out, " was %s", l.Problem)
		}
		if l.Source != "" {
			_, _ = fmt.Fprintf(r.out, "; from %s", l.Source)
		}
		if l.Detail != "" {
			_, _ = fmt.Fprintf(r.out, ": %s", l.Detail)
		}
		if len(l.Assets) > 0 {
			_, _ = fmt.Fprintf(r.out, " (%s)", strings.Join(l.Assets, ", "))
		}
		_, _ = fmt.Fprintln(r.out)
	})
}

func (r *repairer) printSum() {
	if r.asJSON {
		cli.PrintJSON(r.out, r.sum)
		return
	}
	would := ""
	if r.sum.DryRun {
		would = "would be "
	}
	_, _ = fmt.Fprintf(r.out, "%d objects read, %s: %d %srepaired, %d %squeued, %d lost", r.sum.Objects,
		cli.Bytes(r.sum.Bytes), r.sum.Repaired, would, r.sum.Queued, would, r.sum.Lost)
	if r.orphans != "" {
		_, _ = fmt.Fprintf(r.out, "; %d orphaned, %d adopted, %d removed", r.sum.Orphaned, r.sum.Adopted, r.sum.Removed)
	}
	if r.sum.Cleaned > 0 {
		_, _ = fmt.Fprintf(r.out, "; %d left by unfinished writes removed", r.sum.Cleaned)
	}
	if r.sum.DryRun {
		_, _ = fmt.Fprint(r.out, "; nothing was changed")
	}
	_, _ = fmt.Fprintln(r.out)
}
