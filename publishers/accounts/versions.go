package accounts

import (
	"context"
	"maps"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// shown is Shown, with what is to be said about the channel's kind.
func (s *Service) shown(r catalog.ChannelRow) dam.Channel {
	c := Shown(r)
	if k, ok := s.kinds[r.Kind]; ok {
		c.Notice, c.NoticeReasons = reasons.Note(k.Ending(r.Config, s.now()))
	}
	return c
}

// CheckVersions returns an error that names the versions of remotes' interfaces that a channel speaks and that end soon
// or have ended; nil if there is none.
func (s *Service) CheckVersions(ctx context.Context) error {
	rows, err := s.Catalog.Channels().List(ctx, "")
	if err != nil {
		return err
	}
	var ending []reasons.Reason
	for _, r := range rows {
		why := s.kinds[r.Kind].Ending(r.Config, s.now())
		if !why.IsZero() && !slices.ContainsFunc(ending, func(x reasons.Reason) bool {
			return x.ReasonCode == why.ReasonCode && maps.Equal(x.Params, why.Params)
		}) {
			ending = append(ending, why)
		}
	}
	if len(ending) == 0 {
		return nil
	}
	return &dam.Error{Code: dam.Unavailable, Reason: reasons.ChannelVersionsEnding(ending)}
}
