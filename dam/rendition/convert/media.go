package convert

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/sandbox"
)

// ffmpeg is a command that reads nothing but files, asks nothing, and says errors only.
func ffmpeg(args ...string) sandbox.Command { return ffmpegUpTo(rendition.DefaultMaxPixels, args...) }

// ffmpegUpTo is ffmpeg for pictures of about that many pixels at most: it counts rows and columns that it adds for its
// own use, and the engine measures what comes of it. The option itself goes no further than 2³¹.
func ffmpegUpTo(pixels int64, args ...string) sandbox.Command {
	return sandbox.Command{Program: "ffmpeg", Limits: sandbox.Limits{Time: time.Minute, Memory: 4 << 30},
		Args: append([]string{"-nostdin", "-hide_banner", "-v", "error", "-threads", "2", "-protocol_whitelist",
			"file,pipe",
			"-max_pixels", strconv.FormatInt(min(pixels+pixels/8, math.MaxInt32), 10)}, args...)}
}

// streams is what ffprobe says.
type streams struct {
	Streams []struct {
		Type        string `json:"codec_type"`
		Codec       string `json:"codec_name"`
		Width       int    `json:"width"`
		Height      int    `json:"height"`
		Duration    string `json:"duration"`
		Rate        string `json:"avg_frame_rate"`
		Aspect      string `json:"sample_aspect_ratio"`
		Fields      string `json:"field_order"`
		Disposition struct {
			Picture int `json:"attached_pic"`
		} `json:"disposition"`
		SideData []struct {
			Rotation float64 `json:"rotation"`
		} `json:"side_data_list"`
	} `json:"streams"`
	Format struct {
		Duration string `json:"duration"`
		Size     string `json:"size"` // of the file, in bytes
	} `json:"format"`
}

func probe(ctx context.Context, d *sandbox.Desk, file string, info *rendition.Info) (streams, error) {
	var s streams
	out, err := d.Run(ctx, sandbox.Command{Program: "ffprobe", Limits: sandbox.Limits{Output: 1 << 20},
		Args: []string{"-v", "error", "-protocol_whitelist", "file", "-show_entries",
			"stream=codec_type,codec_name,width,height,duration,avg_frame_rate,sample_aspect_ratio,field_order:" +
				"stream_disposition=attached_pic:stream_side_data=rotation:format=duration,size", "-of", "json", file}})
	if err != nil {
		return s, cutOff(err)
	}
	if err := json.Unmarshal(out, &s); err != nil {
		return s, nothing(err)
	}
	seconds, _ := strconv.ParseFloat(s.Format.Duration, 64)
	if size, _ := strconv.ParseFloat(s.Format.Size, 64); seconds > 60 && size/seconds < thin {
		seconds = counted(ctx, d, file)
	}
	if seconds > 0 && seconds < 1e6 {
		info.Duration = time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
	}
	return s, nil
}

// thin is how few bytes a second make a film's or sound's length doubtful: speech needs a hundred times as many.
const thin = 16

// counted is the length of a film or sound by its packets, in seconds, for one whose header can't be right; 0 when
// there are too many of them.
func counted(ctx context.Context, d *sandbox.Desk, file string) float64 {
	out, err := d.Run(ctx, sandbox.Command{Program: "ffprobe", Limits: sandbox.Limits{Output: 8 << 20},
		Args: []string{"-v", "error", "-protocol_whitelist", "file", "-show_entries", "packet=pts_time,duration_time",
			"-of", "csv=p=0", file}})
	if err != nil {
		return 0
	}
	first, last := math.Inf(1), math.Inf(-1)
	for line := range strings.Lines(string(out)) {
		at, long, _ := strings.Cut(strings.TrimSpace(line), ",")
		begin, err := strconv.ParseFloat(at, 64)
		if err != nil {
			continue
		}
		length, _ := strconv.ParseFloat(strings.Trim(long, ","), 64)
		first, last = min(first, begin), max(last, begin+length)
	}
	return max(0, last-first)
}

// cutOff words what is mostly wrong with a video that can't be read.
func cutOff(err error) error {
	var e *dam.Error
	if errors.As(err, &e) && e.Code == dam.Invalid {
		return &dam.Error{Code: dam.Invalid, Reason: reasons.FilmDamaged(), Err: e.Err}
	}
	return err
}

func probeVideo(ctx context.Context, d *sandbox.Desk, info *rendition.Info) error {
	s, err := probe(ctx, d, d.Original(), info)
	if err != nil {
		return err
	}
	_, err = s.video(info)
	return err
}

// reel is what of a video is not in rendition.Info.
type reel struct {
	stretched  bool // its pixels are no squares
	interlaced bool
	sound      bool
}

// video finds the moving picture, and fills in its upright size as it is shown, its codec and frame rate.
func (s streams) video(info *rendition.Info) (reel, error) {
	var r reel
	for _, v := range s.Streams {
		r.sound = r.sound || v.Type == "audio"
	}
	for _, v := range s.Streams {
		if v.Type != "video" || v.Disposition.Picture == 1 || v.Width < 1 || v.Height < 1 {
			continue
		}
		info.Width, info.Height, info.Codec = v.Width, v.Height, v.Codec
		if aspect := fraction(v.Aspect, ":"); aspect > 0.1 && aspect < 10 && math.Abs(aspect-1) > 0.001 {
			r.stretched = true
			info.Width = max(1, int(float64(v.Width)*aspect+.5))
		}
		if rate := fraction(v.Rate, "/"); rate > 0 && rate < 1000 {
			info.FrameRate = math.Round(rate*1000) / 1000
		}
		switch v.Fields {
		case "tt", "bb", "tb", "bt":
			r.interlaced = true
		}
		for _, side := range v.SideData {
			if int(side.Rotation)%180 != 0 {
				info.Width, info.Height = info.Height, info.Width
			}
		}
		return r, nil
	}
	return r, &dam.Error{Code: dam.Unsupported, Reason: reasons.NoMovingPicture()}
}

func probeSound(ctx context.Context, d *sandbox.Desk, info *rendition.Info) error {
	s, err := probe(ctx, d, d.Original(), info)
	if err != nil {
		return err
	}
	for _, v := range s.Streams {
		if v.Type == "audio" {
			info.Codec = v.Codec
			return nil
		}
	}
	return &dam.Error{Code: dam.Unsupported, Reason: reasons.NoSound()}
}

// fraction reads 30000/1001 or 16:15; 0 when it is none.
func fraction(s, by string) float64 {
	a, b, _ := strings.Cut(s, by)
	n, errN := strconv.ParseFloat(a, 64)
	d, errD := strconv.ParseFloat(b, 64)
	if errN != nil || errD != nil || d == 0 {
		return 0
	}
	return n / d
}

// posterAt is where the poster is taken: past what most videos fade in from.
func posterAt(whole time.Duration) time.Duration { return min(whole/10, 3*time.Second) }

// fadeTime is how far a frame that shows something is looked for where the poster's place is black.
const fadeTime = time.Minute

// poster is a frame from near the beginning; the very first where that one can't be had, and the next that is not black
// where it shows nothing.
func poster(ctx context.Context, d *sandbox.Desk, w want) (string, error) {
	const name, sample, later = "poster.png", "sample.raw", "later.png"
	const square = "scale=iw*sar:ih,setsar=1"
	for _, at := range []time.Duration{posterAt(w.info.Duration), 0} {
		_, err := d.Run(ctx, ffmpeg("-ss", seconds(at), "-i", d.Original(), "-an", "-sn", "-vf", square, "-frames:v",
			"1", "-update", "1", d.Path(name), "-an", "-sn", "-vf", "scale=16:16,format=gray", "-frames:v", "1",
			"-f", "rawvideo", "-y", d.Path(sample)))
		if err != nil && at == 0 {
			return "", cutOff(err)
		}
		if _, none := d.Size(name); err != nil || none != nil {
			continue
		}
		if !black(filepath.Join(d.Out, sample)) {
			return name, nil
		}
		_, err = d.Run(ctx, ffmpeg("-ss", seconds(at), "-t", seconds(fadeTime), "-i", d.Original(), "-an", "-sn", "-vf",
			square+",format=yuv420p,signalstats,metadata=mode=select:key=lavfi.signalstats.YAVG:value=40:"+
				"function=greater", "-frames:v", "1", "-update", "1", "-y", d.Path(later)))
		if _, none := d.Size(later); err == nil && none == nil {
			return later, nil
		}
		return name, ctx.Err()
	}
	return "", cutOff(nothing(errors.New("ffmpeg wrote no frame")))
}

// black says that a frame, made small and gray, shows nothing.
func black(sample string) bool {
	info, err := os.Lstat(sample)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<10 {
		return false
	}
	b, err := os.ReadFile(sample)
	return err == nil && len(b) > 0 && slices.Max(b) < 40
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// waveform draws how loud the sound is over its whole length.
func waveform(ctx context.Context, d *sandbox.Desk, _ want) (string, error) {
	c := ffmpeg("-i", d.Original(), "-filter_complex",
		"[0:a:0]aformat=channel_layouts=mono,apad=whole_dur=0.25,showwavespic=s=1600x400:colors=#3b5bdb[w]",
		"-map", "[w]", "-frames:v", "1", "-update", "1", d.Path("wave.png"))
	c.Time = 90 * time.Second
	_, err := d.Run(ctx, c)
	return "wave.png", cutOff(err)
}
