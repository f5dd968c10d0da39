// Package webhooks sends the log's events to endpoints: signed according to Standard Webhooks, in CloudEvents 1.0
// envelopes, with one durable delivery per endpoint and event, which is retried for days until it succeeds or is given
// up, and can be replayed.
//
// Delivery is at least once. Events about one asset (or, for those about none, one subject) reach an endpoint in the
// order of the log: the next one is sent once the one before it is delivered or given up. Events about different things
// go out side by side. webhook-id is the event's id, the same in every attempt and replay, so that
// a receiver can drop duplicates.
package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/dam/outbound"
	"vitrine/dam/reasons"
)

// Sealer encrypts the signing secrets at rest.
type Sealer interface {
	Seal(plain []byte, purpose string) string
	Open(sealed, purpose string) (plain []byte, stale bool, err error)
}

// Catalog is the part of the catalogue that this package reads and changes.
type Catalog interface {
	events.Log
	Webhooks() catalog.Webhooks
	Now() time.Time
}

// Options configure the service.
type Options struct {
	Catalog Catalog
	Secrets Sealer
	Log     *slog.Logger
	// Source is the CloudEvents source: the server's public URL, or any URI of this installation.
	Source string
	// Outbound decides which addresses endpoints may have; nil allows the public internet only.
	Outbound *outbound.Guard
	// Clock is the clock for attempts and leases, on which all nodes must agree: the database's when nil.
	Clock func() time.Time
}

// Service manages the endpoints and delivers events to them.
type Service struct {
	Options
	client *http.Client
	kick   chan struct{}
}

// New returns a service; Run starts delivering.
func New(o Options) *Service {
	if o.Clock == nil {
		o.Clock = o.Catalog.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Source == "" {
		o.Source = "urn:vitrine"
	}
	if o.Outbound == nil {
		o.Outbound = &outbound.Guard{}
	}
	return &Service{Options: o, client: o.Outbound.Client(attemptTimeout), kick: make(chan struct{}, 1)}
}

// Input is a new endpoint.
type Input struct {
	URL string `json:"url"`
	// Types are event types, or prefixes such as "asset.*"; none means all.
	Types       []dam.EventType `json:"types,omitempty"`
	Description string          `json:"description,omitempty"`
}

// Patch holds changes of an endpoint; nil fields stay unchanged.
type Patch struct {
	URL         *string          `json:"url,omitempty"`
	Types       *[]dam.EventType `json:"types,omitempty"`
	Description *string          `json:"description,omitempty"`
	Disabled    *bool            `json:"disabled,omitempty"`
}

// rotation is how long both signatures are sent after a rotation.
const rotation = 24 * time.Hour

// Webhooks returns a library's endpoints, oldest first.
func (s *Service) Webhooks(ctx context.Context, library string) ([]dam.Webhook, error) {
	rows, err := s.Catalog.Webhooks().List(ctx, library)
	out := make([]dam.Webhook, len(rows))
	for i, r := range rows {
		out[i] = r.Webhook
	}
	return out, err
}

// Webhook returns one endpoint.
func (s *Service) Webhook(ctx context.Context, library, id string) (dam.Webhook, error) {
	r, err := s.Catalog.Webhooks().Webhook(ctx, library, id)
	return r.Webhook, err
}

// Create adds an endpoint and returns its signing secret, which is shown only once.
func (s *Service) Create(ctx context.Context, library string, in Input) (dam.Webhook, string, error) {
	row := catalog.WebhookRow{Webhook: dam.Webhook{ID: dam.NewID(dam.WebhookPrefix), Library: library, URL: in.URL,
		Types: in.Types, Description: in.Description, Author: author(ctx)}}
	if err := s.check(row); err != nil {
		return dam.Webhook{}, "", err
	}
	w, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Webhook, error) {
		r := row
		r.Secret = s.Secrets.Seal([]byte(NewSecret()), purpose(r.ID))
		if err := tx.Webhooks().PutWebhook(ctx, &r); err != nil {
			return dam.Webhook{}, err
		}
		explained(tx, dam.WebhookCreated, r)
		return r.Webhook, nil
	})
	if err != nil {
		return w, "", err
	}
	secret, err := s.secret(ctx, library, w.ID)
	return w, secret, err
}

// secret reads an endpoint's secret from the catalogue, so that a repeated request returns the first result although no
// plain secret is stored with it.
func (s *Service) secret(ctx context.Context, library, id string) (string, error) {
	r, err := s.Catalog.Webhooks().Webhook(ctx, library, id)
	if err != nil {
		return "", err
	}
	secret, _, err := s.Secrets.Open(r.Secret, purpose(id))
	return string(secret), err
}

// Update changes an endpoint; ifMatch is the revision that the caller saw, 0 for any. The host can't change, because
// the secret was made for it: another one is a dam.Conflict.
func (s *Service) Update(ctx context.Context, library, id string, ifMatch int64, p Patch) (dam.Webhook, error) {
	w, err := s.alter(ctx, library, id, ifMatch, func(r *catalog.WebhookRow) error {
		if p.URL != nil || p.Types != nil || p.Disabled != nil { // what is told to whom
			r.Author = author(ctx)
		}
		if p.URL != nil {
			// A holder of the secret can impersonate this server wherever the secret is known: each host needs its own.
			if outbound.Origin(*p.URL) != outbound.Origin(r.URL) {
				return &dam.Error{Code: dam.Conflict, Field: "url", Reason: reasons.WebhookHostFixed()}
			}
			r.URL = *p.URL
		}
		if p.Types != nil {
			r.Types = *p.Types
		}
		if p.Description != nil {
			r.Description = *p.Description
		}
		if p.Disabled != nil {
			r.Disabled = *p.Disabled
			r.Note, r.NoteReasons = reasons.Note()
		}
		return s.check(*r)
	})
	s.wake()
	return w, err
}

// Rotate gives an endpoint a new secret, which is shown only once. For a day, deliveries carry the signatures of both
// secrets.
func (s *Service) Rotate(ctx context.Context, library, id string) (dam.Webhook, string, error) {
	w, err := s.alter(ctx, library, id, 0, func(r *catalog.WebhookRow) error {
		until := s.Clock().Add(rotation).UTC()
		r.OldSecret, r.RotatingUntil = r.Secret, &until
		r.Secret = s.Secrets.Seal([]byte(NewSecret()), purpose(id))
		return nil
	})
	if err != nil {
		return w, "", err
	}
	secret, err := s.secret(ctx, library, id)
	return w, secret, err
}

// Delete removes an endpoint and its pending deliveries.
func (s *Service) Delete(ctx context.Context, library, id string, ifMatch int64) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		r, err := tx.Webhooks().LockWebhook(ctx, library, id)
		if err != nil {
			return err
		}
		if ifMatch != 0 && ifMatch != r.Revision {
			return stale()
		}
		explained(tx, dam.WebhookDeleted, r)
		return tx.Webhooks().DeleteWebhook(ctx, id)
	})
}

// Test sends a "webhook.test" event once, now, and returns its outcome.
func (s *Service) Test(ctx context.Context, library, id string) (dam.WebhookDelivery, error) {
	w, err := s.Catalog.Webhooks().Webhook(ctx, library, id)
	if err != nil {
		return dam.WebhookDelivery{}, err
	}
	body, err := s.envelope("", dam.Event{ID: dam.NewID(dam.EventPrefix), Library: library, Type: "webhook.test",
		Subject: id, Actor: catalog.ActorOf(ctx).ID, At: s.Clock().UTC(), Data: json.RawMessage(`{"test":true}`)})
	if err != nil {
		return dam.WebhookDelivery{}, err
	}
	d := catalog.DeliveryRow{WebhookDelivery: dam.WebhookDelivery{ID: dam.NewID(deliveryPrefix), Webhook: id,
		Type: "webhook.test", Body: body}}
	s.attempt(ctx, w, &d)
	d.NextAt = nil
	if d.State != dam.DeliveryDone {
		d.State = dam.DeliveryDead
	}
	return d.WebhookDelivery, s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		return tx.Webhooks().InsertDeliveries(ctx, []catalog.DeliveryRow{d})
	})
}

// Deliveries returns a page of an endpoint's deliveries, newest first: those before
// an id ("" for the newest), in a state ("" for any).
func (s *Service) Deliveries(ctx context.Context, library, webhook string, state dam.DeliveryState, before string,
	limit int) ([]dam.WebhookDelivery, error) {
	if _, err := s.Catalog.Webhooks().Webhook(ctx, library, webhook); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 50
	}
	rows, err := s.Catalog.Webhooks().Deliveries(ctx, webhook, state, before, min(limit, 200))
	out := make([]dam.WebhookDelivery, len(rows))
	for i, r := range rows {
		out[i] = r.WebhookDelivery
	}
	return out, err
}

// Replay sends a delivery again, from the first attempt, with the same webhook-id.
func (s *Service) Replay(ctx context.Context, library, webhook, delivery string) (dam.WebhookDelivery, error) {
	if _, err := s.Catalog.Webhooks().Webhook(ctx, library, webhook); err != nil {
		return dam.WebhookDelivery{}, err
	}
	out, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.WebhookDelivery, error) {
		if _, err := tx.Webhooks().LockWebhook(ctx, library, webhook); err != nil {
			return dam.WebhookDelivery{}, err
		}
		d, err := tx.Webhooks().WebhookDelivery(ctx, webhook, delivery)
		if err != nil {
			return dam.WebhookDelivery{}, err
		}
		// It waits for those about the same thing that are being sent.
		d.State, d.Attempts, d.NextAt, d.Error, d.DeliveredAt = dam.DeliveryWaiting, 0, nil, "", nil
		if d.About == "" { // of an older release, or a test
			now := s.Clock().UTC()
			d.NextAt = &now
		}
		if err := tx.Webhooks().SaveDelivery(ctx, d, s.Clock().UTC()); err != nil {
			return dam.WebhookDelivery{}, err
		}
		d, err = tx.Webhooks().WebhookDelivery(ctx, webhook, delivery)
		return d.WebhookDelivery, err
	})
	s.wake()
	return out, err
}

func (s *Service) alter(ctx context.Context, library, id string, ifMatch int64,
	change func(*catalog.WebhookRow) error) (dam.Webhook, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Webhook, error) {
		r, err := tx.Webhooks().LockWebhook(ctx, library, id)
		if err != nil {
			return dam.Webhook{}, err
		}
		if ifMatch != 0 && ifMatch != r.Revision {
			return dam.Webhook{}, stale()
		}
		if err := change(&r); err != nil {
			return dam.Webhook{}, err
		}
		if err := tx.Webhooks().PutWebhook(ctx, &r); err != nil {
			return dam.Webhook{}, err
		}
		explained(tx, dam.WebhookUpdated, r)
		return r.Webhook, nil
	})
}

// author is who saves an endpoint: nobody if the server does it by itself.
func author(ctx context.Context) string {
	if who := dam.ActorOf(ctx); !who.IsSystem() {
		return who.ID
	}
	return ""
}

func (s *Service) check(r catalog.WebhookRow) error {
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(r.URL) > 2000 {
		return dam.InvalidInput("url", reasons.EndpointNotUrl())
	}
	if u.User != nil || u.Fragment != "" {
		return dam.InvalidInput("url", reasons.EndpointWithCredentials())
	}
	if err := s.Outbound.Check("url", r.URL); err != nil {
		return err
	}
	for i, t := range r.Types {
		if name := strings.TrimSuffix(string(t), ".*"); name == "" ||
			strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_.") != "" {
			return dam.InvalidInput("types["+strconv.Itoa(i)+"]", reasons.NotAnEventType(string(t)))
		}
	}
	if len(r.Description) > 500 {
		return dam.InvalidInput("description", reasons.WebhookDescriptionTooLong())
	}
	return nil
}

// wants reports whether an endpoint subscribes to a type of event.
func wants(types []dam.EventType, t dam.EventType) bool {
	return len(types) == 0 || slices.ContainsFunc(types, func(w dam.EventType) bool {
		prefix, all := strings.CutSuffix(string(w), "*")
		return w == t || all && strings.HasPrefix(string(t), prefix)
	})
}

func stale() error {
	return &dam.Error{Code: dam.Stale, Reason: reasons.WebhookChangedMeanwhile()}
}

func purpose(webhook string) string { return "webhook/" + webhook }

func explained(tx *catalog.Tx, t dam.EventType, r catalog.WebhookRow) {
	host := ""
	if u, err := url.Parse(r.URL); err == nil {
		host, _, err = net.SplitHostPort(u.Host)
		if err != nil {
			host = u.Host
		}
	}
	data, err := json.Marshal(map[string]any{"host": host, "disabled": r.Disabled})
	if err != nil {
		data = nil // plain data always marshals
	}
	tx.Emit(dam.Event{Library: r.Library, Type: t, Subject: r.ID, Data: data})
}

// wake makes the loop run now.
func (s *Service) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// errAnswer describes a failed attempt.
var errAnswer = errors.New("the endpoint answered with an error")

// reseal seals secrets that an older key sealed again with the newest key.
func (s *Service) reseal(ctx context.Context) error {
	hooks, err := s.Catalog.Webhooks().List(ctx, "")
	if err != nil {
		return err
	}
	for _, w := range hooks {
		if _, stale, err := s.Secrets.Open(w.Secret, purpose(w.ID)); err != nil || !stale {
			continue // if it can't be opened, its next delivery reports that
		}
		if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			r, err := tx.Webhooks().LockWebhook(ctx, "", w.ID)
			if err != nil {
				return err
			}
			for _, sealed := range []*string{&r.Secret, &r.OldSecret} {
				if plain, stale, err := s.Secrets.Open(*sealed, purpose(r.ID)); err == nil && stale {
					*sealed = s.Secrets.Seal(plain, purpose(r.ID))
				}
			}
			return tx.Webhooks().PutWebhook(ctx, &r)
		}); err != nil {
			return err
		}
	}
	return nil
}
