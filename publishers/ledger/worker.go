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
	maxAttempts = 22
	// maxRecalls with the ledger's pauses is about a quarter of an hour: then a person is asked.
	maxRecalls = 10
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

// pause before attempt n (from 1): 1 s doubling up to an hour, with jitter.
func pause(n int) time.Duration {
	d := time.Hour
	if n < 13 {
		d = min(time.Second<<max(n-1, 0), d)
	}
	return d + time.Duration(rand.Int64N(int64(d)/4))
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
			reasons.RightsNotBegun(string(sc.Asset.Rights.From)))
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

// refused writes down what an error of Prepare or Commit means, and reports whether the
// account has to rest.
func (s *Service) refused(ctx context.Context, row catalog.LedgerRow, used publishers.Account, e *publishers.Error,
	state publishers.State) (rest bool, err error) {
	s.Log.Warn("publication refused", "publication", row.ID, "channel", row.Channel, "class", e.Class, "err", e)
	tracing.Fail(tracing.In(ctx), string(e.Class))
	refreshed := false
	if e.Class == publishers.ClassAuthExpired {
		if err := s.Accounts.Refresh(ctx, row.Channel, used); err != nil {
			e = publishers.Classify(err, publishers.ClassRetry)
		} else {
			e, refreshed = publishers.Retry(0, e), true
		}
	}
	return e.Class == publishers.ClassThrottled || e.Class == publishers.ClassDisconnected,
		s.untilWritten(ctx, row, func(ctx context.Context, tx *catalog.Tx, _ *planning.Snapshot, ch catalog.ChannelRow,
			p *catalog.LedgerRow) error {
			now := s.now()
			if state != nil {
				p.Progress = state
			}
			p.Problem = e.Problem()
			if e.Class == publishers.ClassUnknown && p.State == dam.PubCommitting {
				next := now.Add(time.Second)
				p.Owner, p.NextAt, p.Attempts = "", &next, 0
				return s.Planning.Move(ctx, tx, p, dam.PubUnknown, planning.Describe(p.Problem))
			}
			p.Payload, p.Committed = nil, nil // the remote accepted nothing
			if err := s.Accounts.Incident(ctx, tx, ch, e, p.Attempts); err != nil {
				return err
			}
			if p.Withdrawn {
				return s.Planning.Dismiss(ctx, tx, ch, p, p.Cause())
			}
			p.Attempts++
			if e.Class == publishers.ClassPermanent || p.Attempts >= maxAttempts && e.Class == publishers.ClassRetry {
				p.NextAt = nil
				return s.Planning.Move(ctx, tx, p, dam.PubFailed, planning.Describe(p.Problem))
			}
			next := now
			switch e.Class {
			case publishers.ClassThrottled:
				next = e.Until
				if next.Before(now.Add(time.Second)) { // no date: the ledger's own pause
					next = now.Add(max(pause(p.Attempts), 30*time.Second))
				}
				p.Attempts--
				if err := tx.Channels().HoldChannel(ctx, ch.ID, next); err != nil {
					return err
				}
			case publishers.ClassRetry, publishers.ClassUnknown:
				next = now.Add(max(e.After, pause(p.Attempts)))
				if refreshed && p.Attempts == 1 {
					next = now
				}
			}
			p.NextAt = &next
			return s.Planning.Move(ctx, tx, p, dam.PubPlanned, planning.Describe(p.Problem))
		})
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
			Media: []dam.SentMedia{}, Caption: f.Content.Text, Data: r.Data}
		for _, m := range f.Content.Media {
			p.Receipt.Media = append(p.Receipt.Media, dam.SentMedia{Preset: m.Preset, Format: m.Format,
				SHA256: m.SHA256, Size: m.Size})
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
