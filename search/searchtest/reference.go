package searchtest

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"vitrine/dam"
	"vitrine/search"
)

// reference answers queries the slow and obvious way: it looks at every asset. It
// shares the parser and the word splitter with what it checks, nothing else.
type reference struct {
	stem func(lang, word string) string
	// What was split and stemmed before: the same texts are asked again and again.
	split map[string][]search.Token
	stems map[[2]string]string
	// hides says what the person who asks may not see; nil hides nothing.
	hides func(*dam.Asset) bool
	// among is what may be seen of the assets asked about.
	among []dam.Asset
}

func newReference(stem func(lang, word string) string) reference {
	return reference{stem: stem, split: map[string][]search.Token{}, stems: map[[2]string]string{}}
}

func (ref reference) tokens(s string) []search.Token {
	t, ok := ref.split[s]
	if !ok {
		t = search.Tokenize(s)
		ref.split[s] = t
	}
	return t
}

func (ref reference) stemOf(lang, word string) string {
	s, ok := ref.stems[[2]string{lang, word}]
	if !ok {
		s = ref.stem(lang, word)
		ref.stems[[2]string{lang, word}] = s
	}
	return s
}

func (ref reference) find(assets []dam.Asset, n search.Node, library string, bin bool) []dam.Asset {
	for _, a := range assets {
		if ref.hides != nil && ref.hides(&a) {
			continue
		}
		if a.Library == library && (a.DeletedAt != nil) == bin {
			ref.among = append(ref.among, a)
		}
	}
	var out []dam.Asset
	for _, a := range ref.among {
		if ref.matches(&a, n) {
			out = append(out, a)
		}
	}
	return out
}

func (ref reference) matches(a *dam.Asset, n search.Node) bool {
	switch n := n.(type) {
	case search.And:
		for _, c := range n {
			if !ref.matches(a, c) {
				return false
			}
		}
		return true
	case search.Or:
		return slices.ContainsFunc(n, func(c search.Node) bool { return ref.matches(a, c) })
	case search.Not:
		return !ref.matches(a, n.Node)
	case *search.Words:
		return slices.ContainsFunc(partsOf(a), func(p part) bool { return ref.words(p, n) })
	case *search.Match:
		return slices.ContainsFunc(n.Values, func(k search.Keyword) bool {
			return slices.ContainsFunc(keywordsOf(a, n.Field.Name),
				func(v string) bool { return same(n.Field.Kind, search.Fold(v), k) })
		})
	case *search.Range:
		v, ok := numberOf(a, n.Field.Name)
		return ok && v >= n.Lo && v <= n.Hi
	case *search.Area:
		if a.Place == nil {
			return false
		}
		inside := a.Place.Lon >= n.West && a.Place.Lon <= n.East
		if n.West > n.East {
			inside = a.Place.Lon >= n.West || a.Place.Lon <= n.East
		}
		return inside && a.Place.Lat >= n.South && a.Place.Lat <= n.North
	case *search.Near:
		return a.Place != nil && kilometres(n.Lat, n.Lon, a.Place.Lat, a.Place.Lon)*1000 <= n.Metres
	case *search.ColorNear:
		return tinted(a, n)
	case *search.Similar:
		return slices.ContainsFunc(ref.among, func(other dam.Asset) bool {
			return other.ID == n.ID && n.ID != a.ID && likeness(a, &other) >= n.Min
		})
	}
	return false
}

type part struct {
	product     bool // what a product says
	title, file bool
	lang, text  string
}

func partsOf(a *dam.Asset) []part {
	var out []part
	for i, t := range []dam.Text{a.Title, a.Description, a.Alt, a.Caption} {
		for locale, s := range t {
			lang, _, _ := strings.Cut(locale, "-")
			if lang != "fr" && lang != "en" {
				lang = ""
			}
			out = append(out, part{title: i == 0, lang: lang, text: s})
		}
	}
	for _, s := range slices.Concat(a.Tags, a.SKUs, []string{a.Creator, a.Copyright}) {
		out = append(out, part{text: s})
	}
	if a.Products != nil {
		for _, w := range a.Products.Words {
			lang, _, _ := strings.Cut(w.Locale, "-")
			if lang != "fr" && lang != "en" {
				lang = ""
			}
			out = append(out, part{product: true, lang: lang, text: w.Text})
		}
	}
	return append(out, part{file: true, text: a.Latest.FileName})
}

func (ref reference) words(p part, w *search.Words) bool {
	if w.Field == search.TextTitle && !p.title || w.Field == search.TextFile && !p.file ||
		w.Field == search.TextOwn && p.product {
		return false
	}
	var plain []string
	for _, t := range ref.tokens(p.text) {
		if w.Prefix && strings.HasPrefix(t.Term, w.Terms[0]) {
			return true
		}
		if w.Fuzzy && oneEdit(t.Term, w.Terms[0]) {
			return true
		}
		if !t.Compound {
			plain = append(plain, t.Term)
		}
	}
	if w.Prefix {
		return false
	}
	for i := 0; i+len(w.Terms) <= len(plain); i++ {
		if slices.Equal(plain[i:i+len(w.Terms)], w.Terms) {
			return true
		}
	}
	if len(w.Terms) > 1 || w.Quoted || w.Field != search.TextAll && w.Field != search.TextOwn || p.file {
		return false
	}
	for _, lang := range []string{"fr", "en"} {
		if p.lang != "" && p.lang != lang {
			continue
		}
		want := ref.stemOf(lang, w.Terms[0])
		if want != "" && slices.ContainsFunc(plain, func(t string) bool { return ref.stemOf(lang, t) == want }) {
			return true
		}
	}
	return false
}

func same(kind search.FieldKind, v string, k search.Keyword) bool {
	if k.Prefix {
		return strings.HasPrefix(v, k.Key)
	}
	if v == k.Key {
		return true
	}
	switch kind {
	case search.KindPath:
		return strings.HasPrefix(v, k.Key+"/")
	case search.KindName:
		have, want := plainWords(v), plainWords(k.Key)
		for i := 0; len(want) > 0 && i+len(want) <= len(have); i++ {
			if slices.Equal(have[i:i+len(want)], want) {
				return true
			}
		}
	}
	return false
}

func plainWords(s string) (out []string) {
	for _, t := range search.Tokenize(s) {
		if !t.Compound {
			out = append(out, t.Term)
		}
	}
	return out
}

func keywordsOf(a *dam.Asset, field string) []string {
	switch field {
	case "type":
		return []string{string(a.Kind)}
	case "format":
		return []string{map[string]string{"image/jpeg": "jpeg", "image/png": "png", "image/svg+xml": "svg",
			"video/mp4": "mp4", "application/pdf": "pdf"}[a.Latest.MediaType]}
	case "status":
		return []string{string(a.Latest.Status)}
	case "is":
		return pickTrue(map[string]bool{"live": a.DeletedAt == nil && a.Live != "" &&
			(a.Recall == nil || a.LiveSince.After(a.Recall.At)), "published": a.Published, "placed": a.Place != nil})
	case "orientation":
		w, h := a.Latest.Width, a.Latest.Height
		return pickTrue(map[string]bool{"landscape": w > h, "portrait": h > w, "square": w == h && w > 0})
	case "tag":
		return a.Tags
	case "sku":
		return a.SKUs
	case "brand", "category", "family":
		return productsOf(a, field)
	case "collection":
		return a.Collections
	case "channel":
		return a.Channels
	case "creator":
		return []string{a.Creator}
	case "uploader":
		return []string{a.CreatedBy}
	case "id":
		return []string{a.ID}
	case "color":
		var out []string
		if a.Latest.Analysis != nil {
			for _, c := range a.Latest.Analysis.Colors {
				if c.Share >= 0.04 {
					out = append(out, c.Name)
				}
			}
		}
		return out
	case "territory":
		if len(a.Rights.Territories) == 0 {
			return []string{"*"}
		}
		return a.Rights.Territories
	case "has":
		return pickTrue(map[string]bool{"alt": a.Alt.Get("", "") != "", "title": a.Title.Get("", "") != "",
			"caption": a.Caption.Get("", "") != "",
			"tags":    len(a.Tags) > 0, "sku": len(a.SKUs) > 0, "taken": a.Captured != nil,
			"rights": a.Rights.Until != "" || a.Rights.From != ""})
	}
	return nil
}

func productsOf(a *dam.Asset, field string) []string {
	p := a.Products
	if p == nil {
		return nil
	}
	switch field {
	case "brand":
		return p.Brands
	case "family":
		return p.Families
	}
	out := slices.Clone(p.Categories)
	for _, c := range p.Categories {
		above, _, _ := strings.Cut(c, " > ")
		out = append(out, above)
	}
	return out
}

func pickTrue(m map[string]bool) (out []string) {
	for k, ok := range m {
		if ok {
			out = append(out, k)
		}
	}
	return out
}

func numberOf(a *dam.Asset, field string) (int64, bool) {
	switch field {
	case "width":
		return int64(a.Latest.Width), a.Latest.Width > 0
	case "size":
		return a.Latest.Size, true
	case "rating":
		return int64(a.Rating), a.Rating > 0
	case "uploaded", "created":
		return a.CreatedAt.UnixMilli(), true
	case "updated":
		return a.UpdatedAt.UnixMilli(), true
	case "taken":
		if a.Captured == nil {
			return 0, false
		}
		t, err := a.Captured.Time(time.UTC)
		return t.UnixMilli(), err == nil
	case "from":
		t, ok := a.Rights.From.Begins()
		return t.UnixMilli(), ok
	case "expires":
		t, ok := a.Rights.Until.Ends()
		return t.UnixMilli() - 1, ok
	}
	return 0, false
}

// order sorts as Request.Sort says, missing values last.
func order(assets []dam.Asset, sort string) {
	field, desc := strings.CutPrefix(sort, "-")
	slices.SortFunc(assets, func(a, b dam.Asset) int {
		var c int
		var noA, noB bool
		if field == "title" {
			x, y := titleKey(a), titleKey(b)
			noA, noB, c = x == "", y == "", strings.Compare(x, y)
		} else {
			x, okX := numberOf(&a, field)
			y, okY := numberOf(&b, field)
			noA, noB, c = !okX, !okY, cmp.Compare(x, y)
		}
		switch {
		case noA && noB:
			c = 0
		case noA:
			return 1
		case noB:
			return -1
		}
		if c == 0 {
			c = cmp.Compare(a.Number, b.Number)
		}
		if desc {
			return -c
		}
		return c
	})
}

var number = regexp.MustCompile(`[0-9]+`)

// titleKey: titles sort by their first 64 bytes, folded, with a number behind the count of its digits.
func titleKey(a dam.Asset) string {
	s := number.ReplaceAllStringFunc(search.Fold(strings.TrimSpace(a.Title.Get("", ""))), func(n string) string {
		for len(n) > 0 && n[0] == '0' {
			n = n[1:]
		}
		if len(n) < 9 {
			return strconv.Itoa(len(n)) + n
		}
		return "9" + fmt.Sprintf("%02d", min(99, len(n))) + n
	})
	return strings.ToValidUTF8(s[:min(64, len(s))], "")
}

// kilometres by the spherical law of cosines: another formula than the one checked.
func kilometres(lat1, lon1, lat2, lon2 float64) float64 {
	rad := math.Pi / 180
	c := math.Sin(lat1*rad)*math.Sin(lat2*rad) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Cos((lon1-lon2)*rad)
	return 6371.0088 * math.Acos(min(1, max(-1, c)))
}

// lenient forgives one typing error in every required word that allows it.
func lenient(n search.Node) search.Node {
	switch n := n.(type) {
	case search.And:
		var out search.And
		for _, c := range n {
			out = append(out, lenient(c))
		}
		return out
	case search.Or:
		var out search.Or
		for _, c := range n {
			out = append(out, lenient(c))
		}
		return out
	case *search.Words:
		letters := true
		for _, r := range n.Terms[0] {
			letters = letters && unicode.IsLetter(r)
		}
		if letters && len([]rune(n.Terms[0])) >= 5 && len(n.Terms) == 1 && !n.Prefix && !n.Quoted && !n.Synonym &&
			n.Field == search.TextAll {
			w := *n
			w.Fuzzy = true
			return &w
		}
	}
	return n
}

// oneEdit tries every insertion, deletion, replacement and swap.
func oneEdit(s, t string) bool {
	a, b := []rune(s), []rune(t)
	if s == t {
		return true
	}
	for i := range a {
		without := slices.Concat(a[:i], a[i+1:])
		if slices.Equal(without, b) {
			return true
		}
		for j := range b {
			if i == j && slices.Equal(without, slices.Concat(b[:j], b[j+1:])) {
				return true
			}
		}
		if i+1 < len(a) && slices.Equal(slices.Concat(a[:i], []rune{a[i+1], a[i]}, a[i+2:]), b) {
			return true
		}
	}
	for j := range b {
		if slices.Equal(a, slices.Concat(b[:j], b[j+1:])) {
			return true
		}
	}
	return false
}

// without drops the top-level terms about a field.
func without(n search.Node, field string) search.Node {
	var about func(n search.Node) bool
	about = func(n search.Node) bool {
		switch n := n.(type) {
		case *search.Match:
			return n.Field.Name == field
		case *search.Range:
			return n.Field.Name == field
		case *search.Near, *search.Area:
			return field == "place"
		case search.Or:
			return !slices.ContainsFunc(n, func(c search.Node) bool { return !about(c) })
		}
		return false
	}
	if about(n) {
		return search.And(nil)
	}
	list, ok := n.(search.And)
	if !ok {
		return n
	}
	var out search.And
	for _, c := range list {
		if !about(c) {
			out = append(out, c)
		}
	}
	return out
}

// facet counts the values of a field, folded; a tag counts for its branches too.
func facet(assets []dam.Asset, written string) map[string]int {
	field, option, _ := strings.Cut(written, ":")
	out := map[string]int{}
	for _, a := range assets {
		values := map[string]bool{}
		if field == "taken" {
			if a.Captured != nil {
				values[a.Captured.Wall[:map[string]int{"": 7, "year": 4, "day": 10}[option]]] = true
			}
		} else {
			for _, v := range keywordsOf(&a, field) {
				v = search.Fold(v)
				values[v] = v != ""
				for i := range v {
					if field == "tag" && v[i] == '/' {
						values[v[:i]] = true
					}
				}
			}
		}
		for v, ok := range values {
			rest, below := strings.CutPrefix(v, strings.TrimPrefix(strings.Trim(option, "/")+"/", "/"))
			if field == "tag" && option != "" && (!below || strings.Contains(rest, "/")) {
				continue
			}
			if ok {
				out[v]++
			}
		}
	}
	return out
}
