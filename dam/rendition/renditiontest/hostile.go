package renditiontest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

func discard(rendition.Output) error { return nil }

func (s suite) bomb(t *testing.T) {
	file := pngBomb(t)
	src := &counter{ReadSeeker: bytes.NewReader(file)}
	err := s.engine.Render(context.Background(), src, []rendition.Spec{contain(320, dam.JPEG)}, rendition.Options{},
		discard)
	wantCode(t, "30,000² PNG", err, dam.TooLarge)
	if src.n > 64<<10 {
		t.Errorf("%d bytes were read before the refusal: pixels were touched", src.n)
	}
	// A header whose product overflows 64 bits must not wrap around to a small one.
	huge := pngFile(t, drawTestPicture(8, 8, flat(red)), extras{})
	actl := append(binary.BigEndian.AppendUint32(nil, 0x7fffffff), 0, 0, 0, 0)
	body := huge[33:]
	huge = append(append(bytes.Clone(huge[:33]), pngChunk("acTL", actl)...), body...)
	binary.BigEndian.PutUint32(huge[16:], 0x7fffffff)
	binary.BigEndian.PutUint32(huge[20:], 0x7fffffff)
	err = s.engine.Render(context.Background(), bytes.NewReader(huge), []rendition.Spec{contain(320, dam.JPEG)},
		rendition.Options{}, discard)
	wantCode(t, "overflowing size", err, dam.TooLarge, dam.Invalid)
	// A GIF of a few kilobytes: a screen of 65,535², once and a thousand times.
	for what, g := range map[string]struct {
		side, frames int
	}{"65,535² GIF": {0xffff, 1}, "65,535² GIF of 1,000 frames": {0xffff, 1000}} {
		err = s.engine.Render(context.Background(), bytes.NewReader(hugeGIF(g.side, g.frames)),
			[]rendition.Spec{contain(320, dam.JPEG)}, rendition.Options{}, discard)
		wantCode(t, what, err, dam.TooLarge)
	}
	// Frames don't count: the first is shown.
	frames := animatedWebP(t, image.Pt(100, 100), image.Point{}, drawTestPicture(100, 100, flat(red)),
		drawTestPicture(100, 100, flat(green)), drawTestPicture(100, 100, flat(blue)))
	specs := []rendition.Spec{contain(50, dam.PNG)}
	err = s.engine.Render(context.Background(), bytes.NewReader(frames), specs, rendition.Options{MaxPixels: 9_999},
		discard)
	wantCode(t, "a frame over the limit", err, dam.TooLarge)
	if err := s.engine.Render(context.Background(), bytes.NewReader(frames), specs,
		rendition.Options{MaxPixels: 10_000}, discard); err != nil {
		t.Errorf("frames at the limit: %v", err)
	}
}

// hugeGIF is a screen of side² pixels with frames that each claim all of it, in one colour, as small as LZW makes it.
func hugeGIF(side, frames int) []byte {
	b := []byte("GIF89a")
	b = binary.LittleEndian.AppendUint16(b, uint16(side))
	b = binary.LittleEndian.AppendUint16(b, uint16(side))
	b = append(b, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff) // two colours
	for range frames {
		b = append(b, ',', 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint16(b, uint16(side))
		b = binary.LittleEndian.AppendUint16(b, uint16(side))
		b = append(b, 0, 2, 2, 0x44, 1, 0) // nothing but the beginning of its pixels
	}
	return append(b, ';')
}

func (s suite) truncated(t *testing.T) {
	src := smoothPicture(200, 150)
	for name, file := range formats() {
		b := file(t, src, extras{})
		for _, keep := range []int{0, 3, 20, len(b) / 2, len(b) * 8 / 10} {
			err := s.engine.Render(context.Background(), bytes.NewReader(b[:keep]),
				[]rendition.Spec{contain(50, dam.PNG)}, rendition.Options{}, discard)
			if err == nil {
				t.Errorf("%s cut to %d of %d bytes rendered without a word", name, keep, len(b))
				continue
			}
			wantCode(t, fmt.Sprintf("%s cut to %d bytes", name, keep), err, dam.Invalid, dam.Unsupported)
		}
	}
}

// hostile feeds noise and damaged files: an answer must come, and be an error or pictures, never a panic.
func (s suite) hostile(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 11))
	try := func(what string, b []byte) {
		err := s.engine.Render(context.Background(), bytes.NewReader(b), []rendition.Spec{contain(50, dam.JPEG),
			cover(20, 10, .2, .8)}, rendition.Options{MaxPixels: 1_000_000}, discard)
		if err != nil {
			wantCode(t, what, err, dam.Invalid, dam.Unsupported, dam.TooLarge)
		}
		if _, err := s.engine.Probe(context.Background(), bytes.NewReader(b)); err != nil {
			wantCode(t, what+" (probe)", err, dam.Invalid, dam.Unsupported)
		}
	}
	noise := make([]byte, 4096)
	for range 20 {
		for i := range noise {
			noise[i] = byte(rnd.Uint32())
		}
		for _, magic := range []string{"", "\xff\xd8\xff\xe1", "\x89PNG\r\n\x1a\n", "GIF89a",
			"RIFF\xff\x0f\x00\x00WEBPVP8X", "RIFF\xff\x0f\x00\x00WEBPVP8 ", "II*\x00\x08\x00\x00\x00",
			"MM\x00*\x00\x00\x00\x08", "BM"} {
			try(fmt.Sprintf("noise after %q", magic), append([]byte(magic), noise...))
		}
	}
	src := drawTestPicture(48, 32, quadrants(48, 32))
	for name, file := range formats() {
		good := file(t, src, extras{orientation: 6, icc: displayP3().icc()})
		for range 60 {
			bad := bytes.Clone(good)
			// Most of what matters is near the head.
			for range 1 + rnd.IntN(4) {
				bad[rnd.IntN(min(len(bad), 1+rnd.IntN(len(bad))))] = byte(rnd.Uint32())
			}
			try("damaged "+name, bad)
		}
	}
	err := s.engine.Render(context.Background(), bytes.NewReader([]byte("<html>no picture</html>")),
		[]rendition.Spec{contain(50, dam.JPEG)}, rendition.Options{}, discard)
	wantCode(t, "a web page", err, dam.Unsupported)
}

// oneRead proves ONE decode: a dozen outputs may not read the file a dozen times.
func (s suite) oneRead(t *testing.T) {
	file := jpegFile(t, smoothPicture(900, 600), extras{})
	src := &counter{ReadSeeker: bytes.NewReader(file)}
	// From a reader whose offset is anywhere.
	if _, err := src.Seek(1000, 0); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := s.engine.Render(context.Background(), src, rendition.Resolve(rendition.DefaultPresets(), nil),
		rendition.Options{}, func(rendition.Output) error { n++; return nil })
	must(t, err)
	if n != 12 {
		t.Errorf("%d outputs of the default presets, want 12", n)
	}
	if limit := int64(2*len(file) + 8192); src.n > limit {
		t.Errorf("read %d bytes of a file of %d", src.n, len(file))
	}
}

func (s suite) emit(t *testing.T) {
	file := pngFile(t, drawTestPicture(200, 150, quadrants(200, 150)), extras{})
	var specs []rendition.Spec
	for side := 20; side <= 160; side += 20 {
		specs = append(specs, contain(side, dam.PNG), contain(side, dam.JPEG))
	}
	var inside atomic.Int32
	n := 0
	err := s.engine.Render(context.Background(), bytes.NewReader(file), specs, rendition.Options{Workers: 4},
		func(rendition.Output) error {
			if inside.Add(1) != 1 {
				t.Error("emit was called by two goroutines at once")
			}
			n++
			inside.Add(-1)
			return nil
		})
	must(t, err)
	if n != len(specs) {
		t.Errorf("%d outputs of %d", n, len(specs))
	}
	stop, calls := errors.New("disk full"), 0
	err = s.engine.Render(context.Background(), bytes.NewReader(file), specs, rendition.Options{},
		func(rendition.Output) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("emit's error came back as %v after %d calls, want it after 1", err, calls)
	}
	if err := s.engine.Render(context.Background(), bytes.NewReader(file), nil, rendition.Options{},
		discard); err != nil {
		t.Errorf("no specs: %v", err)
	}
}

func (s suite) contextAndGate(t *testing.T) {
	file := pngFile(t, drawTestPicture(200, 150, quadrants(200, 150)), extras{})
	specs := []rendition.Spec{contain(100, dam.PNG), contain(20, dam.JPEG)}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	never := func(rendition.Output) error { t.Error("an output after the end"); return nil }
	if err := s.engine.Render(ended, bytes.NewReader(file), specs, rendition.Options{}, never); !errors.Is(err,
		context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	if _, err := s.engine.Probe(ended, bytes.NewReader(file)); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context (probe): %v", err)
	}

	// While another picture fills the gate, this one waits; it must not decode, and it must heed its context.
	gate := rendition.NewGate(200 * 150)
	release, err := gate.Acquire(context.Background(), 1)
	must(t, err)
	ctx, stop := context.WithCancelCause(context.Background())
	late := errors.New("too late")
	done := make(chan error)
	go func() {
		done <- s.engine.Render(ctx, bytes.NewReader(file), specs, rendition.Options{Gate: gate}, never)
	}()
	stop(late)
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("waiting at the gate: %v", err)
	}
	release()
	for range 3 { // each gives its pixels back, after an error too
		if err := s.engine.Render(context.Background(), bytes.NewReader(file), specs, rendition.Options{Gate: gate},
			discard); err != nil {
			t.Errorf("through the gate: %v", err)
		}
		if err := s.engine.Render(context.Background(), bytes.NewReader(file[:len(file)/2]), specs,
			rendition.Options{Gate: gate}, discard); err == nil {
			t.Error("half a file rendered")
		}
	}
	// A context that ends in the middle stops the rest.
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	n := 0
	err = s.engine.Render(ctx, bytes.NewReader(file), specs, rendition.Options{Workers: 1},
		func(rendition.Output) error { n++; cancel(); return nil })
	if n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d outputs and error %v after the context ended at the first", n, err)
	}
}

// withoutEnd: a JPEG that lacks the mark of its end, and no pixel, is shown with a note.
func (s suite) withoutEnd(t *testing.T) {
	b := jpegFile(t, drawTestPicture(100, 80, quadrants(100, 80)), extras{})
	o := s.render(t, b[:len(b)-2], contain(100, dam.PNG))[0]
	near(t, "the last corner", o.img, 90, 70, yellow, 8)
	if o.Note.ReasonCode != reasons.CodePictureEndMissing {
		t.Errorf("note %v", o.Note)
	}
}

// jpegLS: another kind of JPEG, which no engine reads, is not called damaged.
func (s suite) jpegLS(t *testing.T) {
	b := append([]byte("\xff\xd8\xff\xf7\x00\x0b\x08\x00\x50\x00\x78\x01\x01\x11\x00"), make([]byte, 100)...)
	_, err := s.engine.Probe(t.Context(), bytes.NewReader(b))
	wantCode(t, "JPEG-LS", err, dam.Unsupported)
}

// offCentre: where an animation's first frame leaves the canvas free it is clear, as in browsers.
func (s suite) offCentre(t *testing.T) {
	frame := image.NewPaletted(image.Rect(20, 10, 80, 50), color.Palette{color.NRGBA{220, 30, 30, 255}, color.Black})
	var b bytes.Buffer
	must(t, gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0},
		Config: image.Config{ColorModel: frame.Palette, Width: 100, Height: 60}}))
	m := s.render(t, b.Bytes(), contain(100, dam.PNG))[0].img
	if _, _, _, a := m.At(5, 5).RGBA(); a != 0 {
		t.Errorf("outside of the frame it is %v", m.At(5, 5))
	}
	near(t, "the frame", m, 50, 30, color.NRGBA{220, 30, 30, 255}, 2)
}

// partly: a JPEG that lacks pixels, however few, is refused or says that it is damaged; it is never called whole.
func (s suite) partly(t *testing.T) {
	b := jpegFile(t, smoothPicture(120, 80), extras{})
	early := bytes.Clone(b)
	copy(early[len(b)*97/100:], "\xff\xd9") // the mark of the end among pixels
	for name, file := range map[string][]byte{"cut": b[:len(b)*97/100], "ended early": early} {
		err := s.engine.Render(t.Context(), bytes.NewReader(file), []rendition.Spec{contain(120, dam.PNG)},
			rendition.Options{}, func(o rendition.Output) error {
				if o.Note.ReasonCode != reasons.CodePictureDamagedInPlaces {
					t.Errorf("%s: shown with the note %q", name, o.Note.Text())
				}
				return nil
			})
		if err != nil && dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// tiffPages is a TIFF of pages, each of chunky samples of 8 bits; tags come on top of what every page needs.
func tiffPages(pages ...tiffPage) []byte {
	le := binary.LittleEndian
	b := []byte("II*\x00")
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	for _, p := range pages {
		data := len(b)
		b = append(b, p.pixels...)
		b = append(b, make([]byte, len(b)%2)...)
		bits := len(b)
		for range p.samples {
			b = le.AppendUint16(b, 8)
		}
		le.PutUint32(b[at:], uint32(len(b)))
		list := [][3]uint32{{254, 4, p.subtype}, {256, 4, uint32(p.width)}, {257, 4, uint32(p.height)}, {258, 3, 0},
			{259, 3, 1}, {262, 3, 2}, {273, 4, uint32(data)}, {277, 3, uint32(p.samples)}, {278, 4, uint32(p.height)},
			{279, 4, uint32(len(p.pixels))}}
		if p.samples > 3 {
			list = append(list, [3]uint32{338, 3, 0}) // unspecified
		}
		b = le.AppendUint16(b, uint16(len(list)))
		for _, e := range list {
			b = le.AppendUint16(le.AppendUint16(b, uint16(e[0])), uint16(e[1]))
			if e[0] == 258 {
				b = le.AppendUint32(le.AppendUint32(b, uint32(p.samples)), uint32(bits))
				continue
			}
			b = le.AppendUint32(le.AppendUint32(b, 1), e[2])
		}
		at = len(b)
		b = append(b, 0, 0, 0, 0)
	}
	return b
}

type tiffPage struct {
	width, height, samples int
	subtype                uint32
	pixels                 []byte
}

// filledPage is a page of one colour.
func filledPage(w, h int, subtype uint32, colour ...byte) tiffPage {
	return tiffPage{w, h, len(colour), subtype, bytes.Repeat(colour, w*h)}
}

// thumbnailFirst: the page that is shown is the first that is no smaller copy of another.
func (s suite) thumbnailFirst(t *testing.T) {
	file := tiffPages(filledPage(8, 6, 1, 220, 20, 30), filledPage(60, 40, 0, 30, 40, 210),
		filledPage(9, 9, 0, 1, 2, 3))
	info, err := s.engine.Probe(context.Background(), bytes.NewReader(file))
	if err != nil || info.Width != 60 || info.Height != 40 {
		t.Errorf("probed %+v, %v", info, err)
	}
	near(t, "the full page", s.render(t, file, contain(60, dam.PNG))[0].img, 30, 20, blue, 2)
}

// spareChannel: a channel that the header doesn't call transparency is none.
func (s suite) spareChannel(t *testing.T) {
	file := tiffPages(filledPage(60, 40, 0, 30, 40, 210, 0))
	near(t, "the picture", s.render(t, file, contain(60, dam.PNG))[0].img, 30, 20, blue, 2)
}
