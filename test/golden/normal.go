package golden

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Names gives what differs from run to run (ids, times, secrets) a name by what it is and in the order of appearance,
// so that it is still seen where the same one comes back: the second asset is always <asset-2>.
type Names struct {
	known map[string]string // value → name, as Call was told
	rules []rule
	seen  map[string]string
	count map[string]int
}

type rule struct {
	kind string
	re   *regexp.Regexp
	same bool // every one gets the same name: its order of appearance says nothing
}

// NewNames has no rules yet.
func NewNames() *Names {
	return &Names{known: map[string]string{}, seen: map[string]string{}, count: map[string]int{}}
}

// Call gives a value its name.
func (n *Names) Call(value, name string) {
	if value != "" {
		n.known[value] = "<" + name + ">"
	}
}

// Number names what the expression matches by kind and order of appearance. Where it has a group, that alone is named.
func (n *Names) Number(kind, expr string) {
	n.rules = append(n.rules, rule{kind, regexp.MustCompile(expr), false})
}

// Hide gives everything that the expression matches the name of its kind.
func (n *Names) Hide(kind, expr string) {
	n.rules = append(n.rules, rule{kind, regexp.MustCompile(expr), true})
}

// In returns s with everything named.
func (n *Names) In(s string) string {
	// The longest first: an id may be the beginning of a secret.
	values := slices.SortedFunc(maps.Keys(n.known),
		func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	for _, value := range values {
		s = strings.ReplaceAll(s, value, n.known[value])
	}
	for _, r := range n.rules {
		var out strings.Builder
		last := 0
		for _, at := range r.re.FindAllStringSubmatchIndex(s, -1) {
			from, to := at[0], at[1]
			if len(at) > 2 && at[2] >= 0 {
				from, to = at[2], at[3]
			}
			out.WriteString(s[last:from])
			out.WriteString(n.name(r, s[from:to]))
			last = to
		}
		out.WriteString(s[last:])
		s = out.String()
	}
	return s
}

func (n *Names) name(r rule, value string) string {
	if r.same {
		return "<" + r.kind + ">"
	}
	if name, ok := n.seen[value]; ok {
		return name
	}
	n.count[r.kind]++
	name := fmt.Sprintf("<%s-%d>", r.kind, n.count[r.kind])
	n.seen[value] = name
	return name
}
