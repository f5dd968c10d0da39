package convert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"

	"vitrine/dam/rendition"
	"vitrine/dam/rendition/sandbox"
)

// exchange are the formats of pictures that ffmpeg reads best, with its name of the decoder; "" lets it find out.
var exchange = map[string]string{
	"image/x-tga": "targa", "image/x-icon": "", "image/x-exr": "exr", "image/vnd-ms.dds": "dds",
	"image/x-portable-bitmap": "pbm", "image/x-portable-graymap": "pgm", "image/x-portable-pixmap": "ppm",
	"image/x-portable-arbitrarymap": "pam",
}

// exchanged makes a PNG of such a picture: of an icon its largest.
func exchanged(ctx context.Context, d *sandbox.Desk, w want) (string, error) {
	const name = "picture.png"
	var args []string
	if decoder := exchange[w.info.MediaType]; decoder != "" {
		args = append(args, "-f", "image2", "-pattern_type", "none", "-c:v", decoder)
	}
	if w.info.MediaType == "image/x-exr" { // light in proportion, to be shown as sRGB
		args = append(args, "-apply_trc", "iec61966_2_1")
	}
	args = append(args, "-i", d.Original(), "-frames:v", "1", "-update", "1")
	if w.info.MediaType == "image/x-tga" && len(w.head) > 17 && w.head[17]&15 == 0 { // no bits of transparency
		args = append(args, "-pix_fmt", "rgb24")
	}
	_, err := d.Run(ctx, ffmpegUpTo(w.pixels, append(args, d.Path(name))...))
	return name, err
}

var boundingBox = regexp.MustCompile(
	`(?m)^%%(?:HiRes)?BoundingBox:\s*(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)`)

// epsBox is where an EPS lies and how large it is, in points; a width of 0 when its beginning doesn't say.
func epsBox(head []byte) (x, y, w, h float64) {
	m := boundingBox.FindSubmatch(head)
	if m == nil {
		return 0, 0, 0, 0
	}
	var v [4]float64
	for i := range v {
		v[i], _ = strconv.ParseFloat(string(m[i+1]), 64)
	}
	if w, h = v[2]-v[0], v[3]-v[1]; w < 1 || h < 1 || w > 1e5 || h > 1e5 {
		return 0, 0, 0, 0
	}
	return v[0], v[1], w, h
}

// epsPicture draws an EPS, cut to its bounding box, with what it leaves free transparent.
func epsPicture(ctx context.Context, d *sandbox.Desk, w want) (string, error) {
	const name = "drawing.png"
	resolution := 144.0
	x, y, wide, high := epsBox(w.head)
	if wide > 0 {
		resolution = min(max(float64(w.side)*72/max(wide, high), 1), 2400)
	}
	args := []string{"-dSAFER", "-dBATCH", "-dNOPAUSE", "-q", "-sDEVICE=pngalpha", "-dTextAlphaBits=4",
		"-dGraphicsAlphaBits=4", "-r" + strconv.FormatFloat(resolution, 'f', 3, 64), "-sOutputFile=" + d.Path(name)}
	if first, _, _ := bytes.Cut(w.head, []byte("\n")); wide > 0 && bytes.HasPrefix(first, []byte("%!PS")) &&
		!bytes.Contains(first, []byte("EPSF")) {
		// Illustrator's older files don't say that they are EPS: Ghostscript would draw them on a whole sheet.
		pixels := func(points float64) int { return max(1, int(math.Ceil(points*resolution/72))) }
		args = append(args, fmt.Sprintf("-g%dx%d", pixels(wide), pixels(high)), "-c",
			fmt.Sprintf("<< /Install { %f %f translate } >> setpagedevice", -x, -y), "-f", d.Original())
	} else {
		args = append(args, "-dEPSCrop", d.Original())
	}
	_, err := d.Run(ctx, sandbox.Command{Program: "gs", Args: args})
	return name, err
}

func epsInfo(head []byte, info *rendition.Info) bool {
	_, _, w, h := epsBox(head)
	if w == 0 {
		return false
	}
	scale := longSide / max(w, h)
	info.Width, info.Height = max(1, int(math.Ceil(w*scale))), max(1, int(math.Ceil(h*scale)))
	info.HasAlpha = true
	return true
}

// developed makes a picture of a raw file's own pixels, half as large: that is one pixel of colour for each four of the
// sensor.
func developed(ctx context.Context, d *sandbox.Desk) (string, error) {
	const name = "developed.tif"
	b, err := d.Run(ctx, sandbox.Command{Program: "dcraw_emu", Limits: sandbox.Limits{Memory: 4 << 30},
		Args: []string{"-h", "-w", "-o", "1", "-T", "-Z", "-", d.Original()}})
	if err == nil && len(b) == 0 {
		err = nothing(errors.New("dcraw_emu wrote nothing"))
	}
	if err != nil {
		return "", err
	}
	return name, put(d, name, b)
}
