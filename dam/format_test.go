package dam

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vitrine/test/golden"
)

// Every declared format has one entry in the table, and no two share a name.
func TestFormats(t *testing.T) {
	var names, extensions, mediaTypes []string
	for _, f := range Formats() {
		names, extensions, mediaTypes = append(names, string(f.Format)), append(extensions, f.Ext),
			append(mediaTypes, f.MediaType)
		if f.Name == "" || f.Ext == "" || f.Video != strings.HasPrefix(f.MediaType, "video/") ||
			f.Lossless == (f.Quality > 0) {
			t.Errorf("%+v", f)
		}
	}
	if want := declared(t, "format.go", "Format"); !slices.Equal(names, want) {
		t.Errorf("the table has %q, declared are %q", names, want)
	}
	for _, list := range [][]string{names, extensions, mediaTypes} {
		slices.Sort(list)
		if whole := len(list); len(slices.Compact(list)) != whole {
			t.Errorf("one is there twice: %q", list)
		}
	}
}

// The documentation's table of formats is generated from Formats.
func TestFormatDocumentation(t *testing.T) {
	yes := func(b bool, s string) string { return map[bool]string{true: s}[b] }
	var b strings.Builder
	b.WriteString("| `format` | Media type | Extension | |\n|---|---|---|---|\n")
	for _, f := range Formats() {
		notes := []string{yes(f.Video, "video, alone in its preset"),
			yes(f.Background, "transparent pixels become the background"),
			yes(f.Lossless, "has no quality"), yes(f.Animates, "keeps animations"),
			yes(f.Named, "sent to those that name it"),
			yes(f.Slow, "made after the others"), yes(f.AdHoc, "in ad-hoc URLs")}
		notes = slices.DeleteFunc(notes, func(s string) bool { return s == "" })
		fmt.Fprintf(&b, "| `%s` | `%s` | `%s` | %s |\n", f.Format, f.MediaType, f.Ext, strings.Join(notes, ", "))
	}
	golden.Document(t, "../docs/renditions.md", "formats", b.String())
}

func TestCompareFormats(t *testing.T) {
	type file struct {
		f    Format
		size int64
	}
	list := []file{{PNG, 10}, {JPEG, 20}, {WebP, 90}, {AVIF, 99}, {JPEG, 5}}
	slices.SortStableFunc(list, func(a, b file) int { return CompareFormats(a.f, b.f, a.size, b.size) })
	if want := []file{{AVIF, 99}, {WebP, 90}, {JPEG, 5}, {PNG, 10}, {JPEG, 20}}; !slices.Equal(list, want) {
		t.Errorf("%v, want %v", list, want)
	}
}
