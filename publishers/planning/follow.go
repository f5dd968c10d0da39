package planning

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/dam/tracing"
)

// follower is the name of the rules' cursor in the log.
const follower = "publishers"

const (
	followBatch = 200
	scanBatch   = 100
)

// question is whether an asset matches a channel's rule.
type question struct{ channel, asset string }

// matches are answers to questions. They are found before the transaction that
// acts on them, since a search takes time that a transaction must not. An asset
// that changes meanwhile has an event yet to come, a rule that changes a scan; an
// answer that is missing changes nothing.
type matches struct {
	rules map[string]dam.Rule // by channel: what was asked
	yes   map[question]bool
}

// of answers for a channel as it is now. A rule that was saved since it was asked has no answer.
func (m matches) of(ch catalog.ChannelRow, asset string) (yes, known bool) {
	if asked, ok := m.rules[ch.ID]; !ok || asked.Differs(ch.Rule) {
		return false, false
	}
	yes, known = m.yes[question{ch.ID, asset}]
	return yes, known
}

// Whoever saved a rule has to be somebody who may publish the asset: otherwise nothing new goes out by it, and what is
// out stays.
func (s *Service) ask(ctx context.Context, channels []catalog.ChannelRow, assets []dam.Asset) (matches, error) {
	out, authors := matches{map[string]dam.Rule{}, map[question]bool{}}, map[string]dam.Principal{}
	for _, ch := range channels {
		out.rules[ch.ID] = ch.Rule
		if !ch.Rule.Enabled {
			continue
		}
		author, known := authors[ch.Rule.Author]
		if ch.Rule.Author != "" && !known {
			var err error
			if author, err = s.Catalog.People().Principal(ctx, ch.Rule.Author); err != nil {
				return out, err
			}
			authors[ch.Rule.Author] = author
		}
		for _, a := range assets {
			if a.Library != ch.Library {
				continue
			}
			// What has no approved version can't be sent; whether it matches may wait.
			if a.Live == "" || ch.Rule.Author != "" && author.NeedOn(&a, dam.MayPublish) != nil {
				continue
			}
			yes, err := s.Match.Matches(ctx, ch.Library, ch.Rule, a)
			if dam.CodeOf(err) == dam.Invalid {
				s.Log.Warn("a channel's rule can't be read", "channel", ch.ID, "err", err)
				break
			}
			if err != nil {
				return out, err
			}
			out.yes[question{ch.ID, a.ID}] = yes
		}
	}
	return out, nil
}

// step applies the next batch of the log to the plans, and returns the cursor after it.
func (s *Service) step(ctx context.Context) (upto int64, err error) {
	at, known, err := s.Catalog.Log().Cursor(ctx, follower)
	if err != nil {
		return at, err
	}
	if !known {
		at = -1
	}
	batch, err := s.Catalog.Log().Events(ctx, "", at, followBatch)
	if err != nil || len(batch) == 0 {
		return at, err
	}
	// libraries whose collections may have other assets, without an event for each; and libraries where people may do
	// other things than before, with the people themselves
	regrouped, allowed := map[string]bool{}, map[string]bool{}
	touched, causes := map[string]string{}, map[string]string{} // by asset: its library, and what caused its last event
	var over []string                                           // publications that leave room for others
	for _, e := range batch {
		if regroups(e) {
			regrouped[e.Library] = true
		}
		switch noun, _, _ := strings.Cut(string(e.Type), "."); {
		case e.Type == dam.UserUpdated:
			allowed[e.Subject] = true
		case noun == "role", noun == "group", noun == "access":
			allowed[e.Library] = true
		}
		// Of the ledger's own events only those matter that leave room for a new plan.
		own := strings.HasPrefix(string(e.Type), "publication.") && e.Type != dam.PublicationEventRecalled &&
			e.Type != dam.PublicationEventCancelled
		if e.Type == dam.PublicationEventRecalled || e.Type == dam.PublicationEventCancelled {
			over = append(over, e.Subject)
		}
		if e.Asset != "" && !own {
			touched[e.Asset] = e.Library
			if cause := tracing.Of(ctx, e); cause != "" {
				causes[e.Asset] = cause
			}
		}
	}
	if len(over) > 0 {
		further, err := s.Catalog.Publications().Further(ctx, over)
		if err != nil {
			return at, err
		}
		maps.Copy(touched, further)
	}
	reworded, err := s.reworded(ctx, batch, touched)
	if err != nil {
		return at, err
	}
	ctx, span := tracing.Batch(ctx, slices.Collect(maps.Values(causes)), "plan publications")
	defer func() { tracing.End(span, err) }()
	// One order for all nodes and batches: no deadlock on asset rows.
	ids := slices.Sorted(maps.Keys(touched))
	channels, rules, err := s.questions(ctx, ids)
	if err != nil {
		return at, err
	}
	upto = batch[len(batch)-1].Seq
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		now, known, err := tx.Log().LockCursor(ctx, follower)
		if err != nil {
			return err
		}
		if known && now != at { // another node was first
			upto = now
			return nil
		}
		if channels, err = tx.Channels().List(ctx, ""); err != nil { // rules may have been saved meanwhile
			return err
		}
		if err := rescan(ctx, tx, channels, regrouped, reworded, allowed); err != nil {
			return err
		}
		if len(channels) > 0 {
			// Assets that are in posts together are held in one order, too.
			if beside, err := tx.Publications().Beside(ctx, ids...); err != nil {
				return err
			} else if len(beside) > 0 {
				held := slices.Sorted(slices.Values(append(beside, ids...)))
				if _, err := tx.Assets().LockAssets(ctx, held); err != nil {
					return err
				}
			}
			for _, asset := range ids {
				tx.CausedBy(causes[asset])
				if err := s.consider(ctx, tx, channels, rules, touched[asset], asset); err != nil {
					return err
				}
			}
		}
		return tx.Log().SetCursor(ctx, follower, upto)
	})
	return upto, err
}

// regroups reports whether an event changes which assets collections have without saying so of each asset: what a smart
// collection's query finds, and what is below a collection.
func regroups(e dam.Event) bool {
	switch e.Type {
	case dam.CollectionDeleted, dam.CollectionRestored:
		return true
	case dam.CollectionUpdated:
		var data struct{ Fields []string }
		if err := json.Unmarshal(e.Data, &data); err != nil {
			return true
		}
		return slices.ContainsFunc(data.Fields, func(f string) bool {
			return f == "query" || f == "frozen" || f == "parent" || f == "name"
		})
	}
	return false
}

// reworded adds the assets that events about products, families and terms touch to touched. Where one touches too many
// to name, the library is in the result.
func (s *Service) reworded(ctx context.Context, batch []dam.Event, touched map[string]string) (map[string]bool, error) {
	words := func(e dam.Event) bool {
		return e.Type == dam.ProductChanged || e.Type == dam.FamilyChanged || e.Type == dam.VocabularyChanged ||
			e.Type == dam.LibraryUpdated
	}
	first := slices.IndexFunc(batch, words)
	if first < 0 {
		return nil, nil
	}
	many := map[string]bool{}
	for at, upto := batch[first].Seq-1, batch[len(batch)-1].Seq; at < upto; {
		t, err := s.Catalog.Assets().Changed(ctx, at, int(upto-at))
		if err != nil {
			return nil, err
		}
		list, err := s.Catalog.Assets().List(ctx, t.Assets)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			touched[a.ID] = a.Library
		}
		for _, sweep := range t.Sweeps {
			many[sweep.Library] = true
		}
		if t.Upto <= at {
			break
		}
		at = t.Upto
	}
	return many, nil
}

// rescan holds rules against the assets that are already there: those that name collections in the libraries regrouped,
// those with a query in the libraries reworded, and those whose author may have got the permission to publish back:
// allowed has libraries, and ids of people.
func rescan(ctx context.Context, tx *catalog.Tx, channels []catalog.ChannelRow, regrouped, reworded,
	allowed map[string]bool) error {
	start := int64(0)
	for _, ch := range channels {
		moved := regrouped[ch.Library] && ch.Rule.ByName &&
			strings.Contains(strings.ToLower(ch.Rule.Query), "collection:")
		empowered := ch.Rule.Author != "" && (allowed[ch.Library] || allowed[ch.Rule.Author])
		said := reworded[ch.Library] && ch.Rule.Grown && ch.Rule.Query != ""
		if !ch.Rule.Enabled || !moved && !said && !empowered {
			continue
		}
		if err := tx.Channels().SetScan(ctx, ch.ID, &start); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) questions(ctx context.Context, ids []string) ([]catalog.ChannelRow, matches, error) {
	channels, err := s.Catalog.Channels().List(ctx, "")
	if err != nil || len(ids) == 0 || len(channels) == 0 {
		return channels, matches{}, err
	}
	assets, err := s.Catalog.Assets().List(ctx, ids)
	if err != nil {
		return nil, matches{}, err
	}
	rules, err := s.ask(ctx, channels, assets)
	return channels, rules, err
}

// following applies the log until ctx is done.
func (s *Service) following(ctx context.Context) {
	rest := 100 * time.Millisecond
	for ctx.Err() == nil {
		seq, err := s.step(ctx)
		if err == nil {
			rest = 100 * time.Millisecond
			err = s.Catalog.Wait(ctx, seq)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Error("follower stuck", "follower", follower, "seq", seq, "err", err, "retry_in", rest)
			select {
			case <-ctx.Done():
			case <-time.After(rest):
			}
			rest = min(2*rest, 30*time.Second)
		}
	}
}

// scan holds the next existing assets against a channel's new rule; done when all have been.
func (s *Service) scan(ctx context.Context, channel string) (done bool, err error) {
	seen, err := s.Catalog.Channels().Channel(ctx, "", channel)
	if err != nil || seen.Scan == nil || seen.Deleted {
		return true, err
	}
	assets, err := s.Catalog.Assets().Scan(ctx, uint32(*seen.Scan), scanBatch)
	if err != nil {
		return false, err
	}
	rules, err := s.ask(ctx, []catalog.ChannelRow{seen}, assets)
	if err != nil {
		return false, err
	}
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		done = true
		ch, err := tx.Channels().LockChannel(ctx, "", channel)
		if err != nil || ch.Scan == nil || ch.Deleted {
			return err
		}
		if done = false; ch.Revision != seen.Revision || *ch.Scan != *seen.Scan {
			return nil // another rule, or another node was first
		}
		if len(assets) == 0 {
			done = true
			return tx.Channels().SetScan(ctx, channel, nil)
		}
		for _, a := range assets {
			if a.Library != ch.Library || !a.Published {
				continue
			}
			if err := s.consider(ctx, tx, []catalog.ChannelRow{ch}, rules, ch.Library, a.ID); err != nil {
				return err
			}
		}
		last := int64(assets[len(assets)-1].Number)
		return tx.Channels().SetScan(ctx, channel, &last)
	})
	return done, err
}

// scanning holds new rules against the assets that are already there.
func (s *Service) scanning(ctx context.Context) {
	for ctx.Err() == nil {
		seq, err := s.Catalog.Log().Head(ctx)
		if err == nil {
			var list []string
			list, err = s.Catalog.Channels().Scans(ctx)
			for _, channel := range list {
				for done := false; !done && err == nil; {
					done, err = s.scan(ctx, channel)
				}
			}
		}
		if err == nil {
			err = s.Catalog.Wait(ctx, seq)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Error("rules over existing assets", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Register gives the plans a place in the log, before anything is published.
func (s *Service) Register(ctx context.Context) error {
	return events.Register(ctx, s.Catalog, follower)
}

// Follow keeps the plans up to date with the log, the rules and the series until ctx is done.
func (s *Service) Follow(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { dam.Loop(ctx, "publishing: the log", s.following) })
	wg.Go(func() { dam.Loop(ctx, "publishing: rules", s.scanning) })
	wg.Go(func() { dam.Loop(ctx, "publishing: series", s.extending) })
	wg.Wait()
}

// Advance brings the plans up to date once, without the loops.
func (s *Service) Advance(ctx context.Context) error {
	if err := s.Register(ctx); err != nil {
		return err
	}
	for {
		before, _, err := s.Catalog.Log().Cursor(ctx, follower)
		if err != nil {
			return err
		}
		after, err := s.step(ctx)
		if err != nil {
			return err
		}
		if after == before {
			break
		}
	}
	if err := s.extendAll(ctx); err != nil {
		return err
	}
	scans, err := s.Catalog.Channels().Scans(ctx)
	for _, channel := range scans {
		for done := false; !done && err == nil; {
			done, err = s.scan(ctx, channel)
		}
	}
	return err
}
