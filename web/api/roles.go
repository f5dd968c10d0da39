package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/people"
)

// listPermissions lists what can be allowed.
func (s *API) listPermissions(context.Context, *nothing) (*items[dam.PermissionInfo], error) {
	return listOf(dam.Permissions[:], nil)
}

// roleView is a role with what it may do.
type roleView struct {
	Name        dam.Role         `json:"name"`
	Title       string           `json:"title,omitempty" doc:"As people see it; of the library's own roles"`
	Permissions []dam.Permission `json:"permissions" nullable:"false"`
	ReadyMade   bool             `json:"ready_made" doc:"It can't be changed, but copied"`
	Revision    int64            `json:"revision,omitempty" doc:"Of the library's own roles"`
}

func viewOf(x dam.CustomRole) roleView {
	return roleView{Name: x.Name, Title: x.Title, Permissions: x.Permissions, Revision: x.Revision}
}

func (s *API) listRoles(ctx context.Context, _ *nothing) (*items[roleView], error) {
	own, err := s.People.Roles(ctx, requestOf(ctx).library)
	list := make([]roleView, 0, len(dam.Roles)+len(own))
	for _, r := range dam.Roles {
		list = append(list, roleView{Name: r, Permissions: r.Permissions(), ReadyMade: true})
	}
	for _, x := range own {
		list = append(list, viewOf(x))
	}
	return listOf(list, err)
}

type createRoleIn struct {
	Body struct {
		Name        dam.Role         `json:"name" maxLength:"40" doc:"Lower-case letters, digits, _ and -; it can't be changed later"`
		Title       string           `json:"title,omitempty" maxLength:"200" doc:"As people see it; the name when left out"`
		Permissions []dam.Permission `json:"permissions" maxItems:"100" nullable:"false" doc:"Names of /api/permissions"`
	}
}

func (s *API) createRole(ctx context.Context, in *createRoleIn) (*tagged[roleView], error) {
	input := people.RoleInput{Name: in.Body.Name, Permissions: &in.Body.Permissions}
	if in.Body.Title != "" {
		input.Title = &in.Body.Title
	}
	return roleAnswer(s.People.CreateRole(ctx, requestOf(ctx).library, input))
}

func roleAnswer(x dam.CustomRole, err error) (*tagged[roleView], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[roleView]{etag(x.Revision), viewOf(x)}, nil
}

type patchRoleIn struct {
	Name    dam.Role `path:"name" maxLength:"40"`
	IfMatch string   `header:"If-Match" doc:"ETag of the state this is based on; 412 when it has changed"`
	Body    struct {
		Title       *string           `json:"title,omitempty" maxLength:"200"`
		Permissions *[]dam.Permission `json:"permissions,omitempty" maxItems:"100"`
	}
}

func (s *API) patchRole(ctx context.Context, in *patchRoleIn) (*tagged[roleView], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return roleAnswer(s.People.UpdateRole(ctx, requestOf(ctx).library, rev, people.RoleInput{Name: in.Name,
		Title: in.Body.Title, Permissions: in.Body.Permissions}))
}

type roleIn struct {
	Name dam.Role `path:"name" maxLength:"40"`
}

func (s *API) deleteRole(ctx context.Context, in *roleIn) (*nothing, error) {
	return done(s.People.DeleteRole(ctx, requestOf(ctx).library, in.Name))
}

func (s *API) listGroups(ctx context.Context, _ *nothing) (*items[dam.AccessGroup], error) {
	return listOf(s.People.Groups(ctx, requestOf(ctx).library))
}

type createGroupIn struct {
	Body struct {
		Name    string   `json:"name" minLength:"1" maxLength:"200"`
		Members []string `json:"members,omitempty" maxItems:"10000" doc:"Ids of people and tokens"`
	}
}

func (s *API) createGroup(ctx context.Context, in *createGroupIn) (*tagged[dam.AccessGroup], error) {
	return groupAnswer(s.People.CreateGroup(ctx, requestOf(ctx).library, people.GroupInput{Name: &in.Body.Name,
		Members: &in.Body.Members}))
}

func groupAnswer(x dam.AccessGroup, err error) (*tagged[dam.AccessGroup], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.AccessGroup]{etag(x.Revision), x}, nil
}

type patchGroupIn struct {
	Edit
	Body struct {
		Name    *string   `json:"name,omitempty" minLength:"1" maxLength:"200"`
		Members *[]string `json:"members,omitempty" maxItems:"10000" doc:"All members: ids of people and tokens"`
	}
}

func (s *API) patchGroup(ctx context.Context, in *patchGroupIn) (*tagged[dam.AccessGroup], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return groupAnswer(s.People.UpdateGroup(ctx, requestOf(ctx).library, in.ID, rev,
		people.GroupInput{Name: in.Body.Name, Members: in.Body.Members}))
}

func (s *API) deleteGroup(ctx context.Context, in *ByID) (*nothing, error) {
	return done(s.People.DeleteGroup(ctx, requestOf(ctx).library, in.ID))
}

func (s *API) listGrants(ctx context.Context, _ *nothing) (*items[dam.FurtherGrant], error) {
	return listOf(s.People.FurtherGrants(ctx, requestOf(ctx).library))
}

type createGrantIn struct {
	Body struct {
		Holder     string   `json:"holder" maxLength:"64" doc:"Id of a person, a token or a group"`
		Role       dam.Role `json:"role" maxLength:"40" doc:"A role of /api/roles"`
		Collection string   `json:"collection,omitempty" maxLength:"64" doc:"Id of a collection: the role holds there and below; the whole library when left out"`
	}
}

func (s *API) createGrant(ctx context.Context, in *createGrantIn) (*body[dam.FurtherGrant], error) {
	x, err := s.People.GrantRole(ctx, requestOf(ctx).library, people.NewGrant{Holder: in.Body.Holder,
		Role: in.Body.Role, Collection: in.Body.Collection})
	return &body[dam.FurtherGrant]{x}, err
}

func (s *API) deleteGrant(ctx context.Context, in *ByID) (*nothing, error) {
	return done(s.People.RevokeGrant(ctx, requestOf(ctx).library, in.ID))
}

type explainIn struct {
	ByID
	Of string `query:"of" required:"true" maxLength:"64" doc:"Id of a person or a token"`
}

func (s *API) explainAccess(ctx context.Context, in *explainIn) (*body[people.Explained], error) {
	x, err := s.People.Explain(ctx, requestOf(ctx).library, in.ID, in.Of)
	return &body[people.Explained]{x}, err
}
