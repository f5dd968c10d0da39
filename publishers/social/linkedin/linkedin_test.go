package linkedin

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
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
			l.NoReading = true
			return h
		})
	})
}

func TestFirstComment(t *testing.T) {
	l, h := harness(t, LinkedInOrganization)
	publishertest.FirstComment(t, h, func(r dam.Receipt) []string { return l.Comments(r.Remote) })
}

func TestConnect(t *testing.T) {
	for organization, scope := range map[string]string{"": "w_member_social",
		LinkedInOrganization: "w_organization_social"} {
		_, h := harness(t, organization)
		config := fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"organization":%q}`, LinkedInApp, LinkedInSecret,
			organization)
		ch, asked, err := publishertest.Connect(t, h.Kind, config, "good")
		if err != nil || ch.Health != dam.Healthy || ch.Identity.ID == "" {
			t.Errorf("%+v %v", ch, err)
		}
		if !strings.Contains(asked.Get("scope"), scope) || asked.Has("code_challenge") {
			t.Errorf("asked for %v", asked)
		}
	}
	_, h := harness(t, "")
	if _, _, err := publishertest.Connect(t, h.Kind, fmt.Sprintf(`{"client_id":%q,"client_secret":"wrong"}`,
		LinkedInApp), "good"); dam.CodeOf(err) != dam.Forbidden {
		t.Errorf("a wrong secret: %v", err)
	}
}

// Characters that LinkedIn's text format reserves arrive as they were written.
func TestText(t *testing.T) {
	l, h := harness(t, LinkedInOrganization)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, Name, h.Config)
	const text = `(new) {shoe} [red] <b> *_~ a|b \ me@brand.com #spring`
	p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
		planning.PublishInput{Asset: w.Asset("shoe").ID, Channel: ch.ID, Caption: text})
	if err != nil {
		t.Fatal(err)
	}
	w.Until(s, p.ID, dam.PubDelivered)
	if got := l.Texts(); len(got) != 1 || got[0] != text {
		t.Errorf("posted %q", got)
	}
}

// The errors for an API version that LinkedIn has ended, and for an organization of others, say what to do.
func TestSettings(t *testing.T) {
	_, h := harness(t, "")
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	for change, field := range map[string]string{`"organization":"5515715","api_version":"202401"`: "config.api_version", `"organization":"1"`: "config"} {
		config := fmt.Sprintf(`{"client_id":"77abc","client_secret":"s","access_token":%q,%s}`, LinkedInToken, change)
		_, err := s.Accounts.CreateChannel(catalogtest.Context(t), dam.DefaultLibrary,
			accounts.ChannelInput{Name: "Brand", Kind: Name, Config: json.RawMessage(config)})
		var e *dam.Error
		if !errors.As(err, &e) || e.Field != field || e.Reason.Advice() == "" {
			t.Errorf("%s: %v", change, err)
		}
	}
}
