package dam

import (
	"encoding/json"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// BulkFilter says which assets a bulk job is for: those a search finds, or those
// named. The search is exact (no typing error is forgiven).
type BulkFilter struct {
	Q          string   `json:"q,omitempty" maxLength:"2000" doc:"Query language, see the guide"`
	Status     []string `json:"status,omitempty" maxItems:"5" eachLength:"20"`
	Type       []string `json:"type,omitempty" maxItems:"5" eachLength:"20"`
	Collection string   `json:"collection,omitempty" maxLength:"64" doc:"Id of a collection"`
	Bin        bool     `json:"bin,omitempty" doc:"Look in the bin instead"`
	// Assets names assets by id, and then everything else must be empty.
	Assets []string `json:"assets,omitempty" maxItems:"10000" eachLength:"64" doc:"These assets by id, instead of a search"`
}

// Selection is what a filter finds, in an order.
type Selection struct {
	Filter BulkFilter
	Sort   string // as the list of assets takes it; "" is the newest first
	Seq    int64  // the position in the log that the index has reached before it is asked
}

// BulkAction is a step that a bulk job takes on each asset: a step of the review,
// or into and out of the bin.
type BulkAction string

const (
	BulkDelete   BulkAction = "delete"
	BulkUndelete BulkAction = "undelete"
)

// BulkChange is what is done to each asset, in this order: undelete, fields and
// tags, collections, any other action.
type BulkChange struct {
	Set              map[string]json.RawMessage `json:"set,omitempty" maxProperties:"50" doc:"Merge patch of fields, as in PATCH /api/assets/{id}; null clears"`
	AddTags          []string                   `json:"add_tags,omitempty" maxItems:"200" eachLength:"200"`
	RemoveTags       []string                   `json:"remove_tags,omitempty" maxItems:"200" eachLength:"200"`
	AddCollection    string                     `json:"add_collection,omitempty" maxLength:"64" doc:"Id"`
	RemoveCollection string                     `json:"remove_collection,omitempty" maxLength:"64" doc:"Id"`
	Action           BulkAction                 `json:"action,omitempty" enum:"submit,approve,reject,archive,restore,delete,undelete"`
	Comment          string                     `json:"comment,omitempty" maxLength:"5000" doc:"Of a review step; required to reject"`
}

// Validate checks what can be checked without looking at assets.
func (c BulkChange) Validate() error {
	edits := len(c.Set) + len(c.AddTags) + len(c.RemoveTags)
	if edits == 0 && c.AddCollection == "" && c.RemoveCollection == "" && c.Action == "" {
		return InvalidInput("change", reasons.BulkChangesNothing())
	}
	switch c.Action {
	case "", BulkDelete, BulkUndelete, BulkAction(Submit), BulkAction(Approve), BulkAction(Archive),
		BulkAction(Restore):
	case BulkAction(Reject):
		if strings.TrimSpace(c.Comment) == "" {
			return InvalidInput("change.comment", reasons.RejectionNeedsComment())
		}
	default:
		return InvalidInput("change.action", reasons.UnknownBulkAction(string(c.Action)))
	}
	if _, both := c.Set["tags"]; both && len(c.AddTags)+len(c.RemoveTags) > 0 {
		return InvalidInput("change.set.tags", reasons.TagsSetAndChanged())
	}
	if c.AddCollection != "" && c.AddCollection == c.RemoveCollection {
		return InvalidInput("change.remove_collection", reasons.CollectionAddedAndRemoved())
	}
	return nil
}

// Role is the least role that may do all of it to one asset. A contributor may
// only do it to own assets.
func (c BulkChange) Role() Role {
	switch c.Action {
	case BulkAction(Approve), BulkAction(Reject), BulkAction(Archive), BulkAction(Restore):
		return Publisher
	case BulkDelete, BulkUndelete:
		return Editor
	}
	if c.AddCollection != "" || c.RemoveCollection != "" {
		return Editor
	}
	return Contributor
}

// BulkState says how far a bulk job is.
type BulkState string

const (
	BulkCollecting BulkState = "collecting" // the assets are being recorded
	BulkRunning    BulkState = "running"
	BulkDone       BulkState = "done" // also with failures: see Failed
	BulkCancelled  BulkState = "cancelled"
	BulkFailed     BulkState = "failed" // could not begin: see Note
)

// BulkUndoFor is how long after its end a bulk job can be undone.
const BulkUndoFor = 10 * time.Minute

// Bulk is one change of many assets.
type Bulk struct {
	ID      string     `json:"id"`
	Library string     `json:"library"`
	State   BulkState  `json:"state" enum:"collecting,running,done,cancelled,failed"`
	Filter  BulkFilter `json:"filter"`
	Except  int        `json:"except" doc:"How many assets were excepted"`
	Change  BulkChange `json:"change"`
	Seq     int64      `json:"seq" doc:"Log position at which the filter was applied, at least"`

	Total       int              `json:"total" doc:"Assets; 0 while collecting"`
	Done        int              `json:"done" doc:"Assets changed, or found to be so already"`
	Failed      int              `json:"failed" doc:"Assets left as they were; each with its reason"`
	Note        string           `json:"note,omitempty" doc:"Why it could not begin"`
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`

	Undoes    string     `json:"undoes,omitempty" doc:"Id of the job that this one undoes"`
	UndoneBy  string     `json:"undone_by,omitempty" doc:"Id of the job that undoes this one"`
	UndoUntil *time.Time `json:"undo_until,omitempty" doc:"Undo is possible until then"`

	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

// Ended reports whether nothing more happens by itself.
func (b *Bulk) Ended() bool { return b.State != BulkCollecting && b.State != BulkRunning }

// BulkFailure is an asset that a bulk job left as it was.
type BulkFailure struct {
	Asset   string `json:"asset"`
	Code    Code   `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	reasons.Reason
}
