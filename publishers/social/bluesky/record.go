package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"vitrine/publishers"
)

// post is a record of app.bsky.feed.post.
type post struct {
	Type      string   `json:"$type"`
	Text      string   `json:"text"`
	CreatedAt string   `json:"createdAt"`
	Langs     []string `json:"langs,omitempty"`
	Facets    []facet  `json:"facets,omitempty"`
	Embed     *embed   `json:"embed,omitempty"`
	Reply     *reply   `json:"reply,omitempty"`
}

// reply identifies what is replied to: the first post of the thread, and the post itself.
type reply struct {
	Root   reference `json:"root"`
	Parent reference `json:"parent"`
}

type reference struct {
	URI string `json:"uri"`
	CID string `json:"cid"`
}

// embed is what a post shows beside its text: a picture or a card, never both.
type embed struct {
	Type     string    `json:"$type"`
	Images   []image   `json:"images,omitempty"`
	External *external `json:"external,omitempty"`
}

type image struct {
	Image  json.RawMessage `json:"image"`
	Alt    string          `json:"alt"`
	Aspect struct {
		Width  int `json:"width"`
		Height int `json:"height"`
	} `json:"aspectRatio"`
}

// external is a card that leads to a page.
type external struct {
	URI         string          `json:"uri"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Thumb       json.RawMessage `json:"thumb,omitempty"`
}

// asCard reports whether the link is to be shown as a card.
func asCard(in publishers.Intent) bool {
	var o struct {
		Card bool `json:"card"`
	}
	return json.Unmarshal(in.Content.Options, &o) == nil && o.Card
}

// cardLink returns the link that a card shows, "" if there is none: the last one, because that is where the link of a
// publication is.
func cardLink(facets []facet) (uri string) {
	for _, f := range facets {
		if f.Features[0].URI != "" {
			uri = f.Features[0].URI
		}
	}
	return uri
}

// record returns the post. It shows the picture; if there is none, or the publication asks for it, the link as a card.
func record(in publishers.Intent, s progress) post {
	r := post{Type: collection, Text: in.Content.Text, CreatedAt: s.CreatedAt.Format("2006-01-02T15:04:05.000Z"),
		Langs: slices.DeleteFunc([]string{in.Language}, func(s string) bool { return s == "" })}
	for _, f := range facetsOf(r.Text) {
		if f.handle != "" {
			if f.Features[0].DID = s.DIDs[f.handle]; f.Features[0].DID == "" {
				continue // nobody's handle stays text
			}
		}
		r.Facets = append(r.Facets, f)
	}
	link := cardLink(r.Facets)
	switch {
	case link != "" && (s.Blob == nil || asCard(in)):
		c := external{URI: link, Title: in.Content.Title.Get(in.Language, in.Locale),
			Description: in.Content.Description.Get(in.Language, in.Locale), Thumb: s.Blob}
		if u, err := url.Parse(link); err == nil && c.Title == "" {
			c.Title = u.Host
		}
		r.Embed = &embed{Type: "app.bsky.embed.external", External: &c}
	case s.Blob != nil:
		r.Embed = &embed{Type: "app.bsky.embed.images"}
		for n, b := range append([]blob{s.blob}, s.More...) {
			m := in.Content.Media[n]
			i := image{Image: b.Blob, Alt: in.AltOf(m)}
			i.Aspect.Width, i.Aspect.Height = m.Width, m.Height
			r.Embed.Images = append(r.Embed.Images, i)
		}
	}
	return r
}

// mentioned returns the DIDs of the accounts that a text mentions, by handle; "" for handles that nobody has.
func (p *publisher) mentioned(ctx context.Context, a publishers.Account, token, text string) (map[string]string,
	error) {
	var dids map[string]string
	for _, f := range facetsOf(text) {
		if _, known := dids[f.handle]; known || f.handle == "" {
			continue
		}
		var found struct {
			DID string `json:"did"`
		}
		err := p.call(ctx, a, token, publishers.Call{Method: http.MethodGet,
			URL: "com.atproto.identity.resolveHandle?" + url.Values{"handle": {f.handle}}.Encode(), Out: &found})
		if err != nil && !errors.Is(err, errNoRecord) &&
			publishers.ClassOf(err, publishers.ClassRetry) != publishers.ClassPermanent {
			return dids, err
		}
		if dids == nil {
			dids = map[string]string{}
		}
		dids[f.handle] = found.DID
	}
	return dids, nil
}
