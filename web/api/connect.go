package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers/accounts"
	"vitrine/web/problem"
)

type connectOut struct {
	Body accounts.ConnectStart
}

func (s *API) connectChannel(ctx context.Context, in *ByID) (*connectOut, error) {
	start, err := s.Channels.Connect(ctx, requestOf(ctx).library, in.ID)
	return &connectOut{start}, err
}

// failureLength bounds what is shown of a remote's own words, in characters.
const failureLength = 300

// oauthCallback is where the remote sends the browser back to. The person's session
// comes along: a flow is finished by who started it.
func (s *API) oauthCallback(c *gin.Context) error {
	q := c.Request.URL.Query()
	failure := q.Get("error_description")
	if failure == "" {
		failure = q.Get("error")
	}
	ch, err := s.Channels.Connected(c.Request.Context(), q.Get("state"), q.Get("code"),
		dam.Cut(failure, failureLength))
	if err != nil {
		if why, ok := connectFailure(err); ok && strings.Contains(c.GetHeader("Accept"), "text/html") {
			c.Header("Cache-Control", "no-store")
			c.Writer.Header().Add("Set-Cookie", (&http.Cookie{Name: failureCookie, Value: why, Path: "/channels",
				MaxAge: 60, Secure: s.secure, SameSite: http.SameSiteLaxMode}).String())
			c.Redirect(http.StatusSeeOther, "/channels?connected=")
			return nil
		}
		return err
	}
	c.Redirect(http.StatusSeeOther, "/channels?connected="+url.QueryEscape(ch.ID))
	return nil
}

// failureCookie tells the portal once why an account was not connected. A link can't set it, so nobody makes the portal
// say what it did not.
const failureCookie = "vitrine_connect_failure"

// connectFailure returns the value of failureCookie: the problem, as JSON in base64url, without the code that
// concerns the request. Errors that are no refusals have none.
func connectFailure(err error) (string, bool) {
	var e *dam.Error
	if !errors.As(err, &e) || e.Code == dam.Internal || e.Code == dam.Unauthorized {
		return "", false
	}
	b, _ := json.Marshal(struct { // strings always marshal
		Detail string `json:"detail"`
		Remedy string `json:"remedy,omitempty"`
		reasons.Reason
	}{problem.Sentence(e.Text()), problem.Sentence(e.Advice()), e.Why()})
	return base64.RawURLEncoding.EncodeToString(b), len(b) < 2500
}
