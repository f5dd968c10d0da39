package x

import (
	"strings"
	"unicode/utf8"
)

// dots are what IDNA takes for the dot of a domain.
var dots = strings.NewReplacer("。", ".", "．", ".", "｡", ".")

// asciiSize returns how many characters a label of a domain has in ASCII, RFC 3492 and RFC 3490. It encodes anything,
// also what no registry would take, as X does; package idna refuses that.
func asciiSize(label string) (n int) {
	for part := range strings.SplitSeq(dots.Replace(label), ".") {
		n += 1 + punycodeSize(part)
	}
	return n - 1
}

func punycodeSize(label string) int {
	const base, tMin, tMax, skew, damp, firstBias, firstCode = 36, 1, 26, 38, 700, 72, 0x80
	basic := 0
	for _, r := range label {
		if r < firstCode {
			basic++
		}
	}
	if basic == len(label) {
		return basic
	}
	if runes := utf8.RuneCountInString(label); runes > labelMost { // each takes one character at least
		return runes
	}
	size, handled := len("xn--")+basic, basic
	if basic > 0 {
		size++ // the delimiter
	}
	for code, delta, bias := firstCode, 0, firstBias; handled < utf8.RuneCountInString(label); {
		next := int(utf8.MaxRune) + 1
		for _, r := range label {
			if int(r) >= code {
				next = min(next, int(r))
			}
		}
		delta += (next - code) * (handled + 1)
		code = next
		for _, r := range label {
			if int(r) < code {
				delta++
			}
			if int(r) != code {
				continue
			}
			for q, k := delta, base; ; k += base {
				t := min(max(k-bias, tMin), tMax)
				size++
				if q < t {
					break
				}
				q = (q - t) / (base - t)
			}
			if handled == basic {
				delta /= damp
			} else {
				delta /= 2
			}
			handled++
			delta += delta / handled
			for bias = 0; delta > (base-tMin)*tMax/2; bias += base {
				delta /= base - tMin
			}
			bias += (base - tMin + 1) * delta / (delta + skew)
			delta = 0
		}
		delta++
		code++
	}
	return size
}
