package accounts

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Targets lists the places that a connected channel may publish to, by setting and title; none if its kind has nothing
// to choose. The channel's own place may not be chosen yet.
func (s *Service) Targets(ctx context.Context, library, id string) ([]dam.ChannelTarget, error) {
	row, err := Present(s.Catalog.Channels().Channel(ctx, library, id))
	if err != nil {
		return nil, err
	}
	k, ok := s.kinds[row.Kind]
	if !ok {
		return nil, &dam.Error{Code: dam.Conflict, Reason: reasons.ChannelKindUnknownHere(row.Kind)}
	}
	out := []dam.ChannelTarget{}
	if _, ok := k.Publisher.(publishers.TargetLister); !ok {
		return out, nil
	}
	if unconnected(k, &row) {
		return nil, &dam.Error{Code: dam.Forbidden, Field: "config", Reason: reasons.ChannelWithoutAccount(k.Title)}
	}
	list, err := s.targets(ctx, k, &row)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		to := dam.ChannelTarget{Setting: t.Setting, Value: t.Value, Title: t.Title, URL: t.URL,
			Chosen: set(row.Config, t.Setting) == t.Value}
		to.Detail, to.DetailReasons = reasons.Note(t.Detail)
		out = append(out, to)
	}
	return out, nil
}

// targets asks the remote for the places of an account.
func (s *Service) targets(ctx context.Context, k publishers.Kind, r *catalog.ChannelRow) ([]publishers.Target, error) {
	lister, ok := k.Publisher.(publishers.TargetLister)
	if !ok {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	var list []publishers.Target
	if err := s.asking(ctx, r, func(a publishers.Account) (err error) {
		list, err = lister.Targets(ctx, a)
		return err
	}); err != nil {
		return nil, refusal(k, err)
	}
	return list, nil
}

// set returns a setting as text, "" if it is absent.
func set(config json.RawMessage, name string) string {
	var members map[string]any
	if json.Unmarshal(config, &members) != nil {
		return ""
	}
	switch v := members[name].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// chosen reports whether the place of a kind that has one is set.
func chosen(k publishers.Kind, config json.RawMessage) bool { return set(config, k.Place) != "" }

// placeless reports whether a channel with an account waits until its place is chosen. The only place there is is
// chosen at once. An error says why the places are not known.
func (s *Service) placeless(ctx context.Context, k publishers.Kind, r *catalog.ChannelRow) (bool, error) {
	if k.Place == "" || chosen(k, r.Config) {
		return false, nil
	}
	list, err := s.targets(ctx, k, r)
	if err != nil {
		return true, err
	}
	list = slices.DeleteFunc(list, func(t publishers.Target) bool { return t.Setting != k.Place })
	if len(list) != 1 {
		return true, nil
	}
	config, err := k.With(r.Config, k.Place, list[0].Value)
	if err != nil {
		return true, err
	}
	r.Config = config
	return false, nil
}

// settle verifies a channel with an account, or leaves it waiting until its place is chosen.
func (s *Service) settle(ctx context.Context, k publishers.Kind, r *catalog.ChannelRow) error {
	waiting, err := s.placeless(ctx, k, r)
	if err != nil {
		return err
	}
	if waiting {
		waitForPlace(r)
		return nil
	}
	if err := s.verify(ctx, k, r); err != nil {
		return err
	}
	r.Health = dam.Healthy
	r.HealthNote, r.HealthReasons = reasons.Note()
	return nil
}

// waitForPlace says that a channel waits until its place is chosen.
func waitForPlace(r *catalog.ChannelRow) {
	r.Health = dam.Reconnect
	r.HealthNote, r.HealthReasons = reasons.Note(reasons.PlaceNotChosen())
}
