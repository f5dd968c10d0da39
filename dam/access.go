package dam

import (
	"iter"
	"maps"
	"slices"
	"time"

	"vitrine/dam/reasons"
)

// Grant lets a principal do something in a library: in the whole of it, or with the assets of some collections.
type Grant struct {
	Role Role
	May  PermissionSet
	// Whole grants hold in the whole library, the others on what is in the collections (ids, with those below).
	Whole       bool
	Collections []string
	// Own grants hold on everything that the principal has added, too: a role that is limited to collections does. The
	// others allow of that no more than ownPermissions.
	Own bool
	// On is the id of the collection that the grant was made on; "" for a whole library and for a limited role.
	On string
	// Group is the name of the group that the principal has it by; "" if it is the principal's own.
	Group string
}

// ownPermissions are what a grant on a collection allows with what the principal has added and nobody has put into the
// collection yet.
var ownPermissions = SetOf(MaySee, MaySeeUnapproved, MayDownloadPresets, MayDownloadOriginals, MayUpload, MayEditOwn,
	MayManageCollections)

// has reports whether the grant allows something anywhere in the library.
func (g *Grant) has(may Permission) bool {
	return g.May.Has(may) && (g.Whole || may.Scope() == ScopeAsset)
}

// covers reports whether the grant allows something with an asset of its library.
func (g *Grant) covers(may Permission, a *Asset, own bool) bool {
	return g.has(may) && (g.Whole || own && (g.Own || ownPermissions.Has(may)) ||
		slices.ContainsFunc(a.Collections, func(c string) bool { return slices.Contains(g.Collections, c) }))
}

// Access is what a principal may do in one library. The zero Access allows nothing.
type Access struct {
	// Grants are those beside the ready-made role of Principal.Grants. What is allowed is the union of all.
	Grants []Grant
	// Zone is the library's, in which the days of rights begin and end; nil is UTC.
	Zone *time.Location
	// Fields are the rules of the library's custom fields that not everybody sees and edits (see DecideField).
	Fields []FieldRule
	// Archived is true for a library that is archived: every role has no more than archivedPermissions there.
	Archived bool
}

// archivedPermissions are what roles allow in an archived library: what is there can be seen, taken out and taken back
// from channels, and people lose their access. Of MayPublish recalls are left (see Principal.Archived).
var archivedPermissions = SetOf(MaySee, MaySeeUnapproved, MayDownloadPresets, MayDownloadOriginals, MayPublish,
	MayManagePeople)

// Restored returns the principal with what it may do in a library once that is no longer archived.
func (p Principal) Restored(library string) Principal {
	if access := p.Access[library]; access.Archived {
		access.Archived = false
		p.Access = maps.Clone(p.Access)
		p.Access[library] = access
	}
	return p
}

// Archived reports whether the principal belongs to a library that is archived.
func (p Principal) Archived(library string) bool { return p.Access[library].Archived }

// grants returns everything that the principal was granted in a library.
func (p Principal) grants(library string) iter.Seq[*Grant] {
	return func(yield func(*Grant) bool) {
		access := p.Access[library]
		if r := p.Grants[library]; r.Valid() {
			limit := p.Collections[library]
			g := Grant{Role: r, May: r.set(), Whole: len(limit) == 0, Own: true, Collections: limit}
			if access.Archived {
				g.May &= archivedPermissions
			}
			if !yield(&g) {
				return
			}
		}
		for i := range access.Grants {
			g := &access.Grants[i]
			if access.Archived {
				left := *g
				left.May &= archivedPermissions
				g = &left
			}
			if !yield(g) {
				return
			}
		}
	}
}

// AccessDecision says whether a principal may do something, and why, or why not.
type AccessDecision struct {
	Allowed bool           `json:"allowed"`
	Reason  reasons.Reason `json:"reason" doc:"Why, or why not"`
	// The grant that allows it; empty if nothing does, or the principal's own doing is the reason.
	Role       Role   `json:"role,omitempty" doc:"The role that allows it"`
	Group      string `json:"group,omitempty" doc:"The group that has the role; absent if it is the person's or token's own"`
	Collection string `json:"collection,omitempty" doc:"Id of the collection that the role was granted on"`
}

func allowed(g *Grant) AccessDecision {
	d := AccessDecision{Allowed: true, Role: g.Role, Group: g.Group, Collection: g.On,
		Reason: reasons.AllowedByRole(g.Role)}
	if !g.Whole {
		d.Reason = reasons.AllowedInCollections(g.Role)
	}
	return d
}

func refused(why reasons.Reason) AccessDecision { return AccessDecision{Reason: why} }

// Decide is the one decision on who may do what: in a library, or, with an asset of it, to that asset at an instant. A
// principal may do to an asset what some grant allows there, if the principal sees it.
func (p Principal) Decide(may Permission, library string, a *Asset, at time.Time) AccessDecision {
	switch {
	case p.nobody():
		return refused(reasons.NoActor())
	case p.IsSystem():
		return AccessDecision{Allowed: true, Reason: reasons.AllowedToSystem()}
	case a != nil:
		if d := p.sees(a, at); !d.Allowed || may == MaySee {
			return d
		}
	}
	member, elsewhere, whole := false, false, false
	for g := range p.grants(library) {
		member = true
		switch {
		case a == nil && g.has(may), a != nil && g.covers(may, a, a.CreatedBy == p.ID):
			return allowed(g)
		case g.has(may):
			elsewhere = true // on other assets
		case g.May.Has(may):
			whole = true // if only it held in the whole library
		}
	}
	switch {
	case !member:
		return refused(reasons.NoRoleInLibrary(library))
	case elsewhere:
		return refused(reasons.PermissionElsewhere(string(may)))
	case whole:
		return refused(reasons.WholeLibraryNeeded())
	case p.Archived(library) && !archivedPermissions.Has(may):
		return refused(reasons.LibraryArchived(library))
	}
	return refused(reasons.PermissionNeeded(string(may), library))
}

// sees decides whether the principal may know of an asset.
func (p Principal) sees(a *Asset, at time.Time) AccessDecision {
	own, member := a.CreatedBy == p.ID, false
	var by, unapproved *Grant
	for g := range p.grants(a.Library) {
		member = member || g.has(MaySee)
		if by == nil && g.covers(MaySee, a, own) {
			by = g
		}
		if g.covers(MaySeeUnapproved, a, own) {
			unapproved = g
		}
	}
	switch {
	case !member:
		return refused(reasons.NoRoleInLibrary(a.Library))
	case own:
		return AccessDecision{Allowed: true, Reason: reasons.AllowedOwn()}
	case by == nil:
		return refused(reasons.InNoGrantedCollection())
	case unapproved != nil:
		return allowed(by)
	}
	zone := p.Access[a.Library].Zone
	if zone == nil {
		zone = time.UTC
	}
	if seen := VisibilityAt(a.PublicFacts(zone), at, UnknownAudience); !seen.Public() {
		return refused(reasons.UnapprovedNotShown(string(seen.Status)))
	}
	return allowed(by)
}

// SeesUnapproved reports whether the principal sees every version of an asset, not only the one that the public sees.
func (p Principal) SeesUnapproved(a *Asset) bool {
	own := a.CreatedBy == p.ID
	for g := range p.grants(a.Library) {
		if g.covers(MaySeeUnapproved, a, own) {
			return true
		}
	}
	return p.IsSystem()
}

// Sees reports whether the principal may know that the asset exists, now.
func (p Principal) Sees(a *Asset) bool { return p.Decide(MaySee, a.Library, a, time.Now()).Allowed }

// Can reports whether the principal may do something in a library, be it with some of its assets only.
func (p Principal) Can(library string, may Permission) bool {
	return !p.IsSystem() && p.Decide(may, library, nil, time.Time{}).Allowed
}

// HomeLibrary returns the library that is meant where none is named: main, or for somebody who isn't in it the first of
// theirs by id. only reports whether it is the only one that can be meant: a write must not go elsewhere because
// somebody has joined another library.
func (p Principal) HomeLibrary() (library string, only bool) {
	if p.Can(DefaultLibrary, MaySee) {
		return DefaultLibrary, true
	}
	ids := slices.AppendSeq(slices.Collect(maps.Keys(p.Grants)), maps.Keys(p.Access))
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(l string) bool { return !p.Can(l, MaySee) })
	if len(ids) == 0 {
		return DefaultLibrary, true
	}
	return ids[0], len(ids) == 1
}

// CanEverywhere reports whether the principal may do something with every asset of a library, as far as they see it.
func (p Principal) CanEverywhere(library string, may Permission) bool {
	for g := range p.grants(library) {
		if g.Whole && g.May.Has(may) {
			return true
		}
	}
	return p.IsSystem()
}

// May returns what the principal may do in a library, be it with some of its assets only.
func (p Principal) May(library string) (out PermissionSet) {
	for g := range p.grants(library) {
		for _, x := range g.May.List() {
			if g.has(x) {
				out |= SetOf(x)
			}
		}
	}
	return out
}

// Need returns an error if p may not do something in the library, not even with some of its assets. The system may.
func (p Principal) Need(library string, may Permission) error {
	if d := p.Decide(may, library, nil, time.Time{}); !d.Allowed {
		return &Error{Code: Forbidden, Reason: d.Reason}
	}
	return nil
}

// NeedOn returns an error if p may not do something with the asset: dam.NotFound if they don't see it, otherwise
// dam.Forbidden.
func (p Principal) NeedOn(a *Asset, may Permission) error {
	if !p.nobody() && !p.Sees(a) {
		return &Error{Code: NotFound, Reason: reasons.NotFound("asset", a.ID)}
	}
	if d := p.Decide(may, a.Library, a, time.Now()); !d.Allowed {
		return &Error{Code: Forbidden, Reason: d.Reason}
	}
	return nil
}

// NeedOnCollection returns an error if p may not do something with what is in a collection.
func (p Principal) NeedOnCollection(library, collection string, may Permission) error {
	probe := Asset{Library: library, Collections: []string{collection}, CreatedBy: SystemID}
	for g := range p.grants(library) {
		if g.covers(may, &probe, false) {
			return nil
		}
	}
	if p.IsSystem() {
		return nil
	}
	if !p.KnowsCollection(library, collection) {
		return &Error{Code: NotFound, Reason: reasons.NotFound("collection", collection)}
	}
	return &Error{Code: Forbidden, Reason: p.Decide(may, library, &probe, time.Time{}).Reason}
}

// KnowsCollection reports whether the principal may know of a collection of the library.
func (p Principal) KnowsCollection(library, collection string) bool {
	for g := range p.grants(library) {
		if g.May.Has(MaySee) && (g.Whole || slices.Contains(g.Collections, collection)) {
			return true
		}
	}
	return p.IsSystem()
}

// Restricted reports whether the principal sees only some collections of the library, or nothing.
func (p Principal) Restricted(library string) bool { return !p.CanEverywhere(library, MaySee) }

// Filtered reports whether there may be assets in the library that the principal doesn't see.
func (p Principal) Filtered(library string) bool {
	return !p.CanEverywhere(library, MaySee) || !p.CanEverywhere(library, MaySeeUnapproved)
}

// Sight is what of a library somebody sees, in a form that a search or a statement can apply to many assets. An asset
// is seen if the principal added it; or if it is within (All or one of Within) and either unapproved is seen there
// (AllUnapproved or one of Unapproved) or the public may see it today.
type Sight struct {
	// Member is false for who sees nothing at all.
	Member             bool
	All, AllUnapproved bool
	Within, Unapproved []string // ids of collections, without repeats
	Zone               *time.Location
}

// Sight returns what the principal sees of a library.
func (p Principal) Sight(library string) Sight {
	s := Sight{Zone: p.Access[library].Zone}
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if p.IsSystem() {
		s.Member, s.All, s.AllUnapproved = true, true, true
		return s
	}
	for g := range p.grants(library) {
		if g.has(MaySee) {
			s.Member, s.All = true, s.All || g.Whole
			s.Within = append(s.Within, g.Collections...)
		}
		if g.has(MaySeeUnapproved) {
			s.AllUnapproved = s.AllUnapproved || g.Whole
			s.Unapproved = append(s.Unapproved, g.Collections...)
		}
	}
	for _, list := range []*[]string{&s.Within, &s.Unapproved} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return s
}
