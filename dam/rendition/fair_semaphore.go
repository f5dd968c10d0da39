package rendition

import (
	"context"
	"sync"

	"vitrine/dam"
)

// FairSemaphore is a semaphore that is fair to principals: a place that becomes free goes to the principal who has
// least at that moment, and of several to the one who has waited longest. Five hundred files of one wait behind each
// other, not in front of somebody else's single one.
type FairSemaphore struct {
	mu      sync.Mutex
	free    int64
	held    map[string]int64
	waiting []*waiter // in the order they came
}

type waiter struct {
	who   string
	n     int64
	ready chan struct{}
}

// NewFairSemaphore makes n places.
func NewFairSemaphore(n int64) *FairSemaphore {
	return &FairSemaphore{free: n, held: map[string]int64{}}
}

// Acquire waits for n places, of those that there are at most all, and returns what gives them back. They are held for
// the context's principal (see dam.OriginOf). The only error is the context's.
func (p *FairSemaphore) Acquire(ctx context.Context, n int64) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{who: dam.OriginOf(ctx).Principal, n: n, ready: make(chan struct{})}
	p.mu.Lock()
	p.waiting = append(p.waiting, w)
	p.grant()
	p.mu.Unlock()
	select {
	case <-w.ready:
	case <-ctx.Done():
		p.mu.Lock()
		defer p.mu.Unlock()
		select {
		case <-w.ready: // admitted at that very moment
			p.giveBack(w)
		default:
			for i, other := range p.waiting {
				if other == w {
					p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
					break
				}
			}
			p.grant() // it may have been what the others waited behind
		}
		return nil, ctx.Err()
	}
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.giveBack(w)
	}), nil
}

func (p *FairSemaphore) giveBack(w *waiter) {
	p.free += w.n
	if p.held[w.who] -= w.n; p.held[w.who] <= 0 {
		delete(p.held, w.who)
	}
	p.grant()
}

// grant lets in whoever is next for as long as there is room. Nobody smaller overtakes the next: a large piece of work
// would wait for ever.
func (p *FairSemaphore) grant() {
	for len(p.waiting) > 0 {
		next := 0
		for i, w := range p.waiting {
			if p.held[w.who] < p.held[p.waiting[next].who] {
				next = i
			}
		}
		w := p.waiting[next]
		if w.n > p.free {
			return
		}
		p.free -= w.n
		p.held[w.who] += w.n
		p.waiting = append(p.waiting[:next], p.waiting[next+1:]...)
		close(w.ready)
	}
}
