package publishers

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// What a recall of an asset took back comes back once the recall is over: the asset was reinstated, or approved again. Where sending the same
// twice makes no second post it is planned again; elsewhere a new post is proposed, which goes out only after somebody says so.

// ProblemReinstated is the class of the problem of a publication that is proposed after a recall.
const ProblemReinstated = string(classReinstated)

const backNote = "the asset is public again after its recall"

// proposal is the question about a post that is not made by itself.
func proposal() *dam.Problem {
	return &dam.Problem{Class: ProblemReinstated, Message: backNote + ", and this channel would make a new post: nothing has been sent", Remedy: "send it, or abandon it"}
}

// proposed reports whether a publication is such a question, and not out in the world.
func proposed(p *dam.Publication) bool {
	return p.State == dam.PubUnconfirmed && p.Problem != nil && p.Problem.Class == ProblemReinstated
}

// repeats reports whether sending the same again makes no second post on a channel.
func repeats(ch catalog.ChannelRow) bool {
	i := capabilities(ch).Idempotency
	return i == Durable || i == ByHandle
}

// takenBack returns what the last recall of the asset took from a channel, and whether it is time to bring that back: the recall
// is over, all of it is closed, and nobody has published there by hand since.
func (sc *scene) takenBack(ch catalog.ChannelRow, rows []catalog.LedgerRow) (byHand []catalog.LedgerRow, byRule, due bool) {
	recall, f := sc.asset.Recall, sc.facts()
	if recall == nil || !f.Live || !f.Counts(f.ApprovedAt) {
		return nil, false, false
	}
	for _, p := range rows {
		if p.Channel != ch.ID {
			continue
		}
		if p.CreatedAt.After(recall.At) {
			if p.Origin == "rule" {
				continue
			}
			return nil, false, false
		}
		if !p.State.Closed() {
			return nil, false, false // its end brings us back here
		}
		if !p.Withdrawn || p.ByHand || p.Reason != recall.Reason || p.UpdatedAt.Before(recall.At) {
			continue
		}
		if p.Origin == "rule" {
			byRule = true
		} else {
			byHand = append(byHand, p)
		}
	}
	return byHand, byRule, true
}

// bringBack plans or proposes again what people had published on a channel; false when it is not time for that.
func (s *Service) bringBack(ctx context.Context, tx *catalog.Tx, sc *scene, ch catalog.ChannelRow, old []catalog.LedgerRow) (bool, error) {
	now := s.now()
	plans := make([]catalog.LedgerRow, 0, len(old))
	for _, was := range old {
		p := catalog.LedgerRow{Publication: was.Publication}
		if was.Sent > 0 || !p.At.After(now) {
			p.At = now
		}
		v := sc.gate(ch, p.At)
		if v.refused != nil {
			return false, nil
		}
		due := p.At
		if v.from.After(due) {
			due = v.from
		}
		c, ready, _ := sc.content(ch, &p.Publication)
		if !ready {
			return false, s.order(ctx, tx, sc) // their event brings us back here
		}
		p.ID, p.Version, p.Digest, p.Revision, p.Sent, p.Attempts = dam.NewID(dam.PublicationPrefix), c.Version, c.digest(), 1, 0, 0
		p.State, p.NextAt, p.Problem, p.Receipt, p.Steps, p.ApprovedBy, p.Withdrawn, p.Reason = dam.PubPlanned, &due, nil, nil, nil, "", false, ""
		plans = append(plans, p)
	}
	for i := range plans {
		if err := s.planAgain(ctx, tx, ch, &plans[i]); err != nil {
			return false, err
		}
	}
	return len(plans) > 0, nil
}

// planAgain adds a publication to the ledger that a recall took back: as a plan, or as a question.
func (s *Service) planAgain(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow, p *catalog.LedgerRow) error {
	note := backNote
	if !repeats(ch) {
		p.State, p.NextAt, p.Problem = dam.PubUnconfirmed, nil, proposal()
		note = p.Problem.Message
	}
	if err := tx.Publications().InsertPublication(ctx, p, note); err != nil {
		return err
	}
	emit(tx, p)
	return nil
}
