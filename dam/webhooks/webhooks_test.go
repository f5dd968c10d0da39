package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/dam/reasons"
	"vitrine/dam/secrets"
)

// receiver is an endpoint that verifies signatures and records what it received.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	secrets []string // all of them must verify
	got     []cloudEvent
	ids     []string
	bad     []error
	answer  func(w http.ResponseWriter, n int)
}

func receive(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, s := range r.secrets {
			if e := verify(q.Header, body, s); e != nil {
				r.bad = append(r.bad, e)
			}
		}
		var ce cloudEvent
		if e := json.Unmarshal(body, &ce); e != nil || err != nil || !strings.HasPrefix(q.Header.Get("Content-Type"),
			"application/cloudevents+json") {
			r.bad = append(r.bad, errors.Join(e, err, errors.New(q.Header.Get("Content-Type"))))
		}
		r.got, r.ids = append(r.got, ce), append(r.ids, q.Header.Get("webhook-id"))
		if r.answer != nil {
			r.answer(w, len(r.got))
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) events() []cloudEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]cloudEvent(nil), r.got...)
}

func (r *receiver) replies(f func(w http.ResponseWriter, n int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

type fixture struct {
	*Service
	t   *testing.T
	mu  sync.Mutex
	now time.Time
}

func (f *fixture) advance(d time.Duration) {
	f.mu.Lock()
	f.now = f.now.Add(d)
	f.mu.Unlock()
	f.wake()
}

// everywhere allows endpoints on this machine, where the receivers are.
func everywhere(t *testing.T) *outbound.Guard {
	t.Helper()
	g, err := outbound.Allow(nil, true)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func start(t *testing.T, c *catalog.Catalog) *fixture {
	t.Helper()
	box, err := secrets.Open(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, now: time.Now()}
	f.Service = New(Options{Catalog: c, Secrets: box, Outbound: everywhere(t), Source: "https://media.example.com",
		Clock: func() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now }})
	ctx, cancel := context.WithCancel(catalogtest.Context(t))
	done := make(chan struct{})
	go func() { defer close(done); _ = f.Run(ctx) }() // it ends with ctx
	t.Cleanup(func() { cancel(); <-done })
	eventually(t, "the follower", func() bool {
		_, known, err := c.Log().Cursor(ctx, follower)
		return known && err == nil
	})
	return f
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (f *fixture) emit(types ...dam.EventType) {
	f.t.Helper()
	for _, typ := range types {
		if err := f.Catalog.Write(catalogtest.Context(f.t), func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Type: typ, Subject: "a_1", Asset: "a_1", Data: json.RawMessage(`{"sha256":"abc"}`)})
			return nil
		}); err != nil {
			f.t.Fatal(err)
		}
	}
}

func (f *fixture) deliveries(hook string, state dam.DeliveryState) []dam.WebhookDelivery {
	f.t.Helper()
	list, err := f.Deliveries(catalogtest.Context(f.t), dam.DefaultLibrary, hook, state, "", 0)
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

func TestDelivery(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f, r := start(t, c), receive(t)
		w, secret, err := f.Create(catalogtest.Context(t), dam.DefaultLibrary,
			Input{URL: r.URL, Types: []dam.EventType{"asset.*", dam.PublicationEventDelivered}})
		if err != nil || !strings.HasPrefix(secret, "whsec_") {
			t.Fatal(err, secret)
		}
		r.mu.Lock()
		r.secrets = []string{secret}
		r.mu.Unlock()
		f.emit(dam.AssetApproved, dam.UserCreated, dam.PublicationEventDelivered)
		eventually(t, "two events", func() bool { return len(f.deliveries(w.ID, dam.DeliveryDone)) == 2 })
		got := r.events()
		types := map[dam.EventType]cloudEvent{}
		for _, e := range got {
			types[e.Type] = e
		}
		e := types[dam.AssetApproved]
		if len(got) != 2 || e.SpecVersion != "1.0" || e.Source != "https://media.example.com" || e.Subject != "a_1" ||
			e.Library != "main" || e.Sequence == "" || e.ID != r.ids[0] && e.ID != r.ids[1] ||
			!strings.Contains(string(e.Data), `"sha256":"abc"`) {
			t.Fatalf("got %+v", got)
		}

		// Rotation: for a day both secrets verify.
		_, fresh, err := f.Rotate(catalogtest.Context(t), dam.DefaultLibrary, w.ID)
		if err != nil || fresh == secret {
			t.Fatal(err)
		}
		r.mu.Lock()
		r.secrets = []string{secret, fresh}
		r.mu.Unlock()
		f.emit(dam.AssetUpdated)
		eventually(t, "the third event", func() bool { return len(f.deliveries(w.ID, dam.DeliveryDone)) == 3 })
		d, err := f.Test(catalogtest.Context(t), dam.DefaultLibrary, w.ID)
		if err != nil || d.State != dam.DeliveryDone || d.Status != 200 {
			t.Fatalf("test: %+v %v", d, err)
		}
		if len(r.bad) > 0 {
			t.Fatal(r.bad)
		}
		stored, err := c.Webhooks().Webhook(catalogtest.Context(t), "", w.ID)
		if err != nil || strings.Contains(stored.Secret+stored.OldSecret, secret[6:]) ||
			strings.Contains(stored.Secret, fresh[6:]) {
			t.Fatal("a secret is stored in the clear", err)
		}
	})
}

func TestRetriesDeadLettersReplay(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f, r := start(t, c), receive(t)
		w, _, err := f.Create(catalogtest.Context(t), dam.DefaultLibrary,
			Input{URL: r.URL, Types: []dam.EventType{dam.AssetApproved}})
		if err != nil {
			t.Fatal(err)
		}
		r.replies(func(w http.ResponseWriter, n int) {
			if n == 1 {
				w.Header().Set("Retry-After", "900")
			}
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, "down\x00"+strings.Repeat("x", 100<<10))
		})
		f.emit(dam.AssetApproved)
		var days time.Duration
		for n := 1; ; n++ {
			var d dam.WebhookDelivery
			eventually(t, fmt.Sprintf("attempt %d", n), func() bool {
				list := f.deliveries(w.ID, "")
				if len(list) != 1 {
					return false
				}
				d = list[0]
				return d.Attempts == n && d.Error != ""
			})
			if d.Response != "" || strings.Contains(d.Error, "down") || d.Status != 500 {
				t.Fatalf("answer %q, error %q, status %d: what was answered is told to nobody", d.Response,
					d.Error, d.Status)
			}
			if d.State == dam.DeliveryDead {
				if n != len(pauses)+1 {
					t.Fatalf("given up after %d attempts", n)
				}
				break
			}
			f.mu.Lock()
			p := d.NextAt.Sub(f.now)
			f.mu.Unlock()
			least := pauses[n-1]
			if n == 1 {
				least = 15 * time.Minute // Retry-After
			}
			if p < least-time.Second || p > least+least/5+time.Second {
				t.Fatalf("pause %d is %s", n, p)
			}
			days += p
			f.advance(p)
		}
		if days < 72*time.Hour {
			t.Fatalf("given up after %s", days)
		}
		r.replies(nil)
		if _, err := f.Replay(catalogtest.Context(t), dam.DefaultLibrary, w.ID,
			f.deliveries(w.ID, "")[0].ID); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the replay", func() bool { return len(f.deliveries(w.ID, dam.DeliveryDone)) == 1 })
		for _, id := range r.ids {
			if id != r.ids[0] {
				t.Fatal("webhook-id changed between attempts")
			}
		}

		// 410 disables the endpoint; a redirect is a failure and is not followed.
		r.replies(func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusGone) })
		f.emit(dam.AssetApproved)
		eventually(t, "the endpoint to be disabled", func() bool {
			x, err := f.Webhook(catalogtest.Context(t), dam.DefaultLibrary, w.ID)
			return err == nil && x.Disabled && x.Note != ""
		})
		on := false
		if _, err := f.Update(catalogtest.Context(t), dam.DefaultLibrary, w.ID, 0, Patch{Disabled: &on}); err != nil {
			t.Fatal(err)
		}
		n := len(r.events())
		r.replies(func(w http.ResponseWriter, _ int) {
			w.Header().Set("Location", r.URL)
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		if d, err := f.Test(catalogtest.Context(t), dam.DefaultLibrary, w.ID); err != nil ||
			d.State != dam.DeliveryDead || d.Status != 307 || len(r.events()) != n+1 {
			t.Fatalf("a redirect: %+v %v, %d calls", d, err, len(r.events())-n)
		}
	})
}

// A webhook acts as who saved it last: it stops with them, goes on with them, and somebody else takes it over by saving
// it.
func TestStopsWithItsAuthor(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f, r := start(t, c), receive(t)
		ctx := catalogtest.Context(t)
		people := map[string]*catalog.Account{}
		for _, name := range []string{"ana", "bo"} {
			people[name] = &catalog.Account{User: dam.User{ID: dam.NewID(dam.UserPrefix), Email: name + "@example.com",
				Name: name, Grants: map[string]dam.Role{dam.DefaultLibrary: dam.Admin}}}
			if err := c.Write(ctx, func(tx *catalog.Tx) error {
				return tx.People().InsertUser(ctx, people[name])
			}); err != nil {
				t.Fatal(err)
			}
		}
		as := func(name string) context.Context {
			who, err := c.People().Principal(ctx, people[name].ID)
			if err != nil {
				t.Fatal(err)
			}
			return catalog.WithActor(ctx, who)
		}
		w, _, err := f.Create(as("ana"), dam.DefaultLibrary, Input{URL: r.URL,
			Types: []dam.EventType{dam.AssetApproved}})
		if err != nil || w.Author != people["ana"].ID {
			t.Fatal(w.Author, err)
		}
		disable := func(disabled bool) {
			t.Helper()
			people["ana"].Disabled = disabled
			if err := c.Write(ctx, func(tx *catalog.Tx) error {
				tx.Emit(dam.Event{Library: dam.DefaultLibrary, Type: dam.UserUpdated, Subject: people["ana"].ID})
				return tx.People().UpdateUser(ctx, *people["ana"])
			}); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the webhook to follow its author", func() bool {
				w, err = f.Webhook(ctx, dam.DefaultLibrary, w.ID)
				return err == nil && w.Disabled == disabled
			})
		}
		disable(true)
		if len(w.NoteReasons) != 1 || w.NoteReasons[0].ReasonCode != reasons.CodeWebhookAuthorMayNotManage {
			t.Errorf("it says %+v", w.NoteReasons)
		}
		f.emit(dam.AssetApproved)
		disable(false)
		if len(w.NoteReasons) != 0 {
			t.Errorf("it still says %+v", w.NoteReasons)
		}
		f.emit(dam.AssetApproved)
		eventually(t, "what happens once Ana is back", func() bool { return len(r.events()) == 1 })
		disable(true)
		enabled := false
		if w, err = f.Update(as("bo"), dam.DefaultLibrary, w.ID, 0, Patch{Disabled: &enabled}); err != nil ||
			w.Author != people["bo"].ID || w.Disabled {
			t.Fatalf("%+v, %v", w, err)
		}
		f.emit(dam.AssetApproved)
		eventually(t, "what happens as Bo's", func() bool { return len(r.events()) == 2 })
		// Somebody who only words its description, or renews its secret, doesn't take it over; and an archived library
		// goes on being told.
		words := "for the shop"
		if w, err = f.Update(as("ana"), dam.DefaultLibrary, w.ID, 0, Patch{Description: &words}); err != nil ||
			w.Author != people["bo"].ID {
			t.Fatalf("%+v, %v", w, err)
		}
		if err := c.Write(ctx, func(tx *catalog.Tx) error {
			l, err := tx.Libraries().Library(ctx, dam.DefaultLibrary)
			at := c.Now()
			l.ArchivedAt = &at
			return errors.Join(err, tx.Libraries().PutLibrary(ctx, l))
		}); err != nil {
			t.Fatal(err)
		}
		f.emit(dam.AssetApproved)
		eventually(t, "what happens in the archived library", func() bool { return len(r.events()) == 3 })
		if list := f.deliveries(w.ID, ""); len(list) != 3 {
			t.Errorf("%d deliveries", len(list))
		}
	})
}

func TestSurvivesRestartAndSlowNeighbours(t *testing.T) {
	c := catalogtest.SQLite(t)
	f, ok, slow := start(t, c), receive(t), receive(t)
	hold := make(chan struct{})
	slow.replies(func(http.ResponseWriter, int) {
		slow.mu.Unlock()
		<-hold
		slow.mu.Lock()
	})
	defer close(hold)
	for _, url := range []string{slow.URL, ok.URL} {
		if _, _, err := f.Create(catalogtest.Context(t), dam.DefaultLibrary,
			Input{URL: url, Types: []dam.EventType{dam.AssetApproved}}); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		f.emit(dam.AssetApproved)
	}
	eventually(t, "twenty events beside a hanging endpoint", func() bool { return len(ok.events()) == 20 })
	if n := len(slow.events()); n > perEndpoint {
		t.Fatalf("%d calls at once to one endpoint", n)
	}
}

func TestGuard(t *testing.T) {
	c := catalogtest.SQLite(t)
	box, err := secrets.Open(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	s, r := New(Options{Catalog: c, Secrets: box}), receive(t)
	for _, url := range []string{r.URL, "http://localhost/x", "http://[::1]/", "http://169.254.169.254/latest",
		"ftp://example.com", "https://u:p@example.com/", "nonsense", "https:///x"} {
		if _, _, err := s.Create(catalogtest.Context(t), dam.DefaultLibrary,
			Input{URL: url}); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%s: %v", url, err)
		}
	}
	if len(r.events()) > 0 {
		t.Error("the endpoint was reached")
	}
}

// The secret was made for one host and is not sent to another.
func TestSecretStaysWithItsHost(t *testing.T) {
	c := catalogtest.SQLite(t)
	box, err := secrets.Open(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{Catalog: c, Secrets: box})
	w, _, err := s.Create(catalogtest.Context(t), dam.DefaultLibrary, Input{URL: "https://erp.example.com/hook"})
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"https://evil.example.com/hook", "http://erp.example.com/hook",
		"https://erp.example.com:8443/hook", "https://erp.example.com.evil.example/"} {
		if _, err := s.Update(catalogtest.Context(t), dam.DefaultLibrary, w.ID, 0,
			Patch{URL: &url}); dam.CodeOf(err) != dam.Conflict {
			t.Errorf("%s: %v, want a conflict", url, err)
		}
	}
	same := "https://ERP.example.com:443/other"
	if _, err := s.Update(catalogtest.Context(t), dam.DefaultLibrary, w.ID, 0, Patch{URL: &same}); err != nil {
		t.Errorf("another path of the same host: %v", err)
	}
}

// The example from the libraries of the Standard Webhooks specification.
func TestSignature(t *testing.T) {
	h := http.Header{}
	if err := Sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`),
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"); err != nil {
		t.Fatal(err)
	}
	if got := h.Get("webhook-signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Error(got)
	}
	body, secret := []byte("x"), NewSecret()
	if err := Sign(h, "m", time.Now(), body, NewSecret(), secret); err != nil {
		t.Fatal(err)
	}
	if err := verify(h, body, secret); err != nil {
		t.Error(err)
	}
	if verify(h, []byte("y"), secret) == nil || verify(h, body, NewSecret()) == nil {
		t.Error("a false message verifies")
	}
	for _, s := range []string{"", "whsec_&", "c2VjcmV0"} {
		if err := Sign(http.Header{}, "m", time.Now(), body, secret, s); err == nil {
			t.Errorf("%q signs", s)
		}
	}
}

// verify checks a message as a receiver does, with the library of Standard Webhooks.
func verify(h http.Header, body []byte, secret string) error {
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	return w.Verify(body, h)
}

func TestKeyRotation(t *testing.T) {
	c, dir := catalogtest.SQLite(t), t.TempDir()
	open := func() *secrets.Box {
		box, err := secrets.Open(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		return box
	}
	_, secret, err := New(Options{Catalog: c, Secrets: open()}).Create(catalogtest.Context(t), dam.DefaultLibrary,
		Input{URL: "https://example.com/"})
	if err != nil {
		t.Fatal(err)
	}
	if err := secrets.AddKey(dir); err != nil {
		t.Fatal(err)
	}
	box := open()
	if err := New(Options{Catalog: c, Secrets: box}).reseal(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	list, err := c.Webhooks().List(catalogtest.Context(t), "")
	if err != nil {
		t.Fatal(err)
	}
	if plain, stale, err := box.Open(list[0].Secret, purpose(list[0].ID)); err != nil || stale ||
		string(plain) != secret {
		t.Errorf("after a rotation: stale %v, %v", stale, err)
	}
}
