package architecture

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

const maxColumns = 120 // a tab is four

// TestLinesFit: a line of Go fits beside its diff. What can't be broken is let be: raw strings (SQL, schemas, tags),
// directives and generated files.
func TestLinesFit(t *testing.T) {
	root := "../.."
	list, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "*.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(list))
	if len(files) < 500 {
		t.Fatalf("%d files", len(files))
	}
	for _, name := range files {
		src, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) { // removed, not committed yet
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		fits(t, name, src)
	}
}

func fits(t *testing.T, name string, src []byte) {
	t.Helper()
	set := token.NewFileSet()
	head, err := parser.ParseFile(set, name, src, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	if ast.IsGenerated(head) {
		return
	}
	var long []int
	n := 0
	for line := range strings.Lines(string(src)) {
		n++
		wide := strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    ")
		if utf8.RuneCountInString(wide) > maxColumns {
			long = append(long, n)
		}
	}
	if long == nil {
		return
	}
	raw := rawLines(src)
	for _, n := range long {
		if !raw[n] {
			t.Errorf("%s:%d: the line has more than %d columns", name, n, maxColumns)
		}
	}
}

// rawLines returns the lines that hold a part of a raw string, a directive or a C preamble.
func rawLines(src []byte) map[int]bool {
	set := token.NewFileSet()
	file := set.AddFile("", set.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	raw := map[int]bool{}
	for {
		at, kind, text := s.Scan()
		switch {
		case kind == token.EOF:
			return raw
		case kind == token.STRING && text[0] == '`', kind == token.COMMENT && strings.HasPrefix(text, "/*"),
			kind == token.COMMENT && strings.Contains(text, "//nolint"),
			kind == token.COMMENT && strings.HasPrefix(text, "//go:"):
			first := file.Line(at)
			for i := range strings.Count(text, "\n") + 1 {
				raw[first+i] = true
			}
		}
	}
}
