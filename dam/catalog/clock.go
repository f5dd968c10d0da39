package catalog

import (
	"context"
	"sync"
	"time"
)

// ClockTolerance is how far a node's clock may differ from the database's before the node warns about it.
const ClockTolerance = 2 * time.Second

// resampleAfter is the age at which a reading of the database's clock is renewed.
const resampleAfter = 2 * time.Second

// clock is the database's time, so that leases, heartbeats and claims of all nodes agree. It is read from time to time
// and extrapolated by this machine's monotonic clock, which is never adjusted.
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

// off returns how far this machine's clock is ahead of the database's.
func (k *clock) off() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at.IsZero() {
		return 0
	}
	return k.wall().Round(0).Sub(k.base.Add(time.Since(k.at)))
}

// due reports whether a new reading is due and claims it for the caller.
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

// readClock reads the database's clock if the last reading is old; a failed reading is repeated at the next
// transaction. SQLite's clock is this machine's.
func (c *Catalog) readClock(ctx context.Context) {
	if !c.pg || !c.clock.due() {
		return
	}
	began := time.Now()
	micros, err := one(ctx, c.Conn, value[int64], databaseTime)
	c.clock.set(instant(micros), began, time.Now(), err)
}

// DatabaseTime asks the database for the current time.
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

// Now returns the database's time, estimated from the last reading.
func (c *Catalog) Now() time.Time { return c.clock.now() }

// ClockOff returns how far this node's clock was ahead of the database's at the last reading; negative if it was
// behind.
func (s Database) ClockOff() time.Duration { return s.c.clock.off() }

// SetLocalClock replaces this node's wall clock, for tests of wrong clocks. It must be called before the catalogue is
// used.
func (s Database) SetLocalClock(now func() time.Time) { s.c.clock.local = now }
