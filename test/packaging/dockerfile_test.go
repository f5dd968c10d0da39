package packaging

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// stage is one FROM of the Dockerfile with its instructions, continued lines joined.
type stage struct {
	image, name string
	steps       [][2]string // instruction and its arguments
}

func stages(t *testing.T) []stage {
	t.Helper()
	var out []stage
	joined := strings.ReplaceAll(read(t, "Dockerfile"), "\\\n", " ")
	for line := range strings.Lines(joined) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		switch {
		case instruction == "" || strings.HasPrefix(instruction, "#"):
		case instruction == "FROM":
			image, name, _ := strings.Cut(rest, " AS ")
			out = append(out, stage{image: image, name: name})
		default:
			if len(out) == 0 {
				t.Fatalf("%s before the first FROM", instruction)
			}
			s := &out[len(out)-1]
			s.steps = append(s.steps, [2]string{instruction, rest})
		}
	}
	return out
}

// named is the stage of a name, "" for the last: the one that is run.
func named(t *testing.T, all []stage, name string) stage {
	t.Helper()
	i := slices.IndexFunc(all, func(s stage) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("the Dockerfile has no stage %q", name)
	}
	return all[i]
}

// installed are the Debian packages that a stage installs.
func (s stage) installed() []string {
	var out []string
	for _, step := range s.steps {
		for part := range strings.SplitSeq(step[1], "&&") {
			words := strings.Fields(part)
			if step[0] != "RUN" || len(words) < 2 || words[0] != "apt-get" || words[1] != "install" {
				continue
			}
			for _, w := range words[2:] {
				if !strings.HasPrefix(w, "-") {
					out = append(out, w)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// The container has the programs that scripts/setup installs for `make run`, no fewer and no more.
func TestContainerHasTheProgramsOfSetup(t *testing.T) {
	setup := read(t, "scripts/setup")
	list := func(name string) []string {
		m := regexp.MustCompile(`(?m)^` + name + `="([^"]*)"`).FindStringSubmatch(setup)
		if m == nil {
			t.Fatalf("scripts/setup has no list %s", name)
		}
		return strings.Fields(m[1])
	}
	all := stages(t)
	// The library instead of its headers, and what any image needs to speak TLS.
	want := append(list("formats"), "ca-certificates", "libvips42t64", "libwebp-dev")
	slices.Sort(want)
	if got := named(t, all, "").installed(); !slices.Equal(got, want) {
		t.Errorf("the container installs %v\n  scripts/setup: %v", got, want)
	}
	// Go's image has a compiler; what else is needed to build with libvips comes from the same list.
	build := slices.DeleteFunc(list("vips"), func(p string) bool { return p == "gcc" })
	slices.Sort(build)
	if got := named(t, all, "server").installed(); !slices.Equal(got, build) {
		t.Errorf("the build stage installs %v, scripts/setup %v", got, build)
	}
}
