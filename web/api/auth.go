package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"vitrine/dam"
	"vitrine/dam/catalog"
)

const cookieName = "vitrine_session"

// authorise is the one place that decides who may call what: it reads the route's
// role from the table and compares it with the principal's in the request's library.
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
	if req.library == "" {
		req.library = dam.DefaultLibrary
	}
	if cookie, err := c.Request.Cookie(cookieName); err == nil {
		req.session = cookie.Value
	}
	if unsafe(c.Request.Method) && c.GetHeader("Authorization") == "" {
		// Whatever a browser may send by itself must come from our own pages.
		if err := s.csrf.Check(c.Request); err != nil {
			s.fail(c, &dam.Error{Code: dam.Forbidden, Message: "a page of another site sent this request", Remedy: "use the portal, or an API token"})
			return
		}
	}
	if r.role == public {
		if strings.HasPrefix(r.path, "/api/") {
			s.limit(c, "address:"+c.ClientIP())
		}
		return
	}
	if err := s.authenticate(c, req); err != nil {
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
	if !req.principal.Can(req.library, r.role) {
		s.fail(c, forbidden(r.role, req.library))
		return
	}
	c.Request = c.Request.WithContext(catalog.WithActor(c.Request.Context(), req.principal))
	if err := s.reach(c.Request.Context(), req, c.Param("id")); err != nil {
		s.fail(c, err)
	}
}

func forbidden(role dam.Role, library string) error {
	return &dam.Error{Code: dam.Forbidden, Message: "this needs the role " + string(role) + " in the library " + library, Remedy: "ask an administrator"}
}

// authenticate finds out who asks.
func (s *API) authenticate(c *gin.Context, req *request) error {
	ctx := c.Request.Context()
	if header := c.GetHeader("Authorization"); header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return &dam.Error{Code: dam.Unauthorized, Message: "this kind of authorisation is not understood", Remedy: "send Authorization: Bearer and an API token"}
		}
		p, err := s.People.Token(ctx, strings.TrimSpace(secret))
		req.principal, req.session = p, ""
		return err
	}
	if req.session == "" {
		return &dam.Error{Code: dam.Unauthorized, Message: "nobody is signed in", Remedy: "sign in, or send an API token as Authorization: Bearer"}
	}
	u, renewed, err := s.People.Session(ctx, req.session)
	if err != nil {
		return err
	}
	if renewed != nil {
		s.setCookie(c.Writer.Header(), req.session, *renewed)
	}
	req.user = &u
	req.principal = dam.Principal{ID: u.ID, Name: u.Name, Grants: u.Grants, Collections: u.Collections}
	return nil
}

// setCookie writes the session cookie; a zero time removes it.
func (s *API) setCookie(h http.Header, secret string, expires time.Time) {
	cookie := http.Cookie{Name: cookieName, Value: secret, Path: "/", Expires: expires, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	if expires.IsZero() {
		cookie.MaxAge = -1
	}
	h.Add("Set-Cookie", cookie.String())
}

func unsafe(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// own refuses contributors what is not theirs; editors and above may edit everything.
func own(req *request, createdBy string) error {
	if req.principal.Can(req.library, dam.Editor) || createdBy == req.principal.ID {
		return nil
	}
	return &dam.Error{Code: dam.Forbidden, Message: "contributors change only what they uploaded", Remedy: "ask an editor"}
}
