package bleve

import (
	"context"
	"errors"
	"testing"

	"vitrine/dam"
)

// A query visits a limited number of words, and stops when its context ends.
func TestLookIsBounded(t *testing.T) {
	l := &lookup{ctx: t.Context()}
	var err error
	looked := 0
	for ; err == nil && looked <= maxResolved; looked++ {
		err = l.resolve()
	}
	var e *dam.Error
	if looked != maxResolved+1 || !errors.As(err, &e) || e.Code != dam.Invalid || e.Field != "q" || e.Advice() == "" {
		t.Errorf("after %d words: %v", looked, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l = &lookup{ctx: ctx}
	for err, looked = nil, 0; err == nil && looked < maxResolved; looked++ {
		err = l.resolve()
	}
	if !errors.Is(err, context.Canceled) || looked > 1000 {
		t.Errorf("nobody waits, and yet %d words: %v", looked, err)
	}
}
