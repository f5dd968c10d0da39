package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/dam/tracing"
	"vitrine/publishers"
	"vitrine/publishers/planning"
)

const (
	prepareTimeout = 15 * time.Minute
	commitTimeout  = 2 * time.Minute
	askTimeout     = 30 * time.Second
	// maxAttempts with the ledger's pauses is about half a day.
	maxAttempts = 18
	// maxRecalls with the ledger's pauses is about seven minutes: then a person is asked.
	maxRecalls = 4
	// maxResends is how often a commit that leads to nothing is made, each time after the remote has said that it does
	// not have it.
	maxResends = 6
	// maxThrottled is how often in a row a remote may ask to wait before the publication fails: two days, or longer
	// where it says until when.
	maxThrottled = 50
	// maxRenewals is how often in a row a credential that has just been renewed may be refused.
	maxRenewals = 3
	// maxAsking is how long an unknown outcome is looked up before a person is asked.
	maxAsking = 24 * time.Hour
	// renditionPoll is how often a plan looks for its renditions, should their event be missed.
	renditionPoll = 5 * time.Second
)

// errLost: another node has the publication, or it changed hands. Nothing may be written.
var errLost = errors.New("the lease is gone")

// payload is what is on its way to the remote: frozen when the commit is announced.
type payload struct {
	Revision int64              `json:"revision"`
	Digest   string             `json:"digest"`
	Content  publishers.Content `json:"content"`
}

// pauses are those before attempts 1, 2, …; a lasting refusal is met six times in its first hour, so that a remote that
// is asked twice in each attempt is called twelve times.
var pauses = [...]time.Duration{2 * time.Second, 10 * time.Second, time.Minute, 6 * time.Minute, 30 * time.Minute}

// jittered adds up to a quarter, so that not everybody comes at the same time.
func jittered(d time.Duration) time.Duration { return d + time.Duration(rand.Int64N(int64(d)/4)) }

// pause before attempt n (from 1), up to an hour.
func pause(n int) time.Duration {
	if n > len(pauses) {
		return jittered(time.Hour)
	}
	return jittered(pauses[max(n-1, 0)])
}

// times is a first pause that grows by a factor up to an hour before attempt n (from 1), never shorter than the first.
func times(first time.Duration, factor, n int) time.Duration {
	d := first
	for range min(n-1, 12) {
		d *= time.Duration(factor)
	}
	return max(first, jittered(min(d, time.Hour)))
}

// unpaidMost is the number of the pause of an account that has used up what was paid for that grows no further: an
// hour.
const unpaidMost = 5

// unpaid is when such an account is tried for the nth time (from 1): after 5 minutes, doubling up to an hour.
func unpaid(now time.Time, n int) time.Time {
	return now.Add(min(5*time.Minute<<(min(n, unpaidMost)-1), time.Hour))
}

// longestTold bounds what a remote may ask to wait: one that answers with milliseconds, or with an instant instead of
// seconds, would keep a channel for decades.
const longestTold = 31 * 24 * time.Hour

// resume is when attempt n may be made after an error.
func resume(e *publishers.Error, now time.Time, n int) time.Time {
	next := now.Add(min(max(e.After, pause(n)), longestTold))
	if e.Until.After(next) {
		next = e.Until
	}
	if most := now.Add(longestTold); next.After(most) {
		next = most
	}
	return next
}

// asked is how often in a row the remote has asked the channel to wait, this time included. Calls that were under way
// when it asked are refused too, and are not another time.
func asked(ch catalog.ChannelRow, now time.Time) int {
	if ch.HeldUntil != nil && ch.HeldUntil.After(now) {
		return max(ch.Throttled, 1)
	}
	return ch.Throttled + 1
}

// refusedAnew tells whether a credential was refused although it was renewed the last time, too often.
func refusedAnew(p *catalog.LedgerRow, e *publishers.Error) bool {
	return e.Class == publishers.ClassAuthExpired && p.Problem != nil &&
		p.Problem.Class == string(publishers.ClassAuthExpired) && p.Attempts+1 >= maxRenewals
}

// work settles a leased row: it ends with the row at rest or due again.
func (s *Service) work(ctx context.Context, row catalog.LedgerRow) {
	var err error
	switch row.State {
	case dam.PubUnknown:
		err = s.reconcile(ctx, row)
	case dam.PubRecalling:
		err = s.takeBack(ctx, row)
	case dam.PubDelivered:
		err = s.recheck(ctx, row)
	}
	s.logStuck(ctx, row, err)
}

// stuck says why a row is left to the end of its lease, when it is taken up again.
func (s *Service) logStuck(ctx context.Context, row catalog.LedgerRow, err error) {
	if err != nil && !errors.Is(err, errLost) && ctx.Err() == nil {
		s.Log.Error("publication stuck", "publication", row.ID, "state", row.State, "err", err)
	}
}

func within[T any](ctx context.Context, d time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return call(ctx)
}

// passGate is the gate inside the lease: what may be sent now, or false after the row
// has been put where it belongs.
func (s *Service) passGate(ctx context.Context, tx *catalog.Tx, sc *planning.Snapshot, ch catalog.ChannelRow,
	p *catalog.LedgerRow) (publishers.Content, bool, error) {
	now := s.now()
	if p.Withdrawn {
		return publishers.Content{}, false, s.Planning.Dismiss(ctx, tx, ch, p, p.Cause())
	}
	v := sc.Decide(ch, now)
	if v.Refused != nil {
		p.Problem = v.Refused
		return publishers.Content{}, false, s.Planning.Dismiss(ctx, tx, ch, p, v.Refused.Reason)
	}
	if !v.From.IsZero() {
		from := v.From.UTC()
		p.NextAt = &from
		return publishers.Content{}, false, s.Planning.Move(ctx, tx, p, dam.PubPlanned,
			reasons.RightsNotBegun(v.Begins))
	}
	if p.Held {
		p.NextAt = &p.At
		return publishers.Content{}, false, s.Planning.Move(ctx, tx, p, dam.PubPlanned, reasons.CampaignHeld())
	}
	if p.State == dam.PubLeased {
		if settled, err := s.Planning.Missed(ctx, tx, ch, p, now); settled || err != nil {
			return publishers.Content{}, false, err
		}
	}
	c, ready, problem := sc.Content(ch, &p.Publication)
	if !ready {
		if err := s.Planning.OrderRenditions(ctx, tx, sc); err != nil {
			return c, false, err
		}
		next := now.Add(renditionPoll)
		p.NextAt = &next
		return c, false, s.Planning.Move(ctx, tx, p, dam.PubPlanned, reasons.RenditionsInMaking())
	}
	if problem != nil {
		p.Problem, p.NextAt = problem, nil
		return c, false, s.Planning.Move(ctx, tx, p, dam.PubFailed, planning.Describe(problem))
	}
	return c, true, nil
}

// refusal is how an error came about: the credential had just been renewed; it is Prepare's, whose Retry with a pause
// means that the remote is at work.
type refusal struct{ renewed, working bool }

// refused writes down what an error of Prepare or Commit means, and reports whether the account has to rest.
func (s *Service) refused(ctx context.Context, row catalog.LedgerRow, used publishers.Account, e *publishers.Error,
	state publishers.State, how refusal) (rest bool, err error) {
	s.Log.Warn("publication refused", "publication", row.ID, "channel", row.Channel, "class", e.Class, "err", e)
	tracing.Fail(tracing.In(ctx), string(e.Class))
	if e.Class == publishers.ClassAuthExpired && !how.renewed {
		if err := s.Accounts.Refresh(ctx, row.Channel, used); err != nil {
			e = publishers.Classify(err, publishers.ClassRetry)
		}
	}
	err = s.untilWritten(ctx, row, func(ctx context.Context, tx *catalog.Tx, _ *planning.Snapshot,
		ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		now := s.now()
		if state != nil {
			p.Progress = state
		}
		if refusedAnew(p, e) {
			e = publishers.Disconnected(reasons.ChannelRefusesAccount(), e)
		}
		p.Problem = e.Problem()
		if e.Class == publishers.ClassUnknown && p.State == dam.PubCommitting {
			if err := s.Accounts.Incident(ctx, tx, ch, publishers.Retry(0, e), p.Attempts); err != nil {
				return err
			}
			next := now.Add(time.Second)
			if p.Attempts > 0 { // it is not the first time: one question, when the answer counts
				next = now.Add(max(planning.Capabilities(ch).VisibleAfter, time.Second))
			}
			p.Owner, p.NextAt = "", &next
			return s.Planning.Move(ctx, tx, p, dam.PubUnknown, planning.Describe(p.Problem))
		}
		p.Payload, p.Committed = nil, nil // the remote accepted nothing
		if err := s.Accounts.Incident(ctx, tx, ch, e, p.Attempts); err != nil {
			return err
		}
		if p.Withdrawn {
			return s.Planning.Dismiss(ctx, tx, ch, p, p.Cause())
		}
		next := now
		over := e.Class == publishers.ClassPermanent
		switch e.Class {
		case publishers.ClassThrottled: // the whole channel waits, and the publication has used up no attempt
			n := asked(ch, now)
			if next = resume(e, now, n); e.Until.Before(now.Add(time.Second)) { // no date
				next = now.Add(times(30*time.Second, 4, n))
			}
			if over = n > maxThrottled; over {
				n = 0 // the next in the queue may be asked to wait as often
			}
			if err := tx.Channels().ThrottleChannel(ctx, ch.ID, next, n); err != nil {
				return err
			}
		case publishers.ClassUnpaid: // the channel waits as long as it takes, and nothing fails
			n := min(asked(ch, now), unpaidMost)
			if err := tx.Channels().ThrottleChannel(ctx, ch.ID, unpaid(now, n), n); err != nil {
				return err
			}
			next = p.At // the queue keeps its order, and goes on when the hold ends or is lifted
		case publishers.ClassDisconnected: // it waits until the account is connected again
			p.Attempts++
		case publishers.ClassAuthExpired:
			if p.Attempts++; p.Attempts > 1 || how.renewed {
				next = now.Add(pause(p.Attempts))
			}
			over = p.Attempts >= maxAttempts
		default:
			p.Attempts++
			next, over = resume(e, now, p.Attempts), over || p.Attempts >= maxAttempts
			if e.After > 0 && how.working { // one question each time
				next = now.Add(times(min(e.After, longestTold), 2, p.Attempts))
			}
		}
		if over {
			p.NextAt = nil
			return s.Planning.Move(ctx, tx, p, dam.PubFailed, planning.Describe(p.Problem))
		}
		p.NextAt = &next
		return s.Planning.Move(ctx, tx, p, dam.PubPlanned, planning.Describe(p.Problem))
	})
	return e.Class == publishers.ClassThrottled || e.Class == publishers.ClassDisconnected ||
		e.Class == publishers.ClassUnpaid, err
}

// delivered writes the receipt of what was in flight.
func (s *Service) delivered(ctx context.Context, row catalog.LedgerRow, r publishers.Receipt) error {
	return s.untilWritten(ctx, row, func(ctx context.Context, tx *catalog.Tx, sc *planning.Snapshot,
		ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		now := s.now()
		f, err := inFlightPayload(p)
		if err != nil {
			return err
		}
		before := p.Receipt
		p.Receipt = &dam.Receipt{Remote: r.Remote, URL: r.URL, At: now, Version: f.Content.Version,
			Media: []dam.SentMedia{}, Caption: f.Content.Text, Data: r.Data, PostStatus: r.PostStatus}
		for _, m := range f.Content.Media {
			p.Receipt.Media = append(p.Receipt.Media, dam.SentMedia{Preset: m.Preset, Format: m.Format,
				SHA256: m.SHA256, Size: m.Size, Asset: m.Asset})
		}
		if before != nil {
			p.Receipt.Comment = before.Comment
		}
		p.Version, p.Sent = f.Content.Version, f.Revision
		p.Payload, p.Problem, p.Attempts, p.Progress = nil, nil, 0, nil
		if r.Quota != nil {
			if err := tx.Channels().SetQuota(ctx, ch.ID, &catalog.Quota{Left: r.Quota.Left, At: now,
				Until: r.Quota.Until}); err != nil {
				return err
			}
		}
		p.NextAt = planning.WindowEnd(sc.Decide(ch, now))
		p.Watch = p.NextAt
		if ch.Throttled > 0 {
			if err := tx.Channels().Unthrottle(ctx, ch.ID); err != nil {
				return err
			}
		}
		if err := s.Accounts.Incident(ctx, tx, ch, nil, 0); err != nil {
			return err
		}
		if err := s.Planning.Move(ctx, tx, p, dam.PubDelivered, where(r.URL)); err != nil {
			return err
		}
		switch v := sc.Decide(ch, now); {
		case p.Withdrawn:
			return s.Planning.Withdraw(ctx, tx, ch, p, p.Cause())
		case v.Refused != nil: // closed while the call was under way
			return s.Planning.Withdraw(ctx, tx, ch, p, v.Refused.Reason)
		case p.Revision > f.Revision && planning.Capabilities(ch).Update:
			return s.Planning.Replan(ctx, tx, p, now, reasons.ChangedWhileSent())
		}
		return nil
	})
}

// where is the address of what was delivered, as a line of the ledger.
func where(url string) (why reasons.Reason) {
	if url != "" {
		why = reasons.ShownAt(url)
	}
	return why
}

func inFlightPayload(p *catalog.LedgerRow) (f payload, err error) {
	if p.Payload == nil {
		return f, errors.New("nothing is in flight")
	}
	return f, json.Unmarshal(p.Payload, &f)
}
