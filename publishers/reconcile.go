package publishers

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// reconcile asks the remote what became of a commit whose answer was lost. It
// never sends; at most it makes the publication due again, where that can't double.
func (s *Service) reconcile(ctx context.Context, row catalog.LedgerRow) error {
	k, in, err := s.asSent(ctx, row)
	if err != nil {
		return err
	}
	out, err := within(ctx, askTimeout, func(ctx context.Context) (Outcome, error) { return k.Publisher.Lookup(ctx, in, row.Progress) })
	if ctx.Err() != nil {
		return errLost
	}
	if err == nil && out.Verdict == Delivered {
		if err := s.delivered(ctx, row, out.Receipt); err != nil {
			return err
		}
		return s.comment(ctx, k, in)
	}
	var e *Error
	if err != nil {
		if e = classify(err, ClassRetry); e.Class == ClassAuthExpired {
			if err := s.refresh(ctx, row.Channel, in.Account); err != nil {
				e = classify(err, ClassRetry)
			}
		}
	}
	return s.settle(ctx, row, func(ctx context.Context, tx *catalog.Tx, _ *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		now := s.now()
		caps := capabilities(ch)
		settled := p.Committed.Add(caps.Settle)
		again := func(at time.Time) error {
			p.Attempts++
			p.Owner, p.NextAt = "", &at
			return tx.Publications().SavePublication(ctx, p)
		}
		ask := func(note string) error {
			p.Problem = &dam.Problem{Class: string(ClassUnknown), Message: "nobody can tell whether it was delivered: " + note, Remedy: "look at the channel, then confirm what you found"}
			p.Owner, p.NextAt = "", nil
			return s.move(ctx, tx, p, dam.PubUnconfirmed, p.Problem.Message)
		}
		if e != nil {
			if err := s.incident(ctx, tx, ch, e, p.Attempts); err != nil {
				return err
			}
			next := now.Add(max(e.After, pause(p.Attempts+1)))
			if e.Until.After(next) {
				next = e.Until
			}
			if e.Class == ClassPermanent || now.Sub(*p.Committed) > maxAsking {
				return ask(e.Message)
			}
			return again(next)
		}
		// A verdict counts once the channel's settle window has passed: until then the
		// call may still be on its way.
		if now.Before(settled) {
			next := now.Add(pause(p.Attempts + 1))
			if next.After(settled) {
				next = settled
			}
			return again(next)
		}
		if out.Verdict != Absent {
			return ask("the channel can't say. " + out.Note)
		}
		f, err := inFlight(p)
		if err != nil {
			return err
		}
		// Sending again is harmless only where the remote recognises it.
		harmless := caps.Idempotency == Durable || caps.Idempotency == ByHandle && p.Progress != nil && p.Revision == f.Revision
		switch {
		case !harmless:
			return ask("the channel does not show it, and sending again could post it twice")
		case p.Withdrawn && (p.Receipt != nil || caps.Idempotency == Durable):
			p.Flight = nil
			return s.startRecall(ctx, tx, p, p.Reason)
		case p.Withdrawn:
			p.Flight, p.NextAt = nil, nil
			return s.move(ctx, tx, p, dam.PubCancelled, p.Reason)
		}
		if caps.Idempotency == Durable {
			p.Flight = nil
		}
		p.NextAt = &now
		return s.move(ctx, tx, p, dam.PubPlanned, "the channel does not have it; it is sent again")
	})
}

// asSent rebuilds the intent that was in flight, or as much of it as a recall needs.
func (s *Service) asSent(ctx context.Context, row catalog.LedgerRow) (Kind, Intent, error) {
	ch, err := s.Catalog.Channels().Channel(ctx, "", row.Channel)
	if err != nil {
		return Kind{}, Intent{}, err
	}
	k, ok := s.kinds[ch.Kind]
	if !ok {
		return Kind{}, Intent{}, dam.Errorf(dam.Conflict, "this server does not know channels of kind %s", ch.Kind)
	}
	lib, err := s.Catalog.Libraries().Library(ctx, row.Library)
	if err != nil {
		return Kind{}, Intent{}, err
	}
	c, revision := Content{Asset: row.Asset, Version: row.Version, Text: row.Caption}, row.Revision
	if f, err := inFlight(&row); err == nil {
		c, revision = f.Content, f.Revision
	}
	in := s.intent(&scene{library: lib}, ch, &row, c)
	in.Revision = revision
	in.Account, err = s.account(ch)
	return k, in, err
}

// recheck looks at a delivered publication when its rights end.
func (s *Service) recheck(ctx context.Context, row catalog.LedgerRow) error {
	return s.settle(ctx, row, func(ctx context.Context, tx *catalog.Tx, sc *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		p.Owner = ""
		v := sc.gate(ch, s.now())
		if v.refused != nil {
			return s.withdraw(ctx, tx, ch, p, v.refused.Message)
		}
		p.NextAt = end(v)
		return tx.Publications().SavePublication(ctx, p)
	})
}

// takeBack removes a publication from its channel and keeps the proof, or leaves
// the task to a person.
func (s *Service) takeBack(ctx context.Context, row catalog.LedgerRow) error {
	k, in, err := s.asSent(ctx, row)
	if err != nil {
		return err
	}
	ch, err := s.Catalog.Channels().Channel(ctx, "", row.Channel)
	if err != nil {
		return err
	}
	var answer string
	if !capabilities(ch).Recall {
		err = Permanent("", "this channel can't take anything back by program", "")
	} else {
		answer, err = within(ctx, prepareTimeout, func(ctx context.Context) (string, error) { return k.Publisher.Recall(ctx, in, row.Receipt) })
		if err == nil && row.Receipt != nil {
			err = s.proveGone(ctx, k, in, row.Receipt)
		}
	}
	if ctx.Err() != nil {
		return errLost
	}
	var e *Error
	if err != nil {
		if e = classify(err, ClassRetry); e.Class == ClassAuthExpired {
			e = Retry(0, err)
			if err := s.refresh(ctx, row.Channel, in.Account); err != nil {
				e = classify(err, ClassRetry)
			}
		}
	}
	return s.settle(ctx, row, func(ctx context.Context, tx *catalog.Tx, _ *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		now := s.now()
		if e == nil {
			if p.Receipt != nil {
				p.Receipt.Gone = &dam.Removal{At: now, Answer: answer, By: dam.SystemID}
			}
			p.NextAt, p.Problem, p.Progress, p.Flight = nil, nil, nil, nil
			return s.move(ctx, tx, p, dam.PubRecalled, answer)
		}
		s.Log.Warn("recall refused", "publication", p.ID, "channel", p.Channel, "class", e.Class, "err", e)
		if err := s.incident(ctx, tx, ch, e, p.Attempts); err != nil {
			return err
		}
		p.Attempts++
		p.Problem = e.problem()
		if e.Class == ClassPermanent || e.Class == ClassDisconnected || p.Attempts >= maxRecalls {
			p.Problem.Remedy = "remove it at the channel by hand, then confirm that it is gone; or retry"
			if p.Receipt != nil && p.Receipt.URL != "" {
				p.Problem.Remedy = "remove " + p.Receipt.URL + " by hand, then confirm that it is gone; or retry"
			}
			p.NextAt = nil
			return s.move(ctx, tx, p, dam.PubManual, describe(p.Problem))
		}
		next := now.Add(max(e.After, pause(p.Attempts)))
		if e.Until.After(next) {
			next = e.Until
		}
		p.Owner, p.NextAt = "", &next
		return tx.Publications().SavePublication(ctx, p)
	})
}

// proveGone asks the remote whether what was recalled is still there.
func (s *Service) proveGone(ctx context.Context, k Kind, in Intent, r *dam.Receipt) error {
	out, err := within(ctx, askTimeout, func(ctx context.Context) (Outcome, error) { return k.Publisher.Status(ctx, in, *r) })
	if err == nil && out.Verdict == Delivered {
		e := Retry(0, nil)
		e.Message = "the channel took the recall and still shows it"
		return e
	}
	return nil // absent, or the channel can't say: its answer to the recall stands
}
