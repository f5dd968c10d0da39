package dam

import (
	"encoding/json"
	"time"

	"vitrine/dam/reasons"
)

// ProofPrefix is the prefix of the identifiers of proofs.
const ProofPrefix = "pf"

// ProofState is how far a proof has come.
//
//	starting ─► committing ─► delivered ─► ended
//	    └───────────┴────────────────────────▲
type ProofState string

const (
	ProofStarting   ProofState = "starting"
	ProofCommitting ProofState = "committing" // recorded before the one call that posts
	ProofDelivered  ProofState = "delivered"  // there is a receipt; being looked up and taken back
	ProofEnded      ProofState = "ended"
)

// ProofOutcome is what an ended proof came to.
type ProofOutcome string

const (
	// Proven means that the test post was made, is not missing at the remote, and was taken back; or is left there, as
	// was asked for.
	Proven ProofOutcome = "proven"
	// ProofFailed means that something did not work, and that nothing is left at the remote.
	ProofFailed ProofOutcome = "failed"
	// ProofLeft means that the test post is, or may be, still at the remote: a person has to look.
	ProofLeft ProofOutcome = "left"
)

// ProofStep is one step of a proof, as it went.
type ProofStep struct {
	// Step is check, prepare, post, look_up, status, recall or gone.
	Step string    `json:"step"`
	At   time.Time `json:"at"`
	Took float64   `json:"took" doc:"Seconds"`
	OK   bool      `json:"ok"`
	Note string    `json:"note,omitempty" doc:"In English"`
	// Reasons is Note as codes.
	Reasons []reasons.Reason `json:"note_reasons,omitempty"`
}

// Proof is one trial of a channel on its real service: a test post that is made, looked up and taken back.
type Proof struct {
	ID      string       `json:"id"`
	Library string       `json:"library"`
	Channel string       `json:"channel"`
	Kind    string       `json:"kind"`
	State   ProofState   `json:"state"`
	Outcome ProofOutcome `json:"outcome,omitempty"`
	Leave   bool         `json:"leave" doc:"The test post stays"`
	Steps   []ProofStep  `json:"steps" nullable:"false"`
	URL     string       `json:"url,omitempty" doc:"Of the test post"`
	Remote  string       `json:"remote,omitempty" doc:"The test post's id at the remote"`
	// Host is where the call that posts went to; a folder or the setting of the address where that was no HTTP call.
	Host     string `json:"host,omitempty"`
	Foreign  bool   `json:"foreign" doc:"host is not the vendor's own: this says nothing about the real service"`
	Account  string `json:"account,omitempty" doc:"Who the remote says we are"`
	Version  string `json:"version" doc:"Of Vitrine"`
	API      string `json:"api,omitempty" doc:"Version of the remote's interface"`
	Software string `json:"remote_version,omitempty" doc:"What the remote says it is, where it tells"`

	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

// ProofPlan says what a proof is going to touch, before it begins.
type ProofPlan struct {
	Channel  string   `json:"channel"`
	Kind     string   `json:"kind"`
	Title    string   `json:"title"`
	Account  string   `json:"account"`
	URL      string   `json:"url,omitempty" doc:"Of the account"`
	Text     string   `json:"text" doc:"Of the test post"`
	Media    []string `json:"media" nullable:"false" doc:"Files of the test post, in words"`
	Recall   bool     `json:"recall" doc:"The server takes the test post back; without, a proof has to be told to leave it"`
	SKUs     bool     `json:"skus" doc:"The test picture goes on a product, which has to be named"`
	Problems []string `json:"problems" nullable:"false" doc:"Why it can't begin, in English"`
	// Reasons is Problems as codes.
	Reasons []reasons.Reason `json:"problem_reasons" nullable:"false"`
}

// Tried is the newest proof of a kind of channel on this installation.
type Tried struct {
	At       time.Time `json:"at"`
	Host     string    `json:"host"`
	Foreign  bool      `json:"foreign" doc:"host is not the vendor's own: this says nothing about the real service"`
	Version  string    `json:"version" doc:"Of Vitrine"`
	API      string    `json:"api,omitempty"`
	Software string    `json:"remote_version,omitempty"`
	Channel  string    `json:"channel"`
}

// BestTried returns what a kind was tried on most recently, the vendor's own service rather than another host; nil when
// never.
func BestTried(kind string, proofs []Proof) (best *Tried) {
	for _, p := range proofs {
		if p.Kind != kind {
			continue
		}
		if best == nil || !p.Foreign && best.Foreign || p.Foreign == best.Foreign && p.CreatedAt.After(best.At) {
			best = &Tried{At: p.CreatedAt, Host: p.Host, Foreign: p.Foreign, Version: p.Version, API: p.API,
				Software: p.Software, Channel: p.Channel}
		}
	}
	return best
}

// ProofPost is the test post of a proof, as it was made: what a recall and a look-up need.
type ProofPost struct {
	// Publication is the id under which the channel sees the post; nothing else has it.
	Publication string          `json:"publication"`
	Content     json.RawMessage `json:"content"`
	Progress    json.RawMessage `json:"progress,omitempty"`
	Committed   *time.Time      `json:"committed,omitempty"`
	Receipt     *Receipt        `json:"receipt,omitempty"`
}
