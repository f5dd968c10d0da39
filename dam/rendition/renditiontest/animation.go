package renditiontest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gen2brain/webp"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

// moving is a spec that keeps the animation.
func moving(side int) rendition.Spec {
	s := contain(side, dam.WebP)
	s.Name, s.Animate = "moving", true
	return s
}

// played decodes an animation with libwebp's own player: whole pictures, and how long each is shown.
func played(t *testing.T, b []byte) ([]*image.NRGBA, []int) {
	t.Helper()
	all, err := webp.DecodeAll(bytes.NewReader(b))
	must(t, err)
	out := make([]*image.NRGBA, len(all.Image))
	for i, m := range all.Image {
		out[i] = image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
		draw.Draw(out[i], out[i].Rect, m, m.Bounds().Min, draw.Src)
	}
	return out, all.Delay
}

// waving is a GIF that uses every way of putting frames together. After each frame the picture shows, at (10, 20) and
// at (50, 20), the colours of seen; a frame that changes nothing only lasts.
func waving(t *testing.T) (file []byte, seen [][2]color.NRGBA) {
	palette := color.Palette{color.NRGBA{}, red, green, blue, yellow}
	frame := func(r image.Rectangle, index uint8) *image.Paletted {
		m := image.NewPaletted(r, palette)
		for i := range m.Pix {
			m.Pix[i] = index
		}
		return m
	}
	left, right := image.Rect(0, 10, 20, 30), image.Rect(40, 10, 60, 30)
	var b bytes.Buffer
	must(t, gif.EncodeAll(&b, &gif.GIF{
		Image: []*image.Paletted{frame(image.Rect(0, 0, 60, 40), 1), frame(left, 2), frame(right, 3),
			frame(left, 0), frame(right, 4)},
		Delay: []int{5, 0, 20, 30, 7},
		Disposal: []byte{gif.DisposalNone, gif.DisposalPrevious, gif.DisposalBackground, gif.DisposalNone,
			gif.DisposalNone},
		LoopCount: 2,
		Config:    image.Config{ColorModel: palette, Width: 60, Height: 40},
	}))
	none := color.NRGBA{}
	return b.Bytes(), [][2]color.NRGBA{{red, red}, {green, red}, {red, blue}, {red, none}, {red, yellow}}
}

// animation: the frames are kept where the format can, each as a player would show it; other formats show the first.
func (s suite) animation(t *testing.T) {
	file, seen := waving(t)
	jpeg := contain(60, dam.JPEG)
	jpeg.Name = "moving"
	outs := s.renderAll(t, file, moving(60), moving(30), jpeg)
	near(t, "the poster", decodeOutput(t, dam.JPEG, outs[2].Bytes), 10, 20, red, 12)
	for i, scale := range []int{1, 2} {
		frames, delays := played(t, outs[i].Bytes)
		if len(frames) != len(seen) || !slices.Equal(delays, []int{50, 100, 200, 300, 70}) {
			t.Fatalf("%d frames shown for %v ms", len(frames), delays)
		}
		if frames[0].Rect.Size() != image.Pt(60/scale, 40/scale) || outs[i].Width != 60/scale {
			t.Errorf("a frame is %v, the output says %d", frames[0].Rect, outs[i].Width)
		}
		for k, want := range seen {
			near(t, "frame", frames[k], 10/scale, 20/scale, want[0], 24)
			near(t, "frame", frames[k], 50/scale, 20/scale, want[1], 24)
		}
	}
	// The ANIM chunk: played once and twice more.
	if at := bytes.Index(outs[0].Bytes, []byte("ANIM")); at < 0 || outs[0].Bytes[at+12] != 3 {
		t.Error("it does not end after three rounds")
	}

	// WebP in: a frame in a corner, and one that is laid on top of what is there.
	square := drawTestPicture(20, 20, flat(red))
	in := animatedWebP(t, image.Pt(60, 40), image.Pt(20, 10), square, drawTestPicture(60, 40, flat(green)),
		drawTestPicture(10, 10, flat(color.NRGBA{30, 40, 210, 255})))
	o := s.renderAll(t, in, moving(60))[0]
	frames, _ := played(t, o.Bytes)
	if len(frames) != 3 {
		t.Fatalf("%d frames of a WebP", len(frames))
	}
	near(t, "webp 1", frames[0], 30, 20, red, 24)
	near(t, "webp 1", frames[0], 5, 5, color.NRGBA{}, 24)
	near(t, "webp 2", frames[1], 5, 5, green, 24)
	near(t, "webp 3", frames[2], 5, 5, blue, 24)
	near(t, "webp 3", frames[2], 40, 30, green, 24)

	// A crop, a credit, and frames that change nothing.
	crop := rendition.Spec{Name: "crop", Width: 20, Height: 40, Fit: dam.FitCover, Format: dam.WebP, Quality: 90,
		Focal: dam.Point{X: 1, Y: .5}, Animate: true, Embed: rendition.Credit{Creator: "Ada"}}
	o = s.renderAll(t, file, crop)[0]
	frames, delays := played(t, o.Bytes)
	if len(frames) != 4 || frames[0].Rect.Size() != image.Pt(20, 40) ||
		!slices.Equal(delays, []int{150, 200, 300, 70}) || !strings.Contains(string(o.Bytes), "Ada") {
		t.Errorf("%d frames of %v, shown for %v ms", len(frames), frames[0].Rect, delays)
	}
	near(t, "cropped", frames[1], 10, 20, blue, 24)

	// What does not move is a plain picture.
	if o := s.render(t, pngFile(t, drawTestPicture(60, 40, flat(red)), extras{}),
		moving(60))[0]; bytes.Contains(o.Bytes, []byte("ANIM")) {
		t.Error("a still picture became an animation")
	}
}

func (s suite) animationLimits(t *testing.T) {
	var frames []image.Image
	r := rand.New(rand.NewPCG(1, 2))
	for range 6 {
		frames = append(frames, drawTestPicture(120, 90, func(int, int) color.NRGBA {
			return color.NRGBA{uint8(r.Int()), uint8(r.Int()), uint8(r.Int()), 255}
		}))
	}
	file := animatedWebP(t, image.Pt(120, 90), image.Point{}, frames...)
	spec := moving(120)
	free := s.renderAll(t, file, spec)[0]
	spec.MaxBytes = int64(len(free.Bytes) / 4)
	if o := s.renderAll(t, file, spec)[0]; int64(len(o.Bytes)) > spec.MaxBytes || o.Width >= 120 {
		t.Errorf("%d bytes of %d, %d pixels wide", len(o.Bytes), spec.MaxBytes, o.Width)
	}
	spec.MaxBytes = 300
	err := s.engine.Render(context.Background(), bytes.NewReader(file), []rendition.Spec{spec}, rendition.Options{},
		discard)
	wantCode(t, "six frames in 300 bytes", err, dam.TooLarge)
	o := s.one(t, file, moving(60), rendition.Options{MaxAnimation: 6*120*90 - 1})
	if bytes.Contains(o.Bytes, []byte("ANIM")) || !o.Note.Is(reasons.CodeAnimationOverLimit) || o.Width != 60 {
		t.Errorf("over the limit: %d pixels wide, %q", o.Width, o.Note)
	}
	if o := s.one(t, file, moving(60), rendition.Options{MaxAnimation: 6 * 120 * 90}); !o.Note.IsZero() ||
		!bytes.Contains(o.Bytes, []byte("ANIM")) {
		t.Errorf("at the limit: %q", o.Note)
	}
	// Damaged ones end in words, or play as far as they go.
	gif, _ := waving(t)
	for name, b := range map[string][]byte{"webp": file, "gif": gif} {
		for i := range 40 {
			broken := bytes.Clone(b)
			for range 1 + i%4 {
				broken[30+r.IntN(len(b)-30)] ^= byte(1 + r.IntN(255))
			}
			if i%3 == 0 {
				broken = broken[:len(broken)*(20+i)/64]
			}
			if err := s.engine.Render(context.Background(), bytes.NewReader(broken), []rendition.Spec{moving(60)},
				rendition.Options{}, discard); err != nil {
				wantCode(t, name+" with wrong bytes", err, dam.Invalid, dam.TooLarge, dam.Unsupported)
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.engine.Render(ctx, bytes.NewReader(file), []rendition.Spec{moving(60)}, rendition.Options{},
		discard); err == nil {
		t.Error("a cancelled render went on")
	}
}
