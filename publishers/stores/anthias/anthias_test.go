package anthias

import (
	"encoding/json"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/outbound"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func kind() publishers.Kind { return Kind(outbound.Operator(10 * time.Second)) }

func settings(s *simulator) json.RawMessage {
	return json.RawMessage(`{"url": "` + s.URL + `", "username": "` + AnthiasUser + `", "password": "` +
		AnthiasPassword + `", "zone": "Europe/Paris"}`)
}

func harness(t *testing.T) publishertest.Harness {
	s := newSimulator(t)
	shown := func(asset string, there bool) (n int) {
		for _, x := range s.Assets(asset, there) {
			if there && x.Enabled || !there && x.Shown {
				n++
			}
		}
		return n
	}
	return publishertest.Harness{Kind: kind(), Config: settings(s),
		// A changed revision is an asset of its own, which replaces the one before.
		Posts: func(asset string) int { return min(shown(asset, false), 1) },
		Live:  func(asset string) int { return shown(asset, true) },
		Left: func(asset string) (out []string) {
			for _, x := range s.Assets(asset, true) {
				out = append(out, x.Name)
			}
			return out
		},
		Fault: func(f publishertest.Fault) (func(), bool) {
			if f != publishertest.Revoked && f != publishertest.Refused {
				return nil, false
			}
			s.Fail(f)
			return func() { s.Fail("") }, true
		}}
}

func TestConformance(t *testing.T) { publishertest.RunEmbedded(t, harness) }

// A device is asked with the token; an older one, which sends it to the login page, with the password. Without either,
// and with a token alone that it does not know, the channel says that the login is refused.
func TestCredentials(t *testing.T) {
	for _, c := range []struct {
		name    string
		tokens  bool
		token   string
		user    string
		refused bool
	}{
		{"a token", true, AnthiasToken, "", false}, {"a password for an older device", false, "", AnthiasUser, false},
		{"both, for an older device", false, AnthiasToken, AnthiasUser, false},
		{"both, for a newer device", true, AnthiasToken, AnthiasUser, false},
		{"a token for an older device", false, AnthiasToken, "", true}, {"a wrong token", true, "other", "", true},
		{"a password for a newer device", true, "", AnthiasUser, true}, {"nothing", false, "", "", true},
	} {
		s := newSimulator(t)
		s.Tokens = c.tokens
		config, err := json.Marshal(map[string]string{"url": s.URL, "zone": "Europe/Paris", "username": c.user})
		if err != nil {
			t.Fatal(err)
		}
		in := publishertest.Intent(t, config, map[string]string{"password": AnthiasPassword, "token": c.token})
		p := kind().Publisher
		state, err := p.Prepare(t.Context(), in, nil) // an upload is repeated whole
		if c.refused {
			if publishers.ClassOf(err, "") != publishers.ClassDisconnected {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err == nil {
			_, err = p.Commit(t.Context(), in, state)
		}
		if list := s.Assets(in.ID, true); err != nil || len(list) != 1 || !list[0].Enabled {
			t.Errorf("%s: %v, %+v", c.name, err, list)
		}
	}
}

// TestOnce counts every asset that was ever shown: repeating the same revision makes no second one.
func TestOnce(t *testing.T) {
	s := newSimulator(t)
	p := kind().Publisher
	in := publishertest.Intent(t, settings(s), map[string]string{"password": AnthiasPassword})
	in.Content.Options = json.RawMessage(`{"from": "2026-12-01", "until": "2026-12-24", "order": 3, "seconds": 7}`)
	in.Content.Rights = dam.Rights{Until: "2026-12-20"}
	for range 3 {
		state, err := p.Prepare(t.Context(), in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Commit(t.Context(), in, state); err != nil {
			t.Fatal(err)
		}
	}
	list := s.Assets(in.ID, false)
	if len(list) != 1 || !list[0].Enabled || list[0].Start != "2026-11-30T23:00:00Z" ||
		list[0].End != "2026-12-20T23:00:00Z" || list[0].Duration != 7 || list[0].Order != 3 ||
		list[0].MediaType != "image" {
		t.Fatalf("%+v", list)
	}
	// A delayed node with an older revision changes nothing.
	newer := in
	newer.Revision, newer.Digest = 2, "feedfeedfeedfeed"
	if _, err := p.Prepare(t.Context(), newer, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(t.Context(), newer, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Commit(t.Context(), in, nil); err != nil {
		t.Fatal(err)
	}
	if list := s.Assets(in.ID, true); len(list) != 1 || list[0].Name != "Red shoe "+newer.RemoteRef().String() {
		t.Fatalf("after a late commit: %+v", list)
	}
}
