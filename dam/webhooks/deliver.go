package webhooks

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/dam/outbound"
	"vitrine/dam/reasons"
)

const (
	follower       = "webhooks"
	deliveryPrefix = "d"
	attemptTimeout = 15 * time.Second
	// lease is much longer than an attempt; the deliveries of a node that died wait this long.
	lease          = 40 * time.Second
	answerLimit    = 64 << 10 // bytes of a response that are read
	maxWorkers     = 16
	perEndpoint    = 4
	longestWait    = 2 * time.Second
	keepDelivered  = 7 * 24 * time.Hour
	keepDead       = 30 * 24 * time.Hour
	sweepEvery     = time.Hour
	longestRetryIn = 24 * time.Hour
)

// pauses are the waits before the second, third, … attempt: three days in all.
var pauses = [...]time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// cloudEvent is a CloudEvents 1.0 envelope in structured mode; library, sequence
// and epoch are extension attributes.
type cloudEvent struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            dam.EventType   `json:"type"`
	Subject         string          `json:"subject,omitempty"`
	Time            time.Time       `json:"time"`
	DataContentType string          `json:"datacontenttype"`
	Library         string          `json:"library"`
	Sequence        string          `json:"sequence"`
	Epoch           string          `json:"epoch,omitempty"`
	Data            json.RawMessage `json:"data"`
}

func (s *Service) envelope(epoch string, e dam.Event) (json.RawMessage, error) {
	data := map[string]json.RawMessage{}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		data = map[string]json.RawMessage{"value": e.Data}
	}
	for name, v := range map[string]string{"asset": e.Asset, "actor": e.Actor} {
		if _, taken := data[name]; v != "" && !taken {
			data[name] = json.RawMessage(strconv.Quote(v))
		}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	return json.Marshal(cloudEvent{SpecVersion: "1.0", ID: e.ID, Source: s.Source, Type: e.Type, Subject: e.Subject,
		Time: e.At, DataContentType: "application/json",
		Library: e.Library, Sequence: strconv.FormatInt(e.Seq, 10), Epoch: epoch, Data: raw})
}

// fan inserts a delivery for every endpoint that subscribes to an event.
func (s *Service) fan(ctx context.Context, tx *catalog.Tx, batch []dam.Event) error {
	hooks, err := tx.Webhooks().List(ctx, "")
	if err != nil {
		return err
	}
	epoch, err := tx.Epochs().EpochOf(ctx)
	if err != nil {
		return err
	}
	now := s.Clock().UTC()
	var list []catalog.DeliveryRow
	bodies, authors := make([]json.RawMessage, len(batch)), map[string]dam.Principal{}
	for _, h := range hooks { // in the order of their ids, as everybody does who locks several
		locked := false
		if stopped, err := s.stopped(ctx, tx, h, authors); err != nil {
			return err
		} else if stopped {
			continue
		}
		for i, e := range batch {
			if h.Library != e.Library || !wants(h.Types, e.Type) {
				continue
			}
			if !locked { // nothing about the same thing ends while this decides what waits for what
				if _, err := tx.Webhooks().LockWebhook(ctx, "", h.ID); dam.CodeOf(err) == dam.NotFound {
					break // removed since the list was read
				} else if err != nil {
					return err
				}
				locked = true
			}
			if bodies[i] == nil {
				if bodies[i], err = s.envelope(epoch, e); err != nil {
					return err
				}
			}
			list = append(list, catalog.DeliveryRow{WebhookDelivery: dam.WebhookDelivery{ID: dam.NewID(deliveryPrefix),
				Webhook: h.ID, Seq: e.Seq, Type: e.Type, State: dam.DeliveryWaiting, Body: bodies[i], NextAt: &now},
				About: cmp.Or(e.Asset, e.Subject)})
		}
	}
	return tx.Webhooks().InsertDeliveries(ctx, list)
}

// stopped disables an endpoint whose author may not manage webhooks any more, since the address of somebody who left
// must not go on hearing what happens, and enables it once they may again. authors has who is known already.
func (s *Service) stopped(ctx context.Context, tx *catalog.Tx, w catalog.WebhookRow,
	authors map[string]dam.Principal) (bool, error) {
	before := len(w.NoteReasons) == 1 && w.NoteReasons[0].ReasonCode == reasons.CodeWebhookAuthorMayNotManage
	if w.Author == "" || w.Disabled && !before {
		return w.Disabled, nil
	}
	who, known := authors[w.Author]
	if !known {
		var err error
		if who, err = tx.People().Principal(ctx, w.Author); err != nil {
			return false, err
		}
		authors[w.Author] = who
	}
	// An archived library's endpoints hear what still happens in it.
	stops := !who.Restored(w.Library).Can(w.Library, dam.MayManageWebhooks)
	if stops == w.Disabled {
		return stops, nil
	}
	now, err := tx.Webhooks().LockWebhook(ctx, "", w.ID)
	switch {
	case dam.CodeOf(err) == dam.NotFound: // removed meanwhile
		return true, nil
	case err != nil, now.Revision != w.Revision: // saved by somebody else meanwhile
		return now.Disabled, err
	case stops:
		return true, s.set(ctx, tx, now, true, reasons.WebhookAuthorMayNotManage())
	}
	return false, s.set(ctx, tx, now, false)
}

// set disables or enables an endpoint by itself.
func (s *Service) set(ctx context.Context, tx *catalog.Tx, w catalog.WebhookRow, disabled bool,
	why ...reasons.Reason) error {
	w.Disabled = disabled
	w.Note, w.NoteReasons = reasons.Note(why...)
	if err := tx.Webhooks().PutWebhook(ctx, &w); err != nil {
		return err
	}
	explained(tx, dam.WebhookUpdated, w)
	return nil
}

// Run follows the log and delivers until ctx is done. Every node runs it.
func (s *Service) Run(ctx context.Context) error {
	if err := events.Register(ctx, s.Catalog, follower); err != nil {
		return err
	}
	if err := s.reseal(ctx); err != nil {
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() { dam.Loop(ctx, "webhooks: the log", s.following) })
	wg.Go(func() { dam.Loop(ctx, "webhooks: clean-up", s.sweeping) })
	h := inFlight{busy: map[string]int{}}
	for ctx.Err() == nil {
		wait, err := s.round(ctx, &h)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("webhook loop", "err", err)
			wait = time.Second
		}
		select {
		case <-ctx.Done():
		case <-s.kick:
		case <-time.After(wait):
		}
	}
	h.wg.Wait()
	wg.Wait()
	return ctx.Err()
}

// following applies the log's events in batches and wakes the loop after each commit.
func (s *Service) following(ctx context.Context) {
	for ctx.Err() == nil {
		seq, err := events.Step(ctx, s.Catalog, follower, s.fan)
		if err == nil {
			s.wake()
			err = s.Catalog.Wait(ctx, seq)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Error("follower stuck", "follower", follower, "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// inFlight counts the deliveries that this process is sending, per endpoint.
type inFlight struct {
	mu   sync.Mutex
	busy map[string]int
	all  int
	wg   sync.WaitGroup
}

func (h *inFlight) free(webhook string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return min(maxWorkers-h.all, perEndpoint-h.busy[webhook])
}

func (h *inFlight) add(webhook string, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all += n
	if h.busy[webhook] += n; h.busy[webhook] == 0 {
		delete(h.busy, webhook)
	}
}

// round starts as many due deliveries as there are free workers, and returns how long it is until the next one is due.
func (s *Service) round(ctx context.Context, h *inFlight) (time.Duration, error) {
	due, err := s.Catalog.Webhooks().DueWebhooks(ctx)
	if err != nil {
		return 0, err
	}
	now := s.Clock().UTC()
	wait := longestWait
	for id, at := range due {
		if at.After(now) {
			wait = min(wait, at.Sub(now))
			continue
		}
		n := h.free(id)
		if n <= 0 {
			continue
		}
		w, err := s.Catalog.Webhooks().Webhook(ctx, "", id)
		if dam.CodeOf(err) == dam.NotFound {
			continue
		}
		if err != nil {
			return 0, err
		}
		rows, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) ([]catalog.DeliveryRow, error) {
			if hold, err := tx.Epochs().Hold(ctx); err != nil || hold != nil {
				return nil, err
			}
			return tx.Webhooks().ClaimDeliveries(ctx, id, now, now.Add(lease), n)
		})
		if err != nil {
			return 0, err
		}
		for _, d := range rows {
			h.add(id, 1)
			h.wg.Go(func() {
				defer s.wake()
				defer h.add(id, -1)
				// After a panic the delivery is retried when its lease ends.
				_ = dam.Protect("a webhook", func() error { s.deliver(context.WithoutCancel(ctx), w, d); return nil })
			})
		}
	}
	return wait, nil
}

// deliver makes one attempt and records its outcome.
func (s *Service) deliver(ctx context.Context, w catalog.WebhookRow, d catalog.DeliveryRow) {
	gone := s.attempt(ctx, w, &d)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		r, err := tx.Webhooks().LockWebhook(ctx, "", w.ID)
		if err != nil {
			return err
		}
		if gone {
			if err := s.set(ctx, tx, r, true, reasons.EndpointGone()); err != nil {
				return err
			}
		}
		return tx.Webhooks().SaveDelivery(ctx, d, s.Clock().UTC())
	})
	if err != nil && dam.CodeOf(err) != dam.NotFound { // the endpoint may have been removed meanwhile
		s.Log.Error("webhook outcome not saved; it is sent again", "delivery", d.ID, "err", err)
	}
}

// attempt sends a delivery once and sets its outcome. It reports whether the endpoint answered that it is gone for
// good.
func (s *Service) attempt(ctx context.Context, w catalog.WebhookRow, d *catalog.DeliveryRow) (gone bool) {
	d.Attempts++
	status, retryAfter, err := s.post(ctx, w, d)
	now := s.Clock().UTC()
	d.Status, d.Response, d.Error = status, "", ""
	if err == nil {
		d.State, d.NextAt, d.DeliveredAt = dam.DeliveryDone, nil, &now
		return false
	}
	d.Error = err.Error()
	if status == http.StatusGone || d.Attempts > len(pauses) {
		d.State, d.NextAt = dam.DeliveryDead, nil
		return status == http.StatusGone
	}
	p := pauses[d.Attempts-1]
	p += time.Duration(rand.Int64N(int64(p) / 5))
	next := now.Add(max(p, min(retryAfter, longestRetryIn)))
	d.State, d.NextAt = dam.DeliveryWaiting, &next
	return false
}

func (s *Service) post(ctx context.Context, w catalog.WebhookRow, d *catalog.DeliveryRow) (status int,
	retryAfter time.Duration, err error) {
	now := s.Clock()
	var secrets []string
	sealed := []string{w.Secret}
	if w.OldSecret != "" && w.RotatingUntil != nil && now.Before(*w.RotatingUntil) {
		sealed = append(sealed, w.OldSecret)
	}
	for _, x := range sealed {
		plain, _, err := s.Secrets.Open(x, purpose(w.ID))
		if err != nil {
			return 0, 0, fmt.Errorf("the signing secret can't be opened: %w", err)
		}
		secrets = append(secrets, string(plain))
	}
	var head struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(d.Body, &head); err != nil {
		return 0, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(d.Body))
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	req.Header.Set("User-Agent", "Vitrine")
	if err := Sign(req.Header, head.ID, now, d.Body, secrets...); err != nil {
		return 0, 0, err
	}
	res, err := s.client.Do(req)
	if err != nil {
		return 0, 0, outbound.Reason(err)
	}
	defer func() { _ = res.Body.Close() }() // read to its limit already
	// The body is read, so that the connection can be reused, but not kept: the endpoint may return what the person who
	// entered its URL must not read.
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, answerLimit))
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return res.StatusCode, 0, nil
	}
	return res.StatusCode, wait(res.Header.Get("Retry-After"), now), fmt.Errorf("%w: %d %s", errAnswer, res.StatusCode,
		http.StatusText(res.StatusCode))
}

// wait parses Retry-After, which holds seconds or a date.
func wait(v string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(v); err == nil && n > 0 {
		return time.Duration(min(n, int(longestRetryIn/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}

// sweeping deletes old deliveries.
func (s *Service) sweeping(ctx context.Context) {
	for {
		for state, keep := range map[dam.DeliveryState]time.Duration{dam.DeliveryDone: keepDelivered,
			dam.DeliveryDead: keepDead} {
			for n := int64(1); n > 0 && ctx.Err() == nil; {
				n = 0
				err := s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
					n, err = tx.Webhooks().SweepDeliveries(ctx, state, s.Clock().Add(-keep), 500)
					return err
				})
				if err != nil && ctx.Err() == nil {
					s.Log.Error("webhook sweep", "err", err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepEvery):
		}
	}
}
