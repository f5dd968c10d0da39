package dam

import (
	"time"

	"vitrine/dam/reasons"
)

// ReprocessingPrefix is the prefix of reprocessing ids.
const ReprocessingPrefix = "rp"

// Reprocessing does again what earlier versions of the program did wrongly or not at all: it takes in files that they
// refused, and makes renditions of files that they could not show or showed wrongly. It examines the files first, and
// changes nothing before a person has confirmed what it found.
type Reprocessing struct {
	ID       string            `json:"id"`
	Library  string            `json:"library"`
	Revision int               `json:"revision" doc:"Revision of the rendition pipeline that the files are examined for"`
	State    ReprocessingState `json:"state" enum:"examining,ready,running,done,cancelled,failed"`
	Examined int               `json:"examined" doc:"Files read"`
	Total    int               `json:"total" doc:"Files to reprocess"`
	Done     int               `json:"done"`
	Failed   int               `json:"failed" doc:"Files that could not be reprocessed; each with its reason"`

	Note        string           `json:"note,omitempty" doc:"Why it gave up"`
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`

	// Groups and Publications are set where one reprocessing is read.
	Groups       []ReprocessingGroup `json:"groups,omitempty" doc:"What was found, by action, reason and media type"`
	Publications int                 `json:"publications" doc:"Publications whose channel has a wrong picture of one of the files; none is sent again by itself"`

	CreatedAt   time.Time  `json:"created_at"`
	CreatedBy   string     `json:"created_by"`
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	ConfirmedBy string     `json:"confirmed_by,omitempty"`
	FinishedAt  *time.Time `json:"finished_at,omitempty"`
}

// Ended reports whether nothing more happens to it.
func (r *Reprocessing) Ended() bool {
	return r.State == ReprocessingDone || r.State == ReprocessingCancelled || r.State == ReprocessingFailed
}

// ReprocessingState is the progress of a reprocessing.
type ReprocessingState string

const (
	ReprocessingExamining ReprocessingState = "examining"
	ReprocessingReady     ReprocessingState = "ready" // waits for a person's word
	ReprocessingRunning   ReprocessingState = "running"
	ReprocessingDone      ReprocessingState = "done"
	ReprocessingCancelled ReprocessingState = "cancelled"
	ReprocessingFailed    ReprocessingState = "failed"
)

// ReprocessingAction is what is done with a file.
type ReprocessingAction string

const (
	ReprocessTakeIn   ReprocessingAction = "take_in"  // a quarantined file becomes an asset
	ReprocessRender   ReprocessingAction = "render"   // a version gets its first renditions
	ReprocessRerender ReprocessingAction = "rerender" // a version's renditions are replaced
	// ReprocessUpload is a file that was refused without its bytes being kept: only a person can send it again. It is
	// listed, and not counted in Total.
	ReprocessUpload ReprocessingAction = "upload_again"
)

// ReprocessingGroup counts files for which the same is done for the same reason.
type ReprocessingGroup struct {
	Action    ReprocessingAction `json:"action" enum:"take_in,render,rerender,upload_again"`
	MediaType string             `json:"media_type"`
	Reason    string             `json:"reason"`
	Reasons   []reasons.Reason   `json:"reasons" nullable:"false" doc:"What reason says, as codes"`
	Count     int                `json:"count"`
	Done      int                `json:"done"`
	Failed    int                `json:"failed"`
	Examples  []ReprocessingItem `json:"examples" nullable:"false" doc:"The first of them"`
}

// ReprocessingItem is one file of a reprocessing.
type ReprocessingItem struct {
	N           int                `json:"n"`
	Action      ReprocessingAction `json:"action" enum:"take_in,render,rerender,upload_again"`
	Subject     string             `json:"subject" doc:"Id of the quarantined file or the version"`
	Asset       string             `json:"asset,omitempty" doc:"Id; of a quarantined file once it is taken in"`
	FileName    string             `json:"file_name"`
	MediaType   string             `json:"media_type"`
	Reason      string             `json:"reason"`
	Reasons     []reasons.Reason   `json:"reasons" nullable:"false" doc:"What reason says, as codes"`
	State       string             `json:"state" enum:"pending,done,failed"`
	Note        string             `json:"note,omitempty" doc:"Why it failed"`
	NoteReasons []reasons.Reason   `json:"note_reasons,omitempty" doc:"What note says, as codes"`
}

// FileFacts are what a file's content says about it.
type FileFacts struct {
	MediaType string  `json:"media_type"`
	Kind      Kind    `json:"kind"`
	Width     int     `json:"width,omitempty"`
	Height    int     `json:"height,omitempty"`
	Frames    int     `json:"frames,omitempty"`
	Pages     int     `json:"pages,omitempty"`
	Duration  float64 `json:"duration,omitempty"` // seconds
	Codec     string  `json:"codec,omitempty"`
	FrameRate float64 `json:"frame_rate,omitempty"`
	// Recipe is the revision of the pipeline by which the file is rendered; see Version.Recipe.
	Recipe int `json:"recipe"`
}

// SetFacts sets what a version's file says.
func (v *Version) SetFacts(f FileFacts) {
	v.MediaType, v.Width, v.Height, v.Frames = f.MediaType, f.Width, f.Height, f.Frames
	v.Pages, v.Duration, v.Codec, v.FrameRate, v.Recipe = f.Pages, f.Duration, f.Codec, f.FrameRate, f.Recipe
}
