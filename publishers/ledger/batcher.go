package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/dam/tracing"
	"vitrine/publishers/planning"
)

const (
	// groupMost is how many changes share a transaction: it keeps others off the database while it lasts.
	batchMost = 64
	// groupTimeout ends a transaction on a database that hangs.
	batchTimeout = 20 * time.Second
)

// change alters one row of the ledger that a worker has leased. It may run more than
// once, and what it does is undone with its transaction: everything goes through its arguments.
type change func(ctx context.Context, tx *catalog.Tx, sc *planning.Snapshot, ch catalog.ChannelRow,
	p *catalog.LedgerRow) error

// entry is a change that waits for its transaction.
type entry struct {
	ctx  context.Context
	row  catalog.LedgerRow
	do   change
	err  error
	done chan struct{}
}

// group is where workers that want to write in the ledger at the same time meet: what
// comes while a transaction is under way goes into the next one together, so that
// many share one sync. A change that fails takes no other with it.
type batcher struct {
	mu      sync.Mutex
	waiting []*entry
	writing bool
}

// held makes a change under the locks of the row's asset and itself, if this worker
// still has the lease. It returns once the change is durable.
func (s *Service) whileLeased(ctx context.Context, row catalog.LedgerRow, do change) error {
	e := &entry{ctx: ctx, row: row, do: do, done: make(chan struct{})}
	s.enter(e)
	<-e.done
	return e.err
}

// untilWritten is held for outcomes: it insists, since what the remote did has to be
// written down, even while the program is stopping.
func (s *Service) untilWritten(ctx context.Context, row catalog.LedgerRow, do change) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	for {
		err := s.whileLeased(ctx, row, do)
		if err == nil || errors.Is(err, errLost) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (s *Service) enter(list ...*entry) {
	g := &s.batch
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, list...)
	if !g.writing && len(g.waiting) > 0 {
		g.writing = true
		go func() { dam.Loop(context.Background(), "the ledger", func(context.Context) { s.writeBatches() }) }()
	}
}

// writeGroups makes what is waiting durable, until nothing is.
func (s *Service) writeBatches() {
	g := &s.batch
	for {
		g.mu.Lock()
		n := min(len(g.waiting), batchMost)
		if n == 0 {
			g.writing = false
			g.mu.Unlock()
			return
		}
		batch := slices.Clone(g.waiting[:n])
		g.waiting = g.waiting[n:]
		g.mu.Unlock()
		s.writeBatch(batch)
		for _, e := range batch {
			close(e.done)
		}
	}
}

// writeGroup leaves in each entry what became of it.
func (s *Service) writeBatch(batch []*entry) {
	// A worker that is to stop has nothing to say any more.
	left := slices.DeleteFunc(slices.Clone(batch), func(e *entry) bool { e.err = e.ctx.Err(); return e.err != nil })
	// Rows of channels are held in the order of their ids, within a channel as the changes came.
	slices.SortStableFunc(left, func(a, b *entry) int { return strings.Compare(a.row.Channel, b.row.Channel) })
	for len(left) > 0 {
		// The transaction is nobody's own: none of its workers can call it off.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(left[0].ctx), batchTimeout)
		causes := make([]string, len(left))
		for i, e := range left {
			causes[i] = tracing.Parent(e.ctx)
		}
		ctx, span := tracing.Batch(ctx, causes, "write the ledger")
		var at *entry
		err := s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
			at, err = s.makeChanges(ctx, tx, left)
			return err
		})
		tracing.End(span, err)
		cancel()
		if err == nil {
			return
		}
		if at == nil { // the database, not one of the changes
			for _, e := range left {
				e.err = err
			}
			return
		}
		at.err = err
		left = slices.DeleteFunc(left, func(e *entry) bool { return e == at })
	}
}

// makeChanges makes the changes of a batch, and returns the one that failed.
func (s *Service) makeChanges(ctx context.Context, tx *catalog.Tx, batch []*entry) (*entry, error) {
	libraries := map[string]string{}
	ids := make([]string, len(batch))
	for i, e := range batch {
		libraries[e.row.Asset], ids[i] = e.row.Library, e.row.ID
		for _, f := range e.row.Files {
			libraries[f.Asset] = e.row.Library
		}
		e.err = nil
	}
	hold, err := tx.Epochs().Hold(ctx)
	if err != nil {
		return nil, err
	}
	scenes, err := planning.ReadSnapshots(ctx, tx, libraries)
	if err != nil {
		return nil, err
	}
	list, err := tx.Publications().LockPublications(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make(map[string]*catalog.LedgerRow, len(list))
	for i := range list {
		rows[list[i].ID] = &list[i]
	}
	channels := map[string]catalog.ChannelRow{}
	tx.Publications().BeginBatch()
	for _, e := range batch {
		p := rows[e.row.ID]
		if p == nil || p.Owner != s.Node || p.Token != e.row.Token {
			e.err = errLost
			continue
		}
		ch, ok := channels[p.Channel]
		if !ok {
			if ch, err = tx.Channels().Channel(ctx, "", p.Channel); err != nil {
				return nil, err
			}
			channels[p.Channel] = ch
		}
		if planning.Limited(ch) { // who counts an account's publications has to find those before this one
			if err := tx.Publications().FlushBatch(ctx); err != nil {
				return nil, err
			}
		}
		sc := *scenes[e.row.Asset]
		sc.Hold = hold
		whole, err := sc.Of(ctx, tx, &p.Publication)
		if err != nil {
			return nil, err
		}
		tx.CausedBy(tracing.Parent(e.ctx))
		if err := e.do(ctx, tx, whole, ch, p); err != nil {
			return e, err
		}
	}
	return nil, nil
}

// passGates takes leased rows through the gate together, and returns those that passed, in
// their order.
func (s *Service) passGates(ctx context.Context, rows []catalog.LedgerRow) []*delivery {
	parcels := make([]*delivery, len(rows))
	entries := make([]*entry, len(rows))
	for i, row := range rows {
		parcels[i] = &delivery{row: row}
		entries[i] = &entry{ctx: ctx, row: row, do: s.admission(parcels[i]), done: make(chan struct{})}
	}
	s.enter(entries...)
	var out []*delivery
	for i, e := range entries {
		<-e.done
		if e.err != nil {
			s.logStuck(ctx, rows[i], e.err)
		} else if parcels[i].ready {
			out = append(out, parcels[i])
		}
	}
	return out
}

// handBack puts what was admitted and has not begun into the queue again.
func (s *Service) requeue(ctx context.Context, rows []catalog.LedgerRow, why reasons.Reason) {
	entries := make([]*entry, len(rows))
	for i, row := range rows {
		entries[i] = &entry{ctx: context.WithoutCancel(ctx), row: row, done: make(chan struct{}),
			do: func(ctx context.Context, tx *catalog.Tx, _ *planning.Snapshot, ch catalog.ChannelRow,
				p *catalog.LedgerRow) error {
				if p.State != dam.PubPreparing {
					return nil
				}
				if p.Withdrawn {
					return s.Planning.Dismiss(ctx, tx, ch, p, p.Cause())
				}
				p.NextAt = &p.At // the queue keeps its order
				return s.Planning.Move(ctx, tx, p, dam.PubPlanned, why)
			}}
	}
	s.enter(entries...)
	for i, e := range entries {
		if <-e.done; e.err != nil {
			s.logStuck(ctx, rows[i], e.err)
		}
	}
}
