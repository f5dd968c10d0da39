package people

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// RoleInput is a new role of a library, or a change of one; nil members stay as they are.
type RoleInput struct {
	Name        dam.Role
	Title       *string
	Permissions *[]dam.Permission
}

var roleName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

// maxNamed is how many holders of a role are named where it can't be removed.
const maxNamed = 10

// permissionsOf returns what a role of a library allows. The error is dam.Invalid for a role that doesn't exist.
func permissionsOf(ctx context.Context, c catalog.People, library string, role dam.Role) ([]dam.Permission, error) {
	if role.Valid() || role == dam.NoRole {
		return role.Permissions(), nil
	}
	x, err := c.Role(ctx, library, role)
	if dam.CodeOf(err) == dam.NotFound {
		return nil, dam.InvalidInput("role", reasons.UnknownRole(string(role)))
	}
	return x.Permissions, err
}

// covers refuses to give permissions that the actor doesn't have in the whole library: nobody can give more than they
// have, so that nobody gets more by giving it to themselves.
func covers(actor dam.Principal, library, field string, list []dam.Permission) error {
	actor = actor.Restored(library) // an archived library may be restored
	for _, p := range list {
		if !actor.CanEverywhere(library, p) {
			return &dam.Error{Code: dam.Forbidden, Field: field, Reason: reasons.PermissionAboveOwn(string(p))}
		}
	}
	return nil
}

// mayGive refuses a role that doesn't exist, or that allows what the actor may not do or shows fields that they don't
// see.
func mayGive(ctx context.Context, tx *catalog.Tx, library string, role dam.Role) error {
	list, err := permissionsOf(ctx, tx.People().People, library, role)
	if err != nil {
		return err
	}
	holder := tx.Actor() // as who has only this role
	holder.Grants, holder.Access = nil, map[string]dam.Access{library: {Fields: holder.Access[library].Fields,
		Grants: []dam.Grant{{Role: role, May: dam.SetOf(list...), Whole: true}}}}
	if covers(tx.Actor(), library, "role", list) != nil || coversFields(tx.Actor(), library, holder) != nil {
		return &dam.Error{Code: dam.Forbidden, Field: "role", Reason: reasons.RoleAboveOwn()}
	}
	return nil
}

// coversFields refuses to give the sight of fields, or editing them, that somebody has and the actor doesn't.
func coversFields(actor dam.Principal, library string, who dam.Principal) error {
	for _, f := range actor.Access[library].Fields {
		sees, edits := who.DecideField(library, f.Key)
		if mySees, myEdits := actor.DecideField(library, f.Key); sees && !mySees || edits && !myEdits {
			return &dam.Error{Code: dam.Forbidden, Reason: reasons.RoleAboveOwn()}
		}
	}
	return nil
}

// notAbove refuses to change somebody who may do in a library what the actor may not, or who sees fields there that the
// actor doesn't.
func notAbove(actor dam.Principal, library string, who dam.Principal) error {
	return cmp.Or(covers(actor, library, "", who.Restored(library).May(library).List()),
		coversFields(actor, library, who))
}

// checkRevision refuses an edit of something older than what is stored; 0 edits whatever is there.
func checkRevision(ifMatch, revision int64) error {
	if ifMatch != 0 && ifMatch != revision {
		return &dam.Error{Code: dam.Stale, Reason: reasons.EditedMeanwhile(revision, ifMatch)}
	}
	return nil
}

// Roles returns the roles that a library has made, by name.
func (s *Service) Roles(ctx context.Context, library string) ([]dam.CustomRole, error) {
	return s.catalog.People().Roles(ctx, library)
}

// CreateRole makes a role. The actor can only put permissions into it that they have. The error is dam.Invalid,
// dam.Forbidden, or dam.Conflict if the name is taken.
func (s *Service) CreateRole(ctx context.Context, library string, in RoleInput) (dam.CustomRole, error) {
	if !roleName.MatchString(string(in.Name)) {
		return dam.CustomRole{}, dam.InvalidInput("name", reasons.RoleNameForm())
	}
	taken := &dam.Error{Code: dam.Conflict, Field: "name", Reason: reasons.RoleExists()}
	if in.Name.Valid() || in.Name == dam.NoRole {
		return dam.CustomRole{}, taken
	}
	return catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (dam.CustomRole, error) {
		if err := tx.People().LockPeople(ctx); err != nil {
			return dam.CustomRole{}, err
		}
		if _, err := tx.Libraries().Library(ctx, library); err != nil {
			return dam.CustomRole{}, err
		}
		if _, err := tx.People().Role(ctx, library, in.Name); dam.CodeOf(err) != dam.NotFound {
			if err == nil {
				err = taken
			}
			return dam.CustomRole{}, err
		}
		x := dam.CustomRole{Library: library, Name: in.Name, Title: string(in.Name), Permissions: []dam.Permission{}}
		if _, err := in.apply(tx.Actor(), &x); err != nil {
			return x, err
		}
		tx.Emit(dam.Event{Library: library, Type: dam.RoleCreated, Subject: string(x.Name)})
		return x, tx.People().PutRole(ctx, &x)
	})
}

// UpdateRole changes a role that the library has made, for everybody who has it. The error is dam.NotFound,
// dam.Invalid, dam.Stale, or dam.Forbidden for a ready-made role or for permissions that the actor doesn't have.
func (s *Service) UpdateRole(ctx context.Context, library string, ifMatch int64, in RoleInput) (dam.CustomRole, error) {
	if in.Name.Valid() {
		return dam.CustomRole{}, &dam.Error{Code: dam.Forbidden, Reason: reasons.RoleReadyMade()}
	}
	return catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (dam.CustomRole, error) {
		if err := tx.People().LockPeople(ctx); err != nil {
			return dam.CustomRole{}, err
		}
		x, err := tx.People().Role(ctx, library, in.Name)
		if err != nil {
			return x, err
		}
		if err := checkRevision(ifMatch, x.Revision); err != nil {
			return x, err
		}
		if err := covers(tx.Actor(), library, "permissions", x.Permissions); err != nil {
			return x, err
		}
		changes, err := in.apply(tx.Actor(), &x)
		if err != nil || len(changes) == 0 {
			return x, err
		}
		tx.Emit(dam.Event{Library: library, Type: dam.RoleUpdated, Subject: string(x.Name)}, changes...)
		return x, tx.People().PutRole(ctx, &x)
	})
}

// apply puts a change into a role.
func (in RoleInput) apply(actor dam.Principal, x *dam.CustomRole) (changes []dam.Change, err error) {
	if in.Title != nil {
		title, err := cleanName("title", *in.Title)
		if err != nil {
			return nil, err
		}
		if title != x.Title {
			changes = append(changes, dam.Change{Field: "title", Before: x.Title, After: title})
			x.Title = title
		}
	}
	if in.Permissions == nil {
		return changes, nil
	}
	for _, p := range *in.Permissions {
		if !p.Valid() {
			return nil, dam.InvalidInput("permissions", reasons.UnknownPermission(string(p)))
		}
	}
	list := dam.SetOf(*in.Permissions...).List()
	if err := covers(actor, x.Library, "permissions", list); err != nil {
		return nil, err
	}
	if !slices.Equal(list, x.Permissions) {
		changes = append(changes, dam.Change{Field: "permissions", Before: x.Permissions, After: list})
		x.Permissions = list
	}
	return changes, nil
}

// DeleteRole removes a role that nobody has. The error is dam.NotFound; dam.Forbidden for a ready-made one; or
// dam.Conflict, which says who has it.
func (s *Service) DeleteRole(ctx context.Context, library string, name dam.Role) error {
	if name.Valid() {
		return &dam.Error{Code: dam.Forbidden, Reason: reasons.RoleReadyMade()}
	}
	return s.catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.People().LockPeople(ctx); err != nil {
			return err
		}
		x, err := tx.People().Role(ctx, library, name)
		if err != nil {
			return err
		}
		if err := covers(tx.Actor(), library, "", x.Permissions); err != nil {
			return err
		}
		holders, err := tx.People().RoleHolders(ctx, library, name)
		if err != nil {
			return err
		}
		if n := len(holders); n > 0 {
			if n > maxNamed {
				holders = append(holders[:maxNamed], "…")
			}
			return &dam.Error{Code: dam.Conflict, Reason: reasons.RoleInUse(n, strings.Join(holders, ", "))}
		}
		if err := unnamed(ctx, tx, library, name); err != nil {
			return err
		}
		tx.Emit(dam.Event{Library: library, Type: dam.RoleDeleted, Subject: string(name)})
		return tx.People().DeleteRole(ctx, library, name)
	})
}

// unnamed refuses to remove a role that fields are seen or edited by.
func unnamed(ctx context.Context, tx *catalog.Tx, library string, name dam.Role) error {
	fields, err := tx.Libraries().CustomFields(ctx, library)
	if err != nil {
		return err
	}
	var keys []string
	for _, f := range dam.FieldRules(fields) {
		if slices.Contains(f.SeenBy, name) || slices.Contains(f.EditedBy, name) {
			keys = append(keys, f.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return &dam.Error{Code: dam.Conflict, Reason: reasons.RoleNamedByFields(strings.Join(keys, ", "))}
}
