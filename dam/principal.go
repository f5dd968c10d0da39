package dam

import (
	"context"
	"slices"
	"time"

	"vitrine/dam/reasons"
)

// Role is what a principal may do in a library. Each role includes those before it.
type Role string

const (
	Viewer      Role = "viewer"      // sees approved and unapproved assets
	Contributor Role = "contributor" // uploads, edits own uploads, submits
	Editor      Role = "editor"      // edits everything, bin, collections
	Publisher   Role = "publisher"   // approves, rejects, publishes, recalls
	Admin       Role = "admin"       // people, tokens, presets, channels, webhooks
)

// Roles lists the roles from least to most.
var Roles = [...]Role{Viewer, Contributor, Editor, Publisher, Admin}

// rank returns the role's place in Roles, from 1; 0 for an unknown role.
func (r Role) rank() int {
	for i, x := range Roles {
		if x == r {
			return i + 1
		}
	}
	return 0
}

// Valid reports whether the role exists.
func (r Role) Valid() bool { return r.rank() > 0 }

// Includes reports whether r may do what other may; never for an unknown role.
func (r Role) Includes(other Role) bool { return other.rank() > 0 && r.rank() >= other.rank() }

// Principal is who acts: a user, an API token, or the system itself. The zero Principal is nobody: it sees nothing and
// may do nothing.
type Principal struct {
	// ID is the id of a user or a token, or SystemID.
	ID string `json:"id"`
	// Name is shown in histories.
	Name string `json:"name"`
	// Grants holds the role per library.
	Grants map[string]Role `json:"grants"`
	// Collections limits what the principal sees of a library to the assets in these collections (by id), and those
	// that the principal added. A library without an entry is seen as a whole.
	Collections map[string][]string `json:"collections,omitempty"`
}

// nobody reports whether p is the zero Principal.
func (p Principal) nobody() bool { return p.ID == "" }

// Restricted reports whether the principal sees only a part of the library.
func (p Principal) Restricted(library string) bool {
	return p.nobody() || len(p.Collections[library]) > 0
}

// Sees reports whether the principal may know that the asset exists.
func (p Principal) Sees(a *Asset) bool {
	if p.nobody() {
		return false
	}
	limit := p.Collections[a.Library]
	return len(limit) == 0 || a.CreatedBy == p.ID ||
		slices.ContainsFunc(a.Collections, func(c string) bool { return slices.Contains(limit, c) })
}

type actorKey struct{}

// WithActor returns a context that carries the principal on whose behalf things are done.
func WithActor(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, actorKey{}, p)
}

// AsSystem returns a context in which the system itself acts, which sees everything and may do everything. why explains
// to the reader why that is right; test/architecture lists every call.
func AsSystem(ctx context.Context, why string) context.Context {
	_ = why // for the reader of the call
	return WithActor(ctx, Principal{ID: SystemID, Name: SystemName})
}

// ActorOf returns the acting principal, or the zero Principal, who may do nothing, if the context has none.
func ActorOf(ctx context.Context) Principal {
	p, _ := ctx.Value(actorKey{}).(Principal)
	return p
}

// RequireActor returns an Internal error if the context has no actor. The catalogue and the search call it before they
// read or write anything, so that a forgotten actor is reported and doesn't look like an empty library.
func RequireActor(ctx context.Context) error {
	if ActorOf(ctx).nobody() {
		return &Error{Code: Internal, Reason: reasons.NoActor()}
	}
	return nil
}

// SystemID and SystemName identify the system in histories.
const (
	SystemID   = "system"
	SystemName = "Vitrine"
)

// IsSystem reports whether the system itself acts.
func (p Principal) IsSystem() bool { return p.ID == SystemID }

// Can reports whether the principal's role in the library has the permission.
func (p Principal) Can(library string, may Permission) bool { return p.Grants[library].Has(may) }

// MayEdit returns an error unless p may change the asset: what it has added with MayEditOwn, everything with
// MayEditAll. The system may change everything.
func (p Principal) MayEdit(a *Asset) error {
	switch {
	case p.IsSystem(), p.Can(a.Library, MayEditAll), p.Can(a.Library, MayEditOwn) && a.CreatedBy == p.ID:
		return nil
	case !p.Can(a.Library, MayEditOwn):
		return p.Need(a.Library, MayEditOwn)
	}
	return &Error{Code: Forbidden, Reason: reasons.ContributorChangesOwn()}
}

// Need returns an error if p's role in the library lacks the permission. The system has every permission.
func (p Principal) Need(library string, may Permission) error {
	if p.IsSystem() || p.Can(library, may) {
		return nil
	}
	return &Error{Code: Forbidden, Reason: reasons.PermissionNeeded(string(may), library)}
}

// User is a person with a local account.
type User struct {
	ID     string          `json:"id"`
	Email  string          `json:"email"`
	Name   string          `json:"name"`
	Grants map[string]Role `json:"grants"`
	// Collections is as in Principal.
	Collections map[string][]string `json:"collections,omitempty" doc:"Per library, the ids of the collections the person is limited to; a library without an entry is seen whole"`
	Locale      string              `json:"locale,omitempty"`
	Disabled    bool                `json:"disabled"`
	CreatedAt   time.Time           `json:"created_at"`
	LastLogin   *time.Time          `json:"last_login,omitempty"`
}

// Token is an API token. The secret is shown once, at creation, and stored hashed.
type Token struct {
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	Grants map[string]Role `json:"grants"`
	// Collections is as in Principal.
	Collections map[string][]string `json:"collections,omitempty" doc:"Per library, the ids of the collections the token is limited to; a library without an entry is seen whole"`
	CreatedAt   time.Time           `json:"created_at"`
	CreatedBy   string              `json:"created_by"`
	ExpiresAt   *time.Time          `json:"expires_at,omitempty"`
	LastUsed    *time.Time          `json:"last_used,omitempty"`
}
