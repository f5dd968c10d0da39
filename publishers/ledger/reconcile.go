package ledger

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/planning"
)

// reconcile asks the remote what became of a commit whose answer was lost. It
// never sends; at most it makes the publication due again, where that can't double.
func (s *Service) reconcile(ctx context.Context, row catalog.LedgerRow) error {
	k, in, err := s.asSent(ctx, row)
	if err != nil {
		return err
	}
	out, err := within(ctx, askTimeout, func(ctx context.Context) (publishers.Outcome, error) {
		return k.Publisher.Lookup(ctx, in, row.Progress)
	})
	if ctx.Err() != nil {
		return errLost
	}
	if err == nil && out.Verdict == publishers.Delivered {
		if err := s.delivered(ctx, row, out.Receipt); err != nil {
			return err
		}
		return s.comment(ctx, k, in)
	}
	e := s.asked(ctx, row, in.Account, err)
	return s.untilWritten(ctx, row, func(ctx context.Context, tx *catalog.Tx, _ *planning.Snapshot,
		ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		now := s.now()
		caps := planning.Capabilities(ch)
		settled := p.Committed.Add(caps.VisibleAfter)
		again := func(at time.Time) error {
			p.Attempts++
			p.Owner, p.NextAt = "", &at
			return tx.Publications().SavePublication(ctx, p)
		}
		ask := func(note reasons.Reason) error {
			p.Problem = dam.NewProblem(string(publishers.ClassUnknown), "", reasons.DeliveryUntold(note))
			p.Owner, p.NextAt = "", nil
			return s.Planning.Move(ctx, tx, p, dam.PubUnconfirmed, p.Problem.Reason)
		}
		if e != nil {
			if err := s.Accounts.Incident(ctx, tx, ch, e, p.Attempts); err != nil {
				return err
			}
			p.Problem = e.Problem()
			next := resume(e, now, p.Attempts+1)
			if e.Class == publishers.ClassPermanent || now.Sub(*p.Committed) > maxAsking {
				return ask(e.Reason)
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
		if out.Verdict != publishers.Absent {
			return ask(reasons.ChannelCannotSay(out.Note))
		}
		f, err := inFlightPayload(p)
		if err != nil {
			return err
		}
		// Sending again is harmless only where the remote recognises it.
		harmless := caps.Idempotency == publishers.Durable || caps.Idempotency == publishers.ByHandle &&
			p.Progress != nil && p.Revision == f.Revision
		switch {
		case !harmless:
			return ask(reasons.NotShownNotSafe())
		case p.Withdrawn && (p.Receipt != nil || caps.Idempotency == publishers.Durable):
			p.Payload = nil
			return s.Planning.StartRecall(ctx, tx, p, p.Cause())
		case p.Withdrawn:
			p.Payload, p.NextAt = nil, nil
			return s.Planning.Move(ctx, tx, p, dam.PubCancelled, p.Cause())
		}
		if caps.Idempotency == publishers.Durable {
			p.Payload = nil
		}
		n, err := sent(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		p.Attempts++
		if n >= maxResends {
			p.Problem, p.NextAt = dam.NewProblem(string(publishers.ClassPermanent), "", reasons.NeverShown(n)), nil
			return s.Planning.Move(ctx, tx, p, dam.PubFailed, p.Problem.Reason)
		}
		next := now
		if n > 1 { // it is no accident
			next = now.Add(pause(n + 3))
		}
		p.NextAt = &next
		return s.Planning.Move(ctx, tx, p, dam.PubPlanned, reasons.AbsentSentAgain())
	})
}

// sent counts the commits of a publication since it was last delivered, given up or given to a person.
func sent(ctx context.Context, tx *catalog.Tx, id string) (n int, err error) {
	steps, err := tx.Publications().PublicationSteps(ctx, id)
	for i := len(steps) - 1; i >= 0; i-- {
		switch steps[i].State {
		case dam.PubCommitting:
			n++
		case dam.PubDelivered, dam.PubFailed, dam.PubUnconfirmed:
			return n, err
		}
	}
	return n, err
}

// asked classifies what a question to the remote or a recall came to, nil for an answer. It renews a credential that
// has expired, but not again and again.
func (s *Service) asked(ctx context.Context, row catalog.LedgerRow, used publishers.Account,
	err error) *publishers.Error {
	if err == nil {
		return nil
	}
	e := publishers.Classify(err, publishers.ClassRetry)
	switch {
	case refusedAnew(&row, e):
		return publishers.Disconnected(reasons.ChannelRefusesAccount(), e)
	case e.Class == publishers.ClassAuthExpired:
		if err := s.Accounts.Refresh(ctx, row.Channel, used); err != nil {
			return publishers.Classify(err, publishers.ClassRetry)
		}
	}
	return e
}

// asSent rebuilds the intent that was in flight, or as much of it as a recall needs.
func (s *Service) asSent(ctx context.Context, row catalog.LedgerRow) (publishers.Kind, publishers.Intent, error) {
	ch, err := s.Catalog.Channels().Channel(ctx, "", row.Channel)
	if err != nil {
		return publishers.Kind{}, publishers.Intent{}, err
	}
	k, ok := s.kinds[ch.Kind]
	if !ok {
		return publishers.Kind{}, publishers.Intent{}, &dam.Error{Code: dam.Conflict,
			Reason: reasons.ChannelKindUnknownHere(ch.Kind)}
	}
	lib, err := s.Catalog.Libraries().Library(ctx, row.Library)
	if err != nil {
		return publishers.Kind{}, publishers.Intent{}, err
	}
	c, revision := publishers.Content{Asset: row.Asset, Version: row.Version, Text: row.Caption}, row.Revision
	if f, err := inFlightPayload(&row); err == nil {
		c, revision = f.Content, f.Revision
	}
	in := s.Planning.Intent(&planning.Snapshot{Library: lib}, ch, &row, c)
	in.Revision = revision
	in.Account, err = s.Accounts.Account(ch)
	return k, in, err
}

// recheck looks at a delivered publication when its rights end.
func (s *Service) recheck(ctx context.Context, row catalog.LedgerRow) error {
	return s.untilWritten(ctx, row, func(ctx context.Context, tx *catalog.Tx, sc *planning.Snapshot,
		ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		p.Owner = ""
		v := sc.Decide(ch, s.now())
		if v.Refused != nil {
			return s.Planning.Withdraw(ctx, tx, ch, p, v.Refused.Reason)
		}
		p.NextAt = planning.WindowEnd(v)
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
	var answer reasons.Reason
	if !planning.Capabilities(ch).Recall {
		err = publishers.Permanent("", reasons.ChannelCannotTakeBack())
	} else {
		left := s.recallComment(ctx, k, in, row.Receipt)
		// What stands in the way of the comment does not keep the post public when a person is asked.
		last := row.Attempts+1 >= maxRecalls
		if left == nil || last || publishers.ClassOf(left, publishers.ClassRetry) == publishers.ClassPermanent {
			answer, err = within(ctx, prepareTimeout,
				func(ctx context.Context) (reasons.Reason, error) { return k.Publisher.Recall(ctx, in, row.Receipt) })
		}
		if err == nil {
			err = left
		}
		if err == nil && row.Receipt != nil {
			err = s.proveGone(ctx, k, in, row.Receipt)
		}
	}
	if ctx.Err() != nil {
		return errLost
	}
	e := s.asked(ctx, row, in.Account, err)
	return s.untilWritten(ctx, row, func(ctx context.Context, tx *catalog.Tx, _ *planning.Snapshot,
		ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		now := s.now()
		if e == nil {
			if p.Receipt != nil {
				p.Receipt.Gone = dam.NewRemoval(now, answer, dam.SystemID)
			}
			p.NextAt, p.Problem, p.Progress, p.Payload = nil, nil, nil, nil
			return s.Planning.Move(ctx, tx, p, dam.PubRecalled, answer)
		}
		s.Log.Warn("recall refused", "publication", p.ID, "channel", p.Channel, "class", e.Class, "err", e)
		if err := s.Accounts.Incident(ctx, tx, ch, e, p.Attempts); err != nil {
			return err
		}
		p.Attempts++
		p.Problem = e.Problem()
		if e.Class == publishers.ClassUnpaid { // it is taken back once somebody has paid
			next := unpaid(now, p.Attempts)
			p.Attempts = min(p.Attempts, unpaidMost)
			p.Owner, p.NextAt = "", &next
			return tx.Publications().SavePublication(ctx, p)
		}
		if e.Class == publishers.ClassPermanent || e.Class == publishers.ClassDisconnected || p.Attempts >= maxRecalls {
			next := reasons.RemedyRemoveByHandThenConfirm()
			if p.Receipt != nil && p.Receipt.URL != "" {
				next = reasons.RemedyRemoveUrlByHandThenConfirm(p.Receipt.URL)
			}
			p.Problem = dam.NewProblem(p.Problem.Class, p.Problem.Field, p.Problem.With(next))
			p.NextAt = nil
			return s.Planning.Move(ctx, tx, p, dam.PubManual, planning.Describe(p.Problem))
		}
		next := resume(e, now, p.Attempts+1)
		p.Owner, p.NextAt = "", &next
		return tx.Publications().SavePublication(ctx, p)
	})
}

// recallComment removes the first comment of a publication where it stays when its post is deleted.
func (s *Service) recallComment(ctx context.Context, k publishers.Kind, in publishers.Intent, r *dam.Receipt) error {
	c, ok := k.Publisher.(publishers.CommentRecaller)
	if !ok || r == nil || r.Comment == nil {
		return nil
	}
	_, err := within(ctx, prepareTimeout, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.RecallComment(ctx, in, *r)
	})
	return err
}

// proveGone asks the remote whether what was recalled is still there.
func (s *Service) proveGone(ctx context.Context, k publishers.Kind, in publishers.Intent, r *dam.Receipt) error {
	out, err := within(ctx, askTimeout, func(ctx context.Context) (publishers.Outcome, error) {
		return k.Publisher.Status(ctx, in, *r)
	})
	if err == nil && out.Verdict == publishers.Delivered {
		e := publishers.Retry(0, nil)
		e.Reason = reasons.RecallStillShown()
		return e
	}
	return nil // absent, or the channel can't say: its answer to the recall stands
}
