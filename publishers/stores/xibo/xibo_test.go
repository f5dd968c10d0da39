package xibo

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/outbound"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func kind() publishers.Kind { return Kind(outbound.Operator(10 * time.Second)) }

func settings(s *simulator, playlist int) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"url": %q, "client_id": %q, "client_secret": %q, "playlist": %d}`, s.URL,
		XiboClient, XiboSecret, playlist))
}

func harness(t *testing.T) publishertest.Harness {
	s := newSimulator(t)
	return publishertest.Harness{Kind: kind(), Config: settings(s, XiboPlaylist),
		// A changed revision is a file of its own, which replaces the one before; what counts is how often a file was
		// assigned.
		Posts: func(asset string) (n int) {
			for _, m := range s.Media(asset, false) {
				n = max(n, m.Assigned)
			}
			return n
		},
		Live: func(asset string) (n int) {
			for _, m := range s.Media(asset, true) {
				n += len(m.Widgets)
			}
			return n
		},
		Left: func(asset string) (out []string) {
			for _, m := range s.Media(asset, true) {
				out = append(out, m.Name)
			}
			return out
		},
		Fault: func(f publishertest.Fault) (func(), bool) { s.Fail(f); return func() { s.Fail("") }, true }}
}

func TestConformance(t *testing.T) { publishertest.RunEmbedded(t, harness) }

func TestOnceAndInOrder(t *testing.T) {
	s := newSimulator(t)
	p := kind().Publisher
	in := publishertest.Intent(t, settings(s, XiboPlaylist), map[string]string{"client_secret": XiboSecret})
	in.Content.Options = json.RawMessage(`{"seconds": 7}`)
	commit := func(in publishers.Intent) {
		t.Helper()
		state, err := p.Prepare(t.Context(), in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Commit(t.Context(), in, state); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		commit(in)
	}
	if list := s.Media(in.ID, false); len(list) != 1 || list[0].Assigned != 1 || list[0].Duration != "7" {
		t.Fatalf("%+v", list)
	}
	older, err := p.Prepare(t.Context(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	newer := in
	newer.Revision, newer.Digest = 2, "feedfeedfeedfeed"
	commit(newer)
	// A delayed node with an older revision changes nothing.
	if _, err := p.Commit(t.Context(), in, older); err != nil {
		t.Fatal(err)
	}
	if list := s.Media(in.ID, true); len(list) != 1 || list[0].Name != "Red shoe "+newer.RemoteRef().String() ||
		len(list[0].Widgets) != 1 {
		t.Fatalf("after a late commit: %+v", list)
	}
}

// The CMS escapes a name before it counts its characters. The reference at the end stays whole, or a file is not found
// again.
func TestLongNames(t *testing.T) {
	for _, title := range []string{strings.Repeat("&", 100), strings.Repeat(`"<a'b>`, 20), strings.Repeat("é", 200),
		"&"} {
		s := newSimulator(t)
		p := kind().Publisher
		in := publishertest.Intent(t, settings(s, XiboPlaylist), map[string]string{"client_secret": XiboSecret})
		in.Content.Title = dam.Text{"en": title}
		for range 2 {
			if _, err := p.Prepare(t.Context(), in, nil); err != nil {
				t.Fatalf("%.20s: %v", title, err)
			}
		}
		list := s.Media(in.ID, true)
		if len(list) != 1 || !strings.HasSuffix(list[0].Name, " "+in.RemoteRef().String()) || len(title) > 9 &&
			len([]rune(list[0].Name)) < 95 {
			t.Errorf("%.20s: %+v", title, list)
		}
	}
}

// A channel's playlist is chosen among those that take a file.
func TestTargets(t *testing.T) {
	s := newSimulator(t)
	got, err := kind().Publisher.(publishers.TargetLister).Targets(t.Context(), publishers.Account{
		Config: settings(s, XiboPlaylist), Secrets: map[string]string{"client_secret": XiboSecret}})
	if err != nil || len(got) != 101 ||
		!reflect.DeepEqual(got[0], publishers.Target{Setting: "playlist", Value: "12", Title: "Windows"}) ||
		got[100].Title != "Station 99" {
		t.Errorf("%d: %+v %v", len(got), got, err)
	}
}

func TestWhichPlaylistsAreTaken(t *testing.T) {
	s := newSimulator(t)
	for playlist, want := range map[int]dam.Code{XiboPlaylist: "", XiboDynamic: dam.Invalid} {
		_, err := kind().Publisher.Verify(t.Context(), publishers.Account{Config: settings(s, playlist),
			Secrets: map[string]string{"client_secret": XiboSecret}})
		if dam.CodeOf(err) != want {
			t.Errorf("playlist %d: %v", playlist, err)
		}
	}
	if _, err := kind().Publisher.Verify(t.Context(), publishers.Account{Config: settings(s, 99),
		Secrets: map[string]string{"client_secret": XiboSecret}}); publishers.ClassOf(err,
		"") != publishers.ClassPermanent {
		t.Errorf("a playlist that is not there: %v", err)
	}
	if _, err := kind().Publisher.Verify(t.Context(), publishers.Account{Config: settings(s, XiboPlaylist),
		Secrets: map[string]string{"client_secret": "wrong"}}); publishers.ClassOf(err,
		"") != publishers.ClassDisconnected {
		t.Errorf("a wrong secret: %v", err)
	}
}
