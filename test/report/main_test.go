package main

import (
	"fmt"
	"strings"
	"testing"
)

// The slowest tests are named, slowest first, and no more than twenty.
func TestSlowest(t *testing.T) {
	var in, out strings.Builder
	for i := range 25 {
		fmt.Fprintf(&in, `{"Action":"pass","Package":"p","Test":"T%02d","Elapsed":%d.5}`+"\n", i, i)
	}
	r := newReport(&out)
	if err := r.read(strings.NewReader(in.String())); err != nil || !r.summary() {
		t.Fatal(err)
	}
	var named []string
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "slow ") {
			named = append(named, strings.Fields(line)[4])
		}
	}
	if len(named) != 20 || named[0] != "T24" || named[19] != "T05" {
		t.Errorf("named %v, want T24 to T05:\n%s", named, out.String())
	}
}

func TestReport(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		good   bool
		want   string
	}{
		"all passed": {`{"Action":"output","Package":"p","Test":"T","Output":"noise\n"}` + "\n" +
			`{"Action":"pass","Package":"p","Test":"T"}` + "\n" + `{"Action":"pass","Package":"p"}`, true,
			"1 passed, 0 failed, 0 skipped"},
		"failed": {`{"Action":"output","Package":"p","Test":"T","Output":"why\n"}` + "\n" +
			`{"Action":"fail","Package":"p","Test":"T"}` + "\n" + `{"Action":"fail","Package":"p"}`, false, "why"},
		"skipped": {`{"Action":"skip","Package":"p","Test":"T"}` + "\n" + `{"Action":"pass","Package":"p"}`, false,
			"0 passed, 0 failed, 1 skipped"},
		"panicked": {`{"Action":"pass","Package":"p","Test":"A"}` + "\n" +
			`{"Action":"output","Package":"p","Test":"T","Output":"panic: x\n"}` + "\n" +
			`{"Action":"fail","Package":"p"}`, false, "panic: x"},
		"not built": {`{"ImportPath":"p","Action":"build-output","Output":"undefined: x\n"}` + "\n" +
			`{"ImportPath":"p","Action":"build-fail"}` + "\n" + `{"Action":"fail","Package":"p"}`, false,
			"undefined: x"},
		"nothing":      {"", false, "0 passed"},
		"go's own say": {"go: no such thing", false, "go: no such thing"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			r := newReport(&out)
			if err := r.read(strings.NewReader(c.stream)); err != nil {
				t.Fatal(err)
			}
			good := r.summary()
			if good != c.good || !strings.Contains(out.String(), c.want) || c.good &&
				strings.Contains(out.String(), "noise") {
				t.Errorf("good %v, want %v with %q:\n%s", good, c.good, c.want, out.String())
			}
		})
	}
}
