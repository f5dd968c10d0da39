package delivery_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	web "vitrine/web/delivery"
)

// TestStates checks every state of an asset and what the public gets: at its live URL, and at the exact URL of its
// first rendition.
func TestStates(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
		s := newSite(t, cat)
		n := s.node(nil, delivery.Options{}, web.Options{})
		today := time.Now().UTC()
		day := func(d int) dam.Moment { return dam.Moment(today.AddDate(0, 0, d).Format(time.DateOnly)) }
		other, _ := s.public(dam.Rights{})
		draft := s.asset(dam.Rights{})

		for _, c := range []struct {
			state       string
			rights      dam.Rights
			steps       func(a dam.Asset)
			live, exact int
		}{
			{"draft", dam.Rights{}, func(dam.Asset) {}, 404, 404},
			{"in review", dam.Rights{}, func(a dam.Asset) { s.decide(a.ID, dam.Submit) }, 404, 404},
			{"rejected", dam.Rights{}, func(a dam.Asset) { s.decide(a.ID, dam.Reject) }, 404, 404},
			{"archived without approval", dam.Rights{}, func(a dam.Asset) { s.decide(a.ID, dam.Archive) }, 404, 404},
			{"approved", dam.Rights{}, func(a dam.Asset) { s.decide(a.ID, dam.Approve) }, 200, 200},
			{"approval taken back", dam.Rights{},
				func(a dam.Asset) { s.decide(a.ID, dam.Approve); s.decide(a.ID, dam.Reject) }, 410, 410},
			{"archived", dam.Rights{}, func(a dam.Asset) {
				s.decide(a.ID, dam.Approve)
				s.decide(a.ID, dam.Archive)
			}, 410, 410},
			{"restored", dam.Rights{}, func(a dam.Asset) {
				s.decide(a.ID, dam.Approve)
				s.decide(a.ID, dam.Archive)
				s.decide(a.ID, dam.Restore)
			}, 200, 200},
			{"first day", dam.Rights{From: day(0)}, func(a dam.Asset) { s.decide(a.ID, dam.Approve) }, 200, 200},
			{"last day", dam.Rights{Until: day(0)}, func(a dam.Asset) { s.decide(a.ID, dam.Approve) }, 200, 200},
			{"embargoed", dam.Rights{From: day(2)}, func(a dam.Asset) { s.decide(a.ID, dam.Approve) }, 404, 404},
			{"embargoed and archived", dam.Rights{From: day(2)},
				func(a dam.Asset) { s.decide(a.ID, dam.Approve); s.decide(a.ID, dam.Archive) }, 404, 404},
			{"expired", dam.Rights{Until: day(-2)}, func(a dam.Asset) { s.decide(a.ID, dam.Approve) }, 410, 410},
			{"expired draft", dam.Rights{Until: day(-2)}, func(_ dam.Asset) {}, 404, 404},
			{"expired with a public successor", dam.Rights{Until: day(-2), Successor: other.ID},
				func(a dam.Asset) { s.decide(a.ID, dam.Approve) }, 200, 410},
			{"archived with a public successor", dam.Rights{Successor: other.ID},
				func(a dam.Asset) { s.decide(a.ID, dam.Approve); s.decide(a.ID, dam.Archive) }, 200, 410},
			{"successor that is a draft", dam.Rights{Until: day(-2), Successor: draft.ID},
				func(a dam.Asset) { s.decide(a.ID, dam.Approve) }, 410, 410},
			{"successor that does not exist", dam.Rights{Until: day(-2), Successor: "a_00000000000000000000000000"},
				func(a dam.Asset) { s.decide(a.ID, dam.Approve) }, 410, 410},
			{"its own successor", dam.Rights{Until: day(-2)}, func(a dam.Asset) {
				s.decide(a.ID, dam.Approve)
				s.write(func(tx *catalog.Tx) error {
					a, err := tx.Assets().LockAsset(catalogtest.Context(t), "", a.ID)
					if err != nil {
						return err
					}
					a.Rights.Successor = a.ID
					tx.Emit(dam.Event{Type: dam.AssetUpdated, Subject: a.ID, Asset: a.ID})
					return tx.Assets().UpdateAsset(catalogtest.Context(t), &a)
				})
			}, 410, 410},
			{"in the bin", dam.Rights{}, func(a dam.Asset) {
				s.decide(a.ID, dam.Approve)
				must(s.assets.Delete(catalogtest.Context(t), "", a.ID, 0))
			}, 410, 410},
			{"in the bin, never approved", dam.Rights{},
				func(a dam.Asset) { must(s.assets.Delete(catalogtest.Context(t), "", a.ID, 0)) }, 404, 404},
			{"back from the bin", dam.Rights{}, func(a dam.Asset) {
				s.decide(a.ID, dam.Approve)
				must(s.assets.Delete(catalogtest.Context(t), "", a.ID, 0))
				must(s.assets.Undelete(catalogtest.Context(t), "", a.ID, 0))
			}, 200, 200},
			{"recalled", dam.Rights{}, func(a dam.Asset) { s.decide(a.ID, dam.Approve); s.recall(a.ID) }, 410, 410},
			{"recalled and embargoed", dam.Rights{From: day(2)},
				func(a dam.Asset) { s.decide(a.ID, dam.Approve); s.recall(a.ID) }, 404, 404},
			{"recalled, archived and restored", dam.Rights{}, func(a dam.Asset) {
				s.decide(a.ID, dam.Approve)
				s.recall(a.ID)
				s.decide(a.ID, dam.Archive)
				s.decide(a.ID, dam.Restore)
			}, 410, 410},
			{"recalled, and approved again", dam.Rights{}, func(a dam.Asset) {
				s.decide(a.ID, dam.Approve)
				s.recall(a.ID)
				s.decide(a.ID, dam.Reject)
				s.decide(a.ID, dam.Approve)
			}, 200, 200},
			{"approved again, and recalled again", dam.Rights{}, func(a dam.Asset) {
				s.decide(a.ID, dam.Approve)
				s.recall(a.ID)
				s.decide(a.ID, dam.Reject)
				s.decide(a.ID, dam.Approve)
				s.recall(a.ID)
			}, 410, 410},
		} {
			t.Run(c.state, func(t *testing.T) {
				a := s.asset(c.rights)
				list := s.render(a.Latest, "1", "thumb", dam.JPEG)
				s.rendered(a.Latest, dam.RenditionsReady)
				n.get(live(a)) // cached as a draft: the steps below must invalidate it
				c.steps(a)
				n.has(s)
				w := n.get(live(a))
				if w.Code != c.live {
					t.Errorf("the live URL answers %d, want %d: %s", w.Code, c.live, w.Body)
				}
				if e := n.get(exact(a, list[0])); e.Code != c.exact {
					t.Errorf("the exact URL answers %d, want %d: %s", e.Code, c.exact, e.Body)
				}
				if w.Code != 200 && w.Header().Get("Content-Type") != "application/problem+json" {
					t.Errorf("an error as %s", w.Header().Get("Content-Type"))
				}
			})
		}
		n.wants("/r/a_00000000000000000000000000/thumb", 404)
		n.wants("/r/"+other.ID+"/no-such-preset", 404)
		n.wants("/r/"+other.ID+"/0123456789abcdef01234567/thumb.jpg", 404)
	})
}

// A version that is approved after a recall is public; versions that were public before it stay hidden, even while the
// new version's pictures are made.
func TestRecalledVersionsStayAway(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, first := s.public(dam.Rights{})
	s.recall(a.ID)
	v2 := s.second(a.ID)
	s.decide(a.ID, dam.Approve)
	n.has(s)
	if w := n.get(live(a)); w.Code == 200 {
		t.Error("the recalled picture stands in for one that is being made")
	}
	n.wants(exact(a, first[0]), 410)
	second := s.render(v2, "1", "thumb", dam.JPEG)
	s.rendered(v2, dam.RenditionsReady)
	n.has(s)
	if w := n.get(live(a)); w.Code != 200 || w.Body.String() != string(s.bytes(v2, second[0])) {
		t.Errorf("the new version answers %d, or other bytes", w.Code)
	}
	n.wants(exact(a, second[0]), 200)
	n.wants(exact(a, first[0]), 410)
	s.decide(a.ID, dam.Reject) // leaves only the version that was recalled
	n.has(s)
	n.wants(live(a), 410)
}

func TestSuccessorsAreFollowedButNotForEver(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	next, list := s.public(dam.Rights{})
	last := exact(next, list[0])
	for i := range 7 {
		a, _ := s.public(dam.Rights{Until: "2001-01-01", Successor: next.ID})
		n.has(s)
		w := n.get(live(a))
		if want := map[bool]int{true: 200, false: 410}[i < 5]; w.Code != want {
			t.Errorf("%d successors away: %d, want %d", i+1, w.Code, want)
		}
		if w.Code == 200 && w.Header().Get("ETag") != n.get(last).Header().Get("ETag") {
			t.Errorf("%d successors away: other bytes than the last one's", i+1)
		}
		next = a
	}
}

func TestVersions(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, first := s.public(dam.Rights{})
	shows := func(what string, v dam.Version, r dam.Rendition) {
		t.Helper()
		n.has(s)
		if w := n.get(live(a)); w.Code != 200 || w.Body.String() != string(s.bytes(v, r)) {
			t.Errorf("%s: %d, or other bytes", what, w.Code)
		}
	}
	shows("v1", a.Latest, first[0])
	v2 := s.second(a.ID)
	shows("v2 is a draft", a.Latest, first[0])
	s.decide(a.ID, dam.Approve)
	shows("v2 is approved and its pictures are being made", a.Latest, first[0])
	second := s.render(v2, "1", "thumb", dam.JPEG)
	n.wants(exact(a, second[0]), 302) // not yet recorded that the pictures are ready
	s.rendered(v2, dam.RenditionsReady)
	shows("v2 is ready", v2, second[0])
	n.wants(exact(a, first[1]), http.StatusOK)
	n.wants(exact(a, second[0]), http.StatusOK)
	s.decide(a.ID, dam.Reject)
	shows("v2 was taken back", a.Latest, first[0])
	n.wants(exact(a, second[0]), http.StatusNotFound)
}

func TestPicturesStillBeingMade(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	s.write(func(tx *catalog.Tx) error {
		return tx.Presets().SetPreset(catalogtest.Context(t), dam.DefaultLibrary, 1,
			dam.Preset{Name: "thumb", Width: 320, Fit: dam.FitContain})
	})
	a := s.asset(dam.Rights{})
	s.decide(a.ID, dam.Approve)
	n.has(s)
	w := n.get(live(a))
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	n.wants("/r/"+a.ID+"/no-such-preset", 404)
	s.rendered(a.Latest, dam.RenditionsNone)
	n.has(s)
	n.wants(live(a), 404)
}

// A moved focal point or a changed preset replaces the rendition: pages with the old exact URL must still find a
// picture.
func TestReplacedRendition(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{})
	a, old := s.public(dam.Rights{})
	n.has(s)
	before := n.get(live(a)).Header().Get("ETag")
	fresh := s.render(a.Latest, "focal point moved", "thumb", dam.JPEG, dam.WebP)
	s.rendered(a.Latest, dam.RenditionsReady)
	n.has(s)
	w := n.get(live(a), "If-None-Match", before)
	if w.Code != 200 || w.Header().Get("ETag") == before {
		t.Errorf("a client that has the old crop: %d, %s", w.Code, w.Header().Get("ETag"))
	}
	for i, r := range old {
		w := n.get(exact(a, r))
		if to := resolve(exact(a, r), w.Header().Get("Location")); w.Code != 302 || to != exact(a, fresh[i]) {
			t.Errorf("the old %s leads to %d %s", r.Format, w.Code, to)
		}
		if cc := w.Header().Get("Cache-Control"); cc != "public, max-age=30, stale-while-revalidate=60" {
			t.Errorf("a redirect that may be kept: %s", cc)
		}
	}
	// A hash that never existed is not redirected: nobody can invent URLs.
	n.wants(fmt.Sprintf("/r/%s/%s/thumb.jpg", a.ID, "ffffffffffffffffffffffff"), 404)
}

func TestWindowIsKeptByTheNodesOwnClock(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	s.write(func(tx *catalog.Tx) error {
		return tx.Libraries().PutLibrary(catalogtest.Context(t), dam.Library{ID: dam.DefaultLibrary, Name: "Main",
			Locale: "fr", Zone: "Europe/Paris"})
	})
	paris := must(time.LoadLocation("Europe/Paris"))
	c := newClock(time.Date(2026, 3, 28, 23, 59, 58, 0, paris))
	n := s.node(nil, delivery.Options{Now: c.now, StaleLimit: 1000 * time.Hour}, web.Options{})
	a, list := s.public(dam.Rights{From: "2026-03-29", Until: "2026-03-29"}) // a day of 23 hours
	next, _ := s.public(dam.Rights{})
	n.has(s)
	both := func(status int) {
		t.Helper()
		n.wants(live(a), status)
		n.wants(exact(a, list[0]), status)
	}
	both(404)
	c.move(time.Second)
	both(404)
	c.move(time.Second)
	both(200)
	c.move(23*time.Hour - 11*time.Second)
	w := n.get(live(a))
	if cc := w.Header().Get("Cache-Control"); w.Code != 200 || cc != "public, max-age=11" {
		t.Errorf("11 s before the end: %d %q", w.Code, cc)
	}
	if cc := n.get(exact(a, list[0])).Header().Get("Cache-Control"); cc != "public, max-age=11, immutable" {
		t.Errorf("exact bytes 11 s before the end: %q", cc)
	}
	c.move(11*time.Second - time.Millisecond)
	both(200)
	c.move(time.Millisecond)
	both(410)
	s.patch(a.ID, `{"rights":{"successor":"`+next.ID+`"}}`)
	n.has(s)
	if w := n.get(live(a)); w.Code != 200 || resolve(live(a), w.Header().Get("Content-Location")) != live(next) {
		t.Errorf("the successor: %d %v", w.Code, w.Header())
	}
}

// resolve resolves a reference in an answer as a client does.
func resolve(from, reference string) string {
	return must(url.Parse("https://media.example.com" + from)).ResolveReference(must(url.Parse(reference))).Path
}

// TestVideosOfANewerVersion checks that the older approved video is played until the newer version's is made, but not
// if none will be made.
func TestVideosOfANewerVersion(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	making := true
	n := s.node(nil, delivery.Options{Demand: func(context.Context, string, string) (bool, error) {
		return making, nil
	}}, web.Options{})
	a := s.asset(dam.Rights{})
	first := s.render(a.Latest, "1", "film", dam.MP4)[0]
	s.rendered(a.Latest, dam.RenditionsReady)
	s.decide(a.ID, dam.Approve)
	v2 := s.second(a.ID)
	s.render(v2, "1", "all", dam.JPEG)
	s.rendered(v2, dam.RenditionsReady)
	s.decide(a.ID, dam.Approve)
	n.has(s)
	path := "/r/" + a.ID + "/film"
	if w := n.get(path); w.Code != 200 || w.Body.String() != string(s.bytes(a.Latest, first)) {
		t.Errorf("while it is made: %d with %d bytes", w.Code, w.Body.Len())
	}
	making = false
	n.wants(path, 404)
	second := s.render(v2, "1", "film", dam.MP4)[0]
	s.rendered(v2, dam.RenditionsReady)
	n.has(s)
	if w := n.get(path); w.Code != 200 || w.Body.String() != string(s.bytes(v2, second)) {
		t.Errorf("once it is made: %d with %d bytes", w.Code, w.Body.Len())
	}
}
