package planning

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// What a recall of an asset took back comes back once the recall is over: the asset was reinstated, or approved again.
// Where sending the same twice makes no second post it is planned again; elsewhere a new post is proposed, which goes
// out only after somebody says so.

// ProblemReinstated is the class of the problem of a publication that is proposed after a recall.
const ProblemReinstated = string(publishers.ClassReinstated)

// proposal is the question about a post that is not made by itself.
func proposal() *dam.Problem {
	return dam.NewProblem(ProblemReinstated, "", reasons.BackWouldPostAnew())
}

// proposed reports whether a publication is such a question, and not out in the world.
func proposed(p *dam.Publication) bool {
	return p.State == dam.PubUnconfirmed && p.Problem != nil && p.Problem.Class == ProblemReinstated
}

// repeats reports whether sending the same again makes no second post on a channel.
func repeats(ch catalog.ChannelRow) bool {
	i := Capabilities(ch).Idempotency
	return i == publishers.Durable || i == publishers.ByHandle
}

// takenBack returns what the last recall of the asset took from a channel, and whether it is time to bring that back:
// the recall is over, all of it is closed, and nobody has published there by hand since. Where the channel's rule has
// published since, what people had there is not sent beside it.
func (sc *Snapshot) takenBack(ch catalog.ChannelRow, rows []catalog.LedgerRow) (byHand []catalog.LedgerRow, byRule,
	due bool) {
	recall, f := sc.Asset.Recall, sc.facts()
	if recall == nil || !f.Live || !f.Counts(f.ApprovedAt) {
		return nil, false, false
	}
	ruled := false
	for _, p := range rows {
		if p.Channel != ch.ID {
			continue
		}
		if p.CreatedAt.After(recall.At) {
			if p.Origin == "rule" {
				ruled = true
				continue
			}
			return nil, false, false
		}
		if !p.State.Closed() {
			return nil, false, false // its end brings us back here
		}
		if !p.Withdrawn || p.ByHand || !takenBy(recall, &p.Publication) || p.UpdatedAt.Before(recall.At) {
			continue
		}
		if p.Origin == "rule" {
			byRule = true
		} else {
			byHand = append(byHand, p)
		}
	}
	if ruled {
		byHand = nil
	}
	return byHand, byRule, true
}

// takenBy reports whether a publication was withdrawn for a recall of its asset. Of what an earlier version wrote the
// words are all there is to tell by.
func takenBy(recall *dam.Recall, p *dam.Publication) bool {
	switch p.Cause().ReasonCode {
	case reasons.CodeRecalledEverywhere, reasons.CodeRecalledEverywhereFor:
		return true
	case reasons.CodeLegacy:
		return p.Reason == recall.Reason
	}
	return false
}

// returning is what became of an attempt to bring publications back.
type returning int

const (
	nothingReturns returning = iota // there is nothing to bring back
	returnsLater                    // it is not time for that
	returned
)

// bringBack plans or proposes again what people had published on a channel. What was never sent and is late is for the
// channel's policy for late posts. An occurrence of a series has its own day: those that are over do not come back, nor
// do any of a series that has ended.
func (s *Service) bringBack(ctx context.Context, tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
	old []catalog.LedgerRow) (returning, error) {
	now := s.now()
	plans, later := make([]catalog.LedgerRow, 0, len(old)), false
	for _, was := range old {
		p := catalog.LedgerRow{Publication: was.Publication}
		if p.Ends != nil && !p.Ends.After(now) { // its time is over
			continue
		}
		if p.Series != "" {
			if over, err := seriesOver(ctx, tx, &p.Publication, now); err != nil {
				return nothingReturns, err
			} else if over {
				continue
			}
		}
		if err := campaignOf(ctx, tx, &p.Publication); err != nil {
			return nothingReturns, err
		}
		if was.Sent > 0 {
			p.At = now
		}
		due := p.At
		if due.Before(now) {
			due = now
		}
		whole, err := sc.Of(ctx, tx, &p.Publication)
		if err != nil {
			return nothingReturns, err
		}
		v := whole.Decide(ch, due)
		if v.Refused != nil && p.Several() { // the other files of it are no reason for the rest to wait
			later = true
			continue
		}
		if v.Refused != nil {
			return returnsLater, nil
		}
		if v.From.After(due) {
			due = v.From
		}
		c, ready, _ := whole.Content(ch, &p.Publication)
		if !ready {
			return returnsLater, s.OrderRenditions(ctx, tx, whole) // their event brings us back here
		}
		p.ID, p.Version, p.Digest, p.Revision, p.Sent, p.Attempts = dam.NewID(dam.PublicationPrefix), c.Version,
			c.Digest(), 1, 0, 0
		p.State, p.NextAt, p.Problem, p.Receipt, p.Steps, p.ApprovedBy = dam.PubPlanned, &due, nil, nil, nil, ""
		p.Withdrawn, p.Reason, p.Reasons = false, "", nil
		plans = append(plans, p)
	}
	for i := range plans {
		if err := s.planAgain(ctx, tx, ch, &plans[i]); err != nil {
			return nothingReturns, err
		}
	}
	switch {
	case len(plans) > 0:
		return returned, nil
	case later:
		return returnsLater, nil
	}
	return nothingReturns, nil
}

// seriesOver reports whether an occurrence of a series is not to be sent any more.
func seriesOver(ctx context.Context, tx *catalog.Tx, p *dam.Publication, now time.Time) (bool, error) {
	if !p.At.After(now) {
		return true, nil
	}
	series, err := tx.Schedule().OneSeries(ctx, p.Library, p.Series)
	if dam.CodeOf(err) == dam.NotFound {
		return true, nil
	}
	return series.Ended, err
}

// campaignOf puts a publication back into its campaign as that is now, held or not; into none when it is gone.
func campaignOf(ctx context.Context, tx *catalog.Tx, p *dam.Publication) error {
	if p.Campaign == "" {
		return nil
	}
	c, err := tx.Schedule().LockCampaign(ctx, p.Library, p.Campaign)
	if dam.CodeOf(err) == dam.NotFound {
		p.Campaign, p.Held = "", false
		return nil
	}
	p.Held = c.Held
	return err
}

// planAgain adds a publication to the ledger that a recall took back: as a plan, or as a question.
func (s *Service) planAgain(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow, p *catalog.LedgerRow) error {
	why := reasons.PublicAgain()
	if !repeats(ch) {
		p.State, p.NextAt, p.Problem = dam.PubUnconfirmed, nil, proposal()
		why = p.Problem.Reason
	}
	if err := tx.Publications().InsertPublication(ctx, p, why); err != nil {
		return err
	}
	emit(tx, p)
	return nil
}
