package accounts

import (
	"context"
	"encoding/json"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// checkDestination refuses to change a channel's destination while something is published there, because nothing could
// recall it any more.
func (s *Service) checkDestination(ctx context.Context, k publishers.Kind, id string, before,
	after json.RawMessage) error {
	if k.Destination == nil || k.Destination(before) == k.Destination(after) {
		return nil
	}
	_, live, err := s.Catalog.Publications().PublicationsOnChannel(ctx, id)
	if err == nil && live > 0 {
		err = &dam.Error{Code: dam.Conflict, Field: "config", Reason: reasons.ChannelPlaceInUse(live)}
	}
	return err
}

// notProving refuses to change a channel's place or account while a proof is under way: its test post is taken back
// with what the channel has then, and another account would be told that it is gone.
func (s *Service) notProving(ctx context.Context, id string) error {
	_, proving, err := s.Catalog.Channels().OpenProof(ctx, id)
	if err == nil && proving {
		err = &dam.Error{Code: dam.Conflict, Field: "config", Reason: reasons.ProofUnderWay()}
	}
	return err
}
