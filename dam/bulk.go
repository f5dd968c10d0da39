package dam

import (
	"encoding/json"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// BulkFilter selects the assets of a bulk job: the results of a search, or the named assets. The search is exact: it
// does not tolerate typing errors.
type BulkFilter struct {
	Q          string   `json:"q,omitempty" maxLength:"2000" doc:"Query language, see the guide"`
	Status     []string `json:"status,omitempty" maxItems:"5" eachLength:"20"`
	Type       []string `json:"type,omitempty" maxItems:"5" eachLength:"20"`
	Collection string   `json:"collection,omitempty" maxLength:"64" doc:"Id of a collection"`
	Bin        bool     `json:"bin,omitempty" doc:"Look in the bin instead"`
	// Assets selects assets by id; all other members must then be empty.
	Assets []string `json:"assets,omitempty" maxItems:"10000" eachLength:"64" doc:"These assets by id, instead of a search"`
}

// Selection is a filter and the order of its results.
type Selection struct {
	Filter BulkFilter
	Sort   string // as in the sort parameter of the asset list; "" is newest first
	Seq    int64  // the log position that the index must have reached before it is searched
}

// BulkAction is what a bulk job does to each asset: a step of the review, moving it into or out of the
// bin, or reading its files' metadata again.
type BulkAction string

const (
	BulkDelete   BulkAction = "delete"
	BulkUndelete BulkAction = "undelete"
	// BulkReadMetadata reads the files' metadata again, see BulkReport.
	BulkReadMetadata BulkAction = "read_metadata"
	// BulkImport changes each asset as its row in a table says; sheets.Service starts it.
	BulkImport BulkAction = "import"
)

// BulkChange is what is done to each asset, in this order: undelete, fields and
// tags, collections, any other action.
type BulkChange struct {
	Set              map[string]json.RawMessage `json:"set,omitempty" maxProperties:"50" doc:"Merge patch of fields, as in PATCH /api/assets/{id}; null clears"`
	AddTags          []string                   `json:"add_tags,omitempty" maxItems:"200" eachLength:"200"`
	RemoveTags       []string                   `json:"remove_tags,omitempty" maxItems:"200" eachLength:"200"`
	AddCollection    string                     `json:"add_collection,omitempty" maxLength:"64" doc:"Id"`
	RemoveCollection string                     `json:"remove_collection,omitempty" maxLength:"64" doc:"Id"`
	Action           BulkAction                 `json:"action,omitempty" enum:"submit,approve,reject,archive,restore,delete,undelete,read_metadata,import"`
	Comment          string                     `json:"comment,omitempty" maxLength:"5000" doc:"Of a review step; required to reject"`
}

// Validate checks what can be checked without reading any asset.
func (c BulkChange) Validate() error {
	edits := len(c.Set) + len(c.AddTags) + len(c.RemoveTags)
	if edits == 0 && c.AddCollection == "" && c.RemoveCollection == "" && c.Action == "" {
		return InvalidInput("change", reasons.BulkChangesNothing())
	}
	switch c.Action {
	case "", BulkDelete, BulkUndelete, BulkReadMetadata, BulkAction(Submit), BulkAction(Approve), BulkAction(Archive),
		BulkAction(Restore):
	case BulkAction(Reject):
		if strings.TrimSpace(c.Comment) == "" {
			return InvalidInput("change.comment", reasons.RejectionNeedsComment())
		}
	default:
		return InvalidInput("change.action", reasons.UnknownBulkAction(string(c.Action)))
	}
	if c.Action == BulkReadMetadata && (edits > 0 || c.AddCollection != "" || c.RemoveCollection != "") {
		return InvalidInput("change.action", reasons.ReadingStandsAlone())
	}
	if _, both := c.Set["tags"]; both && len(c.AddTags)+len(c.RemoveTags) > 0 {
		return InvalidInput("change.set.tags", reasons.TagsSetAndChanged())
	}
	if c.AddCollection != "" && c.AddCollection == c.RemoveCollection {
		return InvalidInput("change.remove_collection", reasons.CollectionAddedAndRemoved())
	}
	return nil
}

// Needs returns the permissions without which nobody may make the whole change to any asset. Who has no MayEditAll may
// make it to their own assets only.
func (c BulkChange) Needs() []Permission {
	needs := []Permission{MayEditOwn}
	switch c.Action {
	case BulkAction(Approve), BulkAction(Reject), BulkAction(Archive), BulkAction(Restore):
		needs = append(needs, MayApprove)
	case BulkDelete, BulkUndelete:
		needs = append(needs, MayDelete)
	}
	if c.AddCollection != "" || c.RemoveCollection != "" {
		needs = append(needs, MayManageCollections)
	}
	return needs
}

// SheetRow is a row of a table that changes an asset.
type SheetRow struct {
	Number uint32
	Asset  string
	Row    int                        // from 1, the heading
	Patch  map[string]json.RawMessage // a merge patch
}

// BulkState is the progress of a bulk job.
type BulkState string

const (
	BulkCollecting BulkState = "collecting" // the assets are being recorded
	BulkRunning    BulkState = "running"
	BulkDone       BulkState = "done" // possibly with failures: see Failed
	BulkCancelled  BulkState = "cancelled"
	BulkFailed     BulkState = "failed" // could not start: see Note
)

// BulkUndoFor is how long after its end a bulk job can be undone.
const BulkUndoFor = 10 * time.Minute

// Bulk is one change to many assets.
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

	DryRun bool        `json:"dry_run,omitempty" doc:"The job reads and counts, and changes nothing"`
	Report *BulkReport `json:"report,omitempty" doc:"What reading metadata again finds, or importing a table changes, so far"`

	Undoes    string     `json:"undoes,omitempty" doc:"Id of the job that this one undoes"`
	UndoneBy  string     `json:"undone_by,omitempty" doc:"Id of the job that undoes this one"`
	UndoUntil *time.Time `json:"undo_until,omitempty" doc:"Undo is possible until then"`

	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

// Ended reports whether the job is over.
func (b *Bulk) Ended() bool { return b.State != BulkCollecting && b.State != BulkRunning }

// BulkFailure is an asset that a bulk job could not change.
type BulkFailure struct {
	Asset   string `json:"asset"`
	Row     int    `json:"row,omitempty" doc:"Of the table that was imported, from 1, the heading"`
	Code    Code   `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	reasons.Reason
}

// BulkReport is what reading metadata again has found or importing a table has changed, or in a dry run would.
type BulkReport struct {
	Changed    int            `json:"changed" doc:"Assets of which a field changes"`
	Incomplete int            `json:"incomplete" doc:"Assets whose file can't be read whole now either"`
	Fields     map[string]int `json:"fields" doc:"Of how many assets each field changes"`
	Kept       map[string]int `json:"kept" doc:"Of how many assets a field differs from the file and stays, because somebody has edited it"`
	Examples   []BulkExample  `json:"examples" nullable:"false" doc:"The first changes of each field"`
}

// BulkExample is one field's change of an asset.
type BulkExample struct {
	Asset string `json:"asset"`
	Change
}

// examplesOfField is how many changes of each field a report shows.
const examplesOfField = 5

// NewBulkReport is a report of nothing yet.
func NewBulkReport() *BulkReport {
	return &BulkReport{Fields: map[string]int{}, Kept: map[string]int{}, Examples: []BulkExample{}}
}

// Add counts what was found of an asset.
func (r *BulkReport) Add(asset string, c ReadingChange, incomplete bool) {
	if len(c.Changes) > 0 {
		r.Changed++
	}
	if incomplete {
		r.Incomplete++
	}
	for _, change := range c.Changes {
		if r.Fields[change.Field]++; r.Fields[change.Field] <= examplesOfField {
			r.Examples = append(r.Examples, BulkExample{asset, change})
		}
	}
	for _, field := range c.Kept {
		r.Kept[field]++
	}
}
