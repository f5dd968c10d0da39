package dam

import (
	"encoding/json"
	"time"
)

// Event is one entry of the log: small, ordered, replayable. Seq has no holes
// within what a reader sees, and never arrives late.
type Event struct {
	Seq     int64     `json:"seq"`
	ID      string    `json:"id"`
	Library string    `json:"library"`
	Type    EventType `json:"type"`
	Subject string    `json:"subject" doc:"Id of what changed"`
	// Asset is the id of the asset concerned, "" when none is, and Number its number.
	Asset  string          `json:"asset,omitempty"`
	Number uint32          `json:"-"`
	Actor  string          `json:"actor" doc:"Id of who changed it"`
	At     time.Time       `json:"at"`
	Data   json.RawMessage `json:"data,omitempty" doc:"Ids, names of changed fields, hashes; never the values"`
}

// EventType names what happened, in the past tense.
type EventType string

const (
	AssetCreated                EventType = "asset.created"
	AssetUpdated                EventType = "asset.updated"
	AssetVersionAdded           EventType = "asset.version_added"
	AssetSubmitted              EventType = "asset.submitted"
	AssetApproved               EventType = "asset.approved"
	AssetRejected               EventType = "asset.rejected"
	AssetArchived               EventType = "asset.archived"
	AssetRestored               EventType = "asset.restored"
	AssetDeleted                EventType = "asset.deleted"   // to the bin
	AssetUndeleted              EventType = "asset.undeleted" // back from the bin
	AssetPurged                 EventType = "asset.purged"    // for good
	AssetErased                 EventType = "asset.erased"    // for good, and from history
	RenditionsMade              EventType = "asset.renditions_ready"
	RenditionsRefused           EventType = "asset.renditions_failed"
	AssetAnalysed               EventType = "asset.analysed"  // hash and colours are known: near duplicates can be asked for
	ObjectDamaged               EventType = "object.damaged"  // stored bytes are not what the catalogue says; data has the key
	ObjectRepaired              EventType = "object.repaired" // they are again
	UploadRejected              EventType = "upload.rejected"
	CollectionCreated           EventType = "collection.created"
	CollectionUpdated           EventType = "collection.updated"
	CollectionDeleted           EventType = "collection.deleted"
	FieldsChanged               EventType = "fields.changed"
	PresetChanged               EventType = "preset.changed"
	UserCreated                 EventType = "user.created"
	UserUpdated                 EventType = "user.updated"
	TokenCreated                EventType = "token.created"
	TokenRevoked                EventType = "token.revoked"
	ChannelCreated              EventType = "channel.created"
	ChannelUpdated              EventType = "channel.updated"
	ChannelDeleted              EventType = "channel.deleted"
	PublicationEventPlanned     EventType = "publication.planned"
	PublicationEventDelivered   EventType = "publication.delivered"
	PublicationEventFailed      EventType = "publication.failed"
	PublicationEventUnconfirmed EventType = "publication.unconfirmed"
	PublicationEventRecalled    EventType = "publication.recalled"
	WebhookCreated              EventType = "webhook.created"
	WebhookUpdated              EventType = "webhook.updated"
	WebhookDeleted              EventType = "webhook.deleted"
	BulkEnded                   EventType = "bulk.ended" // done, cancelled, or given up: data says
	SearchSaved                 EventType = "search.saved"
	SearchUpdated               EventType = "search.updated"
	SearchDeleted               EventType = "search.deleted"
	SearchMatched               EventType = "search.matched" // a new asset matches a saved search with an alert
	SynonymsUpdated             EventType = "synonyms.updated"
)

// Change is the before and after of one field, kept apart from the log so that it can be erased.
type Change struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}
