package isolate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/isolate"
	"vitrine/dam/rendition/renditiontest"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/rendition/vips"
)

// childEnv makes this test program a child: its value names the engine and, after a slash, what is odd about the child.
const childEnv = "VITRINE_TEST_CHILD"

const memory = 1 << 30

func TestMain(m *testing.M) {
	sandbox.Launch()
	name, kind, _ := strings.Cut(os.Getenv(childEnv), "/")
	if name == "" {
		os.Exit(m.Run())
	}
	service := isolate.Service{Memory: memory, Engine: func() (rendition.Engine, error) {
		switch name {
		case "vips":
			return vips.New(imaging.New())
		case "wicked":
			return wicked{imaging.New()}, nil
		case "burglar":
			return burglar{imaging.New()}, nil
		}
		return imaging.New(), nil
	}}
	switch kind {
	case "sealed":
		service.Seal = sandbox.Seal
	case "silent":
		select {}
	}
	if err := isolate.Serve(service); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// wicked is an engine whose files say what its decoder does.
type wicked struct{ imaging.Engine }

func (wicked) Probe(context.Context, io.ReadSeeker) (rendition.Info, error) {
	return rendition.Info{MediaType: "image/wicked", Width: 1, Height: 1, Frames: 1, Orientation: 1}, nil
}

func (w wicked) Render(_ context.Context, src io.ReadSeeker, specs []rendition.Spec, _ rendition.Options,
	emit func(rendition.Output) error) error {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b, err := io.ReadAll(src)
	if err != nil {
		return err
	}
	answer := func(i int) error {
		return emit(rendition.Output{Spec: specs[i], Bytes: []byte(strconv.Itoa(os.Getpid())), Width: 1, Height: 1,
			MediaType: "image/png"})
	}
	does, path, _ := strings.Cut(string(b), " ")
	switch does {
	case "loop":
		for n := 0; ; n++ {
			if n < 0 {
				return nil
			}
		}
	case "crash":
		if err := syscall.Kill(os.Getpid(), syscall.SIGSEGV); err != nil {
			return err
		}
		select {} // the signal may come to another thread, a moment later
	case "eat":
		var held [][]byte
		for {
			held = append(held, bytes.Repeat([]byte{1}, 64<<20))
			_ = held
		}
	case "once": // blocks after the first output; goes through when it has been here before
		if err := answer(0); err != nil {
			return err
		}
		if _, err := os.Stat(path); err != nil {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			select {}
		}
		return answer(1)
	}
	for i := range specs {
		if err := answer(i); err != nil {
			return err
		}
	}
	return nil
}

func newPool(t *testing.T, name string, o isolate.Options) *isolate.Pool {
	t.Helper()
	if o.Name = name; o.Temp == "" {
		o.Temp = t.TempDir()
	}
	if o.Command == nil {
		o.Command = plainly(name)
	}
	if name != "wicked" && name != "burglar" {
		o.Headers = imaging.New()
	}
	p := isolate.New(o)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// plainly starts children without walls.
func plainly(child string) func() (*exec.Cmd, func() error) {
	return func() (*exec.Cmd, func() error) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(isolate.Allocator(), childEnv+"="+child)
		return cmd, nil
	}
}

func TestConformance(t *testing.T) { renditiontest.Run(t, newPool(t, "imaging", isolate.Options{})) }

func TestConformanceVips(t *testing.T) {
	if !vips.Built {
		if _, err := vips.New(imaging.New()); dam.CodeOf(err) != dam.Unsupported {
			t.Errorf("without libvips: %v", err)
		}
		return
	}
	renditiontest.Run(t, newPool(t, "vips", isolate.Options{}), handful()...) // all of it behind a wall
}

func specs() []rendition.Spec {
	s := rendition.Spec{Name: "one", Width: 20, Fit: dam.FitContain, Format: dam.PNG}
	other := s
	other.Name = "two"
	return []rendition.Spec{s, other}
}

// try renders a wicked file and returns the process that answered.
func try(t *testing.T, p rendition.Engine, file string) (pid string, err error) {
	t.Helper()
	n := 0
	err = p.Render(t.Context(), strings.NewReader(file), specs(), rendition.Options{}, func(o rendition.Output) error {
		n++
		pid = string(o.Bytes)
		return nil
	})
	if err == nil && n != 2 {
		t.Errorf("%q: %d outputs", file, n)
	}
	return pid, err
}

func TestOneJobFailsAlone(t *testing.T) {
	for _, c := range []struct {
		file, says string
		code       dam.Code
		timeout    time.Duration
	}{
		{"loop", "longer than 300ms", dam.TooLarge, 300 * time.Millisecond},
		{"crash", "crash", dam.Invalid, time.Minute},
		{"eat", "memory", dam.TooLarge, time.Minute},
	} {
		p := newPool(t, "wicked", isolate.Options{Timeout: c.timeout, Size: 1})
		_, err := try(t, p, c.file)
		var e *dam.Error
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Text(), c.says) || e.Advice() == "" {
			t.Errorf("%s: %v", c.file, err)
		}
		if c.timeout < time.Minute {
			continue // a slow machine may not do another in that time
		}
		if _, err := try(t, p, "well"); err != nil {
			t.Errorf("the job after %s: %v", c.file, err)
		}
	}
}

// A child that is killed in the middle of a job costs nothing but time, and no output comes twice.
func TestKilledInTheMiddle(t *testing.T) {
	p := newPool(t, "wicked", isolate.Options{})
	been := filepath.Join(t.TempDir(), "been")
	var got []string
	err := p.Render(t.Context(), strings.NewReader("once "+been), specs(), rendition.Options{},
		func(o rendition.Output) error {
			got = append(got, o.Spec.Name)
			if len(got) > 1 {
				return nil
			}
			pid, err := strconv.Atoi(string(o.Bytes))
			if err != nil {
				return err
			}
			for { // it is in the middle once it has left its mark
				if _, err := os.Stat(been); err == nil {
					return syscall.Kill(pid, syscall.SIGKILL)
				}
				if err := t.Context().Err(); err != nil {
					return err
				}
				time.Sleep(time.Millisecond)
			}
		})
	if err != nil || strings.Join(got, " ") != "one two" {
		t.Errorf("outputs %v, error %v", got, err)
	}
}

func TestReplacedAfterJobs(t *testing.T) {
	p := newPool(t, "wicked", isolate.Options{Jobs: 2, Size: 1})
	var pids []string
	for range 4 {
		pid, err := try(t, p, "well")
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	if pids[0] == pids[1] || pids[1] == pids[2] || pids[2] == pids[3] {
		// Probe and Render are a job each.
		t.Errorf("processes %v, want another after each probe and render", pids)
	}
	once := newPool(t, "wicked", isolate.Options{Size: 1})
	first, err := try(t, once, "well")
	if err != nil {
		t.Fatal(err)
	}
	if second, err := try(t, once, "well"); err != nil || second != first {
		t.Errorf("process %s after %s, error %v", second, first, err)
	}
}

// Files that lie about their size meet the kernel's limit when the header's is out of the way.
func TestBombsMeetTheLimit(t *testing.T) {
	huge := []byte(
		"GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02D\x01" +
			"\x00;")
	var small bytes.Buffer
	m := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = 200
	}
	if err := png.Encode(&small, m); err != nil {
		t.Fatal(err)
	}
	engines := []string{"imaging"}
	if vips.Built {
		engines = append(engines, "vips")
	}
	for _, name := range engines {
		p := newPool(t, name, isolate.Options{Timeout: 30 * time.Second})
		none := func(rendition.Output) error { return nil }
		err := p.Render(t.Context(), bytes.NewReader(huge), specs(), rendition.Options{}, none)
		if dam.CodeOf(err) != dam.TooLarge {
			t.Errorf("%s: a GIF of 65,535²: %v", name, err)
		}
		err = p.Render(t.Context(), bytes.NewReader(huge), specs(), rendition.Options{MaxPixels: 1 << 40}, none)
		if c := dam.CodeOf(err); c != dam.TooLarge && c != dam.Invalid {
			t.Errorf("%s: the same without a cap on pixels: %v", name, err)
		}
		if err := p.Render(t.Context(), bytes.NewReader(small.Bytes()), specs(), rendition.Options{},
			none); err != nil {
			t.Errorf("%s: the next picture: %v", name, err)
		}
	}
}

// A watermark reaches the child, which can reach no storage.
func TestWatermarkReachesTheChild(t *testing.T) {
	var mark, picture bytes.Buffer
	paint := func(b *bytes.Buffer, w, h int, c color.NRGBA) {
		m := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				m.SetNRGBA(x, y, c)
			}
		}
		if err := png.Encode(b, m); err != nil {
			t.Fatal(err)
		}
	}
	paint(&mark, 10, 10, color.NRGBA{255, 0, 0, 255})
	paint(&picture, 80, 80, color.NRGBA{0, 0, 255, 255})
	spec := rendition.Spec{Name: "marked", Width: 80, Fit: dam.FitContain, Format: dam.PNG,
		Watermark: &rendition.Watermark{SHA256: "m", Opacity: 1, Scale: .25}}
	p := newPool(t, "imaging", isolate.Options{})
	var out []byte
	err := p.Render(t.Context(), bytes.NewReader(picture.Bytes()), []rendition.Spec{spec}, rendition.Options{
		Watermark: func(_ context.Context, sha string) ([]byte, error) {
			if sha != "m" {
				return nil, errors.New("no such mark")
			}
			return mark.Bytes(), nil
		},
	}, func(o rendition.Output) error {
		if o.Spec != spec {
			t.Errorf("the output's spec is not the caller's: %+v", o.Spec)
		}
		out = o.Bytes
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if r, _, b, _ := m.At(70, 70).RGBA(); r>>8 != 255 || b != 0 {
		t.Errorf("bottom right is %v", m.At(70, 70))
	}
	if r, _, b, _ := m.At(10, 10).RGBA(); r != 0 || b>>8 != 255 {
		t.Errorf("top left is %v", m.At(10, 10))
	}
}

// A copy of an original never has a name in the folder, so that no end of the process leaves it there.
func TestCopiesHaveNoName(t *testing.T) {
	dir := t.TempDir()
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err == nil {
		_, err = unix.InotifyAddWatch(watch, dir, unix.IN_CREATE|unix.IN_MOVED_TO)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(watch) }()
	event := make([]byte, 4096)
	events := func() string {
		n, err := unix.Read(watch, event)
		if errors.Is(err, unix.EAGAIN) {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(bytes.Trim(event[unix.SizeofInotifyEvent:n], "\x00"))
	}
	p := newPool(t, "imaging", isolate.Options{Temp: dir})
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewNRGBA(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	made := 0
	spec := rendition.Spec{Name: "x", Width: 10, Fit: dam.FitContain, Format: dam.PNG}
	if err := p.Render(t.Context(), bytes.NewReader(picture.Bytes()), []rendition.Spec{spec}, rendition.Options{},
		func(rendition.Output) error { made++; return nil }); err != nil || made != 1 {
		t.Fatalf("%d made, %v", made, err)
	}
	if name := events(); name != "" {
		t.Errorf("the copy was called %s", name)
	}
	if err := os.WriteFile(filepath.Join(dir, "seen"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if name := events(); name != "seen" {
		t.Errorf("the watch saw %q", name)
	}
}
