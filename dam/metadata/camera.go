package metadata

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
)

// camera joins make and model without saying the maker twice.
func camera(make, model string) string {
	first, _, _ := strings.Cut(make, " ")
	if make == "" || strings.HasPrefix(strings.ToLower(model), strings.ToLower(first)) && model != "" {
		return model
	}
	return strings.TrimSpace(make + " " + model)
}

func (t tags) exposure() string {
	var parts []string
	if v, ok := t.number("ExifIFD:ExposureTime"); ok && v > 0 {
		if v >= 0.3 {
			parts = append(parts, strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)+" s")
		} else {
			parts = append(parts, fmt.Sprintf("1/%.0f s", 1/v))
		}
	}
	if v, ok := t.number("ExifIFD:FNumber"); ok && v > 0 {
		parts = append(parts, "f/"+strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64))
	}
	if v, ok := t.number("ExifIFD:ISO"); ok && v > 0 {
		parts = append(parts, fmt.Sprintf("ISO %.0f", v))
	}
	if v, ok := t.number("ExifIFD:FocalLength"); ok && v > 0 {
		parts = append(parts, strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)+" mm")
	}
	return strings.Join(parts, ", ")
}

// moment is a date that may lack its time of day.
type moment struct {
	dam.Capture
	dayOnly bool
}

// captured picks the date of the highest source and completes it from lower
// ones that agree: a day gains its time, a time gains its offset.
func (t tags) captured() *dam.Capture {
	var best *moment
	list := fieldNamed("captured").tags
	for i, tag := range list {
		if tag.form != moments {
			continue
		}
		text := t.text(tag.name)
		if i+1 < len(list) && text != "" {
			switch next := t.text(list[i+1].name); list[i+1].form {
			case part:
				text += next
			case defaulted: // IPTC has no time without a zone, so that +00:00 is what programs write that know none
				text = strings.TrimSpace(text + " " + strings.TrimSuffix(next, "+00:00"))
			}
		}
		m := parseMoment(text)
		if m != nil && tag.name == movieDate && m.Offset == "" {
			m.Offset = "+00:00"
		}
		switch {
		case m == nil:
		case best == nil:
			best = m
		case best.dayOnly && !m.dayOnly && best.Wall[:10] == m.Wall[:10]:
			best = m
		case best.Offset == "" && !best.dayOnly && best.Wall == m.Wall && tag.name != movieDate:
			best.Offset = m.Offset
		}
	}
	if best == nil {
		return nil
	}
	return &best.Capture
}

var momentForm = regexp.MustCompile(
	`^(\d{4})[:-]?(\d\d)[:-]?(\d\d)(?:[T ]+(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)? ?(Z|[+-]\d\d:?\d\d)?)?$`)

// parseMoment reads the date forms of XMP, EXIF and IPTC; nil for anything else,
// for zeroes and for dates no calendar has.
func parseMoment(s string) *moment {
	g := momentForm.FindStringSubmatch(strings.TrimSpace(s))
	if g == nil {
		return nil
	}
	m := &moment{dayOnly: g[4] == ""}
	for i := 4; i <= 6; i++ {
		if g[i] == "" {
			g[i] = "00"
		}
	}
	m.Wall = fmt.Sprintf("%s-%s-%sT%s:%s:%s", g[1], g[2], g[3], g[4], g[5], g[6])
	if t, err := time.Parse(dam.WallLayout, m.Wall); err != nil || t.Year() < 1800 {
		return nil
	}
	switch off := g[7]; {
	case off == "Z":
		m.Offset = "+00:00"
	case len(off) == 5:
		m.Offset = off[:3] + ":" + off[3:]
	default:
		m.Offset = off
	}
	if _, err := m.Time(time.UTC); err != nil {
		m.Offset = ""
	}
	return m
}

// place is where the picture was taken. Null Island, the mark of a receiver without a fix, counts as nowhere.
func (t tags) place() *dam.Geo {
	list := fieldNamed("place").tags
	for i, tag := range list {
		var g dam.Geo
		ok := false
		switch {
		case tag.form == angles && strings.HasSuffix(tag.name, "Latitude"):
			lat, okLat := t.angle(tag.name, "S")
			lon, okLon := t.angle(list[i+1].name, "W")
			g, ok = dam.Geo{Lat: lat, Lon: lon}, okLat && okLon
		case tag.form == pair:
			g, ok = coordinates(t.text(tag.name))
		}
		if ok && math.Abs(g.Lat) <= 90 && math.Abs(g.Lon) <= 180 && (g.Lat != 0 || g.Lon != 0) {
			return &g
		}
	}
	return nil
}

// angle is a coordinate in degrees, negative where its reference names the other half of the earth.
func (t tags) angle(name, negative string) (float64, bool) {
	v, ok := degrees(t.text(name))
	if strings.HasPrefix(strings.ToUpper(t.text(name+"Ref")), negative) {
		v = -math.Abs(v)
	}
	return v, ok
}

// roleForm is how exiftool words the place of 3GPP's films.
var roleForm = regexp.MustCompile(`Lat=(-?[\d.]+) Lon=(-?[\d.]+)`)

// coordinates reads "48.8577 2.295 30", latitude first.
func coordinates(s string) (g dam.Geo, ok bool) {
	fields := strings.Fields(strings.ReplaceAll(s, ",", " "))
	if role := roleForm.FindStringSubmatch(s); role != nil {
		fields = role[1:]
	}
	if len(fields) < 2 {
		return g, false
	}
	lat, err := strconv.ParseFloat(fields[0], 64)
	lon, err2 := strconv.ParseFloat(fields[1], 64)
	return dam.Geo{Lat: lat, Lon: lon}, err == nil && err2 == nil
}

// degrees reads XMP's "48,51.5N", "48,51,30N" or a plain decimal.
func degrees(s string) (float64, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	sign := 1.0
	if n := len(s); n > 0 && strings.ContainsRune("NSEW", rune(s[n-1])) {
		if s[n-1] == 'S' || s[n-1] == 'W' {
			sign = -1
		}
		s = s[:n-1]
	}
	var v float64
	scale := 1.0
	for _, part := range strings.Split(s, ",") {
		f, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return 0, false
		}
		v += f / scale
		scale *= 60
	}
	return sign * v, true
}
