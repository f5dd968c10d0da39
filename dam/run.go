package dam

import (
	"time"

	"vitrine/dam/reasons"
)

// RunPrefix begins the ids of rendition runs.
const RunPrefix = "run"

// RenditionRun brings the renditions of a library in line with its presets. What is
// public stays as it is until its replacement is there.
type RenditionRun struct {
	ID          string           `json:"id"`
	Library     string           `json:"library"`
	Presets     []string         `json:"presets" nullable:"false" doc:"Names of the presets that changed"`
	State       RunState         `json:"state" enum:"running,done,cancelled,superseded,failed"`
	Total       int              `json:"total" doc:"Assets to look at"`
	Done        int              `json:"done" doc:"Assets looked at"`
	Made        int              `json:"made" doc:"Renditions made"`
	Failed      int              `json:"failed" doc:"Assets whose renditions could not be made"`
	Note        string           `json:"note,omitempty" doc:"Why the last of them failed"`
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`

	CreatedAt  time.Time  `json:"created_at"`
	CreatedBy  string     `json:"created_by"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
}

// RunState says how far a run is.
type RunState string

const (
	RunRunning   RunState = "running"
	RunDone      RunState = "done"
	RunCancelled RunState = "cancelled"
	// RunSuperseded: another preset changed, and the run for that change does the rest.
	RunSuperseded RunState = "superseded"
	RunFailed     RunState = "failed"
)
