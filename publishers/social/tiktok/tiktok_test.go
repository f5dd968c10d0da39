package tiktok

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/publishers/accounts"
	"vitrine/publishers/publishertest"
)

func harness(t *testing.T) (*simulator, publishertest.Harness) {
	k := newSimulator(t)
	config, err := json.Marshal(map[string]string{"client_id": TikTokApp, "client_secret": TikTokSecret,
		"access_token": TikTokToken, "refresh_token": TikTokMore})
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
	ch, asked, err := publishertest.Connect(t, h.Kind, fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, TikTokApp,
		TikTokSecret), "good")
	if err != nil || ch.Identity.Name != "@brand" || asked.Get("client_key") != TikTokApp {
		t.Errorf("%+v %v, asked for %v", ch, err, asked)
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
