package events

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Catalog is what a Reader reads.
type Catalog interface {
	Log() catalog.Log
	Epochs() catalog.Epochs
	Wait(ctx context.Context, after int64) error
	Now() time.Time
}

// Reader reads the log for consumers outside the process, and what it says of the installation.
type Reader struct{ Catalog Catalog }

// State returns the log's present epoch and the seq of its newest event.
func (r Reader) State(ctx context.Context) (epoch string, head int64, err error) {
	epoch, head, _, err = r.Catalog.Log().LogState(ctx)
	return epoch, head, err
}

// Now is the time by the database's clock.
func (r Reader) Now() time.Time { return r.Catalog.Now() }

// Oldest returns the seq behind which the log begins.
func (r Reader) Oldest(ctx context.Context) (int64, error) { return r.Catalog.Log().MinSeq(ctx) }

// Wait returns once the log has an event after a seq, after a while, or when ctx is done.
func (r Reader) Wait(ctx context.Context, after int64) error { return r.Catalog.Wait(ctx, after) }

// OfAsset returns an asset's events with a lower seq than before (0: the newest), the newest first.
func (r Reader) OfAsset(ctx context.Context, asset string, before int64, limit int) ([]dam.Event, error) {
	return r.Catalog.Log().AssetEvents(ctx, asset, before, limit)
}

// Changes returns what an event changed, before and after; none once it is erased.
func (r Reader) Changes(ctx context.Context, seq int64) ([]dam.Change, error) {
	return r.Catalog.Log().Changes(ctx, seq)
}

// Followers returns the seq that each follower has reached, by name.
func (r Reader) Followers(ctx context.Context) (map[string]int64, error) {
	return r.Catalog.Log().Followers(ctx)
}

// Epoch returns the log's present epoch with its beginning.
func (r Reader) Epoch(ctx context.Context) (dam.Epoch, error) { return r.Catalog.Epochs().Epoch(ctx) }

// Hold returns why nothing leaves the server, nil when everything goes on.
func (r Reader) Hold(ctx context.Context) (*dam.Hold, error) { return r.Catalog.Epochs().Hold(ctx) }

// Page reads events of a library behind a cursor, and the cursor to go on from,
// which also passes over what other libraries did. No epoch means the present one. Gone: the
// cursor is too old, or of another epoch of the log.
func (r Reader) Page(ctx context.Context, library, epoch string, after int64, limit int) (events []dam.Event,
	now string, next int64, err error) {
	now, head, oldest, err := r.Catalog.Log().LogState(ctx)
	if err != nil {
		return nil, "", 0, err
	}
	var gone reasons.Reason
	switch {
	case epoch != "" && epoch != now:
		gone = reasons.LogBegunAnew()
	case after > head:
		gone = reasons.LogEndsBefore(head)
	case after < oldest:
		gone = reasons.LogBeginsBehind(oldest)
	}
	if !gone.IsZero() {
		return nil, "", 0, &dam.Error{Code: dam.Gone, Field: "after", Reason: gone}
	}
	events, err = r.Catalog.Log().Events(ctx, library, after, limit)
	if err != nil {
		return nil, "", 0, err
	}
	// What was read may be of an epoch that has begun meanwhile; its events are not those the client has yet to see.
	if again, err := r.Catalog.Epochs().EpochOf(ctx); err != nil || again != now {
		if err == nil {
			err = &dam.Error{Code: dam.Gone, Field: "after", Reason: reasons.LogEpochChanged()}
		}
		return nil, "", 0, err
	}
	next = max(after, head) // read before the events, so nothing at or below it is missing
	if len(events) > 0 {
		if last := events[len(events)-1].Seq; len(events) == limit || last > next {
			next = last
		}
	}
	return events, now, next, nil
}
