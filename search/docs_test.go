package search

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"vitrine/test/golden"
)

// The documentation's table of fields is generated from the schema.
func TestDocumentation(t *testing.T) {
	var b strings.Builder
	b.WriteString("| Field | Example | Finds |\n|---|---|---|\n")
	for _, f := range Fields() {
		names := "`" + f.Name + ":`"
		for _, a := range f.Aliases {
			names += " `" + a + ":`"
		}
		doc, french := f.Finds()
		if f.French == "" || strings.Contains(french, "  ") {
			t.Errorf("%s: is not explained in French", f.Name)
		}
		if f.Label == "" || f.FrenchLabel == "" {
			t.Errorf("%s: has no label for the portal", f.Name)
		}
		if p := f.Panel; p != nil && p.Shape != PanelMap && !f.countable() {
			t.Errorf("%s: is in the panel of facets and can't be counted", f.Name)
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", names, f.Example, doc)
	}
	golden.Document(t, "../docs/search.md", "fields", b.String())
}

// Every query in a code block of the documentation is valid.
func TestDocumentedQueries(t *testing.T) {
	page, err := os.ReadFile("../docs/search.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```")
	n := 0
	for i := 1; i < len(blocks); i += 2 {
		code, ok := strings.CutPrefix(blocks[i], "query\n")
		if !ok {
			continue
		}
		for _, line := range strings.Split(strings.TrimSpace(code), "\n") {
			q, _, _ := strings.Cut(line, "  ")
			n++
			if _, err := Parse(strings.TrimSpace(q), testEnv); err != nil {
				t.Errorf("%s: %v", q, err)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d queries in the documentation", n)
	}
}
