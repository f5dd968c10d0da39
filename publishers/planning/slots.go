package planning

import (
	"context"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
)

// nextSlot is what stands in for a time when the channel's queue decides.
const nextSlot = "next-slot"

// slotHorizon is how far ahead a free slot is looked for.
const slotHorizon = 366 * 24 * time.Hour

// SlotTime is a moment of a channel's queue.
type SlotTime struct {
	At   time.Time `json:"at"`
	Free bool      `json:"free"`
}

// Slots returns the moments of a channel's queue with from ≤ t < until, at most a year of them.
func (s *Service) Slots(ctx context.Context, library, id string, from, until time.Time) ([]SlotTime, error) {
	ch, err := accounts.Present(s.Catalog.Channels().Channel(ctx, library, id))
	if err != nil {
		return nil, err
	}
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return nil, err
	}
	if from.IsZero() {
		from = s.now()
	}
	if until.IsZero() || until.Sub(from) > slotHorizon {
		until = from.Add(4 * 7 * 24 * time.Hour)
	}
	taken, err := s.Catalog.Publications().PlannedBetween(ctx, id, from, until)
	if err != nil {
		return nil, err
	}
	zone, err := slotZone(ch, lib)
	if err != nil {
		return nil, err
	}
	out := []SlotTime{}
	for _, t := range ch.Schedule.SlotsBetween(from, until, zone) {
		out = append(out, SlotTime{At: t, Free: !slices.ContainsFunc(taken, t.Equal)})
	}
	return out, nil
}

func slotZone(ch catalog.ChannelRow, lib dam.Library) (*time.Location, error) {
	if ch.Schedule.Zone != "" {
		return dam.Zone(ch.Schedule.Zone)
	}
	return dam.Zone(lib.Zone)
}

// takeSlot returns the first free moment of a channel's queue. It holds the channel's
// row, so that two who ask at once get two.
func (s *Service) takeSlot(ctx context.Context, tx *catalog.Tx, lib dam.Library, channel string) (time.Time,
	string, error) {
	ch, err := tx.Channels().LockChannel(ctx, lib.ID, channel)
	if err != nil {
		return time.Time{}, "", err
	}
	if len(ch.Schedule.Slots) == 0 {
		return time.Time{}, "", dam.InvalidInput("at", reasons.ChannelWithoutSlots(ch.Name))
	}
	zone, err := slotZone(ch, lib)
	if err != nil {
		return time.Time{}, "", err
	}
	now := s.now()
	taken, err := tx.Publications().PlannedBetween(ctx, channel, now, now.Add(slotHorizon))
	if err != nil {
		return time.Time{}, "", err
	}
	// Week by week: the first free one is near, as a rule.
	for from := now.Add(time.Microsecond); from.Before(now.Add(slotHorizon)); from = from.Add(7 * 24 * time.Hour) {
		for _, t := range ch.Schedule.SlotsBetween(from, from.Add(7*24*time.Hour), zone) {
			if !slices.ContainsFunc(taken, t.Equal) {
				return t, zone.String(), nil
			}
		}
	}
	return time.Time{}, "", dam.InvalidInput("at", reasons.ChannelSlotsTaken(ch.Name))
}

// Missed applies the channel's policy to a plan that comes too late: it tells
// whether the plan was settled here. What has been sent before is never late.
func (s *Service) Missed(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow, p *catalog.LedgerRow,
	now time.Time) (bool, error) {
	policy := ch.Schedule.CatchUp
	late := now.Sub(p.At)
	if p.Origin == "rule" || p.Sent > 0 || p.Receipt != nil || policy != dam.CatchUpSkip && policy != dam.CatchUpAsk ||
		late <= ch.Schedule.Grace() {
		return false, nil
	}
	why := reasons.MissedDue(p.At, ch.Schedule.Grace())
	if policy == dam.CatchUpSkip {
		p.Withdrawn = true // what its Prepare left in sight goes as well
		return true, s.Dismiss(ctx, tx, ch, p, why)
	}
	p.Problem, p.NextAt = dam.NewProblem(string(publishers.ClassLate), "at", why), nil
	return true, s.Move(ctx, tx, p, dam.PubFailed, why)
}

// rates are the limits a channel's account keeps: the remote's and one's own.
func rates(ch catalog.ChannelRow) []dam.Rate {
	return slices.Concat(Capabilities(ch).Rates, ch.Schedule.Rates)
}

// Room tells how many more publications an account may send now, and when there
// will be room again if that is none. inHand are those that nodes have taken already.
func (s *Service) Room(ctx context.Context, c catalog.Conn, ch catalog.ChannelRow, inHand int, now time.Time) (n int,
	from time.Time, err error) {
	n = 1 << 30
	for _, r := range rates(ch) {
		sent, err := c.Publications().CommitsSince(ctx, ch.ID, now.Add(-r.Per()).Add(time.Microsecond))
		if err != nil {
			return 0, from, err
		}
		left := r.Max - sent - inHand
		if left < n {
			n = left
		}
		if left > 0 {
			continue
		}
		// The call that has to leave the window before there is room.
		t, err := c.Publications().NthCommit(ctx, ch.ID, r.Max)
		if err != nil {
			return 0, from, err
		}
		if end := t.Add(r.Per()); !t.IsZero() && end.After(from) {
			from = end
		}
	}
	if q := ch.Quota; q != nil && now.Before(q.Until) {
		sent, err := c.Publications().CommitsSince(ctx, ch.ID, q.At)
		if err != nil {
			return 0, from, err
		}
		if left := q.Left - sent - inHand; left < n {
			n = left
			if left <= 0 && q.Until.After(from) {
				from = q.Until
			}
		}
	}
	return max(n, 0), from, nil
}

// Limited reports whether an account has any limit to keep.
func Limited(ch catalog.ChannelRow) bool { return ch.Quota != nil || len(rates(ch)) > 0 }

// Forecast is when a publication will start, as far as the account's limits go.
type Forecast struct {
	At   time.Time
	Full *dam.Rate // the limit that was in the way; nil when none was
}

// forecast looks ahead: how many are planned on the channel around an instant, and
// whether its limits leave room for one more.
func (s *Service) forecast(ctx context.Context, c catalog.Conn, ch catalog.ChannelRow, at time.Time) (Forecast, error) {
	out := Forecast{At: at}
	for _, r := range rates(ch) {
		planned, err := c.Publications().PlannedBetween(ctx, ch.ID, at.Add(-r.Per()).Add(time.Microsecond),
			at.Add(time.Microsecond))
		if err != nil {
			return out, err
		}
		sent := 0
		if since := at.Add(-r.Per()); since.Before(s.now()) {
			if sent, err = c.Publications().CommitsSince(ctx, ch.ID, since); err != nil {
				return out, err
			}
		}
		if over := len(planned) + sent - r.Max; over >= 0 {
			next := at.Add(r.Per())
			if over < len(planned) {
				next = planned[over].Add(r.Per())
			}
			if next.After(out.At) {
				out.At, out.Full = next, &r
			}
		}
	}
	return out, nil
}
