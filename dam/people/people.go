// Package people manages local accounts, their sessions and API tokens: who a client is and what it may do. Passwords
// are stored as argon2id hashes, session and token secrets as SHA-256; no secret can be read back.
package people

import (
	"context"
	"encoding/json"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Sealer encrypts small secrets at rest (see vitrine/dam/secrets).
type Sealer interface {
	Seal(plain []byte, purpose string) string
	Open(sealed, purpose string) (plain []byte, stale bool, err error)
}

// Catalog is the part of the catalogue that this package reads and changes.
type Catalog interface {
	catalog.Writer
	Libraries() catalog.Libraries
	People() catalog.People
	Assets() catalog.Assets
}

// Service manages accounts, sessions and tokens. It is safe for concurrent use.
type Service struct {
	catalog Catalog
	sealer  Sealer
	gate    chan struct{} // bounds the memory used by concurrent hashing
}

// New returns the service. With a sealer, a repeated creation (same Idempotency-Key) returns its one-time secret again;
// without one the repeat returns "" instead.
func New(c Catalog, sealer Sealer) *Service {
	return &Service{catalog: c, sealer: sealer, gate: make(chan struct{}, 4)}
}

// NewUser describes a user to create. If Password is empty, a one-time password is generated.
type NewUser struct {
	Email    string
	Name     string
	Role     dam.Role
	Password string
	Locale   string // BCP 47 tag of the interface language; "" follows the browser
	// Collections limits the user to these collections; if empty, the user sees the whole library.
	Collections []string
}

// UserPatch holds changes of a user; nil fields stay unchanged.
type UserPatch struct {
	Name     *string
	Role     *dam.Role
	Disabled *bool
	Locale   *string
	// Collections is the new limit; an empty list lifts it.
	Collections *[]string
}

// Bootstrap creates the first administrator, of the default library, if there is no user at all; otherwise it does
// nothing and created is false. oneTime is the generated password, to be shown once, or "" if password was given.
func (s *Service) Bootstrap(ctx context.Context, email, password string) (oneTime string, created bool, err error) {
	n, err := s.catalog.People().CountUsers(ctx)
	if err != nil || n > 0 {
		return "", false, err
	}
	a, oneTime, err := s.draft(ctx, dam.DefaultLibrary, NewUser{Email: email, Name: "Administrator", Role: dam.Admin,
		Password: password})
	if err != nil {
		return "", false, err
	}
	created, err = catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (bool, error) {
		if err := tx.People().LockPeople(ctx); err != nil {
			return false, err
		}
		if n, err := tx.People().CountUsers(ctx); err != nil || n > 0 {
			return false, err // another node was first
		}
		return true, s.insert(ctx, tx, dam.DefaultLibrary, &a)
	})
	if !created {
		oneTime = ""
	}
	return oneTime, created, err
}

// draft validates a new user and hashes the password.
func (s *Service) draft(ctx context.Context, library string, n NewUser) (a catalog.Account, oneTime string, err error) {
	if n.Email, err = cleanEmail(n.Email); err != nil {
		return a, "", err
	}
	if n.Name, err = cleanName("name", n.Name); err != nil {
		return a, "", err
	}
	if n.Locale, err = cleanLocale(n.Locale); err != nil {
		return a, "", err
	}
	if n.Password == "" {
		oneTime = oneTimePassword()
		n.Password = oneTime
	}
	hash, err := s.hash(ctx, "password", n.Password, n.Email)
	a = catalog.Account{Password: hash, User: dam.User{ID: dam.NewID(dam.UserPrefix), Email: n.Email, Name: n.Name,
		Locale: n.Locale, Grants: map[string]dam.Role{library: n.Role},
		Collections: limits(nil, library, n.Collections)}}
	return a, oneTime, err
}

func (s *Service) insert(ctx context.Context, tx *catalog.Tx, library string, a *catalog.Account) error {
	if err := mayGive(ctx, tx, library, a.Grants[library]); err != nil {
		return err
	}
	if err := checkLimit(ctx, tx, library, a.Grants[library], a.Collections[library]); err != nil {
		return err
	}
	if err := tx.People().InsertUser(ctx, a); err != nil {
		return err
	}
	tx.Emit(dam.Event{Library: library, Type: dam.UserCreated, Subject: a.ID})
	return nil
}

// join gives somebody a role in a library who is in another one already and keeps their password. It returns false if
// nobody has the e-mail address, or somebody whom the actor may not know of, or who is in the library.
func join(ctx context.Context, tx *catalog.Tx, library string, n *catalog.Account) (u dam.User, joined bool,
	err error) {
	if err := tx.People().LockPeople(ctx); err != nil {
		return u, false, err
	}
	a, err := tx.People().AccountByEmail(ctx, n.Email)
	if dam.CodeOf(err) == dam.NotFound {
		return u, false, nil
	}
	if err != nil {
		return u, false, err
	}
	known := tx.Actor().IsSystem()
	for l := range a.Grants {
		known = known || tx.Actor().CanEverywhere(l, dam.MayManagePeople)
	}
	if _, member := a.Grants[library]; member || !known {
		return u, false, nil
	}
	role, limit := n.Grants[library], n.Collections[library]
	if err := mayGive(ctx, tx, library, role); err != nil {
		return u, false, err
	}
	if err := checkLimit(ctx, tx, library, role, limit); err != nil {
		return u, false, err
	}
	a.Grants[library] = role
	a.Collections = limits(a.Collections, library, limit)
	tx.Emit(dam.Event{Library: library, Type: dam.UserUpdated, Subject: a.ID, Data: fieldNames("role")})
	return a.User, true, tx.People().UpdateUser(ctx, a)
}

// CreateUser creates a user with a role in the library, or gives the role to somebody who is in another library that
// the actor administers. oneTime is the generated password, or "" if one was given or the person has one. The error is
// dam.Invalid, or dam.Conflict if the e-mail address is taken.
func (s *Service) CreateUser(ctx context.Context, library string, n NewUser) (u dam.User, oneTime string, err error) {
	a, oneTime, err := s.draft(ctx, library, n)
	if err != nil {
		return u, "", err
	}
	type result struct {
		User   dam.User
		Sealed string
	}
	r, err := catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (result, error) {
		if _, err := tx.Libraries().Library(ctx, library); err != nil {
			return result{}, err
		}
		if n.Password == "" { // who is somewhere else has one
			if u, joined, err := join(ctx, tx, library, &a); joined || err != nil {
				return result{User: u}, err
			}
		}
		if err := s.insert(ctx, tx, library, &a); err != nil {
			return result{}, err
		}
		return result{a.User, s.seal(oneTime)}, nil
	})
	if err != nil {
		return u, "", err
	}
	if r.User.ID != a.ID { // the repeat of an earlier request
		oneTime = s.unseal(r.Sealed)
	}
	return r.User, oneTime, nil
}

// UpdateUser changes a user from within a library; Role is the role there. The error is dam.NotFound; dam.Conflict if
// the library would lose its last administrator; or dam.Forbidden if the change also affects a library that the actor
// does not administer.
func (s *Service) UpdateUser(ctx context.Context, library, id string, p UserPatch) (dam.User, error) {
	if p.Locale != nil {
		locale, err := cleanLocale(*p.Locale)
		if err != nil {
			return dam.User{}, err
		}
		p.Locale = &locale
	}
	if p.Name != nil {
		name, err := cleanName("name", *p.Name)
		if err != nil {
			return dam.User{}, err
		}
		p.Name = &name
	}
	return catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (dam.User, error) {
		a, err := lockUser(ctx, tx, library, id)
		if err != nil {
			return a.User, err
		}
		before := a.User
		before.Grants = maps.Clone(a.Grants)
		var changes []dam.Change
		if p.Role != nil && *p.Role != a.Grants[library] {
			changes = append(changes, dam.Change{Field: "role", Before: a.Grants[library], After: *p.Role})
			a.Grants[library] = *p.Role
		}
		if p.Collections != nil && !slices.Equal(*p.Collections, a.Collections[library]) {
			changes = append(changes, dam.Change{Field: "collections", Before: a.Collections[library],
				After: *p.Collections})
			a.Collections = limits(a.Collections, library, *p.Collections)
		}
		if len(changes) > 0 || p.Collections != nil { // without its limit, a role holds for more
			if err := mayGive(ctx, tx, library, a.Grants[library]); err != nil {
				return a.User, err
			}
		}
		if p.Role != nil || p.Collections != nil {
			if err := checkLimit(ctx, tx, library, a.Grants[library], a.Collections[library]); err != nil {
				return a.User, err
			}
		}
		if p.Name != nil && *p.Name != a.Name {
			changes = append(changes, dam.Change{Field: "name", Before: a.Name, After: *p.Name})
			a.Name = *p.Name
		}
		if p.Locale != nil && *p.Locale != a.Locale {
			changes = append(changes, dam.Change{Field: "locale", Before: a.Locale, After: *p.Locale})
			a.Locale = *p.Locale
		}
		if p.Disabled != nil && *p.Disabled != a.Disabled {
			changes = append(changes, dam.Change{Field: "disabled", Before: a.Disabled, After: *p.Disabled})
			a.Disabled = *p.Disabled
		}
		if len(changes) == 0 {
			return a.User, nil
		}
		// Neither who has more than the actor is changed, nor does anybody get more.
		for _, u := range []dam.User{before, a.User} {
			if err := notAbove(tx.Actor(), library, u.Principal()); err != nil {
				return a.User, err
			}
			if a.Name != before.Name || a.Disabled != before.Disabled {
				if err := coversAll(tx.Actor(), u); err != nil {
					return a.User, err
				}
			}
		}
		for lib, role := range before.Grants {
			if role != dam.Admin || before.Disabled || a.Grants[lib] == dam.Admin && !a.Disabled {
				continue
			}
			if n, err := tx.People().OtherAdmins(ctx, lib, id); err != nil {
				return a.User, err
			} else if n == 0 {
				return a.User,
					&dam.Error{Code: dam.Conflict, Field: map[bool]string{true: "disabled", false: "role"}[a.Disabled],
						Reason: reasons.LastAdministrator()}
			}
		}
		if a.Disabled {
			if err := tx.People().DeleteSessions(ctx, id, ""); err != nil {
				return a.User, err
			}
		}
		if err := tx.People().UpdateUser(ctx, a); err != nil {
			return a.User, err
		}
		emitUpdated(tx, library, id, changes)
		return a.User, nil
	})
}

// lockUser returns a user of the library and locks everyone's permissions until the commit.
func lockUser(ctx context.Context, tx *catalog.Tx, library, id string) (catalog.Account, error) {
	if err := tx.People().LockPeople(ctx); err != nil {
		return catalog.Account{}, err
	}
	a, err := tx.People().Account(ctx, id)
	if _, member := a.Grants[library]; err == nil && library != "" && !member {
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.NoUser(id)}
	}
	return a, err
}

// coversAll returns an error if the user belongs to a library that the actor does not administer.
func coversAll(actor dam.Principal, u dam.User) error {
	if actor.IsSystem() {
		return nil
	}
	for library := range u.Grants {
		if !actor.CanEverywhere(library, dam.MayManagePeople) {
			return &dam.Error{Code: dam.Forbidden, Reason: reasons.UserInOtherLibrary()}
		}
		if err := notAbove(actor, library, u.Principal()); err != nil {
			return err
		}
	}
	return nil
}

func emitUpdated(tx *catalog.Tx, library, id string, changes []dam.Change) {
	fields := make([]string, len(changes))
	for i, c := range changes {
		fields[i] = c.Field
	}
	slices.Sort(fields)
	tx.Emit(dam.Event{Library: library, Type: dam.UserUpdated, Subject: id, Data: fieldNames(fields...)}, changes...)
}

// fieldNames returns the event data that names the changed fields.
func fieldNames(fields ...string) json.RawMessage {
	raw, err := json.Marshal(map[string][]string{"fields": fields})
	if err != nil {
		panic(err) // strings only
	}
	return raw
}

// SetPassword sets a new password for a user of the library and ends all of their sessions. oneTime is the generated
// password if none was given.
func (s *Service) SetPassword(ctx context.Context, library, id, password string) (oneTime string, err error) {
	known, err := s.catalog.People().Account(ctx, id)
	if err != nil {
		return "", err
	}
	if password == "" {
		oneTime = oneTimePassword()
		password = oneTime
	}
	hash, err := s.hash(ctx, "password", password, known.Email)
	if err != nil {
		return "", err
	}
	type result struct{ Sealed, Prefix string }
	mark := dam.NewID(dam.EventPrefix) // distinguishes this run from an earlier one whose result is repeated
	r, err := catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (result, error) {
		a, err := lockUser(ctx, tx, library, id)
		if err != nil {
			return result{}, err
		}
		if err := coversAll(tx.Actor(), a.User); err != nil {
			return result{}, err
		}
		return result{s.seal(oneTime), mark}, s.storePassword(ctx, tx, library, a, hash, "")
	})
	if err != nil {
		return "", err
	}
	if r.Prefix != mark {
		oneTime = s.unseal(r.Sealed)
	}
	return oneTime, nil
}

// ChangePassword changes the user's own password: it checks the current password, and ends every session except the one
// with the given secret. Wrong passwords count like failed sign-ins, so that nobody can guess passwords in a session
// left open. The error is dam.Invalid or a *LimitError.
func (s *Service) ChangePassword(ctx context.Context, id, current, password, sessionSecret string) error {
	a, err := s.catalog.People().Account(ctx, id)
	if err != nil {
		return err
	}
	keys := attempt{pair: hashSecret("current:" + id)}
	if err := s.count(catalog.WithoutIdempotencyKey(ctx), keys); err != nil {
		return err
	}
	ok, _ := s.matches(ctx, current, a.Password)
	if err := ctx.Err(); err != nil {
		return err
	}
	if !ok {
		return dam.InvalidInput("current", reasons.NotCurrentPassword())
	}
	hash, err := s.hash(ctx, "new", password, a.Email)
	if err != nil {
		return err
	}
	return s.catalog.Write(ctx, func(tx *catalog.Tx) error {
		now, err := lockUser(ctx, tx, "", id)
		if err != nil {
			return err
		}
		if err := tx.People().ClearAttempts(ctx, keys.pair); err != nil {
			return err
		}
		if now.Password != a.Password {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.PasswordChangedMeanwhile()}
		}
		return s.storePassword(ctx, tx, "", now, hash, hashSecret(sessionSecret))
	})
}

func (s *Service) storePassword(ctx context.Context, tx *catalog.Tx, library string, a catalog.Account, hash,
	keep string) error {
	a.Password = hash
	if err := tx.People().UpdateUser(ctx, a); err != nil {
		return err
	}
	if err := tx.People().DeleteSessions(ctx, a.ID, keep); err != nil {
		return err
	}
	tx.Emit(dam.Event{Library: library, Type: dam.UserUpdated, Subject: a.ID, Data: fieldNames("password")})
	return nil
}

// Library returns a library.
func (s *Service) Library(ctx context.Context, id string) (dam.Library, error) {
	return s.catalog.Libraries().Library(ctx, id)
}

// Users returns the users of a library, ordered by e-mail address.
func (s *Service) Users(ctx context.Context, library string) ([]dam.User, error) {
	return s.catalog.People().Users(ctx, library)
}

// User returns a user by id.
func (s *Service) User(ctx context.Context, id string) (dam.User, error) {
	a, err := s.catalog.People().Account(ctx, id)
	return a.User, err
}

// UserByEmail returns a user by e-mail address, ignoring case.
func (s *Service) UserByEmail(ctx context.Context, email string) (dam.User, error) {
	a, err := s.catalog.People().AccountByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
	return a.User, err
}

// Names returns the names of users and tokens by id, for histories; unknown ids are left out.
func (s *Service) Names(ctx context.Context, ids []string) (map[string]string, error) {
	names, err := s.catalog.People().PrincipalNames(ctx, ids)
	if err == nil {
		names[dam.SystemID] = dam.SystemName
	}
	return names, err
}

func cleanEmail(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if err := dam.CheckLine("email", email); err != nil {
		return "", err
	}
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 254 {
		return "", dam.InvalidInput("email", reasons.NotAnEmail())
	}
	return email, nil
}

func cleanName(field, name string) (string, error) {
	if err := dam.CheckText(field, name); err != nil {
		return "", err
	}
	name = strings.Join(strings.Fields(name), " ")
	if n := utf8.RuneCountInString(name); n == 0 || n > 200 || !utf8.ValidString(name) {
		return "", dam.InvalidInput(field, reasons.UserNameLength())
	}
	return name, nil
}

// cleanLocale returns a locale as it is stored; "" follows the browser.
func cleanLocale(l string) (string, error) {
	if len(l) > 35 || strings.ContainsFunc(l, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return "", dam.InvalidInput("locale", reasons.NotALanguageTag())
	}
	return dam.Locale(l), nil
}

// expired reports whether an optional expiry has passed.
func expired(at *time.Time, now time.Time) bool { return at != nil && !now.Before(*at) }
