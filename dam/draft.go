package dam

import "time"

// DraftPrefix begins the ids of drafts.
const DraftPrefix = "dr"

// DraftState is what has become of a draft.
type DraftState string

const (
	DraftOpen    DraftState = "draft"   // being written
	DraftDeleted DraftState = "deleted" // can be brought back for a while
	DraftPlanned DraftState = "planned" // it became publications
)

// Valid reports whether the state exists.
func (s DraftState) Valid() bool { return s == DraftOpen || s == DraftDeleted || s == DraftPlanned }

// DraftFacts is what is known of a draft beside what it says.
type DraftFacts struct {
	ID       string     `json:"id"`
	Library  string     `json:"library"`
	Revision int64      `json:"revision" doc:"Counts edits; its quoted decimal is the ETag"`
	State    DraftState `json:"state" enum:"draft,deleted,planned"`
	// Became are the ids of the publications or series that it became.
	Became    []string  `json:"became,omitempty" doc:"Ids of the publications, or of the series, that it became"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by" doc:"Its author"`
	UpdatedAt time.Time `json:"updated_at"`
	UpdatedBy string    `json:"updated_by"`
}

// DraftChange is one entry of a draft's history.
type DraftChange struct {
	Revision int64     `json:"revision"`
	At       time.Time `json:"at" doc:"When it began: what one person changes within some minutes is one entry"`
	By       string    `json:"by"`
	Change   string    `json:"change" enum:"created,updated,deleted,restored,planned"`
}
