package convert_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image/color"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/metadata"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/convert"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/sandbox"
)

// shot is a video as the engine made it.
type shot struct {
	rendition.VideoSpec
	bytes    []byte
	progress []float64
}

func shoot(ctx context.Context, e rendition.VideoMaker, file []byte, s rendition.Spec) (out shot, err error) {
	s.Format = dam.MP4
	if s.Quality == 0 {
		s.Quality = 70
	}
	err = e.Video(ctx, bytes.NewReader(file), s, rendition.Options{},
		func(p float64) { out.progress = append(out.progress, p) }, func(f rendition.VideoSpec) (err error) {
			out.VideoSpec = f
			out.bytes, err = io.ReadAll(f.File)
			return err
		})
	return out, err
}

// probed is what ffprobe says of a video: lines such as codec_name=h264.
func probed(t *testing.T, film []byte) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries",
		"stream=codec_name,width,height,avg_frame_rate,pix_fmt,sample_aspect_ratio:format_tags=artist", "-of",
		"default=nw=1", "-")
	cmd.Stdin = bytes.NewReader(film)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("ffprobe: %v: %s", err, out)
	}
	return strings.Fields(string(out))
}

func lavfi(sources ...string) (args []string) {
	for _, s := range sources {
		args = append(args, "-f", "lavfi", "-i", s)
	}
	return append(args, "-pix_fmt", "yuv420p", "-preset", "ultrafast")
}

// turned lies on its side, as telephones hand videos over.
func turned(film []byte) []byte {
	out := bytes.Clone(film)
	at := bytes.Index(out, []byte("tkhd")) + 4 + 40
	for i, v := range []uint32{0, 1 << 16, 0, 0xffff0000, 0, 0, 0, 0, 1 << 30} {
		binary.BigEndian.PutUint32(out[at+4*i:], v)
	}
	return out
}

func TestVideos(t *testing.T) {
	e := engine(t, sandbox.Options{})
	halves := film(t, "halves.mp4",
		lavfi("color=red:s=160x180:d=1:r=10[a];color=blue:s=160x180:d=1:r=10[b];[a][b]hstack")...)
	talkie := film(t, "talkie.mov", append(lavfi("testsrc2=s=640x360:d=3:r=25", "sine=d=3"), "-c:a", "pcm_s16le")...)
	for name, c := range map[string]struct {
		file    []byte
		spec    rendition.Spec
		w, h    int
		seconds float64
		says    []string
		silent  bool
		show    color.RGBA
	}{
		"smaller": {file: talkie, spec: rendition.Spec{Width: 320, Height: 320, Fit: dam.FitContain,
			Embed: rendition.Credit{Creator: "Ada"}}, w: 320, h: 180, seconds: 3,
			says: []string{"codec_name=h264", "codec_name=aac", "pix_fmt=yuv420p", "avg_frame_rate=25/1",
				"TAG:artist=Ada"}},
		"never enlarged": {file: talkie, spec: rendition.Spec{Width: 1920, Height: 1080, Fit: dam.FitContain}, w: 640,
			h: 360, seconds: 3},
		"even sides": {file: talkie, spec: rendition.Spec{Width: 101, Fit: dam.FitContain}, w: 100, h: 56,
			seconds: 3},
		"hover": {file: talkie, spec: rendition.Spec{Width: 160, Height: 160, Fit: dam.FitContain, Seconds: 1,
			FPS: 5, Silent: true}, w: 160, h: 90, seconds: 1, says: []string{"avg_frame_rate=5/1"}, silent: true},
		"left": {file: halves, spec: rendition.Spec{Width: 90, Height: 160, Fit: dam.FitCover,
			Focal: dam.Point{X: .1, Y: .5}}, w: 90, h: 160, seconds: 1, show: red},
		"right": {file: halves, spec: rendition.Spec{Width: 90, Height: 160, Fit: dam.FitCover,
			Focal: dam.Point{X: .9, Y: .5}}, w: 90, h: 160, seconds: 1, show: blue},
		"turned": {file: turned(halves), spec: rendition.Spec{Width: 160, Height: 90, Fit: dam.FitCover,
			Focal: dam.Point{X: .5, Y: .95}}, w: 160, h: 90, seconds: 1, show: blue},
		"stretched": {file: film(t, "s.mp4", lavfi("color=red:s=160x180:d=1:r=10,setsar=2")...),
			spec: rendition.Spec{Width: 1000, Fit: dam.FitContain}, w: 320, h: 180, seconds: 1,
			says: []string{"sample_aspect_ratio=1:1"}, silent: true},
		"60 a second": {file: film(t, "f.mp4", lavfi("color=red:s=64x64:d=1:r=120")...),
			spec: rendition.Spec{Width: 64, Fit: dam.FitContain}, w: 64, h: 64, seconds: 1,
			says: []string{"avg_frame_rate=60/1"}, silent: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := shoot(t.Context(), e, c.file, c.spec)
			if err != nil {
				t.Fatal(err, errors.Unwrap(err))
			}
			if got.Width != c.w || got.Height != c.h || (got.Duration.Seconds()-c.seconds) > 0.15 ||
				(c.seconds-got.Duration.Seconds()) > 0.15 || got.Size != int64(len(got.bytes)) {
				t.Errorf("made %d × %d, %s, %d bytes", got.Width, got.Height, got.Duration, got.Size)
			}
			said := probed(t, got.bytes)
			for _, want := range c.says {
				if !slices.Contains(said, want) {
					t.Errorf("it does not say %s: %v", want, said)
				}
			}
			if c.silent == slices.Contains(said, "codec_name=aac") && c.says != nil {
				t.Errorf("sound: %v", said)
			}
			if moov, mdat := bytes.Index(got.bytes, []byte("moov")), bytes.Index(got.bytes, []byte("mdat")); moov < 0 ||
				moov > mdat {
				t.Error("the index is behind the pictures: nothing plays before all has arrived")
			}
			if c.show.A > 0 {
				m, _, err := render(t.Context(), e, got.bytes, 1)
				if err != nil || !near(m, c.show) {
					t.Errorf("it shows another part (%v)", err)
				}
			}
			for _, p := range got.progress {
				if p < 0 || p > 1 {
					t.Errorf("progress %v", p)
				}
			}
		})
	}
}

// TestFilmCeiling: what a channel takes at most is kept, at the cost of sharpness and then of size.
func TestVideoCeiling(t *testing.T) {
	e := engine(t, sandbox.Options{})
	noise := film(t, "noise.mp4", append(lavfi("testsrc2=s=640x360:d=4:r=25,noise=alls=60:allf=t", "sine=d=4"),
		"-crf", "28")...)
	spec := rendition.Spec{Width: 1920, Height: 1080, Fit: dam.FitContain, MaxBytes: 150_000}
	got, err := shoot(t.Context(), e, noise, spec)
	if err != nil || got.Size > spec.MaxBytes || got.Width >= 640 || got.Duration < 3900*time.Millisecond {
		t.Errorf("%v: %d bytes, %d × %d, %s", err, got.Size, got.Width, got.Height, got.Duration)
	}
	// A file that says it is shorter than it is.
	liar := bytes.Clone(noise)
	for _, box := range []string{"mvhd", "mdhd", "tkhd"} {
		for at := 0; ; {
			i := bytes.Index(liar[at:], []byte(box))
			if i < 0 {
				break
			}
			at += i + 4
			field := at + 16
			if box == "tkhd" {
				field += 4
			}
			binary.BigEndian.PutUint32(liar[field:], 100)
		}
	}
	if got, err = shoot(t.Context(), e, liar, spec); err != nil || got.Size > spec.MaxBytes {
		t.Errorf("wrong duration: %v, %d bytes", err, got.Size)
	}
	spec.MaxBytes = 50_000
	long := film(t, "long.mp4", lavfi("color=red:s=64x64:d=60:r=5")...)
	if _, err := shoot(t.Context(), e, long, spec); dam.CodeOf(err) != dam.TooLarge ||
		!strings.Contains(err.Error(), "60 s") {
		t.Errorf("a minute in 50,000 bytes: %v", err)
	}
}

func TestHostileVideos(t *testing.T) {
	e := engine(t, sandbox.Options{})
	small := rendition.Spec{Width: 64, Height: 64, Fit: dam.FitContain}
	whole := film(t, "a.mp4", lavfi("testsrc=s=320x180:d=3:r=10")...)
	if _, err := shoot(t.Context(), e, whole[:len(whole)/2], small); dam.CodeOf(err) != dam.Invalid ||
		!strings.Contains(err.Error(), "cut off") {
		t.Errorf("index lost: %v", err)
	}
	quick := film(t, "b.mp4", append(lavfi("testsrc=s=320x180:d=3:r=10"), "-movflags", "+faststart")...)
	if got, err := shoot(t.Context(), e, quick[:len(quick)*3/4], small); err != nil || got.Duration <= 0 ||
		got.Duration > 3*time.Second {
		t.Errorf("end lost: %v, %s", err, got.Duration)
	}
	if _, err := shoot(t.Context(), e, film(t, "p.png", "-f", "lavfi", "-i", "testsrc=s=32x32", "-frames:v", "1"),
		small); dam.CodeOf(err) != dam.Unsupported {
		t.Errorf("a picture: %v", err)
	}
	// A frame now, the next in ten hours: nobody waits for the frames in between.
	gap := film(t, "gap.mkv", lavfi("color=red:s=64x64:d=2:r=1,setpts=PTS*36000")...)
	if got, err := shoot(t.Context(), e, gap, small); err != nil || got.Duration > 4*time.Hour+time.Minute ||
		got.Size > 1<<20 {
		t.Errorf("a gap of ten hours: %v, %s, %d bytes", err, got.Duration, got.Size)
	}
	// More work than anybody has time for.
	hurried := convert.New(convert.Options{Engine: imaging.New(),
		Sandbox: sandbox.New(sandbox.Options{Temp: t.TempDir()}), Identify: metadata.Identify, VideoTime: time.Second})
	slow := rendition.Spec{Width: 1920, Height: 1080, Fit: dam.FitContain, Effort: 7, Quality: 100}
	if _, err := shoot(t.Context(), hurried,
		film(t, "slow.mp4", append(lavfi("testsrc2=s=640x360:d=30:r=30,noise=alls=20:allf=t"), "-crf", "40")...),
		slow); dam.CodeOf(err) != dam.TooLarge {
		t.Errorf("out of time: %v", err)
	}
}

func TestACancelledVideoEnds(t *testing.T) {
	e := engine(t, sandbox.Options{})
	file := film(t, "slow.mp4", append(lavfi("testsrc2=s=640x360:d=30:r=30"), "-crf", "40")...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := e.Video(ctx, bytes.NewReader(file), rendition.Spec{Width: 640, Fit: dam.FitContain, Format: dam.MP4,
		Quality: 100, Effort: 7}, rendition.Options{}, func(float64) { cancel() }, func(rendition.VideoSpec) error {
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
