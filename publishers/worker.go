package publishers

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
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
	// refreshPolls bounds the wait for another node's refresh: ten seconds.
	refreshPolls = 100
	// renditionPoll is how often a plan looks for its renditions, should their event be missed.
	renditionPoll = 5 * time.Second
)

// errLost: another node has the publication, or it changed hands. Nothing may be written.
var errLost = errors.New("the lease is gone")

// flight is what is on its way to the remote: frozen when the commit is announced.
type flight struct {
	Revision int64   `json:"revision"`
	Digest   string  `json:"digest"`
	Content  Content `json:"content"`
}

// pause before attempt n (from 1): 1 s doubling up to an hour, with jitter.
func pause(n int) time.Duration {
	d := time.Hour
	if n < 13 {
		d = min(time.Second<<max(n-1, 0), d)
	}
	return d + time.Duration(rand.Int64N(int64(d)/4))
}

// work carries a leased row one step of the way: it ends with the row at rest or due again.
func (s *Service) work(ctx context.Context, row catalog.LedgerRow) {
	var err error
	switch row.State {
	case dam.PubLeased:
		err = s.send(ctx, row)
	case dam.PubUnknown:
		err = s.reconcile(ctx, row)
	case dam.PubRecalling:
		err = s.takeBack(ctx, row)
	case dam.PubDelivered:
		err = s.recheck(ctx, row)
	}
	if err != nil && !errors.Is(err, errLost) && ctx.Err() == nil {
		// The lease runs out, and the row is taken up again.
		s.Log.Error("publication stuck", "publication", row.ID, "state", row.State, "err", err)
	}
}

// held runs fn on the row under the locks of its asset and itself, if this worker
// still has the lease.
func (s *Service) held(ctx context.Context, row catalog.LedgerRow, fn func(tx *catalog.Tx, sc *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) error) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		sc, err := look(ctx, tx, row.Library, row.Asset)
		if err != nil {
			return err
		}
		p, err := tx.LockPublication(ctx, "", row.ID)
		if err != nil {
			return err
		}
		if p.Owner != s.Node || p.Token != row.Token {
			return errLost
		}
		ch, err := tx.Channel(ctx, "", p.Channel)
		if err != nil {
			return err
		}
		return fn(tx, &sc, ch, &p)
	})
}

// settle is held for outcomes: it insists, since what the remote did has to be
// written down, even while the program is stopping.
func (s *Service) settle(ctx context.Context, row catalog.LedgerRow, fn func(tx *catalog.Tx, sc *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	for {
		err := s.held(ctx, row, fn)
		if err == nil || errors.Is(err, errLost) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// intent is the publication as a channel sees it, without credentials.
func (s *Service) intent(sc *scene, ch catalog.ChannelRow, p *catalog.LedgerRow, c Content) Intent {
	in := Intent{ID: p.ID, Revision: p.Revision, Digest: c.digest(), Account: Account{Channel: ch.ID, Config: ch.Config}, CreatedAt: p.CreatedAt, Content: c, Limits: capabilities(ch), Locale: sc.library.Locale}
	if p.Committed != nil {
		in.CommittedAt = *p.Committed
	}
	in.Open = func(ctx context.Context, m Media) (io.ReadCloser, error) {
		return s.Store.Open(ctx, dam.RenditionKey(c.SHA256, m.Hash, m.Format))
	}
	in.Link = func(m Media) string {
		if s.PublicURL == "" {
			return ""
		}
		return strings.TrimRight(s.PublicURL, "/") + "/r/" + c.Asset + "/" + m.Hash + "/" + m.Preset + "." + m.Format.Ext()
	}
	return in
}

// send takes a leased publication through Prepare and Commit.
func (s *Service) send(ctx context.Context, row catalog.LedgerRow) error {
	var in Intent
	var k Kind
	ready := false
	err := s.held(ctx, row, func(tx *catalog.Tx, sc *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) (err error) {
		ready = false
		c, ok, err := s.admit(ctx, tx, sc, ch, p)
		if err != nil || !ok {
			return err
		}
		if k, ok = s.kinds[ch.Kind]; !ok {
			p.Problem = &dam.Problem{Class: string(ClassPermanent), Message: "this server does not know channels of kind " + ch.Kind, Remedy: "run a server that does"}
			p.NextAt = nil
			return s.move(ctx, tx, p, dam.PubFailed, p.Problem.Message)
		}
		if d := c.digest(); d != p.Digest {
			if p.Digest != "" {
				p.Revision++
			}
			p.Digest = d
		}
		in = s.intent(sc, ch, p, c)
		if list := k.Publisher.Validate(ctx, in); len(list) > 0 {
			p.Problem, p.NextAt = &list[0], nil
			return s.move(ctx, tx, p, dam.PubFailed, describe(p.Problem))
		}
		if in.Account, err = s.account(ch); err != nil {
			p.Problem, p.NextAt = &dam.Problem{Class: string(ClassDisconnected), Message: "the stored credentials can't be opened", Remedy: "enter them again"}, nil
			return s.move(ctx, tx, p, dam.PubFailed, p.Problem.Message)
		}
		p.Version = c.Version
		ready = true
		return s.move(ctx, tx, p, dam.PubPreparing, "")
	})
	if err != nil || !ready {
		return err
	}

	prepare := func() (State, error) {
		return within(ctx, prepareTimeout, func(ctx context.Context) (State, error) { return k.Publisher.Prepare(ctx, in, row.Progress) })
	}
	var state State
	if in.Account.expiring(s.now()) {
		err = AuthExpired(nil)
	} else {
		state, err = prepare()
	}
	if err != nil && classify(err, ClassRetry).Class == ClassAuthExpired {
		if err = s.refresh(ctx, row.Channel, in.Account); err == nil {
			if in.Account, err = s.current(ctx, row.Channel); err == nil {
				state, err = prepare()
			}
		}
	}
	if err != nil {
		if ctx.Err() != nil {
			return errLost // stopping, or the lease went: nothing irreversible happened
		}
		return s.refused(ctx, row, in.Account, classify(err, ClassRetry), state)
	}

	ready = false
	err = s.held(ctx, row, func(tx *catalog.Tx, sc *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		ready = false
		p.Progress = state
		c, ok, err := s.admit(ctx, tx, sc, ch, p)
		if err != nil || !ok {
			return err
		}
		now := s.now()
		if c.digest() != in.Digest || p.Revision != in.Revision || p.State != dam.PubPreparing || ch.Paused || ch.Health == dam.Reconnect {
			p.NextAt = &now
			if p.At.After(now) {
				p.NextAt = &p.At
			}
			return s.move(ctx, tx, p, dam.PubPlanned, "it changed while it was being prepared")
		}
		if limited(ch) {
			// The row of the channel makes nodes count one after the other.
			if ch, err = tx.LockChannel(ctx, "", ch.ID); err != nil {
				return err
			}
			n, from, err := s.room(ctx, tx.Conn, ch, 0, now)
			if err != nil {
				return err
			}
			if n == 0 {
				p.NextAt = &p.At // the queue keeps its order; claims wait for room
				return s.move(ctx, tx, p, dam.PubPlanned, "the account's limit leaves no room until "+from.Format(time.RFC3339))
			}
		}
		if previous, err := inFlight(p); err == nil && capabilities(ch).Idempotency == ByHandle && previous.Digest != in.Digest {
			p.Problem, p.NextAt = &dam.Problem{Class: string(ClassUnknown), Message: "it changed while nobody knew whether it had been delivered", Remedy: "look at the channel, then retry"}, nil
			return s.move(ctx, tx, p, dam.PubFailed, p.Problem.Message)
		}
		p.Flight, err = json.Marshal(flight{Revision: in.Revision, Digest: in.Digest, Content: c})
		if err != nil {
			return err
		}
		p.Committed = &now
		p.ApprovedBy = sc.version.DecidedBy
		in.CommittedAt = now
		ready = true
		return s.move(ctx, tx, p, dam.PubCommitting, "")
	})
	if err != nil || !ready {
		return err
	}

	r, err := within(ctx, commitTimeout, func(ctx context.Context) (Receipt, error) { return k.Publisher.Commit(ctx, in, state) })
	if err != nil {
		return s.refused(ctx, row, in.Account, classify(err, ClassUnknown), state)
	}
	if err := s.delivered(ctx, row, r); err != nil {
		return err
	}
	return s.comment(ctx, k, in)
}

// comment puts the first comment under a new post. That it is about to be sent is
// durable before the call, so that it is sent at most once.
func (s *Service) comment(ctx context.Context, k Kind, in Intent) error {
	c, ok := k.Publisher.(Commenter)
	if !ok || in.Content.FirstComment == "" {
		return nil
	}
	var r *dam.Receipt
	note := func(change func(p *catalog.LedgerRow) string) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
		defer cancel()
		return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			p, err := tx.LockPublication(ctx, "", in.ID)
			if err != nil || p.Receipt == nil {
				return err
			}
			text := change(&p)
			if text == "" {
				return nil
			}
			return tx.SaveStep(ctx, &p, text)
		})
	}
	if err := note(func(p *catalog.LedgerRow) string {
		if r = nil; p.State != dam.PubDelivered || p.Receipt.Comment != nil {
			return ""
		}
		p.Receipt.Comment = &dam.SentComment{At: s.now(), Text: in.Content.FirstComment}
		r = p.Receipt
		return "its first comment is being sent"
	}); err != nil || r == nil {
		return err
	}
	remote, err := within(ctx, commitTimeout, func(ctx context.Context) (string, error) { return c.Comment(ctx, in, *r) })
	return note(func(p *catalog.LedgerRow) string {
		if p.Receipt.Comment == nil {
			return ""
		}
		if err == nil {
			p.Receipt.Comment.Remote = remote
			return "its first comment is there"
		}
		s.Log.Warn("first comment", "publication", p.ID, "channel", p.Channel, "err", err)
		p.Receipt.Comment.Problem = classify(err, ClassUnknown).Message
		return "its first comment: " + p.Receipt.Comment.Problem
	})
}

func within[T any](ctx context.Context, d time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return call(ctx)
}

// admit is the gate inside the lease: what may be sent now, or false after the row
// has been put where it belongs.
func (s *Service) admit(ctx context.Context, tx *catalog.Tx, sc *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) (Content, bool, error) {
	now := s.now()
	if p.Withdrawn {
		return Content{}, false, s.dismiss(ctx, tx, ch, p, p.Reason)
	}
	v := sc.gate(ch, now)
	if v.refused != nil {
		p.Problem = v.refused
		return Content{}, false, s.dismiss(ctx, tx, ch, p, v.refused.Message)
	}
	if !v.from.IsZero() {
		from := v.from.UTC()
		p.NextAt = &from
		return Content{}, false, s.move(ctx, tx, p, dam.PubPlanned, "the rights begin on "+string(sc.asset.Rights.From))
	}
	if p.Held {
		p.NextAt = &p.At
		return Content{}, false, s.move(ctx, tx, p, dam.PubPlanned, "its campaign is held")
	}
	if p.State == dam.PubLeased {
		if settled, err := s.missed(ctx, tx, ch, p, now); settled || err != nil {
			return Content{}, false, err
		}
	}
	c, ready, problem := sc.content(ch, &p.Publication)
	if !ready {
		if err := s.order(ctx, tx, sc); err != nil {
			return c, false, err
		}
		next := now.Add(renditionPoll)
		p.NextAt = &next
		return c, false, s.move(ctx, tx, p, dam.PubPlanned, "its renditions are being made")
	}
	if problem != nil {
		p.Problem, p.NextAt = problem, nil
		return c, false, s.move(ctx, tx, p, dam.PubFailed, describe(problem))
	}
	return c, true, nil
}

// dismiss ends a publication that may not be sent: what is out there is taken
// back, a person's plan fails with the reason, a rule's is cancelled.
func (s *Service) dismiss(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow, p *catalog.LedgerRow, reason string) error {
	caps := capabilities(ch)
	withdrawn := p.Withdrawn
	p.Reason = reason
	if p.Receipt != nil || caps.Residue && p.Progress != nil || caps.Residue && p.State == dam.PubLeased && p.Token > 1 {
		p.Withdrawn = true
		return s.startRecall(ctx, tx, p, reason)
	}
	p.NextAt = nil
	if p.Origin == "hand" && !withdrawn {
		return s.move(ctx, tx, p, dam.PubFailed, reason)
	}
	p.Withdrawn = true
	return s.move(ctx, tx, p, dam.PubCancelled, reason)
}

// refused writes down what an error of Prepare or Commit means.
func (s *Service) refused(ctx context.Context, row catalog.LedgerRow, used Account, e *Error, state State) error {
	s.Log.Warn("publication refused", "publication", row.ID, "channel", row.Channel, "class", e.Class, "err", e)
	refreshed := false
	if e.Class == ClassAuthExpired {
		if err := s.refresh(ctx, row.Channel, used); err != nil {
			e = classify(err, ClassRetry)
		} else {
			e, refreshed = Retry(0, e), true
		}
	}
	return s.settle(ctx, row, func(tx *catalog.Tx, _ *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		now := s.now()
		if state != nil {
			p.Progress = state
		}
		p.Problem = e.problem()
		if e.Class == ClassUnknown && p.State == dam.PubCommitting {
			next := now.Add(time.Second)
			p.Owner, p.NextAt, p.Attempts = "", &next, 0
			return s.move(ctx, tx, p, dam.PubUnknown, describe(p.Problem))
		}
		p.Flight, p.Committed = nil, nil // the remote accepted nothing
		if err := s.incident(ctx, tx, ch, e, p.Attempts); err != nil {
			return err
		}
		if p.Withdrawn {
			return s.dismiss(ctx, tx, ch, p, p.Reason)
		}
		p.Attempts++
		if e.Class == ClassPermanent || p.Attempts >= maxAttempts && e.Class == ClassRetry {
			p.NextAt = nil
			return s.move(ctx, tx, p, dam.PubFailed, describe(p.Problem))
		}
		next := now
		switch e.Class {
		case ClassThrottled:
			next = e.Until
			if next.Before(now.Add(time.Second)) { // no date: the ledger's own pause
				next = now.Add(max(pause(p.Attempts), 30*time.Second))
			}
			p.Attempts--
			if err := tx.HoldChannel(ctx, ch.ID, next); err != nil {
				return err
			}
		case ClassRetry, ClassUnknown:
			next = now.Add(max(e.After, pause(p.Attempts)))
			if refreshed && p.Attempts == 1 {
				next = now
			}
		}
		p.NextAt = &next
		return s.move(ctx, tx, p, dam.PubPlanned, describe(p.Problem))
	})
}

// incident keeps the channel's health: one event when it changes, none while it lasts.
func (s *Service) incident(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow, e *Error, attempts int) error {
	health, note := ch.Health, ch.HealthNote
	switch {
	case e == nil:
		health, note = dam.Healthy, ""
	case e.Class == ClassDisconnected:
		health, note = dam.Reconnect, e.Message
	case e.Class == ClassRetry && attempts >= 2 && health == dam.Healthy:
		health, note = dam.Degraded, "the last attempts failed; they are being repeated"
	}
	if health == ch.Health {
		return nil
	}
	if news, err := tx.SetChannelHealth(ctx, ch.ID, health, note); err != nil || !news {
		return err
	}
	ch.Health, ch.HealthNote = health, note
	emitChannel(tx, dam.ChannelUpdated, ch)
	if s.Notify == nil || health == dam.Healthy {
		return nil
	}
	return s.Notify.Incident(ctx, tx, ch.Channel)
}

// delivered writes the receipt of what was in flight.
func (s *Service) delivered(ctx context.Context, row catalog.LedgerRow, r Receipt) error {
	return s.settle(ctx, row, func(tx *catalog.Tx, sc *scene, ch catalog.ChannelRow, p *catalog.LedgerRow) error {
		now := s.now()
		f, err := inFlight(p)
		if err != nil {
			return err
		}
		before := p.Receipt
		p.Receipt = &dam.Receipt{Remote: r.Remote, URL: r.URL, At: now, Version: f.Content.Version, Media: []dam.SentMedia{}, Caption: f.Content.Text, Data: r.Data}
		for _, m := range f.Content.Media {
			p.Receipt.Media = append(p.Receipt.Media, dam.SentMedia{Preset: m.Preset, Format: m.Format, SHA256: m.SHA256, Size: m.Size})
		}
		if before != nil {
			p.Receipt.Comment = before.Comment
		}
		p.Version, p.Sent = f.Content.Version, f.Revision
		p.Flight, p.Problem, p.Attempts, p.Progress = nil, nil, 0, nil
		if r.Quota != nil {
			if err := tx.SetQuota(ctx, ch.ID, &catalog.Quota{Left: r.Quota.Left, At: now, Until: r.Quota.Until}); err != nil {
				return err
			}
		}
		p.NextAt = end(sc.gate(ch, now))
		if err := s.incident(ctx, tx, ch, nil, 0); err != nil {
			return err
		}
		if err := s.move(ctx, tx, p, dam.PubDelivered, r.URL); err != nil {
			return err
		}
		switch v := sc.gate(ch, now); {
		case p.Withdrawn:
			return s.withdraw(ctx, tx, ch, p, p.Reason)
		case v.refused != nil: // closed while the call was under way
			return s.withdraw(ctx, tx, ch, p, v.refused.Message)
		case p.Revision > f.Revision && capabilities(ch).Update:
			return s.replan(ctx, tx, p, now, "it changed while it was being sent")
		}
		return nil
	})
}

func inFlight(p *catalog.LedgerRow) (f flight, err error) {
	if p.Flight == nil {
		return f, errors.New("nothing is in flight")
	}
	return f, json.Unmarshal(p.Flight, &f)
}
