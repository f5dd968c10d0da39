// Package convert gives an engine plain pictures of what it can't read itself: the page of a document, a drawing, the
// preview in a raw file, a layered file's composite, a frame of a video, the wave of a sound. Programs make them, each
// in a sandbox of its own; the engine makes the renditions.
package convert

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/sandbox"
)

// Options of an Engine; the first three are needed.
type Options struct {
	Engine  rendition.Engine
	Sandbox *sandbox.Runner
	// Identify says what a file is by its content; the error is the file's own.
	Identify func(src io.ReadSeeker) (mediaType string, kind dam.Kind, err error)
	// VideoTime bounds the making of one video; 50 minutes when zero.
	VideoTime time.Duration
	// MaxPixels is the largest picture that programs may read, width × height; rendition.DefaultMaxPixels when zero.
	MaxPixels int64
}

// Engine renders what the engine inside it does, and more. It may be shared.
type Engine struct{ o Options }

// New makes an engine.
func New(o Options) *Engine {
	if o.MaxPixels <= 0 {
		o.MaxPixels = rendition.DefaultMaxPixels
	}
	return &Engine{o}
}

// Name implements rendition.Engine.
func (e *Engine) Name() string { return e.o.Engine.Name() }

// longSide is the size in pixels that what has none of its own (pages, drawings) is said to have.
const longSide = 2048

// drawn are the sides of a picture that is made of a page or a drawing.
const minSide, maxSide = 512, 4096

// probeTime bounds how long programs may work for an upload, which waits for them; waiting for their turn does not
// count.
const probeTime = 30 * time.Second

// maker makes a plain picture of one family of formats.
type maker struct {
	// programs it needs, the first of which an error would name.
	programs []string
	// probe fills in what is known without a picture; nil when only the picture tells.
	probe func(ctx context.Context, d *sandbox.Desk, info *rendition.Info) error
	// measure fills in what the file's beginning says; nil and false when that is nothing.
	measure func(head []byte, info *rendition.Info) bool
	// picture writes the picture into the desk's folder and returns its name there.
	picture func(ctx context.Context, d *sandbox.Desk, w want) (string, error)
	note    reasons.Reason
	// candid says that a program that made a picture has found damage when it wrote to standard error.
	candid bool
	// whole says whether everything that the file lists is in it; nil where the program tells.
	whole func(src io.ReadSeeker) bool
}

// want is the picture to make.
type want struct {
	page int // of a document, from 1
	side int // longest side of what has no pixels of its own
	// pixels is the most that a picture with pixels of its own may have.
	pixels int64
	info   rendition.Info
	head   []byte // the file's beginning
}

// headSize is how much of a file's beginning makers get, in bytes.
const headSize = 64 << 10

// headOf reads a file's beginning; a shorter file is whole.
func headOf(src io.ReadSeeker) ([]byte, error) {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(src, headSize))
}

func (e *Engine) maker(mediaType string) (maker, bool) {
	switch mediaType {
	case "application/pdf":
		return maker{programs: []string{"pdftoppm", "pdfinfo"}, probe: probePDF, picture: pagePicture}, true
	case "image/svg+xml", "image/svg+xml-compressed":
		return maker{programs: []string{"rsvg-convert"}, picture: drawing}, true
	case "image/x-eps":
		return maker{programs: []string{"gs"}, picture: epsPicture, measure: epsInfo}, true
	case photoshop:
		return maker{}, true // in Go, see flattened
	case "image/x-fuji-raf", "image/x-panasonic-rw2", "image/x-olympus-orf", "image/x-canon-cr3", "image/x-canon-cr2",
		"image/x-adobe-dng",
		"image/x-nikon-nef", "image/x-sony-arw", "image/x-pentax-pef":
		return maker{programs: []string{"exiftool"}, picture: embeddedPreview,
			note: reasons.ShownFromRawPreview()}, true
	case "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "text/rtf",
		"application/rtf":
		return office(), true
	}
	if _, ok := exchange[mediaType]; ok {
		m := maker{programs: []string{"ffmpeg"}, picture: exchanged, candid: true}
		if mediaType == "image/x-exr" {
			m.whole = wholeEXR
		}
		return m, true
	}
	switch family, _, _ := strings.Cut(mediaType, "/"); {
	case family == "video":
		return maker{programs: []string{"ffmpeg", "ffprobe"}, probe: probeVideo, picture: poster}, true
	case family == "audio", mediaType == "application/ogg":
		return maker{programs: []string{"ffmpeg", "ffprobe"}, probe: probeSound, picture: waveform}, true
	case strings.HasPrefix(mediaType, "application/vnd.openxmlformats-officedocument."),
		strings.HasPrefix(mediaType, "application/vnd.oasis.opendocument."):
		return office(), true
	}
	return maker{}, false
}

// Handles reports whether files of the type are made pictures of by a program.
func (e *Engine) Handles(mediaType string) bool {
	_, ok := e.maker(mediaType)
	return ok
}

// sniff returns the media type, and the maker when there is one.
func (e *Engine) sniff(src io.ReadSeeker) (string, maker, bool, error) {
	mediaType, _, err := e.o.Identify(src)
	if err != nil {
		return "", maker{}, false, err
	}
	if mediaType == "image/jxl" {
		head, err := headOf(src)
		if err != nil || movingJXL(head) {
			return mediaType, maker{programs: []string{"ffmpeg"}, picture: firstFrame, candid: true}, true, err
		}
	}
	if mediaType == "image/jpeg" {
		if lossless, err := losslessJPEG(src); err != nil || lossless {
			return mediaType, maker{programs: []string{"ffmpeg"}, picture: losslessPicture, candid: true}, true, err
		}
	}
	m, ok := e.maker(mediaType)
	return mediaType, m, ok, nil
}

// Probe implements rendition.Engine. What has no pixels of its own is as large as the picture made of it.
func (e *Engine) Probe(ctx context.Context, src io.ReadSeeker) (rendition.Info, error) {
	mediaType, m, ok, err := e.sniff(src)
	if err != nil {
		return rendition.Info{}, err
	}
	if !ok {
		return e.o.Engine.Probe(ctx, src)
	}
	info := rendition.Info{MediaType: mediaType, Frames: 1, Orientation: 1, Note: m.note}
	if mediaType == "image/jxl" { // a moving one: libvips reads the others
		info.Revision, info.Changed = 2, reasons.ShownOtherFrame()
	}
	if mediaType == photoshop {
		p, err := readPSD(ctx, src)
		if p != nil {
			p.info(&info)
		}
		return info, err
	}
	if err := e.ready(m); err != nil {
		return info, err
	}
	head, err := headOf(src)
	if err != nil || m.measure != nil && m.measure(head, &info) {
		return info, err
	}
	d, err := e.o.Sandbox.Open(ctx, src)
	if err != nil {
		return info, err
	}
	defer d.Close()
	d.Budget = probeTime
	if m.probe != nil {
		return info, m.probe(ctx, d, &info)
	}
	name, err := m.picture(ctx, d, want{page: 1, side: longSide, pixels: e.o.MaxPixels, info: info,
		head: head})
	if err != nil {
		return info, err
	}
	plain, err := e.openPicture(d, name)
	if err != nil {
		return info, err
	}
	defer func() { _ = plain.Close() }()
	inner, err := e.o.Engine.Probe(ctx, plain)
	info.Width, info.Height, info.Orientation, info.HasAlpha = inner.Width, inner.Height, inner.Orientation,
		inner.HasAlpha
	return info, err
}

// ready tells what is missing before anything is copied.
func (e *Engine) ready(m maker) error {
	for _, p := range m.programs {
		if err := e.o.Sandbox.Allows(p); err != nil {
			return err
		}
	}
	return nil
}

// Render implements rendition.Engine: of a document its first page.
func (e *Engine) Render(ctx context.Context, src io.ReadSeeker, specs []rendition.Spec, opt rendition.Options,
	emit func(rendition.Output) error) error {
	return e.RenderPage(ctx, src, 1, specs, opt, emit)
}

// RenderPage is Render of a document's page, from 1. The error is dam.NotFound past the last.
func (e *Engine) RenderPage(ctx context.Context, src io.ReadSeeker, page int, specs []rendition.Spec,
	opt rendition.Options, emit func(rendition.Output) error) error {
	if len(specs) == 0 {
		return ctx.Err()
	}
	mediaType, m, ok, err := e.sniff(src)
	if err != nil {
		return err
	}
	if page < 1 {
		return noPage()
	}
	if page != 1 && mediaType != "application/pdf" {
		return &dam.Error{Code: dam.NotFound, Field: "page", Reason: reasons.OnlyPdfHasPages()}
	}
	if !ok {
		return e.o.Engine.Render(ctx, src, specs, opt, emit)
	}
	if mediaType == photoshop {
		return e.flattened(ctx, src, specs, opt, emit)
	}
	if err := e.ready(m); err != nil {
		return err
	}
	d, err := e.o.Sandbox.Open(ctx, src)
	if err != nil {
		return err
	}
	defer d.Close()
	w := want{page: page, pixels: e.o.MaxPixels, info: rendition.Info{MediaType: mediaType}}
	if w.head, err = headOf(src); err != nil {
		return err
	}
	if m.probe != nil {
		if err := m.probe(ctx, d, &w.info); err != nil {
			return err
		}
		if w.info.Pages > 0 && page > w.info.Pages {
			return noPage()
		}
		if w.info.Width > 0 { // of no picture, when sound has none
			if err := opt.Check(w.info); err != nil {
				return err
			}
		}
	}
	for _, s := range specs {
		w.side = max(w.side, s.Width, s.Height)
	}
	// Half as much again, because a crop shows only a part of the longer side.
	w.side = min(max(w.side*3/2, minSide), maxSide)
	name, err := m.picture(ctx, d, w)
	if err != nil {
		return err
	}
	plain, err := e.openPicture(d, name)
	if err != nil {
		return err
	}
	defer func() { _ = plain.Close() }()
	note := m.note
	if m.candid && complained(d.Complaint) || m.whole != nil && !m.whole(src) {
		note = note.And(reasons.PictureDamagedInPlaces())
	}
	return e.o.Engine.Render(ctx, plain, specs, opt, func(o rendition.Output) error {
		if o.Note.IsZero() {
			o.Note = note
		}
		return emit(o)
	})
}

// complained says whether what a program wrote to standard error is about the file. A library of ffmpeg's says that the
// walls allow no memory for secrets.
func complained(said string) bool {
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); line != "" && line != "Warning: using insecure memory!" {
			return true
		}
	}
	return false
}

// flattened renders a Photoshop file's composite. It is read in Go, so no walls are needed.
func (e *Engine) flattened(ctx context.Context, src io.ReadSeeker, specs []rendition.Spec, opt rendition.Options,
	emit func(rendition.Output) error) error {
	p, err := readPSD(ctx, src)
	if err != nil {
		return err
	}
	info := rendition.Info{MediaType: photoshop, Frames: 1, Orientation: 1}
	p.info(&info)
	if err := opt.Check(info); err != nil {
		return err
	}
	if room := e.o.Sandbox.Room(); room != nil {
		if err := room(info.Pixels() * int64((p.colours()+1)*max(p.depth, 8)/8)); err != nil {
			return err
		}
	}
	original, done, err := e.file(ctx, src)
	if err != nil {
		return err
	}
	defer done()
	plain, err := os.CreateTemp(e.o.Sandbox.Temp(), "vitrine-psd-")
	if err != nil {
		return err
	}
	defer func() { _ = plain.Close() }()
	defer func() { _ = os.Remove(plain.Name()) }()
	var rows io.ReadSeeker = original
	if p.deflated {
		inflated, err := os.CreateTemp(e.o.Sandbox.Temp(), "vitrine-psd-")
		if err != nil {
			return err
		}
		defer func() { _ = inflated.Close() }()
		defer func() { _ = os.Remove(inflated.Name()) }()
		if err := p.inflate(ctx, original, inflated); err != nil {
			return err
		}
		rows = inflated
	}
	out := bufio.NewWriterSize(plain, 1<<18)
	if err := errors.Join(p.flatten(ctx, rows, out), out.Flush()); err != nil {
		return err
	}
	return e.o.Engine.Render(ctx, plain, specs, opt, emit)
}

// file finds the file behind src, or copies it to one: a composite's rows are read here and there, channel by channel,
// and where blocks are fetched and verified each would be a block.
func (e *Engine) file(ctx context.Context, src io.ReadSeeker) (f *os.File, done func(), err error) {
	if f, err = rendition.File(ctx, src); !errors.Is(err, errors.ErrUnsupported) {
		return f, func() {}, err
	}
	if f, err = os.CreateTemp(e.o.Sandbox.Temp(), "vitrine-original-"); err != nil {
		return nil, nil, err
	}
	done = func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	if err := rendition.Spool(f, src, e.o.Sandbox.Room()); err != nil {
		done()
		return nil, nil, err
	}
	return f, done, nil
}

func noPage() error {
	return &dam.Error{Code: dam.NotFound, Field: "page", Reason: reasons.NoSuchPage()}
}

// openPicture opens what a program has written. The program is not trusted: its file may be a link to anywhere.
func (e *Engine) openPicture(d *sandbox.Desk, name string) (*os.File, error) {
	if _, err := d.Size(name); err != nil {
		return nil, nothing(err)
	}
	return os.Open(filepath.Join(d.Out, name))
}

// put writes a file into a folder where programs write. They are not trusted: what lies there under its name may be a
// link to anywhere, and is an error.
func put(d *sandbox.Desk, name string, b []byte) error {
	f, err := os.OpenFile(filepath.Join(d.Out, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nothing(err)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// nothing is the error of a program that ended well and wrote no picture.
func nothing(cause error) error {
	return &dam.Error{Code: dam.Invalid, Reason: reasons.NoPictureOfFile(), Err: cause}
}
