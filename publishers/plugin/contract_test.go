package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

var update = flag.Bool("update", false, "write docs/plugin.schema.json")

// TestSchemaFile holds docs/plugin.schema.json equal to the types, and every member of it documented.
func TestSchemaFile(t *testing.T) {
	raw, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	raw = append(raw, '\n')
	file := filepath.Join("..", "..", "docs", "plugin.schema.json")
	if *update {
		if err := os.WriteFile(file, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(have, raw) {
		t.Errorf("docs/plugin.schema.json is not what the types say (%v): go test ./publishers/plugin -run "+
			"TestSchemaFile -update",
			err)
	}
	var doc struct {
		Defs map[string]struct {
			Properties map[string]struct{ Description string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Defs)) {
		for member, p := range doc.Defs[name].Properties {
			if p.Description == "" {
				t.Errorf("%s.%s is not described", name, member)
			}
		}
	}
	used := string(raw)
	for key, about := range descriptions {
		if quoted, _ := json.Marshal(about); !strings.Contains(used, string(quoted)) {
			t.Errorf("the description of %s is not used", key)
		}
	}
}

// TestSchemaRefuses tests that the schema says no.
func TestSchemaRefuses(t *testing.T) {
	v, err := newValidator()
	if err != nil {
		t.Fatal(err)
	}
	for name, messages := range map[string][2]string{
		"commit.answer":   {`{"remote": "1"}`, `{"url": "https://x"}`},
		"lookup.answer":   {`{"verdict": "absent"}`, `{"verdict": "yes"}`},
		"prepare.answer":  {`{"state": [1], "need": ["ab"]}`, `{"need": "ab"}`},
		"describe.answer": {`{}`, `{"idempotency": "often"}`},
		"comment.answer":  {`{"remote": "2"}`, `{}`},
		"error":           {`{"error": "retry"}`, `{"error": "oops"}`},
		"status.request": {`{"intent": ` + plainIntent(t) +
			`, "receipt": {"remote": "1", "at": "2026-01-01T00:00:00Z", "version": "v", "media": []}}`,
			`{"intent": {}}`},
	} {
		if err := v.check(name, []byte(messages[0])); err != nil {
			t.Errorf("%s %s: %v", name, messages[0], err)
		}
		if err := v.check(name, []byte(messages[1])); err == nil {
			t.Errorf("%s accepts %s", name, messages[1])
		}
	}
}

func plainIntent(t *testing.T) string {
	c := &conformance{}
	in, err := c.intent()
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(pack(in))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestComment puts a first comment under a post and names it when the post is taken back.
func TestComment(t *testing.T) {
	s, config := serve(t, publishertest.NewNetwork(publishers.Durable))
	publishertest.FirstComment(t, s.harness(config), func(r dam.Receipt) []string { return s.Comments(r.Remote) })

	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	node := w.Service("a", kind())
	ch := w.Channel(node, Name, config)
	p, err := node.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, planning.PublishInput{
		Asset: w.Asset("shoe").ID, Channel: ch.ID, Post: dam.Post{FirstComment: "sizes"}})
	if err != nil {
		t.Fatal(err)
	}
	p = w.Until(node, p.ID, dam.PubDelivered)
	if _, err := node.Planning.Recall(catalogtest.Context(t), dam.DefaultLibrary, p.ID, ""); err != nil {
		t.Fatal(err)
	}
	w.Until(node, p.ID, dam.PubRecalled)
	if len(s.gone) != 1 || s.gone[0] == "" || s.gone[0] != p.Receipt.Comment.Remote {
		t.Errorf("recall named the comments %q, comment was %+v", s.gone, p.Receipt.Comment)
	}

	// A service that can't comment says so when it is planned.
	if publishers.CanComment(kind().Publisher, publishers.Capabilities{}) {
		t.Error("a service without comments can comment")
	}
}

// TestRefresh tests that credentials that have expired are renewed once, kept sealed and used from then on.
func TestRefresh(t *testing.T) {
	s, config := serve(t, publishertest.NewNetwork(publishers.Durable))
	var said map[string]any
	if err := json.Unmarshal(config, &said); err != nil {
		t.Fatal(err)
	}
	said["credentials"] = "token-1"
	config, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	s.credentials = "token-1"
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	node := w.Service("a", kind())
	ch := w.Channel(node, Name, config)
	w.Until(node, w.Publish(node, w.Asset("shoe").ID, ch.ID).ID, dam.PubDelivered)

	s.mu.Lock()
	s.credentials, s.next = "token-2", "token-3"
	s.mu.Unlock()
	p := w.Until(node, w.Publish(node, w.Asset("boot").ID, ch.ID).ID, dam.PubDelivered)
	if p.Attempts != 0 {
		t.Errorf("%d attempts", p.Attempts)
	}
	row, err := w.Catalog.Channels().Channel(catalogtest.Context(t), "", ch.ID)
	if err != nil || strings.Contains(fmt.Sprint(row.Sealed), "token") ||
		strings.Contains(string(row.Config), "token") {
		t.Errorf("stored in the clear: %v %v", row.Sealed, err)
	}
	plain, _, err := w.Secrets.Open(row.Sealed["credentials"], accounts.SecretPurpose(ch.ID, "credentials"))
	if err != nil || string(plain) != "token-3" {
		t.Errorf("stored %q, %v", plain, err)
	}

	// A service that can't renew them is for a person.
	s.mu.Lock()
	s.credentials, s.next = "token-4", ""
	s.mu.Unlock()
	w.Publish(node, w.Asset("sandal").ID, ch.ID)
	w.Turn(node)
	now, err := node.Accounts.Channel(catalogtest.Context(t), dam.DefaultLibrary, ch.ID)
	if err != nil || now.Health != dam.Reconnect {
		t.Errorf("the channel is %s, %v", now.Health, err)
	}
}

// TestLargeMedia tests that files above the limit go by their URL, and are refused where there is none.
func TestLargeMedia(t *testing.T) {
	s, config := serve(t, publishertest.NewNetwork(publishers.Durable))
	sha := strings.Repeat("ab", 32)
	in := publishers.Intent{ID: "p_1", Revision: 1, Digest: "d", Account: publishers.Account{Config: config,
		Secrets: map[string]string{"secret": secret}}, Content: publishers.Content{Asset: "a_1",
		Media: []publishers.Media{
			{Preset: "film", Format: dam.MP4, MediaType: "video/mp4", SHA256: sha, Size: mediaLimit + 1}}},
		Link: func(publishers.Media) string { return "https://media.example.com/r/film.mp4" },
		Open: func(context.Context, publishers.Media) (io.ReadCloser, error) {
			t.Error("a file above the limit is read")
			return io.NopCloser(strings.NewReader("")), nil
		}}
	p := kind().Publisher
	if _, err := p.Prepare(t.Context(), in, nil); err != nil {
		t.Error(err)
	}
	if got := string(s.media[sha]); got != "https://media.example.com/r/film.mp4" {
		t.Errorf("the service got %q", got)
	}
	delete(s.media, sha)
	in.Link = func(publishers.Media) string { return "" }
	if _, err := p.Prepare(t.Context(), in, nil); publishers.ClassOf(err, "") != publishers.ClassPermanent {
		t.Errorf("without a URL: %v", err)
	}
}
