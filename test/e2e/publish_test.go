package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vitrine/dam"
)

// receiver is an endpoint that checks what it is sent by the Standard Webhooks rules.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	secret string
	down   bool
	events []cloudEvent
	faults []string
}

type cloudEvent struct {
	SpecVersion string `json:"specversion"`
	ID          string `json:"id"`
	Type        string `json:"type"`
	Source      string `json:"source"`
	Subject     string `json:"subject"`
}

func receive(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.down || err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var e cloudEvent
		if err := json.Unmarshal(body, &e); err != nil || e.SpecVersion != "1.0" || e.ID == "" || e.Source == "" {
			r.faults = append(r.faults, "not a CloudEvent: "+string(body))
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.secret, "whsec_"))
		if err != nil {
			r.faults = append(r.faults, "secret "+err.Error())
		}
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write([]byte(q.Header.Get("webhook-id") + "." + q.Header.Get("webhook-timestamp") + "." +
			string(body)))
		want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if !strings.Contains(q.Header.Get("webhook-signature"), want) {
			r.faults = append(r.faults, "signature "+q.Header.Get("webhook-signature")+", want "+want)
		}
		r.events = append(r.events, e)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) count(typ dam.EventType, subject string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, e := range r.events {
		if strings.HasSuffix(e.Type, string(typ)) && strings.HasSuffix(e.Subject, subject) {
			n++
		}
	}
	return n
}

// Approve → folder and webhook; a receiver that was down gets what it missed;
// recall takes it away again; undoing the approval, too.
func TestApproveReachesBucketAndWebhook(t *testing.T) {
	each(t, func(t *testing.T, s setup) {
		out := t.TempDir()
		s.env = append(s.env, "VITRINE_CHANNEL_FOLDERS="+out)
		x := start(t, s)
		hook := receive(t)
		var made struct {
			Webhook dam.Webhook
			Secret  string
		}
		x.do(http.StatusCreated, "POST", "/api/webhooks",
			map[string]any{"url": hook.URL, "types": []string{"asset.*", "publication.*"}}, &made)
		hook.mu.Lock()
		hook.secret, hook.down = made.Secret, true
		hook.mu.Unlock()
		var ch dam.Channel
		x.do(http.StatusCreated, "POST", "/api/channels", map[string]any{"name": "Site", "kind": "bucket",
			"config": map[string]any{"folder": filepath.Join(out, "site")},
			"rule":   map[string]any{"query": "type:image", "presets": []string{"large", "thumb"}, "enabled": true}},
			&ch)

		a := x.upload("Lamp.jpg", photo(t, 3, 1000, 800))
		x.ready(a.ID)
		x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/approve", struct{}{}, nil)
		manifest := filepath.Join(out, "site", a.ID, "manifest.json")
		x.until("the manifest is in the folder", func() bool { _, err := os.Stat(manifest); return err == nil })
		raw, err := os.ReadFile(manifest)
		if err != nil || !json.Valid(raw) || !strings.Contains(string(raw), a.Latest.SHA256) {
			t.Errorf("manifest: %v %s", err, raw)
		}
		files, err := filepath.Glob(filepath.Join(out, "site", a.ID, "*"))
		if err != nil || len(files) != 5 { // 2 presets × 2 formats and the manifest
			t.Errorf("published %v %v", files, err)
		}
		hook.mu.Lock()
		hook.down = false
		hook.mu.Unlock()
		x.until("the webhook after it came back", func() bool { return hook.count(dam.AssetApproved, a.ID) == 1 })

		var list struct{ Items []dam.Publication }
		x.until("delivered in the ledger", func() bool {
			x.do(http.StatusOK, "GET", "/api/assets/"+a.ID+"/publications", nil, &list)
			return len(list.Items) == 1 && list.Items[0].State == dam.PubDelivered
		})
		x.do(http.StatusOK, "POST", "/api/publications/"+list.Items[0].ID+"/recall",
			map[string]string{"reason": "wrong price"}, nil)
		x.until("recalled from the folder", func() bool { _, err := os.Stat(manifest); return os.IsNotExist(err) })

		// Another: rejecting takes the approval back, and with it the publication.
		b := x.upload("Vase.jpg", photo(t, 4, 900, 900))
		x.ready(b.ID)
		x.do(http.StatusOK, "POST", "/api/assets/"+b.ID+"/approve", struct{}{}, nil)
		manifest = filepath.Join(out, "site", b.ID, "manifest.json")
		x.until("the second manifest", func() bool { _, err := os.Stat(manifest); return err == nil })
		x.do(http.StatusOK, "POST", "/api/assets/"+b.ID+"/reject", map[string]string{"comment": "not ours"}, nil)
		x.until("taken back with the approval", func() bool { _, err := os.Stat(manifest); return os.IsNotExist(err) })
		hook.mu.Lock()
		defer hook.mu.Unlock()
		if len(hook.faults) > 0 {
			t.Errorf("the receiver refused: %v", hook.faults)
		}
	})
}

// The same from the command line: add a channel, publish by hand, recall.
func TestPublishingCommands(t *testing.T) {
	out := t.TempDir()
	x := start(t, setup{env: []string{"VITRINE_CHANNEL_FOLDERS=" + out}})
	cli := func(args ...string) string {
		t.Helper()
		cmd := vitrine(t, x.setup, args...)
		cmd.Env = append(cmd.Env, "VITRINE_TOKEN="+x.token, "VITRINE_SERVER="+x.url)
		b, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v%s", args, err, stderr(err))
		}
		return string(b)
	}
	if kinds := cli("channel", "kinds"); !strings.Contains(kinds, "bucket\n") {
		t.Errorf("kinds: %q", kinds)
	}
	cli("channel", "add", "Shop window", "--kind", "bucket", "--config", `{"folder": "window"}`)
	if list := cli("channel", "list"); !strings.Contains(list, "Shop window") || !strings.Contains(list, "healthy") {
		t.Errorf("list: %s", list)
	}
	cli("channel", "test", "shop window")
	a := x.upload("Lamp.jpg", photo(t, 31, 700, 700))
	x.ready(a.ID)
	x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/approve", struct{}{}, nil)
	if line := cli("publish", a.ID, "--channel", "Shop window", "--preset", "thumb", "--wait",
		"30s"); !strings.Contains(line, " delivered ") {
		t.Errorf("publish printed %q", line)
	}
	manifest := filepath.Join(out, "window", a.ID, "manifest.json")
	if _, err := os.Stat(manifest); err != nil {
		t.Error(err)
	}
	if line := cli("recall", a.ID, "--reason", "sold out"); !strings.HasPrefix(line, "p_") {
		t.Errorf("recall printed %q", line)
	}
	x.until("410 for an asset that was taken back", func() bool {
		return x.try("GET", "/r/"+a.ID+"/thumb", nil).StatusCode == http.StatusGone
	})
	x.until("gone from the window", func() bool { _, err := os.Stat(manifest); return os.IsNotExist(err) })
	cli("channel", "pause", "Shop window")
	cli("channel", "resume", "Shop window")
	cli("channel", "remove", "Shop window", "--yes")
}
