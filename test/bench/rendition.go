package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

const renditionRounds = 5

// samplesFile keeps every sample behind the rows of renditions.
const samplesFile = "docs/benchmarks-rendition.json"

// renditionSets compares a set of six renditions with libvips' own thumbnail, which decodes once per rendition as an
// image proxy does, and with the floor: one scaled decode and the encodes alone. Each subject is a process of its
// own with one encoder; what counts is its CPU time. Quality and effort are the same for all.
func renditionSets(ctx context.Context, b *bench) ([]row, error) {
	var rows []row
	var all []sample
	for _, f := range []struct {
		name string
		w, h int
	}{{"24mp.jpg", 6000, 4000}, {"12mp.jpg", 4000, 3000}, {"9mp.png", 3000, 3000}} {
		path := filepath.Join(b.dir, f.name)
		if err := writePhotograph(path, f.w, f.h, 7); err != nil {
			return nil, err
		}
		got := map[string]sample{}
		for _, name := range []string{"floor", "vips", "thumbnail", "imaging", "vips-default"} {
			s, err := measureSubject(ctx, name, path, renditionRounds)
			if err != nil {
				return nil, err
			}
			got[name] = s
			all = append(all, s)
		}
		set := "rendition.set_" + f.name[:len(f.name)-4]
		ours, rival, least := got["vips"], got["thumbnail"], got["floor"]
		rows = append(rows,
			row{Name: set, Value: ours.cpu() / rival.cpu(), Unit: "× libvips thumbnail's CPU", Target: .6, Op: "<="},
			row{Name: set + "_floor", Value: ours.cpu() / least.cpu(), Unit: "× floor's CPU", Target: 1.5, Op: "<="},
			row{Name: set + "_imaging_floor", Value: got["imaging"].cpu() / least.cpu(), Unit: "× floor's CPU", Target: 4.5, Op: "<="},
			row{Name: set + "_bytes", Value: float64(ours.Bytes) / float64(rival.Bytes), Unit: "× libvips thumbnail's bytes", Target: 1.05, Op: "<="},
			row{Name: set + "_peak", Value: ours.Peak, Unit: "MB", Target: 160, Op: "<="},
			row{Name: set + "_default_cpu", Value: got["vips-default"].cpu(), Unit: "ms CPU, 12 renditions", Target: 1500, Op: "<="},
		)
	}
	out, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(samplesFile, append(out, '\n'), 0o644); err != nil {
		return nil, fmt.Errorf("samples: %w", err)
	}
	return rows, nil
}
