package rendition

import (
	"context"
	"image"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Pixels is what an engine can do with pictures of its own kind. Encode and Draw are called by several goroutines at
// once, on the same picture even, and leave it alone.
type Pixels[P any] interface {
	Size(p P) (width, height int)
	// Resize makes a w × h picture of a region, which never shares memory with p.
	Resize(p P, region image.Rectangle, w, h int) (P, error)
	// Convert takes a picture made from the decoded source to sRGB, in place where it can.
	Convert(p P) (P, error)
	// Draw lets f change a copy of the picture.
	Draw(p P, f func(*image.NRGBA)) (P, error)
	// Encode writes a picture in the spec's format and quality, without metadata.
	Encode(p P, s Spec) ([]byte, error)
	// Close frees a picture; nobody uses it any more.
	Close(p P)
}

// Check refuses a picture whose frame has more pixels than the options allow, with dam.TooLarge. How many frames there
// are is no reason to refuse: see SplitAnimated.
func (o Options) Check(i Info) error {
	limit := o.MaxPixels
	if limit <= 0 {
		limit = DefaultMaxPixels
	}
	if i.Frames = 1; i.Pixels() <= limit {
		return nil
	}
	return &dam.Error{Code: dam.TooLarge,
		Reason: reasons.PictureOverFrameLimit(i.Width, i.Height, i.Frames, limit/1_000_000)}
}

// Cascade makes every target of the plan from its parent and encodes on a bounded pool. It closes base and every
// picture it makes.
func Cascade[P any](ctx context.Context, px Pixels[P], base P, plan Plan, opt Options, emit func(Output) error) error {
	workers := opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	marks, err := loadWatermarks(ctx, plan, opt)
	if err != nil {
		px.Close(base)
		return err
	}
	// A picture is closed by whoever uses it last: its children and its encoders.
	users := make(map[int]int)
	for _, t := range plan.Targets {
		users[t.Parent]++
	}
	hold := func(p P, n int) *held[P] {
		h := &held[P]{p: p}
		h.users.Store(int32(n))
		return h
	}
	source := hold(base, users[-1])
	made := make([]*held[P], len(plan.Targets))
	var mu sync.Mutex
	caller := ctx
	pool, ctx := errgroup.WithContext(ctx)
	pool.SetLimit(workers)
	var failure error
	for i, t := range plan.Targets {
		if failure = ctx.Err(); failure != nil {
			break
		}
		parent := source
		if t.Parent >= 0 {
			parent = made[t.Parent]
		}
		w, h := px.Size(parent.p)
		p, err := parent.p, error(nil)
		if region := plan.Region(i, w, h); users[-1] == 1 && t.Parent < 0 && region == image.Rect(0, 0, t.Width,
			t.Height) && w == t.Width && h == t.Height {
			source.users.Store(0) // the base is the picture
		} else if p, err = px.Resize(parent.p, region, t.Width, t.Height); err == nil {
			parent.done(px)
		}
		if err == nil && t.Parent < 0 {
			p, err = px.Convert(p)
		}
		if err != nil {
			failure = err
			break
		}
		groups := sameSpec(t.Specs)
		made[i] = hold(p, users[i]+len(groups))
		for _, same := range groups {
			pool.Go(func() error {
				defer made[i].done(px)
				if err := ctx.Err(); err != nil {
					return err
				}
				w, h, b, err := finish(px, p, same[0], marks)
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				for _, s := range same {
					if err := ctx.Err(); err != nil {
						return err
					}
					if err := emit(Output{Spec: s, Bytes: b, Width: w, Height: h, MediaType: s.Format.MediaType(),
						Note: plan.Note}); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	err = pool.Wait()
	// What an early end has left open.
	source.drop(px)
	for _, h := range made {
		if h != nil {
			h.drop(px)
		}
	}
	switch {
	case err != nil:
		return err
	case caller.Err() != nil && failure != nil:
		return caller.Err()
	}
	return failure
}

// held is a picture and how many still need it.
type held[P any] struct {
	p     P
	users atomic.Int32
}

func (h *held[P]) done(px Pixels[P]) {
	if h.users.Add(-1) == 0 {
		px.Close(h.p)
	}
}

func (h *held[P]) drop(px Pixels[P]) {
	if h.users.Swap(0) > 0 {
		px.Close(h.p)
	}
}

// sameSpec groups the specs of one target that give the same bytes: of a small original,
// which is never enlarged, all the larger presets are one picture.
func sameSpec(specs []Spec) [][]Spec {
	type coding struct {
		Spec
		watermark Watermark
	}
	var groups [][]Spec
	at := map[coding]int{}
	for _, s := range specs {
		c := coding{Spec: s}
		c.Name, c.Width, c.Height, c.Fit, c.Focal, c.Watermark = "", 0, 0, "", dam.Point{}, nil
		if s.Watermark != nil {
			c.watermark = *s.Watermark
		}
		i, ok := at[c]
		if !ok {
			i = len(groups)
			at[c], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	return groups
}

// finish sharpens, marks, encodes under the ceiling and writes the credit.
func finish[P any](px Pixels[P], p P, s Spec, marks map[string]*image.NRGBA) (w, h int, b []byte, err error) {
	drawn := func(p P) (P, func(), error) {
		if s.Sharpen <= 0 && s.Watermark == nil {
			return p, func() {}, nil
		}
		q, err := px.Draw(p, func(m *image.NRGBA) {
			sharpen(m, s.Sharpen)
			if s.Watermark != nil {
				stamp(m, marks[s.Watermark.SHA256], *s.Watermark)
			}
		})
		return q, func() { px.Close(q) }, err
	}
	fullW, fullH := px.Size(p)
	for _, try := range attempts(s) {
		small, free := p, func() {}
		w, h = fullW, fullH
		if try.scale < 1 {
			w, h = max(1, int(float64(fullW)*try.scale+.5)), max(1, int(float64(fullH)*try.scale+.5))
			if small, err = px.Resize(p, image.Rect(0, 0, fullW, fullH), w, h); err != nil {
				return 0, 0, nil, err
			}
			free = func() { px.Close(small) }
		}
		coded := s
		coded.Quality = try.quality
		q, done, err := drawn(small)
		if err == nil {
			b, err = px.Encode(q, coded)
			done()
		}
		free()
		if err != nil {
			return 0, 0, nil, err
		}
		if b, err = s.Embed.write(b, s.Format, w, h); err != nil {
			return 0, 0, nil, err
		}
		if s.MaxBytes <= 0 || int64(len(b)) <= s.MaxBytes {
			return w, h, b, nil
		}
	}
	return 0, 0, nil, pastCeiling(s, len(b))
}

// pastCeiling is the error of a rendition whose smallest attempt has that many bytes.
func pastCeiling(s Spec, size int) error {
	return &dam.Error{Code: dam.TooLarge, Field: "max_bytes",
		Reason: reasons.RenditionOverCeiling(s.Name, size, s.MaxBytes)}
}

// attempt is one try at a byte ceiling.
type attempt struct {
	quality int
	scale   float64
}

// attempts lowers quality in tens down to 50, where artefacts begin to show, and only then the size.
func attempts(s Spec) []attempt {
	list := []attempt{{s.Quality, 1}}
	if s.MaxBytes <= 0 {
		return list
	}
	lowest := s.Quality
	if !s.Format.Lossless() {
		for q := s.Quality - 10; q >= 50; q -= 10 {
			list = append(list, attempt{q, 1})
			lowest = q
		}
	}
	for _, scale := range []float64{.8, .64, .5, .4, .3, .2, .1} {
		list = append(list, attempt{lowest, scale})
	}
	return list
}
