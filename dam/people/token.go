package people

import (
	"context"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// TokenPrefix is the prefix of every API token's secret, so that leaked ones can be found.
const TokenPrefix = "vtr_"

// NewToken describes a token to create, with a role in one library.
type NewToken struct {
	Name      string
	Role      dam.Role
	ExpiresAt *time.Time // nil means never
	// Collections limits the token to these collections; if empty, the token sees the whole library.
	Collections []string
}

// CreateToken creates an API token and returns its secret, which is shown only once. The actor can only grant a role
// that they hold. The error is dam.Invalid or dam.Forbidden.
func (s *Service) CreateToken(ctx context.Context, library string, n NewToken) (t dam.Token, secret string, err error) {
	if n.Name, err = cleanName("name", n.Name); err != nil {
		return t, "", err
	}
	if expired(n.ExpiresAt, time.Now()) {
		return t, "", dam.InvalidInput("expires_at", reasons.TokenAlreadyExpired())
	}
	if n.ExpiresAt != nil {
		at := n.ExpiresAt.UTC().Truncate(time.Microsecond)
		n.ExpiresAt = &at
	}
	secret = TokenPrefix + newSecret()
	id := dam.NewID(dam.TokenPrefix)
	type result struct {
		Token  dam.Token
		Sealed string
	}
	r, err := catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (result, error) {
		if _, err := tx.Libraries().Library(ctx, library); err != nil {
			return result{}, err
		}
		if err := mayGive(ctx, tx, library, n.Role); err != nil {
			return result{}, err
		}
		if err := checkLimit(ctx, tx, library, n.Role, n.Collections); err != nil {
			return result{}, err
		}
		t := dam.Token{ID: id, Name: n.Name, Grants: map[string]dam.Role{library: n.Role},
			Collections: limits(nil, library, n.Collections), ExpiresAt: n.ExpiresAt}
		if err := tx.People().InsertToken(ctx, &t, hashSecret(secret)); err != nil {
			return result{}, err
		}
		tx.Emit(dam.Event{Library: library, Type: dam.TokenCreated, Subject: id})
		return result{t, s.seal(secret)}, nil
	})
	if err != nil {
		return t, "", err
	}
	if r.Token.ID != id { // the repeat of an earlier request
		secret = s.unseal(r.Sealed)
	}
	return r.Token, secret, nil
}

// Tokens returns the library's tokens that are not revoked, newest first.
func (s *Service) Tokens(ctx context.Context, library string) ([]dam.Token, error) {
	return s.catalog.People().Tokens(ctx, library)
}

// RevokeToken revokes a token for good, from the next request.
func (s *Service) RevokeToken(ctx context.Context, library, id string) error {
	return s.catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.People().RevokeToken(ctx, library, id); err != nil {
			return err
		}
		tx.Emit(dam.Event{Library: library, Type: dam.TokenRevoked, Subject: id})
		return nil
	})
}

// Token returns the principal of a token's secret. The error is dam.Unauthorized.
func (s *Service) Token(ctx context.Context, secret string) (dam.Principal, error) {
	ctx = catalog.WithoutIdempotencyKey(unknown(ctx))
	refused := &dam.Error{Code: dam.Unauthorized, Reason: reasons.TokenInvalid(TokenPrefix)}
	if !strings.HasPrefix(secret, TokenPrefix) {
		return dam.Principal{}, refused
	}
	t, ok, err := s.catalog.People().TokenByHash(ctx, hashSecret(secret))
	if err != nil {
		return dam.Principal{}, err
	}
	now := time.Now()
	if !ok || expired(t.ExpiresAt, now) {
		return dam.Principal{}, refused
	}
	if t.LastUsed == nil || now.Sub(*t.LastUsed) > time.Minute {
		// The time of last use is not worth failing a request.
		_ = s.catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.People().TouchToken(ctx, t.ID) })
	}
	return t.Principal(), nil
}
