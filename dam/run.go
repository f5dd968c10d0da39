package dam

import (
	"time"

	"vitrine/dam/reasons"
)

// RunPrefix is the prefix of rendition run ids.
const RunPrefix = "run"

// RenditionRun makes the renditions of a library match its presets. Public renditions stay until their replacements are
// ready.
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

// RunState is the progress of a run.
type RunState string

const (
	RunRunning   RunState = "running"
	RunDone      RunState = "done"
	RunCancelled RunState = "cancelled"
	// RunSuperseded means that a preset changed again, and that the run for that change does the rest.
	RunSuperseded RunState = "superseded"
	RunFailed     RunState = "failed"
)
