package accounts

import (
	"context"
	"maps"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

const (
	refreshTimeout = 30 * time.Second
	// refreshPolls bounds the wait for another node's refresh: ten seconds.
	refreshPolls = 100
)

// Refresh renews a channel's credentials, on one node at a time, unless they have been renewed since used was read.
// Empty values never overwrite stored ones.
func (s *Service) Refresh(ctx context.Context, channel string, used publishers.Account) error {
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil || hold != nil {
		if err != nil {
			return err
		}
		return &publishers.Error{Class: publishers.ClassRetry, Reason: reasons.AccessNotRenewedHeld()}
	}
	for range refreshPolls {
		a, err := s.Current(ctx, channel)
		if err != nil || !maps.Equal(a.Secrets, used.Secrets) {
			return err
		}
		var until time.Time
		mine := false
		if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
			now := s.now()
			until = now.Add(s.Lease)
			mine, err = tx.Channels().ClaimRefresh(ctx, channel, now, until)
			return err
		}); err != nil {
			return err
		}
		if mine {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			return s.refreshClaimed(ctx, channel, used, s.claiming(ctx, cancel, channel, until))
		}
		select { // another node is refreshing
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return publishers.Retry(2*time.Second, nil)
}

// claiming keeps extending the claim on a refresh, so that the claim of a dead node expires as its leases do. It calls
// lost if another node has the claim. end stops extending and returns until when the claim is valid.
func (s *Service) claiming(ctx context.Context, lost func(), channel string, until time.Time) (end func() time.Time) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(s.Lease / 4)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			to, held := s.now().Add(s.Lease), false
			if err := dam.Protect("a claim", func() error {
				return s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
					held, err = tx.Channels().ExtendRefresh(ctx, channel, until, to)
					return err
				})
			}); err != nil {
				continue // the claim may still be valid; the next try finds out
			}
			if !held {
				lost()
				return
			}
			until = to
		}
	}()
	return func() time.Time {
		close(stop)
		<-done
		return until
	}
}

func (s *Service) refreshClaimed(ctx context.Context, channel string, used publishers.Account,
	end func() time.Time) error {
	sealed := map[string]string{}
	var ch catalog.ChannelRow
	var k publishers.Kind
	err := func() (err error) {
		if ch, err = s.Catalog.Channels().Channel(ctx, "", channel); err != nil {
			return err
		}
		a, err := s.Account(ch)
		if err != nil || !maps.Equal(a.Secrets, used.Secrets) {
			return err
		}
		var ok bool
		if k, ok = s.kinds[ch.Kind]; !ok {
			return publishers.Disconnected(reasons.ChannelKindNotRun(ch.Kind), nil)
		}
		ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
		defer cancel()
		var fresh map[string]string
		if k.OAuth != nil && !k.OAuth.OwnRefresh {
			fresh, err = k.OAuth.Refresh(ctx, a, s.now())
		} else {
			fresh, err = k.Publisher.Refresh(ctx, a)
		}
		for name, v := range fresh {
			if v != "" {
				sealed[name] = s.Secrets.Seal([]byte(v), SecretPurpose(channel, name))
			}
		}
		return err
	}()
	until := end()
	writeErr := s.Catalog.Write(context.WithoutCancel(ctx), func(tx *catalog.Tx) error {
		if err == nil && len(sealed) > 0 {
			if now, err := tx.Channels().LockChannel(ctx, "", channel); err != nil {
				return err
			} else if !now.Deleted && !k.Moves(ch.Config, now.Config) { // else they are for an address that it had
				if err := tx.Channels().SetSecrets(ctx, channel, sealed); err != nil {
					return err
				}
			}
		}
		return tx.Channels().ReleaseRefresh(ctx, channel, until)
	})
	if err == nil {
		err = writeErr
	}
	return err
}

// Use makes a call with a channel's account, whose credentials are renewed when they have expired. The call is repeated
// only after an error that says so.
func (s *Service) Use(ctx context.Context, channel string, call func(publishers.Account) error) error {
	row, err := s.Catalog.Channels().Channel(ctx, "", channel)
	if err != nil {
		return err
	}
	return s.asking(ctx, &row, call)
}

// asking makes a call with a channel's account, whose credentials are renewed first when they are about to expire, or
// when the remote says that they have expired. r gets the renewed ones. Credentials that are not stored (of a channel
// that is being added, changed or connected) are not renewed: the stored ones may be another account's, and r may point
// to another address.
func (s *Service) asking(ctx context.Context, r *catalog.ChannelRow, call func(publishers.Account) error) error {
	a, err := s.Account(*r)
	if err != nil {
		return err
	}
	stored, err := s.Catalog.Channels().Channel(ctx, "", r.ID)
	if err != nil && dam.CodeOf(err) != dam.NotFound {
		return err
	}
	own := err == nil && stored.Revision == r.Revision && maps.Equal(stored.Sealed, r.Sealed)
	if !own || !a.Expiring(s.now()) {
		err = call(a)
		if !own || publishers.ClassOf(err, publishers.ClassRetry) != publishers.ClassAuthExpired {
			return err
		}
	}
	if err := s.Refresh(ctx, r.ID, a); err != nil {
		return err
	}
	if stored, err = s.Catalog.Channels().Channel(ctx, "", r.ID); err != nil {
		return err
	}
	if stored.Revision != r.Revision {
		return stale() // the renewed ones may be for another address
	}
	r.Sealed = stored.Sealed
	if a, err = s.Account(*r); err != nil {
		return err
	}
	return call(a)
}

// Current decrypts the channel's credentials as they are stored now.
func (s *Service) Current(ctx context.Context, channel string) (publishers.Account, error) {
	ch, err := s.Catalog.Channels().Channel(ctx, "", channel)
	if err != nil {
		return publishers.Account{}, err
	}
	return s.Account(ch)
}

// Reseal seals credentials that were sealed with an older key again with the newest one.
func (s *Service) Reseal(ctx context.Context) error {
	channels, err := s.Catalog.Channels().List(ctx, "")
	if err != nil {
		return err
	}
	for _, ch := range channels {
		fresh := map[string]string{}
		for name, sealed := range ch.Sealed {
			plain, stale, err := s.Secrets.Open(sealed, SecretPurpose(ch.ID, name))
			if err != nil {
				s.Log.Error("a channel's credentials can't be opened", "channel", ch.ID, "secret", name, "err", err)
			} else if stale {
				fresh[name] = s.Secrets.Seal(plain, SecretPurpose(ch.ID, name))
			}
		}
		if len(fresh) == 0 {
			continue
		}
		if err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			return tx.Channels().SetSecrets(ctx, ch.ID, fresh)
		}); err != nil {
			return err
		}
	}
	return nil
}

// refusedInARow is how many publications in a row a channel refuses for good before it counts as degraded.
const refusedInARow = 3

// Incident updates the channel's health. It emits one event when the health changes, and none while it stays the same.
func (s *Service) Incident(ctx context.Context, tx *catalog.Tx, ch catalog.ChannelRow, e *publishers.Error,
	attempts int) error {
	health, why := ch.Health, ch.HealthReasons
	switch {
	case e == nil:
		health, why = dam.Healthy, nil
	case e.Class == publishers.ClassDisconnected:
		health, why = dam.Reconnect, []reasons.Reason{e.Reason}
	case e.Class == publishers.ClassUnpaid && health != dam.Reconnect:
		health, why = dam.Degraded, []reasons.Reason{e.Reason}
	case e.Class == publishers.ClassRetry && attempts >= 2 && health == dam.Healthy:
		health, why = dam.Degraded, []reasons.Reason{reasons.LastAttemptsFailed()}
	case e.Class == publishers.ClassPermanent && health == dam.Healthy:
		// One is about its content; several in a row are about the channel.
		failed, err := tx.Publications().FailedLast(ctx, ch.ID, refusedInARow-1)
		if err != nil {
			return err
		}
		if failed {
			health, why = dam.Degraded, []reasons.Reason{reasons.LastPublicationsRefused(refusedInARow)}
		}
	}
	unpaid := e != nil && e.Class == publishers.ClassUnpaid && (len(ch.HealthReasons) == 0 ||
		ch.HealthReasons[0].ReasonCode != e.Reason.ReasonCode) // it was degraded for another reason
	if health == ch.Health && (!unpaid || health == dam.Reconnect) {
		return nil
	}
	if news, err := tx.Channels().SetChannelHealth(ctx, ch.ID, health, why); err != nil || !news {
		return err
	}
	ch.Health = health
	ch.HealthNote, ch.HealthReasons = reasons.Note(why...)
	EmitChannel(tx, dam.ChannelUpdated, ch)
	if s.Notify == nil || health == dam.Healthy {
		return nil
	}
	return s.Notify.Incident(ctx, tx, ch.Channel)
}
