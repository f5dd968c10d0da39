package catalog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Account is a user as stored, with the password's hash.
type Account struct {
	dam.User
	Password string
}

const userColumns = `u.id,u.email,u.name,u.locale,u.password,u.disabled,u.created_at,u.last_login`

func scanAccount(r row) (a Account, err error) {
	var created int64
	var login *int64
	err = r.Scan(&a.ID, &a.Email, &a.Name, &a.Locale, &a.Password, &a.Disabled, &created, &login)
	a.CreatedAt, a.LastLogin = instant(created), instantPtr(login)
	return a, err
}

func (c Conn) account(ctx context.Context, where, what string) (Account, error) {
	a, err := one(ctx, c, scanAccount, `SELECT `+userColumns+` FROM users u WHERE `+where, what)
	if err != nil {
		return oneOr(a, err, "user", what)
	}
	a.Grants, a.Collections, a.Access, err = c.grantsOf(ctx, a.ID)
	return a, err
}

// Account returns a user by id.
func (s People) Account(ctx context.Context, id string) (Account, error) {
	return s.db.account(ctx, `u.id=$1`, id)
}

// AccountByEmail returns a user by e-mail address in lower case.
func (s People) AccountByEmail(ctx context.Context, email string) (Account, error) {
	return s.db.account(ctx, `u.email=$1`, email)
}

// LockPeople serializes changes of permissions, so that only one transaction at a time decides who is the last
// administrator.
func (s PeopleTx) LockPeople(ctx context.Context) error {
	_, err := all(ctx, s.db, value[string], `SELECT id FROM libraries ORDER BY id`+s.tx.forUpdate())
	return err
}

// Users returns the users with a role in the library, by e-mail.
func (s People) Users(ctx context.Context, library string) ([]dam.User, error) {
	list, err := all(ctx, s.db, scanAccount,
		`SELECT `+userColumns+` FROM users u JOIN grants g ON g.principal=u.id WHERE g.library=$1 ORDER BY u.email`,
		library)
	if err != nil {
		return nil, err
	}
	out := make([]dam.User, len(list))
	for i, a := range list {
		out[i] = a.User
		if out[i].Grants, out[i].Collections, out[i].Access, err = s.db.grantsOf(ctx, a.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// CountUsers returns how many users there are in all libraries.
func (s People) CountUsers(ctx context.Context) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*) FROM users`)
}

// OtherAdmins returns how many enabled users other than one are administrators of the library by their own role.
func (s People) OtherAdmins(ctx context.Context, library, except string) (int, error) {
	return one(ctx, s.db, value[int], `SELECT count(*) FROM users u JOIN grants g ON g.principal=u.id
		WHERE g.library=$1 AND g.role=$2 AND u.id<>$3 AND NOT u.disabled`, library, string(dam.Admin), except)
}

// InsertUser stores a new user with their grants. The error is dam.Conflict if the e-mail address is taken.
func (s PeopleTx) InsertUser(ctx context.Context, a *Account) error {
	a.CreatedAt = s.tx.now
	n, err := s.tx.exec(ctx,
		`INSERT INTO users(id,email,name,locale,password,disabled,created_at) VALUES($1,$2,$3,$4,$5,$6,$7) ON CONFLICT DO NOTHING`,
		a.ID, a.Email, a.Name, a.Locale, a.Password, a.Disabled, micros(s.tx.now))
	if err == nil && n == 0 {
		err = &dam.Error{Code: dam.Conflict, Field: "email", Reason: reasons.UserExists()}
	}
	if err != nil {
		return err
	}
	return s.tx.setGrants(ctx, a.ID, a.Grants, a.Collections)
}

// UpdateUser writes name, locale, state, password and grants.
func (s PeopleTx) UpdateUser(ctx context.Context, a Account) error {
	if _, err := s.tx.exec(ctx, `UPDATE users SET name=$2,locale=$3,disabled=$4,password=$5 WHERE id=$1`, a.ID, a.Name,
		a.Locale, a.Disabled, a.Password); err != nil {
		return err
	}
	return s.tx.setGrants(ctx, a.ID, a.Grants, a.Collections)
}

// Join gives a user or token its one role in a library where it has none yet.
func (s PeopleTx) Join(ctx context.Context, principal, library string, role dam.Role) error {
	_, err := s.tx.exec(ctx, `INSERT INTO grants(principal,library,role,collections) VALUES($1,$2,$3,'[]')
		ON CONFLICT DO NOTHING`, principal, library, string(role))
	return err
}

func (tx *Tx) setGrants(ctx context.Context, principal string, grants map[string]dam.Role,
	limits map[string][]string) error {
	if _, err := tx.exec(ctx, `DELETE FROM grants WHERE principal=$1`, principal); err != nil {
		return err
	}
	for library, role := range grants {
		limit := limits[library]
		if limit == nil {
			limit = []string{}
		}
		if _, err := tx.exec(ctx, `INSERT INTO grants(principal,library,role,collections) VALUES($1,$2,$3,$4)`,
			principal, library, string(role), asJSON{limit}); err != nil {
			return err
		}
	}
	return nil
}

// PrincipalNames returns the names of users and tokens by id; unknown ids are left out.
func (s People) PrincipalNames(ctx context.Context, ids []string) (map[string]string, error) {
	type named struct{ id, name string }
	in, args := inList(ids, 1)
	list, err := all(ctx, s.db, func(r row) (x named, err error) {
		err = r.Scan(&x.id, &x.name)
		return
	}, `SELECT id, name FROM users WHERE id IN `+in+` UNION ALL SELECT id, name FROM tokens WHERE id IN `+in, args...)
	out := make(map[string]string, len(list))
	for _, x := range list {
		out[x.id] = x.name
	}
	return out, err
}

// InsertSession stores a session under the hash of its secret, and records the time of the sign-in.
func (s PeopleTx) InsertSession(ctx context.Context, hash, user string, expires time.Time) error {
	if _, err := s.tx.exec(ctx, `INSERT INTO sessions(hash,user_id,created_at,expires_at) VALUES($1,$2,$3,$4)`, hash,
		user, micros(s.tx.now), micros(expires)); err != nil {
		return err
	}
	if _, err := s.tx.exec(ctx, `UPDATE users SET last_login=$2 WHERE id=$1`, user, micros(s.tx.now)); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `DELETE FROM sessions WHERE expires_at<$1`, micros(s.tx.now))
	return err
}

// Session returns the user of a session and when it ends; ok is false if there is none.
func (in People) Session(ctx context.Context, hash string) (user string, expires time.Time, ok bool, err error) {
	type session struct {
		user    string
		expires int64
	}
	s, err := one(ctx, in.db, func(r row) (s session, err error) {
		err = r.Scan(&s.user, &s.expires)
		return
	}, `SELECT user_id, expires_at FROM sessions WHERE hash=$1`, hash)
	if errors.Is(err, errNoRow) {
		return "", time.Time{}, false, nil
	}
	return s.user, instant(s.expires), err == nil, err
}

// ExtendSession moves a session's end.
func (s PeopleTx) ExtendSession(ctx context.Context, hash string, expires time.Time) error {
	_, err := s.tx.exec(ctx, `UPDATE sessions SET expires_at=$2 WHERE hash=$1`, hash, micros(expires))
	return err
}

// DeleteSession ends one session.
func (s PeopleTx) DeleteSession(ctx context.Context, hash string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM sessions WHERE hash=$1`, hash)
	return err
}

// DeleteSessions ends all of a user's sessions except the one with the hash keep ("" ends all).
func (s PeopleTx) DeleteSessions(ctx context.Context, user, keep string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM sessions WHERE user_id=$1 AND hash<>$2`, user, keep)
	return err
}

const tokenColumns = `t.id,t.name,t.created_at,t.created_by,t.expires_at,t.last_used`

func scanToken(r row) (t dam.Token, err error) {
	var created int64
	var expires, used *int64
	err = r.Scan(&t.ID, &t.Name, &created, &t.CreatedBy, &expires, &used)
	t.CreatedAt, t.ExpiresAt, t.LastUsed = instant(created), instantPtr(expires), instantPtr(used)
	return t, err
}

// InsertToken stores a new token under the hash of its secret.
func (s PeopleTx) InsertToken(ctx context.Context, t *dam.Token, hash string) error {
	t.CreatedAt, t.CreatedBy = s.tx.now, s.tx.actor.ID
	if _, err := s.tx.exec(ctx,
		`INSERT INTO tokens(id,name,hash,created_at,created_by,expires_at) VALUES($1,$2,$3,$4,$5,$6)`,
		t.ID, t.Name, hash, micros(s.tx.now), t.CreatedBy, microsPtr(t.ExpiresAt)); err != nil {
		return err
	}
	return s.tx.setGrants(ctx, t.ID, t.Grants, t.Collections)
}

// Tokens returns the tokens with a role in the library that are not revoked, newest first.
func (s People) Tokens(ctx context.Context, library string) ([]dam.Token, error) {
	list, err := all(ctx, s.db, scanToken,
		`SELECT `+tokenColumns+
			` FROM tokens t JOIN grants g ON g.principal=t.id WHERE g.library=$1 AND t.revoked_at IS NULL ORDER BY t.created_at DESC, t.id`, library)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Grants, list[i].Collections, list[i].Access, err = s.db.grantsOf(ctx, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// asleep begins a statement about one token: it collects who made the token, who made the token that made it, and so
// on. awake is true if none of them is disabled.
const (
	asleep = `WITH RECURSIVE made(id) AS (SELECT created_by FROM tokens WHERE %s=$1 UNION SELECT x.created_by FROM tokens x JOIN made m ON x.id=m.id) `
	awake  = ` AND NOT EXISTS (SELECT 1 FROM users u JOIN made ON made.id=u.id WHERE u.disabled)`
)

// ofToken returns the beginning and the last condition of a statement about the token whose column equals $1.
func (c Conn) ofToken(column string) (with, and string) {
	if c.keepTokens {
		return "", ""
	}
	return fmt.Sprintf(asleep, column), awake
}

// TokenByHash returns the token with the hash of a secret. ok is false if there is none, it is revoked, or the person
// it was made by, directly or through other tokens, is disabled (see KeepTokens).
func (s People) TokenByHash(ctx context.Context, hash string) (t dam.Token, ok bool, err error) {
	with, and := s.db.ofToken("hash")
	t, err = one(ctx, s.db, scanToken, with+`SELECT `+tokenColumns+
		` FROM tokens t WHERE t.hash=$1 AND t.revoked_at IS NULL`+and, hash)
	if errors.Is(err, errNoRow) {
		return t, false, nil
	}
	if err == nil {
		t.Grants, t.Collections, t.Access, err = s.db.grantsOf(ctx, t.ID)
	}
	return t, err == nil, err
}

// TouchToken records that a token was used.
func (s PeopleTx) TouchToken(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `UPDATE tokens SET last_used=$2 WHERE id=$1`, id, micros(s.tx.now))
	return err
}

// RevokeToken revokes a token of the library for good.
func (s PeopleTx) RevokeToken(ctx context.Context, library, id string) error {
	n, err := s.tx.exec(ctx,
		`UPDATE tokens SET revoked_at=$3 WHERE id=$2 AND revoked_at IS NULL AND EXISTS (SELECT 1 FROM grants g WHERE g.principal=$2 AND g.library=$1)`,
		library, id, micros(s.tx.now))
	if err == nil && n == 0 {
		err = notFound("token", id)
	}
	return err
}

// CountAttempt counts a sign-in attempt under a key and returns the number of attempts in the window, including this
// one, and when the window ends.
func (s PeopleTx) CountAttempt(ctx context.Context, key string, window time.Duration) (n int, ends time.Time,
	err error) {
	if _, err := s.tx.exec(ctx, `DELETE FROM login_attempts WHERE ends_at<=$1`, micros(s.tx.now)); err != nil {
		return 0, ends, err
	}
	type counted struct {
		n    int
		ends int64
	}
	x, err := one(ctx, s.db, func(r row) (x counted, err error) {
		err = r.Scan(&x.n, &x.ends)
		return
	},
		`INSERT INTO login_attempts(key,n,ends_at) VALUES($1,1,$2) ON CONFLICT(key) DO UPDATE SET n=login_attempts.n+1 RETURNING n, ends_at`, key, micros(s.tx.now.Add(window)))
	return x.n, instant(x.ends), err
}

// ForgiveAttempt takes back one attempt under each key.
func (s PeopleTx) ForgiveAttempt(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if _, err := s.tx.exec(ctx, `UPDATE login_attempts SET n=n-1 WHERE key=$1 AND n>0`, key); err != nil {
			return err
		}
	}
	return nil
}

// Remember keeps a key for a duration, without counting an attempt.
func (s PeopleTx) Remember(ctx context.Context, key string, d time.Duration) error {
	_, err := s.tx.exec(ctx,
		`INSERT INTO login_attempts(key,n,ends_at) VALUES($1,0,$2) ON CONFLICT(key) DO UPDATE SET ends_at=excluded.ends_at`, key, micros(s.tx.now.Add(d)))
	return err
}

// Remembers reports whether a key is still kept.
func (s PeopleTx) Remembers(ctx context.Context, key string) (bool, error) {
	n, err := one(ctx, s.db, value[int], `SELECT count(*) FROM login_attempts WHERE key=$1 AND ends_at>$2`, key,
		micros(s.tx.now))
	return n > 0, err
}

// ClearAttempts forgets the attempts under a key.
func (s PeopleTx) ClearAttempts(ctx context.Context, key string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM login_attempts WHERE key=$1`, key)
	return err
}
