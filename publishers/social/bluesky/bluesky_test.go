package bluesky

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/publishers"
	"vitrine/publishers/planning"
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

// The post marks its links, mentions and tags; a handle that nobody has stays text.
func TestEntities(t *testing.T) {
	p, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, h.Kind.Name, h.Config)
	a := w.Asset("shoe")
	pub, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
		planning.PublishInput{Asset: a.ID, Channel: ch.ID,
			Caption: "Été 👍 #été2026 by @" + PDSHandle +
				" and @nobody.test, see example.com/a (https://example.com/b)."})
	if err != nil {
		t.Fatal(err)
	}
	w.Until(s, pub.ID, dam.PubDelivered)
	var marked []string
	for _, r := range p.Records() {
		for _, f := range r.Facets {
			marked = append(marked, r.Text[f.Index.ByteStart:f.Index.ByteEnd]+"="+f.Features[0].URI+f.Features[0].DID+
				f.Features[0].Tag)
		}
		if r.Embed == nil || len(r.Embed.Images) != 1 {
			t.Errorf("embed %+v", r.Embed)
		}
	}
	if want := []string{"#été2026=été2026", "@brand.test=" + PDSDID, "example.com/a=https://example.com/a",
		"https://example.com/b=https://example.com/b"}; !slices.Equal(marked, want) {
		t.Errorf("marked %q, want %q", marked, want)
	}
}

// A publication may show its link as a card instead of the picture alone.
func TestCard(t *testing.T) {
	p, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, h.Kind.Name, h.Config)
	a := w.Asset("shoe")
	in := planning.PublishInput{Asset: a.ID, Channel: ch.ID, Caption: "New",
		Post: dam.Post{Options: json.RawMessage(`{"card": true}`)}}
	if _, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, in); err == nil {
		t.Error("a card without a link is planned")
	} else {
		publishertest.Invalid(t, err, "options.card")
	}
	in.Link = "https://example.com/shoe"
	pub, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, in)
	if err != nil {
		t.Fatal(err)
	}
	w.Until(s, pub.ID, dam.PubDelivered)
	for _, r := range p.Records() {
		if c := r.Embed.External; c == nil || c.URI != in.Link || c.Title != "shoe" || c.Thumb == nil ||
			len(r.Embed.Images) != 0 {
			t.Errorf("embed %+v", r.Embed)
		}
	}
}

func TestRecord(t *testing.T) {
	in := publishers.Intent{ID: "p_1", CreatedAt: time.Now(), Locale: "en",
		Content: publishers.Content{Text: "été https://example.com/a. Go", Alt: dam.Text{"en": "a shoe"},
			Media: []publishers.Media{{Width: 4, Height: 3}}}}
	r := record(in, progress{blob: blob{Blob: json.RawMessage(`{}`)}})
	if len(r.Facets) != 1 || r.Text[r.Facets[0].Index.Start:r.Facets[0].Index.End] != "https://example.com/a" ||
		r.Facets[0].Features[0].URI != "https://example.com/a" {
		t.Errorf("facets %+v", r.Facets)
	}
	if c := record(in, progress{}).Embed; c == nil || c.External == nil || c.External.URI != "https://example.com/a" ||
		c.External.Title != "example.com" {
		t.Errorf("without a picture: %+v", c)
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

// A server that is older than the lexicon's larger pictures is not sent any.
func TestPictureLimit(t *testing.T) {
	p, h := harness(t)
	a := publishers.Account{Config: h.Config}
	for version, most := range map[string]int64{"0.5.29": blobMax, "0.4.218": blobMax, "0.4.217": blobMaxOld,
		"0.3.9": blobMaxOld, "1.0.0": blobMax, "3e4f0c2": blobMax, "": blobMaxOld} {
		p.version = version
		c, err := h.Kind.Publisher.Describe(t.Context(), a)
		if err != nil || c.Media.MaxBytes != most {
			t.Errorf("%q: %d %v", version, c.Media.MaxBytes, err)
		}
	}
}
