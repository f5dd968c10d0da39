package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/isolate"
	"vitrine/dam/rendition/vips"
)

// wish is one rendition as libvips' thumbnail is asked for it: within w × h, or cropped to that. A height of 0 is
// unbounded.
type wish struct {
	w, h   int
	crop   bool
	format dam.Format
	effort int // of WebP
}

// six is the set: three WebP of method 4 and three JPEG, quality 80.
var six = []wish{{w: 2048, format: dam.WebP, effort: 4}, {w: 1280, format: dam.WebP, effort: 4},
	{w: 640, format: dam.WebP, effort: 4},
	{w: 320, format: dam.JPEG}, {1080, 1080, true, dam.JPEG, 0}, {1200, 630, true, dam.JPEG, 0}}

func sixSpecs() []rendition.Spec {
	var specs []rendition.Spec
	for i, r := range six {
		s := rendition.Spec{Name: fmt.Sprint("r", i), Width: r.w, Height: r.h, Fit: dam.FitContain, Format: r.format,
			Quality: 80, Effort: r.effort, Focal: dam.Point{X: .5, Y: .5}}
		if r.crop {
			s.Fit = dam.FitCover
		}
		specs = append(specs, s)
	}
	return specs
}

// defaultSet is what is made at upload, with the same qualities and efforts.
func defaultSet() []wish {
	var set []wish
	for _, s := range rendition.Resolve(rendition.DefaultPresets(), nil) {
		set = append(set, wish{s.Width, s.Height, s.Fit == dam.FitCover, s.Format, s.Effort})
	}
	return set
}

// sample is what one subject needed, in a process of its own.
type sample struct {
	Subject string    `json:"subject"`
	File    string    `json:"file"`
	CPU     []float64 `json:"cpu_ms"`  // each set's, user and system
	Wall    []float64 `json:"wall_ms"` // each set's
	Bytes   int       `json:"bytes"`   // of a set's outputs
	Peak    float64   `json:"peak_mb"` // resident, of the process
	// Of each rendition, beside the same made of the whole original without a codec: the product's, libvips'
	// thumbnail's.
	PSNR [][2]float64 `json:"psnr_db,omitempty"`
	SSIM [][2]float64 `json:"ssim,omitempty"`
	// Resident peaks of the first and the second half of the work.
	Halves []float64 `json:"halves_mb,omitempty"`
}

func (s sample) cpu() float64 { return middle(s.CPU) }

// runSubject is this program as a subject: it prints a sample. The set is made once beforehand, uncounted.
func runSubject(name, path string, rounds int) (err error) {
	s := sample{Subject: name, File: filepath.Base(path)}
	switch name {
	case "quality":
		err = s.compare(path)
	case "mixed":
		err = s.mixed(path)
	case "photographs":
		err = s.photographs(path)
	default:
		err = s.measure(path, rounds)
	}
	if err == nil {
		s.Peak, err = peak()
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

func (s *sample) measure(path string, rounds int) error {
	set, err := subject(s.Subject, path)
	if err != nil {
		return err
	}
	for i := range rounds + 1 {
		cpu, began := processCPU(), time.Now()
		if s.Bytes, err = set(); err != nil {
			return err
		}
		if i > 0 {
			s.CPU = append(s.CPU, processCPU()-cpu)
			s.Wall = append(s.Wall, time.Since(began).Seconds()*1000)
		}
	}
	return nil
}

// peak is the most that this process had resident, in MB.
func peak() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kb, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	v, err := strconv.ParseFloat(kb, 64)
	return v / 1024, err
}

func subject(name, path string) (func() (int, error), error) {
	var engine rendition.Engine = imaging.New()
	specs := sixSpecs()
	switch name {
	case "thumbnail", "floor", "floor-default":
		file, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		switch name {
		case "thumbnail":
			return thumbnails(file)
		case "floor":
			return floor(file, six)
		}
		return floor(file, defaultSet())
	case "vips", "vips-default", "vips-avif", "vips-late":
		var err error
		if engine, err = vips.New(imaging.New()); err != nil {
			return nil, err
		}
	}
	switch {
	case strings.HasSuffix(name, "-default"):
		specs = rendition.Resolve(rendition.DefaultPresets(), nil)
	case strings.HasSuffix(name, "-late"): // AVIF of the two largest
		specs = specs[:2]
		fallthrough
	case strings.HasSuffix(name, "-avif"):
		for i := range specs {
			specs[i].Format, specs[i].Quality, specs[i].Effort = dam.AVIF, 60, 1
		}
	}
	return func() (int, error) {
		f, err := os.Open(path)
		if err != nil {
			return 0, err
		}
		defer func() { _ = f.Close() }()
		total := 0
		err = engine.Render(context.Background(), f, specs, rendition.Options{Workers: 1},
			func(o rendition.Output) error {
				total += len(o.Bytes)
				return nil
			})
		return total, err
	}, nil
}

func processCPU() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails for a bad pointer only
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
}

// measureSubject runs this program again as a subject.
func measureSubject(ctx context.Context, name, path string, rounds int) (s sample, err error) {
	self, err := os.Executable()
	if err != nil {
		return s, err
	}
	cmd := exec.CommandContext(ctx, self, "-subject", name, "-rounds", strconv.Itoa(rounds), path)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), isolate.Allocator()...)
	out, err := cmd.Output()
	if err != nil {
		return s, fmt.Errorf("%s of %s: %w", name, filepath.Base(path), err)
	}
	return s, json.Unmarshal(out, &s)
}

// photograph is a picture with a photograph's statistics: detail at every scale, less of it the finer, and a little
// grain. alpha cuts a soft disc out of it.
func photograph(w, h int, seed uint32, alpha bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	lattice := func(x, y int, octave uint32) float32 {
		n := uint32(x)*374761393 + uint32(y)*668265263 + (octave+seed)*2246822519
		n = (n ^ n>>13) * 1274126177
		return float32((n^n>>16)&0xffff)/32768 - 1
	}
	type layer struct {
		side  float32
		power float32
	}
	var layers []layer
	for side, power := float32(w)/3, float32(70); side >= 2; side, power = side/2.1, power*.62 {
		layers = append(layers, layer{side, power})
	}
	row := make([][3]float32, w)
	for y := range h {
		clear(row)
		for i, l := range layers {
			gy := float32(y) / l.side
			iy := int(gy)
			fy := gy - float32(iy)
			fy = fy * fy * (3 - 2*fy)
			for c := range min(3, 1+2*max(0, 5-i)) { // colour changes slowly, brightness finely
				last := -1
				var a, b float32
				for x := range w {
					gx := float32(x) / l.side
					ix := int(gx)
					if ix != last {
						o := uint32(i*3 + c)
						a = lattice(ix, iy, o) + (lattice(ix, iy+1, o)-lattice(ix, iy, o))*fy
						b = lattice(ix+1, iy, o) + (lattice(ix+1, iy+1, o)-lattice(ix+1, iy, o))*fy
						last = ix
					}
					fx := gx - float32(ix)
					row[x][c] += (a + (b-a)*fx*fx*(3-2*fx)) * l.power
				}
			}
		}
		for x := range w {
			grain := lattice(x, y, 99) * 3
			l, u, v := row[x][0]+128+grain, row[x][1]*.4, row[x][2]*.4
			p := m.Pix[y*m.Stride+x*4:][:4:4]
			p[0], p[1], p[2], p[3] = clip(l+v), clip(l-.4*u-.4*v), clip(l+u), 255
			if alpha {
				d := math.Hypot(float64(x-w/2)/float64(w), float64(y-h/2)/float64(h))
				p[3] = clip(float32(255 * (0.47 - d) * 30))
			}
		}
	}
	return m
}

func clip(v float32) uint8 { return uint8(min(max(v+.5, 0), 255)) }

// writePhotograph writes one as its name's ending says.
func writePhotograph(path string, w, h int, seed uint32) error {
	var b bytes.Buffer
	var err error
	if strings.HasSuffix(path, ".png") {
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, photograph(w, h, seed, true))
	} else {
		m := photograph(w, h, seed, false)
		err = jpeg.Encode(&b, &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}, &jpeg.Options{Quality: 90})
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}
