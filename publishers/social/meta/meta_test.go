package meta

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/publishertest"
)

type kindOf func(Hosts, *http.Client) publishers.Kind

func harness(t *testing.T, kind kindOf) (*simulator, publishertest.Harness) {
	m := newSimulator(t)
	config, err := json.Marshal(map[string]string{"client_id": MetaApp, "client_secret": MetaSecret, "page": MetaPage,
		"access_token": MetaToken})
	if err != nil {
		t.Fatal(err)
	}
	k := kind(Hosts{Graph: m.URL, Login: m.URL}, outbound.Operator(10*time.Second))
	return m, publishertest.Harness{Kind: k, Config: config,
		Posts:    func(asset string) int { ever, _ := m.Count(k.Name == "instagram", asset); return ever },
		Live:     func(asset string) int { _, live := m.Count(k.Name == "instagram", asset); return live },
		Comments: m.CommentsWith,
		Fault:    func(f publishertest.Fault) (func(), bool) { m.Fail(f); return func() { m.Fail("") }, true }}
}

func TestConformance(t *testing.T) {
	for name, kind := range map[string]kindOf{"facebook": Facebook, "instagram": Instagram} {
		t.Run(name, func(t *testing.T) {
			publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
				_, h := harness(t, kind)
				return h
			})
		})
	}
}

func TestFirstComment(t *testing.T) {
	for _, kind := range []kindOf{Facebook, Instagram} {
		m, h := harness(t, kind)
		publishertest.FirstComment(t, h, func(r dam.Receipt) []string { return m.Comments(r.Remote) })
	}
}

// Connecting results in the page's own token, which does not expire with the person's, whether the page is in the
// person's own name or held by a business portfolio.
func TestConnect(t *testing.T) {
	for _, kind := range []kindOf{Facebook, Instagram} {
		for _, held := range []bool{false, true} {
			m, h := harness(t, kind)
			if held {
				m.Hold()
			}
			config := func(page string) string {
				return fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"page":%q}`, MetaApp, MetaSecret, page)
			}
			ch, asked, err := publishertest.Connect(t, h.Kind, config(MetaPage), "good")
			if err != nil || ch.Health != dam.Healthy || ch.Identity.Name != map[string]string{"facebook": "Brand",
				"instagram": "@brand"}[h.Kind.Name] {
				t.Errorf("%+v %v", ch, err)
			}
			if !strings.Contains(asked.Get("scope"), "business_management,pages_show_list,") ||
				asked.Get("code_challenge") == "" {
				t.Errorf("asked for %v", asked)
			}
			if _, _, err = publishertest.Connect(t, h.Kind, config(MetaPage), "stale"); err == nil {
				t.Error("a stale code was taken")
			}
		}
	}
}

// Whoever manages several pages connects first and chooses then; the page's token is obtained by itself.
func TestChoice(t *testing.T) {
	for _, kind := range []kindOf{Facebook, Instagram} {
		m, h := harness(t, kind)
		m.Hold()
		w := publishertest.NewWorld(t, catalogtest.SQLite(t))
		s := w.Service("a", h.Kind)
		ctx := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_me",
			Grants: map[string]dam.Role{dam.DefaultLibrary: dam.Admin}})
		ch, err := s.Accounts.CreateChannel(ctx, dam.DefaultLibrary, accounts.ChannelInput{Name: "Brand",
			Kind:   h.Kind.Name,
			Config: fmt.Appendf(nil, `{"client_id":%q,"client_secret":%q}`, MetaApp, MetaSecret)})
		if err != nil {
			t.Fatal(err)
		}
		start, err := s.Accounts.Connect(ctx, dam.DefaultLibrary, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(start.URL)
		if err != nil {
			t.Fatal(err)
		}
		ch, err = s.Accounts.Connected(ctx, u.Query().Get("state"), "good", "")
		var places []string
		list, listErr := s.Accounts.Targets(ctx, dam.DefaultLibrary, ch.ID)
		for _, p := range list {
			places = append(places, p.Setting+" "+p.Value+" "+p.Title+" "+p.Detail)
		}
		want := map[string][]string{"facebook": {"page 1002 Other ", "page 1003 Third ",
			"page 1001 Brand "}}[h.Kind.Name]
		if err = errors.Join(err, listErr); h.Kind.Name == "facebook" && (err != nil || ch.Health != dam.Reconnect ||
			!slices.Equal(places, want)) {
			t.Errorf("%s: %v %q %v", ch.Health, ch.HealthReasons, places, err)
		}
		if h.Kind.Name == "instagram" && (err != nil || ch.Health != dam.Healthy || len(list) != 1 || !list[0].Chosen) {
			t.Errorf("the only page with an account: %s %+v %v", ch.Health, list, err) // chosen at once
		}
		if ch, err = s.Accounts.UpdateChannel(ctx, dam.DefaultLibrary, ch.ID, 0, accounts.ChannelPatch{
			Config: fmt.Appendf(nil, `{"client_id":%q,"page":%q}`, MetaApp, MetaPage)}); err != nil ||
			ch.Health != dam.Healthy {
			t.Fatalf("%+v %v", ch, err)
		}
		w.Until(s, w.Publish(s, w.Asset("shoe").ID, ch.ID).ID, dam.PubDelivered)
	}
}

// A scope that was not granted is named; without business_management the pages of a portfolio are not found.
func TestScopes(t *testing.T) {
	config := fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"page":%q}`, MetaApp, MetaSecret, MetaPage)
	for scope, kinds := range map[string][]kindOf{"pages_manage_posts": {Facebook},
		"instagram_content_publish": {Instagram}, "pages_read_engagement": {Facebook, Instagram}} {
		for _, kind := range kinds {
			m, h := harness(t, kind)
			m.Decline(scope)
			var e *dam.Error
			_, _, err := publishertest.Connect(t, h.Kind, config, "good")
			if !errors.As(err, &e) || e.Reason.ReasonCode != reasons.CodeMetaScopesMissing ||
				e.Reason.Params["scopes"] != scope ||
				e.Advice() == "" {
				t.Errorf("without %s: %v", scope, err)
			}
		}
	}
	m, h := harness(t, Facebook)
	m.Decline("business_management")
	if ch, _, err := publishertest.Connect(t, h.Kind, config, "good"); err != nil || ch.Health != dam.Healthy {
		t.Errorf("a page in the person's own name: %+v %v", ch, err)
	}
	m.Hold()
	var e *dam.Error
	if _, _, err := publishertest.Connect(t, h.Kind, config, "good"); !errors.As(err, &e) ||
		e.Reason.ReasonCode != reasons.CodePortfolioNotAllowed {
		t.Errorf("a page of a portfolio: %v", err)
	}
}

// A page's token that was revoked is obtained anew through the person's.
func TestRenew(t *testing.T) {
	_, h := harness(t, Facebook)
	a := publishers.Account{Config: json.RawMessage(`{"page":"` + MetaPage + `"}`), Secrets: map[string]string{
		"client_secret": MetaSecret, publishers.AccessToken: "revoked", personToken: metaLng}}
	fresh, err := h.Kind.Publisher.Refresh(t.Context(), a)
	if err != nil || fresh[publishers.AccessToken] != MetaToken {
		t.Errorf("%v %v", fresh, err)
	}
	a.Secrets[publishers.AccessToken] = MetaToken
	if _, err := h.Kind.Publisher.Refresh(t.Context(), a); publishers.ClassOf(err,
		"") != publishers.ClassDisconnected {
		t.Errorf("the same token again: %v", err)
	}
}

// An answer may report a failure although the post was accepted.
func TestFailureAfterTheFact(t *testing.T) {
	for _, kind := range []kindOf{Facebook, Instagram} {
		m, h := harness(t, kind)
		w := publishertest.NewWorld(t, catalogtest.SQLite(t))
		s := w.Service("a", h.Kind)
		ch := w.Channel(s, h.Kind.Name, h.Config)
		a := w.Asset("shoe")
		p := w.Publish(s, a.ID, ch.ID)
		m.Fail(MetaHiccup)
		w.Until(s, p.ID, dam.PubUnknown)
		m.Fail("")
		p = w.Until(s, p.ID, dam.PubDelivered)
		if h.Posts(a.ID) != 1 || p.Receipt.URL == "" {
			t.Errorf("%s: %d posts, receipt %+v", h.Kind.Name, h.Posts(a.ID), p.Receipt)
		}
	}
}

// A container that can't be used is made again; Prepare waits for one that is being processed.
func TestContainers(t *testing.T) {
	for _, f := range []publishertest.Fault{MetaReading, MetaUnfetched, MetaForgotten} {
		m, h := harness(t, Instagram)
		w := publishertest.NewWorld(t, catalogtest.SQLite(t))
		s := w.Service("a", h.Kind)
		ch := w.Channel(s, h.Kind.Name, h.Config)
		a := w.Asset("shoe")
		m.Fail(f)
		p := w.Publish(s, a.ID, ch.ID)
		for range 3 {
			w.Turn(s)
			w.Clock.Advance(time.Minute)
		}
		if p = w.Read(p.ID); p.State != dam.PubPlanned || p.Problem == nil ||
			p.Problem.Class != string(publishers.ClassRetry) {
			t.Errorf("%s\n%s", f, publishertest.Ledger(p))
		}
		m.Fail("")
		w.Until(s, p.ID, dam.PubDelivered)
		if h.Posts(a.ID) != 1 {
			t.Errorf("%s: %d posts", f, h.Posts(a.ID))
		}
	}
}

// The day's limit is the account's own and is requested before each post; at the limit, the account waits.
func TestQuota(t *testing.T) {
	m, h := harness(t, Instagram)
	m.Allow(3)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, h.Kind.Name, h.Config)
	if ch.Limits["posts"] != "3 in 24 hours" {
		t.Errorf("limits %v", ch.Limits)
	}
	first := w.Publish(s, w.Asset("shoe").ID, ch.ID)
	w.Until(s, first.ID, dam.PubDelivered)
	m.Allow(1) // another program has posted too
	second := w.Publish(s, w.Asset("boot").ID, ch.ID)
	w.Turn(s)
	if p := w.Read(second.ID); p.State != dam.PubPlanned || p.NextAt.Sub(w.Clock.Now()) < 50*time.Minute {
		t.Errorf("over the limit\n%s", publishertest.Ledger(p))
	}
	m.Allow(2)
	w.Until(s, second.ID, dam.PubDelivered)
}

func TestInstagramLimits(t *testing.T) {
	p := Instagram(Live(), nil).Publisher
	link := func(publishers.Media) string { return "https://media.example.com/r/a/b/c.jpg" }
	for text, ok := range map[string]bool{
		strings.Repeat("é", 2200): true, strings.Repeat("é", 2201): false,
		strings.Repeat("#été ", 5): true, strings.Repeat("#été ", 6): false,
		strings.Repeat("@brand.co ", 3): true, strings.Repeat("@brand.co ", 4): false,
		strings.Repeat("me@brand.co ", 21): true,
	} {
		in := publishers.Intent{Content: publishers.Content{Text: text, Media: []publishers.Media{{}}}, Link: link}
		if list := p.Validate(t.Context(), in); (len(list) == 0) != ok {
			t.Errorf("%.20q (%d): %v", text, len(text), list)
		}
	}
	// Where Instagram allows an account more, its channel can say so.
	more := publishers.Intent{Content: publishers.Content{Text: strings.Repeat("#a @b ", 20),
		Media: []publishers.Media{{}}},
		Link: link, Account: publishers.Account{Config: json.RawMessage(`{"hashtags":30,"mentions":20}`)}}
	if list := p.Validate(t.Context(), more); len(list) != 0 {
		t.Errorf("with raised limits: %v", list)
	}
	in := publishers.Intent{Content: publishers.Content{Media: []publishers.Media{{}}},
		Link: func(publishers.Media) string { return "" }}
	if list := p.Validate(t.Context(), in); len(list) != 1 || !strings.Contains(list[0].Remedy, "VITRINE_PUBLIC_URL") {
		t.Errorf("without a public URL: %v", list)
	}
}

// A post on another page is never reported as deleted.
func TestOtherPage(t *testing.T) {
	_, h := harness(t, Facebook)
	a := publishers.Account{Config: json.RawMessage(`{}`), Secrets: map[string]string{"client_secret": MetaSecret,
		"access_token": MetaToken}}
	if _, err := h.Kind.Publisher.Recall(t.Context(), publishers.Intent{Account: a},
		&dam.Receipt{Remote: MetaOther + "_5"}); publishers.ClassOf(err,
		publishers.ClassRetry) != publishers.ClassPermanent {
		t.Errorf("%v", err)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		code, subcode int
		header        string
		call, commit  publishers.Class
	}{
		{190, 460, "", publishers.ClassAuthExpired, publishers.ClassAuthExpired},
		{200, 0, "", publishers.ClassDisconnected, publishers.ClassDisconnected},
		{368, 0, "", publishers.ClassDisconnected, publishers.ClassDisconnected},
		{25, 2207050, "", publishers.ClassDisconnected, publishers.ClassDisconnected},
		{4, 2207051, "", publishers.ClassThrottled, publishers.ClassThrottled},
		{9, 2207042, "", publishers.ClassThrottled, publishers.ClassThrottled},
		{80002, 0, `{"1":[{"estimated_time_to_regain_access":7}]}`, publishers.ClassThrottled,
			publishers.ClassThrottled},
		{9004, 2207052, "", publishers.ClassRetry, publishers.ClassRetry},
		{-2, 2207003, "", publishers.ClassRetry, publishers.ClassRetry},
		{9007, 2207027, "", publishers.ClassRetry, publishers.ClassRetry},
		{-1, 2207001, "", publishers.ClassRetry, publishers.ClassUnknown},
		{2, 0, "", publishers.ClassRetry, publishers.ClassUnknown},
		{36003, 2207009, "", publishers.ClassPermanent, publishers.ClassPermanent},
		{100, 0, "", publishers.ClassPermanent, publishers.ClassPermanent},
	} {
		req, err := http.NewRequest(http.MethodPost, "https://graph.facebook.com/v24.0/me/feed", nil)
		if err != nil {
			t.Fatal(err)
		}
		res := &http.Response{StatusCode: 400, Status: "400 Bad Request",
			Header: http.Header{"X-Business-Use-Case-Usage": {c.header}}, Request: req}
		body := fmt.Appendf(nil, `{"error":{"code":%d,"error_subcode":%d}}`, c.code, c.subcode)
		if call, commit := publishers.ClassOf(refused(res, body, false), ""),
			publishers.ClassOf(refused(res, body, true), ""); call != c.call || commit != c.commit {
			t.Errorf("%d/%d is %s, in a commit %s", c.code, c.subcode, call, commit)
		}
	}
	if d := time.Until(
		regain(http.Header{"X-Business-Use-Case-Usage": {`{"1":[{"estimated_time_to_regain_access":7}]}`}},
			time.Now())); d < 6*time.Minute {
		t.Errorf("access is regained in %s", d)
	}
}
