package convert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/sandbox"
)

const (
	// videoTime bounds the making of one video when Options names no time.
	videoTime = 50 * time.Minute
	// videoOutput is the most bytes of one video, and filmLength its longest time: a small file may claim to last for
	// ever.
	videoOutput = 8 << 30
	videoLength = 4 * time.Hour
	// topRate is the most frames a second where a preset names no number.
	topRate = 60
	// sparse is how many bits a pixel of a frame needs at least to be worth being one.
	sparse = 0.035
	// videoTries is how often a video that came out too large is made again.
	videoTries = 3
)

// speeds are x264's presets by effort; 0 is the default.
var speeds = [...]string{"veryfast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower"}

// Video implements rendition.VideoMaker: H.264 and AAC in an MP4 that plays while it arrives.
func (e *Engine) Video(ctx context.Context, src io.ReadSeeker, s rendition.Spec, opt rendition.Options,
	progress func(float64), emit func(rendition.VideoSpec) error) error {
	mediaType, m, ok, err := e.sniff(src)
	if err != nil {
		return err
	}
	if !ok || !strings.HasPrefix(mediaType, "video/") {
		return &dam.Error{Code: dam.Unsupported, Reason: reasons.VideoOfVideosOnly()}
	}
	if err := e.ready(m); err != nil {
		return err
	}
	d, err := e.o.Sandbox.Open(ctx, src)
	if err != nil {
		return err
	}
	defer d.Close()
	info := rendition.Info{MediaType: mediaType, Frames: 1, Orientation: 1}
	found, err := probe(ctx, d, d.Original(), &info)
	if err != nil {
		return err
	}
	r, err := found.video(&info)
	if err != nil {
		return err
	}
	if err := opt.Check(info); err != nil {
		return err
	}
	cut, err := newCut(info, r, s)
	if err != nil {
		return err
	}
	limit := e.o.VideoTime
	if limit <= 0 {
		limit = videoTime
	}
	made, err := cut.within(ctx, d, s.MaxBytes, time.Now().Add(limit), progress)
	if err != nil {
		return err
	}
	file, err := e.openPicture(d, videoName)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return emit(rendition.VideoSpec{File: file, Size: made.size, Width: made.info.Width, Height: made.info.Height,
		Duration: made.info.Duration})
}

const videoName = "film.mp4"

// cut is a video to make: how it is cropped, scaled and coded.
type cut struct {
	spec    rendition.Spec
	info    rendition.Info
	reel    reel
	target  rendition.Target
	seconds float64 // expected; 0 when the file does not say
	rate    int64   // most bits a second of picture; 0 for no ceiling
	audio   int64   // bits a second of sound; 0 for none
	scale   float64
}

// newCut plans a video; a ceiling in bytes is divided among its seconds.
func newCut(info rendition.Info, r reel, s rendition.Spec) (cut, error) {
	c := cut{spec: s, info: info, reel: r, seconds: info.Duration.Seconds(), scale: 1}
	p, err := rendition.NewPlan(info.Width, info.Height, []rendition.Spec{s})
	if err != nil {
		return c, err
	}
	c.target = p.Targets[0]
	if s.Seconds > 0 && (c.seconds == 0 || c.seconds > s.Seconds) {
		c.seconds = s.Seconds
	}
	if r.sound && !s.Silent {
		c.audio = 128_000
	}
	if s.MaxBytes <= 0 || c.seconds == 0 {
		return c, nil
	}
	// A second more, for what the coder may be ahead by.
	all := int64(float64(s.MaxBytes*8) * 0.96 / (c.seconds + 1))
	if c.audio > 0 && all < 600_000 {
		c.audio = 64_000
	}
	return c, c.limit(all - c.audio)
}

// limit keeps the picture below a number of bits a second, smaller when they are too few for its size.
func (c *cut) limit(rate int64) error {
	if rate < 24_000 {
		return c.tooLong()
	}
	c.rate = rate
	w, h := c.size()
	frames := c.info.FrameRate
	if frames == 0 || frames > c.fps() {
		frames = c.fps()
	}
	if enough := float64(rate) / (sparse * float64(w*h) * frames); enough < 1 {
		c.scale *= math.Sqrt(enough)
	}
	return nil
}

func (c *cut) tooLong() error {
	return &dam.Error{Code: dam.TooLarge, Field: "max_bytes",
		Reason: reasons.VideoOverCeiling(fmt.Sprintf("%.0f", c.seconds), c.spec.MaxBytes)}
}

func (c *cut) fps() float64 {
	if c.spec.FPS > 0 {
		return float64(c.spec.FPS)
	}
	return topRate
}

// size is the video's, even numbers as its pixel format wants.
func (c *cut) size() (w, h int) {
	even := func(n int) int { return max(2, int(float64(n)*c.scale)&^1) }
	return even(c.target.Width), even(c.target.Height)
}

// take is a video as it came out.
type take struct {
	info rendition.Info
	size int64
}

// within makes the video, again with fewer bits when it came out larger than allowed: a file may be longer than it
// says.
func (c *cut) within(ctx context.Context, d *sandbox.Desk, ceiling int64, deadline time.Time,
	progress func(float64)) (take, error) {
	for try := 1; ; try++ {
		made, err := c.make(ctx, d, deadline, progress)
		if err != nil || ceiling <= 0 || made.size <= ceiling {
			return made, err
		}
		c.seconds = max(made.info.Duration.Seconds(), 1)
		if try == videoTries {
			return made, c.tooLong()
		}
		picture := float64(made.size*8)/c.seconds - float64(c.audio)
		fewer := float64(ceiling*8)*0.92/c.seconds - float64(c.audio)
		if err := c.limit(int64(min(fewer, picture*0.9))); err != nil {
			return made, err
		}
	}
}

// make runs ffmpeg once.
func (c *cut) make(ctx context.Context, d *sandbox.Desk, deadline time.Time, progress func(float64)) (take, error) {
	var t take
	command := ffmpeg(c.args(d.Original(), d.Path(videoName))...)
	command.Time = max(time.Until(deadline), time.Second)
	command.Output = videoOutput
	command.Line = func(line string) {
		// Named so, and in microseconds.
		if v, ok := strings.CutPrefix(line, "out_time_us="); ok && c.seconds > 0 {
			if at, err := strconv.ParseFloat(v, 64); err == nil && at > 0 {
				progress(min(at/1e6/c.seconds, 0.99))
			}
		}
	}
	if _, err := d.Run(ctx, command); err != nil {
		return t, cutOff(err)
	}
	size, err := d.Size(videoName)
	if err != nil {
		return t, cutOff(nothing(err))
	}
	t.size = size
	s, err := probe(ctx, d, d.Path(videoName), &t.info)
	if err != nil {
		return t, err
	}
	if _, err := s.video(&t.info); err != nil {
		return t, cutOff(nothing(errors.New("ffmpeg wrote no moving picture")))
	}
	return t, nil
}

func (c *cut) args(from, to string) []string {
	s := c.spec
	length := videoLength.Seconds()
	if s.Seconds > 0 {
		length = min(length, s.Seconds)
	}
	args := []string{"-i", from, "-t", strconv.FormatFloat(length, 'f', 3, 64), "-map", "0:V:0", "-sn", "-dn",
		"-map_metadata", "-1", "-map_chapters", "-1"}
	args = append(args, "-vf", c.filters(), "-c:v", "libx264", "-preset", speeds[min(max(s.Effort, 0), len(speeds)-1)],
		"-profile:v", "high", "-pix_fmt", "yuv420p",
		"-crf", strconv.Itoa(crf(s.Quality)), "-g", strconv.Itoa(int(2*c.fps())), "-fps_mode", "vfr")
	if c.rate > 0 {
		rate := strconv.FormatInt(c.rate, 10)
		args = append(args, "-maxrate", rate, "-bufsize", rate)
	}
	if c.audio > 0 {
		args = append(args, "-map", "0:a:0", "-c:a", "aac", "-b:a", strconv.FormatInt(c.audio, 10), "-ac", "2",
			"-ar", "48000")
	} else {
		args = append(args, "-an")
	}
	for name, v := range map[string]string{"copyright": s.Embed.Copyright, "artist": s.Embed.Creator} {
		if v != "" {
			args = append(args, "-metadata", name+"="+v)
		}
	}
	return append(args, "-movflags", "+faststart", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-progress",
		"pipe:1", "-stats_period", "0.5", "-f", "mp4", "-y", to)
}

// filters crop before they scale: fewer pixels.
func (c *cut) filters() string {
	var f []string
	if c.reel.interlaced {
		f = append(f, "bwdif=mode=send_frame:deint=interlaced")
	}
	if c.reel.stretched {
		f = append(f, fmt.Sprintf("scale=%d:%d,setsar=1", c.info.Width, c.info.Height))
	}
	if r := c.target.Crop; r.Dx() < c.info.Width || r.Dy() < c.info.Height {
		f = append(f, fmt.Sprintf("crop=%d:%d:%d:%d:exact=1", r.Dx(), r.Dy(), r.Min.X, r.Min.Y))
	}
	if c.info.FrameRate == 0 || c.info.FrameRate > c.fps() {
		f = append(f, fmt.Sprintf("fps=%g", c.fps()))
	}
	w, h := c.size()
	return strings.Join(append(f, fmt.Sprintf("scale=%d:%d:flags=bicubic", w, h), "setsar=1", "format=yuv420p"), ",")
}

// crf is x264's measure for a quality of 1–100: 80 is 19, hardly told from the original; 60 is 27.
func crf(quality int) int { return min(max(51-quality*2/5, 0), 51) }
