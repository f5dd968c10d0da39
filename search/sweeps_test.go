package search

import (
	"fmt"
	"slices"
	"testing"

	"vitrine/dam"
)

// A sweep of a whole library that is under way goes on, however many sweeps are added.
func TestSweepGoesOn(t *testing.T) {
	under := dam.Sweep{Library: "main", After: "a_7"}
	waiting := []dam.Sweep{under}
	for i := range 5 * maxSweeps {
		waiting = withSweeps(waiting, []dam.Sweep{{Library: "main", What: fmt.Sprint(i)}})
		if len(waiting) > maxSweeps || waiting[0] != under {
			t.Fatalf("after %d: %v", i, waiting)
		}
	}
	if want := []dam.Sweep{under, {Library: "main"}}; !slices.Equal(waiting, want) {
		t.Errorf("%v wait", waiting)
	}
	more := make([]dam.Sweep, maxSweeps)
	for i := range more {
		more[i] = dam.Sweep{Library: "other", What: fmt.Sprint(i)}
	}
	if got := withSweeps(waiting[:1], more); !slices.Equal(got, []dam.Sweep{under, {Library: "other"}}) {
		t.Errorf("%v wait", got)
	}
}
