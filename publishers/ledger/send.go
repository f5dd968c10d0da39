package ledger

import (
	"context"
	"encoding/json"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/planning"
)

// fresh is how long what was known of a channel when a publication was admitted is believed.
const fresh = time.Second

// parcel is a publication that passed the gate, on its way to its channel.
type delivery struct {
	row    catalog.LedgerRow
	in     publishers.Intent
	kind   publishers.Kind
	ready  bool
	passed time.Time // by the wall
}

// admission is the first change of a leased publication: the gate, the channel's own
// rules, and preparing. The parcel is ready when it may go on.
func (s *Service) admission(x *delivery) change {
	return func(ctx context.Context, tx *catalog.Tx, sc *planning.Snapshot, ch catalog.ChannelRow,
		p *catalog.LedgerRow) error {
		x.ready, x.passed = false, time.Now()
		if sc.Hold != nil {
			p.NextAt = &p.At
			return s.Planning.Move(ctx, tx, p, dam.PubPlanned, reasons.WaitsForRelease())
		}
		if resting(ch, s.now()) || sc.Library.ArchivedAt != nil {
			p.NextAt = &p.At // the queue keeps its order
			return s.Planning.Move(ctx, tx, p, dam.PubPlanned, reasons.ChannelHasToRest())
		}
		c, ok, err := s.passGate(ctx, tx, sc, ch, p)
		if err != nil || !ok {
			return err
		}
		fail := func(problem dam.Problem) error {
			p.Problem, p.NextAt = &problem, nil
			return s.Planning.Move(ctx, tx, p, dam.PubFailed, planning.Describe(p.Problem))
		}
		if x.kind, ok = s.kinds[ch.Kind]; !ok {
			return fail(*dam.NewProblem(string(publishers.ClassPermanent), "", reasons.ChannelKindNotServed(ch.Kind)))
		}
		if d := c.Digest(); d != p.Digest {
			if p.Digest != "" {
				p.Revision++
			}
			p.Digest = d
		}
		x.in = s.Planning.Intent(sc, ch, p, c)
		if problem := x.kind.CheckFiles(c); problem != nil {
			return fail(*problem)
		}
		if list := x.kind.Publisher.Validate(ctx, x.in); len(list) > 0 {
			return fail(list[0])
		}
		if x.in.Account, err = s.Accounts.Account(ch); err != nil {
			return fail(*dam.NewProblem(string(publishers.ClassDisconnected), "", reasons.CredentialsNotOpenable()))
		}
		p.Version = c.Version
		x.ready = true
		return s.Planning.Move(ctx, tx, p, dam.PubPreparing, reasons.Reason{})
	}
}

// send takes an admitted publication through Prepare and Commit. It reports whether
// the channel's account has to rest, so that nothing else may be sent to it now.
func (s *Service) send(ctx context.Context, x *delivery) (rest bool, err error) {
	row, k := x.row, x.kind
	if time.Since(x.passed) > fresh { // it has waited for a hand
		ch, err := s.Catalog.Channels().Channel(ctx, "", row.Channel)
		if err != nil {
			return false, err
		}
		if resting(ch, s.now()) {
			s.requeue(ctx, []catalog.LedgerRow{row}, reasons.ChannelHasToRest())
			return true, nil
		}
	}
	prepare := func() (publishers.State, error) {
		in := x.in
		in.Keep = func(ctx context.Context, state publishers.State) error {
			err := s.whileLeased(ctx, row, func(ctx context.Context, tx *catalog.Tx, _ *planning.Snapshot,
				_ catalog.ChannelRow, p *catalog.LedgerRow) error {
				p.Progress = state
				return tx.Publications().SavePublication(ctx, p)
			})
			if err == nil {
				row.Progress = state
			}
			return err
		}
		return within(ctx, prepareTimeout, func(ctx context.Context) (publishers.State, error) {
			return k.Publisher.Prepare(ctx, in, row.Progress)
		})
	}
	var state publishers.State
	var how refusal
	if x.in.Account.Expiring(s.now()) {
		err = publishers.AuthExpired(nil)
	} else {
		state, err = prepare()
		how.working = true
	}
	if err != nil && publishers.Classify(err, publishers.ClassRetry).Class == publishers.ClassAuthExpired {
		how.working = false
		if err = s.Accounts.Refresh(ctx, row.Channel, x.in.Account); err == nil {
			if x.in.Account, err = s.Accounts.Current(ctx, row.Channel); err == nil {
				state, err = prepare()
				how = refusal{renewed: true, working: true}
			}
		}
	}
	if err != nil {
		if ctx.Err() != nil {
			return false, errLost // stopping, or the lease went: nothing irreversible happened
		}
		return s.refused(ctx, row, x.in.Account, publishers.Classify(err, publishers.ClassRetry), state,
			how)
	}

	ready := false
	err = s.whileLeased(ctx, row, s.announcement(x, state, &ready))
	if err != nil || !ready {
		return false, err
	}
	r, err := within(ctx, commitTimeout, func(ctx context.Context) (publishers.Receipt, error) {
		return k.Publisher.Commit(ctx, x.in, state)
	})
	if err != nil {
		return s.refused(ctx, row, x.in.Account, publishers.Classify(err, publishers.ClassUnknown), state,
			refusal{})
	}
	if err := s.delivered(ctx, row, r); err != nil {
		return false, err
	}
	return false, s.comment(ctx, k, x.in)
}

// announcement is the change before the irreversible call: the gate again, and that
// nothing changed since Prepare. ready is set when the call may be made.
func (s *Service) announcement(x *delivery, state publishers.State, ready *bool) change {
	return func(ctx context.Context, tx *catalog.Tx, sc *planning.Snapshot, ch catalog.ChannelRow,
		p *catalog.LedgerRow) error {
		*ready = false
		p.Progress = state
		c, ok, err := s.passGate(ctx, tx, sc, ch, p)
		if err != nil || !ok {
			return err
		}
		now, in := s.now(), &x.in
		if sc.Hold != nil {
			p.NextAt = &p.At
			return s.Planning.Move(ctx, tx, p, dam.PubPlanned, reasons.WaitsForRelease())
		}
		if resting(ch, now) || sc.Library.ArchivedAt != nil {
			p.NextAt = &p.At
			return s.Planning.Move(ctx, tx, p, dam.PubPlanned, reasons.ChannelHasToRest())
		}
		if c.Digest() != in.Digest || p.Revision != in.Revision || p.State != dam.PubPreparing {
			p.NextAt = &now
			if p.At.After(now) {
				p.NextAt = &p.At
			}
			return s.Planning.Move(ctx, tx, p, dam.PubPlanned, reasons.ChangedWhilePrepared())
		}
		if planning.Limited(ch) {
			// The row of the channel makes nodes count one after the other.
			if ch, err = tx.Channels().LockChannel(ctx, "", ch.ID); err != nil {
				return err
			}
			n, from, err := s.Planning.Room(ctx, tx.Conn, ch, 0, now)
			if err != nil {
				return err
			}
			if n == 0 {
				p.NextAt = &p.At // the queue keeps its order; claims wait for room
				return s.Planning.Move(ctx, tx, p, dam.PubPlanned, reasons.AccountLimitUntil(from))
			}
		}
		if previous, err := inFlightPayload(p); err == nil &&
			planning.Capabilities(ch).Idempotency == publishers.ByHandle && previous.Digest != in.Digest {
			p.Problem, p.NextAt = dam.NewProblem(string(publishers.ClassUnknown), "",
				reasons.ChangedWhileUnknown()), nil
			return s.Planning.Move(ctx, tx, p, dam.PubFailed, p.Problem.Reason)
		}
		p.Payload, err = json.Marshal(payload{Revision: in.Revision, Digest: in.Digest, Content: c})
		if err != nil {
			return err
		}
		p.Committed = &now
		p.ApprovedBy = sc.Version.DecidedBy
		in.CommittedAt = now
		*ready = true
		return s.Planning.Move(ctx, tx, p, dam.PubCommitting, reasons.Reason{})
	}
}

// resting tells whether nothing may be sent to a channel now.
func resting(ch catalog.ChannelRow, now time.Time) bool {
	return ch.Paused || ch.Health == dam.Reconnect || ch.HeldUntil != nil && ch.HeldUntil.After(now)
}

// comment puts the first comment under a new post. That it is about to be sent is
// durable before the call, so that it is sent at most once.
func (s *Service) comment(ctx context.Context, k publishers.Kind, in publishers.Intent) error {
	c, ok := k.Publisher.(publishers.Commenter)
	if !ok || in.Content.FirstComment == "" {
		return nil
	}
	var r *dam.Receipt
	note := func(change func(p *catalog.LedgerRow, hold *dam.Hold) reasons.Reason) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
		defer cancel()
		return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			p, err := tx.Publications().LockPublication(ctx, "", in.ID)
			if err != nil || p.Receipt == nil {
				return err
			}
			hold, err := tx.Epochs().Hold(ctx)
			if err != nil {
				return err
			}
			why := change(&p, hold)
			if why.IsZero() {
				return nil
			}
			return tx.Publications().SaveStep(ctx, &p, why)
		})
	}
	if err := note(func(p *catalog.LedgerRow, hold *dam.Hold) reasons.Reason {
		if r = nil; p.State != dam.PubDelivered || p.Receipt.Comment != nil {
			return reasons.Reason{}
		}
		if hold != nil {
			p.Receipt.Comment = &dam.SentComment{At: s.now(), Text: in.Content.FirstComment}
			p.Receipt.Comment.Fail(reasons.CommentMaybeThere(hold.Why()))
			return reasons.CommentNotSent()
		}
		p.Receipt.Comment = &dam.SentComment{At: s.now(), Text: in.Content.FirstComment}
		r = p.Receipt
		return reasons.CommentBeingSent()
	}); err != nil || r == nil {
		return err
	}
	remote, err := within(ctx, commitTimeout, func(ctx context.Context) (string, error) {
		return c.Comment(ctx, in, *r)
	})
	return note(func(p *catalog.LedgerRow, _ *dam.Hold) reasons.Reason {
		if p.Receipt.Comment == nil {
			return reasons.Reason{}
		}
		if err == nil {
			p.Receipt.Comment.Remote = remote
			return reasons.CommentThere()
		}
		s.Log.Warn("first comment", "publication", p.ID, "channel", p.Channel, "err", err)
		why := publishers.Classify(err, publishers.ClassUnknown).Reason
		p.Receipt.Comment.Fail(why)
		return reasons.CommentFailed(why)
	})
}
