package publishers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

// content is what a publication of the asset would send now. ready is false while
// renditions are being made; a problem says why it can't be sent as it is.
func (sc *scene) content(ch catalog.ChannelRow, p *dam.Publication) (c Content, ready bool, problem *dam.Problem) {
	a, caps, presets := &sc.asset, capabilities(ch), p.Presets
	c = Content{Asset: a.ID, Version: sc.version.ID, SHA256: sc.version.SHA256, Title: a.Title, Description: a.Description, Alt: a.Alt, AssetText: a.Caption, Tags: a.Tags, SKUs: a.SKUs, Slots: sc.slots,
		Creator: a.Creator, Copyright: a.Copyright, Captured: a.Captured, Focal: a.Focal, Rights: a.Rights, Media: []Media{}}
	c.write(ch, p, sc.library.Locale)
	if sc.version.Renditions == dam.RenditionsPending {
		return c, false, nil
	}
	add := func(r dam.Rendition) {
		c.Media = append(c.Media, Media{Preset: r.Preset, Format: r.Format, MediaType: r.MediaType, Hash: r.Hash, SHA256: r.SHA256, Size: r.Size, Width: r.Width, Height: r.Height, Duration: r.Duration})
	}
	if len(presets) == 0 && !caps.Media.Single {
		return c, true, &dam.Problem{Class: string(ClassPermanent), Field: "presets", Message: "no preset was chosen, and the channel's rule names none", Remedy: "choose at least one"}
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
	}
	ordered, filming := len(sc.wants), false
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
		if !found && ok && p.Apply == dam.OnDemand && p.Suits(&sc.version) && (!p.Film() || sc.orderable(preset)) && sc.version.Renditions == dam.RenditionsReady && !sc.version.Refused(preset) {
			sc.wants = append(sc.wants, preset)
			continue
		}
		if !found && ok && !p.Suits(&sc.version) {
			return c, true, &dam.Problem{Class: string(ClassPermanent), Field: "presets", Message: "the preset “" + preset + "” is made of videos or animations only, and the approved file is none", Remedy: "choose a preset of pictures, or another asset"}
		}
		if !found && ok && p.Film() {
			problem, making := sc.film(preset)
			if problem != nil {
				return c, true, problem
			}
			filming = filming || making
			continue
		}
		if !found {
			message := "the preset “" + preset + "” has not been made of this version"
			if sc.version.RenditionNote != "" {
				message += ": " + sc.version.RenditionNote
			}
			return c, true, &dam.Problem{Class: string(ClassPermanent), Field: "presets", Message: message, Remedy: "retry its renditions, or choose other presets"}
		}
	}
	if len(sc.wants) > ordered || filming {
		return c, false, nil
	}
	c.Media, problem = caps.Media.choose(c.Media)
	return c, true, problem
}

// orderable reports whether a film can be asked for: nobody has begun or given up on it.
func (sc *scene) orderable(preset string) bool {
	return !slices.ContainsFunc(sc.films, func(f dam.Film) bool { return f.Preset == preset })
}

// film tells what is with a video rendition that is not there: under way, or why it never will be.
func (sc *scene) film(preset string) (problem *dam.Problem, making bool) {
	refuse := func(message, remedy string) (*dam.Problem, bool) {
		return &dam.Problem{Class: string(ClassPermanent), Field: "presets", Message: message, Remedy: remedy}, false
	}
	for _, f := range sc.films {
		switch {
		case f.Preset != preset:
		case f.State == dam.FilmCancelled:
			return refuse("the making of “"+preset+"” was cancelled", "make the asset's renditions again")
		case f.State == dam.FilmFailed:
			return refuse("the preset “"+preset+"” could not be made: "+f.Note, "mend what it says, then make the asset's renditions again")
		default:
			return nil, true
		}
	}
	return refuse("the preset “"+preset+"” has not been made of this version", "make the asset's renditions again")
}

// digest names the content. Content marshals deterministically: maps by key, lists in their order.
func (c Content) digest() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // plain data always marshals
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// choose keeps the files the remote takes: all that fit, or the largest that fits.
func (m MediaRules) choose(list []Media) ([]Media, *dam.Problem) {
	var fits []Media
	reasons := map[string]bool{}
	for _, x := range list {
		if why := m.misfit(x); why != "" {
			reasons[why] = true
			continue
		}
		fits = append(fits, x)
	}
	if len(fits) == 0 {
		var why []string
		for r := range reasons {
			why = append(why, r)
		}
		slices.Sort(why)
		return nil, &dam.Problem{Class: string(ClassPermanent), Field: "presets", Message: "none of the chosen renditions fits the channel: " + strings.Join(why, "; "), Remedy: m.remedy(list)}
	}
	if m.Single {
		fits = []Media{slices.MaxFunc(fits, func(a, b Media) int {
			if film := a.Format.Film(); film != b.Format.Film() {
				if film {
					return 1
				}
				return -1
			}
			if d := a.Width*a.Height - b.Width*b.Height; d != 0 {
				return d
			}
			return int(b.Size - a.Size) // of the same picture the smaller file
		})}
	}
	return fits, nil
}

func (m MediaRules) misfit(x Media) string {
	aspect := float64(x.Width) / float64(max(x.Height, 1))
	ceiling := m.MaxBytes
	if x.Format.Film() && m.MaxFilmBytes > 0 {
		ceiling = m.MaxFilmBytes
	}
	switch {
	case len(m.Formats) > 0 && !slices.Contains(m.Formats, x.Format):
		return fmt.Sprintf("%s is not taken", x.Format)
	case ceiling > 0 && x.Size > ceiling:
		return fmt.Sprintf("%s has %d of %d bytes", x.Preset, x.Size, ceiling)
	case x.Format.Film() && m.MaxSeconds > 0 && x.Duration > m.MaxSeconds+0.05:
		return fmt.Sprintf("%s lasts %.1f of %g s", x.Preset, x.Duration, m.MaxSeconds)
	case x.Format.Film() && x.Duration < m.MinSeconds-0.05:
		return fmt.Sprintf("%s lasts %.1f s, less than %g", x.Preset, x.Duration, m.MinSeconds)
	case m.MaxWidth > 0 && x.Width > m.MaxWidth || m.MaxHeight > 0 && x.Height > m.MaxHeight:
		return fmt.Sprintf("%s is %d×%d pixels", x.Preset, x.Width, x.Height)
	case m.MinAspect > 0 && aspect < m.MinAspect-0.005 || m.MaxAspect > 0 && aspect > m.MaxAspect+0.005:
		return fmt.Sprintf("%s has the aspect %.2f", x.Preset, aspect)
	}
	return ""
}

// remedy says what to do about files of which none fits: the crop, when that alone is in the way.
func (m MediaRules) remedy(list []Media) string {
	for _, x := range list {
		free := m
		free.MinAspect, free.MaxAspect = 0, 0
		if free.misfit(x) != "" {
			continue
		}
		if aspect := float64(x.Width) / float64(max(x.Height, 1)); m.MinAspect > 0 && aspect < m.MinAspect {
			return "crop it to " + ratio(m.MinAspect) + ", or choose a preset that does"
		}
		return "crop it to " + ratio(m.MaxAspect) + ", or choose a preset that does"
	}
	return "choose another preset: " + m.words()
}

// ratio writes an aspect as people do: 4:5, 1.91:1.
func ratio(aspect float64) string {
	for h := 1; h <= 10; h++ {
		w := aspect * float64(h)
		if r := math.Round(w); math.Abs(w-r) < 0.005*float64(h) && r > 0 {
			return fmt.Sprintf("%d:%d", int(r), h)
		}
	}
	return fmt.Sprintf("%.2f:1", aspect)
}

func (m MediaRules) words() string {
	var w []string
	if len(m.Formats) > 0 {
		w = append(w, fmt.Sprint(m.Formats))
	}
	if m.MaxBytes > 0 {
		w = append(w, fmt.Sprintf("at most %d bytes", m.MaxBytes))
	}
	if m.MaxSeconds > 0 {
		w = append(w, fmt.Sprintf("video of at most %g s", m.MaxSeconds))
	}
	if m.MaxWidth > 0 {
		w = append(w, fmt.Sprintf("at most %d×%d pixels", m.MaxWidth, m.MaxHeight))
	}
	if m.MinAspect > 0 || m.MaxAspect > 0 {
		w = append(w, fmt.Sprintf("an aspect of %.2f–%.2f", m.MinAspect, m.MaxAspect))
	}
	return strings.Join(w, ", ")
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
