package delivery

import (
	"cmp"
	"html"
	"slices"
	"strconv"
	"strings"

	"vitrine/dam"
)

// URLs builds public URLs under the server's public base URL. The zero value builds paths.
type URLs struct{ base string }

// NewURLs takes the public base URL, for example https://media.example.com or
// https://example.com/media; "" gives paths.
func NewURLs(base string) URLs { return URLs{strings.TrimRight(base, "/")} }

// Base returns the public base URL without a trailing slash, or "" if there is none.
func (u URLs) Base() string { return u.base }

// Path returns the path, without query and fragment, of a URL that this value could have built, for Parse. It returns
// false for any other URL.
func (u URLs) Path(raw string) (string, bool) {
	path, ok := strings.CutPrefix(raw, u.base)
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	return path, ok && strings.HasPrefix(path, "/")
}

// Live returns the URL of what is approved now, in the format the client prefers.
func (u URLs) Live(asset, preset string) string { return u.base + "/r/" + asset + "/" + preset }

// Exact returns the URL of exactly this rendition's bytes.
func (u URLs) Exact(asset string, r dam.Rendition) string {
	return u.base + "/r/" + asset + "/" + r.Hash + "/" + r.Preset + "." + r.Format.Ext()
}

// SrcSet returns the live URLs of the renditions that show the whole picture, ordered by width, as an HTML srcset:
// "…/small 640w, …/large 2048w". Crops of another shape are left out: a browser may swap the candidates of a srcset at
// will.
func (u URLs) SrcSet(asset string, renditions []dam.Rendition) string {
	var b strings.Builder
	for _, r := range Candidates(renditions) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(u.Live(asset, r.Preset) + " " + strconv.Itoa(r.Width) + "w")
	}
	return b.String()
}

// Picture returns an HTML snippet that shows the asset in the best of its sizes, or "" if there is no rendition. sizes
// is the HTML sizes attribute ("100vw" when empty).
func (u URLs) Picture(asset string, renditions []dam.Rendition, sizes, alt string) string {
	list := Candidates(renditions)
	if len(list) == 0 {
		return ""
	}
	if sizes == "" {
		sizes = "100vw"
	}
	shown := fallback(list)
	return `<img src="` + html.EscapeString(u.Live(asset, shown.Preset)) +
		`" srcset="` + html.EscapeString(u.SrcSet(asset, renditions)) +
		`" sizes="` + html.EscapeString(sizes) +
		`" width="` + strconv.Itoa(shown.Width) + `" height="` + strconv.Itoa(shown.Height) +
		`" alt="` + html.EscapeString(alt) + `" loading="lazy" decoding="async">`
}

// Candidates returns the pictures a browser may choose from: one for each width, of the shape of the largest, narrowest
// first. Each preset occurs once, whatever its formats.
func Candidates(renditions []dam.Rendition) []dam.Rendition {
	list := slices.Clone(renditions)
	slices.SortStableFunc(list, func(a, b dam.Rendition) int {
		return cmp.Or(cmp.Compare(a.Width, b.Width), cmp.Compare(a.Preset, b.Preset))
	})
	list = slices.DeleteFunc(list, func(r dam.Rendition) bool {
		return r.Width < 1 || r.Height < 1 || r.Format.IsVideo()
	})
	if len(list) == 0 {
		return nil
	}
	largest := slices.MaxFunc(list, func(a, b dam.Rendition) int {
		return cmp.Compare(a.Width*a.Height, b.Width*b.Height)
	})
	list = slices.DeleteFunc(list, func(r dam.Rendition) bool {
		// One pixel of rounding does not make another shape.
		off := r.Width*largest.Height - r.Height*largest.Width
		return max(off, -off) > max(largest.Width, largest.Height)
	})
	return slices.CompactFunc(list, func(a, b dam.Rendition) bool { return a.Width == b.Width })
}
