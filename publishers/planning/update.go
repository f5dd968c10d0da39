package planning

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// latest is the Update that means the newest post of the asset on the channel.
const latest = "latest"

// changes returns the publication that a new one changes, nil for none: the one that update names, and where an asset
// has one place, the one that is there. of are the asset's publications, oldest first.
func changes(ch catalog.ChannelRow, update string, of []catalog.LedgerRow) (*catalog.LedgerRow, error) {
	caps := Capabilities(ch)
	if update != "" && !caps.Update {
		return nil, dam.InvalidInput("update", reasons.ChannelCannotUpdate(ch.Name))
	}
	if !caps.Update || caps.Repeat && update == "" {
		return nil, nil
	}
	var found *catalog.LedgerRow
	for i, e := range of {
		r := e.Receipt
		named := update == "" || update == e.ID || update == latest && r != nil ||
			r != nil && (update == r.URL || update == r.Remote)
		if e.Channel == ch.ID && !e.State.Closed() && !e.Several() && named {
			found = &of[i]
		}
	}
	if found == nil && update != "" {
		return nil, dam.InvalidInput("update", reasons.NoPostToUpdate(update, ch.Name))
	}
	return found, nil
}

// EarlierPost is a post that an asset has on a channel already.
type EarlierPost struct {
	Publication string               `json:"publication"`
	State       dam.PublicationState `json:"state"`
	At          time.Time            `json:"at" doc:"When it was delivered, or is due"`
	URL         string               `json:"url,omitempty"`
}

// checkEarlier tells what the asset has on a channel that makes a post of each publication, and what becomes of it. On
// one that shows an asset in one place, it tells of the plan that the new one takes the place of.
func (s *Service) checkEarlier(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow, in PublishInput,
	out *PublishCheck, warn func(string, reasons.Reason)) error {
	caps := Capabilities(ch)
	if !caps.Update && !caps.Repeat && in.Update == "" {
		return nil
	}
	of, err := tx.Publications().LockPublicationsOf(ctx, in.Asset)
	if err != nil {
		return err
	}
	if !caps.Repeat && in.Update == "" {
		if planned, err := changes(ch, "", of); err == nil && planned != nil && planned.State == dam.PubPlanned &&
			planned.At.After(s.now()) {
			warn("at", reasons.PlanReplaced(planned.At))
		}
		return nil
	}
	for _, e := range slices.Backward(of) {
		if e.Channel != ch.ID || e.State.Closed() {
			continue
		}
		post := EarlierPost{Publication: e.ID, State: e.State, At: e.At}
		if e.Receipt != nil {
			post.At, post.URL = e.Receipt.At, e.Receipt.URL
		}
		out.Earlier = append(out.Earlier, post)
	}
	target, err := changes(ch, in.Update, of)
	if err == nil && target != nil {
		err = editable(*target)
	}
	var refused *dam.Error
	switch {
	case errors.As(err, &refused):
		out.Problems = append(out.Problems, *dam.NewProblem(string(publishers.ClassPermanent), "update",
			refused.Reason))
		return nil
	case err != nil:
		return err
	case target != nil && target.Receipt != nil:
		warn("update", reasons.PostIsChanged(cmp.Or(target.Receipt.URL, target.Receipt.Remote)))
	case target == nil && len(out.Earlier) > 0:
		warn("update", reasons.AnotherPost(ch.Name, len(out.Earlier)))
	}
	return nil
}
