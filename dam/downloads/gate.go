package downloads

import (
	"sync"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// gate bounds how many archives are sent at once, in all and to each person.
type gate struct {
	mu  sync.Mutex
	all int
	by  map[string]int
}

// enter takes a place for somebody, until leave is called.
func (g *gate) enter(who string, most int) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= most || g.by[who] >= streamsEach {
		return nil, &dam.Error{Code: dam.Limited, Reason: reasons.DownloadsTooManyStreams()}
	}
	if g.by == nil {
		g.by = map[string]int{}
	}
	g.all++
	g.by[who]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.all--
		if g.by[who]--; g.by[who] == 0 {
			delete(g.by, who)
		}
	}, nil
}
