package catalog

import (
	"context"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// zones remembers time zones by name: reading one opens a file.
var zones sync.Map

func zoneOf(name string) *time.Location {
	if z, ok := zones.Load(name); ok {
		loc, _ := z.(*time.Location)
		return loc
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, loc)
	return loc
}

// held is a line of what somebody was granted: a role with the permissions of the library's own one of this name.
type held struct {
	library, role, zone, collection, group string
	archived                               bool
	fields                                 []dam.FieldRule
	limit                                  []string
	may                                    []dam.Permission
}

// grantsOf returns what a user or token was granted: the role in each library, the collections that this role is
// limited to there, and everything else.
func (c Conn) grantsOf(ctx context.Context, principal string) (map[string]dam.Role, map[string][]string,
	map[string]dam.Access, error) {
	list, err := all(ctx, c, func(r row) (h held, err error) {
		err = r.Scan(&h.library, &h.role, asJSON{&h.limit}, &h.zone, &h.archived, asJSON{&h.fields}, asJSON{&h.may})
		return
	}, `SELECT g.library, g.role, g.collections, l.zone, l.archived_at IS NOT NULL, l.field_rules, COALESCE(o.permissions,'[]')
		FROM grants g
		JOIN libraries l ON l.id=g.library LEFT JOIN roles o ON o.library=g.library AND o.name=g.role
		WHERE g.principal=$1`, principal)
	if err != nil {
		return nil, nil, nil, err
	}
	roles, access := make(map[string]dam.Role, len(list)), make(map[string]dam.Access, len(list))
	var limits map[string][]string
	for _, h := range list {
		roles[h.library] = dam.Role(h.role)
		own := dam.Access{Zone: zoneOf(h.zone), Archived: h.archived, Fields: h.fields}
		if len(h.limit) > 0 {
			if limits == nil {
				limits = map[string][]string{}
			}
			limits[h.library] = h.limit
		}
		if len(h.may) > 0 {
			own.Grants = []dam.Grant{{Role: dam.Role(h.role), May: dam.SetOf(h.may...), Whole: len(h.limit) == 0,
				Own: true, Collections: h.limit}}
		}
		access[h.library] = own
	}
	return roles, limits, access, c.furtherGrants(ctx, principal, access)
}

// furtherGrants adds what somebody was granted beside the one role in each library, and through groups.
func (c Conn) furtherGrants(ctx context.Context, principal string, access map[string]dam.Access) error {
	list, err := all(ctx, c, func(r row) (h held, err error) {
		err = r.Scan(&h.library, &h.role, &h.collection, &h.zone, &h.archived, asJSON{&h.fields}, &h.group,
			asJSON{&h.may})
		return
	}, `SELECT a.library, a.role, a.collection, l.zone, l.archived_at IS NOT NULL, l.field_rules, COALESCE(m.name,''),
			COALESCE(o.permissions,'[]')
		FROM access_grants a JOIN libraries l ON l.id=a.library LEFT JOIN access_groups m ON m.id=a.holder
		LEFT JOIN roles o ON o.library=a.library AND o.name=a.role
		WHERE a.holder=$1 OR a.holder IN (SELECT group_id FROM access_members WHERE member=$1)
		ORDER BY a.created_at, a.id`, principal)
	if err != nil || len(list) == 0 {
		return err
	}
	below, err := c.subtrees(ctx, list)
	if err != nil {
		return err
	}
	for _, h := range list {
		g := dam.Grant{Role: dam.Role(h.role), May: dam.SetOf(h.may...), Whole: h.collection == "", On: h.collection,
			Collections: below[h.collection], Group: h.group}
		if g.Role.Valid() {
			g.May = dam.SetOf(g.Role.Permissions()...)
		}
		in := access[h.library]
		in.Zone, in.Archived, in.Fields, in.Grants = zoneOf(h.zone), h.archived, h.fields, append(in.Grants, g)
		access[h.library] = in
	}
	return nil
}

// subtrees returns, for every collection that was granted, its id and those of what is below it.
func (c Conn) subtrees(ctx context.Context, list []held) (map[string][]string, error) {
	var roots []string
	for _, h := range list {
		if h.collection != "" {
			roots = append(roots, h.collection)
		}
	}
	if len(roots) == 0 {
		return nil, nil
	}
	type below struct{ root, id string }
	in, args := c.inIDs(roots, nil)
	found, err := all(ctx, c, func(r row) (b below, err error) {
		err = r.Scan(&b.root, &b.id)
		return
	}, `WITH RECURSIVE t(root,library,id) AS
		(SELECT id,library,id FROM collections WHERE deleted_at IS NULL AND id IN `+in+`
		UNION SELECT t.root,t.library,x.id FROM t JOIN collections x ON x.library=t.library AND x.parent_id=t.id
			AND x.deleted_at IS NULL)
		SELECT root, id FROM t`, args...)
	out := map[string][]string{}
	for _, b := range found {
		out[b.root] = append(out[b.root], b.id)
	}
	return out, err
}

func scanRole(r row) (x dam.CustomRole, err error) {
	var created int64
	err = r.Scan(&x.Library, (*string)(&x.Name), &x.Revision, &x.Title, asJSON{&x.Permissions}, &created, &x.CreatedBy)
	x.CreatedAt = instant(created)
	return x, err
}

const roleColumns = `library,name,revision,title,permissions,created_at,created_by`

// Roles returns the roles that a library has made, by name.
func (s People) Roles(ctx context.Context, library string) ([]dam.CustomRole, error) {
	return all(ctx, s.db, scanRole, `SELECT `+roleColumns+` FROM roles WHERE library=$1 ORDER BY name`, library)
}

// Role returns a role that a library has made.
func (s People) Role(ctx context.Context, library string, name dam.Role) (dam.CustomRole, error) {
	x, err := one(ctx, s.db, scanRole, `SELECT `+roleColumns+` FROM roles WHERE library=$1 AND name=$2`, library,
		string(name))
	return oneOr(x, err, "role", string(name))
}

// PutRole stores a new or changed role and counts its revision up.
func (s PeopleTx) PutRole(ctx context.Context, x *dam.CustomRole) error {
	x.Revision++
	if x.CreatedBy == "" {
		x.CreatedAt, x.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	_, err := s.tx.exec(ctx, `INSERT INTO roles(`+roleColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT(library,name) DO UPDATE SET revision=excluded.revision, title=excluded.title,
		permissions=excluded.permissions`, x.Library, string(x.Name), x.Revision, x.Title, asJSON{x.Permissions},
		micros(x.CreatedAt), x.CreatedBy)
	return err
}

// DeleteRole removes a role that nobody has.
func (s PeopleTx) DeleteRole(ctx context.Context, library string, name dam.Role) error {
	_, err := s.tx.exec(ctx, `DELETE FROM roles WHERE library=$1 AND name=$2`, library, string(name))
	return err
}

// RoleHolders returns the names of the people, tokens and groups that have a role in a library; revoked tokens don't
// count.
func (s People) RoleHolders(ctx context.Context, library string, name dam.Role) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT name FROM (
		SELECT u.name FROM users u JOIN grants g ON g.principal=u.id WHERE g.library=$1 AND g.role=$2
		UNION SELECT t.name FROM tokens t JOIN grants g ON g.principal=t.id
			WHERE g.library=$1 AND g.role=$2 AND t.revoked_at IS NULL
		UNION SELECT COALESCE(u.name,t.name,m.name,a.holder) FROM access_grants a LEFT JOIN users u ON u.id=a.holder
			LEFT JOIN tokens t ON t.id=a.holder LEFT JOIN access_groups m ON m.id=a.holder
			WHERE a.library=$1 AND a.role=$2) h ORDER BY name`, library, string(name))
}

func scanGroup(r row) (x dam.AccessGroup, err error) {
	var created int64
	err = r.Scan(&x.ID, &x.Library, &x.Revision, &x.Name, &created, &x.CreatedBy)
	x.CreatedAt, x.Members = instant(created), []string{}
	return x, err
}

const groupColumns = `id,library,revision,name,created_at,created_by`

// Groups returns a library's groups with their members, by name.
func (s People) Groups(ctx context.Context, library string) ([]dam.AccessGroup, error) {
	list, err := all(ctx, s.db, scanGroup, `SELECT `+groupColumns+` FROM access_groups WHERE library=$1
		ORDER BY lower(name), id`, library)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Members, err = s.members(ctx, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Group returns a group of a library with its members.
func (s People) Group(ctx context.Context, library, id string) (dam.AccessGroup, error) {
	x, err := one(ctx, s.db, scanGroup, `SELECT `+groupColumns+` FROM access_groups WHERE library=$1 AND id=$2`,
		library, id)
	if err == nil {
		x.Members, err = s.members(ctx, id)
	}
	return oneOr(x, err, "group", id)
}

func (s People) members(ctx context.Context, group string) ([]string, error) {
	list, err := all(ctx, s.db, value[string], `SELECT member FROM access_members WHERE group_id=$1 ORDER BY member`,
		group)
	if list == nil {
		list = []string{}
	}
	return list, err
}

// PutGroup stores a new or changed group with its members, and counts its revision up.
func (s PeopleTx) PutGroup(ctx context.Context, x *dam.AccessGroup) error {
	x.Revision++
	if x.CreatedBy == "" {
		x.CreatedAt, x.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	if _, err := s.tx.exec(ctx, `INSERT INTO access_groups(`+groupColumns+`) VALUES($1,$2,$3,$4,$5,$6)
		ON CONFLICT(id) DO UPDATE SET revision=excluded.revision, name=excluded.name`, x.ID, x.Library, x.Revision,
		x.Name, micros(x.CreatedAt), x.CreatedBy); err != nil {
		return err
	}
	if _, err := s.tx.exec(ctx, `DELETE FROM access_members WHERE group_id=$1`, x.ID); err != nil {
		return err
	}
	for _, m := range x.Members {
		if _, err := s.tx.exec(ctx, `INSERT INTO access_members(group_id,member,added_at) VALUES($1,$2,$3)`, x.ID, m,
			micros(s.tx.now)); err != nil {
			return err
		}
	}
	return nil
}

// DeleteGroup removes a group with what was granted to it.
func (s PeopleTx) DeleteGroup(ctx context.Context, library, id string) error {
	if _, err := s.tx.exec(ctx, `DELETE FROM access_grants WHERE library=$1 AND holder=$2`, library, id); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `DELETE FROM access_groups WHERE library=$1 AND id=$2`, library, id)
	return err
}

func scanGrant(r row) (x dam.FurtherGrant, err error) {
	var created int64
	err = r.Scan(&x.ID, &x.Library, &x.Holder, (*string)(&x.Role), &x.Collection, &created, &x.CreatedBy)
	x.CreatedAt = instant(created)
	return x, err
}

const grantColumns = `id,library,holder,role,collection,created_at,created_by`

// FurtherGrants returns what was granted in a library beside the one role of each person and token, oldest first.
func (s People) FurtherGrants(ctx context.Context, library string) ([]dam.FurtherGrant, error) {
	return all(ctx, s.db, scanGrant, `SELECT `+grantColumns+` FROM access_grants WHERE library=$1
		ORDER BY created_at, id`, library)
}

// FurtherGrant returns one of a library's further grants.
func (s People) FurtherGrant(ctx context.Context, library, id string) (dam.FurtherGrant, error) {
	x, err := one(ctx, s.db, scanGrant, `SELECT `+grantColumns+` FROM access_grants WHERE library=$1 AND id=$2`,
		library, id)
	return oneOr(x, err, "grant", id)
}

// InsertGrant stores a further grant. The error is dam.Conflict if it is there already.
func (s PeopleTx) InsertGrant(ctx context.Context, x *dam.FurtherGrant) error {
	x.CreatedAt, x.CreatedBy = s.tx.now, s.tx.actor.ID
	n, err := s.tx.exec(ctx, `INSERT INTO access_grants(`+grantColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT DO NOTHING`, x.ID, x.Library, x.Holder, string(x.Role), x.Collection, micros(x.CreatedAt),
		x.CreatedBy)
	if err == nil && n == 0 {
		err = &dam.Error{Code: dam.Conflict, Reason: reasons.GrantExists()}
	}
	return err
}

// DeleteGrant removes a further grant.
func (s PeopleTx) DeleteGrant(ctx context.Context, library, id string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM access_grants WHERE library=$1 AND id=$2`, library, id)
	return err
}

// Belongs reports whether an id is that of a user, a token in force or (if groups count) a group of a library.
func (s People) Belongs(ctx context.Context, library, id string, groups bool) (bool, error) {
	n, err := one(ctx, s.db, value[int], `SELECT count(*) FROM grants g WHERE g.library=$1 AND g.principal=$2
		AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.id=g.principal AND t.revoked_at IS NOT NULL)`, library, id)
	if err == nil && n == 0 && groups {
		n, err = one(ctx, s.db, value[int], `SELECT count(*) FROM access_groups WHERE library=$1 AND id=$2`, library,
			id)
	}
	return n > 0, err
}
