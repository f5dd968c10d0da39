package linkedin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

func harness(t *testing.T, organization string) (*simulator, publishertest.Harness) {
	l := newSimulator(t)
	config, err := json.Marshal(map[string]string{"client_id": LinkedInApp, "client_secret": LinkedInSecret,
		"access_token": LinkedInToken, "organization": organization})
	if err != nil {
		t.Fatal(err)
	}
	return l, publishertest.Harness{Kind: Kind(Hosts{API: l.URL, Login: l.URL}, outbound.Operator(10*time.Second)),
		Config: config,
		Posts:  func(asset string) int { ever, _ := l.Count(asset); return ever },
		Live:   func(asset string) int { _, live := l.Count(asset); return live }, Comments: l.CommentsWith,
		Fault: func(f publishertest.Fault) (func(), bool) { l.Fail(f); return func() { l.Fail("") }, true }}
}

func TestConformance(t *testing.T) {
	t.Run("organization", func(t *testing.T) {
		publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
			_, h := harness(t, LinkedInOrganization)
			return h
		})
	})
	t.Run("member", func(t *testing.T) {
		publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
			l, h := harness(t, "")
			l.Scopes = append(slices.Clone(shareScopes), memberFeed) // it reads neither posts nor pictures
			return h
		})
	})
}

func TestFirstComment(t *testing.T) {
	l, h := harness(t, LinkedInOrganization)
	publishertest.FirstComment(t, h, func(r dam.Receipt) []string { return l.Comments(r.Remote) })
}

// A comment needs a scope of its own. An access without it posts nevertheless, a person is told so beforehand, and the
// comment is not tried.
func TestCommentScope(t *testing.T) {
	for organization, scope := range map[string]string{"": memberFeed, LinkedInOrganization: organizationFeed} {
		l, h := harness(t, organization)
		l.Scopes = slices.DeleteFunc(slices.Clone(communityScopes), func(s string) bool { return s == scope })
		w := publishertest.NewWorld(t, catalogtest.SQLite(t))
		s := w.Service("a", h.Kind)
		ch := w.Channel(s, Name, h.Config)
		in := planning.PublishInput{Asset: w.Asset("shoe").ID, Channel: ch.ID, Caption: "new",
			Post: dam.Post{FirstComment: "sizes 36 to 45"}}
		checks, err := s.Planning.CheckPublish(catalogtest.Context(t), dam.DefaultLibrary, in)
		if err != nil || len(checks[0].Problems) != 0 || len(checks[0].Warnings) != 1 ||
			!strings.Contains(checks[0].Warnings[0].Message, scope) {
			t.Errorf("%s beforehand: %+v %v", scope, checks, err)
		}
		p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, in)
		if err != nil {
			t.Fatal(err)
		}
		p = w.Until(s, p.ID, dam.PubDelivered)
		w.Turn(s)
		if c := p.Receipt.Comment; c == nil || !strings.Contains(c.Problem, scope) ||
			len(l.Comments(p.Receipt.Remote)) != 0 {
			t.Errorf("%s afterwards: %+v\n%s", scope, c, publishertest.Ledger(p))
		}
		// Of an access that was connected before, nothing is known: LinkedIn's refusal says the same, and the channel
		// goes on.
		in2 := publishertest.Intent(t, h.Config, map[string]string{publishers.AccessToken: LinkedInToken})
		in2.Content.FirstComment = "sizes 36 to 45"
		_, err = h.Kind.Publisher.(publishers.Commenter).Comment(t.Context(), in2, *p.Receipt)
		var refused *publishers.Error
		if !errors.As(err, &refused) || refused.Class != publishers.ClassPermanent ||
			refused.Field != "first_comment" ||
			refused.Reason.ReasonCode != reasons.CodeLinkedinCommentScopeMissing {
			t.Errorf("%s: %+v", scope, err)
		}
	}
}

// LinkedIn processes a picture before a post may show it. Apps that may read wait for it before they post; for the
// others the refusal of the post is the only sign. It is asked a few times, with pauses.
func TestPictureBeingProcessed(t *testing.T) {
	for name, scopes := range map[string][]string{"told": communityScopes, "not told": shareScopes} {
		t.Run(name, func(t *testing.T) {
			l, h := harness(t, "")
			l.Scopes, l.Slow = scopes, 3
			w := publishertest.NewWorld(t, catalogtest.SQLite(t))
			s := w.Service("a", h.Kind)
			ch := w.Channel(s, Name, h.Config)
			a, began := w.Asset("shoe"), w.Clock.Now()
			p := w.Publish(s, a.ID, ch.ID)
			p = w.Until(s, p.ID, dam.PubDelivered)
			if ever, _ := l.Count(a.ID); ever != 1 || p.Attempts != 0 && p.Attempts > 3 ||
				w.Clock.Now().Sub(began) < 3*unreadyPause-time.Second || l.Uploads() != 1 {
				t.Errorf("%d posts after %s and %d uploads\n%s", ever, w.Clock.Now().Sub(began), l.Uploads(),
					publishertest.Ledger(p))
			}
		})
	}
}

// Each app asks for what its product allows, and for nothing else: LinkedIn refuses the request otherwise.
func TestConnect(t *testing.T) {
	for _, c := range []struct {
		app, organization string
		product           []string
		wants             string
	}{
		{"", "", shareScopes, "w_member_social"},
		{"community", "", communityScopes, memberFeed},
		{"", LinkedInOrganization, communityScopes, organizationFeed},
	} {
		l, h := harness(t, c.organization)
		l.Scopes = c.product
		config := fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"app":%q,"organization":%q}`, LinkedInApp,
			LinkedInSecret, c.app, c.organization)
		if c.app == "" {
			config = strings.Replace(config, `"app":"",`, "", 1)
		}
		ch, asked, err := publishertest.Connect(t, h.Kind, config, "good")
		if err != nil || ch.Health != dam.Healthy || ch.Identity.ID == "" {
			t.Errorf("%+v %v", ch, err)
		}
		if no := authorize(asked.Get("scope"), c.product); no != "" || !strings.Contains(asked.Get("scope"), c.wants) ||
			asked.Has("code_challenge") {
			t.Errorf("%s: asked for %v", no, asked)
		}
	}
	_, h := harness(t, "")
	if _, _, err := publishertest.Connect(t, h.Kind, fmt.Sprintf(`{"client_id":%q,"client_secret":"wrong"}`,
		LinkedInApp), "good"); dam.CodeOf(err) != dam.Forbidden {
		t.Errorf("a wrong secret: %v", err)
	}
}

// What may be chosen is the person's own profile, and the organizations that the person may post for.
func TestTargets(t *testing.T) {
	l, h := harness(t, "")
	a := publishers.Account{Config: h.Config, Secrets: map[string]string{publishers.AccessToken: LinkedInToken}}
	own := publishers.Target{Setting: "organization", Title: "Ada Brand"}
	page := publishers.Target{Setting: "organization", Value: LinkedInOrganization, Title: "Brand",
		URL: "https://www.linkedin.com/company/brand"}
	for _, c := range []struct {
		scopes []string
		want   []publishers.Target
	}{{communityScopes, []publishers.Target{own, page}}, {shareScopes, []publishers.Target{own}}} {
		l.Scopes = c.scopes
		if got, err := h.Kind.Publisher.(publishers.TargetLister).Targets(t.Context(), a); err != nil ||
			!reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v %v", got, err)
		}
	}
}

// Characters that LinkedIn's text format reserves arrive as they were written, hashtags and mentions as such.
func TestText(t *testing.T) {
	l, h := harness(t, LinkedInOrganization)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, Name, h.Config)
	const text = `(new) {shoe} [red] <b> *_~ a|b \ me@brand.com C# #1 # #spring_2026, #été https://a.de/#top ` +
		`@[Brand (US)](urn:li:organization:5515715) @[a](b)`
	p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
		planning.PublishInput{Asset: w.Asset("shoe").ID, Channel: ch.ID, Caption: text})
	if err != nil {
		t.Fatal(err)
	}
	w.Until(s, p.ID, dam.PubDelivered)
	want := strings.Replace(text, `@[Brand (US)](urn:li:organization:5515715)`, `Brand (US)`, 1)
	if got := l.Texts(); len(got) != 1 || got[0] != want {
		t.Errorf("posted %q, want %q", got, want)
	}
	const written = `\#1 \# {hashtag|\#|spring\_2026}, {hashtag|\#|été} https://a.de/\#top ` +
		`@[Brand \(US\)](urn:li:organization:5515715) \@\[a\]\(b\)`
	if got := little(text); !strings.HasSuffix(got, written) {
		t.Errorf("written %s", got)
	}
}

// The errors for an API version that LinkedIn has ended, and for an organization of others, say what to do.
func TestSettings(t *testing.T) {
	_, h := harness(t, "")
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	for change, field := range map[string]string{`"organization":"5515715","api_version":"202511"`: "config.api_version", `"organization":"1"`: "config"} {
		config := fmt.Sprintf(`{"client_id":"77abc","client_secret":"s","access_token":%q,%s}`, LinkedInToken, change)
		_, err := s.Accounts.CreateChannel(catalogtest.Context(t), dam.DefaultLibrary,
			accounts.ChannelInput{Name: "Brand", Kind: Name, Config: json.RawMessage(config)})
		var e *dam.Error
		if !errors.As(err, &e) || e.Field != field || e.Reason.Advice() == "" {
			t.Errorf("%s: %v", change, err)
		}
	}
}

// A server in trouble may have accepted the post, whatever it says about its picture.
func TestTroubleIsNoRefusal(t *testing.T) {
	for status, want := range map[int]publishers.Class{http.StatusBadRequest: publishers.ClassRetry,
		http.StatusBadGateway: publishers.ClassUnknown} {
		res := &http.Response{StatusCode: status, Request: httptest.NewRequest(http.MethodPost, "/rest/posts", nil)}
		err := refused(res, []byte(`{"message":"upstream NotReady"}`), true)
		if got := publishers.ClassOf(err, ""); got != want {
			t.Errorf("%d: %s", status, got)
		}
	}
}
