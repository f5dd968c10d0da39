package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		good   bool
		want   string
	}{
		"all passed":   {`{"Action":"output","Package":"p","Test":"T","Output":"noise\n"}` + "\n" + `{"Action":"pass","Package":"p","Test":"T"}` + "\n" + `{"Action":"pass","Package":"p"}`, true, "1 passed, 0 failed, 0 skipped"},
		"failed":       {`{"Action":"output","Package":"p","Test":"T","Output":"why\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"T"}` + "\n" + `{"Action":"fail","Package":"p"}`, false, "why"},
		"skipped":      {`{"Action":"skip","Package":"p","Test":"T"}` + "\n" + `{"Action":"pass","Package":"p"}`, false, "0 passed, 0 failed, 1 skipped"},
		"panicked":     {`{"Action":"pass","Package":"p","Test":"A"}` + "\n" + `{"Action":"output","Package":"p","Test":"T","Output":"panic: x\n"}` + "\n" + `{"Action":"fail","Package":"p"}`, false, "panic: x"},
		"not built":    {`{"ImportPath":"p","Action":"build-output","Output":"undefined: x\n"}` + "\n" + `{"ImportPath":"p","Action":"build-fail"}` + "\n" + `{"Action":"fail","Package":"p"}`, false, "undefined: x"},
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
			if good != c.good || !strings.Contains(out.String(), c.want) || c.good && strings.Contains(out.String(), "noise") {
				t.Errorf("good %v, want %v with %q:\n%s", good, c.good, c.want, out.String())
			}
		})
	}
}
