package catalog

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"vitrine/dam"
)

// WebhookRow is an endpoint with its sealed secrets.
type WebhookRow struct {
	dam.Webhook
	// Secret signs. OldSecret signs as well until RotatingUntil; it is "" when no rotation is under way.
	Secret, OldSecret string
}

const webhookColumns = `id,library,revision,url,types,description,disabled,note,secret,old_secret,rotating_until,created_at,created_by,updated_at,author`

func scanWebhook(r row) (w WebhookRow, err error) {
	var created, updated int64
	var rotating *int64
	err = r.Scan(&w.ID, &w.Library, &w.Revision, &w.URL, asJSON{&w.Types}, &w.Description, &w.Disabled,
		asNote{&w.Note, &w.NoteReasons}, &w.Secret, &w.OldSecret, &rotating, &created, &w.CreatedBy, &updated,
		&w.Author)
	w.RotatingUntil, w.CreatedAt, w.UpdatedAt = instantPtr(rotating), instant(created), instant(updated)
	return
}

// List returns a library's endpoints, oldest first; an empty library means all.
func (s Webhooks) List(ctx context.Context, library string) ([]WebhookRow, error) {
	return all(ctx, s.db, scanWebhook, `SELECT `+webhookColumns+` FROM webhooks WHERE library=$1 OR $1='' ORDER BY id`,
		library)
}

// Webhook returns an endpoint; an empty library means any.
func (s Webhooks) Webhook(ctx context.Context, library, id string) (WebhookRow, error) {
	return s.db.webhook(ctx, library, id, "")
}

// LockWebhook returns an endpoint and locks its row until the commit.
func (s WebhooksTx) LockWebhook(ctx context.Context, library, id string) (WebhookRow, error) {
	return s.tx.webhook(ctx, library, id, s.tx.forUpdate())
}

func (c Conn) webhook(ctx context.Context, library, id, suffix string) (WebhookRow, error) {
	w, err := one(ctx, c, scanWebhook, `SELECT `+webhookColumns+` FROM webhooks WHERE id=$1 AND (library=$2 OR $2='')`+
		suffix, id, library)
	return oneOr(w, err, "webhook", id)
}

// PutWebhook stores an endpoint and increments its revision. The caller holds the row's lock if the endpoint exists.
func (s WebhooksTx) PutWebhook(ctx context.Context, w *WebhookRow) error {
	w.Revision++
	w.UpdatedAt = s.tx.now
	if w.CreatedBy == "" {
		w.CreatedAt, w.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	if w.Types == nil {
		w.Types = []dam.EventType{}
	}
	_, err := s.tx.exec(ctx, `INSERT INTO webhooks(`+webhookColumns+
		`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)
		ON CONFLICT(id) DO UPDATE SET revision=excluded.revision,url=excluded.url,types=excluded.types,description=excluded.description,disabled=excluded.disabled,note=excluded.note,
		secret=excluded.secret,old_secret=excluded.old_secret,rotating_until=excluded.rotating_until,updated_at=excluded.updated_at,author=excluded.author`,
		w.ID, w.Library, w.Revision, w.URL, asJSON{w.Types}, w.Description, w.Disabled, asNote{&w.Note, &w.NoteReasons},
		w.Secret, w.OldSecret, microsPtr(w.RotatingUntil), micros(w.CreatedAt), w.CreatedBy, micros(w.UpdatedAt),
		w.Author)
	return err
}

// DeleteWebhook removes an endpoint and its deliveries.
func (s WebhooksTx) DeleteWebhook(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM webhooks WHERE id=$1`, id)
	return err
}

// DeliveryRow is a delivery with its fencing token.
type DeliveryRow struct {
	dam.WebhookDelivery
	Token int64
	// About is what the event is about: deliveries of an endpoint about the same thing are sent one after the other.
	// One that waits for an earlier one has no NextAt.
	About string
}

const deliveryColumns = `id,webhook_id,seq,type,body,state,attempts,next_at,lease_token,status,error,response,created_at,delivered_at,about`

func scanDelivery(r row) (d DeliveryRow, err error) {
	var body string
	var created int64
	var next, delivered *int64
	err = r.Scan(&d.ID, &d.Webhook, &d.Seq, (*string)(&d.Type), &body, (*string)(&d.State), &d.Attempts, &next,
		&d.Token, &d.Status, &d.Error, &d.Response, &created, &delivered, &d.About)
	d.Body, d.NextAt, d.CreatedAt, d.DeliveredAt = json.RawMessage(body), instantPtr(next), instant(created),
		instantPtr(delivered)
	return
}

// InsertDeliveries stores new deliveries. Those with a NextAt that an earlier one about the same thing is waiting
// before get none: see advance. The caller holds the locks of the endpoints.
func (s WebhooksTx) InsertDeliveries(ctx context.Context, list []DeliveryRow) error {
	const width = 15
	for at := 0; at < len(list); at += 200 {
		batch := list[at:min(at+200, len(list))]
		var q strings.Builder
		q.WriteString(`INSERT INTO webhook_deliveries(` + deliveryColumns + `) VALUES `)
		args := make([]any, 0, len(batch)*width)
		for i, d := range batch {
			placeholders(&q, i, width)
			args = append(args, d.ID, d.Webhook, d.Seq, string(d.Type), string(d.Body), string(d.State), d.Attempts,
				microsPtr(d.NextAt), d.Token, d.Status, d.Error, d.Response, micros(s.tx.now), microsPtr(d.DeliveredAt),
				d.About)
		}
		if _, err := s.tx.exec(ctx, q.String(), args...); err != nil {
			return err
		}
		q.Reset()
		q.WriteString(
			`UPDATE webhook_deliveries SET next_at=NULL WHERE about<>'' AND EXISTS (SELECT 1 FROM webhook_deliveries e
			WHERE e.webhook_id=webhook_deliveries.webhook_id AND e.about=webhook_deliveries.about AND e.state='waiting'
			AND e.seq<webhook_deliveries.seq) AND id IN `)
		placeholders(&q, 0, len(batch))
		args = args[:0]
		for _, d := range batch {
			args = append(args, d.ID)
		}
		if _, err := s.tx.exec(ctx, q.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

// advance makes the earliest waiting delivery about something due, unless one is due or being sent. The caller holds
// the endpoint's lock, without which a delivery that is inserted meanwhile would wait for ever.
func (s WebhooksTx) advance(ctx context.Context, webhook, about string, now time.Time) error {
	if about == "" {
		return nil
	}
	_, err := s.tx.exec(ctx,
		`UPDATE webhook_deliveries SET next_at=$3 WHERE id=(SELECT id FROM webhook_deliveries
			WHERE webhook_id=$1 AND about=$2 AND state='waiting' ORDER BY seq LIMIT 1)
		AND NOT EXISTS (SELECT 1 FROM webhook_deliveries WHERE webhook_id=$1 AND about=$2 AND state='waiting' AND next_at IS NOT NULL)`,
		webhook, about, micros(now))
	return err
}

// Deliveries returns an endpoint's newest deliveries before an id ("" for all) in a state ("" for any).
func (s Webhooks) Deliveries(ctx context.Context, webhook string, state dam.DeliveryState, before string,
	limit int) ([]DeliveryRow, error) {
	return all(ctx, s.db, scanDelivery,
		`SELECT `+deliveryColumns+
			` FROM webhook_deliveries WHERE webhook_id=$1 AND (state=$2 OR $2='') AND (id<$3 OR $3='') ORDER BY id DESC LIMIT $4`, webhook, string(state), before, limit)
}

// WebhookDelivery returns one delivery of an endpoint.
func (s Webhooks) WebhookDelivery(ctx context.Context, webhook, id string) (DeliveryRow, error) {
	d, err := one(ctx, s.db, scanDelivery,
		`SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE webhook_id=$1 AND id=$2`, webhook, id)
	return oneOr(d, err, "delivery", id)
}

// DueWebhooks returns when the next delivery of each enabled endpoint is due.
func (s Webhooks) DueWebhooks(ctx context.Context) (map[string]time.Time, error) {
	type due struct {
		id string
		at *int64
	}
	list, err := all(ctx, s.db, func(r row) (d due, err error) {
		err = r.Scan(&d.id, &d.at)
		return
	},
		`SELECT w.id,(SELECT min(d.next_at) FROM webhook_deliveries d WHERE d.webhook_id=w.id AND d.next_at IS NOT NULL) FROM webhooks w WHERE w.disabled=false`)
	out := map[string]time.Time{}
	for _, d := range list {
		if d.at != nil {
			out[d.id] = instant(*d.at)
		}
	}
	return out, err
}

// ClaimDeliveries leases an endpoint's due deliveries until an instant, the longest due first.
func (s WebhooksTx) ClaimDeliveries(ctx context.Context, webhook string, now, until time.Time,
	limit int) ([]DeliveryRow, error) {
	lock := ""
	if s.tx.pg {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	return all(ctx, s.db, scanDelivery,
		`WITH picked AS MATERIALIZED (SELECT id FROM webhook_deliveries WHERE webhook_id=$1 AND next_at<=$2 ORDER BY next_at,seq LIMIT $3`+lock+`)
		UPDATE webhook_deliveries SET lease_token=lease_token+1,next_at=$4 WHERE id IN (SELECT id FROM picked) RETURNING `+deliveryColumns,
		webhook, micros(now), limit, micros(until))
}

// SaveDelivery writes the outcome of an attempt unless another node has taken the delivery over, and lets the next one
// about the same thing go at now when this one is over. The caller holds the endpoint's lock.
func (s WebhooksTx) SaveDelivery(ctx context.Context, d DeliveryRow, now time.Time) error {
	n, err := s.tx.exec(ctx,
		`UPDATE webhook_deliveries SET state=$3,attempts=$4,next_at=$5,status=$6,error=$7,response=$8,delivered_at=$9 WHERE id=$1 AND lease_token=$2`,
		d.ID, d.Token, string(d.State), d.Attempts, microsPtr(d.NextAt), d.Status, d.Error, d.Response,
		microsPtr(d.DeliveredAt))
	if err != nil || n == 0 || d.NextAt != nil {
		return err
	}
	return s.advance(ctx, d.Webhook, d.About, now)
}

// SweepDeliveries deletes at most limit deliveries in a state from before an instant.
func (s WebhooksTx) SweepDeliveries(ctx context.Context, state dam.DeliveryState, before time.Time, limit int) (int64,
	error) {
	return s.tx.exec(ctx,
		`DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE state=$1 AND created_at<$2 LIMIT $3)`, string(state), micros(before), limit)
}
