package isolate

// Stats describes a pool and what has become of its children since it was made.
type Stats struct {
	Size, Busy, Idle int
	Starts           int64 // children started
	Crashes          int64 // children that ended before their answer
	Timeouts         int64 // children ended because a picture took too long
}

// Stats returns the pool's figures.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	busy, idle := p.busy, len(p.idle)
	p.mu.Unlock()
	return Stats{Size: p.o.Size, Busy: busy, Idle: idle, Starts: p.starts.Load(), Crashes: p.crashes.Load(),
		Timeouts: p.timeouts.Load()}
}
