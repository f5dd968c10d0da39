package planning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// holdIrrevocable is how long a rule waits before it sends to a channel that
// can't take anything back: time for a second thought.
const holdIrrevocable = 30 * time.Second

// eventFor names the event of a state; states in between are not told.
var eventFor = map[dam.PublicationState]dam.EventType{
	dam.PubPlanned: dam.PublicationEventPlanned, dam.PubDelivered: dam.PublicationEventDelivered,
	dam.PubFailed: dam.PublicationEventFailed, dam.PubUnconfirmed: dam.PublicationEventUnconfirmed,
	dam.PubRecalling: dam.PublicationEventRecalling, dam.PubRecalled: dam.PublicationEventRecalled,
	dam.PubManual: dam.PublicationEventManual, dam.PubCancelled: dam.PublicationEventCancelled,
}

func emit(tx *catalog.Tx, p *catalog.LedgerRow) {
	t, ok := eventFor[p.State]
	if !ok {
		return
	}
	d := map[string]any{"channel": p.Channel, "state": p.State, "revision": p.Revision, "version": p.Version}
	if p.Receipt != nil && p.Receipt.URL != "" {
		d["url"] = p.Receipt.URL
	}
	data, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain data always marshals
	}
	tx.Emit(dam.Event{Library: p.Library, Type: t, Subject: p.ID, Asset: p.Asset, Data: data})
}

// Move takes a locked row to another state, writes the ledger's line and tells the
// log. The lease ends, unless the worker goes on with it.
func (s *Service) Move(ctx context.Context, tx *catalog.Tx, p *catalog.LedgerRow, to dam.PublicationState,
	why reasons.Reason) error {
	if !p.State.May(to) {
		return fmt.Errorf("publication %s: %s can't become %s", p.ID, p.State, to)
	}
	p.State = to
	if to != dam.PubPreparing && to != dam.PubCommitting && to != dam.PubUnknown {
		p.Owner = ""
	}
	emit(tx, p)
	return tx.Publications().SaveStep(ctx, p, why)
}

// Replan makes a changed publication due at an instant. A worker that has it
// already notices the new revision before it commits.
func (s *Service) Replan(ctx context.Context, tx *catalog.Tx, p *catalog.LedgerRow, at time.Time,
	why reasons.Reason) error {
	switch p.State {
	case dam.PubPlanned:
		p.NextAt = &at
		emit(tx, p)
		return tx.Publications().SaveStep(ctx, p, why)
	case dam.PubLeased, dam.PubPreparing:
		return tx.Publications().SaveStep(ctx, p, why)
	}
	p.NextAt = &at
	return s.Move(ctx, tx, p, dam.PubPlanned, why)
}

// Withdraw takes a locked, open publication back by the shortest safe way. What a
// worker has in hand is only marked: the worker, or who takes over from it, does
// the rest.
func (s *Service) Withdraw(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow, p *catalog.LedgerRow,
	why reasons.Reason) error {
	caps := Capabilities(ch)
	news := !p.Withdrawn
	p.Withdrawn = true
	p.Because(why)
	out := p.Receipt != nil || caps.PublicStaging && p.Progress != nil
	switch p.State {
	case dam.PubPlanned, dam.PubFailed:
		if !out {
			p.NextAt = nil
			return s.Move(ctx, tx, p, dam.PubCancelled, why)
		}
		return s.StartRecall(ctx, tx, p, why)
	case dam.PubDelivered:
		return s.StartRecall(ctx, tx, p, why)
	case dam.PubUnconfirmed:
		if proposed(&p.Publication) {
			p.NextAt = nil
			return s.Move(ctx, tx, p, dam.PubCancelled, why)
		}
		if out || caps.Idempotency == publishers.Durable {
			return s.StartRecall(ctx, tx, p, why)
		}
	case dam.PubLeased, dam.PubPreparing, dam.PubCommitting, dam.PubUnknown:
		if !news {
			return tx.Publications().SavePublication(ctx, p)
		}
		return tx.Publications().SaveStep(ctx, p, reasons.ToBeTakenBack(why))
	}
	return tx.Publications().SavePublication(ctx, p)
}

// StartRecall makes a publication one that the ledger takes back.
func (s *Service) StartRecall(ctx context.Context, tx *catalog.Tx, p *catalog.LedgerRow,
	why reasons.Reason) error {
	now := s.now()
	p.NextAt, p.Attempts, p.Problem = &now, 0, nil
	return s.Move(ctx, tx, p, dam.PubRecalling, why)
}

// consider brings the plans of one asset in line with the catalogue.
func (s *Service) consider(ctx context.Context, tx *catalog.Tx, channels []catalog.ChannelRow, rules matches, library,
	asset string) error {
	sc, err := readAround(ctx, tx, library, asset)
	if err != nil {
		return err
	}
	rows, err := tx.Publications().LockPublicationsOf(ctx, asset)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		if ch.Library != library {
			continue
		}
		byHand, again, due := sc.takenBack(ch, rows)
		if due && len(byHand) > 0 {
			switch became, err := s.bringBack(ctx, tx, &sc, ch, byHand); {
			case err != nil:
				return err
			case became != nothingReturns: // the rule would post beside it
				continue
			}
		}
		matches, known := rules.of(ch, asset)
		taken := false
		for i := range rows {
			p := &rows[i]
			if p.Channel != ch.ID {
				continue
			}
			if taken = taken || !s.free(ch, p, &sc); p.State.Closed() {
				continue
			}
			whole, err := sc.Of(ctx, tx, &p.Publication)
			if err != nil {
				return err
			}
			if err := s.revisit(ctx, tx, whole, ch, p, matches || !known); err != nil {
				return err
			}
		}
		if matches && !taken && ch.Rule.Enabled && !sc.gone {
			same, err := unchanged(ctx, tx, ch)
			if err != nil {
				return err
			}
			if !same {
				continue
			}
			if err := s.planByRule(ctx, tx, &sc, ch, again); err != nil {
				return err
			}
		}
	}
	return nil
}

// unchanged reports whether a channel still has the rule that it was read with, after what may have waited for others.
func unchanged(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow) (bool, error) {
	now, err := tx.Channels().Channel(ctx, ch.Library, ch.ID)
	return err == nil && !now.Rule.Differs(ch.Rule), err
}

// free reports whether a publication leaves room for another one by rule: it is
// over, and no person wanted it gone since the asset was last approved.
func (s *Service) free(_ catalog.ChannelRow, p *catalog.LedgerRow, sc *Snapshot) bool {
	if !p.State.Closed() {
		return false
	}
	return !p.ByHand || sc.Version.ApprovedAt != nil && sc.Version.ApprovedAt.After(p.UpdatedAt)
}

// revisit holds one open publication against the catalogue as it is now.
func (s *Service) revisit(ctx context.Context, tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
	p *catalog.LedgerRow, matches bool) error {
	now := s.now()
	if p.Withdrawn || p.State == dam.PubRecalling || p.State == dam.PubManual {
		return nil
	}
	if gone, err := s.watch(ctx, tx, sc, ch, p); gone || err != nil {
		return err
	}
	due := now
	if p.State == dam.PubPlanned && p.At.After(now) {
		due = p.At
	}
	v := sc.Decide(ch, due)
	if v.Refused != nil {
		if p.Receipt != nil { // what is out may stay until its own time; what is planned meets the gate at its
			return tx.Publications().SavePublication(ctx, p)
		}
		return s.Withdraw(ctx, tx, ch, p, v.Refused.Reason)
	}
	if p.Origin == "rule" && ch.Rule.Enabled && !matches {
		// The plan may come from a rule saved since this one was held against the asset.
		if same, err := unchanged(ctx, tx, ch); err != nil || !same {
			return err
		}
		return s.Withdraw(ctx, tx, ch, p, reasons.RuleNoLongerMatches())
	}
	caps := Capabilities(ch)
	if p.Origin == "rule" && ch.Rule.Enabled {
		p.Presets = ch.Rule.Presets
	}
	c, ready, _ := sc.Content(ch, &p.Publication)
	changed := ready && c.Digest() != p.Digest
	if changed {
		p.Revision++
		p.Digest = c.Digest()
	}
	switch p.State {
	case dam.PubPlanned:
		if v.From.After(due) {
			due = v.From
		}
		if !changed && p.NextAt != nil && !p.NextAt.After(due) {
			if p.Receipt == nil {
				return nil
			}
			return tx.Publications().SavePublication(ctx, p)
		}
		if changed {
			p.Version = c.Version
		}
		return s.Replan(ctx, tx, p, due, reasons.PlanFollowsAsset())
	case dam.PubDelivered:
		if changed && caps.Update {
			return s.Replan(ctx, tx, p, now, reasons.AssetChanged())
		}
		p.NextAt = WindowEnd(v)
	case dam.PubFailed:
		if changed && p.Origin == "rule" {
			p.Attempts, p.Problem = 0, nil
			return s.Replan(ctx, tx, p, now, reasons.AssetChanged())
		}
	}
	return tx.Publications().SavePublication(ctx, p)
}

// watch holds what a publication shows against the rights as they are now, whatever is planned for later, and takes it
// back if they don't allow it.
func (s *Service) watch(ctx context.Context, tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
	p *catalog.LedgerRow) (gone bool, err error) {
	if p.Receipt == nil || p.Receipt.Gone != nil {
		return false, nil
	}
	v := sc.Decide(ch, s.now())
	p.Watch = WindowEnd(v)
	switch {
	case v.Refused != nil:
		return true, s.Withdraw(ctx, tx, ch, p, v.Refused.Reason)
	case !v.From.IsZero():
		return true, s.Withdraw(ctx, tx, ch, p, reasons.RightsNotBegun(v.Begins))
	}
	return false, nil
}

// watchEnd notes when what is shown ends, for a publication that is about to be planned anew: the end holds also if the
// new version is never sent.
func (s *Service) watchEnd(sc *Snapshot, ch catalog.ChannelRow, p *catalog.LedgerRow) {
	if p.Receipt != nil && p.Receipt.Gone == nil {
		p.Watch = WindowEnd(sc.Decide(ch, s.now()))
	}
}

// watchAgain is when what could not be looked at is looked at again.
const watchAgain = time.Minute

// WatchShown takes back what is shown and may not be any longer, of publications that are to be sent again, failed or
// are a question. Those that are delivered have their turn in the queue. It returns when there is more to look at.
func (s *Service) WatchShown(ctx context.Context) (next *time.Time, err error) {
	ctx = catalog.WithoutIdempotencyKey(dam.AsSystem(ctx, "whoever ended the rights, the server takes it back"))
	for {
		var due []string
		if due, next, err = s.Catalog.Publications().Watched(ctx, s.now(), askBatch); err != nil || len(due) == 0 {
			return next, err
		}
		var failed error
		for _, id := range due {
			if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return s.watchOne(ctx, tx, id) }); err != nil {
				failed = errors.Join(failed, fmt.Errorf("publication %s: %w", id, err))
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if failed != nil { // one that can't be read keeps nobody else's from being sent
			s.Log.Error("what is shown is not looked at", "err", failed)
			again := s.now().Add(watchAgain)
			return &again, nil
		}
	}
}

func (s *Service) watchOne(ctx context.Context, tx *catalog.Tx, id string) error {
	seen, err := tx.Publications().Publication(ctx, "", id)
	if err != nil {
		return err
	}
	sc, err := readPost(ctx, tx, &seen.Publication)
	if err != nil {
		return err
	}
	p, err := tx.Publications().LockPublication(ctx, "", id)
	if err != nil || p.Watch == nil || p.Watch.After(s.now()) || p.State == dam.PubDelivered {
		return err // somebody was first
	}
	ch, err := tx.Channels().Channel(ctx, "", p.Channel)
	if err != nil {
		return err
	}
	if gone, err := s.watch(ctx, tx, sc, ch, &p); gone || err != nil {
		return err
	}
	return tx.Publications().SavePublication(ctx, &p)
}

// planByRule plans what a rule calls for; what can't be sent yet is left for the event that makes it so. again says
// that the rule had published it before a recall.
func (s *Service) planByRule(ctx context.Context, tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
	again bool) error {
	due := s.now()
	v := sc.Decide(ch, due)
	if v.Refused != nil {
		return nil
	}
	caps := Capabilities(ch)
	c, ready, _ := sc.Content(ch, &dam.Publication{Presets: ch.Rule.Presets})
	if !ready {
		return s.OrderRenditions(ctx, tx, sc) // their event brings us back here
	}
	if !caps.Recall {
		due = due.Add(holdIrrevocable)
	}
	if v.From.After(due) {
		due = v.From
	}
	p := catalog.LedgerRow{Publication: dam.Publication{ID: dam.NewID(dam.PublicationPrefix), Library: ch.Library,
		Channel: ch.ID, Asset: sc.Asset.ID, Version: c.Version, Revision: 1,
		State: dam.PubPlanned, Origin: "rule", Presets: ch.Rule.Presets, At: due, Zone: sc.Library.Zone, NextAt: &due},
		Digest: c.Digest()}
	if again {
		return s.planAgain(ctx, tx, ch, &p)
	}
	why := reasons.PlannedByRule()
	if e, err := s.inherited(ctx, tx, sc, ch); err != nil {
		return err
	} else if e != nil {
		p.State, p.NextAt, p.Problem = dam.PubUnconfirmed, nil, restored(e.Reason, e.BackupAt)
		why = p.Problem.Reason
	}
	if err := tx.Publications().InsertPublication(ctx, &p, why); err != nil {
		return err
	}
	emit(tx, &p)
	return nil
}

// WindowEnd is when a delivered publication has to be looked at again: when the rights end.
func WindowEnd(v Decision) *time.Time {
	if v.until.IsZero() {
		return nil
	}
	u := v.until.UTC()
	return &u
}

// Dismiss ends a publication that may not be sent: what is out there is taken
// back, a person's plan fails with the reason, a rule's is cancelled.
func (s *Service) Dismiss(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow, p *catalog.LedgerRow,
	why reasons.Reason) error {
	caps := Capabilities(ch)
	withdrawn := p.Withdrawn
	p.Because(why)
	if p.Receipt != nil || caps.PublicStaging && p.Progress != nil || caps.PublicStaging && p.State == dam.PubLeased &&
		p.Token > 1 {
		p.Withdrawn = true
		return s.StartRecall(ctx, tx, p, why)
	}
	p.NextAt = nil
	if p.Origin == "hand" && !withdrawn {
		return s.Move(ctx, tx, p, dam.PubFailed, why)
	}
	p.Withdrawn = true
	return s.Move(ctx, tx, p, dam.PubCancelled, why)
}
