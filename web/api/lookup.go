package api

import (
	"context"
	"net/url"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/delivery"
	"vitrine/dam/products"
	"vitrine/dam/reasons"
)

type lookupIn struct {
	SKU string `query:"sku" maxLength:"64" doc:"A product; either this or url"`
	URL string `query:"url" maxLength:"1000" doc:"A public URL, /r/… or /p/…"`
	At  string `query:"at" maxLength:"40" doc:"RFC 3339; now when left out"`
}

// lookupView is an answer with people's names and pictures' addresses.
type lookupView struct {
	At    time.Time    `json:"at"`
	SKU   string       `json:"sku,omitempty"`
	URL   string       `json:"url,omitempty"`
	Items []lookupItem `json:"items" nullable:"false"`
}

type lookupItem struct {
	products.Seen
	LinkedByName   string          `json:"linked_by_name,omitempty"`
	ApprovedByName string          `json:"approved_by_name,omitempty"`
	Renditions     []renditionView `json:"renditions" nullable:"false" doc:"The pictures there were, with their exact hashes and URLs"`
}

// lookup tells the call centre what a customer saw.
func (s *API) lookup(ctx context.Context, in *lookupIn) (*body[lookupView], error) {
	if (in.SKU == "") == (in.URL == "") {
		return nil, dam.InvalidInput("sku", reasons.SkuOrUrlNeeded())
	}
	q := products.Lookup{Library: requestOf(ctx).library, SKU: in.SKU, At: time.Now().UTC()}
	if in.At != "" {
		at, err := time.Parse(time.RFC3339, in.At)
		if err != nil {
			return nil, dam.InvalidInput("at", reasons.NotAnInstant())
		}
		if at.After(q.At) {
			return nil, dam.InvalidInput("at", reasons.InstantInFuture())
		}
		q.At = at.UTC()
	}
	if in.URL != "" {
		if err := lookupURL(&q, in.URL); err != nil {
			return nil, err
		}
	}
	found, err := s.Products.Lookup(ctx, q)
	if err != nil {
		return nil, err
	}
	view, err := s.lookupView(ctx, found)
	if err != nil {
		return nil, err
	}
	view.URL = in.URL
	return &body[lookupView]{view}, nil
}

// lookupURL takes a public URL apart. Its host may be any: a site may have several in front of this server.
func lookupURL(q *products.Lookup, raw string) error {
	ref, err := delivery.Parse(pathOf(raw))
	if err != nil || ref.Kind == delivery.AdHoc {
		return dam.InvalidInput("url", reasons.NotAPublicUrl())
	}
	if ref.Library != "" && ref.Library != q.Library {
		return dam.InvalidInput("url", reasons.ProductOfOtherLibrary(ref.Library))
	}
	q.Asset, q.SKU, q.Slot, q.N, q.Preset, q.Hash = ref.Asset, ref.SKU, ref.Slot, ref.N, ref.Preset, ref.Hash
	return nil
}

func (s *API) lookupView(ctx context.Context, found products.Answer) (lookupView, error) {
	view := lookupView{At: found.At, SKU: found.SKU, Items: make([]lookupItem, len(found.Items))}
	var people []string
	for _, x := range found.Items {
		people = append(people, x.LinkedBy, x.ApprovedBy)
	}
	names, err := s.People.Names(ctx, people)
	if err != nil {
		return view, err
	}
	for i, x := range found.Items {
		item := lookupItem{Seen: x, LinkedByName: names[x.LinkedBy], ApprovedByName: names[x.ApprovedBy],
			Renditions: make([]renditionView, len(x.Renditions))}
		for k, r := range x.Renditions {
			item.Renditions[k] = renditionView{Rendition: r, URL: s.urls.Live(x.Asset, r.Preset),
				ExactURL: s.urls.Exact(x.Asset, r)}
		}
		view.Items[i] = item
	}
	return view, nil
}

// pathOf is the path of a URL under any host, as sent: a SKU's escapes are undone.
func pathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	for _, family := range []string{"/r/", "/p/"} {
		if i := strings.Index(u.Path, family); i >= 0 {
			return u.Path[i:]
		}
	}
	return ""
}
