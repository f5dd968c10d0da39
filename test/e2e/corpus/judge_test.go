package corpus

import (
	"fmt"
	"image"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// try makes a sample's file, uploads it, and returns what is wrong.
func (c *corpus) try(t *testing.T, s sample) (wrong []string) {
	path, file := c.made(t, s)
	o := c.upload(t, s.file, file)
	no := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if bad := c.kept(t, o, file, sumOf(file)); bad != "" {
		no("%s", bad)
	}
	r := reader{T: t, path: path, facts: exiftool(t, path)}
	if o.picture != nil {
		r.shown = o.picture.Bounds().Size()
	}
	if o.refusal == nil {
		if a := o.asset; a.Latest.MediaType != s.media || a.Kind != s.kind {
			no("it is %s, %s; want %s, %s", a.Kind, a.Latest.MediaType, s.kind, s.media)
		}
		wrong = append(wrong, s.said(r, o.asset)...)
		if s.family == "metadata" && s.but == nil {
			wrong = append(wrong, c.lost(t, r, o)...)
		}
	}
	if s.read != nil {
		x := s.read(r)
		if o.picture == nil {
			wrong = append(wrong, s.judgeRefusal(o, x)...)
		} else {
			// unless nothing is missing but words
			if x.complaint != "" && s.damage != nil && s.kind == dam.KindImage && o.note == "" && !s.quiet {
				x = c.undamaged(t, s, r)
			}
			wrong = append(wrong, s.judgePicture(o, x)...)
		}
		t.Logf("%s; the other reader: %d × %d, %q", o, x.w, x.h, strings.TrimSpace(x.complaint))
	} else if o.picture != nil {
		no("it shows a picture")
	}
	c.count(s, o, len(wrong) > 0)
	return wrong
}

// undamaged is the reading of the same sample before its damage.
func (c *corpus) undamaged(t *testing.T, s sample, r reader) reading {
	s.damage = nil
	r.path, _ = c.made(t, s)
	return s.read(r)
}

func (o outcome) String() string {
	if o.refusal != nil {
		return "refused: " + o.refusal.Detail
	}
	v := o.asset.Latest
	return fmt.Sprintf("%s %d × %d, %s %s", v.MediaType, v.Width, v.Height, v.Renditions, o.note)
}

// judgeRefusal: what is not shown has a reason, and unless it is damaged the other reader sees it, too.
func (s sample) judgeRefusal(o outcome, x reading) (wrong []string) {
	said := ""
	if o.refusal != nil {
		said = o.refusal.Detail
		if s.damage == nil {
			wrong = append(wrong, "a sound file is refused: "+said)
		}
	} else {
		said = o.note
	}
	switch {
	case said == "":
		wrong = append(wrong, "it is not shown, and no reason is given")
	case x.complaint == "" && !s.unread && s.damage == nil:
		wrong = append(wrong, "it is not shown ("+said+"); the other reader has no complaint")
	}
	return wrong
}

// judgePicture: what is shown looks as in the other reader, and what is damaged says so, unless nothing of it is lost.
func (s sample) judgePicture(o outcome, x reading) (wrong []string) {
	v := o.asset.Latest
	no := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	most := s.apart
	if most == 0 {
		most = 2
	}
	if s.unread {
		no("it is shown, though it should not be: %s", s.why)
	}
	if x.complaint != "" && o.note == "" && !s.quiet && s.kind == dam.KindImage {
		no("it is shown without a note; the other reader says %s", x.complaint)
	}
	if damaged := reasons.PictureDamagedInPlaces().Text(); x.complaint == "" && s.damage == nil &&
		strings.Contains(o.note, damaged) {
		no("a sound file is shown with the note: %s", o.note)
	}
	if x.w > 0 && (x.w != v.Width || x.h != v.Height) && x.complaint == "" {
		no("it is %d × %d; want %d × %d", v.Width, v.Height, x.w, x.h)
	}
	if x.frames > 0 && x.frames != v.Frames && dam.Animates(v.MediaType) && x.complaint == "" {
		no("%d frames; want %d", v.Frames, x.frames)
	}
	if x.pages > 0 && x.pages != v.Pages {
		no("%d pages; want %d", v.Pages, x.pages)
	}
	if x.seconds > 0 && math.Abs(x.seconds-v.Duration) > max(.05, x.seconds/50) && x.complaint == "" {
		no("it lasts %.3f s; want %.3f s", v.Duration, x.seconds)
	}
	if x.codec != "" && x.codec != v.Codec {
		no("codec %s; want %s", v.Codec, x.codec)
	}
	got := o.picture.Bounds()
	if scale := min(1, side/float64(max(v.Width, v.Height))); v.Width > 0 && (math.Abs(float64(v.Width)*scale-
		float64(got.Dx())) > 1 || math.Abs(float64(v.Height)*scale-float64(got.Dy())) > 1) {
		no("the rendition is %d × %d", got.Dx(), got.Dy())
	}
	if x.picture != nil {
		for behind, name := range []string{"black", "white"} {
			if behind == 1 && s.damage != nil && o.note != "" {
				break // what is missing may be clear or black
			}
			if d := far(o.picture, x.picture, behind*255); d > most {
				no("%.1f of 255 apart on %s on average", d, name)
			}
		}
	}
	return wrong
}

// far is how far two pictures are apart on a background, on average, of 255.
func far(a image.Image, b *image.NRGBA, behind int) float64 {
	at := a.Bounds()
	if at.Size() != b.Rect.Size() {
		return 255
	}
	sum := 0.0
	for y := range at.Dy() {
		for x := range at.Dx() {
			r, g, bl, alpha := a.At(at.Min.X+x, at.Min.Y+y).RGBA()
			p := b.Pix[b.PixOffset(b.Rect.Min.X+x, b.Rect.Min.Y+y):]
			for i, v := range [3]uint32{r, g, bl} {
				one := float64(v)/257 + float64(behind)*float64(0xffff-alpha)/0xffff
				other := (float64(p[i])*float64(p[3]) + float64(behind)*float64(255-p[3])) / 255
				sum += math.Abs(one - other)
			}
		}
	}
	return sum / float64(3*at.Dx()*at.Dy())
}

// said compares the asset's fields with what exiftool reads.
func (s sample) said(r reader, a dam.Asset) (wrong []string) {
	got := map[string]string{"title": a.Title["en"], "description": a.Description["en"], "alt": a.Alt["en"],
		"tags": strings.Join(a.Tags, ", "), "creator": a.Creator, "copyright": a.Copyright,
		"rating": fmt.Sprint(a.Rating), "from": string(a.Rights.From), "until": string(a.Rights.Until)}
	if a.Captured != nil {
		got["captured"] = a.Captured.Wall + a.Captured.Offset
	}
	if a.Place != nil {
		got["place"] = fmt.Sprintf("%.4f %.4f", a.Place.Lat, a.Place.Lon)
	}
	if got["title"] == strings.TrimSuffix(s.file, filepath.Ext(s.file)) { // for want of another
		got["title"] = ""
	}
	for lang, text := range a.Title {
		if lang != "en" {
			got["title-"+lang] = text
		}
	}
	want := r.fields()
	for name, v := range s.but {
		want[name] = v
	}
	names := map[string]bool{}
	for n := range got {
		names[n] = true
	}
	for n := range want {
		names[n] = true
	}
	var sorted []string
	for n := range names {
		sorted = append(sorted, n)
	}
	slices.Sort(sorted)
	for _, n := range sorted {
		// Of a damaged file less may be read, but nothing else.
		if got[n] != want[n] && (s.damage == nil || got[n] != "") {
			wrong = append(wrong, fmt.Sprintf("%s is %q; want %q", n, got[n], want[n]))
		}
	}
	return wrong
}
