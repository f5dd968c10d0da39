package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// reading is what another reader says and shows of a file.
type reading struct {
	w, h    int // upright
	frames  int
	pages   int
	seconds float64
	codec   string
	picture *image.NRGBA // nil when it shows none; of the rendition's size
	// complaint is what it says is wrong with the file; "" when nothing.
	complaint string
}

// reader has other people's programs read one file.
type reader struct {
	*testing.T
	path  string
	facts map[string]any // exiftool's, by group and name
	shown image.Point    // the rendition's size, for what is drawn
}

// run returns what a program prints, and what it complains about.
func (r reader) run(program string, args ...string) (out []byte, complaint string) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(r.Context(), program, args...) //nolint:gosec // a test's own arguments
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Dir = filepath.Dir(r.path)
	err := cmd.Run()
	for line := range strings.Lines(stderr.String()) {
		if line = strings.TrimSpace(line); line != "" && !harmless(line) {
			complaint += line + "\n"
		}
	}
	if err != nil && complaint == "" {
		complaint = err.Error()
	}
	return stdout.Bytes(), complaint
}

// harmless are remarks about what is allowed.
func harmless(line string) bool {
	for _, s := range []string{"Unknown field with tag", "TIFFReadDirectoryCheckOrder", "deprecated pixel format",
		"gamma value does not match", "known incorrect sRGB profile", "Invalid ICC", "iCCP:"} {
		if strings.Contains(line, s) {
			return true
		}
	}
	return false
}

// imagemagick reads the first picture of a file, upright, through its profile.
func imagemagick(r reader) reading { return r.magick(r.path, "[0]") }

// largest is imagemagick for files of the same picture in several sizes.
func largest(r reader) reading {
	out, _ := r.run("identify-im6.q16", "-ping", "-format", "%w %s\n", r.path)
	best, scene := 0, "0"
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 2 {
			if w, _ := strconv.Atoi(f[0]); w > best {
				best, scene = w, f[1]
			}
		}
	}
	return r.magick(r.path, "["+scene+"]")
}

// through is imagemagick on what another program, whose last argument is the file to write, makes of the file.
func through(program string, args ...string) func(reader) reading {
	return func(r reader) reading {
		to := filepath.Join(r.TempDir(), "read.png")
		var all []string
		for _, a := range args {
			all = append(all, strings.ReplaceAll(a, "$in", r.path))
		}
		_, complaint := r.run(program, append(all, to)...)
		x := r.magick(to, "")
		if complaint == "" {
			complaint = x.complaint
		}
		x.complaint, x.frames = complaint, 1
		return x
	}
}

func (r reader) magick(path, frame string) (x reading) {
	said, complaint := r.run("identify-im6.q16", "-ping", "-format", "%w %h %W %H\n", path)
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	args := []string{path + frame}
	if frame == "[0]" && len(lines) > 0 {
		x.frames = len(lines)
	}
	orientation := 1
	if path == r.path {
		orientation = int(r.number("IFD0:Orientation")) // as browsers and ImageMagick do, not by XMP
	}
	if names := [...]string{"TopLeft", "TopRight", "BottomRight", "BottomLeft", "LeftTop", "RightTop", "RightBottom",
		"LeftBottom"}; r.turned() && orientation >= 1 && orientation <= 8 {
		args = append(args, "-orient", names[orientation-1])
	}
	if strings.HasSuffix(path, ".gif") || strings.HasSuffix(path, ".webp") {
		args = append(args, "-coalesce")
	}
	if !strings.HasSuffix(path, ".heic") && !strings.HasSuffix(path, ".avif") {
		args = append(args, "-auto-orient")
	}
	const srgb = "/usr/share/color/icc/ghostscript/srgb.icc"
	if has, _ := r.run("identify-im6.q16", "-format", "%[profile:icc]", path+frame); len(bytes.TrimSpace(has)) > 0 {
		args = append(args, "-profile", srgb)
	}
	args = append(args, "-colorspace", "sRGB", "-alpha", "set", "-resize",
		fmt.Sprintf("%dx%d>", side, side), "-depth", "8", "-type", "TrueColorMatte", "-compress", "none", "pam:-")
	out, wrong := r.run("convert-im6.q16", args...)
	if complaint == "" {
		complaint = wrong
	}
	x.complaint, x.picture = complaint, pam(out)
	if x.picture == nil && x.complaint == "" {
		x.complaint = "ImageMagick shows nothing"
	}
	if x.picture != nil && len(lines) > 0 {
		x.w, x.h = x.picture.Rect.Dx(), x.picture.Rect.Dy()
		if w, h := stored(lines[0], strings.HasSuffix(path, ".gif") || strings.HasSuffix(path, ".webp")); max(w,
			h) > side {
			if x.w, x.h = w, h; r.turned() && orientation >= 5 {
				x.w, x.h = h, w
			}
		}
	}
	return x
}

// stored is the size that identify prints: of the picture, or of the canvas that its frame lies on.
func stored(line string, canvas bool) (w, h int) {
	f := strings.Fields(line)
	if len(f) != 4 {
		return 0, 0
	}
	if canvas {
		f = f[2:]
	}
	w, _ = strconv.Atoi(f[0])
	h, _ = strconv.Atoi(f[1])
	return w, h
}

// turned says that the file is of a type whose EXIF orientation counts.
func (r reader) turned() bool {
	switch filepath.Ext(r.path) {
	case ".jpg", ".png", ".webp", ".tif":
		return true
	}
	return false
}

// pam reads a picture with transparency as ImageMagick and ffmpeg print it; nil when it is none.
func pam(b []byte) *image.NRGBA {
	head, pixels, ok := bytes.Cut(b, []byte("ENDHDR\n"))
	if !ok {
		return nil
	}
	v := map[string]int{}
	for line := range strings.Lines(string(head)) {
		if f := strings.Fields(line); len(f) == 2 {
			v[f[0]], _ = strconv.Atoi(f[1])
		}
	}
	w, h := v["WIDTH"], v["HEIGHT"]
	if w < 1 || h < 1 || v["DEPTH"] != 4 || v["MAXVAL"] != 255 || len(pixels) < 4*w*h {
		return nil
	}
	return &image.NRGBA{Pix: pixels[:4*w*h], Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}
}

// drawn is the reading of what has no pixels of its own: a program draws it in the rendition's size.
func (r reader) drawn(complaint string, path ...string) (x reading) {
	if r.shown.X == 0 {
		r.shown = image.Pt(8, 8) // there is none to compare with
	}
	out, wrong := r.run("convert-im6.q16", append(path, "-alpha", "set", "-resize",
		fmt.Sprintf("%dx%d!", r.shown.X, r.shown.Y), "-depth", "8", "-type", "TrueColorMatte", "pam:-")...)
	if complaint == "" {
		complaint = wrong
	}
	return reading{picture: pam(out), complaint: complaint}
}

// ghostscript draws the first page of a PDF.
func ghostscript(r reader) reading {
	to := filepath.Join(r.TempDir(), "page.png")
	said, wrong := r.run("pdfinfo", r.path)
	pages, landscape := 0, 0.0
	for line := range strings.Lines(string(said)) {
		name, value, _ := strings.Cut(line, ":")
		switch f := strings.Fields(value); {
		case name == "Pages":
			pages, _ = strconv.Atoi(strings.TrimSpace(value))
		case name == "Page size" && len(f) > 2:
			w, _ := strconv.ParseFloat(f[0], 64)
			h, _ := strconv.ParseFloat(f[2], 64)
			landscape = w / h
		case name == "Page rot" && (strings.Contains(value, "90") || strings.Contains(value, "270")):
			landscape = 1 / landscape
		}
	}
	_, complaint := r.run("gs", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-q", "-sDEVICE=png16m", "-dUseCropBox", "-r288",
		"-dFirstPage=1", "-dLastPage=1", "-dTextAlphaBits=4", "-dGraphicsAlphaBits=4", "-sOutputFile="+to, r.path)
	if wrong != "" {
		complaint = wrong
	}
	x := r.drawn(complaint, to)
	x.pages = pages
	if landscape >= 1 {
		x.w, x.h = 2048, int(2048/landscape+.5)
	} else if landscape > 0 {
		x.w, x.h = int(2048*landscape+.5), 2048
	}
	return x
}

// poppler draws an EPS by way of PDF.
func poppler(r reader) reading {
	dir := r.TempDir()
	_, complaint := r.run("gs", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-q", "-sDEVICE=pdfwrite", "-dEPSCrop",
		"-sOutputFile="+filepath.Join(dir, "page.pdf"), r.path)
	_, wrong := r.run("pdftocairo", "-png", "-transp", "-singlefile", "-scale-to", "2048",
		filepath.Join(dir, "page.pdf"), filepath.Join(dir, "page"))
	if complaint == "" {
		complaint = wrong
	}
	return r.drawn(complaint, filepath.Join(dir, "page.png"))
}

// msvg draws an SVG with ImageMagick's own reader, in ten times its size.
func msvg(r reader) reading {
	return r.drawn("", "-background", "none", "-density", "960", "msvg:"+r.path)
}

// unpacked is msvg of a packed SVG.
func unpacked(r reader) reading {
	b, complaint := r.run("gzip", "-dc", r.path)
	r.path = filepath.Join(r.TempDir(), "read.svg")
	if err := os.WriteFile(r.path, b, 0o600); err != nil {
		r.Fatal(err)
	}
	x := msvg(r)
	if complaint != "" {
		x.complaint = complaint
	}
	return x
}

// probed is what ffprobe says.
type probed struct {
	Streams []struct {
		Type        string `json:"codec_type"`
		Codec       string `json:"codec_name"`
		Disposition struct {
			Picture int `json:"attached_pic"`
		} `json:"disposition"`
	} `json:"streams"`
	Format struct {
		Duration string `json:"duration"`
	} `json:"format"`
}

func (r reader) ffprobe(kind string) (x reading) {
	out, complaint := r.run("ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", r.path)
	var p probed
	if err := json.Unmarshal(out, &p); err != nil && complaint == "" {
		complaint = err.Error()
	}
	x.complaint = complaint
	x.seconds, _ = strconv.ParseFloat(p.Format.Duration, 64)
	for _, s := range p.Streams {
		if s.Type == kind && s.Disposition.Picture == 0 {
			x.codec = s.Codec
			break
		}
	}
	return x
}

// ffmpegFilm reads a film's length, and the frame of its poster.
func ffmpegFilm(r reader) reading {
	x := r.ffprobe("video")
	at := strconv.FormatFloat(min(x.seconds/10, 3), 'f', 3, 64)
	y := through("ffmpeg", "-v", "error", "-nostdin", "-ss", at, "-i", "$in", "-frames:v", "1", "-vf",
		"scale=iw*sar:ih,setsar=1",
		"-pix_fmt", "rgb24")(r)
	if x.complaint == "" {
		x.complaint = y.complaint
	}
	x.picture, x.w, x.h = y.picture, y.w, y.h
	return x
}

// ffmpegSound reads a sound to its end, so that damage shows.
func ffmpegSound(r reader) reading {
	x := r.ffprobe("audio")
	if _, complaint := r.run("ffmpeg", "-v", "error", "-nostdin", "-i", r.path, "-vn", "-f", "null",
		"-"); x.complaint == "" {
		x.complaint = complaint
	}
	return x
}

// printed has LibreOffice print the document and Ghostscript draw its first page. Without LibreOffice nothing is
// shown.
func printed(r reader) reading {
	if _, err := exec.LookPath("soffice"); err != nil {
		return reading{complaint: "LibreOffice is not installed"}
	}
	dir := r.TempDir()
	_, complaint := r.run("soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless",
		"--convert-to", "pdf", "--outdir", dir, r.path)
	pdf := filepath.Join(dir, strings.TrimSuffix(filepath.Base(r.path), filepath.Ext(r.path))+".pdf")
	y := r
	y.path = pdf
	x := ghostscript(y)
	if strings.Contains(complaint, "failed to launch javaldx") {
		complaint = ""
	}
	if x.picture == nil && complaint != "" {
		x.complaint = complaint
	}
	x.w, x.h, x.pages = 0, 0, 0
	return x
}

// nothing is the reading of what has no picture.
func nothing(reader) reading { return reading{} }

// exiftool returns all tags of a file as numbers and texts.
func exiftool(t *testing.T, path string) map[string]any {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "exiftool", "-config", "", "-q", "-q", "-j", "-n", "-a", "-G1",
		"-charset", "exif=UTF8", path)
	out, _ := cmd.Output() // what it can't read it says as a tag
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.UseNumber()
	var list []map[string]any
	if err := dec.Decode(&list); err != nil || len(list) != 1 {
		return nil
	}
	return list[0]
}

// text is the first of the tags that says something.
func (r reader) text(names ...string) string {
	for _, n := range names {
		v, ok := r.facts[n]
		if !ok {
			continue
		}
		s := fmt.Sprint(v)
		if list, several := v.([]any); several {
			var texts []string
			for _, v := range list {
				texts = append(texts, fmt.Sprint(v))
			}
			s = strings.Join(texts, ", ")
		}
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

func (r reader) number(names ...string) float64 {
	v, err := strconv.ParseFloat(r.text(names...), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}
