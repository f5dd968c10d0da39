package dam

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// A panic in a goroutine ends the process, and with it every request. So every goroutine of the server begins with
// Protect or Loop; a test over the source finds those that don't.

// The places where a panic is recovered.
const (
	PanicHTTP      = "http"      // in the handler of a request
	PanicJob       = "job"       // in a background job
	PanicGoroutine = "goroutine" // in any other goroutine
)

// panics counts panics by place, for the metrics. Like memory use it belongs to the whole process.
var panics = map[string]*atomic.Int64{PanicHTTP: {}, PanicJob: {}, PanicGoroutine: {}}

// CountPanic counts a panic, once, where it is recovered: at one of the places above.
func CountPanic(where string) { panics[where].Add(1) }

// Panics returns how many panics were recovered since the start, by place.
func Panics() map[string]int64 {
	out := map[string]int64{}
	for where, n := range panics {
		out[where] = n.Load()
	}
	return out
}

// ErrPanic is in the chain of every error that Protect makes from a panic.
var ErrPanic = errors.New("panic")

// Protect runs f and turns a panic into an error, logged with its stack and counted.
func Protect(name string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			CountPanic(PanicGoroutine)
			slog.Error("panic survived", "in", name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = fmt.Errorf("%w in %s: %v", ErrPanic, name, v)
		}
	}()
	return f()
}

// Loop runs f, and runs it again a second after it panicked, until it returns or ctx ends.
func Loop(ctx context.Context, name string, f func(context.Context)) {
	for ctx.Err() == nil {
		if Protect(name, func() error { f(ctx); return nil }) == nil {
			return
		}
		t := time.NewTimer(time.Second)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}
