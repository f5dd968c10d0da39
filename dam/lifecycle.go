package dam

import (
	"slices"

	"vitrine/dam/reasons"
)

// State is where a version is in its review.
//
//	draft ──submit──► in_review ──approve──► approved ──archive──► archived
//	  ▲                 │   ▲                  │                      │
//	  └──── restore ────│───┼──────────────────│───── restore ────────┘
//	                 reject submit           reject
//	                    ▼   │                  ▼
//	                   rejected ◄──────────────┘
type State string

const (
	Draft    State = "draft"
	InReview State = "in_review"
	Approved State = "approved"
	Rejected State = "rejected"
	Archived State = "archived"
)

// Action is a step of the review.
type Action string

const (
	Submit  Action = "submit"
	Approve Action = "approve"
	Reject  Action = "reject"
	Archive Action = "archive"
	Restore Action = "restore"
)

// Restore leads back to approved for a version that had been approved, else to draft.
var transitions = map[Action]struct {
	from []State
	to   State
}{
	Submit:  {[]State{Draft, Rejected}, InReview},
	Approve: {[]State{Draft, InReview, Rejected}, Approved},
	Reject:  {[]State{Draft, InReview, Approved}, Rejected},
	Archive: {[]State{Draft, InReview, Approved, Rejected}, Archived},
	Restore: {[]State{Archived}, Draft},
}

// Next returns the state of v after the action, or a Conflict error that says
// which states allow it.
func (v *Version) Next(a Action) (State, error) {
	t, ok := transitions[a]
	if !ok {
		return "", InvalidInput("action", reasons.UnknownAction(string(a)))
	}
	if !slices.Contains(t.from, v.Status) {
		return "", &Error{Code: Conflict, Field: "status",
			Reason: reasons.StatusDoesNotAllow(string(v.Status), string(a))}
	}
	if a == Restore && v.ApprovedAt != nil {
		return Approved, nil
	}
	return t.to, nil
}
