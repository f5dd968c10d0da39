package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/vips"
)

// compare holds each rendition of the set, the product's and libvips' thumbnail's, against the same pixels made of the
// whole original (no decoder's scaling, no cascade, no codec).
func (s *sample) compare(path string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	engine, err := vips.New(imaging.New())
	if err != nil {
		return err
	}
	ours := make([][]byte, len(six))
	specs := sixSpecs()
	if err := engine.Render(context.Background(), bytes.NewReader(file), specs, rendition.Options{},
		func(o rendition.Output) error {
			ours[slices.IndexFunc(specs, func(s rendition.Spec) bool { return s.Name == o.Spec.Name })] = o.Bytes
			return nil
		}); err != nil {
		return err
	}
	for i, r := range six {
		want, err := ideal(file, r)
		if err != nil {
			return err
		}
		theirs, err := thumbnail(file, r)
		if err != nil {
			return err
		}
		var psnr, ssim [2]float64
		for k, b := range [2][]byte{ours[i], theirs} {
			got, err := decoded(b)
			if err != nil {
				return err
			}
			if got.w != want.w || got.h != want.h {
				return fmt.Errorf("rendition %d is %d × %d, not %d × %d", i, got.w, got.h, want.w, want.h)
			}
			psnr[k], ssim[k] = likeness(got, want)
		}
		s.PSNR, s.SSIM = append(s.PSNR, psnr), append(s.SSIM, ssim)
	}
	return nil
}

// worst is the largest loss beside the rival of any rendition; below 0 the rival has lost more.
func worst(pairs [][2]float64) float64 {
	loss := math.Inf(-1)
	for _, p := range pairs {
		loss = max(loss, p[1]-p[0])
	}
	return loss
}

// pixels8 is a picture of three bytes to a pixel.
type pixels8 struct {
	w, h int
	pix  []byte
}

// likeness is the peak signal-to-noise ratio in dB, and the mean structural similarity of brightness in blocks of 8 ×
// 8.
func likeness(a, b pixels8) (psnr, ssim float64) {
	var sum float64
	for i := range a.pix {
		d := float64(a.pix[i]) - float64(b.pix[i])
		sum += d * d
	}
	psnr = 10 * math.Log10(255*255/max(sum/float64(len(a.pix)), 1e-9))
	light := func(p []byte) float64 { return .299*float64(p[0]) + .587*float64(p[1]) + .114*float64(p[2]) }
	blocks := 0
	for y := 0; y+8 <= a.h; y += 8 {
		for x := 0; x+8 <= a.w; x += 8 {
			var sa, sb, saa, sbb, sab float64
			for j := range 64 {
				at := ((y+j/8)*a.w + x + j%8) * 3
				u, v := light(a.pix[at:]), light(b.pix[at:])
				sa, sb, saa, sbb, sab = sa+u, sb+v, saa+u*u, sbb+v*v, sab+u*v
			}
			ma, mb := sa/64, sb/64
			const c1, c2 = .01 * 255 * .01 * 255, .03 * 255 * .03 * 255
			ssim += (2*ma*mb + c1) * (2*(sab/64-ma*mb) + c2) / ((ma*ma + mb*mb + c1) * (saa/64 - ma*ma +
				sbb/64 - mb*mb + c2))
			blocks++
		}
	}
	return psnr, ssim / float64(max(blocks, 1))
}

// mixed renders the default set of 200 files, two at a time, from a folder of different ones.
func (s *sample) mixed(folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		return errors.Join(errors.New("no files"), err)
	}
	engine, err := vips.New(imaging.New())
	if err != nil {
		return err
	}
	specs := rendition.Resolve(rendition.DefaultPresets(), nil)
	for half := range 2 {
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // the peak begins anew
			return err
		}
		var pool errgroup.Group
		pool.SetLimit(2)
		for i := range 100 {
			pool.Go(func() error {
				f, err := os.Open(files[(100*half+i)%len(files)])
				if err != nil {
					return err
				}
				defer func() { _ = f.Close() }()
				return engine.Render(context.Background(), f, specs, rendition.Options{Workers: 1},
					func(rendition.Output) error { return nil })
			})
		}
		if err := pool.Wait(); err != nil {
			return err
		}
		mb, err := peak()
		if err != nil {
			return err
		}
		s.Halves = append(s.Halves, mb)
	}
	return nil
}

// writeMixed fills a folder with the files people upload together: photographs of several sizes, cut-outs, WebP.
func writeMixed(ctx context.Context, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for i, f := range []struct {
		name string
		w, h int
	}{{"a.jpg", 4000, 3000}, {"b.jpg", 3000, 4000}, {"c.png", 1600, 1600}, {"d.jpg", 6000, 4000}, {"e.jpg", 1200, 800},
		{"f.png", 900, 700}, {"g.jpg", 2400, 1600}} {
		if err := writePhotograph(filepath.Join(folder, f.name), f.w, f.h, uint32(i)); err != nil {
			return err
		}
	}
	f, err := os.Open(filepath.Join(folder, "d.jpg"))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	specs := []rendition.Spec{{Name: "h", Width: 3000, Fit: dam.FitContain, Format: dam.WebP, Quality: 85, Effort: 2},
		{Name: "i", Width: 1800, Fit: dam.FitContain, Format: dam.PNG}}
	return imaging.New().Render(ctx, f, specs, rendition.Options{}, func(o rendition.Output) error {
		return os.WriteFile(filepath.Join(folder, o.Spec.Name+"."+string(o.Spec.Format)), o.Bytes, 0o600)
	})
}

// photographs is the floor of many: two workers that only decode scaled and encode the default set.
func (s *sample) photographs(path string) error {
	set, err := subject("floor-default", path)
	if err != nil {
		return err
	}
	cpu, began := processCPU(), time.Now()
	var pool errgroup.Group
	pool.SetLimit(2)
	for range photographs {
		pool.Go(func() error {
			_, err := set()
			return err
		})
	}
	err = pool.Wait()
	s.CPU = append(s.CPU, processCPU()-cpu)
	s.Wall = append(s.Wall, time.Since(began).Seconds()*1000)
	return err
}
