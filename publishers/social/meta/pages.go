package meta

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// personToken is the name of the secret with the token of the person who connected the channel. It lists the pages to
// choose from and gets the page's own token.
const personToken = "person_token"

// portfolio is the scope without which Meta does not tell which pages a business portfolio holds
// (https://developers.facebook.com/docs/permissions and github.com/trypostit/trypost#301, 2026-08-25). A person who
// holds pages in their own name only needs it not.
const portfolio = "business_management"

// errPerson means that the channel has only the token of a person: renewing it obtains the page's.
var errPerson = errors.New("the page's token has not been obtained yet")

const pageSetting = "page"

const pageFields = "id,name,access_token,instagram_business_account{id,username}"

// listMost bounds the answers that are read of one list; each has up to 100 entries.
const listMost = 50

// oauth returns the flow by which a person connects a page.
func (g *graph) oauth(scopes ...string) *publishers.OAuth {
	need := append([]string{"pages_show_list", "pages_read_engagement"}, scopes...)
	return &publishers.OAuth{Scopes: append([]string{portfolio}, need...), ScopeSeparator: ",", Client: g.client,
		OwnRefresh: true,
		Finish: func(ctx context.Context, a publishers.Account) (map[string]string, error) {
			return g.finish(ctx, a, need)
		},
		Endpoint: func(json.RawMessage) (string, string, error) {
			return g.hosts.Login + "/" + version + "/dialog/oauth", g.hosts.Graph + "/" + version +
				"/oauth/access_token", nil
		}}
}

// finish exchanges a person's token for the page's. Obtained through a long-lived token, it doesn't expire. Until a
// page is chosen, the channel has the person's token only.
func (g *graph) finish(ctx context.Context, a publishers.Account, need []string) (map[string]string, error) {
	c, err := settings(a.Config)
	if err != nil {
		return nil, err
	}
	var long struct {
		Token string `json:"access_token"`
	}
	form := url.Values{"grant_type": {"fb_exchange_token"}, "client_id": {c.ClientID},
		"client_secret": {a.Secrets["client_secret"]}, "fb_exchange_token": {a.Secrets[publishers.AccessToken]}}
	a.Secrets = map[string]string{publishers.AccessToken: a.Secrets[publishers.AccessToken],
		"client_secret": a.Secrets["client_secret"]} // without an earlier connection's
	if err := g.send(ctx, a, publishers.Call{Method: http.MethodPost, URL: "/oauth/access_token",
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   strings.NewReader(form.Encode()), Out: &long}); err != nil {
		return nil, err
	}
	p, _ := person(publishers.Account{Config: a.Config, Secrets: map[string]string{personToken: long.Token,
		"client_secret": a.Secrets["client_secret"]}})
	granted, err := g.granted(ctx, p)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(need), func(s string) bool { return slices.Contains(granted, s) })
	if len(missing) > 0 {
		return nil, publishers.Permanent("", reasons.MetaScopesMissing(strings.Join(missing, ", ")))
	}
	out := map[string]string{publishers.AccessToken: long.Token, personToken: long.Token, publishers.ExpiresAt: ""}
	if c.Page == "" {
		return out, nil
	}
	page, err := g.chosen(ctx, p)
	out[publishers.AccessToken] = page.Token
	return out, err
}

// granted returns the scopes that the person allowed.
func (g *graph) granted(ctx context.Context, a publishers.Account) (scopes []string, err error) {
	var list struct {
		Data []struct{ Permission, Status string }
	}
	err = g.call(ctx, a, nil, publishers.Call{Method: http.MethodGet, URL: "/me/permissions", Out: &list})
	for _, p := range list.Data {
		if p.Status == "granted" {
			scopes = append(scopes, p.Permission)
		}
	}
	return scopes, err
}

// chosen returns the page of the settings with its token, or the only page that the person manages.
func (g *graph) chosen(ctx context.Context, person publishers.Account) (account, error) {
	c, err := settings(person.Config)
	if err != nil {
		return account{}, err
	}
	pages, err := g.pages(ctx, person)
	if err != nil {
		return account{}, err
	}
	var names []string
	for _, p := range pages {
		if p.ID != c.Page && (c.Page != "" || len(pages) > 1) {
			names = append(names, p.Name+" ("+p.ID+")")
			continue
		}
		if p.Token == "" { // a portfolio's list may leave it out
			if err := g.call(ctx, person, url.Values{"fields": {pageFields}},
				publishers.Call{Method: http.MethodGet, URL: "/" + url.PathEscape(p.ID), Out: &p}); err != nil {
				return p, err
			}
		}
		if p.Token == "" {
			return p, publishers.Permanent(pageSetting, reasons.PageWithoutToken(p.Name))
		}
		return p, nil
	}
	granted, err := g.granted(ctx, person)
	if len(names) == 0 || err != nil || !slices.Contains(granted, portfolio) {
		return account{}, g.none(ctx, person)
	}
	return account{}, publishers.Permanent(pageSetting, reasons.SeveralPagesManaged(strings.Join(names, ", ")))
}

// pages returns the pages that a person manages: in their own name, and through business portfolios, if Meta may tell.
func (g *graph) pages(ctx context.Context, person publishers.Account) ([]account, error) {
	granted, err := g.granted(ctx, person)
	if err != nil {
		return nil, err
	}
	pages, err := each[account](ctx, g, person, "/me/accounts", pageFields)
	if err != nil || !slices.Contains(granted, portfolio) {
		return pages, err
	}
	portfolios, err := each[account](ctx, g, person, "/me/businesses", "id,name")
	if err != nil {
		return nil, err
	}
	for _, b := range portfolios {
		for _, edge := range []string{"/owned_pages", "/client_pages"} {
			held, err := each[account](ctx, g, person, "/"+url.PathEscape(b.ID)+edge, pageFields)
			// Not everybody in a portfolio may see all of it.
			if class := publishers.ClassOf(err, publishers.ClassRetry); err != nil && !errors.Is(err, errNotFound) &&
				class != publishers.ClassDisconnected && class != publishers.ClassPermanent {
				return nil, err
			}
			for _, p := range held {
				i := slices.IndexFunc(pages, func(known account) bool { return known.ID == p.ID })
				if i < 0 {
					pages = append(pages, p)
				} else if pages[i].Token == "" {
					pages[i].Token = p.Token
				}
			}
		}
	}
	return pages, nil
}

// each reads a list to its end.
func each[T any](ctx context.Context, g *graph, a publishers.Account, path, fields string) (out []T, err error) {
	query := url.Values{"fields": {fields}, "limit": {"100"}}
	for range listMost {
		var list struct {
			Data   []T
			Paging struct {
				Next    string
				Cursors struct{ After string }
			}
		}
		if err := g.call(ctx, a, query, publishers.Call{Method: http.MethodGet, URL: path, Out: &list}); err != nil {
			return out, err
		}
		out = append(out, list.Data...)
		if list.Paging.Next == "" || list.Paging.Cursors.After == "" {
			break
		}
		query.Set("after", list.Paging.Cursors.After)
	}
	return out, nil
}

// targets lists the pages; detail returns what to add to each, and false for one that is no choice.
func (g *graph) targets(ctx context.Context, a publishers.Account,
	detail func(account) (reasons.Reason, bool)) ([]publishers.Target, error) {
	p, ok := person(a)
	var pages []account
	var err error
	if ok {
		pages, err = g.pages(ctx, p)
	} else { // a page's token was entered: there is no other choice
		pages = make([]account, 1)
		pages[0], err = g.page(ctx, a)
	}
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, g.none(ctx, p)
	}
	out := []publishers.Target{}
	for _, page := range pages {
		if more, ok := detail(page); ok {
			out = append(out, publishers.Target{Setting: pageSetting, Value: page.ID, Title: page.Name,
				URL: "https://www.facebook.com/" + page.ID, Detail: more})
		}
	}
	return out, nil
}

// none returns why no page was found.
func (g *graph) none(ctx context.Context, person publishers.Account) error {
	granted, err := g.granted(ctx, person)
	if err == nil && !slices.Contains(granted, portfolio) {
		return publishers.Permanent(pageSetting, reasons.PortfolioNotAllowed(portfolio))
	}
	if err == nil {
		return publishers.Permanent(pageSetting, reasons.NoPageManaged())
	}
	return err
}

// person returns the account with the token of the person who connected it.
func person(a publishers.Account) (publishers.Account, bool) {
	token := a.Secrets[personToken]
	if token == "" {
		return a, false
	}
	p := a
	p.Secrets = map[string]string{publishers.AccessToken: token, "client_secret": a.Secrets["client_secret"]}
	return p, true
}

// asPage returns the account with the page's token, also while it has only the person's.
func (g *graph) asPage(ctx context.Context, a publishers.Account) (publishers.Account, error) {
	p, ok := person(a)
	if !ok || a.Secrets[publishers.AccessToken] != a.Secrets[personToken] {
		return a, nil
	}
	page, err := g.chosen(ctx, p)
	p.Secrets[publishers.AccessToken] = page.Token
	return p, err
}

// renew returns the page's token, obtained anew through the person's.
func (g *graph) renew(ctx context.Context, a publishers.Account, refuses reasons.Reason) (map[string]string, error) {
	p, ok := person(a)
	if !ok {
		return nil, publishers.Disconnected(refuses, nil)
	}
	page, err := g.chosen(ctx, p)
	switch class := publishers.ClassOf(err, publishers.ClassRetry); {
	case class == publishers.ClassAuthExpired || err == nil && page.Token == a.Secrets[publishers.AccessToken]:
		return nil, publishers.Disconnected(refuses, err)
	case err != nil:
		return nil, err
	}
	return map[string]string{publishers.AccessToken: page.Token}, nil
}
