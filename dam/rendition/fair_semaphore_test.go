package rendition

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"vitrine/dam"
)

// One who brings many files does not keep another's single one waiting behind them.
func TestPlacesAreSharedAmongPrincipals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewFairSemaphore(2)
		var order []string
		turn := make(chan struct{})
		work := func(who string) {
			release, err := p.Acquire(dam.WithOrigin(t.Context(), dam.Origin{Principal: who}), 1)
			if err != nil {
				t.Error(err)
				return
			}
			<-turn
			order = append(order, who)
			release()
		}
		for range 500 {
			go work("many")
		}
		synctest.Wait()
		go work("single")
		go work("single")
		synctest.Wait()
		for range 502 {
			turn <- struct{}{}
			synctest.Wait()
		}
		if last := slices.Index(order, "single"); last < 0 || last > 3 || len(order) != 502 {
			t.Errorf("the single file was number %d of %d", last+1, len(order))
		}
		if p.free != 2 || len(p.held) != 0 || len(p.waiting) != 0 {
			t.Errorf("left: %d free, held %v, %d waiting", p.free, p.held, len(p.waiting))
		}
	})
}

// Who no longer waits is not waited for, and a large piece of work is not overtaken by small ones for ever.
func TestPlacesOfWorkThatIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewFairSemaphore(10)
		release, err := p.Acquire(t.Context(), 6)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		large := make(chan error, 1)
		go func() { _, err := p.Acquire(ctx, 10); large <- err }()
		synctest.Wait()
		small := make(chan error, 1)
		go func() { _, err := p.Acquire(t.Context(), 1); small <- err }()
		synctest.Wait()
		if len(small) != 0 {
			t.Error("a small one has overtaken the large one")
		}
		cancel()
		if err := <-large; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := <-small; err != nil {
			t.Error(err)
		}
		release()
		release() // twice is once
		if p.free != 9 {
			t.Errorf("%d free, want 9", p.free)
		}
	})
}
