package catalog

import (
	"context"
	"sync"
	"time"
)

// ClockTolerance is how far a node's clock may be off the database's before it says so.
const ClockTolerance = 2 * time.Second

// resampleAfter is how old a reading of the database's clock may be.
const resampleAfter = 2 * time.Second

// clock is the database's time, so that leases, heartbeats and claims of all nodes
// mean the same. It is read now and then and carried on by this machine's monotonic
// clock, which nobody sets.
type clock struct {
	mu      sync.Mutex
	base    time.Time // the database's time …
	at      time.Time // … at this moment of ours
	reading bool
	local   func() time.Time // this machine's wall clock; nil is time.Now
}

func (k *clock) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at.IsZero() {
		return k.wall()
	}
	return k.base.Add(time.Since(k.at))
}

func (k *clock) wall() time.Time {
	if k.local != nil {
		return k.local()
	}
	return time.Now()
}

// off is how far this machine's clock is ahead of the database's.
func (k *clock) off() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at.IsZero() {
		return 0
	}
	return k.wall().Round(0).Sub(k.base.Add(time.Since(k.at)))
}

// due claims the next reading.
func (k *clock) due() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.reading || !k.at.IsZero() && time.Since(k.at) < resampleAfter {
		return false
	}
	k.reading = true
	return true
}

func (k *clock) set(database time.Time, began, ended time.Time, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reading = false
	if err == nil {
		k.base, k.at = database.Round(0), began.Add(ended.Sub(began)/2)
	}
}

// readClock reads the database's clock when the last reading is old; one that fails is
// tried at the next transaction. SQLite's clock is this machine's.
func (c *Catalog) readClock(ctx context.Context) {
	if !c.pg || !c.clock.due() {
		return
	}
	began := time.Now()
	micros, err := one(ctx, c.Conn, value[int64], databaseTime)
	c.clock.set(instant(micros), began, time.Now(), err)
}

// DatabaseTime asks the database for its time now.
func (s Database) DatabaseTime(ctx context.Context) (time.Time, error) {
	if !s.c.pg {
		return time.Now(), nil
	}
	began := time.Now()
	micros, err := one(ctx, s.c.Conn, value[int64], databaseTime)
	if err == nil {
		s.c.clock.set(instant(micros), began, time.Now(), nil)
	}
	return instant(micros), err
}

const databaseTime = `SELECT (extract(epoch FROM clock_timestamp())*1000000)::bigint`

// Now is the database's time, as far as it has been read.
func (c *Catalog) Now() time.Time { return c.clock.now() }

// ClockOff is how far this node's clock is ahead of the database's, as read lately;
// negative when it is behind.
func (s Database) ClockOff() time.Duration { return s.c.clock.off() }

// SetLocalClock makes another function this node's wall clock, for tests of clocks
// that are wrong. To be called before the catalogue is used.
func (s Database) SetLocalClock(now func() time.Time) { s.c.clock.local = now }
