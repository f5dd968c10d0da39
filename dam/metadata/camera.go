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

func (s *sources) exposure() string {
	var parts []string
	if n, d, ok := fraction(s.exif["ExposureTime"]); ok && n > 0 {
		if v := n / d; v >= 0.3 {
			parts = append(parts, strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)+" s")
		} else {
			parts = append(parts, fmt.Sprintf("1/%.0f s", d/n))
		}
	}
	if n, d, ok := fraction(s.exif["FNumber"]); ok && n > 0 {
		parts = append(parts, "f/"+strconv.FormatFloat(math.Round(n/d*10)/10, 'f', -1, 64))
	}
	if n, d, ok := fraction(s.exif["ISO"]); ok && n > 0 {
		parts = append(parts, fmt.Sprintf("ISO %.0f", n/d))
	}
	if n, d, ok := fraction(s.exif["FocalLength"]); ok && n > 0 {
		parts = append(parts, strconv.FormatFloat(math.Round(n/d*10)/10, 'f', -1, 64)+" mm")
	}
	return strings.Join(parts, ", ")
}

// fraction reads a number of any of EXIF's types.
func fraction(v any) (n, d float64, ok bool) {
	switch v := v.(type) {
	case interface {
		Num() uint32
		Den() uint32
	}:
		n, d = float64(v.Num()), float64(v.Den())
	case interface {
		Num() int32
		Den() int32
	}:
		n, d = float64(v.Num()), float64(v.Den())
	case float64:
		n, d = v, 1
	case uint16:
		n, d = float64(v), 1
	case uint32:
		n, d = float64(v), 1
	case []any: // several ISO values: the first is the one used
		if len(v) > 0 {
			return fraction(v[0])
		}
	}
	return n, d, d != 0 && !math.IsNaN(n) && !math.IsInf(n, 0)
}

// moment is a date that may lack its time of day.
type moment struct {
	dam.Capture
	dayOnly bool
}

// captured picks the date of the highest source and completes it from lower
// ones that agree: a day gains its time, a time gains its offset.
func (s *sources) captured() *dam.Capture {
	var best *moment
	for _, text := range []string{
		s.xmp.first(nsPhotoshop + "DateCreated"),
		s.xmp.first(nsEXIF + "DateTimeOriginal"),
		strings.TrimSpace(s.iptcText("DateCreated") + " " + s.iptcText("TimeCreated")),
		s.exifText("DateTimeOriginal") + s.exifText("OffsetTimeOriginal"),
	} {
		m := parseMoment(text)
		switch {
		case m == nil:
		case best == nil:
			best = m
		case best.dayOnly && !m.dayOnly && best.Wall[:10] == m.Wall[:10]:
			best = m
		case best.Offset == "" && !best.dayOnly && best.Wall == m.Wall:
			best.Offset = m.Offset
		}
	}
	if best == nil {
		return nil
	}
	return &best.Capture
}

var momentForm = regexp.MustCompile(
	`^(\d{4})[:-](\d\d)[:-](\d\d)(?:[T ]+(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)? ?(Z|[+-]\d\d:?\d\d)?)?$`)

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
func (s *sources) place() *dam.Geo {
	lat, okLat := degrees(s.xmp.first(nsEXIF + "GPSLatitude"))
	lon, okLon := degrees(s.xmp.first(nsEXIF + "GPSLongitude"))
	if !okLat || !okLon {
		lat, okLat = s.exif["GPSLatitude"].(float64)
		lon, okLon = s.exif["GPSLongitude"].(float64)
		if strings.HasPrefix(strings.ToUpper(s.exifText("GPSLatitudeRef")), "S") {
			lat = -lat
		}
		if strings.HasPrefix(strings.ToUpper(s.exifText("GPSLongitudeRef")), "W") {
			lon = -lon
		}
	}
	if !okLat || !okLon || !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) || lat == 0 && lon == 0 {
		return nil
	}
	return &dam.Geo{Lat: lat, Lon: lon}
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
