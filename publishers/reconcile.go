package publishers

import (
	"context"
	"maps"
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

// refresh renews a channel's credentials, on one node at a time, unless they have
// been renewed since the used ones were read. Empty values never overwrite stored ones.
func (s *Service) refresh(ctx context.Context, channel string, used Account) error {
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil || hold != nil {
		if err != nil {
			return err
		}
		return &Error{Class: ClassRetry, Message: "the access has expired, and is not renewed while " + heldNote, Remedy: "release the hold, or connect the channel again"}
	}
	for range refreshPolls {
		a, err := s.current(ctx, channel)
		if err != nil || !maps.Equal(a.Secrets, used.Secrets) {
			return err
		}
		var until time.Time
		mine := false
		if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
			now := s.now()
			until = now.Add(s.Lease)
			mine, err = tx.Channels().ClaimRefresh(ctx, channel, now, until)
			return err
		}); err != nil {
			return err
		}
		if mine {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			return s.refreshClaimed(ctx, channel, used, s.claiming(ctx, cancel, channel, until))
		}
		select { // somebody else is at it
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return Retry(2*time.Second, nil)
}

// claiming extends the claim on a refresh while it lasts, so that a dead node's ends with
// its leases. It calls lost when another node has it; end stops it and tells until when
// the claim is.
func (s *Service) claiming(ctx context.Context, lost func(), channel string, until time.Time) (end func() time.Time) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(s.Lease / 4)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			to, held := s.now().Add(s.Lease), false
			if err := dam.Protect("a claim", func() error {
				return s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
					held, err = tx.Channels().ExtendRefresh(ctx, channel, until, to)
					return err
				})
			}); err != nil {
				continue // it may still be ours; the next try tells
			}
			if !held {
				lost()
				return
			}
			until = to
		}
	}()
	return func() time.Time {
		close(stop)
		<-done
		return until
	}
}

func (s *Service) refreshClaimed(ctx context.Context, channel string, used Account, end func() time.Time) error {
	sealed := map[string]string{}
	err := func() error {
		ch, err := s.Catalog.Channels().Channel(ctx, "", channel)
		if err != nil {
			return err
		}
		a, err := s.account(ch)
		if err != nil || !maps.Equal(a.Secrets, used.Secrets) {
			return err
		}
		k, ok := s.kinds[ch.Kind]
		if !ok {
			return Disconnected("this server does not know channels of kind "+ch.Kind, nil)
		}
		fresh, err := within(ctx, askTimeout, func(ctx context.Context) (map[string]string, error) {
			if k.OAuth != nil && !k.OAuth.OwnRefresh {
				return k.OAuth.refresh(ctx, a, s.now())
			}
			return k.Publisher.Refresh(ctx, a)
		})
		for name, v := range fresh {
			if v != "" {
				sealed[name] = s.Secrets.Seal([]byte(v), purpose(channel, name))
			}
		}
		return err
	}()
	until := end()
	writeErr := s.Catalog.Write(context.WithoutCancel(ctx), func(tx *catalog.Tx) error {
		if err == nil && len(sealed) > 0 {
			if err := tx.Channels().SetSecrets(ctx, channel, sealed); err != nil {
				return err
			}
		}
		return tx.Channels().ReleaseRefresh(ctx, channel, until)
	})
	if err == nil {
		err = writeErr
	}
	return err
}

// current opens a channel's credentials as they are now.
func (s *Service) current(ctx context.Context, channel string) (Account, error) {
	ch, err := s.Catalog.Channels().Channel(ctx, "", channel)
	if err != nil {
		return Account{}, err
	}
	return s.account(ch)
}

// reseal seals again, with the newest key, the credentials that an older one sealed.
func (s *Service) reseal(ctx context.Context) error {
	channels, err := s.Catalog.Channels().List(ctx, "")
	if err != nil {
		return err
	}
	for _, ch := range channels {
		fresh := map[string]string{}
		for name, sealed := range ch.Sealed {
			plain, stale, err := s.Secrets.Open(sealed, purpose(ch.ID, name))
			if err != nil {
				s.Log.Error("a channel's credentials can't be opened", "channel", ch.ID, "secret", name, "err", err)
			} else if stale {
				fresh[name] = s.Secrets.Seal(plain, purpose(ch.ID, name))
			}
		}
		if len(fresh) == 0 {
			continue
		}
		if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.Channels().SetSecrets(ctx, ch.ID, fresh) }); err != nil {
			return err
		}
	}
	return nil
}
