package delivery

import (
	"strconv"
	"strings"

	"vitrine/dam/delivery"
)

// choose picks the format for an Accept header among variants in the server's order
// of preference. A format that not every client reads (AVIF, WebP) is only sent to a
// client that names it: "*/*" is what tools without a decoder for it send as well. When
// nothing fits, the most widely read format is sent: a picture is better than a 406.
func choose(variants []*delivery.Variant, accept string) *delivery.Variant {
	if len(variants) == 1 {
		return variants[0]
	}
	var best *delivery.Variant
	bestQ := 0
	for _, v := range variants {
		q, named := quality(accept, v.MediaType)
		if !named && modern(v) {
			continue
		}
		if q > bestQ {
			best, bestQ = v, q
		}
	}
	if best != nil {
		return best
	}
	for _, v := range variants {
		if !modern(v) {
			return v
		}
	}
	return variants[len(variants)-1]
}

func modern(v *delivery.Variant) bool { return v.Format == "avif" || v.Format == "webp" }

// quality is the weight, 0 to 1000, an Accept header gives a media type, and
// whether the header names the type itself rather than by a wildcard. What a
// wildcard gives counts in full: browsers write image/*;q=0.8 for what they read
// as well as anything else, and a JPEG must not lose to a PNG twenty times its size.
func quality(accept, mediaType string) (q int, named bool) {
	if accept == "" {
		return 1000, false
	}
	wild := 0
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.TrimSpace(name)
		switch {
		case strings.EqualFold(name, mediaType):
			return weight(params), true
		case name == "*/*", name == "image/*" && strings.HasPrefix(mediaType, "image/"):
			if weight(params) > 0 {
				wild = 1000
			}
		}
	}
	return wild, false
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
