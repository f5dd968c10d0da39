package dam

import "time"

// ObjectProblem says what is wrong with a stored object.
type ObjectProblem string

const (
	ObjectMissing    ObjectProblem = "missing"    // it is not there
	ObjectAltered    ObjectProblem = "altered"    // its bytes have changed
	ObjectUnreadable ObjectProblem = "unreadable" // reading it fails with a storage error
)

// DamageState is where a damage stands.
type DamageState string

const (
	DamageOpen     DamageState = "damaged"
	DamageRepaired DamageState = "repaired"
)

// Damage is an object that does, or did, not match the catalogue. The bytes of a damaged object are never served.
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
	// Assets are the ids of the assets that need the object.
	Assets []string `json:"assets" nullable:"false" doc:"Ids of the assets that need the object, at most 100"`
}

// How a damage was found.
const (
	FoundByRead   = "read"
	FoundByScrub  = "scrub"
	FoundByRepair = "repair"
	FoundByVerify = "verify"
)

// What a damage was repaired from, if not from a store, which is named by its location.
const (
	RepairedByUpload    = "upload"   // the same bytes were stored again
	RepairedByRendering = "rendered" // rendered again from the original
	RepairedByItself    = "itself"   // the object became readable again
)
