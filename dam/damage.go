package dam

import "time"

// ObjectProblem says what is wrong with a stored object.
type ObjectProblem string

const (
	ObjectMissing    ObjectProblem = "missing"    // it is not there
	ObjectAltered    ObjectProblem = "altered"    // its bytes are others
	ObjectUnreadable ObjectProblem = "unreadable" // the storage gives an error while it is read
)

// DamageState is where a damage stands.
type DamageState string

const (
	DamageOpen     DamageState = "damaged"
	DamageRepaired DamageState = "repaired"
)

// Damage is an object that is, or was, not what the catalogue says. Its bytes are not given to anybody.
type Damage struct {
	Key        string        `json:"key"`
	SHA256     string        `json:"sha256" doc:"What its bytes should have"`
	Size       int64         `json:"size" doc:"Bytes it should have"`
	Problem    ObjectProblem `json:"problem" enum:"missing,altered,unreadable"`
	Detail     string        `json:"detail,omitempty"`
	FoundBy    string        `json:"found_by" enum:"read,scrub,repair,verify" doc:"What noticed it"`
	FoundAt    time.Time     `json:"found_at"`
	State      DamageState   `json:"state" enum:"damaged,repaired"`
	RepairedAt *time.Time    `json:"repaired_at,omitempty"`
	Source     string        `json:"source,omitempty" doc:"Where the right bytes came from: rendered, upload, or a store"`
	// Assets are those that need the object.
	Assets []string `json:"assets" nullable:"false" doc:"Ids of the assets that need the object, at most 100"`
}

// What noticed a damage.
const (
	FoundByRead   = "read"
	FoundByScrub  = "scrub"
	FoundByRepair = "repair"
	FoundByVerify = "verify"
)

// What a damage was repaired from, beside the location of a store.
const (
	RepairedByUpload    = "upload"   // somebody stored the same bytes again
	RepairedByRendering = "rendered" // made again from the original
	RepairedByItself    = "itself"   // it can be read again
)
