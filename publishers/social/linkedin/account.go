package linkedin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Verify implements publishers.Publisher. For an organization it reads the organization's posts, which requires the
// permission to post.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	c, err := settings(a.Config)
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	if c.Organization != "" {
		id := dam.ChannelIdentity{ID: "urn:li:organization:" + c.Organization, Name: "Organization " + c.Organization,
			URL: "https://www.linkedin.com/company/" + url.PathEscape(c.Organization)}
		if _, err = p.posts(ctx, a, id.ID); errors.Is(err, errNoReading) {
			err = publishers.Disconnected(reasons.LinkedinNoRole(c.Organization), err)
		}
		return id, err
	}
	return p.member(ctx, a)
}

// member returns the person who connected. Apps with “Sign In with LinkedIn” may ask for them by OpenID, apps with the
// Community Management API by their basic profile.
func (p *publisher) member(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	var me struct{ Sub, Name string }
	_, err := p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/v2/userinfo", Out: &me})
	if errors.Is(err, errNoReading) {
		var basic struct {
			ID    string `json:"id"`
			First string `json:"localizedFirstName"`
			Last  string `json:"localizedLastName"`
		}
		_, err = p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/v2/me", Out: &basic})
		me.Sub, me.Name = basic.ID, strings.TrimSpace(basic.First+" "+basic.Last)
	}
	if errors.Is(err, errNoReading) {
		err = publishers.Disconnected(reasons.LinkedinScopesMissing(), err)
	}
	if err == nil && me.Sub == "" {
		err = errors.New("the member was given no id")
	}
	return dam.ChannelIdentity{ID: "urn:li:person:" + me.Sub, Name: me.Name}, err
}

// The products of an app that LinkedIn approves; each has scopes of its own.
const (
	share     = "share"     // “Share on LinkedIn” and “Sign In with LinkedIn”
	community = "community" // “Community Management API”
)

// scopes returns what the account is asked for. LinkedIn refuses the whole request if it names a scope of a product
// that the app does not have, so the scopes for comments are asked for only where the app may have them.
func (c config) scopes() []string {
	if c.App == community || c.App == "" && c.Organization != "" {
		return []string{"r_basicprofile", "w_member_social", memberFeed, "rw_organization_admin",
			"w_organization_social", "r_organization_social", organizationFeed}
	}
	return []string{"openid", "profile", "w_member_social"}
}

// The scopes that comments need since 2026:
// https://learn.microsoft.com/linkedin/marketing/community-management/shares/comments-api (read in August 2026).
const (
	memberFeed       = "w_member_social_feed"
	organizationFeed = "w_organization_social_feed"
)

// commentScope is the scope that a comment of the channel's author needs.
func (c config) commentScope() string {
	if c.Organization != "" {
		return organizationFeed
	}
	return memberFeed
}

// commentScopeMissing returns the scope for comments that the access lacks; "" if it has it, or if LinkedIn does not
// say what the access has.
func (p *publisher) commentScopeMissing(ctx context.Context, a publishers.Account) (string, error) {
	c, err := settings(a.Config)
	if err != nil {
		return "", err
	}
	var token struct {
		Active bool   `json:"active"`
		Scope  string `json:"scope"` // separated by commas
	}
	form := url.Values{"client_id": {c.ClientID}, "client_secret": {a.Secrets["client_secret"]},
		"token": {a.Secrets[publishers.AccessToken]}}
	if _, err := (publishers.Call{Method: http.MethodPost, URL: p.hosts.Login + "/oauth/v2/introspectToken",
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   strings.NewReader(form.Encode()), Out: &token}).Do(ctx, p.client); err != nil || !token.Active {
		return "", ctx.Err() // the comment itself finds out
	}
	granted := strings.FieldsFunc(token.Scope, func(r rune) bool { return r == ',' || r == ' ' })
	if slices.Contains(granted, c.commentScope()) {
		return "", nil
	}
	return c.commentScope(), nil
}

// Comment implements publishers.Commenter.
func (p *publisher) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	c, err := settings(in.Account.Config)
	if err != nil {
		return "", err
	}
	missing := publishers.Permanent("first_comment", reasons.LinkedinCommentScopeMissing(c.commentScope()))
	if in.Limits.CommentsNeed != "" {
		return "", missing
	}
	me, err := p.Verify(ctx, in.Account)
	if err != nil {
		return "", err
	}
	h, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodPost, URL: "/rest/socialActions/" +
		url.QueryEscape(r.Remote) + "/comments", JSON: map[string]any{"actor": me.ID, "object": r.Remote,
		"message": map[string]string{"text": in.Content.FirstComment}}, Commit: true})
	if errors.Is(err, errForbidden) { // the post went out with the same access
		missing.Err = err
		return "", missing
	}
	if err != nil {
		return "", err
	}
	return h.Get("X-Restli-Id"), nil
}

// roles are the roles in an organization that may post for it.
var roles = []string{"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER", "RECRUITING_POSTER"}

// Targets implements publishers.TargetLister: the profile of the person who connected, and the organizations that the
// person may post for. An app without the Community Management API has the profile only.
func (p *publisher) Targets(ctx context.Context, a publishers.Account) ([]publishers.Target, error) {
	me, err := p.member(ctx, a)
	if err != nil {
		return nil, err
	}
	out := []publishers.Target{{Setting: "organization", Value: "", Title: me.Name}}
	var held struct {
		Elements []struct{ Organization, Role string }
	}
	_, err = p.call(ctx, a, publishers.Call{Method: finder, Out: &held,
		URL: "/rest/organizationAcls?q=roleAssignee&state=APPROVED&count=100"})
	if errors.Is(err, errNoReading) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, x := range held.Elements {
		id := strings.TrimPrefix(x.Organization, "urn:li:organization:")
		if slices.Contains(roles, x.Role) && !slices.Contains(ids, id) && strings.Trim(id, "0123456789") == "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	var named struct {
		Results map[string]struct {
			Name   string `json:"localizedName"`
			Vanity string `json:"vanityName"`
		}
	}
	if _, err := p.call(ctx, a, publishers.Call{Method: batchGet, Out: &named,
		URL: "/rest/organizations?ids=List(" + strings.Join(ids, ",") + ")"}); err != nil &&
		!errors.Is(err, errNoReading) {
		return nil, err
	}
	for _, id := range ids {
		n := named.Results[id]
		out = append(out, publishers.Target{Setting: "organization", Value: id, Title: cmp.Or(n.Name, id),
			URL: "https://www.linkedin.com/company/" + cmp.Or(url.PathEscape(n.Vanity), id)})
	}
	return out, nil
}
