package planning

import (
	"context"
	"time"

	"vitrine/dam"
)

// Live is one place where an asset is out in the world.
type Live struct {
	Publication string               `json:"publication"`
	Channel     string               `json:"channel"`
	Name        string               `json:"name" doc:"Of the channel"`
	Kind        string               `json:"kind" doc:"Of the channel"`
	State       dam.PublicationState `json:"state" doc:"delivered, or on the way back: recalling, manual; unknown and unconfirmed may be out"`
	Remote      string               `json:"remote,omitempty" doc:"Id at the remote"`
	URL         string               `json:"url,omitempty"`
	// PostStatus is who could see it when it was sent, where not everybody.
	PostStatus dam.PostStatus  `json:"post_status,omitempty" enum:"draft,scheduled,private,limited" doc:"Who could see it when it was sent, where not everybody"`
	Since      *time.Time      `json:"since,omitempty"`
	Version    string          `json:"version,omitempty"`
	Media      []dam.SentMedia `json:"media" doc:"The exact bytes"`
	Caption    string          `json:"caption,omitempty"`
	// Comment is the first comment under the post.
	Comment     *dam.SentComment `json:"comment,omitempty"`
	ApprovedBy  string           `json:"approved_by,omitempty"`
	Territories []string         `json:"territories,omitempty" doc:"Those the channel reaches; none means everywhere"`
	// Until is when the rights end and it is taken back.
	Until *time.Time `json:"until,omitempty" doc:"When the rights end, or the post, and it is taken back"`
}

// LiveOf tells where an asset is, or may be, out in the world: newest first.
func (s *Service) LiveOf(ctx context.Context, library, asset string) ([]Live, error) {
	a, err := s.Catalog.Assets().Asset(ctx, library, asset)
	if err != nil {
		return nil, err
	}
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return nil, err
	}
	zone, err := dam.Zone(lib.Zone)
	if err != nil {
		return nil, err
	}
	channels := map[string]dam.Channel{}
	out := []Live{}
	f := dam.PublicationFilter{Asset: a.ID, Limit: 200}
	for {
		rows, err := s.Catalog.Publications().List(ctx, library, f)
		if err != nil {
			return nil, err
		}
		for _, p := range rows {
			f.After = p.ID
			if proposed(&p.Publication) {
				continue
			}
			if p.Receipt == nil && p.State != dam.PubUnknown && p.State != dam.PubUnconfirmed || p.State.Closed() ||
				p.Receipt != nil && p.Receipt.Gone != nil {
				continue
			}
			ch, ok := channels[p.Channel]
			if !ok {
				row, err := s.Catalog.Channels().Channel(ctx, library, p.Channel)
				if err != nil {
					return nil, err
				}
				ch = row.Channel
				channels[p.Channel] = ch
			}
			l := Live{Publication: p.ID, Channel: ch.ID, Name: ch.Name, Kind: ch.Kind, State: p.State,
				Version: p.Version, Media: []dam.SentMedia{}, ApprovedBy: p.ApprovedBy, Territories: ch.Territories}
			if r := p.Receipt; r != nil {
				l.Remote, l.URL, l.Since, l.Version, l.Media, l.Caption = r.Remote, r.URL, &r.At, r.Version, r.Media,
					r.Caption
				l.Comment, l.PostStatus = r.Comment, r.PostStatus
			}
			if _, end := a.Effective().Window(zone); !end.IsZero() {
				utc := end.UTC()
				l.Until = &utc
			}
			if p.Ends != nil && (l.Until == nil || p.Ends.Before(*l.Until)) {
				l.Until = p.Ends
			}
			out = append(out, l)
		}
		if len(rows) < f.Limit {
			return out, nil
		}
	}
}
