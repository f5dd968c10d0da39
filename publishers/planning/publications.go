package planning

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// PublicationPatch changes the members that are set.
type PublicationPatch struct {
	Presets *[]string `json:"presets,omitempty"`
	At      *string   `json:"at,omitempty"`
	Zone    *string   `json:"zone,omitempty"`
	Caption *string   `json:"caption,omitempty"`
	// FirstComment, Link and Alt: an empty text takes it away.
	FirstComment *string  `json:"first_comment,omitempty"`
	Link         *string  `json:"link,omitempty"`
	UTM          *dam.UTM `json:"utm,omitempty"`
	Alt          *string  `json:"alt,omitempty"`
	Language     *string  `json:"language,omitempty" doc:"BCP 47 tag; empty for the library's"`
	// Options take the place of those that were there; {} for none.
	Options  json.RawMessage `json:"options,omitempty"`
	Campaign *string         `json:"campaign,omitempty" doc:"Id or name; empty for none"`
	Ends     *string         `json:"ends,omitempty" maxLength:"64" doc:"When it is taken down; empty for never"`
}

// Confirmation is what a person found at the remote.
type Confirmation struct {
	// Outcome is delivered (it is there), resend (it is not: send it again) or
	// abandon (it is not, and need not be) for an unconfirmed publication; gone (it
	// has been taken away) for one a person had to take back.
	Outcome string `json:"outcome" enum:"delivered,resend,abandon,gone"`
	URL     string `json:"url,omitempty"`
	Remote  string `json:"remote,omitempty" doc:"Id at the remote, so that it can be recalled"`
}

// Publications returns a page of a library's publications, newest first, and the
// id to continue after, "" at the end.
func (s *Service) Publications(ctx context.Context, library string, f dam.PublicationFilter) (items []dam.Publication,
	next string, err error) {
	if f.State != "" && !f.State.Valid() {
		return nil, "", dam.InvalidInput("state", reasons.NoPublicationState(string(f.State)))
	}
	limit := min(max(f.Limit, 1), 200)
	if f.Limit == 0 {
		limit = 50
	}
	f.Limit = limit + 1
	rows, err := s.Catalog.Publications().List(ctx, library, f)
	if err != nil {
		return nil, "", err
	}
	items = make([]dam.Publication, 0, limit)
	for _, r := range rows[:min(limit, len(rows))] {
		items = append(items, r.Publication)
	}
	if len(rows) > limit {
		next = items[limit-1].ID
	}
	return items, next, nil
}

// Publication returns one publication with its ledger.
func (s *Service) Publication(ctx context.Context, library, id string) (dam.Publication, error) {
	r, err := s.Catalog.Publications().Publication(ctx, library, id)
	if err != nil {
		return dam.Publication{}, err
	}
	r.Steps, err = s.Catalog.Publications().PublicationSteps(ctx, id)
	return r.Publication, err
}

// EditPublication changes what is planned; ifMatch is the revision the caller
// saw, 0 for any. While it is being sent the answer is Conflict.
func (s *Service) EditPublication(ctx context.Context, library, id string, ifMatch int64,
	e PublicationPatch) (dam.Publication, error) {
	return s.alter(ctx, library, id, func(tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
		p *catalog.LedgerRow) error {
		if ifMatch != 0 && ifMatch != p.Revision {
			return &dam.Error{Code: dam.Stale, Reason: reasons.PublicationChangedMeanwhile()}
		}
		if err := editable(*p); err != nil {
			return err
		}
		if e.onlyEnds() && p.State == dam.PubDelivered {
			return s.editEnd(ctx, tx, sc, ch, p, *e.Ends)
		}
		if p.Sent > 0 && !Capabilities(ch).Update {
			return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.PublicationNotEditable()}
		}
		if e.Presets != nil {
			p.Presets = *e.Presets
		}
		if p.Several() && (e.Presets != nil || e.Alt != nil) {
			return &dam.Error{Code: dam.Conflict, Field: "files", Reason: reasons.FilesStay()}
		}
		if e.Caption != nil {
			p.Caption = *e.Caption
		}
		for to, v := range map[*string]*string{&p.FirstComment: e.FirstComment, &p.Link: e.Link, &p.Alt: e.Alt,
			&p.Language: e.Language} {
			if v != nil {
				*to = *v
			}
		}
		if e.UTM != nil {
			p.UTM = e.UTM
		}
		if e.Options != nil {
			p.Options = e.Options
		}
		if p.Link == "" {
			p.UTM = nil
		}
		if e.Campaign != nil {
			var err error
			if p.Campaign, p.Held, err = s.campaign(ctx, tx, library, *e.Campaign); err != nil {
				return err
			}
		}
		if e.At != nil && *e.At == nextSlot {
			var err error
			if p.At, p.Zone, err = s.takeSlot(ctx, tx, sc.Library, ch.ID); err != nil {
				return err
			}
		} else if e.Zone != nil || e.At != nil {
			at, zone := "", p.Zone
			if e.Zone != nil {
				zone = *e.Zone
			}
			if e.At != nil {
				at = *e.At
			}
			due, zone, err := s.due(at, zone, sc.Library.Zone)
			if err != nil {
				return err
			}
			if p.Zone = zone; e.At != nil {
				p.At = due
			}
		}
		if e.Ends != nil {
			var err error
			if p.Ends, err = s.ends(*e.Ends, ch, p); err != nil {
				return err
			}
			sc = sc.ending(p.Ends)
		}
		if err := s.checkIntent(ctx, tx, sc, ch, p); err != nil {
			return err
		}
		p.Revision++
		s.watchEnd(sc, ch, p)
		return s.Replan(ctx, tx, p, p.At, reasons.Edited())
	})
}

// onlyEnds reports whether a patch changes the end and nothing else.
func (e PublicationPatch) onlyEnds() bool {
	rest := e
	rest.Ends = nil
	return e.Ends != nil && reflect.ValueOf(rest).IsZero()
}

// editEnd changes when what is out is taken down. Nothing is sent again.
func (s *Service) editEnd(ctx context.Context, tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
	p *catalog.LedgerRow, at string) (err error) {
	if p.Ends, err = s.ends(at, ch, p); err != nil {
		return err
	}
	p.Revision++
	p.Sent = p.Revision
	p.NextAt = WindowEnd(sc.ending(p.Ends).Decide(ch, s.now()))
	return tx.Publications().SaveStep(ctx, p, reasons.Edited())
}

// Recall takes a publication back, or cancels it when it has not been sent.
func (s *Service) Recall(ctx context.Context, library, id, reason string) (dam.Publication, error) {
	return s.alter(ctx, library, id, func(tx *catalog.Tx, _ *Snapshot, ch catalog.ChannelRow,
		p *catalog.LedgerRow) error {
		if p.State.Closed() {
			return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.PublicationOver(string(p.State))}
		}
		why := reasons.RecalledByPerson()
		if reason != "" {
			why = reasons.Said(reason, "")
		}
		p.ByHand = true
		return s.Withdraw(ctx, tx, ch, p, why)
	})
}

// RecallAsset takes an asset back from every channel and keeps rules from sending
// it again until it is approved anew.
func (s *Service) RecallAsset(ctx context.Context, library, asset, reason string) ([]dam.Publication, error) {
	why := reasons.RecalledEverywhere()
	if reason != "" {
		why = reasons.RecalledEverywhereFor(reason)
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) ([]dam.Publication, error) {
		out := []dam.Publication{}
		a, err := tx.Assets().LockAsset(ctx, library, asset)
		if err != nil {
			return nil, err
		}
		if err := tx.Assets().RecallAsset(ctx, asset, why); err != nil {
			return nil, err
		}
		tx.Emit(dam.Event{Library: library, Type: dam.AssetRecalled, Subject: asset, Asset: asset, Number: a.Number})
		rows, err := tx.Publications().LockPublicationsOf(ctx, asset)
		if err != nil {
			return nil, err
		}
		for _, p := range rows {
			if p.State.Closed() {
				continue
			}
			ch, err := tx.Channels().Channel(ctx, library, p.Channel)
			if err != nil {
				return nil, err
			}
			if err := s.Withdraw(ctx, tx, ch, &p, why); err != nil {
				return nil, err
			}
			// Of a post with files that they may not see, they learn nothing by taking it back.
			if _, err := tx.Publications().Publication(ctx, library, p.ID); err == nil {
				out = append(out, p.Publication)
			} else if dam.CodeOf(err) != dam.NotFound {
				return nil, err
			}
		}
		return out, nil
	})
}

// Retry tries again at once: a failed delivery, a recall that a person would have
// had to do, a pause between attempts.
func (s *Service) Retry(ctx context.Context, library, id string) (dam.Publication, error) {
	return s.alter(ctx, library, id, func(tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
		p *catalog.LedgerRow) error {
		now := s.now()
		switch p.State {
		case dam.PubFailed:
			p.At = now
			if err := s.checkIntent(ctx, tx, sc, ch, p); err != nil {
				return err
			}
			p.Attempts, p.Problem = 0, nil
			return s.Replan(ctx, tx, p, now, reasons.RetriedByHand())
		case dam.PubManual:
			p.Attempts, p.Problem, p.NextAt = 0, nil, &now
			return s.Move(ctx, tx, p, dam.PubRecalling, reasons.RetriedByHand())
		case dam.PubPlanned, dam.PubUnknown, dam.PubRecalling:
			if p.Owner == "" && p.NextAt != nil && !p.At.After(now) {
				p.NextAt = &now
				emit(tx, p)
				return tx.Publications().SavePublication(ctx, p)
			}
		case dam.PubUnconfirmed:
			return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.DeliveryUnknownResend()}
		}
		return &dam.Error{Code: dam.Conflict, Field: "state",
			Reason: reasons.PublicationNotRetriable(string(p.State))}
	})
}

// Confirm records what a person found at the remote.
func (s *Service) Confirm(ctx context.Context, library, id string, c Confirmation) (dam.Publication, error) {
	return s.alter(ctx, library, id, func(tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
		p *catalog.LedgerRow) error {
		now := s.now()
		wrong := &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.PublicationNotAsking(string(p.State))}
		if p.State == dam.PubManual && c.Outcome == "gone" {
			if p.Receipt != nil {
				p.Receipt.Gone = dam.NewRemoval(now, reasons.ConfirmedByPerson(), tx.Actor().ID)
			}
			p.Problem, p.NextAt = nil, nil
			return s.Move(ctx, tx, p, dam.PubRecalled, reasons.ConfirmedGone())
		}
		if p.State != dam.PubUnconfirmed {
			return wrong
		}
		p.Problem, p.Attempts = nil, 0
		switch c.Outcome {
		case "delivered":
			if p.Receipt == nil {
				p.Receipt = &dam.Receipt{At: now, Version: p.Version, Media: []dam.SentMedia{}, Caption: p.Caption}
			}
			p.Receipt.Remote, p.Receipt.URL = c.Remote, c.URL
			p.NextAt = &now // the gate is looked at again
			if err := s.Move(ctx, tx, p, dam.PubDelivered, reasons.ConfirmedDelivered()); err != nil ||
				!p.Withdrawn {
				return err
			}
			return s.Withdraw(ctx, tx, ch, p, p.Cause())
		case "resend":
			if p.Withdrawn {
				return &dam.Error{Code: dam.Conflict, Field: "outcome",
					Reason: reasons.PublicationWithdrawn(p.Cause())}
			}
			p.At = now
			if err := s.checkIntent(ctx, tx, sc, ch, p); err != nil {
				return err
			}
			return s.Replan(ctx, tx, p, now, reasons.ConfirmedNotDelivered())
		case "abandon":
			p.NextAt, p.ByHand = nil, true // a rule must not plan it again
			return s.Move(ctx, tx, p, dam.PubCancelled, reasons.ConfirmedNotDelivered())
		}
		return dam.InvalidInput("outcome", reasons.ConfirmAnswer())
	})
}

// alter changes one publication under the locks of its asset and its row.
func (s *Service) alter(ctx context.Context, library, id string, change func(*catalog.Tx, *Snapshot, catalog.ChannelRow,
	*catalog.LedgerRow) error) (dam.Publication, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Publication, error) {
		seen, err := tx.Publications().Publication(ctx, library, id)
		if err != nil {
			return dam.Publication{}, err
		}
		sc, err := readPost(ctx, tx, &seen.Publication)
		if err != nil {
			return dam.Publication{}, err
		}
		p, err := tx.Publications().LockPublication(ctx, library, id)
		if err != nil {
			return dam.Publication{}, err
		}
		ch, err := tx.Channels().Channel(ctx, library, p.Channel)
		if err != nil {
			return dam.Publication{}, err
		}
		if err := change(tx, sc, ch, &p); err != nil {
			return dam.Publication{}, err
		}
		p.Steps, err = tx.Publications().PublicationSteps(ctx, id)
		return p.Publication, err
	})
}

// lateness is how long ago a time may be that something is planned for.
const lateness = 10 * time.Minute

// due reads when something is planned. A time that has passed is refused, except the last minutes: those it took to
// compose, or a clock's difference.
func (s *Service) due(at, zone, fallback string) (time.Time, string, error) {
	if zone == "" {
		zone = fallback
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return time.Time{}, "", dam.InvalidInput("zone", reasons.NoTimeZone(zone))
	}
	if at == "" {
		return s.now(), zone, nil
	}
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		if len(at) == len("2006-01-02T15:04") {
			at += ":00"
		}
		if t, err = dam.Resolve(at, loc); err != nil {
			return time.Time{}, zone, err
		}
	}
	t = t.UTC().Truncate(time.Microsecond)
	if t.Before(s.now().Add(-lateness)) {
		return t, zone, dam.InvalidInput("at", reasons.TimePassed(t))
	}
	return t, zone, nil
}

// problems lists all that stands in the way of a plan, and what would be sent.
func (s *Service) problems(ctx context.Context, tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
	p *catalog.LedgerRow) (list []dam.Problem, c publishers.Content, ready bool, err error) {
	known, err := tx.Presets().List(ctx, p.Library)
	if err != nil {
		return nil, c, false, err
	}
	for i, name := range p.Presets {
		if _, ok := dam.Variant(known, name); !ok {
			list = append(list, *dam.NewProblem(string(publishers.ClassPermanent), fmt.Sprintf("presets[%d]", i),
				reasons.NoPresetQuoted(name)))
		}
	}
	v := sc.Decide(ch, p.At)
	switch {
	case v.Refused != nil:
		list = append(list, *v.Refused)
	case !v.From.IsZero():
		list = append(list, *dam.NewProblem(string(publishers.ClassRights), "at",
			reasons.RightsBeginLater(v.Begins)))
	}
	if problem := s.checkPost(ch, &p.Publication); problem != nil {
		list = append(list, *problem)
	}
	if k, ok := s.kinds[ch.Kind]; ok && p.Several() {
		if problem := k.TooMany(len(p.Files)); problem != nil {
			return append(list, *problem), c, false, nil
		}
	}
	if !sc.live() {
		return list, c, false, nil // the gate has said it
	}
	c, ready, problem := sc.Content(ch, &p.Publication)
	if !ready {
		return list, c, false, nil // checked again once the renditions are there
	}
	if problem != nil {
		list = append(list, *problem)
	}
	if k, ok := s.kinds[ch.Kind]; ok {
		if problem := k.CheckFiles(c); problem != nil {
			list = append(list, *problem)
		}
		list = append(list, k.Publisher.Validate(ctx, s.Intent(sc, ch, p, c))...)
	}
	return list, c, true, nil
}

// live reports whether every file has an approved version.
func (sc *Snapshot) live() bool {
	return !sc.gone && sc.Version.ID != "" && !slices.ContainsFunc(sc.more, func(o *Snapshot) bool { return !o.live() })
}

// checkIntent refuses a plan that the gate or the channel would refuse.
func (s *Service) checkIntent(ctx context.Context, tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow,
	p *catalog.LedgerRow) error {
	list, c, ready, err := s.problems(ctx, tx, sc, ch, p)
	if err != nil {
		return err
	}
	if len(list) == 0 && len(p.Presets) == 0 && !Capabilities(ch).Media.Single {
		// What fits today is what was chosen: a preset that the library gets later is not sent.
		for _, m := range c.Media {
			if !slices.Contains(p.Presets, m.Preset) {
				p.Presets = append(p.Presets, m.Preset)
			}
		}
	}
	if len(list) > 0 {
		x := list[0]
		if x.Class == string(publishers.ClassRights) {
			return &dam.Error{Code: dam.Conflict, Field: x.Field, Reason: x.Reason}
		}
		return dam.InvalidInput(x.Field, x.Reason)
	}
	if !ready {
		return s.OrderRenditions(ctx, tx, sc) // checked again once the renditions are there
	}
	p.Digest, p.Version = c.Digest(), c.Version
	return nil
}

// editable refuses to touch what may be on the wire.
func editable(p catalog.LedgerRow) error {
	switch {
	case p.State.BeingSent():
		return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.PublicationBeingSent()}
	case p.State == dam.PubRecalling || p.State == dam.PubManual || p.State.Closed() || p.Withdrawn:
		return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.PublicationBeingRecalled()}
	case p.State == dam.PubUnconfirmed:
		return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.DeliveryUnknownConfirm()}
	}
	return nil
}
