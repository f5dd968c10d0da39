package people

import (
	"context"
	"fmt"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// GroupInput is a new group, or a change of one; nil members stay as they are.
type GroupInput struct {
	Name    *string
	Members *[]string // ids of people and tokens of the library
}

// maxMembers bounds a group.
const maxMembers = 10_000

// Groups returns a library's groups, by name.
func (s *Service) Groups(ctx context.Context, library string) ([]dam.AccessGroup, error) {
	return s.catalog.People().Groups(ctx, library)
}

// CreateGroup makes a group of people and tokens.
func (s *Service) CreateGroup(ctx context.Context, library string, in GroupInput) (dam.AccessGroup, error) {
	id := dam.NewID(dam.GroupPrefix)
	return catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (dam.AccessGroup, error) {
		if err := tx.People().LockPeople(ctx); err != nil {
			return dam.AccessGroup{}, err
		}
		x := dam.AccessGroup{ID: id, Library: library, Members: []string{}}
		if _, err := in.apply(ctx, tx, &x); err != nil {
			return x, err
		}
		tx.Emit(dam.Event{Library: library, Type: dam.GroupCreated, Subject: x.ID})
		return x, tx.People().PutGroup(ctx, &x)
	})
}

// UpdateGroup renames a group or changes who is in it. The error is dam.NotFound, dam.Invalid, dam.Stale, or
// dam.Forbidden if the group was granted what the actor doesn't have.
func (s *Service) UpdateGroup(ctx context.Context, library, id string, ifMatch int64, in GroupInput) (dam.AccessGroup,
	error) {
	return catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (dam.AccessGroup, error) {
		if err := tx.People().LockPeople(ctx); err != nil {
			return dam.AccessGroup{}, err
		}
		x, err := tx.People().Group(ctx, library, id)
		if err != nil {
			return x, err
		}
		if err := checkRevision(ifMatch, x.Revision); err != nil {
			return x, err
		}
		grants, err := grantsOf(ctx, tx, library, id)
		if err != nil {
			return x, err
		}
		for _, g := range grants {
			if err := mayGive(ctx, tx, library, g.Role); err != nil {
				return x, err
			}
		}
		changes, err := in.apply(ctx, tx, &x)
		if err != nil || len(changes) == 0 {
			return x, err
		}
		tx.Emit(dam.Event{Library: library, Type: dam.GroupUpdated, Subject: x.ID}, changes...)
		return x, tx.People().PutGroup(ctx, &x)
	})
}

func (in GroupInput) apply(ctx context.Context, tx *catalog.Tx, x *dam.AccessGroup) (changes []dam.Change, err error) {
	if in.Name != nil || x.Name == "" {
		var name string
		if in.Name != nil {
			name = *in.Name
		}
		if name, err = cleanName("name", name); err != nil {
			return nil, err
		}
		if name != x.Name {
			changes = append(changes, dam.Change{Field: "name", Before: x.Name, After: name})
			x.Name = name
		}
	}
	if in.Members == nil {
		return changes, nil
	}
	if len(*in.Members) > maxMembers {
		return nil, dam.InvalidInput("members", reasons.TooManyListEntries(maxMembers))
	}
	members := slices.Compact(slices.Sorted(slices.Values(*in.Members)))
	for i, m := range members {
		if slices.Contains(x.Members, m) {
			continue
		}
		ok, err := tx.People().Belongs(ctx, x.Library, m, false)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, dam.InvalidInput(fmt.Sprintf("members[%d]", i), reasons.GrantHolderUnknown(m))
		}
	}
	if members == nil {
		members = []string{}
	}
	if !slices.Equal(members, x.Members) {
		changes = append(changes, dam.Change{Field: "members", Before: x.Members, After: members})
		x.Members = members
	}
	return changes, nil
}

// grantsOf returns what a holder was granted beside its one role.
func grantsOf(ctx context.Context, tx *catalog.Tx, library, holder string) ([]dam.FurtherGrant, error) {
	list, err := tx.People().FurtherGrants(ctx, library)
	return slices.DeleteFunc(list, func(g dam.FurtherGrant) bool { return g.Holder != holder }), err
}

// DeleteGroup removes a group that is empty and was granted nothing. The error is dam.NotFound, or dam.Conflict, which
// says what would be lost.
func (s *Service) DeleteGroup(ctx context.Context, library, id string) error {
	return s.catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.People().LockPeople(ctx); err != nil {
			return err
		}
		x, err := tx.People().Group(ctx, library, id)
		if err != nil {
			return err
		}
		grants, err := grantsOf(ctx, tx, library, id)
		if err != nil {
			return err
		}
		if len(grants)+len(x.Members) > 0 {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.GroupHoldsGrants(len(grants), len(x.Members))}
		}
		tx.Emit(dam.Event{Library: library, Type: dam.GroupDeleted, Subject: id})
		return tx.People().DeleteGroup(ctx, library, id)
	})
}

// NewGrant gives a role to a person, a token or a group: in the whole library, or on what is in a collection and below.
type NewGrant struct {
	Holder     string
	Role       dam.Role
	Collection string // "" is the whole library
}

// FurtherGrants returns what was granted in a library beside the one role of each person and token, oldest first.
func (s *Service) FurtherGrants(ctx context.Context, library string) ([]dam.FurtherGrant, error) {
	return s.catalog.People().FurtherGrants(ctx, library)
}

// GrantRole grants a role. The actor can only give what they have. The error is dam.Invalid, dam.Forbidden, or
// dam.Conflict if it was granted before.
func (s *Service) GrantRole(ctx context.Context, library string, n NewGrant) (dam.FurtherGrant, error) {
	id := dam.NewID(dam.GrantPrefix)
	return catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (dam.FurtherGrant, error) {
		x := dam.FurtherGrant{ID: id, Library: library, Holder: n.Holder, Role: n.Role, Collection: n.Collection}
		if err := tx.People().LockPeople(ctx); err != nil {
			return x, err
		}
		if n.Role == dam.NoRole {
			return x, dam.InvalidInput("role", reasons.UnknownRole(string(n.Role)))
		}
		if err := mayGive(ctx, tx, library, n.Role); err != nil {
			return x, err
		}
		ok, err := tx.People().Belongs(ctx, library, n.Holder, true)
		if err != nil {
			return x, err
		}
		if !ok {
			return x, dam.InvalidInput("holder", reasons.GrantHolderUnknown(n.Holder))
		}
		if n.Collection != "" {
			_, err := tx.Assets().Collections().Collection(ctx, library, n.Collection)
			if dam.CodeOf(err) == dam.NotFound {
				err = dam.InvalidInput("collection", reasons.NoCollectionForLimit(n.Collection))
			}
			if err != nil {
				return x, err
			}
		}
		tx.Emit(dam.Event{Library: library, Type: dam.AccessGranted, Subject: n.Holder, Data: grantData(&x)})
		return x, tx.People().InsertGrant(ctx, &x)
	})
}

// RevokeGrant takes a grant back.
func (s *Service) RevokeGrant(ctx context.Context, library, id string) error {
	return s.catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.People().LockPeople(ctx); err != nil {
			return err
		}
		x, err := tx.People().FurtherGrant(ctx, library, id)
		if err != nil {
			return err
		}
		if err := mayGive(ctx, tx, library, x.Role); err != nil {
			return err
		}
		tx.Emit(dam.Event{Library: library, Type: dam.AccessRevoked, Subject: x.Holder, Data: grantData(&x)})
		return tx.People().DeleteGrant(ctx, library, id)
	})
}
