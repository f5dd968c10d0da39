package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/webhooks"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func kind() publishers.Kind {
	return Kind(Options{Client: &http.Client{Timeout: 30 * time.Second}, Sign: webhooks.Sign})
}

// TestMain makes this binary a node where TestKill asks for one.
func TestMain(m *testing.M) { publishertest.Main(m, kind()) }

// service is a plug-in in front of a strict network.
type service struct {
	*publishertest.Network
	mu    sync.Mutex
	media map[string][]byte
	seen  map[string]bool // webhook-ids: a call may not be replayed
	fault func(step string, w http.ResponseWriter) bool
	// credentials are what every step has to bring; "" accepts anything. next is what refresh gives, "" for nothing.
	credentials, next string
	gone              []string // comments that recall named
}

func serve(t testing.TB, n *publishertest.Network) (*service, json.RawMessage) {
	s := &service{Network: n, media: map[string][]byte{}, seen: map[string]bool{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	config, err := json.Marshal(map[string]any{"url": server.URL + "/", "secret": secret,
		"settings": map[string]string{"board": "shoes"}})
	if err != nil {
		t.Fatal(err)
	}
	return s, config
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		var receiver *standardwebhooks.Webhook
		if receiver, err = standardwebhooks.NewWebhook(secret); err == nil {
			err = receiver.Verify(body, r.Header)
		}
	}
	id := r.Header.Get("webhook-id")
	s.mu.Lock()
	if err == nil && s.seen[id] {
		err = errors.New("replayed")
	}
	s.seen[id] = true
	fault := s.fault
	s.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	step := strings.TrimPrefix(r.URL.Path, "/")
	if fault != nil && fault(step, w) {
		return
	}
	if sha, ok := strings.CutPrefix(step, "media/"); ok && r.Method == http.MethodPut {
		s.mu.Lock()
		s.media[sha] = body
		s.mu.Unlock()
		return
	}
	var c call
	if err := json.Unmarshal(body, &c); err != nil || r.Method != http.MethodPost {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	out, err := s.step(r.Context(), step, c)
	w.Header().Set("Content-Type", "application/json")
	var e *publishers.Error
	if errors.As(err, &e) {
		w.WriteHeader(http.StatusConflict)
		out = asFault(e)
	}
	_ = json.NewEncoder(w).Encode(out)
}

func asFault(e *publishers.Error) fault {
	return fault{Error: e.Class, Message: e.Text(), Field: e.Field, Remedy: e.Reason.Advice()}
}

func (s *service) step(ctx context.Context, step string, c call) (any, error) {
	account := publishers.Account{Secrets: map[string]string{"token": "good", "refresh": "more"}}
	s.mu.Lock()
	if step == "refresh" && s.next != "" {
		s.credentials, s.next = s.next, ""
		defer s.mu.Unlock()
		return refreshed{Credentials: s.credentials}, nil
	}
	stale := s.credentials != "" && c.Credentials != s.credentials
	s.mu.Unlock()
	if stale {
		return nil, publishers.AuthExpired(nil)
	}
	var in publishers.Intent
	if c.Intent != nil {
		if string(c.Intent.Settings) != `{"board":"shoes"}` {
			return nil, publishers.Permanent("settings", reasons.Said("the settings are missing", ""))
		}
		in = publishers.Intent{ID: c.Intent.ID, Revision: c.Intent.Revision, Digest: c.Intent.Digest, Account: account,
			Content: c.Intent.Content.Content}
		for _, m := range c.Intent.Content.Media {
			in.Content.Media = append(in.Content.Media, m.Media)
		}
		in.Open = func(_ context.Context, m publishers.Media) (io.ReadCloser, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return io.NopCloser(bytes.NewReader(s.media[m.SHA256])), nil
		}
	}
	switch step {
	case "describe":
		caps, err := s.Describe(ctx, account)
		return map[string]any{"media": caps.Media, "idempotency": caps.Idempotency, "update": caps.Update,
			"recall": caps.Recall, "parallel": 4, "comments": true,
			"settle_seconds": int(caps.VisibleAfter / time.Second)}, err
	case "verify":
		return s.Verify(ctx, account)
	case "prepare":
		s.mu.Lock()
		var need []string
		for _, m := range c.Intent.Content.Media {
			if m.Size > mediaLimit && m.URL != "" {
				s.media[m.SHA256] = []byte(m.URL) // a real service fetches it
			}
			if s.media[m.SHA256] == nil {
				need = append(need, m.SHA256)
			}
		}
		s.mu.Unlock()
		if need != nil {
			return map[string]any{"need": need, "state": c.State}, nil
		}
		state, err := s.Prepare(ctx, in, c.State)
		return map[string]any{"state": state}, err
	case "commit":
		r, err := s.Commit(ctx, in, c.State)
		return answer{Remote: r.Remote, URL: r.URL}, err
	case "lookup":
		o, err := s.Lookup(ctx, in, c.State)
		return answer{Verdict: o.Verdict, Remote: o.Receipt.Remote, URL: o.Receipt.URL}, err
	case "status":
		o, err := s.Status(ctx, in, *c.Receipt)
		return answer{Verdict: o.Verdict, Remote: o.Receipt.Remote}, err
	case "comment":
		remote, err := s.Comment(ctx, in, *c.Receipt)
		return commented{remote}, err
	case "recall":
		if c.Receipt != nil && c.Receipt.Comment != nil {
			s.mu.Lock()
			s.gone = append(s.gone, c.Receipt.Comment.Remote)
			s.mu.Unlock()
			if err := s.RecallComment(ctx, in, *c.Receipt); err != nil {
				return nil, err
			}
		}
		a, err := s.Recall(ctx, in, c.Receipt)
		return map[string]string{"answer": a.Text()}, err
	}
	return nil, publishers.Permanent("", reasons.Said("there is no step "+step, ""))
}

func (s *service) set(f func(step string, w http.ResponseWriter) bool) {
	s.mu.Lock()
	s.fault = f
	s.mu.Unlock()
}

func (s *service) harness(config json.RawMessage) publishertest.Harness {
	return publishertest.Harness{Kind: kind(), Config: config, Posts: s.Posts, Live: s.LivePosts,
		Comments: s.Harness().Comments,
		Fault: func(f publishertest.Fault) (func(), bool) {
			s.set(func(step string, w http.ResponseWriter) bool {
				switch f {
				case publishertest.ThrottledDated:
					w.Header().Set("Retry-After", "600")
					w.WriteHeader(http.StatusTooManyRequests)
				case publishertest.ThrottledPlain:
					w.WriteHeader(http.StatusTooManyRequests)
				case publishertest.Expired:
					w.WriteHeader(http.StatusUnauthorized)
				case publishertest.Revoked:
					w.WriteHeader(http.StatusForbidden)
				case publishertest.Refused:
					if step != "commit" {
						return false
					}
					w.WriteHeader(http.StatusUnprocessableEntity)
					_, _ = io.WriteString(w,
						`{"error":"permanent","field":"caption","message":"no such word","remedy":"use another"}`)
				}
				return true
			})
			return func() { s.set(nil) }, true
		}}
}

func TestConformance(t *testing.T) {
	for _, mode := range []publishers.Idempotency{publishers.NoIdempotency, publishers.Durable} {
		t.Run(string(mode), func(t *testing.T) {
			publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
				n := publishertest.NewNetwork(mode)
				n.CanUpdate = mode == publishers.Durable
				s, config := serve(t, n)
				return s.harness(config)
			})
		})
	}
}

// TestKill counts posts at a remote without idempotency while its nodes are killed.
func TestKill(t *testing.T) {
	rounds := 100
	if os.Getenv("VITRINE_SOAK") != "" {
		rounds = 1000
	}
	s, config := serve(t, publishertest.NewNetwork(publishers.NoIdempotency))
	publishertest.Kill(t, rounds, s.harness(config))
}

func TestAnswers(t *testing.T) {
	p := kind().Publisher
	for _, c := range []struct {
		status        int
		body          string
		header        string
		commit, other publishers.Class
	}{
		{500, "", "", publishers.ClassUnknown, publishers.ClassRetry},
		{502, "<html>", "", publishers.ClassUnknown, publishers.ClassRetry},
		{500, `{"error":"permanent","message":"forbidden type"}`, "", publishers.ClassPermanent,
			publishers.ClassPermanent},
		{500, `{"error":"retry"}`, "", publishers.ClassRetry, publishers.ClassRetry},
		{500, `{"error":"nonsense"}`, "", publishers.ClassUnknown, publishers.ClassRetry},
		{503, "", "30", publishers.ClassRetry, publishers.ClassRetry},
		{429, "", "", publishers.ClassThrottled, publishers.ClassThrottled},
		{403, "", "", publishers.ClassDisconnected, publishers.ClassDisconnected},
		{400, `{"error":"auth_expired"}`, "", publishers.ClassAuthExpired, publishers.ClassAuthExpired},
		{422, "", "", publishers.ClassPermanent, publishers.ClassPermanent},
		{302, "", "", publishers.ClassPermanent, publishers.ClassPermanent},
		{200, "not json", "", publishers.ClassUnknown, publishers.ClassRetry},
		{200, `{}`, "", publishers.ClassUnknown, ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if c.header != "" {
				w.Header().Set("Retry-After", c.header)
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		}))
		config, err := json.Marshal(map[string]string{"url": server.URL})
		if err != nil {
			t.Fatal(err)
		}
		in := publishers.Intent{Account: publishers.Account{Config: config,
			Secrets: map[string]string{"secret": secret}}, Link: func(publishers.Media) string { return "" }}
		_, commit := p.Commit(t.Context(), in, nil)
		_, other := p.Prepare(t.Context(), in, nil)
		if got := publishers.ClassOf(commit, publishers.ClassUnknown); got != c.commit {
			t.Errorf("%d %s in commit is %s", c.status, c.body, got)
		}
		if got := publishers.ClassOf(other, publishers.ClassRetry); got != c.other {
			t.Errorf("%d %s in prepare is %s", c.status, c.body, got)
		}
		server.Close()
	}
	for _, u := range []string{"ftp://x", "http://u:p@x/", "nonsense", ""} {
		config, err := json.Marshal(map[string]string{"url": u})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verify(t.Context(), publishers.Account{Config: config}); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%s: %v", u, err)
		}
	}
}
