package planning

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Content is what a publication of the asset, or of its several files, would send now. ready is false while
// renditions are being made; a problem says why it can't be sent as it is.
func (sc *Snapshot) Content(ch catalog.ChannelRow, p *dam.Publication) (c publishers.Content, ready bool,
	problem *dam.Problem) {
	if !p.Several() {
		return sc.contentOf(ch, p)
	}
	ready = true
	var media []publishers.Media
	for i, f := range p.Files {
		one, file := sc, *p
		if i > 0 {
			one = sc.more[i-1]
			file.Asset, file.Alt = f.Asset, ""
		}
		if f.Alt != "" {
			file.Alt = f.Alt
		}
		if f.Preset != "" {
			file.Presets = []string{f.Preset}
		}
		x, made, no := one.contentOf(ch, &file)
		if i == 0 {
			c = x
		}
		if no != nil {
			no.Field = fmt.Sprintf("files[%d].%s", i, no.Field)
			return c, true, no
		}
		if ready = ready && made; !made {
			continue // what the others lack is asked for, too
		}
		for _, m := range x.Media {
			m.Asset, m.Version, m.Original, m.Alt = f.Asset, one.Version.ID, one.Version.SHA256, x.Alt
			media = append(media, m)
		}
	}
	c.Media = media
	return c, ready, nil
}

// contentOf is what a publication of one file would send.
func (sc *Snapshot) contentOf(ch catalog.ChannelRow, p *dam.Publication) (c publishers.Content, ready bool,
	problem *dam.Problem) {
	a, caps, presets := &sc.Asset, Capabilities(ch), p.Presets
	c = publishers.Content{Asset: a.ID, Version: sc.Version.ID, SHA256: sc.Version.SHA256, Title: a.Title,
		Description: a.Description, Alt: a.Alt, AssetText: a.Caption, Tags: a.Tags, SKUs: a.SKUs, Slots: sc.slots,
		Creator: a.Creator, Copyright: a.Copyright, Captured: a.Captured, Focal: a.Focal, Rights: a.Effective(),
		Media: []publishers.Media{}}
	write(&c, ch, p, sc.Library.Locale)
	if sc.Version.Renditions == dam.RenditionsPending {
		return c, false, nil
	}
	add := func(r dam.Rendition) {
		c.Media = append(c.Media, publishers.Media{Preset: r.Preset, Format: r.Format, MediaType: r.MediaType,
			Hash: r.Hash, SHA256: r.SHA256, Size: r.Size, Width: r.Width, Height: r.Height, Duration: r.Duration})
	}
	if len(presets) == 0 {
		var cut *dam.Problem
		for _, r := range sc.renditions {
			if problem := sc.cuts(r.Preset); problem != nil {
				cut = problem
				continue
			}
			add(r)
		}
		if len(c.Media) == 0 && cut != nil {
			return c, true, cut
		}
		if len(c.Media) == 0 && !caps.Media.Single {
			return c, true, dam.NewProblem(string(publishers.ClassPermanent), "presets", reasons.NoPresetChosen())
		}
	}
	ordered, filming := len(sc.Wants), false
	for _, preset := range presets {
		if problem := sc.cuts(preset); problem != nil {
			return c, true, problem
		}
		found := false
		for _, r := range sc.renditions {
			if r.Preset == preset {
				found = true
				add(r)
			}
		}
		p, ok := dam.Variant(sc.presets, preset)
		if !found && ok && p.Apply == dam.OnDemand && p.Suits(&sc.Version) && (!p.IsVideo() || sc.orderable(preset)) &&
			sc.Version.Renditions == dam.RenditionsReady && !sc.Version.Refused(preset) {
			sc.Wants = append(sc.Wants, preset)
			continue
		}
		if !found && ok && !p.Suits(&sc.Version) {
			return c, true, dam.NewProblem(string(publishers.ClassPermanent), "presets",
				reasons.PresetNeedsMovingPublication(preset))
		}
		if !found && ok && p.IsVideo() {
			problem, making := sc.film(preset)
			if problem != nil {
				return c, true, problem
			}
			filming = filming || making
			continue
		}
		if !found {
			why := reasons.RenditionNotMadeRetry(preset)
			if len(sc.Version.RenditionReasons) > 0 {
				why = reasons.RenditionNotMadeBecause(preset, sc.Version.RenditionReasons)
			}
			return c, true, dam.NewProblem(string(publishers.ClassPermanent), "presets", why)
		}
	}
	if len(sc.Wants) > ordered || filming {
		return c, false, nil
	}
	c.Media, problem = caps.Media.Choose(c.Media)
	return c, true, problem
}

// orderable reports whether a video can be asked for: nobody has begun or given up on it.
func (sc *Snapshot) orderable(preset string) bool {
	return !slices.ContainsFunc(sc.films, func(f dam.VideoRendition) bool { return f.Preset == preset })
}

// film tells what is with a video rendition that is not there: under way, or why it never will be.
func (sc *Snapshot) film(preset string) (problem *dam.Problem, making bool) {
	refuse := func(why reasons.Reason) (*dam.Problem, bool) {
		return dam.NewProblem(string(publishers.ClassPermanent), "presets", why), false
	}
	for _, f := range sc.films {
		switch {
		case f.Preset != preset:
		case f.State == dam.VideoCancelled:
			return refuse(reasons.FilmCancelled(preset))
		case f.State == dam.VideoFailed:
			return refuse(reasons.FilmNotMade(preset, f.NoteReasons))
		default:
			return nil, true
		}
	}
	return refuse(reasons.RenditionNotMade(preset))
}

// Intent is the publication as a channel sees it, without credentials.
func (s *Service) Intent(sc *Snapshot, ch catalog.ChannelRow, p *catalog.LedgerRow,
	c publishers.Content) publishers.Intent {
	in := publishers.Intent{ID: p.ID, Revision: p.Revision, Digest: c.Digest(),
		Account: publishers.Account{Channel: ch.ID, Config: ch.Config}, CreatedAt: p.CreatedAt, Receipt: p.Receipt,
		Content: c, Limits: Capabilities(ch), Locale: sc.Library.Locale,
		Language: cmp.Or(c.Language, sc.Library.Locale)}
	if p.Committed != nil {
		in.CommittedAt = *p.Committed
	}
	in.Open = func(ctx context.Context, m publishers.Media) (io.ReadCloser, error) {
		return s.Store.Open(ctx, dam.RenditionKey(cmp.Or(m.Original, c.SHA256), m.Hash, m.Format))
	}
	in.Link = func(m publishers.Media) string {
		if s.PublicURL == "" {
			return ""
		}
		return strings.TrimRight(s.PublicURL, "/") + "/r/" + cmp.Or(m.Asset, c.Asset) + "/" + m.Hash + "/" +
			m.Preset + "." + m.Format.Ext()
	}
	return in
}
