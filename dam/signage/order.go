package signage

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Playlist is a group as people see it.
type Playlist struct {
	Group Group `json:"group"`
	// Version is that of the feed: screens that report another one are behind.
	Version string         `json:"version"`
	Items   []PlaylistItem `json:"items" nullable:"false" doc:"In the order of play"`
}

// PlaylistItem is an entry, and whether it is shown at this moment.
type PlaylistItem struct {
	dam.SignageEntry
	DayParts []dam.DayPart `json:"day_parts" nullable:"false"`
	// Now is shown, early (before its dates or rights), over (after them) or later (another time of the week).
	Now string `json:"now" enum:"shown,early,over,later"`
}

// Playlist returns a group's entries in the order of play.
func (s *Service) Playlist(ctx context.Context, library, channel string) (Playlist, error) {
	ch, entries, err := s.playlist(ctx, library, channel)
	if err != nil {
		return Playlist{}, err
	}
	feed, err := s.Feed(ctx, channel)
	if err != nil {
		return Playlist{}, err
	}
	group, zone, err := Read(ch.Config)
	if err != nil {
		return Playlist{}, err
	}
	lib, err := s.Catalog.Libraries().Library(ctx, ch.Library)
	if err != nil {
		return Playlist{}, err
	}
	rights, err := dam.Zone(lib.Zone)
	if err != nil {
		return Playlist{}, err
	}
	out := Playlist{Group: group, Version: feed.Feed.Version, Items: []PlaylistItem{}}
	now := s.Clock()
	for _, e := range entries {
		parts, err := dam.ParseDayParts(e.Showing.DayParts)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, PlaylistItem{SignageEntry: e, DayParts: parts,
			Now: when(e, parts, now, zone, rights)})
	}
	return out, nil
}

// when says whether an entry is shown at an instant. The player decides the same way.
func when(e dam.SignageEntry, parts []dam.DayPart, now time.Time, zone, rights *time.Location) string {
	today := dam.Date(now.In(zone).Format(time.DateOnly))
	// What is on the playlist has been approved; whether it still may be is up to the ledger, which takes it off.
	f := dam.PublicFacts{Published: true, Live: true}.With(e.Rights, rights)
	status := dam.VisibilityAt(f, now, dam.UnknownAudience).Status
	switch {
	case status == dam.StatusExpired || e.Showing.Until != "" && today > e.Showing.Until:
		return "over"
	case status == dam.StatusEmbargoed || e.Showing.From != "" && today < e.Showing.From:
		return "early"
	case len(parts) > 0 && !slices.ContainsFunc(parts, func(p dam.DayPart) bool { return p.Contains(now.In(zone)) }):
		return "later"
	}
	return "shown"
}

// Editor changes what is said about a publication, through the ledger.
type Editor interface {
	SetOptions(ctx context.Context, library, publication string, options json.RawMessage) error
}

// Playlists is the service with the order of the entries, which are publications: whoever keeps those changes them.
type Playlists struct {
	*Service
	Edit Editor
}

// Move puts an entry in front of another one, or last when before is empty.
func (s Playlists) Move(ctx context.Context, library, channel, publication, before string) error {
	_, entries, err := s.playlist(ctx, library, channel)
	if err != nil {
		return err
	}
	places, err := reorder(entries, publication, before)
	if err != nil {
		return err
	}
	for _, e := range entries {
		at, moved := places[e.Publication]
		if !moved {
			continue
		}
		p, err := s.Catalog.Publications().Publication(ctx, library, e.Publication)
		if err != nil {
			return err
		}
		options := map[string]json.RawMessage{}
		if p.Options != nil {
			if err := json.Unmarshal(p.Options, &options); err != nil {
				return err
			}
		}
		if options["order"], err = json.Marshal(at); err != nil {
			return err
		}
		raw, err := json.Marshal(options)
		if err != nil {
			return err
		}
		if err := s.Edit.SetOptions(ctx, library, e.Publication, raw); err != nil {
			return err
		}
	}
	return nil
}

// reorder returns the new places that put an entry in front of another: its own, and
// those of others only where no number lies between its neighbours.
func reorder(entries []dam.SignageEntry, publication, before string) (map[string]float64, error) {
	index := func(id string) int {
		return slices.IndexFunc(entries, func(e dam.SignageEntry) bool { return e.Publication == id })
	}
	from := index(publication)
	if from < 0 {
		return nil, dam.InvalidInput("publication", reasons.NotInPlaylist())
	}
	if publication == before {
		return nil, nil
	}
	rest := slices.Delete(slices.Clone(entries), from, from+1)
	to := len(rest)
	if before != "" {
		if to = slices.IndexFunc(rest, func(e dam.SignageEntry) bool { return e.Publication == before }); to < 0 {
			return nil, dam.InvalidInput("before", reasons.NotInPlaylist())
		}
	}
	if to == from {
		return nil, nil // it is there
	}
	switch {
	case to == len(rest):
		return map[string]float64{publication: rest[to-1].Place() + 1}, nil
	case to == 0:
		return map[string]float64{publication: rest[0].Place() - 1}, nil
	}
	low, high := rest[to-1].Place(), rest[to].Place()
	if middle := low + (high-low)/2; middle > low && middle < high {
		return map[string]float64{publication: middle}, nil
	}
	// No room: everything is numbered anew.
	places := map[string]float64{}
	for i, e := range slices.Insert(rest, to, entries[from]) {
		places[e.Publication] = float64(i + 1)
	}
	return places, nil
}
