package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

const cookieName = "vitrine_session"

// authorise is the one place that decides who may call what: it reads the permission that the route needs from the
// table and looks whether the principal's role in the request's library has it.
func (s *API) authorise(c *gin.Context) {
	if c.FullPath() == "" {
		return // nothing is here, and that is what will be answered
	}
	r, ok := s.routes[c.Request.Method+" "+c.FullPath()]
	if !ok {
		panic("a route beside the table: " + c.FullPath())
	}
	req := requestOf(c.Request.Context())
	req.route = r
	req.library = c.GetHeader(libraryHeader)
	if req.library == "" && r.endpoint.raw && !unsafe(c.Request.Method) {
		req.library = c.Query(libraryQuery)
	}
	if cookie, err := c.Request.Cookie(cookieName); err == nil {
		req.session = cookie.Value
	}
	if unsafe(c.Request.Method) && c.GetHeader("Authorization") == "" {
		// Whatever a browser may send by itself must come from our own pages.
		if err := s.csrf.Check(c.Request); err != nil {
			s.fail(c, &dam.Error{Code: dam.Forbidden, Reason: reasons.CrossSiteRequest()})
			return
		}
	}
	if r.may == public {
		if strings.HasPrefix(r.path, "/api/") && !s.limit(c, "address:"+c.ClientIP()) {
			return
		}
		if err := checkAddress(c); err != nil {
			s.fail(c, err)
		}
		return
	}
	if err := s.authenticate(c, req); err != nil {
		if dam.CodeOf(err) == dam.Unauthorized && (req.session != "" || c.GetHeader("Authorization") != "") {
			s.metrics.tokens.Inc()
		}
		if !s.limit(c, "address:"+c.ClientIP()) {
			return
		}
		if dam.CodeOf(err) == dam.Unauthorized {
			c.Header("WWW-Authenticate", `Bearer realm="vitrine"`)
		}
		s.fail(c, err)
		return
	}
	if !s.limit(c, req.principal.ID) {
		return
	}
	if req.library == "" {
		home, only := req.principal.HomeLibrary()
		if req.library = home; !only && unsafe(c.Request.Method) {
			req.library = dam.DefaultLibrary // which refuses: they have to say where
		}
	}
	if err := req.may(); err != nil {
		s.fail(c, err)
		return
	}
	if err := checkAddress(c); err != nil {
		s.fail(c, err)
		return
	}
	c.Request = c.Request.WithContext(catalog.WithActor(c.Request.Context(), req.principal))
	if err := s.checkScope(c.Request.Context(), req, c.Param("id")); err != nil {
		s.fail(c, err)
	}
}

// authenticate finds out who asks.
func (s *API) authenticate(c *gin.Context, req *request) error {
	req.authorization = c.GetHeader("Authorization")
	renewed, err := s.who(c.Request.Context(), req)
	if err == nil && renewed != nil && !c.Writer.Written() {
		s.setCookie(c.Writer.Header(), req.session, *renewed)
	}
	return err
}

// again asks once more who has sent a request that lasts, and whether they still may.
func (s *API) again(ctx context.Context, req *request) error {
	if _, err := s.who(ctx, req); err != nil {
		return err
	}
	return req.may()
}

// may reports whether the principal has the permission that the route needs.
func (req *request) may() error {
	if err := req.principal.Need(req.library, req.route.may); err != nil {
		return err
	}
	if req.route.may == dam.MayPublish && unsafe(req.route.method) && req.principal.Archived(req.library) &&
		!strings.HasSuffix(req.route.path, "/recall") && !strings.HasSuffix(req.route.path, "/confirm") {
		// recalls are what is left of it, and saying how one has ended
		return &dam.Error{Code: dam.Forbidden, Reason: reasons.LibraryArchived(req.library)}
	}
	if req.route.endpoint.installation && !req.installation(req.route.may) {
		return &dam.Error{Code: dam.Forbidden,
			Reason: reasons.PermissionNeededEverywhere(string(req.route.may), dam.DefaultLibrary)}
	}
	return nil
}

// installation reports whether what belongs to no library is in reach: that is for the library that the installation
// began with.
func (req *request) installation(may dam.Permission) bool {
	return req.library == dam.DefaultLibrary && req.principal.Can(req.library, may)
}

// who finds out who sent the request; renewed is a session's new end.
func (s *API) who(ctx context.Context, req *request) (renewed *time.Time, err error) {
	if header := req.authorization; header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return nil, &dam.Error{Code: dam.Unauthorized, Reason: reasons.AuthorizationUnknown()}
		}
		p, err := s.People.Token(ctx, strings.TrimSpace(secret))
		req.principal, req.session = p, ""
		return nil, err
	}
	if req.session == "" {
		return nil, &dam.Error{Code: dam.Unauthorized, Reason: reasons.NotSignedIn()}
	}
	u, renewed, err := s.People.Session(ctx, req.session)
	if err != nil {
		return nil, err
	}
	req.user = &u
	req.principal = u.Principal()
	return renewed, nil
}

// setCookie writes the session cookie; a zero time removes it.
func (s *API) setCookie(h http.Header, secret string, expires time.Time) {
	cookie := http.Cookie{Name: cookieName, Value: secret, Path: "/", Expires: expires, HttpOnly: true,
		Secure: s.secure, SameSite: http.SameSiteLaxMode}
	if expires.IsZero() {
		cookie.MaxAge = -1
	}
	h.Add("Set-Cookie", cookie.String())
}

func unsafe(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}
