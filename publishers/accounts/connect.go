package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
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
	return k.OAuth != nil && r.Sealed[publishers.AccessToken] == ""
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
	if s.PublicURL == "" {
		return ConnectStart{}, &dam.Error{Code: dam.Conflict, Reason: reasons.PublicUrlUnknown()}
	}
	a, err := s.Account(row)
	if err != nil {
		return ConnectStart{}, err
	}
	c, options, err := k.OAuth.Config(a, strings.TrimRight(s.PublicURL, "/")+CallbackPath)
	if err != nil {
		return ConnectStart{}, err
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // crypto/rand never fails: it crashes the program instead
	state, verifier := base64.RawURLEncoding.EncodeToString(random[:]), oauth2.GenerateVerifier()
	if !k.OAuth.NoPKCE {
		options = append(options, oauth2.S256ChallengeOption(verifier))
	}
	separator := k.OAuth.ScopeSeparator
	if separator == "" {
		separator = " "
	}
	if len(k.OAuth.Scopes) > 0 {
		options = append(options, oauth2.SetAuthURLParam("scope", strings.Join(k.OAuth.Scopes, separator)))
	}
	for name, v := range k.OAuth.Params {
		options = append(options, oauth2.SetAuthURLParam(name, v))
	}
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
	if err := s.verify(ctx, k, &r); err != nil {
		return dam.Channel{}, err
	}
	return s.alterChannel(ctx, row.Library, row.ID, func(now *catalog.ChannelRow) {
		now.Sealed = cloned(now.Sealed)
		for name := range fresh {
			now.Sealed[name] = r.Sealed[name]
		}
		now.Identity, now.Capabilities = r.Identity, r.Capabilities
		now.Health, now.HeldUntil = dam.Healthy, nil
		now.HealthNote, now.HealthReasons = reasons.Note()
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
	if !k.OAuth.NoPKCE {
		options = append(options, oauth2.VerifierOption(verifier))
	}
	t, err := c.Exchange(k.OAuth.Carry(ctx), code, options...)
	if err != nil {
		return nil, publishers.TokenRefused(err)
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
