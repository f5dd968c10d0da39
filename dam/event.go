package dam

import (
	"encoding/json"
	"time"
)

// Event is one entry of the log. Readers see the seqs in order and without gaps: no event ever appears behind one that
// was already seen.
type Event struct {
	Seq     int64     `json:"seq"`
	ID      string    `json:"id"`
	Library string    `json:"library"`
	Type    EventType `json:"type"`
	Subject string    `json:"subject" doc:"Id of what changed"`
	// Asset is the id of the asset concerned, "" if there is none, and Number is its number.
	Asset  string          `json:"asset,omitempty"`
	Number uint32          `json:"-"`
	Actor  string          `json:"actor" doc:"Id of who changed it"`
	At     time.Time       `json:"at"`
	Data   json.RawMessage `json:"data,omitempty" doc:"Ids, names of changed fields, hashes; never the values"`
}

// Change is the before and after of one field. Changes are stored apart from the log so that they can be erased.
type Change struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}
