package ledger

import (
	"context"
	"slices"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// mostAhead bounds what a node leases of a channel before it has hands for it.
const mostAhead = 1000

// crew is the work this process has in hand: what is being done, and what it has leased
// for the next second. Each channel has a queue of its own, and as many hands as it declares.
type pool struct {
	mu      sync.Mutex
	workers int
	working int
	taken   int              // rows leased, ever; the loop's own
	tasks   map[string]*task // by publication
	queues  map[string]*queue
	wg      sync.WaitGroup
	freed   chan struct{}
}

// queue is a channel's work.
type queue struct {
	parallel   int
	working    int
	waiting    []*task
	sends      int // being sent or waiting for it
	reconciles int // being looked up or taken back, or waiting for it
	// done and before count the sends that ended since an instant, and in the second before it.
	done, before int
	since        time.Time
}

type task struct {
	row    catalog.LedgerRow
	sends  bool
	ctx    context.Context
	cancel context.CancelFunc
	work   func(context.Context)
}

func newPool(hands int) *pool {
	return &pool{workers: hands, tasks: map[string]*task{}, queues: map[string]*queue{}, freed: make(chan struct{}, 1)}
}

func (c *pool) queue(channel string, parallel int) *queue {
	q := c.queues[channel]
	if q == nil {
		q = &queue{since: time.Now()}
		c.queues[channel] = q
	}
	q.parallel = max(parallel, 1)
	return q
}

// pace is how many of the channel were sent in the last second.
func (q *queue) pace() int {
	if age := time.Since(q.since); age > time.Second {
		if q.before = q.done; age > 2*time.Second {
			q.before = 0
		}
		q.done, q.since = 0, time.Now()
	}
	return min(max(q.before, q.done), mostAhead)
}

// room is how many more of a channel this node may lease: to send, as many as have a
// hand waiting, or as it has got through in the last second, so that what it leases ahead starts
// soon, and little of it waits should this node die. What settles goes ahead of the queue.
func (c *pool) room(channel string, parallel int, send bool) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := c.queue(channel, parallel)
	if !send {
		return q.parallel - q.reconciles
	}
	return max(min(q.parallel-q.sends-q.reconciles, c.workers-len(c.tasks)), q.pace()-q.sends)
}

// idle tells whether nothing is in hand.
func (c *pool) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.tasks) == 0
}

// add takes on leased work. What settles an account is done before what is waiting to be sent.
func (c *pool) add(ctx context.Context, row catalog.LedgerRow, parallel int, sends bool, work func(context.Context)) {
	t := &task{row: row, sends: sends, work: work}
	t.ctx, t.cancel = context.WithCancel(ctx)
	c.wg.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tasks[row.ID] = t
	q := c.queue(row.Channel, parallel)
	if sends {
		q.sends++
		q.waiting = append(q.waiting, t)
	} else {
		q.reconciles++
		q.waiting = slices.Insert(q.waiting, 0, t)
	}
	c.dispatch()
}

// dispatch gives work to free hands, one of each channel in turn.
func (c *pool) dispatch() {
	for more := true; more; {
		more = false
		for _, q := range c.queues {
			if len(q.waiting) == 0 || q.working >= q.parallel || c.working >= c.workers {
				continue
			}
			t := q.waiting[0]
			q.waiting = q.waiting[1:]
			q.working++
			c.working++
			more = true
			go func() {
				if t.ctx.Err() == nil {
					// After a panic the row is left to the end of its lease.
					_ = dam.Protect("publishing", func() error { t.work(t.ctx); return nil })
				}
				c.mu.Lock()
				defer c.mu.Unlock()
				q.working--
				c.working--
				if t.sends {
					q.pace()
					q.done++
				}
				c.forget(q, t)
				c.dispatch()
				if 2*len(q.waiting) <= q.pace() {
					c.wake()
				}
			}()
		}
	}
}

// forget takes a task off the books.
func (c *pool) forget(q *queue, t *task) {
	t.cancel()
	if c.tasks[t.row.ID] == t {
		delete(c.tasks, t.row.ID)
	}
	if t.sends {
		q.sends--
	} else {
		q.reconciles--
	}
	c.wg.Done()
}

func (c *pool) wake() {
	select {
	case c.freed <- struct{}{}:
	default:
	}
}

// drop takes from a channel what is waiting to be sent, "" from all, and returns it.
func (c *pool) drop(channel string) (rows []catalog.LedgerRow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, q := range c.queues {
		if channel != "" && channel != name {
			continue
		}
		q.waiting = slices.DeleteFunc(q.waiting, func(t *task) bool {
			if t.sends {
				rows = append(rows, t.row)
				c.forget(q, t)
			}
			return t.sends
		})
	}
	c.wake()
	return rows
}

// keep cancels the tasks whose lease is not among those still held.
func (c *pool) keep(held map[string]int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, t := range c.tasks {
		if token, ok := held[id]; !ok || token != t.row.Token {
			t.cancel()
		}
	}
}
