package accounts

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// CallbackPath is the path below the public URL to which the remote redirects the browser.
const CallbackPath = "/api/oauth/callback"

const connectTime = 15 * time.Minute

// ConnectStart has the URL at which a person connects an account.
type ConnectStart struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// unconnected reports whether a channel is waiting for its first connection.
func unconnected(k publishers.Kind, r *catalog.ChannelRow) bool {
	return k.OAuth != nil && r.Sealed[publishers.AccessToken] == "" &&
		!slices.ContainsFunc(k.OAuth.Entered, func(name string) bool { return r.Sealed[name] != "" })
}

// Connect starts the flow that connects a channel to an account. The returned URL is valid once, for the person who
// requested it.
func (s *Service) Connect(ctx context.Context, library, id string) (ConnectStart, error) {
	row, err := Present(s.Catalog.Channels().Channel(ctx, library, id))
	if err != nil {
		return ConnectStart{}, err
	}
	k, ok := s.kinds[row.Kind]
	if !ok || k.OAuth == nil {
		return ConnectStart{}, &dam.Error{Code: dam.Conflict, Reason: reasons.ChannelKindNotOauth(row.Kind)}
	}
	if err := s.notProving(ctx, id); err != nil {
		return ConnectStart{}, err
	}
	if s.PublicURL == "" {
		return ConnectStart{}, &dam.Error{Code: dam.Conflict, Reason: reasons.PublicUrlUnknown()}
	}
	a, err := s.Account(row)
	if err != nil {
		return ConnectStart{}, err
	}
	redirect := strings.TrimRight(s.PublicURL, "/") + CallbackPath
	if err := s.register(ctx, k, row, &a, redirect); err != nil {
		return ConnectStart{}, err
	}
	c, options, err := k.OAuth.Config(a, redirect)
	if err != nil {
		return ConnectStart{}, err
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // crypto/rand never fails: it crashes the program instead
	state, verifier := base64.RawURLEncoding.EncodeToString(random[:]), oauth2.GenerateVerifier()
	options = append(options, k.OAuth.Start(a, verifier)...)
	out := ConnectStart{URL: c.AuthCodeURL(state, options...), ExpiresAt: s.now().Add(connectTime)}
	// Without an idempotency key: a repeated request starts a flow of its own.
	err = s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		key := stateKey(state)
		return tx.Channels().StartConnect(ctx, catalog.Connect{State: key, Channel: id,
			Verifier: s.Secrets.Seal([]byte(verifier), "connect/"+key), By: tx.Actor().ID, Expires: out.ExpiresAt},
			s.now())
	})
	return out, err
}

// register makes sure that an application of the kind is known at the remote, for kinds that register their own.
func (s *Service) register(ctx context.Context, k publishers.Kind, row catalog.ChannelRow, a *publishers.Account,
	redirect string) error {
	if k.OAuth.Register == nil {
		return nil
	}
	calling, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	application, err := k.OAuth.Register(calling, *a, redirect)
	if err != nil {
		return refusal(k, err)
	}
	sealed := map[string]string{}
	a.Secrets = cloned(a.Secrets)
	for name, v := range application {
		if a.Secrets[name] != v {
			a.Secrets[name], sealed[name] = v, s.Secrets.Seal([]byte(v), SecretPurpose(row.ID, name))
		}
	}
	if len(sealed) == 0 {
		return nil
	}
	return s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		now, err := Present(tx.Channels().LockChannel(ctx, row.Library, row.ID))
		if err == nil && !bytes.Equal(now.Config, row.Config) {
			err = stale() // the application is known at an address that it had
		}
		if err != nil {
			return err
		}
		return tx.Channels().SetSecrets(ctx, row.ID, sealed)
	})
}

func stateKey(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

// Connected completes a flow with what the remote gave the browser: a code, or the name of its error. It verifies the
// account and seals the tokens.
func (s *Service) Connected(ctx context.Context, state, code, failure string) (dam.Channel, error) {
	var flow catalog.Connect
	key := stateKey(state)
	if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
		flow, err = tx.Channels().FinishConnect(ctx, key, tx.Actor().ID, s.now())
		return err
	}); dam.CodeOf(err) == dam.NotFound {
		return dam.Channel{}, &dam.Error{Code: dam.Conflict, Reason: reasons.ConnectionNotStarted()}
	} else if err != nil {
		return dam.Channel{}, err
	}
	row, err := Present(s.Catalog.Channels().Channel(ctx, "", flow.Channel))
	if err != nil {
		return dam.Channel{}, err
	}
	k, ok := s.kinds[row.Kind]
	if !ok || k.OAuth == nil {
		return dam.Channel{}, &dam.Error{Code: dam.Conflict, Reason: reasons.ChannelKindUnknownHere(row.Kind)}
	}
	if err := s.notProving(ctx, row.ID); err != nil {
		return dam.Channel{}, err
	}
	if code == "" {
		return dam.Channel{}, &dam.Error{Code: dam.Forbidden, Reason: reasons.ChannelNotConnected(k.Title, failure)}
	}
	verifier, _, err := s.Secrets.Open(flow.Verifier, "connect/"+key)
	if err != nil {
		return dam.Channel{}, err
	}
	a, err := s.Account(row)
	if err != nil {
		return dam.Channel{}, err
	}
	fresh, err := s.exchange(ctx, k, a, code, string(verifier))
	if err != nil {
		return dam.Channel{}, refusal(k, err)
	}
	r := row
	r.Sealed = cloned(row.Sealed)
	for name, v := range fresh {
		r.Sealed[name] = s.Secrets.Seal([]byte(v), SecretPurpose(row.ID, name))
	}
	waiting, err := s.placeless(ctx, k, &r)
	if code := dam.CodeOf(err); code == dam.Invalid || code == dam.Forbidden {
		return dam.Channel{}, err // otherwise choosing later says what is wrong
	}
	if !waiting {
		if err := s.verify(ctx, k, &r); err != nil {
			return dam.Channel{}, err
		}
	}
	return s.alterChannel(ctx, row.Library, row.ID, func(now *catalog.ChannelRow) error {
		if !bytes.Equal(now.Config, row.Config) {
			return stale() // the tokens are for an address that it had
		}
		now.Sealed = cloned(now.Sealed)
		if !waiting && (row.Identity == nil || row.Identity.ID != r.Identity.ID) { // what is left is another account's
			delete(now.Sealed, publishers.RefreshToken)
			delete(now.Sealed, publishers.ExpiresAt)
		}
		for name := range fresh {
			now.Sealed[name] = r.Sealed[name]
		}
		now.HeldUntil = nil
		if waiting {
			waitForPlace(now)
			return nil
		}
		now.Config, now.Identity, now.Capabilities = r.Config, r.Identity, r.Capabilities
		now.Health = dam.Healthy
		now.HealthNote, now.HealthReasons = reasons.Note()
		return nil
	})
}

// exchange exchanges the code for tokens.
func (s *Service) exchange(ctx context.Context, k publishers.Kind, a publishers.Account, code,
	verifier string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	c, options, err := k.OAuth.Config(a, strings.TrimRight(s.PublicURL, "/")+CallbackPath)
	if err != nil {
		return nil, err
	}
	options = append(options, k.OAuth.Complete(a, verifier)...)
	t, err := c.Exchange(k.OAuth.Carry(ctx), code, options...)
	if err != nil {
		return nil, publishers.TokenRefused(err)
	}
	if scopes := k.OAuth.Withheld(a, t); len(scopes) > 0 {
		return nil, &dam.Error{Code: dam.Forbidden, Field: "config",
			Reason: reasons.ChannelScopesWithheld(k.Title, strings.Join(scopes, ", "))}
	}
	fresh := publishers.Tokens(t, s.now())
	if k.OAuth.Finish == nil {
		return fresh, nil
	}
	connected := a
	connected.Secrets = cloned(a.Secrets)
	for name, v := range fresh {
		connected.Secrets[name] = v
	}
	more, err := k.OAuth.Finish(ctx, connected)
	if err != nil {
		return nil, fmt.Errorf("finishing the connection: %w", err)
	}
	for name, v := range more {
		if fresh[name] = v; v == "" {
			delete(fresh, name)
		}
	}
	return fresh, nil
}
