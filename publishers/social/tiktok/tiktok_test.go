package tiktok

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

func harness(t *testing.T) (*simulator, publishertest.Harness) {
	k := newSimulator(t)
	config, err := json.Marshal(map[string]string{"client_id": TikTokApp, "client_secret": TikTokSecret,
		"access_token": TikTokToken, "refresh_token": TikTokMore, "privacy": "PUBLIC_TO_EVERYONE"})
	if err != nil {
		t.Fatal(err)
	}
	return k, publishertest.Harness{Kind: Kind(Hosts{API: k.URL, Login: k.URL}, outbound.Operator(10*time.Second)),
		Config: config, Posts: k.Count, Live: k.Count,
		Fault: func(f publishertest.Fault) (func(), bool) { k.Fail(f); return func() { k.Fail("") }, true }}
}

func TestConformance(t *testing.T) {
	for name, films := range map[string]bool{"photo": false, "video": true} {
		t.Run(name, func(t *testing.T) {
			publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
				_, h := harness(t)
				h.Videos = films
				return h
			})
		})
	}
}

// A day later the token has been renewed, with TikTok's own call.
func TestConnect(t *testing.T) {
	_, h := harness(t)
	ch, asked, err := publishertest.Connect(t, h.Kind,
		fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"privacy":"SELF_ONLY"}`, TikTokApp, TikTokSecret), "good")
	if err != nil || ch.Identity.Name != "@brand" || asked.Get("client_key") != TikTokApp {
		t.Errorf("%+v %v, asked for %v", ch, err, asked)
	}
}

// A web app needs no code challenge, and can't be connected with one; a desktop app needs TikTok's own form of one.
func TestChallenges(t *testing.T) {
	for _, c := range []struct {
		pkce    string
		desktop bool
		works   bool
	}{{"", false, true}, {"none", false, true}, {"S256", false, false}, {"hex", true, true}, {"S256", true, false},
		{"", true, false}} {
		k, h := harness(t)
		k.Desktop = c.desktop
		s := publishertest.NewWorld(t, catalogtest.SQLite(t)).Service("a", h.Kind)
		ctx := catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_me",
			Grants: map[string]dam.Role{dam.DefaultLibrary: dam.Admin}})
		config := map[string]string{"client_id": TikTokApp, "client_secret": TikTokSecret}
		if c.pkce != "" {
			config["pkce"] = c.pkce
		}
		raw, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		ch, err := s.Accounts.CreateChannel(ctx, dam.DefaultLibrary, accounts.ChannelInput{Name: "Brand", Kind: Name,
			Config: raw})
		if err != nil {
			t.Fatal(err)
		}
		start, err := s.Accounts.Connect(ctx, dam.DefaultLibrary, ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
		res, err := browser.Get(start.URL)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		back, err := res.Location()
		if err != nil {
			t.Fatal(err)
		}
		q := back.Query()
		_, err = s.Accounts.Connected(ctx, q.Get("state"), q.Get("code"), q.Get("error"))
		if (err == nil) != c.works {
			t.Errorf("pkce %q, desktop %t: %v", c.pkce, c.desktop, err)
		}
	}
}

// Who sees a post is never assumed: a person says it in the post or in the channel's settings, and it has to be what
// the account offers at that time.
func TestPrivacy(t *testing.T) {
	k, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, Name, json.RawMessage(strings.Replace(string(h.Config), `,"privacy":"PUBLIC_TO_EVERYONE"`, "",
		1)))
	a := w.Asset("shoe")
	publish := func(options string) (dam.Publication, error) {
		return s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{Asset: a.ID,
			Channel: ch.ID, Post: dam.Post{Options: json.RawMessage(options)}})
	}
	for _, options := range []string{"", `{"no_comments": true}`, `{"privacy": "MUTUAL_FOLLOW_FRIENDS"}`} {
		_, err := publish(options)
		publishertest.Invalid(t, err, "options.privacy")
	}
	k.NoComments = true
	p, err := publish(`{"privacy": "SELF_ONLY"}`)
	if err != nil {
		t.Fatal(err)
	}
	w.Until(s, p.ID, dam.PubDelivered)
	if k.Count("shoe  [no comments]") != 1 {
		t.Error("comments are allowed, and the account has switched them off")
	}
	// What was offered when it was planned is not offered any more.
	p, err = publish(`{"privacy": "PUBLIC_TO_EVERYONE"}`)
	if err != nil {
		t.Fatal(err)
	}
	k.Privacy = []string{"FOLLOWER_OF_CREATOR", "SELF_ONLY"}
	p = w.Until(s, p.ID, dam.PubFailed)
	if p.Problem.Field != "options.privacy" || !strings.Contains(p.Problem.Remedy, "FOLLOWER_OF_CREATOR, SELF_ONLY") {
		t.Errorf("%+v", p.Problem)
	}
}

// A picture that TikTok can't fetch fails with the reason; a privacy that it does not offer is refused at once.
func TestRefusals(t *testing.T) {
	k, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, Name, h.Config)
	k.Fail(TikTokUnfetched)
	p := w.Publish(s, w.Asset("shoe").ID, ch.ID)
	if p = w.Until(s, p.ID, dam.PubFailed); p.Problem.Field != "media" {
		t.Errorf("%+v", p.Problem)
	}
	config := fmt.Sprintf(`{"client_id":"a","client_secret":"b","access_token":%q,"privacy":"MUTUAL_FOLLOW_FRIENDS"}`,
		TikTokToken)
	if _, err := s.Accounts.CreateChannel(catalogtest.Context(t), dam.DefaultLibrary,
		accounts.ChannelInput{Name: "x", Kind: Name, Config: json.RawMessage(config)}); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("a privacy that is not offered: %v", err)
	}
}

// TikTok's own errors don't prove that it refused a post, with status 200 either.
func TestInternalErrors(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusInternalServerError} {
		res := &http.Response{StatusCode: status, Request: httptest.NewRequest(http.MethodPost, "/", nil)}
		err := refused(res, "internal_error", "", true)
		if got := publishers.ClassOf(err, ""); got != publishers.ClassUnknown {
			t.Errorf("%d: %s", status, got)
		}
	}
}
