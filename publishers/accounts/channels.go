package accounts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// ChannelInput is the input for a new channel.
type ChannelInput struct {
	Name        string          `json:"name" minLength:"1" maxLength:"200"`
	Kind        string          `json:"kind"`
	Config      json.RawMessage `json:"config"`
	Rule        dam.Rule        `json:"rule,omitzero" doc:"None when left out: the channel then publishes by hand only"`
	Territories []string        `json:"territories,omitempty"`
	Schedule    dam.Schedule    `json:"schedule,omitzero"`
}

// ChannelPatch changes the members that are set. Secrets that are left out of Config stay unchanged.
type ChannelPatch struct {
	Name        *string         `json:"name,omitempty"`
	Config      json.RawMessage `json:"config,omitempty"`
	Rule        *dam.Rule       `json:"rule,omitempty"`
	Territories *[]string       `json:"territories,omitempty"`
	Schedule    *dam.Schedule   `json:"schedule,omitempty"`
}

const verifyTimeout = 30 * time.Second

// ChannelKinds lists the kinds of channels that can be added, and what each was tried on. Of the channels of other
// libraries it names no more than the vendor's own service.
func (s *Service) ChannelKinds(ctx context.Context, library string) ([]dam.ChannelKind, error) {
	tried, err := s.Catalog.Channels().Tried(ctx)
	if err != nil {
		return nil, err
	}
	for i, p := range tried {
		if p.Library != library {
			tried[i].Channel = ""
			if p.Foreign || s.kinds[p.Kind].API.Domain == "" {
				tried[i].Host = ""
			}
		}
	}
	out := make([]dam.ChannelKind, len(s.Kinds))
	for i, k := range s.Kinds {
		out[i] = k.Described()
		out[i].Tried = dam.BestTried(k.Name, tried)
	}
	return out, nil
}

// Channels returns a library's channels by name.
func (s *Service) Channels(ctx context.Context, library string) ([]dam.Channel, error) {
	rows, err := s.Catalog.Channels().List(ctx, library)
	out := make([]dam.Channel, len(rows))
	for i, r := range rows {
		out[i] = s.shown(r)
		err = errors.Join(err, s.noteAuthor(ctx, &out[i]))
	}
	return out, err
}

// Channel returns one channel.
func (s *Service) Channel(ctx context.Context, library, id string) (dam.Channel, error) {
	r, err := Present(s.Catalog.Channels().Channel(ctx, library, id))
	if err != nil {
		return dam.Channel{}, err
	}
	c := s.shown(r)
	return c, s.noteAuthor(ctx, &c)
}

// saved notes on a rule who saves it, and that its query means what it means in the search box.
func saved(ctx context.Context, r *dam.Rule) {
	r.ByName, r.Grown, r.Author = true, true, ""
	if who := dam.ActorOf(ctx); !who.IsSystem() {
		r.Author = who.ID
	}
}

// noteAuthor says of a channel that its rule publishes nothing, since its author may not.
func (s *Service) noteAuthor(ctx context.Context, c *dam.Channel) error {
	if !c.Rule.Enabled || c.Rule.Author == "" {
		return nil
	}
	who, err := s.Catalog.People().Principal(ctx, c.Rule.Author)
	if err != nil || who.Can(c.Library, dam.MayPublish) {
		return err
	}
	c.Notice, c.NoticeReasons = reasons.Note(reasons.RuleAuthorMayNotPublish())
	return nil
}

// Present returns NotFound for a deleted channel.
func Present(r catalog.ChannelRow, err error) (catalog.ChannelRow, error) {
	if err == nil && r.Deleted {
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.ChannelRemoved(r.ID)}
	}
	return r, err
}

// Shown returns a channel as people see it: without its secrets.
func Shown(r catalog.ChannelRow) dam.Channel {
	c := r.Channel
	if r.Paused && c.Health != dam.Reconnect {
		c.Health = dam.Paused
	}
	var caps publishers.Capabilities
	if json.Unmarshal(r.Capabilities, &caps) == nil {
		c.Limits, c.LimitReasons = caps.Limits, caps.LimitReasons
	}
	return c
}

// CreateChannel verifies a channel and adds it.
func (s *Service) CreateChannel(ctx context.Context, library string, in ChannelInput) (dam.Channel, error) {
	k, ok := s.kinds[in.Kind]
	if !ok {
		return dam.Channel{}, dam.InvalidInput("kind", reasons.NoChannelKind(in.Kind))
	}
	config, secrets, err := k.Settings(in.Config, nil)
	if err != nil {
		return dam.Channel{}, err
	}
	row := catalog.ChannelRow{Channel: dam.Channel{ID: dam.NewID(dam.ChannelPrefix), Library: library,
		Name: strings.TrimSpace(in.Name), Kind: in.Kind, Config: config,
		Rule: in.Rule, Territories: in.Territories, Schedule: in.Schedule, Health: dam.Healthy},
		Sealed: map[string]string{}}
	saved(ctx, &row.Rule)
	s.seal(&row, secrets)
	if err := s.checkChannel(ctx, &row); err != nil {
		return dam.Channel{}, err
	}
	// Before anything is made at the channel's place; those who add two at once meet below.
	free := func(tx *catalog.Tx) error { return s.alone(ctx, tx, k, row) }
	if err := s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), free); err != nil {
		return dam.Channel{}, err
	}
	row.Capabilities = json.RawMessage(`{"idempotency":"none"}`)
	if unconnected(k, &row) {
		row.Health = dam.Reconnect
		row.HealthNote, row.HealthReasons = reasons.Note(reasons.ConnectItsAccount())
	} else if err := s.settle(ctx, k, &row); err != nil {
		return dam.Channel{}, err
	}
	if row.Rule.Enabled {
		row.Scan = new(int64)
	}
	created, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Channel, error) {
		r := row
		if err := s.alone(ctx, tx, k, row); err != nil {
			return dam.Channel{}, err
		}
		if err := tx.Channels().PutChannel(ctx, &r); err != nil {
			return dam.Channel{}, err
		}
		EmitChannel(tx, dam.ChannelCreated, r)
		r, err := tx.Channels().Channel(ctx, library, r.ID)
		return s.shown(r), err
	})
	return created, err
}

// alone refuses a name that another channel of the library has, and a place that another one writes to where the two
// would overwrite and recall each other's files.
func (s *Service) alone(ctx context.Context, tx *catalog.Tx, k publishers.Kind, row catalog.ChannelRow) error {
	others, err := tx.Channels().List(ctx, row.Library)
	if err != nil {
		return err
	}
	for _, o := range others {
		switch {
		case o.ID == row.ID || o.Deleted:
		case canon.Same(o.Name, row.Name):
			return dam.InvalidInput("name", reasons.ChannelNameTaken(row.Name))
		case k.Overwrites && o.Kind == row.Kind && k.Destination(o.Config) == k.Destination(row.Config):
			return dam.InvalidInput("config", reasons.ChannelPlaceTaken(o.Name))
		}
	}
	return nil
}

// UpdateChannel changes a channel; ifMatch is the revision the caller saw, 0 for any.
// New settings are verified first.
func (s *Service) UpdateChannel(ctx context.Context, library, id string, ifMatch int64, p ChannelPatch) (dam.Channel,
	error) {
	seen, err := Present(s.Catalog.Channels().Channel(ctx, library, id))
	if err != nil {
		return dam.Channel{}, err
	}
	if err := matches(seen, ifMatch); err != nil {
		return dam.Channel{}, err
	}
	row, moved := seen, false
	if p.Name != nil {
		row.Name = strings.TrimSpace(*p.Name)
	}
	if p.Rule != nil {
		row.Rule = *p.Rule
		saved(ctx, &row.Rule)
	}
	if p.Territories != nil {
		row.Territories = *p.Territories
	}
	if p.Schedule != nil {
		row.Schedule = *p.Schedule
	}
	if p.Config != nil {
		k, ok := s.kinds[row.Kind]
		if !ok {
			return dam.Channel{}, &dam.Error{Code: dam.Conflict, Reason: reasons.ChannelKindUnknownHere(row.Kind)}
		}
		if err := s.notProving(ctx, id); err != nil {
			return dam.Channel{}, err
		}
		config, secrets, err := k.Settings(p.Config, row.Sealed)
		if err != nil {
			return dam.Channel{}, err
		}
		if err := s.checkDestination(ctx, k, id, row.Config, config); err != nil {
			return dam.Channel{}, err
		}
		forgotten, err := k.Resent(row.Config, config, row.Sealed, secrets)
		if err != nil {
			return dam.Channel{}, err
		}
		moved = k.Moves(row.Config, config)
		row.Config = config
		row.Sealed = cloned(row.Sealed)
		for _, name := range forgotten {
			delete(row.Sealed, name)
		}
		s.seal(&row, secrets)
		if k.OAuth != nil && slices.ContainsFunc(k.OAuth.Entered, func(name string) bool {
			return secrets[name] != nil
		}) { // what is entered takes the place of a connection
			delete(row.Sealed, publishers.AccessToken)
			delete(row.Sealed, publishers.RefreshToken)
			delete(row.Sealed, publishers.ExpiresAt)
		}
		if unconnected(k, &row) {
			row.Health = dam.Reconnect
			row.HealthNote, row.HealthReasons = reasons.Note(reasons.ConnectItsAccount())
		} else if err := s.settle(ctx, k, &row); err != nil {
			return dam.Channel{}, err
		}
	}
	if err := s.checkChannel(ctx, &row); err != nil {
		return dam.Channel{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Channel, error) {
		now, err := Present(tx.Channels().LockChannel(ctx, library, id))
		if err != nil {
			return dam.Channel{}, err
		}
		if now.Revision != seen.Revision {
			return dam.Channel{}, stale()
		}
		r := row
		k := s.kinds[row.Kind]
		if !canon.Same(row.Name, seen.Name) ||
			k.Overwrites && k.Destination(row.Config) != k.Destination(seen.Config) {
			if err := s.alone(ctx, tx, k, row); err != nil {
				return dam.Channel{}, err
			}
		}
		r.Sealed = cloned(row.Sealed)
		for name, sealed := range now.Sealed { // renewed meanwhile, for the address that it had
			if sealed != seen.Sealed[name] && row.Sealed[name] == seen.Sealed[name] && !moved {
				r.Sealed[name] = sealed
			}
		}
		if moved { // their codes are the other address's
			if err := tx.Channels().ForgetConnects(ctx, id); err != nil {
				return dam.Channel{}, err
			}
		}
		if r.Scan = now.Scan; p.Rule != nil || p.Territories != nil {
			r.Scan = new(int64)
		}
		if err := tx.Channels().PutChannel(ctx, &r); err != nil {
			return dam.Channel{}, err
		}
		EmitChannel(tx, dam.ChannelUpdated, r)
		r, err = tx.Channels().Channel(ctx, library, id)
		return s.shown(r), err
	})
}

// DeleteChannel deletes a channel on which nothing is published or planned.
func (s *Service) DeleteChannel(ctx context.Context, library, id string, ifMatch int64) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		r, err := Present(tx.Channels().LockChannel(ctx, library, id))
		if err != nil {
			return err
		}
		if err := matches(r, ifMatch); err != nil {
			return err
		}
		open, _, err := tx.Publications().PublicationsOnChannel(ctx, id)
		if err != nil {
			return err
		}
		if open > 0 {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.ChannelHasOpenPublications(open)}
		}
		if _, proving, err := tx.Channels().OpenProof(ctx, id); err != nil {
			return err
		} else if proving {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.ProofUnderWay()}
		}
		r.Deleted, r.Sealed, r.Scan = true, map[string]string{}, nil
		EmitChannel(tx, dam.ChannelDeleted, r)
		return tx.Channels().PutChannel(ctx, &r)
	})
}

// TestChannel checks whether a channel works now, and records the result as its health.
func (s *Service) TestChannel(ctx context.Context, library, id string) (dam.Channel, error) {
	row, err := Present(s.Catalog.Channels().Channel(ctx, library, id))
	if err != nil {
		return dam.Channel{}, err
	}
	k, ok := s.kinds[row.Kind]
	if !ok {
		return dam.Channel{}, &dam.Error{Code: dam.Conflict, Reason: reasons.ChannelKindUnknownHere(row.Kind)}
	}
	tested := row
	if unconnected(k, &row) {
		return dam.Channel{}, &dam.Error{Code: dam.Forbidden, Field: "config",
			Reason: reasons.ChannelWithoutAccount(k.Title)}
	}
	waiting, failure := s.placeless(ctx, k, &tested)
	if failure == nil && waiting {
		return dam.Channel{}, dam.InvalidInput("config."+k.Place, reasons.PlaceNotChosen())
	}
	if failure == nil {
		failure = s.verify(ctx, k, &tested)
	}
	out, err := s.alterChannel(ctx, library, id, func(r *catalog.ChannelRow) error {
		if !bytes.Equal(r.Config, row.Config) {
			return stale() // what was tested are settings that it had
		}
		if failure == nil {
			if k.Place != "" && !chosen(k, r.Config) {
				r.Config = tested.Config
			}
			r.Identity, r.Capabilities = tested.Identity, tested.Capabilities
			r.Health, r.HeldUntil = dam.Healthy, nil
			r.HealthNote, r.HealthReasons = reasons.Note()
			return nil
		}
		var e *dam.Error
		if errors.As(failure, &e) {
			r.Health = dam.Degraded
			r.HealthNote, r.HealthReasons = reasons.Note(e.Reason)
			if e.Code == dam.Forbidden {
				r.Health = dam.Reconnect
			}
		}
		return nil
	})
	return out, errors.Join(failure, err)
}

// PauseChannel stops everything that would be sent; recalls still run.
func (s *Service) PauseChannel(ctx context.Context, library, id string) (dam.Channel, error) {
	return s.alterChannel(ctx, library, id, func(r *catalog.ChannelRow) error { r.Paused = true; return nil })
}

// ResumeChannel ends a pause.
func (s *Service) ResumeChannel(ctx context.Context, library, id string) (dam.Channel, error) {
	return s.alterChannel(ctx, library, id, func(r *catalog.ChannelRow) error { r.Paused = false; return nil })
}

func (s *Service) alterChannel(ctx context.Context, library, id string,
	change func(*catalog.ChannelRow) error) (dam.Channel,
	error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Channel, error) {
		r, err := Present(tx.Channels().LockChannel(ctx, library, id))
		if err != nil {
			return dam.Channel{}, err
		}
		if err := change(&r); err != nil {
			return dam.Channel{}, err
		}
		if err := tx.Channels().PutChannel(ctx, &r); err != nil {
			return dam.Channel{}, err
		}
		EmitChannel(tx, dam.ChannelUpdated, r)
		return s.shown(r), nil
	})
}

// verify asks the remote for the account's identity and for what it accepts.
func (s *Service) verify(ctx context.Context, k publishers.Kind, r *catalog.ChannelRow) error {
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	if err := s.asking(ctx, r, func(a publishers.Account) error {
		id, err := k.Publisher.Verify(ctx, a)
		if err != nil {
			return err
		}
		caps, err := k.Publisher.Describe(ctx, a)
		if err != nil {
			return err
		}
		r.Identity = &id
		r.Capabilities, err = json.Marshal(caps.Worded())
		return err
	}); err != nil {
		return refusal(k, err)
	}
	return nil
}

// Account decrypts a channel's credentials.
func (s *Service) Account(r catalog.ChannelRow) (publishers.Account, error) {
	a := publishers.Account{Channel: r.ID, Config: r.Config, Secrets: make(map[string]string, len(r.Sealed))}
	for name, sealed := range r.Sealed {
		plain, _, err := s.Secrets.Open(sealed, SecretPurpose(r.ID, name))
		if err != nil {
			return a, &dam.Error{Code: dam.Conflict, Reason: reasons.ChannelCredentialsSealed(r.Name), Err: err}
		}
		a.Secrets[name] = string(plain)
	}
	return a, nil
}

// seal stores secrets; nil forgets one.
func (s *Service) seal(r *catalog.ChannelRow, secrets map[string]*string) {
	for name, v := range secrets {
		if v == nil {
			delete(r.Sealed, name)
		} else {
			r.Sealed[name] = s.Secrets.Seal([]byte(*v), SecretPurpose(r.ID, name))
		}
	}
}

// SecretPurpose returns the purpose that a channel's secret is sealed for.
func SecretPurpose(channel, name string) string { return "channel/" + channel + "/" + name }

func cloned(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// checkChannel checks name, rule and territories.
func (s *Service) checkChannel(ctx context.Context, r *catalog.ChannelRow) error {
	if r.Name == "" || len(r.Name) > 200 {
		return dam.InvalidInput("name", reasons.ChannelNameLength())
	}
	if err := (dam.Rights{Territories: r.Territories}).Validate("channel"); err != nil {
		return dam.InvalidInput("territories", reasons.TerritoryForm())
	}
	if err := r.Schedule.Validate(); err != nil {
		return err
	}
	if r.Rule.Enabled && len(r.Rule.Presets) == 0 {
		return dam.InvalidInput("rule.presets", reasons.RuleWithoutPresets())
	}
	if r.Rule.Query != "" {
		// Any asset will do to check whether the query can be parsed.
		_, err := s.Match.Matches(ctx, r.Library, r.Rule, dam.Asset{ID: dam.NewID(dam.AssetPrefix),
			Library: r.Library})
		var e *dam.Error
		switch {
		case errors.As(err, &e) && e.Code == dam.Invalid:
			return &dam.Error{Code: dam.Invalid, Field: "rule.query", Reason: e.Reason, Err: err}
		case err != nil:
			return &dam.Error{Code: dam.Unavailable, Field: "rule.query",
				Reason: reasons.RuleQueryNotTried(), Err: err}
		}
	}
	return s.checkPresets(ctx, r.Library, "rule.presets", r.Rule.Presets)
}

func (s *Service) checkPresets(ctx context.Context, library, field string, names []string) error {
	known, err := s.Catalog.Presets().List(ctx, library)
	if err != nil {
		return err
	}
	for i, name := range names {
		if _, ok := dam.Variant(known, name); !ok {
			return dam.InvalidInput(fmt.Sprintf("%s[%d]", field, i), reasons.NoPresetQuoted(name))
		}
	}
	return nil
}

func matches(r catalog.ChannelRow, ifMatch int64) error {
	if ifMatch != 0 && ifMatch != r.Revision {
		return stale()
	}
	return nil
}

func stale() error {
	return &dam.Error{Code: dam.Stale, Reason: reasons.ChannelChangedMeanwhile()}
}

// EmitChannel appends an event of a channel to the log.
func EmitChannel(tx *catalog.Tx, t dam.EventType, r catalog.ChannelRow) {
	data, err := json.Marshal(map[string]string{"kind": r.Kind, "health": string(Shown(r).Health)})
	if err != nil {
		data = nil // marshalling strings never fails
	}
	tx.Emit(dam.Event{Library: r.Library, Type: t, Subject: r.ID, Data: data})
}
