package server

import (
	"errors"
	"net/http"
	"testing"

	"vitrine/dam"
)

// Panics of handlers outside the API are counted and still close the connection. A deliberate abort is not counted.
func TestPanicsOfHandlersAreCounted(t *testing.T) {
	for _, c := range []struct {
		thrown any
		counts int64
	}{{"a bug", 1}, {errors.New("a bug"), 1}, {http.ErrAbortHandler, 0}, {nil, 0}} {
		before := dam.Panics()[dam.PanicHTTP]
		caught := func() (v any) {
			defer func() { v = recover() }()
			countPanics(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				if c.thrown != nil {
					panic(c.thrown)
				}
			})).ServeHTTP(nil, nil)
			return
		}()
		if n := dam.Panics()[dam.PanicHTTP] - before; n != c.counts || caught != c.thrown {
			t.Errorf("%v: %d panics are counted, %v goes on", c.thrown, n, caught)
		}
	}
}
