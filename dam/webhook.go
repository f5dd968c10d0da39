package dam

import (
	"encoding/json"
	"time"

	"vitrine/dam/reasons"
)

// Webhook is an endpoint that events are sent to.
type Webhook struct {
	ID          string           `json:"id"`
	Library     string           `json:"library"`
	Revision    int64            `json:"revision" doc:"Counts edits; its quoted decimal is the ETag"`
	URL         string           `json:"url"`
	Types       []EventType      `json:"types" doc:"Event types, or prefixes such as asset.*; none means all"`
	Description string           `json:"description,omitempty"`
	Disabled    bool             `json:"disabled"`
	Note        string           `json:"note,omitempty" doc:"Why it was disabled"`
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`
	// RotatingUntil is set while deliveries carry the signatures of both the old and the new secret.
	RotatingUntil *time.Time `json:"rotating_until,omitempty"`
	// Author is who last chose its URL, its types or whether it is disabled. It is told what happens while they may
	// manage webhooks; an endpoint of a release that noted nobody goes on by itself until it is saved.
	Author    string    `json:"author,omitempty" doc:"Id of who saved it last: it is disabled once they may not manage webhooks any more"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	UpdatedAt time.Time `json:"updated_at"`
}

// DeliveryState is the state of the delivery of an event to an endpoint.
type DeliveryState string

const (
	DeliveryWaiting DeliveryState = "waiting"
	DeliveryDone    DeliveryState = "delivered"
	DeliveryDead    DeliveryState = "dead" // given up; replay sends it again
)

// WebhookDelivery is the delivery of one event to one endpoint.
type WebhookDelivery struct {
	ID       string        `json:"id"`
	Webhook  string        `json:"webhook"`
	Seq      int64         `json:"seq" doc:"Seq of the event; 0 for a test"`
	Type     EventType     `json:"type"`
	State    DeliveryState `json:"state"`
	Attempts int           `json:"attempts"`
	Status   int           `json:"status,omitempty" doc:"HTTP status of the last answer; 0 when there was none"`
	Error    string        `json:"error,omitempty"`
	// Response is always empty: answers aren't stored, because the address may be one whose answers the webhook's owner
	// must not read.
	Response string `json:"-"`
	// Body is the CloudEvent that is sent.
	Body        json.RawMessage `json:"body,omitempty"`
	NextAt      *time.Time      `json:"next_at,omitempty"`
	CreatedAt   time.Time       `json:"created_at"`
	DeliveredAt *time.Time      `json:"delivered_at,omitempty"`
}
