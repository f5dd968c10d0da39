package dam_test

import (
	"context"
	"errors"
	"testing"

	"vitrine/dam"
)

func TestProtect(t *testing.T) {
	before := dam.Panics()[dam.PanicGoroutine]
	err := dam.Protect("a test", func() error { panic("nothing is well") })
	if !errors.Is(err, dam.ErrPanic) || dam.Panics()[dam.PanicGoroutine] != before+1 {
		t.Errorf("%v, %d panics", err, dam.Panics()[dam.PanicGoroutine]-before)
	}
	if err := dam.Protect("a test", func() error { return context.Canceled }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLoopGoesOnAfterAPanic(t *testing.T) {
	runs := 0
	dam.Loop(t.Context(), "a test", func(context.Context) {
		if runs++; runs == 1 {
			panic("the first time")
		}
	})
	if runs != 2 {
		t.Errorf("%d runs, want 2", runs)
	}
}
