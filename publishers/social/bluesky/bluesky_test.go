package bluesky

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/outbound"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

func harness(t *testing.T) (*simulator, publishertest.Harness) {
	p := newSimulator(t)
	config, err := json.Marshal(map[string]string{"service": p.URL, "handle": PDSHandle, "password": PDSPassword})
	if err != nil {
		t.Fatal(err)
	}
	return p, publishertest.Harness{Kind: Kind(outbound.Operator(10 * time.Second)), Config: config,
		Posts: func(asset string) int { ever, _ := p.Count(asset); return ever },
		Live:  func(asset string) int { _, live := p.Count(asset); return live }, Comments: p.Comments,
		Fault: func(f publishertest.Fault) (func(), bool) { p.Fail(f); return func() { p.Fail("") }, true }}
}

func TestConformance(t *testing.T) {
	publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness { _, h := harness(t); return h })
}

func TestFirstComment(t *testing.T) {
	p, h := harness(t)
	publishertest.FirstComment(t, h, func(r dam.Receipt) (under []string) {
		for _, x := range p.Records() {
			if x.Reply != nil && x.Reply.Parent.URI == r.Remote {
				under = append(under, x.Text)
			}
		}
		return under
	})
}

func TestRecord(t *testing.T) {
	in := publishers.Intent{ID: "p_1", CreatedAt: time.Now(), Locale: "en",
		Content: publishers.Content{Text: "été https://example.com/a. Go", Alt: dam.Text{"en": "a shoe"},
			Media: []publishers.Media{{Width: 4, Height: 3}}}}
	r := record(in, progress{Blob: json.RawMessage(`{}`)})
	if len(r.Facets) != 1 || r.Text[r.Facets[0].Index.Start:r.Facets[0].Index.End] != "https://example.com/a" ||
		r.Facets[0].Features[0].URI != "https://example.com/a" {
		t.Errorf("facets %+v", r.Facets)
	}
	if r.Embed == nil || r.Embed.Images[0].Alt != "a shoe" || r.Embed.Images[0].Aspect.Width != 4 {
		t.Errorf("embed %+v", r.Embed)
	}
	keys := map[string]bool{}
	for i := range 2000 {
		in.ID = fmt.Sprint("p_", i)
		keys[recordKey(in)] = true
	}
	if len(keys) != 2000 {
		t.Errorf("%d keys for 2000 publications of one instant", len(keys))
	}
	again := in
	again.Revision, again.Content.Text = 9, "edited"
	if recordKey(in) != recordKey(again) {
		t.Error("the key changes with the content")
	}
}

func TestLimits(t *testing.T) {
	p := Kind(nil).Publisher
	for text, ok := range map[string]bool{
		strings.Repeat("a", 300): true, strings.Repeat("a", 301): false,
		// 100 graphemes of 18 bytes, 3600 bytes
		strings.Repeat("👨‍👩‍👧", 100): true, strings.Repeat("👨‍👩‍👧", 200): false,
	} {
		intent := publishers.Intent{Content: publishers.Content{Text: text}}
		if list := p.Validate(t.Context(), intent); (len(list) == 0) != ok {
			t.Errorf("%d bytes: %+v", len(text), list)
		}
	}
}
