package content

import (
	"strconv"
	"strings"

	"vitrine/dam"
)

// Negotiate picks the format for a client with an Accept header from a list in the server's order of preference
// (dam.CompareFormats), which must not be empty. A named format (AVIF, WebP) is sent only to a client that names it:
// tools that can't decode it send "*/*" too. If the client accepts none, Negotiate picks the first that every client
// can read, or the last one: a picture is better than a 406.
func Negotiate[T any](list []T, format func(T) dam.Format, accept string) T {
	best, bestQ := -1, 0
	for i, one := range list {
		if q := quality(format(one), accept); q > bestQ {
			best, bestQ = i, q
		}
	}
	if best >= 0 {
		return list[best]
	}
	for _, one := range list {
		if !format(one).Named() {
			return one
		}
	}
	return list[len(list)-1]
}

// Accepts reports whether a client with an Accept header accepts a format.
func Accepts(f dam.Format, accept string) bool { return quality(f, accept) > 0 }

// quality returns the weight, 0 to 1000, that an Accept header gives a format. A wildcard's weight counts as 1000:
// browsers write image/*;q=0.8 for formats that they read as well as any other, and a JPEG must not lose to a PNG
// twenty times its size. A wildcard doesn't count for a named format.
func quality(f dam.Format, accept string) int {
	wild := 0
	mediaType, named := f.MediaType(), f.Named()
	if accept == "" && !named {
		return 1000
	}
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.TrimSpace(name)
		family, all := strings.CutSuffix(name, "/*")
		switch {
		case strings.EqualFold(name, mediaType):
			return weight(params)
		case named:
		case name == "*/*", all && strings.HasPrefix(mediaType, family+"/"):
			if weight(params) > 0 {
				wild = 1000
			}
		}
	}
	return wild
}

func weight(params string) int {
	for param := range strings.SplitSeq(params, ";") {
		value, ok := strings.CutPrefix(strings.TrimSpace(param), "q=")
		if !ok {
			continue
		}
		q, err := strconv.ParseFloat(value, 64)
		if err != nil || q < 0 || q > 1 {
			return 1000
		}
		return int(q * 1000)
	}
	return 1000
}
