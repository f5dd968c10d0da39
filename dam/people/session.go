package people

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// SessionLength is how long a session lives after its last use.
const SessionLength = 14 * 24 * time.Hour

// Sign-in attempts allowed in a window. An account is guessed at slowly from one address, and an address, behind
// which a whole shop may sit, tries somewhat more. What all addresses together may try on one account is limited
// for those only from which it has not been signed in to lately: strangers can't lock its owner out.
const (
	attemptWindow     = 15 * time.Minute
	attemptsByPair    = 10
	attemptsByAccount = 30
	attemptsByAddress = 100
	// addressKnown is how long an address counts as the owner's after a sign-in.
	addressKnown = 90 * 24 * time.Hour
)

// LimitError refuses a sign-in until some time has passed. It is a dam.Limited error.
type LimitError struct{ Wait time.Duration }

func (e *LimitError) Error() string { return e.Unwrap().Error() }

// Unwrap gives the form in which the error reaches people.
func (e *LimitError) Unwrap() error {
	return &dam.Error{Code: dam.Limited, Reason: reasons.TooManyFailedSignIns(e.Wait.Round(time.Second).String())}
}

// RetryAfter is how long to wait.
func (e *LimitError) RetryAfter() time.Duration { return e.Wait }

// unknown is the context of what is done before it is known who asks.
func unknown(ctx context.Context) context.Context {
	return dam.AsSystem(ctx, "who asks is only found out by reading accounts, sessions and tokens")
}

// Authenticate checks an e-mail and a password. address is the client's IP, counted
// against guessing; "" is not counted. Errors: dam.Unauthorized, the same for an
// unknown e-mail, a wrong password and a disabled account; *LimitError.
func (s *Service) Authenticate(ctx context.Context, email, password, address string) (dam.User, error) {
	ctx = catalog.WithoutIdempotencyKey(unknown(ctx)) // what is counted here is not the client's write
	email = strings.ToLower(strings.TrimSpace(email))
	a, err := s.authenticate(ctx, email, password, attemptKeys(email, address))
	return a.User, err
}

func (s *Service) authenticate(ctx context.Context, email, password string, keys attempt) (catalog.Account, error) {
	if err := s.count(ctx, keys); err != nil {
		return catalog.Account{}, err
	}
	a, err := s.catalog.People().AccountByEmail(ctx, email)
	if err != nil && dam.CodeOf(err) != dam.NotFound {
		return a, err
	}
	known := err == nil
	if !known {
		a.Password = nobody
	}
	ok, stale := s.matches(ctx, password, a.Password)
	if err := ctx.Err(); err != nil {
		return a, err
	}
	if !known || !ok || a.Disabled {
		return catalog.Account{}, &dam.Error{Code: dam.Unauthorized, Reason: reasons.WrongCredentials()}
	}
	var fresh string
	if stale {
		if fresh, err = s.hash(ctx, "password", password, email); err != nil {
			fresh = "" // an old password the policy of today refuses goes on working
		}
	}
	err = s.catalog.Write(ctx, func(tx *catalog.Tx) error {
		if fresh != "" {
			now, err := lockUser(ctx, tx, "", a.ID)
			if err != nil {
				return err
			}
			if now.Password == a.Password {
				now.Password = fresh
				if err := tx.People().UpdateUser(ctx, now); err != nil {
					return err
				}
			}
		}
		return errors.Join(tx.People().ClearAttempts(ctx, keys.pair), tx.People().ForgiveAttempt(ctx, keys.account,
			keys.network), tx.People().Remember(ctx, keys.known, addressKnown))
	})
	return a, err
}

// attempt are the keys that an attempt counts under; network is "" where the address tells nothing.
type attempt struct{ pair, network, account, known string }

// attemptKeys are the same for accounts that there are and those that there are not.
func attemptKeys(email, address string) attempt {
	from := block(address)
	k := attempt{pair: hashSecret("pair:" + email + " " + from), account: hashSecret("account:" + email),
		known: hashSecret("known:" + email + " " + from)}
	// Everybody behind a proxy on this machine that does not say whom it speaks for has its address.
	if ip, err := netip.ParseAddr(address); address != "" && (err != nil || !ip.Unmap().IsLoopback()) {
		k.network = hashSecret("address:" + from)
	}
	return k
}

// count notes an attempt before the password is looked at, so that many at once cannot slip under a limit. What is
// refused at one limit is not held against the next: an address that has used up its own locks nobody else out.
func (s *Service) count(ctx context.Context, keys attempt) error {
	wait, err := catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (time.Duration, error) {
		known, err := tx.People().Remembers(ctx, keys.known)
		if err != nil {
			return 0, err
		}
		for _, l := range []struct {
			key       string
			most      int
			strangers bool // it is for addresses that the account does not know
		}{{keys.pair, attemptsByPair, false}, {keys.network, attemptsByAddress, true},
			{keys.account, attemptsByAccount, true}} {
			if l.key == "" || l.strangers && known {
				continue
			}
			n, ends, err := tx.People().CountAttempt(ctx, l.key, attemptWindow)
			if err != nil {
				return 0, err
			}
			if n > l.most {
				return max(ends.Sub(tx.Now()), time.Second), nil
			}
		}
		return 0, nil
	})
	if err == nil && wait > 0 {
		err = &LimitError{Wait: wait}
	}
	return err
}

// block is what counts as one address: an IPv6 customer holds a whole /64.
func block(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// StartSession signs a user in. The secret goes into the cookie; only its hash is kept.
func (s *Service) StartSession(ctx context.Context, user string) (secret string, expires time.Time, err error) {
	secret = newSecret()
	err = s.catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		a, err := lockUser(ctx, tx, "", user)
		if err != nil {
			return err
		}
		if a.Disabled { // between the password's check and now
			return &dam.Error{Code: dam.Unauthorized, Reason: reasons.AccountDisabled()}
		}
		expires = tx.Now().Add(SessionLength)
		return tx.People().InsertSession(ctx, hashSecret(secret), user, expires)
	})
	return secret, expires, err
}

// Session returns the user behind a session secret. renewed is set when the
// session's end has moved and the cookie should be sent again: at most once an
// hour. Errors: dam.Unauthorized.
func (s *Service) Session(ctx context.Context, secret string) (u dam.User, renewed *time.Time, err error) {
	ctx = catalog.WithoutIdempotencyKey(unknown(ctx))
	gone := &dam.Error{Code: dam.Unauthorized, Reason: reasons.SessionEnded()}
	hash := hashSecret(secret)
	id, expires, ok, err := s.catalog.People().Session(ctx, hash)
	if err != nil {
		return u, nil, err
	}
	now := time.Now()
	if !ok || !now.Before(expires) {
		return u, nil, gone
	}
	a, err := s.catalog.People().Account(ctx, id)
	if dam.CodeOf(err) == dam.NotFound || err == nil && a.Disabled {
		return u, nil, gone
	}
	if err != nil {
		return u, nil, err
	}
	if until := now.Add(SessionLength); until.Sub(expires) > time.Hour {
		// A session that could not be extended is still good.
		if s.catalog.Write(ctx, func(tx *catalog.Tx) error {
			return tx.People().ExtendSession(ctx, hash, until)
		}) == nil {
			renewed = &until
		}
	}
	return a.User, renewed, nil
}

// EndSession signs out. An unknown secret is a success.
func (s *Service) EndSession(ctx context.Context, secret string) error {
	ctx = catalog.WithoutIdempotencyKey(unknown(ctx))
	return s.catalog.Write(ctx, func(tx *catalog.Tx) error {
		return tx.People().DeleteSession(ctx, hashSecret(secret))
	})
}
