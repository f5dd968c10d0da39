package dam

import (
	"context"
	"time"

	"vitrine/dam/reasons"
)

// Role names a set of permissions: one of the ready-made ones, each of which includes those before it, or one that a
// library has made.
type Role string

// The ready-made roles.

const (
	Viewer      Role = "viewer"      // sees what is approved and may be shown today
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

// NoRole is the role of who has nothing but what groups and further grants allow. It isn't one of Roles.
const NoRole Role = "none"

// Valid reports whether it is a ready-made role. Libraries have roles of their own beside these.
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
	// Collections limits the role in Grants to the assets in these collections (by id), and those that the principal
	// added. In a library without an entry the role holds for everything.
	Collections map[string][]string `json:"collections,omitempty"`
	// Access holds what else was granted, per library: roles that the library has made, and grants on collections and
	// through groups.
	Access map[string]Access `json:"-"`
}

// nobody reports whether p is the zero Principal.
func (p Principal) nobody() bool { return p.ID == "" }

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

// MayEdit returns an error unless p may change the asset: what it has added with MayEditOwn, everything with
// MayEditAll. The system may change everything.
func (p Principal) MayEdit(a *Asset) error {
	if p.NeedOn(a, MayEditAll) == nil {
		return nil
	}
	if err := p.NeedOn(a, MayEditOwn); err != nil {
		return err
	}
	if a.CreatedBy == p.ID {
		return nil
	}
	return &Error{Code: Forbidden, Reason: reasons.ContributorChangesOwn()}
}

// User is a person with a local account.
type User struct {
	ID     string          `json:"id"`
	Email  string          `json:"email"`
	Name   string          `json:"name"`
	Grants map[string]Role `json:"grants"`
	// Collections is as in Principal.
	Collections map[string][]string `json:"collections,omitempty" doc:"Per library, the ids of the collections the person is limited to; a library without an entry is seen whole"`
	// Access is as in Principal.
	Access    map[string]Access `json:"-"`
	Locale    string            `json:"locale,omitempty"`
	Disabled  bool              `json:"disabled"`
	CreatedAt time.Time         `json:"created_at"`
	LastLogin *time.Time        `json:"last_login,omitempty"`
}

// Principal returns the user as who acts.
func (u User) Principal() Principal {
	return Principal{ID: u.ID, Name: u.Name, Grants: u.Grants, Collections: u.Collections, Access: u.Access}
}

// Token is an API token. The secret is shown once, at creation, and stored hashed.
type Token struct {
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	Grants map[string]Role `json:"grants"`
	// Collections is as in Principal.
	Collections map[string][]string `json:"collections,omitempty" doc:"Per library, the ids of the collections the token is limited to; a library without an entry is seen whole"`
	// Access is as in Principal.
	Access    map[string]Access `json:"-"`
	CreatedAt time.Time         `json:"created_at"`
	CreatedBy string            `json:"created_by"`
	ExpiresAt *time.Time        `json:"expires_at,omitempty"`
	LastUsed  *time.Time        `json:"last_used,omitempty"`
}

// Principal returns the token as who acts.
func (t Token) Principal() Principal {
	return Principal{ID: t.ID, Name: t.Name, Grants: t.Grants, Collections: t.Collections, Access: t.Access}
}
