package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
		for _, name := range []string{"floor", "vips", "thumbnail", "imaging", "vips-default", "vips-late"} {
			s, err := measureSubject(ctx, name, path, renditionRounds)
			if err != nil {
				return nil, err
			}
			got[name] = s
			all = append(all, s)
		}
		likeness, err := measureSubject(ctx, "quality", path, 1)
		if err != nil {
			return nil, err
		}
		all = append(all, likeness)
		set := "rendition.set_" + f.name[:len(f.name)-4]
		ours, rival, least := got["vips"], got["thumbnail"], got["floor"]
		rows = append(rows,
			row{Name: set, Value: ours.cpu() / rival.cpu(), Unit: "× libvips thumbnail's CPU", Target: .6, Op: "<="},
			row{Name: set + "_floor", Value: ours.cpu() / least.cpu(), Unit: "× floor's CPU", Target: 1.5, Op: "<="},
			row{Name: set + "_imaging_floor", Value: got["imaging"].cpu() / least.cpu(), Unit: "× floor's CPU",
				Target: 4.5, Op: "<="},
			row{Name: set + "_bytes", Value: float64(ours.Bytes) / float64(rival.Bytes),
				Unit: "× libvips thumbnail's bytes", Target: 1.05, Op: "<="},
			row{Name: set + "_psnr_loss", Value: worst(likeness.PSNR),
				Unit: "dB, libvips thumbnail's − ours, worst of six", Target: .5, Op: "<="},
			row{Name: set + "_ssim_loss", Value: worst(likeness.SSIM), Unit: "libvips thumbnail's − ours, worst of six",
				Target: .005, Op: "<="},
			row{Name: set + "_peak", Value: ours.Peak, Unit: "MB", Target: 160, Op: "<="},
			row{Name: set + "_default_cpu", Value: got["vips-default"].cpu(), Unit: "ms CPU, 12 renditions",
				Target: 1500, Op: "<="},
			row{Name: set + "_late_cpu", Value: got["vips-late"].cpu(), Unit: "ms CPU, AVIF of the two largest",
				Target: 1500, Op: "<="},
		)
	}
	return rows, writeSamples(all)
}

// writeSamples replaces the samples of the same subjects and files.
func writeSamples(fresh []sample) error {
	var all []sample
	old, err := os.ReadFile(samplesFile)
	if err == nil {
		err = json.Unmarshal(old, &all)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("samples: %w", err)
	}
	all = slices.DeleteFunc(all, func(o sample) bool {
		return slices.ContainsFunc(fresh, func(s sample) bool { return s.Subject == o.Subject && s.File == o.File })
	})
	out, err := json.MarshalIndent(append(all, fresh...), "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(samplesFile, append(out, '\n'), 0o644)
}

// renditionMixed is about memory that never comes back: 200 files of several kinds in one process, two at a time.
func renditionMixed(ctx context.Context, b *bench) ([]row, error) {
	folder := filepath.Join(b.dir, "mixed")
	if err := writeMixed(ctx, folder); err != nil {
		return nil, err
	}
	s, err := measureSubject(ctx, "mixed", folder, 1)
	if err != nil {
		return nil, err
	}
	return []row{
		{Name: "rendition.mixed_200_growth", Value: s.Halves[1] / s.Halves[0], Unit: "× the first hundred's peak",
			Target: 1.05, Op: "<="},
		{Name: "rendition.mixed_200_peak", Value: s.Halves[1], Unit: "MB, two workers", Target: 400, Op: "<="},
	}, writeSamples([]sample{s})
}

// photographs is how many one round uploads, as BenchmarkPhotographs does.
const photographs = 40

// renditionPhotographs compares the product, from upload to all renditions ready, with two workers that only decode
// scaled and encode the same set. Neighbours in time make a ratio; the median of three counts.
func renditionPhotographs(ctx context.Context, b *bench) ([]row, error) {
	path := filepath.Join(b.dir, "12mp.jpg")
	if err := writePhotograph(path, 4000, 3000, 7); err != nil {
		return nil, err
	}
	if err := os.Setenv("VITRINE_BENCH_PHOTOGRAPH", path); err != nil {
		return nil, err
	}
	var ratios, rates, work []float64
	var all []sample
	for range 3 {
		m, err := goBench(ctx, "./test/e2e", "^BenchmarkPhotographs$", "1x")
		if err != nil {
			return nil, err
		}
		s, err := measureSubject(ctx, "photographs", path, 1)
		if err != nil {
			return nil, err
		}
		least, ours := photographs/s.Wall[0]*1000, m["Photographs"]["photographs/s"]
		cpu := m["Photographs"]["cpu-ms/photograph"]
		fmt.Printf("  %.2f photographs/s of %.0f ms CPU, floor %.2f of %.0f ms\n", ours, cpu, least,
			s.CPU[0]/photographs)
		work = append(work, cpu/(s.CPU[0]/photographs))
		ratios, rates = append(ratios, ours/least), append(rates, ours)
		if len(all) == 0 {
			all = []sample{s, {Subject: "product", File: s.File}}
		} else {
			all[0].Wall, all[0].CPU = append(all[0].Wall, s.Wall...), append(all[0].CPU, s.CPU...)
		}
		all[1].Wall, all[1].CPU = append(all[1].Wall, photographs/ours*1000), append(all[1].CPU, cpu*photographs)
	}
	return []row{
		{Name: "rendition.photographs", Value: middle(ratios), Unit: "× floor's photographs a second", Target: .85,
			Op: ">="},
		{Name: "rendition.photographs_cpu", Value: middle(work), Unit: "× floor's CPU for a photograph, start included",
			Target: 1.18, Op: "<="},
		{Name: "rendition.photographs_rate", Value: middle(rates), Unit: "photographs/s of 12 MP, 12 renditions each",
			Target: 2, Op: ">="},
	}, writeSamples(all)
}
