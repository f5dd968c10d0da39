package publishertest

import (
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
)

// RequestsInHour is how many requests a remote that refuses for good may get in the first hour, for one publication.
const RequestsInHour = 12

// lastingRefusal: whatever the remote refuses for good, it is asked a dozen times in the first hour, at most.
func lastingRefusal(r *run) {
	if r.h.Fault == nil {
		return
	}
	for _, f := range []Fault{Refused, Revoked, Expired, ThrottledPlain, ThrottledDated} {
		end, ok := r.h.Fault(f)
		if !ok {
			continue
		}
		p := r.Publish(r.a, r.Asset("red shoe").ID, r.ch.ID)
		r.stage.requests.Store(0)
		health := dam.Healthy
		for hour := r.Clock.Now().Add(time.Hour); r.Clock.Now().Before(hour); {
			r.Turn(r.a)
			p = r.Read(p.ID)
			ch, err := r.a.Accounts.Channel(catalogtest.Context(r.t), dam.DefaultLibrary, r.ch.ID)
			check(r.t, err)
			if health = ch.Health; p.NextAt == nil || p.State == dam.PubDelivered || health == dam.Reconnect {
				break
			}
			next := *p.NextAt
			if ch.HeldUntil != nil && ch.HeldUntil.After(next) {
				next = *ch.HeldUntil
			}
			r.Clock.Advance(max(next.Sub(r.Clock.Now()), time.Second))
		}
		if n := r.stage.requests.Load(); n > RequestsInHour {
			r.t.Errorf("%s: %d requests in the first hour\n%s", f, n, Ledger(p))
		}
		end()
		if health == dam.Reconnect {
			r.reconnect()
		}
		if p.State != dam.PubFailed && p.State != dam.PubDelivered {
			r.Until(r.a, p.ID, dam.PubDelivered)
		}
	}
}
