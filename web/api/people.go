package api

import (
	"context"
	"errors"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"vitrine/dam"
	"vitrine/dam/people"
	"vitrine/dam/reasons"
)

type loginIn struct {
	address string
	// unbelieved: a proxy says whom it speaks for, and the operator does not trust it.
	unbelieved bool
	Body       struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"1024"`
	}
}

// Resolve notes the client's address, which the sign-in limit counts.
func (in *loginIn) Resolve(ctx huma.Context) []error {
	c := humagin.Unwrap(ctx)
	in.address = c.ClientIP()
	in.unbelieved = c.GetHeader("X-Forwarded-For") != "" && in.address == c.RemoteIP()
	return nil
}

// identity is who is signed in, in which library, as what.
type identity struct {
	User    *dam.User    `json:"user,omitempty" doc:"Absent for an API token"`
	Token   *tokenHolder `json:"token,omitempty" doc:"The API token, when the request carries one"`
	Library dam.Library  `json:"library"`
	Role    dam.Role     `json:"role" doc:"A ready-made role, one of the library's own, or none"`
	// Permissions are what the role, the groups and further grants allow.
	Permissions []dam.Permission `json:"permissions" nullable:"false" doc:"What one may do, be it with some assets only; see /api/permissions"`
	Libraries   []dam.NamedItem  `json:"libraries" nullable:"false" doc:"The libraries that one is in"`
	Cursor      string           `json:"cursor" doc:"The end of the event log: following it from here misses nothing that is read later"`
}

// home adds the libraries that somebody is in.
func (s *API) home(ctx context.Context, who dam.Principal, i identity) (*body[identity], error) {
	list, err := s.Libraries.List(ctx)
	if err != nil {
		return nil, err
	}
	epoch, head, err := s.Events.State(ctx)
	if err != nil {
		return nil, err
	}
	i.Libraries, i.Cursor = []dam.NamedItem{}, dam.Cursor(epoch, head)
	for _, l := range list {
		if who.Can(l.ID, dam.MaySee) {
			i.Libraries = append(i.Libraries, dam.NamedItem{ID: l.ID, Name: l.Name})
		}
	}
	return &body[identity]{i}, nil
}

type tokenHolder struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (s *API) login(ctx context.Context, in *loginIn) (*body[identity], error) {
	req := requestOf(ctx)
	if in.unbelieved {
		s.proxyWarned.Do(func() {
			s.Log.WarnContext(ctx, "sign-ins come through a proxy that is not trusted: all its visitors count as one "+
				"address; name it in trusted_proxies", "proxy", in.address)
		})
	}
	u, err := s.People.Authenticate(ctx, in.Body.Email, in.Body.Password, in.address)
	s.metrics.login(err, "credentials", dam.Unauthorized)
	if err != nil {
		return nil, err
	}
	who, library := u.Principal(), req.library
	if library == "" {
		library, _ = who.HomeLibrary()
	}
	if err := who.Need(library, dam.MaySee); err != nil {
		return nil, err
	}
	ctx = dam.WithActor(ctx, who)
	lib, err := s.People.Library(ctx, library)
	if err != nil {
		return nil, err
	}
	if req.session != "" { // the sign-in before this one ends: a planted session must not live on
		if err := s.People.EndSession(ctx, req.session); err != nil {
			return nil, err
		}
	}
	secret, expires, err := s.People.StartSession(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	s.setCookie(req.header, secret, expires)
	return s.home(ctx, who, identity{User: &u, Library: lib, Role: u.Grants[library],
		Permissions: who.May(library).List()})
}

func (s *API) logout(ctx context.Context, _ *nothing) (*nothing, error) {
	req := requestOf(ctx)
	if req.session != "" {
		if err := s.People.EndSession(ctx, req.session); err != nil {
			return nil, err
		}
	}
	s.setCookie(req.header, "", time.Time{})
	return &nothing{}, nil
}

func (s *API) me(ctx context.Context, _ *nothing) (*body[identity], error) {
	req := requestOf(ctx)
	lib, err := s.People.Library(ctx, req.library)
	if err != nil {
		return nil, err
	}
	out := identity{User: req.user, Library: lib, Role: req.principal.Grants[req.library],
		Permissions: req.principal.May(req.library).List()}
	if req.user == nil {
		out.Token = &tokenHolder{req.principal.ID, req.principal.Name}
	}
	return s.home(ctx, req.principal, out)
}

type changePasswordIn struct {
	Body struct {
		Current string `json:"current" maxLength:"1024"`
		New     string `json:"new" maxLength:"1024"`
	}
}

func (s *API) changePassword(ctx context.Context, in *changePasswordIn) (*nothing, error) {
	req := requestOf(ctx)
	if req.user == nil {
		return nil, &dam.Error{Code: dam.Forbidden, Reason: reasons.TokenWithoutPassword()}
	}
	err := s.People.ChangePassword(ctx, req.user.ID, in.Body.Current, in.Body.New, req.session)
	var wrong *dam.Error
	if errors.As(err, &wrong) && wrong.Field == "current" {
		s.metrics.login(err, "current", dam.Invalid)
	} else if dam.CodeOf(err) == dam.Limited {
		s.metrics.login(err, "current", "")
	}
	return done(err)
}

func (s *API) listUsers(ctx context.Context, _ *nothing) (*items[dam.User], error) {
	return listOf(s.People.Users(ctx, requestOf(ctx).library))
}

type createUserIn struct {
	Body struct {
		Email    string   `json:"email" maxLength:"254"`
		Name     string   `json:"name" minLength:"1" maxLength:"200"`
		Role     dam.Role `json:"role" maxLength:"40" doc:"A role of /api/roles, or none: then groups and grants alone say what the person may do"`
		Password string   `json:"password,omitempty" maxLength:"1024" doc:"At least 12 characters; a one-time one is made when left out"`
		Locale   string   `json:"locale,omitempty" maxLength:"35"`

		Collections []string `json:"collections,omitempty" maxItems:"100" doc:"Ids of the collections the person is limited to; none is the whole library"`
	}
}

type createdUser struct {
	User     dam.User `json:"user"`
	Password string   `json:"password,omitempty" doc:"The one-time password, shown once"`
}

func (s *API) createUser(ctx context.Context, in *createUserIn) (*body[createdUser], error) {
	b := in.Body
	u, oneTime, err := s.People.CreateUser(ctx, requestOf(ctx).library, people.NewUser{Email: b.Email, Name: b.Name,
		Role: b.Role, Password: b.Password, Locale: b.Locale, Collections: b.Collections})
	return &body[createdUser]{createdUser{u, oneTime}}, err
}

type patchUserIn struct {
	ByID
	Body struct {
		Name     *string   `json:"name,omitempty" minLength:"1" maxLength:"200"`
		Role     *dam.Role `json:"role,omitempty" maxLength:"40" doc:"A role of /api/roles, or none"`
		Disabled *bool     `json:"disabled,omitempty"`
		Locale   *string   `json:"locale,omitempty" maxLength:"35"`

		Collections *[]string `json:"collections,omitempty" maxItems:"100" doc:"Ids of the collections the person is limited to; an empty list lifts the limit"`
	}
}

func (s *API) patchUser(ctx context.Context, in *patchUserIn) (*body[dam.User], error) {
	b := in.Body
	u, err := s.People.UpdateUser(ctx, requestOf(ctx).library, in.ID, people.UserPatch{Name: b.Name, Role: b.Role,
		Disabled: b.Disabled, Locale: b.Locale, Collections: b.Collections})
	return &body[dam.User]{u}, err
}

type resetPasswordIn struct {
	ByID
	Body *struct {
		Password string `json:"password,omitempty" maxLength:"1024" doc:"A one-time one is made when left out"`
	}
}

type resetPasswordOut struct {
	Body struct {
		Password string `json:"password" doc:"The one-time password, shown once; empty when one was sent"`
	}
}

func (s *API) resetPassword(ctx context.Context, in *resetPasswordIn) (*resetPasswordOut, error) {
	var password string
	if in.Body != nil {
		password = in.Body.Password
	}
	out := &resetPasswordOut{}
	var err error
	out.Body.Password, err = s.People.SetPassword(ctx, requestOf(ctx).library, in.ID, password)
	return out, err
}

func (s *API) listTokens(ctx context.Context, _ *nothing) (*items[dam.Token], error) {
	return listOf(s.People.Tokens(ctx, requestOf(ctx).library))
}

type createTokenIn struct {
	Body struct {
		Name      string     `json:"name" minLength:"1" maxLength:"200"`
		Role      dam.Role   `json:"role" maxLength:"40" doc:"A role of /api/roles, or none: then groups and grants alone say what the token may do"`
		ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Never when left out"`

		Collections []string `json:"collections,omitempty" maxItems:"100" doc:"Ids of the collections the token is limited to; none is the whole library"`
	}
}

type createTokenOut struct {
	Body struct {
		Token  dam.Token `json:"token"`
		Secret string    `json:"secret" doc:"Shown once"`
	}
}

func (s *API) createToken(ctx context.Context, in *createTokenIn) (*createTokenOut, error) {
	out := &createTokenOut{}
	var err error
	out.Body.Token, out.Body.Secret, err = s.People.CreateToken(ctx, requestOf(ctx).library,
		people.NewToken{Name: in.Body.Name, Role: in.Body.Role, ExpiresAt: in.Body.ExpiresAt,
			Collections: in.Body.Collections})
	return out, err
}

func (s *API) revokeToken(ctx context.Context, in *ByID) (*nothing, error) {
	return done(s.People.RevokeToken(ctx, requestOf(ctx).library, in.ID))
}
