package dam

import "time"

// Decision is one step of the review of one version, with what is needed to undo it.
type Decision struct {
	Version string  `json:"version"`
	Before  Decided `json:"before"`
	After   Decided `json:"after"`
}

// Decided is the current result of the review of a version.
type Decided struct {
	Status     State      `json:"status"`
	Comment    string     `json:"comment,omitempty"`
	DecidedBy  string     `json:"decided_by,omitempty"`
	DecidedAt  *time.Time `json:"decided_at,omitempty"`
	ApprovedAt *time.Time `json:"approved_at,omitempty"`
}

// Decided returns the current result of the review of v.
func (v *Version) Decided() Decided {
	return Decided{v.Status, v.Comment, v.DecidedBy, v.DecidedAt, v.ApprovedAt}
}

// SetDecided restores a previous result of the review of v.
func (v *Version) SetDecided(d Decided) {
	v.Status, v.Comment, v.DecidedBy, v.DecidedAt, v.ApprovedAt = d.Status, d.Comment, d.DecidedBy, d.DecidedAt,
		d.ApprovedAt
}
