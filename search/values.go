package search

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search/columns"
)

// value is one written value, with its place in the query.
type value struct {
	s      string
	at     int
	quoted bool
}

// fieldValue reads what follows "name:"; at is where the name starts.
func (p *parser) fieldValue(f *Field, at int) (Node, error) {
	if p.i == len(p.q) || p.q[p.i] == ' ' || p.q[p.i] == ')' {
		return nil, p.fail(at, p.i-at, reasons.QueryValueNeeded(f.Name, f.Example))
	}
	switch start := p.i; f.Kind {
	case KindPlace:
		return p.near(f, value{s: p.bare(""), at: start})
	case KindArea:
		return p.area(f, value{s: p.bare(""), at: start})
	}
	if f.Kind == KindSimilar {
		start := p.i
		return p.similarTo(value{s: p.bare(""), at: start})
	}
	var nodes Or
	var match []Keyword
	for {
		v := value{at: p.i}
		if p.i < len(p.q) && p.q[p.i] == '"' {
			s, err := p.quoted()
			if err != nil {
				return nil, err
			}
			v.s, v.quoted = s, true
		} else {
			v.s = p.bare(",")
		}
		if v.s == "" {
			return nil, p.fail(v.at, 1, reasons.QueryValueNeededHere(f.Name, f.Example))
		}
		switch f.Kind {
		case KindText:
			n, err := p.textValue(f, v)
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, n)
		case KindLicense:
			k, err := p.keyword(f, v)
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, p.license(k[0].Key))
		case KindKeyword, KindPath, KindName, KindPresence:
			if f == p.schema.collection && p.env.Collections != nil && namesWhole(v) {
				n, k, err := p.collectionValue(v)
				if err != nil {
					return nil, err
				}
				if match = append(match, k...); n != nil {
					nodes = append(nodes, n)
				}
				break
			}
			k, err := p.keyword(f, v)
			if err != nil {
				return nil, err
			}
			if n := p.public(f, k[0].Key); n != nil {
				nodes = append(nodes, n)
			} else {
				match = append(match, k...)
			}
		case KindColor:
			n, k, err := p.colorValue(f, v)
			if err != nil {
				return nil, err
			}
			if match = append(match, k...); n != nil {
				nodes = append(nodes, n)
			}
		case KindID:
			if !dam.IsID(dam.AssetPrefix, v.s) {
				return nil, p.fail(v.at, len(v.s), reasons.QueryNotAnAsset())
			}
			match = append(match, Keyword{Key: v.s})
		default:
			n, err := p.rangeValue(f, v)
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, n)
		}
		if p.i == len(p.q) || p.q[p.i] != ',' {
			break
		}
		p.i++
	}
	if match != nil {
		if f.absent != nil {
			var all Or
			for _, k := range match {
				all = append(all, Not{&Match{Field: f.absent, Values: []Keyword{k}}})
			}
			if len(all) == 1 {
				return all[0], nil
			}
			return all, nil
		}
		if nodes == nil {
			return &Match{Field: f, Values: match}, nil
		}
		nodes = append(nodes, &Match{Field: f, Values: match})
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return nodes, nil
}

func (p *parser) textValue(f *Field, v value) (Node, error) {
	var n Node
	var err error
	if v.quoted {
		n = phrase(f.text, v.s, v.at)
	} else {
		n, err = p.words(f.text, v.s, v.at)
	}
	if err == nil && n == nil {
		return nil, p.fail(v.at, len(v.s), reasons.QueryLettersNeeded(f.Name, f.Example))
	}
	return n, err
}

// namesWhole reports whether a value is a whole name, which may have "/*" behind it, and not the beginning of one.
func namesWhole(v value) bool {
	return v.quoted || !strings.HasSuffix(v.s, "*") || strings.HasSuffix(v.s, "/*")
}

// presenceNames maps what people write after has: and missing: to what is kept.
func presenceName(s string) string {
	switch s {
	case "tag":
		return "tags"
	case "skus":
		return "sku"
	case "captured", "date":
		return "taken"
	case "location", "gps":
		return "place"
	case "collections":
		return "collection"
	}
	return s
}

func (p *parser) keyword(f *Field, v value) ([]Keyword, error) {
	key := strings.TrimSpace(Fold(v.s)) // in this order: invisible characters may stand behind spaces
	spelling := f.spelling
	if spelling == nil {
		spelling = func(key string) string { return key }
	}
	if f.Values != nil {
		alt := spelling(strings.NewReplacer("-", "_", " ", "_").Replace(key))
		if slices.Contains(f.Values, alt) {
			return []Keyword{{Key: alt}}, nil
		}
		if f.Kind == KindPresence && p.schema.filledIn(p.env.Library, spelling(key)) {
			return []Keyword{{Key: spelling(key)}}, nil
		}
		next := reasons.RemedyChooseOfChoices(strings.Join(f.Values, ", "))
		if f.instead != nil {
			next = f.instead(strings.Join(f.Values, ", "), key)
		}
		if best := nearest(alt, f.Values); best != "" {
			next = reasons.RemedyDidYouMeanValue(f.Name, best)
		}
		return nil, p.fail(v.at, len(v.s), reasons.QueryNotAValue(v.s, f.Name).With(next))
	}
	prefix := false
	if !v.quoted {
		key, prefix = strings.CutSuffix(key, "*")
		if strings.Contains(key, "*") {
			return nil, p.fail(v.at+strings.Index(v.s, "*"), 1, reasons.QueryStarInsideValue())
		}
	}
	switch {
	case f.choices != nil && !prefix && !slices.Contains(f.choices, key):
		next := reasons.RemedyChooseOfChoices(strings.Join(f.choices, ", "))
		if best := nearest(key, f.choices); best != "" {
			next = reasons.RemedyDidYouMeanValue(f.Name, quoteValue(best))
		}
		return nil, p.fail(v.at, len(v.s), reasons.QueryNotAValue(v.s, f.Name).With(next))
	case (!prefix || f.terms || f.vocabulary != "") && p.env.Resolve != nil && f.byName:
		if ids := p.env.Resolve(f.resolvedBy(), v.s); len(ids) > 0 {
			out := make([]Keyword, len(ids))
			for i, id := range ids {
				out[i] = Keyword{Key: Fold(id)}
			}
			if f.terms && !prefix { // products may have a text from before there were terms
				out = append(out, Keyword{Key: spelling(key)})
			}
			return out, nil
		}
	case f.always != "":
		return []Keyword{{Key: key}, {Key: f.always}}, nil
	}
	return []Keyword{{Key: spelling(key), Prefix: prefix}}, nil
}

// formatName reduces file extensions and media types to the stored name.
func formatName(s string) string {
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "."), "x-")
	switch s {
	case "jpg", "jpe":
		return "jpeg"
	case "tif":
		return "tiff"
	case "mov":
		return "quicktime"
	case "mp3":
		return "mpeg"
	case "svg+xml":
		return "svg"
	}
	return s
}

const (
	minValue = columns.Missing + 1
	maxValue = math.MaxInt64
)

// public turns what is asked about the public's view of assets into what is kept of them and the days of their rights;
// nil for everything else. It is dam.VisibilityAt for an audience that is not known.
func (p *parser) public(f *Field, key string) Node {
	is := f == p.schema.is && key == "live"
	if !is && f != p.schema.live {
		return nil
	}
	n := And{&Match{Field: p.schema.is, Values: []Keyword{{Key: "live"}}}}
	if !p.env.AnyDay {
		n = append(n, p.license("valid"))
	}
	if is || key == "yes" {
		return n
	}
	return Not{n}
}

// license turns where now, by the library's clock, is in the window of rights into ranges.
func (p *parser) license(state string) Node {
	now := p.env.Now.In(p.env.Zone)
	wall := time.Date(now.Year(), now.Month(), now.Day(), now.Hour(), now.Minute(), now.Second(), now.Nanosecond(),
		time.UTC).UnixMilli()
	expired := &Range{Field: p.schema.until, Lo: minValue, Hi: wall - 1}
	future := &Range{Field: p.schema.from, Lo: wall + 1, Hi: maxValue}
	switch state {
	case "expired":
		return expired
	case "future":
		return future
	}
	return And{Not{expired}, Not{future}}
}

// area reads south,west,north,east in degrees; a box may reach over the antimeridian.
func (p *parser) area(f *Field, v value) (Node, error) {
	var n [4]float64
	parts := strings.Split(v.s, ",")
	ok := len(parts) == len(n)
	for i := 0; ok && i < len(n); i++ {
		var err error
		n[i], err = strconv.ParseFloat(parts[i], 64)
		ok = err == nil && math.Abs(n[i]) <= []float64{90, 180}[i%2]
	}
	if !ok || n[0] > n[2] {
		return nil, p.fail(v.at, len(v.s), reasons.QueryBoxForm(f.Example))
	}
	return &Area{n[0], n[1], n[2], n[3]}, nil
}

// near reads lat,lon,distance; the distance has a unit (m, km, mi) and is 10km when left out.
func (p *parser) near(f *Field, v value) (Node, error) {
	bad := func(why reasons.Reason) error { return p.fail(v.at, len(v.s), why) }
	parts := strings.Split(v.s, ",")
	if len(parts) != 2 && len(parts) != 3 {
		return nil, bad(reasons.QueryPlaceForm(f.Example))
	}
	n := &Near{Metres: 10000}
	var err error
	if n.Lat, err = strconv.ParseFloat(parts[0], 64); err != nil || math.Abs(n.Lat) > 90 || math.IsNaN(n.Lat) {
		return nil, bad(reasons.QueryLatitude(f.Example))
	}
	if n.Lon, err = strconv.ParseFloat(parts[1], 64); err != nil || math.Abs(n.Lon) > 180 || math.IsNaN(n.Lon) {
		return nil, bad(reasons.QueryLongitude(f.Example))
	}
	if len(parts) == 3 {
		s, unit := parts[2], 1000.0
		for _, u := range []struct {
			suffix string
			metres float64
		}{{"km", 1000}, {"mi", 1609.344}, {"m", 1}} {
			if t, ok := strings.CutSuffix(strings.ToLower(s), u.suffix); ok {
				s, unit = t, u.metres
				break
			}
		}
		d, err := strconv.ParseFloat(s, 64)
		if err != nil || !(d > 0) || math.IsInf(d, 0) {
			return nil, bad(reasons.QueryDistance(f.Example))
		}
		n.Metres = d * unit
	}
	return n, nil
}

// nearest returns the candidate that is closest to s, when one is close: at most
// one edit per three letters.
func nearest(s string, candidates []string) string {
	best, bestDistance := "", len(s)/3+1
	for _, c := range candidates {
		if d := editDistance(s, c); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if bestDistance <= max(1, len(s)/3) {
		return best
	}
	return ""
}

// editDistance counts inserts, deletes, replacements and swaps of neighbours.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	prev2, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(y)]
}
