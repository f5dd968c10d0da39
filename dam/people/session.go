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

// Limits on sign-in attempts per window. The limit for one account from one address is the lowest; an address may make
// more attempts in all, because a whole shop may share it. The limit for one account from all addresses does not apply
// to addresses that the account signed in from lately, so that strangers can't lock its owner out.
const (
	attemptWindow     = 15 * time.Minute
	attemptsByPair    = 10
	attemptsByAccount = 30
	attemptsByAddress = 100
	// addressKnown is how long after a sign-in an address counts as the owner's.
	addressKnown = 90 * 24 * time.Hour
)

// LimitError reports that a sign-in is refused until some time has passed. It is a dam.Limited error.
type LimitError struct{ Wait time.Duration }

func (e *LimitError) Error() string { return e.Unwrap().Error() }

// Unwrap returns the error in the form shown to people.
func (e *LimitError) Unwrap() error {
	return &dam.Error{Code: dam.Limited, Reason: reasons.TooManyFailedSignIns(e.Wait.Round(time.Second).String())}
}

// RetryAfter returns how long to wait.
func (e *LimitError) RetryAfter() time.Duration { return e.Wait }

// unknown returns the context for work that is done before the actor is known.
func unknown(ctx context.Context) context.Context {
	return dam.AsSystem(ctx, "who asks is only found out by reading accounts, sessions and tokens")
}

// Authenticate checks an e-mail address and a password. address is the client's IP address, whose attempts are limited;
// "" is not limited. The error is dam.Unauthorized, the same for an unknown e-mail address, a wrong password and a
// disabled account, or a *LimitError.
func (s *Service) Authenticate(ctx context.Context, email, password, address string) (dam.User, error) {
	ctx = catalog.WithoutIdempotencyKey(unknown(ctx)) // the attempts counted here are not the client's write
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
			fresh = "" // an old password that today's policy rejects keeps working
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

// attempt holds the keys that an attempt counts under; network is "" if the address identifies nobody.
type attempt struct{ pair, network, account, known string }

// attemptKeys returns the keys of an attempt, whether or not the account exists.
func attemptKeys(email, address string) attempt {
	from := block(address)
	k := attempt{pair: hashSecret("pair:" + email + " " + from), account: hashSecret("account:" + email),
		known: hashSecret("known:" + email + " " + from)}
	// All clients behind a local proxy that doesn't name them have the proxy's address.
	if ip, err := netip.ParseAddr(address); address != "" && (err != nil || !ip.Unmap().IsLoopback()) {
		k.network = hashSecret("address:" + from)
	}
	return k
}

// count records an attempt before the password is checked, so that concurrent attempts can't exceed a limit. An attempt
// refused at one limit doesn't count toward the next: an address over its own limit locks nobody else out.
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

// block returns the network that counts as one address: an IPv6 customer has a whole /64.
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

// StartSession starts a session for a user. The secret goes into the cookie; only its hash is stored.
func (s *Service) StartSession(ctx context.Context, user string) (secret string, expires time.Time, err error) {
	secret = newSecret()
	err = s.catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		a, err := lockUser(ctx, tx, "", user)
		if err != nil {
			return err
		}
		if a.Disabled { // disabled since the password was checked
			return &dam.Error{Code: dam.Unauthorized, Reason: reasons.AccountDisabled()}
		}
		expires = tx.Now().Add(SessionLength)
		return tx.People().InsertSession(ctx, hashSecret(secret), user, expires)
	})
	return secret, expires, err
}

// Session returns the user of a session secret. renewed is set if the session was extended and the cookie has to be
// sent again, which happens at most once an hour. The error is dam.Unauthorized.
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
		// A session that could not be extended is still valid.
		if s.catalog.Write(ctx, func(tx *catalog.Tx) error {
			return tx.People().ExtendSession(ctx, hash, until)
		}) == nil {
			renewed = &until
		}
	}
	return a.User, renewed, nil
}

// EndSession ends a session. It succeeds for an unknown secret, too.
func (s *Service) EndSession(ctx context.Context, secret string) error {
	ctx = catalog.WithoutIdempotencyKey(unknown(ctx))
	return s.catalog.Write(ctx, func(tx *catalog.Tx) error {
		return tx.People().DeleteSession(ctx, hashSecret(secret))
	})
}
